//! A way to the server on which a client is killed or cut off at a statement.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::desk::{ALLOW, Desk, Ran};
use crate::servers::Server;

/// What happens to a client at a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fate {
    /// It is killed before the statement reaches the server.
    KilledBefore,
    /// It is killed before the server's answer reaches it.
    KilledAfter,
    /// Its connection is cut before the statement reaches the server.
    CutBefore,
    /// Its connection is cut before the answer reaches it.
    CutAfter,
}

/// A way to the server on which a client meets its fate at a statement.
pub(super) struct Proxy {
    port: u16,
    child: Arc<Mutex<Option<Child>>>,
}

impl Proxy {
    pub(super) fn new(server: &Server, statement: &str, fate: Fate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let child = Arc::new(Mutex::new(None::<Child>));
        let (place, statement, victim) = (server.place(), statement.to_owned(), Arc::clone(&child));
        std::thread::spawn(move || {
            let met = Arc::new(AtomicU32::new(0));
            for client in listener.incoming().take(20).map_while(Result::ok) {
                let (place, statement, victim, met) =
                    (place.clone(), statement.clone(), Arc::clone(&victim), Arc::clone(&met));
                std::thread::spawn(move || carry(client, &place, &statement, fate, &victim, &met));
            }
        });
        Self { port, child }
    }
}

/// Carries packets both ways, up to the statement.
pub(super) fn carry(
    mut client: TcpStream,
    place: &str,
    statement: &str,
    fate: Fate,
    victim: &Mutex<Option<Child>>,
    met: &AtomicU32,
) -> Option<()> {
    let mut server = TcpStream::connect(place).ok()?;
    let (mut from, mut to) = (server.try_clone().ok()?, client.try_clone().ok()?);
    let hold = Arc::new(Mutex::new(false));
    let held = Arc::clone(&hold);
    let answered = Arc::new(AtomicU32::new(0));
    let answers = Arc::clone(&answered);
    std::thread::spawn(move || {
        let mut bytes = [0; 65_536];
        while let Ok(got) = from.read(&mut bytes) {
            if got == 0 {
                break;
            }
            if *held.lock().expect("a flag") {
                answers.store(1, Ordering::SeqCst);
                continue;
            }
            if to.write_all(&bytes[..got]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
    loop {
        let mut head = [0; 4];
        client.read_exact(&mut head).ok()?;
        let mut body = vec![0; usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16];
        client.read_exact(&mut body).ok()?;
        let is_it = body.first() == Some(&3) && &body[1..] == statement.as_bytes();
        if !is_it || met.fetch_add(1, Ordering::SeqCst) > 0 {
            server.write_all(&head).ok()?;
            server.write_all(&body).ok()?;
            continue;
        }
        if matches!(fate, Fate::KilledAfter | Fate::CutAfter) {
            *hold.lock().expect("a flag") = true;
            server.write_all(&head).ok()?;
            server.write_all(&body).ok()?;
            let began = Instant::now();
            while answered.load(Ordering::SeqCst) == 0 && began.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        if matches!(fate, Fate::KilledBefore | Fate::KilledAfter) {
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(60) {
                if let Some(child) = &mut *victim.lock().expect("a child") {
                    child.kill().expect("it is killed");
                    break;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
        let _ = client.shutdown(std::net::Shutdown::Both);
        let _ = server.shutdown(std::net::Shutdown::Both);
        return None;
    }
}

impl Desk {
    /// `run` over a proxy, until it ends or is killed.
    pub(super) fn run_to_its_fate(&self, what: &str, statement: &str, fate: Fate) -> Ran {
        let proxy = Proxy::new(&self.server, statement, fate);
        let url = format!("mysql://root@127.0.0.1:{}/{}?ssl-mode=disabled", proxy.port, self.scratch.name());
        let mut child = self.command(&format!("run {what} --database {url} {ALLOW}")).spawn().expect("it starts");
        let (mut out, mut err) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
        *proxy.child.lock().expect("a child") = Some(child);
        let mut texts = [String::new(), String::new()];
        out.read_to_string(&mut texts[0]).expect("UTF-8");
        err.read_to_string(&mut texts[1]).expect("UTF-8");
        let mut child = proxy.child.lock().expect("a child").take().expect("the child");
        let [out, err] = texts;
        Ran { code: child.wait().expect("it ends").code(), out, err }
    }
}

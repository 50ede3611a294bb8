//! A server that is not to be relied on: the connection to it is cut, and it is killed, before, during and after each statement.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::{Bench, Change, Run, said};
use crate::instance::Instance;
use crate::support::servers::tell;
use crate::{each, first_mariadb, is_thorough};

/// Where in the traffic something happens to it.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Before so many bytes from the client have been passed on.
    Sent(u64),
    /// Before so many bytes from the server have been passed on.
    Answered(u64),
    /// When a statement has come from the client and was not passed on.
    Before(usize),
    /// When it was passed on, and a moment later.
    During(usize),
    /// When it was answered, and the answer was not passed on.
    After(usize),
}

/// Stands between a client and a server; everything ends with this value.
struct Proxy {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    when: Option<When>,
    /// The plan's statements.
    statements: Vec<String>,
    /// What happens besides the cut.
    strike: Box<dyn Fn() + Send + Sync>,
    sent: AtomicU64,
    answered: AtomicU64,
    /// The statement that is next answered, counted from one; 0: none.
    asked: AtomicU64,
    has_struck: AtomicBool,
    /// It has struck, and is through with it.
    is_through: AtomicBool,
    is_over: AtomicBool,
    /// While it strikes nobody is let in.
    striking: Mutex<()>,
}

impl Proxy {
    fn new(server: String, when: Option<When>, statements: &[String], strike: Box<dyn Fn() + Send + Sync>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        listener.set_nonblocking(true).expect("it can be asked");
        let shared = Arc::new(Shared {
            server,
            when,
            statements: statements.to_vec(),
            strike,
            sent: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            has_struck: AtomicBool::new(false),
            is_through: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            striking: Mutex::new(()),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            let until = Instant::now() + Duration::from_secs(300);
            while !accepting.is_over.load(Ordering::SeqCst) && Instant::now() < until {
                match listener.accept() {
                    Ok((client, _)) => accepting.join(client),
                    Err(_) => thread::sleep(Duration::from_millis(1)),
                }
            }
        });
        Self { address, shared }
    }

    /// Whether it has struck; waits until it is through with that.
    fn has_struck(&self) -> bool {
        let until = Instant::now() + Duration::from_secs(60);
        let has_struck = self.shared.has_struck.load(Ordering::SeqCst);
        while has_struck && !self.shared.is_through.load(Ordering::SeqCst) && Instant::now() < until {
            thread::sleep(Duration::from_millis(2));
        }
        has_struck
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    /// Joins a client with the server; a server that is not there is the client's affair.
    fn join(self: &Arc<Self>, client: TcpStream) {
        drop(self.striking.lock());
        client.set_nonblocking(false).expect("it can be asked");
        let Ok(server) = TcpStream::connect(&self.server) else { return };
        let ends = [(&client, &server, true), (&server, &client, false)]
            .map(|(from, to, is_up)| (from.try_clone().expect("a handle"), to.try_clone().expect("a handle"), is_up));
        for (from, to, is_up) in ends {
            from.set_read_timeout(Some(Duration::from_secs(60))).expect("it can be asked");
            let shared = Arc::clone(self);
            thread::spawn(move || shared.pass(from, to, is_up));
        }
    }

    fn pass(&self, mut from: TcpStream, mut to: TcpStream, is_up: bool) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            let data = &buffer[..read];
            let (until, is_after) = self.cut(data, is_up);
            let passed = to.write_all(&data[..until.unwrap_or(read)]);
            if until.is_some() {
                if is_after {
                    thread::sleep(Duration::from_millis(3));
                }
                let _held = self.striking.lock();
                (self.strike)();
                self.is_through.store(true, Ordering::SeqCst);
                break;
            }
            if passed.is_err() {
                break;
            }
        }
        // Whoever is gone already cannot be told any more.
        let _ = from.shutdown(Shutdown::Both).and(to.shutdown(Shutdown::Both));
    }

    /// How much of some bytes is passed on before it strikes, and whether it then waits; `None`: it does not strike here.
    fn cut(&self, data: &[u8], is_up: bool) -> (Option<usize>, bool) {
        let count = if is_up { &self.sent } else { &self.answered };
        let length = data.len() as u64;
        let before = count.fetch_add(length, Ordering::SeqCst);
        let statement = if is_up { self.statement(data) } else { None };
        let place =
            |at: u64| (before..before + length).contains(&at).then(|| usize::try_from(at - before).unwrap_or(0));
        let found = match (self.when, is_up) {
            (Some(When::Sent(at)), true) | (Some(When::Answered(at)), false) => (place(at), false),
            (Some(When::Before(at)), true) if statement == Some(at) => (Some(0), false),
            (Some(When::During(at)), true) if statement == Some(at) => (Some(data.len()), true),
            (Some(When::After(at)), true) if statement == Some(at) => {
                self.asked.store(1, Ordering::SeqCst);
                (None, false)
            }
            (Some(When::After(_)), false) if self.asked.load(Ordering::SeqCst) == 1 => (Some(0), false),
            (Some(_) | None, _) => (None, false),
        };
        if found.0.is_some() && self.has_struck.swap(true, Ordering::SeqCst) { (None, false) } else { found }
    }

    /// The plan's statement that a packet carries.
    fn statement(&self, data: &[u8]) -> Option<usize> {
        self.statements.iter().position(|sql| data.windows(sql.len()).any(|part| part == sql.as_bytes()))
    }
}

/// An installation whose database is reached by a proxy, which reads what is said.
fn behind(bench: &Bench, proxy: &Proxy) -> Run {
    let mut run = bench.begin();
    let name = run.database.as_ref().map(|database| database.borrow().name().to_owned());
    run.url = name.map(|name| format!("mysql://root@{}/{name}?ssl-mode=disabled", proxy.address));
    run
}

fn statements(bench: &Bench) -> Vec<String> {
    bench.plan.iter().flat_map(|plan| &plan.steps).map(|step| step.sql.clone()).collect()
}

#[test]
fn whose_connection_is_cut_looks_what_became_of_its_statement() {
    let Some(server) = first_mariadb() else { return };
    for change in [Change::Lossy, Change::Gentle] {
        let place = server.place();
        let bench = Bench::new(env!("CARGO_TARGET_TMPDIR"), Some(server.clone()), change);
        let statements = statements(&bench);
        let uncut = Proxy::new(place.clone(), None, &statements, Box::new(|| {}));
        let run = behind(&bench, &uncut);
        let applied = bench.run(&[], &bench.apply(&run));
        assert_eq!(bench.judge(&run, &applied), Ok(()));
        let [sent, answered] = [&uncut.shared.sent, &uncut.shared.answered].map(|count| count.load(Ordering::SeqCst));
        let parts = if is_thorough() { 60 } else { 6 };
        let somewhere =
            (1..parts).flat_map(|part| [When::Sent(sent * part / parts), When::Answered(answered * part / parts)]);
        let at_statements = (0..statements.len()).flat_map(|at| [When::Before(at), When::During(at), When::After(at)]);
        let points: Vec<When> = somewhere.chain(at_statements).collect();
        each(&points, |when| {
            let proxy = Proxy::new(place.clone(), Some(*when), &statements, Box::new(|| {}));
            let run = behind(&bench, &proxy);
            let applied = bench.run(&[], &bench.apply(&run));
            // What is sent depends a little on the database's name: a cut near the end may not come.
            if !proxy.has_struck() && !applied.status.success() {
                return Err(format!("{when:?}: not cut, and {}", said(&applied)));
            }
            bench.judge(&run, &applied).map_err(|what| format!("{when:?}: {what}"))
        });
        tell(&format!("crash: cut at {} places ({change:?}), 0 torn states", points.len()));
    }
}

#[test]
fn whose_server_is_killed_goes_on_when_it_is_back_or_undoes() {
    // Each kill is a start as well, which takes a second or two.
    let (servers, changes) =
        if is_thorough() { (2, &[Change::Lossy, Change::Gentle][..]) } else { (1, &[Change::Gentle][..]) };
    for instance in Instance::all(servers) {
        let instance = Arc::new(instance);
        for change in changes.iter().copied() {
            let bench = Bench::new(env!("CARGO_TARGET_TMPDIR"), Some(instance.server()), change);
            let statements = statements(&bench);
            let all = (0..statements.len()).flat_map(|at| [When::Before(at), When::During(at), When::After(at)]);
            let mut points = 0;
            for when in all {
                let struck = Arc::clone(&instance);
                let strike = Box::new(move || struck.kill_and_start());
                let proxy = Proxy::new(instance.server().place(), Some(when), &statements, strike);
                let mut run = behind(&bench, &proxy);
                let applied = bench.run(&[], &bench.apply(&run));
                assert!(proxy.has_struck(), "{when:?}: {}", said(&applied));
                // Its own connection is gone with the server.
                run.database = run.database.take().map(|database| database.into_inner().again().into());
                let verdict = bench.judge(&run, &applied);
                assert_eq!(verdict, Ok(()), "{} {change:?} {when:?}", instance.server().target);
                points += 1;
            }
            let target = instance.server().target;
            tell(&format!("crash: {target} killed at {points} places ({change:?}), 0 torn states"));
        }
    }
}

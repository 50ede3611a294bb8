//! Release manifests as what is applied: from files and from a server, each step of the way and each refusal.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use alterplan::bundle::{Build, Unwatched, build};

use crate::{Desk, GONE, Ran, ran};

const ARCH: &str = std::env::consts::ARCH;

impl Desk {
    /// Builds `full.bundle`, a full release of the first tree, which nobody signs.
    fn full(&self) {
        let tree = self.path("one");
        let file = fs::File::create(self.path("full.bundle")).expect("a file");
        let recipe = Build::new("shop", "1.0.0".parse().expect("a version"), &tree);
        build(&recipe, file, &mut Unwatched).expect("a bundle");
    }

    /// Writes a release manifest, signed.
    #[track_caller]
    fn release(&self, name: &str, more: &str) {
        self.write("secret", &self.secret);
        let written = self.run(&format!("bundle release -o {name} --key secret {more}"));
        assert_eq!((written.code, written.err.as_str()), (0, ""));
    }

    /// The release of all the tests: 1.0.0 in full, and the patch to 1.0.0.1.
    fn usual_release(&self) {
        self.full();
        let packages = format!("--full {ARCH}=full.bundle --patch {ARCH}=two.bundle");
        self.release("release.json", &format!("--version 1.0.0 {packages}"));
    }

    fn follow(&self, release: &str, more: &str) -> Ran {
        self.run(&format!("apply {release} --root root --trust {} {more}", self.public))
    }
}

#[track_caller]
fn refused(ran: &Ran, beginning: &str) {
    assert_eq!(ran.code, 3, "{}", ran.err);
    assert!(ran.err.starts_with(&format!("error: {beginning}")), "{}", ran.err);
}

#[test]
fn a_release_leads_by_its_full_package_and_its_patch_to_the_newest() {
    let desk = Desk::new();
    desk.usual_release();
    ran(&desk.follow("release.json", "--dry-run"), 0, "would be applied: version 1.0.0; nothing was changed\n", "");
    let note = "note: the release goes on to 1.0.0.1: apply it once more\n";
    ran(&desk.follow("release.json", ""), 0, "version 1.0.0 is installed\n", note);
    desk.is_old();
    ran(&desk.follow("release.json", ""), 0, "version 1.0.0.1 is installed (it was 1.0.0)\n", "");
    desk.is("two", "a2", GONE, "c2");
    let nothing = "nothing to do: the release has nothing newer than version 1.0.0.1, which is installed\n";
    ran(&desk.follow("release.json", ""), 0, nothing, "");
    ran(&desk.run("rollback --root root"), 0, "rolled back to version 1.0.0\n", "");
    desk.is_old();
}

#[test]
fn an_older_release_than_was_seen_is_refused_even_where_nothing_came_of_the_newer_one() {
    let desk = Desk::new();
    desk.usual_release();
    desk.release("older.json", &format!("--version 0.9.0 --full {ARCH}=full.bundle"));
    let package = fs::read(desk.path("full.bundle")).expect("a bundle");
    fs::remove_file(desk.path("full.bundle")).expect("it is there");
    assert_eq!(desk.follow("release.json", "").code, 2);
    fs::write(desk.path("full.bundle"), package).expect("a file");
    refused(
        &desk.follow("older.json", ""),
        "version 0.9.0 is older than 1.0.0.1, which is installed or was seen before",
    );
    // Allowed, it is found to lie about its package.
    refused(
        &desk.follow("older.json", "--allow-downgrade"),
        "the release manifest contradicts itself: its package `full.bundle` leads to 1.0.0 and not to 0.9.0",
    );
    desk.is_old();
}

#[test]
fn what_is_not_signed_expired_or_exchanged_is_refused() {
    let desk = Desk::new();
    desk.usual_release();
    let packages = format!("--version 1.0.0 --full {ARCH}=full.bundle");
    desk.release("expired.json", &format!("{packages} --expires 2020-02-01"));
    refused(&desk.follow("expired.json", ""), "the release manifest is expired since 2020-02-01");
    desk.write("forged.json", &desk.read("release.json").replace("1.0.0\"", "1.0.1\""));
    refused(&desk.follow("forged.json", ""), "nobody has signed it; files");
    fs::copy(desk.path("release.json.minisig"), desk.path("forged.json.minisig")).expect("a copy");
    refused(&desk.follow("forged.json", ""), "a signature of the release manifest does not hold");
    refused(&desk.run("apply release.json --root root"), "0 of 1 needed trusted signatures");
    // Its package with the digest of another.
    fs::copy(desk.path("two.bundle"), desk.path("full.bundle")).expect("a copy");
    refused(&desk.follow("release.json", ""), "the file is another one: SHA-256");
    desk.is_old();
    assert!(!desk.path("root/.alterplan/1").exists());
}

#[test]
fn a_release_is_followed_by_its_address() {
    let desk = Desk::new();
    desk.usual_release();
    serve(desk.folder.path(), |address| {
        let url = format!("http://{address}/release.json");
        let note = "note: the release goes on to 1.0.0.1: apply it once more\n";
        ran(&desk.follow(&url, ""), 0, "version 1.0.0 is installed\n", note);
        ran(&desk.follow(&url, ""), 0, "version 1.0.0.1 is installed (it was 1.0.0)\n", "");
        desk.is("two", "a2", GONE, "c2");
        // Its signature is not there: nothing but permission helps.
        fs::remove_file(desk.path("release.json.minisig")).expect("it is there");
        assert_eq!(desk.follow(&url, "").code, 5);
        assert_eq!(desk.run(&format!("apply {url} --root root --allow-unsigned")).code, 0);
        assert!(!desk.path("root/.alterplan/document").exists());
    });
}

/// Serves the files of a folder on loopback while something is done; ends by itself after a minute.
fn serve(folder: &Path, act: impl FnOnce(&str)) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    listener.set_nonblocking(true).expect("it can be asked");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let until = Instant::now() + Duration::from_secs(60);
            while !is_over.load(Ordering::SeqCst) && Instant::now() < until {
                match listener.accept() {
                    Ok((stream, _)) => answer(stream, folder),
                    Err(_) => std::thread::sleep(Duration::from_millis(2)),
                }
            }
        });
        // Also where the test fails.
        struct Over<'o>(&'o AtomicBool);
        impl Drop for Over<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let _over = Over(&is_over);
        act(&address);
    });
}

fn answer(mut stream: TcpStream, folder: &Path) {
    stream.set_nonblocking(false).expect("it can be asked");
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("it can be asked");
    let mut lines = BufReader::new(&stream).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
    let name = first.split_whitespace().nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let (status, body) = match fs::read(folder.join(name)) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    // Whether the client still listens is its own affair.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

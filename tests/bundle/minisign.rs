//! Debian's own `minisign` and this program: each takes the other's keys and signatures.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::commands::{done, run};
use crate::trees::{Desk, NEW};

/// Whether there is a `minisign` to compare with. Says so where there is none.
fn is_there() -> bool {
    let is_there = Command::new("minisign").arg("-v").output().is_ok_and(|output| output.status.success());
    if !is_there {
        assert!(std::env::var_os("ALTERPLAN_REQUIRE_SERVERS").is_none(), "there is no minisign; tests/run installs it");
        let _ = writeln!(std::io::stderr(), "skipped: there is no minisign to compare with; apt-get install minisign");
    }
    is_there
}

fn minisign(desk: &Desk, arguments: &str) -> bool {
    let run = Command::new("minisign").args(arguments.split_whitespace()).current_dir(desk.path("")).output();
    run.expect("minisign runs").status.success()
}

#[test]
fn minisign_takes_our_keys_and_signatures() {
    if !is_there() {
        return;
    }
    let desk = Desk::new();
    desk.tree("new", NEW);
    done(&desk, "bundle keygen --secret our.key --public our.pub --no-password");
    done(&desk, "bundle build --version 1.0.0 --new-tree new --key our.key -q -o b.tar.gz");
    done(&desk, "bundle sign b.tar.gz --key our.key");
    assert!(minisign(&desk, "-Vm b.tar.gz -p our.pub"));
    let unpacked = Command::new("tar").args(["xzf", "b.tar.gz"]).current_dir(desk.path("")).status();
    assert!(unpacked.is_ok_and(|status| status.success()));
    assert!(minisign(&desk, "-Vm manifest.json -p our.pub"));
    // It signs with our key, and we take that.
    fs::remove_file(desk.path("b.tar.gz.minisig")).expect("a file");
    assert!(minisign(&desk, "-Sm b.tar.gz -s our.key"));
    done(&desk, "bundle verify b.tar.gz --trust our.pub");
    fs::write(desk.path("manifest.json"), "{}").expect("a file");
    assert!(!minisign(&desk, "-Vm manifest.json -p our.pub"));
}

#[test]
fn we_take_keys_and_signatures_of_minisign() {
    if !is_there() {
        return;
    }
    let desk = Desk::new();
    desk.tree("new", NEW);
    done(&desk, "bundle keygen --secret our.key --public our.pub --no-password");
    assert!(minisign(&desk, "-G -W -p their.pub -s their.key"));
    done(&desk, "bundle build --version 1.0.0 --new-tree new --key their.key -q -o b.tar.gz");
    done(&desk, "bundle verify b.tar.gz --trust their.pub");
    assert!(minisign(&desk, "-Sm b.tar.gz -s their.key"));
    done(&desk, "bundle verify b.tar.gz --trust their.pub");
    done(&desk, "bundle build --version 1.0.0 --new-tree new --key our.key -q -o b.tar.gz");
    let (code, _, err) = run(&desk, "bundle verify b.tar.gz --trust their.pub");
    let message = "error: a signature of the bundle does not hold: the signature verification failed";
    assert_eq!((code, err.lines().next()), (3, Some(message)), "the signature is of another file now");
    // The old form of signatures does not hash first, so that it cannot be checked while a file streams.
    assert!(minisign(&desk, "-lSm b.tar.gz -s their.key"));
    let (code, _, err) = run(&desk, "bundle verify b.tar.gz --trust their.pub");
    assert!(code == 3 && err.contains("it is of the old form"), "{err}");
}

/// With a password, too. Deriving a key of it takes a gigabyte and a second, wherever it is done.
#[test]
fn keys_with_passwords_go_both_ways() {
    if !is_there() {
        return;
    }
    let desk = Desk::new();
    desk.tree("new", NEW);
    let ours = |arguments: &str, password: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_alterplan"))
            .args(arguments.split_whitespace())
            .current_dir(desk.path(""))
            .env("ALTERPLAN_PASSWORD", password)
            .output();
        let output = run.expect("the program runs");
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains("battery"), "a password is never printed");
        output.status.code()
    };
    assert_eq!(ours("bundle keygen --secret our.key --public our.pub", "horse battery"), Some(0));
    let mut child = Command::new("minisign")
        .args(["-Sm", "new/same", "-s", "our.key"])
        .current_dir(desk.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("minisign runs");
    child.stdin.take().expect("a pipe").write_all(b"horse battery\n").expect("minisign reads");
    assert!(child.wait().expect("minisign ends").success());
    assert!(minisign(&desk, "-Vm new/same -p our.pub"));
    assert_eq!(ours("bundle sign new/bin/app --key our.key", "horse battery"), Some(0));
    assert!(minisign(&desk, "-Vm new/bin/app -p our.pub"));
    assert_eq!(ours("bundle sign new/swapped --key our.key", "wrong battery"), Some(2));
    assert!(!desk.path("new/swapped.minisig").exists());
}

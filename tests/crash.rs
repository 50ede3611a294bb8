//! The real binary is killed before every effect that it has on the disk, on its hooks and on a real server, by strace and so
//! without a line of its own that knows of it; then it recovers, and all of it is old or new.
//!
//! Plain `cargo test` takes one effect of many and no server. All of them, on a disk and in memory, with MySQL and MariaDB:
//!
//! ```sh
//! ALTERPLAN_CRASH=thorough tests/run -- --test crash
//! ```
#![cfg(target_os = "linux")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bench::{Bench, Change, Run, Way, said};
use support::servers::{Server, servers, tell};

pub mod support {
    //! What the tests on real servers stand on.
    pub mod servers;
}

#[path = "kill/bench.rs"]
mod bench;
#[path = "kill/instance.rs"]
mod instance;
#[path = "kill/network.rs"]
mod network;
#[path = "kill/tree.rs"]
mod tree;

/// What changes something, or waits for somebody who does: killed before the next is killed after this one.
const EFFECTS: [&str; 20] = [
    "write",
    "pwrite64",
    "ftruncate",
    "fsync",
    "fdatasync",
    "syncfs",
    "renameat2",
    "renameat",
    "mkdirat",
    "linkat",
    "symlinkat",
    "unlinkat",
    "fchmod",
    "fchmodat",
    "fchownat",
    "utimensat",
    "flock",
    "sendto",
    "recvfrom",
    "wait4",
];
/// Effects that a disk can refuse.
const REFUSABLE: [&str; 8] = ["write", "fsync", "renameat2", "mkdirat", "unlinkat", "ftruncate", "fchmod", "symlinkat"];
/// Installations at a time: each waits for its disk, for strace and for a server more than it computes.
const AT_A_TIME: usize = 6;

/// A call that is killed.
#[derive(Clone, Copy, Debug)]
enum Call {
    Apply,
    /// The recovery of an apply that was killed in the middle.
    Recover,
    Rollback,
    /// The recovery of a rollback that was killed in the middle.
    RecoverRollback,
}

impl Call {
    /// What comes before it.
    fn prepare(self, bench: &Bench, run: &Run) {
        let half = |arguments: &[String]| {
            let killed = bench.run(&["-e", "inject=renameat2:signal=KILL:when=6"], arguments);
            assert!(killed.status.signal().is_some(), "{self:?}: {}", said(&killed));
        };
        match self {
            Self::Apply => {}
            Self::Recover => half(&bench.apply(run)),
            Self::Rollback => bench.succeeds(&bench.apply(run)),
            Self::RecoverRollback => {
                bench.succeeds(&bench.apply(run));
                half(&bench.call(run, "rollback"));
            }
        }
    }

    fn way(self) -> Way {
        match self {
            Self::Apply | Self::Recover => Way::Forth,
            Self::Rollback | Self::RecoverRollback => Way::Back,
        }
    }

    fn arguments(self, bench: &Bench, run: &Run) -> Vec<String> {
        match self {
            Self::Apply => bench.apply(run),
            Self::Recover | Self::RecoverRollback => bench.call(run, "recover"),
            Self::Rollback => bench.call(run, "rollback"),
        }
    }
}

/// A place where a call is killed, or refused something.
struct Point {
    call: Call,
    effect: &'static str,
    at: usize,
    how: &'static str,
}

#[test]
fn killed_before_every_effect_it_is_old_or_new() {
    if !has_strace() {
        return;
    }
    let is_thorough = is_thorough();
    let every = if is_thorough { 1 } else { 9 };
    let mut points = 0;
    let mut kill = |bench: &Bench, calls: &[Call], name: &str| {
        let killed = kill_everywhere(bench, calls, every);
        tell(&format!("crash: {name}: killed at {killed} points, 0 torn states"));
        points += killed;
    };
    let all = [Call::Apply, Call::Recover, Call::Rollback, Call::RecoverRollback];
    for base in [env!("CARGO_TARGET_TMPDIR"), "/dev/shm"].iter().filter(|base| Path::new(base).is_dir()) {
        kill(&Bench::new(base, None, Change::Gentle), &all, base);
    }
    for server in servers().into_iter().filter(|server| is_thorough && server.target != "mariadb:11.8") {
        let target = server.target;
        // No rollback brings a table back: that it refuses is another test.
        let lossy = Bench::new(env!("CARGO_TARGET_TMPDIR"), Some(server.clone()), Change::Lossy);
        kill(&lossy, &[Call::Apply, Call::Recover], &format!("{target}, a table goes"));
        let gentle = Bench::new("/dev/shm", Some(server), Change::Gentle);
        kill(&gentle, &[Call::Rollback, Call::RecoverRollback], &format!("{target}, a trigger goes"));
    }
    tell(&format!("crash: killed at {points} points in all, 0 torn states"));
    assert!(points >= if is_thorough { 300 } else { 30 }, "{points} points");
}

#[test]
fn refused_at_any_effect_it_says_how_things_are() {
    if !has_strace() {
        return;
    }
    let bench = Bench::new(env!("CARGO_TARGET_TMPDIR"), None, Change::Gentle);
    let run = bench.begin();
    let effects = bench.effects(&run, &REFUSABLE, &bench.apply(&run));
    let all = effects.into_iter().flat_map(|(effect, count)| (1..=count).map(move |at| (effect, at)));
    let all = all
        .flat_map(|(effect, at)| ["ENOSPC", "EIO", "EACCES"].map(|how| Point { call: Call::Apply, effect, at, how }));
    let points: Vec<Point> = all.step_by(if is_thorough() { 1 } else { 13 }).collect();
    each(&points, |point| {
        let run = bench.begin();
        let Point { effect, at, how, .. } = point;
        let output = bench.run(&["-e", &format!("inject={effect}:error={how}:when={at}")], &bench.apply(&run));
        bench.judge(&run, &output).map_err(|what| format!("{how} at {effect} {at}: {what}"))
    });
    tell(&format!("crash: refused at {} points, 0 torn states", points.len()));
}

#[test]
fn without_an_exchange_of_names_it_is_the_same() {
    if !has_strace() {
        return;
    }
    let bench = Bench::new(env!("CARGO_TARGET_TMPDIR"), None, Change::Gentle);
    let run = bench.begin();
    let applied = bench.run(&["-e", "inject=renameat2:error=EINVAL"], &bench.apply(&run));
    assert_eq!(bench.judge(&run, &applied), Ok(()));
    assert_eq!(tree::tree(&run.root), bench.new);
}

/// Kills each of some calls at one effect of so many; how many kills struck.
fn kill_everywhere(bench: &Bench, calls: &[Call], every: usize) -> usize {
    let mut points = Vec::new();
    for call in calls {
        let run = bench.begin();
        call.prepare(bench, &run);
        let effects = bench.effects(&run, &EFFECTS, &call.arguments(bench, &run));
        let all = effects.into_iter().flat_map(|(effect, count)| (1..=count).map(move |at| (effect, at)));
        points.extend(all.step_by(every).map(|(effect, at)| Point { call: *call, effect, at, how: "KILL" }));
    }
    let struck = AtomicUsize::new(0);
    each(&points, |Point { call, effect, at, how }| {
        let run = bench.begin();
        call.prepare(bench, &run);
        let inject = format!("inject={effect}:signal={how}:when={at}");
        let killed = bench.run(&["-e", &inject], &call.arguments(bench, &run));
        let context = |what: String| format!("{call:?}, killed at {effect} {at}: {what}");
        if killed.status.signal().is_none() {
            // A server's answers come in as many pieces as they like, and a hook is asked as often as it takes whether it is
            // done, so that this run had fewer effects.
            let may_vary = run.database.is_some() || *effect == "wait4";
            return match killed.status.success() && may_vary {
                true => Ok(()),
                false => Err(context(said(&killed))),
            };
        }
        struck.fetch_add(1, Ordering::SeqCst);
        bench.hold_recovered(&run, call.way()).map_err(context)
    });
    struck.into_inner()
}

/// Does something at each point, several at a time; fails with all that was wrong.
#[track_caller]
fn each<P: Sync>(points: &[P], act: impl Fn(&P) -> Result<(), String> + Sync) {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Err(what) = act(point) {
                        wrong.lock().expect("nobody panics with it").push(what);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics with it");
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), points.len(), wrong.join("\n"));
}

/// The server that private instances are started of, and that cuts are made to: the first MariaDB.
fn first_mariadb() -> Option<Server> {
    servers().into_iter().find(|server| server.target == "mariadb:10.11")
}

fn is_thorough() -> bool {
    std::env::var("ALTERPLAN_CRASH").is_ok_and(|value| value == "thorough")
}

fn has_strace() -> bool {
    let works =
        Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|status| status.success());
    if !works {
        assert!(std::env::var("ALTERPLAN_REQUIRE_SERVERS").is_err(), "strace is needed, and the right to trace");
        tell("crash: skipped (strace is missing or may not trace)");
    }
    works
}

//! The real binary is killed before every effect that it has on the disk, on its hooks and on a real server, by strace and so
//! without a line of its own that knows of it; then it recovers, and all of it is old or new.
//!
//! Plain `cargo test` takes one effect of many and no server; under `ALTERPLAN_REQUIRE_SERVERS=1` (`tests/run`) it is all of
//! them, on a disk and in memory, with a server.
#![cfg(target_os = "linux")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use alterplan::bundle::{Build, SecretKey, Unwatched, build, generate};
use alterplan::document::Plan;
use sha2::{Digest as _, Sha256};
use support::servers::{Objects, Scratch, Server, servers, tell};
use tempfile::TempDir;

pub mod support {
    //! What the tests on real servers stand on.
    pub mod servers;
}

const OLD_SCHEMA: &str = "CREATE TABLE users (id int NOT NULL, name varchar(20), PRIMARY KEY (id));\n\
                          CREATE TABLE legacy (id int NOT NULL, PRIMARY KEY (id));\n";
const NEW_SCHEMA: &str = "CREATE TABLE users (id int NOT NULL, name varchar(20), last_login datetime, PRIMARY KEY (id));\n\
                          CREATE TABLE audit (id int NOT NULL, PRIMARY KEY (id));\n";

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

/// With `ALTERPLAN_CRASH=thorough` at every effect, and with a server; else at every ninth, which takes seconds and not minutes.
#[test]
fn killed_before_every_effect_it_is_old_or_new() {
    if !has_strace() {
        return;
    }
    let is_thorough = std::env::var("ALTERPLAN_CRASH").is_ok_and(|value| value == "thorough");
    let every = if is_thorough { 1 } else { 9 };
    let mut points = 0;
    for base in [env!("CARGO_TARGET_TMPDIR"), "/dev/shm"].iter().filter(|base| Path::new(base).is_dir()) {
        points += Bench::new(base, None).kill_everywhere(every);
    }
    if let Some(server) = servers().first().filter(|_| is_thorough) {
        points += Bench::new(env!("CARGO_TARGET_TMPDIR"), Some(server.clone())).kill_everywhere(every);
    }
    tell(&format!("crash: killed at {points} points, 0 torn states"));
    assert!(points >= if is_thorough { 300 } else { 30 }, "{points} points");
}

#[test]
fn refused_at_any_effect_it_says_how_things_are() {
    if !has_strace() {
        return;
    }
    let is_thorough = std::env::var("ALTERPLAN_CRASH").is_ok_and(|value| value == "thorough");
    let bench = Bench::new(env!("CARGO_TARGET_TMPDIR"), None);
    let points = bench.refuse_everywhere(if is_thorough { 1 } else { 13 });
    tell(&format!("crash: refused at {points} points, 0 torn states"));
}

#[test]
fn without_an_exchange_of_names_it_is_the_same() {
    if !has_strace() {
        return;
    }
    let bench = Bench::new(env!("CARGO_TARGET_TMPDIR"), None);
    let run = bench.begin();
    let applied = bench.run(&["-e", "inject=renameat2:error=EINVAL"], &bench.apply(&run));
    bench.judge(&run, &applied, "without renameat2");
    assert_eq!(tree(&run.root), bench.new);
}

/// A bundle, and what an installation is before and after it.
struct Bench {
    folder: TempDir,
    server: Option<Server>,
    public: String,
    old: BTreeMap<PathBuf, String>,
    new: BTreeMap<PathBuf, String>,
    schemas: Schemas,
}

/// What is done before a call is killed, and the call.
type Before<'a> = dyn Fn(&Run) + 'a;
type Call<'a> = dyn Fn(&Run) -> Vec<String> + 'a;

#[derive(Default)]
struct Schemas {
    old: Objects,
    new: Objects,
    expanded: Objects,
}

/// One installation, to be killed on.
struct Run {
    _folder: TempDir,
    root: PathBuf,
    database: Option<RefCell<Scratch>>,
}

impl Bench {
    fn new(base: &str, server: Option<Server>) -> Self {
        let folder = TempDir::new_in(base).expect("a folder");
        let path = |name: &str| folder.path().join(name);
        lay(&path("old"), OLD);
        lay(&path("new"), NEW);
        let plan = server.as_ref().map(plan);
        let (secret, public) = generate(None).expect("keys");
        let key = SecretKey::parse(&secret, None).expect("a key");
        let (old, new) = (path("old"), path("new"));
        let recipe = Build {
            base: Some("1.0.0".parse().expect("a version")),
            old: Some(&old),
            plan: plan.as_ref(),
            deltas: true,
            key: Some(&key),
            ..Build::new("shop", "1.0.0.1".parse().expect("a version"), &new)
        };
        let file = fs::File::create(path("bundle")).expect("a file");
        build(&recipe, file, &mut Unwatched).expect("a bundle");
        fs::write(path("config.yaml"), "hooks: {pre: 'true', restart: 'test -e bin/app', health: 'exit 0'}\n")
            .expect("a file");
        let (old, new) = (tree(&old), tree(&new));
        let schemas = server.as_ref().map_or_else(Schemas::default, |server| schemas(server, plan.as_ref()));
        Self { folder, server, public: public.to_base64().to_owned(), old, new, schemas }
    }

    /// A fresh installation.
    fn begin(&self) -> Run {
        let folder = TempDir::new_in(self.folder.path()).expect("a folder");
        let root = folder.path().join("root");
        lay(&root, OLD);
        let database = self.server.as_ref().map(|server| {
            let scratch = server.scratch();
            scratch.run(OLD_SCHEMA).expect("the old schema");
            RefCell::new(scratch)
        });
        Run { _folder: folder, root, database }
    }

    fn call(&self, run: &Run, command: &str) -> Vec<String> {
        let mut arguments = vec![command.to_owned(), "--root".to_owned(), run.root.display().to_string()];
        arguments.extend(["--config".to_owned(), self.folder.path().join("config.yaml").display().to_string()]);
        if let Some(database) = &run.database {
            arguments.extend(["--database".to_owned(), database.borrow().url()]);
        }
        arguments
    }

    fn apply(&self, run: &Run) -> Vec<String> {
        let mut arguments = self.call(run, "apply");
        let bundle = self.folder.path().join("bundle").display().to_string();
        arguments.extend([bundle, "--trust".to_owned(), self.public.clone(), "--allow".to_owned(), "all".to_owned()]);
        arguments
    }

    /// Runs the binary under strace, or as it is where nothing is asked of strace.
    fn run(&self, strace: &[&str], arguments: &[String]) -> Output {
        let binary = env!("CARGO_BIN_EXE_alterplan");
        let mut command = Command::new(if strace.is_empty() { binary } else { "strace" });
        if !strace.is_empty() {
            command.args(["-qq", "-o", "/dev/null"]).args(strace).arg(binary);
        }
        command.args(arguments).output().expect("it runs")
    }

    /// How often a call has each effect.
    fn effects(&self, arguments: &[String]) -> BTreeMap<&'static str, usize> {
        let log = self.folder.path().join("strace.log");
        let output = Command::new("strace")
            .args(["-qq", "-o", &log.display().to_string(), "-e", &format!("trace={}", EFFECTS.join(","))])
            .arg(env!("CARGO_BIN_EXE_alterplan"))
            .args(arguments)
            .output()
            .expect("strace runs");
        assert!(output.status.success(), "{}", said(&output));
        let log = fs::read_to_string(log).expect("a log");
        let count = |effect: &str| log.lines().filter(|line| line.starts_with(&format!("{effect}("))).count();
        EFFECTS.into_iter().map(|effect| (effect, count(effect))).collect()
    }

    /// Kills an apply, a rollback, and the recovery of an apply that was killed in the middle, at one effect of so many.
    fn kill_everywhere(&self, every: usize) -> usize {
        let nothing = |_: &Run| {};
        let applied = |run: &Run| self.succeeds(&self.apply(run));
        let half = |run: &Run| {
            self.run(&["-e", "inject=renameat2:signal=KILL:when=9"], &self.apply(run));
        };
        let rollback = |run: &Run| self.call(run, "rollback");
        let recover = |run: &Run| self.call(run, "recover");
        let apply = |run: &Run| self.apply(run);
        let calls: [(&str, &Before<'_>, &Call<'_>); 3] =
            [("apply", &nothing, &apply), ("recover", &half, &recover), ("rollback", &applied, &rollback)];
        let mut points = 0;
        // With a server the plan drops a table, which no rollback brings back: that it refuses is another test.
        let calls = if self.server.is_some() { &calls[..2] } else { &calls[..] };
        for (name, before, call) in calls {
            let run = self.begin();
            before(&run);
            let effects = self.effects(&call(&run));
            let all = effects.iter().flat_map(|(effect, count)| (1..=*count).map(move |at| (*effect, at)));
            for (effect, at) in all.step_by(every) {
                let run = self.begin();
                before(&run);
                let killed = self.run(&["-e", &format!("inject={effect}:signal=KILL:when={at}")], &call(&run));
                let context = format!("{name}, killed at {effect} {at}");
                if killed.status.signal().is_none() {
                    // A server's answers come in as many pieces as they like, and a hook is asked as often as it takes whether
                    // it is done, so that this run had fewer effects.
                    let may_vary = run.database.is_some() || effect == "wait4";
                    assert!(killed.status.success() && may_vary, "{context}: {}", said(&killed));
                    continue;
                }
                let recovered = self.recovered(&run);
                assert!(recovered.status.success(), "{context}: {}", said(&recovered));
                self.hold(&run, &context);
                points += 1;
            }
        }
        points
    }

    /// Recovers. On a busy machine the system may take a while to bury who was killed, and until then holds its lock.
    fn recovered(&self, run: &Run) -> Output {
        let recover = || self.run(&[], &self.call(run, "recover"));
        let waits = |output: &Output| !output.status.success() && said(output).contains("is at work on");
        let mut output = recover();
        for _ in 0..100 {
            if !waits(&output) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            output = recover();
        }
        output
    }

    /// Lets the system refuse an apply one effect of so many, each with each error.
    fn refuse_everywhere(&self, every: usize) -> usize {
        let run = self.begin();
        let effects = self.effects(&self.apply(&run));
        let all = REFUSABLE.into_iter().flat_map(|effect| (1..=effects[effect]).map(move |at| (effect, at)));
        let all = all.flat_map(|point| ["ENOSPC", "EIO", "EACCES"].map(|error| (point, error)));
        let mut points = 0;
        for ((effect, at), error) in all.step_by(every) {
            let run = self.begin();
            let output = self.run(&["-e", &format!("inject={effect}:error={error}:when={at}")], &self.apply(&run));
            self.judge(&run, &output, &format!("{error} at {effect} {at}"));
            points += 1;
        }
        points
    }

    /// Whether what an exit code says is so: done, undone, refused, or to be recovered.
    fn judge(&self, run: &Run, output: &Output, context: &str) {
        let context = format!("{context}: {}", said(output));
        match output.status.code() {
            Some(0) => assert_eq!(tree(&run.root), self.new, "{context}"),
            // Where standard output is refused, all was done before.
            Some(2) => {}
            Some(3 | 5) => assert_eq!(tree(&run.root), self.old, "{context}"),
            Some(6) => {}
            _ => panic!("{context}: {:?}", output.status),
        }
        let recovered = self.run(&[], &self.call(run, "recover"));
        assert!(recovered.status.success(), "{context}: {}", said(&recovered));
        self.hold(run, &context);
    }

    #[track_caller]
    fn succeeds(&self, arguments: &[String]) {
        let output = self.run(&[], arguments);
        assert!(output.status.success(), "{}", said(&output));
    }

    /// Everything is old, or everything is new, or the schema alone has gained something.
    fn hold(&self, run: &Run, context: &str) {
        let files = tree(&run.root);
        let schema = run.database.as_ref().map_or_else(Objects::new, |database| database.borrow_mut().objects());
        let is =
            |files_are: &BTreeMap<PathBuf, String>, schema_is: &Objects| files == *files_are && schema == *schema_is;
        let Schemas { old, new, expanded } = &self.schemas;
        let holds = is(&self.old, old) || is(&self.new, new) || is(&self.old, expanded);
        assert!(holds, "{context}: torn\n{files:#?}\n{schema:#?}");
        assert!(!run.root.join(".alterplan/journal").exists(), "{context}: something is left under way");
    }
}

/// A tree: paths, each with its mode and content; `->` before the target of a link.
const OLD: &[(&str, u32, &str)] = &[
    ("bin/app", 0o755, "old app"),
    ("lib/a.so", 0o644, "old a"),
    ("lib/b.so", 0o644, "old b"),
    ("share/x", 0o644, "the same"),
    ("share/deep/y", 0o600, "old y"),
    ("link", 0, "->lib/a.so"),
    ("gone", 0o644, "gone"),
    ("gone.d/1", 0o644, "1"),
    ("gone.d/2/3", 0o644, "3"),
    ("becomes", 0o644, "a file that becomes a folder"),
];
const NEW: &[(&str, u32, &str)] = &[
    ("bin/app", 0o755, "new app"),
    ("bin/tool", 0o755, "a new tool"),
    ("lib/a.so", 0o755, "new a"),
    ("lib/c.so", 0o644, "new c"),
    ("share/x", 0o644, "the same"),
    ("share/deep/y", 0o600, "new y"),
    ("link", 0, "->lib/c.so"),
    ("new.d/deep/file", 0o640, "deep"),
    ("becomes/inside", 0o644, "inside"),
];

fn lay(root: &Path, tree: &[(&str, u32, &str)]) {
    for (path, mode, content) in tree {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        match content.strip_prefix("->") {
            Some(target) => symlink(target, &path).expect("a link"),
            None => {
                fs::write(&path, content).expect("a file");
                fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("a mode");
            }
        }
    }
}

/// Everything below a root but what is alterplan's own.
fn tree(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below").to_owned();
            if name == Path::new(".alterplan") {
                continue;
            }
            let meta = fs::symlink_metadata(&path).expect("it is there");
            let mode = meta.permissions().mode() & 0o7777;
            let line = if meta.is_symlink() {
                format!("-> {}", fs::read_link(&path).expect("a link").display())
            } else if meta.is_dir() {
                open.push(path);
                format!("folder {mode:o}")
            } else {
                format!("file {mode:o} {:x?}", Sha256::digest(fs::read(&path).expect("a file")).as_slice())
            };
            found.insert(name, line);
        }
    }
    found
}

/// The plan between the two schemas, on a server.
fn plan(server: &Server) -> Plan {
    use alterplan::catalog::Session;
    use alterplan::compare::{self, Relax, Settings, Text};
    use alterplan::source::{Pair, Source};
    let target = server.target.parse().expect("a target");
    let text =
        |text: &str| Text { sources: vec![Source::new("schema.sql", text)], target, session: Session::of(target) };
    let (sides, _) = compare::load_pair(Pair::new(text(OLD_SCHEMA), text(NEW_SCHEMA)), Relax::IfNeeded);
    let settings = Settings {
        target,
        server: BTreeMap::new(),
        policies: Default::default(),
        filter: Default::default(),
        fingerprints: true,
        renames: Default::default(),
    };
    compare::compare(sides.as_ref(), &settings).expect("a plan")
}

fn schemas(server: &Server, plan: Option<&Plan>) -> Schemas {
    use alterplan::document::Phase;
    let mut scratch = server.scratch();
    scratch.run(OLD_SCHEMA).expect("the old schema");
    let old = scratch.objects();
    let mut run = |phase: Phase| {
        for step in plan.iter().flat_map(|plan| &plan.steps).filter(|step| step.phase == phase) {
            scratch.run(format!("{};\n", step.sql)).expect("a step");
        }
        scratch.objects()
    };
    let expanded = run(Phase::Expand);
    let new = run(Phase::Contract);
    assert_ne!(expanded, new, "the plan has a contract step");
    Schemas { old, new, expanded }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
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

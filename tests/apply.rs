//! `apply`, `rollback`, `recover` and `status` as their users meet them: the real binary, a real tree, its exit code.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use alterplan::bundle::{Build, SecretKey, Unwatched, build, generate};
use tempfile::TempDir;

#[path = "apply/releases.rs"]
mod releases;
#[path = "apply/surroundings.rs"]
mod surroundings;

/// A folder with an installation, the trees of two releases, and bundles between them.
struct Desk {
    folder: TempDir,
    public: String,
    secret: String,
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let (secret, public) = generate(None).expect("keys");
        let desk = Self { folder, public: public.to_base64().to_owned(), secret };
        for tree in ["root", "one"] {
            desk.write(&format!("{tree}/app"), "one");
            desk.write(&format!("{tree}/lib/a"), "a1");
            desk.write(&format!("{tree}/lib/b"), "b1");
        }
        desk.write("two/app", "two");
        desk.write("two/lib/a", "a2");
        desk.write("two/new/c", "c2");
        desk.write("three/app", "three");
        desk.write("three/lib/a", "a2");
        desk.write("three/new/c", "c2");
        desk.bundle("one", "two", "1.0.0", "1.0.0.1");
        desk.bundle("two", "three", "1.0.0.1", "1.0.0.2");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|why| why.kind().to_string())
    }

    /// Builds `NEW.bundle`.
    fn bundle(&self, old: &str, new: &str, base: &str, version: &str) {
        let key = SecretKey::parse(&self.secret, None).expect("a key");
        let (old, tree) = (self.path(old), self.path(new));
        let recipe = Build {
            base: Some(base.parse().expect("a version")),
            old: Some(&old),
            key: Some(&key),
            ..Build::new("shop", version.parse().expect("a version"), &tree)
        };
        let file = fs::File::create(self.path(&format!("{new}.bundle"))).expect("a file");
        build(&recipe, file, &mut Unwatched).expect("a bundle");
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alterplan"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).env_remove("ALTERPLAN_PASSWORD");
        command
    }

    fn run(&self, arguments: &str) -> Ran {
        let output = self.command(arguments).output().expect("it runs");
        Ran {
            code: output.status.code().expect("an exit"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }

    fn apply(&self, bundle: &str, more: &str) -> Ran {
        self.run(&format!("apply {bundle}.bundle --root root --trust {} {more}", self.public))
    }

    fn start(&self, bundle: &str, more: &str) -> Child {
        self.command(&format!("apply {bundle}.bundle --root root --trust {} {more}", self.public))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts")
    }

    #[track_caller]
    fn is(&self, app: &str, a: &str, b: &str, c: &str) {
        let found = ["root/app", "root/lib/a", "root/lib/b", "root/new/c"].map(|path| self.read(path));
        assert_eq!(found, [app, a, b, c].map(str::to_owned));
    }

    #[track_caller]
    fn is_old(&self) {
        self.is("one", "a1", "b1", GONE);
    }
}

const GONE: &str = "entity not found";

/// Writes a line past the test harness, which keeps what a passing test prints to itself.
fn tell(line: &str) {
    use std::io::Write as _;
    // Nobody to tell is no reason to fail.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

#[track_caller]
fn ran(ran: &Ran, code: i32, out: &str, err: &str) {
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (code, out, err));
}

#[test]
fn forth_twice_and_back_twice() {
    let desk = Desk::new();
    ran(&desk.apply("two", "--dry-run"), 0, "would be applied: version 1.0.0.1; nothing was changed\n", "");
    desk.is_old();
    ran(&desk.apply("two", ""), 0, "version 1.0.0.1 is installed\n", "");
    desk.is("two", "a2", GONE, "c2");
    ran(&desk.apply("three", ""), 0, "version 1.0.0.2 is installed (it was 1.0.0.1)\n", "");
    desk.is("three", "a2", GONE, "c2");
    ran(&desk.run("rollback --root root"), 0, "rolled back to version 1.0.0.1\n", "");
    desk.is("two", "a2", GONE, "c2");
    ran(&desk.run("rollback --root root"), 0, "rolled back to version 1.0.0\n", "");
    desk.is_old();
    let none = desk.run("rollback --root root");
    assert_eq!(none.code, 3, "{}", none.err);
    ran(&desk.run("recover --root root"), 0, "nothing was interrupted; version 1.0.0 is installed\n", "");
    let status = desk.run("status --root root --format json");
    let status: serde_json::Value = serde_json::from_str(&status.out).expect("JSON");
    assert_eq!(status["version"], "1.0.0");
    let history = status["history"].as_array().expect("a list");
    let kinds: Vec<&str> = history.iter().filter_map(|past| past["kind"].as_str()).collect();
    assert_eq!(kinds, ["apply", "apply", "rollback", "rollback"]);
}

#[test]
fn what_has_another_base_or_another_state_is_refused_and_nothing_changes() {
    let desk = Desk::new();
    desk.write("root/lib/a", "changed by hand");
    let refused = desk.apply("two", "");
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(
        refused.err.starts_with(
            "error: `lib/a` is not the one of the base version; files and schema are as they were before\n"
        )
    );
    desk.write("root/lib/a", "a1");
    assert_eq!(desk.apply("two", "").code, 0);
    let refused = desk.apply("two", "");
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(
        refused.err.starts_with("error: the bundle starts from version 1.0.0, and 1.0.0.1 is installed"),
        "{}",
        refused.err
    );
    let unsigned = desk.run("apply three.bundle --root root");
    assert_eq!(unsigned.code, 3, "{}", unsigned.err);
    desk.is("two", "a2", GONE, "c2");
}

#[test]
fn a_hook_that_fails_or_takes_too_long_undoes_all() {
    let desk = Desk::new();
    for config in ["hooks: {health: 'echo sick; exit 7'}", "hooks: {restart: {run: 'sleep 60', limit: 1}}"] {
        desk.write("config.yaml", config);
        let start = Instant::now();
        let failed = desk.apply("two", "--config config.yaml");
        assert_eq!(failed.code, 5, "{}", failed.err);
        assert!(start.elapsed() < Duration::from_secs(30));
        desk.is_old();
    }
    desk.write(
        "config.yaml",
        "hooks: {pre: 'cat app > seen', restart: 'cat app >> seen', health: 'test $(cat app) = two'}",
    );
    assert_eq!(desk.apply("two", "--config config.yaml").code, 0);
    assert_eq!(desk.read("root/seen"), "onetwo");
}

#[test]
fn files_that_were_changed_since_are_put_aside_with_force_alone() {
    let desk = Desk::new();
    desk.apply("two", "");
    desk.write("root/app", "two, and a line of mine");
    let refused = desk.run("rollback --root root");
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert_eq!(desk.read("root/app"), "two, and a line of mine");
    ran(&desk.run("rollback --root root --force"), 0, "rolled back to version 1.0.0\n", "");
    desk.is_old();
    assert_eq!(desk.read("root/.alterplan/1/kept/app"), "two, and a line of mine");
}

#[test]
fn no_backup_and_few_backups() {
    let desk = Desk::new();
    desk.apply("two", "");
    desk.apply("three", "");
    ran(&desk.run("rollback --root root --keep 0"), 0, "rolled back to version 1.0.0.1\n", "");
    assert_eq!(desk.run("rollback --root root").code, 3);
    let desk = Desk::new();
    assert_eq!(desk.apply("two", "--no-backup").code, 0);
    assert_eq!(desk.run("rollback --root root").code, 3);
    desk.is("two", "a2", GONE, "c2");
}

#[test]
fn two_at_once_are_one_after_the_other_or_refused() {
    let desk = Desk::new();
    desk.write("config.yaml", "hooks: {pre: 'sleep 2'}");
    let mut first = desk.start("two", "--config config.yaml");
    let until = Instant::now() + Duration::from_secs(20);
    while !desk.path("root/.alterplan/journal").exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = desk.apply("two", "");
    assert_eq!(second.code, 3, "{}", second.err);
    assert!(second.err.starts_with(&format!("error: process {} is at work on `root`", first.id())), "{}", second.err);
    assert!(desk.run("status --root root").out.contains("is under way"), "status does not wait");
    assert!(first.wait().expect("it ends").success());
    desk.is("two", "a2", GONE, "c2");
}

#[test]
fn a_program_that_runs_is_replaced_and_runs_on() {
    let desk = Desk::new();
    for tree in ["root", "one"] {
        fs::copy("/bin/sleep", desk.path(&format!("{tree}/app"))).expect("a program");
    }
    desk.bundle("one", "two", "1.0.0", "1.0.0.1");
    let mut running = Command::new(desk.path("root/app")).arg("60").spawn().expect("it runs");
    let applied = desk.apply("two", "");
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert_eq!(running.try_wait().expect("it can be asked"), None);
    running.kill().and_then(|()| running.wait().map(drop)).expect("it ends");
    assert_eq!(desk.run("rollback --root root").code, 0);
    assert_eq!(fs::read(desk.path("root/app")).ok(), fs::read("/bin/sleep").ok());
}

#[test]
fn rights_times_and_attributes_are_kept() {
    let desk = Desk::new();
    let (app, lib) = (desk.path("root/app"), desk.path("root/lib/a"));
    let command = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let has_attributes = command("setfattr", &["-n", "user.note", "-v", "mine", &app.display().to_string()]);
    command("touch", &["-d", "2001-02-03 04:05:06", &lib.display().to_string()]);
    command("chown", &["1234:5678", &lib.display().to_string()]);
    fs::set_permissions(desk.path("two/app"), fs::Permissions::from_mode(0o750)).expect("a mode");
    desk.bundle("one", "two", "1.0.0", "1.0.0.1");
    let before = [&app, &lib].map(|path| fs::metadata(path).expect("it is there"));
    assert_eq!(desk.apply("two", "").code, 0);
    let after = [&app, &lib].map(|path| fs::metadata(path).expect("it is there"));
    assert_eq!(after[0].mode() & 0o7777, 0o750);
    assert_eq!((after[1].uid(), after[1].gid()), (before[1].uid(), before[1].gid()));
    if has_attributes {
        assert!(command("getfattr", &["-n", "user.note", &app.display().to_string()]));
    }
    assert_eq!(desk.run("rollback --root root").code, 0);
    for (path, before) in [&app, &lib].into_iter().zip(before) {
        let now = fs::metadata(path).expect("it is there");
        let all =
            |meta: &fs::Metadata| (meta.ino(), meta.mode(), meta.uid(), meta.gid(), meta.mtime(), meta.mtime_nsec());
        assert_eq!(all(&now), all(&before));
    }
}

#[test]
fn a_link_that_somebody_puts_in_the_way_is_never_gone_through() {
    let desk = Desk::new();
    desk.write("outside/a", "not to be touched");
    desk.write("outside/b", "not to be touched");
    // A folder that is a link from the start is refused.
    fs::rename(desk.path("root/lib"), desk.path("root/lib.real")).expect("a rename");
    symlink(desk.path("outside"), desk.path("root/lib")).expect("a link");
    let refused = desk.apply("two", "");
    assert_eq!(refused.code, 3, "{}", refused.err);
    // One that comes and goes all the time is not followed either.
    let (is_over, root) = (AtomicBool::new(false), desk.path("root"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (lib, link, real) = (root.join("lib"), root.join("lib.link"), root.join("lib.real"));
            let until = Instant::now() + Duration::from_secs(60);
            while !is_over.load(Ordering::SeqCst) && Instant::now() < until {
                let _ = fs::rename(&lib, &link).and_then(|()| fs::rename(&real, &lib));
                let _ = fs::rename(&lib, &real).and_then(|()| fs::rename(&link, &lib));
            }
            let _ = fs::rename(&lib, &link).and_then(|()| fs::rename(&real, &lib));
        });
        for _ in 0..30 {
            let ran = desk.apply("two", "");
            assert!([0, 3, 5, 6].contains(&ran.code), "{}: {}", ran.code, ran.err);
            if ran.code == 0 {
                break;
            }
        }
        is_over.store(true, Ordering::SeqCst);
    });
    assert_eq!([desk.read("outside/a"), desk.read("outside/b")], ["not to be touched", "not to be touched"]);
    assert_eq!(fs::read_dir(desk.path("outside")).expect("a folder").count(), 2);
}

#[test]
fn a_history_that_somebody_changed_is_noticed() {
    let desk = Desk::new();
    desk.apply("two", "");
    desk.apply("three", "");
    let history = desk.read("root/.alterplan/history");
    let lines: Vec<&str> = history.lines().collect();
    for forged in
        [history.replace("1.0.0.1", "1.0.0.9"), format!("{}\n", lines[0]), format!("{}\n{}\n", lines[1], lines[0])]
    {
        desk.write("root/.alterplan/history", &forged);
        let status = desk.run("status --root root");
        assert_eq!(status.code, 6, "{}", status.out);
    }
    desk.write("root/.alterplan/history", &history);
    assert_eq!(desk.run("status --root root").code, 0);
}

#[test]
fn a_root_that_is_none_is_refused() {
    let desk = Desk::new();
    assert_eq!(desk.run("status --root nowhere").code, 2);
    desk.write("root/.alterplan", "a file");
    let refused = desk.apply("two", "");
    assert_eq!(refused.code, 3, "{}", refused.err);
    desk.is_old();
    assert!(Path::new(&desk.path("root/.alterplan")).is_file());
}

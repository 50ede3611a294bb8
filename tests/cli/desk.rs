//! A folder to run the program in, and what a run leaves.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

pub(crate) const OLD: &str = "CREATE TABLE `users` (\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n);\n";
pub(crate) const NEW: &str =
    "CREATE TABLE `users` (\n  `id` int NOT NULL,\n  `last_login` datetime DEFAULT NULL,\n  PRIMARY KEY (`id`)\n);\n";

/// A folder with `old.sql` and `new.sql` that the program is run in.
pub(crate) struct Desk(pub(crate) TempDir);

/// What a run left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a temporary folder"));
        desk.write("old.sql", OLD);
        desk.write("new.sql", NEW);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    pub(crate) fn run(&self, args: &str) -> Run {
        self.run_with(args, b"")
    }

    pub(crate) fn run_with(&self, args: &str, stdin: &[u8]) -> Run {
        self.start(args, stdin, &[])
    }

    pub(crate) fn start(&self, args: &str, stdin: &[u8], variables: &[(&str, &str)]) -> Run {
        let mut child = Command::new(env!("CARGO_BIN_EXE_alterplan"))
            .args(args.split_whitespace())
            .current_dir(self.0.path())
            .env("TERM", "xterm")
            .env_remove("NO_COLOR")
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        // A program that does not read its input may have gone already.
        let _ = child.stdin.take().map(|mut pipe| pipe.write_all(stdin));
        let output = child.wait_with_output().expect("the binary ends");
        Run {
            code: output.status.code().expect("an exit, not a signal"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

pub(crate) fn run(code: i32, out: &str, err: &str) -> Run {
    Run { code, out: out.to_owned(), err: err.to_owned() }
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// Holds a text against its snapshot in `snapshots/cli`.
pub(crate) fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots/cli");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The statements of a script without comments and without those that set and restore the session.
pub(crate) fn statements(script: &str) -> Vec<String> {
    let kept = script.lines().filter(|line| !line.starts_with("--") && !line.starts_with("SET "));
    let text = kept.collect::<Vec<_>>().join("\n");
    text.split(';').map(|statement| statement.trim().to_owned()).filter(|statement| !statement.is_empty()).collect()
}

pub(crate) const ADDS: &str = "ALTER TABLE `users`\n  ADD COLUMN `last_login` datetime DEFAULT NULL";
pub(crate) const DROPS: &str = "ALTER TABLE `users`\n  DROP COLUMN `last_login`";

/// A repository whose schema files are merged by this program.
pub(crate) fn repository(desk: &Desk) {
    let driver = format!("{} merge %O %A %B -o %A --path %P", env!("CARGO_BIN_EXE_alterplan"));
    desk.write(".gitattributes", "*.sql merge=alterplan\n");
    for args in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["config", "user.name", "Tester"],
        &["config", "user.email", "tester@example.invalid"],
        &["config", "merge.alterplan.driver", &driver],
        &["add", "--all"],
        &["commit", "--quiet", "-m", "base"],
    ] {
        assert_eq!(git(desk, args).code, 0, "git {args:?}");
    }
}

pub(crate) fn git(desk: &Desk, args: &[&str]) -> Run {
    let output = Command::new("git").args(args).current_dir(desk.0.path()).output().expect("git runs");
    Run {
        code: output.status.code().expect("an exit, not a signal"),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

//! The command line as its users meet it: the real binary, its streams, and its exit code.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;

const OLD: &str = "CREATE TABLE `users` (\n  `id` int NOT NULL,\n  PRIMARY KEY (`id`)\n);\n";
const NEW: &str =
    "CREATE TABLE `users` (\n  `id` int NOT NULL,\n  `last_login` datetime DEFAULT NULL,\n  PRIMARY KEY (`id`)\n);\n";

/// A folder with `old.sql` and `new.sql` that the program is run in.
struct Desk(TempDir);

/// What a run left.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a temporary folder"));
        desk.write("old.sql", OLD);
        desk.write("new.sql", NEW);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    fn run(&self, args: &str) -> Run {
        self.run_with(args, b"")
    }

    fn run_with(&self, args: &str, stdin: &[u8]) -> Run {
        self.start(args, stdin, &[])
    }

    fn start(&self, args: &str, stdin: &[u8], variables: &[(&str, &str)]) -> Run {
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

fn run(code: i32, out: &str, err: &str) -> Run {
    Run { code, out: out.to_owned(), err: err.to_owned() }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// Holds a text against its snapshot in `snapshots/cli`.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/cli");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The statements of a script without comments and without those that set and restore the session.
fn statements(script: &str) -> Vec<String> {
    let kept = script.lines().filter(|line| !line.starts_with("--") && !line.starts_with("SET "));
    let text = kept.collect::<Vec<_>>().join("\n");
    text.split(';').map(|statement| statement.trim().to_owned()).filter(|statement| !statement.is_empty()).collect()
}

const ADDS: &str = "ALTER TABLE `users`\n  ADD COLUMN `last_login` datetime DEFAULT NULL";
const DROPS: &str = "ALTER TABLE `users`\n  DROP COLUMN `last_login`";

#[test]
fn a_difference_in_every_format() {
    let desk = Desk::new();
    for format in ["sql", "text", "json", "yaml"] {
        let done = desk.run(&format!("diff old.sql new.sql --format {format}"));
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        snapshot(&format!("last_login.{format}"), &done.out);
    }
    assert_eq!(desk.run("diff old.sql new.sql"), desk.run("diff old.sql new.sql --format sql"));
}

#[test]
fn no_difference() {
    let desk = Desk::new();
    assert_eq!(desk.run("diff old.sql old.sql --exit-code"), run(0, "", ""));
    assert_eq!(desk.run("diff old.sql old.sql --format text"), run(0, "No differences.\n", ""));
    snapshot("no_difference.json", &desk.run("diff old.sql old.sql --format json").out);
}

#[test]
fn a_difference_is_1_where_it_was_asked_about() {
    let desk = Desk::new();
    let done = desk.run("diff old.sql new.sql --exit-code");
    assert_eq!((done.code, statements(&done.out), done.err.as_str()), (1, vec![ADDS.to_owned()], ""));
}

#[test]
fn errors_point_at_their_place() {
    let desk = Desk::new();
    desk.write("bad.sql", "CREATE TABLE t (\n\t`größe` int, `名前` int, `名前` int\n);\n");
    let want = "\
error[1060]: duplicate column name '名前'
 --> bad.sql:2:25
  |
2 |     `größe` int, `名前` int, `名前` int
  |                              ^^^^^^
";
    let done = desk.run("diff bad.sql new.sql");
    assert_eq!(done.code, 2);
    assert_eq!(done.out, "");
    assert_eq!(done.err, format!("{want}\nerror: 1 statement of `bad.sql` could not be read\n"));
}

#[test]
fn several_errors_in_one_run() {
    let desk = Desk::new();
    desk.write("bad.sql", "CREATE TABLE t (\n  a int,\n  a int\n);\nSELCT 1;\nCREATE TABLE u (\n  a frob\n);\n");
    let done = desk.run("diff old.sql bad.sql");
    assert_eq!((done.code, done.out.as_str()), (2, ""));
    snapshot("several_errors", &done.err);
    assert_eq!(desk.run("fmt bad.sql").err, done.err);
}

#[test]
fn calls_that_are_wrong() {
    let desk = Desk::new();
    let missing = "\
error: cannot read `nowhere.sql`: no such file or directory
  = help: a source is a file, a folder of *.sql files, `-` for standard input, `mysql://…`, or `empty:`
";
    assert_eq!(desk.run("diff nowhere.sql new.sql"), run(2, "", missing));
    let secret = "\
error: `ftp:` is not a kind of source that can be read
  = help: a source is a file, a folder of *.sql files, `-` for standard input, `mysql://…`, or `empty:`
";
    assert_eq!(desk.run("diff ftp://me:secret@host/db new.sql"), run(2, "", secret));
    assert_eq!(desk.run("diff - -"), run(2, "", "error: OLD and NEW cannot both be standard input\n"));
    let unwritable = "error: cannot write `no/where.sql`: no such file or directory\n  = help: nothing was written\n";
    assert_eq!(desk.run("diff old.sql new.sql -o no/where.sql"), run(2, "", unwritable));
    for (name, args) in [
        ("unsupported_target", "diff old.sql new.sql --target mysql:5.5"),
        ("unknown_hazard", "diff old.sql new.sql --allow boredom"),
        ("no_arguments", "diff"),
    ] {
        let done = desk.run(args);
        assert_eq!((done.code, done.out.as_str()), (2, ""));
        snapshot(name, &done.err);
    }
}

#[test]
fn hazards_outside_the_list_are_refused_after_printing() {
    let desk = Desk::new();
    let refused = desk.run("diff new.sql old.sql --allow rewrite,lock");
    assert_eq!((refused.code, statements(&refused.out)), (3, vec![DROPS.to_owned()]));
    snapshot("refused", &refused.err);
    assert_eq!(desk.run("diff new.sql old.sql --allow all").code, 0);
    assert_eq!(desk.run("diff new.sql old.sql").code, 0);
    assert_eq!(desk.run("diff old.sql new.sql --allow rewrite,lock,may-fail,incompatible").code, 0);
}

#[test]
fn a_plan_that_copies_is_refused_where_online_is_required() {
    let desk = Desk::new();
    desk.write("wide.sql", OLD.replace("`id` int NOT NULL", "`id` bigint NOT NULL"));
    assert_eq!(desk.run("diff old.sql new.sql --policy online=require --target mysql:9.7").code, 0);
    let refused = desk.run("diff old.sql wide.sql --policy online=require --target mysql:9.7");
    let said = "error: the plan copies tables row by row: step 1 on table `users` (changes column `id`: int → bigint)\n  = help: `--policy online=prefer` plans it all the same\n";
    assert_eq!((refused.code, refused.out.as_str()), (3, ""));
    assert_eq!(refused.err.split_whitespace().collect::<Vec<_>>(), said.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn statements_of_the_user_s_own_stand_between_the_phases() {
    let desk = Desk::new();
    desk.write(
        "fill.sql",
        "-- alterplan: says fills last_login\n-- alterplan: inverse UPDATE users SET last_login = NULL\nUPDATE users SET last_login = '2020-01-01';\n",
    );
    let run = desk.run("diff old.sql new.sql --data fill.sql --format json");
    let plan: alterplan::document::Plan = serde_json::from_str(&run.out).expect("a plan");
    let data = plan.steps.last().expect("a step");
    assert_eq!(
        (data.id, data.action, data.changes.join("")),
        (2, alterplan::document::Action::Data, "fills last_login".to_owned())
    );
    assert_eq!(data.after, plan.to);
    assert_eq!(data.at.new.as_deref(), Some("fill.sql:3"));
    assert_eq!(data.inverse.as_ref().map(|i| i.statements.len()), Some(1));
    desk.write("fill.sql", "ALTER TABLE users ADD a int;");
    let refused = desk.run("diff old.sql new.sql --data fill.sql");
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
}

#[test]
fn the_way_back_and_one_phase() {
    let desk = Desk::new();
    let back = desk.run("diff old.sql new.sql --reverse");
    assert_eq!(statements(&back.out), [DROPS]);
    assert_eq!(back, desk.run("diff new.sql old.sql"));
    assert_eq!(statements(&desk.run("diff old.sql new.sql --phase expand").out), [ADDS]);
    assert_eq!(desk.run("diff old.sql new.sql --phase contract --exit-code"), run(0, "", ""));
    assert_eq!(statements(&desk.run("diff new.sql old.sql --phase contract").out), [DROPS]);
}

#[test]
fn every_kind_of_source() {
    let desk = Desk::new();
    let want = desk.run("diff old.sql new.sql --format sql").out;
    desk.write("old.backup", gzip(OLD));
    desk.write("folder/a/users.sql.gz", gzip(NEW));
    desk.write("folder/README.md", "not SQL");
    assert_eq!(desk.run("diff old.backup folder"), run(0, &want, ""));
    assert_eq!(desk.run_with("diff - new.sql", OLD.as_bytes()), run(0, &want, ""));
    assert_eq!(desk.run_with("diff - new.sql", &gzip(OLD)), run(0, &want, ""));
    assert_eq!(desk.run("diff empty: empty: --exit-code"), run(0, "", ""));
    assert_eq!(desk.run("diff empty: new.sql"), desk.run("diff /dev/null new.sql"));
    fs::create_dir(desk.path("bare")).expect("a folder");
    let bare = "error: no *.sql or *.sql.gz file below `bare`\n  = help: `empty:` stands for an empty schema\n";
    assert_eq!(desk.run("diff old.sql bare"), run(2, "", bare));
}

#[test]
fn output_goes_to_a_file_in_the_format_of_its_name() {
    let desk = Desk::new();
    for (name, format) in
        [("plan.sql", "sql"), ("plan.json", "json"), ("plan.yml", "yaml"), ("plan.txt", "text"), ("plan", "sql")]
    {
        assert_eq!(desk.run(&format!("diff old.sql new.sql -o {name}")), run(0, "", ""));
        assert_eq!(desk.read(name), desk.run(&format!("diff old.sql new.sql --format {format}")).out, "{name}");
    }
    assert_eq!(desk.run("diff old.sql old.sql -o plan.sql"), run(0, "", ""));
    assert_eq!(desk.read("plan.sql"), "");
    assert_eq!(desk.run("diff old.sql broken.sql -o plan.json").code, 2);
    assert!(desk.read("plan.json").starts_with("{\n"), "what was there stays");
    let left: Vec<_> = fs::read_dir(desk.0.path())
        .expect("a folder")
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().ends_with(".tmp"))
        .collect();
    assert_eq!(left.len(), 0);
    assert_eq!(desk.run("diff old.sql new.sql -o -"), desk.run("diff old.sql new.sql"));
}

#[test]
fn the_target_is_the_header_s() {
    let desk = Desk::new();
    desk.write(
        "old57.sql",
        format!("-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n-- Server version\t5.7.44\n{OLD}"),
    );
    desk.write("maria.sql", format!("-- Server version: 10.4.32-MariaDB\n{NEW}"));
    let notes = |done: Run| done.err;
    assert_eq!(
        notes(desk.run("diff old57.sql new.sql -v -o plan.sql")),
        "note: `old57.sql` is read as mysql:5.7.44\nnote: `new.sql` is read as mysql:5.7.44\nnote: the plan is written for mysql:5.7.44\n"
    );
    assert_eq!(
        notes(desk.run("diff old57.sql new.sql -v -o plan.sql --new-target mysql:8.4 --target mysql:8.0")),
        "note: `old57.sql` is read as mysql:8.0\nnote: `new.sql` is read as mysql:8.4\nnote: the plan is written for mysql:8.0\n"
    );
    let elsewhere = "\
error: mysql:5.7.44 cannot have what NEW defines: table `users`: unknown collation 'utf8mb4_0900_ai_ci'
  = help: `--target mysql:8.4` writes the plan for the server that NEW comes from
";
    assert_eq!(desk.run("diff old57.sql new.sql --new-target mysql:8.4"), run(2, "", elsewhere));
    let warning = "warning: `maria.sql` is from mariadb:10.4.32, which is not supported; it is read as mariadb:10.6, the nearest that is\n";
    assert_eq!(notes(desk.run("diff maria.sql new.sql")), warning);
    assert_eq!(notes(desk.run("diff maria.sql new.sql -q")), "");
    assert_eq!(notes(desk.run("diff maria.sql new.sql --target mariadb:10.11")), "");
}

#[test]
fn definitions_that_only_lenient_servers_took() {
    let desk = Desk::new();
    desk.write("zero.sql", "CREATE TABLE `t` (\n  `d` datetime NOT NULL DEFAULT '0000-00-00 00:00:00'\n);\n");
    let done = desk.run("diff zero.sql new.sql");
    assert_eq!(done.code, 0);
    assert_eq!(done.out.lines().filter(|line| *line == "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION';").count(), 1);
    snapshot("lenient", &done.err);
    assert_eq!(
        desk.run("diff zero.sql new.sql --server-set sql_mode=TRADITIONAL,NO_ZERO_DATE,STRICT_ALL_TABLES").code,
        2
    );
    assert_eq!(desk.run("fmt zero.sql").code, 2);
    assert_eq!(desk.run("fmt zero.sql --server-set sql_mode=").code, 0);
}

#[test]
fn what_is_not_understood() {
    let desk = Desk::new();
    desk.write("odd.sql", "CREATE TABLE t (\n  a int,\n  CHECK (a @@@  3)\n);\n");
    let warned = desk.run("diff odd.sql odd.sql --exit-code");
    assert_eq!(warned.code, 0);
    snapshot("not_understood", &warned.err);
    let strict = desk.run("diff odd.sql odd.sql --strict");
    assert_eq!(strict.code, 4);
    snapshot("not_understood.strict", &strict.err);
}

#[test]
fn fmt_and_check() {
    let desk = Desk::new();
    let canonical = desk.run("fmt new.sql");
    assert_eq!((canonical.code, canonical.err.as_str()), (0, ""));
    snapshot("fmt", &canonical.out);
    desk.write("canonical.sql", &canonical.out);
    assert_eq!(desk.run("fmt canonical.sql"), canonical);
    assert_eq!(desk.run("fmt canonical.sql --check"), run(0, "", ""));
    assert_eq!(desk.run("fmt new.sql --check"), run(1, "would change: table users (new.sql:1)\n", ""));
}

#[test]
fn filters_and_policies() {
    let desk = Desk::new();
    assert_eq!(desk.run("diff old.sql new.sql --ignore ^users$ --exit-code"), run(0, "", ""));
    assert_eq!(desk.run("diff old.sql new.sql --ignore ( --exit-code").code, 2);
    assert_eq!(desk.run("diff new.sql old.sql --policy drop=skip").code, 0);
    assert_eq!(desk.run("diff new.sql old.sql --policy boredom=on").code, 2);
}

#[test]
fn renames_are_obeyed_suggested_or_refused() {
    let desk = Desk::new();
    desk.write("a.sql", "create table t (id int primary key, a int not null);");
    desk.write("b.sql", "create table t (id int primary key, b int not null);");
    let suggested = desk.run("diff --format sql a.sql b.sql");
    assert_eq!(suggested.err, "warning: column `a` of table `t` may be `b` now: --rename t.a=b\n");
    assert_eq!(statements(&suggested.out), ["ALTER TABLE `t`\n  DROP COLUMN `a`,\n  ADD COLUMN `b` int NOT NULL"]);
    let renamed = "ALTER TABLE `t`\n  RENAME COLUMN `a` TO `b`";
    for option in ["--rename t.a=b", "--rename column:t.a=t.b", "--policy rename=detect"] {
        let run = desk.run(&format!("diff --format sql a.sql b.sql {option}"));
        assert_eq!((statements(&run.out), run.err), (vec![renamed.to_owned()], String::new()), "{option}");
    }
    let back = desk.run("diff --format sql a.sql b.sql --rename t.a=b --reverse");
    assert_eq!(statements(&back.out), ["ALTER TABLE `t`\n  RENAME COLUMN `b` TO `a`"]);
    let cases = [
        ("t.x=b", "table `t` of OLD has no column or key `x`"),
        ("u.a=b", "OLD has no table `u`"),
        ("u=t", "OLD has no table `u`"),
        ("t=u", "NEW has no table `u`"),
        ("t.a=id", "NEW has no such `id` in place of `a`, or one side has both"),
        ("t.a=c", "NEW has no such `c` in place of `a`, or one side has both"),
    ];
    for (given, why) in cases {
        let run = desk.run(&format!("diff a.sql b.sql --rename {given}"));
        assert_eq!((run.code, run.err), (2, format!("error: --rename {given}: {why}\n")));
    }
    desk.write("b.sql", "create table t (id int primary key /* alterplan: renamed-from */);");
    let run = desk.run("diff a.sql b.sql");
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("error: this rename hint stands at no table, column or key that has a name, or gives none\n --> b.sql:1:36\n"), "{}", run.err);
}

#[test]
fn one_side_s_filters() {
    let desk = Desk::new();
    desk.write("two.sql", format!("{NEW}CREATE TABLE logs (id int);\n"));
    let only = desk.run("diff old.sql two.sql --only ^logs$");
    assert_eq!(statements(&only.out).len(), 1);
    assert!(only.out.contains("CREATE TABLE `logs`"));
    assert_eq!(statements(&desk.run("diff old.sql two.sql --ignore ^logs$").out), [ADDS]);
    let kept = desk.run("diff two.sql old.sql --ignore ^users$ --policy drop=skip --exit-code");
    assert_eq!((kept.code, kept.out.as_str()), (0, ""));
    snapshot("drop_skipped", &desk.run("diff two.sql old.sql --policy drop=skip --format text").out);
    snapshot("policy_unknown", &desk.run("diff two.sql old.sql --policy boredom=on").err);
    snapshot("policy_value", &desk.run("diff two.sql old.sql --policy drop=maybe").err);
    snapshot("only_malformed", &desk.run("diff two.sql old.sql --only (").err);
}

#[test]
fn names_that_are_not_utf8() {
    let desk = Desk::new();
    desk.write("bad.sql", b"CREATE TABLE t (\n  `caf\xe9` int\n);\n");
    let done = desk.run("diff old.sql bad.sql");
    assert_eq!((done.code, done.out.as_str()), (2, ""));
    snapshot("invalid_utf8", &done.err);
}

#[cfg(unix)]
#[test]
fn a_fifo_is_a_source() {
    let desk = Desk::new();
    let fifo = desk.path("pipe");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo runs").success());
    let writer = std::thread::spawn(move || fs::write(fifo, NEW));
    assert_eq!(desk.run("diff old.sql pipe"), desk.run("diff old.sql new.sql"));
    writer.join().expect("no panic").expect("written");
}

#[test]
fn colours_are_for_terminals() {
    let desk = Desk::new();
    assert!(!desk.run("diff old.sql new.sql --format text").out.contains('\x1b'));
    assert!(desk.run("diff old.sql new.sql --format text --color always").out.contains('\x1b'));
    assert!(!desk.run("diff old.sql new.sql --format sql --color always").out.contains('\x1b'));
    assert!(!desk.start("diff old.sql new.sql --format text", b"", &[("NO_COLOR", "1")]).out.contains('\x1b'));
    // What is asked for outright wins.
    assert!(
        desk.start("diff old.sql new.sql --format text --color always", b"", &[("NO_COLOR", "1")]).out.contains('\x1b')
    );
}

#[cfg(unix)]
#[test]
fn a_reader_who_has_gone_is_no_error() {
    let desk = Desk::new();
    let many: String = (0..2_000).map(|n| OLD.replace("users", &format!("t{n}"))).collect();
    desk.write("many.sql", many);
    let mut child = Command::new(env!("CARGO_BIN_EXE_alterplan"))
        .args(["diff", "empty:", "many.sql"])
        .current_dir(desk.0.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()), (Some(0), String::new()));
}

/// The sessions of the README are what the program prints.
#[test]
fn the_readme_tells_the_truth() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    let shown = |command: &str| {
        let session = readme.split(&format!("```console\n$ {command}\n")).nth(1).expect("the session");
        session.split("```").next().expect("its end").to_owned()
    };
    let output = Command::new(env!("CARGO_BIN_EXE_alterplan"))
        .args(["diff", "fixtures/diff/last_login/old.sql", "fixtures/diff/last_login/new.sql", "--format", "text"])
        .current_dir(root)
        .output()
        .expect("the binary runs");
    let session = "alterplan diff fixtures/diff/last_login/old.sql fixtures/diff/last_login/new.sql";
    assert_eq!(String::from_utf8_lossy(&output.stdout), shown(session));
    let desk = Desk::new();
    desk.write("broken.sql", "CREATE TABLE `t` (\n  `a` int,\n  `a` int\n);\n");
    assert_eq!(desk.run("fmt broken.sql").err, shown("alterplan fmt broken.sql"));
}

#[test]
fn version_and_help() {
    let desk = Desk::new();
    assert_eq!(desk.run("--version"), run(0, concat!("alterplan ", env!("CARGO_PKG_VERSION"), "\n"), ""));
    for (name, args) in [("help", "--help"), ("help.diff", "diff --help"), ("help.fmt", "fmt --help")] {
        let done = desk.run(args);
        assert_eq!((done.code, done.err.as_str()), (0, ""));
        snapshot(name, &done.out);
    }
}

#[test]
fn a_suite_of_recorded_plans() {
    let desk = Desk::new();
    for side in ["old", "new"] {
        desk.write(&format!("suite/last_login/{side}.sql"), desk.read(&format!("{side}.sql")));
        desk.write(&format!("suite/deep/down/{side}/users.sql"), OLD);
    }
    desk.write("suite/refused/old.sql", OLD);
    desk.write("suite/refused/new.sql", "CREATE TABLE t (a int, a int);");
    desk.write("suite/refused/case.yaml", "target: mariadb:10.11\n");
    let none = "deep/down\n  nothing is recorded yet\n\nlast_login\n  nothing is recorded yet\n\n\
        refused\n  nothing is recorded yet\n\n3 cases: 0 as recorded, 3 not\n";
    assert_eq!(desk.run("snapshot suite"), run(1, none, ""));
    assert_eq!(desk.run("snapshot suite --update"), run(0, "3 cases: 3 as recorded, 0 not, 3 recorded anew\n", ""));
    assert_eq!(desk.run("snapshot suite"), run(0, "3 cases: 3 as recorded, 0 not\n", ""));
    assert_eq!(statements(&desk.read("suite/last_login/plan.sql")), [ADDS]);
    assert_eq!(desk.read("suite/deep/down/plan.sql"), "");
    assert_eq!(desk.read("suite/refused/error.txt"), "new.sql:1:24: error[1060]: duplicate column name 'a'\n");

    desk.write("suite/deep/down/plan.sql", "DROP TABLE `users`;\n");
    desk.write("suite/last_login/notes.md", "");
    desk.write("suite/refused/new.sql", OLD);
    let done = desk.run("snapshot suite --junit report.xml");
    assert_eq!((done.code, done.err.as_str()), (1, ""));
    snapshot("suite", &done.out);
    snapshot("suite.junit", &desk.read("report.xml"));
    desk.write("suite/last_login/plan.json", "{}");
    assert_eq!(desk.run("snapshot suite --update").code, 1, "a stranger stays one");
    assert_eq!(serde_json_version(&desk.read("suite/last_login/plan.json")), Some(1));
    assert!(!desk.path("suite/refused/error.txt").exists() && desk.path("suite/refused/plan.sql").exists());
}

fn serde_json_version(text: &str) -> Option<u64> {
    serde_json::from_str::<serde_json::Value>(text).ok()?.get("version")?.as_u64()
}

#[test]
fn a_suite_that_is_none() {
    let desk = Desk::new();
    desk.write("empty/readme.txt", "");
    desk.write("half/case/old.sql", OLD);
    desk.write("odd/old.sql", OLD);
    desk.write("odd/new.sql", OLD);
    desk.write("odd/case.yaml", "targt: x\n");
    let cases = [
        ("empty", "error: `empty` has no cases\n  = help: a case is a folder with `old.sql` and `new.sql`\n"),
        ("half", "error: the case `half/case` has no `new.sql`\n"),
    ];
    for (folder, want) in cases {
        assert_eq!(desk.run(&format!("snapshot {folder}")), run(2, "", want));
    }
    let odd = desk.run("snapshot odd");
    assert_eq!(odd.code, 2);
    assert!(odd.err.starts_with("error: `odd`: case.yaml: unknown field `targt`, expected one of"), "{}", odd.err);
}

/// A repository whose schema files are merged by this program.
fn repository(desk: &Desk) {
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

fn git(desk: &Desk, args: &[&str]) -> Run {
    let output = Command::new("git").args(args).current_dir(desk.0.path()).output().expect("git runs");
    Run {
        code: output.status.code().expect("an exit, not a signal"),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Commits `theirs` on a branch and `ours` on main, and merges.
fn git_merge(ours: &str, theirs: &str) -> (Desk, Run) {
    let desk = Desk::new();
    repository(&desk);
    git(&desk, &["checkout", "--quiet", "-b", "theirs"]);
    desk.write("old.sql", theirs);
    git(&desk, &["commit", "--quiet", "--all", "-m", "theirs"]);
    git(&desk, &["checkout", "--quiet", "main"]);
    desk.write("old.sql", ours);
    git(&desk, &["commit", "--quiet", "--all", "-m", "ours"]);
    let merged = git(&desk, &["merge", "--quiet", "--no-edit", "theirs"]);
    (desk, merged)
}

#[test]
fn git_merges_with_the_driver() {
    let column = |text: &str| OLD.replace("  PRIMARY", &format!("  {text},\n  PRIMARY"));
    let (desk, merged) = git_merge(&column("`ours` int"), &column("`theirs` text"));
    assert_eq!(merged.code, 0, "{merged:?}");
    assert_eq!(desk.read("old.sql"), column("`ours` int,\n  `theirs` text"));

    let (desk, merged) = git_merge(&column("`name` int"), &column("`name` text"));
    assert_eq!(merged.code, 1, "{merged:?}");
    let want = format!("<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n\n", column("`name` int"), column("`name` text"));
    assert_eq!(desk.read("old.sql").trim_end(), want.trim_end());
    assert!(merged.err.contains("conflict in old.sql: table `users`: both sides changed it"), "{merged:?}");

    let (desk, merged) = git_merge(&column("`ours` int"), "CREATE TABLE users (");
    assert_ne!(merged.code, 0, "{merged:?}");
    assert!(merged.err.contains("THEIRS of `old.sql` cannot be read, so nothing is merged"), "{merged:?}");
    assert_eq!(desk.read("old.sql"), column("`ours` int"));
}

#[test]
fn a_merge_by_hand() {
    let desk = Desk::new();
    desk.write("bad.sql", "CREATE TABLE t (a int, a int);");
    assert_eq!(desk.run("merge old.sql old.sql new.sql"), run(0, NEW, ""));
    let refused = desk.run("merge old.sql bad.sql new.sql -o old.sql --path schema.sql");
    let error = "error[1060]: duplicate column name 'a'\n --> schema.sql:1:24\n  |\n1 | CREATE TABLE t (a int, a int);\n  |                        ^\n\n\
        error: OURS of `schema.sql` cannot be read, so nothing is merged\n";
    assert_eq!(refused, run(129, "", error));
    assert_eq!(desk.read("old.sql"), OLD);
    assert_eq!(desk.run("merge old.sql none.sql new.sql").code, 129);
}

#[test]
fn git_shows_schema_diffs() {
    let desk = Desk::new();
    repository(&desk);
    let driver = format!("{} git-diff", env!("CARGO_BIN_EXE_alterplan"));
    git(&desk, &["config", "diff.alterplan.command", &driver]);
    desk.write(".gitattributes", "*.sql diff=alterplan\n");
    desk.write("old.sql", NEW);
    desk.write("new.sql", "CREATE TABLE (");
    let shown = git(&desk, &["diff", "--", "old.sql", "new.sql"]);
    assert_eq!((shown.code, shown.err.as_str()), (0, ""));
    snapshot("git_diff", &shown.out);
}

#[test]
fn completions_and_manual_pages() {
    let desk = Desk::new();
    let bash = desk.run("completions bash");
    assert_eq!((bash.code, bash.err.as_str()), (0, ""));
    desk.write("completion.bash", &bash.out);
    let script = "source completion.bash; COMP_WORDS=(alterplan diff --form); COMP_CWORD=2; _alterplan alterplan --form diff; echo \"${COMPREPLY[@]}\"";
    let completed = Command::new("bash").args(["-c", script]).current_dir(desk.0.path()).output().expect("bash runs");
    assert_eq!(String::from_utf8_lossy(&completed.stdout).trim(), "--format");
    assert_eq!(desk.run("man pages").code, 0);
    assert!(desk.read("pages/alterplan-diff.1").contains(".TH alterplan-diff 1"));
    assert!(desk.run("man").out.contains("alterplan\\-merge(1)"));
}

#[test]
fn lint_finds_and_mends() {
    let desk = Desk::new();
    desk.write("good.sql", OLD);
    assert_eq!(desk.run("lint good.sql"), run(0, "No findings.\n", ""));
    desk.write(
        "bad.sql",
        "CREATE TABLE t (\n  a int NOT NULL,\n  b int NOT NULL,\n  KEY a (a),\n  KEY ab (a, b)\n);\n",
    );
    let want = "bad.sql:1: warning: table t: has no primary key [no-primary-key]\n\
        bad.sql:4: warning: table t: key `a` is the beginning of key `ab` [redundant-key]\n2 warnings\n";
    assert_eq!(desk.run("lint bad.sql"), run(1, want, ""));
    for format in ["json", "github", "sarif"] {
        snapshot(&format!("lint.{format}"), &desk.run(&format!("lint bad.sql --format {format}")).out);
    }
    let left = "bad.sql:1: warning: table t: has no primary key [no-primary-key]\n1 warning\n";
    assert_eq!(desk.run("lint bad.sql --fix"), run(1, left, "note: mended 1 of 2 findings\n"));
    assert_eq!(desk.read("bad.sql"), "CREATE TABLE t (\n  a int NOT NULL,\n  b int NOT NULL,\n  KEY ab (a, b)\n);\n");
    desk.write("packed.sql", gzip("CREATE TABLE t (a int PRIMARY KEY, b int, KEY b (b), KEY bb (b, a));"));
    assert_eq!(
        desk.run("lint packed.sql --fix"),
        run(2, "", "error: `packed.sql` is no plain file of UTF-8 text, so it is not mended\n")
    );
    snapshot("lint.rules", &desk.run("lint --rules").out);
}

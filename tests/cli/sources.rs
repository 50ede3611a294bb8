//! What schemas are read from, and how it is said that they cannot be.

use std::fs;
use std::process::Command;

use crate::desk::{Desk, NEW, OLD, gzip, run, snapshot};

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
  = help: a source is a file, a folder of *.sql files, `-` for standard input, `git:REV:PATH`, `mysql://…`, or `empty:`
";
    assert_eq!(desk.run("diff nowhere.sql new.sql"), run(2, "", missing));
    let secret = "\
error: `ftp:` is not a kind of source that can be read
  = help: a source is a file, a folder of *.sql files, `-` for standard input, `git:REV:PATH`, `mysql://…`, or `empty:`
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

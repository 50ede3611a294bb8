//! Streams, colours, help, what shells and `man` are told.

use std::process::{Command, Stdio};

use crate::desk::{Desk, OLD, run, snapshot};

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

/// What a terminal of so many columns shows of a command.
#[cfg(target_os = "linux")]
fn on_terminal(desk: &Desk, columns: u16, command: &str) -> String {
    let command = format!("stty rows 24 cols {columns}; {} {command}", env!("CARGO_BIN_EXE_alterplan"));
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(desk.0.path())
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .output()
        .expect("script runs");
    String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n")
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_text_that_fits() {
    let desk = Desk::new();
    let wide = on_terminal(&desk, 120, "diff new.sql old.sql");
    assert!(
        wide.starts_with("\x1b[1m1 table changed · 1 step: 1 instant · 1 data loss, 1 incompatible\x1b[0m\n"),
        "{wide}"
    );
    let narrow = on_terminal(&desk, 40, "diff new.sql old.sql --color never");
    assert_eq!(narrow.lines().next(), Some("1 table changed · 1 step: 1 instant ·"), "{narrow}");
    assert_eq!(
        narrow.split_whitespace().collect::<Vec<_>>(),
        desk.run("diff new.sql old.sql --format text").out.split_whitespace().collect::<Vec<_>>()
    );
    // A pager is no terminal, and what it is given is not cut to one.
    let paged = on_terminal(&desk, 40, "diff new.sql old.sql --format text --color always | cat");
    assert!(
        paged.starts_with("\x1b[1m1 table changed · 1 step: 1 instant · 1 data loss, 1 incompatible\x1b[0m\n"),
        "{paged}"
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

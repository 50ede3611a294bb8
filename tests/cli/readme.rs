//! The README.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::desk::Desk;

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

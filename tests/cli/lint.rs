//! `alterplan lint`.

use crate::desk::{Desk, OLD, gzip, run, snapshot};

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

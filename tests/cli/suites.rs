//! `alterplan snapshot`.

use crate::desk::{ADDS, Desk, OLD, run, snapshot, statements};

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

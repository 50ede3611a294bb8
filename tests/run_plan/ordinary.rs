//! Runs to the end and back, by phases, and what needs no server.

use std::fs;
use std::process::Command;

use mysql::prelude::Queryable as _;

use super::desk::{ALLOW, Desk, NEW, OLD, ROWS, is, ran, refused};
use crate::servers::servers;

#[test]
fn what_needs_no_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let alterplan = |arguments: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alterplan"));
        ran(command.args(arguments.split_whitespace()).current_dir(folder.path()).output().expect("it runs"))
    };
    fs::write(folder.path().join("plan.json"), "{\"format\": \"other\"}").expect("a file");
    fs::write(folder.path().join("s.sql"), "DROP TABLE a").expect("a file");
    is(
        &alterplan("run s.sql --database mysql://root@127.0.0.1:1/"),
        2,
        "",
        "error: --database names no database\n  = help: mysql://user@host/database\n",
    );
    refused(
        &alterplan("run s.sql --database mysql://root@127.0.0.1:1/d --allow all,loss"),
        2,
        "invalid value 'loss' for '--allow <HAZARD,…>'\n  [possible values: data-loss, may-fail, ",
    );
    refused(&alterplan("run s.sql"), 2, "there is no database to run on\n");
    is(
        &alterplan("run s.sql --database mysql://root@127.0.0.1:1/d --phase expand"),
        2,
        "",
        "error: a script has no phases\n",
    );
    refused(&alterplan("run plan.json --database mysql://root@127.0.0.1:1/d"), 2, "`plan.json` is no plan: ");
    refused(&alterplan("run none.sql --database mysql://root@127.0.0.1:1/d"), 2, "cannot read `none.sql`");
}

#[test]
fn to_the_end_and_back_and_again() {
    for server in servers() {
        let desk = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "");
        let steps = desk.statements().len();
        let dry = desk.run("--dry-run");
        assert_eq!(dry.code, Some(0), "{}", dry.err);
        for sql in desk.statements() {
            assert!(dry.out.contains(&format!("\n{sql};\n")), "{sql} is not in {}", dry.out);
        }
        assert!(!desk.has("plan.json.journal"));
        desk.is("old.sql", "after a dry run");
        is(&desk.run(""), 0, &format!("ran {steps} steps; the plan is done\n"), "");
        desk.is("new.sql", "after the plan");
        is(&desk.run(""), 0, &format!("nothing is left to do: {steps} of {steps} steps have run\n"), "");
        is(&desk.run("--undo"), 0, &format!("took back {steps} steps; 0 of {steps} stay\n"), "");
        desk.is("old.sql", "after the undo");
        is(&desk.run("--undo"), 0, "nothing of the plan has run: there is nothing to take back\n", "");
        is(&desk.run(""), 0, &format!("ran {steps} steps; the plan is done\n"), "");
        desk.is("new.sql", "after the plan once more");
        let other = desk.alterplan(&format!("run plan.json --database {} --journal other {ALLOW}", desk.scratch.url()));
        refused(&other, 3, "the schema is already what the plan leads to");
        let undone = desk.alterplan(&format!("run plan.json --database {} --journal other --undo", desk.scratch.url()));
        refused(&undone, 3, "the journal `other` says of no run that could be taken back");
    }
}

#[test]
fn phases_run_one_after_the_other() {
    for server in servers() {
        let old = "CREATE TABLE t (id int NOT NULL, gone int, PRIMARY KEY (id));";
        let new = "CREATE TABLE t (id int NOT NULL, came int, PRIMARY KEY (id));";
        let desk = Desk::planned(&server, old, new, "--policy phases=split");
        refused(&desk.run("--phase contract"), 3, "the expand steps of the plan have not run here");
        let expand = desk.run("--phase expand");
        assert_eq!(expand.code, Some(0), "{}", expand.err);
        let columns = |desk: &mut Desk| desk.scratch.query("SHOW COLUMNS FROM t").expect("columns").len();
        let mut desk = desk;
        assert_eq!(columns(&mut desk), 3, "both are there in between");
        assert_eq!(desk.run("--phase contract").code, Some(0));
        desk.is("new.sql", "after both phases");
        let back = desk.run("--undo");
        refused(&back, 3, "step ");
        assert!(back.err.contains("cannot be taken back"), "{}", back.err);
    }
}

#[test]
fn a_table_that_takes_no_more_instant_changes_is_said() {
    for server in servers().into_iter().filter(|server| server.target.starts_with("mysql")) {
        let desk = Desk::new(&server, "CREATE TABLE `t-1` (id int NOT NULL, PRIMARY KEY (id));", "");
        desk.write("s.sql", "ALTER TABLE `t-1` ADD COLUMN y int;");
        let run = format!("run s.sql --database {} -v", desk.scratch.url());
        let more = "ALTER TABLE `t-1` ADD COLUMN x int, ALGORITHM=INSTANT;\n";
        desk.sql(&format!("{more}ALTER TABLE `t-1` DROP COLUMN x, ALGORITHM=INSTANT;\n").repeat(127));
        let dry = desk.alterplan(&format!("{run} --dry-run"));
        assert!(dry.code == Some(0) && !dry.err.contains("will not be instant"), "{}", dry.err);
        desk.sql(more);
        let ran = desk.alterplan(&run);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let said = "warning: step 1 will not be instant: table `t-1` has had 255 of 255 instant changes of its columns";
        assert!(ran.err.contains(said), "{}", ran.err);
        let sql = format!(
            "SELECT TOTAL_ROW_VERSIONS FROM information_schema.INNODB_TABLES WHERE NAME = '{}/t@002d1'",
            desk.scratch.name()
        );
        assert_eq!(server.connect().query_first::<u32, _>(sql).expect("a row"), Some(0), "it was rebuilt");
    }
}

//! What is refused or named before and between the statements: other schemas, hazards, probes, other databases.

use std::time::Duration;

use mysql::prelude::Queryable as _;

use super::desk::{ALLOW, Desk, NEW, OLD, is, ran, refused};
use super::proxy::Fate;
use crate::servers::servers;

#[test]
fn a_change_by_somebody_else_in_the_middle_is_named() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        let statements = desk.statements();
        let stopped = desk.run_to_its_fate("plan.json", &statements[1], Fate::KilledBefore);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        desk.sql("ALTER TABLE `z` ADD COLUMN `theirs` int;");
        let on = desk.run("");
        assert_eq!((on.code, on.out.as_str()), (Some(6), ""), "{}", on.err);
        assert!(on.err.contains("table `z` has the column `theirs`, which is not in it"), "{}", on.err);
        desk.sql("ALTER TABLE `z` DROP COLUMN `theirs`;");
        assert_eq!(desk.run("").code, Some(0));
        desk.is("new.sql", "once it is as it was");
    }
}

#[test]
fn a_schema_that_is_another_is_refused_and_named() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        for (there, back, named) in [
            (
                "ALTER TABLE z ADD COLUMN x int",
                "ALTER TABLE z DROP COLUMN x",
                "table `z` has the column `x`, which is not in it",
            ),
            (
                "ALTER TABLE z ADD KEY k (more)",
                "ALTER TABLE z DROP KEY k",
                "table `z` has the key `k`, which is not in it",
            ),
            ("CREATE TABLE extra (id int)", "DROP TABLE extra", "table `extra` is not in it"),
            ("CREATE TABLE e1 (id int); CREATE VIEW e2 AS SELECT 1", "DROP TABLE e1; DROP VIEW e2", "are not in it"),
            (
                "ALTER TABLE a MODIFY n varchar(21)",
                "ALTER TABLE a MODIFY n varchar(20)",
                "table `a` is another than in the plan",
            ),
            (
                "ALTER TABLE z MODIFY more bigint",
                "ALTER TABLE z MODIFY more int",
                "table `z`; or an object that it has is missing here",
            ),
        ] {
            desk.sql(&format!("{there};"));
            let ran = desk.run("");
            refused(&ran, 3, "the schema is not the one that the plan starts from: ");
            assert!(ran.err.contains(named), "{} {there}: {}", server.target, ran.err);
            assert!(!desk.has("plan.json.journal"), "nothing has begun");
            desk.sql(&format!("{back};"));
        }
        assert_eq!(desk.run("").code, Some(0));
    }
}

#[test]
fn a_view_that_is_missing_is_named() {
    for server in servers() {
        let old = "CREATE TABLE t (id int NOT NULL, PRIMARY KEY (id)); CREATE VIEW v AS SELECT id FROM t;";
        let desk = Desk::planned(&server, old, &old.replace("SELECT id", "SELECT id + 1 AS id"), "");
        desk.sql("DROP VIEW v;");
        refused(&desk.run(""), 3, "the schema is not the one that the plan starts from: view `v` is missing");
    }
}

#[test]
fn exceptions_of_the_configuration_hold_for_single_objects() {
    for server in servers() {
        let table = |name: &str| format!("CREATE TABLE {name} (id int NOT NULL, n int, PRIMARY KEY (id));");
        let old = table("t") + &table("u");
        let desk = Desk::planned(&server, &old, &table("t").replace(", n int", ""), "");
        let config = |exceptions: &str| {
            let allow = "allow: [{hazard: incompatible, reason: no reader}]\nexceptions:\n";
            desk.write("alterplan.yaml", &format!("{allow}{exceptions}"));
        };
        let run =
            || desk.alterplan(&format!("run plan.json --config alterplan.yaml --database {}", desk.scratch.url()));
        config("  - {object: t, hazard: data-loss, reason: moved}\n");
        let half = run();
        let refused = "error: the plan has hazards that nobody allowed: ";
        assert!(half.code == Some(3) && half.err.contains(refused), "{}", half.err);
        assert!(half.err.contains("; excepted: moved\n") && !half.err.contains("and 1 more"), "{}", half.err);
        desk.is("old.sql", "refused");
        config(
            "  - {object: t, hazard: data-loss, reason: moved}\n  - {object: u, hazard: data-loss, reason: x, until: 2020-12-31}\n",
        );
        let expired = run();
        assert!(expired.code == Some(3) && expired.err.contains("was allowed until 2020-12-31"), "{}", expired.err);
        config(
            "  - {object: t, hazard: data-loss, reason: moved}\n  - {object: u, hazard: data-loss, reason: exported}\n",
        );
        assert_eq!(run().code, Some(0));
        desk.is("new.sql", "allowed by exceptions");
    }
}

#[test]
fn hazards_and_probes_stand_before_the_first_statement() {
    for server in servers() {
        let old = "CREATE TABLE t (id int NOT NULL, n int, PRIMARY KEY (id)); CREATE TABLE u (id int NOT NULL, PRIMARY KEY (id));";
        let new = "CREATE TABLE t (id int NOT NULL, n int NOT NULL, PRIMARY KEY (id)); CREATE TABLE w (id int NOT NULL, PRIMARY KEY (id));";
        let desk = Desk::planned(&server, old, new, "");
        desk.sql("INSERT INTO t VALUES (1, NULL);");
        let run = |more: &str| desk.alterplan(&format!("run plan.json --database {} {more}", desk.scratch.url()));
        let none = run("");
        refused(&none, 3, "the plan has hazards that nobody allowed: ");
        assert!(none.err.contains("data-loss"), "{}", none.err);
        let strikes = run(ALLOW);
        refused(&strikes, 3, "the plan has hazards that nobody allowed: ");
        assert!(
            strikes.err.contains("(may-fail)") && strikes.err.contains("the probe finds such rows"),
            "{}",
            strikes.err
        );
        desk.is("old.sql", "refused");
        // Who allows it has it tried: the server refuses the statement, and what ran before it stays.
        let tried = run(&format!("{ALLOW},may-fail"));
        assert!(matches!(tried.code, Some(5 | 6)), "{tried:?}");
        assert!(tried.err.contains(": error 1"), "{}", tried.err);
        desk.sql("UPDATE t SET n = 0;");
        assert_eq!(run(ALLOW).code, Some(0));
        desk.is("new.sql", "once the rows fit");
    }
}

#[test]
fn a_plan_that_names_another_database_is_refused() {
    for server in servers() {
        let desk = Desk::new(&server, "CREATE TABLE t (id int);", "");
        for (name, columns) in [("old.sql", "id int"), ("new.sql", "id int, n int")] {
            desk.write(name, &format!("CREATE DATABASE elsewhere; USE elsewhere; CREATE TABLE t ({columns});"));
        }
        let written = desk.alterplan(&format!("diff old.sql new.sql --target {} -o plan.json", server.target));
        assert_eq!(written.code, Some(0), "{}", written.err);
        refused(&desk.run(""), 3, "the plan's statements go to the database `elsewhere`, and ");
    }
}

#[test]
fn probes_behind_statements_about_rows_look_at_what_those_leave() {
    for server in servers() {
        let old = "CREATE TABLE t (id int NOT NULL, n int, PRIMARY KEY (id));";
        let new = "CREATE TABLE t (id int NOT NULL, n int NOT NULL, PRIMARY KEY (id));";
        let desk = Desk::new(&server, &format!("{old}INSERT INTO t VALUES (1, NULL), (2, 5);"), new);
        let plan = |fill: &str| {
            desk.write("fill.sql", fill);
            let written = desk.alterplan(&format!("diff {} new.sql -o plan.json --data fill.sql", desk.scratch.url()));
            assert_eq!(written.code, Some(0), "{}", written.err);
        };
        let probe = "-- alterplan: probe SELECT 1 FROM t WHERE n = 5\n";
        plan(&format!("{probe}UPDATE t SET n = 0 WHERE n IS NULL;"));
        let ran = desk.run("");
        assert_eq!(ran.code, Some(5), "{}", ran.err);
        assert!(ran.err.contains("step 1 (may-fail): the step's own probe finds a row"), "{}", ran.err);
        desk.is("old.sql", "the step's own probe");
        plan("UPDATE t SET n = 0 WHERE id = 2;");
        let ran = desk.run("");
        assert_eq!(ran.code, Some(6), "{}", ran.err);
        assert!(
            ran.err.contains("speaks against step 2 (may-fail)") && ran.err.contains("1 of 2 steps have run"),
            "{}",
            ran.err
        );
        desk.sql("UPDATE t SET n = 7 WHERE n IS NULL;");
        is(&desk.run("-q"), 0, "ran 1 step; the plan is done\n", "");
        desk.is("new.sql", "once the rows fit");
    }
}

#[test]
fn rows_that_come_while_a_foreign_key_is_away_are_found_before_it_comes_again() {
    for server in servers() {
        let schema = |number: &str| {
            format!(
                "CREATE TABLE p (id {number} NOT NULL, PRIMARY KEY (id));
                 CREATE TABLE c (id int NOT NULL, p {number}, PRIMARY KEY (id), CONSTRAINT up FOREIGN KEY (p) REFERENCES p (id));
                 CREATE TABLE z (id {number} NOT NULL, PRIMARY KEY (id));"
            )
        };
        let desk = Desk::planned(&server, &schema("int"), &schema("bigint"), "");
        let mut other = server.connect();
        let name = desk.scratch.name();
        let mut said = |sql: &str| other.query_drop(sql).expect("the server takes it");
        said(&format!("USE `{name}`"));
        // While another session reads it, the table between waits.
        said("START TRANSACTION");
        said("SELECT * FROM z");
        let mut run =
            desk.command(&format!("run plan.json --database {}", desk.scratch.url())).spawn().expect("it runs");
        let waits = format!(
            "SELECT 1 FROM information_schema.processlist WHERE db = '{name}' AND info LIKE 'ALTER TABLE `z`%' AND state LIKE 'Waiting for%'"
        );
        let mut observer = server.connect();
        while observer.query_first::<u8, _>(&waits).expect("the server tells").is_none() {
            assert!(run.try_wait().expect("it is there").is_none(), "it waits");
            std::thread::sleep(Duration::from_millis(20));
        }
        said("INSERT INTO c VALUES (1, 7)");
        said("COMMIT");
        let ran = ran(run.wait_with_output().expect("it ends"));
        assert_eq!(ran.code, Some(6), "{}", ran.err);
        let found = "speaks against step 4 (may-fail): foreign key `up` is added without the server's check";
        assert!(ran.err.contains(found) && ran.err.contains("3 of 4 steps have run"), "{}", ran.err);
        desk.sql("DELETE FROM c;");
        is(&desk.run("-q"), 0, "ran 1 step; the plan is done\n", "");
        desk.is("new.sql", "once the row is gone");
    }
}

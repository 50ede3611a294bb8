//! Runs that are stopped at a statement, by a signal, or by the locks of others: each goes on, back, or to a person.

use std::process::Command;
use std::time::{Duration, Instant};

use mysql::prelude::Queryable as _;

use super::desk::{ALLOW, Desk, NEW, OLD, ROWS, ran, refused};
use super::proxy::Fate;
use crate::servers::{servers, tell};

#[test]
fn stopped_at_every_statement_it_goes_on_or_back() {
    let mut points = 0;
    for (nth, server) in servers().into_iter().enumerate() {
        let count = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "").statements().len();
        for at in 0..count {
            let fates = [Fate::KilledBefore, Fate::KilledAfter, Fate::CutBefore, Fate::CutAfter];
            // What becomes of a connection is the client's affair, and the same on all servers.
            let tried = if nth == 0 { &fates[..] } else { &fates[..2] };
            for (number, fate) in tried.iter().copied().enumerate() {
                let desk = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "");
                let context = format!("{fate:?} at statement {at}");
                let stopped = desk.run_to_its_fate("plan.json", &desk.statements()[at], fate);
                match fate {
                    Fate::KilledBefore | Fate::KilledAfter => {
                        assert_eq!(stopped.code, None, "{context}: {}", stopped.err)
                    }
                    // Looked up, it had been done: so it went on.
                    Fate::CutAfter => assert_eq!(stopped.code, Some(0), "{context}: {}", stopped.err),
                    Fate::CutBefore => {
                        assert_eq!(stopped.code, Some(if at == 0 { 5 } else { 6 }), "{context}: {}", stopped.err);
                    }
                }
                points += 1;
                if (at + number) % 2 == 0 {
                    let on = desk.run("");
                    assert_eq!(on.code, Some(0), "{} {context}: {}", server.target, on.err);
                    desk.is("new.sql", &context);
                    desk.has_view(true);
                } else {
                    let back = desk.run("--undo");
                    let nothing = at == 0 && fate == Fate::CutBefore;
                    assert_eq!(back.code, Some(0), "{} {context}, {nothing}: {}", server.target, back.err);
                    desk.is("old.sql", &context);
                    desk.has_view(false);
                }
            }
        }
        // And on the way back.
        let desk = Desk::planned(&server, &format!("{OLD}{ROWS}"), NEW, "");
        assert_eq!(desk.run("").code, Some(0));
        let stopped = desk.run_to_its_fate("plan.json --undo", "DROP TABLE `c`", Fate::KilledAfter);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        let back = desk.run("--undo");
        assert_eq!(back.code, Some(0), "{} on the way back: {}", server.target, back.err);
        desk.is("old.sql", "killed on the way back");
        points += 1;
    }
    if points > 0 {
        tell(&format!("run: stopped and gone on with at {points} points"));
    }
}

#[test]
fn a_statement_about_rows_that_nobody_answered_for_is_for_a_person() {
    for server in servers() {
        let new = OLD.replace("`more` int", "`more` int, `filled` int");
        let desk = Desk::new(&server, &format!("{OLD}INSERT INTO z VALUES (1, 2);"), &new);
        desk.write("fill.sql", "UPDATE z SET filled = COALESCE(filled, 0) + 1;");
        let written = desk.alterplan(&format!("diff {} new.sql -o plan.json --data fill.sql", desk.scratch.url()));
        assert_eq!(written.code, Some(0), "{}", written.err);
        let sql = "UPDATE z SET filled = COALESCE(filled, 0) + 1";
        assert!(desk.statements().iter().any(|found| found == sql));
        // The statement stands in a transaction of its own.
        let stopped = desk.run_to_its_fate("plan.json", "COMMIT", Fate::KilledAfter);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        let on = desk.run("");
        assert_eq!(on.code, Some(6), "{}", on.err);
        assert!(on.err.contains("--settle done or --settle not-done"), "{}", on.err);
        assert!(on.err.contains("it changes data and not the schema, so that the schema cannot tell"), "{}", on.err);
        assert_eq!(desk.run("--settle done").code, Some(0));
        let mut desk = desk;
        assert_eq!(desk.scratch.query("SELECT filled FROM z").expect("a row"), [[Some(b"1".to_vec())]]);
    }
}

#[test]
fn a_statement_that_failed_behind_rows_of_a_table_without_transactions_is_not_taken_for_undone() {
    for server in servers() {
        for (engine, code) in [("MyISAM", 6), ("InnoDB", 0)] {
            let old = format!("CREATE TABLE `z` (`a` int PRIMARY KEY, `b` int, `u` int UNIQUE) ENGINE={engine};\n");
            let new = old.replace("`b` int", "`b` int, `c` int");
            let rows = "INSERT INTO z (a, b, u) VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3);";
            let mut desk = Desk::new(&server, &format!("{old}{rows}"), &new);
            desk.write(
                "fill.sql",
                "-- alterplan: inverse UPDATE z SET b = a\nUPDATE z SET b = 9, u = IF(a = 2, 3, u) ORDER BY a;",
            );
            let written = desk.alterplan(&format!("diff {} new.sql -o plan.json --data fill.sql", desk.scratch.url()));
            assert_eq!(written.code, Some(0), "{}", written.err);
            let failed = desk.run("");
            assert_eq!(failed.code, Some(6), "{} {engine}: {}", server.target, failed.err);
            assert_eq!(failed.err.contains("some of what it did stays"), engine == "MyISAM", "{}", failed.err);
            let back = desk.run("--undo");
            assert_eq!(back.code, Some(code), "{} {engine}: {}", server.target, back.err);
            if code != 0 {
                let back = desk.run("--undo --settle done");
                assert_eq!(back.code, Some(0), "{} {engine}: {}", server.target, back.err);
            }
            let is = desk.scratch.query("SELECT SUM(a = b), COUNT(*) FROM z").expect("a row");
            assert_eq!(is, [[Some(b"3".to_vec()), Some(b"3".to_vec())]], "{} {engine}", server.target);
        }
    }
}

#[test]
fn ctrl_c_ends_the_statement_and_says_where_things_stand() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        let mut other = server.connect();
        other.query_drop("START TRANSACTION").expect("a transaction");
        other.query_drop(format!("SELECT * FROM {}.a", desk.scratch.name())).expect("rows");
        let child = desk
            .command(&format!("run plan.json --database {} {ALLOW} --lock-wait 50", desk.scratch.url()))
            .spawn()
            .expect("it starts");
        let waits = format!(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = '{}' AND STATE LIKE 'Waiting for table%'",
            desk.scratch.name()
        );
        let (mut watch, began) = (server.connect(), Instant::now());
        while watch.query_first::<u64, _>(&waits).expect("a count") == Some(0) {
            assert!(began.elapsed() < Duration::from_secs(30), "{} does not wait", server.target);
            std::thread::sleep(Duration::from_millis(20));
        }
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().expect("a shell");
        assert!(sent.success());
        let ended = ran(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.code, Some(130), "{}", ended.err);
        other.query_drop("COMMIT").expect("an end");
        assert_eq!(desk.run("").code, Some(0));
        desk.is("new.sql", "gone on with");
    }
}

#[test]
fn locks_that_others_hold() {
    for server in servers() {
        let desk = Desk::planned(&server, OLD, NEW, "");
        let mut other = server.connect();
        let name = desk.scratch.name().to_owned();
        let got: Option<i64> = other.query_first(format!("SELECT GET_LOCK('alterplan.{name}', 0)")).expect("a lock");
        assert_eq!(got, Some(1));
        refused(&desk.run(""), 3, &format!("mysql://root@{}/{name}: somebody else holds the lock", server.place()));
        other.query_drop(format!("SELECT RELEASE_LOCK('alterplan.{name}')")).expect("the lock is given back");
        // Somebody reads the table that a step alters, and does not end.
        other.query_drop("START TRANSACTION").expect("a transaction");
        other.query_drop(format!("SELECT * FROM {name}.a")).expect("rows");
        let ran = desk.run("--lock-wait 1");
        assert!(matches!(ran.code, Some(5 | 6)), "{}", ran.err);
        assert!(ran.err.contains("error 1205"), "{}", ran.err);
        other.query_drop("COMMIT").expect("an end");
        let on = desk.run("");
        assert!(on.code == Some(0) && on.out.ends_with("the plan is done\n"), "{on:?}");
        desk.is("new.sql", "once nobody is in the way");
    }
}

//! Scripts in the place of plans.

use super::desk::{ALLOW, Desk, NEW, OLD, ROWS, is, refused};
use super::proxy::Fate;
use crate::servers::servers;

const SCRIPT: &str = "-- what a release does
SET @who = 'x';
ALTER TABLE `a` ADD COLUMN `k` int;
START TRANSACTION;
UPDATE `a` SET `k` = COALESCE(`k`, 0) + 7, `n` = @who;
INSERT INTO `z` VALUES (1000, 1);
COMMIT;
DELIMITER //
CREATE PROCEDURE `p`() BEGIN SELECT 1; SELECT 2; END//
DELIMITER ;
/*!40101 CREATE TABLE `q` (`id` int NOT NULL, PRIMARY KEY (`id`)) */;
";

#[test]
fn scripts_run_statement_by_statement() {
    for server in servers() {
        let mut desk = Desk::new(&server, &format!("{OLD}{ROWS}"), NEW);
        desk.write("s.sql", SCRIPT);
        let run = format!("run s.sql --database {} -q", desk.scratch.url());
        // Stopped in its transaction, which the server takes back by itself: no row is changed twice.
        let stopped = desk.run_to_its_fate("s.sql", "INSERT INTO `z` VALUES (1000, 1)", Fate::KilledAfter);
        assert_eq!(stopped.code, None, "{}", stopped.err);
        let on = desk.alterplan(&run);
        assert_eq!(on.code, Some(0), "{}: {}", server.target, on.err);
        let rows = desk
            .scratch
            .query("SELECT MIN(k), MAX(k), MIN(n), (SELECT COUNT(*) FROM z), (SELECT COUNT(*) FROM q) FROM a");
        let cells = [b"7".to_vec(), b"7".to_vec(), b"x".to_vec(), b"1".to_vec(), b"0".to_vec()].map(Some);
        assert_eq!(rows.expect("a row"), [cells]);
        is(&desk.alterplan(&run), 0, "nothing is left to do: 8 of 8 steps have run\n", "");

        desk.write("d.sql", "DROP TABLE q;\nTRUNCATE TABLE z;\n");
        let run = format!("run d.sql --database {} -q", desk.scratch.url());
        let dropped = desk.alterplan(&run);
        refused(&dropped, 3, "the plan has hazards that nobody allowed: step 1 (data-loss): d.sql:1: ");
        assert_eq!(desk.alterplan(&format!("{run} {ALLOW}")).code, Some(0));
        let back = desk.alterplan(&format!("{run} --undo"));
        refused(&back, 3, "step 2 cannot be taken back: the script does not say how");

        for (script, said) in [
            ("source more.sql", "w.sql:1: this is a command of the command-line client, which is not followed"),
            ("\nSET autocommit = 0;", "w.sql:2: without autocommit nobody could tell what an interrupted run has done"),
            ("USE mysql;", "w.sql:1: it goes to the database `mysql`, which --database does not name"),
            ("SELECT 'open", "w.sql:1: "),
        ] {
            desk.write("w.sql", script);
            refused(&desk.alterplan(&format!("run w.sql --database {} -q", desk.scratch.url())), 2, said);
        }
        desk.write("w.sql", "ALTER TABLE nosuch ADD a int;");
        refused(
            &desk.alterplan(&format!("run w.sql --database {} -q", desk.scratch.url())),
            3,
            "the plan has hazards that nobody allowed: step 1 (may-fail): w.sql:1: the server is expected to refuse it: error 1146",
        );
    }
}

//! What is written anew, what keeps its place, and what is refused.

use super::*;
use crate::catalog::Session;
use crate::compare::{self, Text};

fn read(sql: &str, target: &str) -> Loaded {
    let target: Target = target.parse().expect("a target");
    let loaded = compare::load(Text { sources: vec![Source::new("a.sql", sql)], target, session: Session::of(target) });
    assert!(loaded.script.errors.is_empty(), "{:?}", loaded.script.errors);
    loaded
}

/// The text anew; `!` and the reason where there is none. A second time changes nothing.
fn written(sql: &str) -> String {
    match rewrite(&read(sql, "mysql:8.4")) {
        Ok(rewritten) => {
            let text = String::from_utf8(rewritten.texts.concat()).expect("UTF-8");
            assert_eq!(text != sql, !rewritten.changed.is_empty(), "{sql}");
            let again = rewrite(&read(&text, "mysql:8.4")).expect("no loss");
            assert_eq!(String::from_utf8_lossy(&again.texts.concat()), text, "a second time");
            text
        }
        Err(losses) => format!("! {}", losses.iter().map(|loss| loss.what.as_str()).collect::<Vec<_>>().join("; ")),
    }
}

const END: &str = ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci";

#[test]
fn what_is_no_definition_stays_byte_for_byte() {
    let around = "-- head\r\n\tSET NAMES utf8mb4 ;\n/*!40101 SET @x = 1 */;\nUSE  shop;\n  # before\n";
    let behind = " -- behind\nINSERT  INTO `t` VALUES ('a;\\'b', 0x00),\n(NULL,2);\n\nALTER TABLE t ADD b  int , ADD KEY (b);\nUPDATE t SET a=1\n";
    let want = format!("{around}CREATE TABLE `t` (\n  `a` int DEFAULT NULL\n{END};{behind}");
    assert_eq!(written(&format!("{around}create table t (a int);{behind}")), want);
}

#[test]
fn comments_stay_at_what_they_are_about() {
    let sql = "\
create table /* one */ t ( -- all of it
  # the key
  id int auto_increment primary key, -- it counts
  /* two
     lines */
  a int /* mid */ not null -- first
    default 1 -- second
  , b int, /* c's */ c int /* before the comma */,
  -- of the index
  key (b), -- unnamed
  unique key u (c) -- last
  -- nothing follows
) comment 'x' /* tail */ -- to the end
  row_format=dynamic;";
    let want = "\
CREATE TABLE `t` ( /* one */ -- all of it
  # the key
  `id` int NOT NULL AUTO_INCREMENT, -- it counts
  /* two
     lines */
  -- first
  `a` int NOT NULL DEFAULT '1', /* mid */ -- second
  `b` int DEFAULT NULL,
  /* c's */
  `c` int DEFAULT NULL, /* before the comma */
  PRIMARY KEY (`id`),
  UNIQUE KEY `u` (`c`), -- last
  -- of the index
  KEY `b` (`b`) -- unnamed
  -- nothing follows
  -- to the end
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci ROW_FORMAT=DYNAMIC COMMENT='x' /* tail */;";
    assert_eq!(written(sql), want);
}

#[test]
fn what_the_writer_said_of_the_statement_is_kept() {
    let lines = |head: &str| format!("{head}\n  `a` int DEFAULT NULL\n{END};");
    assert_eq!(written("create table if not exists t(a int);"), lines("CREATE TABLE IF NOT EXISTS `t` ("));
    assert_eq!(written("create table `sh``op`.`t`(a int);"), lines("CREATE TABLE `sh``op`.`t` ("));
    let crlf = written("create table t (\r\n  a int, -- c\r\n  b int\r\n);\r\n");
    assert_eq!(
        crlf,
        format!("CREATE TABLE `t` (\r\n  `a` int DEFAULT NULL, -- c\r\n  `b` int DEFAULT NULL\r\n{END};\r\n")
    );
    let hint = "CREATE TABLE users (\n  id int,\n  mail varchar(9) -- alterplan: renamed-from email\n);";
    assert!(written(hint).contains("  `mail` varchar(9) DEFAULT NULL -- alterplan: renamed-from email\n"));
}

#[test]
fn statements_that_say_it_otherwise_stay() {
    for sql in [
        "CREATE TABLE t (a int) /* x */;\nCREATE TABLE u LIKE t;",
        "/*!50001 create table t (a int) */;",
        "CREATE OR REPLACE VIEW v AS SELECT 1 AS a;",
        "CREATE DEFINER=`a`@`b` VIEW v AS SELECT /* c */ 1 AS a;",
        "CREATE TEMPORARY TABLE t (a int);",
    ] {
        let text = written(sql);
        assert!(!text.starts_with('!'), "{text}");
        assert_eq!(text.split(";\n").last(), sql.split(";\n").last());
    }
}

#[test]
fn a_comment_without_a_place_is_a_loss() {
    let sql = "create table t (a int, b int,\n  key (a), -- the first\n  key (b));";
    assert_eq!(written(sql), "! the comment `-- the first` would lose its place");
    assert!(
        written(&sql.replace("key (a), -- the first", "key k (a), -- the first"))
            .contains("  KEY `k` (`a`), -- the first\n")
    );
}

#[test]
fn a_literal_with_a_line_end_is_not_another_one_after() {
    let sql = "create table t (\r\n  a int comment 'one\r\ntwo'\r\n);\r\n";
    let text = written(sql);
    assert!(
        text.starts_with('!') || text.contains("COMMENT 'one\\r\\ntwo'") || text.contains("COMMENT 'one\r\ntwo'"),
        "{text}"
    );
}

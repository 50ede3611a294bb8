//! Merges of short texts.

use super::{Conflict, merge};
use crate::source::Source;
use crate::target::Target;

/// The merged text, and what is in conflict.
fn merged(base: &str, ours: &str, theirs: &str) -> (String, Vec<String>) {
    let [base, ours, theirs] = [("base", base), ("ours", ours), ("theirs", theirs)].map(|(n, t)| Source::new(n, t));
    let merged = merge(&base, &ours, &theirs, Target::DEFAULT).expect("all sides can be read");
    let conflicts = merged.conflicts.into_iter().map(|Conflict { object, reason }| format!("{object}: {reason}"));
    (String::from_utf8(merged.text).expect("UTF-8"), conflicts.collect())
}

#[track_caller]
fn clean(base: &str, ours: &str, theirs: &str, want: &str) {
    assert_eq!(merged(base, ours, theirs), (want.to_owned(), Vec::new()));
    // What one side did is done the other way round as well, in another order where both added something.
    let (_, conflicts) = merged(base, theirs, ours);
    assert_eq!(conflicts, Vec::<String>::new());
}

const BASE: &str = "-- shop\nCREATE TABLE users (\n  id int PRIMARY KEY, -- the id\n  name varchar(10),\n  KEY k (name)\n);\n\n\
    INSERT INTO users VALUES (1, 'a');\n";

#[test]
fn what_one_side_did_is_done() {
    let ours = BASE.replace("name varchar(10)", "name varchar(20)");
    let theirs = BASE.replace("INSERT INTO users VALUES (1, 'a');", "INSERT INTO users VALUES (2, 'b');");
    let both = ours.replace("(1, 'a')", "(2, 'b')");
    clean(BASE, &ours, BASE, &ours);
    clean(BASE, BASE, &ours, &ours);
    clean(BASE, &ours, &ours, &ours);
    clean(BASE, &ours, &theirs, &both);
}

#[test]
fn different_columns_do_not_conflict() {
    let ours = BASE.replace("  KEY k", "  email text, -- ours\n  KEY k");
    let theirs = BASE.replace("  name varchar(10),\n", "  name varchar(10),\n  age int COMMENT 'theirs',\n");
    let want = BASE.replace("  KEY k", "  email text, -- ours\n  age int COMMENT 'theirs',\n  KEY k");
    clean(BASE, &ours, &theirs, &want);
    let changed = BASE.replace("varchar(10)", "varchar(30)").replace("KEY k (name)", "KEY k (name, id)");
    let want = changed.replace("  KEY k", "  email text, -- ours\n  KEY k");
    clean(BASE, &ours, &changed, &want);
    let dropped = BASE.replace("  id int PRIMARY KEY, -- the id\n", "  uid int,\n");
    let want = dropped.replace("  KEY k", "  email text, -- ours\n  KEY k");
    clean(BASE, &ours, &dropped, &want);
}

#[test]
fn options_and_last_elements() {
    let base = "CREATE TABLE t (\n  a int\n) COMMENT='x';";
    let ours = "CREATE TABLE t (\n  a int,\n  b int -- ours\n) COMMENT='x';";
    let theirs = "CREATE TABLE t (\n  a int,\n  c int\n) COMMENT='y';";
    clean(base, ours, theirs, "CREATE TABLE t (\n  a int,\n  b int, -- ours\n  c int\n) COMMENT='y';");
    let counter = "CREATE TABLE t (\n  a int\n) AUTO_INCREMENT=7 COMMENT='x';";
    clean(base, counter, theirs, "CREATE TABLE t (\n  a int,\n  c int\n) COMMENT='y';");
}

#[test]
fn new_tables_and_programs_stand_side_by_side() {
    let ours = format!("{BASE}\nCREATE TABLE o (a int);\n");
    let theirs = format!(
        "{BASE}\nCREATE TABLE t (b int);\nDELIMITER ;;\nCREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END;;\nDELIMITER ;\n"
    );
    let (text, conflicts) = merged(BASE, &ours, &theirs);
    assert_eq!(conflicts, Vec::<String>::new());
    assert_eq!(text, theirs.replace("\nCREATE TABLE t ", "\nCREATE TABLE o (a int);\n\nCREATE TABLE t "));
}

#[test]
fn the_same_thing_changed_in_two_ways_is_a_conflict() {
    let ours = BASE.replace("varchar(10)", "varchar(20)");
    let theirs = BASE.replace("varchar(10)", "char(5)");
    let (text, conflicts) = merged(BASE, &ours, &theirs);
    assert_eq!(conflicts, ["table `users`: both sides changed it"]);
    let table = |name: &str| {
        format!("CREATE TABLE users (\n  id int PRIMARY KEY, -- the id\n  name {name},\n  KEY k (name)\n);\n")
    };
    let want = format!(
        "-- shop\n<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n\nINSERT INTO users VALUES (1, 'a');\n",
        table("varchar(20)"),
        table("char(5)")
    );
    assert_eq!(text, want);
}

#[test]
fn changed_on_one_side_and_gone_on_the_other() {
    let gone = "-- shop\n\nINSERT INTO users VALUES (1, 'a');\n";
    let changed = BASE.replace("varchar(10)", "char(5)");
    let (text, conflicts) = merged(BASE, gone, &changed);
    assert_eq!(conflicts, ["table `users`: theirs changed it, ours dropped it"]);
    assert!(text.starts_with("-- shop\n<<<<<<< ours\n=======\nCREATE TABLE users"), "{text}");
    clean(BASE, gone, BASE, gone);
}

#[test]
fn what_the_server_would_refuse_is_a_conflict() {
    let ours = BASE.replace("  name varchar(10),\n  KEY k (name)\n", "  nick int\n");
    let theirs = BASE.replace("  KEY k (name)", "  KEY k (name),\n  KEY k2 (name, id)");
    let (_, conflicts) = merged(BASE, &ours, &theirs);
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    assert!(conflicts[0].starts_with("table `users`: key column 'name' doesn't exist"), "{conflicts:?}");
}

#[test]
fn statements_that_change_a_table_later_count() {
    let base = "CREATE TABLE t (a int);\nALTER TABLE t ADD b int;\n";
    let ours = "CREATE TABLE t (a int, c int);\nALTER TABLE t ADD b int;\n";
    let theirs = "CREATE TABLE t (a int);\nALTER TABLE t ADD b int;\nALTER TABLE t ADD c text;\n";
    let (_, conflicts) = merged(base, ours, theirs);
    assert_eq!(conflicts.len(), 1, "{conflicts:?}");
    clean(
        base,
        ours,
        &theirs.replace("c text", "d int"),
        "CREATE TABLE t (a int, c int);\nALTER TABLE t ADD b int;\nALTER TABLE t ADD d int;\n",
    );
}

#[test]
fn a_side_that_cannot_be_read_is_an_error() {
    let text = |t: &str| Source::new("x", t);
    let error = merge(&text(BASE), &text("CREATE TABLE ("), &text(BASE), Target::DEFAULT).map_err(|e| e.side);
    assert_eq!(error, Err("OURS"));
}

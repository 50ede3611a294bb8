//! `alterplan fmt`.

use std::fs;

use crate::desk::{Desk, NEW, OLD, gzip, run, snapshot};

#[test]
fn fmt_and_check() {
    let desk = Desk::new();
    let canonical = desk.run("fmt new.sql");
    assert_eq!((canonical.code, canonical.err.as_str()), (0, ""));
    snapshot("fmt", &canonical.out);
    desk.write("canonical.sql", &canonical.out);
    assert_eq!(desk.run("fmt canonical.sql"), canonical);
    assert_eq!(desk.run("fmt canonical.sql --check"), run(0, "", ""));
    assert_eq!(desk.run("fmt new.sql --check"), run(1, "would change: table users (new.sql:1)\n", ""));
}

#[test]
fn temporary_tables_are_shown_behind_those_that_last() {
    let desk = Desk::new();
    desk.write("a.sql", "create temporary table t (b int);\ncreate table t (a int);\nalter table t add c int;\n");
    let kept = format!("CREATE TABLE `t` (\n  `a` int DEFAULT NULL\n{END}");
    let hidden = format!("CREATE TEMPORARY TABLE `t` (\n  `b` int DEFAULT NULL,\n  `c` int DEFAULT NULL\n{END}");
    let both = format!("{kept}\n{hidden}\n");
    assert_eq!(desk.run("fmt a.sql"), run(0, &both, ""));
    desk.write("b.sql", &both);
    assert_eq!(desk.run("fmt b.sql"), run(0, &both, ""));
    assert_eq!(desk.run("diff a.sql b.sql --exit-code"), run(0, "", ""));
}

const END: &str = ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;\n";

#[test]
fn write_changes_definitions_alone() {
    let desk = Desk::new();
    let text =
        |table: &str| format!("-- of the shop\nSET NAMES utf8mb4;\n{table}INSERT  INTO t VALUES (1), (\'a;b\');\n");
    desk.write("a.sql", text("create table t (a int, -- one\n  b int);\n"));
    assert_eq!(desk.run("fmt a.sql --check"), run(1, "would change: table t (a.sql:3)\n", ""));
    assert_eq!(desk.run("fmt a.sql --write"), run(0, "changed: table t (a.sql:3)\n", ""));
    let want = text(&format!("CREATE TABLE `t` (\n  `a` int DEFAULT NULL, -- one\n  `b` int DEFAULT NULL\n{END}"));
    assert_eq!(desk.read("a.sql"), want);
    assert_eq!(desk.run("fmt a.sql --check"), run(0, "", ""));
    assert_eq!(desk.run("fmt a.sql --write"), run(0, "", ""));
    assert_eq!(desk.read("a.sql"), want);
}

#[cfg(unix)]
#[test]
fn write_keeps_the_mode_and_the_links_of_a_folder_s_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.write("s/a.sql", "create table a (id int);\nalter table a add b int;\n");
    desk.write("s/deep/b.sql", format!("CREATE TABLE `b` (\n  `id` int DEFAULT NULL\n{END}"));
    let untouched = fs::metadata(desk.path("s/deep/b.sql")).and_then(|what| what.modified()).expect("a time");
    fs::set_permissions(desk.path("s/a.sql"), fs::Permissions::from_mode(0o640)).expect("a mode");
    std::os::unix::fs::symlink("a.sql", desk.path("s/link.txt")).expect("a link");
    assert_eq!(desk.run("fmt s --write"), run(0, "changed: table a (s/a.sql:1)\n", ""));
    assert_eq!(
        desk.read("s/link.txt"),
        format!("CREATE TABLE `a` (\n  `id` int DEFAULT NULL\n{END}alter table a add b int;\n")
    );
    assert_eq!(fs::metadata(desk.path("s/a.sql")).expect("there").permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::metadata(desk.path("s/deep/b.sql")).and_then(|what| what.modified()).expect("a time"), untouched);
    assert_eq!(fs::read_dir(desk.path("s")).expect("a folder").count(), 3, "nothing is left beside");
}

#[test]
fn write_refuses_where_it_would_lose_something() {
    let desk = Desk::new();
    let sql = "create table t (a int, b int,\n  key (a), -- the first\n  key (b));\n";
    desk.write("a.sql", sql);
    let lost = "\
error: the comment `-- the first` would lose its place
 --> a.sql:1:1
  |
1 | create table t (a int, b int,
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: nothing was written, because something would be lost
";
    assert_eq!(desk.run("fmt a.sql --write"), run(3, "", lost));
    assert_eq!(desk.read("a.sql"), sql);
    desk.write("packed.sql", gzip("create table t (a int);"));
    let packed = "error: `packed.sql` is no plain file of UTF-8 text, so it is not rewritten\n";
    assert_eq!(desk.run("fmt packed.sql --write"), run(3, "", packed));
    for source in ["-", "empty:", "git:HEAD:a.sql"] {
        let done = desk.run(&format!("fmt {source} --write"));
        assert_eq!((done.code, done.out.as_str()), (2, ""), "{source}");
    }
    desk.write("bad.sql", "create table t (a int, a int);");
    assert_eq!(desk.run("fmt bad.sql --write").code, 2);
    assert_eq!(desk.run("fmt old.sql --write --check").code, 2);
}

#[test]
fn a_folder_gets_a_file_an_object() {
    let desk = Desk::new();
    let trigger = "CREATE TRIGGER `on_t` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END";
    desk.write("all.sql", format!("create table t (a int, b int);\ncreate table `a/b` (a int);\ndelimiter //\n{trigger}//\ndelimiter ;\ncreate view v as select 1 as a;\n"));
    let made = "new: s/tables/a%2Fb.sql\nnew: s/tables/t.sql\nnew: s/triggers/on_t.sql\nnew: s/views/v.sql\n";
    assert_eq!(desk.run("fmt all.sql --output-dir s"), run(0, made, ""));
    assert_eq!(
        desk.read("s/tables/t.sql"),
        format!("CREATE TABLE `t` (\n  `a` int DEFAULT NULL,\n  `b` int DEFAULT NULL\n{END}")
    );
    assert!(desk.read("s/triggers/on_t.sql").starts_with("DELIMITER ;;\n"));
    assert_eq!(desk.run("diff all.sql s --exit-code"), run(0, "", ""));
    assert_eq!(desk.run("fmt all.sql --output-dir s/"), run(0, "", ""));
    let only = "error: `all.sql` is no folder\n";
    assert_eq!(desk.run("fmt all.sql --output-dir all.sql"), run(2, "", only));
}

#[test]
fn a_pull_keeps_what_people_have_written() {
    let desk = Desk::new();
    let users = "-- Who may log in.\nCREATE TABLE users (\n  id int NOT NULL, -- never reused\n  nick int, -- going\n  PRIMARY KEY (id)\n);\nINSERT INTO users VALUES (1, 2);\n";
    desk.write("s/people/users.sql", users);
    desk.write("s/logs.sql", "create table logs (id int);\n");
    desk.write("s/kept.sql", "create table kept ( id  int );\n");
    desk.write("live.sql", format!("{NEW}CREATE TABLE kept (id int);\nCREATE TABLE fresh (id int);\n"));
    let done = "removed: s/logs.sql\nchanged: s/people/users.sql\nnew: s/tables/fresh.sql\n";
    assert_eq!(desk.run("fmt live.sql --output-dir s"), run(0, done, ""));
    let want = format!(
        "-- Who may log in.\nCREATE TABLE `users` (\n  `id` int NOT NULL, -- never reused\n  `last_login` datetime DEFAULT NULL,\n  PRIMARY KEY (`id`)\n  -- going\n{END}INSERT INTO users VALUES (1, 2);\n"
    );
    assert_eq!(desk.read("s/people/users.sql"), want);
    assert_eq!(desk.read("s/kept.sql"), "create table kept ( id  int );\n", "the same stays as it is written");
    assert!(!desk.path("s/logs.sql").exists());
    assert_eq!(desk.run("diff live.sql s --exit-code"), run(0, "", ""));

    // An object that is gone, in a file with others, is for a person to take out.
    let before = desk.read("s/people/users.sql");
    let gone = desk.run("fmt empty: --output-dir s");
    assert_eq!((gone.code, gone.out.as_str()), (3, ""));
    assert!(gone.err.contains("table `users` is gone, but its file holds more than that"), "{gone:?}");
    // So is one that other statements change.
    desk.write("s/z.sql", "ALTER TABLE users ADD KEY (id);");
    let altered = desk.run("fmt old.sql --output-dir s --target mysql:8.4");
    assert_eq!((altered.code, altered.out.as_str()), (3, ""), "{altered:?}");
    assert_eq!(desk.read("s/people/users.sql"), before);
    assert_eq!(desk.run("fmt bad.sql --output-dir s").code, 2);
    assert_ne!(desk.run(&format!("fmt old.sql --output-dir {}", "s/people")).code, 3, "{OLD}");
}

#[test]
fn triggers_of_one_file_each_tell_their_order() {
    let desk = Desk::new();
    let trigger = |name: &str, order: &str, value: u8| {
        format!("CREATE TRIGGER `{name}` BEFORE INSERT ON `t` FOR EACH ROW {order}SET NEW.a = {value};\n")
    };
    let script = |names: [&str; 3]| {
        let triggers: String = (1..).zip(names).map(|(value, name)| trigger(name, "", value)).collect();
        format!("CREATE TABLE t (a int);\n{triggers}")
    };
    desk.write("live.sql", script(["second", "third", "first"]));
    assert_eq!(desk.run("fmt live.sql --output-dir s").code, 0);
    assert_eq!(desk.read("s/triggers/first.sql"), trigger("first", "", 3));
    assert_eq!(desk.read("s/triggers/second.sql"), trigger("second", "PRECEDES `first` ", 1));
    assert_eq!(desk.read("s/triggers/third.sql"), trigger("third", "FOLLOWS `second` ", 2));
    assert_eq!(desk.run("fmt live.sql --output-dir s"), run(0, "", ""));
    assert_eq!(desk.run("diff live.sql s --exit-code"), run(0, "", ""));

    // Another order is a difference, and a pull takes it over.
    desk.write("other.sql", script(["second", "third", "first"]).replace("`third`", "`zeroth`"));
    assert_eq!(desk.run("diff other.sql s --exit-code").code, 1);
    let moved = "CREATE TABLE t (a int);\n".to_owned()
        + &trigger("first", "", 3)
        + &trigger("second", "", 1)
        + &trigger("third", "", 2);
    desk.write("moved.sql", moved);
    assert_eq!(desk.run("diff moved.sql s --exit-code").code, 1);
    let changed = "changed: s/triggers/second.sql\n";
    assert_eq!(desk.run("fmt moved.sql --output-dir s"), run(0, changed, ""));
    assert_eq!(desk.run("diff moved.sql s --exit-code"), run(0, "", ""));
}

#[test]
fn several_databases_are_folders() {
    let desk = Desk::new();
    desk.write("two.sql", "CREATE DATABASE one;\nUSE one;\nCREATE TABLE t (a int);\nCREATE DATABASE two;\nUSE two;\nCREATE TABLE t (b int);\n");
    let done = desk.run("fmt two.sql --output-dir s");
    assert_eq!(done, run(0, "new: s/one/tables/t.sql\nnew: s/two/tables/t.sql\n", ""));
    assert!(desk.read("s/one/tables/t.sql").starts_with("USE `one`;\n\nCREATE TABLE `t` (\n  `a` int"));
    assert_eq!(desk.run("fmt two.sql --output-dir s"), run(0, "", ""));
}

//! Tables that tools rewrite.

use std::fs;
use std::process::Command;

use mysql::prelude::Queryable as _;

use super::desk::{ALLOW, Desk, is, ran, refused};
use crate::servers::{servers, tell};

const WIDE_OLD: &str = "CREATE TABLE `t,1` (`id` int NOT NULL, `n` int NOT NULL, PRIMARY KEY (`id`));";
const WIDE_NEW: &str = "CREATE TABLE `t,1` (`id` int NOT NULL, `n` bigint NOT NULL, PRIMARY KEY (`id`));";

#[test]
fn pt_online_schema_change_rewrites_tables() {
    let is_there = Command::new("pt-online-schema-change").arg("--version").output().is_ok();
    if !is_there {
        assert_ne!(
            std::env::var("ALTERPLAN_REQUIRE_SERVERS").as_deref(),
            Ok("1"),
            "pt-online-schema-change is required"
        );
        return tell("run: pt-online-schema-change is not there (Debian: percona-toolkit)");
    }
    for server in servers().into_iter().filter(|server| server.target == "mariadb:10.11") {
        let mut desk = Desk::planned(&server, WIDE_OLD, WIDE_NEW, "");
        desk.sql("INSERT INTO `t,1` VALUES (1, 10), (2, 20), (3, 30);");
        let dry = desk.run("--via pt-osc --dry-run");
        let said = "\n-- step 1 is handed to pt-online-schema-change:\n--   ALTER TABLE `t,1`\n--     MODIFY COLUMN `n` bigint(20) NOT NULL\n";
        is(&dry, 0, said, "");
        let ran = desk.run("--via pt-osc");
        is(&ran, 0, "ran 1 step; the plan is done\n", "");
        desk.is("new.sql", "rewritten");
        assert_eq!(desk.scratch.query("SELECT SUM(n) FROM `t,1`").expect("rows"), [[Some(b"60".to_vec())]]);
        // It cannot rename keys of others, and says so before anything runs.
        let old =
            format!("{WIDE_OLD}CREATE TABLE k (id int NOT NULL, CONSTRAINT f FOREIGN KEY (id) REFERENCES `t,1` (id));");
        let new =
            format!("{WIDE_NEW}CREATE TABLE k (id int NOT NULL, CONSTRAINT f FOREIGN KEY (id) REFERENCES `t,1` (id));");
        let desk = Desk::planned(&server, &old, &new, "");
        refused(
            &desk.run("--via pt-osc"),
            3,
            "step 1 cannot be handed to pt-online-schema-change: the table has foreign keys",
        );
    }
}

/// Stands in for a tool: writes down what it was called with, and whether the password's file is for its user alone.
const STAND_IN: &str = "#!/bin/sh
[ \"$1\" = --version ] && exit 0
for argument; do
  case $argument in --conf=*) file=${argument#--conf=} ;; esac
  printf '%s\\n' \"$argument\" >>called
done
stat -c %a \"$file\" >mode; cat \"$file\" >conf
echo 'it does nothing' >&2
exit 7
";

#[cfg(unix)]
#[test]
fn gh_ost_is_called_without_the_password() {
    use std::os::unix::fs::PermissionsExt as _;
    for server in servers() {
        let desk = Desk::planned(&server, WIDE_OLD, WIDE_NEW, "");
        desk.write("gh-ost", STAND_IN);
        fs::set_permissions(desk.folder.path().join("gh-ost"), fs::Permissions::from_mode(0o755)).expect("rights");
        let mut conn = server.connect();
        let (user, name) = (format!("ghost{}", std::process::id()), desk.scratch.name().to_owned());
        // An anonymous account of this machine would come before one of all machines.
        for host in ["localhost", "%"] {
            for sql in ["DROP USER IF EXISTS @", "CREATE USER @ IDENTIFIED BY 'se\"cr#t'", "GRANT ALL ON *.* TO @"] {
                conn.query_drop(sql.replace('@', &format!("{user}@'{host}'"))).expect("an account");
            }
        }
        let path = format!("{}:{}", desk.folder.path().display(), std::env::var("PATH").unwrap_or_default());
        let url = format!("mysql://{user}:se%22cr%23t@{}/{name}", server.place());
        let output =
            desk.command(&format!("run plan.json --via gh-ost {ALLOW} --database {url}")).env("PATH", path).output();
        conn.query_drop(format!("DROP USER {user}@'%', {user}@'localhost'")).expect("no account");
        let ran = ran(output.expect("it runs"));
        assert_eq!(ran.code, Some(5), "{}", ran.err);
        assert!(ran.err.contains("gh-ost ended with exit status: 7: it does nothing"), "{}", ran.err);
        let read = |file: &str| fs::read_to_string(desk.folder.path().join(file)).expect("written down");
        let (host, port) = server.place().rsplit_once(':').map(|(h, p)| (h.to_owned(), p.to_owned())).expect("a place");
        // MariaDB prints widths of integers.
        let called = read("called").replace("bigint(20)", "bigint");
        let (conf, rest): (Vec<&str>, Vec<&str>) = called.lines().partition(|line| line.starts_with("--conf="));
        assert_eq!(conf.len(), 1);
        assert_eq!(
            rest,
            [
                "--execute",
                "--allow-on-master",
                "--ok-to-drop-table",
                &format!("--host={host}"),
                &format!("--port={port}"),
                &format!("--database={name}"),
                "--table=t,1",
                "--alter=MODIFY COLUMN `n` bigint NOT NULL",
            ]
        );
        assert_eq!(read("mode"), "600\n");
        assert_eq!(
            read("conf"),
            format!("[client]\nuser=\"{user}\"\npassword=\"se\\\"cr#t\"\nhost=\"{host}\"\nport=\"{port}\"\n")
        );
        assert!(!std::path::Path::new(&conf[0]["--conf=".len()..]).exists(), "the file is gone with the tool");
        desk.is("old.sql", "nothing was rewritten");
    }
}

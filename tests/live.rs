//! Live servers as sources: what is read of them is what they show, and what cannot be read is said.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;

use alterplan::live::{self, Address};
use mysql::prelude::Queryable as _;
use support::servers::{Scratch, Server, servers};

pub mod support {
    //! What the tests on real servers stand on.
    pub mod servers;
}

/// Every kind of object that both vendors have, with names and bodies that are easily cut in the wrong place.
const EVERYTHING: &str = "
CREATE TABLE `parent` (`id` int NOT NULL AUTO_INCREMENT, `na``me` varchar(20) DEFAULT 'it''s; \\\\ ' COMMENT 'ä;', PRIMARY KEY (`id`));
CREATE TABLE `child` (`id` int NOT NULL, `p` int, PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`p`) REFERENCES `parent` (`id`));
CREATE TABLE `empty;name` (`a` timestamp NULL);
INSERT INTO `parent` VALUES (41, 'x');
CREATE VIEW `z_base` AS SELECT `id` FROM `parent`;
CREATE VIEW `a_over` AS SELECT `id` + 1 AS `x` FROM `z_base`;
DELIMITER $$
CREATE FUNCTION `plus`(x int) RETURNS int DETERMINISTIC RETURN x + 1$$
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'$$
CREATE PROCEDURE `quoting`() BEGIN SELECT \"id\" FROM \"parent\"; SELECT '\\'; END$$
SET sql_mode = DEFAULT$$
CREATE TRIGGER `second` BEFORE INSERT ON `parent` FOR EACH ROW BEGIN SET NEW.id = NEW.id; END$$
CREATE TRIGGER `first` BEFORE INSERT ON `parent` FOR EACH ROW SET NEW.id = NEW.id$$
CREATE EVENT `nightly` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO BEGIN DELETE FROM `child`; END$$
DELIMITER ;
";

/// What only MariaDB has.
const MARIADB: &str = "
CREATE SEQUENCE `numbers` START WITH 5;
CREATE TABLE `kept` (`a` int) WITH SYSTEM VERSIONING;
SET sql_mode = ORACLE;
DELIMITER $$
CREATE PACKAGE `pack` AS PROCEDURE `p`(); END$$
CREATE PACKAGE BODY `pack` AS PROCEDURE `p`() AS BEGIN SELECT 1; END; END$$
DELIMITER ;
";

fn filled(server: &Server) -> Scratch {
    let scratch = server.scratch();
    scratch.run(EVERYTHING).expect("the server takes it");
    if server.target.starts_with("mariadb") {
        scratch.run(MARIADB).expect("the server takes it");
    }
    scratch
}

fn alterplan(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_alterplan"))
        .args(args)
        .env_remove("ALTERPLAN_PASSWORD")
        .output()
        .expect("the binary runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_live_schema_is_read_with_every_kind_of_object() {
    for server in servers() {
        let mut scratch = filled(&server);
        let address = Address::parse(&scratch.url()).expect("an address");
        let mut seen = Vec::new();
        let snapshot = live::read(&address, &mut |progress| seen.push(progress.done)).expect("readable");
        let script = String::from_utf8(snapshot.source.text.to_vec()).expect("UTF-8");
        let objects = scratch.objects();
        for (key, text) in &objects {
            // Packages are read besides, and events show when they began.
            let text = text.replace("STARTS '…'", "STARTS '2030-01-01 00:00:00'");
            assert!(script.contains(&text), "{} {key:?}: {text}\n{script}", server.target);
        }
        let packages = if server.target.starts_with("mariadb") { 2 } else { 0 };
        assert_eq!(snapshot.objects, objects.len() + packages, "{script}");
        assert!(seen.len() >= snapshot.objects);
        let place = |text: &str| script.find(text).unwrap_or_else(|| panic!("{text} is missing in {script}"));
        assert!(place("VIEW `z_base`") < place("VIEW `a_over`"));
        let trigger = |name: &str| script.to_lowercase().find(&format!("trigger `{name}`")).expect("a trigger");
        assert!(trigger("second") < trigger("first"), "in the order in which they fire");
        assert_eq!(snapshot.facts.version, server.version);
    }
}

#[test]
fn a_live_schema_is_a_source() {
    for server in servers() {
        let scratch = server.scratch();
        scratch
            .run("CREATE TABLE `t` (`id` int NOT NULL, PRIMARY KEY (`id`)) CHARSET=utf8mb4;")
            .expect("the server takes it");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("dump.sql");
        let printed = alterplan(&["fmt", &scratch.url(), "-v"]);
        assert_eq!(printed.status.code(), Some(0), "{}", said(&printed));
        let version = server.version.split('-').next().unwrap_or_default();
        let vendor = server.target.split(':').next().unwrap_or_default();
        assert!(said(&printed).contains(&format!("is read as {vendor}:{version}\n")), "{}", said(&printed));
        std::fs::write(&file, &printed.stdout).expect("a file");
        let file = file.to_string_lossy();
        let same = alterplan(&["diff", &scratch.url(), &file, "--exit-code"]);
        assert_eq!((same.status.code(), said(&same).as_str()), (Some(0), ""));
        scratch.run("ALTER TABLE `t` ADD `b` int;").expect("the server takes it");
        let differs = alterplan(&["diff", &file, &scratch.url(), "--exit-code", "--format", "sql"]);
        assert_eq!(differs.status.code(), Some(1));
        let sql = String::from_utf8_lossy(&differs.stdout);
        assert!(sql.contains("ADD COLUMN `b` int"), "{sql}");
    }
}

/// Foreign keys that no server makes, and that are there because what they refer to changed without `foreign_key_checks`.
const PARTED: &str = "
SET foreign_key_checks = 0;
CREATE TABLE `parent` (`name` varchar(20) CHARACTER SET latin1, UNIQUE KEY `name` (`name`));
CREATE TABLE `child` (`name` varchar(20) CHARACTER SET latin1, KEY `name` (`name`), CONSTRAINT `of` FOREIGN KEY (`name`) REFERENCES `parent` (`name`));
";

#[test]
fn a_foreign_key_that_is_there_is_read_whatever_it_joins() {
    for server in servers() {
        let scratch = server.scratch();
        scratch.run(PARTED).expect("the server takes it");
        let parting = match server.target.starts_with("mysql") {
            true => "ALTER TABLE `child` MODIFY `name` varchar(20) CHARACTER SET utf8mb4",
            false => "ALTER TABLE `parent` DROP KEY `name`",
        };
        scratch.run(format!("SET foreign_key_checks = 0; {parting};")).expect("the server takes it");
        let url = scratch.url();
        let same = alterplan(&["diff", &url, &url, "--exit-code", "--strict"]);
        assert_eq!(same.status.code(), Some(0), "{}: {}", server.target, said(&same));
        let gone = alterplan(&["diff", &url, "empty:", "--exit-code", "--strict"]);
        assert_eq!(gone.status.code(), Some(1), "{}: {}", server.target, said(&gone));
    }
}

#[test]
fn a_live_schema_is_pulled_into_a_folder() {
    for server in servers() {
        let scratch = filled(&server);
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("schema").to_string_lossy().into_owned();
        let pull = || {
            let done = alterplan(&["fmt", &scratch.url(), "--output-dir", &place]);
            assert_eq!((done.status.code(), said(&done).as_str()), (Some(0), ""), "{}", server.target);
            String::from_utf8(done.stdout).expect("UTF-8").replace(&format!("{place}/"), "")
        };
        let same = || {
            let done = alterplan(&["diff", &scratch.url(), &place, "--exit-code", "--policy", "definer=apply"]);
            assert_eq!((done.status.code(), said(&done).as_str()), (Some(0), ""), "{}", server.target);
        };
        let made = pull();
        assert!(made.starts_with("new: events/nightly.sql\nnew: functions/plus.sql\n"), "{made}");
        assert!(
            made.contains("new: tables/empty%3Bname.sql\n") && made.contains("new: triggers/first.sql\n"),
            "{made}"
        );
        same();
        assert_eq!(pull(), "", "nothing has changed");
        // What people write into the files stays, whatever becomes of the table.
        let file = format!("{place}/tables/child.sql");
        let written =
            std::fs::read_to_string(&file).expect("a file").replace("  `p` int", "  -- the parent\n  `p` int");
        std::fs::write(&file, format!("-- Children.\n{written}")).expect("a file");
        assert_eq!(pull(), "", "a comment is no difference");
        scratch.run("ALTER TABLE `child` ADD `q` int FIRST; DROP VIEW `a_over`;").expect("the server takes it");
        assert_eq!(pull(), "changed: tables/child.sql\nremoved: views/a_over.sql\n");
        let now = std::fs::read_to_string(&file).expect("a file");
        assert!(
            now.starts_with("-- Children.\nCREATE TABLE `child` (\n  `q` int")
                && now.contains("  -- the parent\n  `p` int"),
            "{now}"
        );
        same();
    }
}

#[test]
fn several_databases_keep_their_names() {
    for server in servers() {
        let (one, two) = (server.scratch(), server.scratch());
        one.run("CREATE TABLE `t` (`a` int);").expect("the server takes it");
        two.run("CREATE TABLE `u` (`a` int);").expect("the server takes it");
        let done = alterplan(&["fmt", &server.url("root", &format!("{},{}", one.name(), two.name()))]);
        let printed = String::from_utf8_lossy(&done.stdout);
        for text in [format!("USE `{}`;", one.name()), format!("CREATE DATABASE `{}`", two.name())] {
            assert!(printed.contains(&text), "{printed}{}", said(&done));
        }
    }
}

#[test]
fn who_may_not_see_all_is_told_so() {
    for server in servers() {
        let scratch = filled(&server);
        let user = format!("{}_u", &scratch.name()[10..]);
        let mut root = server.connect();
        let mut run = |sql: String| root.query_drop(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        run(format!("DROP USER IF EXISTS {user}@'%'"));
        run(format!("CREATE USER {user}@'%' IDENTIFIED BY 'geheim'"));
        let url = server.url(&format!("{user}:geheim"), scratch.name());
        let url = url.as_str();
        let none = alterplan(&["fmt", url]);
        run(format!("GRANT SELECT ON {}.* TO {user}@'%'", scratch.name()));
        let some = alterplan(&["fmt", url]);
        run(format!("GRANT TRIGGER, EVENT, SHOW VIEW, EXECUTE ON {}.* TO {user}@'%'", scratch.name()));
        let bodies = alterplan(&["fmt", url]);
        let reader = if server.target.starts_with("mysql") { "SHOW_ROUTINE ON *.*" } else { "SELECT ON mysql.proc" };
        run(format!("GRANT {reader} TO {user}@'%'"));
        let all = alterplan(&["fmt", url]);
        let wrong = alterplan(&["fmt", &url.replace("geheim", "falsch")]);
        run(format!("DROP USER {user}@'%'"));
        for (output, what) in [
            (&none, "or the user may not see it"),
            (&some, "would take for absent what is there: TRIGGER, EVENT, EXECUTE missing"),
            (&bodies, "is not shown to the user"),
            (&wrong, "lets nobody in"),
        ] {
            let said = said(output);
            assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
            assert!(said.contains(what), "{} {what}: {said}", server.target);
            assert!(!said.contains("geheim") && !said.contains("falsch"), "{said}");
        }
        assert_eq!(all.status.code(), Some(0), "{}", said(&all));
    }
}

#[test]
fn a_password_comes_from_the_environment_or_a_file() {
    for server in servers() {
        let scratch = server.scratch();
        scratch.run("CREATE TABLE `t` (`a` int);").expect("the server takes it");
        let user = format!("{}_p", &scratch.name()[10..]);
        let mut root = server.connect();
        let mut run = |sql: String| root.query_drop(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        run(format!("DROP USER IF EXISTS {user}@'%'"));
        run(format!("CREATE USER {user}@'%' IDENTIFIED BY 'ge heim'"));
        run(format!("GRANT ALL ON {}.* TO {user}@'%'", scratch.name()));
        let url = server.url(&user, scratch.name());
        let environment = Command::new(env!("CARGO_BIN_EXE_alterplan"))
            .args(["fmt", &url])
            .env("ALTERPLAN_PASSWORD", "ge heim")
            .output()
            .expect("the binary runs");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("my.cnf");
        std::fs::write(&file, "[client]\npassword = 'ge heim'\n").expect("a file");
        let defaults = alterplan(&["fmt", &format!("{url}?defaults-file={}", file.display())]);
        run(format!("DROP USER {user}@'%'"));
        for output in [environment, defaults] {
            assert_eq!(output.status.code(), Some(0), "{}", said(&output));
        }
    }
}

#[test]
fn a_server_that_goes_away_ends_the_reading_with_a_word() {
    for server in servers() {
        let scratch = filled(&server);
        let whole = alterplan(&["fmt", &scratch.url()]);
        for bytes in [0, 40, 200, 700, 2_500, 4_000] {
            let place = cutting_proxy(&server.place(), bytes);
            let output = alterplan(&["fmt", &scratch.url().replace(&server.place(), &place)]);
            let said = said(&output);
            if output.status.code() == Some(0) {
                assert_eq!(output.stdout, whole.stdout, "all of it or nothing");
                continue;
            }
            assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "after {bytes} bytes: {said}");
            assert!(said.starts_with("error: ") && said.contains("connect"), "after {bytes} bytes: {said}");
        }
    }
}

/// A proxy on loopback for one connection, which it cuts when the server has sent so many bytes.
fn cutting_proxy(server: &str, bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let server = server.to_owned();
    thread::spawn(move || {
        let (client, _) = listener.accept().expect("a client");
        let upstream = TcpStream::connect(server).expect("the server");
        let (mut from_client, mut to_server) =
            (client.try_clone().expect("a stream"), upstream.try_clone().expect("a stream"));
        thread::spawn(move || {
            // Whichever side goes first ends it.
            let _ = std::io::copy(&mut from_client, &mut to_server);
        });
        let (mut left, mut buffer) = (bytes, [0; 256]);
        let (mut upstream, mut client) = (upstream, client);
        while left > 0 {
            let most = left.min(buffer.len());
            let Ok(read @ 1..) = upstream.read(&mut buffer[..most]) else { break };
            left -= read;
            if client.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = upstream.shutdown(Shutdown::Both);
    });
    place
}

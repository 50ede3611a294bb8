//! `prove` on real servers: what holds, what does not, and that nothing stays behind.

use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use mysql::prelude::Queryable as _;
use support::servers::{Server, servers};
use tempfile::TempDir;

pub mod support {
    //! What the tests on real servers stand on.
    pub mod servers;
}

const OLD: &str = "
CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT, `n` varchar(20), PRIMARY KEY (`id`));
CREATE TABLE `b` (`id` int NOT NULL, `a` int, PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`a`) REFERENCES `a` (`id`));
";
const NEW: &str = "
CREATE TABLE `b` (`id` int NOT NULL, `a` int, PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`a`) REFERENCES `a` (`id`) ON DELETE CASCADE);
CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT, `n` varchar(40), `more` int, PRIMARY KEY (`id`), KEY `n` (`n`));
CREATE TABLE `c` (`id` int NOT NULL, PRIMARY KEY (`id`));
";

fn desk(old: &str, new: &str) -> TempDir {
    let desk = tempfile::tempdir().expect("a folder");
    fs::write(desk.path().join("old.sql"), old).expect("a file");
    fs::write(desk.path().join("new.sql"), new).expect("a file");
    desk
}

fn start(desk: &TempDir, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_alterplan"))
        .args(args)
        .current_dir(desk.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs")
}

fn alterplan(desk: &TempDir, args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = start(desk, args).wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// The scratch databases of a process.
fn left_behind(server: &Server, process: u32) -> Vec<String> {
    server.connect().query(format!("SHOW DATABASES LIKE 'alterplan\\_prove\\_{process}\\_%'")).expect("a list")
}

#[test]
fn a_plan_that_holds_is_proven_there_and_back() {
    for server in servers() {
        let desk = desk(OLD, NEW);
        let (code, out, err) = alterplan(&desk, &["prove", "old.sql", "new.sql", "--server", &server.url("root", "")]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{}: {out}", server.target);
        assert!(out.starts_with(&format!("proven on {}", server.target)), "{out}");
        assert!(out.ends_with("lead to NEW; and the inverse leads back\n"), "{out}");
    }
}

#[test]
fn a_plan_file_is_proven_on_what_it_starts_from() {
    for server in servers() {
        let desk = desk(OLD, NEW);
        let scratch = server.scratch();
        scratch.run(OLD).expect("the server takes it");
        let url = scratch.url();
        let written = alterplan(&desk, &["diff", &url, "new.sql", "-o", "plan.yaml"]);
        assert_eq!(written.0, Some(0), "{}", written.2);
        let (code, out, err) = alterplan(&desk, &["prove", "plan.yaml", "--server", &url]);
        assert_eq!((code, err.as_str()), (Some(0), ""), "{}: {out}", server.target);
        scratch.run("ALTER TABLE `a` MODIFY `n` varchar(21);").expect("the server takes it");
        let (code, out, err) = alterplan(&desk, &["prove", "plan.yaml", "--server", &url]);
        assert_eq!((code, out.as_str()), (Some(3), ""));
        let want =
            "error: the schema is not the one that the plan starts from: table `a` is another than in the plan\n";
        assert!(err.starts_with(want), "{err}");
    }
}

#[test]
fn a_plan_that_leads_elsewhere_is_a_finding_and_leaves_nothing() {
    for server in servers() {
        let desk = desk(OLD, NEW);
        let scratch = server.scratch();
        scratch.run(OLD).expect("the server takes it");
        let url = scratch.url();
        alterplan(&desk, &["diff", &url, "new.sql", "-o", "plan.json"]);
        let plan = fs::read_to_string(desk.path().join("plan.json")).expect("a plan");
        let spoilt = plan.replace("varchar(40)", "varchar(41)");
        assert_ne!(plan, spoilt);
        fs::write(desk.path().join("plan.json"), spoilt).expect("a file");
        let child = start(&desk, &["prove", "plan.json", "--server", &url]);
        let process = child.id();
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(left_behind(&server, process), [""; 0]);
    }
}

/// Two programs of each kind in one session and in another, as dumps tell them.
fn programs(first: &str, second: &str) -> String {
    let set = |(client, collation, sql_mode): (&str, &str, &str)| {
        format!(
            "SET character_set_client = {client};\nSET collation_connection = {collation};\nSET sql_mode = '{sql_mode}';\n"
        )
    };
    let session = |name: &str| match name {
        "strict" => set(("utf8mb4", "utf8mb4_bin", "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION")),
        "ansi" => set(("latin1", "latin1_swedish_ci", "ANSI")),
        _ => String::new(),
    };
    let (first, second) = (session(first), session(second));
    format!(
        "CREATE TABLE `t` (`a` int, `b` varchar(20));
{first}DELIMITER //
CREATE FUNCTION `f`(x int) RETURNS int DETERMINISTIC RETURN x//
CREATE PROCEDURE `p`() COMMENT 'one' BEGIN SELECT 'a' || 'b'; END//
CREATE TRIGGER `x` BEFORE INSERT ON `t` FOR EACH ROW BEGIN SET NEW.b = 'it''s; x'; END//
CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE DO SELECT 1//
DELIMITER ;
{second}SET character_set_client = utf8mb4;
CREATE TRIGGER `y` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a = 'größe';
CREATE EVENT `z` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE COMMENT 'z' DO SELECT 2;
"
    )
}

#[test]
fn programs_are_made_in_the_session_that_both_sides_tell() {
    for server in servers() {
        let (old, new) = (programs("strict", "ansi"), programs("ansi", "strict"));
        let (old_there, new_there) = (server.scratch(), server.scratch());
        let desk = desk(&old, &new);
        old_there.run(&old).expect("the server takes it");
        new_there.run(&new).expect("the server takes it");
        // What the server tells is what the file tells.
        for (url, file) in [(old_there.url(), "old.sql"), (new_there.url(), "new.sql")] {
            let (code, out, err) = alterplan(&desk, &["diff", &url, file, "--exit-code", "--policy", "definer=ignore"]);
            assert_eq!((code, out.as_str()), (Some(0), ""), "{}: {err}", server.target);
        }
        for (old, new) in [("old.sql", "new.sql"), ("new.sql", "old.sql")] {
            let (code, out, err) = alterplan(&desk, &["prove", old, new, "--server", &server.url("root", "")]);
            assert_eq!((code, err.as_str()), (Some(0), ""), "{}: {out}", server.target);
            assert!(out.ends_with("lead to NEW; and the inverse leads back\n"), "{out}");
        }
        // The plan's own script, run as it is, leaves nothing to do; and so does its run with a journal, forth and back.
        let (one, other) = (old_there.url(), new_there.url());
        let differs = |expected: bool| {
            let (code, out, err) = alterplan(&desk, &["diff", &one, &other, "--exit-code"]);
            assert_eq!(code, Some(i32::from(expected)), "{}: {out}{err}", server.target);
        };
        let (code, _, err) = alterplan(&desk, &["diff", &one, &other, "-o", "plan.json"]);
        assert_eq!(code, Some(0), "{err}");
        let run = ["run", "plan.json", "--database", &one, "--allow", "all"];
        let (code, out, err) = alterplan(&desk, &run);
        assert_eq!(code, Some(0), "{}: {out}{err}", server.target);
        differs(false);
        let (code, out, err) = alterplan(&desk, &[&run[..], &["--undo"]].concat());
        assert_eq!(code, Some(0), "{}: {out}{err}", server.target);
        differs(true);
        let (code, script, err) = alterplan(&desk, &["diff", &one, &other, "--format", "sql"]);
        assert_eq!(code, Some(0), "{err}");
        old_there.run(&script).expect("the server takes it");
        differs(false);
    }
}

#[test]
fn a_session_that_one_side_does_not_tell_is_no_difference() {
    let (told, untold) = (programs("ansi", "strict"), programs("", ""));
    let desk = desk(&told, &untold);
    for (old, new) in [("old.sql", "new.sql"), ("new.sql", "old.sql")] {
        let (code, out, err) = alterplan(&desk, &["diff", old, new, "--exit-code"]);
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
    }
}

#[test]
fn an_interrupted_proof_drops_what_it_made() {
    for server in servers() {
        let mut old = String::new();
        for number in 0..2_000 {
            let _ = writeln!(old, "CREATE TABLE `t{number}` (`id` int NOT NULL, PRIMARY KEY (`id`));");
        }
        let desk = desk(&old, "");
        let mut child = start(&desk, &["prove", "new.sql", "old.sql", "--server", &server.url("root", "")]);
        let process = child.id();
        let began = Instant::now();
        while left_behind(&server, process).is_empty() {
            assert!(began.elapsed() < Duration::from_secs(60), "{} makes no scratch database", server.target);
            assert_eq!(
                child.try_wait().expect("a state"),
                None,
                "{} ended before it could be interrupted",
                server.target
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {process}")]).status().expect("a shell");
        assert!(sent.success());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "error: interrupted\n");
        assert_eq!(left_behind(&server, process), [""; 0]);
    }
}

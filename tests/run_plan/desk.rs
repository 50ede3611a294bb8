//! A folder with two schemas, and a database that holds the old one.

use std::fs;
use std::process::{Command, Output, Stdio};

use mysql::prelude::Queryable as _;
use tempfile::TempDir;

use crate::servers::{Scratch, Server};

pub(super) const OLD: &str = "
CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT, `n` varchar(20), PRIMARY KEY (`id`));
CREATE TABLE `b` (`id` int NOT NULL, `a` int, PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`a`) REFERENCES `a` (`id`));
CREATE TABLE `z` (`id` int NOT NULL, `more` int, PRIMARY KEY (`id`));
";
pub(super) const NEW: &str = "
CREATE TABLE `b` (`id` int NOT NULL, `a` int, PRIMARY KEY (`id`), CONSTRAINT `up` FOREIGN KEY (`a`) REFERENCES `a` (`id`) ON DELETE CASCADE);
CREATE TABLE `a` (`id` int NOT NULL AUTO_INCREMENT, `n` varchar(40), `more` int, PRIMARY KEY (`id`), KEY `n` (`n`));
CREATE TABLE `c` (`id` int NOT NULL, PRIMARY KEY (`id`));
CREATE TABLE `z` (`id` int NOT NULL, `more` int, PRIMARY KEY (`id`));
CREATE VIEW `v` AS SELECT `id` FROM `a`;
";
pub(super) const ROWS: &str = "INSERT INTO `a` (`n`) VALUES ('x'), ('y'); INSERT INTO `b` VALUES (1, 1), (2, NULL);";

/// A folder with two schemas, a plan between them, and a database that holds the old one.
pub(super) struct Desk {
    pub(super) folder: TempDir,
    pub(super) scratch: Scratch,
    pub(super) server: Server,
}

#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Desk {
    pub(super) fn new(server: &Server, old: &str, new: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let scratch = server.scratch();
        let desk = Self { folder, scratch, server: server.clone() };
        desk.write("old.sql", old);
        desk.write("new.sql", new);
        desk.sql(old);
        desk
    }

    /// The same with `plan.json` from old to new.
    pub(super) fn planned(server: &Server, old: &str, new: &str, more: &str) -> Self {
        let desk = Self::new(server, old, new);
        let written = desk.alterplan(&format!("diff {} new.sql -o plan.json {more}", desk.scratch.url()));
        assert_eq!(written.code, Some(0), "{}", written.err);
        desk
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file");
    }

    pub(super) fn sql(&self, script: &str) {
        self.scratch.run(script).unwrap_or_else(|error| panic!("{}: {error:?}", self.server.target));
    }

    pub(super) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_alterplan"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.folder.path())
            .env_remove("ALTERPLAN_PASSWORD")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(super) fn alterplan(&self, arguments: &str) -> Ran {
        ran(self.command(arguments).output().expect("it runs"))
    }

    /// `run plan.json` with everything allowed but what depends on rows.
    pub(super) fn run(&self, more: &str) -> Ran {
        self.alterplan(&format!("run plan.json --database {} {ALLOW} {more}", self.scratch.url()))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    #[track_caller]
    pub(super) fn is(&self, schema: &str, context: &str) {
        // How the server prints a view is not what is tested here.
        let found = self.alterplan(&format!("diff {} {schema} --exit-code --ignore ^v$", self.scratch.url()));
        assert_eq!(found.code, Some(0), "{} {context}: not {schema}: {}{}", self.server.target, found.out, found.err);
    }

    #[track_caller]
    pub(super) fn has_view(&self, is_there: bool) {
        let sql =
            format!("SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '{}'", self.scratch.name());
        assert_eq!(self.server.connect().query_first::<u32, _>(sql).expect("a count"), Some(u32::from(is_there)));
    }

    pub(super) fn statements(&self) -> Vec<String> {
        let plan = fs::read_to_string(self.folder.path().join("plan.json")).expect("a plan");
        let plan: serde_json::Value = serde_json::from_str(&plan).expect("JSON");
        let steps = plan["steps"].as_array().expect("steps");
        steps.iter().map(|step| step["sql"].as_str().expect("a statement").to_owned()).collect()
    }
}

pub(super) const ALLOW: &str = "--allow data-loss,incompatible,semantics";

pub(super) fn ran(output: Output) -> Ran {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

#[track_caller]
pub(super) fn is(ran: &Ran, code: i32, out: &str, err: &str) {
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(code), out, err));
}

#[track_caller]
pub(super) fn refused(ran: &Ran, code: i32, begins: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (Some(code), ""), "{}", ran.err);
    assert!(ran.err.starts_with(&format!("error: {begins}")), "{}", ran.err);
}

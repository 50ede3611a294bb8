//! Tables rewritten by somebody else's tool: pt-online-schema-change or gh-ost, in the place of the server's own ALTER.
//!
//! A tool copies the rows into a new table beside the old one and lets the two change names. What it says of itself is not
//! believed: the schema is looked at afterwards, as after a lost connection. It is given the password in a file that only
//! this user reads, never on its command line.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::database::LiveDatabase;
use super::error::{RunError, RunErrorKind};
use super::step::{Database, Move, Refusal, StepStanding, Way, find};
use crate::document::{Action, Algorithm, HazardKind, Plan, Step};
use crate::ident::{Literal, Quoted};
use crate::live::{Address, TlsMode};

/// By what tables are rewritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Via {
    /// By the server.
    #[default]
    Direct,
    /// By Percona's pt-online-schema-change.
    PtOsc,
    /// By gh-ost.
    GhOst,
}

impl Via {
    /// The program's name.
    pub const fn program(self) -> Option<&'static str> {
        match self {
            Self::Direct => None,
            Self::PtOsc => Some("pt-online-schema-change"),
            Self::GhOst => Some("gh-ost"),
        }
    }

    /// Whether a step is handed over: one that writes its table anew.
    pub fn takes(self, step: &Step) -> bool {
        self != Self::Direct
            && step.action == Action::Alter
            && step.object.kind == "table"
            && (step.algorithm == Some(Algorithm::Copy) || step.rebuilds_table)
    }

    /// The command line that a step is handed over with; the file in it holds where the server is and who asks.
    fn arguments(self, address: &Address, file: &str, database: &str, table: &str, change: &str) -> Vec<String> {
        match self {
            Self::Direct => Vec::new(),
            Self::PtOsc => {
                let encrypted = if address.tls > TlsMode::Preferred { ",s=1" } else { "" };
                let dsn =
                    format!("F={},D={},t={},A=utf8mb4{encrypted}", escaped(file), escaped(database), escaped(table));
                vec!["--execute".to_owned(), "--alter".to_owned(), change.to_owned(), dsn]
            }
            Self::GhOst => {
                let mut arguments: Vec<String> =
                    ["--execute", "--allow-on-master", "--ok-to-drop-table"].map(str::to_owned).into();
                let mut set = |name: &str, value: &str| arguments.push(format!("--{name}={value}"));
                set("conf", file);
                set("host", &address.host);
                set("port", &address.port.to_string());
                set("database", database);
                set("table", table);
                set("alter", change);
                if address.tls > TlsMode::Preferred {
                    arguments.push("--ssl".to_owned());
                    if address.tls < TlsMode::VerifyCa {
                        arguments.push("--ssl-allow-insecure".to_owned());
                    }
                    if let Some(ca) = &address.tls_ca {
                        arguments.push(format!("--ssl-ca={}", ca.display()));
                    }
                }
                arguments
            }
        }
    }
}

/// A value in a DSN of Percona's tools.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=")
}

/// A database whose tables are rewritten by a tool.
#[derive(Debug)]
pub(super) struct Tooled {
    pub(super) live: LiveDatabase,
    via: Via,
}

impl Tooled {
    pub(super) fn new(live: LiveDatabase, via: Via) -> Self {
        Self { live, via }
    }

    /// Refuses what the tool could not do, or would do with a loss: before anything runs.
    pub(super) fn check(&mut self, steps: &[&Step]) -> Result<(), RunError> {
        let Some(program) = self.via.program() else { return Ok(()) };
        let handed: Vec<&Step> = steps.iter().copied().filter(|step| self.via.takes(step)).collect();
        if handed.is_empty() {
            return Ok(());
        }
        let mut asked = Command::new(program);
        asked.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Err(why) = asked.status() {
            let where_from = match self.via {
                Via::GhOst => "github.com/github/gh-ost has it",
                Via::PtOsc | Via::Direct => "Debian's package percona-toolkit has it",
            };
            return Err(
                RunError::new(RunErrorKind::NotReady, format!("`{program}` does not start: {why}")).help(where_from)
            );
        }
        for step in handed {
            if let Some(why) = self.obstacle(step)? {
                let message = format!("step {} cannot be handed to {program}: {why}", step.id);
                return Err(RunError::new(RunErrorKind::Refused, message).help("--via direct leaves it to the server"));
            }
        }
        Ok(())
    }

    fn obstacle(&mut self, step: &Step) -> Result<Option<String>, RunError> {
        if change(step).is_none() {
            return Ok(Some("it is no plain ALTER TABLE".to_owned()));
        }
        // Both copy with INSERT IGNORE.
        if let Some(hazard) = step.hazards.iter().find(|hazard| hazard.kind == HazardKind::MayFail) {
            return Ok(Some(format!(
                "it would drop or bend the rows that the server would stop at: {}",
                hazard.reason
            )));
        }
        let (database, table) = self.table(step);
        let (schema, name) = (Literal(&database), Literal(&table));
        for (sql, why) in [
            (
                format!(
                    "SELECT 1 FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND \
                     (TABLE_SCHEMA = {schema} AND TABLE_NAME = {name} OR REFERENCED_TABLE_SCHEMA = {schema} AND \
                     REFERENCED_TABLE_NAME = {name})"
                ),
                "the table has foreign keys or is referenced by some, which it would rename or lead astray",
            ),
            (
                format!(
                    "SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = {schema} AND EVENT_OBJECT_TABLE = {name}"
                ),
                "the table has triggers, which it would lose",
            ),
            (
                format!(
                    "SELECT 1 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = \
                     {schema} AND TABLE_NAME = {name} AND CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE'))"
                ),
                "the table has no unique key to copy by",
            ),
        ] {
            if self.live.writer()?.probe(&sql)? {
                return Ok(Some(why.to_owned()));
            }
        }
        Ok(None)
    }

    fn table(&self, step: &Step) -> (String, String) {
        let own = || self.live.address().databases.first().cloned().unwrap_or_default();
        (step.object.schema.clone().unwrap_or_else(own), step.object.name.clone())
    }

    /// Lets the tool rewrite the table. That it says that it has done so is not taken for an answer.
    fn hand_over(&mut self, step: &Step) -> Refusal {
        let program = self.via.program().unwrap_or_default();
        let refusal = |message: String| Refusal { message, was_answered: false };
        let Some(change) = change(step) else {
            return Refusal { message: "it is no plain ALTER TABLE".to_owned(), was_answered: true };
        };
        let (database, table) = self.table(step);
        let address = self.live.address().clone();
        let access = match Access::write(&address) {
            Ok(access) => access,
            Err(why) => return refusal(format!("cannot write what {program} logs in with: {why}")),
        };
        let arguments = self.via.arguments(&address, &access.0.display().to_string(), &database, &table, change);
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        match child.and_then(|child| self.attend(child)) {
            Ok((status, said)) if status.success() => refusal(format!(
                "{program} says that it is done, and the schema is not as after the step; it said: {said}"
            )),
            Ok((status, said)) => refusal(format!("{program} ended with {status}: {said}")),
            Err(why) => refusal(format!("{program}: {why}")),
        }
    }

    /// Waits for the tool, and keeps the connection with the lock alive meanwhile. Returns how it ended and its last words.
    fn attend(&mut self, mut child: Child) -> io::Result<(std::process::ExitStatus, String)> {
        let words = Arc::new(Mutex::new(Vec::new()));
        let readers = [
            child.stdout.take().map(|out| listen(out, Arc::clone(&words))),
            child.stderr.take().map(|err| listen(err, Arc::clone(&words))),
        ];
        let mut asked = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            std::thread::sleep(Duration::from_millis(50));
            if asked.elapsed() > Duration::from_secs(30) {
                asked = Instant::now();
                // Whether it still answers is seen by the statement after the tool.
                let _ = self.live.writer().and_then(|connection| connection.probe("SELECT 1 FROM DUAL WHERE 1 = 0"));
            }
        };
        for reader in readers.into_iter().flatten() {
            let _ = reader.join();
        }
        let words = words.lock().map(|words| words.clone()).unwrap_or_default();
        let from = words.len().saturating_sub(LAST_WORDS);
        Ok((status, words[from..].join(" / ")))
    }
}

/// How many of a tool's last lines are repeated.
const LAST_WORDS: usize = 6;

fn listen(stream: impl Read + Send + 'static, words: Arc<Mutex<Vec<String>>>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok).filter(|line| !line.trim().is_empty()) {
            if let Ok(mut words) = words.lock() {
                words.push(line.trim().to_owned());
            }
        }
    })
}

/// What an ALTER TABLE changes: its text behind the table's name.
fn change(step: &Step) -> Option<&str> {
    let rest = step.sql.strip_prefix("ALTER TABLE ")?;
    let rest = match &step.object.schema {
        Some(schema) => rest.strip_prefix(&format!("{}.", Quoted(schema))).unwrap_or(rest),
        None => rest,
    };
    let rest = rest.strip_prefix(&Quoted(&step.object.name).to_string())?;
    rest.starts_with(|c: char| c.is_ascii_whitespace()).then(|| rest.trim())
}

/// A file with where the server is and who asks, for this user's eyes, as long as the value lives.
struct Access(PathBuf);

impl Access {
    fn write(address: &Address) -> io::Result<Self> {
        let mut text = String::from("[client]\n");
        let mut set = |name: &str, value: &str| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            text.push_str(&format!("{name}=\"{value}\"\n"));
        };
        if let Some(user) = &address.user {
            set("user", user);
        }
        if let Some(password) = &address.password {
            set("password", password.reveal());
        }
        match &address.socket {
            Some(socket) => set("socket", &socket.display().to_string()),
            None => {
                set("host", &address.host);
                set("port", &address.port.to_string());
            }
        }
        if let Some(ca) = &address.tls_ca {
            set("ssl-ca", &ca.display().to_string());
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        for number in 0..1_000 {
            let path = std::env::temp_dir().join(format!(".alterplan-{}-{number}.cnf", std::process::id()));
            match options.open(&path) {
                Ok(mut file) => {
                    let access = Self(path);
                    file.write_all(text.as_bytes())?;
                    return Ok(access);
                }
                Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
                Err(why) => return Err(why),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Access {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Database for Tooled {
    fn lock(&mut self) -> Result<(), RunError> {
        self.live.lock()
    }

    fn execute(&mut self, plan: &Plan, step: Move, sql: &str) -> Result<(), Refusal> {
        match find(plan, step.step).filter(|planned| step.way == Way::Forth && self.via.takes(planned)) {
            Some(planned) => Err(self.hand_over(planned)),
            None => self.live.execute(plan, step, sql),
        }
    }

    fn standing(&mut self, plan: &Plan, step: Move, statement: usize) -> Result<StepStanding, RunError> {
        self.live.standing(plan, step, statement)
    }
}

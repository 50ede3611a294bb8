//! Real servers for tests: scratch databases, scripts run as a user runs them, and what the server made of them.
//!
//! In: `ALTERPLAN_TEST_MYSQL97`, `ALTERPLAN_TEST_MARIADB1011` and `ALTERPLAN_TEST_MARIADB118`, each `HOST:PORT` of a server
//! whose root has no password (`tests/run` starts such servers and sets these). Out: the objects of a database as SHOW
//! CREATE prints them. Knows nothing of alterplan: it is the judge, so it shares no code with what it judges.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

use mysql::prelude::Queryable;
use mysql::{Conn, OptsBuilder, Row, Value};

/// The targets that have a server, each with the variable that says where it is.
const TARGETS: [(&str, &str); 3] = [
    ("mysql:9.7", "ALTERPLAN_TEST_MYSQL97"),
    ("mariadb:10.11", "ALTERPLAN_TEST_MARIADB1011"),
    ("mariadb:11.8", "ALTERPLAN_TEST_MARIADB118"),
];

/// Kind and name of an object of a database.
pub type Key = (&'static str, String);

/// The objects of a database, each with its SHOW CREATE text.
pub type Objects = BTreeMap<Key, String>;

/// A row of a query, each value as the server writes it; `None` is NULL.
pub type Cells = Vec<Option<Vec<u8>>>;

/// A running server.
#[derive(Debug, Clone)]
pub struct Server {
    /// The target that it stands for, `mysql:9.7`.
    pub target: &'static str,
    /// What it says itself, `9.7.1-Debian`.
    pub version: String,
    host: String,
    port: u16,
}

/// An error of a script, as the command-line client reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// The server's error number; `None` where the client itself refused.
    pub number: Option<u16>,
    /// The message without number and place.
    pub message: String,
    /// The line of the script on which the refused statement begins.
    pub line: u32,
}

/// The servers to test on. Without any, says so on one line of the test run; with `ALTERPLAN_REQUIRE_SERVERS=1` a missing
/// one is a failure.
pub fn servers() -> Vec<Server> {
    let required = std::env::var("ALTERPLAN_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
    let mut found = Vec::new();
    for (target, variable) in TARGETS {
        match std::env::var(variable) {
            Ok(address) if !address.is_empty() => found.push(Server::at(target, variable, &address)),
            _ if required => panic!("{target} is required and {variable} is not set: start the tests with tests/run"),
            _ => {}
        }
    }
    static SKIPPED: Once = Once::new();
    if found.is_empty() {
        SKIPPED.call_once(|| {
            let variables = TARGETS.map(|(_, variable)| variable).join(", ");
            tell(&format!("servers: skipped (set {variables} or run tests/run)"));
        });
    }
    found
}

/// Writes a line past the test harness, which keeps what a passing test prints to itself.
pub fn tell(line: &str) {
    // One write, so that lines of several tests do not mix; nobody to tell is no reason to fail.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

impl Server {
    fn at(target: &'static str, variable: &str, address: &str) -> Server {
        let (host, port) = address.rsplit_once(':').unwrap_or_else(|| panic!("{variable}={address} is not HOST:PORT"));
        let port = port.parse().unwrap_or_else(|_| panic!("{variable}={address}: {port} is not a port"));
        Self::new(target, host, port)
    }

    /// A server that a test has started by itself.
    pub fn local(target: &'static str, port: u16) -> Server {
        Self::new(target, "127.0.0.1", port)
    }

    fn new(target: &'static str, host: &str, port: u16) -> Server {
        let mut server = Server { target, version: String::new(), host: host.to_owned(), port };
        let version = server.connect().query_first("SELECT version()");
        server.version = version.expect("SELECT version()").expect("a row");
        server
    }

    /// Makes a database of its own, empty, with the server's defaults.
    pub fn scratch(&self) -> Scratch {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("alterplan_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut conn = self.connect();
        // The process id may have been another test's before, one that was killed.
        for sql in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}"), format!("USE {name}")]
        {
            conn.query_drop(&sql).unwrap_or_else(|error| panic!("{}: {sql}: {error}", self.target));
        }
        Scratch { server: self.clone(), name, conn }
    }

    /// The address of databases on it, as alterplan takes it.
    pub fn url(&self, account: &str, databases: &str) -> String {
        format!("mysql://{account}@{}:{}/{databases}", self.host, self.port)
    }

    /// Where it listens, as `HOST:PORT`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// A connection of its own, outside of any database.
    pub fn connect(&self) -> Conn {
        let opts = OptsBuilder::new()
            .ip_or_hostname(Some(self.host.as_str()))
            .tcp_port(self.port)
            .user(Some("root"))
            // Over TCP, where the server is told to be: not through a socket that happens to have the same name.
            .prefer_socket(false);
        Conn::new(opts).unwrap_or_else(|error| panic!("{} on {}:{}: {error}", self.target, self.host, self.port))
    }
}

/// A database that is dropped with this value.
pub struct Scratch {
    server: Server,
    name: String,
    conn: Conn,
}

impl Scratch {
    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address for root.
    pub fn url(&self) -> String {
        self.server.url("root", &self.name)
    }

    /// The same with another connection, where the server was away.
    #[must_use]
    pub fn again(mut self) -> Self {
        self.conn = self.server.connect();
        self.execute(&format!("USE {}", self.name)).unwrap_or_else(|why| panic!("{}: {why:?}", self.name));
        self
    }

    /// Runs a script the way a user does, through the command-line client, up to its first error. The client is
    /// `ALTERPLAN_TEST_CLIENT`, or `mariadb` on the path.
    pub fn run(&self, script: impl AsRef<[u8]>) -> Result<(), ScriptError> {
        self.client(script.as_ref(), &[]).map_or(Ok(()), |stderr| match errors(&stderr).pop() {
            Some(error) => Err(error),
            None => panic!("{}: the client fails: {stderr}", self.server.target),
        })
    }

    /// Runs a whole script, past its errors, and returns them all.
    pub fn run_all(&self, script: impl AsRef<[u8]>) -> Vec<ScriptError> {
        self.client(script.as_ref(), &["--force"]).map_or_else(Vec::new, |stderr| errors(&stderr))
    }

    /// Returns what the client complains about, if it does.
    fn client(&self, script: &[u8], options: &[&str]) -> Option<String> {
        let program = std::env::var("ALTERPLAN_TEST_CLIENT").unwrap_or_else(|_| "mariadb".to_owned());
        let Server { host, port, .. } = &self.server;
        let mut child = Command::new(&program)
            .args(["--no-defaults", "--skip-ssl", "--comments", "--default-character-set=utf8mb4", "--user=root"])
            .args([format!("--host={host}"), format!("--port={port}"), "--protocol=tcp".to_owned()])
            .args(options)
            .arg(&self.name)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("the client {program}: {error} (install mariadb-client or run tests/run)"));
        // A client that stopped at an error does not read the rest: that is no failure of the writing.
        let _ = child.stdin.take().expect("a pipe").write_all(script);
        let output = child.wait_with_output().expect("the client ends");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (!output.status.success() || stderr.contains("ERROR ")).then_some(stderr)
    }

    /// Executes one statement.
    ///
    /// # Errors
    /// What the server says, with its number.
    pub fn execute(&mut self, sql: &str) -> Result<(), (u16, String)> {
        match self.conn.query_drop(sql) {
            Ok(()) => Ok(()),
            Err(mysql::Error::MySqlError(error)) => Err((error.code, error.message)),
            Err(error) => panic!("{}: {sql}: {error}", self.server.target),
        }
    }

    /// Reads the rows of a query, each value as the server writes it; `None` is NULL.
    ///
    /// # Errors
    /// What the server says, with its number.
    pub fn query(&mut self, sql: &str) -> Result<Vec<Cells>, (u16, String)> {
        match self.conn.query::<Row, _>(sql) {
            Ok(rows) => Ok(rows.into_iter().map(|row| row.unwrap().into_iter().map(bytes).collect()).collect()),
            Err(mysql::Error::MySqlError(error)) => Err((error.code, error.message)),
            Err(error) => panic!("{}: {sql}: {error}", self.server.target),
        }
    }

    /// Reads all objects of the database. What depends on the scratch database or on the moment is taken out: the database's
    /// name, and the start that an event got by itself.
    pub fn objects(&mut self) -> Objects {
        let name = self.name.clone();
        let mut objects = self.tables();
        for row in self.rows("SHOW TRIGGERS") {
            self.read(&mut objects, "trigger", "TRIGGER", text(&row, 0), 2);
        }
        for (kind, verb) in [("procedure", "PROCEDURE"), ("function", "FUNCTION")] {
            for row in self.rows(&format!("SHOW {verb} STATUS WHERE db = '{name}'")) {
                self.read(&mut objects, kind, verb, text(&row, 1), 2);
            }
        }
        for row in self.rows("SHOW EVENTS") {
            self.read(&mut objects, "event", "EVENT", text(&row, 1), 3);
        }
        objects
    }

    /// Reads its tables, views and sequences alone.
    pub fn tables(&mut self) -> Objects {
        let mut objects = Objects::new();
        for row in self.rows("SHOW FULL TABLES") {
            let (kind, verb) = match text(&row, 1).as_str() {
                "VIEW" => ("view", "VIEW"),
                "SEQUENCE" => ("sequence", "SEQUENCE"),
                _ => ("table", "TABLE"),
            };
            self.read(&mut objects, kind, verb, text(&row, 0), 1);
        }
        objects
    }

    fn read(&mut self, objects: &mut Objects, kind: &'static str, verb: &str, name: String, column: usize) {
        let sql = format!("SHOW CREATE {verb} `{}`", name.replace('`', "``"));
        let shown = match self.conn.query_first::<Row, _>(&sql) {
            Ok(row) => text(&row.expect("a row"), column),
            // A view whose tables are gone exists, and has no text.
            Err(error) => format!("-- {error}"),
        };
        let mut shown = shown.replace(&format!("`{}`.", self.name), "").replace(&self.name, "DB");
        if kind == "event" {
            shown = without_start(&shown);
        }
        objects.insert((kind, name), shown);
    }

    fn rows(&mut self, sql: &str) -> Vec<Row> {
        self.conn.query(sql).unwrap_or_else(|error| panic!("{}: {sql}: {error}", self.server.target))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = self.conn.query_drop(format!("DROP DATABASE IF EXISTS {}", self.name)) {
            tell(&format!("{}: {} stays behind: {error}", self.server.target, self.name));
        }
    }
}

/// A SHOW CREATE TABLE text without what an ALTER cannot be asked to restore: the AUTO_INCREMENT counter, and the order of
/// keys and constraints among themselves.
fn loosened(create_table: &str) -> String {
    const KEYS: [&str; 8] =
        ["PRIMARY KEY", "UNIQUE KEY", "KEY", "FULLTEXT KEY", "SPATIAL KEY", "VECTOR KEY", "CONSTRAINT", "PERIOD"];
    let is_key = |line: &str| KEYS.iter().any(|key| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(' ')));
    let mut lines = create_table.lines();
    let head = lines.next().unwrap_or_default();
    let (mut columns, mut keys, mut tail) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        let bare = line.trim_start().trim_end_matches(',');
        if !tail.is_empty() || line.starts_with(')') {
            tail.push(without_counter(line));
        } else if is_key(bare) {
            keys.push(bare.to_owned());
        } else {
            columns.push(bare.to_owned());
        }
    }
    keys.sort();
    [vec![head.to_owned()], columns, keys, tail].concat().join("\n")
}

/// A table's options without ` AUTO_INCREMENT=123`, of which there is at most one before the comment.
fn without_counter(options: &str) -> String {
    let (before, comment) = options.split_at(options.find(" COMMENT=").unwrap_or(options.len()));
    match before.split_once(" AUTO_INCREMENT=") {
        Some((start, rest)) => format!("{start}{}{comment}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => options.to_owned(),
    }
}

fn without_start(event: &str) -> String {
    match event.split_once(" STARTS '") {
        Some((before, rest)) => match rest.split_once('\'') {
            Some((_, after)) => format!("{before} STARTS '…'{after}"),
            None => event.to_owned(),
        },
        None => event.to_owned(),
    }
}

/// The errors in what the client wrote: `ERROR 1050 (42S01) at line 1: Table 't' already exists`, or `ERROR at line 1: …`
/// where the client refuses by itself. A message may go on over further lines.
fn errors(stderr: &str) -> Vec<ScriptError> {
    let mut errors: Vec<ScriptError> = Vec::new();
    for line in stderr.lines() {
        match head(line) {
            Some(error) => errors.push(error),
            None => {
                if let Some(last) = errors.last_mut() {
                    last.message.push('\n');
                    last.message.push_str(line);
                }
            }
        }
    }
    errors
}

fn head(line: &str) -> Option<ScriptError> {
    let rest = line.strip_prefix("ERROR ")?;
    let (number, rest) = match rest.split_once(' ')? {
        (number, rest) if number.bytes().all(|b| b.is_ascii_digit()) => (Some(number.parse().ok()?), rest),
        _ => (None, rest),
    };
    // Errors of the connection have no place in the script.
    let Some(place) = rest.find("at line ") else {
        return Some(ScriptError { number, message: rest.to_owned(), line: 0 });
    };
    let (line, message) = rest[place + "at line ".len()..].split_once(": ")?;
    Some(ScriptError { number, message: message.to_owned(), line: line.parse().ok()? })
}

fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(bytes),
        other => Some(other.as_sql(true).into_bytes()),
    }
}

fn text(row: &Row, column: usize) -> String {
    match row.as_ref(column) {
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("column {column} is no text: {other:?}"),
    }
}

/// Whether two databases hold the same objects, with the difference of the first that does not agree.
pub fn converged(have: &Objects, want: &Objects) -> Result<(), String> {
    for key in have.keys().chain(want.keys().filter(|k| !have.contains_key(*k))) {
        let side = |objects: &Objects| objects.get(key).map(|text| loosened(text));
        if side(have) != side(want) {
            let (have, want) = (side(have).unwrap_or_default(), side(want).unwrap_or_default());
            let lines = similar::TextDiff::from_lines(&want, &have);
            return Err(format!("after the plan {key:?} differs:\n{}", lines.unified_diff()));
        }
    }
    Ok(())
}

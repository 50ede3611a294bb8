//! One connection: opened as the address asks, with what the server says of itself.

use std::time::Duration;

use mysql::prelude::{FromRow, Queryable as _};
use mysql::{Conn, DriverError, OptsBuilder, Row, SslOpts};

use super::address::{Address, TlsMode};
use super::error::{LiveError, Problem, of_connecting, of_statement};
use super::facts::Facts;
use crate::ident::Quoted;

/// How long a definition may take to be shown: whoever alters the table holds it only for moments.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a reader waits for somebody's metadata lock.
const LOCK_WAIT: u32 = 60;

/// An open connection to a server.
#[derive(Debug)]
pub struct Connection {
    conn: Conn,
    address: Address,
    name: String,
    facts: Facts,
}

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Purpose {
    /// Nothing may take long, and nothing is written.
    Reading,
    /// A statement takes as long as it takes.
    Executing,
}

impl Connection {
    /// Opens a connection that only reads: the server refuses whatever would write.
    ///
    /// # Errors
    /// Why there is no connection.
    pub fn reader(address: &Address) -> Result<Self, LiveError> {
        let mut connection = Self::open(address, Purpose::Reading)?;
        // Definitions are printed as `sql_mode` has it, and so without any.
        for sql in [
            "SET NAMES utf8mb4",
            "SET SESSION sql_mode = ''",
            "SET SESSION sql_quote_show_create = 1",
            &format!("SET SESSION lock_wait_timeout = {LOCK_WAIT}"),
            "SET SESSION TRANSACTION READ ONLY",
        ] {
            connection.run(sql, "prepare for reading")?;
        }
        Ok(connection)
    }

    /// Opens a connection that executes statements, in the address's database where it names one alone.
    ///
    /// # Errors
    /// Why there is no connection.
    pub fn writer(address: &Address) -> Result<Self, LiveError> {
        let mut connection = Self::open(address, Purpose::Executing)?;
        connection.run("SET NAMES utf8mb4", "prepare for executing")?;
        if let [database] = &address.databases[..] {
            connection.enter(&database.clone())?;
        }
        Ok(connection)
    }

    /// The server's own number of this connection.
    pub fn id(&self) -> u32 {
        self.conn.connection_id()
    }

    /// Where it leads.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// What the server says of itself.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    fn open(address: &Address, purpose: Purpose) -> Result<Self, LiveError> {
        let name = address.to_string();
        let mut conn = match Conn::new(options(address, purpose, address.tls != TlsMode::Disabled)) {
            Err(mysql::Error::DriverError(DriverError::TlsNotSupported)) if address.tls == TlsMode::Preferred => {
                Conn::new(options(address, purpose, false))
            }
            other => other,
        }
        .map_err(|error| of_connecting(&name, error))?;
        let facts = Facts::ask(&mut conn, &name)?;
        Ok(Self { conn, address: address.clone(), name, facts })
    }

    pub(super) fn error(&self, problem: Problem) -> LiveError {
        LiveError { problem, server: self.name.clone() }
    }

    /// Runs a statement that gives nothing back. `what` completes "refuses to …".
    pub(super) fn run(&mut self, sql: &str, what: &str) -> Result<(), LiveError> {
        self.conn.query_drop(sql).map_err(|error| of_statement(&self.name, what, error))
    }

    /// The first row of a query.
    pub(super) fn first<T: FromRow>(&mut self, sql: &str, what: &str) -> Result<Option<T>, LiveError> {
        self.conn.query_first(sql).map_err(|error| of_statement(&self.name, what, error))
    }

    /// The rows of a query.
    pub(super) fn rows<T: FromRow>(&mut self, sql: &str, what: &str) -> Result<Vec<T>, LiveError> {
        self.conn.query(sql).map_err(|error| of_statement(&self.name, what, error))
    }

    /// Makes a database the current one.
    pub(super) fn enter(&mut self, database: &str) -> Result<(), LiveError> {
        let used = self.conn.query_drop(format!("USE {}", Quoted(database)));
        used.map_err(|error| match error {
            mysql::Error::MySqlError(error) if [1049, 1044].contains(&error.code) => {
                self.error(Problem::UnknownDatabase(database.to_owned()))
            }
            other => of_statement(&self.name, "use the database", other),
        })
    }

    /// Sends several queries at once, each for one row, and takes the answers as they come: one journey to the server
    /// for all of them. After a refusal the server skips what is left, and it is sent again.
    pub(super) fn each_first(&mut self, queries: &[String]) -> Result<Vec<Result<Row, LiveError>>, LiveError> {
        let mut answers: Vec<Result<Row, LiveError>> = Vec::with_capacity(queries.len());
        while answers.len() < queries.len() {
            let before = answers.len();
            let name = self.name.as_str();
            let mut take = |answer: mysql::Result<Option<Row>>| {
                let lost = || Problem::Lost { why: "no answer".to_owned(), what: READ.to_owned() };
                let answer = match answer {
                    Ok(Some(row)) => Ok(row),
                    Ok(None) => Err(LiveError { problem: lost(), server: name.to_owned() }),
                    Err(error) => Err(of_statement(name, READ, error)),
                };
                match answer {
                    Err(error) if error.is_loss() => Err(error),
                    answer => {
                        answers.push(answer);
                        Ok(())
                    }
                }
            };
            match self.conn.query_iter(queries[before..].join(";")) {
                Err(error) => take(Err(error))?,
                Ok(mut results) => {
                    while let Some(mut rows) = results.iter() {
                        let row = rows.next().transpose();
                        rows.for_each(drop);
                        take(row)?;
                    }
                }
            }
        }
        Ok(answers)
    }
}

const READ: &str = "show a definition";

fn options(address: &Address, purpose: Purpose, encrypted: bool) -> OptsBuilder {
    let tls = SslOpts::default()
        .with_root_cert_path(address.tls_ca.clone())
        .with_danger_accept_invalid_certs(matches!(address.tls, TlsMode::Preferred | TlsMode::Required))
        .with_danger_skip_domain_validation(address.tls != TlsMode::VerifyIdentity);
    let patience = Some(PATIENCE).filter(|_| purpose == Purpose::Reading);
    OptsBuilder::new()
        .ip_or_hostname(Some(address.host.as_str()))
        .tcp_port(address.port)
        .socket(address.socket.as_ref().map(|path| path.to_string_lossy().into_owned()))
        .prefer_socket(false)
        .user(address.user.as_deref())
        .pass(address.password.as_ref().map(|password| password.reveal()))
        .ssl_opts(Some(tls).filter(|_| encrypted && address.socket.is_none()))
        .tcp_connect_timeout(Some(address.connect_timeout))
        .read_timeout(patience)
        .write_timeout(patience)
        // A statement may take hours; that the server is gone is noticed all the same.
        .tcp_keepalive_time_ms(Some(30_000))
        .stmt_cache_size(Some(0))
}

//! Executing: the session that statements need, the lock, probes, statements one by one.
//!
//! A client that is killed does not stop its statement, and its session keeps its locks until the server notices. So
//! the lock is held by the very connection that executes: who gets it knows that no earlier statement still runs.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::connection::Connection;
use super::error::{LiveError, Problem};
use crate::document;
use crate::ident::Literal;

/// The longest name that GET_LOCK takes (MySQL 8.4 manual, section 14.14 "Locking Functions").
const LOCK_NAME: usize = 64;

impl Connection {
    /// Sets the session that a plan's statements were written for.
    ///
    /// # Errors
    /// What the server refuses of it.
    pub fn set_session(&mut self, session: &document::Session) -> Result<(), LiveError> {
        let charset = &session.character_set;
        if !charset.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            let message = format!("no character set `{charset}`");
            return Err(self.error(Problem::Refused { number: 1115, message, what: SESSION.to_owned() }));
        }
        self.run(&format!("SET NAMES {charset}"), SESSION)?;
        self.run(&format!("SET SESSION sql_mode = {}", Literal(&session.sql_mode)), SESSION)?;
        self.run(&format!("SET SESSION foreign_key_checks = {}", u8::from(session.foreign_key_checks)), SESSION)?;
        Ok(())
    }

    /// Sets what a program is made in, besides the plan's session.
    ///
    /// # Errors
    /// What the server refuses of it.
    pub fn set_program_session(&mut self, session: &document::ProgramSession) -> Result<(), LiveError> {
        for (name, value) in session.settings() {
            self.run(&format!("SET SESSION {name} = {}", Literal(value)), SESSION)?;
        }
        Ok(())
    }

    /// Sets how long a statement waits for a table that somebody else uses, before it gives up with error 1205.
    ///
    /// # Errors
    /// What the server says.
    pub fn set_lock_wait(&mut self, wait: Duration) -> Result<(), LiveError> {
        self.run(&format!("SET SESSION lock_wait_timeout = {}", wait.as_secs().max(1)), SESSION)
    }

    /// Takes the lock of the databases that the address names, and holds it until the connection ends.
    ///
    /// # Errors
    /// [`Problem::Locked`] where another connection holds it for longer than `wait`.
    pub fn lock(&mut self, wait: Duration) -> Result<(), LiveError> {
        let name = lock_name(&self.address().databases);
        let literal = Literal(&name);
        let got: Option<Option<i64>> =
            self.first(&format!("SELECT GET_LOCK({literal}, {})", wait.as_secs()), "give the lock")?;
        if got.flatten() == Some(1) {
            return Ok(());
        }
        let holder: Option<Option<u64>> =
            self.first(&format!("SELECT IS_USED_LOCK({literal})"), "say who has the lock")?;
        Err(self.error(Problem::Locked { name, holder: holder.flatten() }))
    }

    /// Executes one statement. The server's number and words are in the error; where the connection broke
    /// ([`LiveError::is_loss`]), nothing is known of what became of it.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub fn execute(&mut self, sql: &str) -> Result<(), LiveError> {
        self.run(sql, "execute the statement")
    }

    /// Executes a statement about rows in a transaction of its own, and returns what of a failure stays all the same.
    ///
    /// # Errors
    /// What the server refuses; where the statement had changed tables before that know no transactions, as [`Problem::InPart`].
    pub fn execute_whole(&mut self, sql: &str) -> Result<(), LiveError> {
        /// `ER_WARNING_NOT_COMPLETE_ROLLBACK`.
        const SOME_STAYS: u32 = 1196;
        const WHAT: &str = "execute the statement";
        self.run("START TRANSACTION", WHAT)?;
        match self.run(sql, WHAT) {
            Ok(()) => self.run("COMMIT", WHAT),
            Err(error) if error.is_loss() => Err(error),
            Err(error) => {
                self.run("ROLLBACK", WHAT)?;
                let warnings: Vec<(String, u32, String)> = self.rows("SHOW WARNINGS", WHAT)?;
                let in_part = warnings.iter().any(|(_, number, _)| *number == SOME_STAYS);
                if in_part { Err(self.error(Problem::InPart(error.to_string()))) } else { Err(error) }
            }
        }
    }

    /// Runs a probe: whether it returns a row, which is whether its hazard would strike.
    ///
    /// # Errors
    /// What the server refuses of it; a probe that would write is refused.
    pub fn probe(&mut self, sql: &str) -> Result<bool, LiveError> {
        const WHAT: &str = "run a probe";
        self.run("START TRANSACTION READ ONLY", WHAT)?;
        let found = self.first::<mysql::Row>(sql, WHAT);
        if found.as_ref().is_err_and(LiveError::is_loss) {
            return found.map(|row| row.is_some());
        }
        self.run("ROLLBACK", WHAT)?;
        found.map(|row| row.is_some())
    }

    /// How many instant changes of its columns a table has had since it was last rebuilt
    /// (`INFORMATION_SCHEMA.INNODB_TABLES.TOTAL_ROW_VERSIONS`, MySQL 8.0.29); of a partitioned one, the most of its partitions.
    ///
    /// # Errors
    /// What the server says: an older one knows no such thing, and a user without PROCESS may not ask.
    pub fn row_versions(&mut self, database: &str, table: &str) -> Result<u32, LiveError> {
        let name = format!("{}/{}", file_name(database), file_name(table));
        let partitions = format!("{}#p#%", name.replace('_', "\\_"));
        let sql = format!(
            "SELECT CAST(COALESCE(MAX(TOTAL_ROW_VERSIONS), 0) AS UNSIGNED) FROM information_schema.INNODB_TABLES \
             WHERE NAME = {} OR NAME LIKE {}",
            Literal(&name),
            Literal(&partitions)
        );
        Ok(self.first::<u32>(&sql, "say how often a table was changed")?.unwrap_or_default())
    }

    /// Ends the statement that another connection runs; that connection stays.
    ///
    /// # Errors
    /// What the server says. A connection that is gone is none.
    pub fn cancel(&mut self, id: u32) -> Result<(), LiveError> {
        match self.run(&format!("KILL QUERY {id}"), "end a statement") {
            // 1094: no such connection.
            Err(LiveError { problem: Problem::Refused { number: 1094, .. }, .. }) => Ok(()),
            other => other,
        }
    }
}

const SESSION: &str = "set the session";

/// A name as the files of the server have it (MySQL 8.4 manual, section 11.2.4 "Mapping of Identifiers to File Names"), for
/// ASCII; other letters have signs of their own there, and stay.
fn file_name(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_' {
            out.push_str(&format!("@{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// The name of the lock on databases: the same for everybody who changes one of the same list.
fn lock_name(databases: &[String]) -> String {
    let name = format!("alterplan.{}", databases.join(","));
    if name.len() <= LOCK_NAME {
        return name;
    }
    let hash = Sha256::digest(name.as_bytes());
    let digits: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("alterplan.{digits}")
}

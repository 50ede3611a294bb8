//! What can go wrong with a server, and what to do about it.

use std::path::PathBuf;
use std::{fmt, io};

use super::inventory::Object;

/// Why a server could not be used, and while doing what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveError {
    /// What went wrong.
    pub problem: Problem,
    /// The server, without the password; empty where none was reached for.
    pub server: String,
}

/// What went wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Problem {
    /// The address has not the form of one.
    Address(String),
    /// The defaults file cannot be read or understood.
    DefaultsFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No connection came about.
    Unreachable(String),
    /// The connection is not as safe as it was asked to be.
    Insecure(String),
    /// The server knows no such user or password.
    Denied(String),
    /// The server is none that can be followed.
    Unsupported(String),
    /// The address names no database.
    NoDatabase,
    /// There is no such database, or the user may not see it.
    UnknownDatabase(String),
    /// What the user may not see would be taken for absent.
    Blind {
        /// The database.
        database: String,
        /// What is missing, as GRANT has it.
        privileges: Vec<&'static str>,
    },
    /// An object is there and its definition is not shown.
    Hidden {
        /// The object.
        object: Object,
        /// What the server said, where it said something.
        why: String,
    },
    /// The schema kept changing while it was read.
    Unstable {
        /// An object that changed last.
        object: Object,
    },
    /// The server refused a statement.
    Refused {
        /// The server's error number.
        number: u16,
        /// What it said.
        message: String,
        /// What was asked of it.
        what: String,
    },
    /// The server refused a statement in the middle, and some of what it did stays: a table of it knows no transactions.
    InPart(String),
    /// The connection broke.
    Lost {
        /// What the system said.
        why: String,
        /// What was being done.
        what: String,
    },
    /// Somebody else holds the lock.
    Locked {
        /// The lock's name.
        name: String,
        /// The connection that holds it, where the server tells.
        holder: Option<u64>,
    },
}

impl LiveError {
    /// An error that no server has part in.
    pub(super) fn new(problem: Problem) -> Self {
        Self { problem, server: String::new() }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        match &self.problem {
            Problem::Address(_) => Some(
                "mysql://user[:password]@host[:port]/database[,database…][?socket=…&ssl-mode=…&ssl-ca=…]".to_owned(),
            ),
            Problem::Denied(_) => {
                Some("the password comes from the address, ALTERPLAN_PASSWORD, or `?defaults-file=FILE`".to_owned())
            }
            Problem::Insecure(_) => Some("`?ssl-ca=FILE` names the authority, `?ssl-mode=` what is checked".to_owned()),
            Problem::NoDatabase => Some("name it behind the host: mysql://user@host/database".to_owned()),
            Problem::Blind { database, privileges } => {
                Some(format!("GRANT {} ON `{database}`.* TO the user", privileges.join(", ")))
            }
            Problem::Hidden { object, .. } => object.kind.privilege().map(|p| format!("the user needs {p}")),
            Problem::Unstable { .. } => Some("try again when nobody changes the schema".to_owned()),
            Problem::Locked { holder: Some(id), .. } => {
                Some(format!("wait for it; who it is: SELECT * FROM information_schema.processlist WHERE id = {id}"))
            }
            Problem::DefaultsFile { .. }
            | Problem::Unreachable(_)
            | Problem::Unsupported(_)
            | Problem::UnknownDatabase(_)
            | Problem::Refused { .. }
            | Problem::InPart(_)
            | Problem::Lost { .. }
            | Problem::Locked { holder: None, .. } => None,
        }
    }

    /// Whether nothing is known of what the server made of the statement: the connection broke.
    pub const fn is_loss(&self) -> bool {
        matches!(self.problem, Problem::Lost { .. })
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = if self.server.is_empty() { "the server" } else { &self.server };
        match &self.problem {
            Problem::Address(why) => write!(f, "not an address of a server: {why}"),
            Problem::DefaultsFile { path, why } => write!(f, "cannot read `{}`: {why}", path.display()),
            Problem::Unreachable(why) => write!(f, "cannot connect to {at}: {why}"),
            Problem::Insecure(why) => write!(f, "no safe connection to {at}: {why}"),
            Problem::Denied(why) => write!(f, "{at} lets nobody in: {why}"),
            Problem::Unsupported(what) => write!(f, "{at} is {what}, which cannot be followed"),
            Problem::NoDatabase => write!(f, "{at} names no database"),
            Problem::UnknownDatabase(name) => {
                write!(f, "{at} has no database `{name}`, or the user may not see it")
            }
            Problem::Blind { database, privileges } => write!(
                f,
                "{at}: the user may not see all of `{database}` and would take for absent what is there: {} missing",
                privileges.join(", ")
            ),
            Problem::Hidden { object, why } if why.is_empty() => {
                write!(f, "{at}: the definition of {object} is not shown to the user")
            }
            Problem::Hidden { object, why } => write!(f, "{at}: the definition of {object} is not shown: {why}"),
            Problem::Unstable { object } => write!(f, "{at}: {object} keeps changing while it is read"),
            Problem::Refused { number, message, what } => {
                write!(f, "{at} refuses to {what}: error {number}: {message}")
            }
            Problem::InPart(why) => write!(f, "{why}; some of what it did stays, where a table knows no transactions"),
            Problem::Lost { why, what } => write!(f, "the connection to {at} broke while it was to {what}: {why}"),
            Problem::Locked { name, .. } => write!(f, "{at}: somebody else holds the lock `{name}`"),
        }
    }
}

impl std::error::Error for LiveError {}

/// An error of the driver, of a connection that was there: what was being done is said with it.
pub(super) fn of_statement(server: &str, what: &str, error: mysql::Error) -> LiveError {
    let problem = match error {
        // 1053, 1927, 3169, 4031: the server has ended the connection, or itself.
        mysql::Error::MySqlError(error) if ![1053, 1927, 3169, 4031].contains(&error.code) => {
            Problem::Refused { number: error.code, message: error.message, what: what.to_owned() }
        }
        other => Problem::Lost { why: reason(other), what: what.to_owned() },
    };
    LiveError { problem, server: server.to_owned() }
}

/// An error of the driver, of a connection that did not come about.
pub(super) fn of_connecting(server: &str, error: mysql::Error) -> LiveError {
    let problem = match error {
        mysql::Error::MySqlError(error) => match error.code {
            1044 | 1045 | 1698 | 1862 | 3118 | 3159 | 4151 => Problem::Denied(error.message),
            1049 => Problem::UnknownDatabase(quoted(&error.message)),
            number => Problem::Unreachable(format!("error {number}: {}", error.message)),
        },
        mysql::Error::TlsError(why) => Problem::Insecure(why.to_string()),
        mysql::Error::DriverError(mysql::DriverError::TlsNotSupported) => {
            Problem::Insecure("the server does not encrypt".to_owned())
        }
        // What the handshake makes of a certificate comes as an error of reading and writing.
        mysql::Error::IoError(why) if why.kind() == io::ErrorKind::InvalidData => Problem::Insecure(why.to_string()),
        mysql::Error::CodecError(ref why)
            if system(why).is_some_and(|why| why.kind() == io::ErrorKind::InvalidData) =>
        {
            Problem::Insecure(system(why).map(ToString::to_string).unwrap_or_default())
        }
        other => Problem::Unreachable(reason(other)),
    };
    LiveError { problem, server: server.to_owned() }
}

/// The first name in single quotes.
fn quoted(message: &str) -> String {
    message.split('\'').nth(1).unwrap_or(message).to_owned()
}

/// The system's error in an error of packets.
fn system<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e io::Error> {
    error.source()?.downcast_ref()
}

/// The driver's words without its Rust.
fn reason(error: mysql::Error) -> String {
    match error {
        mysql::Error::IoError(why) => said(&why),
        mysql::Error::MySqlError(error) => format!("error {}: {}", error.code, error.message),
        mysql::Error::DriverError(mysql::DriverError::CouldNotConnect(Some((_, why, _)))) => lower(&why),
        mysql::Error::DriverError(mysql::DriverError::ConnectTimeout) => "it does not answer".to_owned(),
        mysql::Error::DriverError(why) => why.to_string(),
        mysql::Error::CodecError(why) => system(&why).map_or_else(|| why.to_string(), said),
        other => other.to_string(),
    }
}

/// The system's words in lower case and without its number.
pub(super) fn said(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "it does not answer".to_owned(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => "the server has closed it".to_owned(),
        _ => lower(&why.to_string()),
    }
}

fn lower(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or(text);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if text.chars().nth(1).is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(chars).collect()
        }
        Some(_) | None => text.to_owned(),
    }
}

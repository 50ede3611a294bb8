//! What a statement is, as far as its first words tell.

use crate::source::Span;

/// What a statement is. Spans are ranges of the script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `CREATE`, `ALTER`, `DROP`, `RENAME` or `TRUNCATE TABLE`, temporary tables included.
    Table(Verb),
    /// `CREATE` or `DROP INDEX`.
    Index(Verb),
    /// `CREATE`, `ALTER` or `DROP DATABASE`.
    Database(Verb),
    /// Definitions of views, stored programs, sequences and what else a server stores by name.
    Stored(Verb, Stored),
    /// `USE name`, with or without a delimiter.
    Use {
        /// The name, in its quotes if it has some.
        database: Span,
    },
    /// `SET` of variables and of the connection's character set.
    Set,
    /// MariaDB's `SET STATEMENT a = 1, b = 2 FOR …`: a statement with variables of its own.
    /// (MariaDB KB, "SET STATEMENT".)
    SetStatement {
        /// The statement behind `FOR`.
        statement: Span,
    },
    /// What reads or writes rows: `INSERT`, `REPLACE`, `UPDATE`, `DELETE`, `LOAD`, `SELECT`, `CALL`,
    /// `WITH`, `VALUES`, `TABLE`, `HANDLER`, `DO`.
    Data,
    /// `START TRANSACTION`, `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT`, `RELEASE`, `XA`, `SET TRANSACTION`.
    Transaction,
    /// `LOCK` and `UNLOCK`.
    Lock,
    /// Privileges and accounts: `GRANT`, `REVOKE`, `CREATE USER`, `DROP ROLE`, `SET PASSWORD` …
    Grant,
    /// What the client itself does; the server never sees it.
    Client(Command),
    /// A piece of a stored program that was split at a `;` because no `DELIMITER` protects it
    /// (`END`, `DECLARE`, `ELSE` …); its first word.
    Fragment(Span),
    /// Only blanks and comments.
    Blank,
    /// Anything else; its first word, empty where it begins with none.
    Other(Span),
}

/// What is done to an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Verb {
    /// `CREATE`, `CREATE OR REPLACE`.
    Create,
    /// `ALTER`.
    Alter,
    /// `DROP`.
    Drop,
    /// `RENAME`.
    Rename,
    /// `TRUNCATE`.
    Truncate,
}

/// An object that a server stores by name besides tables, keys, databases and accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Stored {
    /// `VIEW`, materialized and JSON duality views included.
    View,
    /// `TRIGGER`.
    Trigger,
    /// `PROCEDURE`.
    Procedure,
    /// `FUNCTION`, stored or loadable.
    Function,
    /// `EVENT`.
    Event,
    /// `SEQUENCE` (MariaDB).
    Sequence,
    /// `PACKAGE` (MariaDB).
    Package,
    /// `PACKAGE BODY` (MariaDB).
    PackageBody,
    /// `LIBRARY` (MySQL 9.2).
    Library,
    /// `SERVER`.
    Server,
    /// `TABLESPACE`, `UNDO TABLESPACE`.
    Tablespace,
    /// `LOGFILE GROUP`.
    LogfileGroup,
    /// `RESOURCE GROUP` (MySQL).
    ResourceGroup,
    /// `SPATIAL REFERENCE SYSTEM` (MySQL).
    SpatialReferenceSystem,
}

/// A command of the client (MySQL 8.4 manual, section 6.5.1.2 "mysql Client Commands").
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Command {
    /// `DELIMITER x`, `\d x`.
    Delimiter,
    /// `source file`, `\. file`: statements that this script does not hold.
    Source,
    /// `\c`, `clear`: what was written so far on this statement is not sent.
    Clear,
    /// `quit`, `exit`, `\q`: the client reads no further, but this room does.
    Quit,
    /// `connect`, `\r`: another server or database from here on.
    Connect,
    /// `system`, `\!`, `edit`, `\e`: another program is run.
    Shell,
    /// What only changes what the client shows or how it talks: `pager`, `tee`, `prompt`, `status`, `\-` …
    Session,
}

impl Kind {
    /// The name under which a policy lists it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Table(_) => "table",
            Self::Index(_) => "index",
            Self::Database(_) => "database",
            Self::Stored(_, stored) => stored.label(),
            Self::Use { .. } => "use",
            Self::Set => "set",
            Self::SetStatement { .. } => "set statement",
            Self::Data => "data",
            Self::Transaction => "transaction",
            Self::Lock => "lock",
            Self::Grant => "grant",
            Self::Client(_) => "client command",
            Self::Fragment(_) => "fragment",
            Self::Blank => "blank",
            Self::Other(_) => "other",
        }
    }
}

impl Kind {
    /// The same of a text that begins so much further back.
    pub(super) fn moved(self, by: usize) -> Self {
        let moved = |span: Span| Span::new(span.start + by, span.end + by);
        match self {
            Self::Use { database } => Self::Use { database: moved(database) },
            Self::SetStatement { statement } => Self::SetStatement { statement: moved(statement) },
            Self::Fragment(word) => Self::Fragment(moved(word)),
            Self::Other(word) => Self::Other(moved(word)),
            other => other,
        }
    }
}

impl Stored {
    /// Its name in SQL, in lower case.
    pub const fn label(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Trigger => "trigger",
            Self::Procedure => "procedure",
            Self::Function => "function",
            Self::Event => "event",
            Self::Sequence => "sequence",
            Self::Package => "package",
            Self::PackageBody => "package body",
            Self::Library => "library",
            Self::Server => "server",
            Self::Tablespace => "tablespace",
            Self::LogfileGroup => "logfile group",
            Self::ResourceGroup => "resource group",
            Self::SpatialReferenceSystem => "spatial reference system",
        }
    }
}

//! Why an apply, a rollback or a recovery did not go through, and in which state that leaves things.

use std::fmt;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::disk::DiskError;
use crate::live::LiveError;
use crate::run::{RunError, RunErrorKind};

/// A failure: its kind, what happened, and the state that things are in now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplyError {
    /// Its kind.
    pub kind: ErrorKind,
    /// What happened, in words.
    pub message: String,
    /// How things stand after it.
    pub state: Standing,
    /// What to do next, a line each.
    pub help: Vec<String>,
}

/// How an installation and its database stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// As before: files and schema are old.
    Old,
    /// Files and schema are new.
    New,
    /// The files are old, and the schema has only gained what the old code does not mind.
    Expanded,
    /// A person must decide; the error's help says between what.
    Person,
}

/// Kinds of failures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// Somebody else is at work on this installation or its database.
    Locked,
    /// A policy, a version or a fingerprint speaks against it; nothing was done.
    Refused,
    /// Something that an apply needs is not there: space, rights, a reachable database; nothing was done.
    PreflightFailed,
    /// The bundle could not be fetched.
    DownloadFailed,
    /// A digest or a signature does not fit.
    VerificationFailed,
    /// The bundle could not be unpacked.
    ExtractionFailed,
    /// A path leads where it may not, or what stands there is not what the bundle expects.
    PathError,
    /// The operating system refused something.
    DiskFailed,
    /// The database refused something, or could not be reached.
    DatabaseFailed,
    /// A command of the local configuration failed or took too long.
    HookFailed,
    /// It was ended before it was done: killed, or the power was lost.
    Interrupted,
    /// Somebody else changed a file or a table in the middle of it.
    ForeignChange,
    /// The journal or the history is not as it was written.
    JournalDamaged,
    /// There is no backup to go back to.
    BackupNotEnabled,
    /// Going back failed.
    RollbackFailed,
}

impl ErrorKind {
    /// Whether the same call can succeed once the cause is gone, with no decision of a person.
    ///
    /// ```
    /// use alterplan::apply::ErrorKind;
    /// assert!(ErrorKind::DownloadFailed.is_recoverable());
    /// assert!(!ErrorKind::BackupNotEnabled.is_recoverable());
    /// ```
    pub const fn is_recoverable(self) -> bool {
        match self {
            Self::Locked
            | Self::PreflightFailed
            | Self::DownloadFailed
            | Self::ExtractionFailed
            | Self::DiskFailed
            | Self::DatabaseFailed
            | Self::HookFailed
            | Self::Interrupted => true,
            Self::Refused
            | Self::VerificationFailed
            | Self::PathError
            | Self::ForeignChange
            | Self::JournalDamaged
            | Self::BackupNotEnabled
            | Self::RollbackFailed => false,
        }
    }

    /// Whether it can strike after the first change, so that what was done has to be taken back. `apply` has done so by
    /// itself where the error's [`state`](ApplyError::state) is `Old` or `Expanded`.
    pub const fn requires_rollback(self) -> bool {
        match self {
            Self::DiskFailed
            | Self::DatabaseFailed
            | Self::HookFailed
            | Self::Interrupted
            | Self::ForeignChange
            | Self::RollbackFailed => true,
            Self::Locked
            | Self::Refused
            | Self::PreflightFailed
            | Self::DownloadFailed
            | Self::VerificationFailed
            | Self::ExtractionFailed
            | Self::PathError
            | Self::JournalDamaged
            | Self::BackupNotEnabled => false,
        }
    }
}

impl ApplyError {
    /// A failure that changed nothing.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), state: Standing::Old, help: Vec::new() }
    }

    /// The same with what to do next.
    pub(crate) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// The same with another message.
    pub(crate) fn about(self, message: &str) -> Self {
        Self { message: message.to_owned(), ..self }
    }

    /// The same in another state.
    pub(crate) fn state(self, state: Standing) -> Self {
        Self { state, ..self }
    }

    /// Whether the same call can succeed once the cause is gone: see [`ErrorKind::is_recoverable`].
    pub fn is_recoverable(&self) -> bool {
        self.kind.is_recoverable() && self.state != Standing::Person
    }

    /// Whether something is left that has to be taken back.
    pub fn requires_rollback(&self) -> bool {
        self.state == Standing::Person && self.kind.requires_rollback()
    }
}

impl Standing {
    /// The state in words, for the end of a message.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Old => "files and schema are as they were before",
            Self::New => "files and schema are new",
            Self::Expanded => {
                "the files are as before; the schema has kept what it gained, which the old code does not mind"
            }
            Self::Person => "this needs a person",
        }
    }
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.state.sentence())
    }
}

impl std::error::Error for ApplyError {}

impl From<RunError> for ApplyError {
    fn from(error: RunError) -> Self {
        let (kind, state) = match error.kind {
            RunErrorKind::Wrong | RunErrorKind::Refused => (ErrorKind::Refused, Standing::Old),
            RunErrorKind::Locked => (ErrorKind::Locked, Standing::Old),
            RunErrorKind::NotReady | RunErrorKind::NotUnderstood => (ErrorKind::PreflightFailed, Standing::Old),
            RunErrorKind::Database | RunErrorKind::Statement => (ErrorKind::DatabaseFailed, Standing::Old),
            RunErrorKind::Interrupted => (ErrorKind::Interrupted, Standing::Old),
            RunErrorKind::Stopped => (ErrorKind::DatabaseFailed, Standing::Person),
            RunErrorKind::ForeignChange => (ErrorKind::ForeignChange, Standing::Person),
            RunErrorKind::Journal => (ErrorKind::JournalDamaged, Standing::Person),
        };
        Self { kind, message: error.message, state, help: error.help }
    }
}

impl From<LiveError> for ApplyError {
    fn from(error: LiveError) -> Self {
        RunError::from(error).into()
    }
}

impl From<DiskError> for ApplyError {
    fn from(error: DiskError) -> Self {
        use std::io::ErrorKind as Io;
        let message = error.to_string();
        match error.why.kind() {
            Io::CrossesDevices => {
                Self::new(ErrorKind::PathError, format!("{message}: another filesystem is mounted there"))
                    .help("an installation is one filesystem, for only then a rename is one step")
            }
            _ if error.why.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                Self::new(ErrorKind::PathError, format!("{message}: a symbolic link is in the way"))
            }
            Io::NotADirectory => Self::new(ErrorKind::PathError, message),
            Io::StorageFull | Io::QuotaExceeded => {
                Self::new(ErrorKind::DiskFailed, message).help("make space, then run it again")
            }
            _ => Self::new(ErrorKind::DiskFailed, message),
        }
    }
}

//! What the journal says: each record stands there, synced, before what it announces is done.

use serde::{Deserialize, Serialize};

use super::error::{ErrorKind, Standing};
use super::thing::Thing;
use crate::document::Plan;
use crate::run::{Move, Point, Way};

/// A line of the journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Record {
    /// The transaction begins: nothing of the installation has changed.
    Begin(Box<Begin>),
    /// What is to come stands beside the installation, whole and synced.
    Staged(Box<Staged>),
    /// A command of the local configuration starts.
    Hook { hook: HookName },
    /// A statement is about to be sent, or was answered.
    Statement { step: u32, way: Way, statement: usize, at: Point },
    /// Files begin to change places: each swap's own state is told by the disk.
    Swapping,
    /// All files have changed places, synced.
    Swapped,
    /// The new code runs: from here an interrupted transaction is finished and not undone.
    Healthy,
    /// It is going back.
    Undo { kind: ErrorKind, why: String },
    /// All files are back, synced.
    Unswapped,
    /// It is decided. What is left is tidying up.
    End(Box<Entry>),
}

/// What a transaction is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begin {
    /// Counts the transactions of an installation, from 1.
    pub(crate) number: u64,
    pub(crate) kind: TransactionKind,
    pub(crate) product: String,
    /// The installed version before and after, where one is known.
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    /// The transaction whose folder holds the other side of each swap: itself, or the one that is rolled back.
    pub(crate) folder: u64,
    /// The transaction that the installation was left by before.
    pub(crate) previous: Option<u64>,
    /// Whether the old files are kept after the end.
    pub(crate) backup: bool,
    /// The database, without user and password.
    pub(crate) database: Option<String>,
    pub(crate) plan: Option<Plan>,
    /// What is run before the files change places, and what after.
    pub(crate) before: Vec<Move>,
    pub(crate) after: Vec<Move>,
    /// Paths that were changed by hand: what stands there now is not thrown away.
    pub(crate) keeps: Vec<String>,
    /// Seconds since 1970, for people: nothing is decided by it.
    pub(crate) time: u64,
}

/// Kinds of transactions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TransactionKind {
    Apply,
    Rollback,
}

/// One path that changes: what stands there and what stands on the other side change places.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Swap {
    pub(crate) path: String,
    /// What stands there before; `None`: nothing.
    pub(crate) old: Option<Thing>,
    /// What stands there after.
    pub(crate) new: Option<Thing>,
}

/// What is to come.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Staged {
    /// The bundle's SHA-256.
    pub(crate) bundle: Option<String>,
    pub(crate) swaps: Vec<Swap>,
    pub(crate) rights: Vec<Rights>,
    pub(crate) folders: Vec<Touched>,
}

/// A folder that stays and gets other rights.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rights {
    pub(crate) path: String,
    pub(crate) old: u32,
    pub(crate) new: u32,
}

/// A folder in which names change, and when it was last changed before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Touched {
    pub(crate) folder: String,
    pub(crate) modified: i64,
}

/// The commands that the local configuration can name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookName {
    /// Before anything changes.
    Pre,
    /// After the files have changed places, either way.
    Restart,
    /// Tells whether what was restarted works.
    Health,
}

impl HookName {
    /// Its name in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pre => "pre",
            Self::Restart => "restart",
            Self::Health => "health",
        }
    }
}

/// A line of the history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) kind: TransactionKind,
    pub(crate) product: String,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) bundle: Option<String>,
    pub(crate) outcome: Outcome,
    /// Why it was undone.
    pub(crate) reason: Option<String>,
    /// Seconds since 1970 when it ended.
    pub(crate) time: u64,
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// All of it was done.
    Done,
    /// Files were changed as asked; the schema has kept additions that could not be taken back without loss.
    DoneExpanded,
    /// All of it was taken back.
    Undone,
    /// The files were taken back; the schema has kept what it gained.
    UndoneExpanded,
    /// The files were taken back; the schema has lost what no inverse brings back.
    UndonePartly,
}

impl Outcome {
    pub(crate) const fn is_done(self) -> bool {
        match self {
            Self::Done | Self::DoneExpanded => true,
            Self::Undone | Self::UndoneExpanded | Self::UndonePartly => false,
        }
    }

    /// The state of an installation after the transaction.
    pub(crate) const fn standing(self) -> Standing {
        match self {
            Self::Done | Self::DoneExpanded => Standing::New,
            Self::Undone => Standing::Old,
            Self::UndoneExpanded => Standing::Expanded,
            Self::UndonePartly => Standing::Person,
        }
    }
}

//! How an installation stands: what is installed, what is under way, what could be rolled back, what has been.

use serde::Serialize;

use super::disk::Disk;
use super::error::ApplyError;
use super::finish;
use super::journal::Journal;
use super::record::{Entry, Outcome, TransactionKind};

/// How an installation stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Status {
    /// The installed product, where one was ever applied here.
    pub product: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The highest version that was ever installed here.
    pub highest: Option<String>,
    /// The transaction that did not end, if there is one.
    pub interrupted: Option<Interrupted>,
    /// The version that a rollback leads to: where `can_roll_back`.
    pub rolls_back_to: Option<String>,
    /// Whether there is a backup to go back to.
    pub can_roll_back: bool,
    /// All transactions that ended, the first first.
    pub history: Vec<Past>,
}

/// A transaction that did not end.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Interrupted {
    /// Its number.
    pub number: u64,
    /// `apply` or `rollback`.
    pub kind: &'static str,
    /// The version before.
    pub from: Option<String>,
    /// The version after.
    pub to: Option<String>,
    /// The database that it changes.
    pub database: Option<String>,
    /// How far it came.
    pub stage: &'static str,
    /// What a recovery will do.
    pub next: &'static str,
    /// Why it is going back.
    pub reason: Option<String>,
    /// The plan's steps that were begun, in words.
    pub steps: Vec<String>,
}

/// A transaction that ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Past {
    /// Its number.
    pub number: u64,
    /// `apply` or `rollback`.
    pub kind: &'static str,
    /// The product.
    pub product: String,
    /// The version before.
    pub from: Option<String>,
    /// The version after, had it been done.
    pub to: Option<String>,
    /// The bundle's SHA-256.
    pub bundle: Option<String>,
    /// `done`, `done-expanded`, `undone`, `undone-expanded` or `undone-partly`.
    pub outcome: &'static str,
    /// Why it was undone.
    pub reason: Option<String>,
    /// Seconds since 1970 when it ended.
    pub time: u64,
}

/// Looks, and changes nothing.
pub(crate) fn status(disk: &dyn Disk) -> Result<Status, ApplyError> {
    let installed = finish::read_installed(disk)?;
    let history = finish::read_history(disk)?;
    let backup = match installed.transaction {
        Some(number) => Journal::read_old(disk, number)?,
        None => None,
    };
    Ok(Status {
        product: installed.product,
        version: installed.version,
        highest: installed.highest,
        interrupted: Journal::read(disk)?.map(|journal| interrupted(&journal)),
        can_roll_back: backup.is_some(),
        rolls_back_to: backup.and_then(|journal| journal.state.begin.from),
        history: history.into_iter().map(past).collect(),
    })
}

fn interrupted(journal: &Journal) -> Interrupted {
    let state = &journal.state;
    let (stage, next) = match state {
        state if state.end.is_some() => ("decided", "tidies up"),
        state if state.staged.is_none() => ("staging: nothing has changed", "discards it"),
        state if state.undo.is_some() => ("going back", "takes back the rest"),
        state if state.healthy => ("the new code runs; what follows it is being done", "finishes it"),
        state if state.swapped => ("the files have changed places", "takes it back"),
        state if state.swapping => ("the files are changing places", "takes it back"),
        state if !state.statements.is_empty() => ("the schema is being prepared", "takes it back"),
        _ => ("staged: nothing has changed", "takes it back"),
    };
    let steps = state.statements.iter().map(|((step, way, _), at)| {
        let (way, at) = (if *way == crate::run::Way::Forth { "" } else { " back" }, format!("{at:?}").to_lowercase());
        format!("step {step}{way}: {at}")
    });
    Interrupted {
        number: state.begin.number,
        kind: kind(state.begin.kind),
        from: state.begin.from.clone(),
        to: state.begin.to.clone(),
        database: state.begin.database.clone(),
        stage,
        next,
        reason: state.undo.as_ref().map(|(_, why)| why.clone()),
        steps: steps.collect(),
    }
}

fn past(entry: Entry) -> Past {
    Past {
        number: entry.number,
        kind: kind(entry.kind),
        product: entry.product,
        from: entry.from,
        to: entry.to,
        bundle: entry.bundle,
        outcome: match entry.outcome {
            Outcome::Done => "done",
            Outcome::DoneExpanded => "done-expanded",
            Outcome::Undone => "undone",
            Outcome::UndoneExpanded => "undone-expanded",
            Outcome::UndonePartly => "undone-partly",
        },
        reason: entry.reason,
        time: entry.time,
    }
}

const fn kind(kind: TransactionKind) -> &'static str {
    match kind {
        TransactionKind::Apply => "apply",
        TransactionKind::Rollback => "rollback",
    }
}

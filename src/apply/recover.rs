//! An interrupted transaction is brought to an end: it is finished where the new code was seen to work, else undone.

use super::error::{ApplyError, ErrorKind};
use super::journal::Journal;
use super::layout;
use super::record::{Begin, TransactionKind};
use super::stage;
use super::transaction::{Ending, Transaction, World};

/// What a recovery found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// Nothing was under way.
    Nothing,
    /// Something was under way that had not changed anything yet, and is gone.
    NothingChanged,
    /// Something was under way, and has come to this end.
    Ended(Box<Begin>, Box<Ending>),
}

/// Brings an interrupted transaction to its end.
pub(crate) fn recover(world: &mut World<'_>) -> Result<Found, ApplyError> {
    let disk = world.disk;
    let Some(journal) = Journal::read(disk)? else {
        if disk.look(&layout::journal())?.is_some() {
            // Its first record never got to the disk.
            disk.remove_file(&layout::journal())?;
            disk.sync(&[layout::home()])?;
            return Ok(Found::NothingChanged);
        }
        return Ok(Found::Nothing);
    };
    let state = &journal.state;
    if state.staged.is_none() {
        let own = match state.begin.kind {
            TransactionKind::Apply => state.begin.folder,
            // The folder is the one of what was to be rolled back: it stays.
            TransactionKind::Rollback => state.begin.number,
        };
        stage::discard(disk, own)?;
        return Ok(Found::NothingChanged);
    }
    let needs_database =
        state.end.is_none() && (!state.statements.is_empty() || state.healthy && !state.begin.after.is_empty());
    if needs_database {
        match &mut world.database {
            // First the lock: a killed client does not stop its statement, and its session holds the lock until that ends.
            Some(database) => database.lock()?,
            None => {
                let name = state.begin.database.as_deref().unwrap_or("its database");
                return Err(ApplyError::new(
                    ErrorKind::Refused,
                    format!(
                        "transaction {} was interrupted between statements on {name}: nothing was done now",
                        state.begin.number
                    ),
                )
                .state(super::Standing::Person)
                .help("alterplan recover --root ROOT --database URL"));
            }
        }
    }
    let begin = Box::new(state.begin.clone());
    let ending = Transaction::new(world, journal).resume()?;
    Ok(Found::Ended(begin, Box::new(ending)))
}

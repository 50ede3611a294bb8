//! What is left to do once a transaction is decided. Each part can be done again, so that a crash in here costs nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::disk::{Disk, make_folders, parent, remove_all, with_parents, write_whole};
use super::error::{ApplyError, ErrorKind, Standing};
use super::layout;
use super::page::Page;
use super::record::{Begin, Entry, TransactionKind};
use crate::run::Chain;

/// What is installed, as `.alterplan/installed.json` says it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Installed {
    pub(crate) product: Option<String>,
    pub(crate) version: Option<String>,
    /// The highest version that was ever installed here.
    pub(crate) highest: Option<String>,
    /// The transaction that a rollback would take back.
    pub(crate) transaction: Option<u64>,
    /// The hash of the history's last line: a history that was cut short is noticed.
    pub(crate) history: String,
}

/// Brings history, installed version and folders in line with how a transaction ended, and removes its journal.
pub(crate) fn tidy_up(disk: &dyn Disk, begin: &Begin, entry: &Entry) -> Result<(), ApplyError> {
    let head = write_history(disk, entry)?;
    let mut installed = read_installed(disk)?;
    installed.history = head;
    if entry.outcome.is_done() {
        installed.product = Some(begin.product.clone());
        installed.version = begin.to.clone();
        installed.transaction = match begin.kind {
            TransactionKind::Apply => begin.backup.then_some(begin.number),
            TransactionKind::Rollback => begin.previous,
        };
        if begin.kind == TransactionKind::Apply {
            installed.highest = highest(installed.highest, begin.to.clone());
        }
    }
    write_installed(disk, &installed)?;
    match (begin.kind, entry.outcome.is_done()) {
        (TransactionKind::Apply, true) if begin.backup => {
            disk.sync(&[layout::folder(begin.number)])?;
            if disk.look(&layout::journal())?.is_some() {
                disk.rename(&layout::journal(), &layout::old_journal(begin.number))?;
            }
            return Ok(disk.sync(&[layout::home(), layout::folder(begin.number)])?);
        }
        (TransactionKind::Apply, true | false) => remove_all(disk, &layout::folder(begin.number))?,
        (TransactionKind::Rollback, true) => {
            put_aside(disk, begin)?;
            forget(disk, begin.folder)?;
        }
        (TransactionKind::Rollback, false) => {}
    }
    if disk.look(&layout::journal())?.is_some() {
        disk.remove_file(&layout::journal())?;
    }
    Ok(disk.sync(&[layout::home()])?)
}

/// Takes what was changed by hand out of what is about to be removed.
fn put_aside(disk: &dyn Disk, begin: &Begin) -> Result<(), ApplyError> {
    for path in &begin.keeps {
        let (from, to) = (layout::tree(begin.folder).join(path), layout::kept(begin.folder).join(path));
        if disk.look(&from)?.is_some() && disk.look(&to)?.is_none() {
            make_folders(disk, &parent(&to), 0o700)?;
            disk.rename(&from, &to)?;
            let above = with_parents(&parent(&to));
            disk.sync(&[above, vec![parent(&from)]].concat())?;
        }
    }
    Ok(())
}

/// Removes a transaction's folder, but for what was changed by hand and kept.
pub(crate) fn forget(disk: &dyn Disk, number: u64) -> Result<(), ApplyError> {
    let folder = layout::folder(number);
    if disk.look(&layout::old_journal(number))?.is_some() {
        // First, and synced: a folder without a journal is nothing that one could go back to.
        disk.remove_file(&layout::old_journal(number))?;
        disk.sync(std::slice::from_ref(&folder))?;
    }
    remove_all(disk, &layout::unpacked(number))?;
    remove_all(disk, &layout::spare(number))?;
    if disk.look(&folder)?.is_some() && disk.list(&folder)?.is_empty() {
        disk.remove_folder(&folder)?;
    }
    Ok(())
}

/// What is installed; nothing where no transaction has ended here yet.
pub(crate) fn read_installed(disk: &dyn Disk) -> Result<Installed, ApplyError> {
    let file = layout::installed();
    if disk.look(&file)?.is_none() {
        return Ok(Installed::default());
    }
    serde_json::from_slice(&disk.read(&file)?).map_err(|why| {
        ApplyError::new(ErrorKind::JournalDamaged, format!("`{}` cannot be read: {why}", file.display()))
            .state(Standing::Person)
    })
}

fn write_installed(disk: &dyn Disk, installed: &Installed) -> Result<(), ApplyError> {
    let mut json = serde_json::to_vec_pretty(installed)
        .map_err(|why| ApplyError::new(ErrorKind::JournalDamaged, format!("cannot write what is installed: {why}")))?;
    json.push(b'\n');
    Ok(write_whole(disk, &layout::installed(), &json)?)
}

/// Adds a transaction to the history, unless it is there already. Returns the hash of the last line.
fn write_history(disk: &dyn Disk, entry: &Entry) -> Result<String, ApplyError> {
    let page = Page { disk, file: &layout::history() };
    let (mut chain, entries) = Chain::open::<Entry, _>(&page)?;
    if entries.last().is_none_or(|last| last.number < entry.number) {
        chain.add(&page, entry)?;
    }
    Ok(chain.head().to_owned())
}

/// The history, checked against its own hashes and against what is installed.
pub(crate) fn read_history(disk: &dyn Disk) -> Result<Vec<Entry>, ApplyError> {
    let (chain, entries) = Chain::open::<Entry, _>(&Page { disk, file: &layout::history() })?;
    let installed = read_installed(disk)?;
    let is_cut = !installed.history.is_empty() && chain.head() != installed.history;
    // Between the two writes of a transaction's end the history is one line ahead: then the journal is still there.
    if is_cut && disk.look(&layout::journal())?.is_none() {
        let file = layout::history();
        return Err(ApplyError::new(
            ErrorKind::JournalDamaged,
            format!("`{}` does not end where it ended when the last transaction did", file.display()),
        )
        .state(Standing::Person)
        .help("somebody changed it: the installation itself is not touched by that"));
    }
    Ok(entries)
}

/// The number of the next transaction: higher than all that left a trace.
pub(crate) fn next_number(disk: &dyn Disk) -> Result<u64, ApplyError> {
    let (_, entries) = Chain::open::<Entry, _>(&Page { disk, file: &layout::history() })?;
    let in_history = entries.last().map_or(0, |entry| entry.number);
    Ok(folders(disk)?.into_iter().max().unwrap_or(0).max(in_history) + 1)
}

/// The numbers of the transactions that have a folder.
pub(crate) fn folders(disk: &dyn Disk) -> Result<Vec<u64>, ApplyError> {
    let own = Path::new(layout::OWN);
    if disk.look(own)?.is_none() {
        return Ok(Vec::new());
    }
    Ok(disk.list(own)?.iter().filter_map(|name| name.to_str()?.parse().ok()).collect())
}

/// The higher of two versions; where one is none that can be compared, the later.
fn highest(seen: Option<String>, now: Option<String>) -> Option<String> {
    let parts = |version: &str| -> Option<Vec<u64>> {
        version.trim_start_matches('v').split('.').map(|part| part.parse().ok()).collect()
    };
    match (&seen, &now) {
        (Some(old), Some(new)) if parts(old).zip(parts(new)).is_some_and(|(old, new)| old > new) => seen,
        (_, None) => seen,
        (_, Some(_)) => now,
    }
}

/// Keeps the newest backups of a chain of transactions, and forgets the others.
pub(crate) fn prune(disk: &dyn Disk, keep: usize) -> Result<usize, ApplyError> {
    let mut next = read_installed(disk)?.transaction;
    let mut kept = Vec::new();
    while let Some(number) = next {
        let Some(journal) = super::journal::Journal::read_old(disk, number)? else { break };
        kept.push(number);
        // Numbers only go down, whatever a journal says.
        next = journal.state.begin.previous.filter(|previous| *previous < number);
    }
    kept.truncate(keep);
    let old: Vec<u64> = folders(disk)?.into_iter().filter(|number| !kept.contains(number)).collect();
    for number in &old {
        forget(disk, *number)?;
    }
    disk.sync(&[layout::home()])?;
    Ok(old.len())
}

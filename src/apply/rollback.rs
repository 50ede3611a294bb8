//! Going back to what was there before an apply: the same transaction, the other way round.

use std::path::Path;

use super::disk::{Disk, make_folders, parent};
use super::error::{ApplyError, ErrorKind};
use super::finish::{self, Installed};
use super::journal::{Journal, State};
use super::layout;
use super::record::{Begin, Record, Rights, Staged, Swap, TransactionKind};
use super::swap;
use super::thing::Thing;
use crate::document::{Phase, Plan};
use crate::run::{self, Move, Way};

/// How a rollback is to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Manner {
    /// Also where files were changed since, which are kept aside, and where inverses have hazards.
    pub(crate) force: bool,
    /// How many of the contract steps, the last first, the schema no longer has.
    pub(crate) taken_back: usize,
    pub(crate) now: u64,
}

/// The transaction that a rollback takes back.
pub(crate) fn last(disk: &dyn Disk) -> Result<(Installed, State), ApplyError> {
    let installed = finish::read_installed(disk)?;
    let none = || {
        ApplyError::new(ErrorKind::BackupNotEnabled, "there is no backup to go back to")
            .help("an apply keeps one unless it is told `--no-backup`, and `rollback --keep N` keeps the newest N")
    };
    let number = installed.transaction.ok_or_else(none)?;
    let journal = Journal::read_old(disk, number)?.ok_or_else(none)?;
    Ok((installed, journal.state))
}

/// Writes down the transaction that takes the last one back; nothing of the installation has changed yet.
pub(crate) fn stage(
    disk: &dyn Disk,
    installed: &Installed,
    applied: &State,
    manner: Manner,
) -> Result<Journal, ApplyError> {
    let staged = applied.staged.clone().unwrap_or_default();
    let changed = changed(disk, &staged)?;
    if let (Some(first), false) = (changed.first(), manner.force) {
        let more = if changed.len() > 1 { format!(" and {} more", changed.len() - 1) } else { String::new() };
        let message = format!("`{}`{more} changed since the bundle was applied", first.path);
        return Err(ApplyError::new(ErrorKind::Refused, message)
            .help("with --force they are put aside, into .alterplan, and the old ones come back"));
    }
    let done = &applied.begin;
    let (before, after) = match &done.plan {
        Some(plan) => (before(plan, manner)?, after(plan)),
        None => (Vec::new(), Vec::new()),
    };
    let mut swaps = Vec::with_capacity(staged.swaps.len());
    for swap in staged.swaps.iter().rev() {
        let path = Path::new(&swap.path);
        let folder = parent(path);
        if disk.look(&folder)?.is_none() {
            let message = format!("the folder `{}` that `{}` goes back into is gone", folder.display(), swap.path);
            return Err(ApplyError::new(ErrorKind::RollbackFailed, message).help("make it again, then roll back"));
        }
        swaps.push(Swap { path: swap.path.clone(), old: Thing::at(disk, path)?, new: swap.old.clone() });
    }
    let rights = staged.rights.iter().map(|r| Rights { path: r.path.clone(), old: r.new, new: r.old }).collect();
    let begin = Begin {
        number: finish::next_number(disk)?,
        kind: TransactionKind::Rollback,
        product: done.product.clone(),
        from: installed.version.clone(),
        to: done.from.clone(),
        folder: done.number,
        previous: done.previous,
        backup: false,
        database: done.database.clone(),
        plan: done.plan.clone(),
        before,
        after,
        keeps: changed.iter().map(|swap| swap.path.clone()).collect(),
        time: manner.now,
    };
    for swap in &swaps {
        make_folders(disk, &parent(&layout::tree(done.number).join(&swap.path)), 0o700)?;
    }
    let folders = swap::touched(disk, &swaps)?;
    let mut journal = Journal::begin(disk, begin)?;
    journal.add(disk, Record::Staged(Box::new(Staged { bundle: staged.bundle, swaps, rights, folders })))?;
    Ok(journal)
}

/// The paths where something else stands than what the apply put there.
fn changed<'s>(disk: &dyn Disk, staged: &'s Staged) -> Result<Vec<&'s Swap>, ApplyError> {
    let mut changed = Vec::new();
    for swap in &staged.swaps {
        let path = Path::new(&swap.path);
        let is_as_put = match &swap.new {
            Some(thing) => thing.is_unchanged_at(disk, path)?,
            None => disk.look(path)?.is_none(),
        };
        if !is_as_put {
            changed.push(swap);
        }
    }
    Ok(changed)
}

/// The contract steps, taken back before the old code runs again: it needs what they took away.
fn before(plan: &Plan, manner: Manner) -> Result<Vec<Move>, ApplyError> {
    let moves = run::moves(plan, Phase::Contract, Way::Back).split_off(manner.taken_back);
    for step in moves.iter().filter_map(|planned| run::find(plan, planned.step)) {
        let refuse = |why: String, help: &str| {
            Err(ApplyError::new(ErrorKind::RollbackFailed, format!("the old code needs the old schema, and {why}"))
                .state(super::Standing::New)
                .help(help))
        };
        if let Some(why) = run::obstacle(step, Way::Back) {
            return refuse(why, "restore the database from its own backup, then the files");
        }
        if let (Some(why), false) = (run::hazard(step, Way::Back), manner.force) {
            return refuse(why, "with --force it is taken back all the same");
        }
    }
    Ok(moves)
}

/// The expand steps, taken back after the old code runs again: all of them, or none where that would lose what was written
/// since.
fn after(plan: &Plan) -> Vec<Move> {
    let mut expand = plan.steps.iter().filter(|step| step.phase == Phase::Expand);
    let costs = |step| run::obstacle(step, Way::Back).or_else(|| run::hazard(step, Way::Back)).is_some();
    if expand.any(costs) { Vec::new() } else { run::moves(plan, Phase::Expand, Way::Back) }
}

//! The journal of the transaction that is under way, and what its records come to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::disk::Disk;
use super::error::{ApplyError, ErrorKind, Standing};
use super::layout;
use super::page::Page;
use super::record::{Begin, Entry, HookName, Record, Staged};
use crate::run::{Chain, Move, Point, Way};

/// An open journal.
#[derive(Debug)]
pub(crate) struct Journal {
    file: PathBuf,
    chain: Chain,
    /// What has been written so far.
    pub(crate) state: State,
}

/// How far a transaction came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct State {
    pub(crate) begin: Begin,
    pub(crate) staged: Option<Staged>,
    pub(crate) hooks: BTreeSet<HookName>,
    /// The last word on each statement.
    pub(crate) statements: BTreeMap<(u32, Way, usize), Point>,
    pub(crate) swapping: bool,
    pub(crate) swapped: bool,
    pub(crate) healthy: bool,
    pub(crate) undo: Option<(ErrorKind, String)>,
    pub(crate) unswapped: bool,
    pub(crate) end: Option<Entry>,
}

impl Journal {
    /// Writes the first record: from here on a crash is noticed.
    pub(crate) fn begin(disk: &dyn Disk, begin: Begin) -> Result<Self, ApplyError> {
        let file = layout::journal();
        let page = Page { disk, file: &file };
        let (mut chain, _) = Chain::open::<Record, _>(&page)?;
        chain.add(&page, &Record::Begin(Box::new(begin.clone())))?;
        Ok(Self { file, chain, state: State::new(begin) })
    }

    /// Reads the journal of a transaction that did not end; `None` where there is none.
    pub(crate) fn read(disk: &dyn Disk) -> Result<Option<Self>, ApplyError> {
        Self::read_at(disk, layout::journal())
    }

    /// Reads the journal of a transaction that is done and can be rolled back.
    pub(crate) fn read_old(disk: &dyn Disk, number: u64) -> Result<Option<Self>, ApplyError> {
        Self::read_at(disk, layout::old_journal(number))
    }

    fn read_at(disk: &dyn Disk, file: PathBuf) -> Result<Option<Self>, ApplyError> {
        let (chain, records) = Chain::open::<Record, _>(&Page { disk, file: &file })?;
        let mut records = records.into_iter();
        let mut state = match records.next() {
            // A journal whose first record never got to the disk: nothing has begun.
            None => return Ok(None),
            Some(Record::Begin(begin)) => State::new(*begin),
            Some(_) => {
                let message = format!("`{}` does not start with the start of a transaction", file.display());
                return Err(ApplyError::new(ErrorKind::JournalDamaged, message).state(Standing::Person));
            }
        };
        records.for_each(|record| state.take(record));
        Ok(Some(Self { file, chain, state }))
    }

    /// Writes a record and returns when it would survive a power loss.
    pub(crate) fn add(&mut self, disk: &dyn Disk, record: Record) -> Result<(), ApplyError> {
        self.chain.add(&Page { disk, file: &self.file }, &record)?;
        self.state.take(record);
        Ok(())
    }

    /// Whether the file holds what was written and nothing else: no write has failed since the last good one.
    pub(crate) fn is_clean(&self) -> bool {
        self.chain.is_clean()
    }
}

impl State {
    fn new(begin: Begin) -> Self {
        Self {
            begin,
            staged: None,
            hooks: BTreeSet::new(),
            statements: BTreeMap::new(),
            swapping: false,
            swapped: false,
            healthy: false,
            undo: None,
            unswapped: false,
            end: None,
        }
    }

    fn take(&mut self, record: Record) {
        match record {
            Record::Begin(begin) => self.begin = *begin,
            Record::Staged(staged) => self.staged = Some(*staged),
            Record::Hook { hook } => {
                self.hooks.insert(hook);
            }
            Record::Statement { step, way, statement, at } => {
                self.statements.insert((step, way, statement), at);
            }
            Record::Swapping => self.swapping = true,
            Record::Swapped => self.swapped = true,
            Record::Healthy => self.healthy = true,
            Record::Undo { kind, why } => self.undo = Some((kind, why)),
            Record::Unswapped => self.unswapped = true,
            Record::End(entry) => self.end = Some(*entry),
        }
    }

    /// The last word on a statement.
    pub(crate) fn point(&self, step: Move, statement: usize) -> Option<Point> {
        self.statements.get(&(step.step, step.way, statement)).copied()
    }

    /// Whether a step was sent to the server, or may have been.
    pub(crate) fn has_begun(&self, step: Move) -> bool {
        self.statements.iter().any(|((id, way, _), at)| (*id, *way) == (step.step, step.way) && *at != Point::Refused)
    }
}

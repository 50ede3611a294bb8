//! The journal of runs: a file beside the plan in which each statement stands before and after it is sent.
//!
//! It holds the plan itself, so that what was begun is gone on with as it was begun. A run that has come to its end is followed
//! by the next in the same file; what counts is the last.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::chain::{Chain, Paper};
use super::error::{RunError, RunErrorKind};
use super::step::{Move, Point, Way, statements};
use crate::document::{Plan, Step};

/// A line of the journal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
enum Record {
    /// A run begins; nothing of it was sent yet.
    Begin(Box<Begin>),
    /// A statement is about to be sent, or was answered.
    Statement { step: u32, way: Way, statement: usize, at: Point },
}

/// What a run is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    /// The databases, without user and password.
    pub(super) database: String,
    pub(super) plan: Plan,
    /// Of a plain script: the SHA-256 of its text.
    pub(super) script: Option<String>,
}

/// An open journal, which nobody else has open.
#[derive(Debug)]
pub(super) struct Journal {
    sheet: Sheet,
    chain: Chain,
    run: Option<Run>,
}

/// How far a run has come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Run {
    pub(super) begin: Begin,
    /// The last word on each statement.
    statements: BTreeMap<(u32, Way, usize), Point>,
}

/// How far a step has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Gone {
    No,
    Yes,
    /// In the middle of it, that way.
    Half(Way),
}

impl Journal {
    /// Opens a journal; a file that is missing is an empty one, and is made with the first record.
    ///
    /// # Errors
    /// [`RunErrorKind::Locked`] where somebody else has it open; a line that is not as it was written.
    pub(super) fn open(path: &Path) -> Result<Self, RunError> {
        let sheet = Sheet::open(path)?;
        let (chain, records) = Chain::open::<Record, _>(&sheet)?;
        let mut journal = Self { sheet, chain, run: None };
        records.into_iter().for_each(|record| journal.take(record));
        Ok(journal)
    }

    /// The last run, where there was one.
    pub(super) fn run(&self) -> Option<&Run> {
        self.run.as_ref()
    }

    /// Writes that a run begins.
    pub(super) fn begin(&mut self, begin: Begin) -> Result<(), RunError> {
        self.add(Record::Begin(Box::new(begin)))
    }

    /// Writes a word on a statement.
    pub(super) fn write(&mut self, step: Move, statement: usize, at: Point) -> Result<(), RunError> {
        self.add(Record::Statement { step: step.step, way: step.way, statement, at })
    }

    fn add(&mut self, record: Record) -> Result<(), RunError> {
        self.chain.add(&self.sheet, &record)?;
        self.take(record);
        Ok(())
    }

    fn take(&mut self, record: Record) {
        match (record, &mut self.run) {
            (Record::Begin(begin), run) => *run = Some(Run { begin: *begin, statements: BTreeMap::new() }),
            (Record::Statement { step, way, statement, at }, Some(run)) => {
                run.statements.insert((step, way, statement), at);
                run.forget_undone(step);
            }
            // Nothing is about a statement before a run has begun.
            (Record::Statement { .. }, None) => {}
        }
    }
}

impl Run {
    /// The last word on a statement.
    pub(super) fn point(&self, step: Move, statement: usize) -> Option<Point> {
        self.statements.get(&(step.step, step.way, statement)).copied()
    }

    /// How far a step has come.
    pub(super) fn gone(&self, step: &Step) -> Gone {
        let point = |way, statement| self.point(Move { step: step.id, way }, statement);
        let back = statements(step, Way::Back).len();
        let has_begun_back =
            (0..back).any(|number| matches!(point(Way::Back, number), Some(Point::Intent | Point::Done)));
        if has_begun_back {
            return Gone::Half(Way::Back);
        }
        match point(Way::Forth, 0) {
            Some(Point::Done) => Gone::Yes,
            Some(Point::Intent) => Gone::Half(Way::Forth),
            Some(Point::Refused) | None => Gone::No,
        }
    }

    /// A step that was taken back is as if it had never been gone.
    fn forget_undone(&mut self, id: u32) {
        let Some(step) = self.begin.plan.steps.iter().find(|step| step.id == id) else { return };
        let back = statements(step, Way::Back).len();
        if back > 0 && (0..back).all(|number| self.statements.get(&(id, Way::Back, number)) == Some(&Point::Done)) {
            self.statements.retain(|(step, ..), _| *step != id);
        }
    }
}

/// The journal's file.
#[derive(Debug)]
struct Sheet {
    path: PathBuf,
    file: File,
}

impl Sheet {
    fn open(path: &Path) -> Result<Self, RunError> {
        let name = path.display();
        let refuse = |why: &io::Error| {
            RunError::new(RunErrorKind::Wrong, format!("cannot open the journal `{name}`: {why}"))
                .help("--journal FILE names another place for it")
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path).map_err(|why| refuse(&why))?;
        let taken = || {
            RunError::new(RunErrorKind::Locked, format!("another run has the journal `{name}` open"))
                .help("wait for it")
        };
        match file.try_lock() {
            // Whoever had it may have removed it since it was opened here, with nothing in it.
            Ok(()) if !is_at(path, &file) => Err(taken()),
            Ok(()) => Ok(Self { path: path.to_owned(), file }),
            Err(TryLockError::WouldBlock) => Err(taken()),
            Err(TryLockError::Error(why)) => Err(refuse(&why)),
        }
    }

    fn failed(&self, verb: &str, why: &io::Error) -> RunError {
        RunError::new(RunErrorKind::Journal, format!("cannot {verb} the journal `{}`: {why}", self.path.display()))
    }
}

/// Whether an open file is the one that stands at a path.
#[cfg(unix)]
fn is_at(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |meta: std::fs::Metadata| (meta.dev(), meta.ino());
    std::fs::metadata(path).map(identity).ok() == file.metadata().map(identity).ok()
}

/// Where an open file cannot be removed, it is there.
#[cfg(not(unix))]
fn is_at(_: &Path, _: &File) -> bool {
    true
}

impl Paper for Sheet {
    type Error = RunError;

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn read(&self) -> Result<Option<Vec<u8>>, RunError> {
        let mut bytes = Vec::new();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.read_to_end(&mut bytes))
            .map_err(|why| self.failed("read", &why))?;
        // One that was only just made has no name yet that would survive a power loss.
        Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), RunError> {
        let mut file = &self.file;
        let written =
            file.set_len(offset).and_then(|()| file.seek(SeekFrom::Start(offset))).and_then(|_| file.write_all(bytes));
        written.map_err(|why| self.failed("write", &why))
    }

    fn sync(&self) -> Result<(), RunError> {
        self.file.sync_all().map_err(|why| self.failed("write", &why))
    }

    #[cfg(unix)]
    fn sync_name(&self) -> Result<(), RunError> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|why| self.failed("write", &why))
    }

    #[cfg(not(unix))]
    fn sync_name(&self) -> Result<(), RunError> {
        Ok(())
    }
}

/// An empty journal that nothing was written into is not left behind.
impl Drop for Sheet {
    fn drop(&mut self) {
        if self.file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

//! The transaction: forward through its stages, or back through them in reverse.
//!
//! ```text
//! begin → staged → pre → before: SQL → swap files → restart → health → healthy → after: SQL → end
//!           ╰────────────────────────── undo: back in reverse ──────────────────────╯
//! ```
//!
//! An apply runs the plan's expand steps before the files change places and its contract steps after; a rollback takes the
//! contract steps back before, and the expand steps after. Both are this one machine. Each stage looks at the journal for what
//! is done already, so that recovery is the same code, entered in the middle.

use std::path::Path;

use super::disk::Disk;
use super::error::{ApplyError, ErrorKind, Standing};
use super::journal::Journal;
use super::record::{Begin, Entry, HookName, Outcome, Record, TransactionKind};
use super::swap::{self, Side};
use super::{Event, finish};
use crate::document::{Phase, Plan, Step};
use crate::run::{self, Book, Database, Move, Point, find, hazard, obstacle, statements};

/// What a transaction acts on.
pub(crate) struct World<'w> {
    pub(crate) disk: &'w dyn Disk,
    pub(crate) database: Option<&'w mut dyn Database>,
    /// Runs a command of the local configuration; does nothing where there is none.
    pub(crate) hook: &'w mut dyn FnMut(HookName) -> Result<(), String>,
    pub(crate) tell: &'w mut dyn FnMut(Event<'_>),
    /// Seconds since 1970, for the history.
    pub(crate) now: u64,
}

/// A transaction that is under way.
pub(crate) struct Transaction<'x, 'w> {
    world: &'x mut World<'w>,
    journal: Journal,
}

/// How a transaction came out: what was reached, and why not more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ending {
    pub(crate) outcome: Outcome,
    /// Why it was undone.
    pub(crate) cause: Option<ApplyError>,
}

impl<'x, 'w> Transaction<'x, 'w> {
    /// Takes a transaction whose journal stands where the last crash left it, or at `staged`.
    pub(crate) fn new(world: &'x mut World<'w>, journal: Journal) -> Self {
        Self { world, journal }
    }

    /// Goes forward to the end, or back where something fails.
    ///
    /// # Errors
    /// Only where it can go neither forward nor back: then the journal stays, and the state is [`Standing::Person`].
    pub(crate) fn run(mut self) -> Result<Ending, ApplyError> {
        match self.forward() {
            Ok(()) => {
                let outcome = self.outcome_forward();
                self.end(outcome, None)
            }
            Err(cause) => self.back(cause),
        }
    }

    /// Goes on where an interrupted transaction stopped: forward once the new code was seen to work, else back.
    ///
    /// # Errors
    /// As [`Transaction::run`].
    pub(crate) fn resume(mut self) -> Result<Ending, ApplyError> {
        let state = &self.journal.state;
        if let Some(entry) = state.end.clone() {
            finish::tidy_up(self.world.disk, self.begin(), &entry)?;
            return Ok(Ending { outcome: entry.outcome, cause: None });
        }
        match &state.undo {
            Some((kind, why)) => {
                let cause = ApplyError::new(*kind, why.clone());
                self.back(cause)
            }
            None if state.healthy => self.run(),
            None => self.back(ApplyError::new(ErrorKind::Interrupted, "it was interrupted before it was done")),
        }
    }

    fn forward(&mut self) -> Result<(), ApplyError> {
        if !self.journal.state.healthy {
            self.hook(HookName::Pre)?;
            self.go_all(&self.begin().before.clone())?;
            self.swap()?;
            self.hook(HookName::Restart)?;
            self.hook(HookName::Health)?;
            self.add(Record::Healthy)?;
        }
        self.go_all(&self.begin().after.clone())
    }

    /// Takes back what was done, in reverse, as far as that loses nothing.
    fn back(&mut self, cause: ApplyError) -> Result<Ending, ApplyError> {
        let after = self.begun(&self.begin().after.clone(), &cause)?;
        if self.journal.state.undo.is_none() {
            self.may_go_back(&after, &cause)?;
            self.decide_to_undo(&cause)?;
        }
        (self.world.tell)(Event::Undoing(&cause.message));
        self.go_back_all(&after, &cause)?;
        self.unswap(&cause)?;
        let before = self.begun(&self.begin().before.clone(), &cause)?;
        let kept = self.keeps(&before);
        let outcome = match kept {
            Some(Keep::Gained(why)) => {
                (self.world.tell)(Event::Note(&format!("the schema keeps what it gained: {why}")));
                Outcome::UndoneExpanded
            }
            Some(Keep::Lost(at, why)) => {
                (self.world.tell)(Event::Note(&why));
                self.go_back_all(&before[at + 1..], &cause)?;
                Outcome::UndonePartly
            }
            None => {
                self.go_back_all(&before, &cause)?;
                Outcome::Undone
            }
        };
        self.end(outcome, Some(cause))
    }

    /// Whether the steps that ran after the files changed places can be taken back. If not, the journal says nothing of going
    /// back, and recovery will try to finish.
    fn may_go_back(&self, after: &[Move], cause: &ApplyError) -> Result<(), ApplyError> {
        for step in after {
            let Some(planned) = self.planned(*step) else { continue };
            let way = step.way.other();
            if let Some(why) = obstacle(planned, way).or_else(|| hazard(planned, way)) {
                return Err(self.stuck(cause, &format!("the files are new, and step {} has run: {why}", planned.id)));
            }
        }
        Ok(())
    }

    fn decide_to_undo(&mut self, cause: &ApplyError) -> Result<(), ApplyError> {
        let record = Record::Undo { kind: cause.kind, why: cause.message.clone() };
        // Where the journal cannot be written, going back is what recovery would do too, as long as it holds nothing that
        // says otherwise.
        let is_certain = !self.journal.state.healthy && self.journal.is_clean();
        match self.journal.add(self.world.disk, record) {
            Err(error) if !is_certain => {
                Err(self.stuck(cause, &format!("the journal cannot be written: {}", error.message)))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn swap(&mut self) -> Result<(), ApplyError> {
        self.add(Record::Swapping)?;
        self.bring(Side::New)?;
        self.add(Record::Swapped)
    }

    fn unswap(&mut self, cause: &ApplyError) -> Result<(), ApplyError> {
        if self.journal.state.swapping && !self.journal.state.unswapped {
            self.bring(Side::Old).map_err(|error| self.stuck_by(cause, error))?;
            self.add(Record::Unswapped).map_err(|error| self.stuck_by(cause, error))?;
        }
        let hooks = &self.journal.state.hooks;
        if hooks.contains(&HookName::Pre) || hooks.contains(&HookName::Restart) {
            for hook in [HookName::Restart, HookName::Health] {
                if let Err(why) = (self.world.hook)(hook) {
                    (self.world.tell)(Event::Note(&format!(
                        "with everything put back, the hook `{}` fails: {why}",
                        hook.word()
                    )));
                    break;
                }
            }
        }
        Ok(())
    }

    fn bring(&mut self, side: Side) -> Result<(), ApplyError> {
        let state = &self.journal.state;
        let Some(staged) = &state.staged else { return Ok(()) };
        let total = staged.swaps.len();
        let tell = &mut self.world.tell;
        let mut done = 0;
        let mut each = || {
            done += 1;
            tell(Event::Files { done, total });
        };
        swap::bring(self.world.disk, &state.begin, staged, side, &mut each)?;
        if side == Side::Old {
            for touched in &staged.folders {
                // The folder's time is a courtesy: whether it can be set does not decide about old or new.
                let _ = self.world.disk.set_modified(Path::new(&touched.folder), touched.modified);
            }
        }
        Ok(())
    }

    fn hook(&mut self, hook: HookName) -> Result<(), ApplyError> {
        self.add(Record::Hook { hook })?;
        (self.world.tell)(Event::Hook(hook));
        (self.world.hook)(hook)
            .map_err(|why| ApplyError::new(ErrorKind::HookFailed, format!("the hook `{}` failed: {why}", hook.word())))
    }

    fn go_all(&mut self, steps: &[Move]) -> Result<(), ApplyError> {
        steps.iter().try_for_each(|step| self.go(*step))
    }

    /// Takes steps back, the last first; what cannot be taken back now is for a person or a later recovery.
    fn go_back_all(&mut self, steps: &[Move], cause: &ApplyError) -> Result<(), ApplyError> {
        for step in steps.iter().rev() {
            self.go(step.undone()).map_err(|error| self.stuck_by(cause, error))?;
        }
        Ok(())
    }

    /// Goes one step: each of its statements once, whatever happened to them before.
    fn go(&mut self, step: Move) -> Result<(), ApplyError> {
        let Some(plan) = self.begin().plan.clone() else { return Ok(()) };
        let of = find(&plan, step.step).map_or(0, |planned| statements(planned, step.way).len());
        if (0..of).all(|number| self.journal.state.point(step, number) == Some(Point::Done)) {
            return Ok(());
        }
        let (database, mut ledger) = self.ledger()?;
        run::go(database, &mut ledger, &plan, step)
    }

    /// Settles a statement that was sent, and that nobody answered for.
    fn was_done(&mut self, plan: &Plan, step: Move, number: usize) -> Result<bool, ApplyError> {
        let (database, mut ledger) = self.ledger()?;
        run::was_done(database, &mut ledger, plan, step, number, None)
    }

    /// The database, and the journal as what its statements are written down in.
    fn ledger(&mut self) -> Result<(&mut (dyn Database + 'w), Ledger<'_>), ApplyError> {
        let World { disk, database, tell, .. } = &mut *self.world;
        let database = database.as_deref_mut().ok_or_else(|| {
            ApplyError::new(ErrorKind::DatabaseFailed, "this needs the database, and none was given")
                .help("alterplan recover --root ROOT --database URL")
        })?;
        Ok((database, Ledger { disk: *disk, journal: &mut self.journal, tell: &mut **tell }))
    }

    /// The steps of a list that ran, or may have; each is settled on the way.
    fn begun(&mut self, steps: &[Move], cause: &ApplyError) -> Result<Vec<Move>, ApplyError> {
        let mut begun = Vec::new();
        for step in steps {
            if self.journal.state.has_begun(*step) && self.settle(*step).map_err(|error| self.stuck_by(cause, error))? {
                begun.push(*step);
            }
        }
        Ok(begun)
    }

    /// Whether a step that was begun has done anything.
    fn settle(&mut self, step: Move) -> Result<bool, ApplyError> {
        let Some(plan) = self.begin().plan.clone() else { return Ok(false) };
        let of = find(&plan, step.step).map_or(0, |planned| statements(planned, step.way).len());
        let undone = (0..of).any(|number| self.journal.state.point(step.undone(), number).is_some());
        for number in 0..of {
            // What is being taken back already is settled by the statements that do so.
            if self.journal.state.point(step, number) == Some(Point::Intent) && !undone {
                self.was_done(&plan, step, number)?;
            }
        }
        Ok(self.journal.state.has_begun(step))
    }

    /// What taking the first steps back would cost.
    fn keeps(&self, before: &[Move]) -> Option<Keep> {
        let planned = |step: &Move| self.planned(*step);
        let lost = before.iter().enumerate().rev().find_map(|(at, step)| {
            let why = obstacle(planned(step)?, step.way.other())?;
            Some(Keep::Lost(at, why))
        });
        // Code that ran on the new schema may have written what only the new schema can hold.
        let gained = || before.iter().rev().find_map(|step| hazard(planned(step)?, step.way.other())).map(Keep::Gained);
        lost.or_else(|| if self.journal.state.swapping { gained() } else { None })
    }

    /// What is reached when nothing failed.
    fn outcome_forward(&self) -> Outcome {
        let begin = self.begin();
        let expand = begin.plan.iter().flat_map(|plan| &plan.steps).filter(|step| step.phase == Phase::Expand).count();
        match begin.kind {
            TransactionKind::Rollback if begin.after.len() < expand => Outcome::DoneExpanded,
            TransactionKind::Rollback | TransactionKind::Apply => Outcome::Done,
        }
    }

    /// Decides, and tidies up. Once it is decided, what cannot be tidied up is left to the next recovery.
    fn end(&mut self, outcome: Outcome, cause: Option<ApplyError>) -> Result<Ending, ApplyError> {
        let begin = self.begin().clone();
        let entry = Entry {
            number: begin.number,
            kind: begin.kind,
            product: begin.product.clone(),
            from: begin.from.clone(),
            to: begin.to.clone(),
            bundle: self.journal.state.staged.as_ref().and_then(|staged| staged.bundle.clone()),
            outcome,
            reason: cause.as_ref().map(|cause| cause.message.clone()),
            time: self.world.now,
        };
        if let Err(error) = self.add(Record::End(Box::new(entry.clone()))) {
            return Err(error.state(Standing::Person).help(
                "all is done but for the last record; when the journal can be written: alterplan recover --root ROOT",
            ));
        }
        if let Err(error) = finish::tidy_up(self.world.disk, &begin, &entry) {
            let left = format!("{}; the next command on this root tidies up", error.message);
            (self.world.tell)(Event::Note(&left));
        }
        Ok(Ending { outcome, cause })
    }

    fn add(&mut self, record: Record) -> Result<(), ApplyError> {
        self.journal.add(self.world.disk, record)
    }

    fn begin(&self) -> &Begin {
        &self.journal.state.begin
    }

    fn planned(&self, step: Move) -> Option<&Step> {
        find(self.begin().plan.as_ref()?, step.step)
    }

    /// It can go neither forward nor back by itself.
    fn stuck(&self, cause: &ApplyError, why: &str) -> ApplyError {
        let state = &self.journal.state;
        let files = match (state.swapping, state.swapped, state.unswapped) {
            (false, ..) | (.., true) => "the files are as before",
            (true, true, false) => "the files are new",
            (true, false, false) => "some files are new, some are as before",
        };
        let again = match self.begin().plan {
            Some(_) => "alterplan recover --root ROOT --database URL",
            None => "alterplan recover --root ROOT",
        };
        let next = if state.healthy && state.undo.is_none() { "finishes" } else { "takes back" };
        ApplyError { help: Vec::new(), ..cause.clone() }
            .state(Standing::Person)
            .about(&format!("{}; {why}; {files}", cause.message))
            .help(format!("remove the cause; then what is left is done by: {again} ({next} it)"))
            .help("see what was done: alterplan status --root ROOT")
    }

    fn stuck_by(&self, cause: &ApplyError, error: ApplyError) -> ApplyError {
        let stuck = self.stuck(cause, &error.message);
        ApplyError { kind: error.kind, help: error.help.into_iter().chain(stuck.help).collect(), ..stuck }
    }
}

/// What of the first steps stays.
enum Keep {
    /// Taking them back could lose what was written since.
    Gained(String),
    /// One of them cannot be taken back: those after it can.
    Lost(usize, String),
}

/// The journal of a transaction, as what its statements are written down in.
struct Ledger<'l> {
    disk: &'l dyn Disk,
    journal: &'l mut Journal,
    tell: &'l mut dyn FnMut(Event<'_>),
}

impl Book for Ledger<'_> {
    type Error = ApplyError;

    fn point(&self, step: Move, statement: usize) -> Option<Point> {
        self.journal.state.point(step, statement)
    }

    fn write(&mut self, step: Move, statement: usize, at: Point) -> Result<(), ApplyError> {
        self.journal.add(self.disk, Record::Statement { step: step.step, way: step.way, statement, at })
    }

    fn announce(&mut self, step: Move, sql: &str) -> Result<(), ApplyError> {
        (self.tell)(Event::Statement { step: step.step, sql });
        Ok(())
    }
}

//! The calls: a plan or a script run on a server, gone on with, taken back.

use std::path::Path;

use super::database::{LiveDatabase, Patience};
use super::error::{RunError, RunErrorKind};
use super::executor::{Book, go, was_done};
use super::gate;
use super::journal::{Begin, Gone, Journal, Run};
use super::planned::{Planned, Replaced};
use super::script;
use super::step::{Database, Move, Point, Way, find, obstacle, statements};
use super::tool::{Tooled, Via};
use crate::document::{Action, Permit, Phase, Plan, Step};
use crate::live::Address;
use crate::source::Source;

/// What is to be run, where and how.
pub struct Request<'r> {
    /// What is run.
    pub work: Work<'r>,
    /// The database.
    pub database: Address,
    /// How patient to be with it.
    pub patience: Patience,
    /// Only the steps of one phase.
    pub phase: Option<Phase>,
    /// The hazards that steps may have, besides those that cost only time.
    pub allow: &'r Permit,
    /// The file in which each statement is written down.
    pub journal: &'r Path,
    /// By what tables are rewritten.
    pub via: Via,
    /// What a person has found of the statement that the schema cannot tell of: whether it was done.
    pub settled: Option<bool>,
    /// Whether everything is only checked.
    pub dry_run: bool,
    /// Whether the user wants an end.
    pub is_ended: &'r dyn Fn() -> bool,
}

/// What is run.
#[derive(Clone, Copy, Debug)]
pub enum Work<'r> {
    /// A plan.
    Plan(&'r Plan),
    /// A plain script.
    Script(&'r Source),
}

/// What a caller is told while it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event<'e> {
    /// The connection of that number executes from here on.
    Connected(u32),
    /// A statement is sent.
    Statement {
        /// The plan's step.
        step: u32,
        /// Its text.
        sql: &'e str,
    },
    /// Something that a person wants to know.
    Note(&'e str),
    /// Something that a person should look at.
    Warning(&'e str),
}

/// What became of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The plan that was run: of a script, what it came to.
    pub plan: Plan,
    /// What was sent, or in a dry run would be, in order: the step and its statements.
    pub steps: Vec<(u32, Vec<String>)>,
    /// How many steps of the plan the schema has now.
    pub done: usize,
}

/// Runs what is left of a plan or a script, from where its journal says that it stands.
///
/// # Errors
/// All that speaks against it, with nothing done; and all that failed in the middle, with where that leaves things.
pub fn run(request: &Request<'_>, tell: &mut dyn FnMut(Event<'_>)) -> Result<Report, RunError> {
    Job::open(request, tell)?.go(Way::Forth)
}

/// Takes back what its journal says was run, the last step first.
///
/// # Errors
/// As [`run`]; and a step that has no inverse.
pub fn undo(request: &Request<'_>, tell: &mut dyn FnMut(Event<'_>)) -> Result<Report, RunError> {
    Job::open(request, tell)?.go(Way::Back)
}

struct Job<'j, 'r> {
    request: &'j Request<'r>,
    tell: &'j mut dyn FnMut(Event<'_>),
    journal: Journal,
    database: Tooled,
}

impl<'j, 'r> Job<'j, 'r> {
    /// Opens the journal and takes the database's lock: what stands in either changes no more.
    fn open(request: &'j Request<'r>, tell: &'j mut dyn FnMut(Event<'_>)) -> Result<Self, RunError> {
        let journal = Journal::open(request.journal)?;
        let mut patience = request.patience;
        match journal.run().filter(|run| is_under_way(run)) {
            // A killed client does not stop its statement, and its session holds the lock until that ends.
            Some(_) => tell(Event::Note("an earlier run is gone on with, once nothing of it still executes")),
            None => patience.lock = patience.lock.min(FRESH),
        }
        let mut database = Tooled::new(LiveDatabase::new(request.database.clone(), patience), request.via);
        database.lock()?;
        tell(Event::Connected(database.live.writer()?.id()));
        Ok(Self { request, tell, journal, database })
    }

    fn go(mut self, way: Way) -> Result<Report, RunError> {
        let plan = self.plan(way)?;
        let planned = Planned::new(&plan)?;
        self.database.live.check(&planned, &plan)?;
        self.forget_rolled_back(&plan)?;
        self.settle(&plan)?;
        self.take_up_session(&plan)?;
        let todo = self.todo(&plan, way)?;
        self.check_schema(&planned, way, &todo)?;
        self.check_hazards(&planned, way, &todo)?;
        let steps = todo
            .iter()
            .filter_map(|step| find(&plan, step.step))
            .map(|step| (step.id, statements(step, way).into_iter().map(str::to_owned).collect()));
        let steps: Vec<(u32, Vec<String>)> = steps.collect();
        if !self.request.dry_run && !todo.is_empty() {
            self.begin(&plan)?;
            let mut are_rows_changed = false;
            for (at, step) in todo.into_iter().enumerate() {
                let planned = find(&plan, step.step);
                are_rows_changed |= planned.is_some_and(|step| step.action == Action::Data);
                let asks_again = are_rows_changed || at > 0 && planned.is_some_and(|s| gate::is_unwatched(&plan, s));
                self.go_one(&plan, step, asks_again)?;
            }
        }
        let done = self.done(&plan).len();
        Ok(Report { plan, steps, done })
    }

    /// What is run: the plan as it was begun, where it was.
    fn plan(&mut self, way: Way) -> Result<Plan, RunError> {
        let name = self.database.live.name();
        if let Some(run) = self.journal.run() {
            let is_same = match self.request.work {
                Work::Plan(plan) => run.begin.script.is_none() && run.begin.plan == *plan,
                Work::Script(source) => run.begin.script.as_deref() == Some(&script::digest(source)),
            };
            if is_same && run.begin.database == name {
                return Ok(run.begin.plan.clone());
            }
            if is_under_way(run) {
                let what = if is_same {
                    format!("on the database `{}`", run.begin.database)
                } else {
                    "of something else".to_owned()
                };
                let message = format!(
                    "the journal `{}` is of a run {what}, which is not at its end",
                    self.request.journal.display()
                );
                return Err(RunError::new(RunErrorKind::Refused, message)
                    .help("bring that run to its end, or name another journal with --journal FILE"));
            }
        }
        match (self.request.work, way) {
            (_, Way::Back) => Err(RunError::new(
                RunErrorKind::Refused,
                format!("the journal `{}` says of no run that could be taken back", self.request.journal.display()),
            )
            .help("--journal FILE names the one that the run has written")),
            (Work::Plan(plan), Way::Forth) => Ok(plan.clone()),
            (Work::Script(source), Way::Forth) => script::plan(source, &mut self.database.live, &mut *self.tell),
        }
    }

    /// A transaction of a script that was open when the connection ended is rolled back: its steps have not run.
    fn forget_rolled_back(&mut self, plan: &Plan) -> Result<(), RunError> {
        let Some(run) = self.journal.run() else { return Ok(()) };
        let begun = plan.steps.iter().take_while(|step| run.gone(step) != Gone::No).count();
        // Of a COMMIT that nobody answered for nothing is known.
        let is_ending = |step: &Step| run.gone(step) != Gone::Yes && step.object.kind == script::TRANSACTION;
        if plan.steps[..begun].last().is_some_and(is_ending) {
            return Ok(());
        }
        let Some(from) = script::open_transaction(&plan.steps[..begun]) else { return Ok(()) };
        for step in &plan.steps[from..begun] {
            self.journal.write(Move { step: step.id, way: Way::Forth }, 0, Point::Refused)?;
        }
        Ok(())
    }

    /// What a script has set in its session so far, for the session that goes on.
    fn take_up_session(&mut self, plan: &Plan) -> Result<(), RunError> {
        let set: Vec<&Step> = self.done(plan).into_iter().filter(|step| step.object.kind == script::SESSION).collect();
        if let Some(step) = set.iter().find(|step| step.sql.contains('(')) {
            let message =
                format!("step {} has set the session by what was there then, which is not had again", step.id);
            return Err(
                RunError::new(RunErrorKind::Stopped, message).help("run the rest of the script as a script of its own")
            );
        }
        self.database.live.prelude = set.iter().map(|step| step.sql.clone()).collect();
        Ok(())
    }

    /// Settles what an earlier run has sent and that nobody answered for.
    fn settle(&mut self, plan: &Plan) -> Result<(), RunError> {
        let Some(run) = self.journal.run() else { return Ok(()) };
        let mut open = Vec::new();
        for step in &plan.steps {
            for way in [Way::Forth, Way::Back] {
                let of = statements(step, way).len();
                let step = Move { step: step.id, way };
                open.extend(
                    (0..of).filter(|number| run.point(step, *number) == Some(Point::Intent)).map(|n| (step, n)),
                );
            }
        }
        for (step, number) in open {
            match self.request.settled {
                Some(is_done) => {
                    self.journal.write(step, number, if is_done { Point::Done } else { Point::Refused })?
                }
                None => {
                    let mut ledger =
                        Ledger { journal: &mut self.journal, tell: &mut *self.tell, request: self.request };
                    let settled = was_done(&mut self.database, &mut ledger, plan, step, number, None);
                    settled.map_err(|error| self.with_standing(plan, error))?;
                }
            }
        }
        Ok(())
    }

    /// The steps that the schema has, in the plan's order.
    fn done<'p>(&self, plan: &'p Plan) -> Vec<&'p Step> {
        let Some(run) = self.journal.run() else { return Vec::new() };
        plan.steps.iter().filter(|step| run.gone(step) == Gone::Yes).collect()
    }

    /// The steps that are left that way.
    fn todo(&self, plan: &Plan, way: Way) -> Result<Vec<Move>, RunError> {
        let gone = |step: &Step| self.journal.run().map_or(Gone::No, |run| run.gone(step));
        let is_meant = |step: &&Step| self.request.phase.is_none_or(|phase| step.phase == phase);
        let refuse = |message: String, help: &str| Err(RunError::new(RunErrorKind::Refused, message).help(help));
        let moved = |step: &Step| Move { step: step.id, way };
        match way {
            Way::Forth => {
                if let Some(step) = plan.steps.iter().find(|step| gone(step) == Gone::Half(Way::Back)) {
                    let message = format!("step {} is half taken back", step.id);
                    return refuse(message, "take back the rest of it first: run --undo");
                }
                Ok(plan.steps.iter().filter(is_meant).filter(|step| gone(step) == Gone::No).map(moved).collect())
            }
            Way::Back => {
                let steps: Vec<&Step> =
                    plan.steps.iter().rev().filter(is_meant).filter(|step| gone(step) != Gone::No).collect();
                if let Some(why) = steps.iter().find_map(|step| obstacle(step, Way::Back)) {
                    return refuse(why, "nothing was taken back; with --phase only the steps of one phase are");
                }
                let later =
                    |step: &&Step| steps.last().is_some_and(|first| step.id > first.id) && gone(step) != Gone::No;
                if let Some(step) = plan.steps.iter().filter(later).find(|step| !steps.iter().any(|s| s.id == step.id))
                {
                    return refuse(
                        format!("step {} comes after those and has run", step.id),
                        "take back --phase contract first",
                    );
                }
                Ok(steps.into_iter().map(moved).collect())
            }
        }
    }

    /// The fingerprint gate: the schema is as the last step that was gone has left it, or as the plan starts from it.
    fn check_schema(&mut self, planned: &Planned<'_>, way: Way, todo: &[Move]) -> Result<(), RunError> {
        let plan = planned.plan;
        let half = |run: &Run| plan.steps.iter().any(|step| matches!(run.gone(step), Gone::Half(_)));
        if self.journal.run().is_some_and(half) {
            // In the middle of a step there is no fingerprint, and its statements have just been looked at.
            return Ok(());
        }
        let schema = self.database.live.schema(planned)?;
        self.warn_of_row_versions(planned, todo);
        let last = self.done(plan).last().map(|step| step.id);
        let at = match last.and_then(|id| plan.steps.iter().position(|step| step.id == id)) {
            None if way == Way::Back => return Ok(()),
            None => return planned.check_start(&schema, self.request.phase),
            Some(last) => last + 1,
        };
        let schema = planned.seen(&schema, at, Replaced::IsTrusted);
        if planned.fingerprint(&schema) == *planned.before(at) {
            return Ok(());
        }
        // A run that has come to its end, and a database that has gone back since: it may begin anew.
        if way == Way::Forth && todo.is_empty() && planned.fingerprint(&schema) == plan.from {
            return Err(RunError::new(
                RunErrorKind::Refused,
                format!(
                    "the journal `{}` says that the plan has run, and the schema is what it starts from",
                    self.request.journal.display()
                ),
            )
            .help("remove that journal to run the plan once more"));
        }
        Err(self.with_standing(plan, planned.mismatch(&schema, at)))
    }

    fn check_hazards(&mut self, planned: &Planned<'_>, way: Way, todo: &[Move]) -> Result<(), RunError> {
        let plan = planned.plan;
        let steps: Vec<&Step> = todo.iter().filter_map(|step| find(plan, step.step)).collect();
        let refused = gate::refusals(&mut self.database.live, plan, way, &steps, self.request.allow)?;
        gate::refusal(&refused)?;
        if way == Way::Forth { self.database.check(&steps) } else { Ok(()) }
    }

    fn begin(&mut self, plan: &Plan) -> Result<(), RunError> {
        let is_begun = self
            .journal
            .run()
            .is_some_and(|run| run.begin.plan == *plan && run.begin.database == self.database.live.name());
        if is_begun {
            return Ok(());
        }
        let script = match self.request.work {
            Work::Plan(_) => None,
            Work::Script(source) => Some(script::digest(source)),
        };
        self.journal.begin(Begin { database: self.database.live.name(), plan: plan.clone(), script })
    }

    fn go_one(&mut self, plan: &Plan, step: Move, asks_again: bool) -> Result<(), RunError> {
        if let Some(planned) = find(plan, step.step).filter(|_| asks_again)
            && let Some(strikes) = gate::strikes(&mut self.database.live, plan, step.way, planned, self.request.allow)
                .map_err(|error| self.with_standing(plan, error))?
        {
            let message = format!("what the steps before it have left of the rows speaks against {strikes}");
            return Err(self.with_standing(plan, RunError::new(RunErrorKind::Statement, message)));
        }
        let mut ledger = Ledger { journal: &mut self.journal, tell: &mut *self.tell, request: self.request };
        go(&mut self.database, &mut ledger, plan, step).map_err(|error| self.with_standing(plan, error))?;
        if let Some(step) = find(plan, step.step).filter(|step| step.object.kind == script::SESSION) {
            self.database.live.prelude.push(step.sql.clone());
        }
        Ok(())
    }

    /// Says of an instant step that it will not be one: the table has had as many as it takes before it is rebuilt.
    fn warn_of_row_versions(&mut self, planned: &Planned<'_>, todo: &[Move]) {
        for warning in gate::row_versions(&mut self.database.live, planned, todo) {
            (self.tell)(Event::Warning(&warning));
        }
    }

    /// The error with where things stand, and with what there is to choose from.
    fn with_standing(&self, plan: &Plan, error: RunError) -> RunError {
        let mut error = error;
        if error.kind == RunErrorKind::Statement && (self.request.is_ended)() {
            error.kind = RunErrorKind::Interrupted;
        }
        let done = self.done(plan).len();
        let of = plan.steps.len();
        let is_open =
            self.journal.run().is_some_and(|run| plan.steps.iter().any(|step| matches!(run.gone(step), Gone::Half(_))));
        if done == 0 && !is_open {
            return RunError { message: format!("{}; nothing of the plan has run", error.message), ..error };
        }
        let kind = match error.kind {
            RunErrorKind::Statement | RunErrorKind::Database => RunErrorKind::Stopped,
            other => other,
        };
        let stand = format!("{}; {done} of {of} steps have run", error.message);
        let error = RunError { kind, message: stand, ..error };
        let is_untold = |step: &&Step| {
            let open = |way| {
                let step = Move { step: step.id, way };
                let point = |number| self.journal.run().and_then(|run| run.point(step, number));
                (0..statements(find(plan, step.step)?, way).len()).find(|number| point(*number) == Some(Point::Intent))
            };
            step.action == Action::Data && [Way::Forth, Way::Back].into_iter().any(|way| open(way).is_some())
        };
        if plan.steps.iter().any(|step| is_untold(&step)) {
            return error
                .help("go on: the same command again, with --settle done or --settle not-done")
                .help("or go back: the same command with --undo and --settle done or --settle not-done");
        }
        error
            .help("go on, once the cause is gone: the same command again")
            .help("or go back: the same command with --undo")
    }
}

/// How long a run that nothing was before waits for the lock.
const FRESH: std::time::Duration = std::time::Duration::from_secs(5);

/// Whether a run is neither at its end nor where it began.
fn is_under_way(run: &Run) -> bool {
    let steps = &run.begin.plan.steps;
    steps.iter().any(|step| run.gone(step) != Gone::Yes) && steps.iter().any(|step| run.gone(step) != Gone::No)
}

/// The journal, as what statements are written down in.
struct Ledger<'l, 'r> {
    journal: &'l mut Journal,
    tell: &'l mut dyn FnMut(Event<'_>),
    request: &'l Request<'r>,
}

impl Book for Ledger<'_, '_> {
    type Error = RunError;

    fn point(&self, step: Move, statement: usize) -> Option<Point> {
        self.journal.run()?.point(step, statement)
    }

    fn write(&mut self, step: Move, statement: usize, at: Point) -> Result<(), RunError> {
        self.journal.write(step, statement, at)
    }

    fn announce(&mut self, step: Move, sql: &str) -> Result<(), RunError> {
        if (self.request.is_ended)() {
            return Err(RunError::new(RunErrorKind::Interrupted, "interrupted"));
        }
        (self.tell)(Event::Statement { step: step.step, sql });
        Ok(())
    }
}

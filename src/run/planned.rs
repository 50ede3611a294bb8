//! A plan against a live schema: whether it may start there, and what became of a statement that nobody answered for.

use super::error::{RunError, RunErrorKind};
use super::mismatch;
use super::step::{Move, StepStanding, Way, session, statements};
use crate::canonical::fingerprint::ObjectHashes;
use crate::catalog::{Catalog, Session};
use crate::compare::{self, Text};
use crate::diff::{Filter, Policies};
use crate::document::{self, Action, Phase, Plan, Step};
use crate::ident::Ident;
use crate::live::Snapshot;
use crate::model::{ObjectKind, Schema};
use crate::proof::{self, Sessions, Terms};
use crate::target::Target;

/// A plan, with what its fingerprints are made under.
#[derive(Clone, Debug)]
pub struct Planned<'p> {
    /// The plan.
    pub plan: &'p Plan,
    /// The server that it is for.
    pub target: Target,
    /// Its policies.
    pub policies: Policies,
    /// Its filter.
    pub filter: Filter,
    /// The session of its statements.
    pub session: Session,
    /// What counts of the sessions of programs.
    sessions: Sessions,
}

impl<'p> Planned<'p> {
    /// Reads what a plan says of its target, its policies and its filters.
    ///
    /// # Errors
    /// What of it this version does not know.
    pub fn new(plan: &'p Plan) -> Result<Self, RunError> {
        let target: Target = plan.target.parse().map_err(|why| wrong(format!("{why}")))?;
        let mut policies = Policies::default();
        for (key, value) in &plan.policies {
            policies.set(&format!("{key}={value}")).map_err(|why| wrong(why.to_string()))?;
        }
        let filter =
            Filter::new(&plan.filters.only, &plan.filters.ignore).map_err(|why| wrong(format!("filters: {why}")))?;
        let mut session = Session::of(target);
        let of_plan = [
            ("sql_mode", plan.session.sql_mode.clone()),
            ("foreign_key_checks", u8::from(plan.session.foreign_key_checks).to_string()),
        ];
        let server = plan.server.iter().map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in server.chain(of_plan) {
            session.set(name, &value, target).map_err(|why| wrong(format!("{name}: {why}")))?;
        }
        session.tell(target);
        Ok(Self { plan, target, policies, filter, session, sessions: Sessions::of(plan) })
    }

    /// Refuses a server of another series than the plan is for.
    ///
    /// # Errors
    /// Where it is of another.
    pub fn check_server(&self, server: Target) -> Result<(), RunError> {
        if self.target.is_of_series(server) {
            return Ok(());
        }
        let message = format!("the plan is for {}, and the server is {server}", self.target);
        Err(RunError::new(RunErrorKind::Refused, message)
            .help(format!("`alterplan diff --target {server}` writes one for it")))
    }

    /// What a live schema comes to. One database takes the name by which the plan calls it.
    ///
    /// # Errors
    /// A definition that cannot be read.
    pub fn load(&self, snapshot: Snapshot) -> Result<Schema, RunError> {
        let name = snapshot.source.name.clone();
        let mut session = Session::of(self.target);
        session.stored = true;
        for (variable, value) in &snapshot.facts.variables {
            session.set(variable, value, self.target).map_err(|why| wrong(format!("{name}: {variable}: {why}")))?;
        }
        let loaded = compare::load(Text { sources: vec![snapshot.source], target: self.target, session });
        if let Some(error) = loaded.script.errors.first() {
            let place = loaded.text.place(error.location);
            let message = format!("the live schema cannot be read: {place}: {}", error.message);
            return Err(RunError::new(RunErrorKind::NotUnderstood, message));
        }
        let mut schema = loaded.script.schema;
        if let [database] = &mut schema.databases[..] {
            database.name = self.plan.steps.first().and_then(|step| step.object.schema.as_deref()).map(Ident::from);
        }
        Ok(schema)
    }

    /// The hashes of a schema's objects under the plan's filters and policies.
    pub fn hashes(&self, schema: &Schema) -> ObjectHashes {
        let terms = Terms {
            target: self.target,
            session: &self.session,
            policies: &self.policies,
            filter: &self.filter,
            fingerprints: true,
        };
        proof::hashes(schema, &terms, &self.sessions)
    }

    /// The fingerprint of a schema under the plan's filters and policies.
    pub fn fingerprint(&self, schema: &Schema) -> String {
        self.hashes(schema).fingerprint()
    }

    /// A catalog that holds a schema and is in the plan's session.
    pub fn catalog(&self, schema: &Schema) -> Catalog {
        Catalog::with_schema(schema.clone(), self.target, self.session.clone())
    }

    /// The fingerprint before the step that stands at a place in the plan.
    pub(crate) fn before(&self, at: usize) -> &'p str {
        match at.checked_sub(1).and_then(|before| self.plan.steps.get(before)) {
            Some(step) => &step.after,
            None => &self.plan.from,
        }
    }

    /// How many of the contract steps, the last first, a schema no longer has: none where the plan was followed to its end,
    /// some where a way back was begun and its files came back alone.
    pub(crate) fn taken_back(&self, schema: &Schema) -> usize {
        let (first, all) = (self.first_of(Some(Phase::Contract)), self.plan.steps.len());
        let stands_at = |at| self.fingerprint(&self.seen(schema, at, Replaced::IsTrusted)) == self.before(at);
        (first..=all).rev().position(stands_at).unwrap_or(0)
    }

    /// Where the contract steps start.
    pub(crate) fn first_of(&self, phase: Option<Phase>) -> usize {
        let is_later = |phase| phase == Some(Phase::Contract);
        if !is_later(phase) {
            return 0;
        }
        self.plan.steps.iter().take_while(|step| step.phase == Phase::Expand).count()
    }

    /// Refuses a schema that is not the one that the plan, or its contract phase alone, starts from, and names what differs.
    ///
    /// # Errors
    /// Where it is another.
    pub fn check_start(&self, schema: &Schema, phase: Option<Phase>) -> Result<(), RunError> {
        let at = self.first_of(phase);
        let start = self.before(at);
        let schema = &self.seen(schema, at, Replaced::IsUnknown);
        let found = self.fingerprint(schema);
        let refused = |message: String| RunError::new(RunErrorKind::Refused, message);
        if start.is_empty() {
            return Err(refused("the plan has no fingerprints".to_owned()).help("write it with --format json or yaml"));
        }
        if found == start {
            return Ok(());
        }
        let reached = self.seen(schema, self.plan.steps.len(), Replaced::IsUnknown);
        if self.fingerprint(&reached) == self.plan.to {
            return Err(refused("the schema is already what the plan leads to".to_owned())
                .help("nothing of the plan is left to do: look at what was installed"));
        }
        if let Some(step) = self.plan.steps.iter().find(|step| step.after == found) {
            return Err(refused(format!("the schema is what step {} of the plan leaves: the plan has begun", step.id))
                .help("go on with its journal, or compare anew"));
        }
        if at > 0 && found == self.plan.from {
            return Err(refused("the expand steps of the plan have not run here".to_owned())
                .help("run them first: --phase expand"));
        }
        Err(self.mismatch(schema, at))
    }

    /// What to say of a schema that is not what the plan's steps from a place on start from: it names what differs.
    pub(crate) fn mismatch(&self, schema: &Schema, at: usize) -> RunError {
        let said = mismatch::differing(self, schema, at);
        let message = format!("the schema is not the one that the plan starts from: {said}");
        RunError::new(RunErrorKind::Refused, message)
            .help("`alterplan diff OLD URL` shows the difference; then compare anew")
    }

    /// How many of the expand steps a schema has already: none where the plan starts, some where an earlier run was undone
    /// and has left what it gained.
    pub(crate) fn begun(&self, schema: &Schema) -> Result<usize, RunError> {
        let found = self.fingerprint(schema);
        if found != self.plan.from {
            let mut expand = self.plan.steps.iter().filter(|step| step.phase == Phase::Expand);
            if let Some(step) = expand.position(|step| step.after == found) {
                return Ok(step + 1);
            }
        }
        self.check_start(schema, None).map(|()| 0)
    }

    /// A live schema as the plan sees it where its steps up to a place have run: a view or stored program that one of them has
    /// made is what the step says, however the server prints it.
    pub(crate) fn seen(&self, schema: &Schema, at: usize, replaced: Replaced) -> Schema {
        let made = self.plan.steps.iter().take(at).filter(|step| match step.action {
            Action::Create => true,
            Action::Alter | Action::Rename | Action::Replace => replaced == Replaced::IsTrusted,
            Action::Drop | Action::Data => false,
        });
        let mut schema = schema.clone();
        for step in made {
            let named = step.object.schema.as_deref();
            let mut databases =
                schema.databases.iter_mut().filter(|d| named.is_none() || d.name.as_ref().map(Ident::as_str) == named);
            let found = databases.find_map(|database| {
                let at = database.objects.keys().position(|(kind, name)| is_of(step, *kind, name))?;
                database.objects.shift_remove_index(at)
            });
            let Some((key, object)) = found else { continue };
            let mut catalog = self.catalog(&schema);
            let is_made = catalog.run_statement_in(document::settings(step.session.as_ref()), &step.sql).is_empty();
            let has = |schema: &Schema| schema.databases.iter().any(|database| database.objects.contains_key(&key));
            if is_made && has(catalog.schema()) {
                schema = catalog.into_schema();
            } else if let Some(database) =
                schema.databases.iter_mut().find(|d| named.is_none() || d.name.as_ref().map(Ident::as_str) == named)
            {
                database.objects.insert(key, object);
            }
        }
        schema
    }

    /// What became of a statement. One that is gone forth has left the schema as before its step or as after it. On the way
    /// back a step may have several: then the schema has to become what the step leads to, either by what follows the
    /// statement, or by the statement and what follows it.
    pub(crate) fn standing(&self, schema: &Schema, step: Move, statement: usize) -> StepStanding {
        let Some(at) = self.plan.steps.iter().position(|planned| planned.id == step.step) else {
            return StepStanding::Foreign("the plan has no such step".to_owned());
        };
        let planned = &self.plan.steps[at];
        let before = self.seen(schema, at, Replaced::IsTrusted);
        let (is_done, is_not_done) = match step.way {
            Way::Forth => (
                self.fingerprint(&self.seen(schema, at + 1, Replaced::IsTrusted)) == planned.after,
                self.fingerprint(&before) == *self.before(at),
            ),
            Way::Back => {
                let all = statements(planned, step.way);
                let session = session(planned, step.way);
                let reaches = |from: usize| {
                    let mut catalog = self.catalog(&before);
                    let rest = all.get(from..).unwrap_or_default();
                    rest.iter().all(|sql| catalog.run_statement_in(document::settings(session), sql).is_empty())
                        && self.fingerprint(catalog.schema()) == *self.before(at)
                };
                (reaches(statement + 1), reaches(statement))
            }
        };
        match (is_done, is_not_done) {
            (true, false) => StepStanding::Done,
            (false, true) => StepStanding::NotDone,
            (true, true) if planned.action == Action::Data => StepStanding::Untold,
            // What is gone is gone, also where nobody would mind to drop it again.
            (true, true) if statements(planned, step.way).get(statement).is_some_and(|sql| is_drop(sql)) => {
                StepStanding::Done
            }
            // A definition that is there already is written once more, and nothing comes of it.
            (true, true) => StepStanding::NotDone,
            (false, false) => {
                let said = mismatch::differing(self, &before, at);
                StepStanding::Foreign(format!("the schema is neither as before the step nor as after it: {said}"))
            }
        }
    }
}

/// Whether a view or stored program that a step replaces is taken for the new one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Replaced {
    /// The step is known to have run.
    IsTrusted,
    /// It may have, or not.
    IsUnknown,
}

fn is_drop(sql: &str) -> bool {
    sql.split_whitespace().next().is_some_and(|verb| verb.eq_ignore_ascii_case("drop"))
}

/// Whether a step is of that view or stored program.
pub(super) fn is_of(step: &Step, kind: ObjectKind, name: &Ident) -> bool {
    kind.word() == step.object.kind && name.is(&step.object.name)
}

fn wrong(why: impl Into<String>) -> RunError {
    RunError::new(RunErrorKind::Refused, format!("the plan cannot be used: {}", why.into()))
}

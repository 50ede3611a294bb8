//! A plan against a live schema: where in the plan it stands, and what became of a statement that nobody answered for.

use crate::catalog::{Catalog, Session};
use crate::compare::{self, Text};
use crate::diff::{Filter, Policies};
use crate::document::{Phase, Plan};
use crate::ident::Ident;
use crate::live::Snapshot;
use crate::model::Schema;
use crate::proof::{self, Terms};
use crate::target::Target;

use super::error::{ApplyError, ErrorKind};
use super::record::{Move, Way};
use super::sql::{StepStanding, statements};

/// A plan, with what its fingerprints are made under.
pub(crate) struct Planned<'p> {
    plan: &'p Plan,
    pub(crate) target: Target,
    policies: Policies,
    filter: Filter,
    session: Session,
}

impl<'p> Planned<'p> {
    /// Reads what a plan says of its target, its policies and its filters.
    pub(crate) fn new(plan: &'p Plan) -> Result<Self, ApplyError> {
        let target: Target = plan.target.parse().map_err(|why| wrong(format!("{why}")))?;
        let mut policies = Policies::default();
        for (key, value) in &plan.policies {
            policies.set(&format!("{key}={value}")).map_err(|why| wrong(why.to_string()))?;
        }
        let filter = Filter::new(&plan.filters.only, &plan.filters.ignore).map_err(|why| wrong(why.to_string()))?;
        let mut session = Session::of(target);
        let of_plan = [
            ("sql_mode", plan.session.sql_mode.clone()),
            ("foreign_key_checks", u8::from(plan.session.foreign_key_checks).to_string()),
        ];
        let server = plan.server.iter().map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in server.chain(of_plan) {
            session.set(name, &value, target).map_err(|why| wrong(format!("{name}: {why}")))?;
        }
        Ok(Self { plan, target, policies, filter, session })
    }

    /// What a live schema comes to. One database takes the name by which the plan calls it.
    pub(crate) fn load(&self, snapshot: Snapshot) -> Result<Schema, ApplyError> {
        let name = snapshot.source.name.clone();
        let mut session = Session::of(self.target);
        for (variable, value) in &snapshot.facts.variables {
            session.set(variable, value, self.target).map_err(|why| wrong(format!("{name}: {variable}: {why}")))?;
        }
        let loaded = compare::load(Text { sources: vec![snapshot.source], target: self.target, session });
        if let Some(error) = loaded.script.errors.first() {
            let place = loaded.text.place(error.location);
            let message = format!("the live schema cannot be read: {place}: {}", error.message);
            return Err(ApplyError::new(ErrorKind::PreflightFailed, message));
        }
        let mut schema = loaded.script.schema;
        if let [database] = &mut schema.databases[..] {
            database.name = self.plan.steps.first().and_then(|step| step.object.schema.as_deref()).map(Ident::from);
        }
        Ok(schema)
    }

    /// The fingerprint of a schema under the plan's filters and policies.
    pub(crate) fn fingerprint(&self, schema: &Schema) -> String {
        let terms = Terms {
            target: self.target,
            session: &self.session,
            policies: &self.policies,
            filter: &self.filter,
            fingerprints: true,
        };
        proof::hashes(schema, &terms).fingerprint()
    }

    /// How many of the expand steps a schema has already: none where the plan starts, some where an earlier apply was undone
    /// and has left what it gained.
    pub(crate) fn begun(&self, schema: &Schema) -> Result<usize, ApplyError> {
        let found = self.fingerprint(schema);
        if found == self.plan.from {
            return Ok(0);
        }
        let mut expand = self.plan.steps.iter().filter(|step| step.phase == Phase::Expand);
        if let Some(step) = expand.position(|step| step.after == found) {
            return Ok(step + 1);
        }
        let (message, help) = if found == self.plan.to {
            (
                "the schema is already what the plan leads to",
                "nothing of the plan is left to do: look at what was installed",
            )
        } else {
            (
                "the schema is not the one that the plan starts from",
                "compare it with what the plan was made of: alterplan diff OLD URL; then make a plan that starts there",
            )
        };
        Err(ApplyError::new(ErrorKind::Refused, message).help(help))
    }

    /// What became of a statement: the live schema has to become what the step leads to, either by what follows the
    /// statement, or by the statement and what follows it.
    pub(crate) fn standing(&self, schema: &Schema, step: Move, statement: usize) -> StepStanding {
        let Some(at) = self.plan.steps.iter().position(|planned| planned.id == step.step) else {
            return StepStanding::Foreign("the plan has no such step".to_owned());
        };
        let goal = match (step.way, at.checked_sub(1)) {
            (Way::Forth, _) => &self.plan.steps[at].after,
            (Way::Back, Some(before)) => &self.plan.steps[before].after,
            (Way::Back, None) => &self.plan.from,
        };
        let all = statements(&self.plan.steps[at], step.way);
        let reaches = |from: usize| {
            let mut catalog = Catalog::with_schema(schema.clone(), self.target, self.session.clone());
            let rest = all.get(from..).unwrap_or_default();
            rest.iter().all(|sql| catalog.run_statement(sql).is_empty()) && self.fingerprint(catalog.schema()) == *goal
        };
        match (reaches(statement + 1), reaches(statement)) {
            (true, false) => StepStanding::Done,
            (false, true) => StepStanding::NotDone,
            (true, true) => {
                StepStanding::Foreign("it changes data and not the schema, so that the schema cannot tell".to_owned())
            }
            (false, false) => {
                StepStanding::Foreign("the schema is neither as before the step nor as after it".to_owned())
            }
        }
    }
}

fn wrong(why: impl Into<String>) -> ApplyError {
    ApplyError::new(ErrorKind::Refused, format!("the plan cannot be used: {}", why.into()))
}

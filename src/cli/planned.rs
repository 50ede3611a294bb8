//! A plan file and a live schema: whether the plan may run there, and where it stands.

use std::fs;
use std::path::Path;

use alterplan::catalog::{Catalog, Session};
use alterplan::compare::{self, Loaded, Text};
use alterplan::diff::{Filter, Policies};
use alterplan::document::{Plan, Step};
use alterplan::ident::Ident;
use alterplan::input::reason;
use alterplan::live::Snapshot;
use alterplan::model::Schema;
use alterplan::proof;
use alterplan::target::Target;

use super::failure::Failure;
use super::terminal::Terminal;
use super::{Exit, engine};

/// A plan with what its fingerprints are made under.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) target: Target,
    pub(crate) policies: Policies,
    pub(crate) filter: Filter,
    /// The session of its statements.
    pub(crate) session: Session,
}

impl Planned {
    /// Reads a plan file.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display();
        let text = fs::read_to_string(path)
            .map_err(|why| Failure::wrong(format!("cannot read `{name}`: {}", reason(&why))))?;
        let plan = Plan::read(&text).map_err(|why| {
            Failure::wrong(format!("`{name}` is no plan: {why}"))
                .help("`alterplan diff OLD NEW -o plan.json` writes one")
        })?;
        let wrong = |why: String| Failure::wrong(format!("`{name}`: {why}"));
        let target: Target =
            plan.target.parse().map_err(|why: alterplan::target::UnsupportedTarget| wrong(why.to_string()))?;
        let mut policies = Policies::default();
        for (key, value) in &plan.policies {
            policies.set(&format!("{key}={value}")).map_err(|why| wrong(why.to_string()))?;
        }
        let filter =
            Filter::new(&plan.filters.only, &plan.filters.ignore).map_err(|why| wrong(format!("filters: {why}")))?;
        let mut variables = plan.server.clone();
        variables.insert("sql_mode".to_owned(), plan.session.sql_mode.clone());
        variables.insert("foreign_key_checks".to_owned(), u8::from(plan.session.foreign_key_checks).to_string());
        let session = engine::session(&variables, target)?;
        Ok(Self { plan, target, policies, filter, session })
    }

    /// Refuses a server of another series than the plan is for.
    pub(crate) fn check_server(&self, server: Target) -> Result<(), Failure> {
        if self.target.is_of_series(server) {
            return Ok(());
        }
        Err(Failure::wrong(format!("the plan is for {}, and the server is {server}", self.target))
            .exit(Exit::Refused)
            .help(format!("`alterplan diff --target {server}` writes one for it")))
    }

    /// What a live schema comes to. One database takes the name by which the plan calls it.
    pub(crate) fn load(&self, snapshot: Snapshot, terminal: &mut Terminal) -> Result<Schema, Failure> {
        let name = snapshot.source.name.clone();
        let session = engine::session(&snapshot.facts.variables, self.target)?;
        let text = Text { sources: vec![snapshot.source], target: self.target, session };
        let loaded: Loaded = compare::load(text);
        if let Some(message) = engine::refusals(&name, &loaded, terminal) {
            return Err(Failure::wrong(message).exit(Exit::Incomplete));
        }
        let mut schema = loaded.script.schema;
        if let [database] = &mut schema.databases[..] {
            database.name = self.plan.steps.first().and_then(|step| step.object.schema.as_deref()).map(Ident::from);
        }
        Ok(schema)
    }

    /// The fingerprint of a schema under the plan's filters and policies.
    pub(crate) fn fingerprint(&self, schema: &Schema) -> String {
        self.hashes(schema).fingerprint()
    }

    /// The hashes of a schema's objects under the plan's filters and policies.
    pub(crate) fn hashes(&self, schema: &Schema) -> alterplan::canonical::fingerprint::ObjectHashes {
        let terms = proof::Terms {
            target: self.target,
            session: &self.session,
            policies: &self.policies,
            filter: &self.filter,
            fingerprints: true,
        };
        proof::hashes(schema, &terms)
    }

    /// A catalog that holds a schema and is in the plan's session.
    pub(crate) fn catalog(&self, schema: &Schema) -> Catalog {
        Catalog::with_schema(schema.clone(), self.target, self.session.clone())
    }

    /// Refuses a schema that is not the one with that fingerprint, and says why as well as can be told.
    pub(crate) fn check_start(&self, schema: &Schema, start: &str) -> Result<(), Failure> {
        let found = self.fingerprint(schema);
        if found == start {
            return Ok(());
        }
        let refused = |message: String| Failure::wrong(message).exit(Exit::Refused);
        if start.is_empty() {
            return Err(refused("the plan has no fingerprints".to_owned()).help("write it with --format json or yaml"));
        }
        if found == self.plan.to {
            return Err(
                refused("the schema is already what the plan leads to".to_owned()).help("there is nothing left to do")
            );
        }
        if let Some(step) = self.plan.steps.iter().find(|step| step.after == found) {
            return Err(refused(format!("the schema is what step {} of the plan leaves: the plan has begun", step.id))
                .help("go on with its journal, or compare anew"));
        }
        let names = self.strangers(schema);
        let said = if names.is_empty() { self.suspects() } else { names.join("; ") };
        Err(refused(format!("the schema is not the one that the plan starts from: {said}"))
            .help("`alterplan diff OLD URL` shows the difference; then compare anew"))
    }

    /// Objects that the plan's steps do not find as they expect them. The plan knows the whole of OLD only by its
    /// fingerprint, but each step and its inverse together must change nothing.
    fn strangers(&self, schema: &Schema) -> Vec<String> {
        let mut catalog = self.catalog(schema);
        let mut strangers: Vec<String> = Vec::new();
        for step in &self.plan.steps {
            let before = catalog.clone();
            let name = format!("{} `{}`", step.object.kind, step.object.name);
            if let Some(error) = catalog.run_statement(&step.sql).into_iter().next() {
                strangers.push(format!("{name}: {}", error.message));
                catalog = before;
            } else if !self.leads_back(&before, &catalog, step) {
                strangers.push(format!("{name} is another than in the plan"));
            }
        }
        strangers.dedup();
        strangers
    }

    /// What may have changed where nothing is in the plan's way.
    fn suspects(&self) -> String {
        let untold = self.plan.steps.iter().filter(|step| step.inverse.is_none());
        let mut names: Vec<String> =
            untold.map(|step| format!("{} `{}`", step.object.kind, step.object.name)).collect();
        names.dedup();
        names.push("an object that the plan leaves alone".to_owned());
        format!("another is {}", names.join(", or "))
    }

    fn leads_back(&self, before: &Catalog, after: &Catalog, step: &Step) -> bool {
        let Some(inverse) = &step.inverse else { return true };
        let mut back = after.clone();
        let refused = inverse.statements.iter().any(|sql| !back.run_statement(sql).is_empty());
        !refused && self.hashes(back.schema()) == self.hashes(before.schema())
    }
}

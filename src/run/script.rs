//! A plain script as a plan: one step a statement, with the hazards that comparing the schema before and after it tells of.
//!
//! A script is run as it is written. What it does to definitions is tried on a catalog that holds the live schema, so that each
//! statement has its hazards, its algorithm, a way back and a fingerprint after it, as in any plan. What it does to rows is
//! the user's, and is neither looked into nor taken back.

use crate::canonical::fingerprint::ObjectHashes;
use crate::catalog::{Catalog, Script, Session};
use crate::compare::{self, Loaded, Settings, Text};
use crate::diff::{Filter, Policies};
use crate::document::{
    self, Action, Algorithm, At, Filters, Hazard, HazardKind, Inverse, Lock, Object, Phase, Plan, Step,
};
use crate::ident::Ident;
use crate::live;
use crate::model::Schema;
use crate::preprocess::{Command, Kind, Statement, Verb, statements};
use crate::source::{Pair, Source};
use crate::target::Target;

use super::chain::sha256;
use super::database::LiveDatabase;
use super::error::{RunError, RunErrorKind};
use super::job::Event;
use super::planned::Planned;

/// The kinds of objects that steps of a script are about where it is no definition.
pub(super) const SESSION: &str = "session";
pub(super) const TRANSACTION: &str = "transaction";
const DATA: &str = "data";

/// What a script is known by.
pub(super) fn digest(source: &Source) -> String {
    sha256(&source.text)
}

/// What a script comes to on a live schema.
pub(super) fn plan(
    source: &Source,
    database: &mut LiveDatabase,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Plan, RunError> {
    let facts = database.writer()?.facts().clone();
    let target = facts.target.target;
    let sql_mode = facts.variables.get("sql_mode").cloned().unwrap_or_default();
    let mut plan = shell(target, &sql_mode);
    let planned_plan = plan.clone();
    let planned = Planned::new(&planned_plan)?;
    let schema = planned.load(live::read(database.address(), &mut |_| {})?)?;
    plan.from = planned.fingerprint(&schema);
    plan.to.clone_from(&plan.from);
    let names = database.address().databases.clone();
    let mut reader = Reader { source, target, planned: &planned, catalog: planned.catalog(&schema), names };
    for statement in statements(&source.text, target, planned.session.lexis()) {
        let statement = statement.map_err(|error| reader.wrong(error.span.start, &error.to_string()))?;
        if let Some(mut step) = reader.step(&statement)? {
            step.id = u32::try_from(plan.steps.len() + 1).unwrap_or(u32::MAX);
            plan.to.clone_from(&step.after);
            plan.steps.push(step);
        }
    }
    tell(Event::Note(
        "a script has no fingerprint that it starts from: it runs on what is there. Its definitions are held against the \
         hazards that --allow knows; what it does to rows is not looked into",
    ));
    Ok(plan)
}

fn shell(target: Target, sql_mode: &str) -> Plan {
    Plan {
        format: Plan::FORMAT.to_owned(),
        version: Plan::VERSION,
        target: target.to_string(),
        old_target: target.to_string(),
        new_target: target.to_string(),
        server: Default::default(),
        session: document::Session {
            sql_mode: sql_mode.to_owned(),
            character_set: "utf8mb4".to_owned(),
            foreign_key_checks: true,
        },
        policies: Default::default(),
        filters: Filters::default(),
        from: String::new(),
        to: String::new(),
        steps: Vec::new(),
        renames: Vec::new(),
        set_aside: Vec::new(),
        not_understood: Vec::new(),
    }
}

struct Reader<'r> {
    source: &'r Source,
    target: Target,
    planned: &'r Planned<'r>,
    catalog: Catalog,
    /// The databases that the address names.
    names: Vec<String>,
}

impl Reader<'_> {
    /// The step that a statement is; none for what only the client reads.
    fn step(&mut self, statement: &Statement<'_>) -> Result<Option<Step>, RunError> {
        let at = statement.body.start;
        let sql = std::str::from_utf8(statement.text).map_err(|_| self.wrong(at, "it is not valid UTF-8"))?.to_owned();
        let mut step = self.bare(at, &sql);
        match statement.kind {
            Kind::Blank | Kind::Client(Command::Delimiter | Command::Session | Command::Clear) => return Ok(None),
            Kind::Client(Command::Source | Command::Quit | Command::Connect | Command::Shell) => {
                return Err(self.wrong(at, "this is a command of the command-line client, which is not followed"));
            }
            Kind::Fragment(_) => {
                return Err(
                    self.wrong(at, "this is a piece of a stored program: DELIMITER has to protect its semicolons")
                );
            }
            Kind::Use { .. } => {
                let name = String::from_utf8_lossy(&statement.database().unwrap_or_default()).into_owned();
                if !self.names.contains(&name) {
                    return Err(
                        self.wrong(at, &format!("it goes to the database `{name}`, which --database does not name"))
                    );
                }
                if self.names.len() > 1 {
                    self.catalog.run_statement(&sql);
                }
                SESSION.clone_into(&mut step.object.kind);
            }
            Kind::Set => {
                if sql.to_ascii_lowercase().contains("autocommit") {
                    return Err(self
                        .wrong(at, "without autocommit nobody could tell what an interrupted run has done")
                        .help("START TRANSACTION and COMMIT around what belongs together are fine"));
                }
                self.catalog.run_statement(&sql);
                SESSION.clone_into(&mut step.object.kind);
            }
            Kind::Lock => SESSION.clone_into(&mut step.object.kind),
            Kind::Transaction => {
                TRANSACTION.clone_into(&mut step.object.kind);
                step.object.name = first_word(&sql);
                if step.object.name == "xa" {
                    return Err(self.wrong(at, "a distributed transaction outlives its session, and is not followed"));
                }
            }
            Kind::Data | Kind::Grant => {}
            Kind::Table(Verb::Truncate) => {
                step.hazards.push(hazard(HazardKind::DataLoss, "removes all rows of the table"))
            }
            Kind::Table(_) | Kind::Index(_) | Kind::Database(_) | Kind::Stored(..) | Kind::Other(_) => {
                self.define(&mut step, statement.kind);
            }
            Kind::SetStatement { .. } => {
                let governed = statement.governed(self.target).map(|governed| governed.kind);
                self.define(&mut step, governed.unwrap_or(statement.kind));
            }
        }
        let place = self.place(at);
        step.hazards.iter_mut().for_each(|hazard| hazard.reason = format!("{place}: {}", hazard.reason));
        step.after = self.fingerprint();
        Ok(Some(step))
    }

    /// Tries a definition on the catalog, and takes in what comparing the schema before and after it tells.
    fn define(&mut self, step: &mut Step, kind: Kind) {
        let before = self.loaded();
        let errors = self.catalog.run_statement(&step.sql);
        for error in errors {
            let number = error.number.map(|number| format!("error {number}: ")).unwrap_or_default();
            step.hazards.push(hazard(
                HazardKind::MayFail,
                &format!("the server is expected to refuse it: {number}{}", error.message),
            ));
        }
        match kind {
            Kind::Database(Verb::Drop) => step.hazards.push(hazard(HazardKind::DataLoss, "drops a database")),
            Kind::Table(Verb::Create) if is_replacing(&step.sql) => {
                step.hazards.push(hazard(HazardKind::DataLoss, "drops a table of that name with its rows"));
            }
            _ => {}
        }
        let after = self.loaded();
        if self.hashes(&before.script.schema) == self.hashes(&after.script.schema) {
            return;
        }
        let settings = Settings {
            target: self.target,
            server: Default::default(),
            policies: self.renaming(),
            filter: Filter::default(),
            renames: Vec::new(),
            fingerprints: false,
        };
        match compare::compare(Pair::new(&before, &after), &settings) {
            Ok(plan) => take_in(step, plan.steps),
            Err(_) => step.hazards.push(hazard(HazardKind::DataLoss, "what it does to rows cannot be told")),
        }
    }

    /// A statement that renames is no drop: what looks like a rename is one.
    fn renaming(&self) -> Policies {
        let mut policies = self.planned.policies;
        // The key and its value are known.
        let _ = policies.set("rename=detect");
        policies
    }

    fn loaded(&self) -> Loaded {
        let session: Session = self.catalog.session().clone();
        let script = Script {
            schema: self.catalog.schema().clone(),
            temporary: Schema::default(),
            errors: Vec::new(),
            set_aside: Default::default(),
            not_understood: Vec::new(),
            warnings: Vec::new(),
            renamed: Vec::new(),
            session: session.clone(),
        };
        Loaded { text: Text { sources: Vec::new(), target: self.target, session }, script }
    }

    fn hashes(&self, schema: &Schema) -> ObjectHashes {
        self.planned.hashes(schema)
    }

    fn fingerprint(&self) -> String {
        self.planned.fingerprint(self.catalog.schema())
    }

    fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.source.name, self.source.position(offset).line)
    }

    fn wrong(&self, offset: usize, why: &str) -> RunError {
        RunError::new(RunErrorKind::Wrong, format!("{}: {why}", self.place(offset)))
    }

    /// A step that runs a statement and of which nothing is known.
    fn bare(&self, at: usize, sql: &str) -> Step {
        Step {
            id: 0,
            phase: Phase::Expand,
            object: Object { kind: DATA.to_owned(), schema: None, name: self.source.name.clone(), old_name: None },
            action: Action::Data,
            changes: vec![sql.split_whitespace().take(4).collect::<Vec<_>>().join(" ") + " …"],
            sql: sql.to_owned(),
            session: None,
            algorithm: None,
            lock: None,
            rebuilds_table: false,
            hazards: Vec::new(),
            inverse: None,
            irreversible: Some("the script does not say how".to_owned()),
            depends_on: Vec::new(),
            after: String::new(),
            at: At { old: None, new: Some(self.place(at)) },
        }
    }
}

/// Takes what the steps of a comparison say into the step that does all of it.
fn take_in(step: &mut Step, found: Vec<Step>) {
    if let Some(first) = found.first() {
        step.object = Object {
            schema: first.object.schema.as_deref().map(Ident::from).map(|n| n.to_string()),
            ..first.object.clone()
        };
        step.action = first.action;
    }
    step.changes = found.iter().flat_map(|part| part.changes.clone()).collect();
    step.algorithm = found.iter().filter_map(|part| part.algorithm).max_by_key(|algorithm: &Algorithm| *algorithm);
    step.lock = found.iter().filter_map(|part| part.lock).max_by_key(|lock: &Lock| *lock);
    step.rebuilds_table = found.iter().any(|part| part.rebuilds_table);
    step.hazards.extend(found.iter().flat_map(|part| part.hazards.clone()));
    let mut inverse = Inverse { statements: Vec::new(), session: None, hazards: Vec::new() };
    for part in found.iter().rev() {
        match &part.inverse {
            Some(back)
                if back.session.is_some()
                    && inverse.session.as_ref().is_some_and(|s| back.session.as_ref() != Some(s)) =>
            {
                step.irreversible = Some("its way back needs more than one session".to_owned());
                return;
            }
            Some(back) => {
                inverse.session = inverse.session.or_else(|| back.session.clone());
                inverse.statements.extend(back.statements.clone());
                inverse.hazards.extend(back.hazards.clone());
            }
            None => {
                step.irreversible.clone_from(&part.irreversible);
                return;
            }
        }
    }
    step.inverse = Some(inverse);
    step.irreversible = None;
}

fn hazard(kind: HazardKind, reason: &str) -> Hazard {
    Hazard { kind, reason: reason.to_owned(), probe: None }
}

fn first_word(sql: &str) -> String {
    let start = sql.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    start.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase()
}

fn is_replacing(sql: &str) -> bool {
    let mut words = sql.split_ascii_whitespace();
    words.next();
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("or"))
}

/// The transaction that is open at the end of a script's first so many steps: where it begins.
pub(super) fn open_transaction(steps: &[Step]) -> Option<usize> {
    let mut open = None;
    for (at, step) in steps.iter().enumerate() {
        match (step.object.kind.as_str(), step.object.name.as_str()) {
            (TRANSACTION, "start" | "begin") => open = Some(at),
            (TRANSACTION, "commit") => open = None,
            (TRANSACTION, "rollback") if !step.sql.to_ascii_lowercase().split_whitespace().any(|word| word == "to") => {
                open = None
            }
            (SESSION | DATA | TRANSACTION, _) => {}
            // A definition commits what is open before it runs.
            _ => open = None,
        }
    }
    open
}

//! `alterplan prove`: runs a plan and its inverse on scratch databases of a real server, and looks what came of it.

use std::ffi::OsString;
use std::path::Path;

use alterplan::compare::{self, Loaded, NoPlan, Settings, Text};
use alterplan::diff::{Filter, Policies};
use alterplan::document::{Plan, ProgramSession, Session as PlanSession, settings};
use alterplan::ident::Ident;
use alterplan::live::{self, Address, Connection, Facts, Scratch};
use alterplan::model::{Collation, Database, Schema};
use alterplan::plan::program_session;
use alterplan::render::definition::{self, Definition};
use alterplan::run::Planned;
use alterplan::source::Pair;
use alterplan::target::Target;
use clap::Args;

use super::args::Global;
use super::comparison::{self, Comparison};
use super::engine::{self, Targets};
use super::failure::Failure;
use super::planned;
use super::terminal::Terminal;
use super::{Exit, interrupt};

/// The arguments of `prove`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The schema that is there; or a plan, which starts from the schema of the server's database; both may be left out where
    /// alterplan.yaml names them
    #[arg(value_name = "OLD")]
    old: Option<OsString>,
    /// The schema that is wanted
    #[arg(value_name = "NEW")]
    new: Option<OsString>,
    /// The server to try it on: mysql://user@host/
    #[arg(long, value_name = "URL")]
    server: String,
    #[command(flatten)]
    comparison: Comparison,
}

/// Everything that a proof needs: the two schemas, the plan between them, and by what it is judged.
struct Case {
    schemas: Pair<Schema>,
    plan: Plan,
    policies: Policies,
    filter: Filter,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let address = engine::server(&arguments.server)?;
    let mut facts = Connection::reader(&address.of_databases(Vec::new()))?.facts().clone();
    // The databases say their collations themselves.
    facts.variables.remove("collation_server");
    let target = facts.target.target;
    let case = match (&arguments.old, &arguments.new) {
        (Some(plan), None) => of_plan(Path::new(plan), &address, target)?,
        (old, new) => {
            let sides = global.project.sides(old.as_ref(), new.as_ref())?;
            between(sides.as_ref(), &arguments.comparison, target, global, terminal)?
        }
    };
    interrupt::take_over()?;
    let judge = Judge { address: &address, facts: &facts, case: &case };
    let findings = judge.findings()?;
    let steps = case.plan.steps.len();
    let leads = if steps == 1 { "step leads" } else { "steps lead" };
    if !findings.is_empty() {
        terminal.print(findings.iter().map(|finding| format!("{finding}\n")).collect::<String>())?;
        return Err(Failure::wrong(format!("the plan does not hold on {target}")).exit(Exit::Finding));
    }
    let back = match case.plan.steps.iter().find(|step| step.inverse.is_none()) {
        None => "and the inverse leads back".to_owned(),
        Some(step) => format!("step {} cannot be taken back", step.id),
    };
    terminal.print(format!("proven on {target}: {steps} {leads} to NEW; {back}\n"))?;
    Ok(Exit::Done)
}

/// The case of two sources.
fn between(
    given: Pair<&OsString>,
    comparison: &Comparison,
    server: Target,
    global: &Global,
    terminal: &mut Terminal,
) -> Result<Case, Failure> {
    let (policies, filter) = (comparison.policies(&global.project)?, comparison.filter(&global.project)?);
    let read = engine::read_pair(given.old, given.new, global)?;
    let targets = engine::targets_on(read.as_ref(), server, global, terminal);
    let target = targets.plan;
    if !target.is_of_series(server) {
        return Err(Failure::wrong(format!("the plan is for {target}, and the server is {server}"))
            .help("a plan is proven on the server that it is for"));
    }
    let Targets { sides, .. } = targets;
    let variables = engine::variables(read.as_ref(), sides, global);
    let mut loaded = engine::load_pair(read, sides, &variables, global, terminal)?;
    if loaded.as_ref().map(|side| filled(&side.script.schema) <= 1) == Pair::new(true, true) {
        for side in [&mut loaded.old, &mut loaded.new] {
            side.script.schema.databases.retain(|d| !d.tables.is_empty() || !d.objects.is_empty());
            side.script.schema.databases.iter_mut().for_each(|database| database.name = None);
        }
    }
    let server = engine::unusual(&variables.old, sides.old);
    let settings = Settings {
        target,
        server,
        policies,
        filter,
        renames: comparison.renames(&global.project),
        fingerprints: false,
    };
    let planned = compare::in_terms(loaded.as_ref(), &settings)
        .and_then(|there| Ok((compare::compare_in_terms(loaded.as_ref(), there.as_ref(), &settings)?, there)));
    let (plan, there) = planned.map_err(|none| match none {
        NoPlan::Renames(errors) => comparison::impossible(&errors),
        NoPlan::Foreign(foreign) => comparison::foreign(&foreign, loaded.as_ref(), target),
        NoPlan::Disproved(disproof) => {
            Failure::wrong(format!("there is no plan to prove: {disproof}")).exit(Exit::Incomplete)
        }
    })?;
    Ok(Case {
        schemas: loaded.zip(there).map(|(side, there)| there.schema.unwrap_or(side.script.schema)),
        plan,
        policies: settings.policies,
        filter: settings.filter,
    })
}

/// The case of a plan file: it starts from what the server's database holds, and NEW is what the catalog makes of it.
fn of_plan(path: &Path, address: &Address, server: Target) -> Result<Case, Failure> {
    let plan = planned::read(path)?;
    let planned = Planned::new(&plan)?;
    planned.check_server(server)?;
    if address.databases.is_empty() {
        return Err(Failure::wrong("a plan is proven on the schema that it starts from")
            .help("name the database that holds it: --server mysql://user@host/database"));
    }
    let mut old = planned.load(live::read(address, &mut |_| {})?)?;
    planned.check_start(&old, None)?;
    let mut catalog = planned.catalog(&old);
    for step in &planned.plan.steps {
        let session = settings(step.session.as_ref());
        if let Some(error) = catalog.run_statement_in(session, &step.sql).into_iter().next() {
            return Err(Failure::wrong(format!("step {} of the plan: {}", step.id, error.message)));
        }
    }
    if planned.fingerprint(catalog.schema()) != planned.plan.to {
        return Err(
            Failure::wrong("the plan does not lead to the schema whose fingerprint it names").exit(Exit::Finding)
        );
    }
    let mut new = catalog.into_schema();
    if let ([one], [two]) = (&mut old.databases[..], &mut new.databases[..])
        && one.name.is_some()
    {
        return Err(Failure::wrong(format!(
            "the plan names its database, and so can be proven only on {}",
            one.name.as_ref().or(two.name.as_ref()).map(|name| name.quoted().to_string()).unwrap_or_default()
        ))
        .exit(Exit::Refused)
        .help("a plan between sources without CREATE DATABASE and USE names none"));
    }
    let Planned { policies, filter, .. } = planned;
    Ok(Case { schemas: Pair::new(old, new), plan, policies, filter })
}

fn filled(schema: &Schema) -> usize {
    schema.databases.iter().filter(|d| !d.tables.is_empty() || !d.objects.is_empty()).count()
}

/// A statement of the plan, and what it is to find set.
struct Statement<'p> {
    step: u32,
    session: Option<&'p ProgramSession>,
    sql: &'p str,
}

/// What a proof is made with.
struct Judge<'a> {
    address: &'a Address,
    facts: &'a Facts,
    case: &'a Case,
}

impl Judge<'_> {
    /// What does not hold, in words; nothing where all holds.
    fn findings(&self) -> Result<Vec<String>, Failure> {
        let (old, new) = (&self.case.schemas.old, &self.case.schemas.new);
        let goal = self.on(new, "new", |judge, scratch| judge.read(scratch))?;
        self.on(old, "old", |judge, scratch| {
            let before = judge.read(scratch)?;
            if let Some(refusal) = judge.execute(scratch, judge.forth())? {
                return Ok(vec![refusal]);
            }
            let after = judge.read(scratch)?;
            let mut findings = judge.differences(&after, &goal, "after the plan");
            if let Some(back) = judge.back() {
                match judge.execute(scratch, back)? {
                    Some(refusal) => findings.push(refusal),
                    None => {
                        let back = judge.read(scratch)?;
                        findings.extend(judge.differences(&back, &before, "after the inverse"));
                    }
                }
            }
            Ok(findings)
        })
    }

    /// Makes a schema on scratch databases, does something there, and drops them.
    fn on<T>(
        &self,
        schema: &Schema,
        name: &str,
        work: impl FnOnce(&Self, &Scratch) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        interrupt::check()?;
        let target = self.facts.target.target;
        let nameless = format!("alterplan_prove_{}_{name}", std::process::id());
        let default = (nameless.clone(), Collation::server_default(target));
        let mut databases: Vec<(String, Collation)> = schema
            .databases
            .iter()
            .map(|d| (d.name.as_ref().map_or_else(|| nameless.clone(), Ident::to_string), d.collation))
            .collect();
        if databases.is_empty() {
            databases.push(default);
        }
        let scratch = Scratch::create(self.address, &databases, target)?;
        let done = self.fill(&scratch, schema, &databases).and_then(|()| work(self, &scratch));
        let dropped = scratch.close();
        let done = done?;
        dropped?;
        Ok(done)
    }

    fn fill(&self, scratch: &Scratch, schema: &Schema, names: &[(String, Collation)]) -> Result<(), Failure> {
        let mut connection = Connection::writer(scratch.address())?;
        interrupt::watch(&connection);
        let target = self.facts.target.target;
        let mut left: Vec<(&Database, &str, Definition)> = Vec::new();
        for (database, (name, _)) in schema.databases.iter().zip(names) {
            left.extend(definition::of(database, target).into_iter().map(|d| (database, name.as_str(), d)));
        }
        // A view may stand before what it names, as files in any order have it: it waits until that is there.
        loop {
            let before = left.len();
            let mut waiting = Vec::new();
            let mut refused = None;
            for (database, name, definition) in left {
                connection.execute(&format!("USE {}", alterplan::ident::Quoted(name)))?;
                let object = database.objects.values().find(|o| o.location == definition.location);
                let sql_mode = object.map_or("NO_ENGINE_SUBSTITUTION", |object| &object.sql_mode);
                connection.set_session(&PlanSession {
                    sql_mode: sql_mode.to_owned(),
                    character_set: "utf8mb4".to_owned(),
                    foreign_key_checks: false,
                })?;
                let own = object.map(|object| program_session(&object.creation, &definition.text, target));
                if let Some(own) = own.flatten() {
                    connection.set_program_session(&own)?;
                }
                interrupt::check()?;
                if let Err(why) = connection.execute(&definition.text) {
                    let help = format!("this was to make {} {}", definition.kind, definition.name);
                    let failure = Failure::from(why).help(help);
                    if object.is_none() {
                        return Err(failure);
                    }
                    refused.get_or_insert(failure);
                    waiting.push((database, name, definition));
                }
            }
            match refused {
                None => return Ok(()),
                Some(failure) if waiting.len() == before => return Err(failure),
                Some(_) => left = waiting,
            }
        }
    }

    fn forth(&self) -> Vec<Statement<'_>> {
        let steps = self.case.plan.steps.iter();
        steps.map(|step| Statement { step: step.id, session: step.session.as_ref(), sql: &step.sql }).collect()
    }

    /// The statements that lead back, where all do.
    fn back(&self) -> Option<Vec<Statement<'_>>> {
        let mut statements = Vec::new();
        for step in self.case.plan.steps.iter().rev() {
            let (step, inverse) = (step.id, step.inverse.as_ref()?);
            let session = inverse.session.as_ref();
            statements.extend(inverse.statements.iter().map(|sql| Statement { step, session, sql }));
        }
        Some(statements)
    }

    /// Executes statements one after the other; says which one the server refuses.
    fn execute(&self, scratch: &Scratch, statements: Vec<Statement<'_>>) -> Result<Option<String>, Failure> {
        let mut connection = Connection::writer(scratch.address())?;
        interrupt::watch(&connection);
        connection.set_session(&self.case.plan.session)?;
        for Statement { step, session, sql } in statements {
            interrupt::check()?;
            if let Some(session) = session {
                connection.set_program_session(session)?;
            }
            let done = connection.execute(sql);
            if session.is_some() && done.is_ok() {
                connection.set_session(&self.case.plan.session)?;
            }
            match done {
                Ok(()) => {}
                Err(refusal) => {
                    interrupt::check()?;
                    if refusal.is_loss() {
                        return Err(refusal.into());
                    }
                    return Ok(Some(format!("step {step}: {refusal}\n{sql}")));
                }
            }
        }
        Ok(None)
    }

    fn read(&self, scratch: &Scratch) -> Result<Loaded, Failure> {
        interrupt::check()?;
        let snapshot = live::read(scratch.address(), &mut |_| {})?;
        let target = self.facts.target.target;
        let mut session = engine::session(&self.facts.variables, target)?;
        session.stored = true;
        let mut loaded = compare::load(Text { sources: vec![snapshot.source], target, session });
        self.forget_untold(&mut loaded.script.schema);
        Ok(loaded)
    }

    /// The server tells of each program in which session it was made. Where a side does not, none was asked for.
    fn forget_untold(&self, found: &mut Schema) {
        let sides = [&self.case.schemas.old, &self.case.schemas.new];
        for (key, object) in found.databases.iter_mut().flat_map(|database| &mut database.objects) {
            let wanted = sides.iter().flat_map(|side| &side.databases).filter_map(|database| database.objects.get(key));
            let told = wanted.fold(object.creation.told(), |told, object| told.and(object.creation.told()));
            object.creation = object.creation.only(told);
        }
    }

    /// What differs between two states of the server, object by object.
    fn differences(&self, found: &Loaded, wanted: &Loaded, when: &str) -> Vec<String> {
        let errors = [found, wanted].into_iter().flat_map(|side| &side.script.errors);
        let mut findings: Vec<String> =
            errors.map(|error| format!("{when}: what the server shows cannot be read: {}", error.message)).collect();
        let settings = Settings {
            target: self.facts.target.target,
            server: Default::default(),
            policies: self.case.policies,
            filter: self.case.filter.clone(),
            renames: Vec::new(),
            fingerprints: false,
        };
        match compare::compare(Pair::new(found, wanted), &settings) {
            Ok(plan) => findings.extend(plan.steps.iter().flat_map(|step| {
                let object = format!("{} `{}`", step.object.kind, step.object.name);
                step.changes
                    .iter()
                    .map(move |change| format!("{when}, {object} still differs: a further plan {change}"))
            })),
            Err(none) => findings.push(format!("{when}: {none}")),
        }
        findings
    }
}

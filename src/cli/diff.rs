//! `alterplan diff`: the plan from OLD to NEW.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use alterplan::compare::{self, NoPlan, Settings, only_phase};
use alterplan::data::{self, DataStep};
use alterplan::diff::{Online, Phases};
use alterplan::document::{Phase, Plan};
use alterplan::model::Schema;
use alterplan::proof::Disproof;
use alterplan::render;
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use clap::{Args, ValueEnum};

use super::allowance::{self, Allowance, Gate};
use super::args::Global;
use super::comparison::{self, Comparison};
use super::failure::Failure;
use super::output::{self, Destination};
use super::project::Project;
use super::report::Level;
use super::terminal::Terminal;
use super::{Exit, engine};

/// The arguments of `diff`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The schema that is there; both may be left out where alterplan.yaml names them
    #[arg(value_name = "OLD")]
    old: Option<OsString>,
    /// The schema that is wanted
    #[arg(value_name = "NEW")]
    new: Option<OsString>,
    /// How to write the plan; else by the extension of --output, else text on a terminal, else sql
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Format>,
    /// Where to write it
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Exits with 1 if there is a difference
    #[arg(long)]
    exit_code: bool,
    /// Exits with 4 if something was not understood
    #[arg(long)]
    strict: bool,
    /// Exits with 3 if the plan has a hazard outside this list
    #[arg(long, value_name = "HAZARD", value_delimiter = ',', value_parser = allowance::words())]
    allow: Option<Vec<Allowance>>,
    #[command(flatten)]
    comparison: Comparison,
    /// Only the steps before, or after, the new code runs
    #[arg(long, value_name = "PHASE", value_enum)]
    phase: Option<PhaseChoice>,
    /// The plan from NEW to OLD
    #[arg(long)]
    reverse: bool,
    /// Puts statements of your own, such as backfills, between the phases
    #[arg(long, value_name = "FILE")]
    data: Vec<OsString>,
}

/// How a plan is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people at a terminal
    Text,
    /// For the mysql and mariadb clients
    Sql,
    /// The plan document
    Json,
    /// The plan document
    Yaml,
    /// For a pull request's comment
    Markdown,
    /// A page of its own
    Html,
    /// A unified diff of the definitions
    Patch,
    /// Annotations of GitHub's workflows
    Github,
    /// For code scanning: SARIF 2.1.0
    Sarif,
}

/// A phase on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum PhaseChoice {
    /// Safe before the new code runs
    Expand,
    /// Only after it runs
    Contract,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let project = &global.project;
    let policies = arguments.comparison.policies(project)?;
    let filter = arguments.comparison.filter(project)?;
    let renames = arguments.comparison.renames(project);
    let given = project.sides(arguments.old.as_ref(), arguments.new.as_ref())?;
    let destination = Destination::of(arguments.output.as_deref());
    let format = arguments.format.unwrap_or_else(|| destination.usual_format(terminal));
    let read = engine::read_pair(&given.old, &given.new, global)?;
    let targets = engine::targets(read.as_ref(), global, terminal);
    let variables = engine::variables(read.as_ref(), targets.sides, global);
    // The process ends soon, and takes less time over it than freeing one table after the other would.
    let loaded = ManuallyDrop::new(engine::load_pair(read, targets.sides, &variables, global, terminal)?);
    let server = engine::unusual(&variables.old, targets.sides.old);
    let settings = Settings {
        target: targets.plan,
        server,
        policies,
        filter,
        renames: renames.into_iter().map(|rename| if arguments.reverse { rename.reversed() } else { rename }).collect(),
        fingerprints: matches!(format, Format::Json | Format::Yaml | Format::Html),
    };
    let sides = if arguments.reverse { loaded.as_ref().reversed() } else { loaded.as_ref() };
    let none = |none| match none {
        NoPlan::Renames(errors) => comparison::impossible(&errors),
        NoPlan::Foreign(foreign) => comparison::foreign(&foreign, sides, settings.target),
        NoPlan::Disproved(disproof) => disproved(&disproof, sides, &settings),
    };
    let there = compare::in_terms(sides, &settings).map_err(none)?;
    if global.verbose {
        let lines: BTreeSet<&String> = there.old.same.iter().chain(&there.new.same).collect();
        lines.into_iter().for_each(|line| terminal.note(line));
    }
    let mut plan = compare::compare_in_terms(sides, there.as_ref(), &settings).map_err(none)?;
    let own = data_steps(&arguments.data, project, targets.plan)?;
    let old = there.old.schema.as_ref().unwrap_or(&sides.old.script.schema);
    data::check(&own, &plan, old, targets.plan).map_err(|why| {
        let failure = Failure::wrong(format!("--data {why}"));
        match policies.phases {
            Phases::Mark => failure.help("`--policy phases=split` keeps what the old code needs until contract"),
            Phases::Split => failure,
        }
    })?;
    data::insert(&mut plan, &own);
    let plan = match arguments.phase {
        None => plan,
        Some(PhaseChoice::Expand) => only_phase(plan, Phase::Expand),
        Some(PhaseChoice::Contract) => only_phase(plan, Phase::Contract),
    };
    if policies.online == Online::Require {
        refuse_copies(&plan)?;
    }
    let schemas = sides.zip(there.as_ref()).map(|(side, there)| there.schema.as_ref().unwrap_or(&side.script.schema));
    write(format, &destination, &plan, schemas, &settings, terminal)?;
    for left_out in plan.set_aside.iter().filter(|left_out| left_out.policy.starts_with("rename=")) {
        terminal.warn(&left_out.what);
    }
    verdict(arguments, &plan, &loaded, global, terminal)
}

/// Why there is no plan: another server's definition that the plan's own cannot have, or a defect of ours.
fn disproved(disproof: &Disproof, sides: Pair<&compare::Loaded>, settings: &Settings) -> Failure {
    let wanted = sides.new.text.target;
    if let Some(refusal) = disproof.refusal().filter(|_| wanted != settings.target) {
        return Failure::wrong(format!(
            "{} cannot have what NEW defines: {}: {refusal}",
            settings.target, disproof.object
        ))
        .help(format!("`--target {wanted}` writes the plan for the server that NEW comes from"));
    }
    Failure::wrong(format!("the plan does not hold, so it is not shown: {disproof}"))
        .exit(Exit::Incomplete)
        .help("this is a defect of alterplan; please report it with both schemas")
}

fn write(
    format: Format,
    destination: &Destination,
    plan: &Plan,
    schemas: Pair<&Schema>,
    settings: &Settings,
    terminal: &mut Terminal,
) -> Result<(), Failure> {
    let text = match format {
        Format::Text => {
            let look = match destination {
                Destination::Stdout => terminal.look(),
                Destination::File(_) => terminal.style_of_files().into(),
            };
            render::text(plan, schemas, settings.target, look)
        }
        Format::Sql => render::sql(plan),
        Format::Json => render::json(plan),
        Format::Yaml => render::yaml(plan),
        Format::Markdown => render::markdown(plan, schemas, settings.target),
        Format::Html => render::html(plan, schemas, settings.target),
        Format::Patch => render::patch(plan, schemas, settings.target),
        Format::Github => render::github(plan),
        Format::Sarif => render::sarif(plan),
    };
    output::write(destination, &text, terminal)
}

/// The exit code, after all has been written: the gravest of what applies.
fn verdict(
    arguments: &Arguments,
    plan: &Plan,
    loaded: &Pair<compare::Loaded>,
    global: &Global,
    terminal: &mut Terminal,
) -> Result<Exit, Failure> {
    let level = if arguments.strict { Level::Error } else { Level::Warning };
    engine::report_gaps(&loaded.old, None, level, global, terminal);
    engine::report_gaps(&loaded.new, Some(&loaded.old), level, global, terminal);
    if arguments.strict && !plan.not_understood.is_empty() {
        let count = plan.not_understood.len();
        let what = if count == 1 { "1 expression was" } else { &format!("{count} expressions were") };
        return Err(
            Failure::wrong(format!("the comparison is incomplete: {what} not understood")).exit(Exit::Incomplete)
        );
    }
    if let Some(gate) = Gate::of(arguments.allow.as_deref(), &global.project.config.settings, terminal) {
        gate.check(plan)?;
    }
    let differs = arguments.exit_code && !plan.steps.is_empty();
    Ok(if differs { Exit::Finding } else { Exit::Done })
}

/// Reads the user's own statements: of the files on the command line, or else of the project's.
fn data_steps(files: &[OsString], project: &Project, target: Target) -> Result<Vec<DataStep>, Failure> {
    let mut steps = Vec::new();
    let files = if files.is_empty() { project.data() } else { files.to_vec() };
    for file in &files {
        let text =
            std::fs::read(file).map_err(|why| Failure::wrong(format!("--data {}: {why}", file.to_string_lossy())))?;
        let source = Source::new(file.to_string_lossy(), text);
        steps.extend(data::read(&source, target).map_err(|why| Failure::wrong(format!("--data {why}")))?);
    }
    Ok(steps)
}

/// Refuses a plan that copies a table, before it is written: `online=require`.
fn refuse_copies(plan: &Plan) -> Result<(), Failure> {
    let copying = compare::copying_steps(plan);
    if copying.is_empty() {
        return Ok(());
    }
    let named = copying.iter().map(|step| {
        format!("step {} on {} `{}` ({})", step.id, step.object.kind, step.object.name, step.changes.join(", "))
    });
    let named = named.collect::<Vec<_>>().join("; ");
    Err(Failure::wrong(format!("the plan copies tables row by row: {named}"))
        .exit(Exit::Refused)
        .help("`--policy online=prefer` plans it all the same"))
}

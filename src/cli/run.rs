//! `alterplan run`: a plan or a script, on a server.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use alterplan::document::{Permit, Phase, Plan, Step};
use alterplan::input::{self, Place};
use alterplan::live::{Address, Progress as Reading};
use alterplan::render;
use alterplan::run::{self, Event, Patience, Report, Request, Via, Work};
use alterplan::source::Source;
use clap::{Args, ValueEnum};

use super::Exit;
use super::allowance::{self, Allowance, Gate};
use super::args::Global;
use super::failure::Failure;
use super::terminal::Terminal;
use super::{engine, interrupt, planned};

/// The arguments of `run`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A plan file (yaml or json), or a plain .sql script
    #[arg(value_name = "PLAN")]
    plan: OsString,
    /// The database: mysql://user@host/database [default: the one in the file that --config names, or of its --env]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Checks everything, prints what would run, and runs nothing
    #[arg(long)]
    dry_run: bool,
    /// Runs the steps of one phase alone
    #[arg(long, value_name = "PHASE", value_enum)]
    phase: Option<PhaseChoice>,
    /// Hazards that steps may have besides rewrite, lock and may-fail with a clean probe: data-loss, may-fail, incompatible,
    /// semantics, or all
    #[arg(long, value_name = "HAZARD,…", value_delimiter = ',', value_parser = allowance::words())]
    allow: Option<Vec<Allowance>>,
    /// Where each statement is written down before and after it is sent [default: PLAN.journal]
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// By what tables are rewritten
    #[arg(long, value_name = "TOOL", value_enum, default_value = "direct")]
    via: Tool,
    /// Takes back what the journal says was run, the last step first
    #[arg(long)]
    undo: bool,
    /// How many seconds a statement waits for a table that is in use, before it is tried again, twice at most
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    lock_wait: u64,
    /// What you have found of the statement that an interrupted run has sent, where the schema cannot tell
    #[arg(long, value_name = "STATE", value_enum)]
    settle: Option<Settled>,
}

/// A phase on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum PhaseChoice {
    Expand,
    Contract,
}

/// A tool on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Tool {
    /// The server's own ALTER TABLE
    Direct,
    /// Percona's pt-online-schema-change
    PtOsc,
    /// gh-ost
    GhOst,
}

/// What a person has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Settled {
    /// It was done
    Done,
    /// It was not done
    NotDone,
}

/// What was given.
enum Given {
    Plan(Box<Plan>),
    Script(Source),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let settings = &global.project.config.settings;
    let Some(database) = arguments.database.as_ref().or(settings.database.as_ref()) else {
        return Err(Failure::wrong("there is no database to run on")
            .help("--database mysql://user@host/database, or --env NAME for the one of alterplan.yaml"));
    };
    let database = engine::server(database)?;
    if database.databases.is_empty() {
        return Err(Failure::wrong("--database names no database").help("mysql://user@host/database"));
    }
    let allow = Gate::permit(arguments.allow.as_deref(), settings, terminal);
    let given = read(&arguments.plan)?;
    if let Given::Plan(plan) = &given {
        tell_exceptions(plan, &allow, terminal);
    }
    let journal = arguments.journal.clone().unwrap_or_else(|| beside(&arguments.plan));
    let request = Request {
        work: match &given {
            Given::Plan(plan) => Work::Plan(plan),
            Given::Script(source) => Work::Script(source),
        },
        database: database.clone(),
        // Somebody waits for it, who may have mistyped the address.
        patience: Patience {
            first: Duration::ZERO,
            table: Duration::from_secs(arguments.lock_wait),
            ..Patience::default()
        },
        phase: arguments.phase.map(|phase| match phase {
            PhaseChoice::Expand => Phase::Expand,
            PhaseChoice::Contract => Phase::Contract,
        }),
        allow: &allow,
        journal: &journal,
        via: match arguments.via {
            Tool::Direct => Via::Direct,
            Tool::PtOsc => Via::PtOsc,
            Tool::GhOst => Via::GhOst,
        },
        settled: arguments.settle.map(|found| found == Settled::Done),
        dry_run: arguments.dry_run,
        is_ended: &interrupt::is_wanted,
    };
    if request.phase.is_some() && matches!(given, Given::Script(_)) {
        return Err(Failure::wrong("a script has no phases"));
    }
    interrupt::take_over()?;
    let ran = {
        let terminal = RefCell::new(&mut *terminal);
        let mut tell = |event: Event<'_>| say(event, &database, global, &mut terminal.borrow_mut());
        if arguments.undo { run::undo(&request, &mut tell) } else { run::run(&request, &mut tell) }
    };
    let report = ran?;
    if arguments.dry_run {
        terminal.print(would_run(&report, request.via, arguments.undo))?;
        return Ok(Exit::Done);
    }
    terminal.print(summary(&report, arguments.undo))?;
    Ok(Exit::Done)
}

/// Says by which exceptions of the configuration hazards of a plan pass, and why.
fn tell_exceptions(plan: &Plan, permit: &Permit, terminal: &mut Terminal) {
    for step in &plan.steps {
        for hazard in &step.hazards {
            if let Some(exception) = permit.exception(step, hazard) {
                let (kind, reason) = (hazard.kind.word(), &hazard.reason);
                terminal.note(&format!("step {}: {kind}: {reason}; excepted: {}", step.id, exception.reason));
            }
        }
    }
}

fn say(event: Event<'_>, database: &Address, global: &Global, terminal: &mut Terminal) {
    match event {
        Event::Connected(id) => interrupt::watch_number(database, id),
        Event::Statement { step, sql } if global.verbose => terminal.note(&format!("step {step}: {sql}")),
        Event::Statement { .. } => {}
        Event::Note(what) => {
            if terminal.warns() {
                terminal.note(what);
            }
        }
        Event::Warning(what) => terminal.warn(what),
    }
}

/// Reads what is to be run: what holds a plan's first words is a plan, all else a script.
fn read(given: &OsStr) -> Result<Given, Failure> {
    let place = Place::parse(given)?;
    if !matches!(place, Place::Path(_)) {
        return Err(Failure::wrong("PLAN is a plan file or a script"));
    }
    if Path::new(given).is_dir() {
        return Err(Failure::wrong(format!("`{}` is a folder, and PLAN is a plan file or a script", place.name())));
    }
    let mut none = |_: Reading| {};
    let sources = input::read(&place, &mut std::io::empty(), &mut none)?.sources;
    let source = sources.into_iter().next().unwrap_or_else(|| Source::new(place.name(), ""));
    let head = String::from_utf8_lossy(&source.text[..source.text.len().min(4_096)]).into_owned();
    let is_plan = head.trim_start().starts_with('{') || head.lines().any(|line| line.starts_with("format:"));
    if is_plan {
        planned::read(Path::new(given)).map(|plan| Given::Plan(Box::new(plan)))
    } else {
        Ok(Given::Script(source))
    }
}

/// The journal that belongs to a plan file.
fn beside(plan: &OsStr) -> PathBuf {
    let mut name = plan.to_owned();
    name.push(".journal");
    name.into()
}

/// What would run: a script, and between its parts the command lines of the tool that steps are handed to.
fn would_run(report: &Report, via: Via, is_undone: bool) -> String {
    let step = |id: u32| report.plan.steps.iter().find(|step| step.id == id);
    let steps: Vec<(&Step, &Vec<String>)> =
        report.steps.iter().filter_map(|(id, statements)| Some((step(*id)?, statements))).collect();
    let is_handed = |step: &Step| !is_undone && via.takes(step);
    let mut out = String::new();
    for part in steps.chunk_by(|one, other| is_handed(one.0) == is_handed(other.0)) {
        if part.first().is_some_and(|(step, _)| is_handed(step)) {
            for (step, statements) in part {
                let program = via.program().unwrap_or_default();
                let lines: Vec<String> =
                    statements.iter().flat_map(|sql| sql.lines()).map(|line| format!("--   {line}\n")).collect();
                out.push_str(&format!("\n-- step {} is handed to {program}:\n{}", step.id, lines.concat()));
            }
            continue;
        }
        let mut shown = report.plan.clone();
        let pieces = part.iter().flat_map(|(step, statements)| statements.iter().map(move |sql| (*step, sql)));
        shown.steps = pieces.map(|(step, sql)| Step { sql: sql.clone(), ..step.clone() }).collect();
        out.push_str(&render::sql(&shown));
    }
    out
}

fn summary(report: &Report, is_undone: bool) -> String {
    let of = report.plan.steps.len();
    let noun = |count: usize| if count == 1 { "step" } else { "steps" };
    let ran = report.steps.len();
    match (ran, is_undone) {
        (0, true) => "nothing of the plan has run: there is nothing to take back\n".to_owned(),
        (0, false) => format!("nothing is left to do: {} of {of} {} have run\n", report.done, noun(of)),
        (_, true) => format!("took back {ran} {}; {} of {of} stay\n", noun(ran), report.done),
        (_, false) if report.done == of => format!("ran {ran} {}; the plan is done\n", noun(ran)),
        (_, false) => format!("ran {ran} {}; {} of {of} have run\n", noun(ran), report.done),
    }
}

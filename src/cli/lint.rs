//! `alterplan lint`: what a schema has that is allowed and yet seldom meant.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use alterplan::compare::{self, Loaded};
use alterplan::lint::{self, RULES, Report};
use alterplan::render::finding::{Finding, Level, Rule};
use alterplan::render::style::{Role, Style, one_line};
use alterplan::render::{annotations, log};
use clap::{Args, ValueEnum};

use super::args::Global;
use super::failure::Failure;
use super::output::{self, Destination};
use super::terminal::Terminal;
use super::{Exit, engine};

/// The arguments of `lint`.
#[derive(Args)]
#[command(after_help = "\
A comment `-- alterplan: allow RULE` on a finding's line, or right above it, silences it.
Exits with 1 if there is a finding graver than a note.")]
pub(crate) struct Arguments {
    /// The schema
    #[arg(value_name = "SOURCE", required_unless_present = "rules")]
    source: Option<OsString>,
    /// How to write the findings
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    format: Format,
    /// Mends what can be mended without changing what the schema is for, in the files themselves
    #[arg(long)]
    fix: bool,
    /// Lists the rules, and why each is one
    #[arg(long)]
    rules: bool,
}

/// How findings are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// A line each
    Text,
    /// For machines
    Json,
    /// Annotations of GitHub's workflows
    Github,
    /// For code scanning: SARIF 2.1.0
    Sarif,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let source = match &arguments.source {
        Some(source) if !arguments.rules => source,
        Some(_) | None => {
            terminal.print(listed(terminal.style()))?;
            return Ok(Exit::Done);
        }
    };
    let read = engine::read(source, global)?;
    let target = engine::target(&read, global, terminal);
    let mut loaded = engine::load(read, target, &global.server(), terminal)?;
    let levels = global.project.levels();
    let mut report = lint::lint(&loaded, &levels);
    if arguments.fix && !report.edits.is_empty() {
        let mended = mend(&loaded, &report, terminal)?;
        terminal.note(&format!("mended {mended} of {} findings", report.findings.len()));
        loaded = engine::load(engine::read(source, global)?, target, &global.server(), terminal)?;
        report = lint::lint(&loaded, &levels);
    }
    let out = match arguments.format {
        Format::Text => text(&report, terminal.style()),
        Format::Json => json(&report),
        Format::Github => annotations(&report.findings),
        Format::Sarif => log(&report.findings, &rules()),
    };
    terminal.print(out)?;
    let is_clean = report.findings.iter().all(|finding| finding.level == Level::Note);
    Ok(if is_clean { Exit::Done } else { Exit::Finding })
}

/// Writes the edits into the files; says how many there were. Nothing is written unless all of it still loads.
fn mend(loaded: &Loaded, report: &Report, terminal: &mut Terminal) -> Result<usize, Failure> {
    let mut text = loaded.text.clone();
    let mut changed = Vec::new();
    for (number, source) in text.sources.iter_mut().enumerate() {
        let mended = lint::mended(&source.text, number, &report.edits);
        if source.text != mended {
            let on_disk = fs::read(&source.name).ok();
            if on_disk.as_deref() != Some(&*source.text) {
                return Err(Failure::wrong(format!(
                    "`{}` is no plain file of UTF-8 text, so it is not mended",
                    source.name
                )));
            }
            source.text = mended.into();
            changed.push(number);
        }
    }
    let again = compare::load(text);
    if let Some(error) = again.script.errors.first() {
        return Err(Failure::wrong(format!("nothing was mended, because then: {}", error.message)));
    }
    for number in changed {
        let source = &again.text.sources[number];
        output::write(&Destination::File(Path::new(&source.name).to_owned()), &source.text, terminal)?;
    }
    Ok(report.edits.len())
}

fn rules() -> Vec<Rule> {
    RULES.iter().map(|rule| Rule { id: rule.id, summary: rule.summary, level: rule.level }).collect()
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn painted(level: Level, text: &str, style: Style) -> String {
    let role = match level {
        Level::Error => Role::Danger,
        Level::Warning => Role::Caution,
        Level::Note => Role::Margin,
    };
    style.paint(role, text)
}

/// `file:line: warning: table t has no primary key [no-primary-key]`, and how many there are.
fn text(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let Finding { level, rule, title, message, at } = finding;
        let at = at.as_ref().map(|at| format!("{}: ", one_line(at))).unwrap_or_default();
        let level = painted(*level, word(*level), style);
        let rule = style.paint(Role::Faint, format!("[{rule}]"));
        let _ = writeln!(out, "{at}{level}: {}: {} {rule}", one_line(title), one_line(message));
    }
    let count = |level| report.findings.iter().filter(|finding| finding.level == level).count();
    let counts: Vec<String> = [Level::Error, Level::Warning, Level::Note]
        .into_iter()
        .filter(|level| count(*level) > 0)
        .map(|level| format!("{} {}{}", count(level), word(level), if count(level) == 1 { "" } else { "s" }))
        .collect();
    let counts = if counts.is_empty() { "No findings.".to_owned() } else { counts.join(", ") };
    let _ = writeln!(out, "{counts}");
    out
}

fn json(report: &Report) -> String {
    let finding = |finding: &Finding| {
        serde_json::json!({
            "level": word(finding.level),
            "rule": finding.rule,
            "object": finding.title,
            "message": finding.message,
            "at": finding.at,
        })
    };
    let findings: Vec<_> = report.findings.iter().map(finding).collect();
    let document = serde_json::json!({ "format": "alterplan-lint", "version": 1, "findings": findings });
    format!("{document:#}\n")
}

fn listed(style: Style) -> String {
    let mut out = String::new();
    for rule in RULES {
        let level = painted(rule.level, word(rule.level), style);
        let _ = writeln!(
            out,
            "{} ({level})\n  {}\n  {}\n",
            style.paint(Role::Heading, rule.id),
            rule.summary,
            rule.explanation
        );
    }
    out
}

//! `alterplan merge`: a three-way merge of schema files, by hand or as git's merge driver.

use std::fs;
use std::path::{Path, PathBuf};

use alterplan::input;
use alterplan::merge::{self, Merged, Unreadable};
use alterplan::source::Source;
use alterplan::target::{Target, header};
use clap::Args;

use super::Exit;
use super::args::Global;
use super::failure::Failure;
use super::output::{self, Destination};
use super::report::{self, Level, Report};
use super::terminal::Terminal;

/// The arguments of `merge`.
#[derive(Args)]
#[command(after_help = "\
As git's merge driver:
  git config merge.alterplan.driver 'alterplan merge %O %A %B -o %A --path %P'
  echo '*.sql merge=alterplan' >> .gitattributes

Exit codes: 0 merged; 1 conflicts, with markers in OUT; 129 an input cannot be read, and OUT is as it was.")]
pub(crate) struct Arguments {
    /// The common ancestor
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// Our descendant of it
    #[arg(value_name = "OURS")]
    ours: PathBuf,
    /// Their descendant of it
    #[arg(value_name = "THEIRS")]
    theirs: PathBuf,
    /// Where to write the result; else to standard output
    #[arg(long, short, value_name = "OUT")]
    output: Option<PathBuf>,
    /// What messages call the file
    #[arg(long, value_name = "NAME")]
    path: Option<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let name = |path: &Path| arguments.path.clone().unwrap_or_else(|| path.display().to_string());
    let read = |path: &Path| {
        let failure = |why| Failure::wrong(format!("cannot read `{}`: {}", path.display(), input::reason(&why)));
        // The bytes as they are: what is not touched is written back so.
        fs::read(path).map(|text| Source::new(name(path), text)).map_err(|why| failure(why).exit(Exit::Unmergeable))
    };
    let sources = [read(&arguments.base)?, read(&arguments.ours)?, read(&arguments.theirs)?];
    let [base, ours, theirs] = &sources;
    let target = global.target.given().or_else(|| target(&[ours, theirs, base])).unwrap_or(Target::DEFAULT);
    let merged = match merge::merge(base, ours, theirs, target) {
        Ok(merged) => merged,
        Err(unreadable) => return Err(unreadable_side(&unreadable, sources, terminal)),
    };
    let written = output::write(&Destination::of(arguments.output.as_deref()), &merged.text, terminal);
    written.map_err(|failure| failure.exit(Exit::Unmergeable))?;
    Ok(report_conflicts(&merged, &name(&arguments.ours), terminal))
}

/// What the first header says.
fn target(sources: &[&Source]) -> Option<Target> {
    sources.iter().find_map(|source| header::read(&source.text)).map(|header| header.target)
}

fn unreadable_side(unreadable: &Unreadable, [base, ours, theirs]: [Source; 3], terminal: &mut Terminal) -> Failure {
    let source = match unreadable.side {
        "BASE" => base,
        "OURS" => ours,
        _ => theirs,
    };
    let name = source.name.clone();
    let sources = [source];
    for error in unreadable.errors.iter().take(report::MOST) {
        let report = Report {
            level: Level::Error,
            number: error.number,
            message: &error.message,
            location: error.location,
            expected: None,
            help: error.hint,
        };
        terminal.report(&report::lay_out(&report, &sources, terminal.report_style()));
    }
    Failure::wrong(format!("{} of `{name}` cannot be read, so nothing is merged", unreadable.side))
        .exit(Exit::Unmergeable)
}

fn report_conflicts(merged: &Merged, name: &str, terminal: &mut Terminal) -> Exit {
    for conflict in &merged.conflicts {
        terminal.warn(&format!("conflict in {name}: {}: {}", conflict.object, conflict.reason));
    }
    if merged.conflicts.is_empty() { Exit::Done } else { Exit::Finding }
}

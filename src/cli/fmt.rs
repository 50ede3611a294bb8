//! `alterplan fmt`: the canonical schema, or whether a source is written that way.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use alterplan::compare::Loaded;
use alterplan::render::definition::{self, Definition};
use alterplan::render::style::one_line;
use alterplan::source::Pair;
use clap::Args;

use super::args::Global;
use super::failure::Failure;
use super::report::Level;
use super::terminal::Terminal;
use super::{Exit, engine};

/// The arguments of `fmt`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The schema
    #[arg(value_name = "SOURCE")]
    source: OsString,
    /// Writes nothing but the names of objects whose definitions would change, and exits with 1 if there are any
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let read = engine::skim(&arguments.source, global)?;
    let target = engine::target(&read, global, terminal);
    let variables = engine::variables(Pair::new(&read, &read), Pair::new(target, target), global).old;
    // The process ends soon, and takes less time over it than freeing one table after the other would.
    let loaded = ManuallyDrop::new(engine::load(read, target, &variables, terminal)?);
    engine::report_gaps(&loaded, Level::Warning, global, terminal);
    if !arguments.check {
        terminal.print(definition::script(&loaded.script.schema, target))?;
        return Ok(Exit::Done);
    }
    let changed = changed(&loaded);
    terminal.print(&changed)?;
    Ok(if changed.is_empty() { Exit::Done } else { Exit::Finding })
}

/// A line for each object that is not written as the target would.
fn changed(loaded: &Loaded) -> String {
    let databases = loaded.script.schema.databases.iter();
    let definitions = databases.flat_map(|database| definition::of(database, loaded.text.target));
    definitions
        .filter(|definition| !is_written_so(definition, loaded))
        .map(|d| one_line(&format!("would change: {} {} ({})", d.kind, d.name, loaded.text.place(d.location))) + "\n")
        .collect()
}

/// Whether the statement that made the object is its canonical text already.
fn is_written_so(definition: &Definition, loaded: &Loaded) -> bool {
    let span = definition.location.span;
    let written =
        loaded.text.sources.get(definition.location.source).and_then(|source| source.text.get(span.start..span.end));
    written.is_some_and(|bytes| {
        let bytes = bytes.trim_ascii();
        bytes.strip_suffix(b";").unwrap_or(bytes) == definition.text.as_bytes()
    })
}

//! `alterplan fmt`: the canonical schema; whether a source is written that way; a source rewritten that way; a folder of it.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use alterplan::compare::{self, Loaded, Text};
use alterplan::input::{self, Place, reason};
use alterplan::render::definition;
use alterplan::render::style::one_line;
use alterplan::rewrite::{self, Changed, FileChange, Loss, Pull, Rewritten};
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use clap::Args;

use super::args::Global;
use super::failure::Failure;
use super::output::{self, Destination};
use super::report::{self, Level, Report};
use super::terminal::Terminal;
use super::{Exit, engine};

/// The arguments of `fmt`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The schema; several are taken one after the other, each by itself
    #[arg(value_name = "SOURCE", required = true)]
    sources: Vec<OsString>,
    /// Writes nothing but the names of objects whose definitions would change, and exits with 1 if there are any
    #[arg(long, group = "what")]
    check: bool,
    /// Rewrites the definitions in the source's files, and nothing else in them
    #[arg(long, group = "what")]
    write: bool,
    /// Writes the schema into a folder, one file an object; what is there is kept up to date, with its comments
    #[arg(long, value_name = "DIR", group = "what")]
    output_dir: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if arguments.output_dir.is_some() && arguments.sources.len() > 1 {
        return Err(Failure::wrong("one folder is for one source").help("a folder of files is one source"));
    }
    let mut exit = Exit::Done;
    for source in &arguments.sources {
        if one(source, arguments, global, terminal)? == Exit::Finding {
            exit = Exit::Finding;
        }
    }
    Ok(exit)
}

fn one(source: &OsString, arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if arguments.write && !matches!(Place::parse(source)?, Place::Path(_)) {
        return Err(Failure::wrong(format!("`{}` is no file that could be written", Place::parse(source)?.name()))
            .help("without `--write`, the schema goes to standard output"));
    }
    // What is written back has to be there as a whole.
    let read = if arguments.write { engine::read } else { engine::skim };
    let read = read(source, global)?;
    let target = engine::target(&read, global, terminal);
    let variables = engine::variables(Pair::new(&read, &read), Pair::new(target, target), global).old;
    // The process ends soon, and takes less time over it than freeing one table after the other would.
    let loaded = ManuallyDrop::new(engine::load(read, target, &variables, terminal)?);
    engine::report_gaps(&loaded, None, Level::Warning, global, terminal);
    match &arguments.output_dir {
        Some(folder) => pull(&loaded, folder, terminal),
        None if arguments.write => write(&loaded, terminal),
        None if arguments.check => check(&loaded, terminal),
        None => {
            for piece in definition::pieces(&loaded.script.schema, &loaded.script.temporary, target) {
                terminal.print(piece)?;
            }
            Ok(Exit::Done)
        }
    }
}

/// A line for each object that is not written as the target would.
fn check(loaded: &Loaded, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let changed = match rewrite::rewrite(loaded) {
        Ok(Rewritten { changed, .. }) => changed,
        Err(losses) => return Err(refused(&losses, loaded, "it cannot be told what would change", terminal)),
    };
    terminal.print(lines("would change", &changed, &loaded.text))?;
    Ok(if changed.is_empty() { Exit::Done } else { Exit::Finding })
}

fn lines(what: &str, changed: &[Changed], text: &Text) -> String {
    changed
        .iter()
        .map(|c| one_line(&format!("{what}: {} {} ({})", c.kind, c.name, text.place(c.location))) + "\n")
        .collect()
}

/// Writes the files anew whose definitions change.
fn write(loaded: &Loaded, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let rewritten = rewrite::rewrite(loaded)
        .map_err(|losses| refused(&losses, loaded, "nothing was written, because something would be lost", terminal))?;
    let sources: Vec<(&Source, &Vec<u8>)> =
        loaded.text.sources.iter().zip(&rewritten.texts).filter(|(source, text)| source.text != **text).collect();
    for (source, _) in &sources {
        check_plain(source)?;
    }
    for (source, text) in sources {
        output::write(&Destination::File(PathBuf::from(&source.name)), text, terminal)?;
    }
    terminal.print(lines("changed", &rewritten.changed, &loaded.text))?;
    Ok(Exit::Done)
}

/// Refuses a file that is not on the disk as it was read, byte for byte: what is packed or in another encoding.
fn check_plain(source: &Source) -> Result<(), Failure> {
    let on_disk = fs::read(&source.name).ok();
    if on_disk.as_deref() == Some(&*source.text) {
        return Ok(());
    }
    Err(Failure::wrong(format!("`{}` is no plain file of UTF-8 text, so it is not rewritten", source.name))
        .exit(Exit::Refused))
}

/// Puts the schema into a folder.
fn pull(wanted: &Loaded, folder: &Path, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let prefix = format!("{}/", folder.display().to_string().trim_end_matches('/'));
    let there = in_folder(folder, wanted.text.target, wanted)?;
    if let Some(message) = engine::refusals(&folder.display().to_string(), &there, terminal) {
        return Err(Failure::wrong(message).help("nothing was written"));
    }
    let changes = rewrite::pull(&Pull { wanted, folder: &there, prefix: &prefix })
        .map_err(|losses| refused(&losses, &there, "nothing was written", terminal))?;
    for source in there.text.sources.iter().filter(|source| changes.iter().any(|change| change.name == source.name)) {
        check_plain(source)?;
    }
    for change in &changes {
        apply(folder, change, terminal)?;
    }
    let word = |change: &FileChange| match (&change.text, change.is_new) {
        (None, _) => "removed",
        (Some(_), true) => "new",
        (Some(_), false) => "changed",
    };
    let name =
        |change: &FileChange| if change.is_new { format!("{prefix}{}", change.name) } else { change.name.clone() };
    let said: String = changes.iter().map(|c| one_line(&format!("{}: {}", word(c), name(c))) + "\n").collect();
    terminal.print(said)?;
    Ok(Exit::Done)
}

/// What a folder holds; one that is not there, or has no schema files, holds nothing.
fn in_folder(folder: &Path, target: Target, wanted: &Loaded) -> Result<Loaded, Failure> {
    let sources = match fs::metadata(folder) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(why) => return Err(Failure::wrong(format!("cannot read `{}`: {}", folder.display(), reason(&why)))),
        Ok(what) if !what.is_dir() => return Err(Failure::wrong(format!("`{}` is no folder", folder.display()))),
        Ok(_) => match input::read(&Place::Path(folder.to_owned()), &mut io::empty(), &mut |_| {}) {
            Ok(found) => found.sources,
            Err(input::InputError::NoFiles { .. }) => Vec::new(),
            Err(why) => return Err(why.into()),
        },
    };
    Ok(compare::load_leniently(Text { sources, target, session: wanted.text.session.clone() }))
}

fn apply(folder: &Path, change: &FileChange, terminal: &mut Terminal) -> Result<(), Failure> {
    let path = if change.is_new { folder.join(&change.name) } else { PathBuf::from(&change.name) };
    let failure = |why: io::Error| Failure::wrong(format!("cannot write `{}`: {}", path.display(), reason(&why)));
    match &change.text {
        None => fs::remove_file(&path).map_err(failure),
        Some(text) => {
            fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(failure)?;
            output::write(&Destination::File(path), text, terminal)
        }
    }
}

/// Reports what would be lost.
fn refused(losses: &[Loss], loaded: &Loaded, message: &str, terminal: &mut Terminal) -> Failure {
    let style = terminal.report_style();
    let mut nowhere = Vec::new();
    for loss in losses.iter().take(report::MOST) {
        let Some(location) = loss.location else {
            nowhere.push(loss.what.as_str());
            continue;
        };
        let (level, message) = (Level::Error, loss.what.as_str());
        let report = Report { level, number: None, message, location, expected: None, help: None };
        terminal.report(&report::lay_out(&report, &loaded.text.sources, style));
    }
    let message = std::iter::once(message).chain(nowhere).collect::<Vec<_>>().join(": ");
    Failure::wrong(message).exit(Exit::Refused)
}

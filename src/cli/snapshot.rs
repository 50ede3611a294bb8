//! `alterplan snapshot`: a folder of cases, each held against what was recorded of it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use alterplan::input::{self, Place};
use alterplan::render::style::{Role, visible};
use alterplan::snapshot::{Case, Options, Outcome, Recording, junit};
use alterplan::source::{Pair, Source};
use clap::Args;

use super::Exit;
use super::failure::Failure;
use super::output::{self, Destination};
use super::terminal::Terminal;

/// The arguments of `snapshot`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder of cases: folders with old.sql and new.sql (or folders old and new), perhaps case.yaml, and what was
    /// recorded: plan.sql, plan.json, error.txt
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Records what the plans are now
    #[arg(long)]
    update: bool,
    /// Writes a report as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// A case's folder as it was read.
struct Folder {
    path: PathBuf,
    case: Case,
    recorded: BTreeMap<Recording, String>,
    /// Files that have no part in the case.
    strangers: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let folders = folders(&arguments.folder)?;
    let outcomes = outcomes(&folders)?;
    let mut recorded = 0;
    if arguments.update {
        for (folder, outcome) in folders.iter().zip(&outcomes) {
            recorded += usize::from(update(folder, outcome, terminal)?);
        }
    }
    let results: Vec<(&str, Vec<String>)> = folders
        .iter()
        .zip(&outcomes)
        .map(|(folder, outcome)| (folder.case.name.as_str(), findings(folder, outcome, arguments.update)))
        .collect();
    report(&results, arguments.update.then_some(recorded), terminal)?;
    if let Some(file) = &arguments.junit {
        let suite = arguments.folder.display().to_string();
        let cases = results.iter().map(|(name, wrong)| (*name, wrong.as_slice()));
        output::write(&Destination::of(Some(file)), junit(&suite, cases), terminal)?;
    }
    let is_clean = results.iter().all(|(_, wrong)| wrong.is_empty());
    Ok(if is_clean { Exit::Done } else { Exit::Finding })
}

/// The cases of a folder, by name. Whatever has a side is a case; other folders are looked into.
fn folders(folder: &Path) -> Result<Vec<Folder>, Failure> {
    let mut found = Vec::new();
    collect(folder, folder, &mut found)?;
    if found.is_empty() {
        return Err(Failure::wrong(format!("`{}` has no cases", folder.display()))
            .help("a case is a folder with `old.sql` and `new.sql`"));
    }
    found.sort_by(|a, b| a.case.name.cmp(&b.case.name));
    Ok(found)
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<Folder>) -> Result<(), Failure> {
    let failure =
        |why: io::Error| Failure::wrong(format!("cannot read `{}`: {}", folder.display(), input::reason(&why)));
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failure)? {
        entries.push(entry.map_err(failure)?.path());
    }
    entries.sort();
    let sides = Pair::new("old", "new").map(|side| {
        entries.iter().find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name == side || name.strip_prefix(side).is_some_and(|rest| [".sql", ".sql.gz"].contains(&rest))
        })
    });
    match (sides.old, sides.new) {
        (Some(old), Some(new)) => found.push(read(root, folder, Pair::new(old, new), &entries)?),
        (None, None) => {
            for path in entries.iter().filter(|path| path.is_dir()) {
                collect(root, path, found)?;
            }
        }
        (one, _) => {
            let missing = if one.is_some() { "new" } else { "old" };
            return Err(Failure::wrong(format!("the case `{}` has no `{missing}.sql`", folder.display())));
        }
    }
    Ok(())
}

fn read(root: &Path, folder: &Path, sides: Pair<&PathBuf>, entries: &[PathBuf]) -> Result<Folder, Failure> {
    let text = |name: &str| {
        let path = folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(Failure::wrong(format!("cannot read `{}`: {}", path.display(), input::reason(&why)))),
        }
    };
    let options = match text("case.yaml")? {
        None => Options::default(),
        Some(yaml) => Options::parse(&yaml).map_err(|why| Failure::wrong(format!("`{}`: {why}", folder.display())))?,
    };
    let mut recorded = BTreeMap::new();
    for recording in Recording::ALL {
        recorded.extend(text(recording.file_name())?.map(|text| (recording, text)));
    }
    let known = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default();
        *path == sides.old
            || *path == sides.new
            || name == "case.yaml"
            || Recording::ALL.iter().any(|recording| name == recording.file_name())
    };
    let strangers = entries.iter().filter(|path| !known(path));
    let name = folder.strip_prefix(root).unwrap_or(folder).display().to_string();
    Ok(Folder {
        path: folder.to_owned(),
        case: Case {
            name: if name.is_empty() { folder.display().to_string() } else { name },
            sides: Pair { old: side(folder, sides.old)?, new: side(folder, sides.new)? },
            options,
        },
        recorded,
        strangers: strangers.map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect(),
    })
}

/// A side's sources, named as they are below the case's folder: what is recorded is the same wherever the suite lies.
fn side(folder: &Path, path: &Path) -> Result<Vec<Source>, Failure> {
    let mut sources = input::read(&Place::Path(path.to_owned()), &mut io::empty(), &mut |_| ())?.sources;
    for source in &mut sources {
        let name = Path::new(&source.name).strip_prefix(folder).map(|name| name.display().to_string());
        source.name = name.unwrap_or_else(|_| source.name.clone());
    }
    Ok(sources)
}

/// All outcomes, in the order of the cases, worked out by as many threads as there are cores.
fn outcomes(folders: &[Folder]) -> Result<Vec<Outcome>, Failure> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some(folder) = folders.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((&folder.path, folder.case.run()));
        }
        done
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(folders.len());
    let mut all: BTreeMap<&PathBuf, _> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let own = worker();
        let others = others.into_iter().flat_map(|thread| thread.join().unwrap_or_default());
        own.into_iter().chain(others).collect()
    });
    folders
        .iter()
        .map(|folder| {
            let name = &folder.case.name;
            match all.remove(&folder.path) {
                Some(outcome) => outcome.map_err(|why| Failure::wrong(format!("`{name}`: {why}"))),
                None => Err(Failure::wrong(format!("`{name}`: comparing failed; this is a defect of alterplan"))),
            }
        })
        .collect()
}

/// Writes what a case comes to now, and removes what it no longer comes to; says whether anything had to be.
fn update(folder: &Folder, outcome: &Outcome, terminal: &mut Terminal) -> Result<bool, Failure> {
    if outcome.differences(&folder.recorded).is_empty() {
        return Ok(false);
    }
    let there: Vec<Recording> = folder.recorded.keys().copied().collect();
    let wanted = outcome.recordings(&there);
    for recording in &wanted {
        let text = outcome.recording(*recording).unwrap_or_default();
        output::write(&Destination::File(folder.path.join(recording.file_name())), &text, terminal)?;
    }
    for recording in there.iter().filter(|recording| !wanted.contains(recording)) {
        let path = folder.path.join(recording.file_name());
        fs::remove_file(&path)
            .map_err(|why| Failure::wrong(format!("cannot remove `{}`: {}", path.display(), input::reason(&why))))?;
    }
    Ok(true)
}

/// What is wrong with a case. After an update only strangers are.
fn findings(folder: &Folder, outcome: &Outcome, updated: bool) -> Vec<String> {
    let differences = if updated { Vec::new() } else { outcome.differences(&folder.recorded) };
    let strangers = folder.strangers.iter().map(|name| format!("`{name}` has no part in the case"));
    differences.into_iter().chain(strangers).collect()
}

fn report(results: &[(&str, Vec<String>)], recorded: Option<usize>, terminal: &mut Terminal) -> Result<(), Failure> {
    let style = terminal.style();
    let mut out = String::new();
    for (name, wrong) in results.iter().filter(|(_, wrong)| !wrong.is_empty()) {
        out.push_str(&format!("{}\n", style.paint(Role::Heading, visible(name))));
        for line in wrong.iter().flat_map(|text| text.lines()) {
            let role = match line.as_bytes().first() {
                Some(b'+') => Role::Added,
                Some(b'-') => Role::Removed,
                Some(b'@') => Role::Margin,
                Some(_) | None => Role::Faint,
            };
            let line = if role == Role::Faint { visible(line) } else { style.paint(role, visible(line)) };
            out.push_str(&format!("  {line}\n"));
        }
        out.push('\n');
    }
    let failed = results.iter().filter(|(_, wrong)| !wrong.is_empty()).count();
    let cases = if results.len() == 1 { "1 case".to_owned() } else { format!("{} cases", results.len()) };
    let recorded = recorded.map(|count| format!(", {count} recorded anew")).unwrap_or_default();
    out.push_str(&format!("{cases}: {} as recorded, {failed} not{recorded}\n", results.len() - failed));
    terminal.print(&out)
}

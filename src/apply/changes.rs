//! What a bundle asks for, brought down to paths that change in one rename each and of which none is in another.
//!
//! A new file in a folder that is not there yet is that folder; whatever is asked for inside of a folder that is deleted or
//! replaced is part of that one change. "Deleted, then replaced" is one change as well: the old one goes, the new one comes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::disk::{Disk, Kind, parent};
use super::error::{ApplyError, ErrorKind};
use super::layout;
use super::record::Rights;
use super::thing::Thing;

/// What is to be there afterwards, and what is not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) deletes: Vec<Delete>,
    pub(crate) puts: Vec<Put>,
    /// What is expected to be there before.
    pub(crate) expected: Vec<Expected>,
}

/// A path that goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Delete {
    pub(crate) path: PathBuf,
    /// Whether it is a folder; `None`: nobody said.
    pub(crate) is_folder: Option<bool>,
}

/// A path that comes, or changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Put {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) mode: Option<u32>,
    /// A folder that replaces all of the old one, and not only what is listed in it.
    pub(crate) is_whole: bool,
}

/// What a bundle was made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Expected {
    pub(crate) path: PathBuf,
    /// What stands there and, but for a folder, its digest; `None`: nothing.
    pub(crate) what: Option<(Kind, Option<String>)>,
}

/// The paths that change, each in one rename, those that only go first.
pub(crate) fn tops(disk: &dyn Disk, wanted: &Wanted) -> Result<Vec<PathBuf>, ApplyError> {
    let mut asked: BTreeMap<&Path, (Option<&Delete>, Option<&Put>)> = BTreeMap::new();
    for delete in &wanted.deletes {
        asked.entry(&delete.path).or_default().0 = Some(delete);
    }
    for put in &wanted.puts {
        asked.entry(&put.path).or_default().1 = Some(put);
    }
    let mut tops: Vec<PathBuf> = Vec::new();
    for (path, (delete, put)) in asked {
        if tops.last().is_some_and(|top| path.starts_with(top)) {
            continue;
        }
        check_name(path)?;
        if let Some(top) = top(disk, wanted, path, (delete, put))? {
            tops.push(top);
        }
    }
    let comes = |top: &PathBuf| wanted.puts.iter().any(|put| put.path.starts_with(top));
    let (come, go): (Vec<PathBuf>, Vec<PathBuf>) = tops.into_iter().partition(comes);
    Ok(go.into_iter().chain(come).collect())
}

/// The path that changes where one is asked for: itself, or the uppermost folder on the way that is not there yet.
fn top(
    disk: &dyn Disk,
    wanted: &Wanted,
    path: &Path,
    (delete, put): (Option<&Delete>, Option<&Put>),
) -> Result<Option<PathBuf>, ApplyError> {
    for folder in super::disk::with_parents(&parent(path)) {
        match disk.look(&folder)?.map(|look| look.kind) {
            Some(Kind::Folder) => {}
            Some(kind) => return Err(in_the_way(path, &folder, kind)),
            None if put.is_some() => return Ok(Some(folder)),
            None => return Ok(None),
        }
    }
    let there = disk.look(path)?;
    if let Some(delete) = delete {
        match there.map(|look| look.kind) {
            Some(Kind::Folder) if delete.is_folder == Some(false) => return Err(another(path, "a file", Kind::Folder)),
            Some(kind @ (Kind::File | Kind::Symlink)) if delete.is_folder == Some(true) => {
                return Err(another(path, "a folder", kind));
            }
            Some(kind @ Kind::Other) => return Err(another(path, "what a bundle may delete", kind)),
            Some(Kind::File | Kind::Folder | Kind::Symlink) | None => {}
        }
    }
    match (put, there) {
        (None, None) => Ok(None),
        (Some(put), Some(there)) if delete.is_none() => match (put.kind, there.kind) {
            // A folder that is there already and is not replaced as a whole stays; what changes in it is listed.
            (Kind::Folder, Kind::Folder) if !put.is_whole => Ok(None),
            (Kind::Folder, Kind::Folder) | (Kind::File | Kind::Symlink, Kind::File | Kind::Symlink) => {
                Ok(Some(path.to_owned()))
            }
            // Another kind comes only where the bundle was made for the one that is there.
            (_, found) if expects(wanted, path, found) => Ok(Some(path.to_owned())),
            (_, found) => Err(another(path, &put.kind.to_string(), found)),
        },
        (_, _) => Ok(Some(path.to_owned())),
    }
}

fn expects(wanted: &Wanted, path: &Path, kind: Kind) -> bool {
    wanted
        .expected
        .iter()
        .any(|expected| expected.path == path && expected.what.as_ref().is_some_and(|(k, _)| *k == kind))
}

/// The folders that stay and get other rights.
pub(crate) fn rights(disk: &dyn Disk, wanted: &Wanted, tops: &[PathBuf]) -> Result<Vec<Rights>, ApplyError> {
    let mut rights = Vec::new();
    let folders = wanted.puts.iter().filter(|put| put.kind == Kind::Folder);
    for put in folders.filter(|put| !tops.iter().any(|top| put.path.starts_with(top))) {
        let (Some(there), Some(new)) = (disk.look(&put.path)?, put.mode) else { continue };
        if there.mode != new {
            rights.push(Rights { path: put.path.to_string_lossy().into_owned(), old: there.mode, new });
        }
    }
    Ok(rights)
}

/// Whether everything is there that a bundle was made for, and as it was then.
pub(crate) fn check_expected(disk: &dyn Disk, wanted: &Wanted) -> Result<(), ApplyError> {
    let mut differing = Vec::new();
    for expected in &wanted.expected {
        let path = expected.path.display();
        let there = disk.look(&expected.path)?;
        let found = match (&expected.what, there.map(|look| look.kind)) {
            (None, None) => continue,
            (None, Some(kind)) => format!("`{path}` is there already, as {kind}"),
            (Some(_), None) => format!("`{path}` is missing"),
            (Some((kind, _)), Some(found)) if found != *kind => format!("`{path}` is {found}, and {kind} was expected"),
            (Some((_, None)), Some(_)) => continue,
            (Some((_, Some(digest))), Some(_)) => match Thing::at(disk, &expected.path)? {
                Some(thing) if thing.digest == *digest => continue,
                Some(_) | None => format!("`{path}` is not the one of the base version"),
            },
        };
        differing.push(found);
    }
    let Some(first) = differing.first() else { return Ok(()) };
    let more = if differing.len() > 1 { format!(", and {} more differ", differing.len() - 1) } else { String::new() };
    Err(ApplyError::new(ErrorKind::PreflightFailed, format!("{first}{more}"))
        .help("a patch fits only what it was made for: bring the base version's files back, or take the full release"))
}

fn check_name(path: &Path) -> Result<(), ApplyError> {
    use std::path::Component;
    let is_plain = path.components().all(|part| matches!(part, Component::Normal(_))) && path.components().count() > 0;
    if is_plain && !path.starts_with(layout::OWN) && path.to_str().is_some() {
        return Ok(());
    }
    Err(ApplyError::new(ErrorKind::PathError, format!("`{}` is no path that a bundle may change", path.display())))
}

fn in_the_way(path: &Path, folder: &Path, kind: Kind) -> ApplyError {
    let (path, folder) = (path.display(), folder.display());
    ApplyError::new(ErrorKind::PathError, format!("`{path}` is not reached: `{folder}` is {kind} and no folder"))
}

fn another(path: &Path, expected: &str, found: Kind) -> ApplyError {
    ApplyError::new(ErrorKind::PathError, format!("`{}` is {found}, and {expected} was expected", path.display()))
}

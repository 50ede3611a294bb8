//! What is to come is put together beside the installation, on the same filesystem, before anything of it changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::changes::{self, Put, Wanted};
use super::disk::{Disk, Dress, Kind, make_folders, parent, remove_all, walk};
use super::error::ApplyError;
use super::journal::Journal;
use super::layout;
use super::record::{Begin, Record, Staged, Swap};
use super::swap;
use super::thing::Thing;

/// Puts files into an empty folder of the installation, at their own paths below `files` in it. Returns the digest of what
/// they came from, where there is one.
pub(crate) type Unpack<'u> = dyn FnMut(&dyn Disk, &Path) -> Result<Option<String>, ApplyError> + 'u;

/// Begins a transaction and stages what it brings. Where that fails, nothing is left of it.
pub(crate) fn stage(
    disk: &dyn Disk,
    begin: Begin,
    wanted: &Wanted,
    unpack: &mut Unpack<'_>,
) -> Result<Journal, ApplyError> {
    let number = begin.number;
    let staged = Journal::begin(disk, begin).and_then(|mut journal| {
        let staged = put_together(disk, &journal.state.begin, wanted, unpack)?;
        journal.add(disk, Record::Staged(Box::new(staged)))?;
        Ok(journal)
    });
    staged.inspect_err(|_| {
        // What cannot be removed now is found by the next recovery: there is a journal, and nothing was staged.
        let _ = discard(disk, number);
    })
}

/// Removes a transaction that never came to act.
pub(crate) fn discard(disk: &dyn Disk, number: u64) -> Result<(), ApplyError> {
    remove_all(disk, &layout::folder(number))?;
    if disk.look(&layout::journal())?.is_some() {
        disk.remove_file(&layout::journal())?;
    }
    Ok(disk.sync(&[layout::home()])?)
}

fn put_together(
    disk: &dyn Disk,
    begin: &Begin,
    wanted: &Wanted,
    unpack: &mut Unpack<'_>,
) -> Result<Staged, ApplyError> {
    let tree = layout::tree(begin.number);
    for folder in [layout::folder(begin.number), layout::unpacked(begin.number), layout::spare(begin.number)] {
        disk.make_folder(&folder, 0o700)?;
    }
    let bundle = unpack(disk, &layout::unpacked(begin.number))?;
    let tops = changes::tops(disk, wanted)?;
    let puts: BTreeMap<&Path, &Put> = wanted.puts.iter().map(|put| (put.path.as_path(), put)).collect();
    for top in &tops {
        make_folders(disk, &parent(&tree.join(top)), 0o700)?;
        dress(disk, &tree, top, &puts)?;
    }
    let everything: Vec<PathBuf> =
        walk(disk, &layout::folder(begin.number))?.into_iter().map(|(path, _)| path).chain([layout::home()]).collect();
    disk.sync(&everything)?;
    let mut swaps = Vec::with_capacity(tops.len());
    for top in &tops {
        let (old, new) = (Thing::at(disk, top)?, Thing::at(disk, &tree.join(top))?);
        if old.is_some() || new.is_some() {
            swaps.push(Swap { path: top.to_string_lossy().into_owned(), old, new });
        }
    }
    let folders = swap::touched(disk, &swaps)?;
    let rights = changes::rights(disk, wanted, &tops)?;
    Ok(Staged { bundle, swaps, rights, folders })
}

/// Gives everything below a path that changes its rights, and the owner and attributes of what it replaces; what replaces
/// nothing takes the owner of the folder that it comes into.
fn dress(disk: &dyn Disk, tree: &Path, top: &Path, puts: &BTreeMap<&Path, &Put>) -> Result<(), ApplyError> {
    let mut found = walk(disk, &tree.join(top))?;
    // What a folder holds first: its own rights may forbid to change anything in it.
    found.reverse();
    for (staged, look) in found {
        let path = staged.strip_prefix(tree).unwrap_or(&staged);
        let there = disk.look(path)?.filter(|there| there.kind == look.kind);
        let mode = match (puts.get(path).and_then(|put| put.mode), there, look.kind) {
            (Some(mode), ..) => Some(mode),
            (None, Some(there), _) => Some(there.mode),
            (None, None, Kind::Folder) => Some(0o755),
            (None, None, Kind::File | Kind::Symlink | Kind::Other) => None,
        };
        let like = match there {
            Some(_) => path.to_owned(),
            None => nearest(disk, path)?,
        };
        disk.dress(&staged, &Dress { mode, like: Some(&like), attributes: there.is_some() })?;
    }
    Ok(())
}

/// The nearest folder above a path that is there.
fn nearest(disk: &dyn Disk, path: &Path) -> Result<PathBuf, ApplyError> {
    let mut folder = parent(path);
    while !folder.as_os_str().is_empty() {
        if disk.look(&folder)?.is_some_and(|look| look.kind == Kind::Folder) {
            break;
        }
        folder = parent(&folder);
    }
    Ok(folder)
}

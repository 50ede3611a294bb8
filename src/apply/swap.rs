//! Files change places: what stands in the installation with what stands at the same path of the transaction's own tree.
//!
//! One swap is one rename, so that at any instant each path holds the old thing or the new one. Nothing is written down for a
//! single swap: which of the two stands where tells how far it came, and going back is the same swap again. Where a
//! filesystem cannot exchange two names, three renames over a spare name do it, each synced before the next.

use std::io;
use std::path::{Path, PathBuf};

use super::disk::{Disk, DiskError, Dress, Kind, parent};
use super::error::{ApplyError, ErrorKind, Standing};
use super::layout;
use super::record::{Begin, Staged, Swap, Touched};

/// Which side of a swap is to stand in the installation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Side {
    Old,
    New,
}

/// The three names that a swap is about.
struct Places {
    live: PathBuf,
    other: PathBuf,
    spare: PathBuf,
}

/// Brings one side of every swap into the installation, from wherever each of them stands, and syncs.
pub(crate) fn bring(
    disk: &dyn Disk,
    begin: &Begin,
    staged: &Staged,
    side: Side,
    each: &mut dyn FnMut(),
) -> Result<(), ApplyError> {
    let swaps = &staged.swaps;
    let numbered: Vec<(usize, &Swap)> = match side {
        Side::New => swaps.iter().enumerate().collect(),
        Side::Old => swaps.iter().enumerate().rev().collect(),
    };
    for (number, swap) in numbered {
        let places = Places::of(begin, number, swap);
        settle(disk, &places)?;
        if locate(disk, swap, &places)? != side {
            turn(disk, &places)?;
        }
        each();
    }
    for rights in &staged.rights {
        let mode = match side {
            Side::Old => rights.old,
            Side::New => rights.new,
        };
        disk.dress(Path::new(&rights.path), &Dress { mode: Some(mode), like: None, attributes: false })?;
    }
    let mut changed = folders(begin, swaps);
    changed.extend(staged.rights.iter().map(|rights| PathBuf::from(&rights.path)));
    Ok(disk.sync(&changed)?)
}

/// Which side of a swap stands in the installation.
fn locate(disk: &dyn Disk, swap: &Swap, places: &Places) -> Result<Side, ApplyError> {
    let stands = |thing: &Option<super::thing::Thing>, path: &Path| match thing {
        Some(thing) => thing.is_at(disk, path),
        None => Ok(disk.look(path)?.is_none()),
    };
    if stands(&swap.old, &places.live)? && stands(&swap.new, &places.other)? {
        Ok(Side::Old)
    } else if stands(&swap.new, &places.live)? && stands(&swap.old, &places.other)? {
        Ok(Side::New)
    } else {
        Err(foreign(places))
    }
}

/// What a person needs to know where somebody else was at work on the same path.
fn foreign(places: &Places) -> ApplyError {
    let (live, other) = (places.live.display(), places.other.display());
    ApplyError::new(ErrorKind::ForeignChange, format!("`{live}` was changed by somebody else in the middle of this"))
        .state(Standing::Person)
        .help(format!(
            "one of the two is in `{other}`; put what is to stay aside, what belongs to `{live}` back in its place"
        ))
        .help("then: alterplan recover --root ROOT")
}

/// Lets the two sides change places.
fn turn(disk: &dyn Disk, places: &Places) -> Result<(), DiskError> {
    let Places { live, other, .. } = places;
    let kind = |path: &Path| disk.look(path).map(|look| look.map(|look| look.kind));
    match (kind(live)?, kind(other)?) {
        (Some(old), Some(new)) => match disk.exchange(other, live) {
            Err(error) if error.why.kind() == io::ErrorKind::Unsupported => {
                turn_in_three(disk, places, old != Kind::Folder && new != Kind::Folder)
            }
            done => done,
        },
        (None, Some(_)) => disk.rename(other, live),
        (Some(_), None) => disk.rename(live, other),
        (None, None) => Ok(()),
    }
}

/// The same without an exchange: old to spare, new into its place, old to the other side. Of two files the old one gets a
/// second name first, so that the path is never without one.
fn turn_in_three(disk: &dyn Disk, places: &Places, are_files: bool) -> Result<(), DiskError> {
    let Places { live, other, spare } = places;
    let step = |done: Result<(), DiskError>, folders: [&Path; 2]| done.and_then(|()| disk.sync(&folders.map(parent)));
    if are_files && disk.link(live, spare).is_ok() {
        step(Ok(()), [spare, live])?;
        step(disk.replace(other, live), [other, live])?;
    } else {
        step(disk.rename(live, spare), [live, spare])?;
        step(disk.rename(other, live), [other, live])?;
    }
    step(disk.rename(spare, other), [spare, other])
}

/// Ends what [`turn_in_three`] was interrupted in, forth or back, whichever is nearer.
fn settle(disk: &dyn Disk, places: &Places) -> Result<(), DiskError> {
    let Places { live, other, spare } = places;
    let Some(kept) = disk.look(spare)? else { return Ok(()) };
    match (disk.look(live)?, disk.look(other)?) {
        (Some(there), _) if there.inode == kept.inode => disk.remove_file(spare)?,
        (None, _) => disk.rename(spare, live)?,
        (Some(_), None) => disk.rename(spare, other)?,
        (Some(_), Some(_)) => return Ok(()),
    }
    disk.sync(&[parent(spare), parent(live), parent(other)])
}

/// The folders in which names change, in the installation and on the other side.
pub(crate) fn folders(begin: &Begin, swaps: &[Swap]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        swaps.iter().flat_map(|swap| [parent(Path::new(&swap.path)), parent(&other_side(begin, swap))]).collect();
    folders.sort();
    folders.dedup();
    folders
}

/// When each folder of the installation that names change in was last changed.
pub(crate) fn touched(disk: &dyn Disk, swaps: &[Swap]) -> Result<Vec<Touched>, DiskError> {
    let mut folders: Vec<PathBuf> = swaps.iter().map(|swap| parent(Path::new(&swap.path))).collect();
    folders.sort();
    folders.dedup();
    let mut touched = Vec::new();
    for folder in folders {
        if let Some(look) = disk.look(&folder)? {
            touched.push(Touched { folder: folder.to_string_lossy().into_owned(), modified: look.modified });
        }
    }
    Ok(touched)
}

/// Where a swap's other side stands.
pub(crate) fn other_side(begin: &Begin, swap: &Swap) -> PathBuf {
    layout::tree(begin.folder).join(&swap.path)
}

impl Places {
    fn of(begin: &Begin, number: usize, swap: &Swap) -> Self {
        Self {
            live: PathBuf::from(&swap.path),
            other: other_side(begin, swap),
            spare: layout::spare(begin.folder).join(number.to_string()),
        }
    }
}

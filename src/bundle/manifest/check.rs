//! What has to hold in a manifest beyond the form of its parts.

use std::collections::HashSet;

use crate::bundle::digest::Digest;
use crate::bundle::error::BundleError;
use crate::bundle::limits::{Exceeded, MANIFEST_BYTES, PLAN_BYTES};
use crate::bundle::path::{Collision, RelPath, Spellings, link_fault};

use super::{Delta, Entry, Manifest, Operations, State};

/// What can be checked without the entries of pages.
pub(super) fn head(manifest: &Manifest) -> Result<(), BundleError> {
    let refused = |what: String| Err(BundleError::Manifest(what));
    if !is_token(&manifest.product) {
        return refused(format!("its product `{}` is no name: {TOKEN}", manifest.product.escape_debug()));
    }
    if let Some(platform) = manifest.platform.as_deref().filter(|platform| !is_token(platform)) {
        return refused(format!("its platform `{}` is no name: {TOKEN}", platform.escape_debug()));
    }
    if let Some(base) = manifest.base.filter(|base| *base >= manifest.version) {
        return refused(format!("it leads from {base} to {}, which is not newer", manifest.version));
    }
    if !manifest.pages.is_empty() && !manifest.entries.is_empty() {
        return refused("it has entries both by itself and in pages".to_owned());
    }
    for page in &manifest.pages {
        if page.size > MANIFEST_BYTES {
            return Err(Exceeded::Manifest.into());
        }
    }
    if manifest.plan.as_ref().is_some_and(|plan| plan.size > PLAN_BYTES) {
        return Err(Exceeded::Plan.into());
    }
    Ok(())
}

const TOKEN: &str = "up to 64 letters, digits, `.`, `-` and `_`";

/// Whether a text can name a product or a platform.
pub(super) fn is_token(text: &str) -> bool {
    let is_safe = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    (1..=64).contains(&text.len()) && text.bytes().all(is_safe) && !text.starts_with(['.', '-'])
}

/// What holds among all entries and operations.
pub(super) fn whole(manifest: &Manifest) -> Result<(), BundleError> {
    let entries = ByPath::new(&manifest.entries)?;
    let mut spellings = Spellings::default();
    for entry in &manifest.entries {
        spellings.take(&entry.path)?;
        by_itself(manifest, entry)?;
    }
    drop(spellings);
    sizes_agree(manifest)?;
    deltas_agree(manifest)?;
    for entry in manifest.entries.iter().filter(|entry| entry.new != State::Absent) {
        for parent in entry.path.parents() {
            match entries.find(parent).map(|above| &above.new) {
                None | Some(State::Directory { .. }) => {}
                Some(State::Absent | State::File { .. } | State::Symlink { .. }) => {
                    return Err(BundleError::BelowNoFolder { path: entry.path.to_string(), parent: parent.to_owned() });
                }
            }
        }
    }
    operations(manifest, &entries)
}

/// Entries to be found by their paths.
struct ByPath<'m> {
    entries: &'m [Entry],
    /// Their places, in the order of their paths.
    order: Vec<usize>,
}

impl<'m> ByPath<'m> {
    /// A path that stands twice is an error.
    fn new(entries: &'m [Entry]) -> Result<Self, BundleError> {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_unstable_by_key(|at| &entries[*at].path);
        match order.windows(2).find(|pair| entries[pair[0]].path == entries[pair[1]].path) {
            Some(pair) => {
                let path = entries[pair[0]].path.to_string();
                Err(BundleError::Collision(Collision { first: path.clone(), second: path }))
            }
            None => Ok(Self { entries, order }),
        }
    }

    fn find(&self, path: &str) -> Option<&'m Entry> {
        let found = self.order.binary_search_by(|at| self.entries[*at].path.as_str().cmp(path));
        found.ok().map(|found| &self.entries[self.order[found]])
    }
}

fn contradiction(path: &RelPath, what: &'static str) -> BundleError {
    BundleError::Contradiction { path: path.to_string(), what }
}

/// What one entry can be wrong about.
fn by_itself(manifest: &Manifest, entry: &Entry) -> Result<(), BundleError> {
    if let State::Symlink { target } = &entry.new
        && let Some(fault) = link_fault(&entry.path, target)
    {
        return Err(BundleError::Link { path: entry.path.to_string(), target: target.clone(), fault });
    }
    let had_something = entry.old.as_ref().is_some_and(|old| *old != State::Absent);
    if manifest.base.is_none() && had_something {
        return Err(contradiction(&entry.path, "has an old state in a bundle without a base version"));
    }
    let is_from_file_to_file = matches!((&entry.old, &entry.new), (Some(State::File { .. }), State::File { .. }));
    if entry.delta.is_some() && !is_from_file_to_file {
        return Err(contradiction(&entry.path, "has a delta and is no file with an old state"));
    }
    Ok(())
}

/// A content that several entries share has one size.
fn sizes_agree(manifest: &Manifest) -> Result<(), BundleError> {
    let states = manifest.entries.iter().flat_map(|entry| {
        [Some(&entry.new), entry.old.as_ref()].into_iter().flatten().map(move |state| (state, &entry.path))
    });
    let mut sizes: Vec<(&Digest, u64, &RelPath)> = states
        .filter_map(|(state, path)| match state {
            State::File { size, sha256, .. } => Some((sha256, *size, path)),
            State::Absent | State::Directory { .. } | State::Symlink { .. } => None,
        })
        .collect();
    sizes.sort_unstable();
    match sizes.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1) {
        Some(pair) => Err(contradiction(pair[1].2, "has a digest that stands for two sizes")),
        None => Ok(()),
    }
}

/// One delta has one source and one result.
fn deltas_agree(manifest: &Manifest) -> Result<(), BundleError> {
    let mut deltas: Vec<(&Delta, [&Digest; 2], &RelPath)> = manifest
        .entries
        .iter()
        .filter_map(|entry| match (&entry.delta, &entry.old, &entry.new) {
            (Some(delta), Some(State::File { sha256: old, .. }), State::File { sha256: new, .. }) => {
                Some((delta.as_ref(), [old, new], &entry.path))
            }
            _ => None,
        })
        .collect();
    deltas.sort_unstable_by_key(|(delta, ends, path)| (delta.sha256, delta.size, *ends, *path));
    let is_of_two = |a: &(&Delta, [&Digest; 2], _), b: &(&Delta, [&Digest; 2], _)| {
        a.0.sha256 == b.0.sha256 && (a.0.size, a.1) != (b.0.size, b.1)
    };
    match deltas.windows(2).find(|pair| is_of_two(&pair[0], &pair[1])) {
        Some(pair) => Err(contradiction(pair[1].2, "has a delta that is also another's")),
        None => Ok(()),
    }
}

/// Each operation has the entry that it needs, and each entry the operation that it comes of.
fn operations(manifest: &Manifest, entries: &ByPath<'_>) -> Result<(), BundleError> {
    let Operations { replace, delete } = &manifest.operations;
    let mut replaced = HashSet::new();
    for path in &replace.files {
        match entries.find(path.as_str()).map(|entry| &entry.new) {
            Some(State::File { .. } | State::Symlink { .. }) => {}
            Some(State::Directory { .. }) => return Err(contradiction(path, "is replaced as a file and is a folder")),
            Some(State::Absent) | None => return Err(contradiction(path, "is replaced and has no new state")),
        }
        if !replaced.insert(path.as_str()) {
            return Err(contradiction(path, "is replaced twice"));
        }
    }
    for path in &replace.directories {
        match entries.find(path.as_str()).map(|entry| &entry.new) {
            Some(State::Directory { .. }) => {}
            Some(State::File { .. } | State::Symlink { .. }) => {
                return Err(contradiction(path, "is replaced as a folder and is a file"));
            }
            Some(State::Absent) | None => return Err(contradiction(path, "is replaced and has no new state")),
        }
        if !replaced.insert(path.as_str()) {
            return Err(contradiction(path, "is replaced twice"));
        }
    }
    let whole: HashSet<&str> = replace.directories.iter().map(AsRef::as_ref).collect();
    if let Some(path) =
        replace.files.iter().chain(&replace.directories).find(|path| path.parents().any(|p| whole.contains(p)))
    {
        return Err(contradiction(path, "is replaced by itself and with a folder that it is in"));
    }
    let mut deleted = HashSet::new();
    let mut spellings = Spellings::default();
    for (path, _) in delete.paths() {
        if !deleted.insert(path.as_str()) {
            return Err(contradiction(path, "is deleted twice"));
        }
        spellings.take(path)?;
        let stays = entries.find(path.as_str()).is_some_and(|entry| entry.new != State::Absent);
        if stays && !is_within(path, &replaced) {
            return Err(contradiction(path, "is deleted, has a new state, and is not replaced"));
        }
    }
    for entry in &manifest.entries {
        let path = &entry.path;
        match entry.new {
            State::File { .. } | State::Symlink { .. } if !is_within(path, &replaced) => {
                return Err(contradiction(path, "has a new state and is not replaced"));
            }
            State::Absent if !is_within(path, &deleted) && !path.parents().any(|p| replaced.contains(p)) => {
                return Err(contradiction(path, "is absent afterwards and is not deleted"));
            }
            // A folder that no operation names is there afterwards, with its mode: nothing else of it changes.
            State::File { .. } | State::Symlink { .. } | State::Absent | State::Directory { .. } => {}
        }
    }
    Ok(())
}

/// Whether a path or a folder of it is in a set.
fn is_within(path: &RelPath, set: &HashSet<&str>) -> bool {
    set.contains(path.as_str()) || path.parents().any(|parent| set.contains(parent))
}

/// The law of building: what is replaced is not deleted besides, and is not in a folder that goes.
pub(super) fn nothing_is_both_replaced_and_deleted(operations: &Operations) -> Result<(), BundleError> {
    let deleted: HashSet<&str> = operations.delete.paths().map(|(path, _)| path.as_str()).collect();
    let replaced = operations.replace.files.iter().chain(&operations.replace.directories);
    for path in replaced {
        if is_within(path, &deleted) {
            return Err(contradiction(path, "is both replaced and deleted"));
        }
    }
    Ok(())
}

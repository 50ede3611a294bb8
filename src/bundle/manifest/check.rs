//! What has to hold in a manifest beyond the form of its parts.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::bundle::error::BundleError;
use crate::bundle::limits::{Exceeded, MANIFEST_BYTES, PLAN_BYTES};
use crate::bundle::path::{RelPath, Spellings, link_fault};

use super::{Entry, Manifest, Operations, State};

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
    let mut spellings = Spellings::default();
    let mut entries = HashMap::with_capacity(manifest.entries.len());
    for entry in &manifest.entries {
        if entries.insert(entry.path.as_str(), entry).is_some() {
            let path = entry.path.to_string();
            return Err(BundleError::Collision(crate::bundle::path::Collision { first: path.clone(), second: path }));
        }
        spellings.take(&entry.path)?;
        by_itself(manifest, entry)?;
    }
    deltas_agree(manifest)?;
    for entry in manifest.entries.iter().filter(|entry| entry.new != State::Absent) {
        for parent in entry.path.parents() {
            match entries.get(parent).map(|above| &above.new) {
                None | Some(State::Directory { .. }) => {}
                Some(State::Absent | State::File { .. } | State::Symlink { .. }) => {
                    return Err(BundleError::BelowNoFolder { path: entry.path.to_string(), parent: parent.to_owned() });
                }
            }
        }
    }
    operations(manifest, &entries)
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

/// A content that several entries share has one size, one delta has one source and one result.
fn deltas_agree(manifest: &Manifest) -> Result<(), BundleError> {
    let mut sizes = BTreeMap::new();
    let mut deltas = BTreeMap::new();
    for entry in &manifest.entries {
        for state in [Some(&entry.new), entry.old.as_ref()].into_iter().flatten() {
            if let State::File { size, sha256, .. } = state
                && *sizes.entry(*sha256).or_insert(*size) != *size
            {
                return Err(contradiction(&entry.path, "has a digest that stands for two sizes"));
            }
        }
        if let (Some(delta), State::File { sha256: new, .. }, Some(State::File { sha256: old, .. })) =
            (&entry.delta, &entry.new, &entry.old)
            && *deltas.entry(delta.sha256).or_insert((delta.size, *old, *new)) != (delta.size, *old, *new)
        {
            return Err(contradiction(&entry.path, "has a delta that is also another's"));
        }
    }
    Ok(())
}

/// Each operation has the entry that it needs, and each entry the operation that it comes of.
fn operations(manifest: &Manifest, entries: &HashMap<&str, &Entry>) -> Result<(), BundleError> {
    let Operations { replace, delete } = &manifest.operations;
    let mut replaced = HashSet::new();
    for path in &replace.files {
        match entries.get(path.as_str()).map(|entry| &entry.new) {
            Some(State::File { .. } | State::Symlink { .. }) => {}
            Some(State::Directory { .. }) => return Err(contradiction(path, "is replaced as a file and is a folder")),
            Some(State::Absent) | None => return Err(contradiction(path, "is replaced and has no new state")),
        }
        if !replaced.insert(path.as_str()) {
            return Err(contradiction(path, "is replaced twice"));
        }
    }
    for path in &replace.directories {
        match entries.get(path.as_str()).map(|entry| &entry.new) {
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
        let stays = entries.get(path.as_str()).is_some_and(|entry| entry.new != State::Absent);
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

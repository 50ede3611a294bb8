//! What a bundle does: the difference of two trees, or what a list of operations says about them.

use std::collections::BTreeMap;

use crate::bundle::error::BundleError;
use crate::bundle::manifest::{Delete, Entry, Kind, Operations, PathsByKind, State};
use crate::bundle::path::RelPath;
use crate::bundle::tree::{Tree, TreeFault};

/// All that differs between the trees. Without an old tree, all of the new one; what was there then is not known if the
/// bundle has a base version, and nothing if it has none.
pub(super) fn by_difference(old: Option<&Tree>, new: &Tree, has_base: bool) -> (Operations, Vec<Entry>) {
    let mut replace = PathsByKind::default();
    let mut delete = PathsByKind::default();
    let mut entries = Vec::new();
    for (path, state) in new.states() {
        let before = match old {
            Some(old) => Some(old.state(path).clone()),
            None if has_base => None,
            None => Some(State::Absent),
        };
        if before.as_ref() == Some(state) {
            continue;
        }
        match (state, before.as_ref().map(State::kind)) {
            // A folder that is new, or gets another mode, needs no operation: it is there afterwards.
            (State::Directory { .. }, None | Some(Kind::Absent | Kind::Directory)) => {}
            (State::Directory { .. }, Some(Kind::File | Kind::Symlink)) => replace.directories.push(path.clone()),
            (State::File { .. } | State::Symlink { .. } | State::Absent, _)
                if is_within(path, &replace.directories) => {}
            (State::File { .. } | State::Symlink { .. } | State::Absent, _) => replace.files.push(path.clone()),
        }
        entries.push(Entry { path: path.clone(), new: state.clone(), old: before, delta: None });
    }
    for (path, state) in old.into_iter().flat_map(Tree::states).filter(|(path, _)| new.state(path) == &State::Absent) {
        // What goes with a folder, or with what takes a folder's place, needs no operation of its own.
        if !is_within(path, &delete.directories) && !is_within(path, &replace.files) {
            match state {
                State::Directory { .. } => delete.directories.push(path.clone()),
                State::File { .. } | State::Symlink { .. } | State::Absent => delete.files.push(path.clone()),
            }
        }
        entries.push(Entry { path: path.clone(), new: State::Absent, old: Some(state.clone()), delta: None });
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    (Operations { replace, delete: Delete::ByKind(delete) }, entries)
}

/// What the operations say, with the states that the trees have.
pub(super) fn by_operations(
    operations: &Operations,
    old: Option<&Tree>,
    new: &Tree,
) -> Result<(Operations, Vec<Entry>), BundleError> {
    let before = |path: &RelPath| old.map(|old| old.state(path).clone());
    let mut entries = BTreeMap::new();
    let mut add = |path: &RelPath, state: &State| {
        let entry = Entry { path: path.clone(), new: state.clone(), old: before(path), delta: None };
        entries.insert(path.clone(), entry);
    };
    for path in operations.replace.files.iter().chain(&operations.replace.directories) {
        match new.state(path) {
            State::Absent => return Err(TreeFault::NotThere { path: path.to_string() }.into()),
            state => add(path, state),
        }
    }
    for folder in &operations.replace.directories {
        new.below(folder).for_each(|(path, state)| add(path, state));
        gone(old, folder).filter(|path| new.state(path) == &State::Absent).for_each(|path| add(path, &State::Absent));
    }
    let mut delete = PathsByKind::default();
    let mut either = Vec::new();
    for (path, kind) in operations.delete.paths() {
        let kind = match (old.map(|old| old.state(path)), kind) {
            (Some(State::Absent), _) => return Err(TreeFault::NotThere { path: path.to_string() }.into()),
            (Some(State::Directory { .. }), Some(Kind::File)) => {
                return Err(contradiction(path, "is deleted as a file and is a folder"));
            }
            (Some(State::File { .. } | State::Symlink { .. }), Some(Kind::Directory)) => {
                return Err(contradiction(path, "is deleted as a folder and is a file"));
            }
            (Some(State::Directory { .. }), _) => Some(Kind::Directory),
            (Some(State::File { .. } | State::Symlink { .. }), _) => Some(Kind::File),
            (None, kind) => kind,
        };
        match kind {
            Some(Kind::Directory) => delete.directories.push(path.clone()),
            Some(Kind::File | Kind::Symlink | Kind::Absent) => delete.files.push(path.clone()),
            None => either.push(path.clone()),
        }
        let replaced =
            operations.replace.files.iter().chain(&operations.replace.directories).any(|other| other == path);
        if old.is_some() && !replaced {
            add(path, &State::Absent);
            gone(old, path).for_each(|below| add(below, &State::Absent));
        }
    }
    let delete = if either.is_empty() { Delete::ByKind(delete) } else { operations.delete.clone() };
    Ok((Operations { replace: operations.replace.clone(), delete }, entries.into_values().collect()))
}

fn contradiction(path: &RelPath, what: &'static str) -> BundleError {
    BundleError::Contradiction { path: path.to_string(), what }
}

/// What the old tree has below a path.
fn gone<'a>(old: Option<&'a Tree>, folder: &'a RelPath) -> impl Iterator<Item = &'a RelPath> {
    old.into_iter().flat_map(move |old| old.below(folder)).map(|(path, _)| path)
}

fn is_within(path: &RelPath, folders: &[RelPath]) -> bool {
    path.parents().any(|parent| folders.binary_search_by(|folder| folder.as_str().cmp(parent)).is_ok())
}

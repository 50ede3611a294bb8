//! A bundle as a transaction sees it: what it asks for, what it expects, and how it is unpacked.

use std::fs::File;
use std::path::{Path, PathBuf};

use cap_std::fs::Dir;

use crate::bundle::{self, Bundle, BundleError, Manifest, RelPath, State, Unpacking};

use super::changes::{Delete, Expected, Put, Wanted};
use super::disk::Kind;
use super::error::{ApplyError, ErrorKind};
use crate::run::sha256;

/// What a bundle asks of an installation.
pub(crate) fn wanted(manifest: &Manifest) -> Wanted {
    let operations = &manifest.operations;
    let path = |path: &RelPath| PathBuf::from(path.as_str());
    let deletes = operations.delete.paths().map(|(deleted, kind)| Delete {
        path: path(deleted),
        is_folder: kind.map(|kind| kind == bundle::Kind::Directory),
    });
    let mut wanted = Wanted { deletes: deletes.collect(), puts: Vec::new(), expected: Vec::new() };
    for entry in &manifest.entries {
        let (kind, mode) = match &entry.new {
            State::Absent => (None, None),
            State::File { mode, .. } => (Some(Kind::File), Some(mode.bits())),
            State::Directory { mode } => (Some(Kind::Folder), Some(mode.bits())),
            State::Symlink { .. } => (Some(Kind::Symlink), None),
        };
        if let Some(kind) = kind {
            let is_whole = kind == Kind::Folder && operations.replace.directories.contains(&entry.path);
            wanted.puts.push(Put { path: path(&entry.path), kind, mode, is_whole });
        }
        // A full release starts from nothing, and so knows nothing of what is installed: it replaces what is there.
        if let (Some(old), Some(_)) = (&entry.old, manifest.base) {
            wanted.expected.push(Expected { path: path(&entry.path), what: expected(old) });
        }
    }
    wanted
}

fn expected(old: &State) -> Option<(Kind, Option<String>)> {
    match old {
        State::Absent => None,
        State::File { sha256, .. } => Some((Kind::File, Some(sha256.to_string()))),
        State::Directory { .. } => Some((Kind::Folder, None)),
        State::Symlink { target } => Some((Kind::Symlink, Some(sha256(target.as_bytes())))),
    }
}

/// Unpacks into an empty folder of an installation. All is checked on the way; the sync comes later, for all at once.
pub(crate) fn unpack(
    bundle: &mut Bundle<File>,
    root: &Path,
    into: &Path,
    progress: &mut dyn bundle::Progress,
) -> Result<Option<String>, ApplyError> {
    let open = |path: &Path| {
        Dir::open_ambient_dir(path, cap_std::ambient_authority()).map_err(|why| {
            ApplyError::new(ErrorKind::ExtractionFailed, format!("cannot open `{}`: {why}", path.display()))
        })
    };
    let old = open(root)?;
    let new = old.open_dir(into).map_err(|why| {
        ApplyError::new(ErrorKind::ExtractionFailed, format!("cannot open `{}`: {why}", into.display()))
    })?;
    let unpacking = Unpacking { into: &new, old: Some(&old), sync: false };
    let verified = bundle.unpack(&unpacking, progress).map_err(|error| of_bundle(&error))?;
    Ok(Some(verified.sha256.to_string()))
}

/// A bundle's error as one of an apply.
pub(crate) fn of_bundle(error: &BundleError) -> ApplyError {
    let kind = match error {
        BundleError::Path(_)
        | BundleError::Collision(_)
        | BundleError::Link { .. }
        | BundleError::BelowNoFolder { .. } => ErrorKind::PathError,
        BundleError::WrongProduct { .. } | BundleError::Downgrade { .. } => ErrorKind::Refused,
        error if error.is_refusal() => ErrorKind::VerificationFailed,
        _ => ErrorKind::ExtractionFailed,
    };
    let failure = ApplyError::new(kind, error.to_string());
    match error.help() {
        Some(help) => failure.help(help),
        None => failure,
    }
}

//! What stands at a path, known again wherever it is moved to: by its inode, and where that has changed by its content.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::disk::{Disk, DiskError, Kind, Look, walk};
use crate::run::{hex, sha256};

/// A file, a symbolic link, or a folder with all that is in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Thing {
    pub(crate) kind: Kind,
    pub(crate) inode: u64,
    pub(crate) mode: u32,
    /// SHA-256 of a file's content, of where a link leads, of all that a folder holds.
    pub(crate) digest: String,
}

impl Thing {
    /// What stands at a path.
    pub(crate) fn at(disk: &dyn Disk, path: &Path) -> Result<Option<Self>, DiskError> {
        let Some(look) = disk.look(path)? else { return Ok(None) };
        Ok(Some(Self { kind: look.kind, inode: look.inode, mode: look.mode, digest: digest(disk, path, look)? }))
    }

    /// Whether this is what stands there. A rename keeps the inode; a filesystem that gives others after a restart leaves
    /// the content to tell.
    pub(crate) fn is_at(&self, disk: &dyn Disk, path: &Path) -> Result<bool, DiskError> {
        match disk.look(path)? {
            Some(look) if look.kind == self.kind && look.inode == self.inode => Ok(true),
            Some(look) => self.looks_like(disk, path, look),
            None => Ok(false),
        }
    }

    /// Whether what stands there has this one's content and rights, whichever inode it is.
    pub(crate) fn is_unchanged_at(&self, disk: &dyn Disk, path: &Path) -> Result<bool, DiskError> {
        match disk.look(path)? {
            Some(look) => self.looks_like(disk, path, look),
            None => Ok(false),
        }
    }

    fn looks_like(&self, disk: &dyn Disk, path: &Path, look: Look) -> Result<bool, DiskError> {
        Ok(look.kind == self.kind && look.mode == self.mode && digest(disk, path, look)? == self.digest)
    }
}

fn digest(disk: &dyn Disk, path: &Path, look: Look) -> Result<String, DiskError> {
    match look.kind {
        Kind::File => disk.digest(path),
        Kind::Symlink => Ok(sha256(disk.read_link(path)?.as_os_str().as_encoded_bytes())),
        Kind::Folder => folder_digest(disk, path),
        Kind::Other => Ok(String::new()),
    }
}

/// One line for each thing in a folder, hashed.
fn folder_digest(disk: &dyn Disk, folder: &Path) -> Result<String, DiskError> {
    let mut lines = Vec::new();
    for (path, look) in walk(disk, folder)?.into_iter().skip(1) {
        let content = match look.kind {
            Kind::Folder => String::new(),
            Kind::File | Kind::Symlink | Kind::Other => digest(disk, &path, look)?,
        };
        let name = path.strip_prefix(folder).unwrap_or(&path).as_os_str().as_encoded_bytes();
        lines.push((name.to_owned(), format!("{:?} {:o} {content}", look.kind, look.mode)));
    }
    lines.sort();
    let mut hash = Sha256::new();
    for (name, line) in lines {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update(line);
        hash.update("\n");
    }
    Ok(hex(&hash.finalize()))
}

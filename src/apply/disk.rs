//! The seam between a transaction and the installation: every look at the disk and every effect on it is one call here.
//!
//! Paths are relative to the installation's root and have no `..`. Nothing here follows a symbolic link, leaves the root or
//! crosses a mount. The transaction knows [`Disk`] alone, so that tests can put a disk under it which fails at any effect, or
//! forgets at a power loss whatever was not synced.

pub(crate) mod root;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What is asked of a disk, and done to it.
pub(crate) trait Disk {
    /// What is at a path; `None` where nothing is, or where a folder on the way is missing or is a file.
    fn look(&self, path: &Path) -> Result<Option<Look>, DiskError>;
    /// The names in a folder, sorted.
    fn list(&self, folder: &Path) -> Result<Vec<OsString>, DiskError>;
    /// The content of a file.
    fn read(&self, file: &Path) -> Result<Vec<u8>, DiskError>;
    /// The SHA-256 of a file's content.
    fn digest(&self, file: &Path) -> Result<String, DiskError>;
    /// What a symbolic link says.
    fn read_link(&self, link: &Path) -> Result<PathBuf, DiskError>;
    /// Bytes that may still be written.
    fn free_space(&self) -> Result<u64, DiskError>;
    /// Whether this process may put names into a folder.
    fn may_write(&self, folder: &Path) -> Result<bool, DiskError>;

    /// Makes a folder in one that is there.
    fn make_folder(&self, folder: &Path, mode: u32) -> Result<(), DiskError>;
    /// Cuts a file at an offset and writes there; makes the file where it is missing.
    fn write_at(&self, file: &Path, offset: u64, bytes: &[u8]) -> Result<(), DiskError>;
    /// Gives what was staged the rights, the owner and the extended attributes that it is to have.
    fn dress(&self, path: &Path, dress: &Dress<'_>) -> Result<(), DiskError>;
    /// Makes the content of files and the names in folders survive a power loss.
    fn sync(&self, paths: &[PathBuf]) -> Result<(), DiskError>;
    /// Moves to a name that is free.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError>;
    /// Moves to a name, in the place of the file that is there.
    fn replace(&self, from: &Path, to: &Path) -> Result<(), DiskError>;
    /// Lets two names change what they stand for, in one instant. [`io::ErrorKind::Unsupported`] where the filesystem cannot.
    fn exchange(&self, one: &Path, other: &Path) -> Result<(), DiskError>;
    /// Gives a file a second name.
    fn link(&self, from: &Path, to: &Path) -> Result<(), DiskError>;
    /// Removes a file or a symbolic link.
    fn remove_file(&self, file: &Path) -> Result<(), DiskError>;
    /// Removes an empty folder.
    fn remove_folder(&self, folder: &Path) -> Result<(), DiskError>;
    /// Sets when a folder was last changed, in nanoseconds since 1970.
    fn set_modified(&self, path: &Path, nanoseconds: i64) -> Result<(), DiskError>;
}

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Look {
    pub(crate) kind: Kind,
    /// Permission bits, with setuid, setgid and sticky.
    pub(crate) mode: u32,
    pub(crate) size: u64,
    pub(crate) inode: u64,
    pub(crate) owner: u32,
    pub(crate) group: u32,
    /// When its content was last changed, in nanoseconds since 1970.
    pub(crate) modified: i64,
}

/// Kinds of what stands at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    File,
    Folder,
    Symlink,
    /// A device, a FIFO, a socket: nothing that a bundle may touch.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Symlink => "a symbolic link",
            Self::Other => "a device, FIFO or socket",
        })
    }
}

/// How something staged is to look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dress<'p> {
    /// Its permission bits; `None`: as they are.
    pub(crate) mode: Option<u32>,
    /// Whose owner, group and extended attributes it takes over: what it replaces, or the folder that it comes into.
    pub(crate) like: Option<&'p Path>,
    /// Whether the extended attributes are taken over as well.
    pub(crate) attributes: bool,
}

/// What a disk refused.
#[derive(Debug)]
pub(crate) struct DiskError {
    /// The verb, as in `cannot rename`.
    pub(crate) action: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) why: io::Error,
}

impl DiskError {
    pub(crate) fn new(action: &'static str, path: &Path, why: impl Into<io::Error>) -> Self {
        Self { action, path: path.to_owned(), why: why.into() }
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}`: {}", self.action, self.path.display(), self.why)
    }
}

/// Makes a folder and those above it that are missing.
pub(crate) fn make_folders(disk: &dyn Disk, folder: &Path, mode: u32) -> Result<(), DiskError> {
    for folder in with_parents(folder) {
        if disk.look(&folder)?.is_none() {
            disk.make_folder(&folder, mode)?;
        }
    }
    Ok(())
}

/// A path and all paths above it, the uppermost first, the root not among them.
pub(crate) fn with_parents(path: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = path.ancestors().filter(|p| !p.as_os_str().is_empty()).map(Path::to_owned).collect();
    all.reverse();
    all
}

/// Everything below a path and the path itself, each folder before what it holds; nothing where nothing is.
pub(crate) fn walk(disk: &dyn Disk, top: &Path) -> Result<Vec<(PathBuf, Look)>, DiskError> {
    let Some(look) = disk.look(top)? else { return Ok(Vec::new()) };
    let mut found = vec![(top.to_owned(), look)];
    let mut at = 0;
    while let Some((path, look)) = found.get(at).cloned() {
        at += 1;
        if look.kind == Kind::Folder {
            for name in disk.list(&path)? {
                let below = path.join(name);
                if let Some(look) = disk.look(&below)? {
                    found.push((below, look));
                }
            }
        }
    }
    Ok(found)
}

/// Removes a path with all that is below it, if it is there.
pub(crate) fn remove_all(disk: &dyn Disk, top: &Path) -> Result<(), DiskError> {
    for (path, look) in walk(disk, top)?.into_iter().rev() {
        match look.kind {
            Kind::Folder => disk.remove_folder(&path)?,
            Kind::File | Kind::Symlink | Kind::Other => disk.remove_file(&path)?,
        }
    }
    Ok(())
}

/// Writes a file so that it is there as a whole or not at all, also after a power loss.
pub(crate) fn write_whole(disk: &dyn Disk, file: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    disk.write_at(&beside, 0, bytes)?;
    disk.sync(std::slice::from_ref(&beside))?;
    disk.replace(&beside, file)?;
    disk.sync(&[parent(file)])
}

/// The folder that a path stands in; the root's own is the root.
pub(crate) fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

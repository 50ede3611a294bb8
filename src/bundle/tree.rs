//! A folder as states by path, read through handles: nothing that is swapped for a link meanwhile leads out of it.

use std::fmt;
use std::io::{self, Read};
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata};

use super::digest::{Digest, Summing};
use super::error::BundleError;
use super::manifest::{Mode, State};
use super::path::{RelPath, STATE};
use super::progress::Progress;

/// A folder that was read.
#[derive(Debug)]
pub struct Tree {
    files: Files,
    /// By path.
    states: Vec<(RelPath, State)>,
}

/// The files of a folder, once it is known what they are.
#[derive(Debug)]
pub(super) struct Files {
    root: Dir,
}

/// Which of the two trees of a bundle it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// What is installed. Its `.alterplan` is not looked at, for that is not of the product.
    Old,
    /// What will be installed.
    New,
}

/// A folder that cannot be packed as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TreeFault {
    /// A name that is not UTF-8.
    NotText {
        /// The name, as far as it can be shown.
        path: String,
    },
    /// Something that is neither file, folder nor symbolic link.
    SpecialFile {
        /// Where.
        path: String,
    },
    /// A file or folder with setuid, setgid or sticky bits.
    SpecialBits {
        /// Where.
        path: String,
        /// Its mode.
        mode: u32,
    },
    /// A file that changed while it was packed.
    Changed {
        /// Which.
        path: String,
    },
    /// A path of an operation that is not in the tree.
    NotThere {
        /// Which.
        path: String,
    },
}

impl TreeFault {
    /// What to do next.
    pub(super) fn help(&self) -> Option<&'static str> {
        match self {
            Self::SpecialBits { .. } => Some("`chmod` takes the bits away; a hook of the installation can set them"),
            Self::Changed { .. } => Some("build from a tree that nothing else writes to"),
            Self::NotText { .. } | Self::SpecialFile { .. } | Self::NotThere { .. } => None,
        }
    }
}

impl fmt::Display for TreeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotText { path } => write!(f, "the name of `{}` is not UTF-8", path.escape_debug()),
            Self::SpecialFile { path } => {
                write!(f, "`{}` is neither a file nor a folder nor a symbolic link", path.escape_debug())
            }
            Self::SpecialBits { path, mode } => {
                write!(f, "`{}` has setuid, setgid or sticky bits (mode {mode:04o})", path.escape_debug())
            }
            Self::Changed { path } => write!(f, "`{}` changed while it was packed", path.escape_debug()),
            Self::NotThere { path } => write!(f, "`{}` is not in the tree", path.escape_debug()),
        }
    }
}

impl Tree {
    /// Reads a folder, with the digest of each file.
    ///
    /// # Errors
    /// What the system says, and [`BundleError::Tree`] or [`BundleError::Path`] for what no bundle can hold.
    pub fn read(path: &Path, role: Role, progress: &mut dyn Progress) -> Result<Self, BundleError> {
        let what = || format!("read the folder `{}`", path.display());
        let root = Dir::open_ambient_dir(path, ambient_authority()).map_err(BundleError::io(what()))?;
        let mut states = Vec::new();
        let handle = root.try_clone().map_err(BundleError::io(what()))?;
        collect(&handle, "", role, &mut states, progress)?;
        states.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Ok(Self { files: Files { root }, states })
    }

    /// The folder itself.
    pub fn root(&self) -> &Dir {
        &self.files.root
    }

    /// What is in it, by path.
    pub fn states(&self) -> impl Iterator<Item = (&RelPath, &State)> {
        self.states.iter().map(|(path, state)| (path, state))
    }

    /// What is at a path.
    pub fn state(&self, path: &RelPath) -> &State {
        match self.states.binary_search_by(|(known, _)| known.cmp(path)) {
            Ok(at) => &self.states[at].1,
            Err(_) => &State::Absent,
        }
    }

    /// The paths below a folder.
    pub fn below<'a>(&'a self, folder: &'a RelPath) -> impl Iterator<Item = (&'a RelPath, &'a State)> {
        let start = self.states.partition_point(|(path, _)| path <= folder);
        let below = self.states[start..].iter().take_while(|(path, _)| path.as_str().starts_with(folder.as_str()));
        below.filter(|(path, _)| path.is_below(folder.as_str())).map(|(path, state)| (path, state))
    }

    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    /// Its files alone: what was read of it goes.
    pub(super) fn into_files(self) -> Files {
        self.files
    }
}

impl Files {
    /// Opens one.
    pub(super) fn open(&self, path: &RelPath) -> Result<File, BundleError> {
        self.root.open(path.as_str()).map_err(BundleError::io(format!("open `{path}`")))
    }
}

fn collect(
    folder: &Dir,
    prefix: &str,
    role: Role,
    states: &mut Vec<(RelPath, State)>,
    progress: &mut dyn Progress,
) -> Result<(), BundleError> {
    let what = || format!("read the folder `{}`", if prefix.is_empty() { "." } else { prefix });
    for entry in folder.entries().map_err(BundleError::io(what()))? {
        let entry = entry.map_err(BundleError::io(what()))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            let path = format!("{prefix}{}", name.to_string_lossy());
            return Err(TreeFault::NotText { path }.into());
        };
        if role == Role::Old && prefix.is_empty() && name == STATE {
            continue;
        }
        let path: RelPath = format!("{prefix}{name}").parse()?;
        let metadata = entry.metadata().map_err(BundleError::io(format!("look at `{path}`")))?;
        let state = if metadata.is_symlink() {
            let target = folder.read_link_contents(name).map_err(BundleError::io(format!("read the link `{path}`")))?;
            match target.into_os_string().into_string() {
                Ok(target) => State::Symlink { target },
                Err(_) => return Err(TreeFault::NotText { path: path.to_string() }.into()),
            }
        } else if metadata.is_dir() {
            let below = entry.open_dir().map_err(BundleError::io(format!("open the folder `{path}`")))?;
            collect(&below, &format!("{path}/"), role, states, progress)?;
            State::Directory { mode: mode(&path, &metadata)? }
        } else if metadata.is_file() {
            let file = entry.open().map_err(BundleError::io(format!("open `{path}`")))?;
            let (sha256, size) = sum(file, progress).map_err(BundleError::io(format!("read `{path}`")))?;
            State::File { mode: mode(&path, &metadata)?, size, sha256 }
        } else {
            return Err(TreeFault::SpecialFile { path: path.to_string() }.into());
        };
        states.push((path, state));
    }
    Ok(())
}

fn sum(file: File, progress: &mut dyn Progress) -> io::Result<(Digest, u64)> {
    let mut summing = Summing::new(file);
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let read = summing.read(&mut buffer)?;
        if read == 0 {
            return Ok((summing.digest(), summing.length()));
        }
        progress.advance(read as u64);
    }
}

#[cfg(unix)]
fn mode(path: &RelPath, metadata: &Metadata) -> Result<Mode, BundleError> {
    use cap_std::fs::MetadataExt as _;
    let bits = metadata.mode() & 0o7777;
    // A folder's setgid bit says whose its files are, and is there by itself on some systems: it is not of the product.
    let bits = if metadata.is_dir() { bits & !0o2000 } else { bits };
    Mode::new(bits).ok_or_else(|| TreeFault::SpecialBits { path: path.to_string(), mode: bits }.into())
}

#[cfg(not(unix))]
fn mode(path: &RelPath, metadata: &Metadata) -> Result<Mode, BundleError> {
    let bits = if metadata.is_dir() { 0o755 } else { 0o644 };
    Mode::new(bits).ok_or_else(|| TreeFault::SpecialBits { path: path.to_string(), mode: bits }.into())
}

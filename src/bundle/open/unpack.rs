//! Unpacking into a private folder, through handles: every path is opened beneath it and nowhere else.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use cap_std::fs::{Dir, File, OpenOptions, Permissions};

use crate::bundle::delta;
use crate::bundle::digest::Digest;
use crate::bundle::error::BundleError;
use crate::bundle::manifest::{Content, Entry, Form, Manifest, Mode, State};
use crate::bundle::path::RelPath;
use crate::bundle::progress::Progress;

use super::{Bundle, ContentReader, Verified};

/// Below the folder that a bundle is unpacked into: all entries as they will be.
pub const FILES: &str = "files";
/// Beside it: deltas by their digest, where there was no old tree to make files of them.
pub const DELTAS: &str = "deltas";

/// How a bundle is unpacked.
#[derive(Clone, Copy, Debug)]
pub struct Unpacking<'a> {
    /// An empty folder that nobody else writes to.
    pub into: &'a Dir,
    /// What is installed. Deltas are applied to its files; without it, they are kept as they are.
    pub old: Option<&'a Dir>,
    /// Whether all is on the disk before this returns.
    pub sync: bool,
}

impl<S: io::Read + io::Seek + Send> Bundle<S> {
    /// Unpacks what the manifest lists: whole files, made ones, folders and links, with their modes, below
    /// [`FILES`]. What was unpacked counts only if this returns without an error; else the folder is to be removed.
    ///
    /// # Errors
    /// All that speaks against the bundle; an old file that is not the one that a delta was made for; a folder that is
    /// not empty.
    pub fn unpack(&mut self, unpacking: &Unpacking<'_>, progress: &mut dyn Progress) -> Result<Verified, BundleError> {
        let Unpacking { into, old, sync } = *unpacking;
        let not_empty = into.entries().and_then(|mut entries| entries.next().transpose());
        if not_empty.map_err(BundleError::io("look into the folder to unpack into"))?.is_some() {
            let why = io::ErrorKind::DirectoryNotEmpty.into();
            return Err(BundleError::Io { what: "unpack into a folder that holds something".to_owned(), why });
        }
        let stage = Stage { files: make(into, FILES)?, deltas: make(into, DELTAS)?, old, sync };
        stage.folders(self.manifest())?;
        let verified = self.contents(progress, &mut |manifest, content, reader| {
            let entries: Vec<&Entry> = content.entries().filter_map(|at| manifest.entries.get(at)).collect();
            stage.content(content, &entries, reader)
        })?;
        // Links come last, so that nothing could have gone through one; then the modes of folders, which may forbid writing.
        stage.links(self.manifest())?;
        stage.seal(self.manifest())?;
        if sync {
            sync_folder(into, ".").map_err(BundleError::io("write to the disk"))?;
        }
        Ok(verified)
    }
}

fn make(folder: &Dir, name: &str) -> Result<Dir, BundleError> {
    let made = folder.create_dir(name).and_then(|()| folder.open_dir(name));
    made.map_err(BundleError::io(format!("make the folder `{name}`")))
}

/// The folder while it fills.
struct Stage<'a> {
    files: Dir,
    deltas: Dir,
    old: Option<&'a Dir>,
    sync: bool,
}

impl Stage<'_> {
    /// All folders, those above entries too.
    fn folders(&self, manifest: &Manifest) -> Result<(), BundleError> {
        for entry in &manifest.entries {
            let folder = match entry.new {
                State::Directory { .. } => Some(entry.path.as_str()),
                State::File { .. } | State::Symlink { .. } => entry.path.parents().next(),
                State::Absent => None,
            };
            if let Some(folder) = folder {
                let made = self.files.create_dir_all(folder);
                made.map_err(BundleError::io(format!("make the folder `{folder}`")))?;
            }
        }
        Ok(())
    }

    /// A content, for all entries that have it.
    fn content(
        &self,
        content: &Content,
        entries: &[&Entry],
        reader: &mut ContentReader<'_>,
    ) -> Result<(), BundleError> {
        let Some((first, others)) = entries.split_first() else { return Ok(()) };
        match content.form {
            Form::Whole => {
                let mut file = self.create(&first.path)?;
                let copied = copy(reader, &mut file);
                copied.map_err(BundleError::io(format!("unpack `{}`", first.path)))?;
                self.finish(&file, first)?;
                others.iter().try_for_each(|entry| self.copy(first, entry))
            }
            Form::Delta => {
                let name = content.sha256.to_string();
                let mut file = self.deltas.open_with(&name, &fresh()).map_err(BundleError::io("unpack a delta"))?;
                copy(reader, &mut file).map_err(BundleError::io("unpack a delta"))?;
                drop(file);
                if let Some(old) = self.old {
                    for entry in entries {
                        self.apply(old, &name, entry)?;
                    }
                    self.deltas.remove_file(&name).map_err(BundleError::io("remove a delta"))?;
                }
                Ok(())
            }
        }
    }

    /// A content that was unpacked already, at another path.
    fn copy(&self, from: &Entry, to: &Entry) -> Result<(), BundleError> {
        let what = || format!("unpack `{}`", to.path);
        let mut source = self.files.open(from.path.as_str()).map_err(BundleError::io(what()))?;
        let mut file = self.create(&to.path)?;
        io::copy(&mut source, &mut file).map_err(BundleError::io(what()))?;
        self.finish(&file, to)
    }

    /// Makes a file of the old one and a delta.
    fn apply(&self, old: &Dir, delta: &str, entry: &Entry) -> Result<(), BundleError> {
        let path = &entry.path;
        let (Some(State::File { size: old_size, sha256: old_sha256, .. }), State::File { size, sha256, .. }) =
            (&entry.old, &entry.new)
        else {
            return Ok(());
        };
        let misfit = |what: String| BundleError::Delta { path: path.to_string(), what };
        let mut source = old.open(path.as_str()).map_err(BundleError::io(format!("open the old `{path}`")))?;
        let (found, found_size) =
            Digest::of_reader(&mut source).map_err(BundleError::io(format!("read the old `{path}`")))?;
        if (found, found_size) != (*old_sha256, *old_size) {
            return Err(misfit(format!("the old file is another one: SHA-256 {found} instead of {old_sha256}")));
        }
        let mut delta = self.deltas.open(delta).map_err(BundleError::io("open a delta"))?;
        let mut file = self.create(path)?;
        let applied = delta::apply(&mut source, *old_size, &mut delta, *size, &mut file);
        let found = applied.map_err(|why| misfit(why.to_string()))?;
        if found != *sha256 {
            return Err(misfit(format!("it makes SHA-256 {found} instead of {sha256}")));
        }
        self.finish(&file, entry)
    }

    /// A new file, which nobody else may read yet.
    fn create(&self, path: &RelPath) -> Result<File, BundleError> {
        self.files.open_with(path.as_str(), &fresh()).map_err(BundleError::io(format!("unpack `{path}`")))
    }

    /// The mode of a file, when its content is there.
    fn finish(&self, file: &File, entry: &Entry) -> Result<(), BundleError> {
        let what = || format!("unpack `{}`", entry.path);
        if let State::File { mode, .. } = entry.new {
            file.set_permissions(permissions(mode).map_err(BundleError::io(what()))?)
                .map_err(BundleError::io(what()))?;
        }
        if self.sync { file.sync_all().map_err(BundleError::io(what())) } else { Ok(()) }
    }

    fn links(&self, manifest: &Manifest) -> Result<(), BundleError> {
        for entry in &manifest.entries {
            if let State::Symlink { target } = &entry.new {
                link(&self.files, target, &entry.path)
                    .map_err(BundleError::io(format!("make the symbolic link `{}`", entry.path)))?;
            }
        }
        Ok(())
    }

    /// Modes of folders, the deepest first, and all of them to the disk.
    fn seal(&self, manifest: &Manifest) -> Result<(), BundleError> {
        let mut folders = BTreeMap::<&str, Option<Mode>>::new();
        for entry in manifest.entries.iter().filter(|entry| entry.new != State::Absent) {
            entry.path.parents().for_each(|parent| {
                folders.entry(parent).or_default();
            });
            if let State::Directory { mode } = entry.new {
                folders.insert(entry.path.as_str(), Some(mode));
            }
        }
        for (path, mode) in folders.into_iter().rev() {
            let what = || format!("finish the folder `{path}`");
            if self.sync {
                sync_folder(&self.files, path).map_err(BundleError::io(what()))?;
            }
            if let Some(mode) = mode {
                let set = permissions(mode).and_then(|permissions| self.files.set_permissions(path, permissions));
                set.map_err(BundleError::io(what()))?;
            }
        }
        if self.sync {
            sync_folder(&self.files, ".").map_err(BundleError::io("write to the disk"))?;
            sync_folder(&self.deltas, ".").map_err(BundleError::io("write to the disk"))?;
        }
        Ok(())
    }
}

fn copy(reader: &mut ContentReader<'_>, file: &mut File) -> io::Result<()> {
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(()),
            read => file.write_all(&buffer[..read])?,
        }
    }
}

/// Options for a file that is not there yet.
fn fresh() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

#[cfg(unix)]
fn permissions(mode: Mode) -> io::Result<Permissions> {
    use cap_std::fs::PermissionsExt as _;
    Ok(Permissions::from_mode(mode.bits()))
}

/// Elsewhere there are no modes to set: a file is as one just made is.
#[cfg(not(unix))]
fn permissions(_: Mode) -> io::Result<Permissions> {
    tempfile::tempfile()?.metadata().map(|metadata| Permissions::from_std(metadata.permissions()))
}

#[cfg(unix)]
fn link(folder: &Dir, target: &str, path: &RelPath) -> io::Result<()> {
    folder.symlink_contents(target, path.as_str())
}

#[cfg(not(unix))]
fn link(folder: &Dir, target: &str, path: &RelPath) -> io::Result<()> {
    folder.symlink_file(target, path.as_str())
}

/// A folder's names to the disk.
#[cfg(unix)]
fn sync_folder(folder: &Dir, path: &str) -> io::Result<()> {
    folder.open(path)?.sync_all()
}

/// Elsewhere a folder cannot be opened for that.
#[cfg(not(unix))]
fn sync_folder(_: &Dir, _: &str) -> io::Result<()> {
    Ok(())
}

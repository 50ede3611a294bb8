//! The real disk below an installation's root, reached through folder handles alone.
//!
//! Each path is walked from the root's handle, name by name, without following a symbolic link and without crossing a
//! mount: a link or a mount that somebody puts there in the middle of it makes the call fail, and is never gone through.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};

use rustix::fd::{AsFd as _, BorrowedFd, OwnedFd};
use rustix::fs::{
    self as sys, AtFlags, FileType, Mode, OFlags, RawMode, RenameFlags, Timespec, Timestamps, XattrFlags,
};
use rustix::io::Errno;
use sha2::{Digest as _, Sha256};

use super::{Disk, DiskError, Dress, Kind, Look};

/// From so many files on, one sync of the whole filesystem is cheaper than one of each.
const MANY: usize = 64;
/// How a folder on the way is opened.
const WAY: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// An installation's root.
#[derive(Debug)]
pub(crate) struct Root {
    handle: OwnedFd,
    device: u64,
    path: PathBuf,
}

impl Root {
    /// Opens the root; here alone symbolic links are followed, for it is the caller who names it.
    pub(crate) fn open(path: &Path) -> Result<Self, DiskError> {
        let fail = |why: Errno| DiskError::new("open", path, why);
        let handle = sys::open(path, OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).map_err(fail)?;
        let device = sys::fstat(&handle).map_err(fail)?.st_dev;
        Ok(Self { handle, device, path: path.to_owned() })
    }

    /// The path as the caller gave it.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file of our own, which no bundle can name, for reading and writing.
    pub(crate) fn open_own(&self, file: &Path) -> Result<File, DiskError> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(self.open_at("open", file, flags, Mode::RUSR | Mode::WUSR)?))
    }

    /// A handle of a folder.
    fn folder(&self, action: &'static str, folder: &Path) -> Result<OwnedFd, DiskError> {
        let fail = |why: Errno| DiskError::new(action, folder, why);
        let mut handle = sys::openat(&self.handle, ".", WAY, Mode::empty()).map_err(fail)?;
        for part in folder.components() {
            let Component::Normal(name) = part else { return Err(fail(Errno::INVAL)) };
            let next = match sys::openat(&handle, name, WAY, Mode::empty()) {
                // With O_DIRECTORY a symbolic link is "not a directory": say what is the matter.
                Err(Errno::NOTDIR) if is_symlink(handle.as_fd(), name) => return Err(fail(Errno::LOOP)),
                other => other.map_err(fail)?,
            };
            if sys::fstat(&next).map_err(fail)?.st_dev != self.device {
                return Err(fail(Errno::XDEV));
            }
            handle = next;
        }
        Ok(handle)
    }

    /// The handle of the folder that a path stands in, and its name there.
    fn place<'p>(&self, action: &'static str, path: &'p Path) -> Result<(OwnedFd, &'p OsStr), DiskError> {
        let name = match path.components().next_back() {
            Some(Component::Normal(name)) => name,
            Some(_) | None => return Err(DiskError::new(action, path, Errno::INVAL)),
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let handle = self.folder(action, folder).map_err(|error| DiskError { path: path.to_owned(), ..error })?;
        Ok((handle, name))
    }

    fn open_at(&self, action: &'static str, path: &Path, flags: OFlags, mode: Mode) -> Result<OwnedFd, DiskError> {
        let (folder, name) = self.place(action, path)?;
        sys::openat(&folder, name, flags | OFlags::NOFOLLOW | OFlags::CLOEXEC, mode)
            .map_err(|why| DiskError::new(action, path, why))
    }

    fn open_file(&self, file: &Path) -> Result<File, DiskError> {
        // Without blocking on a FIFO that somebody put there.
        self.open_at("read", file, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty()).map(File::from)
    }

    /// A handle for reading a file's or a folder's own attributes.
    fn open_any(&self, action: &'static str, path: &Path) -> Result<OwnedFd, DiskError> {
        if path.as_os_str().is_empty() {
            return sys::openat(&self.handle, ".", OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
                .map_err(|why| DiskError::new(action, path, why));
        }
        self.open_at(action, path, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty())
    }

    fn move_with(&self, action: &'static str, from: &Path, to: &Path, flags: RenameFlags) -> Result<(), DiskError> {
        let (old_folder, old) = self.place(action, from)?;
        let (new_folder, new) = self.place(action, to)?;
        let renamed = match flags.is_empty() {
            // Without renameat2, which not every kernel and filesystem has.
            true => sys::renameat(&old_folder, old, &new_folder, new),
            false => sys::renameat_with(&old_folder, old, &new_folder, new, flags),
        };
        match renamed {
            Ok(()) => Ok(()),
            // EINVAL is how a filesystem says that it does not know the flag.
            Err(Errno::INVAL | Errno::NOSYS) if !flags.is_empty() => {
                Err(DiskError::new(action, to, io::Error::from(io::ErrorKind::Unsupported)))
            }
            Err(why) => Err(DiskError::new(action, to, why)),
        }
    }

    /// Takes the extended attributes over. What the filesystem of the root does not keep was not there to be copied.
    fn copy_attributes(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let (source, target) = (self.open_any("read", from)?, self.open_any("open", to)?);
        for name in attribute_names(&source).map_err(|why| DiskError::new("read the attributes of", from, why))? {
            let value = attribute(&source, &name).map_err(|why| DiskError::new("read the attributes of", from, why))?;
            sys::fsetxattr(&target, &name, &value, XattrFlags::empty())
                .map_err(|why| DiskError::new("set the attributes of", to, why))?;
        }
        Ok(())
    }
}

impl Disk for Root {
    fn look(&self, path: &Path) -> Result<Option<Look>, DiskError> {
        let found = if path.as_os_str().is_empty() {
            sys::fstat(&self.handle)
        } else {
            let (folder, name) = match self.place("look at", path) {
                Err(error) if is_absence(&error) => return Ok(None),
                other => other?,
            };
            sys::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)
        };
        match found {
            Ok(stat) if stat.st_dev != self.device => Err(DiskError::new("look at", path, Errno::XDEV)),
            Ok(stat) => Ok(Some(look_of(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(why) => Err(DiskError::new("look at", path, why)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<OsString>, DiskError> {
        let fail = |why: Errno| DiskError::new("read", folder, why);
        let handle = self.folder("read", folder)?;
        let mut names = Vec::new();
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let readable = sys::openat(&handle, ".", flags, Mode::empty()).map_err(fail)?;
        for entry in sys::Dir::new(readable).map_err(fail)? {
            let name = entry.map_err(fail)?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, file: &Path) -> Result<Vec<u8>, DiskError> {
        let mut bytes = Vec::new();
        self.open_file(file)?.read_to_end(&mut bytes).map_err(|why| DiskError::new("read", file, why))?;
        Ok(bytes)
    }

    fn digest(&self, file: &Path) -> Result<String, DiskError> {
        let mut open = self.open_file(file)?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match open.read(&mut buffer) {
                Ok(0) => return Ok(crate::run::hex(&hash.finalize())),
                Ok(count) => hash.update(&buffer[..count]),
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(DiskError::new("read", file, why)),
            }
        }
    }

    fn read_link(&self, link: &Path) -> Result<PathBuf, DiskError> {
        let (folder, name) = self.place("read", link)?;
        let target = sys::readlinkat(&folder, name, Vec::new()).map_err(|why| DiskError::new("read", link, why))?;
        Ok(PathBuf::from(OsString::from_vec(target.into_bytes())))
    }

    fn free_space(&self) -> Result<u64, DiskError> {
        let space =
            sys::fstatvfs(&self.handle).map_err(|why| DiskError::new("ask for the space of", &self.path, why))?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }

    fn may_write(&self, folder: &Path) -> Result<bool, DiskError> {
        let handle = self.folder("open", folder)?;
        match sys::accessat(&handle, ".", sys::Access::WRITE_OK | sys::Access::EXEC_OK, AtFlags::EACCESS) {
            Ok(()) => Ok(true),
            Err(Errno::ACCESS | Errno::PERM | Errno::ROFS) => Ok(false),
            Err(why) => Err(DiskError::new("ask for the rights of", folder, why)),
        }
    }

    fn make_folder(&self, folder: &Path, mode: u32) -> Result<(), DiskError> {
        let (parent, name) = self.place("make", folder)?;
        sys::mkdirat(&parent, name, mode_of(mode)).map_err(|why| DiskError::new("make", folder, why))
    }

    fn write_at(&self, file: &Path, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let fail = |why: io::Error| DiskError::new("write", file, why);
        let flags = OFlags::WRONLY | OFlags::CREATE;
        let mut open = File::from(self.open_at("write", file, flags, Mode::RUSR | Mode::WUSR)?);
        sys::ftruncate(&open, offset).map_err(|why| fail(why.into()))?;
        io::Seek::seek(&mut open, io::SeekFrom::Start(offset)).map_err(fail)?;
        open.write_all(bytes).map_err(fail)
    }

    fn dress(&self, path: &Path, dress: &Dress<'_>) -> Result<(), DiskError> {
        let fail = |why: Errno| DiskError::new("set the rights of", path, why);
        let (folder, name) = self.place("set the rights of", path)?;
        let stat = sys::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(fail)?;
        let is_symlink = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
        if let Some(like) = dress.like {
            let wanted = self.look(like)?;
            let another = wanted.filter(|wanted| (wanted.owner, wanted.group) != (stat.st_uid, stat.st_gid));
            if let Some(wanted) = another.filter(|_| rustix::process::geteuid().is_root()) {
                let (owner, group) = (sys::Uid::from_raw(wanted.owner), sys::Gid::from_raw(wanted.group));
                sys::chownat(&folder, name, Some(owner), Some(group), AtFlags::SYMLINK_NOFOLLOW).map_err(fail)?;
            }
            let like_kind = wanted.map(|wanted| wanted.kind);
            if dress.attributes && !is_symlink && matches!(like_kind, Some(Kind::File | Kind::Folder)) {
                self.copy_attributes(like, path)?;
            }
        }
        // After the owner: changing that takes setuid away.
        match dress.mode {
            Some(mode) if !is_symlink => {
                sys::fchmod(self.open_any("set the rights of", path)?, mode_of(mode)).map_err(fail)
            }
            Some(_) | None => Ok(()),
        }
    }

    fn sync(&self, paths: &[PathBuf]) -> Result<(), DiskError> {
        if paths.len() > MANY {
            // One flush for all; since Linux 5.8 it reports what could not be written (syncfs(2)).
            return sys::syncfs(&self.handle).map_err(|why| DiskError::new("sync", &self.path, why));
        }
        for path in paths {
            let look = self.look(path)?;
            if matches!(look.map(|look| look.kind), Some(Kind::File | Kind::Folder)) {
                let handle = self.open_any("sync", path)?;
                sys::fsync(&handle).map_err(|why| DiskError::new("sync", path, why))?;
            }
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        match self.move_with("rename", from, to, RenameFlags::NOREPLACE) {
            Err(error) if error.why.kind() == io::ErrorKind::Unsupported => {
                if self.look(to)?.is_some() {
                    return Err(DiskError::new("rename", to, Errno::EXIST));
                }
                self.move_with("rename", from, to, RenameFlags::empty())
            }
            other => other,
        }
    }

    fn replace(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        self.move_with("rename", from, to, RenameFlags::empty())
    }

    fn exchange(&self, one: &Path, other: &Path) -> Result<(), DiskError> {
        self.move_with("exchange", one, other, RenameFlags::EXCHANGE)
    }

    fn link(&self, from: &Path, to: &Path) -> Result<(), DiskError> {
        let (old_folder, old) = self.place("link", from)?;
        let (new_folder, new) = self.place("link", to)?;
        sys::linkat(&old_folder, old, &new_folder, new, AtFlags::empty()).map_err(|why| DiskError::new("link", to, why))
    }

    fn remove_file(&self, file: &Path) -> Result<(), DiskError> {
        let (folder, name) = self.place("remove", file)?;
        sys::unlinkat(&folder, name, AtFlags::empty()).map_err(|why| DiskError::new("remove", file, why))
    }

    fn remove_folder(&self, folder: &Path) -> Result<(), DiskError> {
        let (parent, name) = self.place("remove", folder)?;
        sys::unlinkat(&parent, name, AtFlags::REMOVEDIR).map_err(|why| DiskError::new("remove", folder, why))
    }

    fn set_modified(&self, path: &Path, nanoseconds: i64) -> Result<(), DiskError> {
        let handle = self.open_any("set the time of", path)?;
        let second = 1_000_000_000;
        let time = Timespec { tv_sec: nanoseconds.div_euclid(second), tv_nsec: nanoseconds.rem_euclid(second) as _ };
        let keep = Timespec { tv_sec: 0, tv_nsec: sys::UTIME_OMIT };
        sys::futimens(&handle, &Timestamps { last_access: keep, last_modification: time })
            .map_err(|why| DiskError::new("set the time of", path, why))
    }
}

/// Whether a way that ends early says that nothing is there: a folder that is missing, or a file in its place.
fn is_absence(error: &DiskError) -> bool {
    matches!(error.why.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn is_symlink(folder: BorrowedFd<'_>, name: &OsStr) -> bool {
    sys::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink)
}

fn mode_of(bits: u32) -> Mode {
    Mode::from_raw_mode((bits & 0o7777) as RawMode)
}

fn look_of(stat: &sys::Stat) -> Look {
    let kind = match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Symlink,
        _ => Kind::Other,
    };
    Look {
        kind,
        mode: stat.st_mode & 0o7777,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        inode: stat.st_ino,
        owner: stat.st_uid,
        group: stat.st_gid,
        modified: stat
            .st_mtime
            .saturating_mul(1_000_000_000)
            .saturating_add(i64::try_from(stat.st_mtime_nsec).unwrap_or_default()),
    }
}

/// The names of a file's extended attributes; none where its filesystem has no such thing.
fn attribute_names(file: &OwnedFd) -> Result<Vec<OsString>, Errno> {
    let mut buffer = vec![0_u8; 64 * 1024];
    match sys::flistxattr(file, buffer.as_mut_slice()) {
        Ok(length) => {
            let names = buffer[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty());
            Ok(names.map(|name| OsStr::from_bytes(name).to_owned()).collect())
        }
        Err(Errno::NOTSUP) => Ok(Vec::new()),
        Err(why) => Err(why),
    }
}

fn attribute(file: &OwnedFd, name: &OsStr) -> Result<Vec<u8>, Errno> {
    let mut buffer = vec![0_u8; 64 * 1024];
    let length = sys::fgetxattr(file, name, buffer.as_mut_slice())?;
    buffer.truncate(length);
    Ok(buffer)
}

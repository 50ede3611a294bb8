//! One transaction at a time: a lock on a file, which the system takes back from whoever dies.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::disk::DiskError;
use super::disk::root::Root;
use super::error::{ApplyError, ErrorKind};
use super::layout;

/// Held for as long as this value lives, and not a moment longer than the process.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of an installation.
    ///
    /// # Errors
    /// [`ErrorKind::Locked`] where another process holds it.
    pub(crate) fn take(root: &Root) -> Result<Self, ApplyError> {
        let path = layout::lock();
        let mut file = root.open_own(&path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(held(&mut file, root)),
            Err(why) => return Err(DiskError::new("lock", &path, why).into()),
        }
        // The number is for messages alone: the lock is the file's, and lives and dies with its holder.
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(std::process::id().to_string().as_bytes()));
        // A full disk is no reason against holding a lock.
        drop(written);
        Ok(Self { _file: file })
    }
}

fn held(file: &mut File, root: &Root) -> ApplyError {
    let mut holder = String::new();
    let who = match file.read_to_string(&mut holder) {
        Ok(_) if !holder.is_empty() => format!("process {}", holder.trim()),
        Ok(_) | Err(_) => "another process".to_owned(),
    };
    ApplyError::new(ErrorKind::Locked, format!("{who} is at work on `{}`", root.path().display()))
        .help("wait until it is done; if it dies, its lock dies with it")
}

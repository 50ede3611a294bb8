//! A file of lines that can only grow: each line carries the hash of itself and all before it.
//!
//! The journal and the history are such files. A last line that is cut off is what a crash leaves, and counts as not written;
//! any other line that does not fit means that somebody changed the file.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::disk::{Disk, parent};
use super::error::{ApplyError, ErrorKind};

/// What the first line's hash stands on.
const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A chain that is open for adding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Chain {
    file: PathBuf,
    /// Bytes that are known to be good: the next line is written there, over whatever a crash left.
    length: u64,
    head: String,
    is_there: bool,
    /// Whether nothing can stand behind the good bytes.
    is_clean: bool,
}

impl Chain {
    /// Reads a chain; a file that is missing is an empty one.
    ///
    /// # Errors
    /// A line in the middle that does not fit, or that says what this version does not know.
    pub(crate) fn open<T: DeserializeOwned>(disk: &dyn Disk, file: &Path) -> Result<(Self, Vec<T>), ApplyError> {
        let mut chain =
            Self { file: file.to_owned(), length: 0, head: START.to_owned(), is_there: false, is_clean: true };
        let mut found = Vec::new();
        if disk.look(file)?.is_none() {
            return Ok((chain, found));
        }
        chain.is_there = true;
        let bytes = disk.read(file)?;
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            match chain.check(line) {
                Some((head, json)) => {
                    let damaged = |why: serde_json::Error| chain.damaged(number + 1, &why.to_string());
                    found.push(serde_json::from_str(json).map_err(damaged)?);
                    chain.length += line.len() as u64;
                    chain.head = head;
                }
                None if lines.peek().is_none() => chain.is_clean = false,
                None => return Err(chain.damaged(number + 1, "it does not carry the hash of what stands before it")),
            }
        }
        Ok((chain, found))
    }

    /// Adds a line, and returns when it would survive a power loss.
    pub(crate) fn add<T: Serialize>(&mut self, disk: &dyn Disk, item: &T) -> Result<(), ApplyError> {
        let json = serde_json::to_string(item)
            .map_err(|why| ApplyError::new(ErrorKind::JournalDamaged, format!("cannot write a record: {why}")))?;
        let head = link(&self.head, &json);
        let line = format!("{head} {json}\n");
        self.is_clean = false;
        disk.write_at(&self.file, self.length, line.as_bytes())?;
        disk.sync(std::slice::from_ref(&self.file))?;
        if !self.is_there {
            disk.sync(&[parent(&self.file)])?;
            self.is_there = true;
        }
        self.length += line.len() as u64;
        self.head = head;
        self.is_clean = true;
        Ok(())
    }

    /// Whether the file ends where the last good line does: no write has failed since.
    pub(crate) fn is_clean(&self) -> bool {
        self.is_clean
    }

    /// The hash of the last line, and with it of all.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// A line's hash and content, if it is whole and fits.
    fn check<'l>(&self, line: &'l [u8]) -> Option<(String, &'l str)> {
        let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
        let (hash, json) = line.split_once(' ')?;
        (link(&self.head, json) == hash).then(|| (hash.to_owned(), json))
    }

    fn damaged(&self, line: usize, why: &str) -> ApplyError {
        let file = self.file.display();
        ApplyError::new(ErrorKind::JournalDamaged, format!("line {line} of `{file}` is not what was written: {why}"))
            .state(super::Standing::Person)
            .help(format!("look at `{file}` and at what stands beside it before anything else is done"))
    }
}

fn link(head: &str, json: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(head);
    hash.update(json);
    hex(&hash.finalize())
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')));
        out
    })
}

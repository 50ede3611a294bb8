//! A file of lines that can only grow: each line carries the hash of itself and all before it.
//!
//! The journal and the history are such files. A last line that is cut off is what a crash leaves, and counts as not written;
//! any other line that does not fit means that somebody changed the file.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::error::{RunError, RunErrorKind};

/// The file that a chain stands in.
pub(crate) trait Paper {
    /// Why it cannot be read or written.
    type Error: From<RunError>;

    /// Its name, for messages.
    fn name(&self) -> String;
    /// Its content; `None` where it is missing.
    fn read(&self) -> Result<Option<Vec<u8>>, Self::Error>;
    /// Cuts it at an offset and writes there; makes it where it is missing.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Self::Error>;
    /// Makes its content survive a power loss.
    fn sync(&self) -> Result<(), Self::Error>;
    /// Makes its name survive one.
    fn sync_name(&self) -> Result<(), Self::Error>;
}

/// What the first line's hash stands on.
const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A chain that is open for adding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Chain {
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
    pub(crate) fn open<T: DeserializeOwned, P: Paper>(paper: &P) -> Result<(Self, Vec<T>), P::Error> {
        let mut chain = Self { length: 0, head: START.to_owned(), is_there: false, is_clean: true };
        let mut found = Vec::new();
        let Some(bytes) = paper.read()? else { return Ok((chain, found)) };
        chain.is_there = true;
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            match chain.check(line) {
                Some((head, json)) => {
                    let unfit = |why: serde_json::Error| damaged(paper, number + 1, &why.to_string());
                    found.push(serde_json::from_str(json).map_err(unfit)?);
                    chain.length += line.len() as u64;
                    chain.head = head;
                }
                None if lines.peek().is_none() => chain.is_clean = false,
                None => {
                    return Err(
                        damaged(paper, number + 1, "it does not carry the hash of what stands before it").into()
                    );
                }
            }
        }
        Ok((chain, found))
    }

    /// Adds a line, and returns when it would survive a power loss.
    pub(crate) fn add<T: Serialize, P: Paper>(&mut self, paper: &P, item: &T) -> Result<(), P::Error> {
        let json = serde_json::to_string(item)
            .map_err(|why| RunError::new(RunErrorKind::Journal, format!("cannot write a record: {why}")))?;
        let head = link(&self.head, &json);
        let line = format!("{head} {json}\n");
        self.is_clean = false;
        paper.write_at(self.length, line.as_bytes())?;
        paper.sync()?;
        if !self.is_there {
            paper.sync_name()?;
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
}

fn damaged<P: Paper>(paper: &P, line: usize, why: &str) -> RunError {
    let file = paper.name();
    RunError::new(RunErrorKind::Journal, format!("line {line} of `{file}` is not what was written: {why}"))
        .help(format!("look at `{file}` and at what stands beside it before anything else is done"))
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

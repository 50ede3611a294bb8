//! Where text comes from: files, folders, gzip, standard input, git's revisions, live servers.
//!
//! In: a place as it is written on a command line. Out: [`Source`]s, and what a live server says of itself. Nothing
//! here knows SQL.

mod decode;
mod error;
mod folder;
mod git;
mod room;
mod stream;

pub use error::{InputError, reason};
pub use git::{GitProblem, Revision};
pub use stream::{Stream, WHOLE, open};

use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::live::{self, Address, Facts, Progress};
use crate::source::Source;

/// A place that text is read from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// Nothing: an empty schema.
    Empty,
    /// Standard input.
    Stdin,
    /// A file or folder in a git repository.
    Git(Revision),
    /// A live server.
    Server(Address),
    /// A file, a folder, a FIFO, a device.
    Path(PathBuf),
}

/// What a place gave.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The text: one source for a file, one for each file of a folder, none for `empty:`.
    pub sources: Vec<Source>,
    /// What the server says of itself, where the text is a live schema.
    pub facts: Option<Facts>,
}

impl From<Vec<Source>> for Input {
    fn from(sources: Vec<Source>) -> Self {
        Self { sources, facts: None }
    }
}

impl Place {
    /// Understands `-`, `empty:`, `git:REV:PATH`, servers' addresses and paths. What exists is a path, whatever its name looks like.
    ///
    /// # Errors
    /// An address that is malformed, and what has the form of a kind of source that is not known. Passwords are left
    /// out of the message.
    pub fn parse(given: &OsStr) -> Result<Self, InputError> {
        if given == "-" {
            return Ok(Self::Stdin);
        }
        let path = PathBuf::from(given);
        if fs::symlink_metadata(&path).is_ok() {
            return Ok(Self::Path(path));
        }
        if given == "empty:" {
            return Ok(Self::Empty);
        }
        if let Some(address) = given.to_str().filter(|text| Address::is_address(text)) {
            return Ok(Self::Server(Address::parse(address)?));
        }
        if let Some(text) = given.to_str().and_then(|text| text.strip_prefix("git:")) {
            let revision =
                Revision::parse(text).map_err(|problem| InputError::Git { place: format!("git:{text}"), problem })?;
            return Ok(Self::Git(revision));
        }
        match given.to_str().and_then(scheme) {
            Some(scheme) => Err(InputError::UnknownScheme { scheme: scheme.to_owned() }),
            None => Ok(Self::Path(path)),
        }
    }

    /// What messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::Empty => "empty:".to_owned(),
            Self::Stdin => "<stdin>".to_owned(),
            Self::Git(revision) => revision.to_string(),
            Self::Server(address) => address.to_string(),
            Self::Path(path) => path.display().to_string(),
        }
    }
}

/// The scheme of a URL. One letter is a drive of Windows.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let is_word = scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_word && rest.starts_with("//")).then_some(scheme)
}

/// Reads a place. What takes long says how far it has come.
///
/// # Errors
/// What the operating system or the server says, and data that is not what it claims to be.
pub fn read(place: &Place, stdin: &mut dyn Read, progress: &mut dyn FnMut(Progress)) -> Result<Input, InputError> {
    if let Place::Server(address) = place {
        let snapshot = live::read(address, progress)?;
        return Ok(Input { sources: vec![snapshot.source], facts: Some(snapshot.facts) });
    }
    text(place, stdin).map(Input::from)
}

fn text(place: &Place, stdin: &mut dyn Read) -> Result<Vec<Source>, InputError> {
    match place {
        Place::Empty | Place::Server(_) => Ok(Vec::new()),
        Place::Stdin => {
            let mut bytes = Vec::new();
            let name = place.name();
            stdin.read_to_end(&mut bytes).map_err(|why| InputError::Io { path: name.clone(), why })?;
            Ok(vec![Source::new(name.clone(), decode::text(bytes, &name)?)])
        }
        Place::Git(revision) => revision.read(),
        Place::Path(path) if path.is_dir() => folder::read(path),
        Place::Path(path) => Ok(vec![file(path)?]),
    }
}

/// Reads one file, a FIFO or a device.
fn file(path: &Path) -> Result<Source, InputError> {
    let name = path.display().to_string();
    let bytes = fs::read(path).map_err(|why| InputError::Io { path: name.clone(), why })?;
    let text = decode::text(bytes, &name)?;
    Ok(Source::new(name, text))
}

#[cfg(test)]
mod tests;

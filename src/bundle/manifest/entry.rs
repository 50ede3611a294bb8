//! One path of a bundle: the state that it will have, the state that it should have before.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::bundle::digest::Digest;
use crate::bundle::error::BundleError;
use crate::bundle::path::RelPath;

use super::Form;

/// A path that a bundle touches.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "EntryForm", into = "EntryForm")]
pub struct Entry {
    /// Where it is.
    pub path: RelPath,
    /// What is there afterwards.
    pub new: State,
    /// What is there before; `None`: not known, anything.
    pub old: Option<State>,
    /// How the archive holds a file, where it does not hold it as it is.
    pub delta: Option<Box<Delta>>,
}

/// What is at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum State {
    /// Nothing.
    Absent,
    /// A file.
    File {
        /// Its permissions.
        mode: Mode,
        /// Its bytes.
        size: u64,
        /// Its digest.
        sha256: Digest,
    },
    /// A folder.
    Directory {
        /// Its permissions.
        mode: Mode,
    },
    /// A symbolic link.
    Symlink {
        /// Where it leads, from where it stands.
        target: String,
    },
}

impl State {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Absent => Kind::Absent,
            Self::File { .. } => Kind::File,
            Self::Directory { .. } => Kind::Directory,
            Self::Symlink { .. } => Kind::Symlink,
        }
    }
}

impl Entry {
    /// How the archive holds its content, the size of that, and its digest; `None` where it has none.
    pub(super) fn packed(&self) -> Option<(Form, u64, Digest)> {
        match (&self.new, &self.delta) {
            (State::File { .. }, Some(delta)) => Some((Form::Delta, delta.size, delta.sha256)),
            (State::File { size, sha256, .. }, None) => Some((Form::Whole, *size, *sha256)),
            (State::Absent | State::Directory { .. } | State::Symlink { .. }, _) => None,
        }
    }
}

/// The kind of what is at a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Nothing is there.
    Absent,
    /// A file.
    File,
    /// A folder.
    Directory,
    /// A symbolic link.
    Symlink,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "absent",
            Self::File => "file",
            Self::Directory => "directory",
            Self::Symlink => "symlink",
        })
    }
}

/// How a file is made of the old one, whose digest is that of the entry's old state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// `zstd`.
    pub format: DeltaFormat,
    /// The delta's bytes.
    pub size: u64,
    /// The delta's digest.
    pub sha256: Digest,
}

/// The form of a delta.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeltaFormat {
    /// Frames of zstd, each with a part of the old file as its dictionary.
    Zstd,
}

/// Permissions: the nine bits for owner, group and others; four octal digits in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mode(u16);

impl Mode {
    /// Permissions of the given bits; `None` where there are others among them, such as setuid.
    pub fn new(bits: u32) -> Option<Self> {
        u16::try_from(bits).ok().filter(|bits| bits & !0o777 == 0).map(Self)
    }

    /// Its bits.
    pub fn bits(self) -> u32 {
        u32::from(self.0)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_octal = text.len() == 4 && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
        let bits = u32::from_str_radix(text, 8).ok().filter(|_| is_octal);
        let bits = bits.ok_or_else(|| "a mode has four octal digits, such as 0755".to_owned())?;
        Self::new(bits).ok_or_else(|| format!("the mode {text} has setuid, setgid or sticky bits"))
    }
}

impl TryFrom<String> for Mode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Mode> for String {
    fn from(mode: Mode) -> Self {
        mode.to_string()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Mode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "Permissions for owner, group and others.",
            "type": "string",
            "pattern": "^0[0-7]{3}$",
        })
    }
}

/// An entry as it is written.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Entry"))]
#[serde(deny_unknown_fields)]
pub(super) struct EntryForm {
    /// Where it is.
    path: RelPath,
    /// What is there afterwards.
    kind: Kind,
    /// Permissions of a file or folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    /// Bytes of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Digest of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<Digest>,
    /// Where a symbolic link leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// What is there before; without it, anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    old: Option<OldForm>,
    /// How the file is made of the old one; without it, the archive holds it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delta: Option<Box<Delta>>,
}

/// The old state of an entry as it is written.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "OldState"))]
#[serde(deny_unknown_fields)]
struct OldForm {
    /// What is there.
    kind: Kind,
    /// Permissions of a file or folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    /// Bytes of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// Digest of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sha256: Option<Digest>,
    /// Where a symbolic link leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

impl OldForm {
    fn state(self) -> Result<State, String> {
        match (self.kind, self.mode, self.size, self.sha256, self.target) {
            (Kind::Absent, None, None, None, None) => Ok(State::Absent),
            (Kind::File, Some(mode), Some(size), Some(sha256), None) => Ok(State::File { mode, size, sha256 }),
            (Kind::Directory, Some(mode), None, None, None) => Ok(State::Directory { mode }),
            (Kind::Symlink, None, None, None, Some(target)) => Ok(State::Symlink { target }),
            (Kind::Absent, ..) => Err("what is absent has nothing else".to_owned()),
            (Kind::File, ..) => Err("a file has mode, size and sha256, and nothing else".to_owned()),
            (Kind::Directory, ..) => Err("a directory has a mode, and nothing else".to_owned()),
            (Kind::Symlink, ..) => Err("a symlink has a target, and nothing else".to_owned()),
        }
    }

    fn of(state: State) -> Self {
        let kind = state.kind();
        let bare = Self { kind, mode: None, size: None, sha256: None, target: None };
        match state {
            State::Absent => bare,
            State::File { mode, size, sha256 } => {
                Self { mode: Some(mode), size: Some(size), sha256: Some(sha256), ..bare }
            }
            State::Directory { mode } => Self { mode: Some(mode), ..bare },
            State::Symlink { target } => Self { target: Some(target), ..bare },
        }
    }
}

impl TryFrom<EntryForm> for Entry {
    type Error = String;

    fn try_from(form: EntryForm) -> Result<Self, String> {
        let EntryForm { path, kind, mode, size, sha256, target, old, delta } = form;
        let at = |what| format!("the entry `{}`: {what}", path.as_str().escape_debug());
        let new = OldForm { kind, mode, size, sha256, target }.state().map_err(at)?;
        let old = old.map(OldForm::state).transpose().map_err(|what| at(format!("its old state: {what}")))?;
        Ok(Self { path, new, old, delta })
    }
}

impl From<Entry> for EntryForm {
    fn from(entry: Entry) -> Self {
        let OldForm { kind, mode, size, sha256, target } = OldForm::of(entry.new);
        let old = entry.old.map(OldForm::of);
        Self { path: entry.path, kind, mode, size, sha256, target, old, delta: entry.delta }
    }
}

/// Why JSON is no manifest. A parser of JSON knows one kind of error: what an unsafe path is refused for is looked up once
/// more, so that it has its own.
pub(super) fn refusal(bytes: &[u8], why: &serde_json::Error) -> BundleError {
    let value = serde_json::from_slice::<serde_json::Value>(bytes).unwrap_or_default();
    let entries = value.get("entries").unwrap_or(&value).as_array().map(Vec::as_slice).unwrap_or_default();
    let operations = value.get("operations").into_iter().flat_map(texts);
    let mut paths = entries.iter().filter_map(|entry| entry.get("path")?.as_str()).chain(operations);
    match paths.find_map(|path| path.parse::<RelPath>().err()) {
        Some(unsafe_path) => BundleError::Path(unsafe_path),
        None => BundleError::Manifest(why.to_string()),
    }
}

/// All texts of a value, at any depth.
fn texts(value: &serde_json::Value) -> Vec<&str> {
    match value {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(list) => list.iter().flat_map(texts).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(texts).collect(),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Vec::new(),
    }
}

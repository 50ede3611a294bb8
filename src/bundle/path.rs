//! Paths of a bundle: relative, in one spelling, the same thing on every system that may unpack them.

use std::collections::HashMap;
use std::fmt;
use std::hash::BuildHasher as _;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// The folder of an installation that belongs to alterplan itself: no bundle reaches into it.
pub const STATE: &str = ".alterplan";

const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 1024;

/// A path below an installation's root, with `/` between its names. Copies of it share their text: a path stands in trees,
/// entries and operations.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelPath(Arc<str>);

impl RelPath {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its last name.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Its folders, the nearest first.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        self.0.rmatch_indices('/').map(|(at, _)| &self.0[..at])
    }

    /// Whether it is below a folder, at any depth.
    pub fn is_below(&self, folder: &str) -> bool {
        self.0.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl AsRef<str> for RelPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a path must not be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It is empty.
    Empty,
    /// It begins with `/`.
    Absolute,
    /// It has a drive of Windows.
    Drive,
    /// It leads upwards.
    Parent,
    /// It has `.`, `//` or a `/` at its end.
    NotNormal,
    /// It holds a NUL or another control character.
    Control,
    /// It has a backslash, which separates names on Windows.
    Backslash,
    /// One of its names ends with a dot or a space, which Windows drops.
    DroppedEnd,
    /// One of its names is a device on Windows.
    Device,
    /// It or one of its names is too long.
    TooLong,
    /// It is alterplan's own.
    State,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::Absolute => "it is absolute",
            Self::Drive => "it begins with a drive",
            Self::Parent => "it has `..`",
            Self::NotNormal => "it is not in its plain form, without `.` and empty names",
            Self::Control => "it has a control character",
            Self::Backslash => "it has a backslash",
            Self::DroppedEnd => "a name in it ends with a dot or a space, which Windows drops",
            Self::Device => "a name in it is a device on Windows",
            Self::TooLong => "it is too long: names may have 255 bytes, paths 1024",
            Self::State => "what is in `.alterplan` is alterplan's own",
        })
    }
}

/// A path that no bundle may have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnsafePath {
    /// The path, cut off where it is long.
    pub path: String,
    /// What is wrong with it.
    pub fault: Fault,
}

impl fmt::Display for UnsafePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the path `{}` is refused: {}", self.path.escape_debug(), self.fault)
    }
}

impl std::error::Error for UnsafePath {}

impl FromStr for RelPath {
    type Err = UnsafePath;

    fn from_str(text: &str) -> Result<Self, UnsafePath> {
        match fault(text) {
            None => Ok(Self(text.into())),
            Some(fault) => Err(UnsafePath { path: text.chars().take(120).collect(), fault }),
        }
    }
}

impl TryFrom<String> for RelPath {
    type Error = UnsafePath;

    fn try_from(text: String) -> Result<Self, UnsafePath> {
        match fault(&text) {
            None => Ok(Self(text.into())),
            Some(_) => text.parse(),
        }
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0.as_ref().to_owned()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RelPath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RelPath".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A path below the root: relative, `/` between names, without `.`, `..`, control characters, \
                            backslashes, drives and device names of Windows; nothing in `.alterplan`.",
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_PATH,
            "pattern": r"^[^/\\\x00-\x1f\x7f]+(/[^/\\\x00-\x1f\x7f]+)*$",
        })
    }
}

/// What is wrong with a path, the gravest first.
fn fault(path: &str) -> Option<Fault> {
    let bytes = path.as_bytes();
    let has_drive = matches!(bytes, [letter, b':', ..] if letter.is_ascii_alphabetic());
    if path.is_empty() {
        return Some(Fault::Empty);
    }
    if path.chars().any(char::is_control) {
        return Some(Fault::Control);
    }
    if path.starts_with('/') {
        return Some(Fault::Absolute);
    }
    if has_drive {
        return Some(Fault::Drive);
    }
    if path.contains('\\') {
        return Some(Fault::Backslash);
    }
    if path.len() > LONGEST_PATH || path.split('/').any(|name| name.len() > LONGEST_NAME) {
        return Some(Fault::TooLong);
    }
    if path.split('/').any(|name| name == "..") {
        return Some(Fault::Parent);
    }
    if path.split('/').any(|name| name.is_empty() || name == ".") {
        return Some(Fault::NotNormal);
    }
    if path.split('/').any(|name| name.ends_with(['.', ' '])) {
        return Some(Fault::DroppedEnd);
    }
    if path.split('/').any(is_device) {
        return Some(Fault::Device);
    }
    let first = path.split('/').next().unwrap_or(path);
    (folded(first) == STATE).then_some(Fault::State)
}

/// Whether Windows takes a name for a device, whatever its ending: `nul`, `COM1.txt`, `lpt¹`.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_lowercase();
    if matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") {
        return true;
    }
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    number.is_some_and(|number| {
        let mut chars = number.chars();
        matches!((chars.next(), chars.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    })
}

/// What file systems that do not tell cases and normal forms apart take a name for.
pub(super) fn folded(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    name.nfd().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfc().collect()
}

/// Two paths that some file systems take for one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collision {
    /// The path that came first.
    pub first: String,
    /// The path that is not to be told from it. The same as `first` where it came twice.
    pub second: String,
}

/// Finds paths that collide, also by a folder of theirs.
#[derive(Default)]
pub(super) struct Spellings<'p> {
    /// Spellings by the hash of what they are taken for, so that a path costs the same whatever its length.
    seen: HashMap<u64, &'p str>,
}

impl<'p> Spellings<'p> {
    /// Takes a path and its folders in; the first collision is an error.
    pub(super) fn take(&mut self, path: &'p RelPath) -> Result<(), Collision> {
        for spelling in std::iter::once(path.as_str()).chain(path.parents()) {
            match self.first(spelling) {
                // Its folders were taken in along with it.
                Some(first) if first == spelling => break,
                Some(first) => return Err(Collision { first: first.to_owned(), second: spelling.to_owned() }),
                None => {}
            }
        }
        Ok(())
    }

    /// The spelling that came before this one and is taken for the same; where there is none, this one is it from now on.
    fn first(&mut self, spelling: &'p str) -> Option<&'p str> {
        let taken_for = folded(spelling);
        let mut key = self.seen.hasher().hash_one(&taken_for);
        while let Some(first) = self.seen.get(&key) {
            if *first == spelling || folded(first) == taken_for {
                return Some(first);
            }
            // Another text that has the same hash: the next number is free, or is looked at likewise.
            key = key.wrapping_add(1);
        }
        self.seen.insert(key, spelling);
        None
    }
}

/// What is wrong with the target of a symbolic link at a path. Upward steps may stand at its beginning alone, and never
/// lead above the root: as nothing of a bundle is below a link, such a target stays inside whatever other links there are.
pub(super) fn link_fault(path: &RelPath, target: &str) -> Option<LinkFault> {
    if target.is_empty() || target.len() > LONGEST_PATH || target.chars().any(char::is_control) {
        return Some(LinkFault::Malformed);
    }
    let has_drive = matches!(target.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if target.starts_with('/') || target.contains('\\') || has_drive {
        return Some(LinkFault::Absolute);
    }
    let upwards = target.split('/').take_while(|name| *name == "..").count();
    let mut rest = target.split('/').skip(upwards).filter(|name| !matches!(*name, "" | "."));
    let depth = path.parents().count();
    if upwards > depth {
        return Some(LinkFault::Escapes);
    }
    if rest.clone().any(|name| name == "..") {
        return Some(LinkFault::Winding);
    }
    let lands_in_state = upwards == depth && rest.next().is_some_and(|name| folded(name) == STATE);
    lands_in_state.then_some(LinkFault::State)
}

/// What a symbolic link must not be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LinkFault {
    /// Empty, too long, or with control characters.
    Malformed,
    /// It does not begin where it stands.
    Absolute,
    /// It leads out of the root.
    Escapes,
    /// It has `..` after a name, which may be a link itself.
    Winding,
    /// It leads into `.alterplan`.
    State,
}

impl fmt::Display for LinkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "its target is empty, too long, or has control characters",
            Self::Absolute => "its target is absolute",
            Self::Escapes => "its target is outside of the root",
            Self::Winding => "its target has `..` after a name",
            Self::State => "its target is in `.alterplan`, which is alterplan's own",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_is_told() {
        let long = "x".repeat(256);
        let deep = "d/".repeat(600) + "f";
        for (path, expected) in [
            ("", Fault::Empty),
            ("/etc/passwd", Fault::Absolute),
            ("c:/x", Fault::Drive),
            ("C:x", Fault::Drive),
            ("../x", Fault::Parent),
            ("a/../../x", Fault::Parent),
            ("a/./b", Fault::NotNormal),
            ("a//b", Fault::NotNormal),
            ("a/", Fault::NotNormal),
            ("a\0b", Fault::Control),
            ("a\nb", Fault::Control),
            ("a\\..\\b", Fault::Backslash),
            ("a./b", Fault::DroppedEnd),
            ("a ", Fault::DroppedEnd),
            ("x/NUL", Fault::Device),
            ("aux.txt", Fault::Device),
            ("com1", Fault::Device),
            ("lpt³.log", Fault::Device),
            (long.as_str(), Fault::TooLong),
            (deep.as_str(), Fault::TooLong),
            (".alterplan/lock", Fault::State),
            (".AlterPlan", Fault::State),
        ] {
            assert_eq!(path.parse::<RelPath>().map_err(|e| e.fault), Err(expected), "{path:?}");
        }
        for path in
            ["a", "a/b", "..a/...b", "com10", "console/nullable", "größe/ñ", "ab:c", ".alterplans", "x/.alterplan"]
        {
            assert_eq!(path.parse::<RelPath>().map(String::from).as_deref(), Ok(path));
        }
    }

    #[test]
    fn spellings_that_some_systems_do_not_tell_apart_collide() {
        let collides = |paths: &[&str]| {
            let paths: Vec<RelPath> = paths.iter().map(|path| path.parse().expect("a path")).collect();
            let mut spellings = Spellings::default();
            paths.iter().any(|path| spellings.take(path).is_err())
        };
        assert!(collides(&["README", "readme"]));
        assert!(collides(&["Bin/a", "bin/b"]));
        assert!(collides(&["a/b", "A"]));
        assert!(collides(&["stra\u{df}e", "STRASSE"]));
        assert!(collides(&["caf\u{e9}", "cafe\u{301}"]));
        assert!(collides(&["\u{130}", "i\u{307}"]));
        assert!(!collides(&["a", "a/b", "a/c", "b"]));
    }

    #[test]
    fn links_stay_inside() {
        let fault = |path: &str, target| link_fault(&path.parse().expect("a path"), target);
        assert_eq!(fault("a", "b"), None);
        assert_eq!(fault("x/a", "../b/c"), None);
        assert_eq!(fault("x/a", "../../b"), Some(LinkFault::Escapes));
        assert_eq!(fault("a", ".."), Some(LinkFault::Escapes));
        assert_eq!(fault("a", "/etc"), Some(LinkFault::Absolute));
        assert_eq!(fault("a/b/c", "x/../.."), Some(LinkFault::Winding));
        assert_eq!(fault("a/b", "../.alterplan/lock"), Some(LinkFault::State));
        assert_eq!(fault("a", "./.alterplan"), Some(LinkFault::State));
        assert_eq!(fault("a", ""), Some(LinkFault::Malformed));
    }
}

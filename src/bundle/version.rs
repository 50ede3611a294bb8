//! Versions of a product: `major.minor.patch`, with a fourth part for a patch of that release.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A product's version. Three parts are a full release; a fourth is the level that patches have brought it to.
///
/// ```
/// use alterplan::bundle::Version;
///
/// let patched: Version = "v0.0.13.2".parse()?;
/// assert!(patched > "0.0.13".parse()? && patched < "0.0.14".parse()?);
/// assert!(!patched.is_full_release());
/// assert_eq!(patched.to_string(), "0.0.13.2");
/// # Ok::<(), alterplan::bundle::MalformedVersion>(())
/// ```
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
    build: Option<u32>,
}

impl Version {
    /// Whether it is a full release, which needs no other before it.
    pub fn is_full_release(self) -> bool {
        self.build.unwrap_or(0) == 0
    }

    /// The full release that it is a patch level of.
    pub fn release(self) -> Self {
        Self { build: None, ..self }
    }

    fn parts(self) -> [u32; 4] {
        // A fourth part of 0 is no patch at all.
        [self.major, self.minor, self.patch, self.build.unwrap_or(0)]
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        self.build.map_or(Ok(()), |build| write!(f, ".{build}"))
    }
}

/// Text that is no version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MalformedVersion(String);

impl fmt::Display for MalformedVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a version: major.minor.patch or major.minor.patch.build is", self.0.escape_debug())
    }
}

impl std::error::Error for MalformedVersion {}

impl FromStr for Version {
    type Err = MalformedVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || MalformedVersion(text.chars().take(80).collect());
        let number = |part: &str| {
            let is_plain = part.bytes().all(|b| b.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            part.parse::<u32>().ok().filter(|_| is_plain).ok_or_else(malformed)
        };
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        match bare.split('.').collect::<Vec<_>>().as_slice() {
            [major, minor, patch] => {
                Ok(Self { major: number(major)?, minor: number(minor)?, patch: number(patch)?, build: None })
            }
            [major, minor, patch, build] => Ok(Self {
                major: number(major)?,
                minor: number(minor)?,
                patch: number(patch)?,
                build: Some(number(build)?),
            }),
            _ => Err(malformed()),
        }
    }
}

impl TryFrom<String> for Version {
    type Error = MalformedVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Version {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A version: major.minor.patch is a full release, a fourth part a patch level of it.",
            "type": "string",
            "pattern": r"^[vV]?(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2,3}$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_number_and_patches_follow_their_release() {
        let ordered = ["0.0.9", "0.0.10", "0.0.13", "0.0.13.1", "0.0.13.10", "0.0.14", "1.0.0"];
        let versions = ordered.map(|text| text.parse::<Version>().expect("a version"));
        assert!(versions.is_sorted());
        assert_eq!("1.2.3.0".parse::<Version>(), "v1.2.3".parse());
        assert_eq!(versions[4].release(), versions[2]);
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "",
            "1",
            "1.2",
            "1.2.3.4.5",
            "1.2.-3",
            "1.2.x",
            "01.2.3",
            "1.2.3-rc1",
            "vv1.2.3",
            "1.2.4294967296",
            "1..2.3",
        ] {
            let refusal = text.parse::<Version>().expect_err(text).to_string();
            assert_eq!(refusal, format!("`{text}` is not a version: major.minor.patch or major.minor.patch.build is"));
        }
    }
}

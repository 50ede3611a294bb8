//! Single values that have to mean something: each is held as it was written and as what it means.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use regex::Regex;
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::target::{Target, UnsupportedTarget};

/// A value that is read from a word. What it cannot be is refused where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Word<T> {
    /// As it was written.
    pub text: String,
    /// What it means.
    pub value: T,
}

impl<T> fmt::Display for Word<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader(PhantomData))
    }
}

struct Reader<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Reader<T> {
    type Value = Word<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Word<T>, E> {
        Ok(Word { text: text.to_owned(), value: text.parse().map_err(E::custom)? })
    }
}

#[cfg(feature = "schema")]
impl<T> schemars::JsonSchema for Word<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Word".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// A target, or what the input says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TargetChoice {
    /// `auto`: a dump's header or the live server tells.
    Auto,
    /// The one that is named.
    Given(Target),
}

impl TargetChoice {
    /// The target, where one is named.
    pub fn given(self) -> Option<Target> {
        match self {
            Self::Auto => None,
            Self::Given(target) => Some(target),
        }
    }
}

impl FromStr for TargetChoice {
    type Err = UnsupportedTarget;

    fn from_str(text: &str) -> Result<Self, UnsupportedTarget> {
        match text {
            "auto" => Ok(Self::Auto),
            text => text.parse().map(Self::Given),
        }
    }
}

/// A regular expression over names.
#[derive(Clone, Debug)]
pub struct Pattern(pub Regex);

/// Why a text is no regular expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MalformedPattern {
    pattern: String,
    reason: String,
}

impl fmt::Display for MalformedPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a regular expression: {}", self.pattern, self.reason)
    }
}

impl std::error::Error for MalformedPattern {}

impl FromStr for Pattern {
    type Err = MalformedPattern;

    fn from_str(text: &str) -> Result<Self, MalformedPattern> {
        Regex::new(text).map(Self).map_err(|why| {
            // The compiler of regular expressions draws a picture of several lines; the last is the reason.
            let picture = why.to_string();
            let reason = picture.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            MalformedPattern { pattern: text.to_owned(), reason }
        })
    }
}

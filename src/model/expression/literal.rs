//! Constants.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::mem::discriminant;

/// A constant. Two strings with introducers are the same where they say the same in ASCII: MySQL keeps a constant in the
/// charset of the columns that it meets, as these were at the last ALTER.
#[derive(Clone, Debug)]
pub enum Literal {
    /// `NULL`
    Null,
    /// `TRUE` or `FALSE` where the server keeps them apart from 1 and 0 (MySQL).
    Bool(bool),
    /// A number as the server prints it: no leading zeros, the exponent as written.
    Number(Box<str>),
    /// A string, unescaped, with the charset whose introducer is printed before it.
    String {
        /// The introducer's charset, if one is kept.
        charset: Option<Box<str>>,
        /// The text.
        text: Box<str>,
    },
    /// Bytes as lower-case hexadecimal digits.
    Hex {
        /// The digits, of even number.
        digits: Box<str>,
        /// Whether it was written `x'…'`, which MariaDB keeps apart from `0x…`.
        quoted: bool,
    },
    /// `DATE'…'`, `TIME'…'`, `TIMESTAMP'…'`
    Temporal {
        /// Which of them.
        kind: Temporal,
        /// The text, in the server's format.
        text: Box<str>,
    },
}

impl Literal {
    /// A string in that charset; it is ASCII.
    pub fn ascii(text: &str, charset: &str) -> Self {
        let text = match width(charset) {
            None => text.into(),
            Some((bytes, little)) => {
                let pad = "\0".repeat(bytes - 1);
                text.chars().map(|c| if little { format!("{c}{pad}") } else { format!("{pad}{c}") }).collect()
            }
        };
        Self::String { charset: Some(charset.into()), text }
    }

    /// What a string with an introducer says, if that is ASCII and no bytes.
    pub fn plain(&self) -> Option<Cow<'_, str>> {
        let Self::String { charset: Some(charset), text } = self else { return None };
        let text = match width(charset) {
            _ if &**charset == "binary" || !text.is_ascii() => return None,
            None => return Some(Cow::Borrowed(text)),
            Some((bytes, little)) => {
                let at = if little { 0 } else { bytes - 1 };
                let units = text.as_bytes().chunks(bytes);
                let one = |unit: &[u8]| {
                    let padded = unit.len() == bytes && unit.iter().enumerate().all(|(i, b)| (i == at) != (*b == 0));
                    padded.then(|| char::from(unit[at]))
                };
                units.map(one).collect::<Option<String>>()?
            }
        };
        Some(Cow::Owned(text))
    }
}

/// The bytes of the smallest unit of a charset that is no superset of ASCII's bytes, and whether the lowest comes first.
fn width(charset: &str) -> Option<(usize, bool)> {
    match charset {
        "ucs2" | "utf16" => Some((2, false)),
        "utf16le" => Some((2, true)),
        "utf32" => Some((4, false)),
        _ => None,
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String { charset: a, text: x }, Self::String { charset: b, text: y }) => {
                a == b && x == y || self.plain().is_some_and(|plain| other.plain() == Some(plain))
            }
            (Self::Hex { digits: a, quoted: x }, Self::Hex { digits: b, quoted: y }) => a == b && x == y,
            (Self::Temporal { kind: a, text: x }, Self::Temporal { kind: b, text: y }) => a == b && x == y,
            (
                Self::Null
                | Self::Bool(_)
                | Self::Number(_)
                | Self::String { .. }
                | Self::Hex { .. }
                | Self::Temporal { .. },
                _,
            ) => false,
        }
    }
}

impl Eq for Literal {}

impl Hash for Literal {
    fn hash<H: Hasher>(&self, state: &mut H) {
        discriminant(self).hash(state);
        match self {
            Self::Null => {}
            Self::Bool(value) => value.hash(state),
            Self::Number(text) | Self::Temporal { text, .. } | Self::Hex { digits: text, .. } => text.hash(state),
            Self::String { text, .. } => match self.plain() {
                Some(plain) => plain.hash(state),
                None => text.hash(state),
            },
        }
    }
}

/// The kinds of points in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Temporal {
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// Both.
    Timestamp,
    /// Both, as a moment of the time zone (MariaDB): what a TIMESTAMP is compared with.
    LocalTimestamp,
}

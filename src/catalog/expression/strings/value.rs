//! What texts come to where they meet: `DTCollation::aggregate` in sql/item.cc.

use crate::model::{Charset, Collation};
use crate::target::Target;

/// What a value is to the others that it meets.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub(super) kind: Kind,
    pub(super) charset: Charset,
    /// Where it is known.
    pub(super) collation: Option<Collation>,
    pub(super) strength: Strength,
    /// Whether it has no characters but those of ASCII.
    pub(super) ascii: bool,
    /// Whether all this is known: of most functions' results it is not.
    pub(super) sure: bool,
}

/// What a value is among others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::catalog::expression) enum Kind {
    Text,
    Number,
    Moment,
    Json,
    /// An address or a UUID (MariaDB).
    Address,
}

/// How little a value gives way: the lesser wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    Explicit,
    /// Columns of several collations of one charset: nothing says by which one they compare.
    Open,
    Column,
    Constant,
    Number,
    Null,
}

impl Kind {
    /// Whether what hands on one of these gives texts: one is, or a moment stands beside a number.
    pub(in crate::catalog::expression) fn comes_to_text(alternatives: impl Iterator<Item = Self> + Clone) -> bool {
        let any = |kind| alternatives.clone().any(|other| other == kind);
        any(Self::Text) || any(Self::Moment) && any(Self::Number)
    }
}

impl Value {
    pub(super) fn is_text(&self) -> bool {
        self.kind == Kind::Text
    }

    /// What two values come to; `None` where neither can follow the other.
    pub(super) fn with(self, other: Self, target: Target) -> Option<Self> {
        let (a, b) = (self, other);
        let ascii = a.ascii && b.ascii;
        let is_bytes = |value: Self| value.charset.name() == "binary";
        let first = if a.charset == b.charset && target.is_mysql() {
            match (a.collation, b.collation) {
                (Some(one), Some(other)) if one != other && a.strength == b.strength => {
                    let binary = a.charset.binary_collation();
                    if a.strength == Strength::Explicit {
                        return None;
                    }
                    if one != binary && other != binary {
                        let strength = Strength::Open;
                        return Some(Self { ascii, collation: Some(binary), strength, ..a });
                    }
                    one == binary
                }
                _ => a.strength <= b.strength,
            }
        } else if a.charset == b.charset || is_bytes(a) {
            a.strength <= b.strength
        } else if is_bytes(b) {
            a.strength < b.strength
        } else if holds(a, b, target) {
            true
        } else if holds(b, a, target) {
            false
        } else if a.strength < b.strength && b.strength >= Strength::Constant {
            true
        } else if b.strength < a.strength && a.strength >= Strength::Constant {
            false
        } else {
            return None;
        };
        Some(Self { ascii, ..if first { a } else { b } })
    }

    /// The collation, or the charset where none is known.
    pub(super) fn named(&self) -> &'static str {
        self.collation.map_or(self.charset.name(), Collation::name)
    }
}

/// Whether the result of alternatives is text.
pub(super) fn is_text(values: &[Value]) -> bool {
    Kind::comes_to_text(values.iter().filter(|value| value.strength != Strength::Null).map(|value| value.kind))
}

/// Whether a value's charset has what the other one says: Unicode has all, and all have ASCII. Of several charsets of Unicode
/// one may be wider than another.
fn holds(a: Value, b: Value, target: Target) -> bool {
    let unicode = |value: Value| value.charset.unicode_width().is_some();
    let wider = match target.is_mysql() {
        true => a.charset.unicode_width() > b.charset.unicode_width(),
        false => a.charset.name() == "utf8mb4" && b.charset.name() == "utf8mb3",
    };
    let same = a.strength == b.strength;
    unicode(a) && (a.strength < b.strength || same && (!unicode(b) || wider))
        || b.ascii && (a.strength < b.strength || same && !a.ascii)
}

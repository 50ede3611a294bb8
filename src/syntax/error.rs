//! What is wrong with a statement's text, and where.

use std::fmt;

use crate::source::Span;
use crate::target::Target;

/// A statement that the target's grammar does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    /// The first token that could not be read, in the source.
    pub span: Span,
    /// What is wrong with it.
    pub kind: SyntaxErrorKind,
}

/// The ways in which text can fail to be a statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SyntaxErrorKind {
    /// Something else should stand here.
    Unexpected {
        /// What should.
        expected: &'static str,
        /// What does, as written (shortened where it is long); `None` at the statement's end.
        found: Option<String>,
    },
    /// A reserved word where a name is expected.
    Reserved {
        /// What the name is for.
        expected: &'static str,
        /// The word as written.
        word: String,
    },
    /// A quote or a comment that never ends.
    Unterminated(&'static str),
    /// Bytes that are not UTF-8 in what becomes part of a definition.
    NotUtf8,
    /// A number too large for what it says.
    OutOfRange(&'static str),
    /// An expression that the server's parser refuses, with its number: a wrong number of arguments (1582), or its syntax.
    Expression {
        /// What should stand there.
        expected: Box<str>,
        /// The server's number.
        number: u16,
    },
    /// `x'…'` with an odd number of digits, or with something else than digits; likewise `b'…'`.
    BadDigits(&'static str),
}

/// MariaDB's keywords that are no types: those of `sql_mode=ORACLE`, what begins one of several words, and what is reserved.
const NO_TYPES: [&str; 7] = ["AS", "CLOB", "GENERATED", "NATIONAL", "NUMBER", "RAW", "VARCHAR2"];

impl SyntaxError {
    /// The server's number.
    pub fn number(&self, target: Target) -> u16 {
        match &self.kind {
            SyntaxErrorKind::Expression { number, .. } => *number,
            // MariaDB knows every word for a type that it might have had a plugin for.
            _ if target.is_mariadb() && self.is_unknown_type() => 4161,
            _ => 1064,
        }
    }

    /// Whether a word stands where a data type is expected, but for those that are MariaDB's keywords.
    pub fn is_unknown_type(&self) -> bool {
        matches!(&self.kind, SyntaxErrorKind::Unexpected { expected: "a data type", found: Some(word) } if word.starts_with(char::is_alphabetic) && !NO_TYPES.iter().any(|known| known.eq_ignore_ascii_case(word)))
    }
}

impl std::error::Error for SyntaxError {}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { expected, found: Some(found) } => write!(f, "expected {expected}, found `{found}`"),
            Self::Unexpected { expected, found: None } => {
                write!(f, "expected {expected}, found the end of the statement")
            }
            Self::Reserved { expected, word } => {
                write!(f, "expected {expected}, found the reserved word `{word}`, which needs quotes to be a name")
            }
            Self::Unterminated(what) => write!(f, "{what} is not closed"),
            Self::NotUtf8 => f.write_str("this is not UTF-8"),
            Self::OutOfRange(what) => write!(f, "{what} is out of range"),
            Self::Expression { expected, .. } => write!(f, "expected {expected}"),
            Self::BadDigits(what) => write!(f, "this is not {what}"),
        }
    }
}

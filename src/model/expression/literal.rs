//! Constants.

/// A constant.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
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

/// The three kinds of points in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Temporal {
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// Both.
    Timestamp,
}

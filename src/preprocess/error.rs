//! What can be wrong with a script before any statement is understood.

use std::fmt;

use crate::source::Span;

/// Why a script cannot be read on, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PreprocessError {
    /// What is wrong.
    pub problem: Problem,
    /// The place to show: the opener of what was never closed, or the offending text.
    pub span: Span,
    /// All that was not read: from the end of the last statement to the end of the text.
    pub rest: Span,
}

/// What is wrong with a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    /// A string without its closing quote; the quote.
    UnterminatedString(char),
    /// An identifier without its closing quote; the quote.
    UnterminatedIdentifier(char),
    /// A `/* …` without `*/`.
    UnterminatedComment,
    /// A conditional comment, `/*! …` or `/*M! …`, without `*/`.
    UnterminatedConditional,
    /// A statement's delimiter inside a conditional comment: the client splits there, and the
    /// server refuses both halves.
    DelimiterInConditional,
    /// `DELIMITER` without a string.
    DelimiterMissing,
    /// `DELIMITER` with a backslash in its string, which the client refuses.
    DelimiterBackslash,
    /// `DELIMITER` after something else on its line, where the client takes it for SQL.
    DelimiterInLine,
    /// A backslash and a letter that the client knows no command for; the byte.
    UnknownCommand(u8),
    /// A client's command that eats the rest of its line, inside a statement; its letter.
    CommandInStatement(u8),
    /// `SET sql_mode` to an expression whose value cannot be told from the script.
    UnknownSqlMode,
    /// Rows without their closing parenthesis at the end of the text.
    RowsBreakOff,
    /// Text in another encoding than bytes-with-ASCII; its name.
    WideText(&'static str),
}

impl Problem {
    /// Whether it is that the text ends, so that more text could undo it.
    pub(super) const fn is_at_the_end(self) -> bool {
        matches!(
            self,
            Self::UnterminatedString(_)
                | Self::UnterminatedIdentifier(_)
                | Self::UnterminatedComment
                | Self::UnterminatedConditional
                | Self::RowsBreakOff
        )
    }

    /// What its author can do about it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::UnterminatedString(_) => "close the string; a text that ends here may have been cut off",
            Self::UnterminatedIdentifier(_) => "close the identifier; a text that ends here may have been cut off",
            Self::RowsBreakOff => "the text may have been cut off",
            Self::UnterminatedComment | Self::UnterminatedConditional => {
                "close the comment with `*/`; a text that ends here may have been cut off"
            }
            Self::DelimiterInConditional => "set another one first, with a line `DELIMITER ;;`",
            Self::DelimiterMissing => "write what ends a statement after it, as in `DELIMITER ;;`",
            Self::DelimiterBackslash => "the client uses `\\` for its own commands; choose `;;`, `$$` or `//`",
            Self::DelimiterInLine => "put it on a line of its own; elsewhere the client takes it for SQL",
            Self::UnknownCommand(_) => "outside strings a backslash begins a command of the client, such as `\\g`",
            Self::CommandInStatement(_) => "put the command on a line of its own, after the statement's end",
            Self::UnknownSqlMode => "write the modes as one string, so that what follows can be read",
            Self::WideText(_) => "convert the file to UTF-8",
        }
    }
}

impl std::error::Error for PreprocessError {}

impl fmt::Display for PreprocessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnterminatedString(quote) => write!(f, "the string that {quote} opens here is never closed"),
            Self::UnterminatedIdentifier(quote) => write!(f, "the identifier that {quote} opens here is never closed"),
            Self::RowsBreakOff => f.write_str("the text ends inside of a statement's rows"),
            Self::UnterminatedComment => f.write_str("the comment that opens here is never closed"),
            Self::UnterminatedConditional => f.write_str("the conditional comment that opens here is never closed"),
            Self::DelimiterInConditional => {
                f.write_str("the statement's delimiter stands inside the conditional comment that opens here")
            }
            Self::DelimiterMissing => f.write_str("DELIMITER must be followed by a character or string"),
            Self::DelimiterBackslash => f.write_str("DELIMITER cannot contain a backslash"),
            Self::DelimiterInLine => f.write_str("DELIMITER must stand at the start of a line"),
            Self::UnknownCommand(byte) => write!(f, "unknown client command `\\{}`", byte.escape_ascii()),
            Self::CommandInStatement(byte) => {
                write!(f, "the client command `\\{}` stands inside a statement", byte.escape_ascii())
            }
            Self::UnknownSqlMode => f.write_str("the value of sql_mode cannot be told from this expression"),
            Self::WideText(encoding) => write!(f, "the text is {encoding}, not UTF-8"),
        }
    }
}

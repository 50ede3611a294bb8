//! What the server would refuse, with the number that it would give.

use std::fmt;

use crate::source::Span;

/// A refusal of the target's server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CatalogError {
    /// The server's error number (MySQL 8.4 Error Message Reference; MariaDB KB "Error Codes").
    pub number: u16,
    /// The message, in the words of this program.
    pub message: String,
    /// What it is about.
    pub span: Span,
    /// Whether a session without the strict modes would take the statement.
    pub strict_only: bool,
}

impl CatalogError {
    /// A refusal of `number` about the text at `span`.
    pub fn new(number: u16, span: Span, message: impl Into<String>) -> Self {
        Self { number, message: message.into(), span, strict_only: false }
    }

    /// The default of a column is none of its type's, or none that it may have (1067).
    pub(super) fn invalid_default(span: Span, column: &str) -> Self {
        Self::new(1067, span, format!("invalid default value for '{column}'"))
    }

    /// A partitioned table has no foreign keys (1506).
    pub(super) fn partitioned_with_foreign_keys(span: Span) -> Self {
        Self::new(1506, span, "foreign keys are not supported in conjunction with partitioning")
    }

    /// Nor has it a key over vectors (1506).
    pub(super) fn partitioned_with_vectors(span: Span) -> Self {
        Self::new(1506, span, "partitioned tables do not support VECTOR")
    }

    /// The same refusal, of the strict modes alone.
    pub(crate) fn only_when_strict(mut self) -> Self {
        self.strict_only = true;
        self
    }
}

impl std::error::Error for CatalogError {}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: {}", self.number, self.message)
    }
}

/// The result of an operation of the catalog.
pub(crate) type Outcome<T> = Result<T, CatalogError>;

/// How much of a name that somebody made a megabyte long is worth showing.
const BRIEF: usize = 300;

/// A message of a length that can be read.
pub(super) fn brief(mut message: String) -> String {
    if let Some((at, _)) = message.char_indices().nth(BRIEF) {
        message.truncate(at);
        message.push('…');
    }
    message
}

//! Expression text → [`Expr`], as the target's own parser would store it.
//!
//! Words come from `sqlparser`'s tokenizer (`token`); the grammar is a Pratt parser of our own
//! (`parser`, `primary`, `call`), because what the servers keep is decided while they parse: precedence
//! by SQL mode, `NOT` pushed into comparisons, synonyms resolved, introducers and charsets filled in
//! (`meaning`). sqlparser's own expression parser was measured before: it refuses `MOD`, `EXTRACT(DAY_HOUR …)`,
//! `CAST(… CHAR(10) BINARY)` and dynamic columns, loses the versions of conditional comments, and its
//! tree would have to be taken apart again. Nothing here knows tables or servers.

mod aggregate;
mod call;
mod cast;
mod from;
mod function;
mod limit;
mod meaning;
mod parser;
mod primary;
mod query;
mod text;
mod token;
mod window;

use super::Reading;
use crate::model::Query;
use crate::model::expression::Expr;
use std::fmt;

pub use function::{
    Facts, argument_types, differs_on_replicas, facts, is_native, is_native_anywhere, needs_parentheses_in_default,
};

/// Why a text is not one expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExpressionError {
    /// Where, in bytes from the beginning of the text.
    pub offset: usize,
    /// What was expected.
    pub message: Box<str>,
    /// The number with which the server's own parser is known to refuse it.
    pub number: Option<u16>,
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.message, self.offset)
    }
}

impl std::error::Error for ExpressionError {}

/// Reads a text that is one expression and nothing else.
///
/// # Errors
/// Where the text is no expression of the target, or is nested more than some 120 levels deep.
///
/// ```
/// use alterplan::syntax::{Reading, expression::parse};
/// let reading = Reading::of("mysql:8.4".parse()?);
/// assert_eq!(parse("NOT (a > 1)", &reading)?, parse("(`a`<=1)", &reading)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(text: &str, reading: &Reading<'_>) -> Result<Expr, ExpressionError> {
    let tokens = token::tokens(text, reading)?;
    token::check(text, &tokens)?;
    let mut parser = parser::Parser::new(text, &tokens, reading);
    let expr = parser.whole()?;
    Ok(meaning::finished(expr, reading))
}

/// Reads a comma-separated list of expressions, such as `VALUES IN (…)` holds.
///
/// # Errors
/// As [`parse`].
pub fn parse_list(text: &str, reading: &Reading<'_>) -> Result<Vec<Expr>, ExpressionError> {
    let tokens = token::tokens(text, reading)?;
    token::check(text, &tokens)?;
    let mut parser = parser::Parser::new(text, &tokens, reading);
    let list = parser.whole_list()?;
    Ok(list.into_iter().map(|expr| meaning::finished(expr, reading)).collect())
}

/// Reads a text that is one query and nothing else, its names as they are written.
///
/// # Errors
/// Where the text is no query, or one of a kind that is not read.
pub fn parse_query(text: &str, reading: &Reading<'_>) -> Result<Query, ExpressionError> {
    let reading = Reading { in_query: true, ..*reading };
    let tokens = token::tokens(text, &reading)?;
    parser::Parser::new(text, &tokens, &reading).whole_query()
}

/// The text as [`Expr::Tokens`]: its tokens with single spaces between them, for text that [`parse`] refuses.
pub fn unread(text: &str, reading: &Reading<'_>) -> Expr {
    Expr::Tokens(spaced(text, reading).into())
}

/// The tokens of a text with single spaces between them.
pub fn spaced(text: &str, reading: &Reading<'_>) -> String {
    match token::tokens(text, reading) {
        Ok(tokens) => tokens.iter().map(|t| t.text(text)).collect::<Vec<_>>().join(" "),
        Err(_) => text.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

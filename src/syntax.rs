//! One DDL statement's text in, typed DDL out.
//!
//! The text is cut into tokens once ([`token`], conditional comments resolved for the target), then
//! read by nom parsers over the tokens, one for each production of `grammar/ddl.ebnf`. Expressions are
//! only delimited here; [`expression`] reads them. The room knows no schema: whether a column or a
//! charset exists is the catalog's business. It does no I/O.

mod account;
mod alter;
pub mod assignment;
mod attribute;
mod block;
pub mod body;
mod column;
mod data_type;
pub mod ddl;
mod default;
pub mod elements;
pub mod error;
pub mod event;
pub mod expression;
mod extent;
pub mod hint;
mod input;
mod key;
pub mod keyword;
pub mod layout;
mod lexer;
mod literal;
mod name;
pub mod object;
mod online;
mod option;
mod partition;
pub mod program;
mod reference;
pub mod sequence;
mod statement;
mod table;
mod token;
pub mod view;

pub use ddl::Ddl;
pub use error::{SyntaxError, SyntaxErrorKind};

use crate::ident::Ident;
use crate::target::Target;
use token::TokenKind;

/// How text is read: what the session that runs a statement has set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading<'a> {
    /// The server.
    pub target: Target,
    /// `character_set_client`: the charset of literals without an introducer.
    pub charset: &'a str,
    /// `ANSI_QUOTES`: `"` quotes identifiers.
    pub ansi_quotes: bool,
    /// `NO_BACKSLASH_ESCAPES`: `\` is a character like others.
    pub no_backslash_escapes: bool,
    /// `PIPES_AS_CONCAT`: `||` concatenates.
    pub pipes_as_concat: bool,
    /// `HIGH_NOT_PRECEDENCE`: `NOT` binds like `!`.
    pub high_not_precedence: bool,
    /// `IGNORE_SPACE`: blanks may stand between a function's name and its parenthesis.
    pub ignore_space: bool,
    /// `REAL_AS_FLOAT`: `REAL` is `FLOAT`.
    pub real_as_float: bool,
    /// `ORACLE` of MariaDB: programs are written as in PL/SQL.
    pub oracle: bool,
    /// A view's query is read: names keep what stands before them, strings have only the introducers that are written.
    pub in_query: bool,
}

impl Reading<'static> {
    /// What a session of the target reads by before it has set anything.
    pub const fn of(target: Target) -> Self {
        Self {
            target,
            charset: "utf8mb4",
            ansi_quotes: false,
            no_backslash_escapes: false,
            pipes_as_concat: false,
            high_not_precedence: false,
            ignore_space: false,
            real_as_float: false,
            oracle: false,
            in_query: false,
        }
    }
}

/// Reads one statement that defines or changes something.
///
/// `text` is the statement's body without its delimiter, `at` the offset of its first byte in the
/// source: all spans are in the source.
///
/// ```
/// use alterplan::syntax::{self, Ddl, Reading};
/// use alterplan::target::Target;
///
/// let reading = Reading::of(Target::DEFAULT);
/// let Ddl::CreateTable(table) = syntax::parse(b"create table t (a int)", 0, &reading)? else { unreachable!() };
/// assert_eq!(table.name.name.text, "t");
///
/// let error = syntax::parse(b"create table t (a)", 0, &reading).unwrap_err();
/// assert_eq!(error.to_string(), "expected a data type, found `)`");
/// # Ok::<(), syntax::SyntaxError>(())
/// ```
///
/// # Errors
///
/// Where the target's grammar has no such statement: the place, what was expected there and what
/// was found.
pub fn parse<'a>(text: &'a [u8], at: usize, reading: &Reading<'_>) -> Result<Ddl<'a>, SyntaxError> {
    let statement = lexer::tokenise(text, at, reading)?;
    statement::read(&statement)
}

/// The words and quoted names of a statement that the grammar does not know, each once; none where it cannot be cut into
/// tokens.
pub(crate) fn names(text: &str, reading: &Reading<'_>) -> Vec<Ident> {
    let mut names = Vec::new();
    let Ok(statement) = lexer::tokenise(text.as_bytes(), 0, reading) else { return names };
    for token in &statement.tokens {
        if matches!(token.kind, TokenKind::Word | TokenKind::Quoted)
            && let Ok(name) = statement.name(*token)
            && !names.iter().any(|known: &Ident| known.is(&name))
        {
            names.push(Ident::new(&*name));
        }
    }
    names
}

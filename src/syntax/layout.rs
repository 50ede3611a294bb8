//! The layout in which the servers print a CREATE TABLE: each definition in a line of its own.
//!
//! A text in this layout is cut into its definitions without being read, so that those that were read before need not be
//! read again. Each piece is read as a whole or not at all: what an unusual text would hide in it (a quote that is open
//! at its end, a parenthesis, a line comment) is an error of that piece, and the text is then read as one.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr, memchr2_iter};

use super::ddl::{Definition, PartitionClause, TableOption};
use super::input::Input;
use super::option::table_options;
use super::partition::partition_clause;
use super::token::{Statement, TokenKind};
use super::{Reading, SyntaxError, keyword, lexer, table};

/// A CREATE TABLE in pieces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout<'a> {
    /// The table's name without its quotes.
    pub name: &'a [u8],
    /// The lines between the parentheses.
    lines: &'a [u8],
    /// What stands behind the parenthesis: options and partitions.
    pub tail: &'a [u8],
}

/// Cuts a statement's body. `None` where it is laid out in another way, or might hold a line comment.
///
/// MySQL 8.4 manual, section 15.7.7.12 "SHOW CREATE TABLE Statement".
///
/// ```
/// use alterplan::syntax::layout;
/// let layout = layout::cut(b"CREATE TABLE `t` (\n  `a` int,\n  KEY `a` (`a`)\n) ENGINE=InnoDB").unwrap();
/// assert_eq!(layout.name, b"t");
/// assert_eq!(layout.definitions().collect::<Vec<_>>(), [&b"`a` int"[..], b"KEY `a` (`a`)"]);
/// assert_eq!(layout.tail, b" ENGINE=InnoDB");
/// ```
pub fn cut(text: &[u8]) -> Option<Layout<'_>> {
    let rest = text.strip_prefix(b"CREATE TABLE `")?;
    let (name, rest) = rest.split_at(memchr(b'`', rest)?);
    let lines = rest.strip_prefix(b"` (\n  ").filter(|lines| lines.starts_with(b"`"))?;
    static CLOSE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"\n)"));
    let mut comments = memchr2_iter(b'#', b'-', lines);
    if comments.any(|at| lines[at] == b'#' || lines.get(at + 1) == Some(&b'-')) {
        return None;
    }
    let close = CLOSE.find(lines)?;
    Some(Layout { name, lines: &lines[..close], tail: &lines[close + 2..] })
}

impl<'a> Layout<'a> {
    /// The counter behind the engine, where the servers print it, and what stands before and behind it.
    ///
    /// ```
    /// use alterplan::syntax::layout;
    /// let layout = layout::cut(b"CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB AUTO_INCREMENT=7 COMMENT='x'").unwrap();
    /// assert_eq!(layout.counter(), Some((&b" ENGINE=InnoDB"[..], 7, &b" COMMENT='x'"[..])));
    /// ```
    pub fn counter(&self) -> Option<(&'a [u8], u64, &'a [u8])> {
        const WORDS: &[u8] = b" AUTO_INCREMENT=";
        let engine = self.tail.strip_prefix(b" ENGINE=")?;
        let word = engine.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let counted = engine[word..].strip_prefix(WORDS)?;
        let digits = counted.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, behind) = counted.split_at(digits);
        let is_whole = word > 0 && matches!(behind.first(), None | Some(b' '));
        let number = std::str::from_utf8(number).ok()?.parse().ok().filter(|_| is_whole)?;
        Some((&self.tail[..b" ENGINE=".len() + word], number, behind))
    }

    /// The definitions in order, without the commas between them.
    pub fn definitions(&self) -> impl Iterator<Item = &'a [u8]> {
        let lines = self.lines;
        let mut ends = memchr::memchr_iter(b'\n', lines);
        let mut start = Some(0);
        std::iter::from_fn(move || {
            let from = start?;
            let is_end = |end: &usize| *end > from && lines[end - 1] == b',' && lines[end + 1..].starts_with(b"  ");
            match ends.find(is_end) {
                Some(end) => {
                    start = Some(end + 3);
                    Some(&lines[from..end - 1])
                }
                None => {
                    start = None;
                    Some(&lines[from..])
                }
            }
        })
    }
}

/// What stands behind the definitions of a table.
#[derive(Clone, PartialEq, Debug)]
pub struct Tail<'a> {
    /// The options, in order of writing.
    pub options: Vec<TableOption<'a>>,
    /// `PARTITION BY`.
    pub partitioning: Option<PartitionClause<'a>>,
}

/// Reads one definition.
///
/// # Errors
/// Where it is none, or more than one.
pub fn definition<'a>(text: &'a [u8], reading: &Reading<'_>) -> Result<Definition<'a>, SyntaxError> {
    whole(text, reading, table::definition)
}

/// Reads what stands behind the definitions.
///
/// # Errors
/// Where it is anything but options and partitions.
pub fn tail<'a>(text: &'a [u8], reading: &Reading<'_>) -> Result<Tail<'a>, SyntaxError> {
    whole(text, reading, |input| {
        let (mut input, options) = table_options(input)?;
        let mut partitioning = None;
        if input.is(keyword::Keyword::PARTITION) {
            let (rest, clause) = partition_clause(input)?;
            (input, partitioning) = (rest, Some(clause));
        }
        Ok((input, Tail { options, partitioning }))
    })
}

fn whole<'a, T>(
    text: &'a [u8],
    reading: &Reading<'_>,
    parse: impl for<'t> Fn(Input<'a, 't>) -> nom::IResult<Input<'a, 't>, T, super::input::Failure>,
) -> Result<T, SyntaxError> {
    let statement = lexer::tokenise(text, 0, reading)?;
    let input = Input::new(&statement);
    let outcome = parse(input)
        .and_then(|(rest, read)| if rest.is_kind(TokenKind::End) { Ok(read) } else { Err(rest.expected("`,`")) });
    outcome.map_err(|error| failure(error, &statement))
}

fn failure(error: nom::Err<super::input::Failure>, statement: &Statement<'_, '_>) -> SyntaxError {
    match error {
        nom::Err::Error(failure) | nom::Err::Failure(failure) => failure.into_error(statement),
        nom::Err::Incomplete(_) => Input::new(statement).incomplete(),
    }
}

//! The lexical productions: blanks, comments, strings, identifiers, words, the client's arguments.
//!
//! Each takes the rest of the text and gives what is left and what it took. `Fault::Absent` says that
//! something else stands here; `Fault::Unclosed`, that the text ends inside of what began here.

use memchr::{memchr, memchr2, memmem};
use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_till, take_while_m_n, take_while1};
use nom::combinator::{opt, peek, recognize, verify};
use nom::error::{ErrorKind, ParseError};
use nom::sequence::{preceded, terminated};
use nom::{Err, IResult, Parser};

use super::Problem;
use crate::source::Span;
use crate::target::Target;

/// What is left, and what was taken.
pub(super) type Lexed<'a, O = &'a [u8]> = IResult<&'a [u8], O, Fault>;

/// Why a lexeme is not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// Something else stands here.
    Absent,
    /// It begins here and never ends; the length of its opener.
    Unclosed(Problem, usize),
}

impl ParseError<&[u8]> for Fault {
    fn from_error_kind(_: &[u8], _: ErrorKind) -> Self {
        Self::Absent
    }

    fn append(_: &[u8], _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// How many bytes a lexeme at `at` takes, if it is there.
pub(super) fn length<O>(input: &[u8], lexed: Lexed<'_, O>, at: usize) -> Result<Option<usize>, (Problem, Span)> {
    match lexed {
        Ok((rest, _)) => Ok(Some(input.len() - rest.len())),
        Err(Err::Failure(Fault::Unclosed(problem, opener))) => Err((problem, Span::new(at, at + opener))),
        Err(Err::Failure(Fault::Absent) | Err::Error(_) | Err::Incomplete(_)) => Ok(None),
    }
}

/// Whether a backslash in a string takes the next byte with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Escapes {
    /// It does.
    Backslash,
    /// `NO_BACKSLASH_ESCAPES`, and identifiers.
    None,
}

/// A `/*!` or `/*M!` and the version that it asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Conditional {
    number: Option<u32>,
    mariadb_only: bool,
}

impl Conditional {
    /// Whether the target reads what stands in it.
    pub(super) fn is_read_by(self, target: Target) -> bool {
        target.reads_conditional(self.number.unwrap_or(0), self.mariadb_only)
    }
}

/// What the servers call a space, in every character set that a script may be in.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

/// Whether a byte may stand in an unquoted identifier (MySQL 8.4 manual, section 11.2).
pub(super) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

pub(super) fn blank(input: &[u8]) -> Lexed<'_> {
    take_while1(is_blank).parse(input)
}

pub(super) fn byte_order_mark(input: &[u8]) -> Lexed<'_> {
    tag(&b"\xEF\xBB\xBF"[..]).parse(input)
}

pub(super) fn word(input: &[u8]) -> Lexed<'_> {
    take_while1(is_word_byte).parse(input)
}

/// A comment that the target does not read, of any form.
pub(super) fn comment(input: &[u8], target: Target) -> Lexed<'_> {
    match input {
        [b'#' | b'-', ..] => line_comment(input),
        [b'/', ..] => alt((|rest| skipped_conditional(rest, target), |rest| block_comment(rest, target))).parse(input),
        _ => Err(Err::Error(Fault::Absent)),
    }
}

/// `#` or `--` to the end of the line; `--` needs a blank or control character after it
/// (MySQL 8.4 manual, section 11.7 "Comments"). A lone CR ends no line, for client and server.
pub(super) fn line_comment(input: &[u8]) -> Lexed<'_> {
    let dashes = terminated(tag(&b"--"[..]), peek(verify(nom::combinator::rest, after_dashes)));
    recognize((alt((tag(&b"#"[..]), dashes)), line)).parse(input)
}

/// `--` before a statement's first byte: the client leaves the line out, blank or not
/// (`add_line`: "We also ignore lines starting with '--', even if there isn't a whitespace after").
pub(super) fn leading_dashes(input: &[u8]) -> Lexed<'_> {
    recognize((tag(&b"--"[..]), line)).parse(input)
}

/// The rest of a line, without its line feed.
pub(super) fn line(input: &[u8]) -> Lexed<'_> {
    let end = memchr(b'\n', input).unwrap_or(input.len());
    Ok((&input[end..], &input[..end]))
}

/// `/* … */`, which holds no other comment. Optimizer hints are comments here.
pub(super) fn block_comment(input: &[u8], target: Target) -> Lexed<'_> {
    if !input.starts_with(b"/*") || conditional_opener(input, target).is_ok() {
        return Err(Err::Error(Fault::Absent));
    }
    match memmem::find(&input[2..], b"*/") {
        Some(at) => Ok((&input[at + 4..], &input[..at + 4])),
        None => Err(Err::Failure(Fault::Unclosed(Problem::UnterminatedComment, 2))),
    }
}

/// A conditional comment that the target does not read. It may hold plain comments, which hold none
/// (`consume_comment(…, 1)` in both servers' `sql_lex.cc`).
pub(super) fn skipped_conditional(input: &[u8], target: Target) -> Lexed<'_> {
    let (body, condition) = conditional_opener(input, target)?;
    if condition.is_read_by(target) {
        return Err(Err::Error(Fault::Absent));
    }
    let opener = input.len() - body.len();
    let unclosed = || Err::Failure(Fault::Unclosed(Problem::UnterminatedConditional, opener));
    let mut at = opener;
    while let Some(found) = memchr2(b'*', b'/', &input[at..]) {
        at += found;
        if input[at..].starts_with(b"*/") {
            return Ok((&input[at + 2..], &input[..at + 2]));
        }
        at += if input[at..].starts_with(b"/*") {
            2 + memmem::find(&input[at + 2..], b"*/").ok_or_else(unclosed)? + 2
        } else {
            1
        };
    }
    Err(unclosed())
}

/// `/*!`, and `/*M!` where the target is a MariaDB; to MySQL that is a plain comment.
pub(super) fn conditional_opener(input: &[u8], target: Target) -> Lexed<'_, Conditional> {
    let (rest, mark) = alt((tag(&b"/*!"[..]), tag(&b"/*M!"[..]))).parse(input)?;
    let mariadb_only = mark.len() == 4;
    if mariadb_only && target.is_mysql() {
        return Err(Err::Error(Fault::Absent));
    }
    let (rest, number) = opt(|rest| conditional_version(rest, target)).parse(rest)?;
    Ok((rest, Conditional { number, mariadb_only }))
}

/// Five or six digits; fewer are no version but SQL. MySQL takes the sixth only before a blank
/// (9.7 reads `/*!050000+7 */` as `0+7` and `/*!050000 +7 */` as `+7`), MariaDB always.
pub(super) fn conditional_version(input: &[u8], target: Target) -> Lexed<'_, u32> {
    let (rest, digits) = take_while_m_n(5, 6, |byte: u8| byte.is_ascii_digit()).parse(input)?;
    let six = digits.len() == 6 && (target.is_mariadb() || rest.first().is_some_and(|&byte| is_blank(byte)));
    let taken = if six { 6 } else { 5 };
    let number = digits[..taken].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Ok((&input[taken..], number))
}

/// `*/`, where a conditional comment that is read ends.
pub(super) fn conditional_closer(input: &[u8]) -> Lexed<'_> {
    tag(&b"*/"[..]).parse(input)
}

/// A string: quotes inside are doubled, or escaped where the SQL mode lets them be.
pub(super) fn string(input: &[u8], escapes: Escapes) -> Lexed<'_> {
    match input {
        [quote @ (b'\'' | b'"'), ..] => quoted(input, *quote, escapes)
            .ok_or_else(|| Err::Failure(Fault::Unclosed(Problem::UnterminatedString(char::from(*quote)), 1))),
        _ => Err(Err::Error(Fault::Absent)),
    }
}

/// A quoted identifier: quotes inside are doubled, a backslash is a backslash.
pub(super) fn identifier(input: &[u8]) -> Lexed<'_> {
    match input {
        [quote @ (b'`' | b'"'), ..] => quoted(input, *quote, Escapes::None)
            .ok_or_else(|| Err::Failure(Fault::Unclosed(Problem::UnterminatedIdentifier(char::from(*quote)), 1))),
        _ => Err(Err::Error(Fault::Absent)),
    }
}

/// From an opening quote to behind its closing one: what is left, and what was taken.
#[inline]
fn quoted(input: &[u8], quote: u8, escapes: Escapes) -> Option<(&[u8], &[u8])> {
    let mut at = 1;
    loop {
        at += match escapes {
            Escapes::Backslash => find_either(quote, b'\\', &input[at..])?,
            Escapes::None => memchr(quote, &input[at..])?,
        };
        let pair = input[at] != quote || input.get(at + 1) == Some(&quote);
        if !pair {
            return Some((&input[at + 1..], &input[..=at]));
        }
        at += 2;
        if at > input.len() {
            return None;
        }
    }
}

/// `memchr2` with the first bytes looked at one by one: most strings of a dump are shorter than what
/// a vector search costs to begin.
#[inline]
fn find_either(a: u8, b: u8, text: &[u8]) -> Option<usize> {
    const NEAR: usize = 12;
    let near = text.len().min(NEAR);
    if let Some(at) = text[..near].iter().position(|&byte| byte == a || byte == b) {
        return Some(at);
    }
    memchr2(a, b, &text[near..]).map(|at| near + at)
}

/// What the client takes for a command's argument: a quoted text, or all up to a blank (`get_arg`).
pub(super) fn argument(input: &[u8]) -> Lexed<'_> {
    match input {
        [b'\'' | b'"' | b'`', ..] => match quoted(input, input[0], Escapes::None) {
            Some(taken) => Ok(taken),
            None => Ok((&input[input.len()..], input)),
        },
        _ => verify(take_till(is_blank), |taken: &[u8]| !taken.is_empty()).parse(input),
    }
}

/// `DELIMITER` and its argument, on a line of its own.
pub(super) fn delimiter_line(input: &[u8]) -> Lexed<'_> {
    preceded((tag_no_case(&b"delimiter"[..]), blank), argument).parse(input)
}

fn after_dashes(rest: &[u8]) -> bool {
    rest.first().is_none_or(|&byte| is_blank(byte) || byte.is_ascii_control())
}

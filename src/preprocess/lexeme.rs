//! The lexemes that cutting needs, as nom parsers over bytes: one for each production of
//! `grammar/lexical.ebnf`.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_until, take_while, take_while_m_n};
use nom::combinator::{opt, recognize};
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

type Read<'a, T = &'a [u8]> = IResult<&'a [u8], T, ()>;

/// A line the client acts upon itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ClientCommand<'a> {
    pub(super) word: ClientWord,
    /// Its first argument, unquoted.
    pub(super) argument: &'a [u8],
    /// Offset after the line's end.
    pub(super) end: usize,
}

/// The commands that matter, and the others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ClientWord {
    Delimiter,
    Use,
    Other,
}

/// `-- …`, `#…` up to the end of the line.
pub(super) fn line_comment(input: &[u8]) -> Read<'_> {
    recognize(preceded(alt((tag("#"), dashes)), take_till(|b| b == b'\n'))).parse(input)
}

/// `--` before a blank, a control character or the end (MySQL 8.4 manual, section 11.7 "Comments").
fn dashes(input: &[u8]) -> Read<'_> {
    let (rest, dashes) = tag("--")(input)?;
    match rest.first() {
        None => Ok((rest, dashes)),
        Some(byte) if *byte <= b' ' => Ok((rest, dashes)),
        Some(_) => Err(nom::Err::Error(())),
    }
}

/// `/* … */`; also a conditional comment as a whole, where it is not read.
pub(super) fn block_comment(input: &[u8]) -> Read<'_> {
    recognize(delimited(tag("/*"), take_until("*/"), tag("*/"))).parse(input)
}

/// `/*!`, `/*!NNNNN`, `/*M!NNNNNN`: gives whether it is MariaDB's own, and the version (0: none).
pub(super) fn conditional_opener(input: &[u8]) -> Read<'_, (bool, u32)> {
    let (rest, (_, mariadb, _, number)) = (tag("/*"), opt(tag("M")), tag("!"), opt(version)).parse(input)?;
    Ok((rest, (mariadb.is_some(), number.unwrap_or(0))))
}

/// Five or six digits.
fn version(input: &[u8]) -> Read<'_, u32> {
    let (rest, digits) = take_while_m_n(5, 6, |b: u8| b.is_ascii_digit())(input)?;
    Ok((rest, digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'))))
}

/// Blanks, control characters, and a byte order mark.
pub(super) fn blank(input: &[u8]) -> Read<'_> {
    alt((tag("\u{FEFF}"), nom::bytes::complete::take_while1(|b: u8| b.is_ascii_whitespace() || b == 0x0B))).parse(input)
}

/// A line that the client acts upon itself: it begins a statement, and its line holds no delimiter
/// (client/mysql.cc, `find_command`); `DELIMITER` may hold one.
pub(super) fn client_command<'a>(text: &'a [u8], at: usize, delimiter: &[u8]) -> Option<ClientCommand<'a>> {
    let (rest, word) = command_word(&text[at..]).ok()?;
    let kind = if word.eq_ignore_ascii_case(b"delimiter") || word == b"\\d" {
        ClientWord::Delimiter
    } else if word.eq_ignore_ascii_case(b"use") || word == b"\\u" {
        ClientWord::Use
    } else if is_client_word(word) {
        ClientWord::Other
    } else {
        return None;
    };
    let (after, line) = take_till::<_, _, ()>(|b| b == b'\n')(rest).ok()?;
    let end = text.len() - after.len() + usize::from(!after.is_empty());
    if kind != ClientWord::Delimiter && memchr::memmem::find(line, delimiter).is_some() {
        return None;
    }
    let argument = line.trim_ascii();
    let argument = argument.split(|b| b.is_ascii_whitespace()).next().unwrap_or_default();
    let argument = match argument {
        [quote @ (b'`' | b'\'' | b'"'), inner @ .., last] if quote == last => inner,
        plain => plain,
    };
    Some(ClientCommand { word: kind, argument, end })
}

/// The first word of a line, or a backslash command.
fn command_word(input: &[u8]) -> Read<'_> {
    let (rest, word) = alt((recognize((tag("\\"), take_while_m_n(1, 1, |_| true))), take_while(|b: u8| b.is_ascii_alphabetic() || b == b'_'))).parse(input)?;
    let ends = word.starts_with(b"\\") || rest.first().is_none_or(|b| b.is_ascii_whitespace());
    if ends && !word.is_empty() { Ok((rest, word)) } else { Err(nom::Err::Error(())) }
}

fn is_client_word(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 20] = [
        b"source", b"charset", b"clear", b"connect", b"edit", b"ego", b"exit", b"go", b"nopager", b"notee", b"nowarning", b"pager",
        b"print", b"prompt", b"quit", b"rehash", b"status", b"system", b"tee", b"warnings",
    ];
    matches!(word, [b'\\', ..]) || WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

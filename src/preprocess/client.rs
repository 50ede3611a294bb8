//! What the client itself eats: `DELIMITER`, `USE`, `source`, `\d`, `\.` and their kin.
//!
//! A command by name stands at the start of a line, before anything of a statement, on a line without
//! the delimiter (`find_command`); a command by letter stands anywhere outside strings (`add_line`).

use memchr::{memchr, memchr2, memmem, memrchr};

use super::kind::{Command, Kind};
use super::lexeme::{self, is_blank};
use super::scan::Scanner;
use super::{Fault, Problem};
use crate::source::Span;

/// What ends a statement. Never empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Delimiter<'a>(&'a [u8]);

impl<'a> Delimiter<'a> {
    pub(super) const DEFAULT: Self = Delimiter(b";");

    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn first_byte(self) -> u8 {
        self.0.first().copied().unwrap_or(b';')
    }

    pub(super) fn begins(self, rest: &[u8]) -> bool {
        rest.starts_with(self.0)
    }

    pub(super) fn len(self) -> usize {
        self.0.len()
    }
}

/// A line, or a part of one, that the client eats.
pub(super) struct Line<'a> {
    pub(super) kind: Kind,
    /// Just after its last byte that is no blank.
    pub(super) body_end: usize,
    /// Just after all that it takes.
    pub(super) end: usize,
    /// The delimiter from here on, if it sets one.
    pub(super) delimiter: Option<Delimiter<'a>>,
}

/// What a backslash and a letter do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Letter {
    /// `\g`, `\G`: ends the statement.
    Go,
    /// `\c`: throws it away.
    Clear,
    /// `\N`: not a command but NULL.
    Null,
    /// `\d`: sets the delimiter.
    Delimiter,
    /// `\u`: selects a database.
    Use,
    /// Takes what follows, up to the delimiter or the end of the line.
    WithLine(Command),
    /// Takes nothing.
    Alone(Command),
}

/// The command of a letter (`commands[]` in both clients' `mysql.cc`).
pub(super) fn letter(byte: u8) -> Option<Letter> {
    Some(match byte {
        b'g' | b'G' => Letter::Go,
        b'c' => Letter::Clear,
        b'N' => Letter::Null,
        b'd' => Letter::Delimiter,
        b'u' => Letter::Use,
        b'.' => Letter::WithLine(Command::Source),
        b'r' => Letter::WithLine(Command::Connect),
        b'!' => Letter::WithLine(Command::Shell),
        b'C' | b'P' | b'R' | b'T' | b'h' | b'?' => Letter::WithLine(Command::Session),
        b'q' => Letter::Alone(Command::Quit),
        b'e' => Letter::Alone(Command::Shell),
        b'#' | b'-' | b'W' | b'n' | b'p' | b's' | b't' | b'w' | b'x' => Letter::Alone(Command::Session),
        _ => return None,
    })
}

/// A command by name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Named {
    Delimiter,
    Use,
    WithArgument(Command),
    Alone(Command),
}

fn named(word: &[u8]) -> Option<Named> {
    const NAMES: [(&str, Named); 25] = [
        ("charset", Named::WithArgument(Command::Session)),
        ("clear", Named::Alone(Command::Clear)),
        ("connect", Named::WithArgument(Command::Connect)),
        ("delimiter", Named::Delimiter),
        ("edit", Named::Alone(Command::Shell)),
        ("ego", Named::Alone(Command::Session)),
        ("exit", Named::Alone(Command::Quit)),
        ("go", Named::Alone(Command::Session)),
        ("help", Named::WithArgument(Command::Session)),
        ("nopager", Named::Alone(Command::Session)),
        ("notee", Named::Alone(Command::Session)),
        ("nowarning", Named::Alone(Command::Session)),
        ("pager", Named::WithArgument(Command::Session)),
        ("print", Named::Alone(Command::Session)),
        ("prompt", Named::WithArgument(Command::Session)),
        ("quit", Named::Alone(Command::Quit)),
        ("rehash", Named::Alone(Command::Session)),
        ("resetconnection", Named::Alone(Command::Session)),
        ("sandbox", Named::Alone(Command::Session)),
        ("source", Named::WithArgument(Command::Source)),
        ("status", Named::Alone(Command::Session)),
        ("system", Named::WithArgument(Command::Shell)),
        ("tee", Named::WithArgument(Command::Session)),
        ("use", Named::Use),
        ("warnings", Named::Alone(Command::Session)),
    ];
    let is = |name: &str| name.as_bytes().eq_ignore_ascii_case(word);
    NAMES.iter().find(|(name, _)| is(name)).map(|&(_, named)| named)
}

/// The command that begins a text between two delimiters, which `add_line` runs instead of sending it.
pub(super) fn command_in_statement(body: &[u8]) -> Option<Command> {
    let (rest, word) = lexeme::word(body).ok()?;
    let command = match named(word)? {
        Named::Delimiter => Command::Delimiter,
        Named::WithArgument(command) => command,
        Named::Alone(command) if rest.trim_ascii().is_empty() => command,
        Named::Alone(_) | Named::Use => return None,
    };
    Some(command)
}

/// The client's line after the blanks and comments of `leading`, if one begins there.
pub(super) fn command<'a>(text: &'a [u8], leading: Span, scanner: &Scanner<'a>) -> Result<Option<Line<'a>>, Fault> {
    let begin = leading.end;
    match text.get(begin) {
        Some(b'\\') if !scanner.lexis().no_backslash_escapes => by_letter(text, begin, scanner),
        Some(byte) if byte.is_ascii_alphabetic() && at_line_start(text, leading) => by_name(text, begin, scanner),
        Some(_) | None => Ok(None),
    }
}

fn by_name<'a>(text: &'a [u8], begin: usize, scanner: &Scanner<'a>) -> Result<Option<Line<'a>>, Fault> {
    let Ok((_, word)) = lexeme::word(&text[begin..]) else { return Ok(None) };
    let Some(named) = named(word) else { return Ok(None) };
    let (line, end) = line(text, begin);
    let arguments = &line[word.len()..];
    if !arguments.first().is_none_or(|&byte| is_blank(byte)) {
        return Ok(None);
    }
    let name = Span::new(begin, begin + word.len());
    if named == Named::Delimiter {
        let argument = lexeme::delimiter_line(line).map(|(_, argument)| argument).unwrap_or_default();
        let delimiter = Some(delimiter(argument, name)?);
        let kind = Kind::Client(Command::Delimiter);
        return Ok(Some(Line { kind, body_end: begin + line.len(), end, delimiter }));
    }
    let for_the_server = memmem::find(line, scanner.delimiter().0).is_some() || memmem::find(line, b"\\g").is_some();
    let kind = match named {
        Named::Use => Kind::Use { database: database(text, Span::new(name.end, begin + line.len())) },
        Named::WithArgument(command) => Kind::Client(command),
        Named::Alone(command) if arguments.is_empty() => Kind::Client(command),
        Named::Alone(_) | Named::Delimiter => return Ok(None),
    };
    Ok((!for_the_server).then_some(Line { kind, body_end: begin + line.len(), end, delimiter: None }))
}

fn by_letter<'a>(text: &'a [u8], begin: usize, scanner: &Scanner<'a>) -> Result<Option<Line<'a>>, Fault> {
    let after = begin + 2;
    let Some(letter) = text.get(begin + 1).and_then(|&byte| letter(byte)) else { return Ok(None) };
    let parameters = || parameters(text, after, scanner.delimiter());
    Ok(Some(match letter {
        Letter::Go | Letter::Clear | Letter::Null => return Ok(None),
        Letter::Alone(command) => Line { kind: Kind::Client(command), body_end: after, end: after, delimiter: None },
        Letter::WithLine(command) => {
            let (body_end, end) = parameters();
            Line { kind: Kind::Client(command), body_end, end, delimiter: None }
        }
        Letter::Use => {
            let (body_end, end) = parameters();
            let database = database(text, Span::new(after, body_end));
            Line { kind: Kind::Use { database }, body_end, end, delimiter: None }
        }
        Letter::Delimiter => {
            let argument = argument_in_line(text, after);
            let delimiter = Some(delimiter(&text[argument.start..argument.end], Span::new(begin, after))?);
            Line { kind: Kind::Client(Command::Delimiter), body_end: argument.end, end: argument.end, delimiter }
        }
    }))
}

/// What a command by letter takes: up to the delimiter, or to the end of the line ("Remove parameters" in
/// `add_line`). Gives where the last byte that is no blank ends, and where all ends.
fn parameters(text: &[u8], from: usize, delimiter: Delimiter<'_>) -> (usize, usize) {
    let mut at = from;
    while let Some(found) = memchr2(b'\n', delimiter.first_byte(), &text[at..]) {
        at += found;
        let taken = if delimiter.begins(&text[at..]) { delimiter.len() } else { 1 };
        if taken > 1 || text[at] == b'\n' || delimiter.len() == 1 {
            return (from + text[from..at].trim_ascii_end().len(), at + taken);
        }
        at += 1;
    }
    (from + text[from..].trim_ascii_end().len(), text.len())
}

/// The argument after `\d`, which does not leave its line.
fn argument_in_line(text: &[u8], from: usize) -> Span {
    let blanks = text[from..].iter().take_while(|&&byte| is_blank(byte) && byte != b'\n').count();
    let rest = &text[from + blanks..];
    let length = match rest.first() {
        Some(quote @ (b'\'' | b'"' | b'`')) => match memchr2(*quote, b'\n', &rest[1..]) {
            Some(at) if rest[at + 1] == *quote => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        },
        Some(_) => rest.iter().position(|&byte| is_blank(byte)).unwrap_or(rest.len()),
        None => 0,
    };
    Span::new(from + blanks, from + blanks + length)
}

/// What `DELIMITER` sets, out of its argument and its quotes.
fn delimiter<'a>(argument: &'a [u8], name: Span) -> Result<Delimiter<'a>, Fault> {
    let bare = match argument {
        [quote @ (b'\'' | b'"' | b'`'), inner @ ..] => inner.strip_suffix(&[*quote]).unwrap_or(inner),
        _ => argument,
    };
    if bare.is_empty() {
        return Err((Problem::DelimiterMissing, name));
    }
    if memchr(b'\\', bare).is_some() {
        return Err((Problem::DelimiterBackslash, name));
    }
    Ok(Delimiter(bare))
}

/// The name after `USE`, in its quotes; empty where there is none. `USE a b` selects `a`.
pub(super) fn database(text: &[u8], within: Span) -> Span {
    let given = &text[within.start..within.end];
    let start = within.end - given.trim_ascii_start().len();
    match lexeme::argument(&text[start..within.end]) {
        Ok((_, name)) => Span::new(start, start + name.len()),
        Err(_) => Span::new(start, start),
    }
}

/// The line from `begin`, without trailing blanks, and where the next one begins.
fn line(text: &[u8], begin: usize) -> (&[u8], usize) {
    let end = memchr(b'\n', &text[begin..]).map_or(text.len(), |at| begin + at);
    (text[begin..end].trim_ascii_end(), text.len().min(end + 1))
}

/// Whether only blanks stand between the line's start and the end of `leading`. Where it begins in the
/// middle of a line, a statement's end stands before it.
fn at_line_start(text: &[u8], leading: Span) -> bool {
    let before = &text[leading.start..leading.end];
    let line = match memrchr(b'\n', before) {
        Some(at) => &before[at + 1..],
        None if leading.start == 0 => before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before),
        None if text[leading.start - 1] == b'\n' => before,
        None => return false,
    };
    line.iter().all(|&byte| is_blank(byte))
}

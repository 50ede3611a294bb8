//! The outer scan: from a statement's first byte to behind its delimiter, by bytes.
//!
//! One table says which bytes can matter; all others are passed over, identifiers between backticks with them, in whole
//! blocks where these are long enough. Strings and comments are searched for their end with `memchr`.

use super::block::{self, Quote, Wanted};
use super::client::{self, Delimiter, Letter};
use super::lexeme::{self, Escapes};
use super::{Fault, Lexis, Problem};
use crate::source::Span;
use crate::target::Target;

/// Where fewer bytes than these stand between two that need a closer look, they are looked at one by one.
const CROWDED: usize = 8;

/// How statements end and strings are read, at one point of a script.
#[derive(Clone, Debug)]
pub(super) struct Scanner<'a> {
    target: Target,
    lexis: Lexis,
    delimiter: Delimiter<'a>,
    /// The bytes at which something may begin or end.
    special: [bool; 256],
}

/// Where a statement ends.
pub(super) struct Ending {
    /// Just after its last byte.
    pub(super) end: usize,
    /// What ended it.
    pub(super) delimiter: Span,
    /// Whether it was `\c`, which throws the statement away.
    pub(super) cleared: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(target: Target, lexis: Lexis, delimiter: Delimiter<'a>) -> Self {
        let mut special = [false; 256];
        for byte in *b"'\"`#-/*" {
            special[usize::from(byte)] = true;
        }
        // Under NO_BACKSLASH_ESCAPES the client looks for none of its commands (`add_line`).
        special[usize::from(b'\\')] = !lexis.no_backslash_escapes;
        special[usize::from(delimiter.first_byte())] = true;
        Self { target, lexis, delimiter, special }
    }

    pub(super) fn lexis(&self) -> Lexis {
        self.lexis
    }

    pub(super) fn delimiter(&self) -> Delimiter<'a> {
        self.delimiter
    }

    pub(super) fn read_as(&mut self, lexis: Lexis) {
        if lexis != self.lexis {
            *self = Self::new(self.target, lexis, self.delimiter);
        }
    }

    pub(super) fn end_at(&mut self, delimiter: Delimiter<'a>) {
        *self = Self::new(self.target, self.lexis, delimiter);
    }

    /// Passes blanks and comments before a statement.
    pub(super) fn skip_leading(&self, text: &[u8], from: usize) -> Result<usize, Fault> {
        let mut at = from;
        if at == 0 {
            at += lexeme::length(text, lexeme::byte_order_mark(text), 0)?.unwrap_or(0);
        }
        loop {
            let rest = &text[at..];
            let step = match rest.first() {
                Some(&byte) if lexeme::is_blank(byte) => lexeme::length(rest, lexeme::blank(rest), at)?,
                // The client looks for the delimiter before it looks for comments.
                Some(_) if self.delimiter.begins(rest) => None,
                Some(b'-') => lexeme::length(rest, lexeme::leading_dashes(rest), at)?,
                Some(b'#' | b'/') => lexeme::length(rest, lexeme::comment(rest, self.target), at)?,
                Some(_) | None => None,
            };
            match step {
                Some(step) => at += step,
                None => return Ok(at),
            }
        }
    }

    /// Finds the end of the statement that begins at `from`.
    pub(super) fn scan(&self, text: &[u8], from: usize) -> Result<Ending, Fault> {
        let mut at = from;
        // The conditional comment that is open. One inside another does not count: the first `*/`
        // ends both, as the servers' flag `in_comment` has it.
        let mut open: Option<Span> = None;
        // Up to where so much needs a closer look that looking at whole blocks does not pay.
        let mut crowded_to = 0;
        loop {
            if open.is_none() && at >= crowded_to {
                let passed = self.pass(&text[at..]);
                at += passed;
                if passed < CROWDED {
                    crowded_to = at + block::BLOCK;
                }
            }
            let Some(step) = text[at..].iter().position(|&byte| self.special[usize::from(byte)]) else { break };
            at += step;
            let rest = &text[at..];
            let byte = rest[0];
            if byte == b'\\' && !self.lexis.no_backslash_escapes {
                if let Some(ending) = backslash(rest, at)? {
                    // The last byte of all ends a statement, but not the comment around it.
                    return match open.filter(|_| rest.len() == 1) {
                        Some(opener) => Err((Problem::UnterminatedConditional, opener)),
                        None => refuse_open(open, ending),
                    };
                }
                at += 2;
                continue;
            }
            if self.delimiter.begins(rest) {
                let delimiter = Span::new(at, at + self.delimiter.len());
                return refuse_open(open, Ending { end: at, delimiter, cleared: false });
            }
            let length = match byte {
                b'\'' => lexeme::length(rest, lexeme::string(rest, self.escapes()), at)?,
                b'"' if !self.lexis.ansi_quotes => lexeme::length(rest, lexeme::string(rest, self.escapes()), at)?,
                b'"' | b'`' => lexeme::length(rest, lexeme::identifier(rest), at)?,
                b'#' | b'-' => lexeme::length(rest, lexeme::comment(rest, self.target), at)?,
                b'/' => match lexeme::length(rest, lexeme::comment(rest, self.target), at)? {
                    Some(length) => Some(length),
                    None => {
                        let opener = lexeme::length(rest, lexeme::conditional_opener(rest, self.target), at)?;
                        open = opener.map(|length| Span::new(at, at + length)).or(open);
                        opener
                    }
                },
                b'*' => {
                    let closer = lexeme::length(rest, lexeme::conditional_closer(rest), at)?.filter(|_| open.is_some());
                    open = if closer.is_some() { None } else { open };
                    closer
                }
                _ => None,
            };
            at += length.unwrap_or(1);
        }
        match open {
            Some(opener) => Err((Problem::UnterminatedConditional, opener)),
            None => Ok(Ending { end: text.len(), delimiter: Span::new(text.len(), text.len()), cleared: false }),
        }
    }

    /// How many bytes stand before the first that may begin or end something, identifiers aside, as far as whole blocks tell.
    fn pass(&self, text: &[u8]) -> usize {
        let delimiter = self.delimiter.first_byte();
        if delimiter == b'`' || text.len() < block::BLOCK {
            return 0;
        }
        let escapes = !self.lexis.no_backslash_escapes;
        block::pass(text, Wanted { quote: Quote::Identifier, delimiter, escapes }).length
    }

    fn escapes(&self) -> Escapes {
        if self.lexis.no_backslash_escapes { Escapes::None } else { Escapes::Backslash }
    }
}

/// A backslash outside strings: an end, or a command of two bytes that ends nothing.
fn backslash(rest: &[u8], at: usize) -> Result<Option<Ending>, Fault> {
    let span = Span::new(at, at + rest.len().min(2));
    let ending = |end: usize, cleared: bool| Some(Ending { end, delimiter: span, cleared });
    match rest.get(1) {
        Some(&letter) => match client::letter(letter) {
            Some(Letter::Go) => Ok(ending(at, false)),
            Some(Letter::Clear) => Ok(ending(at, true)),
            Some(Letter::Alone(_) | Letter::Null) => Ok(None),
            Some(Letter::Delimiter | Letter::Use | Letter::WithLine(_)) => {
                Err((Problem::CommandInStatement(letter), span))
            }
            None => Err((Problem::UnknownCommand(letter), span)),
        },
        None => Ok(ending(at, false)),
    }
}

/// The client splits inside a conditional comment, and both servers refuse its open half.
fn refuse_open(open: Option<Span>, ending: Ending) -> Result<Ending, Fault> {
    match open {
        Some(opener) => Err((Problem::DelimiterInConditional, opener)),
        None => Ok(ending),
    }
}

//! The tokens of one statement, for a look at its first words and at `SET`.

use super::Lexis;
use super::lexeme::{self, Escapes, Lexed};
use crate::source::Span;
use crate::target::Target;

/// A token's form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// A word or number.
    Word,
    /// A string.
    String,
    /// An identifier in quotes.
    Identifier,
    /// Any other byte.
    Symbol(u8),
}

/// A token and its place in the script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token<'a> {
    pub(super) form: Form,
    pub(super) span: Span,
    pub(super) text: &'a [u8],
}

impl<'a> Token<'a> {
    pub(super) fn is_symbol(&self, byte: u8) -> bool {
        self.form == Form::Symbol(byte)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.form == Form::Word && self.text.eq_ignore_ascii_case(word.as_bytes())
    }

    /// The text without its quotes.
    pub(super) fn bare(&self) -> &'a [u8] {
        match self.form {
            Form::String | Form::Identifier => self.text.get(1..self.text.len() - 1).unwrap_or_default(),
            Form::Word | Form::Symbol(_) => self.text,
        }
    }
}

/// The tokens of a stretch of a script, seen through conditional comments that the target reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
    target: Target,
    lexis: Lexis,
    in_conditional: bool,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a [u8], within: Span, target: Target, lexis: Lexis) -> Self {
        Self { text: &text[..within.end], at: within.start, target, lexis, in_conditional: false }
    }

    pub(super) fn peek(&self) -> Option<Token<'a>> {
        let mut ahead = *self;
        ahead.next()
    }

    fn skip_trivia(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let found = match rest.first() {
                Some(&byte) if lexeme::is_blank(byte) => taken(rest, lexeme::blank(rest)),
                Some(b'#' | b'-' | b'/') => match taken(rest, lexeme::comment(rest, self.target)) {
                    Some(length) => Some(length),
                    None => {
                        let opener = taken(rest, lexeme::conditional_opener(rest, self.target));
                        self.in_conditional |= opener.is_some();
                        opener
                    }
                },
                Some(b'*') if self.in_conditional => {
                    let closer = taken(rest, lexeme::conditional_closer(rest));
                    self.in_conditional = closer.is_none();
                    closer
                }
                Some(_) | None => None,
            };
            match found {
                Some(length) => self.at += length,
                None => return,
            }
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_trivia();
        let rest = &self.text[self.at..];
        let escapes = if self.lexis.no_backslash_escapes { Escapes::None } else { Escapes::Backslash };
        let (form, length) = match *rest.first()? {
            b'\'' => (Form::String, taken(rest, lexeme::string(rest, escapes))),
            b'"' if !self.lexis.ansi_quotes => (Form::String, taken(rest, lexeme::string(rest, escapes))),
            b'"' | b'`' => (Form::Identifier, taken(rest, lexeme::identifier(rest))),
            byte => match taken(rest, lexeme::word(rest)) {
                Some(length) => (Form::Word, Some(length)),
                None => (Form::Symbol(byte), Some(1)),
            },
        };
        let start = self.at;
        // The scan has seen every quote closed; were one open, it would reach the end.
        self.at += length.unwrap_or(rest.len());
        Some(Token { form, span: Span::new(start, self.at), text: &self.text[start..self.at] })
    }
}

/// How many bytes a lexeme takes. One that is open ends with the statement.
fn taken<O>(input: &[u8], lexed: Lexed<'_, O>) -> Option<usize> {
    match lexed {
        Ok((rest, _)) => Some(input.len() - rest.len()),
        Err(nom::Err::Failure(_)) => Some(input.len()),
        Err(nom::Err::Error(_) | nom::Err::Incomplete(_)) => None,
    }
}

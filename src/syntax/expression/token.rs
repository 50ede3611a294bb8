//! Tokens of an expression, over `sqlparser`'s tokenizer.
//!
//! The tokenizer finds the boundaries; what a token means is read from its bytes in the source, so
//! that nothing is lost (`0x4` and `x'4'` differ, so do `1.` and `1`). Operators that the tokenizer
//! joins for other databases (`!~`, `!!`, `|/`) are cut as the servers cut them. Conditional comments
//! are entered or left out as the target would.

use super::super::Reading;
use super::ExpressionError;
use sqlparser::dialect::{Dialect, MySqlDialect};
use sqlparser::tokenizer::{Location, Token as Raw, TokenWithSpan, Tokenizer, Whitespace};
use std::any::TypeId;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A keyword or an unquoted name.
    Word,
    /// A name between backticks, or between double quotes in ANSI mode.
    Quoted,
    /// A string literal.
    String,
    /// `N'…'`
    National,
    /// `x'…'` or `0x…`
    Hex,
    /// `b'…'` or `0b…`
    Bits,
    /// A number.
    Number,
    /// An operator or a punctuation mark.
    Symbol,
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
}

impl Token {
    /// The token as written.
    pub(super) fn text<'s>(&self, source: &'s str) -> &'s str {
        source.get(self.start..self.end).unwrap_or_default()
    }
}

/// The tokens of `text`, without spaces and comments.
pub(super) fn tokens(text: &str, reading: &Reading<'_>) -> Result<Vec<Token>, ExpressionError> {
    let mut tokens = Vec::with_capacity(text.len() / 3 + 1);
    collect(text, 0, reading, &mut tokens)?;
    Ok(tokens)
}

fn collect(text: &str, base: usize, reading: &Reading<'_>, tokens: &mut Vec<Token>) -> Result<(), ExpressionError> {
    let dialect = Words { ansi_quotes: reading.ansi_quotes, backslash: !reading.no_backslash_escapes };
    let mut raw: Vec<TokenWithSpan> = Vec::with_capacity(text.len() / 3 + 1);
    let mut tokenizer = Tokenizer::new(&dialect, text).with_unescape(false);
    let outcome = tokenizer.tokenize_with_location_into_buf(&mut raw);
    let mut places = Places { text, at: 0, location: Location { line: 1, column: 1 } };
    if let Err(error) = outcome {
        return Err(ExpressionError {
            offset: base + places.offset(error.location),
            message: error.message.into(),
            number: None,
        });
    }
    for TokenWithSpan { token, span } in &raw {
        let start = places.offset(span.start);
        let end = places.offset(span.end);
        let slice = text.get(start..end).unwrap_or_default();
        let (start, end) = (base + start, base + end);
        let kind = match token {
            Raw::Whitespace(Whitespace::MultiLineComment(_)) => {
                if let Some(inner) = conditional(slice, reading) {
                    let skipped = slice.len() - 2 - inner.len();
                    collect(inner, start + skipped, reading, tokens)?;
                }
                continue;
            }
            Raw::Whitespace(_) => continue,
            Raw::Word(word) if word.quote_style.is_some() => Kind::Quoted,
            Raw::Word(_) if is_bits(slice) => Kind::Bits,
            Raw::Word(_) => Kind::Word,
            Raw::SingleQuotedString(_) | Raw::DoubleQuotedString(_) => Kind::String,
            Raw::NationalStringLiteral(_) => Kind::National,
            Raw::HexStringLiteral(_) => Kind::Hex,
            Raw::SingleQuotedByteStringLiteral(_) | Raw::DoubleQuotedByteStringLiteral(_) => Kind::Bits,
            Raw::Number(..) => Kind::Number,
            _ => {
                cut(slice, start, tokens);
                continue;
            }
        };
        tokens.push(Token { kind, start, end });
    }
    Ok(())
}

/// The servers' operators of more than one character, longest first.
const OPERATORS: [&str; 12] = ["->>", "<=>", "->", ":=", "<=", ">=", "<>", "!=", "<<", ">>", "||", "&&"];

/// What stands in no expression of these servers, though in others' (`a::text`, `ARRAY[1]`), or in a prepared statement.
const STRANGE: [&str; 4] = [":", "[", "]", "?"];

/// Refuses what no expression holds.
pub(super) fn check(text: &str, tokens: &[Token]) -> Result<(), ExpressionError> {
    match tokens.iter().find(|token| token.kind == Kind::Symbol && STRANGE.contains(&token.text(text))) {
        Some(token) => {
            let message = format!("an expression, which holds no `{}`", token.text(text));
            Err(ExpressionError { offset: token.start, message: message.into(), number: Some(1064) })
        }
        None => Ok(()),
    }
}

/// Cuts a run of operator characters as the servers do.
fn cut(run: &str, mut start: usize, tokens: &mut Vec<Token>) {
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let length = OPERATORS.iter().find(|op| rest.starts_with(**op)).map_or(first.len_utf8(), |op| op.len());
        tokens.push(Token { kind: Kind::Symbol, start, end: start + length });
        start += length;
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// Whether a word is `0b` and binary digits (with another letter it would be a name).
fn is_bits(word: &str) -> bool {
    word.strip_prefix("0b").is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| matches!(b, b'0' | b'1')))
}

/// The text inside a conditional comment that the target reads.
fn conditional<'s>(comment: &'s str, reading: &Reading<'_>) -> Option<&'s str> {
    let inner = comment.strip_prefix("/*")?.strip_suffix("*/")?;
    let (inner, mariadb_only) = match inner.strip_prefix("M!") {
        Some(inner) => (inner, true),
        None => (inner.strip_prefix('!')?, false),
    };
    let digits = inner.bytes().take(6).take_while(u8::is_ascii_digit).count();
    let digits = if digits < 5 { 0 } else { digits };
    let number = inner.get(..digits)?.parse().unwrap_or(0);
    reading.target.reads_conditional(number, mariadb_only).then(|| inner.get(digits..)).flatten()
}

/// From line and column, which only grow, to byte offsets.
struct Places<'s> {
    text: &'s str,
    at: usize,
    location: Location,
}

impl Places<'_> {
    fn offset(&mut self, wanted: Location) -> usize {
        let bytes = self.text.as_bytes();
        while self.location < wanted {
            match bytes.get(self.at) {
                None => break,
                Some(b'\n') => self.location = Location { line: self.location.line + 1, column: 1 },
                Some(_) => self.location.column += 1,
            }
            self.at += 1;
            while bytes.get(self.at).is_some_and(|b| b & 0xC0 == 0x80) {
                self.at += 1;
            }
        }
        self.at
    }
}

/// How the servers write words: what `sqlparser`'s tokenizer asks of a dialect.
#[derive(Debug)]
struct Words {
    ansi_quotes: bool,
    backslash: bool,
}

impl Dialect for Words {
    fn dialect(&self) -> TypeId {
        TypeId::of::<MySqlDialect>()
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_ascii_alphabetic() || matches!(ch, '_' | '$') || !ch.is_ascii()
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_ascii_alphanumeric() || matches!(ch, '_' | '$') || !ch.is_ascii()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '`' || (ch == '"' && self.ansi_quotes)
    }

    fn supports_string_literal_backslash_escape(&self) -> bool {
        self.backslash
    }

    fn requires_single_line_comment_whitespace(&self) -> bool {
        true
    }

    fn supports_hash_comment(&self) -> bool {
        true
    }

    fn supports_numeric_prefix(&self) -> bool {
        true
    }
}

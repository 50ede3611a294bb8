//! Tokens: what the grammar sees of a text.
//!
//! A token is a kind and a place; names and strings are unquoted only when the grammar asks.

use std::borrow::Cow;

use super::Reading;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::keyword::Keyword;
use crate::source::Span;

/// One lexeme of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    /// Offset of its first byte in the statement.
    pub(crate) start: u32,
    /// Offset just after its last byte.
    pub(crate) end: u32,
    /// Which keyword an unquoted word is.
    pub(crate) keyword: Keyword,
    /// What it is.
    pub(crate) kind: TokenKind,
    /// A symbol's byte; of quoted text, whether it holds escapes or doubled quotes (not 0).
    pub(crate) detail: u8,
}

/// The kinds of lexemes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind {
    /// An unquoted word.
    Word,
    /// A quoted name.
    Quoted,
    /// `'…'`, or `"…"` where it is no name.
    String,
    /// `N'…'`.
    NationalString,
    /// `x'…'`.
    HexString,
    /// `b'…'`.
    BitString,
    /// `0x…`.
    HexNumber,
    /// `0b…`.
    BitNumber,
    /// Digits.
    Integer,
    /// A number with a point or an exponent.
    Decimal,
    /// `@x`, `@@x`.
    Variable,
    /// One byte that stands for itself.
    Symbol,
    /// An operator of several bytes.
    Operator,
    /// The end of the statement.
    End,
}

/// A statement cut into tokens, the last of which is [`TokenKind::End`].
#[derive(Debug)]
pub(crate) struct Statement<'a, 't> {
    /// The text.
    pub(crate) text: &'a [u8],
    /// Where the text begins in its source.
    pub(crate) at: usize,
    /// How it is read.
    pub(crate) reading: Reading<'t>,
    /// Its tokens.
    pub(crate) tokens: Vec<Token>,
    /// The places that count as blanks although they are none: comments, and the openers and closers of
    /// conditional comments that the target reads.
    pub(crate) comments: Vec<(u32, u32)>,
}

impl<'a> Statement<'a, '_> {
    /// The token with that number; beyond the last, the end.
    #[inline]
    pub(crate) fn token(&self, number: usize) -> Token {
        match self.tokens.get(number) {
            Some(token) => *token,
            None => self.end(),
        }
    }

    fn end(&self) -> Token {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        Token { start: end, end, keyword: Keyword::UNLISTED, kind: TokenKind::End, detail: 0 }
    }

    /// A token's place in the source.
    #[inline]
    pub(crate) fn span(&self, token: Token) -> Span {
        Span::new(self.at + token.start as usize, self.at + token.end as usize)
    }

    /// A token's bytes as written.
    #[inline]
    pub(crate) fn bytes(&self, token: Token) -> &'a [u8] {
        &self.text[token.start as usize..token.end as usize]
    }

    /// A token's text as written.
    #[inline]
    pub(crate) fn written(&self, token: Token) -> Result<&'a str, SyntaxError> {
        self.utf8(token.start as usize, token.end as usize)
    }

    /// Text between two offsets.
    #[inline]
    pub(crate) fn utf8(&self, start: usize, end: usize) -> Result<&'a str, SyntaxError> {
        std::str::from_utf8(&self.text[start..end]).map_err(|error| {
            let from = self.at + start + error.valid_up_to();
            let length = error.error_len().unwrap_or(self.at + end - from);
            SyntaxError { span: Span::new(from, from + length), kind: SyntaxErrorKind::NotUtf8 }
        })
    }

    /// The name that a word or a quoted name stands for.
    #[inline]
    pub(crate) fn name(&self, token: Token) -> Result<Cow<'a, str>, SyntaxError> {
        if token.kind == TokenKind::Word {
            return self.written(token).map(Cow::Borrowed);
        }
        let inner = self.utf8(token.start as usize + 1, token.end as usize - 1)?;
        if token.detail == 0 {
            return Ok(Cow::Borrowed(inner));
        }
        let quote = &self.text[token.start as usize..][..1];
        Ok(Cow::Owned(if quote == b"`" { inner.replace("``", "`") } else { inner.replace("\"\"", "\"") }))
    }

    /// The value of a string, its quotes and escapes resolved.
    #[inline]
    pub(crate) fn string(&self, token: Token) -> Result<Cow<'a, str>, SyntaxError> {
        let prefix = usize::from(token.kind == TokenKind::NationalString);
        let start = token.start as usize + prefix;
        let inner = self.utf8(start + 1, token.end as usize - 1)?;
        if token.detail == 0 {
            return Ok(Cow::Borrowed(inner));
        }
        Ok(Cow::Owned(unescape(inner, self.text[start], !self.reading.no_backslash_escapes)))
    }

    /// What an error says was found at a token.
    pub(crate) fn found(&self, token: Token) -> Option<String> {
        const SHOWN: usize = 40;
        if token.kind == TokenKind::End {
            return None;
        }
        let text = String::from_utf8_lossy(self.bytes(token));
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Some(shown)
    }
}

/// Resolves doubled quotes and, where they are in force, backslash escapes
/// (MySQL manual, "String Literals").
fn unescape(text: &str, quote: u8, escapes: bool) -> String {
    let quote = char::from(quote);
    let mut value = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == quote {
            // The lexer has seen two of them here.
            chars.next();
            value.push(quote);
        } else if c == '\\' && escapes {
            match chars.next() {
                Some('0') => value.push('\0'),
                Some('b') => value.push('\u{8}'),
                Some('n') => value.push('\n'),
                Some('r') => value.push('\r'),
                Some('t') => value.push('\t'),
                Some('Z') => value.push('\u{1a}'),
                // `\%` and `\_` stay as they are: only LIKE gives them a meaning.
                Some(wildcard @ ('%' | '_')) => value.extend(['\\', wildcard]),
                Some(other) => value.push(other),
                None => {}
            }
        } else {
            value.push(c);
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn escapes_are_those_of_the_manual() {
        let cases = [
            ("it''s", "it's"),
            (r"it\'s", "it's"),
            (r#"a\"b"#, "a\"b"),
            (r"\0\b\n\r\t\Z\\", "\0\u{8}\n\r\t\u{1a}\\"),
            (r"50\% a\_b", r"50\% a\_b"),
            (r"\x\y", "xy"),
            ("é\\é", "éé"),
        ];
        for (written, value) in cases {
            assert_eq!(unescape(written, b'\'', true), value, "{written}");
        }
        assert_eq!(unescape("a\\''b", b'\'', false), "a\\'b");
    }
}

//! Cuts a statement into tokens, comments left out.
//!
//! A conditional comment that the target reads counts as its content: opener and closer are blanks.
//! Words, numbers, quotes and comments follow `lex_one_token` in MySQL's `sql_lex.cc`; MariaDB's lexer was not read,
//! its texts in the evaluation corpus agree.

use memchr::{memchr, memchr2, memmem};

use super::Reading;
use super::error::{SyntaxError, SyntaxErrorKind};
use super::keyword::Keyword;
use super::token::{Statement, Token, TokenKind};
use crate::source::Span;

/// Cuts `text` into tokens.
pub(crate) fn tokenise<'a, 't>(
    text: &'a [u8],
    at: usize,
    reading: &Reading<'t>,
) -> Result<Statement<'a, 't>, SyntaxError> {
    if u32::try_from(text.len()).is_err() {
        let span = Span::new(at, at + text.len());
        return Err(SyntaxError { span, kind: SyntaxErrorKind::OutOfRange("the length of the statement") });
    }
    let mut lexer = Lexer {
        text,
        at,
        reading: *reading,
        tokens: Vec::with_capacity(text.len() / 6 + 8),
        comments: Vec::new(),
        open: 0,
        opener: 0,
    };
    lexer.run()?;
    Ok(Statement { text, at, reading: lexer.reading, tokens: lexer.tokens, comments: lexer.comments })
}

struct Lexer<'a, 't> {
    text: &'a [u8],
    at: usize,
    reading: Reading<'t>,
    tokens: Vec<Token>,
    comments: Vec<(u32, u32)>,
    /// How many conditional comments that the target reads are open.
    open: usize,
    /// Where the last of them began.
    opener: usize,
}

impl Lexer<'_, '_> {
    fn run(&mut self) -> Result<(), SyntaxError> {
        let mut at = 0;
        while let Some(&byte) = self.text.get(at) {
            at = match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => at + 1,
                b'`' => self.quoted(at, 0, b'`', TokenKind::Quoted, "the quoted name")?,
                b'"' if self.reading.ansi_quotes => self.quoted(at, 0, b'"', TokenKind::Quoted, "the quoted name")?,
                b'\'' | b'"' => self.quoted(at, 0, byte, TokenKind::String, "the string")?,
                b'0'..=b'9' => self.number(at),
                b'.' => self.point(at),
                b'#' => self.line_comment(at),
                b'-' if self.opens_line_comment(at) => self.line_comment(at),
                b'/' if self.byte(at + 1) == b'*' => self.comment(at)?,
                b'*' if self.open > 0 && self.byte(at + 1) == b'/' => {
                    self.open -= 1;
                    self.blank(at, at + 2)
                }
                b'@' => self.variable(at)?,
                b'N' | b'n' if self.byte(at + 1) == b'\'' => {
                    self.quoted(at, 1, b'\'', TokenKind::NationalString, "the string")?
                }
                b'X' | b'x' if self.byte(at + 1) == b'\'' => self.digits(at, TokenKind::HexString)?,
                b'B' | b'b' if self.byte(at + 1) == b'\'' => self.digits(at, TokenKind::BitString)?,
                b'(' | b')' | b',' | b';' | b'+' | b'*' | b'/' | b'%' | b'^' | b'~' | b'{' | b'}' => {
                    self.push(at, at + 1, TokenKind::Symbol, byte)
                }
                b'?' => return Err(self.parameter(at)),
                _ if is_word_byte(byte) => self.word(at),
                _ => self.operator(at),
            };
        }
        if self.open > 0 {
            return Err(self.unterminated(self.opener, "the conditional comment"));
        }
        self.push(at, at, TokenKind::End, 0);
        Ok(())
    }

    /// The byte there, or 0 beyond the end.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn push(&mut self, start: usize, end: usize, kind: TokenKind, detail: u8) -> usize {
        self.push_word(start, end, kind, detail, Keyword::UNLISTED)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "`tokenise` has checked that offsets fit")]
    fn push_word(&mut self, start: usize, end: usize, kind: TokenKind, detail: u8, keyword: Keyword) -> usize {
        self.tokens.push(Token { start: start as u32, end: end as u32, keyword, kind, detail });
        end
    }

    #[expect(clippy::cast_possible_truncation, reason = "`tokenise` has checked that offsets fit")]
    fn blank(&mut self, start: usize, end: usize) -> usize {
        self.comments.push((start as u32, end as u32));
        end
    }

    /// `?` stands for a value only in prepared statements.
    fn parameter(&self, at: usize) -> SyntaxError {
        let kind =
            SyntaxErrorKind::Unexpected { expected: "a statement without parameters", found: Some("?".to_owned()) };
        SyntaxError { span: Span::new(self.at + at, self.at + at + 1), kind }
    }

    fn unterminated(&self, start: usize, what: &'static str) -> SyntaxError {
        let span = Span::new(self.at + start, self.at + self.text.len());
        SyntaxError { span, kind: SyntaxErrorKind::Unterminated(what) }
    }

    fn word(&mut self, start: usize) -> usize {
        let mut end = start + 1;
        while is_word_byte(self.byte(end)) {
            end += 1;
        }
        // `MY_LEX_IDENT`: what a point and a name follow without a blank is not looked up as a keyword.
        let qualifies = self.byte(end) == b'.' && is_word_byte(self.byte(end + 1));
        let keyword = if qualifies { Keyword::UNLISTED } else { Keyword::of(&self.text[start..end]) };
        self.push_word(start, end, TokenKind::Word, 0, keyword)
    }

    /// Text between quotes, after a prefix of that many bytes.
    fn quoted(
        &mut self,
        start: usize,
        prefix: usize,
        quote: u8,
        kind: TokenKind,
        what: &'static str,
    ) -> Result<usize, SyntaxError> {
        let mut at = start + prefix + 1;
        let mut detail = 0;
        let escapes = kind != TokenKind::Quoted && !self.reading.no_backslash_escapes;
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let stop = if escapes { memchr2(quote, b'\\', rest) } else { memchr(quote, rest) };
            at += stop.ok_or_else(|| self.unterminated(start, what))?;
            let escape = escapes && self.text[at] == b'\\';
            if !escape && self.byte(at + 1) != quote {
                return Ok(self.push(start, at + 1, kind, detail));
            }
            detail = 1;
            at += 2;
        }
    }

    /// `x'…'` and `b'…'`.
    fn digits(&mut self, start: usize, kind: TokenKind) -> Result<usize, SyntaxError> {
        let what = if kind == TokenKind::HexString { "a hexadecimal literal" } else { "a bit literal" };
        let inner = start + 2;
        let length = memchr(b'\'', &self.text[inner..]).ok_or_else(|| self.unterminated(start, what))?;
        let digits = &self.text[inner..inner + length];
        let good = if kind == TokenKind::HexString {
            length % 2 == 0 && digits.iter().all(u8::is_ascii_hexdigit)
        } else {
            digits.iter().all(|digit| matches!(digit, b'0' | b'1'))
        };
        let end = inner + length + 1;
        if !good {
            let span = Span::new(self.at + start, self.at + end);
            return Err(SyntaxError { span, kind: SyntaxErrorKind::BadDigits(what) });
        }
        Ok(self.push(start, end, kind, 0))
    }

    /// What begins with a digit: a number, or a word (`2fa_codes`, `1e`).
    fn number(&mut self, start: usize) -> usize {
        if self.byte(start) == b'0' {
            let (kind, is_digit): (_, fn(u8) -> bool) = match self.byte(start + 1) {
                b'x' => (TokenKind::HexNumber, |byte| byte.is_ascii_hexdigit()),
                b'b' => (TokenKind::BitNumber, |byte| matches!(byte, b'0' | b'1')),
                _ => (TokenKind::Integer, |_| false),
            };
            let end = self.skip(start + 2, is_digit);
            if end > start + 2 && !is_word_byte(self.byte(end)) {
                return self.push(start, end, kind, 0);
            }
        }
        let end = self.skip(start, |byte| byte.is_ascii_digit());
        match self.byte(end) {
            b'.' => self.fraction(start, end),
            b'e' | b'E' => match self.exponent(end) {
                Some(end) => self.push(start, end, TokenKind::Decimal, 0),
                None => self.word(start),
            },
            byte if is_word_byte(byte) => self.word(start),
            _ => self.push(start, end, TokenKind::Integer, 0),
        }
    }

    /// A number from its point on.
    fn fraction(&mut self, start: usize, point: usize) -> usize {
        let end = self.skip(point + 1, |byte| byte.is_ascii_digit());
        let end = match self.byte(end) {
            b'e' | b'E' => self.exponent(end).unwrap_or(end),
            _ => end,
        };
        self.push(start, end, TokenKind::Decimal, 0)
    }

    /// Where the exponent that begins there ends.
    fn exponent(&self, at: usize) -> Option<usize> {
        let signed = at + 1 + usize::from(matches!(self.byte(at + 1), b'+' | b'-'));
        let end = self.skip(signed, |byte| byte.is_ascii_digit());
        (end > signed).then_some(end)
    }

    fn skip(&self, mut at: usize, wanted: impl Fn(u8) -> bool) -> usize {
        while self.text.get(at).is_some_and(|byte| wanted(*byte)) {
            at += 1;
        }
        at
    }

    /// A point: between names, or the beginning of a number. What follows a point that follows a
    /// name is a name, whatever it begins with.
    fn point(&mut self, at: usize) -> usize {
        let after_name = self
            .tokens
            .last()
            .is_some_and(|last| last.end as usize == at && matches!(last.kind, TokenKind::Word | TokenKind::Quoted));
        if !after_name && self.byte(at + 1).is_ascii_digit() {
            return self.fraction(at, at);
        }
        let end = self.push(at, at + 1, TokenKind::Symbol, b'.');
        if after_name && self.byte(end).is_ascii_digit() { self.word(end) } else { end }
    }

    fn variable(&mut self, start: usize) -> Result<usize, SyntaxError> {
        let name = start + 1 + usize::from(self.byte(start + 1) == b'@');
        match self.byte(name) {
            quote @ (b'`' | b'\'' | b'"') => {
                let prefix = name - start;
                let end = self.quoted(start, prefix, quote, TokenKind::Variable, "the variable's name")?;
                Ok(end)
            }
            _ => {
                let end = self.skip(name, |byte| is_word_byte(byte) || byte == b'.');
                Ok(self.push(start, end, TokenKind::Variable, 0))
            }
        }
    }

    fn operator(&mut self, at: usize) -> usize {
        const OPERATORS: [&[u8]; 12] =
            [b"<=>", b"->>", b"<=", b">=", b"<>", b"!=", b"||", b"&&", b"<<", b">>", b"->", b":="];
        let rest = &self.text[at..];
        match OPERATORS.iter().find(|operator| rest.starts_with(operator)) {
            Some(operator) => self.push(at, at + operator.len(), TokenKind::Operator, 0),
            None => self.push(at, at + 1, TokenKind::Symbol, rest[0]),
        }
    }

    /// `-- ` begins a comment only before a blank or a control character.
    fn opens_line_comment(&self, at: usize) -> bool {
        self.byte(at + 1) == b'-' && self.text.get(at + 2).is_none_or(|byte| *byte <= b' ' || *byte == 0x7f)
    }

    fn line_comment(&mut self, start: usize) -> usize {
        let end = memchr(b'\n', &self.text[start..]).map_or(self.text.len(), |length| start + length);
        self.blank(start, end)
    }

    /// A comment between `/*` and `*/`, conditional or not.
    fn comment(&mut self, start: usize) -> Result<usize, SyntaxError> {
        let mariadb_only = self.byte(start + 2) == b'M' && self.byte(start + 3) == b'!';
        if self.byte(start + 2) != b'!' && !mariadb_only {
            let length = memmem::find(&self.text[start + 2..], b"*/");
            let length = length.ok_or_else(|| self.unterminated(start, "the comment"))?;
            return Ok(self.blank(start, start + 2 + length + 2));
        }
        let digits = start + 3 + usize::from(mariadb_only);
        let mut content = digits;
        let mut number = 0;
        while content < digits + 6 && self.byte(content).is_ascii_digit() {
            number = number * 10 + u32::from(self.byte(content) - b'0');
            content += 1;
        }
        if content < digits + 5 {
            // Fewer than five digits are part of the text, not a version.
            (content, number) = (digits, 0);
        }
        if self.reading.target.reads_conditional(number, mariadb_only) {
            self.open += 1;
            self.opener = start;
            return Ok(self.blank(start, content));
        }
        let end = self.skipped_comment(content).ok_or_else(|| self.unterminated(start, "the conditional comment"))?;
        Ok(self.blank(start, end))
    }

    /// Where a conditional comment that is not read ends; one level of comments may be nested in it.
    fn skipped_comment(&self, mut at: usize) -> Option<usize> {
        let mut depth = 1_usize;
        while depth > 0 {
            at += memchr2(b'*', b'/', self.text.get(at..)?)?;
            match (self.text[at], self.byte(at + 1)) {
                (b'*', b'/') => (depth, at) = (depth - 1, at + 2),
                (b'/', b'*') => (depth, at) = (2, at + 2),
                _ => at += 1,
            }
        }
        Some(at)
    }
}

/// Whether a byte can be part of an unquoted word (`ident_map` in `sql_lex.cc`).
#[inline]
const fn is_word_byte(byte: u8) -> bool {
    WORD_BYTES[byte as usize]
}

static WORD_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 255")]
        let c = byte as u8;
        table[byte] = c.is_ascii_alphanumeric() || c == b'_' || c == b'$' || c >= 0x80;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests;

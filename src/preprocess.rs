//! A script's bytes in, its statements out: lossless, and without reading what they say.
//!
//! Statements are cut as the `mysql` command-line client cuts them (client/mysql.cc, `add_line`):
//! at the delimiter outside strings and comments, with the client's own commands (`DELIMITER`,
//! `USE`, `source`, `\g`) seen where the client would see them. The spans of a script's statements,
//! joined, are the script.
//!
//! The room knows no grammar beyond lexemes and the first words of a statement. What `SET sql_mode`
//! changes for what follows is the caller's to tell: see [`Statements::lexis`].

mod kind;
mod lexeme;
mod scan;

use std::fmt;

pub use kind::Kind;

use crate::source::Span;
use crate::target::Target;

/// How text is read at one point of a script: the `sql_mode` flags that change lexemes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lexis {
    /// `ANSI_QUOTES`: `"` quotes identifiers.
    pub ansi_quotes: bool,
    /// `NO_BACKSLASH_ESCAPES`: `\` is a character like others.
    pub no_backslash_escapes: bool,
}

/// One statement of a script.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement<'a> {
    /// Everything from the end of the previous statement to the end of this one's delimiter.
    pub span: Span,
    /// The statement without leading blanks and comments and without its delimiter; empty where
    /// only blanks and comments are left.
    pub body: Span,
    /// The body's bytes.
    pub text: &'a [u8],
    /// What kind of statement it is, by its first words.
    pub kind: Kind<'a>,
}

/// Text that cannot be cut into statements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PreprocessError {
    /// What is wrong.
    pub kind: PreprocessErrorKind,
    /// Where it begins: the opening quote, the opening of the comment.
    pub span: Span,
}

/// The ways in which text cannot be cut into statements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PreprocessErrorKind {
    /// A string without its closing quote.
    UnterminatedString,
    /// A quoted identifier without its closing quote.
    UnterminatedIdentifier,
    /// A comment without its `*/`.
    UnterminatedComment,
    /// Rows without their closing parenthesis at the end of the text.
    TruncatedRows,
    /// `DELIMITER` without a delimiter.
    MissingDelimiter,
    /// Text in UTF-16, which the client does not read.
    Utf16,
}

impl PreprocessErrorKind {
    /// What can be done about it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::UnterminatedString | Self::UnterminatedIdentifier => "is the file complete, and the sql_mode the one that it was written for?",
            Self::UnterminatedComment | Self::TruncatedRows => "is the file complete?",
            Self::MissingDelimiter => "write the delimiter on the same line: `DELIMITER ;;`",
            Self::Utf16 => "convert the file to UTF-8",
        }
    }
}

impl std::error::Error for PreprocessError {}

impl fmt::Display for PreprocessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            PreprocessErrorKind::UnterminatedString => "unterminated string",
            PreprocessErrorKind::UnterminatedIdentifier => "unterminated quoted identifier",
            PreprocessErrorKind::UnterminatedComment => "unterminated comment",
            PreprocessErrorKind::TruncatedRows => "the text ends inside of a statement's rows",
            PreprocessErrorKind::MissingDelimiter => "DELIMITER needs a delimiter",
            PreprocessErrorKind::Utf16 => "the text is UTF-16",
        })
    }
}

/// Cuts a script into statements.
///
/// ```
/// use alterplan::{preprocess::{self, Kind, Lexis}, target::Target};
/// let text = b"-- users\nCREATE TABLE t (a int); INSERT INTO t VALUES (';')";
/// let found: Vec<_> = preprocess::statements(text, Target::DEFAULT, Lexis::default()).collect::<Result<_, _>>()?;
/// assert_eq!(found[0].text, b"CREATE TABLE t (a int)");
/// assert_eq!(found[1].kind, Kind::Data);
/// # Ok::<(), preprocess::PreprocessError>(())
/// ```
pub fn statements(text: &[u8], target: Target, lexis: Lexis) -> Statements<'_> {
    Statements { text, target, at: 0, delimiter: b";", lexis, failed: false }
}

/// One statement that stands alone, whatever delimiters it holds: a step of a plan.
pub fn single(text: &[u8], target: Target) -> Statement<'_> {
    let begin = scan::skip_trivia(text, 0, target).unwrap_or(0);
    let end = begin + text[begin..].trim_ascii_end().len();
    let body = &text[begin..end];
    let kind = if body.is_empty() { Kind::Blank } else { kind::classify(body, target) };
    Statement { span: Span::new(0, text.len()), body: Span::new(begin, end), text: body, kind }
}

/// The text of a statement as the target reads it: without the marks of the conditional comments that
/// it reads, and without those that it does not. Blanks around a mark become one.
///
/// ```
/// use alterplan::{preprocess, target::Target};
/// let text = b"/*!50001 CREATE */\n/*!50013 DEFINER=`a`@`b` */\n/*!50001 VIEW v AS select 1 */";
/// assert_eq!(preprocess::revealed(text, Target::DEFAULT), "CREATE DEFINER=`a`@`b` VIEW v AS select 1");
/// ```
pub fn revealed(text: &[u8], target: Target) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    let mut open = false;
    let mark = |out: &mut Vec<u8>, at: usize| {
        out.truncate(out.trim_ascii_end().len());
        if !out.is_empty() {
            out.push(b' ');
        }
        at + text[at..].len() - text[at..].trim_ascii_start().len()
    };
    while at < text.len() {
        let rest = &text[at..];
        match rest[0] {
            b'\'' | b'"' | b'`' => {
                let end = scan::quoted_end(text, at).unwrap_or(text.len());
                out.extend_from_slice(&text[at..end]);
                at = end;
            }
            b'*' if open && rest.starts_with(b"*/") => {
                open = false;
                at = mark(&mut out, at + 2);
            }
            b'/' if rest.starts_with(b"/*") => match lexeme::conditional_opener(rest) {
                Ok((after, (mariadb, number))) if target.reads_conditional(number, mariadb) => {
                    open = true;
                    at = mark(&mut out, text.len() - after.len());
                }
                Ok(_) => at = mark(&mut out, text.len() - lexeme::block_comment(rest).map_or(0, |(after, _)| after.len())),
                Err(_) => {
                    let end = text.len() - lexeme::block_comment(rest).map_or(0, |(after, _)| after.len());
                    out.extend_from_slice(&text[at..end]);
                    at = end;
                }
            },
            b'#' | b'-' => {
                let end = lexeme::line_comment(rest).map_or(at + 1, |(after, _)| text.len() - after.len());
                out.extend_from_slice(&text[at..end]);
                at = end;
            }
            byte => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(out.trim_ascii()).into_owned()
}

/// The statements of a script, one after the other. After an error there are none.
#[derive(Clone, Debug)]
pub struct Statements<'a> {
    text: &'a [u8],
    target: Target,
    at: usize,
    delimiter: &'a [u8],
    /// How the rest is read: to be changed by the caller after a statement that sets `sql_mode`.
    pub lexis: Lexis,
    failed: bool,
}

impl<'a> Iterator for Statements<'a> {
    type Item = Result<Statement<'a>, PreprocessError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed || self.at >= self.text.len() {
            return None;
        }
        let statement = self.cut();
        match &statement {
            Ok(statement) => self.at = statement.span.end,
            Err(_) => self.failed = true,
        }
        Some(statement)
    }
}

impl<'a> Statements<'a> {
    fn cut(&mut self) -> Result<Statement<'a>, PreprocessError> {
        let (text, start) = (self.text, self.at);
        if start == 0 && (text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF")) {
            return Err(PreprocessError { kind: PreprocessErrorKind::Utf16, span: Span::new(0, 2) });
        }
        let begin = scan::skip_trivia(text, start, self.target)?;
        if begin == text.len() {
            return Ok(self.statement(start, begin, begin, begin, Kind::Blank));
        }
        if let Some(command) = lexeme::client_command(text, begin, self.delimiter) {
            return self.client(start, begin, command);
        }
        let mut end = scan::statement_end(text, begin, self.delimiter, self.lexis)?;
        if self.delimiter != b";" && kind::classify(&text[begin..end.body], self.target) != Kind::Object {
            // The client sends what stands before its delimiter whole, and the server cuts that at `;`,
            // save inside of a stored program.
            let first = scan::statement_end(&text[..end.body], begin, b";", self.lexis)?;
            if first.body < end.body {
                end = first;
            }
        }
        let body_end = begin + text[begin..end.body].trim_ascii_end().len();
        let kind = if body_end == begin { Kind::Blank } else { kind::classify(&text[begin..body_end], self.target) };
        if end.body == text.len() && kind == Kind::Data && scan::open_parentheses(&text[begin..body_end], self.lexis) {
            return Err(PreprocessError { kind: PreprocessErrorKind::TruncatedRows, span: Span::new(body_end.saturating_sub(1), body_end) });
        }
        Ok(self.statement(start, begin, body_end, end.all, kind))
    }

    /// A line that the client itself acts upon.
    fn client(&mut self, start: usize, begin: usize, command: lexeme::ClientCommand<'a>) -> Result<Statement<'a>, PreprocessError> {
        let line_end = command.end;
        let body_end = begin + self.text[begin..line_end].trim_ascii_end().len();
        let kind = match command.word {
            lexeme::ClientWord::Delimiter if command.argument.is_empty() => {
                return Err(PreprocessError { kind: PreprocessErrorKind::MissingDelimiter, span: Span::new(begin, body_end) });
            }
            lexeme::ClientWord::Delimiter => {
                self.delimiter = command.argument;
                Kind::Client
            }
            lexeme::ClientWord::Use => Kind::Use(command.argument),
            lexeme::ClientWord::Other => Kind::Client,
        };
        Ok(self.statement(start, begin, body_end, line_end, kind))
    }

    fn statement(&self, start: usize, begin: usize, body_end: usize, end: usize, kind: Kind<'a>) -> Statement<'a> {
        Statement { span: Span::new(start, end), body: Span::new(begin, body_end), text: &self.text[begin..body_end], kind }
    }
}

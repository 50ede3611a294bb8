//! The preprocessor: bytes in, statements out, nothing lost.
//!
//! Comes in: the bytes of a script and the [`Target`] that would read it. Goes out: [`Statement`]s
//! whose spans, joined, are the text again, each with the [`Kind`] that its first words tell. The room
//! splits as the `mysql` client does (`add_line` and `find_command` in `client/mysql.cc`) and reads comments
//! as the server does; it knows nothing of tables and columns, and never looks into data: a statement
//! of megabytes costs a byte scan and no memory.
//!
//! `grammar/lexical.ebnf` has one production for each parser function of this room.
//!
//! Not followed: character sets whose second bytes can be a backslash (`gbk`, `sjis`, `big5`), which the
//! client knows from its own option and not from the script.

use std::borrow::Cow;

use crate::source::Span;
use crate::target::Target;

mod block;
mod classify;
mod client;
mod error;
#[cfg(test)]
mod grammar;
mod kind;
mod lexeme;
mod passage;
mod reveal;
mod scan;
mod sieve;
mod sql_mode;
mod token;

pub use error::{PreprocessError, Problem};
pub use kind::{Command, Kind, Stored, Verb};
pub use reveal::{revealed, single};
pub use sieve::Sieve;

use client::Delimiter;
use passage::{End, Manner, Passage, Place, Step};
use scan::{Ending, Scanner};
use sql_mode::Session;

/// How text is read at one point of a script: what `SET sql_mode` has changed
/// (MySQL 8.4 manual, section 7.1.11 "Server SQL Modes"; MariaDB KB "SQL_MODE").
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lexis {
    /// `"…"` quotes an identifier, without escapes.
    pub ansi_quotes: bool,
    /// A backslash in a string is a backslash.
    pub no_backslash_escapes: bool,
    /// `||` joins strings.
    pub pipes_as_concat: bool,
    /// `NOT a BETWEEN b AND c` is `(NOT a) BETWEEN b AND c`.
    pub high_not_precedence: bool,
    /// Blanks may stand between a function's name and its parenthesis.
    pub ignore_space: bool,
    /// `REAL` is `FLOAT`.
    pub real_as_float: bool,
    /// MariaDB's `ORACLE` mode: PL/SQL bodies, Oracle's type names.
    pub oracle: bool,
}

impl Lexis {
    /// What either of the two has switched on.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self {
            ansi_quotes: self.ansi_quotes | other.ansi_quotes,
            no_backslash_escapes: self.no_backslash_escapes | other.no_backslash_escapes,
            pipes_as_concat: self.pipes_as_concat | other.pipes_as_concat,
            high_not_precedence: self.high_not_precedence | other.high_not_precedence,
            ignore_space: self.ignore_space | other.ignore_space,
            real_as_float: self.real_as_float | other.real_as_float,
            oracle: self.oracle | other.oracle,
        }
    }

    /// What `self` has switched on and `other` has not.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self {
            ansi_quotes: self.ansi_quotes & !other.ansi_quotes,
            no_backslash_escapes: self.no_backslash_escapes & !other.no_backslash_escapes,
            pipes_as_concat: self.pipes_as_concat & !other.pipes_as_concat,
            high_not_precedence: self.high_not_precedence & !other.high_not_precedence,
            ignore_space: self.ignore_space & !other.ignore_space,
            real_as_float: self.real_as_float & !other.real_as_float,
            oracle: self.oracle & !other.oracle,
        }
    }
}

/// One statement of a script, or one line that the client itself eats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Statement<'a> {
    /// From the end of the statement before to the end of this one's delimiter: leading blanks and
    /// comments, body, delimiter. For a client's line, the line end too.
    pub span: Span,
    /// The statement alone: no leading blanks and comments, no delimiter, no trailing blanks. It
    /// begins at the `/*!` of a conditional comment that the target reads. Empty where nothing stands
    /// between the blanks and the delimiter.
    pub body: Span,
    /// What ended it: the delimiter, `\g` or `\G`; empty at the end of the text and for a client's line.
    pub delimiter: Span,
    /// What its first words say that it is.
    pub kind: Kind,
    /// How its text is to be read.
    pub lexis: Lexis,
    /// The bytes of `body`.
    pub text: &'a [u8],
}

impl<'a> Statement<'a> {
    /// The statement that a [`Kind::SetStatement`] sets variables for; `None` for all other kinds.
    ///
    /// ```
    /// use alterplan::preprocess::{Kind, Lexis, Verb, statements};
    /// use alterplan::target::Target;
    /// let target: Target = "mariadb:11.8".parse()?;
    /// let script = b"SET STATEMENT sql_mode = '' FOR DROP TABLE t;";
    /// let set = statements(script, target, Lexis::default()).next().expect("a statement")?;
    /// let drop = set.governed(target).expect("one that it is for");
    /// assert_eq!((drop.kind, drop.text), (Kind::Table(Verb::Drop), &b"DROP TABLE t"[..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn governed(&self, target: Target) -> Option<Self> {
        let Kind::SetStatement { statement } = self.kind else { return None };
        let behind = &self.text[statement.start - self.body.start..];
        let body = Span::new(self.body.end - behind.trim_ascii_start().len(), self.body.end);
        let text = behind.trim_ascii_start();
        let kind = classify::kind(text, Span::new(0, text.len()), target, self.lexis).moved(body.start);
        Some(Self { body, kind, text, ..*self })
    }

    /// The name that a [`Kind::Use`] selects, without its quotes; `None` for all other kinds. The name is
    /// empty where `USE` stands alone, which the client refuses.
    pub fn database(&self) -> Option<Cow<'a, [u8]>> {
        let Kind::Use { database } = self.kind else { return None };
        let name = &self.text[database.start - self.body.start..database.end - self.body.start];
        let [quote @ (b'`' | b'"' | b'\''), inner @ ..] = name else { return Some(Cow::Borrowed(name)) };
        let inner = inner.strip_suffix(&[*quote]).unwrap_or(inner);
        if !inner.contains(quote) {
            return Some(Cow::Borrowed(inner));
        }
        let mut after_quote = false;
        let keep = |byte: &u8| {
            after_quote = byte == quote && !after_quote;
            !after_quote
        };
        Some(Cow::Owned(inner.iter().copied().filter(keep).collect()))
    }
}

/// Splits a script into statements, in order, starting under `lexis`.
///
/// ```
/// use alterplan::preprocess::{Kind, Lexis, Verb, statements};
/// use alterplan::target::Target;
/// let script = b"-- users\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (';');\n";
/// let read: Vec<_> = statements(script, Target::DEFAULT, Lexis::default()).collect::<Result<_, _>>()?;
/// assert_eq!(read[0].kind, Kind::Table(Verb::Create));
/// assert_eq!(read[0].text, b"CREATE TABLE t (a int)");
/// assert_eq!(read[1].kind, Kind::Data);
/// # Ok::<(), alterplan::preprocess::PreprocessError>(())
/// ```
///
/// # Errors
///
/// An item is an error where the text breaks off in a string, an identifier or a comment, or where it
/// cannot be told how to read on; it is the last item then, and its `rest` covers what was not read.
pub fn statements<'a>(text: &'a [u8], target: Target, lexis: Lexis) -> Statements<'a> {
    Statements {
        text,
        target,
        at: 0,
        more: false,
        scanner: Scanner::new(target, lexis, Delimiter::DEFAULT),
        session: Session::new(target, lexis),
    }
}

/// The statements of a script; made by [`statements`].
#[derive(Clone, Debug)]
pub struct Statements<'a> {
    text: &'a [u8],
    target: Target,
    at: usize,
    /// Whether the text goes on behind its end.
    more: bool,
    scanner: Scanner<'a>,
    session: Session,
}

impl<'a> Iterator for Statements<'a> {
    type Item = Result<Statement<'a>, PreprocessError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.look() {
            Look::Statement(statement) => Some(Ok(statement)),
            Look::Error(error) => Some(Err(error)),
            Look::Rows(from) => Some(self.rows(from)),
            Look::Incomplete | Look::End => None,
        }
    }
}

impl std::iter::FusedIterator for Statements<'_> {}

/// What went wrong, and where it began.
type Fault = (Problem, Span);

/// What comes next in a text.
#[derive(Debug)]
enum Look<'a> {
    Statement(Statement<'a>),
    /// Rows, whose statement's first word ends there. They are passed by a [`Passage`].
    Rows(usize),
    Error(PreprocessError),
    /// What comes next depends on how the text goes on.
    Incomplete,
    End,
}

/// Why a statement cannot be read.
enum Stop {
    Fault(Fault),
    Incomplete,
    Rows(usize),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The longest text that must be seen to know what begins: a byte order mark, a comment's opener, a statement's first word.
const LOOK_AHEAD: usize = 16;

impl<'a> Statements<'a> {
    /// With a delimiter of its own the client sends what stands before it whole, and the server cuts that
    /// at `;`, save inside of a stored program.
    fn sent_together(&self, begin: usize, end: usize) -> Result<Option<Ending>, Fault> {
        if self.scanner.delimiter() == Delimiter::DEFAULT {
            return Ok(None);
        }
        let lexis = self.scanner.lexis();
        let whole = Span::new(begin, end);
        let kind = |body| classify::kind(self.text, body, self.target, lexis);
        let sent = match kind(whole) {
            Kind::SetStatement { statement } => kind(statement),
            sent => sent,
        };
        if matches!(sent, Kind::Stored(Verb::Create, _) | Kind::Client(_)) {
            return Ok(None);
        }
        let first = Scanner::new(self.target, lexis, Delimiter::DEFAULT).scan(&self.text[..end], begin)?;
        Ok((first.delimiter.start < first.delimiter.end && !first.cleared).then_some(first))
    }

    /// The next statement, where the text has here, byte by byte, a statement of another text that the same server read by the
    /// same rules: then that says what reading would. Only of a CREATE TABLE that a `;` behind its last byte ends; all else
    /// has to be read.
    pub(crate) fn repeat(&mut self, like: &Statement<'_>, whole: &[u8]) -> Option<Statement<'a>> {
        let (span, body) = (like.span, like.body);
        let is_plain = span.start > 0
            && like.kind == Kind::Table(Verb::Create)
            && whole.get(body.end - span.start..) == Some(b";")
            && self.at > 0
            && self.scanner.delimiter() == Delimiter::DEFAULT
            && self.scanner.lexis() == like.lexis;
        if !is_plain || !self.text[self.at..].starts_with(whole) {
            return None;
        }
        let here = |offset: usize| offset - span.start + self.at;
        let (start, body) = (self.at, Span::new(here(body.start), here(body.end)));
        self.at = body.end + 1;
        Some(Statement {
            span: Span::new(start, self.at),
            body,
            delimiter: Span::new(body.end, self.at),
            text: &self.text[body.start..body.end],
            ..*like
        })
    }

    /// Reads the next statement, as far as can be told.
    fn look(&mut self) -> Look<'a> {
        if self.at >= self.text.len() {
            return if self.more { Look::Incomplete } else { Look::End };
        }
        match self.read() {
            Ok(statement) => {
                self.at = statement.span.end;
                Look::Statement(statement)
            }
            Err(Stop::Fault((problem, span))) => Look::Error(self.broken(problem, span)),
            Err(Stop::Incomplete) => Look::Incomplete,
            Err(Stop::Rows(from)) => Look::Rows(from),
        }
    }

    /// The end of all reading.
    fn broken(&mut self, problem: Problem, span: Span) -> PreprocessError {
        let rest = Span::new(self.at, self.text.len());
        self.at = self.text.len();
        PreprocessError { problem, span, rest }
    }

    /// The statement of rows that begins with the word that ends at `from`.
    fn rows(&mut self, from: usize) -> Result<Statement<'a>, PreprocessError> {
        let lexis = self.scanner.lexis();
        let manner = Manner { target: self.target, lexis, delimiter: self.scanner.delimiter().bytes() };
        let begin = from - self.text[..from].iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (delimiter, cleared) = match Passage::new().go_on(self.text, from, false, manner) {
            Step::End(End { delimiter, cleared }) => (delimiter, cleared),
            Step::Fault(problem, Place::Here(span)) => return Err(self.broken(problem, span)),
            Step::Fault(problem, Place::Opener(opener)) => {
                let at = from + opener.at;
                return Err(self.broken(problem, Span::new(at, at + opener.length())));
            }
            // The text does not go on.
            Step::More(at) => (Span::new(at, at), false),
        };
        let body = Span::new(begin, begin + self.text[begin..delimiter.start].trim_ascii_end().len());
        let statement = Statement {
            span: Span::new(self.at, delimiter.end),
            body,
            delimiter,
            kind: if cleared { Kind::Client(Command::Clear) } else { Kind::Data },
            lexis,
            text: &self.text[body.start..body.end],
        };
        self.at = delimiter.end;
        Ok(statement)
    }

    /// What a scan found, unless more text could change it.
    fn settled<T>(&self, found: Result<T, Fault>, end: impl Fn(&T) -> usize) -> Result<T, Stop> {
        match found {
            Ok(found) if self.more && end(&found) >= self.text.len() => Err(Stop::Incomplete),
            Err((problem, _)) if self.more && problem.is_at_the_end() => Err(Stop::Incomplete),
            found => found.map_err(Stop::Fault),
        }
    }

    fn read(&mut self) -> Result<Statement<'a>, Stop> {
        if self.more && self.text.len() - self.at < LOOK_AHEAD {
            return Err(Stop::Incomplete);
        }
        if self.at == 0 {
            refuse_wide_text(self.text)?;
        }
        let begin = self.settled(self.scanner.skip_leading(self.text, self.at), |begin| begin + LOOK_AHEAD)?;
        let line = client::command(self.text, Span::new(self.at, begin), &self.scanner);
        if line.is_err() && self.more && memchr::memchr(b'\n', &self.text[begin..]).is_none() {
            return Err(Stop::Incomplete);
        }
        let ends = |line: &Option<client::Line<'_>>| line.as_ref().map_or(0, |line| line.end);
        if let Some(line) = self.settled(line, ends)? {
            return Ok(self.client_line(begin, line));
        }
        if let word @ 1.. = rows_word(self.text, begin).len() {
            return Err(Stop::Rows(begin + word));
        }
        let scanned = self.settled(self.scanner.scan(self.text, begin), |ending| ending.delimiter.end)?;
        let Ending { mut end, mut delimiter, cleared } = scanned;
        if let Some(first) = self.sent_together(begin, end)? {
            (end, delimiter) = (first.end, first.delimiter);
        }
        let body = Span::new(begin, begin + self.text[begin..end].trim_ascii_end().len());
        let lexis = self.scanner.lexis();
        let kind =
            if cleared { Kind::Client(Command::Clear) } else { classify::kind(self.text, body, self.target, lexis) };
        match kind {
            Kind::Client(Command::Delimiter) => {
                let bare = self.text[body.start..body.end].eq_ignore_ascii_case(b"delimiter");
                let problem = if bare { Problem::DelimiterMissing } else { Problem::DelimiterInLine };
                let name = Span::new(body.start, body.start + "delimiter".len().min(body.end - body.start));
                return Err(Stop::Fault((problem, name)));
            }
            Kind::Set => {
                let after = self.session.set(self.text, body)?;
                self.scanner.read_as(after);
            }
            Kind::Data
                if delimiter.start == delimiter.end && reveal::breaks_off(&self.text[body.start..body.end], lexis) =>
            {
                return Err(Stop::Fault((Problem::RowsBreakOff, Span::new(body.end - 1, body.end))));
            }
            Kind::Table(_)
            | Kind::Index(_)
            | Kind::Database(_)
            | Kind::Stored(..)
            | Kind::Use { .. }
            | Kind::SetStatement { .. }
            | Kind::Data
            | Kind::Transaction
            | Kind::Lock
            | Kind::Grant
            | Kind::Client(_)
            | Kind::Fragment(_)
            | Kind::Blank
            | Kind::Other(_) => {}
        }
        Ok(Statement {
            span: Span::new(self.at, delimiter.end),
            body,
            delimiter,
            kind,
            lexis,
            text: &self.text[body.start..body.end],
        })
    }

    fn client_line(&mut self, begin: usize, line: client::Line<'a>) -> Statement<'a> {
        let body = Span::new(begin, line.body_end);
        if let Some(delimiter) = line.delimiter {
            self.scanner.end_at(delimiter);
        }
        Statement {
            span: Span::new(self.at, line.end),
            body,
            delimiter: Span::new(line.end, line.end),
            kind: line.kind,
            lexis: self.scanner.lexis(),
            text: &self.text[body.start..body.end],
        }
    }
}

/// The word at a place that begins a statement of rows, with which a dump is filled; empty where another one stands.
fn rows_word(text: &[u8], begin: usize) -> &[u8] {
    let word = &text[begin..];
    let length = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let is_whole = !word.get(length).is_some_and(|byte| lexeme::is_word_byte(*byte));
    let is_rows = [&b"insert"[..], b"replace"].iter().any(|rows| word[..length].eq_ignore_ascii_case(rows));
    if is_whole && is_rows { &word[..length] } else { b"" }
}

/// Refuses text in units wider than a byte, which no server takes from a script.
fn refuse_wide_text(text: &[u8]) -> Result<(), Fault> {
    let marks: [(&[u8], &'static str); 4] =
        [(b"\xFF\xFE\0\0", "UTF-32"), (b"\0\0\xFE\xFF", "UTF-32"), (b"\xFF\xFE", "UTF-16"), (b"\xFE\xFF", "UTF-16")];
    match marks.into_iter().find(|(mark, _)| text.starts_with(mark)) {
        Some((mark, encoding)) => Err((Problem::WideText(encoding), Span::new(0, mark.len()))),
        None => Ok(()),
    }
}

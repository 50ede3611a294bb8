//! Keeps what defines something and lets rows through, of a text that comes piece by piece.
//!
//! Comes in: the bytes of a script, in pieces of any size. Goes out: a [`Source`] that reads as the whole would, in places too, with
//! no more in it than what is not rows; where rows were left out, the last delimiter of them stands. A definition is held whole,
//! rows never.

use super::client::Delimiter;
use super::passage::{End, LEFT_AT_MOST, Manner, Opener, Passage, Place, Step};
use super::scan::Scanner;
use super::sql_mode::Session;
use super::{Kind, Lexis, Look, Problem, Statements};
use crate::source::{Fault, Omitted, Source, Span, Tally};
use crate::target::Target;

/// So many bytes before and after a fault are kept, to be shown.
const SHOWN: usize = 256;

/// A text on its way through.
///
/// ```
/// use alterplan::preprocess::{Lexis, Sieve};
/// use alterplan::target::Target;
/// let mut sieve = Sieve::new(Target::DEFAULT, Lexis::default());
/// sieve.push(b"CREATE TABLE t (a int);\nINSERT INTO t VALUES (1),");
/// sieve.push(b"(2);\nCREATE TABLE u (a int);\n");
/// let source = sieve.finish("dump.sql");
/// assert_eq!(source.text, b"CREATE TABLE t (a int);;\nCREATE TABLE u (a int);\n");
/// assert_eq!(source.position(25).line, 3);
/// ```
#[derive(Debug)]
pub struct Sieve {
    target: Target,
    lexis: Lexis,
    session: Session,
    delimiter: Box<[u8]>,
    /// Whether nothing was decided yet; else what waits begins with the last byte that was.
    at_start: bool,
    /// What is not decided yet.
    waiting: Vec<u8>,
    /// So much must wait before another look is worth it.
    enough: usize,
    kept: Vec<u8>,
    omitted: Omitted,
    rows: Option<Rows>,
    /// How many bytes at the end of what is kept are the delimiter of rows that were left out.
    rows_delimiter: usize,
    /// Whether the text cannot be read on.
    broken: bool,
}

/// Rows that are being passed.
#[derive(Debug)]
struct Rows {
    passage: Passage,
    /// How many bytes of the statement's beginning are kept: where rows may end with another delimiter than that in force, what is
    /// left of them must still be seen to be rows.
    head: usize,
    /// What stands around the places where something opened that is open still and was passed.
    open: Vec<(Opener, Excerpt)>,
}

/// A little of what was passed, with the count of what stands before it.
#[derive(Debug)]
struct Excerpt {
    tally: Tally,
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Excerpt {
    /// What stands around a place, of which all before is counted: from its line, and from `from` on.
    fn around(text: &[u8], from: usize, at: usize, mut tally: Tally) -> Self {
        let from = from.max(at.saturating_sub(SHOWN));
        let start = memchr::memrchr(b'\n', &text[from..at]).map_or(from, |line| from + line + 1);
        let (mut counted, before) = (Tally::default(), &text[start..at]);
        counted.add(before);
        tally.column = tally.column.saturating_sub(counted.column);
        Self { tally, before: before.to_vec(), after: text[at..text.len().min(at + SHOWN)].to_vec() }
    }
}

impl Sieve {
    /// So much room before a piece spares copying it.
    pub const ROOM: usize = LEFT_AT_MOST + 64;

    /// Begins a text that is read under `lexis`.
    pub fn new(target: Target, lexis: Lexis) -> Self {
        Self {
            target,
            lexis,
            session: Session::new(target, lexis),
            delimiter: b";"[..].into(),
            at_start: true,
            waiting: Vec::new(),
            enough: 0,
            kept: Vec::new(),
            omitted: Omitted::default(),
            rows: None,
            rows_delimiter: 0,
            broken: false,
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.waiting.extend_from_slice(piece);
        if self.waiting.len() < self.enough {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        let decided = self.sift(&waiting, true);
        waiting.drain(..decided);
        self.wait_for(waiting);
    }

    /// Takes the next piece, which begins behind the first [`ROOM`](Self::ROOM) bytes: what is there is written over.
    pub fn push_with_room(&mut self, piece: &mut [u8]) {
        let start = Self::ROOM.checked_sub(self.waiting.len()).filter(|start| piece.len() - start >= self.enough);
        let Some(start) = start else { return self.push(&piece[Self::ROOM..]) };
        let mut waiting = std::mem::take(&mut self.waiting);
        piece[start..Self::ROOM].copy_from_slice(&waiting);
        let decided = self.sift(&piece[start..], true);
        waiting.clear();
        waiting.extend_from_slice(&piece[start + decided..]);
        self.wait_for(waiting);
    }

    /// What is not decided is looked at from its beginning again, so it is to grow by as much first, where it is long.
    fn wait_for(&mut self, waiting: Vec<u8>) {
        self.enough = if waiting.len() > Self::ROOM { waiting.len() * 2 } else { 0 };
        self.waiting = waiting;
    }

    /// Ends the text.
    pub fn finish(mut self, name: impl Into<String>) -> Source {
        let waiting = std::mem::take(&mut self.waiting);
        self.sift(&waiting, false);
        Source::with_omissions(name, self.kept, self.omitted)
    }

    /// Goes through a piece; how much of it need not come again.
    fn sift(&mut self, text: &[u8], more: bool) -> usize {
        let mut at = usize::from(!self.at_start).min(text.len());
        while !self.broken {
            let on = match self.rows.take() {
                Some(rows) => self.pass(rows, text, at, more),
                None => self.keep(text, at, more),
            };
            match on {
                Ok(next) => at = next,
                Err(undecided) => {
                    self.at_start = undecided == 0;
                    return undecided.saturating_sub(1);
                }
            }
        }
        text.len()
    }

    /// Goes on past rows: to where they end, or as far as can be told.
    fn pass(&mut self, mut rows: Rows, text: &[u8], at: usize, more: bool) -> Result<usize, usize> {
        let manner = Manner { target: self.target, lexis: self.lexis, delimiter: &self.delimiter };
        let passed = rows.passage.passed;
        match rows.passage.go_on(text, at, more, manner) {
            Step::More(to) => {
                let Rows { passage, open, .. } = &mut rows;
                open.retain(|(known, _)| passage.open().any(|opener| opener == *known));
                for opener in passage.open().skip(open.len()) {
                    open.push((opener, Excerpt::around(text, at, at + opener.at - passed, opener.tally)));
                }
                self.rows = Some(rows);
                Err(to)
            }
            Step::End(End { delimiter, cleared }) => {
                let ending = &text[delimiter.start..delimiter.end];
                if rows.head == 0 {
                    self.leave_out(rows.passage.tally, ending, cleared);
                } else {
                    self.omitted.cut(self.kept.len(), rows.passage.tally);
                    self.kept.extend_from_slice(ending);
                    self.rows_delimiter = 0;
                }
                Ok(delimiter.end)
            }
            Step::Fault(problem, place) => {
                let (length, excerpt) = match place {
                    Place::Here(span) => {
                        let mut tally = rows.passage.tally;
                        // The count stands at the place, or right behind it where nothing else was left.
                        let behind = (at + rows.passage.passed - passed).saturating_sub(span.start);
                        tally.column = tally.column.saturating_sub(behind);
                        (span.end - span.start, Excerpt::around(text, at.min(span.start), span.start, tally))
                    }
                    Place::Opener(opener) => {
                        let known = rows.open.into_iter().find(|(known, _)| *known == opener);
                        let around = || Excerpt::around(text, at, at + opener.at - passed, opener.tally);
                        (opener.length(), known.map_or_else(around, |(_, excerpt)| excerpt))
                    }
                };
                self.break_off(problem, rows.head, length, &excerpt);
                Ok(text.len())
            }
        }
    }

    /// Keeps statements that are no rows: up to where rows begin, or as far as can be told.
    fn keep(&mut self, text: &[u8], at: usize, more: bool) -> Result<usize, usize> {
        let delimiter = std::mem::take(&mut self.delimiter);
        let mut statements = Statements {
            text,
            target: self.target,
            at,
            more,
            scanner: Scanner::new(self.target, self.lexis, Delimiter::of(&delimiter)),
            session: std::mem::replace(&mut self.session, Session::new(self.target, self.lexis)),
        };
        let on = loop {
            let start = statements.at;
            match statements.look() {
                Look::Statement(statement)
                    if statement.kind == Kind::Data && statements.scanner.delimiter() == Delimiter::DEFAULT =>
                {
                    let mut tally = Tally::default();
                    tally.add(&text[start..statement.delimiter.start]);
                    self.leave_out(tally, &text[statement.delimiter.start..statement.delimiter.end], false);
                }
                Look::Statement(statement) => {
                    self.kept.extend_from_slice(&text[statement.span.start..statement.span.end]);
                    self.rows_delimiter = 0;
                }
                Look::Rows(from) => {
                    let mut passage = Passage::new();
                    let mut head = 0;
                    if statements.scanner.delimiter() == Delimiter::DEFAULT {
                        passage.tally.add(&text[start..from]);
                    } else {
                        self.kept.extend_from_slice(&text[start..from]);
                        head = from - start;
                    }
                    self.rows = Some(Rows { passage, head, open: Vec::new() });
                    break Ok(from);
                }
                Look::Error(_) => {
                    // The same error is found again in what is kept.
                    self.kept.extend_from_slice(&text[start..]);
                    self.broken = true;
                    break Ok(text.len());
                }
                Look::Incomplete | Look::End => break Err(start),
            }
        };
        self.lexis = statements.scanner.lexis();
        self.delimiter = statements.scanner.delimiter().bytes().into();
        self.session = statements.session;
        on
    }

    /// Leaves a statement out, of which only the delimiter is kept.
    fn leave_out(&mut self, tally: Tally, delimiter: &[u8], cleared: bool) {
        let mut whole = Tally::default();
        // Of rows after rows one delimiter is enough.
        whole.add(&self.kept.split_off(self.kept.len() - self.rows_delimiter));
        whole.join(tally.lines, tally.column);
        self.omitted.cut(self.kept.len(), whole);
        self.kept.extend_from_slice(delimiter);
        self.rows_delimiter = if cleared { 0 } else { delimiter.len() };
        self.omitted.statements += usize::from(!cleared);
    }

    /// Ends with what is wrong with rows, of which a little is kept to be shown.
    fn break_off(&mut self, problem: Problem, head: usize, length: usize, excerpt: &Excerpt) {
        let from = self.kept.len() - head;
        let mut tally = excerpt.tally;
        if tally.lines > 0 {
            // What is shown begins a line, as it did.
            self.kept.push(b'\n');
            tally.lines -= 1;
        }
        self.omitted.cut(self.kept.len(), tally);
        self.kept.extend_from_slice(&excerpt.before);
        let at = self.kept.len();
        self.kept.extend_from_slice(&excerpt.after);
        let span = Span::new(at, at + length);
        self.omitted.fault = Some(Fault { message: problem.to_string(), hint: problem.hint(), span, from });
        self.broken = true;
    }
}

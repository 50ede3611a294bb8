//! The way past rows: from the first word of a statement of data to its end, piece by piece as the text comes, keeping
//! nothing of it but where it stands.
//!
//! It sees what [`Scanner::scan`](super::scan::Scanner) sees, with a state in the place of the text before: a test holds the two
//! together. What is open and short at the end of a piece is not taken but read again with the next.

use memchr::{memchr, memchr2, memmem};

use super::block::{self, Quote, Wanted};
use super::client::{self, Letter};
use super::lexeme::{self, is_blank};
use super::{Fault, Lexis, Problem};
use crate::source::{Span, Tally};
use crate::target::Target;

/// So many bytes at the end of a piece may be left for the next one.
pub(super) const LEFT_AT_MOST: usize = 4 * 1024;

/// The longest text that must be seen whole to be known: `/*M!123456` with the blank after it.
const LOOK_AHEAD: usize = 16;

/// How text is read and where it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Manner<'d> {
    pub(super) target: Target,
    pub(super) lexis: Lexis,
    /// What ends a statement; `;` ends rows besides.
    pub(super) delimiter: &'d [u8],
}

/// What is open where a piece of the text ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Code,
    /// A string or an identifier, by its quote; whether a backslash takes the next byte.
    Quoted {
        quote: u8,
        escapes: bool,
    },
    Line,
    Block,
    /// A conditional comment that the target does not read.
    Skipped,
    /// A plain comment in such a one.
    Inner,
}

/// Where something opened that is not closed yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Opener {
    problem: Problem,
    /// From the beginning of the passage.
    pub(super) at: usize,
    length: usize,
    /// What stands before it.
    pub(super) tally: Tally,
}

/// A way past rows that has been begun.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    state: State,
    /// What the state is about.
    opener: Option<Opener>,
    /// The conditional comment that is open and that the target reads.
    conditional: Option<Opener>,
    depth: i64,
    /// What was passed, as lines and columns.
    pub(super) tally: Tally,
    /// How much was passed.
    pub(super) passed: usize,
}

/// How far a passage has come with a piece of the text. Places are in the piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All up to there is passed; the rest is to come again with what follows it.
    More(usize),
    /// The rows end there.
    End(End),
    /// They cannot be read.
    Fault(Problem, Place),
}

/// Where rows end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) delimiter: Span,
    /// Whether `\c` throws the statement away.
    pub(super) cleared: bool,
}

/// The place of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the piece.
    Here(Span),
    /// At what opened, perhaps long ago.
    Opener(Opener),
}

impl Opener {
    /// Its length in bytes.
    pub(super) fn length(&self) -> usize {
        self.length
    }
}

impl Passage {
    /// Begins where rows begin: behind the statement's first word, with what the text had before.
    pub(super) fn new() -> Self {
        Self { state: State::Code, opener: None, conditional: None, depth: 0, tally: Tally::default(), passed: 0 }
    }

    /// Where what is open opened.
    pub(super) fn open(&self) -> impl Iterator<Item = Opener> {
        self.conditional.into_iter().chain(self.opener)
    }

    /// Goes on through a piece from `from` on; `more` says that the text does not end with it.
    pub(super) fn go_on(&mut self, text: &[u8], from: usize, more: bool, manner: Manner<'_>) -> Step {
        let mut way = Way { passage: self, text, at: from, from, more, manner, crowded_to: 0 };
        way.go()
    }
}

/// A passage through one piece.
struct Way<'p, 't> {
    passage: &'p mut Passage,
    text: &'t [u8],
    at: usize,
    from: usize,
    more: bool,
    manner: Manner<'t>,
    /// Up to where so much needs a closer look that looking at whole blocks does not pay.
    crowded_to: usize,
}

impl Way<'_, '_> {
    fn go(&mut self) -> Step {
        loop {
            let step = match self.passage.state {
                State::Code => self.code(),
                State::Quoted { quote, escapes } => self.quoted(quote, escapes),
                State::Line => self.until(b"\n"),
                State::Block => self.until(b"*/"),
                State::Skipped => self.skipped(),
                State::Inner => self.until(b"*/"),
            };
            match step {
                Ok(None) => {}
                Ok(Some(step)) => return step,
                Err((problem, span)) => return Step::Fault(problem, Place::Here(span)),
            }
        }
    }

    /// Passes all up to a place.
    fn pass_to(&mut self, to: usize) {
        self.passage.tally.add(&self.text[self.at..to]);
        self.passage.passed += to - self.at;
        self.at = to;
    }

    /// What is open opens here, after so many bytes.
    fn opens(&mut self, state: State, problem: Problem, length: usize) {
        let at = self.passage.passed;
        self.passage.opener = Some(Opener { problem, at, length, tally: self.passage.tally });
        self.passage.state = state;
        self.pass_to(self.at + length);
    }

    fn closes(&mut self, to: usize) {
        self.pass_to(to);
        self.passage.state = State::Code;
        self.passage.opener = None;
    }

    /// The end of the piece inside of something, of which all before `seen` was looked at: what is short is left whole.
    fn breaks_off(&mut self, seen: usize) -> Step {
        let Some(opener) = self.passage.opener else { return Step::More(self.at) };
        if !self.more {
            return Step::Fault(opener.problem, Place::Opener(opener));
        }
        let back = self.passage.passed - opener.at;
        if back <= self.at - self.from && self.text.len() - (self.at - back) <= LEFT_AT_MOST {
            self.passage.passed = opener.at;
            self.passage.tally = opener.tally;
            self.passage.state = State::Code;
            self.passage.opener = None;
            return Step::More(self.at - back);
        }
        // Of what is long all is passed but the last byte, which may begin its end.
        self.pass_to(seen.max(self.text.len().saturating_sub(1)));
        Step::More(self.at)
    }

    fn quoted(&mut self, quote: u8, escapes: bool) -> Result<Option<Step>, Fault> {
        let mut at = self.at;
        loop {
            let rest = &self.text[at..];
            let found = if escapes { memchr2(quote, b'\\', rest) } else { memchr(quote, rest) };
            let Some(found) = found else { return Ok(Some(self.breaks_off(at))) };
            at += found;
            let next = self.text.get(at + 1);
            if next.is_none() && self.more {
                return Ok(Some(self.breaks_off(at)));
            }
            if self.text[at] == quote && next != Some(&quote) {
                self.closes(at + 1);
                return Ok(None);
            }
            if next.is_none() {
                return Ok(Some(self.breaks_off(at)));
            }
            at += 2;
        }
    }

    /// A comment up to its end, the line feed of which is not its own.
    fn until(&mut self, end: &[u8]) -> Result<Option<Step>, Fault> {
        let is_line = self.passage.state == State::Line;
        match memmem::find(&self.text[self.at..], end) {
            Some(found) if self.passage.state == State::Inner => {
                self.pass_to(self.at + found + end.len());
                self.passage.state = State::Skipped;
                Ok(None)
            }
            Some(found) => {
                self.closes(self.at + found + if is_line { 0 } else { end.len() });
                Ok(None)
            }
            None if is_line && !self.more => {
                self.closes(self.text.len());
                Ok(None)
            }
            None => Ok(Some(self.breaks_off(self.at))),
        }
    }

    fn skipped(&mut self) -> Result<Option<Step>, Fault> {
        let mut at = self.at;
        while let Some(found) = memchr2(b'*', b'/', &self.text[at..]) {
            at += found;
            if self.text[at..].starts_with(b"*/") {
                self.closes(at + 2);
                return Ok(None);
            }
            if self.text[at..].starts_with(b"/*") {
                self.pass_to(at + 2);
                self.passage.state = State::Inner;
                return Ok(None);
            }
            at += 1;
        }
        Ok(Some(self.breaks_off(at)))
    }

    fn code(&mut self) -> Result<Option<Step>, Fault> {
        let Manner { target, lexis, delimiter } = self.manner;
        let first = delimiter.first().copied().unwrap_or(b';');
        let escapes = !lexis.no_backslash_escapes;
        let is_plain = self.passage.conditional.is_none() && first != b'\'' && self.at >= self.crowded_to;
        if is_plain && self.text.len() - self.at >= block::BLOCK {
            let passed = block::pass(&self.text[self.at..], Wanted { quote: Quote::String, delimiter: first, escapes });
            self.at += passed.length;
            self.passage.passed += passed.length;
            self.passage.depth += passed.depth;
            self.passage.tally.join(passed.lines, passed.column);
            if passed.length < block::BLOCK {
                self.crowded_to = self.at + 4 * block::BLOCK;
            }
        }
        let is_special = |byte: &u8| {
            matches!(byte, b'\'' | b'"' | b'`' | b'#' | b'-' | b'/' | b'*' | b'\\' | b';' | b'(' | b')')
                || *byte == first
        };
        let Some(step) = self.text[self.at..].iter().position(is_special) else {
            return Ok(Some(self.ends_here()));
        };
        let at = self.at + step;
        let rest = &self.text[at..];
        if self.more && rest.len() < LOOK_AHEAD.max(delimiter.len() + 1) {
            return Ok(Some(self.ends_here()));
        }
        self.pass_to(at);
        if rest[0] == b'\\' && escapes {
            return self.backslash();
        }
        for end in [delimiter, b";"] {
            if rest.starts_with(end) {
                return Ok(Some(self.ended(Span::new(at, at + end.len()), false)));
            }
        }
        match rest[0] {
            b'\'' => self.opens(State::Quoted { quote: b'\'', escapes }, Problem::UnterminatedString('\''), 1),
            b'"' if !lexis.ansi_quotes => {
                self.opens(State::Quoted { quote: b'"', escapes }, Problem::UnterminatedString('"'), 1);
            }
            quote @ (b'"' | b'`') => {
                let problem = Problem::UnterminatedIdentifier(char::from(quote));
                self.opens(State::Quoted { quote, escapes: false }, problem, 1);
            }
            b'#' => self.opens(State::Line, Problem::UnterminatedComment, 1),
            b'-' if rest.starts_with(b"--")
                && rest.get(2).is_none_or(|byte| is_blank(*byte) || byte.is_ascii_control()) =>
            {
                self.opens(State::Line, Problem::UnterminatedComment, 2);
            }
            b'/' => match lexeme::conditional_opener(rest, target) {
                Ok((after, condition)) => {
                    let length = rest.len() - after.len();
                    let tally = self.passage.tally;
                    if condition.is_read_by(target) {
                        let at = self.passage.passed;
                        let problem = Problem::UnterminatedConditional;
                        self.passage.conditional = Some(Opener { problem, at, length, tally });
                        self.pass_to(self.at + length);
                    } else {
                        self.opens(State::Skipped, Problem::UnterminatedConditional, length);
                    }
                }
                Err(_) if rest.starts_with(b"/*") => self.opens(State::Block, Problem::UnterminatedComment, 2),
                Err(_) => self.pass_to(at + 1),
            },
            b'*' if self.passage.conditional.is_some() && rest.starts_with(b"*/") => {
                self.passage.conditional = None;
                self.pass_to(at + 2);
            }
            byte => {
                self.passage.depth += i64::from(byte == b'(') - i64::from(byte == b')');
                self.pass_to(at + 1);
            }
        }
        Ok(None)
    }

    fn backslash(&mut self) -> Result<Option<Step>, Fault> {
        let at = self.at;
        let rest = &self.text[at..];
        let span = Span::new(at, at + rest.len().min(2));
        match rest.get(1).map(|byte| (*byte, client::letter(*byte))) {
            // The last byte of all ends the rows, but not the comment around them.
            None => Ok(Some(self.unterminated().unwrap_or_else(|| self.ended(span, false)))),
            Some((_, Some(Letter::Go))) => Ok(Some(self.ended(span, false))),
            Some((_, Some(Letter::Clear))) => Ok(Some(self.ended(span, true))),
            Some((_, Some(Letter::Alone(_) | Letter::Null))) => {
                self.pass_to(at + 2);
                Ok(None)
            }
            Some((letter, Some(Letter::Delimiter | Letter::Use | Letter::WithLine(_)))) => {
                Err((Problem::CommandInStatement(letter), span))
            }
            Some((letter, None)) => Err((Problem::UnknownCommand(letter), span)),
        }
    }

    /// What is wrong where the text ends in a conditional comment.
    fn unterminated(&self) -> Option<Step> {
        let opener = self.passage.conditional?;
        Some(Step::Fault(Problem::UnterminatedConditional, Place::Opener(opener)))
    }

    /// What ends rows must not stand in a conditional comment.
    fn ended(&mut self, delimiter: Span, cleared: bool) -> Step {
        match self.passage.conditional {
            Some(opener) => Step::Fault(Problem::DelimiterInConditional, Place::Opener(opener)),
            None => Step::End(End { delimiter, cleared }),
        }
    }

    /// The end of the piece outside of strings. The last byte that is no blank is left, for it may be what an error is about.
    fn ends_here(&mut self) -> Step {
        let rest = &self.text[self.at..];
        let seen = rest.trim_ascii_end().len();
        if self.more {
            let special = LOOK_AHEAD.max(self.manner.delimiter.len() + 1);
            let to = seen.saturating_sub(special);
            let to = if rest.len() - to > LEFT_AT_MOST { rest.len() } else { to };
            // What is special stops the way before this; so all up to there is plain.
            self.pass_to(self.at + to);
            return Step::More(self.at);
        }
        if let Some(fault) = self.unterminated() {
            return fault;
        }
        if self.passage.depth > 0 {
            self.pass_to(self.at + seen.saturating_sub(1));
            let at = if seen == 0 { self.at.saturating_sub(1) } else { self.at };
            return Step::Fault(Problem::RowsBreakOff, Place::Here(Span::new(at, at + 1)));
        }
        self.pass_to(self.text.len());
        let end = self.text.len();
        Step::End(End { delimiter: Span::new(end, end), cleared: false })
    }
}

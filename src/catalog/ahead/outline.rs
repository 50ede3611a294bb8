//! Outlines: sources cut into statements, with the session that each definition of a table is read in.
//!
//! In: a side's sources, and the outline of the side that it is compared with. Out: portions, each handed out as soon as it is
//! cut. What stands in the other side's words is neither cut nor read again.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::Given;
use crate::catalog::Catalog;
use crate::catalog::script::Run;
use crate::preprocess::{self, Kind, Lexis, PreprocessError, Statement, Statements, Verb};
use crate::source::{Location, Span};

/// So many statements go to a core at a time.
const PORTION: usize = 32;

/// Statements that follow each other in one source; the definitions among them are read in one frame.
pub(super) struct Portion<'a> {
    pub(super) source: usize,
    /// None where nothing defines a table.
    pub(super) frame: Option<Frame>,
    pub(super) entries: Vec<Entry<'a>>,
}

impl<'a> Portion<'a> {
    pub(super) fn frame_number(&self) -> Option<usize> {
        self.frame.as_ref().map(|frame| frame.number)
    }

    pub(super) fn definitions(&self) -> impl Iterator<Item = &Definition<'a>> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Table(definition) => Some(definition),
            Entry::Other(_) | Entry::Unreadable(_) => None,
        })
    }

    /// Whether any of its tables has to be built.
    pub(super) fn is_wanted(&self) -> bool {
        self.definitions().any(|definition| definition.twin.is_none())
    }
}

/// The session and the database that definitions are read in: a server with that database alone.
#[derive(Clone)]
pub(super) struct Frame {
    /// Equal where definitions are read alike, on whichever side.
    pub(super) number: usize,
    pub(super) server: Arc<Catalog>,
}

pub(super) enum Entry<'a> {
    /// What makes a table.
    Table(Definition<'a>),
    /// Another statement.
    Other(Box<Statement<'a>>),
    /// The end of what can be read.
    Unreadable(Box<PreprocessError>),
}

/// A CREATE TABLE.
#[derive(Clone, Copy)]
pub(super) struct Definition<'a> {
    span: Span,
    /// Where its body begins.
    start: usize,
    pub(super) text: &'a [u8],
    lexis: Lexis,
    /// The definition of the other side that says the same in the same words, read by the same rules.
    pub(super) twin: Option<Twin>,
}

/// A place on the other side: the portion, and the entry in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Twin {
    pub(super) portion: u32,
    pub(super) entry: u32,
}

impl<'a> Definition<'a> {
    fn of(statement: &Statement<'a>, twin: Option<Twin>) -> Self {
        let Statement { span, body, lexis, text, .. } = *statement;
        Self { span, start: body.start, text, lexis, twin }
    }

    /// Its statement, without its delimiter.
    pub(super) fn statement(&self) -> Statement<'a> {
        let body = Span::new(self.start, self.start + self.text.len());
        Statement {
            span: self.span,
            body,
            delimiter: Span::new(body.end, body.end),
            kind: Kind::Table(Verb::Create),
            lexis: self.lexis,
            text: self.text,
        }
    }

    pub(super) fn location(&self, source: usize) -> Location {
        Location { source, span: Span::new(self.start, self.start + self.text.len()) }
    }
}

/// The frames of both sides.
#[derive(Default)]
pub(super) struct Frames(Vec<Frame>);

impl Frames {
    /// The frame of a server as it now is, of which the last one may be known.
    fn of(&mut self, server: &Catalog, last: Option<&Frame>) -> Frame {
        let is_like = |frame: &&Frame| frame.server.reads_like(server);
        if let Some(known) = last.filter(is_like).or_else(|| self.0.iter().find(is_like)) {
            return known.clone();
        }
        let frame = Frame { number: self.0.len(), server: Arc::new(server.current_alone()) };
        self.0.push(frame.clone());
        frame
    }
}

/// One side's portions.
pub(super) type Outline<'a> = Vec<Arc<Portion<'a>>>;

/// Cuts a side's sources, and follows the session and the databases, by a server without tables.
pub(super) fn cut<'a>(
    given: Given<'a>,
    other: Option<(Given<'a>, &Outline<'a>)>,
    frames: &mut Frames,
    hand_out: &mut dyn FnMut(&Arc<Portion<'a>>),
) -> Outline<'a> {
    let mut server = Catalog::new(given.target, given.session.clone());
    // What goes wrong here goes wrong again, and is reported, when the script is run.
    let mut run = Run::default();
    let mut twins =
        other.filter(|(other, _)| other.target == given.target).map(|(other, outline)| Twins::of(other, outline));
    let mut outline = Outline::new();
    for (source, text) in given.sources.iter().enumerate() {
        let outside = server.session.clone();
        server.current = server.database_index(None);
        let mut statements = preprocess::statements(text.script(), given.target, server.session.lexis());
        let mut portion = Portion { source, frame: None, entries: Vec::new() };
        let mut close = |portion: &mut Portion<'a>| {
            let next = Portion { source, frame: portion.frame.clone(), entries: Vec::with_capacity(PORTION) };
            let closed = Arc::new(std::mem::replace(portion, next));
            hand_out(&closed);
            outline.push(closed);
        };
        // The frame, as long as nothing has been said that could be of another one.
        let mut current: Option<Frame> = None;
        loop {
            let repeated = match (&mut twins, &current) {
                (Some(twins), Some(frame)) => twins.repeated(&mut statements, frame),
                (Some(_) | None, _) => None,
            };
            if let Some((statement, twin)) = repeated {
                portion.entries.push(Entry::Table(Definition::of(&statement, Some(twin))));
            } else {
                let Some(read) = statements.next() else { break };
                let entry = match read {
                    Ok(statement) if statement.kind == Kind::Table(Verb::Create) => {
                        let frame = &*current.get_or_insert_with(|| frames.of(&server, portion.frame.as_ref()));
                        if portion.frame_number() != Some(frame.number) {
                            if portion.frame.is_some() && !portion.entries.is_empty() {
                                close(&mut portion);
                            }
                            portion.frame = Some(frame.clone());
                        }
                        let twin = twins.as_mut().and_then(|twins| twins.find(&statement, frame));
                        Entry::Table(Definition::of(&statement, twin))
                    }
                    Ok(statement) => {
                        let kind = statement.governed(given.target).map_or(statement.kind, |governed| governed.kind);
                        if matches!(kind, Kind::Set | Kind::Use { .. } | Kind::Database(_)) {
                            run.statement(&mut server, &statement, source);
                            current = None;
                        }
                        Entry::Other(Box::new(statement))
                    }
                    Err(error) => Entry::Unreadable(Box::new(error)),
                };
                portion.entries.push(entry);
            }
            if portion.entries.len() == PORTION {
                close(&mut portion);
            }
        }
        if !portion.entries.is_empty() {
            close(&mut portion);
        }
        server.session = outside;
    }
    outline
}

/// So many definitions of the other side are looked through for one before all are.
const NEAR: usize = 4;

/// So many bytes of a definition hold its table's name, but for what is unusual.
const BEGINNING: usize = 64;

/// The definitions of the other side, to be found by one that mostly says the same in the same order. One that is there and
/// not found costs time and nothing else.
struct Twins<'o, 'a> {
    given: Given<'a>,
    outline: &'o Outline<'a>,
    /// Behind the last one that was found.
    next: Place,
    /// Places of texts by their beginnings, made when a text is not near the last one.
    known: Option<HashMap<&'a [u8], Place, RandomState>>,
}

/// The portion, and the entry in it.
type Place = (usize, usize);

impl<'o, 'a> Twins<'o, 'a> {
    const fn of(given: Given<'a>, outline: &'o Outline<'a>) -> Self {
        Self { given, outline, next: (0, 0), known: None }
    }

    /// The definitions from a place on.
    fn from(&self, place: Place) -> impl Iterator<Item = (Place, &'o Portion<'a>, &'o Definition<'a>)> + use<'o, 'a> {
        let outline = self.outline;
        let portions = outline.iter().enumerate().skip(place.0);
        portions.flat_map(move |(number, portion)| {
            let first = if number == place.0 { place.1 } else { 0 };
            portion.entries.iter().enumerate().skip(first).filter_map(move |(entry, what)| match what {
                Entry::Table(definition) => Some(((number, entry), &**portion, definition)),
                Entry::Other(_) | Entry::Unreadable(_) => None,
            })
        })
    }

    /// The next statement of a text, where it is the next definition of the other side once more.
    fn repeated(&mut self, statements: &mut Statements<'a>, frame: &Frame) -> Option<(Statement<'a>, Twin)> {
        let (place, portion, definition) = self.from(self.next).next()?;
        if portion.frame.as_ref()?.number != frame.number {
            return None;
        }
        let text = self.given.sources.get(portion.source)?.script();
        let whole = text.get(definition.span.start..definition.span.end)?;
        let statement = statements.repeat(&definition.statement(), whole)?;
        Some((statement, self.found(place)?))
    }

    /// The definition of the same text that is read alike.
    fn find(&mut self, statement: &Statement<'_>, frame: &Frame) -> Option<Twin> {
        let text = statement.text;
        let beginning = text.get(..BEGINNING).unwrap_or(text);
        let mut same_table = None;
        let mut place = None;
        for (near, _, definition) in self.from(self.next).take(NEAR) {
            if definition.text == text {
                place = Some(near);
                break;
            }
            if same_table.is_none() && definition.text.starts_with(beginning) {
                same_table = Some(near);
            }
        }
        if let (None, Some((portion, entry))) = (place, same_table) {
            // The same table, changed.
            self.next = (portion, entry + 1);
            return None;
        }
        let place = place.or_else(|| self.anywhere(beginning))?;
        let (_, portion, definition) = self.from(place).next()?;
        if definition.text != text {
            return None;
        }
        let twin = self.found(place);
        let is_alike = portion.frame.as_ref().is_some_and(|other| other.number == frame.number)
            && definition.lexis == statement.lexis;
        twin.filter(|_| is_alike)
    }

    /// The first definition that begins so.
    fn anywhere(&mut self, beginning: &[u8]) -> Option<Place> {
        if self.known.is_none() {
            let mut known = HashMap::default();
            for (place, _, definition) in self.from((0, 0)) {
                known.entry(definition.text.get(..BEGINNING).unwrap_or(definition.text)).or_insert(place);
            }
            self.known = Some(known);
        }
        self.known.as_ref()?.get(beginning).copied()
    }

    /// Goes on behind a place.
    fn found(&mut self, (portion, entry): Place) -> Option<Twin> {
        self.next = (portion, entry + 1);
        Some(Twin { portion: u32::try_from(portion).ok()?, entry: u32::try_from(entry).ok()? })
    }
}

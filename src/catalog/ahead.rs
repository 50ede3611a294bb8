//! Reading ahead: what a CREATE TABLE defines by itself is worked out before the script comes to it, on all cores, and
//! once for what stands on both sides of a comparison in the same words.
//!
//! In: sources. Out: the same [`Script`] that [`script::load`](super::script::load) gives, statement by statement.
//! A table's definition depends on its text, the target, the session and the collation of its database; the session and
//! the databases are followed first, by a server without tables. Whatever else a statement could depend on, or that
//! goes wrong or is stored otherwise than written, is left to the script's own run, which reads that statement as if nothing had been read ahead: so
//! what is refused is refused in the same words.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use foldhash::fast::RandomState;

use super::familiar::Familiar;
use super::script::{Run, Script, reading};
use super::warning::Warnings;
use super::{Catalog, Session};
use crate::ident::Ident;
use crate::model::{Collation, Table};
use crate::preprocess::{self, Kind, PreprocessError, Statement, Verb};
use crate::source::{Location, Pair, Source, Span};
use crate::syntax::ddl::{Ddl, TableName};
use crate::syntax::{self, hint};
use crate::target::Target;

/// From so many bytes on, reading ahead is worth what it costs.
pub const WORTHWHILE: usize = 64 * 1024;

/// The length of a statement, about: room is made by it, and more where it does not do.
const TYPICAL: usize = 512;

/// So many statements go to a core at a time.
const PORTION: usize = 32;

/// One side: its sources, its server and the session that they are read in.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// The sources, which are read one after the other.
    pub sources: &'a [Source],
    /// The server that reads them.
    pub target: Target,
    /// The session that they are read in.
    pub session: &'a Session,
}

impl Given<'_> {
    /// The bytes of all sources.
    pub fn size(&self) -> usize {
        self.sources.iter().map(|source| source.text.len()).sum()
    }
}

/// Executes one side's sources on an empty server, as [`script::load`](super::script::load) does; ahead from so many bytes
/// on, for which [`WORTHWHILE`] is a good number.
pub fn load(given: Given<'_>, from: usize) -> Script {
    if given.size() < from {
        return super::script::load(given.sources, given.target, given.session.clone());
    }
    let mut outline = Outline::of(given);
    build(vec![&mut outline]);
    outline.run(given)
}

/// Executes both sides' sources, each on an empty server. What stands on both sides in the same words is read once.
///
/// ```
/// use alterplan::catalog::{Session, ahead};
/// use alterplan::source::{Pair, Source};
/// use alterplan::target::Target;
/// let target = Target::DEFAULT;
/// let session = Session::of(target);
/// let same = "create table t (a int)";
/// let sources = Pair::new(vec![Source::new("old", same)], vec![Source::new("new", same)]);
/// let given = sources.as_ref().map(|sources| ahead::Given { sources, target, session: &session });
/// let read = ahead::load_pair(given, 0);
/// assert_eq!(read.new.schema.tables().count(), 1);
/// ```
pub fn load_pair(given: Pair<Given<'_>>, from: usize) -> Pair<Script> {
    if given.old.size() + given.new.size() < from {
        return given.map(|given| super::script::load(given.sources, given.target, given.session.clone()));
    }
    let mut outlines = both(given, Outline::of);
    let twins = twins(outlines.as_ref());
    for (entry, twin) in outlines.new.entries.iter_mut().zip(&twins) {
        entry.is_wanted &= twin.is_none();
    }
    build(vec![&mut outlines.old, &mut outlines.new]);
    for (new, old) in twins.into_iter().enumerate().filter_map(|(new, old)| Some((new, old?))) {
        let new = &mut outlines.new.entries[new];
        let location = new.location();
        new.built = outlines.old.entries[old].built.as_ref().map(|built| built.made_by(location));
    }
    both(given.zip(outlines), |(given, outline)| outline.run(given))
}

/// Does the same for both sides at the same time.
fn both<T: Send, R: Send>(sides: Pair<T>, work: impl Fn(T) -> R + Sync) -> Pair<R> {
    let Pair { old, new } = sides;
    std::thread::scope(|scope| {
        let new = scope.spawn(|| work(new));
        let old = work(old);
        match new.join() {
            Ok(new) => Pair { old, new },
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Builds the tables that are wanted, on all cores: each takes some entries, and when it has built these, others.
fn build(sides: Vec<&mut Outline<'_>>) {
    let (frames, entries): (Vec<&[Catalog]>, Vec<_>) =
        sides.into_iter().map(|Outline { frames, entries }| (frames.as_slice(), entries)).unzip();
    let all: usize = frames.iter().map(|frames| frames.len()).sum();
    // Both sides remember together where they read alike.
    let number = |side: usize, frame: usize| match frames[..side].first().and_then(|first| first.get(frame)) {
        Some(first) if first.is_like(&frames[side][frame]) => frame,
        Some(_) | None => frames[..side].iter().map(|before| before.len()).sum::<usize>() + frame,
    };
    let numbers: Vec<Vec<usize>> =
        (0..frames.len()).map(|side| (0..frames[side].len()).map(|frame| number(side, frame)).collect()).collect();
    let portions: Vec<(usize, &mut [Entry<'_>])> = entries
        .into_iter()
        .enumerate()
        .flat_map(|(side, entries)| entries.chunks_mut(PORTION).map(move |portion| (side, portion)))
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(portions.len());
    let left = Mutex::new(portions.into_iter());
    let take = || {
        // What a core remembers of the definitions in each frame.
        let mut familiar: Vec<Familiar<'_>> = (0..all).map(|_| Familiar::default()).collect();
        loop {
            // Nobody panics with the lock in hand.
            let next = left.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((side, portion)) = next else { return };
            for entry in portion.iter_mut().filter(|entry| entry.is_wanted) {
                let known = entry.frame.and_then(|frame| familiar.get_mut(*numbers[side].get(frame)?));
                entry.built = known.and_then(|known| entry.build(frames[side], known));
            }
        }
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(take)).collect();
        take();
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// The statements of one side, with what is known of the tables that they define.
struct Outline<'a> {
    entries: Vec<Entry<'a>>,
    /// The sessions and databases that tables are defined in: servers without tables.
    frames: Vec<Catalog>,
}

struct Entry<'a> {
    source: usize,
    read: Result<Statement<'a>, PreprocessError>,
    /// Which of the frames it is read in, where it makes a table.
    frame: Option<usize>,
    /// Whether its table is to be built.
    is_wanted: bool,
    built: Option<Built>,
}

/// A table that a statement defines by itself, under a name that a table may have.
pub(super) struct Built {
    /// The database that is named.
    pub(super) database: Option<Ident>,
    /// Where the table's name stands.
    pub(super) span: Span,
    pub(super) or_replace: bool,
    pub(super) if_not_exists: bool,
    /// The collation of the database that it is thought to be in.
    pub(super) around: Collation,
    pub(super) table: Table,
}

impl Built {
    /// The same as another statement in the same words defines it.
    fn made_by(&self, location: Location) -> Self {
        let offset = self.span.start - self.table.location.span.start;
        let start = location.span.start + offset;
        Self {
            database: self.database.clone(),
            span: Span::new(start, start + self.span.end - self.span.start),
            table: self.table.made_by(location),
            ..*self
        }
    }
}

impl<'a> Entry<'a> {
    fn build(&self, frames: &[Catalog], familiar: &mut Familiar<'a>) -> Option<Built> {
        frames.get(self.frame?)?.build(self.read.as_ref().ok()?, self.location(), familiar)
    }

    fn location(&self) -> Location {
        Location { source: self.source, span: self.read.as_ref().map(|read| read.body).unwrap_or_default() }
    }
}

impl<'a> Outline<'a> {
    /// Cuts the sources into statements, and follows the session and the databases.
    fn of(given: Given<'a>) -> Self {
        let mut server = Catalog::new(given.target, given.session.clone());
        // What goes wrong here goes wrong again, and is reported, when the script is run.
        let mut run = Run::default();
        let mut outline = Self { entries: Vec::with_capacity(given.size() / TYPICAL), frames: Vec::new() };
        for (number, source) in given.sources.iter().enumerate() {
            let outside = server.session.clone();
            server.current = server.database_index(None);
            let mut stale = true;
            for read in preprocess::statements(source.script(), given.target, server.session.lexis()) {
                let mut frame = None;
                match read.as_ref().map(|statement| (statement, statement.kind)) {
                    Ok((statement, Kind::Set | Kind::Use { .. } | Kind::Database(_))) => {
                        run.statement(&mut server, statement, number);
                        stale = true;
                    }
                    Ok((_, Kind::Table(Verb::Create))) => {
                        if std::mem::take(&mut stale)
                            && !outline.frames.last().is_some_and(|last| last.is_like(&server))
                        {
                            outline.frames.push(server.clone());
                        }
                        frame = Some(outline.frames.len() - 1);
                    }
                    Ok(_) | Err(_) => {}
                }
                outline.entries.push(Entry { source: number, read, frame, is_wanted: frame.is_some(), built: None });
            }
            server.session = outside;
        }
        outline
    }

    /// The entries that make tables.
    fn definitions(&self) -> impl Iterator<Item = usize> {
        self.entries.iter().enumerate().filter(|(_, entry)| entry.frame.is_some()).map(|(number, _)| number)
    }

    /// Runs the script.
    fn run(self, given: Given<'_>) -> Script {
        let mut catalog = Catalog::new(given.target, given.session.clone());
        let mut run = Run::default();
        if self.frames.len() == 1 {
            let tables = self.definitions().count();
            catalog.schema.databases[catalog.current].tables.reserve(tables);
        }
        let mut entries = self.entries.into_iter().peekable();
        for number in 0..given.sources.len() {
            let outside = catalog.session.clone();
            catalog.current = catalog.database_index(None);
            let is_hinted = hint::may_stand_in(&given.sources[number].text);
            while let Some(entry) = entries.next_if(|entry| entry.source == number) {
                match entry.read {
                    Ok(statement) => {
                        let placed = entry.built.is_some_and(|built| catalog.place(built));
                        if !placed {
                            run.statement(&mut catalog, &statement, number);
                        }
                        if is_hinted && matches!(statement.kind, Kind::Table(Verb::Create)) {
                            run.rename_hints(&mut catalog, &statement, &given.sources[number].text, number);
                        }
                    }
                    Err(error) => run.unreadable(&error, number),
                }
            }
            run.take_in(&given.sources[number].omitted, number);
            catalog.session = outside;
        }
        run.finish(catalog, given.sources)
    }
}

impl Catalog {
    /// Whether definitions are read alike by both: the same server in the same session, with the same databases around.
    fn is_like(&self, other: &Self) -> bool {
        let databases = |server: &'_ Self| -> Vec<_> {
            server.schema.databases.iter().map(|d| (d.name.clone(), d.collation)).collect()
        };
        self.current == other.current && self.reads_like(other) && databases(self) == databases(other)
    }

    fn reads_like(&self, other: &Self) -> bool {
        self.target == other.target && self.session.reads_like(&other.session)
    }

    /// The collation of the database that a table of that name is in.
    pub(super) fn around(&self, name: &TableName<'_>) -> Collation {
        let database = match &name.database {
            Some(named) => self.schema.database(Some(&named.text)),
            None => self.schema.databases.get(self.current),
        };
        database.map_or(self.session.collation_server, |database| database.collation)
    }

    /// The table that a statement defines by itself; `None` where the script has to come to it first.
    fn build<'a>(&self, statement: &Statement<'a>, location: Location, familiar: &mut Familiar<'a>) -> Option<Built> {
        if let Some(mut built) = self.build_familiar(statement.text, location, familiar) {
            self.recognise_shown(&mut built.table, statement.text);
            return Some(built);
        }
        let reading = reading(self, self.session.character_set.name());
        let Ok(Ddl::CreateTable(create)) = syntax::parse(statement.text, statement.body.start, &reading) else {
            return None;
        };
        if create.temporary || create.like.is_some() {
            return None;
        }
        let ident = self.table_ident(&create.name.name).ok()?;
        self.check_table_name(&create.name.name).ok()?;
        let around = self.around(&create.name);
        if let Some(database) = &create.name.database {
            super::create::check_database(database, self.target).ok()?;
        }
        let warnings = Warnings::default();
        let mut table = self.build_table(&create, ident, around, location, &warnings).ok()?;
        if !warnings.is_empty() {
            return None;
        }
        self.recognise_shown(&mut table, statement.text);
        let (or_replace, if_not_exists) = (create.or_replace, create.if_not_exists);
        let database = create.name.database.as_ref().map(|name| Ident::new(name.text.as_ref()));
        Some(Built { database, span: create.name.name.span, or_replace, if_not_exists, around, table })
    }

    /// Puts a table in that was read ahead; `false` where its statement has to be run instead.
    fn place(&mut self, built: Built) -> bool {
        let database = match &built.database {
            Some(name) => self.database_index(Some(name.as_str())),
            None => self.current,
        };
        let home = &self.schema.databases[database];
        let is_there = home.tables.contains_key(&built.table.name);
        if home.collation != built.around || is_there && (built.if_not_exists || !built.or_replace) {
            return false;
        }
        self.admit(database, built.table.name.clone(), built.table, built.span).is_ok()
    }
}

/// So many definitions of OLD are looked through for one of NEW before all are.
const NEAR: usize = 4;

/// So many bytes of a definition hold its table's name, but for what is unusual.
const BEGINNING: usize = 64;

/// For each entry of NEW the entry of OLD that defines the same in the same words, read by the same rules. One that is there
/// and not found costs time and nothing else.
fn twins(outlines: Pair<&Outline<'_>>) -> Vec<Option<usize>> {
    let mut definitions = Definitions::of(outlines.old);
    let mut alike: HashMap<(usize, usize), bool, RandomState> = HashMap::default();
    let mut twin = |entry: &Entry<'_>| {
        let (statement, new) = (entry.read.as_ref().ok()?, entry.frame?);
        let twin = definitions.find(statement.text)?;
        let other = &outlines.old.entries[twin];
        let old = other.frame?;
        let same_lexis = other.read.as_ref().is_ok_and(|other| other.lexis == statement.lexis);
        let mut same_frame =
            || *alike.entry((old, new)).or_insert_with(|| outlines.old.frames[old].is_like(&outlines.new.frames[new]));
        (same_lexis && same_frame()).then_some(twin)
    };
    outlines.new.entries.iter().map(&mut twin).collect()
}

/// The texts of one side's definitions, to be found by another side that mostly says the same in the same order.
struct Definitions<'a> {
    /// Each with the number of its entry.
    texts: Vec<(&'a [u8], usize)>,
    /// Behind the last one that was found.
    next: usize,
    /// Places of texts by their beginnings, made when a text is not near the last one.
    known: Option<HashMap<&'a [u8], usize, RandomState>>,
}

impl<'a> Definitions<'a> {
    fn of(outline: &Outline<'a>) -> Self {
        let text = |entry: usize| Some((outline.entries[entry].read.as_ref().ok()?.text, entry));
        Self { texts: outline.definitions().filter_map(text).collect(), next: 0, known: None }
    }

    /// The entry of that text.
    fn find(&mut self, text: &[u8]) -> Option<usize> {
        let beginning = text.get(..BEGINNING).unwrap_or(text);
        let near = self.next..self.texts.len().min(self.next + NEAR);
        let place = if let Some(place) = near.clone().find(|place| self.texts[*place].0 == text) {
            place
        } else if let Some(place) = near.clone().find(|place| self.texts[*place].0.starts_with(beginning)) {
            // The same table, changed.
            self.next = place + 1;
            return None;
        } else {
            let texts = &self.texts;
            let known = self.known.get_or_insert_with(|| {
                let mut known = HashMap::with_capacity_and_hasher(texts.len(), RandomState::default());
                for (place, (text, _)) in texts.iter().enumerate() {
                    known.entry(text.get(..BEGINNING).unwrap_or(text)).or_insert(place);
                }
                known
            });
            *known.get(beginning).filter(|place| texts[**place].0 == text)?
        };
        self.next = place + 1;
        Some(self.texts[place].1)
    }
}

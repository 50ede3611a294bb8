//! Reading ahead: what a CREATE TABLE defines by itself is worked out before the script comes to it, on all cores, and
//! once for what stands on both sides of a comparison in the same words.
//!
//! In: sources. Out: the same [`Script`] that [`script::load`](super::script::load) gives, statement by statement.
//! A table's definition depends on its text, the target, the session and the collation of its database; the session and
//! the databases are followed first, by a server without tables. Whatever else a statement could depend on, or that
//! goes wrong or is stored otherwise than written, is left to the script's own run, which reads that statement as if nothing had been read ahead: so
//! what is refused is refused in the same words.

mod outline;

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};

use super::familiar::Familiar;
use super::script::{Run, Script, reading};
use super::warning::Warnings;
use super::{Catalog, Session};
use crate::ident::Ident;
use crate::model::{Collation, Schema, Table};
use crate::preprocess::Statement;
use crate::source::{Location, Pair, Source, Span};
use crate::syntax::ddl::{Ddl, TableName};
use crate::syntax::{self, hint};
use crate::target::Target;
use outline::{Entry, Frames, Outline, Portion};

/// From so many bytes on, reading ahead is worth what it costs.
pub const WORTHWHILE: usize = 64 * 1024;

/// Another core is worth its start from about so many bytes on.
const SHARE: usize = 16 * 1024;

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
    let (outline, made) =
        build_beside(given.size(), |hand_out| outline::cut(given, None, &mut Frames::default(), hand_out));
    run(given, &outline, &made, None)
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
    let (outlines, made) = build_beside(given.old.size() + given.new.size(), |hand_out| {
        let mut frames = Frames::default();
        let old = outline::cut(given.old, None, &mut frames, hand_out);
        let new = outline::cut(given.new, Some((given.old, &old)), &mut frames, hand_out);
        Pair { old, new }
    });
    let (old, new) = made.split_at(outlines.old.len());
    let sides = Pair { old: (&outlines.old, old, None), new: (&outlines.new, new, Some(old)) };
    given.zip(sides).map_beside(true, |(given, (outline, made, others))| run(given, outline, made, others))
}

/// The tables of a portion, in the places of their definitions; empty where none was wanted.
type Made = Vec<Option<Built>>;

/// Builds the tables that are wanted of what is handed out, on all cores, and while more is cut. What a core has built, it takes
/// more of what is left.
fn build_beside<'a, R>(size: usize, cut: impl FnOnce(&mut dyn FnMut(&Arc<Portion<'a>>)) -> R) -> (R, Vec<Made>) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(size / SHARE).max(1);
    let (give, given) = mpsc::channel();
    let given = Mutex::new(given);
    let mut count = 0;
    let (cut, built) = std::thread::scope(|scope| {
        let take = || {
            take_room(2 * size / cores);
            build(&given)
        };
        let others: Vec<_> = (1..cores).map(|_| scope.spawn(take)).collect();
        let cut = cut(&mut |portion| {
            if portion.is_wanted() {
                // The other end is in this function.
                let _ = give.send((count, Arc::clone(portion)));
            }
            count += 1;
        });
        drop(give);
        let mut built = build(&given);
        for other in others {
            match other.join() {
                Ok(more) => built.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (cut, built)
    });
    let mut made = Vec::new();
    made.resize_with(count, Made::new);
    for (number, tables) in built {
        made[number] = tables;
    }
    (cut, made)
}

/// Has the allocator take room from the system at once that small pieces will be cut from: the heap of a thread grows page by
/// page otherwise, each of them a call that all threads wait for (glibc, `sysmalloc` in `malloc.c`). The first piece is
/// mapped by itself; that it is given back tells the allocator that pieces of this size come and go.
fn take_room(bytes: usize) {
    const MOST: usize = 24 * 1024 * 1024;
    let bytes = bytes.min(MOST);
    for more in [bytes / 8, 0] {
        drop(std::hint::black_box(Vec::<u8>::with_capacity(bytes + more)));
    }
}

type Task<'a> = (usize, Arc<Portion<'a>>);

/// Builds what is given until nothing more will be.
fn build<'a>(given: &Mutex<Receiver<Task<'a>>>) -> Vec<(usize, Made)> {
    // What this core remembers of the definitions in each frame.
    let mut familiar: Vec<Familiar<'a>> = Vec::new();
    let mut built = Vec::new();
    loop {
        // Nobody panics with the lock in hand.
        let next = given.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, portion)) = next else { return built };
        let Some(frame) = &portion.frame else { continue };
        if familiar.len() <= frame.number {
            familiar.resize_with(frame.number + 1, Familiar::default);
        }
        let known = &mut familiar[frame.number];
        let build = |entry: &Entry<'a>| {
            let Entry::Table(definition) = entry else { return None };
            let is_wanted = definition.twin.is_none();
            let location = definition.location(portion.source);
            if !is_wanted {
                return None;
            }
            let mut built = frame.server.build(&definition.statement(), location, known)?;
            built.table.look_whether_plain();
            Some(built)
        };
        built.push((number, portion.entries.iter().map(build).collect()));
    }
}

/// A table that a statement defines by itself, under a name that a table may have.
pub(super) struct Built {
    /// The database that is named.
    pub(super) database: Option<Ident>,
    pub(super) or_replace: bool,
    pub(super) if_not_exists: bool,
    /// The collation of the database that it is thought to be in.
    pub(super) around: Collation,
    pub(super) table: Table,
}

impl Built {
    /// The same as another statement in the same words defines it.
    fn made_by(&self, location: Location) -> Self {
        Self { database: self.database.clone(), table: self.table.made_by(location), ..*self }
    }
}

/// Runs a side's script, with what was made of it and of the other side.
fn run(given: Given<'_>, outline: &Outline<'_>, made: &[Made], twins: Option<&[Made]>) -> Script {
    let mut catalog = Catalog::new(given.target, given.session.clone());
    let mut run = Run::default();
    if outline.windows(2).all(|two| two[0].frame_number() == two[1].frame_number()) {
        let tables = outline.iter().map(|portion| portion.definitions().count()).sum();
        catalog.schema.databases[catalog.current].tables.reserve(tables);
    }
    let mut portions = outline.iter().zip(made).peekable();
    for (number, source) in given.sources.iter().enumerate() {
        let outside = catalog.session.clone();
        catalog.current = catalog.database_index(None);
        let is_hinted = hint::may_stand_in(&source.text);
        while let Some((portion, made)) = portions.next_if(|(portion, _)| portion.source == number) {
            for (at, entry) in portion.entries.iter().enumerate() {
                match entry {
                    Entry::Table(definition) => {
                        let built = match definition.twin {
                            Some(twin) => {
                                twins.and_then(|made| made.get(twin.portion as usize)?.get(twin.entry as usize))
                            }
                            None => made.get(at),
                        };
                        let built =
                            built.and_then(Option::as_ref).map(|built| built.made_by(definition.location(number)));
                        let statement = definition.statement();
                        if !built.is_some_and(|built| catalog.place(built)) {
                            run.statement(&mut catalog, &statement, number);
                        }
                        if is_hinted {
                            run.rename_hints(&mut catalog, &statement, &source.text, number);
                        }
                    }
                    Entry::Other(statement) => run.statement(&mut catalog, statement, number),
                    Entry::Unreadable(error) => run.unreadable(error, number),
                }
            }
        }
        run.take_in(&source.omitted, number);
        run.end_session(&mut catalog);
        catalog.session = outside;
    }
    run.finish(catalog, given.sources)
}

impl Catalog {
    /// Whether definitions are read alike by both: the same server in the same session, in a database of the same collation.
    fn reads_like(&self, other: &Self) -> bool {
        let around = |server: &Self| server.schema.databases.get(server.current).map(|database| database.collation);
        self.target == other.target && self.session.reads_like(&other.session) && around(self) == around(other)
    }

    /// The same session on a server with its current database alone. A table that is said to be in another one is taken to
    /// find the server's collation there, and read again where it does not.
    fn current_alone(&self) -> Self {
        let databases = self.schema.databases.get(self.current).cloned().into_iter().collect();
        Self {
            session: self.session.clone(),
            schema: Schema { databases },
            places: HashMap::default(),
            current: 0,
            constraints: None,
            temporaries: None,
            warnings: Vec::new(),
            ..*self
        }
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
        Some(Built { database, or_replace, if_not_exists, around, table })
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
        // Where it is refused, the statement is run, and says so.
        self.admit(database, built.table.name.clone(), built.table, Span::default()).is_ok()
    }
}

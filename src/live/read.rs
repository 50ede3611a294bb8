//! Reading a live schema: every object's SHOW CREATE, in bulk, as of one moment.
//!
//! Definitions take part in no transaction, and locking a server's schema is nothing that a reader may do. So the
//! lists of objects are asked for before and after, and what has changed in between, or may have, is read again until
//! two readings agree: then no object has changed since the first of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use mysql::{Row, Value};

use super::address::Address;
use super::connection::Connection;
use super::error::{LiveError, Problem};
use super::facts::Facts;
use super::inventory::{self, Inventory, Kind, Object, When};
use super::{privilege, script};
use crate::ident::Quoted;
use crate::source::Source;

/// How many connections read side by side, at most.
const READERS: usize = 4;
/// From how many objects on one more connection is worth opening.
const WORTH_A_CONNECTION: usize = 300;
/// How many definitions are asked for at once.
const BATCH: usize = 50;
/// How often a schema may change while it is read.
const ROUNDS: usize = 8;

/// A live schema at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What the server says of itself. Its `collation_server` is that of the database, where one alone was read.
    pub facts: Facts,
    /// The schema as a script, named by the address without its password.
    pub source: Source,
    /// How many objects it holds.
    pub objects: usize,
}

/// How far reading has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Definitions read.
    pub done: usize,
    /// Definitions to read.
    pub total: usize,
}

/// The definition of one object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Definition {
    /// The CREATE statement, in whatever encoding its strings have.
    pub(super) text: Vec<u8>,
    /// The `sql_mode` to read it in.
    pub(super) sql_mode: String,
    /// `character_set_client` and `collation_connection` that it was made in, where the server keeps them with it.
    pub(super) connection: Option<(String, String)>,
}

/// Reads the databases that an address names.
///
/// # Errors
/// No connection; a database that is not there; objects that the user may not see; a schema that keeps changing.
pub fn read(address: &Address, progress: &mut dyn FnMut(Progress)) -> Result<Snapshot, LiveError> {
    let mut connection = Connection::reader(address)?;
    read_objects(&mut connection, progress)
}

/// Reads the databases of a connection made by [`Connection::reader`].
///
/// # Errors
/// As [`read()`], and the loss of the connection.
pub fn read_objects(connection: &mut Connection, progress: &mut dyn FnMut(Progress)) -> Result<Snapshot, LiveError> {
    if connection.address().databases.is_empty() {
        return Err(connection.error(Problem::NoDatabase));
    }
    let mut facts = connection.facts().clone();
    facts.take_collation_of_database(connection)?;
    privilege::check(connection)?;
    let (inventory, definitions) = settled(connection, progress)?;
    let mut headers = BTreeMap::new();
    for database in connection.address().databases.clone() {
        let sql = format!("SHOW CREATE DATABASE {}", Quoted(&database));
        let row: Option<(String, String)> = connection.first(&sql, "show the database")?;
        headers.insert(database, row.map(|(_, text)| text).unwrap_or_default());
    }
    let text = script::write(connection.address(), &facts, &headers, &inventory, &definitions);
    let source = Source::new(connection.address().to_string(), text);
    Ok(Snapshot { facts, source, objects: definitions.len() })
}

type Definitions = BTreeMap<Object, Definition>;

/// Reads until nothing has changed any more.
fn settled(
    connection: &mut Connection,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Inventory, Definitions), LiveError> {
    let mut before = inventory::list(connection, When::Before)?;
    let mut definitions = Definitions::new();
    let mut wanted: Vec<Object> = before.marks.keys().cloned().collect();
    for _ in 0..ROUNDS {
        let changed = read_round(connection, &wanted, &mut definitions, progress)?;
        let after = inventory::list(connection, When::After)?;
        definitions.retain(|object, _| after.marks.contains_key(object));
        // What was changed since the lists were asked for before this round, even in that very second, may have been read
        // before or after that.
        let may_have_changed = |object: &Object, mark: &Option<String>| {
            let earlier = before.marks.get(object).and_then(Option::as_ref);
            !definitions.contains_key(object)
                || earlier.is_some_and(|earlier| Some(earlier) != mark.as_ref())
                || changed.contains(object) && mark.as_ref().is_none_or(|mark| *mark >= before.asked)
        };
        wanted = after
            .marks
            .iter()
            .filter(|(object, mark)| may_have_changed(object, mark))
            .map(|(object, _)| object.clone())
            .collect();
        before = after;
        if wanted.is_empty() {
            return Ok((before, definitions));
        }
    }
    let object = wanted.swap_remove(0);
    Err(connection.error(Problem::Unstable { object }))
}

/// Reads some definitions; says which of them were not known like this before.
fn read_round(
    connection: &mut Connection,
    wanted: &[Object],
    definitions: &mut Definitions,
    progress: &mut dyn FnMut(Progress),
) -> Result<BTreeSet<Object>, LiveError> {
    let mut changed = BTreeSet::new();
    let mut done = 0;
    each_definition(connection, wanted, &mut |object, definition| {
        done += 1;
        progress(Progress { done, total: wanted.len() });
        match definition {
            Some(definition) if definitions.get(object) == Some(&definition) => {}
            Some(definition) => {
                definitions.insert(object.clone(), definition);
                changed.insert(object.clone());
            }
            // Gone in the meantime, which the next lists will say.
            None => drop(definitions.remove(object)),
        }
    })?;
    Ok(changed)
}

/// Reads definitions on as many connections as are worth it, and takes them as they come.
fn each_definition(
    connection: &mut Connection,
    wanted: &[Object],
    take: &mut dyn FnMut(&Object, Option<Definition>),
) -> Result<(), LiveError> {
    let batches: Vec<&[Object]> =
        wanted.chunk_by(|a, b| a.database == b.database).flat_map(|same| same.chunks(BATCH)).collect();
    let next = AtomicUsize::new(0);
    let address = connection.address().clone();
    let (sender, receiver) = mpsc::channel();
    let reads = |connection: &mut Connection, sender: &mpsc::Sender<_>| {
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            let read = read_batch(connection, batch);
            let failed = read.is_err();
            // Nobody listens any more where another reader has failed.
            if sender.send(read.map(|read| (*batch, read))).is_err() || failed {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..READERS.min(1 + wanted.len() / WORTH_A_CONNECTION) {
            let (sender, address, reads) = (sender.clone(), &address, &reads);
            scope.spawn(move || {
                // A server may have no connection to spare: then the others do the work.
                if let Ok(mut connection) = Connection::reader(address) {
                    reads(&mut connection, &sender);
                }
            });
        }
        let reads = &reads;
        scope.spawn(move || reads(connection, &sender));
        for read in receiver {
            let (batch, definitions) = match read {
                Ok(read) => read,
                Err(error) => {
                    next.store(batches.len(), Ordering::Relaxed);
                    return Err(error);
                }
            };
            batch.iter().zip(definitions).for_each(|(object, definition)| take(object, definition));
        }
        Ok(())
    })
}

/// Reads the definitions of objects of one database; `None` for one that is gone.
fn read_batch(connection: &mut Connection, batch: &[Object]) -> Result<Vec<Option<Definition>>, LiveError> {
    // What stands in the current database is named without it.
    if let Some(first) = batch.first() {
        connection.enter(&first.database)?;
    }
    let queries: Vec<String> =
        batch.iter().map(|object| format!("SHOW CREATE {} {}", object.kind.keyword(), Quoted(&object.name))).collect();
    let answers = connection.each_first(&queries)?;
    batch.iter().zip(answers).map(|(object, answer)| definition(connection, object, answer)).collect()
}

fn definition(
    connection: &Connection,
    object: &Object,
    answer: Result<Row, LiveError>,
) -> Result<Option<Definition>, LiveError> {
    // MySQL 8.4 Server Error Reference: 1049 database, 1146 table, 1305 routine, 1360 trigger, 1539 event, 1347 not of
    // that kind; MariaDB: 4089 not a sequence.
    const GONE: [u16; 7] = [1049, 1146, 1305, 1360, 1539, 1347, 4089];
    let row = match answer {
        Ok(row) => row,
        Err(LiveError { problem: Problem::Refused { number, message, .. }, server }) => {
            if GONE.contains(&number) {
                return Ok(None);
            }
            let problem = Problem::Hidden { object: object.clone(), why: format!("error {number}: {message}") };
            return Err(LiveError { problem, server });
        }
        Err(other) => return Err(other),
    };
    let bytes = |column: usize| match row.as_ref(column) {
        Some(Value::Bytes(bytes)) => Some(bytes.clone()),
        Some(_) | None => None,
    };
    // The body of a routine that is not the user's is NULL.
    let text = bytes(object.kind.column())
        .ok_or_else(|| connection.error(Problem::Hidden { object: object.clone(), why: String::new() }))?;
    let word = |column: usize| bytes(column).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let mut definition = Definition { text, sql_mode: String::new(), connection: None };
    if object.kind.has_sql_mode() {
        definition.sql_mode = word(1).unwrap_or_default();
        let first = object.kind.column() + 1;
        definition.connection = word(first).zip(word(first + 1)).filter(|_| object.kind != Kind::Library);
    }
    Ok(Some(definition))
}

impl Definition {
    /// Whether a name stands quoted in the text.
    pub(super) fn mentions(&self, kind: Kind, name: &str) -> bool {
        let quoted = Quoted(name).to_string();
        kind == Kind::View && memchr::memmem::find(&self.text, quoted.as_bytes()).is_some()
    }
}

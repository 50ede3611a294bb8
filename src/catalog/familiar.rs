//! Definitions that were read before: a schema says the same few things of its columns over and over.
//!
//! In: a CREATE TABLE in the layout of SHOW CREATE TABLE. Out: its table, of which only the lines were read that differ from
//! all lines before, names of columns aside. Only success is remembered, and only of what depends on nothing but its own
//! words, the session and the table's collation; of keys as they were settled besides, on the table's options and the
//! columns that they name, which are compared. A statement of which anything is unusual or refused is left to the way
//! that all statements can go, so that what is said of it is said there.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::ahead::Built;
use super::create::{Pending, add_definition};
use super::index::IndexDraft;
use super::script::reading;
use super::warning::Warnings;
use super::{Catalog, column, index, option};
use crate::ident::{Ident, folded};
use crate::model::{Collation, Column, IndexKind, KeyColumn, Keys, Table, TableDefinition};
use crate::source::{Location, Span};
use crate::syntax::Reading;
use crate::syntax::ddl::{Definition, Name, TableName};
use crate::syntax::layout::{self, Layout};

/// So many texts are remembered at most: the rest of a schema that never repeats itself is read as it comes.
const REMEMBERED: usize = 4096;

const COUNTER: &[u8] = b"AUTO_INCREMENT";

/// What one core has read of definitions in one session.
#[derive(Default)]
pub(super) struct Familiar<'a> {
    /// Names of columns, which have been checked, and their numbers: names that are one to the server have one number.
    names: Memory<'a, (Ident, usize)>,
    numbers: HashMap<Box<str>, usize, RandomState>,
    /// By its number, the last table that had a column of that name.
    last_seen: Vec<usize>,
    /// How many tables there were.
    tables: usize,
    /// The definitions of a table; kept for its room.
    lines: Vec<&'a [u8]>,
    /// The places of a table's columns for which NULL was written; kept for its room.
    null_columns: Vec<usize>,
    /// Keys, by their lines.
    keys: Memory<'a, IndexDraft>,
    /// What is known of tables by the collation around them and what stands behind the definitions, the counter aside.
    tails: HashMap<(Collation, Uncounted<'a>), usize, RandomState>,
    tails_known: Vec<Tail<'a>>,
    /// How many tables' keys are remembered.
    settled: usize,
    /// Columns by their tables' collation and their lines.
    columns: HashMap<(Collation, &'a [u8]), (Known, usize), RandomState>,
    /// The same, whatever their names, by what stands behind these.
    nameless: HashMap<(Collation, &'a [u8]), Known, RandomState>,
}

/// What stands before and behind the counter, which is each table's own.
type Uncounted<'a> = (&'a [u8], &'a [u8]);

type Memory<'a, T> = HashMap<&'a [u8], T, RandomState>;

/// Tables that end in the same words.
struct Tail<'a> {
    /// One without columns.
    empty: Table,
    /// Keys by their lines.
    settled: HashMap<Box<[&'a [u8]]>, Settled, RandomState>,
}

/// The keys of a table as they were settled.
struct Settled {
    keys: Keys,
    /// The columns that they name, which the keys left as they were.
    columns: Vec<Column>,
}

impl Settled {
    /// Whether they would be settled so over the columns of a table: those that they name are the same there, in the same
    /// words.
    fn fits(&self, table: &TableDefinition) -> bool {
        let is_same = |known: &Column, column: &Column| column.name == known.name && column.shared() == known.shared();
        let there =
            |known: &Column| table.column(known.name.as_str()).is_some_and(|(_, column)| is_same(known, column));
        self.columns.iter().all(there)
    }
}

struct Known {
    column: Column,
    /// Whether `NULL` was written.
    explicit_null: bool,
}

impl Catalog {
    /// The table of a statement in the usual layout; `None` where it has to be read as a whole.
    pub(super) fn build_familiar<'a>(
        &self,
        text: &'a [u8],
        location: Location,
        familiar: &mut Familiar<'a>,
    ) -> Option<Built> {
        let layout = layout::cut(text)?;
        let reading = reading(self, self.session.character_set.name());
        let start = location.span.start + b"CREATE TABLE ".len();
        let span = Span::new(start, start + layout.name.len() + 2);
        let name = Name { text: std::str::from_utf8(layout.name).ok()?.into(), span };
        self.check_table_name(&name).ok()?;
        let name = TableName { database: None, name };
        let around = self.around(&name);
        let draft = Draft { catalog: self, reading, familiar, span, numbered: true, warnings: Warnings::default() };
        let table = draft.table(&layout, &name, around, location)?;
        Some(Built { database: None, or_replace: false, if_not_exists: false, around, table })
    }
}

struct Draft<'d, 'a> {
    catalog: &'d Catalog,
    reading: Reading<'d>,
    familiar: &'d mut Familiar<'a>,
    /// Where the table's name stands.
    span: Span,
    /// Whether all columns so far have names with numbers.
    numbered: bool,
    /// What is stored otherwise than it is written: then nothing is remembered, and the table is read as a whole.
    warnings: Warnings,
}

impl<'a> Draft<'_, 'a> {
    fn table(
        mut self,
        layout: &Layout<'a>,
        name: &TableName<'a>,
        around: Collation,
        location: Location,
    ) -> Option<Table> {
        let ident = self.catalog.table_ident(&name.name).ok()?;
        let (counter, uncounted) = match layout.counter() {
            Some((before, counter, behind)) => (Some(counter), (before, behind)),
            None => (None, (layout.tail, &[][..])),
        };
        let known = self.familiar.tails.get(&(around, uncounted)).copied();
        let (mut table, partitioning) = match known.and_then(|tail| self.familiar.tails_known.get(tail)) {
            Some(tail) => {
                let mut table = tail.empty.made_by(location);
                table.name = ident;
                if let Some(counter) = counter {
                    table.options.auto_increment = option::counter(counter);
                }
                (table, None)
            }
            None => {
                let tail = layout::tail(layout.tail, &self.reading).ok()?;
                let clause = tail.partitioning;
                let table = self
                    .catalog
                    .begin_table(ident, &tail.options, clause.as_ref(), around, location, &self.warnings)
                    .ok()?;
                self.as_written()?;
                // Of two counters the last one counts.
                let (_, behind) = uncounted;
                let is_counted_once = !behind.windows(COUNTER.len()).any(|word| word.eq_ignore_ascii_case(COUNTER));
                if clause.is_none() && is_counted_once && self.familiar.tails.len() < REMEMBERED {
                    let tail = Tail { empty: table.made_by(location), settled: HashMap::default() };
                    self.familiar.tails.insert((around, uncounted), self.familiar.tails_known.len());
                    self.familiar.tails_known.push(tail);
                }
                (table, clause)
            }
        };
        let mut pending = Pending::default();
        let mut references = false;
        self.familiar.tables += 1;
        self.familiar.null_columns.clear();
        let mut lines = std::mem::take(&mut self.familiar.lines);
        lines.clear();
        lines.extend(layout.definitions());
        let definition: &mut TableDefinition = &mut table;
        let (columns, others) = lines.split_at(lines.iter().take_while(|line| line.starts_with(b"`")).count());
        definition.columns.reserve_exact(columns.len());
        for line in columns {
            self.column(&line[1..], line, definition, &mut pending)?;
        }
        let tail = known.filter(|_| pending.is_empty() && !others.iter().any(|line| line.starts_with(b"`")));
        let stood = tail.and_then(|tail| self.familiar.tails_known.get(tail)?.settled.get(others));
        if let Some(settled) = stood.filter(|settled| settled.fits(definition)) {
            definition.indexes = settled.keys.clone();
            pending.keys_stand = true;
        } else {
            for line in others {
                match line.strip_prefix(b"`") {
                    Some(rest) => self.column(rest, line, definition, &mut pending)?,
                    None => references |= self.other(line, definition, &mut pending)?,
                }
            }
        }
        self.refuse_null(definition, &mut pending);
        let over = if tail.is_none() || pending.keys_stand { None } else { keys_alone(&pending, definition) };
        let (partitioning, warnings) = (partitioning.as_ref(), &self.warnings);
        self.catalog.complete_table(&mut table, pending, partitioning, references, self.span, warnings).ok()?;
        self.as_written()?;
        if let (Some(tail), Some(columns)) = (tail, over) {
            self.remember(tail, others, Settled { keys: table.indexes.clone(), columns }, &table);
        }
        self.familiar.lines = lines;
        Some(table)
    }

    /// Remembers the keys that these lines have made of a table, where that left its columns as they were.
    fn remember(&mut self, tail: usize, lines: &[&'a [u8]], settled: Settled, table: &TableDefinition) {
        if self.familiar.settled == REMEMBERED || !settled.fits(table) {
            return;
        }
        if let Some(tail) = self.familiar.tails_known.get_mut(tail) {
            self.familiar.settled += 1;
            tail.settled.insert(lines.into(), settled);
        }
    }

    /// Nothing where something was stored otherwise than it was written.
    fn as_written(&self) -> Option<()> {
        self.warnings.is_empty().then_some(())
    }

    /// Adds a column; `rest` is its line behind the first backtick.
    fn column(
        &mut self,
        rest: &'a [u8],
        line: &'a [u8],
        table: &mut TableDefinition,
        pending: &mut Pending,
    ) -> Option<()> {
        let collation = table.options.collation;
        if let Some((known, number)) = self.familiar.columns.get(&(collation, line)) {
            let (column, explicit_null, number) = (known.column.clone(), known.explicit_null, *number);
            if self.is_there(&column.name, Some(number), table) {
                return None;
            }
            self.add(column, explicit_null, table);
            return Some(());
        }
        // Names are short.
        let (name, words) = rest.split_at(rest.iter().position(|byte| *byte == b'`')?);
        if !words.starts_with(b"` ") {
            // A backtick in the name, which is doubled.
            self.numbered = false;
            return self.other(line, table, pending).map(|_| ());
        }
        let (name, number) = self.name(name)?;
        if self.is_there(&name, number, table) {
            return None;
        }
        let (column, explicit_null) = match self.familiar.nameless.get(&(collation, words)) {
            Some(known) => (known.column.named(name), known.explicit_null),
            None => {
                let Definition::Column(written) = layout::definition(line, &self.reading).ok()? else { return None };
                let context = self.catalog.context(&self.warnings);
                let draft = column::build(&written, collation, context).ok()?;
                self.as_written()?;
                if !draft.is_plain() {
                    return add_definition(table, pending, &Definition::Column(written), context).ok();
                }
                let known = Known { column: draft.column, explicit_null: draft.explicit_null };
                let found = (known.column.clone(), known.explicit_null);
                if self.familiar.nameless.len() < REMEMBERED {
                    self.familiar.nameless.insert((collation, words), known);
                }
                found
            }
        };
        if let Some(number) = number.filter(|_| self.familiar.columns.len() < REMEMBERED) {
            let known = Known { column: column.clone(), explicit_null };
            self.familiar.columns.insert((collation, line), (known, number));
        }
        self.add(column, explicit_null, table);
        Some(())
    }

    fn add(&mut self, column: Column, explicit_null: bool, table: &mut TableDefinition) {
        if explicit_null {
            self.familiar.null_columns.push(table.columns.len());
        }
        table.columns.push(column);
    }

    /// Hands on the columns for which NULL was written and that a primary key names: no others are asked for.
    fn refuse_null(&self, table: &TableDefinition, pending: &mut Pending) {
        let Pending { keys, null_columns, .. } = pending;
        let primary = |draft: &&IndexDraft| draft.index.kind == IndexKind::Primary;
        for name in keys.iter().filter(primary).flat_map(|draft| draft.index.columns()) {
            let is_null = |(at, _): &(usize, &Column)| self.familiar.null_columns.contains(at);
            null_columns.extend(table.column(name.as_str()).filter(is_null).map(|(_, c)| (c.name.clone(), self.span)));
        }
    }

    /// Adds what is no column of a plain name; whether it is a foreign key.
    fn other(&mut self, line: &'a [u8], table: &mut TableDefinition, pending: &mut Pending) -> Option<bool> {
        if let Some(known) = self.familiar.keys.get(line) {
            pending.keys.push(known.clone());
            return Some(false);
        }
        let definition = layout::definition(line, &self.reading).ok()?;
        if let Definition::Index(written) = &definition {
            let draft = index::build(written, self.catalog.context(&self.warnings)).ok()?;
            self.as_written()?;
            if self.familiar.keys.len() < REMEMBERED {
                // Places are for what is refused, and that is read again.
                let known = IndexDraft { part_spans: Vec::new(), ..draft.clone() };
                self.familiar.keys.insert(line, known);
            }
            pending.keys.push(draft);
            return Some(false);
        }
        add_definition(table, pending, &definition, self.catalog.context(&self.warnings)).ok()?;
        Some(matches!(definition, Definition::ForeignKey(_)))
    }

    /// Whether the table has a column of that name before this one.
    fn is_there(&mut self, name: &Ident, number: Option<usize>, table: &TableDefinition) -> bool {
        let Familiar { last_seen, tables, .. } = &mut *self.familiar;
        match number.and_then(|number| last_seen.get_mut(number)) {
            Some(last) if self.numbered => std::mem::replace(last, *tables) == *tables,
            Some(_) | None => {
                self.numbered = false;
                table.column(name.as_str()).is_some()
            }
        }
    }

    /// A column's name, checked, and its number where it has one.
    fn name(&mut self, text: &'a [u8]) -> Option<(Ident, Option<usize>)> {
        if let Some((known, number)) = self.familiar.names.get(text) {
            return Some((known.clone(), Some(*number)));
        }
        let name = Name { text: std::str::from_utf8(text).ok()?.into(), span: self.span };
        let ident = column::check_name(&name, 1166, "column").ok()?;
        if self.familiar.names.len() == REMEMBERED {
            return Some((ident, None));
        }
        let Familiar { names, numbers, last_seen, .. } = &mut *self.familiar;
        let number = *numbers.entry(folded(ident.as_str())).or_insert(last_seen.len());
        if number == last_seen.len() {
            last_seen.push(0);
        }
        names.insert(text, (ident.clone(), number));
        Some((ident, Some(number)))
    }
}

/// The columns that a table's keys name, where nothing but keys over columns waits for these.
fn keys_alone(pending: &Pending, table: &TableDefinition) -> Option<Vec<Column>> {
    if !pending.has_no_constraints() || !table.periods.is_empty() {
        return None;
    }
    let parts = || pending.keys.iter().flat_map(|draft| &draft.index.parts);
    if parts().any(|part| matches!(part.column, KeyColumn::Expression(_))) {
        return None;
    }
    let mut columns: Vec<Column> = Vec::new();
    for name in pending.keys.iter().flat_map(|draft| draft.index.columns()) {
        let (_, column) = table.column(name.as_str())?;
        if !columns.iter().any(|known| known.name == column.name) {
            columns.push(column.clone());
        }
    }
    Some(columns)
}

//! Definitions that were read before: a schema says the same few things of its columns over and over.
//!
//! In: a CREATE TABLE in the layout of SHOW CREATE TABLE. Out: its table, of which only the lines were read that differ from
//! all lines before, names of columns aside. Only success is remembered, and only of what depends on nothing but its own
//! words, the session and the table's collation; a statement of which anything is unusual or refused is left to the way
//! that all statements can go, so that what is said of it is said there.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::ahead::Built;
use super::create::{Pending, add_definition};
use super::index::IndexDraft;
use super::script::reading;
use super::{Catalog, column, index};
use crate::ident::{Ident, folded};
use crate::model::{Collation, Column, Table, TableDefinition};
use crate::source::{Location, Span};
use crate::syntax::Reading;
use crate::syntax::ddl::{Definition, Name, TableName};
use crate::syntax::layout::{self, Layout};

/// So many texts are remembered at most: the rest of a schema that never repeats itself is read as it comes.
const REMEMBERED: usize = 4096;

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
    /// Keys, by their lines.
    keys: Memory<'a, IndexDraft>,
    /// Tables without columns, by the collation around them and what stands behind the definitions.
    tails: HashMap<(Collation, &'a [u8]), Table, RandomState>,
    /// Columns by their tables' collation and what stands behind their names.
    columns: HashMap<(Collation, &'a [u8]), Known, RandomState>,
}

type Memory<'a, T> = HashMap<&'a [u8], T, RandomState>;

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
    ) -> Option<Built<'a>> {
        let layout = layout::cut(text)?;
        let reading = reading(self, self.session.character_set.name());
        let start = location.span.start + b"CREATE TABLE ".len();
        let span = Span::new(start, start + layout.name.len() + 2);
        let name = Name { text: std::str::from_utf8(layout.name).ok()?.into(), span };
        let name = TableName { database: None, name };
        let around = self.around(&name);
        let table =
            Draft { catalog: self, reading, familiar, span, numbered: true }.table(&layout, &name, around, location)?;
        Some(Built { name, or_replace: false, if_not_exists: false, around, table })
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
        let (mut table, partitioning) = match self.familiar.tails.get(&(around, layout.tail)) {
            Some(empty) => {
                let mut table = empty.made_by(location);
                table.name = ident;
                (table, None)
            }
            None => {
                let tail = layout::tail(layout.tail, &self.reading).ok()?;
                let clause = tail.partitioning;
                let table = self.catalog.begin_table(ident, &tail.options, clause.as_ref(), around, location).ok()?;
                if clause.is_none() && self.familiar.tails.len() < REMEMBERED {
                    self.familiar.tails.insert((around, layout.tail), table.made_by(location));
                }
                (table, clause)
            }
        };
        let mut pending = Pending::default();
        let mut references = false;
        self.familiar.tables += 1;
        let mut lines = std::mem::take(&mut self.familiar.lines);
        lines.clear();
        lines.extend(layout.definitions());
        let definition: &mut TableDefinition = &mut table;
        definition.columns.reserve_exact(lines.iter().filter(|line| line.starts_with(b"`")).count());
        for line in &lines {
            match line.strip_prefix(b"`") {
                Some(rest) => self.column(rest, line, definition, &mut pending)?,
                None => references |= self.other(line, definition, &mut pending)?,
            }
        }
        self.familiar.lines = lines;
        self.catalog.complete_table(&mut table, pending, partitioning.as_ref(), references, self.span).ok()?;
        Some(table)
    }

    /// Adds a column; `rest` is its line behind the first backtick.
    fn column(
        &mut self,
        rest: &'a [u8],
        line: &'a [u8],
        table: &mut TableDefinition,
        pending: &mut Pending,
    ) -> Option<()> {
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
        let collation = table.options.collation;
        let (column, explicit_null) = match self.familiar.columns.get(&(collation, words)) {
            Some(known) => (known.column.named(name.clone()), known.explicit_null),
            None => {
                let Definition::Column(written) = layout::definition(line, &self.reading).ok()? else { return None };
                let draft = column::build(&written, collation, self.catalog.context()).ok()?;
                if !draft.is_plain() {
                    return add_definition(table, pending, &Definition::Column(written), self.catalog.context()).ok();
                }
                let known = Known { column: draft.column, explicit_null: draft.explicit_null };
                let found = (known.column.clone(), known.explicit_null);
                if self.familiar.columns.len() < REMEMBERED {
                    self.familiar.columns.insert((collation, words), known);
                }
                found
            }
        };
        if explicit_null {
            pending.null_columns.push((name, self.span));
        }
        table.columns.push(column);
        Some(())
    }

    /// Adds what is no column of a plain name; whether it is a foreign key.
    fn other(&mut self, line: &'a [u8], table: &mut TableDefinition, pending: &mut Pending) -> Option<bool> {
        if let Some(known) = self.familiar.keys.get(line) {
            pending.keys.push(known.clone());
            return Some(false);
        }
        let definition = layout::definition(line, &self.reading).ok()?;
        if let Definition::Index(written) = &definition {
            let draft = index::build(written, self.catalog.context()).ok()?;
            if self.familiar.keys.len() < REMEMBERED {
                self.familiar.keys.insert(line, draft.clone());
            }
            pending.keys.push(draft);
            return Some(false);
        }
        add_definition(table, pending, &definition, self.catalog.context()).ok()?;
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

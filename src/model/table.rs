//! Tables, their options, foreign keys, checks and periods.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{Collation, Column, DefaultValue, Expr, Index, KeyColumn, KeyPart, Keys, Partitioning};
use crate::ident::Ident;
use crate::source::Location;

/// One base table. Copies share their definition until one of them is changed, so that a copy of a schema costs
/// a pointer for each table.
#[derive(Clone, Debug)]
pub struct Table {
    /// The statement that made it.
    pub location: Location,
    definition: Arc<TableDefinition>,
    /// Whether the definition is known to be plain. Of one that may have been changed since, nothing is known.
    plain: bool,
}

impl Table {
    /// A table that a statement made.
    pub fn new(definition: TableDefinition, location: Location) -> Self {
        Self { location, definition: Arc::new(definition), plain: false }
    }

    /// The same table as another statement makes it.
    pub fn made_by(&self, location: Location) -> Self {
        Self { location, definition: Arc::clone(&self.definition), plain: self.plain }
    }

    /// Looks whether the table is plain, unless that is known: without foreign keys, expressions and partitions.
    pub fn look_whether_plain(&mut self) {
        self.plain =
            self.plain || self.foreign_keys.is_empty() && self.partitioning.is_none() && !self.has_expressions();
    }

    /// Whether the table is known to be plain: a question that does not touch its definition, so that many can be asked.
    pub const fn is_known_plain(&self) -> bool {
        self.plain
    }

    /// Whether it has foreign keys, asked of its definition only where that is not known.
    pub fn has_foreign_keys(&self) -> bool {
        !self.plain && !self.foreign_keys.is_empty()
    }

    /// Whether two tables share their definition. Those that do not may be the same all the same.
    pub fn shares(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.definition, &other.definition)
    }

    /// Whether two tables are the same but for the place of their definitions and the counters of their rows.
    pub fn is_same_but_counts(&self, other: &Self) -> bool {
        let TableDefinition {
            name,
            columns,
            indexes,
            foreign_keys,
            checks,
            periods,
            system_versioned,
            options,
            partitioning,
        } = &**self;
        *name == other.name
            && *columns == other.columns
            && *indexes == other.indexes
            && *foreign_keys == other.foreign_keys
            && *checks == other.checks
            && *periods == other.periods
            && *system_versioned == other.system_versioned
            && options.is_same_but_counts(&other.options)
            && *partitioning == other.partitioning
    }

    /// Whether two tables are the same but for the place of their definitions.
    pub fn is_same(&self, other: &Self) -> bool {
        self.shares(other) || self.definition == other.definition
    }
}

impl Deref for Table {
    type Target = TableDefinition;

    fn deref(&self) -> &TableDefinition {
        &self.definition
    }
}

impl DerefMut for Table {
    fn deref_mut(&mut self) -> &mut TableDefinition {
        self.plain = false;
        Arc::make_mut(&mut self.definition)
    }
}

/// What a table is, wherever it was defined.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableDefinition {
    /// Its name.
    pub name: Ident,
    /// The columns in order.
    pub columns: Vec<Column>,
    /// The keys in the order in which the server lists them.
    pub indexes: Keys,
    /// Foreign keys in order of name, as InnoDB lists them.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints of the table, in the order in which the server lists them.
    pub checks: Vec<Check>,
    /// Periods (MariaDB), the system-time period first.
    pub periods: Vec<Period>,
    /// Whether it keeps its history (MariaDB `WITH SYSTEM VERSIONING`).
    pub system_versioned: bool,
    /// Engine, collation and the other options.
    pub options: TableOptions,
    /// How it is partitioned.
    pub partitioning: Option<Box<Partitioning>>,
}

impl TableDefinition {
    /// Whether MySQL, which gets definitions of columns, takes a CHECK that stays for a new one: an enforced one over a type
    /// that its definitions call otherwise than its fields do.
    pub fn rereads_checks(&self, goes: &dyn Fn(&Check) -> bool) -> bool {
        let over_retyped = |check: &Check| {
            let mut found = false;
            check.expression.columns(&mut |name| {
                found |= self.column(name.as_str()).is_some_and(|(_, column)| column.data_type.is_retyped());
            });
            found
        };
        self.checks.iter().any(|check| check.enforced && over_retyped(check) && !goes(check))
    }

    /// The columns that an expression reads, and those that its virtual columns are computed from.
    pub fn columns_read(&self, expression: &Expr) -> Vec<Ident> {
        let mut read: Vec<Ident> = Vec::new();
        let note = |expression: &Expr, read: &mut Vec<Ident>| {
            expression.columns(&mut |name| {
                if !read.iter().any(|known| known.is(name.as_str())) {
                    read.push(name.clone());
                }
            });
        };
        note(expression, &mut read);
        let mut at = 0;
        while let Some(name) = read.get(at) {
            at += 1;
            let column = self.column(name.as_str()).map(|(_, column)| column);
            if let Some(generated) = column.and_then(|c| c.generated.as_ref()).filter(|g| !g.stored) {
                note(&generated.expression, &mut read);
            }
        }
        read
    }

    /// Whether any expression names its columns, its partitions' aside.
    pub fn has_expressions(&self) -> bool {
        let functional = |part: &KeyPart| matches!(part.column, KeyColumn::Expression(_));
        !self.checks.is_empty()
            || self.columns.iter().any(Column::has_expressions)
            || self.indexes.iter().flat_map(|index| &index.parts).any(functional)
    }

    /// The column of that name and its position.
    pub fn column(&self, name: &str) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, c)| c.name.is(name))
    }

    /// The key of that name.
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|i| i.name.is(name))
    }

    /// Visits the expressions of columns and keys: defaults, generated columns, MariaDB's checks of columns, functional keys.
    pub fn column_expressions_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        for column in self.columns.iter_mut().filter(|column| column.has_expressions()) {
            if let Some(DefaultValue::Expression(expression)) = &mut column.default {
                visit(expression);
            }
            column.generated.iter_mut().for_each(|generated| visit(&mut generated.expression));
            column.check.iter_mut().for_each(&mut *visit);
        }
        let functional = |index: &Index| index.parts.iter().any(|p| matches!(p.column, KeyColumn::Expression(_)));
        if self.indexes.iter().any(functional) {
            for part in self.indexes.iter_mut().flat_map(|index| &mut index.parts) {
                if let KeyColumn::Expression(expression) = &mut part.column {
                    visit(expression);
                }
            }
        }
    }

    /// The primary key.
    pub fn primary_key(&self) -> Option<&Index> {
        self.indexes.iter().find(|i| i.kind == super::IndexKind::Primary)
    }
}

/// The options of a table, apart from its partitioning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TableOptions {
    /// The engine under its canonical name (`InnoDB`).
    pub engine: Box<str>,
    /// The default collation, and with it the default charset.
    pub collation: Collation,
    /// The counter, where the script sets it. Never part of a comparison unless a policy says so.
    pub auto_increment: Option<u64>,
    /// All others that are set, with their values as the server prints them (strings unquoted).
    pub others: BTreeMap<OptionKey, Box<str>>,
    /// Options that an engine defines for itself (MariaDB), in order of writing, values as printed.
    pub engine_defined: Vec<(Ident, Box<str>)>,
}

impl TableOptions {
    /// Whether two tables' options are the same but for their counters.
    pub fn is_same_but_counts(&self, other: &Self) -> bool {
        let Self { engine, collation, auto_increment: _, others, engine_defined } = self;
        *engine == other.engine
            && *collation == other.collation
            && *others == other.others
            && *engine_defined == other.engine_defined
    }
}

/// The tablespace of MySQL that each table has for itself.
pub const OWN_TABLESPACE: &str = "innodb_file_per_table";

/// Table options in the order in which the servers print them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum OptionKey {
    /// `TABLESPACE`.
    Tablespace,
    /// `STORAGE DISK|MEMORY`.
    Storage,
    /// `MIN_ROWS`.
    MinRows,
    /// `MAX_ROWS`.
    MaxRows,
    /// `AVG_ROW_LENGTH` in bytes.
    AvgRowLength,
    /// `PACK_KEYS`: 0 or 1.
    PackKeys,
    /// `STATS_PERSISTENT`: 0 or 1.
    StatsPersistent,
    /// `STATS_AUTO_RECALC`: 0 or 1.
    StatsAutoRecalc,
    /// `STATS_SAMPLE_PAGES`.
    StatsSamplePages,
    /// `CHECKSUM`: 1.
    Checksum,
    /// `PAGE_CHECKSUM`: 0 or 1 (Aria).
    PageChecksum,
    /// `DELAY_KEY_WRITE`: 1.
    DelayKeyWrite,
    /// `ROW_FORMAT` in upper case.
    RowFormat,
    /// `TRANSACTIONAL`: 0 or 1 (Aria).
    Transactional,
    /// `KEY_BLOCK_SIZE` in KiB.
    KeyBlockSize,
    /// `COMPRESSION`.
    Compression,
    /// `ENCRYPTION`: Y or N.
    Encryption,
    /// `INSERT_METHOD` of a MERGE table.
    InsertMethod,
    /// `UNION` of a MERGE table: the list as printed.
    Union,
    /// `SEQUENCE=1` (MariaDB).
    Sequence,
    /// `COMMENT`.
    Comment,
    /// `CONNECTION` of a FEDERATED table.
    Connection,
    /// `DATA DIRECTORY`.
    DataDirectory,
    /// `INDEX DIRECTORY`.
    IndexDirectory,
    /// `SECONDARY_ENGINE`.
    SecondaryEngine,
    /// `AUTOEXTEND_SIZE` in bytes.
    AutoextendSize,
    /// `ENGINE_ATTRIBUTE`.
    EngineAttribute,
    /// `SECONDARY_ENGINE_ATTRIBUTE`.
    SecondaryEngineAttribute,
}

/// A foreign key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ForeignKey {
    /// The constraint's name.
    pub name: Ident,
    /// Whether the server made the name up (`t_ibfk_1`).
    pub generated_name: bool,
    /// The referencing columns.
    pub columns: Vec<Ident>,
    /// The referenced table's database, where it is another one.
    pub referenced_database: Option<Ident>,
    /// The referenced table.
    pub referenced_table: Ident,
    /// The referenced columns.
    pub referenced_columns: Vec<Ident>,
    /// What happens when the referenced row goes.
    pub on_delete: ReferentialAction,
    /// What happens when the referenced key changes.
    pub on_update: ReferentialAction,
}

/// The action of a foreign key. What is not written is NO ACTION on MySQL and RESTRICT on MariaDB;
/// neither is printed for it, and InnoDB treats both alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, PartialOrd, Ord)]
pub enum ReferentialAction {
    /// Nothing was written.
    #[default]
    Unspecified,
    /// `RESTRICT`.
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `NO ACTION`.
    NoAction,
    /// `SET DEFAULT`.
    SetDefault,
}

/// A CHECK constraint of a table. Two are the same whatever is still shown of them.
#[derive(Clone, Eq, Debug)]
pub struct Check {
    /// The constraint's name.
    pub name: Ident,
    /// Whether the server made the name up (`t_chk_1`, `CONSTRAINT_1`).
    pub generated_name: bool,
    /// The condition.
    pub expression: Expr,
    /// The condition as MySQL shows it until the table's next ALTER, where that is another one: its names and constants are those
    /// that were written, not yet those that the columns make of them.
    pub shown: Option<Box<Expr>>,
    /// Whether it is enforced.
    pub enforced: bool,
}

impl Check {
    /// The condition as the server shows it.
    pub fn shown(&self) -> &Expr {
        self.shown.as_deref().unwrap_or(&self.expression)
    }
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, generated_name, expression, shown: _, enforced } = self;
        *name == other.name
            && *generated_name == other.generated_name
            && *expression == other.expression
            && *enforced == other.enforced
    }
}

/// A period of a table (MariaDB).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Period {
    /// `SYSTEM_TIME` or the application period's name.
    pub name: Ident,
    /// Whether it is the system-time period.
    pub system: bool,
    /// The column of the start.
    pub start: Ident,
    /// The column of the end.
    pub end: Ident,
}

//! Schemas made of chance, valid on a target, and edits of them.
//!
//! In: a [`Tape`] of numbers, which decide everything; an empty tape makes the simplest schema, so that a failing tape
//! shrinks by itself. Out: scripts. Knows nothing of alterplan but its targets: what is valid is written down here once more.

pub mod alter;
pub mod column;
pub mod edit;
pub mod print;
pub mod repair;
pub mod rows;
pub mod shrink;

use column::Column;

/// The numbers that decide what is made.
#[derive(Debug, Clone)]
pub struct Tape<'t> {
    numbers: &'t [u16],
    at: usize,
}

impl<'t> Tape<'t> {
    /// Starts at the first number.
    pub fn new(numbers: &'t [u16]) -> Self {
        Self { numbers, at: 0 }
    }

    /// The next number; zero behind the end.
    pub fn number(&mut self) -> usize {
        self.at += 1;
        self.numbers.get(self.at - 1).copied().unwrap_or(0) as usize
    }

    /// A number below `n`, which is not zero.
    pub fn below(&mut self, n: usize) -> usize {
        self.number() % n
    }

    /// One of a list.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.number() % 100 >= 100 - percent
    }
}

/// Numbers that follow from a seed (SplitMix64).
pub fn numbers(seed: u64, length: usize) -> Vec<u16> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) as u16
    };
    (0..length).map(|_| next()).collect()
}

/// Whose dialect is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// MySQL from 8.4 on.
    MySql,
    /// MariaDB from 10.11 on.
    MariaDb,
}

/// A schema before it is text.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    /// Its tables, in the order of their CREATEs.
    pub tables: Vec<Table>,
}

/// A table before it is text.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its keys.
    pub keys: Vec<Key>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its CHECKs: name and expression, over the column of that name.
    pub checks: Vec<Check>,
    /// Its options.
    pub options: Options,
    /// Its partitioning.
    pub partitioning: Option<Partitioning>,
    /// Whether keys come by statements of their own.
    pub late: bool,
}

/// A table's options.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The engine; none: the server's default.
    pub engine: Option<&'static str>,
    /// Charset and collation.
    pub collation: Option<(&'static str, &'static str)>,
    /// The comment.
    pub comment: Option<&'static str>,
    /// All others, each as it is written.
    pub others: Vec<&'static str>,
    /// The counter.
    pub auto_increment: Option<usize>,
}

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// `KEY`.
    Plain,
    /// `UNIQUE KEY`.
    Unique,
    /// `PRIMARY KEY`.
    Primary,
    /// `FULLTEXT KEY`.
    Fulltext,
    /// `SPATIAL KEY`.
    Spatial,
    /// A key over an expression of its only column (MySQL).
    Functional,
}

/// A key.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its kind.
    pub kind: KeyKind,
    /// Its name; none: the server gives one.
    pub name: Option<String>,
    /// Its columns, each with a prefix length and whether it descends.
    pub parts: Vec<(String, Option<u32>, bool)>,
    /// Its comment.
    pub comment: Option<&'static str>,
    /// Whether the optimizer leaves it alone.
    pub invisible: bool,
    /// `USING BTREE` or so.
    pub using: Option<&'static str>,
}

/// A foreign key.
#[derive(Debug, Clone)]
pub struct ForeignKey {
    /// Its name; none: the server gives one.
    pub name: Option<String>,
    /// Its columns.
    pub columns: Vec<String>,
    /// The table that it refers to.
    pub table: String,
    /// The columns there.
    pub referenced: Vec<String>,
    /// ON DELETE.
    pub on_delete: Option<&'static str>,
    /// ON UPDATE.
    pub on_update: Option<&'static str>,
}

/// A CHECK.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its name; none: the server gives one.
    pub name: Option<String>,
    /// The column that it is about.
    pub column: String,
    /// Which of the expressions that suit the column.
    pub which: usize,
    /// Whether it is enforced (MySQL).
    pub enforced: bool,
}

/// A partition clause over one column.
#[derive(Debug, Clone)]
pub struct Partitioning {
    /// `HASH`, `KEY`, `RANGE`, `LIST`, `RANGE COLUMNS`.
    pub method: &'static str,
    /// The column.
    pub column: String,
    /// How many.
    pub count: usize,
    /// Whether the partitions are named.
    pub named: bool,
}

/// Charsets with collations that every target has.
pub const COLLATIONS: [(&str, &str); 12] = [
    ("utf8mb4", "utf8mb4_general_ci"),
    ("utf8mb4", "utf8mb4_bin"),
    ("utf8mb4", "utf8mb4_unicode_ci"),
    ("utf8mb4", "utf8mb4_unicode_520_ci"),
    ("latin1", "latin1_swedish_ci"),
    ("latin1", "latin1_bin"),
    ("utf8mb3", "utf8mb3_general_ci"),
    ("utf8mb3", "utf8mb3_bin"),
    ("ascii", "ascii_general_ci"),
    ("ascii", "ascii_bin"),
    ("ucs2", "ucs2_general_ci"),
    ("latin1", "latin1_general_cs"),
];

/// Comments that are easily lost on the way.
pub const COMMENTS: [&str; 8] = [
    "plain",
    "it's",
    "two\nlines",
    "back\\slash",
    "\"double\" `back`",
    "größe — 漢字",
    "100 % /* no comment */ -- #",
    "tab\tend\\",
];

const TABLES: [&str; 8] = ["users", "order", "Mixed", "größe", "with space", "t`k", "log_2024", "x"];

/// Makes a schema.
pub fn schema(tape: &mut Tape<'_>, dialect: Dialect) -> Schema {
    let mut schema = Schema::default();
    for _ in 0..=tape.below(5) {
        edit::add_table(&mut schema, tape, dialect);
    }
    for _ in 0..tape.below(4) {
        edit::add_foreign_key(&mut schema, tape);
    }
    repair::repair(&mut schema, dialect);
    schema
}

/// Makes a schema and one that came of it by edits, or has nothing to do with it.
pub fn pair(tape: &mut Tape<'_>, dialect: Dialect) -> (Schema, Schema) {
    let unrelated = tape.chance(10);
    let edits = tape.below(6);
    if unrelated {
        return strangers(tape, dialect);
    }
    let old = schema(tape, dialect);
    let mut new = old.clone();
    for _ in 0..=edits {
        edit::edit(&mut new, tape, dialect);
    }
    repair::repair(&mut new, dialect);
    (old, new)
}

/// Makes two schemas that have nothing to do with each other but the names of some tables.
pub fn strangers(tape: &mut Tape<'_>, dialect: Dialect) -> (Schema, Schema) {
    let old = schema(tape, dialect);
    let mut new = schema(tape, dialect);
    for at in 0..new.tables.len() {
        let Some(name) = old.tables.get(at).map(|t| t.name.clone()).filter(|_| tape.chance(60)) else { continue };
        if new.tables.iter().any(|t| t.name == name) {
            continue;
        }
        let before = std::mem::replace(&mut new.tables[at].name, name.clone());
        for key in new.tables.iter_mut().flat_map(|t| &mut t.foreign_keys).filter(|k| k.table == before) {
            key.table.clone_from(&name);
        }
    }
    (old, new)
}

/// A table's name that the schema does not have yet.
fn fresh_table(schema: &Schema, tape: &mut Tape<'_>) -> String {
    let start = tape.below(TABLES.len());
    let name = (0..TABLES.len())
        .map(|i| TABLES[(start + i) % TABLES.len()])
        .find(|n| !schema.tables.iter().any(|t| t.name == *n));
    name.map_or_else(|| format!("t{}", schema.tables.len()), str::to_owned)
}

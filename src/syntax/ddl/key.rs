//! Keys, foreign keys, checks and periods as written.

use std::borrow::Cow;

use super::{Expression, Name, OptionValue, TableName};
use crate::model::{IndexAlgorithm, IndexKind, ReferentialAction};
use crate::source::Span;

/// A key as written.
#[derive(Clone, PartialEq, Debug)]
pub struct IndexDefinition<'a> {
    /// What kind it is.
    pub kind: IndexKind,
    /// `CONSTRAINT name`.
    pub constraint: Option<Name<'a>>,
    /// Its name.
    pub name: Option<Name<'a>>,
    /// `IF NOT EXISTS` (MariaDB).
    pub if_not_exists: bool,
    /// Its parts.
    pub parts: Vec<KeyPartDefinition<'a>>,
    /// `period WITHOUT OVERLAPS` (MariaDB).
    pub without_overlaps: Option<Name<'a>>,
    /// Its options, in order of writing.
    pub options: Vec<IndexOption<'a>>,
    /// Where it stands.
    pub span: Span,
}

/// A key part as written.
#[derive(Clone, PartialEq, Debug)]
pub struct KeyPartDefinition<'a> {
    /// The column or the expression.
    pub column: KeyPartColumn<'a>,
    /// The prefix length.
    pub prefix: Option<u64>,
    /// `DESC`.
    pub descending: bool,
    /// Whether an order was written.
    pub ordered: bool,
}

/// What a key part is.
#[derive(Clone, PartialEq, Debug)]
pub enum KeyPartColumn<'a> {
    /// A column.
    Column(Name<'a>),
    /// An expression.
    Expression(Expression),
}

/// One option of a key.
#[derive(Clone, PartialEq, Debug)]
pub enum IndexOption<'a> {
    /// `USING`.
    Using(IndexAlgorithm),
    /// `KEY_BLOCK_SIZE`.
    KeyBlockSize(u64),
    /// `COMMENT`.
    Comment(Cow<'a, str>),
    /// `WITH PARSER`.
    Parser(Name<'a>),
    /// `VISIBLE`, `NOT IGNORED`.
    Visible,
    /// `INVISIBLE`, `IGNORED`.
    Invisible,
    /// `ENGINE_ATTRIBUTE`.
    EngineAttribute(Cow<'a, str>),
    /// `SECONDARY_ENGINE_ATTRIBUTE`.
    SecondaryEngineAttribute(Cow<'a, str>),
    /// An engine-defined option (MariaDB).
    Option(Name<'a>, OptionValue<'a>),
}

/// A foreign key as written.
#[derive(Clone, PartialEq, Debug)]
pub struct ForeignKeyDefinition<'a> {
    /// `CONSTRAINT name`.
    pub constraint: Option<Name<'a>>,
    /// The name after FOREIGN KEY.
    pub index_name: Option<Name<'a>>,
    /// `IF NOT EXISTS` (MariaDB).
    pub if_not_exists: bool,
    /// The referencing columns.
    pub columns: Vec<Name<'a>>,
    /// What they reference.
    pub references: ReferenceClause<'a>,
    /// Where it stands.
    pub span: Span,
}

/// `REFERENCES table (columns) …`.
#[derive(Clone, PartialEq, Debug)]
pub struct ReferenceClause<'a> {
    /// `CONSTRAINT name` before a column's own REFERENCES.
    pub constraint: Option<Name<'a>>,
    /// The referenced table.
    pub table: TableName<'a>,
    /// The referenced columns; empty where not written.
    pub columns: Vec<Name<'a>>,
    /// `ON DELETE`.
    pub on_delete: ReferentialAction,
    /// `ON UPDATE`.
    pub on_update: ReferentialAction,
}

/// A CHECK as written.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckDefinition<'a> {
    /// `CONSTRAINT name`.
    pub constraint: Option<Name<'a>>,
    /// `IF NOT EXISTS` (MariaDB).
    pub if_not_exists: bool,
    /// The condition.
    pub expression: Expression,
    /// `[NOT] ENFORCED`.
    pub enforced: bool,
    /// Where it stands.
    pub span: Span,
}

/// `PERIOD FOR name (start, end)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeriodDefinition<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Whether it is `SYSTEM_TIME`.
    pub system: bool,
    /// The column of the start.
    pub start: Name<'a>,
    /// The column of the end.
    pub end: Name<'a>,
}

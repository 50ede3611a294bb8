//! CREATE TABLE and its options, as written.

use std::borrow::Cow;

use super::{
    CheckDefinition, ColumnDefinition, ForeignKeyDefinition, IndexDefinition, Name, PartitionClause, PeriodDefinition,
    TableName,
};
use crate::model::OptionKey;
use crate::source::Span;

/// `CREATE TABLE`.
#[derive(Clone, PartialEq, Debug)]
pub struct CreateTable<'a> {
    /// The table.
    pub name: TableName<'a>,
    /// `OR REPLACE` (MariaDB).
    pub or_replace: bool,
    /// `TEMPORARY`.
    pub temporary: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// `LIKE other`.
    pub like: Option<TableName<'a>>,
    /// What stands between the parentheses.
    pub definitions: Vec<Definition<'a>>,
    /// The options, in order of writing.
    pub options: Vec<TableOption<'a>>,
    /// `PARTITION BY`.
    pub partitioning: Option<PartitionClause<'a>>,
    /// The place of `[AS] SELECT …`: its columns cannot be known without the data dictionary.
    pub select: Option<Span>,
}

/// One element between the parentheses of CREATE TABLE.
#[derive(Clone, PartialEq, Debug)]
pub enum Definition<'a> {
    /// A column.
    Column(ColumnDefinition<'a>),
    /// A key.
    Index(IndexDefinition<'a>),
    /// A foreign key.
    ForeignKey(ForeignKeyDefinition<'a>),
    /// A CHECK.
    Check(CheckDefinition<'a>),
    /// `PERIOD FOR name (start, end)` (MariaDB).
    Period(PeriodDefinition<'a>),
}

/// One table option as written.
#[derive(Clone, PartialEq, Debug)]
pub enum TableOption<'a> {
    /// `ENGINE` or `TYPE`.
    Engine(Name<'a>),
    /// `[DEFAULT] CHARACTER SET`.
    Charset(Name<'a>),
    /// `[DEFAULT] COLLATE`.
    Collate(Name<'a>),
    /// `AUTO_INCREMENT`.
    AutoIncrement(u64),
    /// One of the enumerated options with its value: numbers as digits, strings unescaped, words in
    /// upper case, `UNION` as its list of names.
    Known(OptionKey, OptionValue<'a>, Span),
    /// `WITH SYSTEM VERSIONING` (MariaDB).
    SystemVersioning,
    /// An option that only its engine knows (MariaDB).
    EngineDefined(Name<'a>, OptionValue<'a>),
    /// An option that servers read and forget (`PASSWORD`, `RAID_TYPE`, …).
    Forgotten(Span),
}

/// The value of an option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OptionValue<'a> {
    /// `DEFAULT`.
    Default,
    /// A number (suffixes K, M, G resolved).
    Number(u64),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// A word as written.
    Word(Cow<'a, str>),
    /// A list of tables (`UNION`).
    Tables(Vec<TableName<'a>>),
}

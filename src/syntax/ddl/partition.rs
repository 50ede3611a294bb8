//! Partitioning as written.

use std::borrow::Cow;

use super::{Expression, Name, OptionValue};
use crate::model::expression::Unit;
use crate::source::Span;

/// `PARTITION BY …`.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionClause<'a> {
    /// By what.
    pub method: PartitionMethodClause<'a>,
    /// `PARTITIONS n`.
    pub count: Option<u64>,
    /// `SUBPARTITION BY …` with `SUBPARTITIONS n`.
    pub subpartitioning: Option<(PartitionMethodClause<'a>, Option<u64>)>,
    /// The partitions.
    pub partitions: Vec<PartitionDefinition<'a>>,
    /// Where it stands.
    pub span: Span,
}

/// The partitioning function as written.
#[derive(Clone, PartialEq, Debug)]
pub enum PartitionMethodClause<'a> {
    /// `[LINEAR] HASH (expr)`.
    Hash {
        /// `LINEAR`.
        linear: bool,
        /// The function.
        expression: Expression,
    },
    /// `[LINEAR] KEY [ALGORITHM=n] (columns)`.
    Key {
        /// `LINEAR`.
        linear: bool,
        /// `ALGORITHM`.
        algorithm: Option<u64>,
        /// The columns.
        columns: Vec<Name<'a>>,
    },
    /// `RANGE (expr)`.
    Range(Expression),
    /// `RANGE COLUMNS (columns)`.
    RangeColumns(Vec<Name<'a>>),
    /// `LIST (expr)`.
    List(Expression),
    /// `LIST COLUMNS (columns)`.
    ListColumns(Vec<Name<'a>>),
    /// `SYSTEM_TIME …` (MariaDB).
    SystemTime {
        /// When history goes on in the next partition.
        rotation: RotationClause,
        /// `AUTO`.
        auto: bool,
    },
}

/// `LIMIT …` or `INTERVAL …` of `PARTITION BY SYSTEM_TIME`.
#[derive(Clone, PartialEq, Debug)]
pub enum RotationClause {
    /// Neither.
    None,
    /// `LIMIT n`.
    Limit(u64),
    /// `INTERVAL …`.
    Interval(Box<IntervalClause>),
}

/// `INTERVAL value unit [STARTS literal]`.
#[derive(Clone, PartialEq, Debug)]
pub struct IntervalClause {
    /// How many units.
    pub value: Expression,
    /// The unit.
    pub unit: Unit,
    /// When the first interval begins.
    pub starts: Option<Expression>,
}

/// A partition as written.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionDefinition<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Which rows it holds.
    pub values: PartitionValuesClause,
    /// Its options, in order of writing.
    pub options: Vec<PartitionOption<'a>>,
    /// Its subpartitions.
    pub subpartitions: Vec<(Name<'a>, Vec<PartitionOption<'a>>)>,
}

/// `VALUES …` as written.
#[derive(Clone, PartialEq, Debug)]
pub enum PartitionValuesClause {
    /// Nothing.
    None,
    /// `LESS THAN (…)` or `LESS THAN MAXVALUE`; `None` stands for MAXVALUE.
    LessThan(Vec<Option<Expression>>),
    /// `IN (…)`: tuples.
    In(Vec<Vec<Expression>>),
    /// `DEFAULT`.
    Default,
    /// `HISTORY`.
    History,
    /// `CURRENT`.
    Current,
}

/// One option of a partition.
#[derive(Clone, PartialEq, Debug)]
pub enum PartitionOption<'a> {
    /// `[STORAGE] ENGINE`.
    Engine(Name<'a>),
    /// `COMMENT`.
    Comment(Cow<'a, str>),
    /// `DATA DIRECTORY`.
    DataDirectory(Cow<'a, str>),
    /// `INDEX DIRECTORY`.
    IndexDirectory(Cow<'a, str>),
    /// `MAX_ROWS`.
    MaxRows(u64),
    /// `MIN_ROWS`.
    MinRows(u64),
    /// `TABLESPACE`.
    Tablespace(Name<'a>),
    /// `NODEGROUP`.
    Nodegroup(u64),
    /// `CONNECTION`, or an option that only the engine knows (MariaDB).
    Option(Name<'a>, OptionValue<'a>),
}

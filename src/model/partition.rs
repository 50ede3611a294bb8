//! Partitioning.

use super::Expr;
use crate::ident::Ident;

/// How a table is partitioned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partitioning {
    /// By what.
    pub method: PartitionMethod,
    /// How each partition is divided further.
    pub subpartitioning: Option<Subpartitioning>,
    /// `PARTITIONS n`, where the partitions are not listed one by one.
    pub count: Option<u32>,
    /// The partitions as listed; empty where only their number was given.
    pub partitions: Vec<Partition>,
}

impl Partitioning {
    /// Visits the columns that it reads.
    pub fn columns(&self, visit: &mut dyn FnMut(&Ident)) {
        self.method.columns(visit);
        if let Some(sub) = &self.subpartitioning {
            sub.method.columns(visit);
        }
    }

    /// Whether both are the same as far as is known.
    pub fn may_be(&self, other: &Self) -> bool {
        self.method.may_be(&other.method)
            && self.subpartitioning == other.subpartitioning
            && self.count == other.count
            && self.partitions == other.partitions
    }
}

/// The partitioning function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PartitionMethod {
    /// `[LINEAR] HASH (expr)`.
    Hash {
        /// `LINEAR`.
        linear: bool,
        /// The function.
        expression: Expr,
    },
    /// `[LINEAR] KEY [ALGORITHM=n] (columns)`.
    Key {
        /// `LINEAR`.
        linear: bool,
        /// `ALGORITHM`, where written and kept.
        algorithm: Option<u32>,
        /// The columns; empty for the primary key's.
        columns: Vec<Ident>,
    },
    /// `RANGE (expr)`.
    Range(Expr),
    /// `RANGE COLUMNS (columns)`.
    RangeColumns(Vec<Ident>),
    /// `LIST (expr)`.
    List(Expr),
    /// `LIST COLUMNS (columns)`.
    ListColumns(Vec<Ident>),
    /// `SYSTEM_TIME …` (MariaDB).
    SystemTime(SystemTime),
}

/// How the history of a system-versioned table goes from one partition to the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SystemTime {
    /// When.
    pub rotation: Rotation,
    /// `AUTO`: the server makes the partitions that it needs.
    pub auto: bool,
}

/// When history goes on in the next partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Rotation {
    /// Never.
    None,
    /// `LIMIT n` rows.
    Limit(u64),
    /// `INTERVAL …`.
    Interval {
        /// The number and the unit as the server prints them (`1 MONTH`, `'1:30' HOUR_MINUTE`).
        every: Box<str>,
        /// `STARTS` as `YYYY-MM-DD hh:mm:ss`. Where nobody wrote it, it is the moment of the statement, which is not known here.
        starts: Option<Box<str>>,
    },
}

impl PartitionMethod {
    /// Visits the columns that it reads.
    pub fn columns(&self, visit: &mut dyn FnMut(&Ident)) {
        match self {
            Self::Hash { expression, .. } | Self::Range(expression) | Self::List(expression) => {
                expression.columns(visit)
            }
            Self::Key { columns, .. } | Self::RangeColumns(columns) | Self::ListColumns(columns) => {
                columns.iter().for_each(visit)
            }
            Self::SystemTime(_) => {}
        }
    }

    /// Whether both are the same as far as is known: a moment that nobody wrote may be any.
    pub fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::SystemTime(a), Self::SystemTime(b)) => match (&a.rotation, &b.rotation) {
                (Rotation::Interval { every, starts }, Rotation::Interval { every: every_other, starts: other }) => {
                    a.auto == b.auto && every == every_other && (starts == other || starts.is_none() || other.is_none())
                }
                _ => a == b,
            },
            _ => self == other,
        }
    }
}

/// `SUBPARTITION BY`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subpartitioning {
    /// `HASH` or `KEY`.
    pub method: PartitionMethod,
    /// `SUBPARTITIONS n`, where they are not listed.
    pub count: Option<u32>,
}

/// One partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Partition {
    /// Its name.
    pub name: Ident,
    /// Which rows it holds.
    pub values: PartitionValues,
    /// Comment, directories and so on.
    pub options: PartitionOptions,
    /// Its subpartitions, where they are listed.
    pub subpartitions: Vec<(Ident, PartitionOptions)>,
}

/// Which rows a partition holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PartitionValues {
    /// Nothing is said: HASH and KEY.
    None,
    /// `VALUES LESS THAN (…)`; `None` stands for MAXVALUE.
    LessThan(Vec<Option<Expr>>),
    /// `VALUES IN (…)`: tuples, of one value each unless LIST COLUMNS has several.
    In(Vec<Vec<Expr>>),
    /// `DEFAULT` (MariaDB).
    Default,
    /// `HISTORY` (MariaDB).
    History,
    /// `CURRENT` (MariaDB).
    Current,
}

/// The options of a partition or subpartition, as far as they are set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PartitionOptions {
    /// `COMMENT`.
    pub comment: Box<str>,
    /// `DATA DIRECTORY`.
    pub data_directory: Option<Box<str>>,
    /// `INDEX DIRECTORY`.
    pub index_directory: Option<Box<str>>,
    /// `MAX_ROWS`.
    pub max_rows: Option<u64>,
    /// `MIN_ROWS`.
    pub min_rows: Option<u64>,
    /// `TABLESPACE`.
    pub tablespace: Option<Ident>,
    /// `NODEGROUP`.
    pub nodegroup: Option<u32>,
}

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
    /// `SYSTEM_TIME` (MariaDB), with what follows it as the server prints it (`INTERVAL 1 MONTH`, `LIMIT 1000`, `AUTO`…).
    SystemTime(Box<str>),
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

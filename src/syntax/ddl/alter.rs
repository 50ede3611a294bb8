//! ALTER TABLE as written.

use super::{
    CharsetClause, CheckDefinition, ColumnDefinition, DefaultClause, ForeignKeyDefinition, IndexDefinition, Name,
    PartitionClause, PartitionDefinition, PeriodDefinition, TableName, TableOption,
};
use crate::source::Span;

/// `ALTER TABLE`.
#[derive(Clone, PartialEq, Debug)]
pub struct AlterTable<'a> {
    /// The table.
    pub table: TableName<'a>,
    /// `IF EXISTS` (MariaDB).
    pub if_exists: bool,
    /// What is done, in order of writing.
    pub actions: Vec<AlterAction<'a>>,
}

/// Where a column goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Position<'a> {
    /// Where it is, or at the end.
    Unspecified,
    /// `FIRST`.
    First,
    /// `AFTER column`.
    After(Name<'a>),
}

/// What is done to partitions that stay as they are defined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Maintenance {
    /// `ANALYZE`, `CHECK`, `REPAIR`: a partition that is not there is a row of the result.
    Inspect,
    /// `OPTIMIZE`, which makes the table anew.
    Optimize,
    /// `REBUILD`.
    Rebuild,
    /// `TRUNCATE`, `DISCARD`, `IMPORT`.
    Empty,
}

/// One action of ALTER TABLE.
#[derive(Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "the fields are the clauses of the action that each variant names")]
pub enum AlterAction<'a> {
    AddColumn {
        column: ColumnDefinition<'a>,
        position: Position<'a>,
        if_not_exists: bool,
    },
    AddIndex(IndexDefinition<'a>),
    AddForeignKey(ForeignKeyDefinition<'a>),
    AddCheck(CheckDefinition<'a>),
    AddPeriod {
        period: PeriodDefinition<'a>,
        if_not_exists: bool,
    },
    ChangeColumn {
        from: Name<'a>,
        column: ColumnDefinition<'a>,
        position: Position<'a>,
        if_exists: bool,
    },
    ModifyColumn {
        column: ColumnDefinition<'a>,
        position: Position<'a>,
        if_exists: bool,
    },
    RenameColumn {
        from: Name<'a>,
        to: Name<'a>,
        if_exists: bool,
    },
    DropColumn {
        name: Name<'a>,
        if_exists: bool,
    },
    SetDefault {
        column: Name<'a>,
        default: DefaultClause<'a>,
        if_exists: bool,
    },
    DropDefault {
        column: Name<'a>,
        if_exists: bool,
    },
    SetColumnVisibility {
        column: Name<'a>,
        invisible: bool,
    },
    DropIndex {
        name: Name<'a>,
        if_exists: bool,
    },
    DropPrimaryKey {
        if_exists: bool,
        span: Span,
    },
    DropForeignKey {
        name: Name<'a>,
        if_exists: bool,
    },
    /// `DROP CHECK` (MySQL).
    DropCheck {
        name: Name<'a>,
    },
    /// `DROP CONSTRAINT`.
    DropConstraint {
        name: Name<'a>,
        if_exists: bool,
    },
    DropPeriod {
        name: Name<'a>,
        if_exists: bool,
    },
    /// `ALTER CHECK|CONSTRAINT name [NOT] ENFORCED` (MySQL).
    SetEnforcement {
        name: Name<'a>,
        enforced: bool,
        /// Whether it is called a CHECK, not a CONSTRAINT.
        of_check: bool,
    },
    RenameIndex {
        from: Name<'a>,
        to: Name<'a>,
        if_exists: bool,
    },
    SetIndexVisibility {
        name: Name<'a>,
        invisible: bool,
        if_exists: bool,
    },
    RenameTable(TableName<'a>),
    Options(Vec<TableOption<'a>>),
    /// `CONVERT TO CHARACTER SET`.
    ConvertCharset(CharsetClause<'a>),
    DropSystemVersioning(Span),
    /// `ORDER BY`: sorts rows once, changes no definition.
    OrderBy(Vec<Name<'a>>),
    /// `ALGORITHM` of those that copy nothing, `LOCK` and `WITH VALIDATION`: what the statement may cost at most, and how it is done.
    Online {
        asked: Online,
        span: Span,
    },
    /// `ALGORITHM = DEFAULT`, `ENABLE|DISABLE KEYS`, `DISCARD|IMPORT TABLESPACE` …: nothing that a
    /// definition shows.
    NoDefinition(Span),
    /// `FORCE`, `ALGORITHM = COPY`: nothing that a definition shows, but the table is made anew.
    Rebuild {
        copies: bool,
        span: Span,
    },
    /// `ANALYZE|CHECK|OPTIMIZE|REBUILD|REPAIR|TRUNCATE PARTITION` and their like; no names are all partitions.
    MaintainPartitions {
        maintenance: Maintenance,
        names: Vec<Name<'a>>,
        span: Span,
    },
    PartitionBy(PartitionClause<'a>),
    RemovePartitioning(Span),
    AddPartitions {
        partitions: Vec<PartitionDefinition<'a>>,
        count: Option<u64>,
        if_not_exists: bool,
    },
    DropPartitions {
        names: Vec<Name<'a>>,
        if_exists: bool,
    },
    CoalescePartition {
        count: u64,
        span: Span,
    },
    ReorganizePartitions {
        from: Vec<Name<'a>>,
        into: Vec<PartitionDefinition<'a>>,
        span: Span,
    },
    /// `EXCHANGE PARTITION p WITH TABLE t`.
    ExchangePartition {
        partition: Name<'a>,
        table: TableName<'a>,
    },
    /// `CONVERT PARTITION p TO TABLE t` (MariaDB).
    ConvertPartition {
        partition: Name<'a>,
        table: TableName<'a>,
    },
    /// `CONVERT TABLE t TO PARTITION …` (MariaDB).
    ConvertTable {
        table: TableName<'a>,
        partition: PartitionDefinition<'a>,
    },
}

impl AlterAction<'_> {
    /// Whether MySQL writes the table's definition anew for it: others change files, rows or the name alone (seen on 9.7).
    pub(crate) const fn makes_anew(&self) -> bool {
        match self {
            Self::Rebuild { .. } => true,
            Self::MaintainPartitions { maintenance, .. } => {
                matches!(maintenance, Maintenance::Rebuild | Maintenance::Optimize)
            }
            _ => self.defines() && !matches!(self, Self::RenameTable(_) | Self::ExchangePartition { .. }),
        }
    }

    /// Whether it is about partitions.
    pub(crate) const fn is_about_partitions(&self) -> bool {
        matches!(
            self,
            Self::PartitionBy(_)
                | Self::RemovePartitioning(_)
                | Self::AddPartitions { .. }
                | Self::DropPartitions { .. }
                | Self::CoalescePartition { .. }
                | Self::ReorganizePartitions { .. }
                | Self::ExchangePartition { .. }
                | Self::ConvertPartition { .. }
                | Self::ConvertTable { .. }
                | Self::MaintainPartitions { .. }
        )
    }

    /// Whether it is about what a definition shows.
    pub(crate) const fn defines(&self) -> bool {
        !matches!(
            self,
            Self::Online { .. } | Self::NoDefinition(_) | Self::Rebuild { .. } | Self::MaintainPartitions { .. }
        )
    }
}

/// What an ALTER asks for of those ways in which a table is changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Online {
    /// `ALGORITHM = INSTANT`: the dictionary alone changes.
    Instant,
    /// `ALGORITHM = NOCOPY` (MariaDB): the rows stay as they are.
    NoCopy,
    /// `ALGORITHM = INPLACE`: the engine does it by itself.
    Inplace,
    /// `LOCK = NONE`: writers go on.
    Unlocked,
    /// `LOCK = SHARED`: readers go on.
    Shared,
    /// `LOCK = EXCLUSIVE`.
    Exclusive,
    /// `WITH VALIDATION`, `WITHOUT VALIDATION`: whether rows are looked at (MySQL).
    Validation,
}

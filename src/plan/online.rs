//! What algorithm, lock and rebuild the target chooses by itself: `grammar/online_ddl.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::hazard::{TypeChange, type_change};
use super::operation::Operation;
use crate::diff::{ColumnAspect, Position};
use crate::document::{Algorithm, Lock};
use crate::model::{Column, DataType, DefaultValue, IndexKind, KeyColumn, OptionKey, Table};
use crate::source::Pair;
use crate::target::{Target, Vendor};

/// What an ALTER costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) struct Cost {
    pub(crate) algorithm: Algorithm,
    pub(crate) lock: Lock,
    pub(crate) rebuilds: bool,
}

const CHEAPEST: Cost = Cost { algorithm: Algorithm::Instant, lock: Lock::None, rebuilds: false };
/// What is assumed where the table has no row.
const UNKNOWN: Cost = Cost { algorithm: Algorithm::Copy, lock: Lock::Shared, rebuilds: true };

struct Row {
    vendor: Vendor,
    since: u32,
    until: u32,
    cost: Cost,
}

static ROWS: LazyLock<HashMap<&'static str, Vec<Row>>> = LazyLock::new(|| {
    let mut rows: HashMap<&'static str, Vec<Row>> = HashMap::new();
    for line in include_str!("../../grammar/online_ddl.tsv").lines().filter(|l| !l.starts_with('#')) {
        if let Some((kind, row)) = read(line) {
            rows.entry(kind).or_default().push(row);
        }
    }
    rows
});

fn read(line: &'static str) -> Option<(&'static str, Row)> {
    let mut cells = line.split('\t');
    let (kind, vendor, since, until) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let (algorithm, lock, rebuild) = (cells.next()?, cells.next()?, cells.next()?);
    let algorithm = match algorithm {
        "instant" => Algorithm::Instant,
        "inplace" => Algorithm::Inplace,
        "copy" => Algorithm::Copy,
        _ => return None,
    };
    let lock = match lock {
        "none" => Lock::None,
        "shared" => Lock::Shared,
        "exclusive" => Lock::Exclusive,
        _ => return None,
    };
    let vendor = if vendor == "mysql" { Vendor::MySql } else { Vendor::MariaDb };
    let until = if until == "-" { u32::MAX } else { version(until)? };
    Some((
        kind,
        Row { vendor, since: version(since)?, until, cost: Cost { algorithm, lock, rebuilds: rebuild == "1" } },
    ))
}

/// `8.0.12` as [`Target::number`] counts.
fn version(text: &str) -> Option<u32> {
    let mut parts = text.split('.').map(str::parse::<u32>);
    let (major, minor) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let patch = parts.next().transpose().ok()?.unwrap_or(0);
    Some(major * 10_000 + minor * 100 + patch)
}

fn look_up(kind: &str, target: Target) -> Option<Cost> {
    let here =
        |row: &&Row| row.vendor == target.vendor() && row.since <= target.number() && target.number() < row.until;
    ROWS.get(kind)?.iter().find(here).map(|row| row.cost)
}

/// What one ALTER with those operations costs: as much as the costliest of them.
pub(crate) fn cost(target: Target, tables: Pair<&Table>, operations: &[Operation<'_>]) -> Cost {
    if tables.old.options.engine.as_ref() != "InnoDB" {
        return UNKNOWN;
    }
    let conditions = conditions(tables.old);
    let mut total = CHEAPEST;
    for kind in kinds(target, tables, operations) {
        let with_condition = conditions.iter().filter_map(|c| look_up(&format!("{kind}@{c}"), target)).max();
        let cost = with_condition.or_else(|| look_up(kind, target)).unwrap_or(UNKNOWN);
        total = Cost {
            algorithm: total.algorithm.max(cost.algorithm),
            lock: total.lock.max(cost.lock),
            rebuilds: total.rebuilds || cost.rebuilds,
        };
    }
    total
}

/// The conditions of the table's rows (`kind@condition`) that hold for a table.
fn conditions(table: &Table) -> Vec<&'static str> {
    let virtual_present = table.columns.iter().any(|c| c.generated.as_ref().is_some_and(|g| !g.stored));
    let fulltext = table.indexes.iter().any(|i| i.kind == IndexKind::Fulltext);
    let compressed = table.options.others.get(&OptionKey::RowFormat).is_some_and(|v| v.as_ref() == "COMPRESSED");
    [
        ("virtual-present", virtual_present),
        ("fulltext-present", fulltext),
        ("partitioned", table.partitioning.is_some()),
        ("row-format-compressed", compressed),
        ("system-versioned", table.system_versioned),
    ]
    .into_iter()
    .filter(|(_, holds)| *holds)
    .map(|(name, _)| name)
    .collect()
}

fn kinds(target: Target, tables: Pair<&Table>, operations: &[Operation<'_>]) -> Vec<&'static str> {
    let drops_primary = operations.iter().any(|o| matches!(o, Operation::DropIndex(i) if i.kind == IndexKind::Primary));
    let adds_primary = operations.iter().any(|o| matches!(o, Operation::AddIndex(i) if i.kind == IndexKind::Primary));
    let mut fulltexts = tables.old.indexes.iter().filter(|i| i.kind == IndexKind::Fulltext).count();
    let mut kinds = Vec::new();
    for operation in operations {
        let kind = match operation {
            Operation::DropForeignKey(_) => "drop-foreign-key",
            Operation::AddForeignKey(_) => "add-foreign-key-checks-on",
            Operation::DropCheck(_) => "drop-check",
            Operation::AddCheck(check) => {
                if check.enforced {
                    "add-check"
                } else {
                    "add-check-not-enforced"
                }
            }
            Operation::SetCheckEnforcement(check) => {
                if check.enforced {
                    "alter-check-enforcement-on"
                } else {
                    "alter-check-enforcement-off"
                }
            }
            Operation::DropPeriod(_) => "drop-application-period",
            Operation::AddPeriod(_) => "add-application-period",
            Operation::DropSystemVersioning => "drop-system-versioning",
            Operation::AddSystemVersioning => "add-system-versioning",
            Operation::DropIndex(index) => match index.kind {
                IndexKind::Primary if adds_primary => "change-primary-key",
                IndexKind::Primary => "drop-primary-key",
                IndexKind::Fulltext => "drop-fulltext",
                IndexKind::Spatial => "drop-spatial",
                IndexKind::Vector => "drop-vector-index",
                IndexKind::Unique | IndexKind::Plain => "drop-index",
            },
            Operation::AddIndex(index) => match index.kind {
                IndexKind::Primary if drops_primary => "change-primary-key",
                IndexKind::Primary => "add-primary-key",
                IndexKind::Fulltext => {
                    fulltexts += 1;
                    if fulltexts == 1 { "add-fulltext-first" } else { "add-fulltext-further" }
                }
                IndexKind::Spatial => "add-spatial",
                IndexKind::Vector => "add-vector-index",
                IndexKind::Unique | IndexKind::Plain
                    if index.parts.iter().any(|p| matches!(p.column, KeyColumn::Expression(_))) =>
                {
                    "add-index-functional"
                }
                IndexKind::Unique => "add-unique-index",
                IndexKind::Plain => "add-index",
            },
            Operation::SetIndexVisibility(_) => "alter-index-visibility",
            Operation::RenameIndex(_) => "rename-index",
            Operation::DropColumn(column) => match &column.generated {
                Some(g) if g.stored => "drop-column-stored",
                Some(_) => "drop-column-virtual",
                None if is_indexed(column, tables.old) => "drop-column-indexed",
                None => "drop-column",
            },
            Operation::AddColumn { column, position } => added(column, *position),
            Operation::RemakeColumn { .. } => "change-plain-to-generated-stored",
            Operation::ModifyColumn { columns, aspects, moved } => {
                kinds.extend(aspects.iter().map(|aspect| modified(target, *columns, *aspect, tables)));
                if moved.is_none() {
                    continue;
                }
                if columns.new.generated.as_ref().is_some_and(|g| !g.stored) {
                    "reorder-column-virtual"
                } else {
                    "reorder-column"
                }
            }
            Operation::RenameColumn(pair) if is_indexed(pair.old, tables.old) => "rename-column-indexed",
            Operation::RenameColumn(_) => "rename-column",
            Operation::SetDefault(_) => "set-default-expression",
            Operation::DropDefault(_) => "drop-default",
            Operation::SetEngine(_) => "change-engine",
            Operation::SetCollation(_) => "change-default-charset",
            Operation::SetAutoIncrement(_) => "change-auto-increment",
            Operation::SetOption(key, _) => option(*key),
            Operation::SetEngineDefined(..) => "change-page-compressed",
            Operation::Partition(sides, _) => {
                if sides.old.is_some() {
                    "repartition-table"
                } else {
                    "partition-table"
                }
            }
            Operation::RemovePartitioning => "remove-partitioning",
            Operation::AddPartitions(partitioning, _) => match partitioning.method {
                crate::model::PartitionMethod::List(_) | crate::model::PartitionMethod::ListColumns(_) => {
                    "add-partition-list"
                }
                crate::model::PartitionMethod::Range(_)
                | crate::model::PartitionMethod::RangeColumns(_)
                | crate::model::PartitionMethod::Hash { .. }
                | crate::model::PartitionMethod::Key { .. }
                | crate::model::PartitionMethod::SystemTime(_) => "add-partition-range",
            },
            Operation::DropPartitions(_) => "drop-partition",
        };
        kinds.push(kind);
    }
    kinds
}

fn is_indexed(column: &Column, table: &Table) -> bool {
    table.indexes.iter().any(|i| i.columns().any(|c| c.is(column.name.as_str())))
}

fn added(column: &Column, position: Position<'_>) -> &'static str {
    match &column.generated {
        Some(g) if g.stored => return "add-column-stored-generated",
        Some(_) if position == Position::Last => return "add-column-virtual",
        Some(_) => return "add-column-virtual-elsewhere",
        None => {}
    }
    match &column.default {
        _ if column.auto_increment => "add-column-auto-increment",
        Some(DefaultValue::Expression(_)) => "add-column-expression-default",
        Some(DefaultValue::CurrentTimestamp) => "add-column-current-timestamp",
        _ if column.check.is_some() => "add-column-with-check",
        _ if position != Position::Last => "add-column-elsewhere",
        _ if column.data_type == DataType::Json => "add-column-json",
        Some(DefaultValue::Literal(_) | DefaultValue::Bits(_)) if !column.nullable => "add-column-not-null-default",
        Some(DefaultValue::Null | DefaultValue::Literal(_) | DefaultValue::Bits(_)) | None => "add-column-last",
    }
}

fn modified(target: Target, columns: Pair<&Column>, aspect: ColumnAspect, tables: Pair<&Table>) -> &'static str {
    match aspect {
        ColumnAspect::Type => type_kind(target, columns, tables),
        ColumnAspect::Collation => collation_kind(columns, tables),
        ColumnAspect::Nullability => {
            if columns.new.nullable {
                "make-nullable"
            } else {
                "make-not-null"
            }
        }
        ColumnAspect::Default => match &columns.new.default {
            None => "drop-default",
            Some(DefaultValue::Expression(_)) => "set-default-expression",
            Some(
                DefaultValue::Null | DefaultValue::Literal(_) | DefaultValue::Bits(_) | DefaultValue::CurrentTimestamp,
            ) => "set-default-by-modify",
        },
        ColumnAspect::OnUpdate => "set-on-update",
        ColumnAspect::AutoIncrement => "change-column-auto-increment",
        ColumnAspect::Generated => match &columns.new.generated {
            Some(g) if !g.stored => "change-generated-virtual",
            Some(_) | None => "change-generated-stored",
        },
        ColumnAspect::Generation => {
            if columns.new.generated.is_some() {
                "change-plain-to-generated-stored"
            } else {
                "change-generated-to-plain-stored"
            }
        }
        ColumnAspect::Visibility => "change-column-invisible",
        ColumnAspect::Comment => "change-column-comment",
        ColumnAspect::Srid => "change-column-srid",
        ColumnAspect::NameCase => "rename-column",
        ColumnAspect::Check => "add-check",
        ColumnAspect::Format
        | ColumnAspect::Storage
        | ColumnAspect::Compression
        | ColumnAspect::Versioning
        | ColumnAspect::EngineOptions => "change-type",
    }
}

fn collation_kind(columns: Pair<&Column>, tables: Pair<&Table>) -> &'static str {
    let charsets = columns.map(|c| c.collation.map(crate::model::Collation::charset));
    let indexed = is_indexed(columns.old, tables.old);
    match (charsets.old.map(crate::model::Charset::name), charsets.new.map(crate::model::Charset::name)) {
        (old, new) if old == new && columns.old.collation == columns.new.collation => "change-column-comment",
        (old, new) if old == new && indexed => "change-column-collation-indexed",
        (old, new) if old == new => "change-column-collation",
        (Some("utf8mb3"), Some("utf8mb4")) if !indexed => "change-column-charset-utf8mb3-to-utf8mb4",
        (Some("ascii"), Some("utf8mb4")) => "change-column-charset-ascii-to-utf8mb4",
        (_, _) => "change-column-charset",
    }
}

fn type_kind(target: Target, columns: Pair<&Column>, tables: Pair<&Table>) -> &'static str {
    let types = columns.map(|c| &c.data_type);
    let widens = type_change(types) == TypeChange::Widening;
    let indexed = is_indexed(columns.old, tables.old);
    match (types.old, types.new) {
        (DataType::Varchar(a), DataType::Varchar(b)) if widens => {
            let width = columns.old.collation.map_or(1, |c| c.charset().max_length());
            // The length takes one byte up to 255 bytes, two above.
            match (a * width > 255, b * width > 255, indexed) {
                (false, true, true) => "grow-varchar-across-256",
                (false, true, false) => "grow-varchar-across-256-not-indexed",
                (true, true, _) if target.is_mariadb() => "grow-varchar-same-length-bytes-over-256",
                (_, _, true) => "grow-varchar-same-length-bytes",
                (_, _, false) => "grow-varchar-same-length-bytes-not-indexed",
            }
        }
        (DataType::Varchar(_), DataType::Varchar(_)) => "shrink-varchar",
        (DataType::Varbinary(a), DataType::Varbinary(b)) if widens && *a <= 255 && *b > 255 => {
            "grow-varbinary-across-256"
        }
        (DataType::Varbinary(_), DataType::Varbinary(_)) if widens => "grow-varchar-same-length-bytes-not-indexed",
        (DataType::Char(_), DataType::Char(_)) if widens => "grow-char",
        (DataType::Text(_), DataType::Text(_)) | (DataType::Blob(_), DataType::Blob(_)) if widens => "grow-text",
        (DataType::Varchar(_), DataType::Text(_)) => "varchar-to-text",
        (DataType::Decimal { .. }, DataType::Decimal { .. }) if widens => "grow-decimal",
        (DataType::Enum(a), DataType::Enum(b)) if widens => {
            if (a.len() > 255) == (b.len() > 255) {
                "append-enum-member-same-storage"
            } else {
                "append-enum-member-other-storage"
            }
        }
        (DataType::Enum(_), DataType::Enum(_)) => "change-enum",
        (DataType::Set(a), DataType::Set(b)) if widens => {
            let bytes = |n: usize| n.div_ceil(8).next_power_of_two();
            if bytes(a.len()) == bytes(b.len()) {
                "append-set-member-same-storage"
            } else {
                "append-set-member-other-storage"
            }
        }
        (DataType::DateTime(_), DataType::DateTime(_))
        | (DataType::Timestamp(_), DataType::Timestamp(_))
        | (DataType::Time(_), DataType::Time(_)) => "change-datetime-precision",
        (DataType::Integer { kind: a, unsigned: ua, .. }, DataType::Integer { kind: b, unsigned: ub, .. })
            if a == b =>
        {
            if ua == ub {
                "change-integer-display-width"
            } else {
                "change-type-unsigned"
            }
        }
        (_, _) => "change-type",
    }
}

const fn option(key: OptionKey) -> &'static str {
    match key {
        OptionKey::Comment => "change-table-comment",
        OptionKey::MinRows => "change-min-rows",
        OptionKey::MaxRows => "change-max-rows",
        OptionKey::AvgRowLength => "change-avg-row-length",
        OptionKey::PackKeys => "change-pack-keys",
        OptionKey::StatsPersistent | OptionKey::StatsAutoRecalc | OptionKey::StatsSamplePages => "change-stats-options",
        OptionKey::Checksum | OptionKey::PageChecksum => "change-checksum",
        OptionKey::DelayKeyWrite => "change-delay-key-write",
        OptionKey::RowFormat => "change-row-format",
        OptionKey::KeyBlockSize => "change-key-block-size",
        OptionKey::Compression => "change-compression",
        OptionKey::Encryption => "encryption",
        OptionKey::InsertMethod => "change-insert-method",
        OptionKey::DataDirectory | OptionKey::IndexDirectory => "change-data-directory",
        OptionKey::SecondaryEngine => "change-secondary-engine",
        OptionKey::AutoextendSize => "change-autoextend-size",
        OptionKey::Tablespace => "change-tablespace",
        OptionKey::Storage
        | OptionKey::Transactional
        | OptionKey::Union
        | OptionKey::Connection
        | OptionKey::EngineAttribute
        | OptionKey::SecondaryEngineAttribute
        | OptionKey::Sequence => "change-engine",
    }
}

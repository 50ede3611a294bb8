//! What an operation can cost, and whether the old code survives it.

use super::operation::Operation;
use super::words::key_name;
use crate::diff::ColumnAspect;
use crate::document::{Hazard, HazardKind};
use crate::model::{Column, DataType};
use crate::source::Pair;

/// What an operation means to the code around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// Neither old nor new code waits for it.
    Neutral,
    /// It takes something away, but no statement breaks for it.
    Takes,
    /// New code needs it.
    Needed,
    /// Old code may break.
    Breaks,
}

/// How a type compares to the one before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TypeChange {
    /// Every value still fits, as it is.
    Widening,
    /// Some values may not fit.
    Narrowing,
    /// Values become others.
    Conversion,
}

/// The hazards of an operation, rewriting and locking aside.
pub(crate) fn hazards(operation: &Operation<'_>) -> Vec<Hazard> {
    use HazardKind::{DataLoss, Incompatible, MayFail, Semantics};
    let mut found = Vec::new();
    let mut hazard = |kind, reason: String| found.push(Hazard { kind, reason, probe: None });
    match operation {
        Operation::DropColumn(column) => {
            let name = column.name.quoted();
            if column.generated.is_none() {
                hazard(DataLoss, format!("drops column {name} with its data"));
            }
            hazard(Incompatible, format!("code that names column {name} breaks"));
        }
        Operation::AddColumn { column, .. } => {
            let name = column.name.quoted();
            let filled = column.nullable
                || column.default.is_some()
                || column.auto_increment
                || column.generated.is_some()
                || column.versioning.is_some();
            if !filled {
                hazard(
                    Incompatible,
                    format!("an INSERT that does not name column {name} breaks: it is NOT NULL and has no default"),
                );
            }
            if column.generated.is_some() || column.check.is_some() {
                hazard(MayFail, format!("the expression of column {name} is computed for every row"));
            }
        }
        Operation::ModifyColumn { columns, aspects, .. } => {
            for aspect in aspects {
                column_hazards(*columns, *aspect, &mut hazard);
            }
        }
        Operation::RemakeColumn { columns, .. } => {
            let name = columns.new.name.quoted();
            if columns.old.generated.is_none() {
                hazard(DataLoss, format!("column {name} is made anew: its data are replaced by computed values"));
            } else if columns.new.generated.is_none() {
                hazard(
                    DataLoss,
                    format!("column {name} is made anew: its computed values are replaced by the default"),
                );
            }
            hazard(Semantics, format!("column {name} comes about in another way"));
        }
        Operation::AddIndex(index) if index.is_unique() => {
            hazard(MayFail, format!("{} fails where rows have duplicates", key_name(index)));
        }
        Operation::AddForeignKey(key) => {
            hazard(
                MayFail,
                format!(
                    "foreign key {} fails where rows refer to nothing in {}",
                    key.name.quoted(),
                    key.referenced_table.quoted()
                ),
            );
        }
        Operation::AddCheck(check) if check.enforced => {
            hazard(MayFail, format!("check {} fails where rows do not hold it", check.name.quoted()))
        }
        Operation::SetCheckEnforcement(check) if check.enforced => {
            hazard(MayFail, format!("check {} fails where rows do not hold it", check.name.quoted()));
        }
        Operation::DropPartitions(dropped) => {
            for partition in dropped {
                hazard(DataLoss, format!("drops partition {} with its rows", partition.name.quoted()));
            }
        }
        Operation::AddPartitions(partitioning, _) => {
            if partitioning.partitions.iter().any(|p| matches!(p.values, crate::model::PartitionValues::In(_))) {
                hazard(Semantics, "rows that found no partition now do".to_owned());
            }
        }
        Operation::Partition(..) => hazard(MayFail, "fails where a row finds no partition".to_owned()),
        Operation::DropSystemVersioning => hazard(DataLoss, "drops the history of all rows".to_owned()),
        Operation::SetEngine(pair) => {
            hazard(Semantics, format!("transactions, locks and limits of {} are not those of {}", pair.new, pair.old))
        }
        Operation::SetCollation(_) => {
            hazard(Semantics, "columns added later without a charset get another one".to_owned())
        }
        Operation::DropDefault(column) => {
            hazard(Incompatible, format!("an INSERT that does not name column {} breaks", column.name.quoted()))
        }
        Operation::RenameColumn(pair) => {
            hazard(Incompatible, format!("code that names column {} breaks", pair.old.name.quoted()));
        }
        Operation::SetDefault(_)
        | Operation::DropForeignKey(_)
        | Operation::DropCheck(_)
        | Operation::DropIndex(_)
        | Operation::DropPeriod(_)
        | Operation::RenameIndex(_)
        | Operation::AddIndex(_)
        | Operation::SetIndexVisibility(_)
        | Operation::AddPeriod(_)
        | Operation::AddSystemVersioning
        | Operation::AddCheck(_)
        | Operation::SetCheckEnforcement(_)
        | Operation::SetAutoIncrement(_)
        | Operation::SetOption(..)
        | Operation::SetEngineDefined(..)
        | Operation::RemovePartitioning => {}
    }
    found
}

fn column_hazards(columns: Pair<&Column>, aspect: ColumnAspect, hazard: &mut impl FnMut(HazardKind, String)) {
    use HazardKind::{DataLoss, Incompatible, MayFail, Semantics};
    let name = columns.new.name.quoted();
    match aspect {
        ColumnAspect::Type => match type_change(columns.map(|c| &c.data_type)) {
            TypeChange::Widening => {}
            TypeChange::Narrowing => {
                hazard(DataLoss, format!("column {name} becomes narrower: without strict mode values are cut"));
                hazard(MayFail, format!("fails where a value of column {name} does not fit"));
                hazard(Incompatible, format!("code that writes wider values to column {name} breaks"));
            }
            TypeChange::Conversion => {
                hazard(DataLoss, format!("values of column {name} are converted"));
                hazard(MayFail, format!("fails where a value of column {name} cannot be converted"));
                hazard(Semantics, format!("column {name} compares and sorts as another type"));
            }
        },
        ColumnAspect::Collation if columns.old.collation != columns.new.collation => {
            let charsets = columns.map(|c| c.collation.map(crate::model::Collation::charset));
            let unicode =
                |charset: Option<crate::model::Charset>| charset.is_some_and(|c| c.name().starts_with("utf8mb4"));
            if charsets.old.is_some()
                && charsets.new.is_some()
                && charsets.old != charsets.new
                && !unicode(charsets.new)
            {
                hazard(DataLoss, format!("characters of column {name} that the new charset lacks are lost"));
                hazard(MayFail, format!("fails where column {name} holds characters that the new charset lacks"));
            }
            hazard(Semantics, format!("column {name} compares and sorts by another collation"));
            if columns.old.collation.is_some() && columns.new.collation.is_some() {
                hazard(MayFail, format!("a unique key over column {name} may find duplicates under the new collation"));
            }
        }
        ColumnAspect::Nullability if !columns.new.nullable => {
            hazard(MayFail, format!("fails where column {name} is NULL"));
            hazard(Incompatible, format!("code that writes NULL to column {name} breaks"));
        }
        ColumnAspect::Default | ColumnAspect::OnUpdate => {
            hazard(Semantics, format!("rows written without column {name} get another value"))
        }
        ColumnAspect::AutoIncrement if !columns.new.auto_increment => {
            hazard(Incompatible, format!("an INSERT that leaves column {name} to AUTO_INCREMENT breaks"));
        }
        ColumnAspect::Generated | ColumnAspect::Generation => {
            hazard(Semantics, format!("column {name} gets other values"))
        }
        ColumnAspect::Visibility if columns.new.invisible => {
            hazard(Incompatible, format!("SELECT * no longer returns column {name}"))
        }
        ColumnAspect::Visibility => hazard(Semantics, format!("SELECT * now returns column {name}")),
        ColumnAspect::Check if columns.new.check.is_some() => {
            hazard(MayFail, format!("fails where column {name} does not hold its check"))
        }
        ColumnAspect::Srid => hazard(MayFail, format!("fails where column {name} holds values of another SRID")),
        ColumnAspect::Collation
        | ColumnAspect::Nullability
        | ColumnAspect::AutoIncrement
        | ColumnAspect::Check
        | ColumnAspect::NameCase
        | ColumnAspect::Comment
        | ColumnAspect::Format
        | ColumnAspect::Storage
        | ColumnAspect::Compression
        | ColumnAspect::Versioning
        | ColumnAspect::EngineOptions => {}
    }
}

/// What an operation means to the code around it.
pub(crate) fn effect(operation: &Operation<'_>) -> Effect {
    match operation {
        Operation::DropColumn(_) | Operation::DropDefault(_) | Operation::RenameColumn(_) => Effect::Breaks,
        Operation::DropPartitions(_)
        | Operation::DropSystemVersioning
        | Operation::DropPeriod(_)
        | Operation::RemakeColumn { .. } => Effect::Breaks,
        Operation::DropForeignKey(_)
        | Operation::DropCheck(_)
        | Operation::DropIndex(_)
        | Operation::RemovePartitioning => Effect::Takes,
        Operation::AddColumn { .. } | Operation::AddPeriod(_) | Operation::AddSystemVersioning => Effect::Needed,
        Operation::ModifyColumn { columns, aspects, .. } => {
            aspects.iter().map(|aspect| column_effect(*columns, *aspect)).max().unwrap_or(Effect::Neutral)
        }
        Operation::RenameIndex(_)
        | Operation::SetDefault(_)
        | Operation::AddIndex(_)
        | Operation::SetIndexVisibility(_)
        | Operation::AddCheck(_)
        | Operation::SetCheckEnforcement(_)
        | Operation::AddForeignKey(_)
        | Operation::SetEngine(_)
        | Operation::SetCollation(_)
        | Operation::SetAutoIncrement(_)
        | Operation::SetOption(..)
        | Operation::SetEngineDefined(..)
        | Operation::Partition(..)
        | Operation::AddPartitions(..) => Effect::Neutral,
    }
}

fn column_effect(columns: Pair<&Column>, aspect: ColumnAspect) -> Effect {
    match aspect {
        ColumnAspect::Type => match type_change(columns.map(|c| &c.data_type)) {
            TypeChange::Widening => Effect::Needed,
            TypeChange::Narrowing | TypeChange::Conversion => Effect::Breaks,
        },
        ColumnAspect::Nullability => {
            if columns.new.nullable {
                Effect::Needed
            } else {
                Effect::Breaks
            }
        }
        ColumnAspect::AutoIncrement => {
            if columns.new.auto_increment {
                Effect::Needed
            } else {
                Effect::Breaks
            }
        }
        ColumnAspect::Visibility => {
            if columns.new.invisible {
                Effect::Breaks
            } else {
                Effect::Needed
            }
        }
        ColumnAspect::Default
        | ColumnAspect::OnUpdate
        | ColumnAspect::Generated
        | ColumnAspect::Generation
        | ColumnAspect::Collation => Effect::Needed,
        ColumnAspect::NameCase
        | ColumnAspect::Comment
        | ColumnAspect::Srid
        | ColumnAspect::Check
        | ColumnAspect::Format
        | ColumnAspect::Storage
        | ColumnAspect::Compression
        | ColumnAspect::Versioning
        | ColumnAspect::EngineOptions => Effect::Neutral,
    }
}

/// How a type compares to the one before it.
pub(crate) fn type_change(types: Pair<&DataType>) -> TypeChange {
    use DataType as T;
    let fits = |yes: bool| if yes { TypeChange::Widening } else { TypeChange::Narrowing };
    match (types.old, types.new) {
        (T::Integer { kind: a, unsigned: ua, .. }, T::Integer { kind: b, unsigned: ub, .. }) => fits(match (ua, ub) {
            (true, true) | (false, false) => b >= a,
            (true, false) => b > a,
            (false, true) => false,
        }),
        (
            T::Decimal { precision: pa, scale: sa, unsigned: ua, .. },
            T::Decimal { precision: pb, scale: sb, unsigned: ub, .. },
        ) => fits(pb.saturating_sub(*sb) >= pa.saturating_sub(*sa) && sb >= sa && (*ua || !ub)),
        (
            T::Float { double: a, digits: da, unsigned: ua, .. },
            T::Float { double: b, digits: db, unsigned: ub, .. },
        ) => fits((*b || !a) && (*ua || !ub) && (db.is_none() || da == db)),
        (T::Bit(a), T::Bit(b)) | (T::Year(a), T::Year(b)) => fits(b >= a),
        (T::Time(a), T::Time(b)) | (T::DateTime(a), T::DateTime(b)) | (T::Timestamp(a), T::Timestamp(b)) => {
            fits(b >= a)
        }
        (T::Date, T::DateTime(_)) => TypeChange::Widening,
        (T::Timestamp(a), T::DateTime(b)) => {
            if b >= a {
                TypeChange::Conversion
            } else {
                TypeChange::Narrowing
            }
        }
        (T::DateTime(_) | T::Timestamp(_), T::Date) => TypeChange::Narrowing,
        (T::Char(a), T::Char(b)) | (T::Char(a), T::Varchar(b)) | (T::Varchar(a), T::Varchar(b)) => fits(b >= a),
        (T::Binary(a), T::Varbinary(b)) | (T::Varbinary(a), T::Varbinary(b)) => fits(b >= a),
        (T::Text(a), T::Text(b)) | (T::Blob(a), T::Blob(b)) => fits(b >= a),
        // A character may take four bytes, and a TEXT is measured in bytes.
        (T::Char(n) | T::Varchar(n), T::Text(size)) => fits(u64::from(*n) * 4 <= text_bytes(*size)),
        (T::Binary(n) | T::Varbinary(n), T::Blob(size)) => fits(u64::from(*n) <= text_bytes(*size)),
        (T::Text(_), T::Char(_) | T::Varchar(_)) | (T::Blob(_), T::Varbinary(_)) => TypeChange::Narrowing,
        (T::Enum(a), T::Enum(b)) | (T::Set(a), T::Set(b)) => {
            if !a.iter().all(|m| b.contains(m)) {
                TypeChange::Narrowing
            } else if b.starts_with(a) {
                TypeChange::Widening
            } else {
                TypeChange::Conversion
            }
        }
        (T::Enum(a), T::Varchar(n)) => fits(a.iter().all(|m| m.chars().count() <= *n as usize)),
        (_, _) => TypeChange::Conversion,
    }
}

const fn text_bytes(size: crate::model::Size) -> u64 {
    match size {
        crate::model::Size::Tiny => 255,
        crate::model::Size::Normal => 65_535,
        crate::model::Size::Medium => 16_777_215,
        crate::model::Size::Long => u32::MAX as u64,
    }
}

//! What an operation means to the code around it, and how types compare.

use std::collections::HashSet;

use super::hazard::has_value;
use super::operation::Operation;
use super::probe::covers;
use crate::diff::ColumnAspect;
use crate::model::{Charset, Column, DataType};
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

/// What an operation means to the code around it.
pub(crate) fn effect(operation: &Operation<'_>) -> Effect {
    match operation {
        Operation::DropColumn(_) | Operation::DropDefault(_) | Operation::RenameColumn(_) => Effect::Breaks,
        Operation::DropPartitions(_) | Operation::DropSystemVersioning | Operation::DropPeriod(_) => Effect::Breaks,
        // New code writes what was computed, or reads what another expression computes.
        Operation::RemakeColumn { columns, .. } if columns.old.generated.is_some() => Effect::Needed,
        Operation::RemakeColumn { .. } => Effect::Breaks,
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
        | Operation::AddDefault(_)
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
        | Operation::AddPartitions(..)
        | Operation::ReorganizePartitions(..)
        | Operation::AddPartitionCount(_)
        | Operation::CoalescePartitions(_) => Effect::Neutral,
    }
}

pub(crate) fn column_effect(columns: Pair<&Column>, aspect: ColumnAspect) -> Effect {
    match aspect {
        ColumnAspect::Type => match type_change(columns.map(|c| &c.data_type)) {
            TypeChange::Widening => Effect::Needed,
            // New code writes the members that come; what the old code writes is still one.
            TypeChange::Conversion if keeps_members(columns.map(|c| &c.data_type)) => Effect::Needed,
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
        ColumnAspect::Default if columns.old.default.is_some() && !has_value(columns.new) => Effect::Breaks,
        ColumnAspect::Generated if becomes_generated(columns) => Effect::Breaks,
        ColumnAspect::Collation if lost_charset(columns).is_some() => Effect::Breaks,
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

/// Whether a column is computed from now on: a statement that writes it is refused (3105; MariaDB 1906).
pub(crate) fn becomes_generated(columns: Pair<&Column>) -> bool {
    columns.old.generated.is_none() && columns.new.generated.is_some()
}

/// The new charset of a text where it lacks characters of the one before; the members of an ENUM or SET are what they are.
pub(crate) fn lost_charset(columns: Pair<&Column>) -> Option<Charset> {
    if matches!(columns.new.data_type, DataType::Enum(_) | DataType::Set(_)) {
        return None;
    }
    let charsets = columns.map(|column| column.collation.map(|collation| collation.charset()));
    match (charsets.old, charsets.new) {
        (Some(old), Some(new)) if old != new && !covers(new, old) => Some(new),
        _ => None,
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
            if b.starts_with(a) {
                return TypeChange::Widening;
            }
            let there: HashSet<&str> = b.iter().map(|member| &**member).collect();
            if a.iter().all(|member| there.contains(&**member)) {
                TypeChange::Conversion
            } else {
                TypeChange::Narrowing
            }
        }
        (T::Enum(a), T::Varchar(n)) => fits(a.iter().all(|m| m.chars().count() <= *n as usize)),
        (_, _) => TypeChange::Conversion,
    }
}

/// Whether an ENUM keeps all its members, though with other numbers.
pub(crate) fn keeps_members(types: Pair<&DataType>) -> bool {
    matches!((types.old, types.new), (DataType::Enum(_), DataType::Enum(_)))
        && type_change(types) == TypeChange::Conversion
}

/// How many bytes a TEXT or BLOB has room for.
pub(crate) const fn text_bytes(size: crate::model::Size) -> u64 {
    match size {
        crate::model::Size::Tiny => 255,
        crate::model::Size::Normal => 65_535,
        crate::model::Size::Medium => 16_777_215,
        crate::model::Size::Long => u32::MAX as u64,
    }
}

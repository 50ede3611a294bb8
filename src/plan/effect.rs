//! What an operation means to the code around it, and how types compare.

use std::collections::HashSet;

use super::hazard::{has_value, held_as};
use super::operation::Operation;
use super::probe::covers;
use crate::diff::ColumnAspect;
use crate::model::{Charset, Check, Column, DataType, Expr, ForeignKey, Index, KeyColumn, KeyPart, Table};
use crate::source::Pair;

/// What an operation means to the code around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// Neither old nor new code waits for it.
    Neutral,
    /// It takes something away, or keeps rows out, but no statement breaks for it.
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

/// What an operation means to the code around it, on a table as it was and will be.
pub(crate) fn effect(operation: &Operation<'_>, tables: Pair<&Table>) -> Effect {
    let old = tables.old;
    match operation {
        // It is only written anew, as with another KEY_BLOCK_SIZE.
        Operation::DropIndex(index) if comes_again(index, tables.new) => Effect::Neutral,
        // What the old code writes may not hold it, and the new code does not wait for it.
        Operation::AddCheck(check) | Operation::SetCheckEnforcement(check)
            if check.enforced && confines(check, old) =>
        {
            Effect::Takes
        }
        Operation::AddForeignKey(key) if refers_anew(key, old) => Effect::Takes,
        Operation::AddIndex(index) if keeps_out(index, old) => Effect::Takes,
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

/// Whether a check is about columns that are there already, and none of the same was.
pub(crate) fn confines(check: &Check, old: &Table) -> bool {
    let is_same = |c: &Check| c.enforced && c.expression == check.expression;
    is_about(&check.expression, old) && !old.checks.iter().any(is_same)
}

/// Whether a foreign key is over columns that are there already, and none kept the same rows out, whatever it did to others.
pub(crate) fn refers_anew(key: &ForeignKey, old: &Table) -> bool {
    key.columns.iter().any(|name| old.column(name.as_str()).is_some()) && held_as(key, old).is_none()
}

/// Whether a key keeps rows out by columns that are there already, and no other did so.
pub(crate) fn keeps_out(index: &Index, old: &Table) -> bool {
    let is_there = |part: &KeyPart| match &part.column {
        KeyColumn::Column(name) => old.column(name.as_str()).is_some(),
        KeyColumn::Expression(expression) => is_about(expression, old),
    };
    index.is_unique() && index.parts.iter().any(is_there) && !is_kept(index, old)
}

/// Whether a unique key of the table keeps out all that this one keeps out.
pub(crate) fn is_kept(index: &Index, table: &Table) -> bool {
    let holds = |part: &KeyPart| index.parts.iter().any(|own| own.column == part.column && own.prefix == part.prefix);
    table.indexes.iter().filter(|i| i.is_unique()).any(|i| i.parts.iter().all(holds))
}

/// Whether the table has a key of the same parts.
fn comes_again(index: &Index, table: &Table) -> bool {
    table.indexes.iter().any(|own| own.kind == index.kind && own.parts == index.parts)
}

/// Whether an expression reads a column that is there already.
fn is_about(expression: &Expr, old: &Table) -> bool {
    let mut found = false;
    expression.columns(&mut |name| found |= old.column(name.as_str()).is_some());
    found
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

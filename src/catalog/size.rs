//! How wide a table may be.
//!
//! MySQL 8.4 manual, section 10.4.7 "Limits on Table Column Count and Row Size", and section 13.7 "Data Type Storage
//! Requirements".

use super::error::{CatalogError, Outcome};
use crate::model::{Column, DataType, Integer, Size, Table};
use crate::source::Span;

/// The widest row in bytes, BLOB and TEXT aside.
const MAX_ROW: u64 = 65_535;
/// The most columns of a table, and of one of InnoDB.
const MAX_COLUMNS: usize = 4096;
const MAX_INNODB_COLUMNS: usize = 1017;

/// Errors 1117 and 1118: too many columns, or too wide a row.
pub(super) fn check(table: &Table, span: Span) -> Outcome<()> {
    let most = if &*table.options.engine == "InnoDB" { MAX_INNODB_COLUMNS } else { MAX_COLUMNS };
    if table.columns.len() > most {
        return Err(CatalogError::new(1117, span, "too many columns"));
    }
    let width: u64 = table.columns.iter().map(column_bytes).sum();
    let nulls = table.columns.iter().filter(|c| c.nullable).count() as u64;
    if width + nulls.div_ceil(8) > MAX_ROW {
        return Err(CatalogError::new(
            1118,
            span,
            "row size too large; the maximum row size, not counting BLOBs, is 65535 bytes",
        ));
    }
    Ok(())
}

/// What a column takes in a row's record buffer, in bytes.
fn column_bytes(column: &Column) -> u64 {
    let width = u64::from(column.collation.map_or(1, |c| c.charset().max_length()));
    match &column.data_type {
        DataType::Varchar(n) => u64::from(*n) * width + if u64::from(*n) * width > 255 { 2 } else { 1 },
        DataType::Varbinary(n) => u64::from(*n) + if *n > 255 { 2 } else { 1 },
        DataType::Char(n) => u64::from(*n) * width,
        DataType::Text(size) | DataType::Blob(size) => match size {
            Size::Tiny => 9,
            Size::Normal => 10,
            Size::Medium => 11,
            Size::Long => 12,
        },
        DataType::Json | DataType::Geometry(_) | DataType::Vector(_) => 12,
        other => fixed(other),
    }
}

/// The bytes of a value of a type of fixed length; 0 for others.
pub(super) fn fixed(data_type: &DataType) -> u64 {
    let fraction = |digits: u32| u64::from(digits.div_ceil(2));
    match data_type {
        DataType::Integer { kind, .. } => match kind {
            Integer::Tiny => 1,
            Integer::Small => 2,
            Integer::Medium => 3,
            Integer::Int => 4,
            Integer::Big => 8,
        },
        DataType::Float { double, .. } => {
            if *double {
                8
            } else {
                4
            }
        }
        DataType::Bit(width) => u64::from(width.div_ceil(8)),
        DataType::Decimal { precision, scale, .. } => packed(precision.saturating_sub(*scale)) + packed(*scale),
        DataType::Enum(members) => {
            if members.len() < 256 {
                1
            } else {
                2
            }
        }
        DataType::Set(members) => match members.len() {
            0..=8 => 1,
            9..=16 => 2,
            17..=24 => 3,
            25..=32 => 4,
            _ => 8,
        },
        DataType::Binary(n) => u64::from(*n),
        DataType::Year(_) => 1,
        DataType::Date => 3,
        DataType::Time(digits) => 3 + fraction(*digits),
        DataType::DateTime(digits) => 5 + fraction(*digits),
        DataType::Timestamp(digits) => 4 + fraction(*digits),
        DataType::Uuid | DataType::Inet6 => 16,
        DataType::Inet4 => 4,
        DataType::Char(_)
        | DataType::Varchar(_)
        | DataType::Varbinary(_)
        | DataType::Text(_)
        | DataType::Blob(_)
        | DataType::Json
        | DataType::Geometry(_)
        | DataType::Vector(_) => 0,
    }
}

/// Bytes of so many decimal digits: nine in four bytes.
fn packed(digits: u32) -> u64 {
    let rest = [0, 1, 1, 2, 2, 3, 3, 4, 4];
    u64::from(digits / 9 * 4 + rest[digits as usize % 9])
}

//! How wide a row of InnoDB may be: two must fit on a page.
//!
//! `dict_index_too_big_for_tree` (MySQL) and `dict_index_t::record_size_info` (MariaDB) for pages of 16 KiB; measured on
//! MySQL 9.7, MariaDB 10.11 and 11.8. MySQL 8.4 manual, section 17.21 "InnoDB Limits".

use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::size;
use crate::model::{Column, DataType, Index, IndexKind, KeyColumn, KeyPart, OptionKey, Table};
use crate::source::Span;
use crate::target::Target;

/// Bytes of the columns that InnoDB adds: DB_ROW_ID, DB_TRX_ID, DB_ROLL_PTR.
const ROW_ID: u64 = 6;
const TRANSACTION: u64 = 6 + 7;
/// Bytes of a pointer to a page in a node of the tree.
const NODE_POINTER: u64 = 4;

/// So many columns of DYNAMIC rows always fit: of each no more than 256 bytes and its length stand in a row, besides a key of
/// 3072 bytes at most.
const ALWAYS_FIT: usize = 18;

/// How rows are laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Redundant,
    Compact,
    Dynamic,
    /// With the size of a compressed page in bytes.
    Compressed(u64),
}

/// A field of a record: its most bytes within the page, and the bytes of its length.
struct Field {
    bytes: u64,
    length: u64,
    nullable: bool,
}

/// Error 1118: a row, or an entry of a key, that would not fit.
pub(super) fn check(table: &Table, span: Span, target: Target) -> Outcome<()> {
    let format = format(table);
    if format == Format::Dynamic && table.columns.len() <= ALWAYS_FIT {
        return Ok(());
    }
    let clustered = clustered_key(table);
    let mut keys = Vec::new();
    if let Some(index) = clustered {
        keys = index.parts.iter().filter_map(|part| key_field(part, table, format)).collect();
    }
    let unique = keys.len().max(1);
    let in_key = |column: &Column| {
        let whole = |part: &KeyPart| {
            part.prefix.is_none() && matches!(&part.column, KeyColumn::Column(name) if *name == column.name)
        };
        clustered.is_some_and(|index| index.parts.iter().any(whole))
    };
    let mut fields = keys;
    if clustered.is_none() {
        fields.push(Field { bytes: ROW_ID, length: 0, nullable: false });
    }
    fields.push(Field { bytes: 6, length: 0, nullable: false });
    fields.push(Field { bytes: TRANSACTION - 6, length: 0, nullable: false });
    let stored = table.columns.iter().filter(|c| c.generated.as_ref().is_none_or(|g| g.stored));
    fields.extend(stored.filter(|c| !in_key(c)).map(|column| field(column, format, target)));
    if fits(&fields, unique, format) {
        return Ok(());
    }
    let message = format!("row size too large for '{}'; two rows must fit on a page", table.name);
    Err(CatalogError::new(1118, span, message).only_when_strict())
}

fn format(table: &Table) -> Format {
    let option = |key| table.options.others.get(&key).map(|value| &**value);
    let block = option(OptionKey::KeyBlockSize).and_then(|size| size.parse::<u64>().ok());
    match (option(OptionKey::RowFormat), block) {
        (Some("REDUNDANT"), _) => Format::Redundant,
        (Some("COMPACT"), _) => Format::Compact,
        (Some("COMPRESSED"), size) => Format::Compressed(size.unwrap_or(8) * 1024),
        (None, Some(size)) => Format::Compressed(size * 1024),
        _ => Format::Dynamic,
    }
}

/// The primary key, or the first unique one without NULLs; else InnoDB numbers the rows.
fn clustered_key(table: &Table) -> Option<&Index> {
    let whole = |index: &&Index| {
        index.kind == IndexKind::Unique
            && index.is_unique_tree()
            && index.parts.iter().all(|part| match &part.column {
                KeyColumn::Column(name) => {
                    part.prefix.is_none() && table.column(name.as_str()).is_some_and(|(_, column)| !column.nullable)
                }
                KeyColumn::Expression(_) => false,
            })
    };
    table.primary_key().or_else(|| table.indexes.iter().find(whole))
}

fn key_field(part: &KeyPart, table: &Table, format: Format) -> Option<Field> {
    let KeyColumn::Column(name) = &part.column else { return None };
    let (_, column) = table.column(name.as_str())?;
    let width = u64::from(column.collation.map_or(1, |c| c.charset().max_length()));
    Some(match part.prefix {
        Some(prefix) => {
            let bytes = u64::from(prefix) * width;
            Field { bytes, length: if bytes < 256 { 1 } else { 2 }, nullable: false }
        }
        None => sized(column, format),
    })
}

/// A column within a row: what is long stands elsewhere but for its beginning.
fn field(column: &Column, format: Format, target: Target) -> Field {
    let whole = sized(column, format);
    if whole.length == 0 {
        return whole;
    }
    match format {
        // What can be longer than 255 bytes leaves a pointer of 20 bytes behind.
        Format::Dynamic | Format::Compressed(_) if target.is_mariadb() && whole.bytes > 255 => {
            Field { bytes: 20, length: 1, ..whole }
        }
        Format::Dynamic | Format::Compressed(_) if target.is_mysql() && whole.bytes >= 40 => {
            Field { bytes: 40, length: 1, ..whole }
        }
        Format::Compact | Format::Redundant if whole.bytes >= 788 => Field { bytes: 788, length: 2, ..whole },
        _ => whole,
    }
}

/// A column's most bytes; its length takes none where it is fixed.
fn sized(column: &Column, format: Format) -> Field {
    let charset = column.collation.map(|c| c.charset());
    let width = u64::from(charset.map_or(1, |c| c.max_length()));
    let variable = |bytes: u64| (bytes, if bytes < 256 { 1 } else { 2 });
    let fixed = |bytes: u64| (bytes, 0);
    let (bytes, length) = match &column.data_type {
        DataType::Char(n) if width > 1 && format != Format::Redundant => variable(u64::from(*n) * width),
        DataType::Char(n) => fixed(u64::from(*n) * width),
        DataType::Binary(n) => fixed(u64::from(*n)),
        DataType::Varchar(n) => variable(u64::from(*n) * width),
        DataType::Varbinary(n) => variable(u64::from(*n)),
        DataType::Text(_) | DataType::Blob(_) | DataType::Json | DataType::Geometry(_) | DataType::Vector(_) => {
            (u64::from(u32::MAX), 2)
        }
        other => fixed(size::fixed(other)),
    };
    Field { bytes, length, nullable: column.nullable }
}

/// Whether a record of these fields is small enough; the first `unique` of them stand in the nodes of the tree.
fn fits(fields: &[Field], unique: usize, format: Format) -> bool {
    let count = fields.len() as u64;
    let (leaf, node, header) = match format {
        Format::Redundant => (8123, 8123, 6),
        Format::Compact | Format::Dynamic => (8126, 8126, 5),
        Format::Compressed(page) if page >= 16_384 => (8126, 8126, 5),
        Format::Compressed(page) => {
            let most = empty_compressed_page(page, count).saturating_sub(1);
            (most, most / 2, 2)
        }
    };
    let nullable = fields.iter().filter(|f| f.nullable).count() as u64;
    let mut size = header + if format == Format::Redundant { 2 * count } else { nullable.div_ceil(8) };
    for (at, field) in fields.iter().enumerate() {
        size += field.bytes + if format == Format::Redundant { 0 } else { field.length };
        if size >= leaf || at + 1 == unique && size + NODE_POINTER >= node {
            return false;
        }
    }
    true
}

/// `page_zip_empty_size`: the room of an empty compressed page.
fn empty_compressed_page(page: u64, fields: u64) -> u64 {
    let described = 2 * (fields + 1);
    let bound = described + (described >> 12) + (described >> 14) + (described >> 25) + 13;
    page.saturating_sub(94 + 15 + 1 + 1 - 5).saturating_sub(bound)
}

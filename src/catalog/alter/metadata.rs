//! What a table must have in common with a partition whose place it takes (`mysql_compare_tables` and
//! `compare_table_with_partition` in the servers' sources; measured on MySQL 9.7, MariaDB 10.11 and 11.8).

use super::{CatalogError, Outcome};
use crate::catalog::reference::keeps_values;
use crate::ident::Ident;
use crate::model::{Column, DataType, Expr, Geometry, Index, OptionKey, PartitionOptions, Table};
use crate::source::Span;
use crate::target::Target;

/// Errors 1736 and 3106: columns and keys.
pub(super) fn compare(whole: &Table, single: &Table, span: Span, target: Target) -> Outcome<()> {
    let flags = [OptionKey::PackKeys, OptionKey::Checksum, OptionKey::DelayKeyWrite, OptionKey::StatsPersistent];
    let differs = |key: &OptionKey| whole.options.others.get(key) != single.options.others.get(key);
    let other_files = target.is_mariadb() && (flags.iter().any(differs) || !same_files(whole, single));
    if whole.columns.len() != single.columns.len() {
        return Err(different(span));
    }
    for (there, here) in whole.columns.iter().zip(&single.columns) {
        if target.is_mysql() && is_virtual(there) != is_virtual(here) {
            let message = "'Exchanging partitions for non-generated columns' is not supported for generated columns";
            return Err(CatalogError::new(3106, span, message));
        }
        if !same_column(there, here, target) {
            return Err(different(span));
        }
    }
    if !same_keys(whole, single, target) || whole.system_versioned != single.system_versioned || other_files {
        return Err(different(span));
    }
    Ok(())
}

/// Error 1731: options.
pub(super) fn compare_options(
    whole: &Table,
    partition: &PartitionOptions,
    single: &Table,
    span: Span,
    target: Target,
) -> Outcome<()> {
    let own = |key| single.options.others.get(&key);
    let number = |key| own(key).and_then(|rows| rows.parse::<u64>().ok());
    let flags = [OptionKey::PackKeys, OptionKey::Checksum, OptionKey::DelayKeyWrite, OptionKey::StatsPersistent];
    let same = |key: &OptionKey| whole.options.others.get(key) == single.options.others.get(key);
    let refuse = |what| Err(other_option(what, span));
    if target.is_mysql() && !flags.iter().all(same) {
        return refuse("TABLE OPTION");
    }
    if partition.max_rows != number(OptionKey::MaxRows) {
        return refuse("MAX_ROWS");
    }
    if partition.min_rows != number(OptionKey::MinRows) {
        return refuse("MIN_ROWS");
    }
    if !same(&OptionKey::AvgRowLength) {
        return refuse("AVG_ROW_LENGTH");
    }
    // What lies in a tablespace of its own by its own word is no partition.
    if own(OptionKey::Tablespace).is_some() {
        return refuse("TABLESPACE");
    }
    if whole.options.collation != single.options.collation {
        return refuse("CHARACTER SET");
    }
    if row_format(whole) != row_format(single) {
        return refuse("ROW_FORMAT");
    }
    Ok(())
}

/// Error 1736.
pub(super) fn different(span: Span) -> CatalogError {
    CatalogError::new(1736, span, "tables have different definitions")
}

/// Error 1731.
pub(super) fn other_option(what: &str, span: Span) -> CatalogError {
    CatalogError::new(1731, span, format!("non matching attribute '{what}' between partition and table"))
}

fn is_virtual(column: &Column) -> bool {
    column.generated.as_ref().is_some_and(|generated| !generated.stored)
}

fn same_column(there: &Column, here: &Column, target: Target) -> bool {
    let mysql = target.is_mysql();
    // MariaDB asks of the table's columns alone whether they are like those of the partition.
    let counts = there.auto_increment == here.auto_increment || !mysql && !there.auto_increment;
    let computed = match (&there.generated, &here.generated) {
        (Some(there), Some(here)) if there.stored == here.stored => there.expression == here.expression,
        (Some(_), None) => !mysql,
        (Some(_), Some(_)) | (None, Some(_)) => false,
        (None, None) => true,
    };
    there.name.is(here.name.as_str())
        && there.nullable == here.nullable
        && counts
        && computed
        && there.compressed.is_some() == here.compressed.is_some()
        && is_json(there) == is_json(here)
        && same_type(there, here, target)
}

fn same_type(there: &Column, here: &Column, target: Target) -> bool {
    match (&there.data_type, &here.data_type) {
        (DataType::Enum(_), DataType::Enum(_)) | (DataType::Set(_), DataType::Set(_)) => {
            keeps_values(here, there, target)
        }
        (DataType::Integer { .. }, DataType::Integer { .. }) => keeps_values(here, there, target),
        (DataType::Float { double: x, unsigned: u, .. }, DataType::Float { double: y, unsigned: v, .. }) => {
            x == y && u == v
        }
        (
            DataType::Decimal { precision: p, scale: s, unsigned: u, .. },
            DataType::Decimal { precision: q, scale: t, unsigned: v, .. },
        ) => (p, s, u) == (q, t, v),
        (DataType::Geometry(Geometry::Geometry), DataType::Geometry(_)) => true,
        (x, y) => x == y && there.collation == here.collation,
    }
}

/// Whether MariaDB takes a column for JSON, which it writes as LONGTEXT.
fn is_json(column: &Column) -> bool {
    matches!(&column.check, Some(Expr::Call { name, .. }) if name.eq_ignore_ascii_case("json_valid"))
        && matches!(column.data_type, DataType::Text(_))
}

fn same_keys(whole: &Table, single: &Table, target: Target) -> bool {
    let twin = |here: &Index| {
        let there = whole.indexes.iter().find(|there| there.name.as_str() == here.name.as_str());
        there.is_some_and(|there| same_key(there, here, target))
    };
    whole.indexes.len() == single.indexes.len() && single.indexes.iter().all(twin)
}

fn same_key(there: &Index, here: &Index, target: Target) -> bool {
    let directed = target.is_mariadb();
    let part = |there: &crate::model::KeyPart, here: &crate::model::KeyPart| {
        there.column == here.column && there.prefix == here.prefix && (!directed || there.descending == here.descending)
    };
    there.kind == here.kind
        && there.parts.len() == here.parts.len()
        && there.parts.iter().zip(&here.parts).all(|(there, here)| part(there, here))
        && (!directed || there.algorithm == here.algorithm)
        && there.parser == here.parser
        && there.without_overlaps == here.without_overlaps
}

/// Whether MariaDB's engines would keep rows in the same files: MyISAM and Aria ask for their directories and
/// transactions, all for what engines define themselves.
fn same_files(whole: &Table, single: &Table) -> bool {
    let same = |key: OptionKey| whole.options.others.get(&key) == single.options.others.get(&key);
    let directories = || same(OptionKey::DataDirectory) && same(OptionKey::IndexDirectory);
    let unchecked = |table: &Table| table.options.others.get(&OptionKey::PageChecksum).is_some_and(|c| &**c == "0");
    let by_engine = match &*whole.options.engine {
        "MyISAM" => directories(),
        "Aria" => directories() && unchecked(whole) == unchecked(single) && same(OptionKey::Transactional),
        _ => true,
    };
    by_engine && is_packed(whole) == is_packed(single) && defined(whole) == defined(single)
}

/// Whether MariaDB's rows are packed, as a format asks for or their columns do (`HA_OPTION_PACK_RECORD`).
fn is_packed(table: &Table) -> bool {
    let long = |column: &Column| {
        column.data_type.is_blob() || matches!(column.data_type, DataType::Json | DataType::Geometry(_))
    };
    let varies = |column: &Column| matches!(column.data_type, DataType::Varchar(_) | DataType::Varbinary(_));
    match table.options.others.get(&OptionKey::RowFormat).map(|format| &**format) {
        Some("DYNAMIC") => true,
        Some("FIXED") => table.columns.iter().any(long),
        _ => table.columns.iter().any(|column| long(column) || varies(column)),
    }
}

/// What engines define themselves, the defaults aside.
fn defined(table: &Table) -> Vec<(&Ident, &str)> {
    let says = |(name, value): &(&Ident, &str)| match name.as_str().to_ascii_lowercase().as_str() {
        "page_compressed" => !matches!(*value, "0" | "NO" | "OFF"),
        "encryption_key_id" => *value != "1",
        _ => true,
    };
    let all = table.options.engine_defined.iter();
    let mut all: Vec<_> = all.map(|(name, value)| (name, value.trim_matches('\''))).filter(says).collect();
    all.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()));
    all
}

/// The format that rows have: InnoDB's by default, unless blocks are compressed.
fn row_format(table: &Table) -> &str {
    let written = table.options.others.get(&OptionKey::RowFormat).map(|format| &**format);
    match &*table.options.engine {
        "InnoDB" => match written {
            Some(format) => format,
            None if table.options.others.contains_key(&OptionKey::KeyBlockSize) => "COMPRESSED",
            None => "DYNAMIC",
        },
        "Aria" => written.filter(|format| matches!(*format, "FIXED" | "DYNAMIC")).unwrap_or("PAGE"),
        _ => "",
    }
}

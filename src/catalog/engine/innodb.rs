//! InnoDB: names that it keeps for itself, its formats, and the columns and keys of its FULLTEXT search.

use super::row;
use crate::catalog::column::Context;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::expression::Places;
use crate::model::{Column, DataType, IndexKind, Integer, KeyColumn, OptionKey, Table};
use crate::source::Span;
use crate::target::Target;

/// Names that InnoDB keeps for itself (`dict_col_name_is_reserved`, `innobase_index_name_is_reserved`).
const RESERVED_COLUMNS: [&str; 3] = ["DB_ROW_ID", "DB_TRX_ID", "DB_ROLL_PTR"];
const RESERVED_INDEX: &str = "GEN_CLUST_INDEX";
/// The suffixes of the tables that InnoDB makes for FULLTEXT keys (`fts_common_tables`), and for each of them.
const FULLTEXT_TABLES: [&str; 7] =
    ["added", "being_deleted", "being_deleted_cache", "config", "deleted", "deleted_cache", "stopwords"];
const FULLTEXT_INDEX_TABLES: [&str; 7] = ["doc_id", "index_1", "index_2", "index_3", "index_4", "index_5", "index_6"];

/// Checks a finished table.
pub(super) fn check(table: &Table, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    let mysql = context.target.is_mysql();
    check_reserved(table, places, mysql)?;
    check_fulltext(table, places)?;
    if context.session.sql_mode.strict {
        check_format(table, places.table, mysql)?;
        check_encrypted(table, places.table)?;
        check_page_compression(table, places.table)?;
        row::check(table, places.table, context.target)?;
    }
    Ok(())
}

/// Error 1103: a table's name is not one that InnoDB makes for a FULLTEXT key (`is_fts_index_table` of MySQL's fts0fts.cc).
pub(in crate::catalog) fn check_table_name(name: &str, span: Span, target: Target) -> Outcome<()> {
    if !name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("fts_")) {
        return Ok(());
    }
    let hex = |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_hexdigit());
    let lower = name.to_ascii_lowercase();
    let own = lower.strip_prefix("fts_").and_then(|rest| rest.split_once('_')).is_some_and(|(id, rest)| {
        let of_index = |rest: &str| {
            rest.split_once('_').is_some_and(|(index, suffix)| hex(index) && FULLTEXT_INDEX_TABLES.contains(&suffix))
        };
        hex(id) && (FULLTEXT_TABLES.contains(&rest) || of_index(rest))
    });
    if own && target.is_mysql_since(80_000) {
        return Err(CatalogError::new(1103, span, format!("incorrect table name '{name}'")));
    }
    Ok(())
}

/// Error 1478: a table that lasts is in no tablespace of those that do not (`create_option_tablespace_is_valid`).
pub(in crate::catalog) fn check_tablespace(table: &Table, span: Span) -> Outcome<()> {
    match table.options.others.get(&OptionKey::Tablespace) {
        Some(name) if &**name == "innodb_temporary" && &*table.options.engine == "InnoDB" => {
            Err(CatalogError::new(1478, span, "tablespace 'innodb_temporary' can only contain TEMPORARY tables"))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_reserved(table: &Table, places: Places<'_>, mysql: bool) -> Outcome<()> {
    let searched = table.indexes.iter().any(|index| index.kind == IndexKind::Fulltext);
    // All these names begin with one of two letters.
    let may_be = |name: &str| matches!(name.as_bytes().first(), Some(b'D' | b'd' | b'F' | b'f'));
    for column in table.columns.iter().filter(|column| may_be(column.name.as_str())) {
        let name = column.name.as_str();
        let mistyped = column.name.is("FTS_DOC_ID") && !is_document_id(column);
        if mistyped && mysql && searched {
            return Err(CatalogError::new(
                1797,
                places.of(&column.name),
                format!("column '{name}' is of wrong type for an InnoDB FULLTEXT index"),
            ));
        }
        if mistyped || RESERVED_COLUMNS.iter().any(|own| column.name.is(own)) {
            return Err(CatalogError::new(1166, places.of(&column.name), format!("incorrect column name '{name}'")));
        }
    }
    match table.indexes.iter().find(|index| index.name.is(RESERVED_INDEX)) {
        Some(index) => Err(CatalogError::new(1280, places.table, format!("incorrect index name '{}'", index.name))),
        None => Ok(()),
    }
}

/// Whether a column is what InnoDB takes for the number of a document (MySQL 8.4 manual, section 17.6.2.4).
fn is_document_id(column: &Column) -> bool {
    let number = matches!(column.data_type, DataType::Integer { kind: Integer::Big, .. });
    column.name.as_str() == "FTS_DOC_ID" && number && !column.nullable
}

/// Error 1798: the key of the documents' numbers is unique, over them alone, and ascending.
fn check_fulltext(table: &Table, places: Places<'_>) -> Outcome<()> {
    if table.indexes.iter().all(|index| index.kind != IndexKind::Fulltext) {
        return Ok(());
    }
    let Some(index) = table.indexes.iter().find(|index| index.name.is("FTS_DOC_ID_INDEX")) else { return Ok(()) };
    let fits = index.name.as_str() == "FTS_DOC_ID_INDEX"
        && index.kind == IndexKind::Unique
        && matches!(index.parts.as_slice(), [part] if !part.descending
            && matches!(&part.column, KeyColumn::Column(name) if name.as_str() == "FTS_DOC_ID"));
    if fits {
        return Ok(());
    }
    Err(CatalogError::new(
        1798,
        places.table,
        format!("index '{}' is of wrong type for an InnoDB FULLTEXT index", index.name),
    ))
}

/// Errors 1031 and 1005: formats and block sizes that InnoDB does not have (`create_options_are_invalid`).
fn check_format(table: &Table, span: Span, mysql: bool) -> Outcome<()> {
    let option = |key| table.options.others.get(&key).map(|value| &**value);
    let format = option(OptionKey::RowFormat);
    let foreign_format = matches!(format, Some("FIXED" | "PAGE"));
    let wrong_block = option(OptionKey::KeyBlockSize).is_some_and(|size| {
        !matches!(size, "1" | "2" | "4" | "8" | "16") || matches!(format, Some("DYNAMIC" | "COMPACT" | "REDUNDANT"))
    });
    let wrong_compression = mysql
        && option(OptionKey::Compression)
            .is_some_and(|name| !["zlib", "lz4", "none"].iter().any(|known| known.eq_ignore_ascii_case(name)));
    if !(foreign_format || wrong_block || wrong_compression) {
        return Ok(());
    }
    let number = if mysql { 1031 } else { 1005 };
    Err(CatalogError::new(number, span, format!("InnoDB does not have an option that is written for '{}'", table.name))
        .only_when_strict())
}

/// Errors 1912 and 1005: a level of compression from 1 to 9, for pages that are compressed (MariaDB KB "InnoDB Page Compression").
fn check_page_compression(table: &Table, span: Span) -> Outcome<()> {
    let option = |name: &str| {
        table.options.engine_defined.iter().find(|(own, _)| own.is(name)).map(|(_, value)| value.trim_matches('\''))
    };
    let Some(level) = option("PAGE_COMPRESSION_LEVEL") else { return Ok(()) };
    if level.parse::<u64>().is_ok_and(|level| !(1..=9).contains(&level)) {
        let message = format!("incorrect value '{level}' for option 'PAGE_COMPRESSION_LEVEL'");
        return Err(CatalogError::new(1912, span, message).only_when_strict());
    }
    let compressed = option("PAGE_COMPRESSED")
        .is_some_and(|value| ["1", "yes", "on", "true"].iter().any(|word| value.eq_ignore_ascii_case(word)));
    if compressed {
        return Ok(());
    }
    let message =
        format!("can't create table '{}': a level of compression for pages that are not compressed", table.name);
    Err(CatalogError::new(1005, span, message).only_when_strict())
}

/// Error 1005: a server without a config file has no key to encrypt with (MariaDB KB "File Key Management Encryption Plugin").
/// A dump of a server that has one is read all the same: its session is not strict, and comparisons loosen others.
fn check_encrypted(table: &Table, span: Span) -> Outcome<()> {
    let yes =
        |value: &str| ["yes", "on", "true", "1"].iter().any(|word| value.trim_matches('\'').eq_ignore_ascii_case(word));
    match table.options.engine_defined.iter().find(|(name, value)| name.is("ENCRYPTED") && yes(value)) {
        Some(_) => Err(CatalogError::new(
            1005,
            span,
            format!("can't create table '{}': there is no key to encrypt it with", table.name),
        )
        .only_when_strict()),
        None => Ok(()),
    }
}

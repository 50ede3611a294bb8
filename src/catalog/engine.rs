//! What storage engines refuse of a table that the server has made out.

use super::column::Context;
use super::error::{CatalogError, Outcome};
use super::expression::Places;
use crate::model::{DataType, Index, IndexAlgorithm, IndexKind, OptionKey, Table};
use crate::source::Span;

/// Names that InnoDB keeps for itself (`dict_col_name_is_reserved`, `innobase_index_name_is_reserved`).
const RESERVED_COLUMNS: [&str; 3] = ["DB_ROW_ID", "DB_TRX_ID", "DB_ROLL_PTR"];
const RESERVED_INDEX: &str = "GEN_CLUST_INDEX";
/// Options of InnoDB on MariaDB (`ha_create_table_option innodb_table_option_list`).
const INNODB_OPTIONS: [&str; 4] = ["PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "ENCRYPTED", "ENCRYPTION_KEY_ID"];
/// The suffixes of the tables that InnoDB makes for a FULLTEXT key (`fts_common_tables`).
const FULLTEXT_TABLES: [&str; 6] =
    ["added", "being_deleted", "being_deleted_cache", "config", "deleted", "deleted_cache"];

/// Checks a finished table.
pub(super) fn check(table: &Table, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    let innodb = &*table.options.engine == "InnoDB";
    if innodb {
        check_reserved(table, places)?;
        if context.session.sql_mode.strict {
            check_format(table, places.table, context.target.is_mysql())?;
        }
    }
    if context.target.is_mysql() {
        check_attributes(table, places)?;
        check_encryption(table, places.table)?;
        table.indexes.iter().try_for_each(|index| check_index(table, index, places.table))
    } else {
        check_options(table, places)?;
        check_compressed(table, places)
    }
}

/// Error 1103: a table's name is not one of InnoDB's own.
pub(super) fn check_table_name(name: &str, span: Span, context: Context<'_>) -> Outcome<()> {
    let lower = name.to_ascii_lowercase();
    let own = lower.strip_prefix("fts_").and_then(|rest| rest.split_once('_')).is_some_and(|(id, suffix)| {
        id.len() == 16
            && id.bytes().all(|b| b.is_ascii_hexdigit())
            && (FULLTEXT_TABLES.contains(&suffix) || suffix.contains("_index_"))
    });
    if own && context.target.is_mysql() {
        return Err(CatalogError::new(1103, span, format!("incorrect table name '{name}'")));
    }
    Ok(())
}

fn check_reserved(table: &Table, places: Places<'_>) -> Outcome<()> {
    for column in &table.columns {
        let name = column.name.as_str();
        let misspelt = name.eq_ignore_ascii_case("FTS_DOC_ID") && name != "FTS_DOC_ID";
        if misspelt || RESERVED_COLUMNS.iter().any(|own| column.name.is(own)) {
            return Err(CatalogError::new(1166, places.of(&column.name), format!("incorrect column name '{name}'")));
        }
    }
    match table.indexes.iter().find(|index| index.name.is(RESERVED_INDEX)) {
        Some(index) => Err(CatalogError::new(1280, places.table, format!("incorrect index name '{}'", index.name))),
        None => Ok(()),
    }
}

/// Error 3981: no engine of MySQL takes attributes of its own (MySQL 8.4 manual, section 15.1.20, `ENGINE_ATTRIBUTE`).
fn check_attributes(table: &Table, places: Places<'_>) -> Outcome<()> {
    let span = if table.options.others.contains_key(&OptionKey::EngineAttribute)
        || table.indexes.iter().any(|i| i.engine_attribute.is_some())
    {
        Some(places.table)
    } else {
        table.columns.iter().find(|c| c.engine_attribute.is_some()).map(|c| places.of(&c.name))
    };
    match span {
        Some(span) => Err(CatalogError::new(
            3981,
            span,
            format!("storage engine '{}' does not support ENGINE_ATTRIBUTE", table.options.engine),
        )),
        None => Ok(()),
    }
}

/// Errors 1178 and 3184: only InnoDB encrypts, and it takes Y or N.
fn check_encryption(table: &Table, span: Span) -> Outcome<()> {
    match table.options.others.get(&OptionKey::Encryption) {
        Some(_) if &*table.options.engine != "InnoDB" => {
            Err(CatalogError::new(1178, span, "the storage engine for the table doesn't support ENCRYPTION"))
        }
        Some(value) if !value.eq_ignore_ascii_case("y") => {
            Err(CatalogError::new(3184, span, "invalid encryption option"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Keys that MySQL's engines do not have (`mysql_prepare_create_key`).
fn check_index(table: &Table, index: &Index, span: Span) -> Outcome<()> {
    let special = matches!(index.kind, IndexKind::Fulltext | IndexKind::Spatial);
    let descending = index.parts.iter().any(|part| part.descending);
    let hash =
        index.algorithm == Some(IndexAlgorithm::Hash) || index.algorithm.is_none() && index.kind != IndexKind::Fulltext;
    let memory = &*table.options.engine == "MEMORY";
    if descending && (special || memory && index.algorithm == Some(IndexAlgorithm::Hash)) {
        return Err(CatalogError::new(
            1221,
            span,
            "incorrect usage of spatial/fulltext/hash index and explicit index order",
        ));
    }
    if descending && memory && hash {
        return Err(CatalogError::new(
            1178,
            span,
            "the storage engine for the table doesn't support descending indexes",
        ));
    }
    if index.kind == IndexKind::Fulltext && !matches!(&*table.options.engine, "InnoDB" | "MyISAM" | "BLACKHOLE") {
        return Err(CatalogError::new(1214, span, "the used table type doesn't support FULLTEXT indexes"));
    }
    if index.kind == IndexKind::Spatial
        && !index
            .columns()
            .all(|name| table.column(name.as_str()).is_some_and(|(_, c)| matches!(c.data_type, DataType::Geometry(_))))
    {
        return Err(CatalogError::new(1687, span, "a SPATIAL index may only contain a geometrical type column"));
    }
    let geometry = |name: &crate::ident::Ident| {
        table.column(name.as_str()).is_some_and(|(_, c)| matches!(c.data_type, DataType::Geometry(_)))
    };
    if index.is_unique() && index.columns().any(geometry) && matches!(&*table.options.engine, "InnoDB" | "MyISAM") {
        return Err(CatalogError::new(3728, span, "spatial indexes can't be primary or unique indexes"));
    }
    if index.kind == IndexKind::Spatial || index.kind == IndexKind::Plain && index.columns().any(geometry) {
        if index.parts.len() > 1 && index.parts.iter().all(|part| part.prefix.is_none()) {
            return Err(CatalogError::new(1070, span, "too many key parts specified; max 1 parts allowed"));
        }
        if index.kind == IndexKind::Spatial
            && let Some(algorithm @ (IndexAlgorithm::BTree | IndexAlgorithm::Hash)) = index.algorithm
        {
            return Err(CatalogError::new(
                3729,
                span,
                format!("the index type {algorithm:?} is not supported for spatial indexes"),
            ));
        }
    }
    Ok(())
}

/// Error 4097: a compressed column is in no key (MariaDB KB "Storage-Engine Independent Column Compression").
fn check_compressed(table: &Table, places: Places<'_>) -> Outcome<()> {
    let in_key = |column: &&crate::model::Column| {
        column.compressed.is_some() && table.indexes.iter().any(|i| i.columns().any(|c| *c == column.name))
    };
    match table.columns.iter().find(in_key) {
        Some(column) => Err(CatalogError::new(
            4097,
            places.of(&column.name),
            format!("compressed column '{}' can't be used in key specification", column.name),
        )),
        None => Ok(()),
    }
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

/// Error 1911: an option that the engine does not know (MariaDB KB "Engine-defined New Table/Field/Index Attributes").
fn check_options(table: &Table, places: Places<'_>) -> Outcome<()> {
    let innodb = &*table.options.engine == "InnoDB";
    if !innodb && !matches!(&*table.options.engine, "MyISAM" | "MEMORY") {
        return Ok(());
    }
    let known = |name: &str| innodb && INNODB_OPTIONS.iter().any(|own| own.eq_ignore_ascii_case(name));
    let of_table = table
        .options
        .engine_defined
        .iter()
        .map(|(name, _)| (name, places.table))
        .filter(|(name, _)| !known(name.as_str()));
    let of_columns = table.columns.iter().flat_map(|c| c.options.iter().map(|(name, _)| (name, places.of(&c.name))));
    let of_keys = table
        .indexes
        .iter()
        .filter(|i| i.kind != IndexKind::Vector)
        .flat_map(|i| i.options.iter().map(|(name, _)| (name, places.table)));
    match of_columns.chain(of_keys).chain(of_table).next() {
        Some((name, span)) => Err(CatalogError::new(1911, span, format!("unknown option '{name}'"))),
        None => Ok(()),
    }
}

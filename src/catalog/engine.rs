//! What storage engines refuse of a table that the server has made out.

mod innodb;
mod key;
mod limits;
mod name;
mod row;
mod sequence;

use super::column::Context;
use super::error::{CatalogError, Outcome};
use super::expression::Places;
use crate::ident::Ident;
use crate::model::{Column, DataType, Index, IndexAlgorithm, IndexKind, OptionKey, Table};
use crate::source::Span;
use crate::syntax::ddl::{OptionValue, TableOption};
use crate::target::Target;

pub(super) use innodb::{check_table_name, check_tablespace};
pub(super) use key::{check_draft, check_primary, primary, primary_stays};
pub(super) use limits::{check_types, lacks_expressions};
pub(super) use name::known;

/// Options of InnoDB on MariaDB (`ha_create_table_option innodb_table_option_list`).
const INNODB_OPTIONS: [&str; 4] = ["PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "ENCRYPTED", "ENCRYPTION_KEY_ID"];

/// Checks a finished table.
pub(super) fn check(table: &Table, places: Places<'_>, context: Context<'_>) -> Outcome<()> {
    limits::check(table, places, context.target)?;
    if &*table.options.engine == "InnoDB" {
        innodb::check(table, places, context)?;
    }
    if context.target.is_mysql() {
        check_attributes(table, places)?;
        check_secondary(table, places.table)?;
        check_encryption(table, places.table)?;
        table.indexes.iter().try_for_each(|index| key::check(table, index, places.table))
    } else {
        check_options(table, places)?;
        check_hashes(table, places)?;
        check_compressed(table, places)?;
        check_vectors(table, places.table)?;
        check_generated(table, places.table)?;
        check_lists(table, places, context.target)?;
        sequence::check(table, places.table)
    }
}

/// Errors 3980 and 3981: attributes are JSON, and no engine of MySQL takes those of its own (MySQL 8.4 manual, section
/// 15.1.20, `ENGINE_ATTRIBUTE`).
fn check_attributes(table: &Table, places: Places<'_>) -> Outcome<()> {
    let option = |key| table.options.others.get(&key).map(|value| (&**value, places.table));
    let own = option(OptionKey::EngineAttribute)
        .into_iter()
        .chain(table.indexes.iter().filter_map(|i| Some((i.engine_attribute.as_deref()?, places.table))))
        .chain(table.columns.iter().filter_map(|c| Some((c.engine_attribute.as_deref()?, places.of(&c.name)))));
    let secondary = option(OptionKey::SecondaryEngineAttribute)
        .into_iter()
        .chain(table.indexes.iter().filter_map(|i| Some((i.secondary_engine_attribute.as_deref()?, places.table))))
        .chain(
            table.columns.iter().filter_map(|c| Some((c.secondary_engine_attribute.as_deref()?, places.of(&c.name)))),
        );
    let mut refused = None;
    for (text, span) in own {
        check_json(text, span)?;
        refused.get_or_insert(span);
    }
    for (text, span) in secondary {
        check_json(text, span)?;
    }
    match refused {
        Some(span) => Err(CatalogError::new(
            3981,
            span,
            format!("storage engine '{}' does not support ENGINE_ATTRIBUTE", table.options.engine),
        )),
        None => Ok(()),
    }
}

fn check_json(text: &str, span: Span) -> Outcome<()> {
    if text.is_empty() {
        return Ok(());
    }
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(CatalogError::new(3980, span, format!("invalid json attribute: {error}"))),
    }
}

/// Error 1178: only tables of InnoDB have a second engine (MySQL 8.4 manual, section 15.1.20, `SECONDARY_ENGINE`).
fn check_secondary(table: &Table, span: Span) -> Outcome<()> {
    if &*table.options.engine != "InnoDB" && table.options.others.contains_key(&OptionKey::SecondaryEngine) {
        return Err(CatalogError::new(1178, span, "the storage engine for the table doesn't support SECONDARY_ENGINE"));
    }
    Ok(())
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

/// Errors 1506 and 1912: MariaDB KB "CREATE TABLE with Vectors".
fn check_vectors(table: &Table, span: Span) -> Outcome<()> {
    let Some(index) = table.indexes.iter().find(|index| index.kind == IndexKind::Vector) else { return Ok(()) };
    if table.partitioning.is_some() {
        return Err(CatalogError::partitioned_with_vectors(span));
    }
    let fits = |name: &Ident, value: &str| match value.trim_matches(['\'', '"', '`']) {
        value if name.is("m") => value.parse().is_ok_and(|number: u64| (3..=200).contains(&number)),
        value => ["euclidean", "cosine"].iter().any(|word| word.eq_ignore_ascii_case(value)),
    };
    if let Some((name, _)) = index.options.iter().find(|(name, _)| !name.is("m") && !name.is("distance")) {
        return Err(CatalogError::new(1911, span, format!("unknown option '{name}'")));
    }
    match index.options.iter().find(|(name, value)| !fits(name, value)) {
        Some((name, value)) => {
            Err(CatalogError::new(1912, span, format!("incorrect value '{value}' for option '{name}'")))
        }
        None => Ok(()),
    }
}

/// Errors 1903, 1904, 1907 and 1214: keys over generated columns and for FULLTEXT search that there are not (MariaDB KB "Generated (Virtual and
/// Persistent/Stored) Columns", "Making Stored Values Consistent").
fn check_generated(table: &Table, span: Span) -> Outcome<()> {
    let virtual_in = |index: &crate::model::Index| {
        index.columns().any(|name| {
            table.column(name.as_str()).is_some_and(|(_, c)| c.generated.as_ref().is_some_and(|g| !g.stored))
        })
    };
    let computed = |name: &crate::ident::Ident| table.column(name.as_str()).is_some_and(|(_, c)| c.generated.is_some());
    if table.primary_key().is_some_and(|key| key.columns().any(computed)) {
        return Err(CatalogError::new(1903, span, "a primary key cannot be defined upon a generated column"));
    }
    for index in table.indexes.iter().filter(|index| virtual_in(index)) {
        if &*table.options.engine == "Aria" {
            return Err(CatalogError::new(1904, span, "a key cannot be defined on a virtual generated column"));
        }
        if index.kind == IndexKind::Fulltext {
            return Err(CatalogError::new(1907, span, "FULLTEXT is not supported for generated columns"));
        }
    }
    let searched = table.indexes.iter().any(|index| index.kind == IndexKind::Fulltext);
    if searched && matches!(&*table.options.engine, "MEMORY" | "CSV" | "ARCHIVE" | "MRG_MyISAM") {
        return Err(CatalogError::new(1214, span, "the storage engine doesn't support FULLTEXT indexes"));
    }
    Ok(())
}

/// Error 1911: an option that the engine does not know (MariaDB KB "Engine-defined New Table/Field/Index Attributes").
fn check_options(table: &Table, places: Places<'_>) -> Outcome<()> {
    let innodb = &*table.options.engine == "InnoDB";
    if !knows_its_options(&table.options.engine) {
        return Ok(());
    }
    if !innodb && &*table.options.engine != "Aria" && table.options.others.contains_key(&OptionKey::Transactional) {
        return Err(CatalogError::new(1911, places.table, "unknown option 'transactional'"));
    }
    let known = |name: &str| is_option(&table.options.engine, name);
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
    if let Some((name, span)) = of_columns.chain(of_keys).chain(of_table).next() {
        return Err(CatalogError::new(1911, span, format!("unknown option '{name}'")));
    }
    match table.options.engine_defined.iter().find(|(name, value)| !takes(name.as_str(), value)) {
        Some((name, value)) => {
            let message = format!("incorrect value '{value}' for option '{name}'");
            Err(CatalogError::new(1912, places.table, message))
        }
        None => Ok(()),
    }
}

/// Errors 1901 and 4169: what counts by itself is in no hash that MariaDB keeps of a unique key.
fn check_hashes(table: &Table, places: Places<'_>) -> Outcome<()> {
    if &*table.options.engine == "MEMORY" {
        return Ok(());
    }
    let Some(counter) = table.columns.iter().find(|column| column.auto_increment) else { return Ok(()) };
    let hashed = |index: &&Index| {
        index.kind == IndexKind::Unique
            && index.algorithm == Some(IndexAlgorithm::Hash)
            && index.columns().any(|name| *name == counter.name)
    };
    let Some(index) = table.indexes.iter().find(hashed) else { return Ok(()) };
    let long = |name: &Ident| table.column(name.as_str()).is_some_and(|(_, column)| column.data_type.is_blob());
    let number = if index.columns().any(long) { 4169 } else { 1901 };
    Err(CatalogError::new(
        number,
        places.of(&counter.name),
        format!("AUTO_INCREMENT is not hashed in '{}'", index.name),
    ))
}

/// Error 1033: before 11 MariaDB cannot read the definition that it writes where a member of an ENUM or SET begins with a zero
/// byte, but for the first of its list and those of the last list that differs from those before it (tried on 10.11).
fn check_lists(table: &Table, places: Places<'_>, target: Target) -> Outcome<()> {
    let ends_list = |column: &Column| {
        let (DataType::Enum(members) | DataType::Set(members)) = &column.data_type else { return false };
        // Longer characters are written as digits.
        let as_they_are = column.collation.is_none_or(|c| c.charset().extends_ascii());
        let begins = |at: usize| match column.member_bytes.0.get(at) {
            Some(bytes) => bytes.len() > 1 && bytes[0] == 0,
            None => members[at].len() > 1 && members[at].starts_with('\0'),
        };
        as_they_are && (1..members.len()).any(begins)
    };
    if target.is_mariadb_since(110_000) || !table.columns.iter().any(ends_list) {
        return Ok(());
    }
    let list = |column: &'_ Column| match &column.data_type {
        DataType::Enum(members) | DataType::Set(members) => Some((members.clone(), column.member_bytes.0.clone())),
        _ => None,
    };
    let mut lists = Vec::new();
    for column in &table.columns {
        let Some(found) = list(column).filter(|found| lists.iter().all(|(known, _)| known != found)) else { continue };
        lists.push((found, column));
    }
    lists.pop();
    match lists.iter().find(|(_, column)| ends_list(column)) {
        Some((_, column)) => {
            let message = format!(
                "the server could not read its own definition of column '{}': a member begins with a zero byte",
                column.name
            );
            Err(CatalogError::new(1033, places.of(&column.name), message))
        }
        None => Ok(()),
    }
}

/// Whether it is known which options an engine has.
fn knows_its_options(engine: &str) -> bool {
    matches!(engine, "InnoDB" | "MyISAM" | "MEMORY" | "Aria" | "CSV" | "MRG_MyISAM")
}

fn is_option(engine: &str, name: &str) -> bool {
    match engine {
        "InnoDB" => INNODB_OPTIONS.iter().any(|own| own.eq_ignore_ascii_case(name)),
        "CSV" => name.eq_ignore_ascii_case("ietf_quotes"),
        _ => false,
    }
}

/// The same for options that are written to be left as they are.
pub(super) fn check_forgotten_options(table: &Table, options: &[TableOption<'_>]) -> Outcome<()> {
    let engine = &table.options.engine;
    let unknown = |option: &&TableOption<'_>| matches!(option, TableOption::EngineDefined(name, OptionValue::Default) if !is_option(engine, &name.text));
    match options.iter().find(unknown) {
        Some(TableOption::EngineDefined(name, _)) if knows_its_options(engine) => {
            Err(CatalogError::new(1911, name.span, format!("unknown option '{}'", name.text)))
        }
        _ => Ok(()),
    }
}

/// Error 1912: the values of InnoDB's own options (`innodb_table_option_list` in ha_innodb.cc).
fn takes(option: &str, value: &str) -> bool {
    let value = value.trim_matches(['\'', '"']);
    let one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(value));
    let within = |range: std::ops::RangeInclusive<u64>| value.parse().is_ok_and(|number| range.contains(&number));
    match option.to_ascii_lowercase().as_str() {
        "page_compressed" => one_of(&["0", "1", "on", "off", "yes", "no"]),
        "encrypted" => one_of(&["yes", "no", "default"]),
        "page_compression_level" => within(1..=9),
        "encryption_key_id" => within(1..=u64::from(u32::MAX)),
        _ => true,
    }
}

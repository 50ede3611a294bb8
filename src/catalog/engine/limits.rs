//! What the smaller engines lack: MEMORY, CSV, ARCHIVE, MyISAM.

use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::expression::Places;
use crate::catalog::srid;
use crate::model::{Column, DataType, DefaultValue, Index, Table};
use crate::target::Target;

/// Checks the types of a table's columns, which the servers do before they look at its keys.
pub(in crate::catalog) fn check_types(table: &Table, places: Places<'_>, target: Target) -> Outcome<()> {
    let engine = &*table.options.engine;
    if !matches!(engine, "MEMORY" | "CSV" | "MRG_MyISAM") {
        return Ok(());
    }
    let refuse = |column: &Column, number, what: &str| {
        Err(CatalogError::new(number, places.of(&column.name), format!("{engine} has no {what} columns")))
    };
    if let Some(column) = table.columns.iter().find(|column| matches!(column.data_type, DataType::Geometry(_))) {
        return refuse(column, 1178, "GEOMETRY");
    }
    let is_blob = |column: &&Column| {
        column.data_type.is_blob()
            || target.is_mysql() && matches!(column.data_type, DataType::Json | DataType::Vector(_))
    };
    match table.columns.iter().find(is_blob).filter(|_| engine == "MEMORY") {
        Some(column) => refuse(column, 1163, "BLOB and TEXT"),
        None => Ok(()),
    }
}

/// Checks a finished table.
pub(super) fn check(table: &Table, places: Places<'_>, target: Target) -> Outcome<()> {
    let engine = &*table.options.engine;
    if !matches!(engine, "MEMORY" | "CSV" | "MyISAM" | "ARCHIVE" | "MRG_MyISAM" | "BLACKHOLE") {
        return Ok(());
    }
    for column in &table.columns {
        let span = places.of(&column.name);
        let refuse = |number, what: &str| Err(CatalogError::new(number, span, format!("{engine} has no {what}")));
        match engine {
            "CSV" if column.auto_increment => return refuse(1164, "AUTO_INCREMENT columns"),
            "CSV" if column.nullable && column.generated.is_none() => return refuse(1178, "nullable columns"),
            "MyISAM" | "MEMORY" | "ARCHIVE" | "CSV" if column.srid.and_then(srid::geographic) == Some(true) => {
                return refuse(1178, "geographic spatial reference systems");
            }
            // MariaDB KB "Generated (Virtual and Persistent/Stored) Columns", "Supported Storage Engines".
            "MEMORY" | "CSV" | "MRG_MyISAM" if target.is_mariadb() && column.generated.is_some() => {
                return refuse(1910, "generated columns");
            }
            // MySQL 8.4 manual, section 15.1.20.8 "CREATE TABLE and Generated Columns"; measured on MySQL 9.7.
            _ if lacks_expressions(engine) && target.is_mysql_since(80_000) => {
                if column.generated.is_some() {
                    return refuse(3106, "generated columns");
                }
                if matches!(column.default, Some(DefaultValue::Expression(_))) {
                    return refuse(3774, "defaults that are expressions");
                }
            }
            _ => {}
        }
    }
    match engine {
        "CSV" if !table.indexes.is_empty() => {
            Err(CatalogError::new(1069, places.table, "too many keys specified; max 0 keys allowed"))
        }
        "ARCHIVE" if table.indexes.len() > 1 => {
            Err(CatalogError::new(1069, places.table, "too many keys specified; max 1 keys allowed"))
        }
        "ARCHIVE" => match table
            .indexes
            .iter()
            .flat_map(|i| i.columns())
            .find(|name| table.column(name.as_str()).is_some_and(|(_, column)| column.nullable))
        {
            Some(name) => {
                let message = format!("the engine has no NULL in keys; make column '{name}' NOT NULL");
                Err(CatalogError::new(1121, places.table, message))
            }
            // The only key is that of the counter (`ha_archive::create`).
            None if target.is_mysql() && table.indexes.iter().any(|index| !is_of_counter(table, index)) => {
                Err(CatalogError::new(1030, places.table, "ARCHIVE has no keys but over the AUTO_INCREMENT column"))
            }
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn is_of_counter(table: &Table, index: &Index) -> bool {
    index.columns().all(|name| table.column(name.as_str()).is_some_and(|(_, column)| column.auto_increment))
}

/// Whether the engine has neither generated columns nor defaults that are expressions (MySQL).
pub(in crate::catalog) fn lacks_expressions(engine: &str) -> bool {
    matches!(engine, "MEMORY" | "CSV" | "ARCHIVE" | "MRG_MyISAM" | "BLACKHOLE")
}

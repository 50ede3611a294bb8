//! Periods and system versioning of MariaDB: what their columns must be.
//!
//! MariaDB KB "Application-Time Periods" and "System-Versioned Tables"; `check_period_fields` and
//! `Vers_parse_info::check_sys_fields` (sql/sql_table.cc, sql/handler.cc).

use super::error::{CatalogError, Outcome};
use super::expression::Places;
use crate::model::{Column, DataType, IndexAlgorithm, Integer, Period, Table, Versioning};
use crate::source::Span;

/// Checks the periods of a table whose columns and keys stand.
pub(super) fn check(table: &Table, places: Places<'_>) -> Outcome<()> {
    let mut applications = table.periods.iter().filter(|p| !p.system);
    if let Some(period) = applications.next() {
        if applications.next().is_some() {
            return Err(CatalogError::new(4154, places.table, "cannot specify more than one application-time period"));
        }
        check_application(table, period, places)?;
    }
    check_overlaps(table, places.table)?;
    check_invisible(table, places)?;
    check_implicit(table, places)?;
    check_system(table, places)
}

fn check_application(table: &Table, period: &Period, places: Places<'_>) -> Outcome<()> {
    if table.column(period.name.as_str()).is_some() {
        return Err(CatalogError::new(1060, places.table, format!("duplicate column name '{}'", period.name)));
    }
    if period.start.is(period.end.as_str()) {
        return Err(CatalogError::new(1110, places.table, format!("column '{}' specified twice", period.start)));
    }
    let find = |name: &crate::ident::Ident| {
        let unknown = || CatalogError::new(1054, places.table, format!("unknown column '{name}' in '{}'", period.name));
        table.column(name.as_str()).map(|(_, column)| column).ok_or_else(unknown)
    };
    let (start, end) = (find(&period.start)?, find(&period.end)?);
    for column in [start, end] {
        let span = places.of(&column.name);
        if !matches!(column.data_type, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_)) {
            return Err(CatalogError::new(
                1063,
                span,
                format!("incorrect column specifier for column '{}'", column.name),
            ));
        }
        if column.generated.is_some()
            || is_row_end(column, Versioning::RowStart)
            || is_row_end(column, Versioning::RowEnd)
        {
            return Err(CatalogError::new(
                4155,
                span,
                format!("period field '{}' cannot be GENERATED ALWAYS AS", column.name),
            ));
        }
    }
    if start.data_type != end.data_type {
        return Err(CatalogError::new(
            4153,
            places.table,
            format!("fields of PERIOD FOR '{}' have different types", period.name),
        ));
    }
    Ok(())
}

/// Error 1060: a history without columns of its own gets two, called so.
fn check_implicit(table: &Table, places: Places<'_>) -> Outcome<()> {
    let own = |column: &Column| is_row_end(column, Versioning::RowStart) || is_row_end(column, Versioning::RowEnd);
    if !table.system_versioned || table.columns.iter().any(own) {
        return Ok(());
    }
    match table.columns.iter().find(|column| column.name.is("row_start") || column.name.is("row_end")) {
        Some(column) => {
            let message = format!("duplicate column name '{}'", column.name);
            Err(CatalogError::new(1060, places.of(&column.name), message))
        }
        None => Ok(()),
    }
}

/// Errors 4156 and 4170: WITHOUT OVERLAPS names the period, and the key not its columns.
fn check_overlaps(table: &Table, span: Span) -> Outcome<()> {
    for index in &table.indexes {
        let Some(name) = &index.without_overlaps else { continue };
        let Some(period) = table.periods.iter().find(|p| !p.system && p.name.is(name.as_str())) else {
            return Err(CatalogError::new(4156, span, format!("period '{name}' is not found in table")));
        };
        if index.algorithm == Some(IndexAlgorithm::Hash) {
            return Err(CatalogError::new(4171, span, format!("key '{}' cannot have WITHOUT OVERLAPS", index.name)));
        }
        if let Some(column) = index.columns().find(|c| c.is(period.start.as_str()) || c.is(period.end.as_str())) {
            return Err(CatalogError::new(
                4170,
                span,
                format!("key '{}' cannot explicitly include column '{column}'", index.name),
            ));
        }
    }
    Ok(())
}

/// Error 4108: what an INSERT does not see has a default (MariaDB KB "Invisible Columns").
fn check_invisible(table: &Table, places: Places<'_>) -> Outcome<()> {
    let lacks = |c: &&Column| {
        c.invisible
            && !c.nullable
            && c.default.is_none()
            && !c.auto_increment
            && c.generated.is_none()
            && !is_row_end(c, Versioning::RowStart)
            && !is_row_end(c, Versioning::RowEnd)
    };
    match table.columns.iter().find(lacks) {
        Some(column) => Err(CatalogError::new(
            4108,
            places.of(&column.name),
            format!("invisible column '{}' must have a default value", column.name),
        )),
        None => Ok(()),
    }
}

fn is_row_end(column: &Column, which: Versioning) -> bool {
    column.versioning == Some(which)
}

fn check_system(table: &Table, places: Places<'_>) -> Outcome<()> {
    for (which, what) in [(Versioning::RowStart, "START"), (Versioning::RowEnd, "END")] {
        if let Some(second) = table.columns.iter().filter(|c| is_row_end(c, which)).nth(1) {
            return Err(CatalogError::new(
                4134,
                places.of(&second.name),
                format!("duplicate ROW {what} column '{}'", second.name),
            ));
        }
    }
    if !table.system_versioned {
        return Ok(());
    }
    if table.columns.iter().all(|c| c.versioning.is_some_and(|v| v != Versioning::With)) {
        return Err(CatalogError::new(
            4123,
            places.table,
            format!("table '{}' must have at least one versioned column", table.name),
        ));
    }
    if !table.periods.iter().any(|p| p.system) {
        return Ok(());
    }
    let find = |which, what: &str| {
        let missing = || {
            CatalogError::new(
                4125,
                places.table,
                format!("wrong parameters for '{}': missing 'AS ROW {what}'", table.name),
            )
        };
        table.columns.iter().find(|c| is_row_end(c, which)).ok_or_else(missing)
    };
    let (start, end) = (find(Versioning::RowStart, "START")?, find(Versioning::RowEnd, "END")?);
    let by_time =
        matches!(start.data_type, DataType::Timestamp(_)) || !matches!(start.data_type, DataType::Integer { .. });
    let fits = |column: &Column| match column.data_type {
        DataType::Timestamp(6) => by_time,
        DataType::Integer { kind: Integer::Big, unsigned: true, .. } => !by_time && &*table.options.engine == "InnoDB",
        _ => false,
    };
    match [start, end].into_iter().find(|column| !fits(column)) {
        Some(column) => {
            let wanted =
                if by_time || &*table.options.engine != "InnoDB" { "TIMESTAMP(6)" } else { "BIGINT(20) UNSIGNED" };
            Err(CatalogError::new(
                4110,
                places.of(&column.name),
                format!("'{}' must be of type {wanted} for system-versioned table '{}'", column.name, table.name),
            ))
        }
        None => Ok(()),
    }
}

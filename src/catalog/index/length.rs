//! How long the parts of a key are, and what becomes of those that are too long.

use crate::catalog::column::Context;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::size;
use crate::model::expression::CastType;
use crate::model::{
    Charset, Column, DataType, Expr, Geometry, Index, IndexKind, KeyColumn, KeyPart, Size, Table, TableDefinition,
};
use crate::source::Span;
use crate::target::Target;

/// The longest key part of an engine in bytes.
pub(super) fn table_key_length(engine: &str) -> u32 {
    match engine {
        "MyISAM" | "MRG_MyISAM" => 1000,
        "Aria" => 2300,
        _ => 3072,
    }
}

/// The bytes of a key part; a prefix that covers the whole column is none.
pub(super) fn part_length(
    column: &Column,
    part: &mut KeyPart,
    kind: IndexKind,
    most: u32,
    context: Context<'_>,
    span: Span,
) -> Outcome<u64> {
    let width = u64::from(column.collation.map_or(1, |c| c.charset().max_length()));
    let full = match &column.data_type {
        DataType::Char(n) | DataType::Varchar(n) => Some(u64::from(*n) * width),
        DataType::Binary(n) | DataType::Varbinary(n) => Some(u64::from(*n)),
        _ => None,
    };
    let incorrect = || {
        CatalogError::new(
            1089,
            span,
            "incorrect prefix key; the used key part isn't a string, or the used length is longer than the key part",
        )
    };
    match (full, part.prefix) {
        (None, _) if matches!(column.data_type, DataType::Json) => Err(CatalogError::new(
            3152,
            span,
            format!(
                "JSON column '{}' supports indexing only via generated columns on a specified JSON path",
                column.name
            ),
        )),
        (Some(0), _) if context.target.is_mysql() || !column.nullable => {
            Err(CatalogError::new(1167, span, format!("the used storage engine can't index column '{}'", column.name)))
        }
        (Some(full), Some(prefix)) => {
            let bytes = u64::from(prefix) * width;
            if bytes > full {
                return Err(incorrect());
            }
            if bytes == full {
                part.prefix = None;
            }
            Ok(bytes)
        }
        (Some(full), None) => Ok(full),
        // MariaDB indexes a point by its 25 bytes, whatever was written.
        (None, _) if context.target.is_mariadb() && matches!(column.data_type, DataType::Geometry(Geometry::Point)) => {
            part.prefix = Some(25);
            Ok(25)
        }
        (None, prefix) if column.data_type.is_blob() || context.target.is_mariadb() && is_shape(column) => match prefix
        {
            Some(prefix) if is_tiny(column) && context.target.is_mariadb() => {
                let prefix = prefix.min(whole_tiny(column, most));
                part.prefix = Some(prefix);
                Ok(u64::from(prefix) * width)
            }
            Some(prefix) if is_tiny(column) && u64::from(prefix) * width > 255 => {
                Err(CatalogError::new(1071, span, "specified key was too long; max key length is 255 bytes"))
            }
            Some(prefix) => Ok(u64::from(prefix) * width),
            // MariaDB indexes the hash of a long value (KB "CREATE TABLE", unique keys on BLOB).
            None if context.target.is_mariadb() && kind == IndexKind::Unique => Ok(0),
            // A plain key takes as much of it as it can (MDEV-11015).
            None if context.target.is_mariadb() && kind == IndexKind::Plain => {
                if is_tiny(column) {
                    let prefix = whole_tiny(column, most);
                    part.prefix = Some(prefix);
                    return Ok(u64::from(prefix) * width);
                }
                cut(part, column, most, kind, context, span)?;
                Ok(u64::from(most))
            }
            None => Err(CatalogError::new(
                1170,
                span,
                format!("BLOB/TEXT column '{}' used in key specification without a key length", column.name),
            )),
        },
        (None, Some(_)) if matches!(column.data_type, DataType::Geometry(_)) => Ok(0),
        // A "prefix" of all bytes of a value is no prefix.
        (None, Some(prefix)) if size::fixed(&column.data_type) == u64::from(prefix) * width => {
            part.prefix = None;
            Ok(u64::from(prefix) * width)
        }
        (None, Some(_)) => Err(incorrect()),
        (None, None) => Ok(size::fixed(&column.data_type)),
    }
}

/// The bytes of a key's values, as far as they are in the key itself.
pub(in crate::catalog) fn key_bytes(index: &Index, table: &Table) -> u64 {
    let bytes = |part: &KeyPart| {
        let KeyColumn::Column(name) = &part.column else { return 0 };
        let Some((_, column)) = table.column(name.as_str()) else { return 0 };
        let width = u64::from(column.collation.map_or(1, |c| c.charset().max_length()));
        let whole = match &column.data_type {
            DataType::Char(n) | DataType::Varchar(n) => u64::from(*n) * width,
            DataType::Binary(n) | DataType::Varbinary(n) => u64::from(*n),
            data_type => size::fixed(data_type),
        };
        part.prefix.map_or(whole, |prefix| u64::from(prefix) * width)
    };
    index.parts.iter().map(bytes).sum()
}

/// The bytes of a functional key part, where it is a text whose length its expression tells.
pub(super) fn expression_length(expression: &Expr, columns: &[Column], target: Target) -> Option<u64> {
    match expression {
        Expr::Column(name) => {
            let column = columns.iter().find(|c| c.name.is(name.as_str()))?;
            let (DataType::Char(n) | DataType::Varchar(n)) = column.data_type else { return None };
            Some(u64::from(n) * u64::from(column.collation.map_or(1, |c| c.charset().max_length())))
        }
        Expr::Call { name, args } if matches!(&**name, "lower" | "upper" | "lcase" | "ucase") => {
            expression_length(args.first()?, columns, target)
        }
        Expr::Cast { to: CastType::Char { length: Some(n), charset, .. }, array: false, .. } => {
            let charset = Charset::named(charset.as_deref().unwrap_or("utf8mb4"), target)?;
            Some(u64::from(*n) * u64::from(charset.max_length()))
        }
        _ => None,
    }
}

/// Whether a column is a geometry that is no point, which MariaDB indexes as it does a BLOB.
pub(super) fn is_shape(column: &Column) -> bool {
    matches!(&column.data_type, DataType::Geometry(kind) if *kind != Geometry::Point)
}

/// What MariaDB cuts a part of a plain key to that is written without a length.
pub(super) fn cut_length(part: &KeyPart, table: &TableDefinition) -> Option<u32> {
    let KeyColumn::Column(name) = &part.column else { return None };
    let (_, column) = table.column(name.as_str())?;
    let most = table_key_length(&table.options.engine);
    let width = column.collation.map_or(1, |c| c.charset().max_length());
    match &column.data_type {
        _ if is_tiny(column) => Some(whole_tiny(column, most)),
        data_type if data_type.is_blob() => Some(most / width),
        DataType::Char(n) | DataType::Varchar(n) if u64::from(*n) * u64::from(width) > u64::from(most) => {
            Some(most / width)
        }
        DataType::Binary(n) | DataType::Varbinary(n) if *n > most => Some(most),
        _ => None,
    }
}

/// The whole of a TINYTEXT or TINYBLOB, as far as a key holds it.
fn whole_tiny(column: &Column, most: u32) -> u32 {
    (most / column.collation.map_or(1, |c| c.charset().max_length())).min(255)
}

fn is_tiny(column: &Column) -> bool {
    matches!(column.data_type, DataType::Text(Size::Tiny) | DataType::Blob(Size::Tiny))
}

/// A key part that is too long is refused, or cut where the server cuts it.
pub(super) fn cut(
    part: &mut KeyPart,
    column: &Column,
    most: u32,
    kind: IndexKind,
    context: Context<'_>,
    span: Span,
) -> Outcome<()> {
    let refusal = CatalogError::new(1071, span, format!("specified key was too long; max key length is {most} bytes"));
    if kind != IndexKind::Plain {
        return Err(refusal);
    }
    let prefix = most / column.collation.map_or(1, |c| c.charset().max_length());
    let instead = format!("{prefix} characters of '{}' are indexed", column.name);
    if context.target.is_mysql() {
        context.warnings.refuse_or_warn(refusal, &context.session.sql_mode, &instead)?;
    } else {
        context.warnings.warn(refusal.number, span, format!("{}; {instead}", refusal.message));
    }
    part.prefix = Some(prefix);
    Ok(())
}

//! Keys that MySQL's engines do not have (`mysql_prepare_create_key`, `check_if_field_used_by_spatial_index`).

use crate::catalog::column::Context;
use crate::catalog::error::{CatalogError, Outcome};
use crate::catalog::index::IndexDraft;
use crate::ident::Ident;
use crate::model::{DataType, Index, IndexAlgorithm, IndexKind, KeyColumn, Table};
use crate::source::Span;
use crate::target::Target;

fn is_geometry(table: &Table, name: &Ident) -> bool {
    table.column(name.as_str()).is_some_and(|(_, column)| matches!(column.data_type, DataType::Geometry(_)))
}

fn is_vector(table: &Table, name: &Ident) -> bool {
    table.column(name.as_str()).is_some_and(|(_, column)| matches!(column.data_type, DataType::Vector(_)))
}

/// Checks a key as written, before it is completed: explicit orders, and keys over geometries, which are R-trees on
/// MySQL since 8.0 (MySQL 8.4 manual, section 13.4.10 "Creating Spatial Indexes").
pub(in crate::catalog) fn check_draft(table: &Table, draft: &IndexDraft, context: Context<'_>) -> Outcome<()> {
    let IndexDraft { index, span, .. } = draft;
    let refuse = |number, message: &str| Err(CatalogError::new(number, *span, message));
    if context.target.is_mariadb() {
        let rtree = index.algorithm == Some(IndexAlgorithm::RTree) && index.kind != IndexKind::Spatial;
        let plain = index.kind == IndexKind::Spatial
            && (index.parts.len() > 1
                || index.columns().any(|name| table.column(name.as_str()).is_some() && !is_geometry(table, name)));
        let unfit = index.kind == IndexKind::Vector
            && index.columns().any(|name| table.column(name.as_str()).is_some() && !is_vector(table, name));
        return match (rtree || plain, unfit) {
            (true, _) => refuse(1210, "incorrect arguments to a spatial index"),
            (false, true) => refuse(1210, "incorrect arguments to a vector index"),
            (false, false) => Ok(()),
        };
    }
    if !context.target.is_mysql_since(80_000) {
        return Ok(());
    }
    if let Some(name) = index.columns().find(|name| is_vector(table, name)) {
        return refuse(6134, &format!("non-scalar (e.g., vector) column '{name}' cannot be used as key"));
    }
    let misordered = "incorrect usage of spatial/fulltext/hash index and explicit index order";
    let hash = index.algorithm == Some(IndexAlgorithm::Hash);
    if draft.ordered && (index.kind == IndexKind::Fulltext || hash) {
        return refuse(1221, misordered);
    }
    let spatial = index.kind == IndexKind::Spatial || index.columns().any(|name| is_geometry(table, name));
    let known = |name: &Ident| table.column(name.as_str()).is_some();
    if index.kind == IndexKind::Fulltext || !index.columns().all(known) {
        return Ok(());
    }
    let rtree = index.algorithm == Some(IndexAlgorithm::RTree) || index.kind == IndexKind::Spatial;
    if rtree && !index.columns().all(|name| is_geometry(table, name)) {
        let several = index.columns().count() > 1 && index.columns().any(|name| is_geometry(table, name));
        return match several {
            true => refuse(1070, "too many key parts specified; max 1 parts allowed"),
            false => refuse(1687, "a SPATIAL index may only contain a geometrical type column"),
        };
    }
    if !spatial {
        return Ok(());
    }
    if index.parts.len() > 1 {
        return refuse(1070, "too many key parts specified; max 1 parts allowed");
    }
    if index.parts.iter().any(|part| part.prefix.is_some()) {
        return refuse(1089, "incorrect prefix key; a geometry has no prefix");
    }
    if index.is_unique() {
        return refuse(3728, "spatial indexes can't be primary or unique indexes");
    }
    if let Some(algorithm @ (IndexAlgorithm::BTree | IndexAlgorithm::Hash)) = index.algorithm {
        return refuse(3729, &format!("the index type {algorithm:?} is not supported for spatial indexes"));
    }
    if draft.ordered {
        return refuse(1221, misordered);
    }
    if index.columns().any(|name| table.column(name.as_str()).is_some_and(|(_, column)| column.nullable)) {
        return refuse(1252, "all parts of a SPATIAL index must be NOT NULL");
    }
    Ok(())
}

/// The primary key, or the first unique key without NULLs, which takes its place where there is none. MySQL takes one of
/// prefixes, which are listed after those of whole columns.
pub(in crate::catalog) fn primary(table: &Table, target: Target) -> Option<&Index> {
    let serves = |index: &&Index| {
        index.is_unique_tree()
            && index.parts.iter().all(|part| match &part.column {
                KeyColumn::Column(name) => {
                    (part.prefix.is_none() || target.is_mysql())
                        && table.column(name.as_str()).is_some_and(|(_, column)| !column.nullable)
                }
                KeyColumn::Expression(_) => false,
            })
    };
    table.primary_key().or_else(|| table.indexes.iter().find(serves))
}

/// A primary key, or what takes its place, is not hidden.
pub(in crate::catalog) fn primary_stays(span: Span, target: Target) -> CatalogError {
    if target.is_mysql() {
        CatalogError::new(3522, span, "a primary key index cannot be invisible")
    } else {
        CatalogError::new(4174, span, "a primary key cannot be marked as IGNORE")
    }
}

/// Errors 3522 and 4174.
pub(in crate::catalog) fn check_primary(table: &Table, span: Span, context: Context<'_>) -> Outcome<()> {
    match primary(table, context.target) {
        Some(index) if index.invisible => Err(primary_stays(span, context.target)),
        Some(_) | None => Ok(()),
    }
}

/// Checks a finished key.
pub(super) fn check(table: &Table, index: &Index, span: Span) -> Outcome<()> {
    let descending = index.parts.iter().any(|part| part.descending);
    if descending && &*table.options.engine != "InnoDB" {
        return Err(CatalogError::new(
            1178,
            span,
            "the storage engine for the table doesn't support descending indexes",
        ));
    }
    let is_virtual = index
        .columns()
        .any(|name| table.column(name.as_str()).is_some_and(|(_, c)| c.generated.as_ref().is_some_and(|g| !g.stored)));
    if is_virtual && matches!(index.kind, IndexKind::Fulltext | IndexKind::Spatial) {
        return Err(CatalogError::new(3106, span, "such a key on a virtual generated column is not supported"));
    }
    let is_functional = index.parts.iter().any(|part| matches!(part.column, KeyColumn::Expression(_)));
    if (is_virtual || is_functional) && &*table.options.engine != "InnoDB" {
        return Err(CatalogError::new(1478, span, "the engine has no keys on virtual generated columns"));
    }
    if index.kind == IndexKind::Fulltext && !matches!(&*table.options.engine, "InnoDB" | "MyISAM" | "BLACKHOLE") {
        return Err(CatalogError::new(1214, span, "the used table type doesn't support FULLTEXT indexes"));
    }
    Ok(())
}

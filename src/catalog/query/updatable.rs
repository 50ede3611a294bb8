//! Whether rows can be written through a view: without that, CHECK OPTION is error 1368.
//!
//! `mysql_create_view` of MySQL's sql_view.cc and `mysql_register_view` of MariaDB's, measured on both.

use super::Known;
use crate::ident::Ident;
use crate::model::query::{From, JoinKind, Query, QueryBody, Select, SelectItem, TableRef};
use crate::model::{Algorithm, Expr, Meaning, ObjectKind, View, ViewBody};

/// Whether the target takes a view of that query for one through which rows can be written.
pub(in crate::catalog) fn is_updatable(query: &Query, algorithm: Algorithm, known: &Known<'_>) -> bool {
    let QueryBody::Select(select) = &query.body else { return false };
    let From::Tables(tables) = &select.from else { return false };
    let mysql = known.target.is_mysql();
    if algorithm == Algorithm::TempTable || !is_mergeable(query) || has_outer_join(tables) {
        return false;
    }
    let shows_column = || select.items.iter().any(|item| matches!(item, SelectItem::Expr { expr: Expr::Field(_), .. }));
    if mysql && !shows_column() {
        return false;
    }
    if !mysql && changes_by_row(query, select) {
        return false;
    }
    match tables {
        TableRef::Table { database, name, .. } => {
            written_view(database.as_ref(), name, known) && !reads_again(query, database.as_ref(), name, known)
        }
        // MySQL asks for one table among several that can be written.
        _ => mysql || every_view_is_written(tables, known),
    }
}

/// Whether each of a query's rows is one of its tables, so that a view of it can be merged into the queries that name it
/// (MySQL 8.4 manual, section 27.6.2 "View Processing Algorithms").
pub(in crate::catalog) fn is_mergeable(query: &Query) -> bool {
    let QueryBody::Select(select) = &query.body else { return false };
    let gathers = |item: &SelectItem| matches!(item, SelectItem::Expr { expr, .. } if super::is_of_rows(expr));
    matches!(select.from, From::Tables(_))
        && !select.distinct
        && select.group.is_empty()
        && select.having.is_none()
        && select.windows.is_empty()
        && query.limit.is_none()
        && !select.items.iter().any(gathers)
}

fn has_outer_join(tables: &TableRef) -> bool {
    match tables {
        TableRef::Join { kind, left_side, right_side, .. } => {
            *kind == JoinKind::Left || has_outer_join(left_side) || has_outer_join(right_side)
        }
        TableRef::Table { .. } | TableRef::Derived { .. } => false,
    }
}

/// MariaDB writes through no view that has other values for each row, or that is sorted by what gathers rows.
fn changes_by_row(query: &Query, select: &Select) -> bool {
    let order = || query.order.iter().map(|sorting| &sorting.expr);
    select.values().chain(&select.filter).chain(order()).any(is_random) || order().any(super::is_of_group)
}

fn is_random(expr: &Expr) -> bool {
    expr.any(&mut |part| matches!(part, Expr::Call { name, .. } if matches!(&**name, "rand" | "uuid" | "uuid_short")))
}

fn view<'c>(database: Option<&Ident>, name: &Ident, known: &Known<'c>) -> Option<&'c View> {
    let database = known.database(database)?;
    match &database.objects.get(&(ObjectKind::View, name.clone()))?.meaning {
        Meaning::View(view) => Some(view),
        _other => None,
    }
}

/// Whether a name is no view's, or that of one through which rows can be written, as far as is known.
fn written_view(database: Option<&Ident>, name: &Ident, known: &Known<'_>) -> bool {
    let Some(view) = view(database, name, known) else { return true };
    let ViewBody::Query { query, .. } = &view.body else { return true };
    let database = known.database(database).unwrap_or(known.database);
    is_updatable(query, view.algorithm, &Known { database, ..*known })
}

fn every_view_is_written(tables: &TableRef, known: &Known<'_>) -> bool {
    match tables {
        TableRef::Table { database, name, .. } => written_view(database.as_ref(), name, known),
        TableRef::Derived { .. } => true,
        TableRef::Join { left_side, right_side, .. } => {
            every_view_is_written(left_side, known) && every_view_is_written(right_side, known)
        }
    }
}

/// Whether a query within reads the one table once more, be it through a view.
fn reads_again(query: &Query, database: Option<&Ident>, table: &Ident, known: &Known<'_>) -> bool {
    let own = known.database(database).and_then(|found| found.name.as_ref());
    let mut found = 0;
    count(query, own, table, known, &mut found);
    found > 1
}

/// Counts how often a query and the views in it name a table.
fn count(query: &Query, database: Option<&Ident>, table: &Ident, known: &Known<'_>, found: &mut usize) {
    let mut names = Vec::new();
    query.clone().tables_mut(&mut Vec::new(), &mut |of, name| names.push((of.clone(), name.clone())));
    for (of, name) in names {
        let place = known.database(of.as_ref()).unwrap_or(known.database);
        if name == *table && place.name.as_ref() == database {
            *found += 1;
        } else if let Some(View { body: ViewBody::Query { query, .. }, .. }) = view(of.as_ref(), &name, known) {
            count(query, database, table, &Known { database: place, ..*known }, found);
        }
    }
}

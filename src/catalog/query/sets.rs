//! Queries that are put together, and the rows of VALUES.

use super::scope::Scope;
use super::why::unknown;
use super::{Clause, Known, Place, Why};
use crate::ident::Ident;
use crate::model::Expr;
use crate::model::query::Query;

/// The rows of VALUES, and what their columns are called.
pub(super) fn values(
    rows: &mut [Vec<Expr>],
    names: &[Ident],
    known: &Known<'_>,
    outer: Option<&Scope<'_>>,
) -> Result<Vec<Ident>, Why> {
    if rows.iter().any(|row| row.len() != names.len()) {
        return Err("the rows of VALUES differ in length".into());
    }
    if known.target.is_mariadb() && rows.iter().flatten().any(names_column) {
        return Err(Why::refused(4100, "a column in VALUES"));
    }
    let scope = Scope::new(outer);
    let place = Place { scope: &scope, known, clause: Clause::Rows, items: &[] };
    rows.iter_mut().flatten().try_for_each(|value| place.expr(value))?;
    Ok(names.to_vec())
}

fn names_column(expr: &Expr) -> bool {
    expr.any(&mut |part| matches!(part, Expr::Field(_)))
}

/// One of the queries that are put together.
pub(super) fn operand(query: &mut Query, known: &Known<'_>) {
    // The order of rows that go into a UNION means nothing without a limit.
    if known.target.is_mariadb() && query.enclosed && query.limit.is_none() {
        query.order.clear();
    }
}

/// ORDER BY of a UNION knows nothing but the names of its columns.
pub(super) fn sort_rows(expr: &mut Expr, columns: &[Ident]) -> Result<(), Why> {
    match expr {
        Expr::Field(path) => {
            let found = path.last().and_then(|name| columns.iter().find(|c| c.is(name.as_str())));
            *path = vec![found.cloned().ok_or_else(|| unknown(path))?];
            Ok(())
        }
        Expr::Subquery(_) | Expr::Exists(_) | Expr::InQuery { .. } | Expr::Quantified { .. } => {
            Err("a query in the ORDER BY of a UNION".into())
        }
        other => other.try_children_mut(|child| sort_rows(child, columns)),
    }
}

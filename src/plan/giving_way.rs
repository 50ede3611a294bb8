//! What MariaDB converts by itself in what it stores, taken back for the text of a statement.
//!
//! In: an expression as the server shows it. Out: one that the server takes and shows so. Columns of several charsets that are
//! compared come to one of them, which the server shows as `convert(… using …)`; but written out, that has the charset's
//! own collation, which does not give way to another one of the same charset (1267, seen on MariaDB 10.11 and 11.8).

use crate::model::{Check, Collation, Column, DefaultValue, Expr, Table};
use crate::target::Target;

/// A column whose definition has to be written otherwise than it is shown.
pub(crate) fn column(column: &Column, table: &Table, target: Target) -> Option<Column> {
    if !target.is_mariadb() || !has_conversions(column) {
        return None;
    }
    let mut written = column.clone();
    let mut changed = false;
    let mut visit = |expression: &mut Expr| changed |= give_way(expression, table, target);
    if let Some(DefaultValue::Expression(default)) = &mut written.default {
        visit(default);
    }
    written.generated.iter_mut().for_each(|generated| visit(&mut generated.expression));
    written.check.iter_mut().for_each(&mut visit);
    changed.then_some(written)
}

/// A table of which a column, or a check, has to be written otherwise than it is shown.
pub(crate) fn table(table: &Table, target: Target) -> Option<Table> {
    let converts_check = |check: &Check| converts(&check.expression);
    if !target.is_mariadb() || !table.columns.iter().any(has_conversions) && !table.checks.iter().any(converts_check) {
        return None;
    }
    let mut written = table.clone();
    let mut changed = false;
    written.column_expressions_mut(&mut |expression| changed |= give_way(expression, table, target));
    for check in &mut written.checks {
        changed |= give_way(&mut check.expression, table, target);
    }
    changed.then_some(written)
}

/// A check that has to be written otherwise than it is shown.
pub(crate) fn check(check: &Check, table: &Table, target: Target) -> Option<Check> {
    if !target.is_mariadb() || !converts(&check.expression) {
        return None;
    }
    let mut written = check.clone();
    give_way(&mut written.expression, table, target).then_some(written)
}

fn has_conversions(column: &Column) -> bool {
    let default = match &column.default {
        Some(DefaultValue::Expression(default)) => Some(default),
        _ => None,
    };
    let generated = column.generated.as_ref().map(|generated| &generated.expression);
    default.into_iter().chain(generated).chain(&column.check).any(converts)
}

fn converts(expression: &Expr) -> bool {
    expression.any(&mut |part| matches!(part, Expr::ConvertUsing { .. }))
}

/// Takes back conversions beside a column that has another collation of the same charset; whether there was one.
fn give_way(expression: &mut Expr, table: &Table, target: Target) -> bool {
    let compares = match expression {
        Expr::Binary { op, .. } => op.is_comparison(),
        Expr::Between { .. } | Expr::In { .. } | Expr::Like { .. } => true,
        Expr::Call { name, .. } => matches!(&**name, "greatest" | "least" | "nullif" | "strcmp" | "field"),
        _ => false,
    };
    let mut changed = false;
    if compares {
        let collation_of = |name: &str| table.column(name).and_then(|(_, column)| column.collation);
        let mut others: Vec<Collation> = Vec::new();
        expression.children(&mut |child| {
            if let Expr::Column(name) = child {
                others.extend(collation_of(name.as_str()).filter(|collation| !collation.is_default(target)));
            }
        });
        let stands = |charset: &str| others.iter().any(|other| other.charset().printed(target) == charset);
        if !others.is_empty() {
            expression.children_mut(&mut |child| {
                if let Expr::ConvertUsing { expr, charset } = child
                    && stands(charset)
                    && let Expr::Column(name) = &**expr
                    && collation_of(name.as_str()).is_some_and(|own| own.charset().printed(target) != &**charset)
                {
                    *child = Expr::Column(name.clone());
                    changed = true;
                }
            });
        }
    }
    expression.children_mut(&mut |child| changed |= give_way(child, table, target));
    changed
}

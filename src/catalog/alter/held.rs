//! What holds a column of MySQL fast that an ALTER drops or renames though it does not name it: generated columns, functional keys
//! and defaults that read it by way of virtual columns (the base columns of a column of the table as it was are those of its
//! virtual columns, too: measured on MySQL 9.7).

use super::columns;
use crate::catalog::error::{CatalogError, Outcome};
use crate::ident::{Ident, same_name};
use crate::model::{Expr, KeyColumn, Table};
use crate::source::Span;
use crate::syntax::ddl::AlterAction;

/// Errors 3108, 3837 and 3766.
pub(super) fn refuse_if_read(actions: &[AlterAction<'_>], old: &Table, span: Span) -> Outcome<()> {
    let place_of_drop = |name: &str| {
        actions.iter().find_map(|action| match action {
            AlterAction::DropColumn { name: gone, .. } if same_name(&gone.text, name) => Some(gone.span),
            _ => None,
        })
    };
    let dropped = |name: &str| place_of_drop(name).is_some();
    let renames = columns::renames(actions, old);
    let goes = |name: &Ident| dropped(name.as_str()) || renames.iter().any(|(from, _)| from.is(name.as_str()));
    if !old.columns.iter().any(|column| goes(&column.name)) {
        return Ok(());
    }
    let redefined = columns::redefined(actions, old);
    let read = |expression: &Expr| {
        let named = named(expression);
        let is_named = |name: &Ident| named.iter().any(|own| own.is(name.as_str()));
        old.columns_read(expression).into_iter().find(|name| goes(name) && !is_named(name))
    };
    let refuse = |number, name: Ident, what: &str| {
        let message = format!("column '{name}' has a {what} dependency and cannot be dropped or renamed");
        Err(CatalogError::new(number, place_of_drop(name.as_str()).unwrap_or(span), message))
    };
    let stays = |name: &Ident| !redefined.contains(name) && !dropped(name.as_str());
    for column in old.columns.iter().filter(|column| stays(&column.name)) {
        if let Some(name) = column.generated.as_ref().and_then(|generated| read(&generated.expression)) {
            return refuse(3108, name, "generated column");
        }
        let is_set = || {
            actions.iter().any(|action| {
                matches!(action, AlterAction::SetDefault { column: set, .. } | AlterAction::DropDefault { column: set, .. }
                    if column.name.is(&set.text))
            })
        };
        if let Some(name) = column.default_expression().and_then(read).filter(|_| !is_set()) {
            return refuse(3766, name, "default value expression");
        }
    }
    for index in &old.indexes {
        let is_dropped = || {
            actions
                .iter()
                .any(|a| matches!(a, AlterAction::DropIndex { name, .. } if same_name(&name.text, index.name.as_str())))
        };
        let mut expressions = index.parts.iter().filter_map(|part| match &part.column {
            KeyColumn::Expression(expression) => Some(expression),
            KeyColumn::Column(_) => None,
        });
        if let Some(name) = expressions.find_map(read).filter(|_| !is_dropped()) {
            return refuse(3837, name, "functional index");
        }
    }
    Ok(())
}

/// Error 1054: a new CHECK reads a column by the name that it had before the statement. One that never was is refused later (3820).
pub(super) fn refuse_old_names(actions: &[AlterAction<'_>], old: &Table, new: &Table) -> Outcome<()> {
    let renames = columns::renames(actions, old);
    for action in actions {
        let AlterAction::AddCheck(check) = action else { continue };
        let is_old = |name: &&Ident| {
            new.column(name.as_str()).is_none() && renames.iter().any(|(from, _)| from.is(name.as_str()))
        };
        if let Some(name) = named(&check.expression.expr).iter().find(is_old) {
            let message = format!("unknown column '{name}' in a check constraint's expression");
            return Err(CatalogError::new(1054, check.span, message));
        }
    }
    Ok(())
}

/// The columns that an expression names.
pub(super) fn named(expression: &Expr) -> Vec<Ident> {
    let mut named: Vec<Ident> = Vec::new();
    expression.columns(&mut |name| {
        if !named.iter().any(|known| known.is(name.as_str())) {
            named.push(name.clone());
        }
    });
    named
}

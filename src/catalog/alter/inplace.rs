//! Whether MariaDB's InnoDB changes a table in place, or the server copies it (`check_if_supported_inplace_alter` of its
//! handler0alter.cc; MariaDB KB "InnoDB Online DDL Overview"; measured with `ALGORITHM=INPLACE` on 10.11 and 11.8).

use super::AlterAction;
use super::copy::{Change, is_built_anew};
use crate::catalog::engine;
use crate::catalog::reference::{keeps_values, takes_longer_characters};
use crate::ident::Ident;
use crate::model::{Collation, Column, DataType, Index, IndexKind, OptionKey, Table};
use crate::syntax::ddl::{Attribute, ColumnDefinition, DefaultClause};
use crate::syntax::expression::differs_on_replicas;
use crate::target::Target;

/// Whether the server copies the table. `foreign_keys` says whether a new foreign key is looked at.
pub(super) fn copies(change: Change<'_>, actions: &[AlterAction<'_>], foreign_keys: bool, target: Target) -> bool {
    let by_action = |action: &AlterAction<'_>| match action {
        AlterAction::OrderBy(_) | AlterAction::AddCheck(_) => true,
        AlterAction::Rebuild { copies, .. } => *copies,
        AlterAction::AddForeignKey(_) => foreign_keys,
        AlterAction::AddColumn { column, .. } => is_computed_by_row(column),
        _ => false,
    };
    let other = |before: &Column| {
        !change.drops(&before.name)
            && change.now(before).is_some_and(|after| !changes_in_place(change, before, after, target))
    };
    actions.iter().any(by_action)
        || gathers_texts(change, actions)
        || change.old.columns.iter().any(other)
        || moves_virtual(change, actions)
        || loses_order(change, target)
}

/// Whether no key sorts the rows any more.
fn loses_order(change: Change<'_>, target: Target) -> bool {
    engine::primary(change.old, target).is_some() && engine::primary(change.new, target).is_none()
}

/// One FULLTEXT key is made at a time, and all of them with a table that is built anew.
fn gathers_texts(change: Change<'_>, actions: &[AlterAction<'_>]) -> bool {
    let is_text = |index: &&Index| index.kind == IndexKind::Fulltext;
    let added =
        |action: &&AlterAction<'_>| matches!(action, AlterAction::AddIndex(index) if index.kind == IndexKind::Fulltext);
    actions.iter().filter(added).count() > 1
        || change.new.indexes.iter().filter(is_text).count() > 1 && is_built_anew(change, actions)
}

/// A new column whose values the server has to compute row by row.
fn is_computed_by_row(column: &ColumnDefinition<'_>) -> bool {
    column.attributes.iter().any(|(attribute, _)| match attribute {
        Attribute::Generated { stored, .. } => *stored,
        Attribute::Default(DefaultClause::Expression { expression, .. }) => {
            let mut reads = false;
            expression.expr.columns(&mut |_| reads = true);
            reads || differs_on_replicas(&expression.expr)
        }
        _ => false,
    })
}

/// Whether a column becomes another one where its rows lie: a text that grows or is sorted otherwise, as long as it stays one
/// of its charset or of one with its characters and more.
fn changes_in_place(change: Change<'_>, before: &Column, after: &Column, target: Target) -> bool {
    let counts = after.auto_increment && !before.auto_increment;
    let moment = matches!(after.data_type, DataType::Timestamp(_)) && before.nullable && !after.nullable;
    if counts || moment {
        return false;
    }
    if keeps_values(before, after, target) {
        return true;
    }
    let charset = |column: &Column| column.collation.map(Collation::charset);
    let same_characters = charset(before) == charset(after) || takes_longer_characters(before, after);
    let format = |table: &Table| table.options.others.get(&OptionKey::RowFormat).map(|format| format.to_string());
    let is_format = |name: &str| format(change.old).is_some_and(|format| format == name);
    let lies_alike = match (&before.data_type, &after.data_type) {
        (DataType::Char(x), DataType::Char(y)) => {
            x == y && (charset(before) == charset(after) || !is_format("REDUNDANT"))
        }
        (DataType::Varchar(x), DataType::Varchar(y)) => {
            let bytes =
                |length: u32, column: &Column| length * column.collation.map_or(1, |c| c.charset().max_length());
            let same_head = (bytes(*x, before) > 255) == (bytes(*y, after) > 255);
            x <= y && (same_head || !is_format("COMPRESSED"))
        }
        (DataType::Varbinary(x), DataType::Varbinary(y)) => x <= y,
        (DataType::Text(x), DataType::Text(y)) => x == y && !is_keyed(change.old, &before.name),
        _ => false,
    };
    lies_alike && same_characters && (sorts_alike(before, after) || !is_clustered(change.old, &before.name, target))
}

/// Whether two collations are one of two charsets.
fn sorts_alike(before: &Column, after: &Column) -> bool {
    let order = |column: &Column| column.collation.and_then(|c| c.name().split_once('_')).map(|(_, order)| order);
    order(before) == order(after)
}

fn is_keyed(table: &Table, column: &Ident) -> bool {
    table.indexes.iter().any(|index| index.columns().any(|own| own.is(column.as_str())))
}

fn is_clustered(table: &Table, column: &Ident, target: Target) -> bool {
    engine::primary(table, target).is_some_and(|index| index.columns().any(|own| own.is(column.as_str())))
}

/// Whether virtual columns come, go or stand elsewhere beside anything but keys that are not unique, and stored columns that
/// are dropped from a table whose rows stay as they are.
fn moves_virtual(change: Change<'_>, actions: &[AlterAction<'_>]) -> bool {
    let Change { old, new, .. } = change;
    let places = |table: &'_ Table| -> Vec<usize> {
        (0..table.columns.len()).filter(|at| is_virtual(&table.columns[*at])).collect()
    };
    let now = |at: &usize| {
        let column = &old.columns[*at];
        if change.drops(&column.name) { None } else { change.now(column).map(|column| &column.name) }
    };
    let before: Vec<(usize, Option<&Ident>)> = places(old).iter().map(|at| (*at, now(at))).collect();
    let after: Vec<(usize, Option<&Ident>)> =
        places(new).iter().map(|at| (*at, Some(&new.columns[*at].name))).collect();
    if before == after {
        return false;
    }
    let plain = |name: &str| old.index(name).is_some_and(|index| index.kind == IndexKind::Plain);
    let stored = |name: &str| old.column(name).is_some_and(|(_, column)| !is_virtual(column));
    let keyed = old.columns.iter().any(|column| change.drops(&column.name) && is_keyed(old, &column.name));
    let adds_key = actions.iter().any(|action| matches!(action, AlterAction::AddIndex(_)));
    let compressed = |table: &Table| {
        table.options.others.contains_key(&OptionKey::KeyBlockSize)
            || table.options.others.get(&OptionKey::RowFormat).is_some_and(|format| &**format == "COMPRESSED")
    };
    let texts = old.indexes.iter().any(|index| index.kind == IndexKind::Fulltext);
    let stays = !keyed && !adds_key && !compressed(old) && !texts;
    let fits = |action: &AlterAction<'_>| match action {
        AlterAction::AddColumn { column, .. } => {
            column.attributes.iter().any(|(a, _)| matches!(a, Attribute::Generated { stored: false, .. }))
        }
        AlterAction::DropColumn { name, .. } => stays || !stored(&name.text),
        AlterAction::AddIndex(index) => index.kind == IndexKind::Plain,
        AlterAction::DropIndex { name, .. } => plain(&name.text),
        _ => false,
    };
    let mut kept = before.iter().map(|(_, name)| name).filter(|name| name.is_some()).zip(&after);
    let in_order = kept.all(|(name, (_, now))| name == now);
    new.partitioning.is_some() || !in_order || !actions.iter().all(fits)
}

fn is_virtual(column: &Column) -> bool {
    column.generated.as_ref().is_some_and(|generated| !generated.stored)
}

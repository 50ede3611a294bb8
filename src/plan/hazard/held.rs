//! What stays over columns that become others: checks, keys and partitions.

use super::Found;
use crate::document::{Algorithm, HazardKind};
use crate::ident::Ident;
use crate::model::{Check, Column, Expr, Index, KeyColumn, PartitionMethod, Partitioning};
use crate::plan::giving_way;
use crate::plan::operation::{Operation, must_be_remade};
use crate::plan::probe::{Homeless, Rows, conversion};
use crate::plan::words::key_name;
use crate::source::Pair;

/// Checks that stay, over columns that become others, or came on the plan's way: where the rows are copied they are checked
/// again, and only there.
pub(super) fn checks(found: &mut Found<'_>, changes: &dyn Fn(&Ident) -> bool) {
    let rows = found.rows;
    // What came on the plan's way without a copy has not been looked at.
    let origin = rows.origin.filter(|_| found.cost.algorithm == Algorithm::Copy);
    let came = |name: &Ident| origin.is_some_and(|origin| origin.column(name.as_str()).is_none());
    let is_over_changed = |expression: &Expr| {
        let mut over_changed = false;
        expression.columns(&mut |name| {
            over_changed |= came(name);
            let sides = (rows.before(name.as_str()), rows.tables.new.column(name.as_str()));
            over_changed |= changes(name)
                && !matches!(sides, (Some(old), Some((_, new))) if old.data_type == new.data_type
                    && old.collation == new.collation && old.generated == new.generated
                    && rows.instead_of_null(Pair::new(old, new)).is_none());
        });
        over_changed
    };
    for check in rows.tables.new.checks.iter().filter(|c| c.enforced && rows.tables.old.checks.contains(c)) {
        if is_over_changed(&check.expression) {
            again(found, &format!("check {}", check.name.quoted()), &check.expression);
        }
    }
    for column in &rows.tables.new.columns {
        let stays = |old: &Column| old.check == column.check;
        let check = column.check.as_ref().filter(|_| rows.before(column.name.as_str()).is_some_and(stays));
        if let Some(check) = check.filter(|check| is_over_changed(check)) {
            again(found, &format!("the check of column {}", column.name.quoted()), check);
        }
    }
}

/// A check over values that become others.
fn again(found: &mut Found<'_>, name: &str, check: &Expr) {
    let probe = found.rows.breaks(check);
    match found.cost.algorithm {
        Algorithm::Copy => {
            found.probed(HazardKind::MayFail, format!("{name} may fail for the changed values"), probe);
            cut_checked(found, name, check);
        }
        Algorithm::Instant | Algorithm::Inplace => {
            found.probed(HazardKind::Semantics, format!("rows that no longer hold {name} stay"), probe);
        }
    }
}

/// Without the strict modes what does not fit is cut, or replaced, and may not hold a check then.
pub(super) fn cut_checked(found: &mut Found<'_>, name: &str, check: &Expr) {
    let mut names = Vec::new();
    check.columns(&mut |column| names.push(column.clone()));
    let conditions = cut_values(found.rows, names);
    if !conditions.is_empty() {
        let reason = format!("{name} may fail for values that are cut");
        found.probed(HazardKind::MayFail, reason, found.rows.any(&conditions));
    }
}

/// Keys that stay, over values that may become the same.
pub(super) fn keys(found: &mut Found<'_>, operations: &[Operation<'_>], others: &dyn Fn(&str) -> bool) {
    let rows = found.rows;
    let is_made =
        |index: &Index| operations.iter().any(|o| matches!(o, Operation::AddIndex(i) if i.name == index.name));
    for index in rows.tables.new.indexes.iter().filter(|index| index.is_unique() && !is_made(index)) {
        let reads = |key: &KeyColumn| match key {
            KeyColumn::Column(name) => others(name.as_str()),
            KeyColumn::Expression(expression) => {
                let mut found = false;
                expression.columns(&mut |name| found |= others(name.as_str()));
                found
            }
        };
        if index.parts.iter().any(|part| reads(&part.column)) {
            let reason = format!("{} may find duplicates among the changed values", key_name(index));
            found.probed(HazardKind::MayFail, reason, rows.duplicates(index));
            cut(found, index);
        }
    }
}

/// Without the strict modes what does not fit is cut, or replaced, and may be another row's value then.
pub(super) fn cut(found: &mut Found<'_>, index: &Index) {
    let mut names = Vec::new();
    for part in &index.parts {
        match &part.column {
            KeyColumn::Column(name) => names.push(name.clone()),
            KeyColumn::Expression(expression) => expression.columns(&mut |name| names.push(name.clone())),
        }
    }
    let conditions = cut_values(found.rows, names);
    if !conditions.is_empty() {
        let reason = format!("{} may find duplicates among values that are cut", key_name(index));
        found.probed(HazardKind::MayFail, reason, found.rows.any(&conditions));
    }
}

/// What of columns is cut without the strict modes, and of those that they are computed from.
fn cut_values(rows: &Rows<'_>, mut names: Vec<Ident>) -> Vec<String> {
    let mut conditions = Vec::new();
    if rows.terms.strict {
        return conditions;
    }
    let mut at = 0;
    while let Some(name) = names.get(at) {
        at += 1;
        let Some((_, new)) = rows.tables.new.column(name.as_str()) else { continue };
        match (rows.before(name.as_str()), &new.generated) {
            (Some(old), _) if new.generated.is_some() && rows.stays(old, new) => {}
            (Some(old), None) if !must_be_remade(Pair::new(old, new), rows.terms.target) => {
                conditions
                    .extend(conversion(rows, Pair::new(old, new)).loses.into_iter().map(|condition| condition.sql));
            }
            (_, Some(generated)) => {
                match rows.misfits(new) {
                    Some(misfits) => conditions.extend(misfits),
                    None => conditions.push("TRUE".to_owned()),
                }
                generated.expression.columns(&mut |name| {
                    if !names.contains(name) {
                        names.push(name.clone());
                    }
                });
            }
            (_, None) => {}
        }
    }
    conditions
}

/// Expressions that stay as the server shows them: where it converts one of several charsets by itself, some servers do not
/// read their own text again, whatever the ALTER is about.
pub(super) fn own_texts(found: &mut Found<'_>, operations: &[Operation<'_>]) {
    let rows = found.rows;
    let (target, tables) = (rows.terms.target, rows.tables);
    if !target.trips_over_conversions() {
        return;
    }
    let writes = |name: &Ident| {
        operations.iter().any(|operation| match operation {
            Operation::AddColumn { column, .. } => column.name == *name,
            Operation::DropColumn(column) => column.name == *name,
            Operation::ModifyColumn { columns, .. } | Operation::RemakeColumn { columns, .. } => {
                columns.new.name == *name
            }
            _ => false,
        })
    };
    let writes_check = |name: &Ident| {
        operations.iter().any(|o| matches!(o, Operation::AddCheck(c) | Operation::DropCheck(c) if c.name == *name))
    };
    let mut names: Vec<String> = Vec::new();
    // What comes, or goes, by another ALTER of the plan may be there.
    for table in [tables.old, tables.new] {
        let trips = |column: &&Column| giving_way::column(column, table, target).is_some() && !writes(&column.name);
        names.extend(table.columns.iter().filter(trips).map(|c| format!("column {}", c.name.quoted())));
        let trips = |check: &&Check| giving_way::check(check, table, target).is_some() && !writes_check(&check.name);
        names.extend(table.checks.iter().filter(trips).map(|c| format!("check {}", c.name.quoted())));
    }
    names.sort();
    names.dedup();
    for name in names {
        let reason = format!("fails where the server does not read again what it stored of {name} (1267)");
        found.probed(HazardKind::MayFail, reason, None);
    }
}

/// Partitions that stay, by values that may become others.
pub(super) fn partitions(found: &mut Found<'_>, operations: &[Operation<'_>], others: &dyn Fn(&str) -> bool) {
    let rows = found.rows;
    let sides = rows.tables.map(|table| table.partitioning.as_deref());
    let (Some(old), Some(_)) = (sides.old, sides.new) else { return };
    numbered(found, operations);
    if operations.iter().any(|o| matches!(o, Operation::Partition(..) | Operation::RemovePartitioning)) {
        return;
    }
    let mut moved = false;
    match &old.method {
        PartitionMethod::Range(expression) | PartitionMethod::List(expression) => {
            expression.columns(&mut |name| moved |= others(name.as_str()));
        }
        PartitionMethod::RangeColumns(names) | PartitionMethod::ListColumns(names) => {
            moved = names.iter().any(|name| others(name.as_str()));
        }
        PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } | PartitionMethod::SystemTime(_) => {}
    }
    if moved && let Homeless::Some(probe) = rows.homeless(old) {
        found.probed(HazardKind::MayFail, "fails where a changed value finds no partition", probe);
    }
}

/// Partitions by a column that counts from now on: which numbers rows get no query tells.
fn numbered(found: &mut Found<'_>, operations: &[Operation<'_>]) {
    let rows = found.rows;
    for operation in operations {
        let Operation::ModifyColumn { columns, .. } = operation else { continue };
        if columns.old.auto_increment || !columns.new.auto_increment {
            continue;
        }
        let partitioning = rows.tables.new.partitioning.as_deref();
        let is_by = |p: &&Partitioning| {
            let mut reads = false;
            p.columns(&mut |name| reads |= *name == columns.new.name);
            reads
        };
        if let Some(partitioning) = partitioning.filter(is_by)
            && let Homeless::Some(_) = rows.homeless(partitioning)
        {
            let reason = format!("numbers given in column {} may find no partition", columns.new.name.quoted());
            found.probed(HazardKind::MayFail, reason, rows.any(&[rows.asks_for_number(columns.old)]));
        }
    }
}

/// Whether the values of a column that stays may become others, or the same as each other.
pub(super) fn becomes_another(rows: &Rows<'_>, operations: &[Operation<'_>], name: &str) -> bool {
    use crate::diff::ColumnAspect as A;
    let (Some(old), Some((_, new))) = (rows.before(name), rows.tables.new.column(name)) else { return false };
    if old.generated.is_some() && new.generated.is_some() {
        return !rows.stays(old, new) || rows.instead_of_null(Pair::new(old, new)).is_some();
    }
    operations.iter().any(|operation| match operation {
        Operation::RemakeColumn { columns, .. } => columns.new.name.is(name),
        Operation::ModifyColumn { columns, aspects, .. } if columns.new.name.is(name) => {
            let reshapes = |aspect: &A| matches!(aspect, A::Type | A::Collation | A::Generated | A::Generation);
            let computed = old.generated.is_some() != new.generated.is_some();
            let fills = aspects.contains(&A::Nullability) && rows.instead_of_null(*columns).is_some();
            fills
                || aspects.iter().any(reshapes)
                    && (computed
                        || columns.old.collation != columns.new.collation
                        || !conversion(rows, *columns).loses.is_empty())
        }
        _ => false,
    })
}

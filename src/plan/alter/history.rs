//! The end of a table's history where the table becomes another engine's, or keeps it by other columns: no history is taken
//! along (MariaDB 4120, 4134).

use super::super::operation::{Operation, leaves_innodb};
use crate::diff::{ColumnChange, TableDiff};
use crate::ident::Ident;
use crate::model::{Column, DataType, Index, IndexKind, KeyColumn, KeyPart, PartitionMethod, Table};
use crate::source::Pair;
use crate::target::Target;

/// Whether a table keeps a history by other columns than before: MariaDB defines none of them while it keeps one (4134), so that
/// one ends and another begins. Since 11.8 it takes plain ones behind all others for those that no one has defined.
pub(in crate::plan) fn rebounds(diff: &TableDiff<'_>, target: Target) -> bool {
    let Pair { old, new } = diff.tables;
    let bounds = |table: &Table| table.columns.iter().filter(|c| c.bounds_period()).count();
    if !old.system_versioned || !new.system_versioned {
        return false;
    }
    if bounds(new) == 0 {
        // What counts transactions goes on doing so unseen, and divides no history by time (4110).
        let counts = |c: &Column| c.bounds_period() && matches!(c.data_type, DataType::Integer { .. });
        return old.columns.iter().any(counts) && is_divided(new);
    }
    if bounds(old) == 0 && target.defines_bounds_of_history() {
        let last = &new.columns[new.columns.len() - bounds(new)..];
        let is_plain = |c: &Column| c.bounds_period() && !c.invisible && c.comment.is_empty();
        let comes = |c: &Column| old.column(c.name.as_str()).is_none();
        return !last.iter().all(|c| is_plain(c) && comes(c) && matches!(c.data_type, DataType::Timestamp(_)));
    }
    diff.columns.iter().any(|change| match change {
        ColumnChange::Altered { columns, .. } => columns.old.bounds_period() || columns.new.bounds_period(),
        ColumnChange::Added { column, .. } => column.bounds_period(),
        ColumnChange::Dropped(column) => column.bounds_period(),
    })
}

/// Whether partitions keep a table's history.
pub(in crate::plan) fn is_divided(table: &Table) -> bool {
    table.partitioning.as_deref().is_some_and(|p| matches!(p.method, PartitionMethod::SystemTime(_)))
}

/// What ends a table's history before it becomes another engine's, or has another one, and the rest: versioning ends before that, and begins with it.
pub(super) fn end(operations: Vec<Operation<'_>>) -> (Vec<Operation<'_>>, Vec<Operation<'_>>) {
    let crosses = operations.iter().any(|o| matches!(o, Operation::SetEngine(pair) if leaves_innodb(*pair)));
    let begins = operations.contains(&Operation::AddSystemVersioning);
    if !(crosses || begins) || !operations.contains(&Operation::DropSystemVersioning) {
        return (Vec::new(), operations);
    }
    // The period and its columns go with it (4125).
    operations.into_iter().partition(|o| match o {
        Operation::DropSystemVersioning => true,
        Operation::DropPeriod(period) => period.system,
        Operation::DropColumn(column) => column.bounds_period(),
        _ => false,
    })
}

/// Keys as they are between the end of a history and the beginning of the next one: the server takes the bounds of the period out
/// of them, and puts them in again only where a key is made.
pub(super) fn keep_keys<'a>(
    diff: &TableDiff<'a>,
    together: &mut Vec<Operation<'a>>,
    returned: &mut Vec<Operation<'a>>,
) {
    without_bounds(diff.tables.old, together);
    without_bounds(diff.tables.old, returned);
    with_bounds(diff, together);
}

/// Keys with the bounds of a history that go for good, or for others, go as it ends: behind that they are other keys, and
/// nothing leads back to these.
pub(super) fn end_keys<'a>(
    old: &Table,
    ends: &mut Vec<Operation<'a>>,
    together: &mut Vec<Operation<'a>>,
    returned: &mut Vec<Operation<'a>>,
) {
    let is_bound = |name: &Ident| old.column(name.as_str()).is_some_and(|(_, column)| column.bounds_period());
    let is_there = |name: &Ident| old.column(name.as_str()).is_some() && !is_bound(name);
    let names: Vec<Ident> = returned
        .iter()
        .filter_map(|o| if let Operation::AddIndex(index) = o { Some(*index) } else { None })
        .filter(|index| index.columns().any(is_bound))
        .map(|index| index.name.clone())
        .collect();
    let is_one = |index: &Index| names.contains(&index.name);
    // A primary key goes only for another one.
    let is_primary = |index: &Index| {
        let is_ready = index.without_overlaps.is_none() && index.columns().all(is_there);
        is_one(index) && index.kind == IndexKind::Primary && is_ready
    };
    let has_next = together.iter().any(|o| matches!(o, Operation::AddIndex(index) if is_primary(index)));
    let goes = |o: &mut Operation<'a>| match o {
        Operation::DropIndex(index) => is_one(index) && (has_next || index.kind != IndexKind::Primary),
        Operation::AddIndex(index) => is_primary(index),
        _ => false,
    };
    let keys: Vec<_> = together.extract_if(.., goes).collect();
    ends.splice(0..0, keys);
    returned.retain(|o| match o {
        Operation::AddIndex(index) => !is_one(index),
        Operation::DropIndex(index) => !is_primary(index),
        _ => true,
    });
}

/// Keys that only differ by the bounds of a history, which the server puts into them as it begins and takes out as it ends,
/// are not made anew.
fn without_bounds<'a>(table: &Table, operations: &mut Vec<Operation<'a>>) {
    let bounds = |part: &KeyPart| match &part.column {
        KeyColumn::Column(name) => table.column(name.as_str()).is_some_and(|(_, column)| column.bounds_period()),
        KeyColumn::Expression(_) => false,
    };
    let is_same = |a: &Index, b: &Index| {
        let parts = |index: &Index| index.parts.iter().filter(|part| !bounds(part)).cloned().collect::<Vec<_>>();
        a.name == b.name && Index { parts: parts(a), ..a.clone() } == Index { parts: parts(b), ..b.clone() }
    };
    let added = |o: &Operation<'a>| if let Operation::AddIndex(index) = o { Some(*index) } else { None };
    let dropped = |o: &Operation<'a>| if let Operation::DropIndex(index) = o { Some(*index) } else { None };
    let news: Vec<&Index> = operations.iter().filter_map(added).collect();
    let olds: Vec<&Index> = operations.iter().filter_map(dropped).collect();
    operations.retain(|operation| match operation {
        Operation::DropIndex(old) => !news.iter().any(|new| is_same(old, new)),
        Operation::AddIndex(new) => !olds.iter().any(|old| is_same(old, new)),
        _ => true,
    });
}

/// Keys that hold the bounds of the history that ended, and of the one that begins, are made anew.
fn with_bounds<'a>(diff: &TableDiff<'a>, operations: &mut Vec<Operation<'a>>) {
    let Some(begins) = operations.iter().position(|o| *o == Operation::AddSystemVersioning) else { return };
    let Pair { old, new } = diff.tables;
    let bounds = |table: &Table, name: &Ident| table.column(name.as_str()).is_some_and(|(_, c)| c.bounds_period());
    let is_bounded = |table: &Table, index: &Index| index.columns().any(|name| bounds(table, name));
    let again: Vec<_> = new
        .indexes
        .iter()
        .filter(|index| is_bounded(new, index) && !operations.contains(&Operation::AddIndex(index)))
        .filter_map(|index| {
            let before = old.index(index.name.as_str()).filter(|before| is_bounded(old, before))?;
            Some([Operation::DropIndex(before), Operation::AddIndex(index)])
        })
        .flatten()
        .collect();
    operations.splice(begins..begins, again);
}

/// Whether the operation is of what begins a history.
pub(super) fn begins(operation: &Operation<'_>) -> bool {
    match operation {
        Operation::AddSystemVersioning => true,
        Operation::AddPeriod(period) => period.system,
        Operation::AddColumn { column, .. } => column.bounds_period(),
        _ => false,
    }
}

/// Whether the operation takes a column out of a history, which must be there (4124).
pub(super) fn takes_out(operation: &Operation<'_>) -> bool {
    match operation {
        Operation::ModifyColumn { columns, .. } => {
            columns.new.says_versioning() && columns.new.versioning != columns.old.versioning
        }
        Operation::AddColumn { column, .. } => column.says_versioning(),
        _ => false,
    }
}

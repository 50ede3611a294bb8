//! The schema that instant changes alone reach: an ALTER that would rebuild or copy for one of its parts gives up the
//! parts that are instant by themselves to a statement before it.

use crate::diff::{
    self, Changes, CheckChange, ColumnChange, Filter, IndexChange, IndexOrder, OptionChange, Policies, TableChange,
    TableDiff,
};
use crate::document::Algorithm;
use crate::model::{Column, Schema, Table};
use crate::plan::online::{self, Writing};
use crate::plan::operation::{Operation, operations};
use crate::plan::partition::Lacking;
use crate::source::Pair;
use crate::target::Target;

/// `from` with the instant changes of those ALTERs that are not instant as a whole; `None` where there are none.
pub(super) fn first(changes: &Changes<'_>, from: &Schema, target: Target) -> Option<Schema> {
    let mut stop = from.clone();
    let mut found = false;
    for database in &changes.databases {
        let Some(old) = database.sides.old else { continue };
        for change in &database.tables {
            let TableChange::Altered(diff) = change else { continue };
            let Some(table) =
                [Waits::Nothing, Waits::Virtual, Waits::Options].iter().find_map(|w| table(diff, target, *w))
            else {
                continue;
            };
            if let Some(home) = stop.databases.iter_mut().find(|d| d.name == old.name) {
                home.tables.insert(table.name.clone(), table);
                found = true;
            }
        }
    }
    found.then_some(stop)
}

/// Of what is instant by itself, what is left to the second statement: some of it is not beside the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    Nothing,
    /// Virtual columns that come or go.
    Virtual,
    /// The table's options.
    Options,
}

impl Waits {
    fn holds_back(self, operation: &Operation<'_>) -> bool {
        let is_virtual = |column: &Column| column.generated.as_ref().is_some_and(|g| !g.stored);
        match self {
            Self::Nothing => false,
            Self::Virtual => {
                matches!(operation, Operation::AddColumn { column, .. } | Operation::DropColumn(column) if is_virtual(column))
            }
            Self::Options => matches!(operation, Operation::SetOption(..)),
        }
    }
}

fn is_instant(target: Target, tables: Pair<&Table>, operations: &[Operation<'_>]) -> bool {
    let writing = Writing { checks_foreign_keys: false, strict: true };
    online::cost(target, tables, operations, writing).algorithm == Algorithm::Instant
}

fn table(diff: &TableDiff<'_>, target: Target, waits: Waits) -> Option<Table> {
    let Pair { old, new } = diff.tables;
    let whole = operations(diff, &[], target, Lacking::Keep, IndexOrder::Ignore);
    if whole.len() < 2 || is_instant(target, diff.tables, &whole) {
        return None;
    }
    let alone =
        |operation: Operation<'_>| !waits.holds_back(&operation) && is_instant(target, diff.tables, &[operation]);
    let mut table = old.clone();
    for change in &diff.columns {
        match change {
            ColumnChange::Dropped(column) if alone(Operation::DropColumn(column)) => {
                table.columns.retain(|c| c.name != column.name);
            }
            ColumnChange::Added { column, position } if alone(Operation::AddColumn { column, position: *position }) => {
                let at = place(new, &table, &column.name);
                table.columns.insert(at, (*column).clone());
            }
            ColumnChange::Altered { columns, aspects, moved: None, .. }
                if alone(Operation::ModifyColumn { columns: *columns, aspects: aspects.clone(), moved: None }) =>
            {
                if let Some(own) = table.columns.iter_mut().find(|c| c.name == columns.old.name) {
                    *own = columns.new.clone();
                }
            }
            ColumnChange::Dropped(_) | ColumnChange::Added { .. } | ColumnChange::Altered { .. } => {}
        }
    }
    for change in &diff.indexes {
        if let IndexChange::Renamed(pair) = change
            && alone(Operation::RenameIndex(*pair))
            && let Some(own) = table.indexes.iter_mut().find(|i| i.name == pair.old.name)
        {
            own.name = pair.new.name.clone();
        }
    }
    for change in &diff.checks {
        if let CheckChange::Dropped(check) = change
            && alone(Operation::DropCheck(check))
        {
            table.checks.retain(|c| c.name != check.name);
        }
    }
    for change in &diff.options {
        if let OptionChange::Other(key, values) = change
            && alone(Operation::SetOption(*key, *values))
        {
            match values.new {
                Some(value) => table.options.others.insert(*key, value.into()),
                None => table.options.others.remove(key),
            };
        }
    }
    // Only what pays: the first statement is instant as a whole.
    let (policies, filter) = (Policies::default(), Filter::default());
    let forth = diff::compare_tables(Pair::new(old, &table), &policies, &filter);
    let rest = diff::compare_tables(Pair::new(&table, new), &policies, &filter);
    let (forth, rest) = (
        operations(&forth, &[], target, Lacking::Keep, IndexOrder::Ignore),
        operations(&rest, &[], target, Lacking::Keep, IndexOrder::Ignore),
    );
    let pays = !forth.is_empty()
        && !rest.is_empty()
        && is_instant(target, Pair::new(old, &table), &forth)
        && forth.len() + rest.len() <= whole.len();
    pays.then_some(table)
}

/// Behind which columns a new one stands, of those that are there.
fn place(new: &Table, table: &Table, name: &crate::ident::Ident) -> usize {
    let at = new.columns.iter().position(|c| c.name == *name).unwrap_or(0);
    let before = new.columns[..at].iter().rev().find_map(|c| table.columns.iter().position(|own| own.name == c.name));
    before.map_or(0, |before| before + 1)
}

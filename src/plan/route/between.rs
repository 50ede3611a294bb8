//! The schema on which both the old and the new code run: NEW with what the old code still needs.

use std::collections::HashMap;

use crate::diff::{Changes, ColumnAspect, ColumnChange, ObjectChange, TableChange, TableDiff};
use crate::ident::{Ident, folded};
use crate::model::expression::Literal;
use crate::model::{Column, DataType, Database, DefaultValue, Expr, ForeignKey, Index, IndexKind, Schema, Table};
use crate::plan::effect::{Effect, becomes_generated, column_effect, confines, keeps_out, refers_anew};
use crate::plan::hazard::has_value;
use crate::plan::operation::must_be_remade;
use crate::plan::probe::covers;
use crate::source::Pair;
use crate::target::Target;

/// NEW with what goes still there, what narrows still wide, and new columns with defaults; tables that go in one piece are
/// NEW's as a whole.
pub(super) fn between(changes: &Changes<'_>, new: &Schema, whole: &[Ident], target: Target) -> Schema {
    let mut schema = new.clone();
    for database in &changes.databases {
        let (Some(old), Some(new)) = (database.sides.old, database.sides.new) else {
            // It goes as a whole: by name, or as all of a script that has become empty.
            if let Some(old) = database.sides.old {
                schema.databases.push(old.clone());
            }
            continue;
        };
        let Some(both) = schema.databases.iter_mut().find(|d| d.name == new.name) else { continue };
        let taken = Taken::of(new, target);
        for change in &database.tables {
            match change {
                TableChange::Added(_) => {}
                TableChange::Dropped(table) => {
                    let is_taken = both.objects.keys().any(|(_, name)| *name == table.name);
                    if !is_taken && !both.tables.contains_key(&table.name) {
                        let mut table = (*table).clone();
                        taken.give_up(&mut table);
                        both.tables.insert(table.name.clone(), table);
                    }
                }
                TableChange::Altered(diff) if whole.contains(&diff.tables.new.name) => {}
                TableChange::Altered(diff) => {
                    let mut table = table(diff, target);
                    taken.give_up(&mut table);
                    both.tables.insert(table.name.clone(), table);
                }
            }
        }
        for change in &database.objects {
            if let ObjectChange::Dropped(object) = change {
                let key = (object.kind, object.name.clone());
                let taken = both.tables.contains_key(&object.name) || both.objects.contains_key(&key);
                if !taken && old.objects.contains_key(&key) {
                    both.objects.insert(key, (*object).clone());
                }
            }
        }
    }
    schema
}

/// The names of constraints that are a database's, and which table of NEW has them: no two tables have one of the same name.
struct Taken<'a> {
    foreign_keys: HashMap<Box<str>, &'a Ident>,
    checks: HashMap<Box<str>, &'a Ident>,
}

impl<'a> Taken<'a> {
    fn of(database: &'a Database, target: Target) -> Self {
        let tables = || database.tables.values();
        let keys = |t: &'a Table| t.foreign_keys.iter().map(|key| (folded(key.name.as_str()), &t.name));
        let checks = |t: &'a Table| t.checks.iter().map(|check| (folded(check.name.as_str()), &t.name));
        Self {
            foreign_keys: tables().flat_map(keys).collect(),
            // On MariaDB they are a table's own.
            checks: tables().filter(|_| target.is_mysql()).flat_map(checks).collect(),
        }
    }

    /// A constraint whose name another table has in NEW goes at once: neither code needs it to run.
    fn give_up(&self, table: &mut Table) {
        let name = table.name.clone();
        let is_own = |owner: Option<&&Ident>| owner.is_none_or(|owner| **owner == name);
        table.foreign_keys.retain(|key| is_own(self.foreign_keys.get(&folded(key.name.as_str()))));
        table.checks.retain(|check| is_own(self.checks.get(&folded(check.name.as_str()))));
    }
}

fn table(diff: &TableDiff<'_>, target: Target) -> Table {
    let Pair { old, new } = diff.tables;
    let mut table = new.clone();
    let mut kept: Vec<&Ident> = Vec::new();
    for change in &diff.columns {
        match change {
            ColumnChange::Dropped(column) => {
                let mut column = relaxed(column, old, target);
                if table.columns.iter().any(|c| c.auto_increment) {
                    column.auto_increment = false;
                }
                let at = place(old, &table, &column.name);
                table.columns.insert(at, column);
            }
            ColumnChange::Added { column, .. } => {
                let keys = || new.indexes.iter().filter(|i| i.is_unique() && i.columns().any(|c| *c == column.name));
                let Some(own) = table.columns.iter_mut().find(|c| c.name == column.name) else { continue };
                let waits = |index: &Index| awaits_new_code(index, diff.tables);
                if has_value(column) || keys().any(|index| index.kind == IndexKind::Primary && !waits(index)) {
                    continue;
                }
                // Rows that do not say it would have the same default: no two NULLs are the same.
                if keys().all(waits) {
                    own.default = explicit(&column.data_type, target);
                } else {
                    own.nullable = true;
                    own.default = Some(DefaultValue::Null);
                }
            }
            ColumnChange::Altered { columns, aspects, .. } => {
                let Some(column) = both(*columns, aspects, diff.tables, target) else { continue };
                if column == *columns.old {
                    kept.push(&columns.new.name);
                }
                if let Some(own) = table.columns.iter_mut().find(|c| c.name == columns.new.name) {
                    *own = column;
                }
            }
        }
    }
    // So that what waits is not written out at each column.
    if !covers(new.options.collation.charset(), old.options.collation.charset()) {
        table.options.collation = old.options.collation;
    }
    keys(diff, &mut table, &kept);
    table.system_versioned = old.system_versioned || new.system_versioned;
    table.periods.extend(diff.dropped_periods.iter().map(|p| (*p).clone()));
    if let (Some(before), Some(after)) = (&old.partitioning, &new.partitioning) {
        let fewer = after.partitions.len() < before.partitions.len();
        if fewer && after.method == before.method && after.partitions.iter().all(|p| before.partitions.contains(p)) {
            table.partitioning = Some(before.clone());
        }
    }
    if diff.partitioning.is_some() && !can_be_partitioned(&table, &kept) {
        table.partitioning.clone_from(&old.partitioning);
    }
    table
}

/// Whether the columns that decide on the partition are NEW's already, and in every unique key that stays (1503).
fn can_be_partitioned(table: &Table, kept: &[&Ident]) -> bool {
    let mut can = true;
    if let Some(partitioning) = &table.partitioning {
        partitioning.columns(&mut |column| {
            let mut unique = table.indexes.iter().filter(|index| index.is_unique());
            can &= !kept.contains(&column) && unique.all(|index| index.columns().any(|own| own == column));
        });
    }
    can
}

/// The keys and checks of both, but for new ones over columns that wait.
fn keys(diff: &TableDiff<'_>, table: &mut Table, kept: &[&Ident]) {
    let old = diff.tables.old;
    let waits = |name: &Ident| kept.contains(&name);
    table.indexes.retain(|index| {
        old.indexes.contains(index) || !(index.columns().any(waits) || awaits_new_code(index, diff.tables))
    });
    let refers_to_waiting =
        |key: &ForeignKey| key.referenced_table == old.name && key.referenced_columns.iter().any(waits);
    table.foreign_keys.retain(|key| {
        let waits = key.columns.iter().any(waits) || refers_to_waiting(key) || refers_anew(key, old);
        old.foreign_keys.contains(key) || !waits
    });
    // With a foreign key its key is made.
    let serves = |index: &Index| table.foreign_keys.iter().any(|key| index.columns().eq(key.columns.iter()));
    let unmade = |index: &&Index| index.generated && !old.indexes.contains(index) && !serves(index);
    let unmade: Vec<Ident> = table.indexes.iter().filter(unmade).map(|index| index.name.clone()).collect();
    table.indexes.retain(|index| !unmade.contains(&index.name));
    table.checks.retain(|check| {
        let mut mentioned = false;
        check.expression.columns(&mut |c| mentioned |= waits(c));
        old.checks.contains(check) || !(mentioned || check.enforced && confines(check, old))
    });
    let stays = |index: &&Index| {
        // A key that only has another name by now is no other key.
        let renamed = diff
            .indexes
            .iter()
            .any(|c| matches!(c, crate::diff::IndexChange::Renamed(pair) if pair.old.name == index.name));
        !renamed
    };
    // One of the same name is NEW's, but where that one waits.
    for index in old.indexes.iter().filter(stays) {
        if table.index(index.name.as_str()).is_none() {
            table.indexes.push(index.clone());
        }
    }
    let begins = |columns: &[Ident], index: &Index| {
        index.columns().zip(columns).filter(|(own, column)| own.is(column.as_str())).count() == columns.len()
    };
    let served = |columns: &[Ident]| table.indexes.iter().any(|index| begins(columns, index));
    // One whose key is NEW's already, and another, goes with it.
    let stands = |key: &&ForeignKey| {
        served(&key.columns) && (key.referenced_table != old.name || served(&key.referenced_columns))
    };
    let standing: Vec<_> = old.foreign_keys.iter().filter(stands).collect();
    for key in standing {
        if !table.foreign_keys.iter().any(|k| k.name.is(key.name.as_str())) {
            table.foreign_keys.push(key.clone());
        }
    }
    for check in &old.checks {
        if !table.checks.iter().any(|c| c.name.is(check.name.as_str())) {
            table.checks.push(check.clone());
        }
    }
}

/// Whether a key keeps out what the old code may write. A column that counts needs its key.
fn awaits_new_code(index: &Index, tables: Pair<&Table>) -> bool {
    let counts = |name: &Ident| tables.new.column(name.as_str()).is_some_and(|(_, column)| column.auto_increment);
    keeps_out(index, tables.old) && !index.columns().any(counts)
}

/// Where a column that goes stands until then: behind the column that it stood behind.
fn place(old: &Table, table: &Table, name: &Ident) -> usize {
    let at = old.columns.iter().position(|c| c.name == *name).unwrap_or(0);
    let before = old.columns[..at].iter().rev().find_map(|c| table.columns.iter().position(|own| own.name == c.name));
    before.map_or(0, |before| before + 1)
}

/// A column that goes, such that rows can be written without it.
fn relaxed(column: &Column, old: &Table, target: Target) -> Column {
    let mut column = column.clone();
    if has_value(&column) {
        return column;
    }
    column.default = explicit(&column.data_type, target);
    let keyed = old.primary_key().is_some_and(|key| key.columns().any(|c| *c == column.name));
    if column.default.is_none() && !keyed {
        column.nullable = true;
        column.default = Some(DefaultValue::Null);
    }
    column
}

/// A column that both take; `None` where it is NEW's.
fn both(columns: Pair<&Column>, aspects: &[ColumnAspect], tables: Pair<&Table>, target: Target) -> Option<Column> {
    if becomes_generated(columns) {
        // New code no longer writes it.
        return Some(relaxed(columns.old, tables.old, target));
    }
    if must_be_remade(columns, target) {
        return (columns.old.generated.is_none()).then(|| columns.old.clone());
    }
    let breaking: Vec<ColumnAspect> =
        aspects.iter().copied().filter(|aspect| column_effect(columns, *aspect) == Effect::Breaks).collect();
    let only_values = breaking.iter().all(|a| matches!(a, ColumnAspect::Nullability | ColumnAspect::Default));
    if breaking.is_empty() {
        return None;
    }
    if !only_values || breaking.len() == aspects.len() {
        return Some(columns.old.clone());
    }
    // What the old code writes is still taken; all else is NEW's already.
    let mut column = columns.new.clone();
    column.nullable |= breaking.contains(&ColumnAspect::Nullability);
    if column.default.is_none() {
        column.default.clone_from(&columns.old.default);
    }
    if !has_value(columns.new) && column.nullable && column.default.is_none() {
        column.default = Some(DefaultValue::Null);
    }
    Some(column)
}

/// A default that says what the server would take by itself; `None` where the type has none.
fn explicit(data_type: &DataType, target: Target) -> Option<DefaultValue> {
    use DataType as T;
    let literal = |text: &str| Some(DefaultValue::Literal(text.into()));
    let expression = |text: &str| {
        Some(DefaultValue::Expression(Expr::Literal(Literal::String { charset: None, text: text.into() })))
    };
    let fraction = |digits: u32| if digits == 0 { String::new() } else { format!(".{}", "0".repeat(digits as usize)) };
    match data_type {
        T::Integer { zerofill: true, .. } | T::Decimal { zerofill: true, .. } | T::Float { zerofill: true, .. } => None,
        T::Integer { .. } | T::Float { digits: None, .. } => literal("0"),
        T::Decimal { scale, .. } | T::Float { digits: Some((_, scale)), .. } => {
            literal(&format!("0{}", fraction(*scale)))
        }
        T::Bit(_) => Some(DefaultValue::Bits("0".into())),
        T::Year(_) => literal("2000"),
        T::Char(_) | T::Varchar(_) | T::Varbinary(_) | T::Set(_) => literal(""),
        T::Enum(members) => literal(members.first()?),
        T::Time(digits) => literal(&format!("00:00:00{}", fraction(*digits))),
        T::Date => literal("1970-01-01"),
        T::DateTime(_) | T::Timestamp(_) => Some(DefaultValue::CurrentTimestamp),
        T::Text(_) | T::Blob(_) if target.is_mariadb() => literal(""),
        T::Text(_) | T::Blob(_) if target.has_expression_defaults() => expression(""),
        T::Json if target.has_expression_defaults() => expression("null"),
        T::Uuid => literal("00000000-0000-0000-0000-000000000000"),
        T::Inet4 => literal("0.0.0.0"),
        T::Inet6 => literal("::"),
        T::Text(_) | T::Blob(_) | T::Binary(_) | T::Json | T::Geometry(_) | T::Vector(_) => None,
    }
}

//! What an operation can cost: each hazard with its reason in words and, where rows decide, its probe.

mod column;
mod held;
mod hint;

pub(crate) use column::has_value;
pub(crate) use hint::broken;

use super::effect::is_kept;
use super::online::Cost;
use super::operation::{Operation, comes_without_default};
use super::probe::{Homeless, Rows, UNSAID, literal, zero};
use super::words::key_name;
use crate::diff::key::same_foreign_key;
use crate::document::{Algorithm, Hazard, HazardKind, Lock};
use crate::ident::Ident;
use crate::model::{
    Column, DataType, DefaultValue, Expr, ForeignKey, Index, IndexKind, KeyColumn, KeyPart, Partition, PartitionValues,
    ReferentialAction, Table,
};
use crate::source::Pair;

/// Hazards as they are found.
pub(super) struct Found<'r> {
    rows: &'r Rows<'r>,
    /// How the ALTER goes about it.
    cost: Cost,
    hazards: Vec<Hazard>,
}

impl Found<'_> {
    /// What no row decides.
    pub(super) fn add(&mut self, kind: HazardKind, reason: impl Into<String>) {
        self.hazards.push(Hazard { kind, reason: reason.into(), probe: None });
    }

    /// What rows decide; without a probe the reason says that no query asks them.
    pub(super) fn probed(&mut self, kind: HazardKind, reason: impl Into<String>, probe: impl Into<Option<String>>) {
        let (mut reason, probe) = (reason.into(), probe.into().filter(|probe| !probe.contains(UNSAID)));
        if probe.is_none() {
            reason.push_str(" (no query over the rows as they are can tell)");
        }
        self.hazards.push(Hazard { kind, reason, probe });
    }
}

/// The hazards of the operations of one ALTER, rewriting and locking aside.
pub(crate) fn hazards(rows: &Rows<'_>, operations: &[Operation<'_>], cost: Cost) -> Vec<Hazard> {
    let mut found = Found { rows, cost, hazards: Vec::new() };
    for operation in operations {
        of_operation(&mut found, operation);
    }
    let changes = |name: &Ident| {
        operations.iter().any(|operation| match operation {
            Operation::ModifyColumn { columns, .. } | Operation::RemakeColumn { columns, .. } => {
                columns.new.name == *name
            }
            _ => false,
        })
    };
    held::checks(&mut found, &changes);
    let others = |name: &str| held::becomes_another(rows, operations, name);
    held::keys(&mut found, operations, &others);
    held::partitions(&mut found, operations, &others);
    held::own_texts(&mut found, operations);
    read_again(&mut found, operations, &changes);
    functional_keys(&mut found, operations, &changes);
    found.hazards
}

/// A virtual column is computed for its key wherever that is made, and MySQL computes all those of a table that it copies as they
/// were: values that do not fit are found only then.
fn read_again(found: &mut Found<'_>, operations: &[Operation<'_>], changes: &dyn Fn(&Ident) -> bool) {
    let rows = found.rows;
    let in_key = |table: &Table, name: &Ident| table.indexes.iter().any(|i| i.columns().any(|c| c == name));
    let is_mysql = rows.terms.target.is_mysql();
    let keyed = |name: &Ident| {
        operations.iter().any(|o| matches!(o, Operation::AddIndex(index) if index.columns().any(|c| c == name)))
    };
    let stays_keyed = |name: &Ident| {
        let stays = |index: &Index| {
            let is_it = |o: &Operation<'_>| matches!(o, Operation::RenameIndex(pair) if pair.new.name == index.name);
            rows.tables.old.index(index.name.as_str()).is_some() || operations.iter().any(is_it)
        };
        rows.tables.new.indexes.iter().any(|i| stays(i) && i.columns().any(|c| c == name))
    };
    let before = Rows { tables: Pair::new(rows.tables.old, rows.tables.old), ..*rows };
    let mut read = Found { rows: &before, cost: found.cost, hazards: Vec::new() };
    let is_virtual = |c: &&Column| c.generated.as_ref().is_some_and(|g| !g.stored);
    let goes = |c: &Column| rows.tables.new.column(c.name.as_str()).is_none();
    let same = |c: &Column| {
        let new = rows.tables.new.column(c.name.as_str());
        new.is_some_and(|(_, new)| rows.stays(c, new) && c.nullable == new.nullable)
    };
    // What this ALTER leaves to another one of the plan.
    let is_left = |c: &Column| {
        let goes = operations.iter().any(|o| matches!(o, Operation::DropColumn(dropped) if dropped.name == c.name));
        let mut is_left = !goes && !changes(&c.name) && !same(c);
        if let Some(generated) = c.generated.as_ref().filter(|_| is_left) {
            generated.expression.columns(&mut |name| is_left &= !changes(name));
        }
        is_left
    };
    let is_read = |c: &&Column| match found.cost.algorithm {
        // Those that stay are spoken of where all rows are written again.
        Algorithm::Copy if is_mysql => !same(c),
        Algorithm::Copy => changes(&c.name) && in_key(rows.tables.old, &c.name) || is_left(c),
        Algorithm::Inplace if found.cost.rebuilds && stays_keyed(&c.name) => true,
        Algorithm::Inplace | Algorithm::Instant => {
            keyed(&c.name) && !goes(c) || is_mysql && (changes(&c.name) || goes(c) && in_key(rows.tables.old, &c.name))
        }
    };
    // What is stored is computed again where its own column changes.
    let is_stored = |c: &&Column| {
        let is_rebuilt = found.cost.algorithm == Algorithm::Inplace && found.cost.rebuilds;
        let is_stored = c.generated.as_ref().is_some_and(|g| g.stored);
        let is_copied = found.cost.algorithm == Algorithm::Copy;
        is_stored && (is_mysql && is_rebuilt && changes(&c.name) && !goes(c) || is_copied && is_left(c))
    };
    let columns = &rows.tables.old.columns;
    let all = columns.iter().filter(|c| is_virtual(c) && is_read(c) || is_stored(c));
    computed(&mut read, all, "it is read as it was");
    found.hazards.extend(read.hazards);
}

/// The expressions of MySQL's functional keys, which are computed for each row where such a key is made, and where rows are
/// written again, those of keys that go as they were: what a query only warns of is an error there (3751, 3752).
fn functional_keys(found: &mut Found<'_>, operations: &[Operation<'_>], changes: &dyn Fn(&Ident) -> bool) {
    let rows = found.rows;
    if !rows.terms.target.is_mysql() {
        return;
    }
    let is_functional = |index: &&Index| index.parts.iter().any(|p| matches!(p.column, KeyColumn::Expression(_)));
    let is_added =
        |index: &Index| operations.iter().any(|o| matches!(o, Operation::AddIndex(added) if added.name == index.name));
    let sides = rows.tables.map(|table| table.indexes.iter().filter(is_functional).collect::<Vec<_>>());
    let is_written = found.cost.rebuilds || found.cost.algorithm == Algorithm::Copy;
    // One that is made has all of them computed.
    let all = is_written || sides.new.iter().any(|index| is_added(index));
    for index in sides.new.iter().filter(|_| all) {
        let probe = match rows.key_misfits(index) {
            Some(conditions) if conditions.is_empty() => continue,
            Some(conditions) => Some(rows.any(&conditions)),
            None => None,
        };
        let reason = format!("{} fails where its expression cannot be computed, or is cut", key_name(index));
        found.probed(HazardKind::MayFail, reason, probe);
    }
    let before = Rows { tables: Pair::new(rows.tables.old, rows.tables.old), ..*rows };
    let is_over_changed = |index: &Index| {
        let mut over_changed = false;
        for part in &index.parts {
            if let KeyColumn::Expression(expression) = &part.column {
                expression.columns(&mut |name| over_changed |= changes(name));
            }
        }
        over_changed
    };
    let is_spoken_of = |index: &Index| sides.new.iter().any(|new| new.parts == index.parts) && !is_over_changed(index);
    for index in sides.old.iter().filter(|index| is_written && !is_spoken_of(index)) {
        let probe = match before.key_misfits(index) {
            Some(conditions) if conditions.is_empty() => continue,
            Some(conditions) => Some(before.any(&conditions)),
            None => None,
        };
        let name = key_name(index);
        let reason =
            format!("fails where the expression of {name} cannot be computed, or is cut: it is read as it was");
        found.probed(HazardKind::MayFail, reason, probe);
    }
}

/// What an ALTER that copies does to what it does not change: MySQL writes the dates again, under the session's rules, and looks
/// for what every row refers to, which rows that were written without `foreign_key_checks` may lack (MariaDB does neither).
pub(crate) fn of_copying(rows: &Rows<'_>, operations: &[Operation<'_>]) -> Vec<Hazard> {
    let cost = Cost { algorithm: Algorithm::Copy, lock: Lock::Shared, rebuilds: true };
    let mut found = Found { rows, cost, hazards: Vec::new() };
    if rows.terms.strict && rows.terms.no_zero_dates {
        let goes = |column: &Column| {
            operations.iter().any(|o| match o {
                Operation::DropColumn(c) => c.name == column.name,
                Operation::RemakeColumn { columns, .. } => columns.old.name == column.name,
                _ => false,
            })
        };
        let dates: Vec<String> = rows
            .tables
            .old
            .columns
            .iter()
            .filter(|c| matches!(c.data_type, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_)))
            .filter(|c| !goes(c) && is_written(rows, c))
            .map(|c| zero(&rows.column(c)))
            .collect();
        if !dates.is_empty() {
            let reason = "fails where a date of a row has a zero in it: all rows are written again";
            found.probed(HazardKind::MayFail, reason, rows.any(&dates));
        }
    }
    if rows.terms.target.is_mysql() && rows.terms.foreign_key_checks {
        let is_added = |key: &ForeignKey| {
            operations.iter().any(|o| matches!(o, Operation::AddForeignKey(added) if added.name == key.name))
        };
        for key in rows.tables.new.foreign_keys.iter().filter(|k| is_held(k, rows.tables.old) && !is_added(k)) {
            let (name, parent) = (key.name.quoted(), key.referenced_table.quoted());
            let reason =
                format!("foreign key {name} fails where rows refer to nothing in {parent}: all rows are written again");
            found.probed(HazardKind::MayFail, reason, rows.orphans(key));
        }
    }
    for check in rows.tables.new.checks.iter().filter(|c| c.enforced && rows.tables.old.checks.contains(c)) {
        // Rows that were written without the strict modes: what was only warned of is an error.
        if let Some(stops) = rows.stops_check(check).filter(|stops| !stops.is_empty()) {
            let reason =
                format!("check {} fails where it cannot be computed: all rows are written again", check.name.quoted());
            found.probed(HazardKind::MayFail, reason, rows.any_current(&stops));
        }
    }
    let numbered = |column: &&Column| column.auto_increment;
    if let Some(new) = rows.tables.new.columns.iter().find(numbered)
        && let Some(old) = rows.before(new.name.as_str()).filter(numbered)
        && let Some(probe) = rows.no_integers(Pair::new(old, new))
    {
        let name = new.name.quoted();
        let reason = format!("fails where column {name} holds a number beyond 64 bits: all rows are written again");
        found.probed(HazardKind::MayFail, reason, probe);
    }
    let probed = |column: &Column| operations.iter().any(|o| is_probed(o, column, rows, cost));
    computed(&mut found, rows.tables.new.columns.iter().filter(|c| !probed(c)), "all rows are written again");
    found.hazards
}

/// Whether a copy writes the dates that a column holds: what is computed is computed again, and what becomes of another type
/// is no date any more.
fn is_written(rows: &Rows<'_>, column: &Column) -> bool {
    use DataType as T;
    let Some((_, new)) = rows.tables.new.column(column.name.as_str()) else { return column.generated.is_none() };
    matches!(new.data_type, T::Date | T::DateTime(_) | T::Timestamp(_))
        && (column.generated.is_none() || new.generated.is_none())
}

/// What computing the values of generated columns again stops at: a copy computes them all, whether they are stored or not.
fn computed<'c>(found: &mut Found<'_>, columns: impl Iterator<Item = &'c Column>, why: &str) {
    let mut conditions = Vec::new();
    for column in columns {
        let Some(generated) = &column.generated else { continue };
        match found.rows.refuses(column, &generated.expression) {
            Some(of_column) => {
                conditions.extend(of_column.into_iter().filter(|c| !conditions.contains(c)).collect::<Vec<_>>())
            }
            None => {
                let reason =
                    format!("fails where what is computed for column {} does not fit it", column.name.quoted());
                found.probed(HazardKind::MayFail, reason, None);
            }
        }
    }
    if !conditions.is_empty() {
        let reason = format!("fails where a computed value does not fit its column: {why}");
        found.probed(HazardKind::MayFail, reason, found.rows.any(&conditions));
    }
}

/// Whether the operation itself has its hazards of the generated column's values.
fn is_probed(operation: &Operation<'_>, column: &Column, rows: &Rows<'_>, cost: Cost) -> bool {
    match operation {
        Operation::AddColumn { column: own, .. } => own.name == column.name && column::is_computed(rows, column, cost),
        Operation::RemakeColumn { columns, .. } => {
            columns.new.name == column.name && column::is_computed(rows, column, cost)
        }
        Operation::ModifyColumn { columns, aspects, .. } => {
            use crate::diff::ColumnAspect as A;
            columns.new.name == column.name
                && column::is_computed(rows, column, cost)
                && aspects.iter().any(|a| matches!(a, A::Type | A::Collation | A::Generated | A::Generation))
        }
        _ => false,
    }
}

/// What the operation destroys for good, in words: there is no way back from it.
pub(crate) fn destroys(operation: &Operation<'_>) -> Vec<String> {
    match operation {
        Operation::DropColumn(column) if column.generated.is_none() => vec![dropped_column(column)],
        Operation::RemakeColumn { columns, .. } if columns.old.bounds_period() => vec![dropped_column(columns.old)],
        Operation::DropPartitions(partitions) => partitions.iter().map(|p| dropped_partition(p)).collect(),
        Operation::DropSystemVersioning => vec![DROPPED_HISTORY.to_owned()],
        _ => Vec::new(),
    }
}

const DROPPED_HISTORY: &str = "drops the history of all rows";

fn dropped_column(column: &Column) -> String {
    format!("drops column {} with its data", column.name.quoted())
}

fn dropped_partition(partition: &Partition) -> String {
    format!("drops partition {} with its rows", partition.name.quoted())
}

fn of_operation(found: &mut Found<'_>, operation: &Operation<'_>) {
    use HazardKind::{DataLoss, Incompatible, MayFail, Semantics};
    let rows = found.rows;
    match operation {
        Operation::DropColumn(column) => {
            let name = column.name.quoted();
            if column.generated.is_none() {
                found.probed(DataLoss, dropped_column(column), rows.filled(column));
            }
            found.add(Incompatible, format!("code that names column {name} breaks"));
        }
        Operation::AddColumn { column, .. } => column::added(found, column),
        Operation::ModifyColumn { columns, aspects, .. } => column::modified(found, *columns, aspects),
        Operation::RemakeColumn { columns, .. } => column::remade(found, *columns),
        Operation::AddIndex(index) => added_key(found, index),
        Operation::DropIndex(index) if index.is_unique() && !is_kept(index, rows.tables.new) => {
            found.add(Semantics, format!("{} no longer keeps duplicates out", key_name(index)));
        }
        Operation::AddForeignKey(key) => added_foreign_key(found, key),
        Operation::DropForeignKey(key) => dropped_foreign_key(found, key),
        Operation::AddCheck(check) | Operation::SetCheckEnforcement(check) if check.enforced => {
            found.probed(
                MayFail,
                format!("check {} fails where rows do not hold it", check.name.quoted()),
                rows.breaks(&check.expression),
            );
            held::cut_checked(found, &format!("check {}", check.name.quoted()), &check.expression);
        }
        Operation::DropPartitions(dropped) => {
            for partition in dropped {
                found.probed(DataLoss, dropped_partition(partition), rows.in_partition(&partition.name));
                if !is_taken(partition, rows.tables) {
                    let name = partition.name.quoted();
                    found.add(Incompatible, format!("code that writes rows of partition {name} breaks"));
                }
            }
        }
        Operation::AddPartitions(partitioning, _) => {
            if partitioning.partitions.iter().any(|p| matches!(p.values, PartitionValues::In(_))) {
                found.add(Semantics, "rows that found no partition now do");
            }
        }
        Operation::Partition(_, partitioning) => {
            if let Homeless::Some(probe) = rows.homeless(partitioning) {
                found.probed(MayFail, "fails where a row finds no partition", probe);
            }
        }
        Operation::DropSystemVersioning => {
            found.probed(DataLoss, DROPPED_HISTORY, rows.of_the_past(None));
            found.add(Incompatible, "queries FOR SYSTEM_TIME break");
        }
        Operation::AddSystemVersioning => {
            found.add(Semantics, "every change of a row is kept, and TRUNCATE is refused");
        }
        Operation::AddPeriod(period) if !period.system => {
            let (start, end) = (rows.before(period.start.as_str()), rows.before(period.end.as_str()));
            let probe = match (start, end) {
                (Some(start), Some(end)) => {
                    Some(rows.any(&[format!("NOT COALESCE({} < {}, FALSE)", rows.column(start), rows.column(end))]))
                }
                _ => Some(rows.some()),
            };
            found.probed(
                MayFail,
                format!("fails where period {} of a row does not begin before it ends", period.name.quoted()),
                probe,
            );
        }
        Operation::SetEngine(pair) => {
            found.add(
                Semantics,
                format!("transactions, locks and limits of {} are not those of {}", pair.new, pair.old),
            );
            if pair.new.eq_ignore_ascii_case("BLACKHOLE") {
                found.probed(DataLoss, "BLACKHOLE keeps no rows", rows.some());
            }
            if pair.new.eq_ignore_ascii_case("MEMORY") {
                found.probed(DataLoss, "MEMORY keeps rows only until the server stops", rows.some());
                found.probed(
                    MayFail,
                    "fails where the rows are more than max_heap_table_size",
                    format!(
                        "SELECT 1 FROM information_schema.tables WHERE table_schema = {} AND table_name = {} AND data_length > @@max_heap_table_size / 4",
                        rows.database.map_or_else(|| "DATABASE()".to_owned(), |d| literal(d.as_str())),
                        literal(rows.tables.old.name.as_str()),
                    ),
                );
            }
        }
        Operation::SetCollation(_) => found.add(Semantics, "columns added later without a charset get another one"),
        Operation::DropDefault(column) => {
            found.add(Incompatible, format!("an INSERT that does not name column {} breaks", column.name.quoted()));
        }
        Operation::RenameColumn(pair) => {
            found.add(Incompatible, format!("code that names column {} breaks", pair.old.name.quoted()));
        }
        Operation::DropCheck(_)
        | Operation::SetDefault(_)
        | Operation::AddDefault(_)
        | Operation::RenameIndex(_)
        | Operation::DropIndex(_)
        | Operation::DropPeriod(_)
        | Operation::SetIndexVisibility(_)
        | Operation::AddPeriod(_)
        | Operation::AddCheck(_)
        | Operation::SetCheckEnforcement(_)
        | Operation::SetAutoIncrement(_)
        | Operation::SetOption(..)
        | Operation::SetEngineDefined(..)
        | Operation::ReorganizePartitions(..)
        | Operation::AddPartitionCount(_)
        | Operation::CoalescePartitions(_)
        | Operation::RemovePartitioning => {}
    }
}

/// Whether another partition takes the rows that a partition took.
fn is_taken(partition: &Partition, tables: Pair<&Table>) -> bool {
    let Some(after) = &tables.new.partitioning else { return true };
    match &partition.values {
        // Those behind it take them, as long as there are any.
        PartitionValues::LessThan(_) => {
            let before = tables.old.partitioning.iter().flat_map(|p| &p.partitions);
            let mut behind = before.skip_while(|p| p.name != partition.name).skip(1);
            let stays = |p: &Partition| after.partitions.iter().any(|own| own.values == p.values);
            let is_moved_on = after.partitions.last().is_some_and(|last| !stands(tables.old, last));
            is_moved_on || behind.any(stays)
        }
        PartitionValues::In(tuples) => {
            let holds = |p: &Partition, tuple| match &p.values {
                PartitionValues::In(own) => own.contains(tuple),
                other => *other == PartitionValues::Default,
            };
            tuples.iter().all(|tuple| after.partitions.iter().any(|p| holds(p, tuple)))
        }
        PartitionValues::Default => false,
        PartitionValues::None | PartitionValues::History | PartitionValues::Current => true,
    }
}

/// Whether a table has a partition of the same rows.
fn stands(table: &Table, partition: &Partition) -> bool {
    table.partitioning.iter().flat_map(|p| &p.partitions).any(|own| own.values == partition.values)
}

/// Whether the table has a foreign key that says the same.
fn is_held(key: &ForeignKey, table: &Table) -> bool {
    table.foreign_keys.iter().any(|k| same_foreign_key(k, key))
}

/// The foreign key of the table that refers to the same, whatever it does when that changes.
pub(crate) fn held_as<'t>(key: &ForeignKey, table: &'t Table) -> Option<&'t ForeignKey> {
    let (on_delete, on_update) = (key.on_delete, key.on_update);
    table.foreign_keys.iter().find(|k| same_foreign_key(&ForeignKey { on_delete, on_update, ..(*k).clone() }, key))
}

fn added_key(found: &mut Found<'_>, index: &Index) {
    use HazardKind::MayFail;
    let rows = found.rows;
    if index.without_overlaps.is_some() {
        let reason = format!("{} fails where periods of rows overlap", key_name(index));
        found.probed(MayFail, reason, rows.overlaps(index));
        return;
    }
    for probe in rows.unfit_members(index) {
        found.probed(MayFail, format!("{} fails where a member of an array does not fit it", key_name(index)), probe);
    }
    // A key of a step on the way may close columns that their own definitions leave open.
    for name in index.columns().filter(|_| index.kind == IndexKind::Primary) {
        let columns = (rows.before(name.as_str()), rows.tables.new.column(name.as_str()));
        if let (Some(old), Some((_, new))) = columns
            && old.nullable
            && new.nullable
        {
            let (kind, reason) = match rows.terms.strict {
                true => (MayFail, format!("fails where column {} is NULL", name.quoted())),
                false => (HazardKind::DataLoss, format!("NULL in column {} becomes another value", name.quoted())),
            };
            found.probed(kind, reason, rows.null(old));
        }
    }
    if index.is_unique() && !numbered(rows, index) && !is_implied(rows, index) && !is_of_nulls(rows, index) {
        found.probed(MayFail, format!("{} fails where rows have duplicates", key_name(index)), rows.duplicates(index));
        held::cut(found, index);
    }
}

/// Whether no two rows can be the same, since a column of the key comes with it and is NULL in all of them.
fn is_of_nulls(rows: &Rows<'_>, index: &Index) -> bool {
    let is_null = |column: &Column| {
        let has_none = matches!(column.default, None | Some(DefaultValue::Null));
        column.nullable && has_none && column.generated.is_none() && !column.auto_increment && !column.on_update
    };
    let comes = |name: &Ident| {
        rows.before(name.as_str()).is_none()
            && rows.tables.new.column(name.as_str()).is_some_and(|(_, column)| is_null(column))
    };
    index.parts.iter().any(|part| matches!(&part.column, KeyColumn::Column(name) if comes(name)))
}

/// Whether a unique key that is there keeps out what this one would, as none of its columns changes.
fn is_implied(rows: &Rows<'_>, index: &Index) -> bool {
    let is_same = |part: &KeyPart| match &part.column {
        KeyColumn::Column(name) => match (rows.before(name.as_str()), rows.tables.new.column(name.as_str())) {
            (Some(old), Some((_, new))) => {
                old.data_type == new.data_type
                    && old.collation == new.collation
                    && old.generated.is_none()
                    && new.generated.is_none()
                    && old.auto_increment == new.auto_increment
                    && (new.nullable || !old.nullable)
            }
            _ => false,
        },
        KeyColumn::Expression(_) => false,
    };
    rows.tables.old.indexes.iter().filter(|old| old.is_unique() && old.without_overlaps.is_none()).any(|old| {
        old.parts.iter().all(|part| {
            is_same(part) && index.parts.iter().any(|own| own.column == part.column && own.prefix == part.prefix)
        })
    })
}

/// Whether each row gets a default of its own.
fn is_distinct(column: &Column) -> bool {
    match &column.default {
        Some(DefaultValue::Expression(Expr::Sequence { function, .. })) => &**function == "nextval",
        Some(DefaultValue::Expression(Expr::Call { name, .. })) => {
            matches!(&**name, "uuid" | "uuid_short" | "sys_guid")
        }
        _ => false,
    }
}

/// Whether rows get numbers that tell them apart.
fn numbered(rows: &Rows<'_>, index: &Index) -> bool {
    rows.tables.new.columns.iter().any(|c| {
        (c.auto_increment || is_distinct(c) && !comes_without_default(c, rows.terms.target))
            && rows.before(c.name.as_str()).is_none()
            && index.parts.iter().any(|part| matches!(&part.column, KeyColumn::Column(name) if *name == c.name))
    })
}

fn added_foreign_key(found: &mut Found<'_>, key: &ForeignKey) {
    let rows = found.rows;
    found.probed(HazardKind::MayFail, may_refer_to_nothing(key, rows.terms.foreign_key_checks), rows.orphans(key));
    if acts(key) && !is_held(key, rows.tables.old) {
        found.add(HazardKind::Semantics, format!("a change in {} changes rows here", key.referenced_table.quoted()));
    }
}

/// Why a foreign key that is added may fail, or hold rows that it does not look for.
pub(super) fn may_refer_to_nothing(key: &ForeignKey, is_checked: bool) -> String {
    let (name, parent) = (key.name.quoted(), key.referenced_table.quoted());
    if is_checked {
        format!("foreign key {name} fails where rows refer to nothing in {parent}")
    } else {
        format!("foreign key {name} is added without the server's check: rows may refer to nothing in {parent}")
    }
}

fn dropped_foreign_key(found: &mut Found<'_>, key: &ForeignKey) {
    let name = key.name.quoted();
    match held_as(key, found.rows.tables.new) {
        None => found
            .add(HazardKind::Semantics, format!("foreign key {name} no longer keeps rows out that refer to nothing")),
        Some(_) if is_held(key, found.rows.tables.new) || !acts(key) => {}
        Some(_) => found.add(
            HazardKind::Semantics,
            format!("a change in {} no longer changes rows here as before", key.referenced_table.quoted()),
        ),
    }
}

/// Whether a change of what a foreign key refers to changes its own rows.
fn acts(key: &ForeignKey) -> bool {
    let acts = |action| matches!(action, ReferentialAction::Cascade | ReferentialAction::SetNull);
    acts(key.on_delete) || acts(key.on_update)
}

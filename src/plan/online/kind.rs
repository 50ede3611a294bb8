//! Which kinds of change the actions of an ALTER are, as `grammar/online_ddl.tsv` names them.

mod column;
mod key;

use super::Writing;
use super::conditions::{Conditions, is_indexed};
use crate::diff::Position;
use crate::model::{Check, Column, DataType, DefaultValue, Expr, ForeignKey, Index, OptionKey, PartitionMethod, Table};
use crate::plan::operation::Operation;
use crate::source::Pair;
use crate::target::Target;
use key::is_functional;

/// What one ALTER is made of.
struct Statement<'s> {
    target: Target,
    tables: Pair<&'s Table>,
    operations: &'s [Operation<'s>],
    conditions: &'s Conditions,
    writing: Writing,
}

/// The kinds of all actions of one ALTER.
pub(super) fn kinds(
    target: Target,
    tables: Pair<&Table>,
    operations: &[Operation<'_>],
    conditions: &Conditions,
    writing: Writing,
) -> Vec<&'static str> {
    let statement = Statement { target, tables, operations, conditions, writing };
    let mut kinds = Vec::new();
    for operation in operations {
        statement.of_operation(operation, &mut kinds);
    }
    statement.of_the_whole(&mut kinds);
    kinds
}

impl Statement<'_> {
    fn has(&self, wanted: impl Fn(&Operation<'_>) -> bool) -> bool {
        self.operations.iter().any(wanted)
    }

    /// What the actions are together.
    fn of_the_whole(&self, kinds: &mut Vec<&'static str>) {
        if self.target.is_mysql() && self.reads_checks_again() {
            kinds.push("redefine-column-beside-check");
        }
        // MariaDB finds the column behind a long unique key among the table's and none in the definition, and copies whatever
        // changes, be it a comment.
        let only_drops = self.operations.iter().all(|o| matches!(o, Operation::DropIndex(_)));
        let is_long =
            |index: &Index| index.is_unique() && !index.is_unique_tree() && !(only_drops && self.drops(index));
        if self.target.is_mariadb() && self.tables.old.indexes.iter().any(is_long) {
            kinds.push("anything-else");
        }
        // InnoDB alone changes a table that keeps its history in place, and Aria none that has partitions.
        let holds = |name: &str| self.conditions.holds(name);
        if holds("not-innodb") && holds("system-versioned") || holds("aria") && holds("partitioned") {
            kinds.push("anything-else");
        }
        let is_virtual = |c: &Column| c.generated.as_ref().is_some_and(|g| !g.stored);
        let adds_virtual = self.has(|o| brought(o).is_some_and(is_virtual));
        let functional = self.conditions.holds("functional-present");
        let old_virtual = |c: &Column| self.tables.old.column(c.name.as_str()).is_some_and(|(_, c)| is_virtual(c));
        let virtuals: Vec<&Column> = self.tables.new.columns.iter().filter(|c| is_virtual(c)).collect();
        let before = virtuals.iter().position(|c| !old_virtual(c));
        // MySQL looks at the order of virtual columns only where no stored one comes.
        let adds_stored = self.has(|o| matches!(o, Operation::AddColumn { column, .. } if column.generated.is_none()));
        let ordered = adds_virtual && !(self.target.is_mysql() && adds_stored);
        if ordered && (functional || before.is_some_and(|at| virtuals[at..].iter().any(|c| old_virtual(c)))) {
            kinds.push("add-column-virtual-before-virtual");
        }
        let leads = |c: &Column| is_virtual(c) && !old_virtual(c);
        if ordered && self.target.is_mysql() && self.moves_counter(&leads) {
            kinds.push("add-column-virtual-before-counter");
        }
        // It looks at the order when one goes, too, but not beside a stored one.
        let goes = |c: &Column| {
            self.has(|o| match o {
                Operation::DropColumn(own) => own.name == c.name,
                Operation::RemakeColumn { columns, .. } => columns.old.name == c.name,
                _ => false,
            })
        };
        let mut left = self.tables.old.columns.iter().filter(|c| is_virtual(c)).skip_while(|c| !goes(c));
        if self.target.is_mysql() && !self.makes_version() && left.any(|c| !goes(c)) {
            kinds.push("drop-column-virtual-before-virtual");
        }
        let has_keys = self.has(|o| matches!(o, Operation::AddIndex(_) | Operation::DropIndex(_)));
        let goes_or_comes = adds_virtual || self.tables.old.columns.iter().filter(|c| is_virtual(c)).any(goes);
        if self.target.is_mysql() && self.conditions.holds("partitioned") && has_keys && goes_or_comes {
            kinds.push("anything-else");
        }
        let stays = |c: &&Column| !goes(c) && virtuals.iter().any(|own| own.name == c.name);
        let names = |columns: &mut dyn Iterator<Item = &Column>| columns.map(|c| c.name.clone()).collect::<Vec<_>>();
        let before = names(&mut self.tables.old.columns.iter().filter(|c| is_virtual(c)).filter(stays));
        let after = names(&mut virtuals.iter().copied().filter(|c| before.contains(&c.name)));
        if self.target.is_mysql() && !adds_stored && before != after {
            kinds.push("anything-else");
        }
        // Virtual columns whose number among the columns changes.
        let place = |table: &Table, name: &str| table.columns.iter().position(|c| c.name.is(name));
        let Pair { old, new } = self.tables;
        let moved = old.columns.iter().filter(|c| is_virtual(c)).any(|c| {
            let (before, after) = (place(old, c.name.as_str()), place(new, c.name.as_str()));
            after.is_some() && before != after
        });
        if moved {
            let drops_stored = self.has(|o| matches!(o, Operation::DropColumn(own) if !is_virtual(own)));
            let only_drops = self.operations.iter().all(|o| match o {
                Operation::AddColumn { column, .. } => is_virtual(column),
                _ => matches!(o, Operation::DropColumn(_) | Operation::DropIndex(_) | Operation::AddIndex(_)),
            });
            kinds.push(match (only_drops, drops_stored) {
                (true, false) => "renumber-virtual-by-drop",
                (true, true) => "renumber-virtual-by-drop-of-stored",
                (false, _) => "renumber-virtual",
            });
        }
    }

    /// Whether columns get definitions while a CHECK stays that is over one of the types which MySQL's definitions call
    /// otherwise than its fields do: it takes the CHECK for a new one.
    fn reads_checks_again(&self) -> bool {
        let dropped =
            |check: &Check| self.has(|o| matches!(o, Operation::DropCheck(dropped) if dropped.name == check.name));
        self.has(|o| matches!(o, Operation::ModifyColumn { .. } | Operation::RenameColumn(_)))
            && self.tables.old.rereads_checks(&dropped)
    }

    fn of_operation(&self, operation: &Operation<'_>, kinds: &mut Vec<&'static str>) {
        let kind = match operation {
            Operation::DropForeignKey(_) => "drop-foreign-key",
            Operation::AddForeignKey(key) if !self.writing.checks_foreign_keys && self.brings_index(key) => {
                kinds.push("add-index");
                "add-foreign-key-checks-off"
            }
            Operation::AddForeignKey(_) if self.writing.checks_foreign_keys => "add-foreign-key-checks-on",
            Operation::AddForeignKey(_) => "add-foreign-key-checks-off",
            Operation::DropCheck(_) => "drop-check",
            Operation::AddCheck(check) if check.enforced => "add-check",
            Operation::AddCheck(_) => "add-check-not-enforced",
            Operation::SetCheckEnforcement(check) if check.enforced => "alter-check-enforcement-on",
            Operation::SetCheckEnforcement(_) => "alter-check-enforcement-off",
            Operation::DropPeriod(_) => "drop-application-period",
            Operation::AddPeriod(_) => "add-application-period",
            Operation::DropSystemVersioning => "drop-system-versioning",
            Operation::AddSystemVersioning => "add-system-versioning",
            Operation::DropIndex(index) => {
                // The column behind a functional key goes with it.
                if self.target.is_mysql() && is_functional(index) && self.replaced_by(index).is_none() {
                    kinds.push(if index.is_unique() { "drop-unique-index" } else { "drop-index" });
                }
                self.dropped(index)
            }
            Operation::AddIndex(index) => {
                if self.target.is_mysql() && is_functional(index) {
                    kinds.push(if index.is_unique() { "add-unique-index" } else { "add-index" });
                    if self.goes_before_functional(index) {
                        kinds.push("add-column-virtual-before-virtual");
                    }
                }
                self.added_index(index)
            }
            Operation::SetIndexVisibility(_) => "alter-index-visibility",
            Operation::RenameIndex(pair) if self.target.is_mysql() && is_functional(pair.old) => {
                self.renamed_functional()
            }
            Operation::RenameIndex(_) => "rename-index",
            Operation::DropColumn(column) => self.dropped_column(column),
            Operation::AddColumn { column, position } => self.added_column(column, *position),
            // The statement drops the one and adds the other.
            Operation::RemakeColumn { columns, position } => {
                kinds.push(self.dropped_column(columns.old));
                self.added_column(columns.new, *position)
            }
            Operation::ModifyColumn { columns, aspects, moved } => {
                kinds.extend(aspects.iter().map(|aspect| self.modified(*columns, *aspect)));
                if self.target.is_mariadb() && is_json(columns.old) {
                    kinds.push("modify-json");
                }
                let generated = columns.new.generated.as_ref();
                let is_virtual = generated.is_some_and(|g| !g.stored);
                if self.target.is_mariadb() && generated.is_some_and(|g| g.stored) {
                    kinds.push("change-generated-stored");
                }
                if is_virtual && self.indexed(*columns) {
                    kinds.push("modify-virtual-indexed");
                }
                match moved {
                    None => return,
                    Some(_) if is_virtual => "reorder-column-virtual",
                    // MySQL moves columns at once where it makes a new version of the row anyway.
                    Some(_) if self.makes_version() => "reorder-column-beside-add-or-drop",
                    Some(_) => "reorder-column",
                }
            }
            Operation::RenameColumn(_) => "rename-column",
            Operation::SetDefault(_) | Operation::AddDefault(_) => "set-default-expression",
            Operation::DropDefault(_) => "drop-default",
            Operation::SetEngine(_) => "change-engine",
            Operation::SetCollation(_) => "change-default-charset",
            Operation::SetAutoIncrement(_) => "change-auto-increment",
            Operation::SetOption(OptionKey::PageChecksum, sides) => page_checksum(*sides),
            Operation::SetOption(key, _) => option(*key),
            Operation::SetEngineDefined(..) => "change-page-compressed",
            Operation::Partition(sides, _) if sides.old.is_some() => "repartition-table",
            Operation::Partition(..) => "partition-table",
            Operation::RemovePartitioning => "remove-partitioning",
            Operation::AddPartitions(partitioning, _) => match partitioning.method {
                PartitionMethod::List(_) | PartitionMethod::ListColumns(_) => "add-partition-list",
                PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_) | PartitionMethod::SystemTime(_) => {
                    "add-partition-range"
                }
                PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } => "add-partition-hash",
            },
            Operation::AddPartitionCount(_) => match self.tables.new.partitioning.as_ref().map(|p| &p.method) {
                Some(PartitionMethod::SystemTime(_)) => "add-partition-range",
                _ => "add-partition-hash",
            },
            Operation::CoalescePartitions(_) => "coalesce-partition",
            Operation::ReorganizePartitions(..) => "reorganize-partition",
            Operation::DropPartitions(_) => "drop-partition",
        };
        kinds.push(kind);
    }

    /// Whether the server makes a key for a foreign key.
    fn brings_index(&self, key: &ForeignKey) -> bool {
        let name = key.name.as_str();
        self.tables.old.index(name).is_none()
            && self.tables.new.index(name).is_some_and(|index| index.generated)
            && !self.has(|o| matches!(o, Operation::AddIndex(index) if index.name.is(name)))
    }

    /// Whether the AUTO_INCREMENT column gets another number among the columns: where others go, because some that come are
    /// before it.
    fn moves_counter(&self, comes: &dyn Fn(&Column) -> bool) -> bool {
        let place = |table: &Table| table.columns.iter().position(|column| column.auto_increment);
        let (Some(old), Some(new)) = (place(self.tables.old), place(self.tables.new)) else { return false };
        if self.makes_version() { self.tables.new.columns[..new].iter().any(comes) } else { old != new }
    }

    /// Whether a stored column comes or goes.
    fn makes_version(&self) -> bool {
        self.has(|o| {
            matches!(o, Operation::AddColumn { column, .. } | Operation::DropColumn(column) if column.generated.is_none())
        })
    }

    fn dropped_column(&self, column: &Column) -> &'static str {
        match &column.generated {
            Some(g) if g.stored => "drop-column-stored",
            Some(_) => "drop-column-virtual",
            None if self.is_base_of_dropped(column) => "drop-column@base-of-dropped-generated",
            None if is_indexed(column, self.tables.old) => "drop-column-indexed",
            None => "drop-column",
        }
    }

    /// Whether a generated column that goes in the same ALTER is computed from it.
    fn is_base_of_dropped(&self, column: &Column) -> bool {
        self.has(|o| match o {
            Operation::DropColumn(other) => other.generated.as_ref().is_some_and(|g| mentions(&g.expression, column)),
            _ => false,
        })
    }

    fn added_column(&self, column: &Column, position: Position<'_>) -> &'static str {
        match &column.generated {
            Some(g) if g.stored => return "add-column-stored-generated",
            Some(_) if !column.nullable => return "add-column-virtual-not-null",
            Some(_) if position == Position::Last => return "add-column-virtual",
            Some(_) => return "add-column-virtual-elsewhere",
            None => {}
        }
        match &column.default {
            _ if column.auto_increment => "add-column-auto-increment",
            Some(DefaultValue::Expression(expression)) if varies(expression) => "add-column-expression-default-uuid",
            Some(DefaultValue::Expression(_)) => "add-column-expression-default",
            _ if column.check.is_some() => "add-column-with-check",
            _ if matches!(column.data_type, DataType::Geometry(_)) && !column.nullable => {
                "add-column-geometry-not-null"
            }
            _ if position != Position::Last => "add-column-elsewhere",
            Some(DefaultValue::CurrentTimestamp) => "add-column-current-timestamp",
            _ if column.data_type == DataType::Json => "add-column-json",
            _ if !column.nullable && column.default.is_none() && is_date(&column.data_type) => {
                "add-column-date-not-null"
            }
            Some(DefaultValue::Literal(_) | DefaultValue::Bits(_) | DefaultValue::Bytes(_)) if !column.nullable => {
                "add-column-not-null-default"
            }
            Some(DefaultValue::Null | DefaultValue::Literal(_) | DefaultValue::Bits(_) | DefaultValue::Bytes(_))
            | None => "add-column-last",
        }
    }
}

/// Whether MariaDB takes a column for JSON, which it writes as LONGTEXT: what is written so is another type.
fn is_json(column: &Column) -> bool {
    matches!(&column.check, Some(Expr::Call { name, .. }) if name.eq_ignore_ascii_case("json_valid"))
        && matches!(column.data_type, DataType::Text(_))
}

/// The column that an action brings, or makes anew.
fn brought<'o>(operation: &Operation<'o>) -> Option<&'o Column> {
    match operation {
        Operation::AddColumn { column, .. } => Some(column),
        Operation::RemakeColumn { columns, .. } => Some(columns.new),
        _ => None,
    }
}

const fn is_date(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_))
}

fn mentions(expression: &Expr, column: &Column) -> bool {
    let mut found = false;
    expression.columns(&mut |name| found |= name.is(column.name.as_str()));
    found
}

/// Whether a default is another one for each row.
fn varies(expression: &Expr) -> bool {
    const VARYING: [&str; 6] = ["uuid", "uuid_short", "rand", "sys_guid", "uuid_v4", "uuid_v7"];
    let mut found = false;
    expression.columns(&mut |_| found = true);
    found
        || match expression {
            Expr::Call { name, args } => {
                VARYING.iter().any(|known| name.eq_ignore_ascii_case(known)) || args.iter().any(varies)
            }
            Expr::Sequence { .. } => true,
            other => other.any_child(varies),
        }
}

/// Aria alone has checksums in its pages; said or not, they are there.
fn page_checksum(sides: Pair<Option<&str>>) -> &'static str {
    match sides.new {
        Some(new) if sides.old.unwrap_or("1") != new => "change-page-checksum",
        _ => "restate-page-checksum",
    }
}

const fn option(key: OptionKey) -> &'static str {
    match key {
        OptionKey::Comment => "change-table-comment",
        OptionKey::MinRows => "change-min-rows",
        OptionKey::MaxRows => "change-max-rows",
        OptionKey::AvgRowLength => "change-avg-row-length",
        OptionKey::PackKeys => "change-pack-keys",
        OptionKey::StatsPersistent | OptionKey::StatsAutoRecalc | OptionKey::StatsSamplePages => "change-stats-options",
        OptionKey::Checksum => "change-checksum",
        OptionKey::PageChecksum => "change-page-checksum",
        OptionKey::DelayKeyWrite => "change-delay-key-write",
        OptionKey::RowFormat => "change-row-format",
        OptionKey::KeyBlockSize => "change-key-block-size",
        OptionKey::Compression => "change-compression",
        OptionKey::Encryption => "encryption",
        OptionKey::InsertMethod => "change-insert-method",
        OptionKey::DataDirectory | OptionKey::IndexDirectory => "change-data-directory",
        OptionKey::SecondaryEngine => "change-secondary-engine",
        OptionKey::AutoextendSize => "change-autoextend-size",
        OptionKey::Tablespace => "change-tablespace",
        OptionKey::Storage
        | OptionKey::Transactional
        | OptionKey::Union
        | OptionKey::Connection
        | OptionKey::EngineAttribute
        | OptionKey::SecondaryEngineAttribute
        | OptionKey::Sequence => "anything-else",
    }
}

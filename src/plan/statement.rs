//! The SQL text of operations.

use std::fmt::Write as _;

use super::giving_way;
use super::operation::{Operation, comes_without_default};
use crate::canonical::Printer;
use crate::diff::Position;
use crate::ident::Ident;
use crate::model::{Column, DefaultValue, IndexKind, OptionKey, Partition, Partitioning, Table};
use crate::source::Pair;
use crate::target::Target;

/// A table's name, qualified where its database is named.
pub(crate) fn qualified(database: Option<&Ident>, name: &Ident) -> String {
    match database {
        Some(database) => format!("{}.{}", database.quoted(), name.quoted()),
        None => name.quoted().to_string(),
    }
}

/// CREATE TABLE for a table as given.
pub(crate) fn create(printer: Printer, database: Option<&Ident>, table: &Table) -> String {
    let mut text = String::with_capacity(512);
    match giving_way::table(table, printer.target) {
        Some(written) => printer.table(&mut text, &written),
        None => printer.table(&mut text, table),
    }
    let head = format!("CREATE TABLE {}", table.name.quoted());
    match database {
        Some(_) => text.replacen(&head, &format!("CREATE TABLE {}", qualified(database, &table.name)), 1),
        None => text,
    }
}

/// ALTER TABLE with those operations, on the way from a table to what it will be.
pub(crate) fn alter(
    printer: Printer,
    database: Option<&Ident>,
    tables: Pair<&Table>,
    operations: &[Operation<'_>],
) -> String {
    let new = tables.new;
    let mut text = String::with_capacity(128);
    if alters_history(tables, operations, printer.target) {
        text.push_str("SET STATEMENT system_versioning_alter_history = KEEP FOR\n");
    }
    let _ = write!(text, "ALTER TABLE {}", qualified(database, &new.name));
    let mut first = true;
    let beside = Beside::of(operations);
    // A generated column with another name and another expression is changed at once: MODIFY knows only the old name (1054).
    let changed: Vec<&Ident> = operations.iter().filter_map(changed_name).collect();
    let with_its_change =
        |o: &&Operation<'_>| matches!(o, Operation::RenameColumn(pair) if changed.contains(&&pair.old.name));
    for operation in operations.iter().filter(|o| !with_its_change(o)) {
        // PARTITION BY and REMOVE PARTITIONING follow the other actions without a comma (1064).
        let follows = matches!(operation, Operation::Partition(..) | Operation::RemovePartitioning);
        text.push_str(if first || follows { "\n  " } else { ",\n  " });
        first = false;
        self::operation(printer, &mut text, new, operation, beside);
    }
    text
}

/// Whether columns or unique keys change of a table that keeps its history: MariaDB asks whether that is meant (4119).
fn alters_history(tables: Pair<&Table>, operations: &[Operation<'_>], target: Target) -> bool {
    let alters = |operation: &Operation<'_>| match operation {
        Operation::AddColumn { .. }
        | Operation::ModifyColumn { .. }
        | Operation::RemakeColumn { .. }
        | Operation::DropColumn(_) => true,
        Operation::RenameColumn(_) => !target.has_rename_column(),
        Operation::AddIndex(index) => index.is_unique(),
        _ => false,
    };
    let keeps = tables.old.system_versioned
        || tables.new.system_versioned && !operations.contains(&Operation::AddSystemVersioning);
    keeps && operations.iter().any(alters)
}

/// What else an ALTER does that leaves something of its columns to the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Beside {
    /// It adds columns: MySQL takes no default that may differ on a replica in it (1674).
    adds: bool,
    /// It begins a history: MariaDB takes no column out of one that is not there (4124).
    begins_history: bool,
}

impl Beside {
    fn of(operations: &[Operation<'_>]) -> Self {
        let adds = |o: &Operation<'_>| matches!(o, Operation::AddColumn { .. } | Operation::RemakeColumn { .. });
        Self { adds: operations.iter().any(adds), begins_history: operations.contains(&Operation::AddSystemVersioning) }
    }
}

/// The old name of a column that is modified under another.
fn changed_name<'a>(operation: &Operation<'a>) -> Option<&'a Ident> {
    match operation {
        Operation::ModifyColumn { columns, .. } if !columns.old.name.is(columns.new.name.as_str()) => {
            Some(&columns.old.name)
        }
        _ => None,
    }
}

fn operation(printer: Printer, out: &mut String, new: &Table, operation: &Operation<'_>, beside: Beside) {
    let _ = match operation {
        Operation::DropForeignKey(key) => write!(out, "DROP FOREIGN KEY {}", key.name.quoted()),
        Operation::DropCheck(check) if printer.target.is_mysql() => write!(out, "DROP CHECK {}", check.name.quoted()),
        Operation::DropCheck(check) => write!(out, "DROP CONSTRAINT {}", check.name.quoted()),
        Operation::DropIndex(index) if index.kind == IndexKind::Primary => write!(out, "DROP PRIMARY KEY"),
        Operation::DropIndex(index) => write!(out, "DROP KEY {}", index.name.quoted()),
        Operation::DropPeriod(period) if period.system => write!(out, "DROP PERIOD FOR SYSTEM_TIME"),
        Operation::DropPeriod(period) => write!(out, "DROP PERIOD FOR {}", period.name.quoted()),
        Operation::DropSystemVersioning => write!(out, "DROP SYSTEM VERSIONING"),
        Operation::DropColumn(column) => write!(out, "DROP COLUMN {}", column.name.quoted()),
        Operation::AddColumn { column, position } => {
            out.push_str("ADD COLUMN ");
            self::column(printer, out, column, new, beside);
            self::position(out, Some(*position).filter(|p| *p != Position::Last))
        }
        Operation::ModifyColumn { columns, moved, .. } => {
            match changed_name(operation) {
                Some(before) => write!(out, "CHANGE COLUMN {} ", before.quoted()),
                None => write!(out, "MODIFY COLUMN "),
            }
            .ok();
            self::column(printer, out, columns.new, new, beside);
            position(out, *moved)
        }
        Operation::RemakeColumn { columns, position } => {
            let _ = write!(out, "DROP COLUMN {},\n  ADD COLUMN ", columns.old.name.quoted());
            self::column(printer, out, columns.new, new, beside);
            self::position(out, Some(*position))
        }
        Operation::RenameColumn(pair) if printer.target.has_rename_column() => {
            write!(out, "RENAME COLUMN {} TO {}", pair.old.name.quoted(), pair.new.name.quoted())
        }
        Operation::RenameColumn(pair) => {
            let _ = write!(out, "CHANGE COLUMN {} ", pair.old.name.quoted());
            self::column(printer, out, pair.new, new, beside);
            Ok(())
        }
        // MySQL forgets an expression that SET DEFAULT gives to a column of the primary key.
        Operation::AddDefault(column)
            if new.primary_key().is_some_and(|key| key.columns().any(|own| *own == column.name)) =>
        {
            out.push_str("MODIFY COLUMN ");
            self::column(printer, out, column, new, beside);
            Ok(())
        }
        Operation::SetDefault(column) | Operation::AddDefault(column) => {
            let _ = write!(out, "ALTER COLUMN {} SET DEFAULT ", column.name.quoted());
            if let Some(default) = &column.default {
                printer.default_value(out, default, column);
            }
            Ok(())
        }
        Operation::DropDefault(column) => write!(out, "ALTER COLUMN {} DROP DEFAULT", column.name.quoted()),
        Operation::RenameIndex(pair) => {
            write!(out, "RENAME INDEX {} TO {}", pair.old.name.quoted(), pair.new.name.quoted())
        }
        Operation::AddIndex(index) => {
            out.push_str("ADD ");
            printer.index(out, index, new);
            Ok(())
        }
        Operation::SetIndexVisibility(index) => {
            let word = match (printer.target.is_mysql(), index.invisible) {
                (true, true) => "INVISIBLE",
                (true, false) => "VISIBLE",
                (false, true) => "IGNORED",
                (false, false) => "NOT IGNORED",
            };
            write!(out, "ALTER INDEX {} {word}", index.name.quoted())
        }
        Operation::AddPeriod(period) => {
            out.push_str("ADD ");
            printer.period(out, period);
            Ok(())
        }
        Operation::AddSystemVersioning => write!(out, "ADD SYSTEM VERSIONING"),
        Operation::AddCheck(check) => {
            out.push_str("ADD ");
            printer.check(out, giving_way::check(check, new, printer.target).as_ref().unwrap_or(check));
            Ok(())
        }
        Operation::SetCheckEnforcement(check) => {
            write!(
                out,
                "ALTER CHECK {} {}",
                check.name.quoted(),
                if check.enforced { "ENFORCED" } else { "NOT ENFORCED" }
            )
        }
        Operation::AddForeignKey(key) => {
            out.push_str("ADD ");
            printer.foreign_key(out, key);
            Ok(())
        }
        Operation::SetEngine(pair) => write!(out, "ENGINE={}", pair.new),
        Operation::SetCollation(pair) => {
            let charset = pair.new.charset().printed(printer.target);
            write!(out, "DEFAULT CHARACTER SET = {charset} COLLATE = {}", pair.new.printed(printer.target))
        }
        Operation::SetAutoIncrement(pair) => write!(out, "AUTO_INCREMENT={}", pair.new.unwrap_or(1)),
        Operation::SetOption(key, values) => {
            match values.new {
                Some(value) => {
                    let at = out.len();
                    printer.table_option(out, *key, value);
                    // Options are written with a blank before each.
                    out.replace_range(at..=at, "");
                }
                None => out.push_str(default_of(*key)),
            }
            Ok(())
        }
        Operation::SetEngineDefined(name, values) => {
            write!(out, "{}={}", name.quoted(), values.new.unwrap_or("DEFAULT"))
        }
        Operation::Partition(_, partitioning) => {
            let mut text = String::new();
            printer.partitioning(&mut text, partitioning, &new.options.engine);
            write!(out, "{}", text.trim_start())
        }
        Operation::RemovePartitioning => write!(out, "REMOVE PARTITIONING"),
        Operation::AddPartitions(partitioning, added) => {
            out.push_str("ADD PARTITION ");
            partitions(printer, out, new, partitioning, added);
            Ok(())
        }
        Operation::DropPartitions(dropped) => {
            out.push_str("DROP PARTITION ");
            partition_names(printer, out, dropped);
            Ok(())
        }
        Operation::ReorganizePartitions(partitioning, span) => {
            out.push_str("REORGANIZE PARTITION ");
            partition_names(printer, out, &span.old);
            out.push_str(" INTO\n    ");
            partitions(printer, out, new, partitioning, &span.new);
            Ok(())
        }
        Operation::AddPartitionCount(count) => write!(out, "ADD PARTITION PARTITIONS {count}"),
        Operation::CoalescePartitions(count) => write!(out, "COALESCE PARTITION {count}"),
    };
}

/// Definitions of partitions in parentheses.
fn partitions(printer: Printer, out: &mut String, new: &Table, partitioning: &Partitioning, partitions: &[&Partition]) {
    for (i, partition) in partitions.iter().enumerate() {
        out.push_str(if i == 0 { "(" } else { ",\n    " });
        printer.partition(out, partition, &partitioning.method, &new.options.engine);
    }
    out.push(')');
}

fn partition_names(printer: Printer, out: &mut String, partitions: &[&Partition]) {
    for (i, partition) in partitions.iter().enumerate() {
        out.push_str(if i == 0 { "" } else { ", " });
        printer.partition_name(out, &partition.name);
    }
}

fn column(printer: Printer, out: &mut String, column: &Column, table: &Table, beside: Beside) {
    let collation = Some(table.options.collation);
    let written = giving_way::column(column, table, printer.target);
    let column = written.as_ref().unwrap_or(column);
    let undefaulted = beside.adds && comes_without_default(column, printer.target);
    let unversioned = beside.begins_history && column.says_versioning();
    if !undefaulted && !unversioned {
        return printer.column(out, column, collation);
    }
    let mut bare = column.clone();
    if undefaulted {
        bare.default = column.nullable.then_some(DefaultValue::Null);
    }
    if unversioned {
        bare.versioning = None;
    }
    printer.column(out, &bare, collation);
}

fn position(out: &mut String, position: Option<Position<'_>>) -> std::fmt::Result {
    match position {
        Some(Position::First) => write!(out, " FIRST"),
        Some(Position::After(name)) => write!(out, " AFTER {}", name.quoted()),
        Some(Position::Last) | None => Ok(()),
    }
}

/// What takes an option back, as both servers obey it (each tried but those of engines that were
/// not at hand).
const fn default_of(key: OptionKey) -> &'static str {
    match key {
        OptionKey::Tablespace => "TABLESPACE innodb_file_per_table",
        OptionKey::Storage => "STORAGE DEFAULT",
        OptionKey::MinRows => "MIN_ROWS=0",
        OptionKey::MaxRows => "MAX_ROWS=0",
        OptionKey::AvgRowLength => "AVG_ROW_LENGTH=0",
        OptionKey::PackKeys => "PACK_KEYS=DEFAULT",
        OptionKey::StatsPersistent => "STATS_PERSISTENT=DEFAULT",
        OptionKey::StatsAutoRecalc => "STATS_AUTO_RECALC=DEFAULT",
        OptionKey::StatsSamplePages => "STATS_SAMPLE_PAGES=DEFAULT",
        OptionKey::Checksum => "CHECKSUM=0",
        OptionKey::PageChecksum => "PAGE_CHECKSUM=DEFAULT",
        OptionKey::DelayKeyWrite => "DELAY_KEY_WRITE=0",
        OptionKey::RowFormat => "ROW_FORMAT=DEFAULT",
        OptionKey::Transactional => "TRANSACTIONAL=DEFAULT",
        OptionKey::KeyBlockSize => "KEY_BLOCK_SIZE=0",
        OptionKey::Compression => "COMPRESSION=''",
        OptionKey::Encryption => "ENCRYPTION='N'",
        OptionKey::Union => "UNION=()",
        OptionKey::InsertMethod => "INSERT_METHOD=NO",
        OptionKey::Comment => "COMMENT=''",
        OptionKey::Connection => "CONNECTION=''",
        OptionKey::DataDirectory => "DATA DIRECTORY=''",
        OptionKey::IndexDirectory => "INDEX DIRECTORY=''",
        OptionKey::SecondaryEngine => "SECONDARY_ENGINE=NULL",
        OptionKey::AutoextendSize => "AUTOEXTEND_SIZE=0",
        OptionKey::EngineAttribute => "ENGINE_ATTRIBUTE=''",
        OptionKey::SecondaryEngineAttribute => "SECONDARY_ENGINE_ATTRIBUTE=''",
        OptionKey::Sequence => "SEQUENCE=0",
    }
}

//! The actions of ALTER TABLE as meaning, and what becomes of a table's differences.

use super::alter::history;
use super::partition::{self, Lacking};
use crate::canonical::Printer;
use crate::canonical::expression::differs_on_replicas;
use crate::diff::{
    CheckChange, ColumnAspect, ColumnChange, IndexChange, IndexOrder, OptionChange, Position, TableDiff,
};
use crate::ident::Ident;
use crate::model::{
    Check, Collation, Column, DataType, DefaultValue, Expr, ForeignKey, Index, IndexAlgorithm, IndexKind, KeyColumn,
    KeyPart, OptionKey, Partition, Partitioning, Period, Table,
};
use crate::source::Pair;
use crate::target::Target;

/// One action of an ALTER TABLE.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Operation<'a> {
    DropForeignKey(&'a ForeignKey),
    DropCheck(&'a Check),
    DropIndex(&'a Index),
    DropPeriod(&'a Period),
    DropSystemVersioning,
    DropColumn(&'a Column),
    AddColumn {
        column: &'a Column,
        position: Position<'a>,
    },
    ModifyColumn {
        columns: Pair<&'a Column>,
        aspects: Vec<ColumnAspect>,
        moved: Option<Position<'a>>,
    },
    RenameColumn(Pair<&'a Column>),
    /// Dropped and added in one ALTER: a column cannot become virtual, or cease to be.
    RemakeColumn {
        columns: Pair<&'a Column>,
        position: Position<'a>,
    },
    /// A nullable column with no default at all, not even NULL: no definition says that.
    DropDefault(&'a Column),
    /// The same default over columns with new names.
    SetDefault(&'a Column),
    /// The default of a column, after columns have come: MySQL adds none beside a default that may differ on a replica (1674).
    AddDefault(&'a Column),
    RenameIndex(Pair<&'a Index>),
    AddIndex(&'a Index),
    SetIndexVisibility(&'a Index),
    AddPeriod(&'a Period),
    AddSystemVersioning,
    AddCheck(&'a Check),
    SetCheckEnforcement(&'a Check),
    AddForeignKey(&'a ForeignKey),
    SetEngine(Pair<&'a str>),
    SetCollation(Pair<Collation>),
    SetAutoIncrement(Pair<Option<u64>>),
    SetOption(OptionKey, Pair<Option<&'a str>>),
    SetEngineDefined(&'a Ident, Pair<Option<&'a str>>),
    /// `PARTITION BY`, with what was before.
    Partition(Pair<Option<&'a Partitioning>>, &'a Partitioning),
    RemovePartitioning,
    AddPartitions(&'a Partitioning, Vec<&'a Partition>),
    DropPartitions(Vec<&'a Partition>),
    /// Neighbours, and what comes in their place.
    ReorganizePartitions(&'a Partitioning, Pair<Vec<&'a Partition>>),
    /// So many more without names.
    AddPartitionCount(u32),
    /// So many fewer, of HASH and KEY.
    CoalescePartitions(u32),
}

impl Operation<'_> {
    /// Whether it stands in a statement of its own: the servers' grammars take no other action
    /// beside those on single partitions (1064).
    pub(crate) const fn stands_alone(&self) -> bool {
        matches!(
            self,
            Self::AddPartitions(..)
                | Self::DropPartitions(_)
                | Self::ReorganizePartitions(..)
                | Self::AddPartitionCount(_)
                | Self::CoalescePartitions(_)
        )
    }
}

/// Every action that a table's differences need but for its foreign keys, in the order in which
/// they stand in the statement. `keys` are the foreign keys that the same plan drops and adds.
pub(crate) fn operations<'a>(
    diff: &TableDiff<'a>,
    added_keys: &[&'a ForeignKey],
    target: Target,
    lacking: Lacking,
    order: IndexOrder,
) -> Vec<Operation<'a>> {
    let mut operations = Vec::new();
    let (mut drops, mut adds) = (Vec::new(), Vec::new());
    // A check goes before the columns that it reads (3959) and comes after them.
    for change in &diff.checks {
        match *change {
            CheckChange::Dropped(check) => drops.push(Operation::DropCheck(check)),
            CheckChange::Added(check) => adds.push(Operation::AddCheck(check)),
            CheckChange::Altered(pair) => {
                drops.push(Operation::DropCheck(pair.old));
                adds.push(Operation::AddCheck(pair.new));
            }
            CheckChange::Enforcement(pair) => adds.push(Operation::SetCheckEnforcement(pair.new)),
        }
    }
    let remade = remade(diff, target);
    let unchecked: Vec<&Ident> = remade.iter().copied().chain(baseless(diff, &remade, target)).collect();
    let converted = converted(diff, target);
    for check in &diff.tables.new.checks {
        let Some(old) = diff.tables.old.checks.iter().find(|c| c.name.is(check.name.as_str())) else { continue };
        // A check over a column that is made anew would go with it, or hold it fast.
        let is_remade = reads(check, &unchecked) && reads(old, &unchecked);
        if !(is_remade || reads(check, &converted) && is_spelled_otherwise(Pair::new(old, check), target)) {
            continue;
        }
        let named =
            |o: &Operation<'_>| matches!(o, Operation::DropCheck(c) | Operation::AddCheck(c) if c.name == check.name);
        if !drops.iter().any(named) && !adds.iter().any(named) {
            adds.retain(|o| !matches!(o, Operation::SetCheckEnforcement(c) if c.name == check.name));
            drops.push(Operation::DropCheck(old));
            adds.push(Operation::AddCheck(check));
        }
    }
    operations.append(&mut drops);
    let unkeyed: Vec<&Ident> = remade.iter().copied().chain(unkeyed(diff, target)).collect();
    let (drops, added_indexes) = indexes(diff, added_keys, &unkeyed, target, order);
    operations.extend(drops);
    let bounded = |table: &Table| table.periods.iter().any(|period| period.system);
    // No history is taken to or from an engine that versions rows by itself (MariaDB 4120).
    let ends = diff.tables.old.system_versioned
        && diff.options.iter().any(|change| matches!(change, OptionChange::Engine(pair) if leaves_innodb(*pair)))
        || history::rebounds(diff, target);
    // The columns of a period go with it (4125), and with the versioning.
    let renewed = ends && bounded(diff.tables.old);
    let periods = |list: &[&'a Period], table: &'a Table| -> Vec<&'a Period> {
        let again = table.periods.iter().filter(|period| renewed && period.system && !list.contains(period));
        list.iter().copied().chain(again).collect()
    };
    operations.extend(periods(&diff.dropped_periods, diff.tables.old).into_iter().map(Operation::DropPeriod));
    if ends || diff.system_versioned.is_some_and(|v| v.old) {
        operations.push(Operation::DropSystemVersioning);
    }
    if renewed {
        operations.extend(diff.tables.old.columns.iter().filter(|c| c.bounds_period()).map(Operation::DropColumn));
    }
    operations.extend(columns(diff, &remade, renewed, target));
    operations.extend(added_indexes);
    operations.extend(periods(&diff.added_periods, diff.tables.new).into_iter().map(Operation::AddPeriod));
    if ends && diff.tables.new.system_versioned || diff.system_versioned.is_some_and(|v| v.new) {
        operations.push(Operation::AddSystemVersioning);
    }
    operations.append(&mut adds);
    operations.extend(diff.options.iter().map(|change| match *change {
        OptionChange::Engine(pair) => Operation::SetEngine(pair),
        OptionChange::Collation(pair) => Operation::SetCollation(pair),
        OptionChange::AutoIncrement(pair) => Operation::SetAutoIncrement(pair),
        OptionChange::Other(key, pair) => Operation::SetOption(key, pair),
        OptionChange::EngineDefined(name, pair) => Operation::SetEngineDefined(name, pair),
    }));
    if diff.partitioning.is_none() && keys_come_back(&operations) {
        // The servers leave a table alone whose keys come back as they were, and their order with it, unless an option is said.
        let comment = |table: &'a Table| table.options.others.get(&OptionKey::Comment).map(|text| &**text);
        let said = Pair::new(comment(diff.tables.old), comment(diff.tables.new));
        operations.push(Operation::SetOption(OptionKey::Comment, said));
    }
    if let Some(pair) = diff.partitioning {
        let anew = |new: &&Partitioning| ends || diff.columns.iter().any(|change| redefines(change, new));
        match pair.new.filter(anew) {
            // The rows of a column that becomes another are divided anew, and so are those of another history.
            Some(new) => operations.push(Operation::Partition(pair, new)),
            None => operations.extend(partition::partitioning(pair, lacking)),
        }
    }
    operations
}

/// Whether keys are dropped and added as they were, and nothing else is done.
fn keys_come_back(operations: &[Operation<'_>]) -> bool {
    let added = |old: &Index| {
        let is_back = |operation: &Operation<'_>| matches!(operation, Operation::AddIndex(new) if **new == *old);
        operations.iter().any(is_back)
    };
    let is_of_keys = |operation: &Operation<'_>| match operation {
        Operation::DropIndex(old) => added(old),
        Operation::AddIndex(new) => {
            operations.iter().any(|other| matches!(other, Operation::DropIndex(old) if *old == *new))
        }
        _ => false,
    };
    !operations.is_empty() && operations.iter().all(is_of_keys)
}

/// Whether a table becomes InnoDB's, or another engine's.
pub(crate) fn leaves_innodb(engines: Pair<&str>) -> bool {
    (engines.old == "InnoDB") != (engines.new == "InnoDB")
}

/// The actions on columns, in the order of NEW's: those that differ, and those that must be made anew with another.
fn columns<'a>(diff: &TableDiff<'a>, remade: &[&Ident], renewed: bool, target: Target) -> Vec<Operation<'a>> {
    let place = |name: &Ident| diff.tables.new.column(name.as_str()).map(|(at, _)| at);
    let mut placed: Vec<(Option<usize>, Vec<Operation<'a>>)> = Vec::new();
    let before = |at: usize| match at.checked_sub(1) {
        None => Position::First,
        Some(before) => Position::After(&diff.tables.new.columns[before].name),
    };
    // Those of a period that went come again.
    let gone = |name: &Ident| renewed && diff.tables.old.column(name.as_str()).is_some_and(|(_, c)| c.bounds_period());
    for (at, column) in diff.tables.new.columns.iter().enumerate().filter(|(_, c)| gone(&c.name)) {
        placed.push((Some(at), vec![Operation::AddColumn { column, position: before(at) }]));
    }
    for change in diff.columns.iter().filter(|change| !gone(change.name())) {
        let dropped = matches!(change, ColumnChange::Dropped(_));
        placed.push((place(change.name()).filter(|_| !dropped), column(change, remade, target)));
    }
    let differs = |name: &Ident| diff.columns.iter().any(|change| change.name() == name);
    let stays = |(_, column): &(usize, &'a Column)| !differs(&column.name) && !gone(&column.name);
    for (at, new) in diff.tables.new.columns.iter().enumerate().filter(stays) {
        let Some((_, old)) = diff.tables.old.column(new.name.as_str()) else { continue };
        if remade.contains(&&new.name) {
            let columns = Pair::new(old, new);
            placed.push((Some(at), vec![Operation::RemakeColumn { columns, position: before(at) }]));
        } else if matches!(&new.default, Some(DefaultValue::Expression(e)) if names(e, remade)) {
            // What a default reads is not dropped (MySQL 3766), but for a default that is set anew.
            placed.push((Some(at), vec![Operation::SetDefault(new)]));
        } else if target.is_mysql() {
            placed.extend(held(diff, Pair::new(old, new)).map(|operation| (Some(at), vec![operation])));
        }
    }
    placed.sort_by_key(|(at, _)| *at);
    placed.into_iter().flat_map(|(_, operations)| operations).collect()
}

/// What a column of MySQL that stays as it is says again because it reads, by way of virtual columns, one that is dropped (3108, 3766).
fn held<'a>(diff: &TableDiff<'a>, columns: Pair<&'a Column>) -> Option<Operation<'a>> {
    let dropped = |name: &Ident| {
        diff.columns
            .iter()
            .any(|change| matches!(change, ColumnChange::Dropped(column) if column.name.is(name.as_str())))
    };
    let reads = |expression| diff.tables.old.columns_read(expression).iter().any(dropped);
    match (&columns.old.generated, &columns.old.default) {
        (Some(generated), _) if reads(&generated.expression) => {
            Some(Operation::ModifyColumn { columns, aspects: vec![ColumnAspect::Generated], moved: None })
        }
        (None, Some(DefaultValue::Expression(default))) if reads(default) => Some(Operation::SetDefault(columns.new)),
        _ => None,
    }
}

fn column<'a>(change: &ColumnChange<'a>, remade: &[&Ident], target: Target) -> Vec<Operation<'a>> {
    let (mut operations, column) = match change {
        ColumnChange::Dropped(column) => return vec![Operation::DropColumn(column)],
        ColumnChange::Added { column, position } => {
            (vec![Operation::AddColumn { column, position: *position }], *column)
        }
        ColumnChange::Altered { columns, aspects, moved, .. }
            if has_no_default(columns.new) && aspects[..] == [ColumnAspect::Default] && moved.is_none() =>
        {
            return vec![Operation::DropDefault(columns.new)];
        }
        ColumnChange::Altered { columns, place, .. }
            if must_be_remade(*columns, target) || remade.contains(&&columns.new.name) =>
        {
            (vec![Operation::RemakeColumn { columns: *columns, position: *place }], columns.new)
        }
        ColumnChange::Altered { columns, aspects, moved, .. } => {
            (vec![Operation::ModifyColumn { columns: *columns, aspects: aspects.clone(), moved: *moved }], columns.new)
        }
    };
    let comes = operations.iter().any(|o| matches!(o, Operation::AddColumn { .. } | Operation::RemakeColumn { .. }));
    if has_no_default(column) {
        operations.push(Operation::DropDefault(column));
    } else if comes && comes_without_default(column, target) {
        operations.push(Operation::AddDefault(column));
    }
    operations
}

/// Whether no ALTER that adds columns takes a column's default.
pub(crate) fn comes_without_default(column: &Column, target: Target) -> bool {
    target.is_mysql() && matches!(&column.default, Some(DefaultValue::Expression(e)) if differs_on_replicas(e))
}

/// Whether the change gives another definition to a column that a partitioning reads.
fn redefines(change: &ColumnChange<'_>, partitioning: &Partitioning) -> bool {
    let column = match change {
        ColumnChange::Dropped(column) | ColumnChange::Added { column, .. } => column,
        ColumnChange::Altered { columns, .. } => columns.new,
    };
    let mut reads = false;
    partitioning.columns(&mut |name| reads |= name.is(column.name.as_str()));
    reads
}

/// Columns of MySQL whose text becomes one of another charset: constants of CHECKs that they meet keep the charset that they have,
/// unless they are said again.
fn converted<'a>(diff: &TableDiff<'a>, target: Target) -> Vec<&'a Ident> {
    let name = |change: &ColumnChange<'a>| match change {
        ColumnChange::Altered { columns, .. } => {
            let charsets = columns.map(|column| column.collation.map(Collation::charset));
            (charsets.old.is_some() && charsets.new.is_some_and(|new| Some(new) != charsets.old))
                .then_some(&columns.new.name)
        }
        ColumnChange::Added { .. } | ColumnChange::Dropped(_) => None,
    };
    if target.is_mysql() { diff.columns.iter().filter_map(name).collect() } else { Vec::new() }
}

/// Whether a check that an ALTER reads again is printed otherwise than the new one, though it says the same.
fn is_spelled_otherwise(checks: Pair<&Check>, target: Target) -> bool {
    let text = |check: &Check| {
        let mut text = String::new();
        Printer::show(target).check(&mut text, check);
        text
    };
    text(&Check { shown: None, ..checks.old.clone() }) != text(checks.new)
}

/// The columns that are dropped and added, by NEW's names: those that no MODIFY makes, and the generated ones that read
/// such a column before and after, which hold it fast (MySQL 3108, MariaDB 4029).
pub(crate) fn remade<'a>(diff: &TableDiff<'a>, target: Target) -> Vec<&'a Ident> {
    let name = |change: &ColumnChange<'a>| match change {
        ColumnChange::Altered { columns, .. } if must_be_remade(*columns, target) => Some(&columns.new.name),
        ColumnChange::Altered { .. } | ColumnChange::Added { .. } | ColumnChange::Dropped(_) => None,
    };
    let mut remade: Vec<&Ident> = diff.columns.iter().filter_map(name).collect();
    let reads = |column: &Column, remade: &[&Ident]| {
        column.generated.as_ref().is_some_and(|generated| names(&generated.expression, remade))
    };
    let mut known = 0;
    while remade.len() > known {
        known = remade.len();
        for new in diff.tables.new.columns.iter().filter(|column| column.generated.is_some()) {
            let old = diff.tables.old.column(new.name.as_str()).map(|(_, old)| old);
            let holds = old.is_some_and(|old| reads(old, &remade) && reads(new, &remade));
            if holds && !remade.contains(&&new.name) {
                remade.push(&new.name);
            }
        }
    }
    remade
}

/// Columns that were computed from one that goes, or is made anew: MariaDB computes them for a CHECK that stays as they were
/// (1054).
fn baseless<'a>(diff: &TableDiff<'a>, remade: &[&'a Ident], target: Target) -> Vec<&'a Ident> {
    let gone = |change: &ColumnChange<'a>| match change {
        ColumnChange::Dropped(column) => Some(&column.name),
        ColumnChange::Altered { .. } | ColumnChange::Added { .. } => None,
    };
    let gone: Vec<&Ident> = diff.columns.iter().filter_map(gone).chain(remade.iter().copied()).collect();
    let computed = |change: &ColumnChange<'a>| match change {
        ColumnChange::Altered { columns, .. } => {
            let was = columns.old.generated.as_ref();
            was.is_some_and(|g| names(&g.expression, &gone)).then_some(&columns.new.name)
        }
        ColumnChange::Dropped(_) | ColumnChange::Added { .. } => None,
    };
    diff.columns.iter().filter(|_| target.is_mariadb()).filter_map(computed).collect()
}

/// Columns that stay, whose keys an ALTER makes others unless they are made anew.
///
/// MySQL takes the key over an ENUM or SET, which is shorter than its words, for one over the beginning of the string that it
/// becomes, and no descending key along to MEMORY (1178); MariaDB's key over a geometry by its hash is one over the beginning as soon as the table is altered.
fn unkeyed<'a>(diff: &TableDiff<'a>, target: Target) -> Vec<&'a Ident> {
    use DataType as T;
    if target.is_mysql() {
        let members_to_text = diff.columns.iter().filter_map(|change| match change {
            ColumnChange::Altered { columns, .. } => match (&columns.old.data_type, &columns.new.data_type) {
                (old @ (T::Enum(_) | T::Set(_)), T::Char(_) | T::Varchar(_) | T::Binary(_) | T::Varbinary(_)) => {
                    // Bytes that are less than a character leave no beginning.
                    let width = columns.old.collation.map_or(1, |c| c.charset().max_length());
                    (bytes_of_members(old) >= width).then_some(&columns.new.name)
                }
                _ => None,
            },
            ColumnChange::Added { .. } | ColumnChange::Dropped(_) => None,
        });
        let to_memory = &*diff.tables.new.options.engine == "MEMORY";
        let parts = diff.tables.old.indexes.iter().filter(|_| to_memory).flat_map(|index| &index.parts);
        let descending = parts.filter(|part| part.descending).filter_map(|part| match &part.column {
            KeyColumn::Column(name) => Some(name),
            KeyColumn::Expression(_) => None,
        });
        return members_to_text.chain(descending).collect();
    }
    let alters =
        !diff.columns.is_empty() || !diff.indexes.is_empty() || !diff.checks.is_empty() || !diff.options.is_empty();
    let hashed = diff.tables.new.indexes.iter().filter(|i| alters && i.algorithm == Some(IndexAlgorithm::Hash));
    let columns = hashed.flat_map(Index::columns).filter_map(|name| diff.tables.new.column(name.as_str()));
    columns.filter(|(_, c)| matches!(c.data_type, T::Geometry(_))).map(|(_, column)| &column.name).collect()
}

/// The bytes that a value of an ENUM or SET takes.
fn bytes_of_members(data_type: &DataType) -> u32 {
    match data_type {
        DataType::Set(members) if members.len() > 32 => 8,
        DataType::Set(members) => u32::try_from(members.len().div_ceil(8)).unwrap_or(8),
        DataType::Enum(members) if members.len() > 255 => 2,
        _ => 1,
    }
}

fn reads(check: &Check, columns: &[&Ident]) -> bool {
    names(&check.expression, columns)
}

/// Whether an expression names one of the columns.
fn names(expression: &Expr, columns: &[&Ident]) -> bool {
    let mut found = false;
    expression.columns(&mut |c| found |= columns.iter().any(|name| c.is(name.as_str())));
    found
}

/// Whether a key is over one of the columns.
fn is_over(index: &Index, columns: &[&Ident]) -> bool {
    index.parts.iter().any(|part| match &part.column {
        KeyColumn::Column(name) => columns.iter().any(|column| name.is(column.as_str())),
        KeyColumn::Expression(expression) => names(expression, columns),
    })
}

/// Whether a column takes NULL and has no default, which only DROP DEFAULT brings about.
pub(crate) fn has_no_default(column: &Column) -> bool {
    let printed = !matches!(
        column.data_type,
        DataType::Text(_) | DataType::Blob(_) | DataType::Json | DataType::Geometry(_) | DataType::Vector(_)
    );
    column.nullable
        && column.default.is_none()
        && column.generated.is_none()
        && !column.auto_increment
        && column.versioning.is_none()
        && printed
}

/// What MODIFY cannot do: to or from VIRTUAL (MySQL 3106, MariaDB 1907), nor on MariaDB
/// between types that do not cast (4078), nor of what bounded the period of a history anything else (4130).
pub(crate) fn must_be_remade(columns: Pair<&Column>, target: Target) -> bool {
    let is_virtual = |c: &Column| c.generated.as_ref().is_some_and(|g| !g.stored);
    let foreign = target.is_mariadb() && !columns.old.data_type.casts_to(&columns.new.data_type, target);
    let unbound = columns.old.bounds_period() && !columns.new.bounds_period();
    is_virtual(columns.old) != is_virtual(columns.new) || foreign || unbound
}

type Halves<'a> = (Vec<Operation<'a>>, Vec<Operation<'a>>);

/// Drops and adds of keys. A drop and the add that covers the same foreign key stand in one ALTER
/// (1553), and so do the keys of an AUTO_INCREMENT column (1075) and the primary key's two halves.
fn indexes<'a>(
    diff: &TableDiff<'a>,
    added_keys: &[&'a ForeignKey],
    remade: &[&Ident],
    target: Target,
    order: IndexOrder,
) -> Halves<'a> {
    let (mut drops, mut adds) = (Vec::new(), Vec::new());
    // A key that the server made for a foreign key keeps that mark under another name, and goes where another one covers it.
    let is_served = |old: &Index| {
        let columns: Vec<_> = old.columns().collect();
        let by_key = |k: &&ForeignKey| starts_with(&k.columns.iter().collect::<Vec<_>>(), &columns);
        let by_index = |change: &IndexChange<'_>| match change {
            IndexChange::Added(new) | IndexChange::Altered(Pair { new, .. }) => covers(new, &columns, target),
            IndexChange::Dropped(_) | IndexChange::Visibility(_) | IndexChange::Renamed(_) | IndexChange::Moved(_) => {
                false
            }
        };
        added_keys.iter().any(by_key) || diff.indexes.iter().any(by_index)
    };
    for change in &diff.indexes {
        match *change {
            // A column that is made anew leaves its keys.
            IndexChange::Renamed(pair) if pair.old.generated && is_served(pair.old) || is_over(pair.new, remade) => {
                drops.push(Operation::DropIndex(pair.old));
                adds.push(Operation::AddIndex(pair.new));
            }
            IndexChange::Dropped(index) => drops.push(Operation::DropIndex(index)),
            IndexChange::Added(index) if comes_with_foreign_key(index, added_keys) => {}
            IndexChange::Added(index) => adds.push(Operation::AddIndex(index)),
            IndexChange::Altered(pair) | IndexChange::Moved(pair) => {
                drops.push(Operation::DropIndex(pair.old));
                adds.push(Operation::AddIndex(pair.new));
            }
            IndexChange::Visibility(pair) => adds.push(Operation::SetIndexVisibility(pair.new)),
            IndexChange::Renamed(pair) => drops.push(Operation::RenameIndex(pair)),
        }
    }
    // The server drops a key that it made for a foreign key as soon as another one covers it. Where
    // NEW has both, it is made anew by hand beside the other.
    let touched = |name: &Ident, list: &[Operation<'_>]| {
        list.iter().any(|o| {
            matches!(o, Operation::DropIndex(i) if i.name == *name)
                || matches!(o, Operation::RenameIndex(p) if p.old.name == *name)
        })
    };
    for old in diff.tables.old.indexes.iter().filter(|i| i.generated) {
        let Some(new) = diff.tables.new.index(old.name.as_str()) else { continue };
        let columns: Vec<_> = old.columns().collect();
        let by_index = adds.iter().any(|o| matches!(o, Operation::AddIndex(i) if covers(i, &columns, target)));
        let by_key = added_keys
            .iter()
            .any(|k| !k.name.is(old.name.as_str()) && starts_with(&k.columns.iter().collect::<Vec<_>>(), &columns));
        if (by_index || by_key) && !touched(&old.name, &drops) {
            drops.push(Operation::DropIndex(old));
            adds.push(Operation::AddIndex(new));
        }
    }
    // A column that is made anew leaves its keys.
    for new in diff.tables.new.indexes.iter().filter(|i| is_over(i, remade)) {
        let Some(old) = diff.tables.old.index(new.name.as_str()) else { continue };
        if !touched(&old.name, &drops)
            && !adds.iter().any(|o| matches!(o, Operation::AddIndex(i) if i.name == new.name))
        {
            adds.retain(|o| !matches!(o, Operation::SetIndexVisibility(i) if i.name == new.name));
            drops.push(Operation::DropIndex(old));
            adds.push(Operation::AddIndex(new));
        }
    }
    if order == IndexOrder::Apply {
        for new in behind_added(&diff.tables.new.indexes, &adds) {
            let renamed = drops.iter().find_map(|o| match o {
                Operation::RenameIndex(pair) if pair.new.name == new.name => Some(pair.old),
                _ => None,
            });
            drops.retain(|o| !matches!(o, Operation::RenameIndex(pair) if pair.new.name == new.name));
            let stays = diff.tables.old.index(new.name.as_str()).filter(|old| !touched(&old.name, &drops));
            if let Some(old) = renamed.or(stays) {
                adds.retain(|o| !matches!(o, Operation::SetIndexVisibility(i) if i.name == new.name));
                drops.push(Operation::DropIndex(old));
                adds.push(Operation::AddIndex(new));
            }
        }
    }
    // The server lists keys in the order in which they are added.
    let place = |name: &Ident| diff.tables.new.indexes.iter().position(|i| i.name == *name);
    adds.sort_by_key(|o| {
        if let Operation::AddIndex(index) | Operation::SetIndexVisibility(index) = o {
            place(&index.name)
        } else {
            None
        }
    });
    (drops, adds)
}

/// The keys that stand behind one of their kind that is added, and are not: it would come behind them.
fn behind_added<'a>(indexes: &'a [Index], adds: &[Operation<'_>]) -> Vec<&'a Index> {
    let is_added =
        |index: &Index| adds.iter().any(|o| matches!(o, Operation::AddIndex(added) if added.name == index.name));
    let stands_behind = |(at, index): &(usize, &Index)| {
        indexes[..*at].iter().any(|before| before.place_kind() == index.place_kind() && is_added(before))
    };
    indexes.iter().enumerate().filter(stands_behind).map(|(_, index)| index).filter(|index| !is_added(index)).collect()
}

/// Whether the server makes this key by itself for a foreign key that the plan adds.
fn comes_with_foreign_key(index: &Index, added_keys: &[&ForeignKey]) -> bool {
    index.generated && added_keys.iter().any(|k| k.name.is(index.name.as_str()))
}

/// Whether a key can serve a foreign key over those columns; on MySQL one that descends makes the server's own no less needed.
fn covers(index: &Index, columns: &[&Ident], target: Target) -> bool {
    match index.kind {
        IndexKind::Primary | IndexKind::Unique | IndexKind::Plain => {
            let own: Vec<_> = index.columns().collect();
            let whole = |p: &KeyPart| p.prefix.is_none() && !(p.descending && target.is_mysql());
            index.parts.iter().take(columns.len()).all(whole) && starts_with(&own, columns)
        }
        IndexKind::Fulltext | IndexKind::Spatial | IndexKind::Vector => false,
    }
}

fn starts_with(list: &[&Ident], start: &[&Ident]) -> bool {
    list.len() >= start.len() && list.iter().zip(start).all(|(a, b)| a.is(b.as_str()))
}

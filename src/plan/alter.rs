//! One table's differences as ALTER statements: as few as the servers allow.

pub(super) mod history;

use super::online::{self, Writing};
use super::operation::{Operation, comes_without_default, has_no_default, operations};
use super::partition::{self, Lacking};
use super::probe::Terms;
use crate::diff::{ColumnAspect, ColumnChange, Drops, Policies, TableDiff};
use crate::document::Algorithm;
use crate::ident::Ident;
use crate::model::{
    Check, Column, ForeignKey, Index, IndexKind, KeyColumn, OptionKey, Partitioning, ReferentialAction, Table,
};
use crate::source::Pair;
use crate::target::Target;

/// The foreign keys that a plan drops and adds at one table, by the statement that does it.
#[derive(Debug, Default)]
pub(crate) struct ForeignKeys<'a> {
    /// Dropped before all else.
    pub(crate) early: Vec<&'a ForeignKey>,
    /// Checks that are dropped before all else: another table takes their names.
    pub(crate) early_checks: Vec<&'a Check>,
    /// Dropped together with the table's other changes.
    pub(crate) dropped: Vec<&'a ForeignKey>,
    /// Added together with the table's other changes, or with the table itself.
    pub(crate) added: Vec<&'a ForeignKey>,
    /// Added after all else.
    pub(crate) late: Vec<&'a ForeignKey>,
}

/// When a statement comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// Before the other tables' changes.
    Early,
    /// In the table's own turn.
    Main,
    /// After the other tables' changes.
    Late,
}

/// One ALTER and how to take it back.
#[derive(Debug)]
pub(crate) struct Alter<'a> {
    pub(crate) turn: Turn,
    pub(crate) operations: Vec<Operation<'a>>,
    /// The statements that take it back, in order.
    pub(crate) inverse: Vec<Vec<Operation<'a>>>,
}

/// The statements for one table. `back` is the same comparison seen from the other side.
pub(crate) fn alters<'a>(
    terms: Terms,
    diff: &TableDiff<'a>,
    back: &TableDiff<'a>,
    keys: &ForeignKeys<'a>,
    policies: &Policies,
) -> Vec<Alter<'a>> {
    let mut alters = Vec::new();
    let (target, table) = (terms.target, diff.tables.new);
    if !keys.early.is_empty() || !keys.early_checks.is_empty() {
        let drops = keys.early.iter().map(|k| Operation::DropForeignKey(k));
        let adds = keys.early.iter().map(|k| Operation::AddForeignKey(k));
        alters.push(Alter {
            turn: Turn::Early,
            operations: drops.chain(keys.early_checks.iter().map(|c| Operation::DropCheck(c))).collect(),
            inverse: vec![adds.chain(keys.early_checks.iter().map(|c| Operation::AddCheck(c))).collect()],
        });
    }
    let early = |o: &Operation<'_>| matches!(o, Operation::DropCheck(c) | Operation::AddCheck(c) if keys.early_checks.iter().any(|e| e.name == c.name));
    let forth = operations(
        diff,
        &[keys.added.as_slice(), &keys.late].concat(),
        target,
        Lacking::of(policies),
        policies.index_order,
    );
    let mut returned =
        operations(back, &[keys.dropped.as_slice(), &keys.early].concat(), target, Lacking::Keep, policies.index_order);
    if policies.drop == Drops::Skip {
        returned.retain(|o| !brings_back(o) || forth.iter().any(|f| drops_same(f, o)));
    }
    returned.retain(|o| !early(o));
    returned = returned.into_iter().flat_map(|o| made_anew(o, keys)).collect();
    let mut resized: Vec<&Index> = resized(diff, policies);
    let is_dropped =
        |index: &Index| returned.iter().any(|o| matches!(o, Operation::DropIndex(i) if i.name == index.name));
    resized.extend(outlived(diff, keys).into_iter().filter(|index| !is_dropped(index)));
    let together: Vec<_> = keys
        .dropped
        .iter()
        .map(|k| Operation::DropForeignKey(k))
        .chain(forth.into_iter().filter(|o| !early(o)))
        .chain(keys.added.iter().map(|k| Operation::AddForeignKey(k)))
        .collect();
    let lifted = partition::lifted(diff, &together);
    let (way, together) = make_way(terms, diff, keys, together, lifted);
    // On the way back the new keys make way, and the old ones come back last of all.
    let new_keys = held(target, diff, table);
    let is_new = |o: &Operation<'_>| matches!(o, Operation::DropIndex(i) if new_keys.contains(i));
    returned.retain(|o| !is_new(o));
    let mut made_way: Vec<_> = new_keys.iter().map(|index| Operation::DropIndex(index)).collect();
    made_way.extend(lifted.map(|_| Operation::RemovePartitioning));
    if returned.contains(&Operation::DropSystemVersioning) && history::is_divided(table) {
        let divides = |o: &mut Operation<'_>| matches!(o, Operation::Partition(..) | Operation::RemovePartitioning);
        let divided: Vec<_> = returned.extract_if(.., divides).collect();
        made_way.extend(divided.into_iter().filter(|_| lifted.is_none()));
    }
    if leaves_aria(&returned) {
        made_way.extend(returned.iter().filter(|o| ends_transactions(o)).cloned());
        returned.retain(|o| !ends_transactions(o));
    }
    let closed = closed(terms, back, &[keys.added.as_slice(), &keys.late].concat(), &returned);
    let closes =
        |o: &Operation<'_>| matches!(o, Operation::ModifyColumn { columns, .. } if closed.contains(&&columns.new.name));
    let (closing, rest) = returned.into_iter().partition(closes);
    returned = rest;
    for operation in &way {
        let inverse = match (operation, lifted) {
            (Operation::RemovePartitioning, Some(pair)) => {
                vec![Operation::Partition(Pair::new(None, Some(pair.old)), pair.old)]
            }
            (Operation::DropIndex(old), _) => {
                let again = |o: &Operation<'_>| {
                    matches!(o, Operation::AddIndex(i) if i.name == old.name)
                        || matches!(o, Operation::RenameIndex(pair) if pair.new.name == old.name)
                        || matches!(o, Operation::SetIndexVisibility(i) if i.name == old.name)
                };
                returned.retain(|o| !again(o));
                vec![Operation::AddIndex(old)]
            }
            (Operation::SetOption(key, values), _) => {
                returned.retain(|o| !matches!(o, Operation::SetOption(own, _) if own == key));
                vec![Operation::SetOption(*key, values.reversed())]
            }
            (Operation::ModifyColumn { columns, .. }, _) => {
                let back = |o: &Operation<'_>| matches!(o, Operation::ModifyColumn { columns: c, .. } if c.new.name == columns.old.name);
                let at = returned.iter().position(back);
                at.map(|at| returned.remove(at)).into_iter().collect()
            }
            _ => {
                returned.retain(|o| !matches!(o, Operation::Partition(..)));
                let sides = diff.partitioning.map_or(Pair::new(None, None), Pair::reversed);
                partition::partitioning(sides, Lacking::Keep)
            }
        };
        alters.push(Alter { turn: Turn::Main, operations: vec![operation.clone()], inverse: vec![inverse] });
    }
    let (mut ends, mut together) = history::end(together);
    if !ends.is_empty() {
        history::keep_keys(diff, &mut together, &mut returned);
        history::end_keys(diff.tables.old, &mut ends, &mut together, &mut returned);
        // Each step leads back to where it began: what follows, to a table that keeps no history.
        let (begins, rest): (Vec<_>, Vec<_>) = returned.into_iter().partition(history::begins);
        let (outside, rest): (Vec<_>, _) = rest.into_iter().partition(history::takes_out);
        returned = rest;
        let inverse = [begins, outside].into_iter().filter(|s| !s.is_empty()).collect();
        alters.push(Alter { turn: Turn::Main, operations: ends, inverse });
    }
    let mut statements = split(target, table, together).into_iter();
    let first = statements.next().unwrap_or_default();
    let rest: Vec<_> = statements.collect();

    // What has a statement of its own takes itself back; the rest is the opposite comparison.
    let apart = rest.iter().flatten().filter_map(|o| if let Operation::AddForeignKey(k) = o { Some(k) } else { None });
    let late_indexes: Vec<&Index> = keys.late.iter().chain(apart).filter_map(|k| made_for(diff, k)).collect();
    let own = |o: &Operation<'_>| {
        if let Operation::DropIndex(i) = o {
            late_indexes.iter().any(|l| l.name == i.name)
                || rest.iter().flatten().any(|r| matches!(r, Operation::AddIndex(a) if a.name == i.name))
        } else {
            (o.stands_alone() || matches!(o, Operation::Partition(..)))
                && rest.iter().flatten().any(Operation::stands_alone)
        }
    };
    returned.retain(|o| !own(o));
    let late_self: Vec<_> = rest
        .iter()
        .flatten()
        .filter_map(|o| if let Operation::AddForeignKey(k) = o { Some(k.name.clone()) } else { None })
        .collect();
    let mut opposite: Vec<_> =
        keys.added.iter().filter(|k| !late_self.contains(&k.name)).map(|k| Operation::DropForeignKey(k)).collect();
    opposite.extend(resized.iter().map(|index| Operation::DropIndex(index)));
    opposite.extend(returned);
    opposite.extend(resized.iter().map(|index| Operation::AddIndex(index)));
    opposite.extend(keys.dropped.iter().map(|k| Operation::AddForeignKey(k)));
    if !first.is_empty() {
        alters.push(Alter {
            turn: Turn::Main,
            operations: first,
            inverse: [made_way, closing]
                .into_iter()
                .chain(split(target, table, opposite))
                .filter(|s| !s.is_empty())
                .collect(),
        });
    }
    for operations in rest {
        let inverse = vec![operations.iter().flat_map(|o| undo(diff, o)).collect()];
        alters.push(Alter { turn: Turn::Main, operations, inverse });
    }
    if !keys.late.is_empty() {
        let operations: Vec<_> = keys.late.iter().map(|k| Operation::AddForeignKey(k)).collect();
        let inverse = vec![operations.iter().flat_map(|o| undo(diff, o)).collect()];
        alters.push(Alter { turn: Turn::Late, operations, inverse });
    }
    alters
}

/// What a table that was just made loses yet: the defaults of columns that take NULL, which no definition leaves out.
pub(crate) fn bared(table: &Table) -> Option<Alter<'_>> {
    let bare: Vec<&Column> = table.columns.iter().filter(|column| has_no_default(column)).collect();
    let back = bare.iter().map(|column| Operation::ModifyColumn {
        columns: Pair::new(*column, *column),
        aspects: vec![ColumnAspect::Default],
        moved: None,
    });
    let inverse = vec![back.collect()];
    let operations: Vec<_> = bare.iter().copied().map(Operation::DropDefault).collect();
    (!operations.is_empty()).then_some(Alter { turn: Turn::Main, operations, inverse })
}

/// The keys that `drop=skip` keeps over the beginnings of columns that change: with the type the beginning goes, and no
/// MODIFY brings it back.
fn resized<'a>(diff: &TableDiff<'a>, policies: &Policies) -> Vec<&'a Index> {
    let changes = |name: &Ident| {
        diff.columns.iter().any(|c| matches!(c, ColumnChange::Altered { .. }) && c.name().is(name.as_str()))
    };
    let resized = |index: &&Index| {
        diff.tables.new.index(index.name.as_str()).is_none()
            && index
                .parts
                .iter()
                .any(|part| part.prefix.is_some() && matches!(&part.column, KeyColumn::Column(name) if changes(name)))
    };
    let kept = diff.tables.old.indexes.iter().filter(|_| policies.drop == Drops::Skip);
    kept.filter(resized).collect()
}

/// Keys that the server made for a foreign key that goes, and that NEW has as its own: the server still takes them for its
/// own and drops them as soon as the foreign key comes back under another name than theirs, with a key of that name.
fn outlived<'a>(diff: &TableDiff<'a>, keys: &ForeignKeys<'a>) -> Vec<&'a Index> {
    let is_own = |index: &Index| diff.tables.new.index(index.name.as_str()).is_some_and(|new| !new.generated);
    diff.tables.old.indexes.iter().filter(|index| is_made_for_gone(index, keys) && is_own(index)).collect()
}

/// Such a key that has another name by now comes back as one that is made, which the server does not take for its own.
fn made_anew<'a>(operation: Operation<'a>, keys: &ForeignKeys<'_>) -> Vec<Operation<'a>> {
    match operation {
        Operation::RenameIndex(pair) if is_made_for_gone(pair.new, keys) => {
            vec![Operation::DropIndex(pair.old), Operation::AddIndex(pair.new)]
        }
        other => vec![other],
    }
}

/// Whether the server made a key for a foreign key of another name that goes.
fn is_made_for_gone(index: &Index, keys: &ForeignKeys<'_>) -> bool {
    let mut gone = keys.dropped.iter().chain(&keys.early).filter(|key| !key.name.is(index.name.as_str()));
    index.generated && gone.any(|key| index.columns().eq(key.columns.iter()))
}

/// The spatial keys of a table, on either side, over columns that get another SRID: they hold them fast (MySQL 3644).
fn held<'a>(target: Target, diff: &TableDiff<'a>, table: &'a Table) -> Vec<&'a Index> {
    let moved: Vec<_> = diff
        .columns
        .iter()
        .filter(|c| matches!(c, ColumnChange::Altered { aspects, .. } if aspects.contains(&ColumnAspect::Srid)))
        .map(ColumnChange::name)
        .collect();
    let spatial = table.indexes.iter().filter(|i| target.is_mysql() && i.kind == IndexKind::Spatial);
    spatial.filter(|i| i.columns().any(|c| moved.contains(&c))).collect()
}

fn leaves_aria(operations: &[Operation<'_>]) -> bool {
    operations.iter().any(|o| matches!(o, Operation::SetEngine(pair) if pair.old == "Aria"))
}

/// Whether a table's transactions are no longer spoken of, which only Aria understands (MariaDB 1911).
fn ends_transactions(operation: &Operation<'_>) -> bool {
    matches!(operation, Operation::SetOption(OptionKey::Transactional, values) if values.new.is_none())
}

/// Columns of foreign keys that stay which no longer take NULL: MySQL does so in place, but not where the ALTER copies the table
/// for something else (1832). A foreign key that goes is in nobody's way, and may need that its column takes NULL (1830).
fn closed<'a>(
    terms: Terms,
    diff: &TableDiff<'a>,
    gone: &[&ForeignKey],
    operations: &[Operation<'a>],
) -> Vec<&'a Ident> {
    // Without the strict modes the column itself is copied, and the session checks no foreign keys.
    let target = terms.target;
    if !terms.strict {
        return Vec::new();
    }
    let writing = Writing { checks_foreign_keys: true, strict: true };
    let cost = |operations: &[Operation<'a>]| online::cost(target, diff.tables, operations, writing).algorithm;
    let refers_nowhere = diff.tables.new.foreign_keys.is_empty();
    if !target.is_mysql() || refers_nowhere || operations.len() < 2 || cost(operations) != Algorithm::Copy {
        return Vec::new();
    }
    let goes = |key: &ForeignKey| gone.iter().any(|gone| gone.name == key.name);
    let refers = |name: &Ident| diff.tables.old.foreign_keys.iter().any(|k| !goes(k) && k.columns.contains(name));
    let closed = |operation: &Operation<'a>| match operation {
        Operation::ModifyColumn { columns, moved: None, .. }
            if columns.old.nullable
                && !columns.new.nullable
                && refers(&columns.old.name)
                && cost(std::slice::from_ref(operation)) != Algorithm::Copy =>
        {
            Some(&columns.new.name)
        }
        _ => None,
    };
    operations.iter().filter_map(closed).collect()
}

/// What needs a statement before all others, and the rest: a spatial key while its column gets another SRID (MySQL 3644),
/// the partitions of a history while the history goes (MariaDB 4131) and those over a column that is made anew, Aria's transactions before its tables are another's, and
/// columns of foreign keys that no longer take NULL.
fn make_way<'a>(
    terms: Terms,
    diff: &TableDiff<'a>,
    keys: &ForeignKeys<'a>,
    operations: Vec<Operation<'a>>,
    lifted: Option<Pair<&'a Partitioning>>,
) -> (Vec<Operation<'a>>, Vec<Operation<'a>>) {
    let spatial = held(terms.target, diff, diff.tables.old);
    let holds = |index: &Index| spatial.iter().any(|key| key.name == index.name);
    let ends = operations.contains(&Operation::DropSystemVersioning) && history::is_divided(diff.tables.old);
    let leaves = leaves_aria(&operations);
    let closed = closed(terms, diff, &[keys.dropped.as_slice(), &keys.early].concat(), &operations);
    let mut way = Vec::new();
    let mut rest = Vec::new();
    for operation in operations {
        match operation {
            Operation::DropIndex(index) if holds(index) => way.push(operation),
            Operation::Partition(..) if lifted.is_some() => {}
            Operation::Partition(..) | Operation::RemovePartitioning if ends => way.push(operation),
            Operation::SetOption(..) if leaves && ends_transactions(&operation) => way.push(operation),
            Operation::ModifyColumn { columns, .. } if closed.contains(&&columns.new.name) => way.push(operation),
            _ => rest.push(operation),
        }
    }
    // A spatial key that stays comes back as it was.
    for old in spatial.iter().copied() {
        let gone = |o: &Operation<'_>| matches!(o, Operation::DropIndex(i) if i.name == old.name);
        if way.iter().any(gone) {
            continue;
        }
        way.push(Operation::DropIndex(old));
        if let Some(new) = diff.tables.new.index(old.name.as_str()) {
            let named = |o: &Operation<'_>| {
                matches!(o, Operation::SetIndexVisibility(i) if i.name == old.name)
                    || matches!(o, Operation::RenameIndex(pair) if pair.old.name == old.name)
            };
            rest.retain(|o| !named(o));
            rest.push(Operation::AddIndex(new));
        } else if let Some(at) =
            rest.iter().position(|o| matches!(o, Operation::RenameIndex(p) if p.old.name == old.name))
            && let Operation::RenameIndex(pair) = rest.remove(at)
        {
            rest.push(Operation::AddIndex(pair.new));
        }
    }
    if let Some(pair) = lifted {
        way.push(Operation::RemovePartitioning);
        rest.push(Operation::Partition(Pair::new(None, Some(pair.new)), pair.new));
    }
    (way, rest)
}

/// The opposite of an operation that has a statement of its own.
fn undo<'a>(diff: &TableDiff<'a>, operation: &Operation<'a>) -> Vec<Operation<'a>> {
    if let Operation::AddForeignKey(key) = operation {
        let index = made_for(diff, key).map(Operation::DropIndex);
        std::iter::once(Operation::DropForeignKey(key)).chain(index).collect()
    } else if let Operation::AddIndex(index) = operation {
        vec![Operation::DropIndex(index)]
    } else if let Operation::AddDefault(column) = operation {
        vec![Operation::DropDefault(column)]
    } else if let Operation::SetOption(key, values) = operation {
        vec![Operation::SetOption(*key, values.reversed())]
    } else if operation.stands_alone() {
        let sides = diff.partitioning.unwrap_or_else(|| diff.tables.map(|t| t.partitioning.as_deref()));
        partition::undo(sides, operation)
    } else {
        Vec::new()
    }
}

/// The key that the server makes for a foreign key, if NEW has it and OLD had none of that name.
fn made_for<'a>(diff: &TableDiff<'a>, key: &ForeignKey) -> Option<&'a Index> {
    let name = key.name.as_str();
    diff.tables.new.index(name).filter(|i| i.generated && diff.tables.old.index(name).is_none())
}

fn brings_back(operation: &Operation<'_>) -> bool {
    matches!(operation, Operation::AddColumn { .. } | Operation::AddIndex(_) | Operation::AddCheck(_))
}

/// Whether `forth` took away what `back` would bring.
fn drops_same(forth: &Operation<'_>, back: &Operation<'_>) -> bool {
    matches!((forth, back), (Operation::DropColumn(a), Operation::AddColumn { column: b, .. }) if a.name == b.name)
        || matches!((forth, back), (Operation::DropIndex(a), Operation::AddIndex(b)) if a.name == b.name)
        || matches!((forth, back), (Operation::DropCheck(a), Operation::AddCheck(b)) if a.name == b.name)
}

/// Splits what one ALTER would hold into as few as the servers take. The first may be empty.
fn split<'a>(target: Target, table: &Table, operations: Vec<Operation<'a>>) -> Vec<Vec<Operation<'a>>> {
    let mut statements: Vec<Vec<Operation<'a>>> = vec![Vec::new()];
    // The servers look for the key that a table refers to itself by among those that it had (1822; MySQL only where it does not
    // copy the table), and MariaDB for the columns, too, and for a table that had no partitions and was InnoDB's (1005).
    let comes_to_innodb =
        operations.iter().any(|o| matches!(o, Operation::SetEngine(_) | Operation::RemovePartitioning));
    let brought: Vec<&Index> =
        operations.iter().filter_map(|o| if let Operation::AddIndex(i) = o { Some(*i) } else { None }).collect();
    let refers_to_brought = |key: &ForeignKey| {
        brought.iter().any(|index| {
            let columns: Vec<_> = index.columns().take(key.referenced_columns.len()).collect();
            columns.len() == key.referenced_columns.len()
                && key.referenced_columns.iter().all(|c| columns.iter().any(|own| own.is(c.as_str())))
        })
    };
    let dropped: Vec<&Index> =
        operations.iter().filter_map(|o| if let Operation::DropIndex(i) = o { Some(*i) } else { None }).collect();
    // MariaDB makes the unique key anew by which it sorts the rows from now on, where the one before it goes or it takes no more
    // NULL: a foreign key to the table itself does not see it in place (1822).
    let closes = |o: &Operation<'_>| matches!(o, Operation::ModifyColumn { columns: Pair { old, new }, .. } if old.nullable && !new.nullable);
    let sorts_anew = target.is_mariadb()
        && !brought.iter().any(|index| index.kind == IndexKind::Primary)
        && (dropped.iter().any(|index| index.is_unique()) || operations.iter().any(closes));
    // ON … SET NULL over a column that refused NULL until this ALTER: InnoDB looks at the column as it was (1825).
    let opened: Vec<_> = operations
        .iter()
        .filter_map(|o| match o {
            Operation::ModifyColumn { columns, .. } if !columns.old.nullable && columns.new.nullable => {
                Some(columns.new.name.clone())
            }
            _ => None,
        })
        .collect();
    let nullifies = |key: &ForeignKey| {
        [key.on_delete, key.on_update].contains(&ReferentialAction::SetNull)
            && key.columns.iter().any(|c| opened.iter().any(|name| name.is(c.as_str())))
    };
    let renewed: Vec<_> = operations
        .iter()
        .filter_map(|o| {
            if let Operation::AddColumn { column, .. } = o {
                Some(column.name.clone())
            } else if let Operation::ModifyColumn { columns, .. } | Operation::RemakeColumn { columns, .. } = o {
                Some(columns.new.name.clone())
            } else {
                None
            }
        })
        .collect();
    let refers_to_renewed = |key: &ForeignKey| {
        key.referenced_columns.iter().any(|referenced| renewed.iter().any(|name| name.is(referenced.as_str())))
    };
    // MariaDB takes a foreign key that comes for one that stands where a text of it becomes longer (1832), and a key of it stands.
    let longer: Vec<&Ident> = operations
        .iter()
        .filter_map(|o| match o {
            Operation::ModifyColumn { columns: Pair { old, new }, .. }
                if target.is_mariadb() && new.collation.is_some() && new.outgrows(old) =>
            {
                Some(&new.name)
            }
            _ => None,
        })
        .collect();
    let stands = |key: &ForeignKey| {
        let begins = |index: &Index| {
            index.columns().zip(&key.columns).filter(|(a, b)| a.is(b.as_str())).count() == key.columns.len()
        };
        table.indexes.iter().any(|index| begins(index) && !brought.contains(&index))
    };
    let grows_with =
        |key: &ForeignKey| key.columns.iter().any(|c| longer.iter().any(|name| name.is(c.as_str()))) && stands(key);
    let leaves_aria = leaves_aria(&operations);
    let divides = operations.iter().any(|o| matches!(o, Operation::Partition(Pair { old: None, .. }, _)));
    // Where a spatial key is made beside a change of columns, MySQL makes the FULLTEXT keys that stay anew (1795 then, too).
    let of_kind = |o: &Operation<'_>, kind| matches!(o, Operation::AddIndex(i) if i.kind == kind);
    let stays = |index: &&Index| {
        let added = |o: &Operation<'_>| matches!(o, Operation::AddIndex(i) if i.name == index.name);
        index.kind == IndexKind::Fulltext && !operations.iter().any(added)
    };
    // MariaDB takes a FULLTEXT key that comes over the column of a foreign key for that one's (1005).
    let begins = |key: &ForeignKey| {
        brought.iter().any(|i| i.kind == IndexKind::Fulltext && i.columns().next() == key.columns.first())
    };
    let fulltexts_of: Vec<Ident> = operations
        .iter()
        .filter_map(|o| match o {
            Operation::AddForeignKey(key) if target.is_mariadb() && begins(key) => Some(key.name.clone()),
            _ => None,
        })
        .collect();
    let reshapes_columns = |o: &Operation<'_>| {
        matches!(
            o,
            Operation::AddColumn { .. }
                | Operation::DropColumn(_)
                | Operation::ModifyColumn { .. }
                | Operation::RemakeColumn { .. }
        )
    };
    let remakes_fulltexts = operations.iter().any(|o| of_kind(o, IndexKind::Spatial))
        && operations.iter().any(reshapes_columns)
        && table.indexes.iter().any(|index| stays(&index));
    let adds = |o: &Operation<'_>| matches!(o, Operation::AddColumn { .. } | Operation::RemakeColumn { .. });
    let adds_columns = operations.iter().any(adds);
    let begins_history = operations.contains(&Operation::AddSystemVersioning);
    let mut fulltexts = 0;
    let (mut further, mut defined, mut apart, mut foreign) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for operation in operations {
        let is_fulltext =
            matches!(&operation, Operation::AddIndex(i) if i.kind == IndexKind::Fulltext) && target.is_mysql();
        if is_fulltext {
            fulltexts += 1;
        }
        // MySQL's InnoDB makes one FULLTEXT key an ALTER (1795), and does not see that only the parser
        // of a key that keeps its name and columns is another.
        let renews = matches!(&operation, Operation::AddIndex(i) if dropped.iter().any(|old| old.name == i.name && old.columns().eq(i.columns())));
        // No DROP DEFAULT of a column that the same ALTER defines (1054).
        let undefines =
            matches!(&operation, Operation::DropDefault(c) | Operation::AddDefault(c) if renewed.contains(&c.name));
        let waits = matches!(&operation, Operation::AddForeignKey(k) if k.referenced_table == table.name
            && (refers_to_brought(k) || target.is_mariadb() && (comes_to_innodb || sorts_anew || refers_to_renewed(k)))
            || nullifies(k) || grows_with(k) || fulltexts_of.contains(&k.name));
        // While a table is Aria's it has page checksums; none only once it is another engine's, or has partitions (seen on MariaDB
        // 10.11 and 11.8).
        let lingers = (leaves_aria || divides)
            && matches!(&operation, Operation::SetOption(OptionKey::PageChecksum, values) if values.new.is_none());
        if let Operation::AddColumn { column, .. }
        | Operation::ModifyColumn { columns: Pair { new: column, .. }, .. }
        | Operation::RemakeColumn { columns: Pair { new: column, .. }, .. } = &operation
            && begins_history
            && column.says_versioning()
        {
            let (columns, aspects) = (Pair::new(*column, *column), vec![ColumnAspect::Versioning]);
            defined.push(Operation::ModifyColumn { columns, aspects, moved: None });
        }
        if let Operation::ModifyColumn { columns, .. } = &operation
            && adds_columns
            && comes_without_default(columns.new, target)
        {
            defined.push(Operation::AddDefault(columns.new));
        }
        if undefines {
            defined.push(operation);
        } else if is_fulltext && (fulltexts > 1 || renews || remakes_fulltexts) || lingers {
            further.push(vec![operation]);
        } else if operation.stands_alone() {
            apart.push(vec![operation]);
        } else if waits {
            foreign.push(operation);
        } else {
            statements[0].push(operation);
        }
    }
    // A partition clause and other actions on foreign keys are kept apart: PARTITION BY comes last.
    statements[0].sort_by_key(|o| matches!(o, Operation::Partition(..) | Operation::RemovePartitioning));
    let (ends, rest) = history::end(std::mem::take(&mut statements[0]));
    statements[0] = rest;
    if !ends.is_empty() {
        statements.insert(0, ends);
    }
    if !defined.is_empty() {
        statements.push(defined);
    }
    statements.extend(further);
    statements.extend(apart);
    if !foreign.is_empty() {
        statements.push(foreign);
    }
    statements
}

//! One table's differences as ALTER statements: as few as the servers allow.

use super::operation::{Operation, operations};
use super::partition::{self, Lacking};
use crate::diff::{Drops, Policies, TableDiff};
use crate::model::{Check, ForeignKey, Index, IndexKind, Table};
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
    target: Target,
    diff: &TableDiff<'a>,
    back: &TableDiff<'a>,
    keys: &ForeignKeys<'a>,
    policies: &Policies,
) -> Vec<Alter<'a>> {
    let mut alters = Vec::new();
    let table = diff.tables.new;
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
    let forth = operations(diff, &[keys.added.as_slice(), &keys.late].concat(), target, Lacking::of(policies));
    let mut returned = operations(back, &[keys.dropped.as_slice(), &keys.early].concat(), target, Lacking::Keep);
    if policies.drop == Drops::Skip {
        returned.retain(|o| !brings_back(o) || forth.iter().any(|f| drops_same(f, o)));
    }
    returned.retain(|o| !early(o));
    let together: Vec<_> = keys
        .dropped
        .iter()
        .map(|k| Operation::DropForeignKey(k))
        .chain(forth.into_iter().filter(|o| !early(o)))
        .chain(keys.added.iter().map(|k| Operation::AddForeignKey(k)))
        .collect();
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
    opposite.extend(returned);
    opposite.extend(keys.dropped.iter().map(|k| Operation::AddForeignKey(k)));
    if !first.is_empty() {
        alters.push(Alter {
            turn: Turn::Main,
            operations: first,
            inverse: split(target, table, opposite).into_iter().filter(|s| !s.is_empty()).collect(),
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

/// The opposite of an operation that has a statement of its own.
fn undo<'a>(diff: &TableDiff<'a>, operation: &Operation<'a>) -> Vec<Operation<'a>> {
    if let Operation::AddForeignKey(key) = operation {
        let index = made_for(diff, key).map(Operation::DropIndex);
        std::iter::once(Operation::DropForeignKey(key)).chain(index).collect()
    } else if let Operation::AddIndex(index) = operation {
        vec![Operation::DropIndex(index)]
    } else if operation.stands_alone() {
        let sides = diff.partitioning.unwrap_or_else(|| diff.tables.map(|t| t.partitioning.as_ref()));
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
    // A table that refers to itself by columns or keys that the same ALTER makes: MariaDB refuses it (1005).
    let reshapes = operations.iter().any(|o| {
        matches!(
            o,
            Operation::AddColumn { .. }
                | Operation::ModifyColumn { .. }
                | Operation::RemakeColumn { .. }
                | Operation::AddIndex(_)
                | Operation::SetEngine(_)
                | Operation::RemovePartitioning
        )
    });
    // MySQL looks for the key that it refers to among those that the table had (1822), where it does not copy the table.
    let brought: Vec<&Index> =
        operations.iter().filter_map(|o| if let Operation::AddIndex(i) = o { Some(*i) } else { None }).collect();
    let refers_to_brought = |key: &ForeignKey| {
        brought.iter().any(|index| {
            let columns: Vec<_> = index.columns().take(key.referenced_columns.len()).collect();
            columns.len() == key.referenced_columns.len()
                && key.referenced_columns.iter().all(|c| columns.iter().any(|own| own.is(c.as_str())))
        })
    };
    let dropped: Vec<_> = operations
        .iter()
        .filter_map(|o| if let Operation::DropIndex(i) = o { Some(i.name.clone()) } else { None })
        .collect();
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
    let mut fulltexts = 0;
    let (mut further, mut apart, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
    for operation in operations {
        let is_fulltext =
            matches!(&operation, Operation::AddIndex(i) if i.kind == IndexKind::Fulltext) && target.is_mysql();
        if is_fulltext {
            fulltexts += 1;
        }
        // MySQL's InnoDB makes one FULLTEXT key an ALTER (1795), and does not see that only the parser
        // of a key that keeps its name is another.
        let renews = matches!(&operation, Operation::AddIndex(i) if dropped.contains(&i.name));
        // No DROP DEFAULT of a column that the same ALTER defines (1054).
        let undefines = matches!(&operation, Operation::DropDefault(c) if renewed.contains(&c.name));
        let to_itself = matches!(&operation, Operation::AddForeignKey(k) if k.referenced_table == table.name
            && (target.is_mariadb() && reshapes || target.is_mysql() && refers_to_brought(k)));
        if is_fulltext && (fulltexts > 1 || renews) || undefines {
            further.push(vec![operation]);
        } else if operation.stands_alone() {
            apart.push(vec![operation]);
        } else if to_itself {
            foreign.push(operation);
        } else {
            statements[0].push(operation);
        }
    }
    // A partition clause and other actions on foreign keys are kept apart: PARTITION BY comes last.
    statements[0].sort_by_key(|o| matches!(o, Operation::Partition(..) | Operation::RemovePartitioning));
    statements.extend(further);
    statements.extend(apart);
    if !foreign.is_empty() {
        statements.push(foreign);
    }
    statements
}

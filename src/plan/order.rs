//! In which order tables change, so that no foreign key is in the way.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::alter::ForeignKeys;
use super::graph::Graph;
use super::online::{self, Writing};
use super::operation::{Operation, remade};
use super::probe::Terms;
use crate::diff::{
    Changes, CheckChange, ColumnAspect, ColumnChange, ForeignKeyChange, IndexChange, OptionChange, TableChange,
    TableDiff,
};
use crate::document::Algorithm;
use crate::ident::{Ident, folded};
use crate::model::{Check, Column, DataType, Database, ForeignKey, Index, IndexKind, ReferentialAction, Table};
use crate::source::Pair;
use crate::target::Target;

/// A table that the plan touches.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) database: Option<&'a Ident>,
    pub(crate) change: NodeChange<'a>,
    pub(crate) keys: ForeignKeys<'a>,
}

/// What becomes of it.
#[derive(Debug)]
pub(crate) enum NodeChange<'a> {
    Create(&'a Table),
    Drop(&'a Table),
    Alter(&'a TableDiff<'a>),
    /// Only foreign keys go and come back around another table's change.
    Keys(Pair<&'a Table>),
}

/// The tables in order, and which must precede which.
#[derive(Debug)]
pub(crate) struct Order<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    /// Places in `nodes`, in order of execution.
    pub(crate) sequence: Vec<usize>,
    /// For each node, those that must come before it.
    pub(crate) before: Vec<BTreeSet<usize>>,
    /// For each node, those whose early drop of a foreign key it waits for.
    pub(crate) after_early: Vec<BTreeSet<usize>>,
    /// For each node, those that give up the name of a foreign key that it adds after all else.
    pub(crate) before_late: Vec<BTreeSet<usize>>,
}

type TableKey<'a> = (Option<&'a Ident>, &'a Ident);

impl<'a> Node<'a> {
    pub(crate) fn name(&self) -> &'a Ident {
        match self.change {
            NodeChange::Create(table) | NodeChange::Drop(table) => &table.name,
            NodeChange::Alter(diff) => &diff.tables.new.name,
            NodeChange::Keys(tables) => &tables.new.name,
        }
    }

    /// Whether a foreign key to the table must be out of the way of its change, or waits for it. A column that has nothing to do
    /// with the key goes when nobody needs it any more, and not with it.
    fn reshapes(&self, key: &ForeignKey) -> bool {
        match &self.change {
            NodeChange::Create(_) | NodeChange::Drop(_) => true,
            NodeChange::Alter(diff) => {
                let refers = |column: &Ident| key.referenced_columns.iter().any(|c| c.is(column.as_str()));
                let serves = |index: &Index| index.columns().any(refers);
                diff.columns.iter().any(|change| refers(change.name()))
                    || diff.indexes.iter().any(|change| match change {
                        IndexChange::Dropped(index) | IndexChange::Added(index) => serves(index),
                        IndexChange::Altered(pair)
                        | IndexChange::Visibility(pair)
                        | IndexChange::Renamed(pair)
                        | IndexChange::Moved(pair) => serves(pair.old) || serves(pair.new),
                    })
                    || diff.partitioning.is_some()
                    || diff.options.iter().any(|o| matches!(o, OptionChange::Engine(_)))
            }
            NodeChange::Keys(_) => false,
        }
    }

    fn changes_engine(&self) -> bool {
        matches!(&self.change, NodeChange::Alter(diff) if diff.options.iter().any(|o| matches!(o, OptionChange::Engine(_))))
    }

    /// Whether the table changes a key that its own foreign key refers to.
    fn loses_key_of(&self, key: &ForeignKey) -> bool {
        let NodeChange::Alter(diff) = &self.change else { return false };
        let serves = |index: &Index| {
            index.columns().zip(&key.referenced_columns).filter(|(a, b)| a.is(b.as_str())).count()
                == key.referenced_columns.len()
        };
        key.referenced_table.is(diff.tables.old.name.as_str())
            && diff.tables.old.indexes.iter().any(|i| serves(i) && diff.tables.new.index(i.name.as_str()) != Some(i))
    }

    /// Whether a text gets another definition, and none but that, to which the table's own foreign key refers (MariaDB 1833).
    fn redefines_what_it_refers_to(&self, key: &ForeignKey) -> bool {
        let NodeChange::Alter(diff) = &self.change else { return false };
        let redefined = |change: &ColumnChange<'_>| matches!(change, ColumnChange::Altered { columns, .. } if columns.new.is_redefined(columns.old));
        key.referenced_table.is(diff.tables.old.name.as_str())
            && diff
                .columns
                .iter()
                .any(|c| redefined(c) && key.referenced_columns.iter().any(|r| r.is(c.name().as_str())))
    }

    /// Whether the table's foreign keys have no place in the ALTER that divides it, or makes one of its partitions: so it is on
    /// MariaDB (1217).
    fn parts_with_keys(&self, target: Target) -> bool {
        target.is_mariadb() && matches!(&self.change, NodeChange::Alter(diff) if diff.partitioning.is_some())
    }
}

/// Orders the changes of all tables.
pub(crate) fn order<'a>(changes: &'a Changes<'a>, target: Target) -> Order<'a> {
    let mut nodes: Vec<Node<'a>> = Vec::new();
    let mut places: HashMap<TableKey<'a>, usize> = HashMap::new();
    let mut to_drop: Vec<(usize, &'a ForeignKey)> = Vec::new();
    let mut to_add: Vec<(usize, &'a ForeignKey)> = Vec::new();
    for database in &changes.databases {
        for change in &database.tables {
            let at = nodes.len();
            let change = match change {
                TableChange::Added(table) => {
                    to_add.extend(table.foreign_keys.iter().map(|k| (at, k)));
                    NodeChange::Create(table)
                }
                TableChange::Dropped(table) => {
                    to_drop.extend(table.foreign_keys.iter().map(|k| (at, k)));
                    NodeChange::Drop(table)
                }
                TableChange::Altered(diff) => {
                    for key in &diff.foreign_keys {
                        match *key {
                            ForeignKeyChange::Dropped(key) => to_drop.push((at, key)),
                            ForeignKeyChange::Added(key) => to_add.push((at, key)),
                            ForeignKeyChange::Altered(pair) => {
                                to_drop.push((at, pair.old));
                                to_add.push((at, pair.new));
                            }
                        }
                    }
                    NodeChange::Alter(diff)
                }
            };
            let node = Node { database: database.name, change, keys: ForeignKeys::default() };
            places.insert((database.name, node.name()), at);
            nodes.push(node);
        }
    }
    for (database, tables, pair) in retyped(changes, target) {
        let at = *places.entry((database, &tables.new.name)).or_insert_with(|| {
            nodes.push(Node { database, change: NodeChange::Keys(tables), keys: ForeignKeys::default() });
            nodes.len() - 1
        });
        to_drop.push((at, pair.old));
        to_add.push((at, pair.new));
    }
    let mut graph = Graph::new(nodes.len());
    let mut after_early = vec![BTreeSet::new(); nodes.len()];
    let mut before_late = vec![BTreeSet::new(); nodes.len()];
    let referenced = |node: &Node<'a>, key: &'a ForeignKey| {
        places.get(&(key.referenced_database.as_ref().or(node.database), &key.referenced_table)).copied()
    };

    let mut droppers: HashMap<ConstraintName<'a>, (usize, &'a ForeignKey)> = HashMap::new();
    for (at, key) in to_drop {
        droppers.insert((nodes[at].database, folded(key.name.as_str())), (at, key));
        let parent = referenced(&nodes[at], key).filter(|p| *p != at && nodes[*p].reshapes(key));
        // A foreign key goes before the table that it refers to is dropped (3730, 1451) or its
        // columns and keys change (1553, 1832, 1833, 3780).
        let fits = parent.is_none_or(|parent| graph.precede(at, parent));
        let dropped_with_table = matches!(nodes[at].change, NodeChange::Drop(_));
        // No engine change in the ALTER that drops the last foreign key (3776, 1217).
        // Nor may the key go that it refers to, where that is its own table's (MySQL 1553).
        let early = !fits
            || nodes[at].loses_key_of(key)
            || target.is_mariadb() && nodes[at].redefines_what_it_refers_to(key)
            || (nodes[at].changes_engine() || nodes[at].parts_with_keys(target)) && !dropped_with_table;
        if early {
            after_early[at].insert(at);
            after_early[parent.unwrap_or(at)].insert(at);
            nodes[at].keys.early.push(key);
        } else if !dropped_with_table {
            nodes[at].keys.dropped.push(key);
        }
    }
    for (at, key) in to_add {
        let node = &nodes[at];
        let is_drop_of_same = node.keys.dropped.iter().chain(&node.keys.early).any(|k| k.name.is(key.name.as_str()));
        let parent = referenced(node, key);
        // The name must be free (1826), the engine and the partitions such that foreign keys may be.
        let mut late = is_drop_of_same || node.changes_engine() || node.parts_with_keys(target);
        // The referenced table comes first (1824, 1005), and so does whoever gives up the name.
        let dropper = droppers.get(&(node.database, folded(key.name.as_str()))).copied();
        if let Some((first, old)) = dropper
            && first != at
            && matches!(nodes[first].change, NodeChange::Drop(_))
        {
            // A table that goes gives up the name alone: its rows are there for as long as the old code runs.
            after_early[first].insert(first);
            after_early[at].insert(first);
            if !nodes[first].keys.early.contains(&old) {
                nodes[first].keys.early.push(old);
            }
        }
        let is_given_up = |other: &usize| {
            let mut early = nodes[*other].keys.early.iter();
            matches!(nodes[*other].change, NodeChange::Drop(_)) && early.any(|k| k.name.is(key.name.as_str()))
        };
        let dropper = dropper.map(|(first, _)| first).filter(|first| !is_given_up(first));
        let made = parent.filter(|parent| !late && nodes[*parent].reshapes(key));
        for other in [made, dropper].into_iter().flatten().filter(|other| *other != at) {
            late = late || !graph.precede(other, at);
        }
        if late {
            let gives =
                |other: &usize| *other != at && !nodes[*other].keys.early.iter().any(|k| k.name.is(key.name.as_str()));
            before_late[at].extend(dropper.filter(gives));
            nodes[at].keys.late.push(key);
        } else {
            nodes[at].keys.added.push(key);
        }
    }
    if target.is_mysql() {
        free_check_names(&mut nodes, &mut graph, &mut after_early);
    }
    let sequence = graph.sequence();
    Order { nodes, sequence, before: graph.into_before(), after_early, before_late }
}

/// A constraint's name, folded, in its database.
type ConstraintName<'a> = (Option<&'a Ident>, Box<str>);

/// MySQL has each name of a check once in a database (3822): whoever gives it up comes first, with a statement of its own
/// where it could not come first as a whole, or is a table that goes: its rows are there for as long as the old code runs.
fn free_check_names<'a>(nodes: &mut [Node<'a>], graph: &mut Graph, after_early: &mut [BTreeSet<usize>]) {
    let mut given_up: HashMap<ConstraintName<'_>, (usize, &'a Check)> = HashMap::new();
    let mut taken: Vec<(usize, &'a Check)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let name = |check: &Check| (node.database, folded(check.name.as_str()));
        match &node.change {
            NodeChange::Create(table) => taken.extend(table.checks.iter().map(|check| (at, check))),
            NodeChange::Drop(table) => given_up.extend(table.checks.iter().map(|check| (name(check), (at, check)))),
            NodeChange::Alter(diff) => {
                for change in &diff.checks {
                    match *change {
                        CheckChange::Added(check) => taken.push((at, check)),
                        CheckChange::Dropped(check) => {
                            given_up.insert(name(check), (at, check));
                        }
                        CheckChange::Altered(_) | CheckChange::Enforcement(_) => {}
                    }
                }
            }
            NodeChange::Keys(_) => {}
        }
    }
    for (at, check) in taken {
        let Some(&(first, old)) = given_up.get(&(nodes[at].database, folded(check.name.as_str()))) else { continue };
        let goes = matches!(nodes[first].change, NodeChange::Drop(_));
        if first == at || !goes && graph.precede(first, at) {
            continue;
        }
        after_early[first].insert(first);
        after_early[at].insert(first);
        if !nodes[first].keys.early_checks.contains(&old) {
            nodes[first].keys.early_checks.push(old);
        }
    }
}

type Kept<'a> = (Option<&'a Ident>, Pair<&'a Table>, Pair<&'a ForeignKey>);

/// Foreign keys that stay, but over columns whose type changes on either end: they must be dropped
/// before and added after (1832, 1833, 3780).
fn retyped<'a>(changes: &'a Changes<'a>, target: Target) -> Vec<Kept<'a>> {
    let cascades = target.cascades_as_columns_take_null();
    kept(changes, cascades, |diff| {
        // Where MySQL reads a CHECK again, and copies for it, no column of a foreign key ceases to take NULL.
        let copies = target.is_mysql() && diff.tables.old.rereads_checks(&|_| false);
        let closes = |change: &&ColumnChange<'_>| matches!(change, ColumnChange::Altered { aspects, .. } if copies && aspects.contains(&ColumnAspect::Nullability));
        let retyped = diff.columns.iter().filter(|c| is_retyped(c, target) || closes(c)).map(|c| c.name());
        retyped.chain(remade(diff, target)).chain(overtaken(diff, target)).map(|c| folded(c.as_str())).collect()
    })
}

/// The columns of keys that MySQL made for foreign keys and gives up in any ALTER that leaves a FULLTEXT key over them, though
/// the foreign keys need them (1553).
fn overtaken<'a>(diff: &TableDiff<'a>, target: Target) -> impl Iterator<Item = &'a Ident> {
    let Pair { old, new } = diff.tables;
    let covers = |fulltext: &Index, made: &Index| {
        fulltext.parts.len() >= made.parts.len()
            && fulltext.columns().zip(made.columns()).all(|(own, column)| own.is(column.as_str()))
    };
    let fulltexts = move || new.indexes.iter().filter(|index| index.kind == IndexKind::Fulltext);
    let made = old.indexes.iter().filter(move |index| index.generated && target.is_mysql());
    made.filter(move |made| fulltexts().any(|fulltext| covers(fulltext, made))).flat_map(Index::columns)
}

/// Whether foreign keys that stay are in the way, as the plan is run or taken back, unless the session checks none: MySQL lets
/// a text grow under them, not shrink again (1832, 1833), and no column under them ceases to take NULL by a copy: without the
/// strict modes always, and otherwise where the table has what is in the way of doing it in place.
pub(crate) fn bars_foreign_keys(changes: &Changes<'_>, terms: Terms) -> bool {
    let target = terms.target;
    let writing = Writing { checks_foreign_keys: true, strict: terms.strict };
    let is_copied = |tables: Pair<&Table>, columns: Pair<&Column>| {
        let aspects = vec![ColumnAspect::Nullability];
        let closing = [Operation::ModifyColumn { columns, aspects, moved: None }];
        online::cost(target, tables, &closing, writing).algorithm == Algorithm::Copy
    };
    let narrows = |tables: Pair<&Table>, change: &ColumnChange<'_>| {
        matches!(change, ColumnChange::Altered { columns, aspects, .. }
            if !is_in_the_way(*columns, aspects, target) && is_in_the_way(columns.reversed(), aspects, target)
                || aspects.contains(&ColumnAspect::Nullability)
                    && (!terms.strict || !columns.new.nullable && is_copied(tables, *columns)
                        || columns.new.nullable && is_copied(tables.reversed(), columns.reversed())))
    };
    let columns = |diff: &TableDiff<'_>| {
        let narrow = diff.columns.iter().filter(|change| narrows(diff.tables, change));
        narrow.map(|c| folded(c.name().as_str())).collect()
    };
    target.is_mysql() && !kept(changes, false, columns).is_empty()
}

/// Foreign keys that stay over columns of which a table's change has some, on either end; those over which a NULL may come where
/// that is asked, too.
fn kept<'a>(
    changes: &'a Changes<'a>,
    cascades: bool,
    changed: impl Fn(&TableDiff<'a>) -> HashSet<Box<str>>,
) -> Vec<Kept<'a>> {
    let mut columns: HashMap<TableKey<'a>, HashSet<Box<str>>> = HashMap::new();
    for database in &changes.databases {
        for change in &database.tables {
            let TableChange::Altered(diff) = change else { continue };
            let changed = changed(diff);
            if !changed.is_empty() {
                columns.insert((database.name, &diff.tables.new.name), changed);
            }
        }
    }
    let mut kept = Vec::new();
    if columns.is_empty() && !cascades {
        return kept;
    }
    for database in &changes.databases {
        let (Some(old), Some(new)) = (database.sides.old, database.sides.new) else { continue };
        for new_table in new.tables.values().filter(|t| t.has_foreign_keys()) {
            let Some(old_table) = old.tables.get(new_table.name.as_str()) else { continue };
            let own = columns.get(&(database.name, &new_table.name));
            for key in &new_table.foreign_keys {
                let Some(before) = old_table.foreign_keys.iter().find(|k| k.name.is(key.name.as_str())) else {
                    continue;
                };
                if !crate::diff::key::same_foreign_key(before, key) {
                    continue;
                }
                let parent = columns.get(&(key.referenced_database.as_ref().or(database.name), &key.referenced_table));
                let hit = |set: Option<&HashSet<Box<str>>>, list: &[Ident]| {
                    set.is_some_and(|s| list.iter().any(|c| s.contains(&folded(c.as_str()))))
                };
                let there = Pair::new(old, new).map(|home| referenced_table(changes, home, key));
                let opens = cascades && opens_a_way(Pair::new(old_table, new_table), there, key);
                if hit(own, &key.columns) || hit(parent, &key.referenced_columns) || opens {
                    kept.push((database.name, Pair::new(old_table, new_table), Pair::new(before, key)));
                }
            }
        }
    }
    kept
}

/// The table that a foreign key of a database refers to.
fn referenced_table<'a>(changes: &'a Changes<'a>, home: &'a Database, key: &ForeignKey) -> Option<&'a Table> {
    let sides = changes.databases.iter().flat_map(|d| [d.sides.old, d.sides.new]).flatten();
    let there = match &key.referenced_database {
        Some(name) => {
            sides.filter(|d| d.name.as_ref() == Some(name)).find(|d| d.tables.contains_key(&key.referenced_table))
        }
        None => Some(home),
    };
    there?.tables.get(&key.referenced_table)
}

/// Whether a NULL could cascade into a column that refuses it while one of two tables has changed and the other has not.
fn opens_a_way(holders: Pair<&Table>, referenced: Pair<Option<&Table>>, key: &ForeignKey) -> bool {
    let takes = |table: &Table, name: &Ident| table.column(name.as_str()).is_some_and(|(_, c)| c.nullable);
    let Pair { old: Some(before), new: Some(after) } = referenced else { return false };
    key.on_update == ReferentialAction::Cascade
        && key.columns.iter().zip(&key.referenced_columns).any(|(own, there)| {
            let (old, new) = (takes(holders.old, own), takes(holders.new, own));
            !old && takes(after, there) || !new && takes(before, there)
        })
}

fn is_retyped(change: &ColumnChange<'_>, target: Target) -> bool {
    matches!(change, ColumnChange::Altered { columns, aspects, .. } if is_in_the_way(*columns, aspects, target))
}

/// Whether a foreign key over the column is in the way of its change.
fn is_in_the_way(columns: Pair<&Column>, aspects: &[ColumnAspect], target: Target) -> bool {
    // A longer text is the same one to MySQL, as long as its length takes as many bytes (1833 else).
    let width = columns.new.collation.map_or(1, |c| c.charset().max_length());
    let longer = |a: &DataType, b: &DataType| match (a, b) {
        (DataType::Varchar(a), DataType::Varchar(b)) => a <= b && (a * width > 255) == (b * width > 255),
        (DataType::Varbinary(a), DataType::Varbinary(b)) => a <= b && (*a > 255) == (*b > 255),
        // So is an ENUM with more members, as long as their numbers take as many bytes.
        (DataType::Enum(a), DataType::Enum(b)) => b.starts_with(a) && (a.len() > 255) == (b.len() > 255),
        _ => false,
    };
    aspects.iter().any(|aspect| match aspect {
        ColumnAspect::Type => !(target.is_mysql() && longer(&columns.old.data_type, &columns.new.data_type)),
        ColumnAspect::Collation => columns.old.collation != columns.new.collation,
        ColumnAspect::Generated | ColumnAspect::Generation => true,
        ColumnAspect::AutoIncrement => target.is_mysql(),
        ColumnAspect::Nullability => false,
        ColumnAspect::NameCase
        | ColumnAspect::Default
        | ColumnAspect::OnUpdate
        | ColumnAspect::Visibility
        | ColumnAspect::Comment
        | ColumnAspect::Srid
        | ColumnAspect::Check
        | ColumnAspect::Format
        | ColumnAspect::Storage
        | ColumnAspect::Compression
        | ColumnAspect::Versioning
        | ColumnAspect::EngineOptions => false,
    })
}

//! Keys, foreign keys and checks that differ.

use super::{Comparison, Count, IndexOrder, Names, Renames, rename};
use crate::ident::Ident;
use crate::model::{Check, ForeignKey, Index, IndexKind, KeyPart, OptionKey, Table};
use crate::source::Pair;

/// One key that differs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum IndexChange<'a> {
    /// Only OLD has it.
    Dropped(&'a Index),
    /// Only NEW has it.
    Added(&'a Index),
    /// Both have it, defined otherwise.
    Altered(Pair<&'a Index>),
    /// Only its visibility differs.
    Visibility(Pair<&'a Index>),
    /// One definition under two names.
    Renamed(Pair<&'a Index>),
    /// The same but for its name, in another place (policy `index_order=apply`).
    Moved(Pair<&'a Index>),
}

/// One foreign key that differs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ForeignKeyChange<'a> {
    /// Only OLD has it.
    Dropped(&'a ForeignKey),
    /// Only NEW has it.
    Added(&'a ForeignKey),
    /// Both have it, defined otherwise.
    Altered(Pair<&'a ForeignKey>),
}

/// One check that differs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum CheckChange<'a> {
    /// Only OLD has it.
    Dropped(&'a Check),
    /// Only NEW has it.
    Added(&'a Check),
    /// Both have it, with another condition.
    Altered(Pair<&'a Check>),
    /// Only whether it is enforced differs.
    Enforcement(Pair<&'a Check>),
}

/// Whether two keys are one but for their names, and for what a policy leaves out. Whether the
/// server made a key for a foreign key shows nowhere and is no difference.
pub(crate) fn same_definition(tables: Pair<&Table>, keys: Pair<&Index>, comments: Count, visibility: bool) -> bool {
    let Pair { old, new } = keys;
    old.kind == new.kind
        && same_parts(keys, &tables.new.options.engine)
        && old.algorithm == new.algorithm
        && block_size(tables.old, old) == block_size(tables.new, new)
        && (comments == Count::Ignore || old.comment == new.comment)
        && old.parser == new.parser
        && (!visibility || old.invisible == new.invisible)
        && old.without_overlaps == new.without_overlaps
        && old.engine_attribute == new.engine_attribute
        && old.secondary_engine_attribute == new.secondary_engine_attribute
        && old.options == new.options
}

/// A key has the table's `KEY_BLOCK_SIZE` from the day it was made, and keeps it when the table's changes.
fn block_size(table: &Table, index: &Index) -> Option<u64> {
    index.key_block_size.or_else(|| table.options.others.get(&OptionKey::KeyBlockSize).and_then(|v| v.parse().ok()))
}

/// Names of columns fold case; an order that is not shown counts where the engine to come shows it.
fn same_parts(keys: Pair<&Index>, engine: &str) -> bool {
    use crate::model::KeyColumn::{Column, Expression};
    let Pair { old, new } = keys;
    let shows = !new.is_by_hash(engine);
    let descends = |part: &KeyPart| shows && (part.descending || part.descends_unseen);
    old.parts.len() == new.parts.len()
        && old.parts.iter().zip(&new.parts).all(|(a, b)| {
            a.prefix == b.prefix
                && descends(a) == descends(b)
                && match (&a.column, &b.column) {
                    (Column(a), Column(b)) => a.is(b.as_str()),
                    (Expression(a), Expression(b)) => a == b,
                    (Column(_), Expression(_)) | (Expression(_), Column(_)) => false,
                }
        })
}

/// Compares the keys of two tables: drops first, then all else in NEW's order.
pub(crate) fn indexes<'a>(tables: Pair<&'a Table>, comparison: &mut Comparison<'_>) -> Vec<IndexChange<'a>> {
    let sizes = tables.map(|t| t.options.others.get(&OptionKey::KeyBlockSize));
    let same_engine = tables.old.options.engine == tables.new.options.engine;
    if tables.old.indexes == tables.new.indexes && sizes.old == sizes.new && same_engine {
        return Vec::new();
    }
    let comments = comparison.policies.comments;
    // What somebody calls a rename is one, whatever else has had the name.
    let said = |new: &'a Index| {
        let before = rename::key_before(comparison.renames, &tables.new.name, &new.name)?;
        let pair = Pair::new(tables.old.index(before.as_str())?, new);
        same_definition(tables, pair, comments, true).then_some(pair)
    };
    let renamed: Vec<Pair<&Index>> = tables.new.indexes.iter().filter_map(said).collect();
    let is_renamed = |old: &Index| renamed.iter().any(|pair| pair.old.name == old.name);
    let stays = |old: &Index| {
        tables.new.index(old.name.as_str()).is_some() && !renamed.iter().any(|pair| pair.new.name.is(old.name.as_str()))
    };
    let mut dropped: Vec<_> = tables.old.indexes.iter().filter(|old| !is_renamed(old) && !stays(old)).collect();
    let mut changes = Vec::new();
    for new in &tables.new.indexes {
        if let Some(pair) = renamed.iter().find(|pair| pair.new.name == new.name) {
            changes.push(IndexChange::Renamed(*pair));
            continue;
        }
        let Some(old) = tables.old.index(new.name.as_str()).filter(|old| !is_renamed(old)) else {
            changes.push(IndexChange::Added(new));
            continue;
        };
        let pair = Pair::new(old, new);
        if !same_definition(tables, pair, comments, false) || old.name != new.name {
            changes.push(IndexChange::Altered(pair));
        } else if old.invisible != new.invisible {
            changes.push(IndexChange::Visibility(pair));
        }
        if old.comment != new.comment && comments == Count::Ignore {
            comparison.aside(
                format!("the comment of key {} of table {}", new.name.quoted(), tables.new.name.quoted()),
                "comments=ignore",
            );
        }
    }
    if comparison.policies.rename != Renames::Off {
        renames(tables, &mut dropped, &mut changes, comparison);
    }
    order(tables, &mut changes, comparison);
    dropped.retain(|i| comparison.drops(|| format!("key {} of table {}", i.name.quoted(), tables.old.name.quoted())));
    dropped.into_iter().map(IndexChange::Dropped).chain(changes).collect()
}

/// A dropped and an added key of one definition are a rename, which costs nothing, where no other
/// dropped or added key could be meant.
fn renames<'a>(
    tables: Pair<&'a Table>,
    dropped: &mut Vec<&'a Index>,
    changes: &mut [IndexChange<'a>],
    comparison: &Comparison<'_>,
) {
    let comments = comparison.policies.comments;
    let added: Vec<&Index> = changes
        .iter()
        .filter_map(|c| match c {
            IndexChange::Added(new) => Some(*new),
            IndexChange::Dropped(_)
            | IndexChange::Altered(_)
            | IndexChange::Visibility(_)
            | IndexChange::Renamed(_)
            | IndexChange::Moved(_) => None,
        })
        .collect();
    for change in changes.iter_mut() {
        let IndexChange::Added(new) = *change else { continue };
        let olds: Vec<usize> = (0..dropped.len())
            .filter(|&i| same_definition(tables, Pair::new(dropped[i], new), comments, true))
            .collect();
        let [at] = olds[..] else { continue };
        let alike =
            added.iter().filter(|other| same_definition(tables, Pair::new(dropped[at], other), comments, true)).count();
        if alike == 1 {
            *change = IndexChange::Renamed(Pair::new(dropped.remove(at), new));
        }
    }
}

/// Servers list keys by kind, and those of one kind in order of creation: from the first key of a
/// kind that is out of order, all further ones must be made anew.
fn order<'a>(tables: Pair<&'a Table>, changes: &mut Vec<IndexChange<'a>>, comparison: &mut Comparison<'_>) {
    let touched = |changes: &[IndexChange<'_>], name: &Ident| {
        changes.iter().any(|c| match c {
            IndexChange::Added(i) => &i.name == name,
            IndexChange::Altered(p) => &p.new.name == name,
            IndexChange::Dropped(_) | IndexChange::Visibility(_) | IndexChange::Renamed(_) | IndexChange::Moved(_) => {
                false
            }
        })
    };
    let mut reached: Vec<(IndexKind, usize, bool)> = Vec::new();
    for new in &tables.new.indexes {
        let kind = new.place_kind();
        let at = match reached.iter().position(|(other, _, _)| *other == kind) {
            Some(at) => at,
            None => {
                reached.push((kind, 0, false));
                reached.len() - 1
            }
        };
        // A key that is renamed keeps its place.
        let before = changes.iter().find_map(|change| match change {
            IndexChange::Renamed(pair) if pair.new.name == new.name => Some(&pair.old.name),
            _ => None,
        });
        let before = before.unwrap_or(&new.name);
        let place =
            tables.old.indexes.iter().position(|i| i.name.is(before.as_str())).filter(|_| !touched(changes, &new.name));
        match place {
            Some(place) if !reached[at].2 && place >= reached[at].1 => reached[at].1 = place,
            None => reached[at].2 = true,
            Some(place) => match comparison.policies.index_order {
                IndexOrder::Apply => {
                    // Made anew, it has its new name at once.
                    changes.retain(|c| !matches!(c, IndexChange::Renamed(pair) if pair.new.name == new.name));
                    changes.push(IndexChange::Moved(Pair::new(&tables.old.indexes[place], new)));
                }
                IndexOrder::Ignore => {
                    comparison.aside(
                        format!("the order of the keys of table {}", tables.new.name.quoted()),
                        "index_order=ignore",
                    );
                    return;
                }
            },
        }
    }
}

/// Whether two foreign keys say the same, names aside. RESTRICT, NO ACTION and nothing differ in what
/// SHOW CREATE prints, so they differ here.
pub(crate) fn same_foreign_key(old: &ForeignKey, new: &ForeignKey) -> bool {
    let alike = |a: &[Ident], b: &[Ident]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b.as_str()));
    alike(&old.columns, &new.columns)
        && alike(&old.referenced_columns, &new.referenced_columns)
        && old.referenced_database == new.referenced_database
        && old.referenced_table == new.referenced_table
        && old.on_delete == new.on_delete
        && old.on_update == new.on_update
}

/// Compares the foreign keys of two tables.
pub(crate) fn foreign_keys<'a>(tables: Pair<&'a Table>, comparison: &mut Comparison<'_>) -> Vec<ForeignKeyChange<'a>> {
    if tables.old.foreign_keys == tables.new.foreign_keys {
        return Vec::new();
    }
    let mut olds: Vec<_> = tables.old.foreign_keys.iter().collect();
    let mut changes = Vec::new();
    let mut unpaired = Vec::new();
    for new in &tables.new.foreign_keys {
        match olds.iter().position(|old| old.name.is(new.name.as_str())) {
            Some(at) => {
                let old = olds.remove(at);
                if !same_foreign_key(old, new) || old.name != new.name {
                    changes.push(ForeignKeyChange::Altered(Pair::new(old, new)));
                }
            }
            None => unpaired.push(new),
        }
    }
    for new in unpaired {
        let same = olds
            .iter()
            .position(|old| same_foreign_key(old, new))
            .filter(|_| comparison.policies.constraint_names == Names::Ignore);
        match same {
            Some(at) => {
                let old = olds.remove(at);
                comparison.aside(
                    format!("the name of foreign key {} → {}", old.name.quoted(), new.name.quoted()),
                    "constraint_names=ignore",
                );
            }
            None => changes.push(ForeignKeyChange::Added(new)),
        }
    }
    olds.retain(|k| {
        comparison.drops(|| format!("foreign key {} of table {}", k.name.quoted(), tables.old.name.quoted()))
    });
    olds.into_iter().map(ForeignKeyChange::Dropped).chain(changes).collect()
}

/// Compares the checks of two tables.
pub(crate) fn checks<'a>(tables: Pair<&'a Table>, comparison: &mut Comparison<'_>) -> Vec<CheckChange<'a>> {
    if tables.old.checks == tables.new.checks {
        return Vec::new();
    }
    let mut olds: Vec<_> = tables.old.checks.iter().collect();
    let mut changes = Vec::new();
    let mut unpaired = Vec::new();
    for new in &tables.new.checks {
        match olds.iter().position(|old| old.name.is(new.name.as_str())) {
            Some(at) => {
                let pair = Pair::new(olds.remove(at), new);
                if pair.old.expression != new.expression || pair.old.name != new.name {
                    changes.push(CheckChange::Altered(pair));
                } else if pair.old.enforced != new.enforced {
                    changes.push(CheckChange::Enforcement(pair));
                }
            }
            None => unpaired.push(new),
        }
    }
    for new in unpaired {
        let alike = |old: &&Check| old.expression == new.expression && old.enforced == new.enforced;
        match olds.iter().position(alike).filter(|_| comparison.policies.constraint_names == Names::Ignore) {
            Some(at) => {
                let old = olds.remove(at);
                comparison.aside(
                    format!("the name of check {} → {}", old.name.quoted(), new.name.quoted()),
                    "constraint_names=ignore",
                );
            }
            None => changes.push(CheckChange::Added(new)),
        }
    }
    olds.retain(|c| comparison.drops(|| format!("check {} of table {}", c.name.quoted(), tables.old.name.quoted())));
    olds.into_iter().map(CheckChange::Dropped).chain(changes).collect()
}

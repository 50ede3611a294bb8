//! Tables that differ.

use super::column::{self, ColumnChange};
use super::key::{self, CheckChange, ForeignKeyChange, IndexChange};
use super::{Comparison, Count, Counter, Partitions};
use crate::ident::Ident;
use crate::model::{Collation, Database, InTurn, OWN_TABLESPACE, OptionKey, Partitioning, Period, Table};
use crate::source::Pair;

/// One table that differs.
#[derive(Debug)]
pub enum TableChange<'a> {
    /// Only NEW has it.
    Added(&'a Table),
    /// Only OLD has it.
    Dropped(&'a Table),
    /// Both have it.
    Altered(Box<TableDiff<'a>>),
}

/// What differs between two tables of one name.
#[derive(Debug)]
pub struct TableDiff<'a> {
    /// The table on either side.
    pub tables: Pair<&'a Table>,
    /// Columns: drops first, then all else in NEW's order.
    pub columns: Vec<ColumnChange<'a>>,
    /// Keys: drops first, then all else in NEW's order.
    pub indexes: Vec<IndexChange<'a>>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKeyChange<'a>>,
    /// Checks.
    pub checks: Vec<CheckChange<'a>>,
    /// Periods that go.
    pub dropped_periods: Vec<&'a Period>,
    /// Periods that come.
    pub added_periods: Vec<&'a Period>,
    /// Whether it keeps its history.
    pub system_versioned: Option<Pair<bool>>,
    /// Options.
    pub options: Vec<OptionChange<'a>>,
    /// How it is partitioned.
    pub partitioning: Option<Pair<Option<&'a Partitioning>>>,
}

/// One option of a table that differs.
#[derive(Clone, PartialEq, Debug)]
pub enum OptionChange<'a> {
    /// The engine.
    Engine(Pair<&'a str>),
    /// The default collation, and with it the default charset.
    Collation(Pair<Collation>),
    /// The counter (only where a policy counts it).
    AutoIncrement(Pair<Option<u64>>),
    /// Another option.
    Other(OptionKey, Pair<Option<&'a str>>),
    /// An option that the engine defines.
    EngineDefined(&'a Ident, Pair<Option<&'a str>>),
}

impl TableDiff<'_> {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
            && self.indexes.is_empty()
            && self.foreign_keys.is_empty()
            && self.checks.is_empty()
            && self.dropped_periods.is_empty()
            && self.added_periods.is_empty()
            && self.system_versioned.is_none()
            && self.options.is_empty()
            && self.partitioning.is_none()
    }
}

/// Compares the tables of two databases: those of OLD in its order, then the new ones in NEW's.
pub(crate) fn tables<'a>(sides: Pair<Option<&'a Database>>, comparison: &mut Comparison<'_>) -> Vec<TableChange<'a>> {
    let mut changes = Vec::new();
    let in_turn = sides.map(|database| database.map(|database| InTurn::of(&database.tables)));
    let Pair { old: mut of_old, new: mut of_new } = in_turn;
    for old in sides.old.iter().flat_map(|d| d.tables.values()) {
        match of_new.as_mut().and_then(|new| new.like(old)) {
            Some(new) if old.is_same(new) => {}
            Some(new) => {
                if comparison.takes("table", old.name.as_str()) {
                    let found = table(Pair::new(old, new), comparison);
                    if !found.is_empty() {
                        changes.push(TableChange::Altered(Box::new(found)));
                    }
                }
            }
            None => {
                let there = comparison.takes("table", old.name.as_str());
                if there && comparison.drops(|| format!("table {}", old.name.quoted())) {
                    changes.push(TableChange::Dropped(old));
                }
            }
        }
    }
    for new in sides.new.iter().flat_map(|d| d.tables.values()) {
        let known = of_old.as_mut().and_then(|old| old.like(new));
        if known.is_none() && comparison.takes("table", new.name.as_str()) {
            changes.push(TableChange::Added(new));
        }
    }
    changes
}

/// Compares two tables.
pub(crate) fn table<'a>(tables: Pair<&'a Table>, comparison: &mut Comparison<'_>) -> TableDiff<'a> {
    let lacking = |a: &'a Table, b: &'a Table| a.periods.iter().filter(|p| !b.periods.contains(p)).collect::<Vec<_>>();
    let versioned = tables.map(|t| t.system_versioned);
    TableDiff {
        tables,
        columns: column::columns(tables, comparison),
        indexes: key::indexes(tables, comparison),
        foreign_keys: key::foreign_keys(tables, comparison),
        checks: key::checks(tables, comparison),
        dropped_periods: lacking(tables.old, tables.new),
        added_periods: lacking(tables.new, tables.old),
        system_versioned: (versioned.old != versioned.new).then_some(versioned),
        options: options(tables, comparison),
        partitioning: partitioning(tables, comparison),
    }
}

fn options<'a>(tables: Pair<&'a Table>, comparison: &mut Comparison<'_>) -> Vec<OptionChange<'a>> {
    let Pair { old, new } = tables.map(|t| &t.options);
    let mut changes = Vec::new();
    if old == new {
        return changes;
    }
    if old.engine != new.engine {
        changes.push(OptionChange::Engine(Pair::new(&old.engine, &new.engine)));
    }
    if old.collation != new.collation {
        changes.push(OptionChange::Collation(Pair::new(old.collation, new.collation)));
    }
    if old.auto_increment != new.auto_increment {
        // A counter that a script does not set is 1, and a table without one has none to set.
        let counts = match comparison.policies.auto_increment {
            Counter::Ignore => Err("auto_increment=ignore"),
            Counter::ApplyIfHigher if new.auto_increment.unwrap_or(1) <= old.auto_increment.unwrap_or(1) => {
                Err("auto_increment=apply-if-higher")
            }
            Counter::ApplyIfHigher | Counter::Apply => Ok(new.auto_increment.is_some()),
        };
        match counts {
            Ok(true) => changes.push(OptionChange::AutoIncrement(Pair::new(old.auto_increment, new.auto_increment))),
            Ok(false) => {}
            Err(policy) => {
                comparison.aside(format!("the AUTO_INCREMENT counter of table {}", tables.new.name.quoted()), policy)
            }
        }
    }
    let keys: std::collections::BTreeSet<_> = old.others.keys().chain(new.others.keys()).copied().collect();
    for key in keys {
        let values = Pair::new(old.others.get(&key).map(AsRef::as_ref), new.others.get(&key).map(AsRef::as_ref));
        if values.old == values.new {
            continue;
        }
        if key == OptionKey::Comment && comparison.policies.comments == Count::Ignore {
            comparison.aside(format!("the comment of table {}", tables.new.name.quoted()), "comments=ignore");
            continue;
        }
        if key == OptionKey::Tablespace && values.new.is_none() && values.old == Some(OWN_TABLESPACE) {
            let what = format!("TABLESPACE `{OWN_TABLESPACE}` of table {}", tables.new.name.quoted());
            comparison.aside(what, "no ALTER takes it away");
            continue;
        }
        changes.push(OptionChange::Other(key, values));
    }
    changes.extend(engine_defined(Pair::new(&old.engine_defined, &new.engine_defined)));
    changes
}

/// The options of an engine's own that are set anew. Each is printed as it was written last, and what is set stands last: so
/// those of NEW's that OLD has in the same order and letters stay, and all that follow are set.
fn engine_defined<'a>(options: Pair<&'a [(Ident, Box<str>)]>) -> Vec<OptionChange<'a>> {
    let value = |list: &'a [(Ident, Box<str>)], name: &Ident| {
        list.iter().find(|(n, _)| n.is(name.as_str())).map(|(_, v)| v.as_ref())
    };
    let mut there = options.old.iter();
    let stays = |(name, value): &&(Ident, Box<str>)| there.any(|(n, v)| n.as_str() == name.as_str() && v == value);
    let staying = options.new.iter().take_while(stays).count();
    let gone = options.old.iter().filter(|(name, _)| value(options.new, name).is_none());
    let gone = gone.map(|(name, old)| OptionChange::EngineDefined(name, Pair::new(Some(old), None)));
    let set = options.new[staying..].iter();
    let set = set.map(|(name, new)| OptionChange::EngineDefined(name, Pair::new(value(options.old, name), Some(new))));
    gone.chain(set).collect()
}

fn partitioning<'a>(
    tables: Pair<&'a Table>,
    comparison: &mut Comparison<'_>,
) -> Option<Pair<Option<&'a Partitioning>>> {
    let sides = tables.map(|t| t.partitioning.as_deref());
    let same = match (sides.old, sides.new) {
        (Some(old), Some(new)) => old.may_be(new),
        (old, new) => old == new,
    };
    if same {
        return None;
    }
    match comparison.policies.partitions {
        Partitions::Apply | Partitions::Rotate => Some(sides),
        Partitions::Ignore => {
            comparison.aside(format!("the partitions of table {}", tables.new.name.quoted()), "partitions=ignore");
            None
        }
    }
}

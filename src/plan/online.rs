//! What algorithm, lock and rebuild the target chooses by itself: `grammar/online_ddl.tsv` and `grammar/online_beside.tsv`.

mod conditions;
mod kind;
#[cfg(test)]
mod tests;

use super::operation::Operation;
use crate::document::{Algorithm, Lock};
use crate::model::Table;
use crate::source::Pair;
use crate::target::{Target, Vendor};
use conditions::Conditions;

/// What an ALTER costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) struct Cost {
    pub(crate) algorithm: Algorithm,
    pub(crate) lock: Lock,
    pub(crate) rebuilds: bool,
}

/// What of the session decides the cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Writing {
    /// Foreign keys are checked.
    pub(crate) checks_foreign_keys: bool,
    /// Values that do not fit are errors.
    pub(crate) strict: bool,
}

const CHEAPEST: Cost = Cost { algorithm: Algorithm::Instant, lock: Lock::None, rebuilds: false };
/// What is assumed where even the row `anything-else` is missing.
const DEAREST: Cost = Cost { algorithm: Algorithm::Copy, lock: Lock::Shared, rebuilds: true };

/// A line of the table.
struct Row {
    vendor: Vendor,
    since: u32,
    until: u32,
    cost: Cost,
    /// What the kind counts as beside others.
    group: &'static str,
    /// How many such changes a table takes before one rebuilds it.
    versions: Option<u32>,
}

/// A line of `grammar/online_beside.tsv`: what changes of some groups come to beside those of others.
struct Beside {
    groups: &'static [&'static str],
    vendor: Vendor,
    others: &'static [&'static str],
    unless: &'static [&'static str],
    kind: &'static str,
}

/// The group of what counts for nothing beside others.
const NO_GROUP: &str = "-";
/// The condition under which a kind has a copy lock that is made for another change.
const COPIED: &str = "copied";
/// The groups of instant changes of columns.
const COLUMNS: [&str; 2] = ["columns", "dropped-columns"];

include!(concat!(env!("OUT_DIR"), "/online_ddl.rs"));

fn rows(kind: &str) -> &'static [(&'static str, Row)] {
    let from = &ROWS[ROWS.partition_point(|(known, _)| *known < kind)..];
    &from[..from.partition_point(|(known, _)| *known == kind)]
}

fn look_up(kind: &str, target: Target) -> Option<&'static Row> {
    let here =
        |row: &&Row| row.vendor == target.vendor() && row.since <= target.number() && target.number() < row.until;
    rows(kind).iter().map(|(_, row)| row).find(here)
}

/// The row of a kind under the conditions: the dearest of those that hold, else the bare kind's.
fn row(kind: &str, conditions: &Conditions, target: Target) -> Option<&'static Row> {
    let held = conditions.names().filter_map(|name| look_up(&format!("{kind}@{name}"), target));
    held.max_by_key(|row| row.cost).or_else(|| look_up(kind, target))
}

/// How many instant changes of its columns a table takes before the next one rebuilds it; `None` where there is no limit.
/// A plan takes the tables for fresh; whoever runs it can read how many a live table has had
/// (`INFORMATION_SCHEMA.INNODB_TABLES.TOTAL_ROW_VERSIONS`, MySQL 8.4 manual, section 28.4.23).
///
/// ```
/// use alterplan::plan::instant_versions;
/// assert_eq!(instant_versions("mysql:8.4".parse()?), Some(64));
/// assert_eq!(instant_versions("mysql:9.7".parse()?), Some(255));
/// assert_eq!(instant_versions("mariadb:10.11".parse()?), None);
/// # Ok::<(), alterplan::target::UnsupportedTarget>(())
/// ```
pub fn instant_versions(target: Target) -> Option<u32> {
    look_up("add-column-last", target)?.versions
}

/// What one ALTER with those operations costs: as much as the costliest of them, or of what they are together.
pub(crate) fn cost(target: Target, tables: Pair<&Table>, operations: &[Operation<'_>], writing: Writing) -> Cost {
    let conditions = Conditions::of(tables, operations);
    let anything_else = || row("anything-else", &conditions, target).map_or(DEAREST, |row| row.cost);
    let mut kinds = kind::kinds(target, tables, operations, &conditions, writing);
    // An instant change of columns is one of the dictionary and of every later row: some tables do not take it.
    let barred = conditions.names().any(|name| look_up(&format!("rebuild-for-columns@{name}"), target).is_some());
    let group = |kind: &&'static str| known(kind, &conditions, target).map_or(NO_GROUP, |row| row.group);
    if barred && kinds.iter().map(group).any(|group| COLUMNS.contains(&group)) {
        kinds.push("rebuild-for-columns");
    }
    loop {
        let groups: Vec<&str> = kinds.iter().map(group).filter(|group| *group != NO_GROUP).collect();
        let met = |of: &[&str]| of.iter().any(|group| groups.contains(group));
        let here = |beside: &&Beside| {
            beside.vendor == target.vendor() && met(beside.groups) && met(beside.others) && !met(beside.unless)
        };
        let kind = BESIDE.iter().filter(here).map(|beside| beside.kind).find(|kind| !kinds.contains(kind));
        match kind {
            Some(kind) => kinds.push(kind),
            None => break,
        }
    }
    let cost_of = |kind: &&'static str| known(kind, &conditions, target).map_or_else(anything_else, |row| row.cost);
    let mut total = kinds.iter().map(cost_of).fold(CHEAPEST, dearer);
    let mut rebuilding = Vec::new();
    if total.algorithm == Algorithm::Inplace && total.rebuilds {
        let kinds: &[&str] =
            if total.lock == Lock::None { &["rebuild-online", "rebuild-in-place"] } else { &["rebuild-in-place"] };
        for kind in kinds {
            let under = conditions.names().filter_map(|name| look_up(&format!("{kind}@{name}"), target));
            rebuilding.extend(under.map(|row| row.cost));
        }
        total = rebuilding.iter().copied().fold(total, dearer);
    }
    if total.algorithm == Algorithm::Copy {
        // What would have writers wait in place does not where the table is copied.
        let of_copy = |cost: Cost| (cost.algorithm == Algorithm::Copy).then_some(cost.lock);
        let copied = |kind: &&'static str| match look_up(&format!("{kind}@{COPIED}"), target) {
            Some(row) => Some(row.cost.lock),
            None => of_copy(cost_of(kind)),
        };
        let locks = kinds.iter().filter_map(copied).chain(rebuilding.into_iter().filter_map(of_copy));
        total.lock = locks.max().unwrap_or(total.lock);
    }
    total
}

/// As [`row`]; of engines that are not InnoDB only what the table says of them.
fn known(kind: &str, conditions: &Conditions, target: Target) -> Option<&'static Row> {
    if conditions.holds("not-innodb") {
        let of_engine = ["aria", "memory"].into_iter().filter(|engine| conditions.holds(engine));
        let mut rows = of_engine.chain(["not-innodb"]).filter_map(|name| look_up(&format!("{kind}@{name}"), target));
        return rows.next();
    }
    row(kind, conditions, target)
}

fn dearer(a: Cost, b: Cost) -> Cost {
    Cost { algorithm: a.algorithm.max(b.algorithm), lock: a.lock.max(b.lock), rebuilds: a.rebuilds || b.rebuilds }
}

//! Views and triggers that could not be made again behind the renames, or behind an ALTER that takes a column for another.
//!
//! A plan's inverses run from its end: a view or a trigger that reads a name which is taken away would be made again
//! while that name is not there yet. So it goes before that, and comes behind all tables; on the way back it is made
//! when all else is as it was. Nor is there a time at which a trigger that cannot run stops who writes rows.

use std::collections::HashMap;

use super::super::{Leg, Planner};
use super::{Firing, away, rank, words};
use crate::diff::{Changes, ColumnChange, ObjectChange, TableChange, TableDiff};
use crate::document::Phase;
use crate::ident::Ident;
use crate::model::{Database, ObjectKind, Schema, TextObject};
use crate::plan::effect::{Effect, column_effect};

/// An object, by its database.
type Key = (Option<Ident>, ObjectKind, Ident);

/// What has been dropped before all else.
#[derive(Debug, Default)]
pub(in crate::plan) struct Stale {
    /// The steps that dropped it.
    gone: HashMap<Key, usize>,
}

impl Stale {
    fn key(database: Option<&Ident>, object: &TextObject) -> Key {
        (database.cloned(), object.kind, object.name.clone())
    }

    /// Whether an object has been dropped.
    pub(super) fn is_gone(&self, database: Option<&Ident>, object: &TextObject) -> bool {
        self.gone.contains_key(&Self::key(database, object))
    }

    /// Takes note of the step that dropped an object, which comes anew later.
    pub(super) fn put(&mut self, database: Option<&Ident>, object: &TextObject, step: usize) {
        self.gone.insert(Self::key(database, object), step);
    }

    /// The step that dropped an object, which is made anew now.
    pub(super) fn take(&mut self, database: Option<&Ident>, object: &TextObject) -> Option<usize> {
        self.gone.remove(&Self::key(database, object))
    }
}

impl Planner<'_> {
    /// The first steps of a plan: what could not be made again later goes.
    pub(in crate::plan) fn drop_stale(&mut self, old: &Schema, legs: &[Leg<'_>]) {
        let (Some(first), Some(last)) = (legs.first(), legs.last()) else { return };
        let mut asked: Vec<(Option<&Ident>, Option<&Ident>, &TextObject)> = Vec::new();
        for database in legs.iter().flat_map(|leg| &leg.changes.databases) {
            let home = database.sides.old.and_then(|d| old.database(d.name.as_ref().map(Ident::as_str)));
            let Some(before) = home else { continue };
            for change in &database.objects {
                let key = match change {
                    ObjectChange::Dropped(object) => (object.kind, object.name.clone()),
                    ObjectChange::Altered { objects, .. } => (objects.old.kind, objects.old.name.clone()),
                    ObjectChange::Added(_) => continue,
                };
                let is_read = matches!(key.0, ObjectKind::View | ObjectKind::Trigger);
                let is_known = asked
                    .iter()
                    .any(|(name, _, known)| *name == database.name && known.kind == key.0 && known.name == key.1);
                if let Some(object) = before.objects.get(&key).filter(|_| is_read && !is_known) {
                    asked.push((database.name, before.name.as_ref(), object));
                }
            }
        }
        if asked.is_empty() {
            return;
        }
        let mut found: Vec<(Option<&Ident>, &TextObject)> = Vec::new();
        // What is not there on the way back, as it has gone before, may be what another one reads.
        loop {
            let schema = halfway(legs, (first, last), &found);
            let is_found = |name: Option<&Ident>, object: &TextObject| {
                found.iter().any(|(of, o)| *of == name && o.kind == object.kind && o.name == object.name)
            };
            let left: Vec<_> = asked.iter().filter(|(name, _, object)| !is_found(*name, object)).collect();
            let questions: Vec<_> = left.iter().map(|(_, home, object)| (*home, *object)).collect();
            let takes = (self.context.takes)(schema, &questions);
            let refused: Vec<_> =
                left.iter().zip(takes).filter(|(_, takes)| !takes).map(|((name, _, o), _)| (*name, *o)).collect();
            if refused.is_empty() {
                break;
            }
            found.extend(refused);
        }
        if found.is_empty() {
            return;
        }
        // Triggers go first, and views before those that they read, be it by way of others.
        let sides = first.changes.databases.iter().filter_map(|d| Some((d.name, heights(d.sides.old?))));
        let heights: HashMap<Option<&Ident>, HashMap<&str, usize>> = sides.collect();
        found.sort_by_cached_key(|(database, object)| {
            let height = heights.get(database).and_then(|heights| heights.get(object.name.as_str()));
            std::cmp::Reverse((rank(object.kind), height.copied()))
        });
        let homes = first.changes.databases.iter();
        self.firing = Firing::of_databases(homes.filter_map(|d| {
            let name = d.sides.old?.name.as_ref().map(Ident::as_str);
            Some((d.name, old.database(name)?))
        }));
        for (database, object) in found {
            let mut step = self.drop_object(database, object);
            self.firing.remove(database, object);
            let comes = last.changes.databases.iter().filter(|d| d.name == database);
            let mut new = comes.filter_map(|d| d.sides.new).flat_map(|d| d.objects.keys());
            if new.any(|(kind, name)| *kind == object.kind && *name == object.name) {
                step.changes[0].push_str(" to create it anew");
                step.hazards = vec![away(object)];
            }
            let at = self.push(step, &[Effect::Needed], Vec::new());
            self.stale.put(database, object, at);
        }
    }

    /// Takes what has gone out of the triggers of a leg.
    pub(in crate::plan) fn forget_stale(&mut self, changes: &Changes<'_>) {
        for (name, home) in changes.databases.iter().filter_map(|d| Some((d.name, d.sides.old?))) {
            for object in home.objects.values().filter(|object| self.stale.is_gone(name, object)) {
                self.firing.remove(name, object);
            }
        }
    }
}

/// What is there on the way back where objects are made again: the tables behind the ALTERs that new code needs, and all
/// objects of NEW, with those of OLD that have not gone before.
fn halfway(legs: &[Leg<'_>], (first, last): (&Leg<'_>, &Leg<'_>), gone: &[(Option<&Ident>, &TextObject)]) -> Schema {
    let database = |name: Option<&Ident>, home: &Database| {
        let same = last.changes.databases.iter().find(|d| d.sides.old.map(|d| &d.name) == Some(&home.name));
        let mut objects = same.and_then(|d| d.sides.new).map(|d| d.objects.clone()).unwrap_or_default();
        // What only goes is there again before what is made anew.
        let is_gone = |object: &TextObject| {
            gone.iter().any(|(of, o)| *of == name && o.kind == object.kind && o.name == object.name)
        };
        for (key, object) in home.objects.iter().filter(|(_, object)| !is_gone(object)) {
            if !objects.contains_key(key) {
                objects.insert(key.clone(), object.clone());
            }
        }
        let mut tables = home.tables.clone();
        let expanding = legs.iter().filter(|leg| leg.phase != Some(Phase::Contract));
        let here = expanding.flat_map(|leg| &leg.changes.databases).filter(|d| d.name == name);
        for change in here.flat_map(|d| &d.tables) {
            if let TableChange::Altered(diff) = change
                && gives_and_takes(diff)
            {
                tables.insert(diff.tables.new.name.clone(), diff.tables.new.clone());
            }
        }
        Database { objects, tables, ..Database::new(home.name.clone(), home.collation) }
    };
    let homes = first.changes.databases.iter().filter_map(|d| Some((d.name, d.sides.old?)));
    Schema { databases: homes.map(|(name, home)| database(name, home)).collect() }
}

/// Whether a table loses a column by an ALTER that new code waits for: it does not wait for the old code to end.
fn gives_and_takes(diff: &TableDiff<'_>) -> bool {
    let is_needed = |change: &ColumnChange<'_>| match change {
        ColumnChange::Added { .. } => true,
        ColumnChange::Altered { columns, aspects, .. } => {
            aspects.iter().map(|aspect| column_effect(*columns, *aspect)).max() == Some(Effect::Needed)
        }
        ColumnChange::Dropped(_) => false,
    };
    diff.columns.iter().any(|change| matches!(change, ColumnChange::Dropped(_)))
        && (diff.columns.iter().any(is_needed)
            || !diff.added_periods.is_empty()
            || diff.system_versioned.is_some_and(|pair| pair.new))
}

/// How many views are below each view of a database, one over the other.
pub(super) fn heights(home: &Database) -> HashMap<&str, usize> {
    let views = home.objects.values().filter(|object| object.kind == ObjectKind::View);
    let views: HashMap<&str, &TextObject> = views.map(|view| (view.name.as_str(), view)).collect();
    let mut heights = HashMap::with_capacity(views.len());
    for name in views.keys() {
        measure(name, &views, &mut heights);
    }
    heights
}

/// A view that is being measured has the height 0, so that no circle is walked twice.
fn measure<'d>(
    name: &'d str,
    views: &HashMap<&'d str, &'d TextObject>,
    heights: &mut HashMap<&'d str, usize>,
) -> usize {
    if let Some(height) = heights.get(name) {
        return *height;
    }
    heights.insert(name, 0);
    let named = views.get(name).map(|view| words(&view.text)).unwrap_or_default();
    let below = named.into_iter().filter(|word| views.contains_key(word));
    let height = 1 + below.map(|word| measure(word, views, heights)).max().unwrap_or(0);
    heights.insert(name, height);
    height
}

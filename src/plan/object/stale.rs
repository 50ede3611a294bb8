//! Views and triggers that could not be made again behind the renames.
//!
//! A plan's inverses run from its end: a view or a trigger that reads a name which a rename takes away would be made again
//! while that name is not there yet. So it goes before the renames, and comes behind all tables; on the way back it is made
//! when all else is as it was.

use std::collections::HashMap;

use super::super::{Leg, Planner};
use super::{Firing, rank, words};
use crate::diff::{Changes, ObjectChange};
use crate::ident::Ident;
use crate::model::{Database, ObjectKind, Schema, TextObject};
use crate::plan::effect::Effect;

/// An object, by its database.
type Key = (Option<Ident>, ObjectKind, Ident);

/// What has been dropped before the renames.
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
    /// The first steps of a plan: what could not be made again behind its renames goes.
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
        let objects = |home: &Database| {
            let same = last.changes.databases.iter().find(|d| d.sides.old.map(|d| &d.name) == Some(&home.name));
            let mut objects = same.and_then(|d| d.sides.new).map(|d| d.objects.clone()).unwrap_or_default();
            // What only goes is there again before what is made anew.
            for (key, object) in &home.objects {
                if !objects.contains_key(key) {
                    objects.insert(key.clone(), object.clone());
                }
            }
            objects
        };
        let databases = first.changes.databases.iter().filter_map(|d| d.sides.old).map(|home| Database {
            objects: objects(home),
            tables: home.tables.clone(),
            ..Database::new(home.name.clone(), home.collation)
        });
        let schema = Schema { databases: databases.collect() };
        let questions: Vec<_> = asked.iter().map(|(_, home, object)| (*home, *object)).collect();
        let takes = (self.context.takes)(schema, &questions);
        let refused = asked.iter().zip(takes).filter(|(_, takes)| !takes);
        let mut found: Vec<(Option<&Ident>, &TextObject)> = refused.map(|((name, _, o), _)| (*name, *o)).collect();
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

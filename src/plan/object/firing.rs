//! The order in which the triggers of one occasion run, while a plan makes and drops them.
//!
//! No ALTER moves a trigger, and one that is made runs behind the others unless it says FOLLOWS or PRECEDES (MySQL 8.4 manual,
//! section 15.1.22 "CREATE TRIGGER Statement"); CREATE OR REPLACE of MariaDB puts it behind them too.

use std::collections::BTreeMap;

use crate::diff::Changes;
use crate::ident::Ident;
use crate::model::{Database, Meaning, TextObject, Trigger};

/// A database and an occasion in it.
type Key = (Option<Ident>, Ident, &'static str, &'static str);

/// The triggers of each occasion, in the order in which they run.
#[derive(Debug, Default)]
pub(in crate::plan) struct Firing {
    triggers: BTreeMap<Key, Vec<Ident>>,
}

impl Firing {
    /// What OLD has.
    pub(in crate::plan) fn of(changes: &Changes<'_>) -> Self {
        Self::of_databases(changes.databases.iter().filter_map(|d| Some((d.name, d.sides.old?))))
    }

    /// What databases have, each by the name that qualifies its objects.
    pub(super) fn of_databases<'d>(databases: impl Iterator<Item = (Option<&'d Ident>, &'d Database)>) -> Self {
        let mut triggers = BTreeMap::new();
        for (name, database) in databases {
            for ((table, timing, event), names) in database.triggers() {
                let key = (name.cloned(), table.clone(), timing, event);
                triggers.insert(key, names.into_iter().cloned().collect());
            }
        }
        Self { triggers }
    }

    fn key(database: Option<&Ident>, object: &TextObject) -> Option<Key> {
        let (table, timing, event) = object.occasion()?;
        Some((database.cloned(), table.clone(), timing, event))
    }

    /// Takes note of a trigger that is dropped.
    pub(super) fn remove(&mut self, database: Option<&Ident>, object: &TextObject) {
        if let Some(there) = Self::key(database, object).and_then(|key| self.triggers.get_mut(&key)) {
            there.retain(|name| *name != object.name);
        }
    }

    /// The trigger with what its statement must say to give it its place of NEW among those that are there, and takes note of
    /// it. What is no trigger stays as it is.
    pub(super) fn placed(
        &mut self,
        database: Option<&Ident>,
        object: &TextObject,
        new: Option<&Database>,
    ) -> Option<TextObject> {
        let there = self.triggers.entry(Self::key(database, object)?).or_default();
        let wanted = new?.triggers();
        let wanted = wanted.get(&object.occasion()?)?;
        let own = wanted.iter().position(|name| **name == object.name)?;
        let before = wanted[..own].iter().rev().find_map(|name| there.iter().position(|other| other == *name));
        let at = before.map_or(0, |before| before + 1);
        // What leaves this occasion is in nobody's way.
        if !there[at..].iter().any(|other| wanted.contains(&other)) {
            there.push(object.name.clone());
            return with_order(object, None);
        }
        let order = match at {
            0 => ("PRECEDES", there[0].clone()),
            at => ("FOLLOWS", there[at - 1].clone()),
        };
        there.insert(at, object.name.clone());
        let order = Some(order);
        with_order(object, order)
    }

    /// The trigger with what its statement must say to put it back where it now is.
    pub(super) fn where_it_was(&self, database: Option<&Ident>, object: &TextObject) -> Option<TextObject> {
        let there = self.triggers.get(&Self::key(database, object)?)?;
        let at = there.iter().position(|name| *name == object.name)?;
        let order = match (at, there.get(at + 1)) {
            (_, None) => None,
            (0, Some(next)) => Some(("PRECEDES", next.clone())),
            (at, Some(_)) => Some(("FOLLOWS", there[at - 1].clone())),
        };
        with_order(object, order)
    }
}

fn with_order(object: &TextObject, order: Option<(&'static str, Ident)>) -> Option<TextObject> {
    let Meaning::Trigger(trigger) = &object.meaning else { return None };
    if trigger.order == order {
        return None;
    }
    let meaning = Meaning::Trigger(Box::new(Trigger { order, ..Trigger::clone(trigger) }));
    Some(TextObject { meaning, ..object.clone() })
}

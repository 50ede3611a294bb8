//! Views and stored programs that differ. They are compared as text.

use super::{Comparison, Definer};
use crate::model::{Database, TextObject};
use crate::source::Pair;

/// One object that differs.
#[derive(Clone, Debug)]
pub enum ObjectChange<'a> {
    /// Only NEW has it.
    Added(&'a TextObject),
    /// Only OLD has it.
    Dropped(&'a TextObject),
    /// Both have it.
    Altered {
        /// The object on either side.
        objects: Pair<&'a TextObject>,
        /// What differs.
        aspects: Vec<ObjectAspect>,
    },
}

/// What of an object differs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum ObjectAspect {
    /// Its text.
    Text,
    /// The account that it belongs to.
    Definer,
}

/// Whether two objects are the same but for the place of their definitions.
fn same(old: &TextObject, new: &TextObject) -> bool {
    old.agrees(new) && old.definer == new.definer && old.sql_mode == new.sql_mode
}

/// Compares the views and stored programs of two databases.
pub(crate) fn objects<'a>(sides: Pair<Option<&'a Database>>, comparison: &mut Comparison<'_>) -> Vec<ObjectChange<'a>> {
    let mut changes = Vec::new();
    let find =
        |side: Option<&'a Database>, of: &TextObject| side.and_then(|d| d.objects.get(&(of.kind, of.name.clone())));
    for old in sides.old.iter().flat_map(|d| d.objects.values()) {
        let new = find(sides.new, old);
        if new.is_some_and(|new| same(old, new)) || !comparison.takes(old.kind.word(), old.name.as_str()) {
            continue;
        }
        match new {
            None => {
                if comparison.drops(|| format!("{} {}", old.kind.word(), old.name.quoted())) {
                    changes.push(ObjectChange::Dropped(old));
                }
            }
            Some(new) => {
                let aspects = aspects(Pair::new(old, new), comparison);
                if !aspects.is_empty() {
                    changes.push(ObjectChange::Altered { objects: Pair::new(old, new), aspects });
                }
            }
        }
    }
    for new in sides.new.iter().flat_map(|d| d.objects.values()) {
        if find(sides.old, new).is_none() && comparison.takes(new.kind.word(), new.name.as_str()) {
            changes.push(ObjectChange::Added(new));
        }
    }
    changes
}

fn aspects(objects: Pair<&TextObject>, comparison: &mut Comparison<'_>) -> Vec<ObjectAspect> {
    let Pair { old, new } = objects;
    let mut found = Vec::new();
    if !old.agrees(new) {
        found.push(ObjectAspect::Text);
    } else if old.definer != new.definer {
        match comparison.policies.definer {
            Definer::Ignore => {
                comparison.aside(format!("the definer of {} {}", new.kind.word(), new.name.quoted()), "definer=ignore");
            }
            // A statement that names no account leaves that to whoever runs it.
            Definer::Apply => found.push(ObjectAspect::Definer),
        }
    }
    // The server keeps sql_mode with programs, not with views; files written by hand seldom say it.
    if old.sql_mode != new.sql_mode && new.kind != crate::model::ObjectKind::View && found.is_empty() {
        comparison.aside(format!("the sql_mode of {} {}", new.kind.word(), new.name.quoted()), "sql_mode=ignore");
    }
    found
}

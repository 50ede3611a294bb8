//! Foreign keys that are away between two steps: dropped by one, and added again by a later one.

use std::collections::HashMap;

use super::hazard::{held_as, may_refer_to_nothing};
use super::operation::Operation;
use crate::document::{Hazard, HazardKind, Session, Step};
use crate::ident::{Ident, folded};
use crate::model::Table;

/// The foreign keys of a table that a step drops and adds, by their names: these are a database's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moved {
    /// Those that come again, each with the name that it has then.
    dropped: Vec<(Ident, Ident)>,
    /// Those that come, each with the reason of its hazard.
    added: Vec<(Ident, String)>,
}

impl Moved {
    /// What the operations of one ALTER do, on the way to a table as it will be.
    pub(crate) fn of(operations: &[Operation<'_>], new: &Table, is_checked: bool) -> Self {
        let mut moved = Self::default();
        for operation in operations {
            match operation {
                Operation::DropForeignKey(key) => {
                    let again = held_as(key, new).map(|again| (key.name.clone(), again.name.clone()));
                    moved.dropped.extend(again);
                }
                Operation::AddForeignKey(key) => {
                    moved.added.push((key.name.clone(), may_refer_to_nothing(key, is_checked)));
                }
                _ => {}
            }
        }
        moved
    }
}

/// Says at each step that drops a foreign key which step adds it again, and what can happen to the rows meanwhile: both take
/// what the probe of the one that adds it finds.
pub(super) fn tell(steps: &mut [Step], moved: &[Moved], session: &Session) {
    let place = |step: &Step, name: &Ident| (step.object.schema.clone(), folded(name.as_str()));
    let mut adds = HashMap::new();
    if moved.iter().all(|moved| moved.dropped.is_empty()) {
        return;
    }
    for (at, moved) in moved.iter().enumerate() {
        adds.extend(moved.added.iter().map(|(name, reason)| (place(&steps[at], name), (at, reason))));
    }
    for (at, moved) in moved.iter().enumerate() {
        for (name, again) in &moved.dropped {
            let Some(&(later, reason)) = adds.get(&place(&steps[at], again)).filter(|(later, _)| *later > at) else {
                continue;
            };
            // Where nobody can ask, the reason says that, too.
            let is_its = |h: &&Hazard| h.reason.starts_with(&**reason);
            // Nobody waits for rows of a table that has none yet.
            let Some(hazard) = steps[later].hazards.iter().find(is_its) else { continue };
            let probe = hazard.probe.clone();
            let then = if session.foreign_key_checks {
                "and adding it may fail for them"
            } else {
                "and the server does not look for them then"
            };
            let reason = format!(
                "foreign key {} is away until step {} adds it again: rows that refer to nothing can come in meanwhile, {then}",
                name.quoted(),
                steps[later].id,
            );
            steps[at].hazards.push(Hazard { kind: HazardKind::MayFail, reason, probe });
        }
    }
}

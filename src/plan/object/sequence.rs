//! Sequences that change: what they are on the way, and where their next value comes from.

use super::Planner;
use crate::diff::ObjectAspect;
use crate::document::Action;
use crate::ident::Ident;
use crate::model::{Meaning, Sequence, TextObject};
use crate::plan::effect::Effect;
use crate::plan::{inverse, statement, step};
use crate::source::Pair;

/// What a sequence is between the two ALTERs that make another one of it.
pub(super) struct Halfway {
    pub(super) object: TextObject,
    /// What the first one changes.
    pub(super) first: Vec<ObjectAspect>,
}

/// MariaDB takes no other change of a sequence beside that of its type (1235): it comes first where it holds the values as they
/// were, else last.
pub(super) fn halfway(objects: Pair<&TextObject>) -> Option<Halfway> {
    let (Meaning::Sequence(old), Meaning::Sequence(new)) = (&objects.old.meaning, &objects.new.meaning) else {
        return None;
    };
    let retyped = Sequence { data_type: new.data_type, ..Sequence::clone(old) };
    let revalued = Sequence { data_type: old.data_type, ..Sequence::clone(new) };
    if old.data_type == new.data_type || retyped == **new || (&old.engine, &old.comment) != (&new.engine, &new.comment)
    {
        return None;
    }
    let made = |sequence| TextObject { meaning: Meaning::Sequence(Box::new(sequence)), ..objects.new.clone() };
    if retyped.is_valid() {
        return Some(Halfway { object: made(retyped), first: vec![ObjectAspect::SequenceType] });
    }
    let first = [
        ((old.start, old.min, old.max, old.increment, old.cycle)
            != (new.start, new.min, new.max, new.increment, new.cycle))
            .then_some(ObjectAspect::Values),
        (old.cache != new.cache).then_some(ObjectAspect::Cache),
    ];
    revalued.is_valid().then(|| Halfway { object: made(revalued), first: first.into_iter().flatten().collect() })
}

/// What brings the next value of a sequence within its new bounds, beyond which MariaDB takes none (4085): where it stands is
/// no part of a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// Before the ALTER it is moved on to a value, unless it is past that.
    MovesOn(i128),
    /// The ALTER lets it begin anew: the bounds part, or it goes the other way.
    BeginsAnew,
}

/// Where a sequence that does not go round stands, it began at its start.
fn next(old: &Sequence, new: &Sequence) -> Option<Next> {
    let rises = |sequence: &Sequence| sequence.increment >= 0;
    match (rises(old), rises(new)) {
        (true, true) => {
            let lowest = if old.cycle { old.min } else { old.start };
            let moves = if new.min <= old.max { Next::MovesOn(new.min) } else { Next::BeginsAnew };
            (new.min > lowest).then_some(moves)
        }
        (false, false) => {
            let highest = if old.cycle { old.max } else { old.start };
            let moves = if new.max >= old.min { Next::MovesOn(new.max) } else { Next::BeginsAnew };
            (new.max < highest).then_some(moves)
        }
        (false, true) => (new.min > old.min).then_some(Next::BeginsAnew),
        (true, false) => (new.max < old.max).then_some(Next::BeginsAnew),
    }
}

/// Whether the ALTER that makes one sequence of another lets it begin anew.
pub(super) fn begins_anew(old: &Sequence, new: &Sequence) -> bool {
    next(old, new) == Some(Next::BeginsAnew)
}

/// The statement that moves a sequence on before it is altered: SETVAL takes no value that it is past.
pub(super) fn moving_on(database: Option<&Ident>, objects: Pair<&TextObject>) -> Option<String> {
    let (Meaning::Sequence(old), Meaning::Sequence(new)) = (&objects.old.meaning, &objects.new.meaning) else {
        return None;
    };
    match next(old, new)? {
        Next::MovesOn(value) => {
            let name = statement::qualified(database, &objects.old.name);
            Some(format!("DO SETVAL({name}, {value}, 0)"))
        }
        Next::BeginsAnew => None,
    }
}

impl Planner<'_> {
    /// The step that moves a sequence on before it is altered, where it must; returns its index.
    pub(super) fn move_on(
        &mut self,
        database: Option<&Ident>,
        objects: Pair<&TextObject>,
        needs: &[usize],
    ) -> Option<usize> {
        let sql = moving_on(database, objects)?;
        let mut step = step(objects.old.kind.word(), database, &objects.old.name);
        step.action = Action::Alter;
        step.changes = vec![format!("moves sequence {} on to its new bounds", objects.old.name.quoted())];
        // Said again on the way back, it does nothing: a sequence does not move back.
        step.inverse = inverse(vec![sql.clone()], Vec::new());
        step.sql = sql;
        step.at = self.at(objects.map(|object| Some(object.location)));
        Some(self.push(step, &[Effect::Needed], needs.to_vec()))
    }
}

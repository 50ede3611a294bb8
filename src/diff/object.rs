//! Views and stored programs that differ. They are compared as text.

use std::collections::HashSet;

use super::column::longest_increasing;
use super::{Comparison, Definer};
use crate::ident::Ident;
use crate::model::{Database, Meaning, ObjectKind, Sequence, TextObject};
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
    /// Its text, of which no more is known.
    Text,
    /// The account that it belongs to.
    Definer,
    /// A view's query.
    Query,
    /// The names of a view's columns.
    Columns,
    /// How a view is executed.
    Algorithm,
    /// With whose rights it runs.
    Security,
    /// Which rows may be written through a view.
    CheckOption,
    /// When a trigger runs, and on which table.
    Occasion,
    /// Which triggers of its occasion run before a trigger.
    Order,
    /// A routine's parameters.
    Parameters,
    /// The type of a function's result.
    Returns,
    /// How a routine uses data.
    Access,
    /// Whether a routine is deterministic.
    Deterministic,
    /// Its comment.
    Comment,
    /// When an event happens.
    Schedule,
    /// Whether an event stays after its end.
    Completion,
    /// Whether an event happens at all.
    Status,
    /// What it does.
    Body,
    /// The type of a sequence's values.
    SequenceType,
    /// The values of a sequence.
    Values,
    /// How many values of a sequence are taken at once.
    Cache,
    /// The engine of a sequence.
    Engine,
    /// The `sql_mode` that a program was made under.
    SqlMode,
    /// The charset of the connection that a program was made in.
    Connection,
}

impl ObjectAspect {
    /// What it is called before people; nothing where there is no more to say than that the object differs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "",
            Self::Definer => "definer",
            Self::Query => "query",
            Self::Columns => "columns",
            Self::Algorithm => "algorithm",
            Self::Security => "security",
            Self::CheckOption => "check option",
            Self::Occasion => "occasion",
            Self::Order => "order",
            Self::Parameters => "parameters",
            Self::Returns => "result",
            Self::Access => "use of data",
            Self::Deterministic => "determinism",
            Self::Comment => "comment",
            Self::Schedule => "schedule",
            Self::Completion => "completion",
            Self::Status => "status",
            Self::Body => "body",
            Self::SequenceType => "type",
            Self::Values => "values",
            Self::Cache => "cache",
            Self::Engine => "engine",
            Self::SqlMode => "sql_mode",
            Self::Connection => "charset of the connection",
        }
    }
}

/// What differs between two objects that do not agree.
fn differing(objects: Pair<&TextObject>) -> Vec<ObjectAspect> {
    use ObjectAspect as A;
    let mut found = Vec::new();
    let mut note = |differs: bool, aspect| {
        if differs {
            found.push(aspect)
        }
    };
    match (&objects.old.meaning, &objects.new.meaning) {
        (Meaning::View(old), Meaning::View(new)) => {
            note(old.algorithm != new.algorithm, A::Algorithm);
            note(old.security != new.security, A::Security);
            note(old.columns != new.columns, A::Columns);
            note(old.check != new.check, A::CheckOption);
            note(old.body != new.body, A::Query);
        }
        (Meaning::Trigger(old), Meaning::Trigger(new)) => {
            let moved = objects.old.table != objects.new.table;
            note(moved || (old.timing, old.event) != (new.timing, new.event), A::Occasion);
            note(old.body != new.body, A::Body);
        }
        (Meaning::Routine(old), Meaning::Routine(new)) => {
            note(old.parameter_types != new.parameter_types || old.aggregate != new.aggregate, A::Parameters);
            note(old.returns != new.returns, A::Returns);
            let (of_old, of_new) = (&old.characteristics, &new.characteristics);
            note(of_old.access != of_new.access, A::Access);
            note(of_old.deterministic != of_new.deterministic, A::Deterministic);
            note(of_old.security != of_new.security, A::Security);
            note(of_old.comment != of_new.comment, A::Comment);
            note(old.body != new.body, A::Body);
        }
        (Meaning::Event(old), Meaning::Event(new)) => {
            note(old.schedule != new.schedule, A::Schedule);
            note(old.preserve != new.preserve, A::Completion);
            note(old.status != new.status, A::Status);
            note(old.comment != new.comment, A::Comment);
            note(old.body != new.body, A::Body);
        }
        (Meaning::Sequence(old), Meaning::Sequence(new)) => {
            note(old.data_type != new.data_type, A::SequenceType);
            let values = |s: &Sequence| (s.start, s.min, s.max, s.increment, s.cycle);
            note(values(old) != values(new), A::Values);
            note(old.cache != new.cache, A::Cache);
            note(old.engine != new.engine, A::Engine);
            note(old.comment != new.comment, A::Comment);
        }
        _ => {}
    }
    if found.is_empty() {
        found.push(A::Text);
    }
    found
}

/// Whether two objects are the same but for the place of their definitions.
fn same(old: &TextObject, new: &TextObject) -> bool {
    old.agrees(new) && old.definer == new.definer && old.sql_mode == new.sql_mode && old.creation.agrees(&new.creation)
}

/// Compares the views and stored programs of two databases.
pub(crate) fn objects<'a>(sides: Pair<Option<&'a Database>>, comparison: &mut Comparison<'_>) -> Vec<ObjectChange<'a>> {
    let mut changes = Vec::new();
    let moved = moved(sides);
    let is_moved = |object: &TextObject| object.kind == ObjectKind::Trigger && moved.contains(&object.name);
    let find =
        |side: Option<&'a Database>, of: &TextObject| side.and_then(|d| d.objects.get(&(of.kind, of.name.clone())));
    for old in sides.old.iter().flat_map(|d| d.objects.values()) {
        let new = find(sides.new, old);
        if new.is_some_and(|new| same(old, new) && !is_moved(new))
            || !comparison.takes(old.kind.word(), old.name.as_str())
        {
            continue;
        }
        match new {
            None => {
                if comparison.drops(|| format!("{} {}", old.kind.word(), old.name.quoted())) {
                    changes.push(ObjectChange::Dropped(old));
                }
            }
            Some(new) => {
                let mut aspects = aspects(Pair::new(old, new), comparison);
                if is_moved(new) {
                    aspects.push(ObjectAspect::Order);
                }
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

/// The triggers that must be made anew because others of their occasion, which stay, run before them now.
fn moved(sides: Pair<Option<&Database>>) -> HashSet<Ident> {
    let (Some(old), Some(new)) = (sides.old, sides.new) else { return HashSet::new() };
    let (before, mut moved) = (old.triggers(), HashSet::new());
    for (occasion, triggers) in new.triggers() {
        let Some(before) = before.get(&occasion) else { continue };
        if !old.tells_order(before) || !new.tells_order(&triggers) {
            continue;
        }
        let stays = |name: &Ident| {
            let key = (ObjectKind::Trigger, name.clone());
            let pair = old.objects.get(&key).zip(new.objects.get(&key));
            pair.is_some_and(|(old, new)| old.agrees(new) && old.creation.agrees(&new.creation))
        };
        let kept: Vec<&Ident> = triggers.into_iter().filter(|name| before.contains(name) && stays(name)).collect();
        let places: Vec<Option<usize>> = kept.iter().map(|name| before.iter().position(|b| b == name)).collect();
        let still = longest_increasing(&places);
        moved.extend(kept.into_iter().zip(still).filter(|(_, still)| !still).map(|(name, _)| name.clone()));
    }
    moved
}

fn aspects(objects: Pair<&TextObject>, comparison: &mut Comparison<'_>) -> Vec<ObjectAspect> {
    let Pair { old, new } = objects;
    let mut found = Vec::new();
    if !old.agrees(new) {
        found = differing(objects);
    } else if old.definer != new.definer {
        match comparison.policies.definer {
            Definer::Ignore => {
                comparison.aside(format!("the definer of {} {}", new.kind.word(), new.name.quoted()), "definer=ignore");
            }
            // A statement that names no account leaves that to whoever runs it.
            Definer::Apply => found.push(ObjectAspect::Definer),
        }
    }
    // What only one side tells is no difference: files written by hand seldom say under which mode their programs are made.
    let both_tell = old.creation.sql_mode.is_some() && new.creation.sql_mode.is_some();
    if !old.creation.has_mode_of(&new.creation) {
        found.push(ObjectAspect::SqlMode);
    }
    if !old.creation.has_charset_of(&new.creation) {
        found.push(ObjectAspect::Connection);
    }
    if old.sql_mode != new.sql_mode && !both_tell && new.kind != ObjectKind::View && found.is_empty() {
        comparison.aside(format!("the sql_mode of {} {}", new.kind.word(), new.name.quoted()), "sql_mode=ignore");
    }
    found
}

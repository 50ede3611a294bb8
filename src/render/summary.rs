//! A plan in one line.

use indexmap::IndexMap;

use crate::document::{Action, Algorithm, HazardKind, Object, Plan};

/// What a plan does to one object, over all of its steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub(super) enum Fate {
    Changed,
    Added,
    Dropped,
}

impl Fate {
    const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Dropped => "dropped",
        }
    }
}

/// What becomes of an object by these actions: what is dropped and created anew has changed.
pub(super) fn fate(actions: impl Iterator<Item = Action>) -> Fate {
    let (mut creates, mut drops) = (false, false);
    for action in actions {
        match action {
            Action::Create => creates = true,
            Action::Drop => drops = true,
            Action::Alter | Action::Rename | Action::Replace | Action::Data => {}
        }
    }
    match (creates, drops) {
        (true, false) => Fate::Added,
        (false, true) => Fate::Dropped,
        (true, true) | (false, false) => Fate::Changed,
    }
}

/// The objects of a plan with the positions of their steps, in order of first mention.
pub(super) fn by_object(plan: &Plan) -> Vec<(&Object, Vec<usize>)> {
    let mut groups = IndexMap::<(&str, Option<&str>, &str), (&Object, Vec<usize>)>::new();
    for (at, step) in plan.steps.iter().enumerate() {
        let object = &step.object;
        let key = (object.kind.as_str(), object.schema.as_deref(), object.name.as_str());
        groups.entry(key).or_insert_with(|| (object, Vec::new())).1.push(at);
    }
    groups.into_values().collect()
}

/// The plan in one line: `2 tables changed, 1 added · 5 steps: 4 instant, 1 copy · 1 data loss`.
pub fn summary(plan: &Plan) -> String {
    if plan.steps.is_empty() {
        return "No differences.".to_owned();
    }
    [objects(plan), steps(plan), hazards(plan)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn objects(plan: &Plan) -> String {
    let mut counts = IndexMap::<(&str, Fate), usize>::new();
    for (object, steps) in by_object(plan) {
        let fate = fate(steps.iter().map(|at| plan.steps[*at].action));
        *counts.entry((object.kind.as_str(), fate)).or_default() += 1;
    }
    // Kinds in order of first mention; within a kind what changed, then what came, then what went.
    let mut kinds: Vec<&str> = Vec::new();
    for (kind, _) in counts.keys() {
        if !kinds.contains(kind) {
            kinds.push(kind);
        }
    }
    let mut parts = Vec::new();
    for kind in kinds {
        let mut named = false;
        for fate in [Fate::Changed, Fate::Added, Fate::Dropped] {
            let Some(count) = counts.get(&(kind, fate)) else { continue };
            parts.push(if named {
                format!("{count} {}", fate.word())
            } else {
                format!("{} {}", counted(*count, kind), fate.word())
            });
            named = true;
        }
    }
    parts.join(", ")
}

fn steps(plan: &Plan) -> String {
    let with = |algorithm: Algorithm, word: &str| {
        let count = plan.steps.iter().filter(|step| step.algorithm == Some(algorithm)).count();
        (count > 0).then(|| format!("{count} {word}"))
    };
    let kinds: Vec<String> =
        [with(Algorithm::Instant, "instant"), with(Algorithm::Inplace, "in place"), with(Algorithm::Copy, "copy")]
            .into_iter()
            .flatten()
            .collect();
    let steps = counted(plan.steps.len(), "step");
    if kinds.is_empty() { steps } else { format!("{steps}: {}", kinds.join(", ")) }
}

fn hazards(plan: &Plan) -> String {
    let count = |kind: HazardKind| {
        plan.steps.iter().flat_map(|step| &step.hazards).filter(|hazard| hazard.kind == kind).count()
    };
    let parts = HazardKind::ALL.into_iter().map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0);
    parts.map(|(kind, count)| format!("{count} {}", kind.word().replace('-', " "))).collect::<Vec<_>>().join(", ")
}

/// `1 table`, `2 tables`, `2 package bodies`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) => format!("{count} {stem}ies"),
        None => format!("{count} {noun}s"),
    }
}

//! A plan in one line.

use indexmap::IndexMap;

use super::touched::{Fate, touched};
use crate::document::{Algorithm, HazardKind, Lock, Plan, Step};
use crate::ident::Literal;

/// What a step costs, in words: `instant`, `rebuilds the table`, `writers wait`.
pub(super) fn cost(step: &Step) -> impl Iterator<Item = &'static str> {
    let algorithm = step.algorithm.map(|algorithm| match algorithm {
        Algorithm::Instant => "instant",
        Algorithm::Inplace => "in place",
        Algorithm::Copy => "copies the table",
    });
    let rebuild = (step.rebuilds_table && step.algorithm != Some(Algorithm::Copy)).then_some("rebuilds the table");
    let lock = step.lock.map(|lock| match lock {
        Lock::None => "no lock",
        Lock::Shared => "writers wait",
        Lock::Exclusive => "everybody waits",
    });
    [algorithm, rebuild, lock].into_iter().flatten()
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
    for touched in touched(plan) {
        *counts.entry((touched.object.kind.as_str(), touched.fate)).or_default() += 1;
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

/// In which session a step makes a program, where its source tells.
pub(super) fn session(step: &Step) -> Option<String> {
    let session = step.session.as_ref()?;
    let set: Vec<String> = session.settings().map(|(name, value)| format!("{name}={}", Literal(value))).collect();
    Some(format!("in a session with {}", set.join(", ")))
}

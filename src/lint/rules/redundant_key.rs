//! A key that is the beginning of another one.

use crate::lint::{Problem, Remedy, Rule, Subject};
use crate::model::{Index, IndexKind};
use crate::render::finding::Level;

/// A key that is the beginning of another one.
pub(super) const RULE: Rule = Rule {
    id: "redundant-key",
    summary: "A key that is the beginning of another one.",
    explanation: "The longer key finds everything that the shorter one does, and the shorter one costs space and every write.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let keys = &subject.table.indexes;
    for (at, key) in keys.iter().enumerate().filter(|(_, key)| key.kind == IndexKind::Plain && !key.invisible) {
        let serves = |(other_at, other): &(usize, &Index)| {
            let is_kind = matches!(other.kind, IndexKind::Primary | IndexKind::Unique | IndexKind::Plain);
            let is_same = other.parts == key.parts && other.kind == IndexKind::Plain;
            *other_at != at
                && is_kind
                && other.algorithm == key.algorithm
                && other.parts.starts_with(&key.parts)
                // Of two that are the same, the first stays.
                && (!is_same || *other_at < at)
        };
        if let Some((_, other)) = keys.iter().enumerate().find(serves) {
            let message = format!("key `{}` is the beginning of key `{}`", key.name, other.name);
            problems.push(Problem { remedy: Some(Remedy::Remove), ..Problem::of_key(key, message) });
        }
    }
}

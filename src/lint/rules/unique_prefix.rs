//! A unique key over the beginning of a column.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// A unique key over the beginning of a column.
pub(super) const RULE: Rule = Rule {
    id: "unique-prefix",
    summary: "A unique key over the beginning of a column.",
    explanation: "Values that differ only behind the prefix are duplicates.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for index in subject.table.indexes.iter().filter(|index| index.is_unique()) {
        if index.parts.iter().any(|part| part.prefix.is_some()) {
            problems.push(Problem::of_key(
                index,
                format!("unique key `{}` sees only the beginning of a column", index.name),
            ));
        }
    }
}

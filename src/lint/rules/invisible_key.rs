//! A key that the optimizer does not see.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// A key that the optimizer does not see.
pub(super) const RULE: Rule = Rule {
    id: "invisible-key",
    summary: "A key that the optimizer does not see.",
    explanation: "It costs every write and serves no query; once it is certain that it is not needed, it can go.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for index in subject.table.indexes.iter().filter(|index| index.invisible) {
        problems.push(Problem::of_key(index, format!("key `{}` is invisible", index.name)));
    }
}

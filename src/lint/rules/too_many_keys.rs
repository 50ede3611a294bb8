//! More keys than a table can bear.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// More keys than a table can bear.
pub(super) const RULE: Rule = Rule {
    id: "too-many-keys",
    summary: "More keys than a table can bear.",
    explanation: "Every write maintains every key.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    /// More than this is seldom needed.
    const MANY: usize = 16;
    let count = subject.table.indexes.len();
    if count > MANY {
        problems.push(Problem::of_table(format!("has {count} keys")));
    }
}

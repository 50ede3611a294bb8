//! More columns than one thing has.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// More columns than one thing has.
pub(super) const RULE: Rule = Rule {
    id: "too-many-columns",
    summary: "More columns than one thing has.",
    explanation: "Wide rows are read and written as a whole, and often hold several things.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    /// More than this is seldom one thing.
    const MANY: usize = 100;
    let count = subject.table.columns.len();
    if count > MANY {
        problems.push(Problem::of_table(format!("has {count} columns")));
    }
}

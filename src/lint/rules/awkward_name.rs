//! A name that needs quotes for its characters.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// A name that needs quotes for its characters.
pub(super) const RULE: Rule = Rule {
    id: "awkward-name",
    summary: "A name that needs quotes for its characters.",
    explanation: "Letters, digits and `_` need none, and travel through every tool.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let is_awkward = |name: &str| name.chars().any(|c| !c.is_ascii_alphanumeric() && c != '_');
    if is_awkward(subject.table.name.as_str()) {
        problems.push(Problem::of_table(format!("the name `{}` needs quotes", subject.table.name)));
    }
    for column in subject.table.columns.iter().filter(|column| is_awkward(column.name.as_str())) {
        problems.push(Problem::of_column(column, format!("the name of column `{}` needs quotes", column.name)));
    }
}

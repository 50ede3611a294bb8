//! A table without a primary key.

use crate::lint::{Problem, Rule, Subject};
use crate::model::Index;
use crate::render::finding::Level;

/// A table without a primary key.
pub(super) const RULE: Rule = Rule {
    id: "no-primary-key",
    summary: "A table without a primary key.",
    explanation: "InnoDB then keys the rows by a hidden counter that nothing can use; row-based replication looks for rows by full scans, and \
    group replication refuses the table. A unique key over columns that are NOT NULL serves as well.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let serves = |index: &Index| index.is_unique() && subject.columns_of(index).iter().all(|column| !column.nullable);
    if !subject.table.indexes.iter().any(serves) {
        problems.push(Problem::of_table("has no primary key"));
    }
}

//! Text in utf8mb3.

use crate::lint::{Problem, Rule, Subject};
use crate::model::Collation;
use crate::render::finding::Level;

/// Text in utf8mb3.
pub(super) const RULE: Rule = Rule {
    id: "utf8mb3",
    summary: "Text in utf8mb3.",
    explanation: "It holds no character beyond the Basic Multilingual Plane (no emoji) and is deprecated (MySQL 8.4 manual, section 12.9.2).",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let is_old = |collation: Collation| collation.charset().name() == "utf8mb3";
    if is_old(subject.table.options.collation) {
        problems.push(Problem::of_table("is utf8mb3 by default"));
    }
    for column in &subject.table.columns {
        // A column that merely inherits is said with the table.
        if column.collation.is_some_and(|own| is_old(own) && !is_old(subject.table.options.collation)) {
            problems.push(Problem::of_column(column, format!("column `{}` is utf8mb3", column.name)));
        }
    }
}

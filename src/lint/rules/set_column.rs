//! A SET column.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// A SET column.
pub(super) const RULE: Rule = Rule {
    id: "set-column",
    summary: "A SET column.",
    explanation: "Its values are lists in one cell: no key finds a member, and a change of the members is a change of the type.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in &subject.table.columns {
        if matches!(column.data_type, DataType::Set(_)) {
            problems.push(Problem::of_column(column, format!("column `{}` is a SET", column.name)));
        }
    }
}

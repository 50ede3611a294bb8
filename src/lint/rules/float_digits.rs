//! FLOAT or DOUBLE with digits.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// FLOAT or DOUBLE with digits.
pub(super) const RULE: Rule = Rule {
    id: "float-digits",
    summary: "FLOAT or DOUBLE with digits.",
    explanation: "FLOAT(M,D) rounds on the way in and is deprecated (MySQL 8.4 manual, section 13.1.4 \"Floating-Point Types\"); DECIMAL is what \
    it looks like.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in &subject.table.columns {
        if matches!(column.data_type, DataType::Float { digits: Some(_), .. }) {
            problems.push(Problem::of_column(column, format!("column `{}` is a float with digits", column.name)));
        }
    }
}

//! UNSIGNED on DECIMAL, FLOAT or DOUBLE.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// UNSIGNED on DECIMAL, FLOAT or DOUBLE.
pub(super) const RULE: Rule = Rule {
    id: "unsigned-fraction",
    summary: "UNSIGNED on DECIMAL, FLOAT or DOUBLE.",
    explanation: "It is deprecated (MySQL 8.4 manual, section 13.1.6 \"Numeric Type Attributes\"); a CHECK says the same.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in &subject.table.columns {
        if matches!(column.data_type, DataType::Float { unsigned: true, .. } | DataType::Decimal { unsigned: true, .. })
        {
            problems.push(Problem::of_column(column, format!("column `{}` is an unsigned fraction", column.name)));
        }
    }
}

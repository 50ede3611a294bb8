//! ZEROFILL.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// ZEROFILL.
pub(super) const RULE: Rule = Rule {
    id: "zerofill",
    summary: "ZEROFILL.",
    explanation: "It pads what clients see and nothing else, makes the column unsigned, and is deprecated (MySQL 8.4 manual, section 13.1.6).",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in &subject.table.columns {
        let is_filled = match column.data_type {
            DataType::Integer { zerofill, .. }
            | DataType::Decimal { zerofill, .. }
            | DataType::Float { zerofill, .. } => zerofill,
            _ => false,
        };
        if is_filled {
            problems.push(Problem::of_column(column, format!("column `{}` is filled with zeros", column.name)));
        }
    }
}

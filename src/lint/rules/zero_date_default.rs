//! A zero date as a default.

use crate::lint::{Problem, Rule, Subject};
use crate::model::{DataType, DefaultValue};
use crate::render::finding::Level;

/// A zero date as a default.
pub(super) const RULE: Rule = Rule {
    id: "zero-date-default",
    summary: "A zero date as a default.",
    explanation: "`0000-00-00` is no date; strict sessions refuse the default, and most clients cannot read it.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in &subject.table.columns {
        let is_date = matches!(column.data_type, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_));
        if is_date && matches!(&column.default, Some(DefaultValue::Literal(text)) if text.starts_with("0000-00-00")) {
            problems.push(Problem::of_column(column, format!("column `{}` is a zero date by default", column.name)));
        }
    }
}

//! A boolean that may be NULL.

use crate::lint::{Problem, Rule, Subject};
use crate::model::{DataType, Integer};
use crate::render::finding::Level;

/// A boolean that may be NULL.
pub(super) const RULE: Rule = Rule {
    id: "nullable-boolean",
    summary: "A boolean that may be NULL.",
    explanation: "It has three values, and `NOT x` is not the opposite of `x`.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in &subject.table.columns {
        let is_boolean = matches!(column.data_type, DataType::Integer { kind: Integer::Tiny, width: Some(1), .. });
        if is_boolean && column.nullable && column.generated.is_none() {
            problems.push(Problem::of_column(column, format!("boolean column `{}` may be NULL", column.name)));
        }
    }
}

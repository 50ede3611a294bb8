//! A UUID kept as text.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// A UUID kept as text.
pub(super) const RULE: Rule = Rule {
    id: "uuid-as-text",
    summary: "A UUID kept as text.",
    explanation: "36 characters instead of 16 bytes, in every key: BINARY(16) with UUID_TO_BIN, or MariaDB's UUID.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in &subject.table.columns {
        let is_uuid = column.name.as_str().to_ascii_lowercase().contains("uuid");
        if is_uuid && matches!(column.data_type, DataType::Char(36) | DataType::Varchar(36)) && subject.is_keyed(column)
        {
            problems.push(Problem::of_column(column, format!("column `{}` keeps a UUID as text", column.name)));
        }
    }
}

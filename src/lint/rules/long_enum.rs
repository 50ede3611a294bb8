//! An ENUM with many members.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// An ENUM with many members.
pub(super) const RULE: Rule = Rule {
    id: "long-enum",
    summary: "An ENUM with many members.",
    explanation: "Every new member is a change of the schema; a table of its own takes rows.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    /// More than this are data.
    const MANY: usize = 20;
    for column in &subject.table.columns {
        if let DataType::Enum(members) = &column.data_type
            && members.len() > MANY
        {
            problems
                .push(Problem::of_column(column, format!("column `{}` has {} members", column.name, members.len())));
        }
    }
}

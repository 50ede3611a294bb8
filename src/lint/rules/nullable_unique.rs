//! A unique key over columns that may be NULL.

use crate::lint::{Problem, Rule, Subject};
use crate::model::IndexKind;
use crate::render::finding::Level;

/// A unique key over columns that may be NULL.
pub(super) const RULE: Rule = Rule {
    id: "nullable-unique",
    summary: "A unique key over columns that may be NULL.",
    explanation: "NULL equals nothing, so rows with it are never duplicates.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for index in subject.table.indexes.iter().filter(|index| index.kind == IndexKind::Unique) {
        if let Some(column) = subject.columns_of(index).iter().find(|column| column.nullable) {
            let message =
                format!("unique key `{}` takes any number of rows where `{}` is NULL", index.name, column.name);
            problems.push(Problem::of_key(index, message));
        }
    }
}

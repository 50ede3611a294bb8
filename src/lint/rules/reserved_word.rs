//! A name that is a reserved word of the target.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;
use crate::syntax::keyword;

/// A name that is a reserved word of the target.
pub(super) const RULE: Rule = Rule {
    id: "reserved-word",
    summary: "A name that is a reserved word of the target.",
    explanation: "It must be quoted in every statement.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let is_reserved = |name: &str| keyword::is_reserved(name, subject.target);
    if is_reserved(subject.table.name.as_str()) {
        problems.push(Problem::of_table(format!("`{}` is a reserved word", subject.table.name)));
    }
    for column in subject.table.columns.iter().filter(|column| is_reserved(column.name.as_str())) {
        problems.push(Problem::of_column(column, format!("column `{}` is a reserved word", column.name)));
    }
}

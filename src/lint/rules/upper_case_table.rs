//! A table with capital letters in its name.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// A table with capital letters in its name.
pub(super) const RULE: Rule = Rule {
    id: "upper-case-table",
    summary: "A table with capital letters in its name.",
    explanation: "Whether `Users` and `users` are one table depends on the server's lower_case_table_names and its file system.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if subject.table.name.as_str().chars().any(char::is_uppercase) {
        problems.push(Problem::of_table(format!("the name `{}` has capital letters", subject.table.name)));
    }
}

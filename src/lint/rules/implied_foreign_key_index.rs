//! A foreign key that relies on the key which the server adds by itself.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// A foreign key that relies on the key which the server adds by itself.
pub(super) const RULE: Rule = Rule {
    id: "implied-foreign-key-index",
    summary: "A foreign key that relies on the key which the server adds by itself.",
    explanation: "Its name and its columns are the server's choice, and it goes when another key can serve; writing it down says that it is meant.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for index in subject.table.indexes.iter().filter(|index| index.generated) {
        problems.push(Problem::of_key(index, format!("key `{}` was added for a foreign key", index.name)));
    }
}

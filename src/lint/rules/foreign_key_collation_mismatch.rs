//! A foreign key over strings of different collations.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// A foreign key over strings of different collations.
pub(super) const RULE: Rule = Rule {
    id: "foreign-key-collation-mismatch",
    summary: "A foreign key over strings of different collations.",
    explanation: "A join of the two converts one side and cannot use its key; servers refuse such a key unless foreign_key_checks is off.",
    level: Level::Error,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for key in &subject.table.foreign_keys {
        for (child, parent) in subject.references(key) {
            let (Some(a), Some(b)) = (child.collation, parent.collation) else { continue };
            if a != b {
                let names = (a.printed(subject.target), b.printed(subject.target));
                let message = format!(
                    "column `{}` is {}, `{}` that it refers to is {}",
                    child.name, names.0, parent.name, names.1
                );
                problems.push(Problem::of_column(child, message));
            }
        }
    }
}

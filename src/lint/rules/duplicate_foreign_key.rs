//! Two foreign keys that say the same.

use crate::lint::{Part, Problem, Rule, Subject};
use crate::model::ForeignKey;
use crate::render::finding::Level;

/// Two foreign keys that say the same.
pub(super) const RULE: Rule = Rule {
    id: "duplicate-foreign-key",
    summary: "Two foreign keys that say the same.",
    explanation: "Each is checked on every write.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let keys = &subject.table.foreign_keys;
    for (at, key) in keys.iter().enumerate() {
        let is_same = |other: &&ForeignKey| {
            other.columns == key.columns
                && other.referenced_database == key.referenced_database
                && other.referenced_table == key.referenced_table
                && other.referenced_columns == key.referenced_columns
        };
        if let Some(other) = keys[..at].iter().find(is_same) {
            let part = Part::Constraint(key.name.to_string());
            problems.push(Problem::new(part, format!("foreign key `{}` says what `{}` says", key.name, other.name)));
        }
    }
}

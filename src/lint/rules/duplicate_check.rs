//! Two checks that say the same.

use crate::lint::{Part, Problem, Rule, Subject};
use crate::render::finding::Level;

/// Two checks that say the same.
pub(super) const RULE: Rule = Rule {
    id: "duplicate-check",
    summary: "Two checks that say the same.",
    explanation: "Each is computed on every write.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let checks = &subject.table.checks;
    for (at, check) in checks.iter().enumerate() {
        if let Some(other) = checks[..at].iter().find(|other| other.expression == check.expression) {
            let part = Part::Constraint(check.name.to_string());
            problems.push(Problem::new(part, format!("check `{}` says what `{}` says", check.name, other.name)));
        }
    }
}

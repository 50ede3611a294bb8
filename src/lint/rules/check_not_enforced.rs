//! A check that is not enforced.

use crate::lint::{Part, Problem, Rule, Subject};
use crate::render::finding::Level;

/// A check that is not enforced.
pub(super) const RULE: Rule = Rule {
    id: "check-not-enforced",
    summary: "A check that is not enforced.",
    explanation: "It promises what nothing holds.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for check in subject.table.checks.iter().filter(|check| !check.enforced) {
        let part = Part::Constraint(check.name.to_string());
        problems.push(Problem::new(part, format!("check `{}` is not enforced", check.name)));
    }
}

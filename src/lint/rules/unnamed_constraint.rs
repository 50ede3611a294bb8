//! A constraint whose name the server chose.

use crate::lint::{Part, Problem, Rule, Subject};
use crate::render::finding::Level;

/// A constraint whose name the server chose.
pub(super) const RULE: Rule = Rule {
    id: "unnamed-constraint",
    summary: "A constraint whose name the server chose.",
    explanation: "The name depends on the order of creation, so that the same schema gets other names elsewhere, and a migration must look it up.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let table = subject.table;
    for key in table.foreign_keys.iter().filter(|key| key.generated_name) {
        let part = Part::Constraint(key.name.to_string());
        problems.push(Problem::new(part, format!("foreign key `{}` has no name of its own", key.name)));
    }
    for check in table.checks.iter().filter(|check| check.generated_name) {
        let part = Part::Constraint(check.name.to_string());
        problems.push(Problem::new(part, format!("check `{}` has no name of its own", check.name)));
    }
}

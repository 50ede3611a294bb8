//! A counter in a type that it may outgrow.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// A counter in a type that it may outgrow.
pub(super) const RULE: Rule = Rule {
    id: "auto-increment-overflow",
    summary: "A counter in a type that it may outgrow.",
    explanation: "When AUTO_INCREMENT reaches the end of its type, inserts fail. A counter that is past half of it, or a type smaller than INT, is \
    worth a look.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for column in subject.table.columns.iter().filter(|column| column.auto_increment) {
        let DataType::Integer { kind, unsigned, .. } = column.data_type else { continue };
        let most = u64::MAX >> (64 - kind.bits() + u32::from(!unsigned));
        let counter = subject.table.options.auto_increment.unwrap_or_default();
        if counter > most / 2 {
            let percent = u128::from(counter) * 100 / u128::from(most);
            problems.push(Problem::of_column(
                column,
                format!("column `{}` has used {percent} % of its numbers", column.name),
            ));
        } else if kind.bits() < 32 {
            problems.push(Problem::of_column(column, format!("column `{}` counts to {most} only", column.name)));
        }
    }
}

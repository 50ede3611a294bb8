//! Money in FLOAT or DOUBLE.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// Money in FLOAT or DOUBLE.
pub(super) const RULE: Rule = Rule {
    id: "float-money",
    summary: "Money in FLOAT or DOUBLE.",
    explanation: "Sums of binary fractions are off by cents; DECIMAL is exact.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    const MONEY: [&str; 12] = [
        "amount", "balance", "budget", "cost", "discount", "fee", "payment", "price", "revenue", "salary", "tax",
        "total",
    ];
    for column in &subject.table.columns {
        let name = column.name.as_str().to_ascii_lowercase();
        let is_money = name
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| MONEY.contains(&word) || word.strip_suffix('s').is_some_and(|word| MONEY.contains(&word)));
        if is_money && matches!(column.data_type, DataType::Float { .. }) {
            problems.push(Problem::of_column(
                column,
                format!("column `{}` looks like money and is not exact", column.name),
            ));
        }
    }
}

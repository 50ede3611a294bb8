//! Columns of one table with different collations of one charset.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// Columns of one table with different collations of one charset.
pub(super) const RULE: Rule = Rule {
    id: "mixed-collations",
    summary: "Columns of one table with different collations of one charset.",
    explanation: "Comparing them is an error or a conversion. The binary collation of a charset is taken as meant.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let default = subject.table.options.collation;
    for column in &subject.table.columns {
        let Some(own) = column.collation else { continue };
        if own != default && own.charset() == default.charset() && own != own.charset().binary_collation() {
            let names = (own.printed(subject.target), default.printed(subject.target));
            problems.push(Problem::of_column(
                column,
                format!("column `{}` is {}, the table {}", column.name, names.0, names.1),
            ));
        }
    }
}

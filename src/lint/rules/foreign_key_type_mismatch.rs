//! A foreign key whose column is of another type than the one that it refers to.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// A foreign key whose column is of another type than the one that it refers to.
pub(super) const RULE: Rule = Rule {
    id: "foreign-key-type-mismatch",
    summary: "A foreign key whose column is of another type than the one that it refers to.",
    explanation: "Servers take such a key only with foreign_key_checks off; every join then converts, and values may not fit.",
    level: Level::Error,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    for key in &subject.table.foreign_keys {
        for (child, parent) in
            subject.references(key).filter(|(child, parent)| !fits(&child.data_type, &parent.data_type))
        {
            let message = format!("column `{}` refers to `{}`, which is of another type", child.name, parent.name);
            problems.push(Problem::of_column(child, message));
        }
    }
}

/// Lengths of strings may differ; kinds, signs and sizes of numbers may not.
fn fits(child: &DataType, parent: &DataType) -> bool {
    match (child, parent) {
        (DataType::Integer { kind: a, unsigned: b, .. }, DataType::Integer { kind: c, unsigned: d, .. }) => {
            (a, b) == (c, d)
        }
        (DataType::Char(_) | DataType::Varchar(_), DataType::Char(_) | DataType::Varchar(_))
        | (DataType::Binary(_) | DataType::Varbinary(_), DataType::Binary(_) | DataType::Varbinary(_)) => true,
        (child, parent) => child == parent,
    }
}

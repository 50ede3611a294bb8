//! TIMESTAMP, which ends in 2038.

use crate::lint::{Problem, Rule, Subject};
use crate::model::DataType;
use crate::render::finding::Level;

/// TIMESTAMP, which ends in 2038.
pub(super) const RULE: Rule = Rule {
    id: "timestamp-2038",
    summary: "TIMESTAMP, which ends in 2038.",
    explanation: "It holds no later second than 2038-01-19 03:14:07 UTC (MySQL 8.4 manual, section 13.2.2); DATETIME does. MariaDB 11.5 and later \
    reach 2106.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if subject.target.is_mariadb_since(110_500) {
        return;
    }
    for column in &subject.table.columns {
        if matches!(column.data_type, DataType::Timestamp(_)) {
            problems.push(Problem::of_column(column, format!("column `{}` ends in 2038", column.name)));
        }
    }
}

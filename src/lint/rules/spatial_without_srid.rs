//! A spatial key over a column without an SRID.

use crate::lint::{Problem, Rule, Subject};
use crate::model::IndexKind;
use crate::render::finding::Level;

/// A spatial key over a column without an SRID.
pub(super) const RULE: Rule = Rule {
    id: "spatial-without-srid",
    summary: "A spatial key over a column without an SRID.",
    explanation: "MySQL's optimizer does not use such a key (MySQL 8.4 manual, section 10.3.3 \"SPATIAL Index Optimization\").",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    if !subject.target.is_mysql_since(80_003) {
        return;
    }
    for index in subject.table.indexes.iter().filter(|index| index.kind == IndexKind::Spatial) {
        if let Some(column) = subject.columns_of(index).iter().find(|column| column.srid.is_none()) {
            problems.push(Problem::of_key(
                index,
                format!("column `{}` has no SRID, so that key `{}` is not used", column.name, index.name),
            ));
        }
    }
}

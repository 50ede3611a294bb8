//! Ranges of partitions that end.

use crate::lint::{Problem, Rule, Subject};
use crate::model::{PartitionMethod, PartitionValues};
use crate::render::finding::Level;

/// Ranges of partitions that end.
pub(super) const RULE: Rule = Rule {
    id: "range-without-maxvalue",
    summary: "Ranges of partitions that end.",
    explanation: "A row beyond the last range is refused (error 1526), unless somebody adds partitions in time.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    let Some(partitioning) = &subject.table.partitioning else { return };
    let is_range = matches!(partitioning.method, PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_));
    let ends = match partitioning.partitions.last().map(|last| &last.values) {
        Some(PartitionValues::LessThan(bounds)) => bounds.iter().any(Option::is_some),
        Some(_) | None => false,
    };
    if is_range && ends {
        problems.push(Problem::of_table("takes no rows beyond its last partition"));
    }
}

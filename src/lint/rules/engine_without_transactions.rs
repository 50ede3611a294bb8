//! An engine without transactions.

use crate::lint::{Problem, Rule, Subject};
use crate::render::finding::Level;

/// An engine without transactions.
pub(super) const RULE: Rule = Rule {
    id: "engine-without-transactions",
    summary: "An engine without transactions.",
    explanation: "MyISAM, MEMORY, CSV and the like lose rows in a crash, lock the whole table, and ignore foreign keys.",
    level: Level::Warning,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    const UNSAFE: [&str; 5] = ["MyISAM", "MEMORY", "CSV", "ARCHIVE", "MRG_MyISAM"];
    let engine = &subject.table.options.engine;
    if UNSAFE.iter().any(|name| name.eq_ignore_ascii_case(engine)) {
        problems.push(Problem::of_table(format!("is kept by {engine}, which has no transactions")));
    }
}

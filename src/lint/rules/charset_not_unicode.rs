//! Text in a charset that is not Unicode.

use crate::lint::{Problem, Rule, Subject};
use crate::model::Collation;
use crate::render::finding::Level;

/// Text in a charset that is not Unicode.
pub(super) const RULE: Rule = Rule {
    id: "charset-not-unicode",
    summary: "Text in a charset that is not Unicode.",
    explanation: "What it cannot hold is lost or refused.",
    level: Level::Note,
    check,
};

fn check(subject: &Subject<'_>, problems: &mut Vec<Problem>) {
    const LEGACY: [&str; 5] = ["utf8mb4", "utf8mb3", "binary", "utf16", "utf32"];
    let is_legacy = |collation: Collation| !LEGACY.contains(&collation.charset().name());
    let default = subject.table.options.collation;
    if is_legacy(default) {
        problems.push(Problem::of_table(format!("is {} by default", default.charset().printed(subject.target))));
    }
    for column in &subject.table.columns {
        if let Some(own) = column.collation.filter(|own| is_legacy(*own) && own.charset() != default.charset()) {
            let charset = own.charset().printed(subject.target);
            problems.push(Problem::of_column(column, format!("column `{}` is {charset}", column.name)));
        }
    }
}

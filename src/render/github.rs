//! Findings as workflow commands: GitHub's runner turns each line into an annotation of a file.

use std::fmt::Write as _;

use super::finding::{Finding, Level, file_and_line, of_plan};
use super::summary::summary;
use crate::document::Plan;

/// The plan's findings, gravest first (a run shows ten of each kind at most), then the plan in one line.
pub fn github(plan: &Plan) -> String {
    let mut findings = of_plan(plan);
    findings.sort_by_key(|finding| finding.level);
    let mut out = annotations(&findings);
    let _ = writeln!(out, "::notice title=alterplan::{}", data(&summary(plan)));
    out
}

/// Findings as annotations, a line each.
pub fn annotations(findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let place = finding.at.as_deref().and_then(file_and_line);
        let place = place.map(|(file, line)| format!("file={},line={line},", property(file))).unwrap_or_default();
        let title = property(&format!("{}: {}", finding.rule, finding.title));
        let _ = writeln!(out, "::{command} {place}title={title}::{}", data(&finding.message));
    }
    out
}

/// A message: what would end the line is escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value: what would end the property as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

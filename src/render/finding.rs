//! Findings: what other programs show beside the lines of a file. A plan's hazards are findings.

use crate::document::{HazardKind, Plan};

/// Something worth a reader's attention, at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How grave it is.
    pub level: Level,
    /// The rule that it falls under: one of the names in the rules that it is shown with.
    pub rule: &'static str,
    /// What it is about, such as `step 3, table users`.
    pub title: String,
    /// The finding in words.
    pub message: String,
    /// Where, as `file:line`.
    pub at: Option<String>,
}

/// How grave a finding is, gravest first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub enum Level {
    /// Stop and look.
    Error,
    /// Look.
    Warning,
    /// Good to know.
    Note,
}

/// A kind of finding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its name.
    pub id: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// How grave its findings are, unless they say otherwise.
    pub level: Level,
}

/// The rule of steps that cost nothing to speak of.
const CHANGE: &str = "schema-change";
/// The rule of what could not be read.
const NOT_UNDERSTOOD: &str = "not-understood";

/// The rules that a plan's findings fall under.
pub const PLAN_RULES: [Rule; 8] = [
    Rule { id: HazardKind::DataLoss.word(), summary: "Drops or narrows data.", level: Level::Error },
    Rule { id: HazardKind::MayFail.word(), summary: "May fail, depending on the rows.", level: Level::Warning },
    Rule { id: HazardKind::Incompatible.word(), summary: "Breaks code of the old version.", level: Level::Warning },
    Rule { id: HazardKind::Semantics.word(), summary: "The same rows give other answers.", level: Level::Warning },
    Rule { id: HazardKind::Rewrite.word(), summary: "Copies or rebuilds the table.", level: Level::Note },
    Rule { id: HazardKind::Lock.word(), summary: "Writers wait.", level: Level::Note },
    Rule { id: CHANGE, summary: "Changes the schema, without a hazard.", level: Level::Note },
    Rule { id: NOT_UNDERSTOOD, summary: "Was not understood, and compared word by word.", level: Level::Warning },
];

/// A plan's findings: a step's hazards, or the step itself where it has none, and what was not understood.
pub fn of_plan(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in &plan.steps {
        let title = format!("step {}, {} {}", step.id, step.object.kind, super::touched::full_name(&step.object));
        let at = step.at.new.clone().or_else(|| step.at.old.clone());
        let mut add = |rule: &'static str, message: String| {
            findings.push(Finding { level: level(rule), rule, title: title.clone(), message, at: at.clone() });
        };
        for hazard in &step.hazards {
            add(hazard.kind.word(), hazard.reason.clone());
        }
        if step.hazards.is_empty() {
            add(CHANGE, step.changes.join("; "));
        }
    }
    findings.extend(plan.not_understood.iter().map(|gap| Finding {
        level: level(NOT_UNDERSTOOD),
        rule: NOT_UNDERSTOOD,
        title: "not understood".to_owned(),
        message: gap.text.clone(),
        at: Some(gap.at.clone()).filter(|at| !at.is_empty()),
    }));
    findings
}

fn level(rule: &str) -> Level {
    PLAN_RULES.iter().find(|known| known.id == rule).map_or(Level::Warning, |known| known.level)
}

/// A path in the checkout with a line, from `file:line`; nothing for places that are no files there: standard input, a server.
pub(super) fn file_and_line(at: &str) -> Option<(&str, u32)> {
    let (name, line) = at.rsplit_once(':')?;
    let path = match name.strip_prefix("git:") {
        Some(rest) => rest.split_once(':')?.1,
        None => name,
    };
    let is_file = !path.is_empty() && !path.starts_with('<') && !path.contains("://");
    is_file.then_some((path.strip_prefix("./").unwrap_or(path), line.parse().ok()?))
}

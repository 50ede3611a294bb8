//! The plan for a pull request's comment: the verdict first, then the steps with their cost, then all that one may open.
//!
//! The text never exceeds what GitHub takes; what does not fit is counted.

use super::finding::{Level, PLAN_RULES};
use super::mermaid::mermaid;
use super::patch::patch;
use super::relations::diagram;
use super::style::one_line;
use super::summary::{self, cost, counted};
use super::touched::full_name;
use crate::document::{Hazard, HazardKind, Plan, Step};
use crate::model::Schema;
use crate::source::Pair;
use crate::target::Target;

/// The characters that GitHub takes in a comment; bytes are counted, to be on the safe side.
pub const COMMENT_AT_MOST: usize = 65_536;
/// What each part may take of it. The definitions come last and take what is left.
const WARNINGS_AT_MOST: usize = 8_000;
const STEPS_AT_MOST: usize = 16_000;
const SQL_AT_MOST: usize = 20_000;
const DIAGRAM_AT_MOST: usize = 8_000;
/// Room for a line that counts what was left out.
const COUNT: usize = 80;

/// The plan as Markdown in GitHub's dialect. The schemas are those that the plan was made of.
pub fn markdown(plan: &Plan, schemas: Pair<&Schema>, target: Target) -> String {
    let mut out = format!("### Schema: {}\n\n", text(&summary::summary(plan)));
    if plan.steps.is_empty() && plan.not_understood.is_empty() {
        return out;
    }
    out.push_str(&warnings(plan));
    out.push_str(&steps(plan));
    out.push_str(&statements(plan));
    let drawing = mermaid(&diagram(plan, schemas, target));
    if drawing.lines().count() > 1 && drawing.len() <= DIAGRAM_AT_MOST {
        out.push_str(&details("Diagram", &fenced("mermaid", &drawing)));
    }
    out.push_str(&footer(plan));
    let left = COMMENT_AT_MOST.saturating_sub(out.len());
    out.push_str(&definitions(plan, schemas, target, left));
    out
}

/// What a reviewer must see before anything else: an alert for the gravest kind of hazards, a line for each.
fn warnings(plan: &Plan) -> String {
    let mut hazards: Vec<(&Step, &Hazard)> =
        plan.steps.iter().flat_map(|step| step.hazards.iter().map(move |hazard| (step, hazard))).collect();
    let gravity = |kind: HazardKind| HazardKind::ALL.into_iter().position(|known| known == kind);
    hazards.sort_by_key(|(_, hazard)| gravity(hazard.kind));
    let level = |kind: HazardKind| PLAN_RULES.iter().find(|r| r.id == kind.word()).map_or(Level::Warning, |r| r.level);
    // What only costs time stands in the table.
    hazards.retain(|(_, hazard)| level(hazard.kind) < Level::Note);
    let alert = match hazards.first().map(|(_, hazard)| level(hazard.kind)) {
        Some(Level::Error) => "CAUTION",
        None if plan.not_understood.is_empty() => {
            return "No hazard for data or for running code.\n\n".to_owned();
        }
        Some(Level::Warning | Level::Note) | None => "WARNING",
    };
    let hazards = hazards.into_iter().map(|(step, hazard)| {
        let name = code(&full_name(&step.object));
        format!("> - **{}** (step {}, {name}): {}\n", hazard.kind.word(), step.id, text(&hazard.reason))
    });
    let gaps = plan
        .not_understood
        .iter()
        .map(|gap| format!("> - **not understood** ({}): {}\n", text(&gap.at), code(&gap.text)));
    let lines = fit(hazards.chain(gaps), WARNINGS_AT_MOST, |left| format!("> - … and {left} more\n"));
    format!("> [!{alert}]\n{lines}\n")
}

fn steps(plan: &Plan) -> String {
    let rows = plan.steps.iter().map(|step| {
        let name = format!("{} {}", step.object.kind, code(&full_name(&step.object)));
        let changes = step.changes.iter().map(|change| text(change)).collect::<Vec<_>>().join("<br>");
        let cost = [step.phase.word()].into_iter().chain(cost(step)).collect::<Vec<_>>().join(", ");
        let kinds = HazardKind::ALL.into_iter().filter(|kind| step.hazards.iter().any(|hazard| hazard.kind == *kind));
        let kinds: Vec<&str> = kinds.map(HazardKind::word).collect();
        let back = if step.inverse.is_some() { "yes" } else { "no" };
        let cell = |content: String| content.replace('|', "\\|");
        let (name, changes) = (cell(name), cell(changes));
        format!("| {} | {name} | {changes} | {cost} | {} | {back} |\n", step.id, kinds.join(", "))
    });
    let rows = fit(rows, STEPS_AT_MOST, |left| format!("\n… and {}.\n", counted(left, "more step")));
    format!("| step | object | change | cost | hazards | reversible |\n|--:|---|---|---|---|---|\n{rows}\n")
}

fn statements(plan: &Plan) -> String {
    let session = |step| summary::session(step).map_or_else(String::new, |session| format!(" {}", one_line(&session)));
    let sql =
        plan.steps.iter().map(|step| format!("-- step {}{}\n{};\n\n", step.id, session(step), visible_sql(&step.sql)));
    let sql = fit(sql, SQL_AT_MOST, |left| format!("-- … and {}\n", counted(left, "more statement")));
    details("SQL", &fenced("sql", &sql))
}

fn visible_sql(sql: &str) -> String {
    super::style::visible(sql).trim_end_matches('\n').to_owned()
}

/// The line diff of all definitions, cut at a line.
fn definitions(plan: &Plan, schemas: Pair<&Schema>, target: Target, left: usize) -> String {
    let patch = super::style::visible(&patch(plan, schemas, target));
    if patch.is_empty() {
        return String::new();
    }
    let around = details("Definitions", &fenced_as("diff", "", &patch)).len();
    let lines = patch.split_inclusive('\n').map(str::to_owned);
    let lines = fit(lines, left.saturating_sub(around), |left| format!("… and {}\n", counted(left, "more line")));
    if lines.lines().count() < 4 { String::new() } else { details("Definitions", &fenced_as("diff", &lines, &patch)) }
}

fn footer(plan: &Plan) -> String {
    let renames = plan.renames.iter().map(|rename| {
        format!("- renamed ({}): {} {} → {}\n", rename.why, rename.kind, code(&rename.from), code(&rename.to))
    });
    let aside = plan.set_aside.iter().map(|aside| format!("- set aside by {}: {}\n", aside.policy, text(&aside.what)));
    let notes = fit(renames.chain(aside), WARNINGS_AT_MOST, |left| format!("- … and {left} more\n"));
    if notes.is_empty() { notes } else { details("Notes", &notes) }
}

/// As many of the pieces as fit, in order, then how many did not.
fn fit(pieces: impl Iterator<Item = String>, at_most: usize, left_out: impl Fn(usize) -> String) -> String {
    let mut out = String::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next_if(|piece| out.len() + piece.len() + COUNT <= at_most) {
        out.push_str(&piece);
    }
    match pieces.count() {
        0 => {}
        left => out.push_str(&left_out(left)),
    }
    out
}

fn details(title: &str, content: &str) -> String {
    format!("<details>\n<summary>{title}</summary>\n\n{content}\n</details>\n\n")
}

fn fenced(language: &str, content: &str) -> String {
    fenced_as(language, content, content)
}

/// A fence longer than any run of backticks in `longest`, so that the content cannot end it.
fn fenced_as(language: &str, content: &str, longest: &str) -> String {
    let run = longest.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(run.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", content.trim_end_matches('\n'))
}

/// A code span. One that holds backticks is fenced with more of them.
fn code(content: &str) -> String {
    let content = one_line(content);
    let run = content.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(run + 1);
    let pad = if content.starts_with('`') || content.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{content}{pad}{fence}")
}

/// Words of ours with names between backticks: the names stay code, all else is plain text that formats nothing,
/// links nothing and calls nobody.
fn text(content: &str) -> String {
    let content = one_line(content);
    let parts: Vec<&str> = content.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return plain(&content);
    }
    let mut out = String::new();
    for (at, part) in parts.into_iter().enumerate() {
        match at % 2 {
            0 => out.push_str(&plain(part)),
            // A doubled backtick in a name ends one span and begins the next.
            _ if part.is_empty() => out.push_str("\\`\\`"),
            _ => out.push_str(&code(part)),
        }
    }
    out
}

fn plain(content: &str) -> String {
    let mut out = String::with_capacity(content.len());
    for c in content.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A zero-width space keeps it from being a mention or a reference.
            '@' | '#' => out.extend([c, '\u{200b}']),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

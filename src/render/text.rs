//! The plan for people at a terminal: object by object the changes in words, the definitions side by
//! side as a line diff, and the statements with what they cost.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::sql::full_name;
use super::style::{Role, Style, one_line, visible};
use super::summary::{self, Fate};
use crate::canonical::fingerprint::comparable_table;
use crate::document::{Algorithm, At, HazardKind, Lock, Object, Phase, Plan, Step};
use crate::model::Schema;
use crate::source::Pair;
use crate::target::Target;

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// The plan as text. The schemas are those that the plan was made of; definitions are shown as the plan's
/// target prints them.
pub fn text(plan: &Plan, schemas: Pair<&Schema>, target: Target, style: Style) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", style.paint(Role::Heading, summary::summary(plan)));
    for (object, steps) in summary::by_object(plan) {
        let steps: Vec<&Step> = steps.into_iter().map(|at| &plan.steps[at]).collect();
        out.push('\n');
        heading(&mut out, object, &steps, style);
        for change in steps.iter().flat_map(|step| &step.changes) {
            let _ = writeln!(out, "  {}", one_line(change));
        }
        definitions(&mut out, &steps, schemas, target, style);
        for step in steps {
            statement(&mut out, step, style);
        }
    }
    footer(&mut out, plan, style);
    out
}

/// `~ table users (old.sql:12 → new.sql:14)`
fn heading(out: &mut String, object: &Object, steps: &[&Step], style: Style) {
    let (sign, role) = match summary::fate(steps.iter().map(|step| step.action)) {
        Fate::Changed => ("~", Role::Caution),
        Fate::Added => ("+", Role::Added),
        Fate::Dropped => ("-", Role::Removed),
    };
    let old_name = steps.iter().find_map(|step| step.object.old_name.as_deref()).filter(|old| *old != object.name);
    let renamed = old_name.map(|old| format!("{} → ", one_line(old))).unwrap_or_default();
    let title = format!("{} {renamed}{}", object.kind, one_line(&full_name(object)));
    let at = At {
        old: steps.iter().find_map(|step| step.at.old.clone()),
        new: steps.iter().find_map(|step| step.at.new.clone()),
    };
    let place = match (at.old, at.new) {
        (Some(old), Some(new)) => format!(" ({old} → {new})"),
        (Some(one), None) | (None, Some(one)) => format!(" ({one})"),
        (None, None) => String::new(),
    };
    let _ = writeln!(
        out,
        "{} {}{}",
        style.paint(role, sign),
        style.paint(Role::Heading, title),
        style.paint(Role::Faint, one_line(&place))
    );
}

/// The line diff of the object's definitions.
fn definitions(out: &mut String, steps: &[&Step], schemas: Pair<&Schema>, target: Target, style: Style) {
    let Some(first) = steps.first() else { return };
    let object = &first.object;
    let old_name = steps.iter().find_map(|step| step.object.old_name.as_deref()).unwrap_or(&object.name);
    let old = definition(schemas.old, object, old_name, target);
    let new = definition(schemas.new, object, &object.name, target);
    if old == new {
        return;
    }
    let diff = TextDiff::from_lines(&old, &new);
    for (n, hunk) in diff.unified_diff().context_radius(CONTEXT).iter_hunks().enumerate() {
        out.push('\n');
        // The first heading says nothing where all of the definition is shown.
        if n > 0 || !(old.is_empty() || new.is_empty()) {
            let _ = writeln!(out, "    {}", style.paint(Role::Margin, hunk.header().to_string()));
        }
        for change in hunk.iter_changes() {
            let line = visible(change.value().trim_end_matches('\n'));
            let _ = match change.tag() {
                ChangeTag::Equal => writeln!(out, "      {line}"),
                ChangeTag::Delete => writeln!(out, "    {}", style.paint(Role::Removed, format!("- {line}"))),
                ChangeTag::Insert => writeln!(out, "    {}", style.paint(Role::Added, format!("+ {line}"))),
            };
        }
    }
}

/// The object's definition as the target prints it, or nothing.
fn definition(schema: &Schema, object: &Object, name: &str, target: Target) -> String {
    let Some(database) = schema.database(object.schema.as_deref()) else { return String::new() };
    let mut text = match object.kind.as_str() {
        "table" => database.tables.get(name).map(|table| comparable_table(table, target)),
        kind => database
            .objects
            .values()
            .find(|o| o.kind.word() == kind && o.name.as_str() == name)
            .map(|o| o.text.to_string()),
    }
    .unwrap_or_default();
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The statement under a line with its number, phase, cost and hazards.
fn statement(out: &mut String, step: &Step, style: Style) {
    let phase = match step.phase {
        Phase::Expand => "expand",
        Phase::Contract => "contract",
    };
    let algorithm = step.algorithm.map(|algorithm| match algorithm {
        Algorithm::Instant => "instant",
        Algorithm::Inplace => "in place",
        Algorithm::Copy => "copies the table",
    });
    let rebuild = (step.rebuilds_table && step.algorithm != Some(Algorithm::Copy)).then_some("rebuilds the table");
    let lock = step.lock.map(|lock| match lock {
        Lock::None => "no lock",
        Lock::Shared => "writers wait",
        Lock::Exclusive => "everybody waits",
    });
    let words: Vec<&str> = [Some(phase), algorithm, rebuild, lock].into_iter().flatten().collect();
    let _ = writeln!(out, "\n  {}", style.paint(Role::Faint, format!("step {}: {}", step.id, words.join(", "))));
    for hazard in &step.hazards {
        let role = match hazard.kind {
            HazardKind::DataLoss | HazardKind::Incompatible => Role::Danger,
            HazardKind::MayFail | HazardKind::Semantics | HazardKind::Rewrite | HazardKind::Lock => Role::Caution,
        };
        let _ =
            writeln!(out, "  {} {}", style.paint(role, format!("{}:", hazard.kind.word())), one_line(&hazard.reason));
    }
    if let Some(why) = &step.irreversible {
        let _ = writeln!(out, "  {} {}", style.paint(Role::Caution, "irreversible:"), one_line(why));
    }
    for line in visible(&step.sql).lines() {
        let _ = writeln!(out, "  {line}");
    }
    out.truncate(out.trim_end_matches('\n').len());
    out.push_str(";\n");
}

/// Renames that were taken for such, and what is not in the plan.
fn footer(out: &mut String, plan: &Plan, style: Style) {
    let mut lines = Vec::new();
    for rename in &plan.renames {
        let place = if rename.table == rename.from { String::new() } else { format!(" of {}", rename.table) };
        lines.push(format!("rename ({}): {} {} → {}{place}", rename.why, rename.kind, rename.from, rename.to));
    }
    for left_out in &plan.set_aside {
        lines.push(format!("set aside by {}: {}", left_out.policy, left_out.what));
    }
    for gap in &plan.not_understood {
        lines.push(format!("not understood: {}: {}", gap.at, gap.text));
    }
    if !lines.is_empty() {
        out.push('\n');
    }
    for line in lines {
        let _ = writeln!(out, "{}", style.paint(Role::Faint, one_line(&line)));
    }
}

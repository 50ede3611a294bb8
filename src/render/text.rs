//! The plan for people at a terminal: object by object the changes in words, the definitions side by
//! side as a line diff, and the statements with what they cost.

use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::style::{Look, Role, Style, one_line, visible};
use super::summary::{self, cost};
use super::touched::{Fate, Touched, place, touched};
use crate::document::{HazardKind, Plan, Step};
use crate::model::Schema;
use crate::source::Pair;
use crate::target::Target;

/// How many unchanged lines are shown around a change.
pub(super) const CONTEXT: usize = 3;

/// The plan as text. The schemas are those that the plan was made of; definitions are shown as the plan's
/// target prints them.
pub fn text(plan: &Plan, schemas: Pair<&Schema>, target: Target, look: impl Into<Look>) -> String {
    let look = look.into();
    let style = look.style;
    let mut out = look.say("", None, Some(Role::Heading), &summary::summary(plan));
    for object in touched(plan) {
        out.push('\n');
        heading(&mut out, &object, style);
        for change in object.changes() {
            out.push_str(&look.say("  ", None, None, &one_line(change)));
        }
        definitions(&mut out, &object.definitions(schemas, target), style);
        for step in &object.steps {
            statement(&mut out, step, look);
        }
    }
    footer(&mut out, plan, look);
    out
}

/// `~ table users (old.sql:12 → new.sql:14)`
fn heading(out: &mut String, touched: &Touched<'_>, style: Style) {
    let role = match touched.fate {
        Fate::Changed => Role::Caution,
        Fate::Added => Role::Added,
        Fate::Dropped => Role::Removed,
    };
    let object = touched.object;
    let renamed =
        if touched.old_name == object.name { String::new() } else { format!("{} → ", one_line(touched.old_name)) };
    let title = format!("{} {renamed}{}", object.kind, one_line(&touched.full_name()));
    let place = match place(&touched.at()) {
        place if place.is_empty() => place,
        place => format!(" ({})", one_line(&place)),
    };
    let _ = writeln!(
        out,
        "{} {}{}",
        style.paint(role, touched.fate.sign()),
        style.paint(Role::Heading, title),
        style.paint(Role::Faint, place)
    );
}

/// The line diff of the object's definitions.
fn definitions(out: &mut String, Pair { old, new }: &Pair<String>, style: Style) {
    if old == new {
        return;
    }
    let diff = TextDiff::from_lines(old, new);
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

/// The statement under a line with its number, phase, cost and hazards.
fn statement(out: &mut String, step: &Step, look: Look) {
    let words = [step.phase.word()].into_iter().chain(cost(step)).collect::<Vec<_>>().join(", ");
    out.push('\n');
    out.push_str(&look.say("  ", None, Some(Role::Faint), &format!("step {}: {words}", step.id)));
    for hazard in &step.hazards {
        let role = match hazard.kind {
            HazardKind::DataLoss | HazardKind::Incompatible => Role::Danger,
            HazardKind::MayFail | HazardKind::Semantics | HazardKind::Rewrite | HazardKind::Lock => Role::Caution,
        };
        let label = format!("{}:", hazard.kind.word());
        out.push_str(&look.say("  ", Some((role, &label)), None, &one_line(&hazard.reason)));
        for (number, line) in hazard.probe.iter().flat_map(|probe| probe.lines()).enumerate() {
            let label = if number == 0 { "probe:" } else { "      " };
            let _ = writeln!(out, "    {}", look.style.paint(Role::Faint, format!("{label} {}", one_line(line))));
        }
    }
    if let Some(why) = &step.irreversible {
        out.push_str(&look.say("  ", Some((Role::Caution, "irreversible:")), None, &one_line(why)));
    }
    if let Some(session) = summary::session(step) {
        out.push_str(&look.say("  ", None, None, &one_line(&session)));
    }
    for line in visible(&step.sql).lines() {
        let _ = writeln!(out, "  {line}");
    }
    out.truncate(out.trim_end_matches('\n').len());
    out.push_str(";\n");
}

/// Renames that were taken for such, and what is not in the plan.
fn footer(out: &mut String, plan: &Plan, look: Look) {
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
        out.push_str(&look.say("", None, Some(Role::Faint), &one_line(&line)));
    }
}

//! What of a plan speaks against running it, and what of it will not be as it says.

use std::collections::HashSet;

use super::database::LiveDatabase;
use super::error::{RunError, RunErrorKind};
use super::planned::Planned;
use super::step::{Move, Way, find};
use crate::document::{Action, Algorithm, Hazard, HazardKind, Permit, Plan, Step};
use crate::plan::instant_versions;
use crate::plan::words::{ADDS_COLUMN, ADDS_FOREIGN_KEY, DROPS_COLUMN};

/// The hazards of some steps, one way, that speak against running them, in words. Those that cost only time speak against
/// nothing, and what depends on the rows is asked of the rows, once they are those that the step will find.
pub(crate) fn refusals(
    database: &mut LiveDatabase,
    plan: &Plan,
    way: Way,
    steps: &[&Step],
    allowed: &Permit,
) -> Result<Vec<String>, RunError> {
    let mut refused = Vec::new();
    let mut are_rows_there = true;
    // Several hazards may ask the same.
    let mut clean: HashSet<&str> = HashSet::new();
    for step in steps {
        are_rows_there &= step.action != Action::Data;
        for hazard in hazards(step, way).iter().filter(|hazard| !allowed.covers(step, hazard)) {
            let is_fine = match (hazard.kind, &hazard.probe) {
                (HazardKind::Rewrite | HazardKind::Lock, _) => true,
                // The user's own statements change rows before it: it is asked when they have run.
                (HazardKind::MayFail, Some(_)) if !are_rows_there => true,
                (HazardKind::MayFail, Some(probe)) if clean.contains(&**probe) => true,
                (HazardKind::MayFail, Some(probe)) => {
                    let is_clean = !database.strikes(plan, probe)?;
                    if is_clean {
                        clean.insert(probe);
                    }
                    is_clean
                }
                (HazardKind::MayFail, None) => false,
                (HazardKind::DataLoss | HazardKind::Incompatible | HazardKind::Semantics, _) => false,
            };
            if !is_fine {
                refused.push(said(step, way, hazard));
            }
        }
    }
    Ok(refused)
}

/// The first hazard of a step, one way, whose probe finds that it would strike now.
pub(super) fn strikes(
    database: &mut LiveDatabase,
    plan: &Plan,
    way: Way,
    step: &Step,
    allowed: &Permit,
) -> Result<Option<String>, RunError> {
    for hazard in hazards(step, way).iter().filter(|hazard| !allowed.covers(step, hazard)) {
        if let (HazardKind::MayFail, Some(probe)) = (hazard.kind, &hazard.probe)
            && database.strikes(plan, probe)?
        {
            return Ok(Some(said(step, way, hazard)));
        }
    }
    Ok(None)
}

/// Whether nobody but the plan's probe looks at the rows of a foreign key that the step adds: it was asked before the first
/// step, and rows may have come since.
pub(super) fn is_unwatched(plan: &Plan, step: &Step) -> bool {
    !plan.session.foreign_key_checks && says(step, ADDS_FOREIGN_KEY)
}

/// Whether one of the changes that a step names begins so.
fn says(step: &Step, beginning: &str) -> bool {
    step.changes.iter().any(|line| line.starts_with(beginning))
}

fn said(step: &Step, way: Way, hazard: &Hazard) -> String {
    let back = if way == Way::Back { ", taken back" } else { "" };
    let found =
        if hazard.probe.is_some() && hazard.kind == HazardKind::MayFail { ": the probe finds such rows" } else { "" };
    format!("step {}{back} ({}): {}{found}", step.id, hazard.kind.word(), hazard.reason)
}

fn hazards(step: &Step, way: Way) -> &[Hazard] {
    match (way, &step.inverse) {
        (Way::Forth, _) => &step.hazards,
        (Way::Back, Some(inverse)) => &inverse.hazards,
        (Way::Back, None) => &[],
    }
}

/// The refusal that these come to, if they are any.
pub(crate) fn refusal(refused: &[String]) -> Result<(), RunError> {
    let Some(first) = refused.first() else { return Ok(()) };
    let more = if refused.len() > 1 { format!("; and {} more", refused.len() - 1) } else { String::new() };
    Err(RunError::new(RunErrorKind::Refused, format!("the plan has hazards that nobody allowed: {first}{more}"))
        .help("`--allow` takes the kinds that are to be taken, such as --allow data-loss,incompatible"))
}

/// Steps that the plan takes for instant and that will rebuild their table, because it has had as many instant changes of its
/// columns as it takes (MySQL 8.4 manual, section 17.12.1 "Online DDL Operations", "Adding a Column").
pub(super) fn row_versions(database: &mut LiveDatabase, planned: &Planned<'_>, todo: &[Move]) -> Vec<String> {
    let Some(limit) = instant_versions(planned.target) else { return Vec::new() };
    let mut had: Vec<(String, u32)> = Vec::new();
    let mut said = Vec::new();
    for step in todo.iter().filter(|step| step.way == Way::Forth).filter_map(|step| find(planned.plan, step.step)) {
        let changes_columns = || says(step, ADDS_COLUMN) || says(step, DROPS_COLUMN);
        if step.action != Action::Alter || step.algorithm != Some(Algorithm::Instant) || !changes_columns() {
            continue;
        }
        let name = &step.object.name;
        if !had.iter().any(|(known, _)| known == name) {
            // Whoever may not ask is told nothing.
            let Ok(count) = database.row_versions(step.object.schema.as_deref(), name) else { return said };
            had.push((name.clone(), count));
        }
        let Some((_, count)) = had.iter_mut().find(|(known, _)| known == name) else { continue };
        if *count >= limit {
            said.push(format!(
                "step {} will not be instant: table `{name}` has had {count} of {limit} instant changes of its columns, \
                 and is rebuilt",
                step.id
            ));
            // The rebuilt table counts from the start.
            *count = 0;
        } else {
            *count += 1;
        }
    }
    said
}

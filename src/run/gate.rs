//! The hazards of a plan that speak against running it.

use super::database::LiveDatabase;
use super::error::RunError;
use crate::document::{HazardKind, Plan, Step};

/// The hazards of some steps that speak against running them, in words. Those that cost only time speak against nothing, and
/// what depends on the rows is asked of the rows.
pub(crate) fn refusals<'s>(
    database: &mut LiveDatabase,
    plan: &Plan,
    steps: impl Iterator<Item = &'s Step>,
    allowed: &[HazardKind],
) -> Result<Vec<String>, RunError> {
    let mut refused = Vec::new();
    for step in steps {
        for hazard in step.hazards.iter().filter(|hazard| !allowed.contains(&hazard.kind)) {
            let is_fine = match (hazard.kind, &hazard.probe) {
                (HazardKind::Rewrite | HazardKind::Lock, _) => true,
                (HazardKind::MayFail, Some(probe)) => !database.strikes(plan, probe)?,
                (HazardKind::MayFail, None) => false,
                (HazardKind::DataLoss | HazardKind::Incompatible | HazardKind::Semantics, _) => false,
            };
            if !is_fine {
                refused.push(format!("step {} ({}): {}", step.id, hazard.kind.word(), hazard.reason));
            }
        }
    }
    Ok(refused)
}

/// The refusal that these come to, if they are any.
pub(crate) fn refusal(refused: &[String]) -> Result<(), RunError> {
    let Some(first) = refused.first() else { return Ok(()) };
    let more = if refused.len() > 1 { format!("; and {} more", refused.len() - 1) } else { String::new() };
    Err(RunError::new(super::RunErrorKind::Refused, format!("the plan has hazards that nobody allowed: {first}{more}"))
        .help("`--allow` takes the kinds that are to be taken, such as --allow data-loss,incompatible"))
}

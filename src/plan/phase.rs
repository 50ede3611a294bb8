//! Phases, numbers and dependencies of the steps.

use super::Draft;
use super::away::{self, Moved};
use crate::diff::Phases;
use crate::document::{Hazard, HazardKind, Phase, Session, Step};

/// Gives each step its phase and number; the order stays but that every expand precedes every contract.
pub(crate) fn settle(mut drafts: Vec<Draft>, phases: Phases, session: &Session) -> Vec<Step> {
    // What new code needs is expand, even where the same statement takes something away: the plan is
    // the shortest one, and the hazard says that old code breaks. What only takes away is contract.
    for draft in &mut drafts {
        let own = if draft.effect.old && !draft.effect.new { Phase::Contract } else { Phase::Expand };
        draft.step.phase = draft.phase.unwrap_or(own);
    }
    // What an expand step needs is never contract: a step that nobody waits for follows into
    // contract, else the step that it needs is pulled before it.
    loop {
        let mut moved = false;
        for at in 0..drafts.len() {
            if drafts[at].step.phase == Phase::Contract {
                continue;
            }
            let late: Vec<usize> =
                drafts[at].needs.iter().copied().filter(|&n| drafts[n].step.phase == Phase::Contract).collect();
            if late.is_empty() {
                continue;
            }
            moved = true;
            if drafts[at].effect.new {
                for n in late {
                    drafts[n].step.phase = Phase::Expand;
                    // From here on it is what new code waits for.
                    drafts[n].effect.new = true;
                }
            } else {
                drafts[at].step.phase = Phase::Contract;
            }
        }
        if !moved {
            break;
        }
    }
    for draft in &mut drafts {
        let breaks = draft.step.hazards.iter().any(|h| h.kind == HazardKind::Incompatible);
        let drops = draft.step.hazards.iter().any(|h| h.kind == HazardKind::DataLoss);
        if draft.step.phase == Phase::Expand && drops && !breaks {
            draft.step.hazards.push(Hazard {
                kind: HazardKind::Incompatible,
                reason:
                    "takes something from the old code before the new code runs: what the new code needs cannot wait"
                        .to_owned(),
                probe: None,
            });
        }
    }
    if phases == Phases::Split {
        for step in drafts.iter_mut().map(|draft| &mut draft.step).filter(|step| step.phase == Phase::Expand) {
            for hazard in step.hazards.iter_mut().filter(|h| h.kind == HazardKind::Incompatible) {
                hazard.reason.push_str("; no split keeps both the old and the new code running");
            }
        }
    }
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|&i| drafts[i].step.phase);
    let mut ids = vec![0; drafts.len()];
    for (id, &i) in (1..).zip(&order) {
        ids[i] = id;
    }
    let mut steps: Vec<(Step, Moved)> = drafts
        .into_iter()
        .enumerate()
        .map(|(i, draft)| {
            let mut step = draft.step;
            step.id = ids[i];
            step.depends_on = draft.needs.iter().map(|&n| ids[n]).collect();
            step.depends_on.sort_unstable();
            step.depends_on.dedup();
            (step, draft.moved)
        })
        .collect();
    steps.sort_by_key(|(step, _)| step.id);
    let (mut steps, moved): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    away::tell(&mut steps, &moved, session);
    steps
}

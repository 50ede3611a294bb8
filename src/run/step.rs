//! The steps of a plan as they are gone, one way or the other, and the seam to the database that they are gone on.

use serde::{Deserialize, Serialize};

use super::error::RunError;
use crate::document::{HazardKind, Phase, Plan, ProgramSession, Step};

/// A step of the plan, and which way it is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Move {
    pub(crate) step: u32,
    pub(crate) way: Way,
}

/// Which way a step is gone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// By its own statement.
    Forth,
    /// By its inverse.
    Back,
}

impl Way {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Forth => Self::Back,
            Self::Back => Self::Forth,
        }
    }
}

impl Move {
    pub(crate) const fn undone(self) -> Self {
        Self { step: self.step, way: self.way.other() }
    }
}

/// Before or after a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Point {
    /// It is about to be sent.
    Intent,
    /// The server has said that it is done.
    Done,
    /// The server has refused it, and nothing came of it.
    Refused,
}

/// What is asked of a database, and done to it. Everything runs on one connection, which holds the database's lock.
pub(crate) trait Database {
    /// Takes the lock of the database, and waits for a session of an earlier, killed client that still executes.
    fn lock(&mut self) -> Result<(), RunError>;
    /// Runs one statement of a step in the plan's session.
    fn execute(&mut self, plan: &Plan, step: Move, sql: &str) -> Result<(), Refusal>;
    /// Compares the live schema with what the plan says of it before and after a step's statement that nobody answered for.
    fn standing(&mut self, plan: &Plan, step: Move, statement: usize) -> Result<StepStanding, RunError>;
}

/// Why a statement did not go through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    /// Whether the server itself answered. Where the connection was lost instead, nobody knows what became of the statement
    /// before the database was looked at.
    pub(crate) was_answered: bool,
}

/// What became of a statement that nobody has answered for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum StepStanding {
    NotDone,
    Done,
    /// It is about rows, and the schema cannot tell.
    Untold,
    /// It is neither: what is found, in words.
    Foreign(String),
}

/// The statements of a step, one way.
pub(crate) fn statements(step: &Step, way: Way) -> Vec<&str> {
    match (way, &step.inverse) {
        (Way::Forth, _) => vec![&step.sql],
        (Way::Back, Some(inverse)) => inverse.statements.iter().map(String::as_str).collect(),
        (Way::Back, None) => Vec::new(),
    }
}

/// What a step's statements are to find set, one way.
pub(crate) fn session(step: &Step, way: Way) -> Option<&ProgramSession> {
    match way {
        Way::Forth => step.session.as_ref(),
        Way::Back => step.inverse.as_ref()?.session.as_ref(),
    }
}

/// Whether a step can be gone in a direction at all, and why not.
pub(crate) fn obstacle(step: &Step, way: Way) -> Option<String> {
    match way {
        Way::Back if step.inverse.is_none() => {
            let reason = step.irreversible.as_deref().unwrap_or("it has no inverse");
            Some(format!("step {} cannot be taken back: {reason}", step.id))
        }
        Way::Forth | Way::Back => None,
    }
}

/// The first hazard of a step, one way, that costs more than time: what nobody allowed is not done on the way back.
pub(crate) fn hazard(step: &Step, way: Way) -> Option<String> {
    let hazards = match (way, &step.inverse) {
        (Way::Forth, _) => &step.hazards,
        (Way::Back, Some(inverse)) => &inverse.hazards,
        (Way::Back, None) => return None,
    };
    let costs = hazards.iter().find(|hazard| match hazard.kind {
        HazardKind::Rewrite | HazardKind::Lock => false,
        HazardKind::DataLoss | HazardKind::MayFail | HazardKind::Incompatible | HazardKind::Semantics => true,
    })?;
    Some(format!("step {}: {}", step.id, costs.reason))
}

/// The steps of a phase in the order in which they are gone that way.
pub(crate) fn moves(plan: &Plan, phase: Phase, way: Way) -> Vec<Move> {
    let steps = plan.steps.iter().filter(|step| step.phase == phase).map(|step| Move { step: step.id, way });
    match way {
        Way::Forth => steps.collect(),
        Way::Back => steps.rev().collect(),
    }
}

/// The step of that number.
pub(crate) fn find(plan: &Plan, id: u32) -> Option<&Step> {
    plan.steps.iter().find(|step| step.id == id)
}

//! Runs plans on a server: whether a plan may run there, each statement once whatever happens, and where things stand.
//!
//! In: a plan as a document, a database's address, and a book in which each statement is written down before and after it is
//! sent. Out: a schema that has the plan's steps, or the reason why not. The room decides; `live` only sends. What a journal
//! is kept in, and what else happens between statements, is the caller's.

mod chain;
mod database;
mod error;
mod executor;
mod gate;
mod job;
mod journal;
mod mismatch;
mod planned;
mod script;
mod step;
mod tool;

pub use database::Patience;
pub use error::{RunError, RunErrorKind};
pub use job::{Event, Report, Request, Work, run, undo};
pub use planned::Planned;
pub use tool::Via;

#[cfg(all(test, feature = "apply", target_os = "linux"))]
pub(crate) use step::{Refusal, StepStanding};
#[cfg(all(feature = "apply", target_os = "linux"))]
pub(crate) use {
    chain::{Chain, Paper, hex, sha256},
    database::LiveDatabase,
    executor::{Book, go, was_done},
    gate::{refusal, refusals},
    step::{Database, Move, Point, Way, find, hazard, moves, obstacle, statements},
};

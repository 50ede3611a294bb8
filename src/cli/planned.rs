//! Plan files: reading one, and what becomes of a plan that does not run.

use std::fs;
use std::path::Path;

use alterplan::document::Plan;
use alterplan::input::reason;
use alterplan::run::{RunError, RunErrorKind};

use super::Exit;
use super::failure::Failure;

/// Reads a plan file.
pub(crate) fn read(path: &Path) -> Result<Plan, Failure> {
    let name = path.display();
    let text =
        fs::read_to_string(path).map_err(|why| Failure::wrong(format!("cannot read `{name}`: {}", reason(&why))))?;
    Plan::read(&text).map_err(|why| {
        Failure::wrong(format!("`{name}` is no plan: {why}")).help("`alterplan diff OLD NEW -o plan.json` writes one")
    })
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let exit = match error.kind {
            RunErrorKind::Wrong | RunErrorKind::Database => Exit::Wrong,
            RunErrorKind::Locked | RunErrorKind::Refused | RunErrorKind::NotReady => Exit::Refused,
            RunErrorKind::NotUnderstood => Exit::Incomplete,
            RunErrorKind::Stopped | RunErrorKind::ForeignChange | RunErrorKind::Journal => Exit::NeedsPerson,
            RunErrorKind::Statement => Exit::Undone,
            RunErrorKind::Interrupted => Exit::Interrupted,
        };
        let failure = Self::wrong(error.message).exit(exit);
        if error.help.is_empty() { failure } else { failure.help(error.help.join("\n  = help: ")) }
    }
}

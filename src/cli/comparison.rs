//! Options that say what is compared, and what counts as a difference.

use alterplan::diff::{Filter, Policies, RenameError, RenameRequest};
use clap::Args;

use super::failure::Failure;

/// What is compared, and what counts.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Comparison {
    /// Leaves out objects whose names match
    #[arg(long, value_name = "REGEX")]
    pub(crate) ignore: Vec<String>,
    /// Takes only objects whose names match
    #[arg(long, value_name = "REGEX")]
    pub(crate) only: Vec<String>,
    /// Decides what counts as a difference
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) policy: Vec<String>,
    /// Says that something was renamed: table=table, table.column=column or key:table.key=key, the old name first
    #[arg(long, value_name = "OLD=NEW")]
    pub(crate) rename: Vec<RenameRequest>,
}

impl Comparison {
    /// The policies in force.
    pub(crate) fn policies(&self) -> Result<Policies, Failure> {
        let mut policies = Policies::default();
        for given in &self.policy {
            policies.set(given).map_err(|why| Failure::wrong(format!("--policy: {why}")))?;
        }
        Ok(policies)
    }

    /// The filter in force.
    pub(crate) fn filter(&self) -> Result<Filter, Failure> {
        Filter::new(&self.only, &self.ignore).map_err(|why| malformed(&why.to_string()))
    }
}

/// What was said of renames cannot be.
pub(crate) fn impossible(errors: &[RenameError]) -> Failure {
    Failure::wrong(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// What is wrong with a filter. The compiler of regular expressions draws a picture of several lines: its second line
/// is the pattern, its last the reason.
fn malformed(picture: &str) -> Failure {
    let pattern = picture.lines().nth(1).unwrap_or_default().trim();
    let reason = picture.lines().last().unwrap_or_default().trim_start_matches("error: ");
    Failure::wrong(format!("--only, --ignore: `{pattern}` is not a regular expression: {reason}"))
}

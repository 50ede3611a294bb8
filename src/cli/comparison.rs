//! Options that say what is compared, and what counts as a difference.

use alterplan::compare::{Foreign, Loaded, Side};
use alterplan::config::{Pattern, Word};
use alterplan::diff::{Filter, Policies, RenameError, RenameRequest};
use alterplan::source::Pair;
use alterplan::target::Target;
use clap::Args;

use super::failure::Failure;
use super::project::Project;

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
    /// The policies in force: those of the command line over the project's.
    pub(crate) fn policies(&self, project: &Project) -> Result<Policies, Failure> {
        let mut policies = Policies::default();
        for (key, value) in project.config.settings.policies.iter() {
            let place = project.config.place(&format!("policies.{key}")).unwrap_or_default();
            policies.set(&format!("{key}={value}")).map_err(|why| Failure::wrong(format!("{place}: {why}")))?;
        }
        for given in &self.policy {
            policies.set(given).map_err(|why| Failure::wrong(format!("--policy: {why}")))?;
        }
        Ok(policies)
    }

    /// The filter in force: either list of the command line stands in the place of the project's.
    pub(crate) fn filter(&self, project: &Project) -> Result<Filter, Failure> {
        let settings = &project.config.settings;
        let list = |here: &[String], there: &Option<Vec<Word<Pattern>>>| match (here, there) {
            ([], Some(words)) => words.iter().map(|word| word.text.clone()).collect(),
            (here, _) => here.to_vec(),
        };
        Filter::new(&list(&self.only, &settings.only), &list(&self.ignore, &settings.ignore))
            .map_err(|why| malformed(&why.to_string()))
    }

    /// The renames in force: the command line's, or else the project's.
    pub(crate) fn renames(&self, project: &Project) -> Vec<RenameRequest> {
        match &project.config.settings.renames {
            Some(words) if self.rename.is_empty() => words.iter().map(|word| word.value.clone()).collect(),
            Some(_) | None => self.rename.clone(),
        }
    }
}

/// What was said of renames cannot be.
pub(crate) fn impossible(errors: &[RenameError]) -> Failure {
    Failure::wrong(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// What a plan's server cannot hold of a side.
pub(crate) fn foreign(foreign: &[Foreign], sides: Pair<&Loaded>, target: Target) -> Failure {
    let of = |side: Side| match side {
        Side::Old => (sides.old, "OLD"),
        Side::New => (sides.new, "NEW"),
    };
    let said = |found: &Foreign| {
        let place = found.location.map(|location| of(found.side).0.text.place(location)).filter(|p| !p.is_empty());
        format!("{}{}: {}", place.map_or_else(String::new, |place| format!("{place}: ")), found.object, found.message)
    };
    // One side is enough to say why; the other's may be the plan's own server.
    let side = foreign.first().map_or(Side::New, |found| found.side);
    let all: Vec<String> = foreign.iter().filter(|found| found.side == side).map(said).collect();
    let (loaded, word) = of(side);
    Failure::wrong(format!("{target} cannot have what {word} defines: {}", all.join("; ")))
        .help(format!("`--target {}` writes the plan for the server that {word} comes from", loaded.text.target))
}

/// What is wrong with a filter. The compiler of regular expressions draws a picture of several lines: its second line
/// is the pattern, its last the reason.
fn malformed(picture: &str) -> Failure {
    let pattern = picture.lines().nth(1).unwrap_or_default().trim();
    let reason = picture.lines().last().unwrap_or_default().trim_start_matches("error: ");
    Failure::wrong(format!("--only, --ignore: `{pattern}` is not a regular expression: {reason}"))
}

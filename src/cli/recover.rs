//! `alterplan recover`: finishes or undoes an interrupted apply or rollback.

use alterplan::apply::{self, Done};
use clap::Args;

use super::Exit;
use super::args::Global;
use super::failure::Failure;
use super::site::{self, Place, Watch};
use super::terminal::Terminal;

/// The arguments of `recover`.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let site = arguments.place.site(&site::local(global, terminal)?)?;
    let mut watch = Watch::new(terminal, global);
    let report = apply::recover(&site, &mut |event| watch.take(event));
    drop(watch);
    let report = report.map_err(|error| site::failure(&error, &site.root))?;
    let version = report.to.map_or_else(String::new, |version| format!("; version {version} is installed"));
    let line = match report.done {
        None => "nothing was interrupted",
        Some(Done::Finished | Done::Applied | Done::Checked) => "what was interrupted is finished",
        Some(Done::Undone | Done::RolledBack) => "what was interrupted is undone",
        Some(Done::UndoneExpanded | Done::RolledBackExpanded) => {
            "what was interrupted is undone; the schema keeps what it gained, which the old code does not mind"
        }
    };
    terminal.print(format!("{line}{version}\n"))?;
    Ok(Exit::Done)
}

//! `alterplan rollback`: back to what was installed before the last apply.

use alterplan::apply::{self, Done};
use clap::Args;

use super::Exit;
use super::args::Global;
use super::failure::Failure;
use super::site::{self, Place, Watch};
use super::terminal::Terminal;

/// The arguments of `rollback`.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Also where files were changed since, which are put aside, and where taking the schema back can lose data
    #[arg(long)]
    force: bool,
    /// Keeps the newest N backups that are left, and removes the others
    #[arg(long, value_name = "N")]
    keep: Option<usize>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let site = arguments.place.site(&site::local(global, terminal)?)?;
    let mut watch = Watch::new(terminal, global);
    let report = apply::rollback(&site, arguments.force, arguments.keep, &mut |event| watch.take(event));
    drop(watch);
    let report = report.map_err(|error| site::failure(&error, &site.root))?;
    let to = report.to.map_or_else(|| "what was there before".to_owned(), |to| format!("version {to}"));
    let kept = match report.done {
        Some(Done::RolledBackExpanded) => "; the schema keeps what it gained, which the old code does not mind",
        _ => "",
    };
    terminal.print(format!("rolled back to {to}{kept}\n"))?;
    Ok(Exit::Done)
}

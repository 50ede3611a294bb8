//! The definition of the one command that is called, by itself: a run pays for no other's.
//!
//! The options of every command are copied into each command that is defined, which is most of what understanding a
//! command line costs. What is not understood here is said in the words of the whole definition.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::{Args, Command, Error, FromArgMatches as _};

use super::args::Global;
use super::{Cli, diff, fmt, git_diff, lint, merge};

/// Understands a call of one of the commands that are run once for each file of a change; `None` of all others, and of what
/// is to be answered by the whole definition: help, and mistakes.
pub(super) fn parse(args: &[OsString]) -> Option<Cli> {
    let name = args.get(1)?.to_str()?;
    let command = match name {
        "diff" => defined::<diff::Arguments>("diff"),
        "fmt" => defined::<fmt::Arguments>("fmt"),
        "git-diff" => defined::<git_diff::Arguments>("git-diff"),
        "merge" => defined::<merge::Arguments>("merge"),
        "lint" => defined::<lint::Arguments>("lint"),
        _ => return None,
    };
    understand(Global::augment_args(Command::new("alterplan")).subcommand(command), args).ok()
}

fn defined<T: Args>(name: &'static str) -> Command {
    T::augment_args(Command::new(name))
}

/// Understands arguments by a definition.
pub(super) fn understand(command: Command, args: &[OsString]) -> Result<Cli, Error> {
    // The process ends before it would pay to free the definitions one by one.
    let mut command = ManuallyDrop::new(command);
    let mut matches = command.try_get_matches_from_mut(args)?;
    let is_target_given = Global::is_target_given(&matches);
    let mut cli = Cli::from_arg_matches_mut(&mut matches)?;
    cli.global.note_given(is_target_given);
    Ok(cli)
}

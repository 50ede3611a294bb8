//! The command line: arguments in, exit code out. One file a command, on the library's public API.

mod allowance;
#[cfg(target_os = "linux")]
mod apply;
mod args;
mod bundle;
mod calendar;
mod called;
mod comparison;
mod config;
mod deferred;
mod diff;
mod engine;
mod failure;
mod fmt;
mod git_diff;
mod interrupt;
mod lint;
mod manual;
mod merge;
mod output;
mod planned;
mod progress;
mod project;
mod prove;
#[cfg(target_os = "linux")]
mod recover;
mod report;
#[cfg(target_os = "linux")]
mod rollback;
mod run;
mod schema;
#[cfg(target_os = "linux")]
mod site;
mod snapshot;
#[cfg(target_os = "linux")]
mod status;
mod terminal;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use args::Global;
use deferred::Deferred;
use failure::Failure;
use project::Project;
use terminal::Terminal;

/// What a run comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    /// Done, or no difference.
    Done = 0,
    /// A difference or finding where one was asked about.
    Finding = 1,
    /// The input or the call is wrong.
    Wrong = 2,
    /// Refused by policy.
    Refused = 3,
    /// The comparison is incomplete.
    Incomplete = 4,
    /// It failed and was undone.
    Undone = 5,
    /// It failed and needs a person.
    NeedsPerson = 6,
    /// Input of a merge that cannot be read; git takes it for a driver that failed.
    Unmergeable = 129,
    /// Ended by Ctrl-C, as shells say it.
    Interrupted = 130,
}

/// Compares two MySQL or MariaDB schemas without a server, and writes the migration plan that turns one into the other.
#[derive(Parser)]
#[command(name = "alterplan", version, max_term_width = 100, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes the plan from OLD to NEW.
    Diff(Deferred<diff::Arguments>),
    /// Writes the canonical schema: each object as the target's SHOW CREATE prints it.
    Fmt(Deferred<fmt::Arguments>),
    /// Shows how a schema file has changed; git's external diff.
    GitDiff(Deferred<git_diff::Arguments>),
    /// Merges two descendants of a schema file, object by object; git's merge driver.
    Merge(Deferred<merge::Arguments>),
    /// Finds what is allowed in a schema and yet seldom meant.
    Lint(Deferred<lint::Arguments>),
    /// Holds the plans of a folder of cases against what was recorded of them.
    Snapshot(Deferred<snapshot::Arguments>),
    /// Writes an alterplan.yaml to begin with; never over one that is there.
    Init,
    /// Shows the settings in force, and where each comes from.
    Config(Deferred<config::Arguments>),
    /// Writes completions for a shell.
    Completions(Deferred<manual::Shell>),
    /// Writes manual pages.
    Man(Deferred<manual::Pages>),
    /// Builds, signs and verifies patch bundles.
    Bundle(Deferred<bundle::Arguments>),
    /// Writes the JSON Schema of a document.
    Schema(Deferred<schema::Arguments>),
    /// Runs a plan and its inverse on scratch databases of a real server, and compares.
    Prove(Deferred<prove::Arguments>),
    /// Runs a plan or a script on a database: each statement once, also after a crash.
    Run(Deferred<run::Arguments>),
    /// Applies a bundle, files and schema, as one transaction.
    #[cfg(target_os = "linux")]
    Apply(Deferred<apply::Arguments>),
    /// Goes back to what was installed before the last apply.
    #[cfg(target_os = "linux")]
    Rollback(Deferred<rollback::Arguments>),
    /// Finishes or undoes an interrupted apply or rollback.
    #[cfg(target_os = "linux")]
    Recover(Deferred<recover::Arguments>),
    /// Says what is installed, what is under way and what has been.
    #[cfg(target_os = "linux")]
    Status(Deferred<status::Arguments>),
}

impl Command {
    /// Whether the project's settings are for it. A suite's cases have theirs beside them, and what is installed is set up by
    /// whom the machine belongs to.
    fn is_of_a_project(&self, global: &Global) -> bool {
        match self {
            Self::Diff(_) | Self::Fmt(_) | Self::GitDiff(_) | Self::Merge(_) | Self::Lint(_) | Self::Config(_) => true,
            Self::Prove(_) => true,
            Self::Bundle(arguments) => arguments.is_of_a_project(),
            // A plan says itself what it was made with; where it runs is what a file may say that is named.
            Self::Run(_) => global.config.is_some() || global.environment.is_some(),
            Self::Snapshot(_) | Self::Init | Self::Completions(_) | Self::Man(_) | Self::Schema(_) => false,
            #[cfg(target_os = "linux")]
            Self::Apply(_) | Self::Rollback(_) | Self::Recover(_) | Self::Status(_) => false,
        }
    }
}

const AFTER_HELP: &str = "\
A source is a file (gzip is unpacked), a folder of *.sql and *.sql.gz files, `-` for standard
input, `git:REV:PATH` for a file or folder at a revision (`git::PATH` for the index),
`mysql://user@host/database` (or `mariadb://…`) for a live schema, or `empty:` for an empty one. A
password may stand in the address, in ALTERPLAN_PASSWORD or in `?defaults-file=FILE`.

Exit codes:
  0  done, or no difference
  1  a difference where one was asked about (--exit-code, fmt --check, snapshot, merge, lint), or a
     plan that does not hold (prove)
  2  the input or the call is wrong
  3  refused: a hazard outside --allow, a schema that a plan does not start from, a lock that
     somebody else holds, a bundle that is not signed by whom it should be
  4  incomplete: something was not understood (with --strict)
  5  an apply failed and was undone; the first statement of a run failed, and nothing has changed
  6  it failed and needs a person: how things stand, and what to choose from, is said";

/// Runs the command line.
pub(crate) fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    if let [_, only] = args.as_slice()
        && (only == "--version" || only == "-V")
    {
        // What scripts ask for often need not wait for all arguments to be defined.
        let _ = io::stdout().write_all(concat!("alterplan ", env!("CARGO_PKG_VERSION"), "\n").as_bytes());
        return ExitCode::SUCCESS;
    }
    let parsed = match called::parse(&args) {
        Some(cli) => Ok(cli),
        None => called::understand(Cli::command(), &args),
    };
    let mut cli = match parsed {
        Ok(cli) => cli,
        Err(usage) => {
            // Help and version are no errors; where nobody reads them any more, nothing is left to do.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(Exit::Wrong as u8));
        }
    };
    let mut terminal = Terminal::new(cli.global.color, cli.global.quiet);
    let exit = run(&mut cli, &mut terminal).unwrap_or_else(|failure| {
        terminal.failure(&failure);
        failure.exit
    });
    ExitCode::from(exit as u8)
}

fn run(cli: &mut Cli, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if cli.command.is_of_a_project(&cli.global) {
        let found = Project::find(&cli.global, terminal);
        // Git stops where its diff fails, which settings that are being edited are no reason for.
        let project = match (found, &cli.command) {
            (Err(_), Command::GitDiff(_)) => Project::default(),
            // Any other code would be a conflict to git, and what is there the result.
            (Err(failure), Command::Merge(_)) => return Err(failure.exit(Exit::Unmergeable)),
            (found, _) => found?,
        };
        cli.global.adopt(project);
    }
    match &cli.command {
        Command::Diff(arguments) => diff::run(arguments, &cli.global, terminal),
        Command::Fmt(arguments) => fmt::run(arguments, &cli.global, terminal),
        Command::GitDiff(arguments) => git_diff::run(arguments, &cli.global, terminal),
        Command::Init => config::init(&cli.global, terminal),
        Command::Config(arguments) => config::run(arguments, &cli.global, terminal),
        Command::Completions(shell) => manual::completions(shell, Cli::command(), terminal),
        Command::Man(pages) => manual::pages(pages, Cli::command(), terminal),
        Command::Lint(arguments) => lint::run(arguments, &cli.global, terminal),
        Command::Merge(arguments) => merge::run(arguments, &cli.global, terminal),
        Command::Snapshot(arguments) => snapshot::run(arguments, terminal),
        Command::Bundle(arguments) => bundle::run(arguments, &cli.global, terminal),
        Command::Schema(arguments) => schema::run(arguments, terminal),
        Command::Prove(arguments) => prove::run(arguments, &cli.global, terminal),
        Command::Run(arguments) => run::run(arguments, &cli.global, terminal),
        #[cfg(target_os = "linux")]
        Command::Apply(arguments) => apply::run(arguments, &cli.global, terminal),
        #[cfg(target_os = "linux")]
        Command::Rollback(arguments) => rollback::run(arguments, &cli.global, terminal),
        #[cfg(target_os = "linux")]
        Command::Recover(arguments) => recover::run(arguments, &cli.global, terminal),
        #[cfg(target_os = "linux")]
        Command::Status(arguments) => status::run(arguments, terminal),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_of_the_arguments_holds() {
        super::Cli::command().debug_assert();
    }
}

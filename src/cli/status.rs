//! `alterplan status`: what is installed, what is under way, what has been.

use std::fmt::Write as _;
use std::path::PathBuf;

use alterplan::apply::{self, Past, Status};
use clap::{Args, ValueEnum};

use super::Exit;
use super::calendar;
use super::failure::Failure;
use super::site;
use super::terminal::Terminal;

/// The arguments of `status`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder that the product is installed in
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// How it is written
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: StatusFormat,
}

/// How a status is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum StatusFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, Failure> {
    site::check_root(&arguments.root)?;
    let status = apply::status(&arguments.root).map_err(|error| site::failure(&error, &arguments.root))?;
    let out = match arguments.format {
        StatusFormat::Text => text(&status),
        StatusFormat::Json => {
            let json = serde_json::to_string_pretty(&status);
            json.map_err(|why| Failure::wrong(why.to_string()))? + "\n"
        }
    };
    terminal.print(&out)?;
    Ok(Exit::Done)
}

fn text(status: &Status) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = match (&status.product, &status.version) {
        (Some(product), Some(version)) => writeln!(out, "{product} {version} is installed"),
        _ => writeln!(out, "nothing was installed here by alterplan"),
    };
    if let Some(under_way) = &status.interrupted {
        let to = under_way.to.as_deref().unwrap_or("the version before");
        let _ = writeln!(
            out,
            "{} {} to {to} is under way or was interrupted: {}",
            under_way.kind, under_way.number, under_way.stage
        );
        let _ = writeln!(out, "  `alterplan recover` {}", under_way.next);
        for step in &under_way.steps {
            let _ = writeln!(out, "  {step}");
        }
        if let Some(reason) = &under_way.reason {
            let _ = writeln!(out, "  because {reason}");
        }
    }
    if status.can_roll_back {
        let to = status.rolls_back_to.as_deref().unwrap_or("what was there before");
        let _ = writeln!(out, "a rollback leads to {to}");
    }
    for past in &status.history {
        let _ = writeln!(out, "{}", line(past));
    }
    out
}

fn line(past: &Past) -> String {
    let (from, to) = (past.from.as_deref().unwrap_or("?"), past.to.as_deref().unwrap_or("?"));
    let reason = past.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    format!(
        "{:>4}  {}  {:8}  {from} → {to}  {}{reason}",
        past.number,
        calendar::moment(past.time),
        past.kind,
        past.outcome
    )
}

//! `alterplan completions` and `alterplan man`: what other programs want to know of the command line.

use std::fs;
use std::path::PathBuf;

use alterplan::input;
use clap::{Args, Command};

use super::Exit;
use super::failure::Failure;
use super::terminal::Terminal;

/// The argument of `completions`.
#[derive(Args)]
pub(crate) struct Shell {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: clap_complete::Shell,
}

/// The arguments of `man`.
#[derive(Args)]
pub(crate) struct Pages {
    /// Writes a page for the program and one for each command into this folder; else the program's to standard output
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Writes completions for a shell.
pub(crate) fn completions(shell: &Shell, mut command: Command, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut out = Vec::new();
    clap_complete::generate(shell.shell, &mut command, "alterplan", &mut out);
    terminal.print(out)?;
    Ok(Exit::Done)
}

/// Writes manual pages.
pub(crate) fn pages(pages: &Pages, command: Command, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let failure = |why: std::io::Error| Failure::wrong(format!("cannot write manual pages: {}", input::reason(&why)));
    match &pages.folder {
        None => {
            let mut out = Vec::new();
            clap_mangen::Man::new(command).render(&mut out).map_err(failure)?;
            terminal.print(out)?;
        }
        Some(folder) => {
            fs::create_dir_all(folder).map_err(failure)?;
            clap_mangen::generate_to(command, folder).map_err(failure)?;
        }
    }
    Ok(Exit::Done)
}

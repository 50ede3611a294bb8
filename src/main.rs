//! The command line of alterplan. Everything is in [`cli`]; the engine is the library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main(std::env::args_os())
}

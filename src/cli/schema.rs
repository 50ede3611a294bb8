//! `alterplan schema`: the JSON Schemas of the documents that are written and read.

use alterplan::{bundle, config, document};
use clap::{Args, ValueEnum};

use super::Exit;
use super::failure::Failure;
use super::terminal::Terminal;

/// The arguments of `schema`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The document
    #[arg(value_name = "DOCUMENT", value_enum)]
    document: Document,
}

/// A document that has a schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Document {
    /// A migration plan
    Plan,
    /// A bundle's manifest
    Manifest,
    /// A release manifest
    Release,
    /// A list of operations that a bundle is built of
    Operations,
    /// A list of trusted keys
    Keys,
    /// A project's settings
    Config,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let text = match arguments.document {
        Document::Plan => document::schema(),
        Document::Manifest => bundle::manifest_schema(),
        Document::Release => bundle::release_schema(),
        Document::Operations => bundle::operations_schema(),
        Document::Keys => bundle::keys_schema(),
        Document::Config => config::schema(),
    };
    terminal.print(&text)?;
    Ok(Exit::Done)
}

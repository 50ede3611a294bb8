//! The command line as its users meet it: the real binary, its streams, and its exit code.

#[path = "cli/ci.rs"]
mod ci;
#[path = "cli/config.rs"]
mod config;
#[path = "cli/desk.rs"]
mod desk;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/docs.rs"]
mod docs;
#[path = "cli/fmt.rs"]
mod fmt;
#[path = "cli/git.rs"]
mod git;
#[path = "cli/lint.rs"]
mod lint;
#[path = "support/servers.rs"]
pub mod servers;
#[path = "cli/sources.rs"]
mod sources;
#[path = "cli/streams.rs"]
mod streams;
#[path = "cli/suites.rs"]
mod suites;

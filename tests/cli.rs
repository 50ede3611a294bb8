//! The command line as its users meet it: the real binary, its streams, and its exit code.

#[path = "cli/config.rs"]
mod config;
#[path = "cli/desk.rs"]
mod desk;
#[path = "cli/diff.rs"]
mod diff;
#[path = "cli/fmt.rs"]
mod fmt;
#[path = "cli/git.rs"]
mod git;
#[path = "cli/lint.rs"]
mod lint;
#[path = "cli/readme.rs"]
mod readme;
#[path = "cli/sources.rs"]
mod sources;
#[path = "cli/streams.rs"]
mod streams;
#[path = "cli/suites.rs"]
mod suites;

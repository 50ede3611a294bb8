//! One page a task. Every command on these pages is run by the tests, and prints what is shown.

#[doc = include_str!("cookbook/production_run.md")]
pub mod production_run {}

#[doc = include_str!("cookbook/pull_request.md")]
pub mod pull_request {}

#[doc = include_str!("cookbook/release_bundle.md")]
pub mod release_bundle {}

#[doc = include_str!("cookbook/snapshot_suite.md")]
pub mod snapshot_suite {}

//! One page a task. Every command on these pages is run by the tests, and prints what is shown.

/// A database in production is changed.
#[cfg_attr(any(doc, doctest), doc = "", doc = include_str!("cookbook/production_run.md"))]
pub mod production_run {}

/// A pull request is checked.
#[cfg_attr(any(doc, doctest), doc = "", doc = include_str!("cookbook/pull_request.md"))]
pub mod pull_request {}

/// A release becomes a signed bundle.
#[cfg_attr(any(doc, doctest), doc = "", doc = include_str!("cookbook/release_bundle.md"))]
pub mod release_bundle {}

/// A suite keeps plans as they are.
#[cfg_attr(any(doc, doctest), doc = "", doc = include_str!("cookbook/snapshot_suite.md"))]
pub mod snapshot_suite {}

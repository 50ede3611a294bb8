//! Compares two MySQL or MariaDB schemas with no server at hand, and writes the migration plan that turns one
//! into the other: exact, ordered, costed, reversible.
//!
//! The core is an in-memory server, the [`catalog`]. It executes DDL as the chosen [`Target`](target::Target)
//! would, with its implied defaults, names and keys, and refuses what that server would refuse, with the same
//! error number. What is compared are the two schemas that result. A plan's own SQL is then read and executed
//! in the same way, and unless OLD plus the plan is NEW, there is no plan.
//!
//! ```
//! use alterplan::{compare_texts, render};
//!
//! let old = "CREATE TABLE users (id int PRIMARY KEY);";
//! let new = "CREATE TABLE users (id int PRIMARY KEY, last_login datetime);";
//! let plan = compare_texts(old, new, "mysql:8.4".parse()?)?;
//! assert_eq!(plan.steps.len(), 1);
//! assert_eq!(plan.steps[0].sql, "ALTER TABLE `users`\n  ADD COLUMN `last_login` datetime DEFAULT NULL");
//! assert_eq!(plan.steps[0].changes, ["adds column `last_login`"]);
//! assert!(render::sql(&plan).contains("-- users: adds column `last_login`"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Scope
//!
//! Tables with everything that defines them: columns, keys, foreign keys, checks, options, partitions. Views,
//! triggers, routines and events are kept as text and compared as such. Input is a script: `CREATE`, `ALTER`,
//! `RENAME` and `DROP` in any order that a server would take, in the form that `mysqldump`, `mariadb-dump`,
//! phpMyAdmin and people write it.
//!
//! # Non-goals
//!
//! No other vendor's SQL. No guessing: what cannot be understood is an error with its place, or named in the
//! plan, and a table that cannot be read is never taken for one that is not there. Data is not compared.
//!
//! # Features
//!
//! `cli` (the default) adds the program, and the room `input` that reads files for it. It turns on `live`, which talks to
//! real servers, `bundle`, the room of that name, and `schema`, the JSON Schemas of the documents. Without any of them the
//! package is a pure engine: no files, no environment, no process, no terminal.
//!
//! # The rooms
//!
//! Text goes down this list; a room uses those above it only, and `tests/architecture.rs` holds it to that.
//!
//! | room | makes |
//! |---|---|
//! | [`source`], [`ident`], [`target`] | what all others stand on: spans, names, what a version does |
//! | [`preprocess`] | statements of a script's bytes, losslessly |
//! | [`syntax`], [`model`] | typed DDL of a statement; the tables that DDL is about |
//! | [`catalog`], [`canonical`] | a schema of DDL; a schema's text as SHOW CREATE prints it, and its fingerprint |
//! | [`diff`], [`plan`], [`document`] | the differences of two schemas; steps of those; the steps as a document |
//! | [`data`] | the user's own statements between a plan's phases |
//! | [`proof`] | that a plan's own SQL leads from OLD to NEW, and back |
//! | [`render`] | views of a plan: a script, text for a terminal, JSON, YAML, Markdown, HTML, a patch, annotations, SARIF |
//! | [`mod@compare`] | all of the above in one call |
//! | [`mod@lint`] | findings about a schema |
//! | [`mod@merge`] | one script of two that were made of a third |
//! | [`snapshot`] | suites of recorded plans |
//! | [`mod@rewrite`] | a script with its definitions in canonical form |
//! | [`config`] | a project's settings |
//! | [`cookbook`] | one page a task |
//! | `live` | a live schema as text; what becomes of a statement on a real server |
//! | `run` | a plan run on a server, each statement once |
//! | `input` | text from files, folders, gzip, standard input, git's revisions and live servers |
//! | `bundle` | signed archives of files and a plan: built, verified, unpacked |
//! | `apply` | a bundle applied, files and schema as one transaction |

#[cfg(all(feature = "apply", target_os = "linux"))]
pub mod apply;
#[cfg(feature = "bundle")]
pub mod bundle;
pub mod canonical;
pub mod catalog;
pub mod compare;
pub mod config;
pub mod cookbook;
pub mod data;
pub mod diff;
pub mod document;
pub mod ident;
#[cfg(feature = "cli")]
pub mod input;
pub mod lint;
#[cfg(feature = "live")]
pub mod live;
pub mod merge;
pub mod model;
pub mod plan;
pub mod preprocess;
pub mod proof;
pub mod render;
pub mod rewrite;
#[cfg(feature = "live")]
#[cfg_attr(
    not(all(feature = "apply", target_os = "linux")),
    expect(dead_code, reason = "some of what executes plans is for `apply` alone")
)]
pub mod run;
pub mod snapshot;
pub mod source;
pub mod syntax;
pub mod target;

pub use compare::{compare, compare_texts, load, load_pair};

/// The README's example is compiled and run with the tests.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;

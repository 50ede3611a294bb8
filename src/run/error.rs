//! Why a plan did not run, or not to its end.

use std::fmt;

use crate::live::{LiveError, Problem};

/// A failure: its kind, what happened, and what to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunError {
    /// Its kind.
    pub kind: RunErrorKind,
    /// What happened, in words.
    pub message: String,
    /// What to do next, a line each.
    pub help: Vec<String>,
}

/// Kinds of failures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunErrorKind {
    /// The input is wrong: nothing was done.
    Wrong,
    /// Somebody else is at work on the database.
    Locked,
    /// A policy, a version or a fingerprint speaks against it.
    Refused,
    /// The server is not one that statements can be run on now.
    NotReady,
    /// Something of the live schema cannot be understood.
    NotUnderstood,
    /// The server refused something, or could not be reached.
    Database,
    /// The server refused a statement, and nothing of the plan has run.
    Statement,
    /// It stopped in the middle: what has run stays, and a person must choose how to go on.
    Stopped,
    /// Somebody else changed the schema in the middle of it.
    ForeignChange,
    /// The journal cannot be read or written.
    Journal,
    /// The user wanted an end.
    Interrupted,
}

impl RunError {
    pub(crate) fn new(kind: RunErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: Vec::new() }
    }

    /// The same with what to do next.
    pub(crate) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RunError {}

impl From<LiveError> for RunError {
    fn from(error: LiveError) -> Self {
        let kind = match error.problem {
            Problem::Locked { .. } => RunErrorKind::Locked,
            _ => RunErrorKind::Database,
        };
        let failure = Self::new(kind, error.to_string());
        match error.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

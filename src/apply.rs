//! Applies a bundle, files and schema as one transaction: after any failure or crash at any instant the installation and its
//! database are old, or new, or a person is told exactly what is left to decide.
//!
//! In: a verified bundle, an installation's root, a database. Out: how it ended. Every effect on the disk goes through one
//! seam ([`disk`]), every effect on the database through another (the room `run`'s), and each state is in the journal, synced, before
//! it acts. The room does not know how a bundle is read or a statement is sent; commands to run come from the caller and
//! never from a bundle.

mod changes;
mod disk;
mod download;
mod error;
mod finish;
mod hook;
mod journal;
mod layout;
mod lock;
mod package;
mod page;
mod preflight;
mod record;
mod recover;
mod release;
mod rollback;
mod site;
mod source;
mod stage;
mod status;
mod swap;
mod thing;
mod transaction;

pub use crate::run::Patience;
pub use download::DownloadLimits;
pub use error::{ApplyError, ErrorKind, Standing};
pub use hook::{Hook, Hooks};
pub use record::HookName;
pub use site::{Done, From, Report, Request, Site, apply, recover, rollback, status};
pub use status::{Interrupted, Past, Status};

/// What a caller is told while it goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event<'e> {
    /// So many bytes of the bundle were fetched.
    Download {
        /// Those that were.
        done: u64,
        /// All of them, where the server says so.
        total: Option<u64>,
    },
    /// So many bytes of the bundle were checked, or unpacked beside the installation.
    Unpack {
        /// Those that were.
        done: u64,
        /// All of them.
        total: Option<u64>,
    },
    /// So many of so many paths have changed places.
    Files {
        /// Those that have.
        done: usize,
        /// All of them.
        total: usize,
    },
    /// A command of the local configuration starts.
    Hook(HookName),
    /// A statement is sent.
    Statement {
        /// The plan's step.
        step: u32,
        /// Its text.
        sql: &'e str,
    },
    /// Something failed, and what was done is taken back.
    Undoing(&'e str),
    /// Something that a person wants to know.
    Note(&'e str),
}

#[cfg(test)]
mod tests;

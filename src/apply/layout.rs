//! Where the transactions of an installation keep what is theirs: all of it below `.alterplan` in the root.
//!
//! ```text
//! .alterplan/lock              held by whoever is at work
//! .alterplan/journal           of the transaction that is under way; no such file: none is
//! .alterplan/history           one line for each transaction that ended
//! .alterplan/installed.json    what is installed
//! .alterplan/download          a bundle that is being fetched; beside it `download.json` says what it is of
//! .alterplan/7/journal         of transaction 7, once it is done
//! .alterplan/7/tree/files/a/b  what changes places with a/b: first the new one, then the old one
//! .alterplan/7/spare/3         for a moment, where two names cannot be exchanged in one step
//! .alterplan/7/kept/a/b        what was changed by hand and is not thrown away
//! ```

use std::path::PathBuf;

/// The folder of all that is ours.
pub(crate) const OWN: &str = ".alterplan";

/// The folder of all that is ours, as a path.
pub(crate) fn home() -> PathBuf {
    PathBuf::from(OWN)
}

fn own(name: &str) -> PathBuf {
    [OWN, name].iter().collect()
}

pub(crate) fn lock() -> PathBuf {
    own("lock")
}

pub(crate) fn journal() -> PathBuf {
    own("journal")
}

pub(crate) fn history() -> PathBuf {
    own("history")
}

pub(crate) fn installed() -> PathBuf {
    own("installed.json")
}

/// A bundle that is being fetched, and what it is of.
pub(crate) fn download() -> PathBuf {
    own("download")
}

pub(crate) fn download_memo() -> PathBuf {
    own("download.json")
}

/// A document that is being fetched.
pub(crate) fn document() -> PathBuf {
    own("document")
}

/// The newest version that a release manifest has led to.
pub(crate) fn seen() -> PathBuf {
    own("seen.json")
}

/// The folder of one transaction.
pub(crate) fn folder(number: u64) -> PathBuf {
    own(&number.to_string())
}

/// The folder that a bundle is unpacked into.
pub(crate) fn unpacked(number: u64) -> PathBuf {
    folder(number).join("tree")
}

/// The other side of the installation.
pub(crate) fn tree(number: u64) -> PathBuf {
    unpacked(number).join("files")
}

pub(crate) fn spare(number: u64) -> PathBuf {
    folder(number).join("spare")
}

pub(crate) fn kept(number: u64) -> PathBuf {
    folder(number).join("kept")
}

/// The journal of a transaction that is done.
pub(crate) fn old_journal(number: u64) -> PathBuf {
    folder(number).join("journal")
}

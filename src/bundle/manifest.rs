//! The manifest: what a bundle is for, every path that it touches from which state to which, and the digests of all that
//! the archive holds besides. In: JSON that was verified, or trees that were compared. Out: the types below, which hold
//! nothing that has not been checked.

mod check;
mod entry;
mod operations;
mod pages;

pub use entry::{Delta, DeltaFormat, Entry, Kind, Mode, State};
pub use operations::{Delete, Operations, PathsByKind};
pub(super) use pages::name as page_name;
pub use pages::{Page, Part, Written};

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::error::BundleError;
use super::limits::{Exceeded, Limits, MANIFEST_BYTES};
use super::path::RelPath;
use super::version::Version;

/// What [`Manifest::format`] says.
pub const FORMAT: &str = "alterplan-bundle";
/// The version of the format that is written, and the newest that is read.
pub const FORMAT_VERSION: u32 = 1;

/// The manifest of a bundle.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `alterplan-bundle`.
    pub format: String,
    /// Version of the format: 1.
    pub format_version: u32,
    /// The product that it is for. A bundle of another product is refused.
    pub product: String,
    /// The version that it leads to.
    pub version: Version,
    /// The version that it starts from; `None`: none at all, it is a full release.
    pub base: Option<Version>,
    /// The platform that it is for; `None`: any.
    pub platform: Option<String>,
    /// What to replace and to delete. Deleting comes first.
    pub operations: Operations,
    /// Each path that it touches.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<entry::EntryForm>"))]
    pub entries: Vec<Entry>,
    /// Members of the archive that hold entries and operations instead, where the manifest alone would be too large.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// The embedded plan.
    pub plan: Option<PlanSummary>,
    /// For people.
    pub notes: Option<String>,
    /// The program that made it.
    pub created_by: String,
}

/// What the manifest says of the embedded plan, which is the archive's member `plan.json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlanSummary {
    /// The server that the plan is written for.
    pub target: String,
    /// Fingerprint of the schema that it starts from.
    pub from: String,
    /// Fingerprint of the schema that it leads to.
    pub to: String,
    /// How many steps it has.
    pub steps: usize,
    /// The document's bytes.
    pub size: u64,
    /// The document's digest.
    pub sha256: Digest,
}

impl Manifest {
    /// Reads and checks a manifest as it stands in the archive. Where it has [`pages`](Self::pages), the entries are not
    /// complete before [`add_page`](Self::add_page) has had each, and [`complete`](Self::complete) checks what is left.
    ///
    /// # Errors
    /// [`BundleError::Manifest`] where it is not JSON, has unknown fields or a newer format, and the error of its own kind
    /// for each unsafe path, link or contradiction.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, BundleError> {
        if bytes.len() as u64 > MANIFEST_BYTES {
            return Err(Exceeded::Manifest.into());
        }
        check_format(bytes)?;
        let manifest: Self = serde_json::from_slice(bytes).map_err(|why| entry::refusal(bytes, &why))?;
        check::head(&manifest)?;
        pages::check_announced(&manifest, limits)?;
        if manifest.pages.is_empty() {
            check::whole(&manifest)?;
        }
        Ok(manifest)
    }

    /// Checks a manifest that was put together in the program, as [`parse`](Self::parse) does with one that was read.
    ///
    /// # Errors
    /// As [`parse`](Self::parse) has them; and a path that is both replaced and deleted.
    pub fn check_for_building(&self, limits: &Limits) -> Result<(), BundleError> {
        check::head(self)?;
        pages::check_count(self, limits)?;
        check::nothing_is_both_replaced_and_deleted(&self.operations)?;
        check::whole(self)
    }

    /// What the archive has to hold besides the manifest: each content once, in the order of the entries.
    pub fn contents(&self) -> Vec<Content> {
        let key = |at: &usize| self.entries[*at].packed().map(|(form, _, sha256)| (sha256, form));
        let mut order: Vec<usize> = (0..self.entries.len()).filter(|at| key(at).is_some()).collect();
        order.sort_unstable_by_key(|at| (key(at), *at));
        let same = |a: &usize, b: &usize| key(a) == key(b);
        let mut contents = Vec::with_capacity(order.chunk_by(same).count());
        contents.extend(order.chunk_by(same).filter_map(|group| {
            let (first, others) = group.split_first()?;
            let (form, size, sha256) = self.entries[*first].packed()?;
            Some(Content { form, size, sha256, first: *first, others: others.to_vec() })
        }));
        contents.sort_unstable_by_key(|content| content.first);
        contents
    }

    /// The bytes of all files as they will be.
    pub fn unpacked_size(&self) -> u64 {
        let sizes = self.entries.iter().filter_map(|entry| match entry.new {
            State::File { size, .. } => Some(size),
            State::Absent | State::Directory { .. } | State::Symlink { .. } => None,
        });
        sizes.fold(0, u64::saturating_add)
    }

    /// What is deleted without an entry that describes it: where no old tree was at hand, only the path is known.
    pub fn deleted_unseen(&self) -> impl Iterator<Item = &RelPath> {
        let described: HashSet<&str> = self.entries.iter().map(|entry| entry.path.as_str()).collect();
        self.operations.delete.paths().map(|(path, _)| path).filter(move |path| !described.contains(path.as_str()))
    }

    /// How many paths it adds, changes and removes.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally { removed: self.deleted_unseen().count(), ..Tally::default() };
        for entry in &self.entries {
            match (&entry.new, &entry.old) {
                (State::Absent, _) => tally.removed += 1,
                (_, Some(State::Absent)) => tally.added += 1,
                (_, None | Some(_)) => tally.changed += 1,
            }
        }
        tally
    }
}

/// How many paths a bundle adds, changes and removes; where it is not known what was before, a path counts as changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Paths where nothing was.
    pub added: usize,
    /// Paths where something was, or may have been.
    pub changed: usize,
    /// Paths where nothing will be.
    pub removed: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} added, {} changed, {} removed", self.added, self.changed, self.removed)
    }
}

/// A member of the archive that holds the content of files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// The content itself, or a delta to it.
    pub form: Form,
    /// Its bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Digest,
    /// The place in [`Manifest::entries`] of the first that needs it.
    pub first: usize,
    /// The places of the others.
    pub others: Vec<usize>,
}

impl Content {
    /// Its name in the archive.
    pub fn name(&self) -> String {
        match self.form {
            Form::Whole => format!("objects/{}", self.sha256),
            Form::Delta => format!("deltas/{}", self.sha256),
        }
    }

    /// The places in [`Manifest::entries`] of those that need it.
    pub fn entries(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// The form and the digest that a name in the archive tells, if it is one that is given.
    pub(super) fn key(name: &str) -> Option<(Form, Digest)> {
        let (form, digest) = match name.split_once('/')? {
            ("objects", digest) => (Form::Whole, digest),
            ("deltas", digest) => (Form::Delta, digest),
            _ => return None,
        };
        let is_given = digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        digest.parse().ok().filter(|_| is_given).map(|digest| (form, digest))
    }
}

/// How the archive holds a content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// As it is.
    Whole,
    /// As what makes it of the old file.
    Delta,
}

/// The format is looked at first, so that a newer one is called so and not a mistake.
fn check_format(bytes: &[u8]) -> Result<(), BundleError> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<String>,
        format_version: Option<u32>,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|why| BundleError::Manifest(why.to_string()))?;
    match (head.format.as_deref(), head.format_version) {
        (Some(FORMAT), Some(FORMAT_VERSION)) => Ok(()),
        (Some(FORMAT), Some(version)) => Err(BundleError::Manifest(format!(
            "its format is version {version}, and {FORMAT_VERSION} is the newest that this program reads"
        ))),
        (Some(FORMAT), None) => Err(BundleError::Manifest("it has no format_version".to_owned())),
        (Some(_) | None, _) => Err(BundleError::Manifest(format!("its format is not `{FORMAT}`"))),
    }
}

//! Building a bundle: two trees, or a tree and a list of operations, into an archive. The same input makes the same bytes,
//! wherever, whenever and in whatever locale.

mod compare;
mod operations;
mod pack;

pub use operations::OperationsFile;

use std::io::{Seek, Write};
use std::path::Path;

use crate::document;

use super::error::BundleError;
use super::limits::Limits;
use super::manifest::{Entry, FORMAT, FORMAT_VERSION, Manifest, Operations};
use super::progress::Progress;
use super::signature::SecretKey;
use super::tree::{Role, Tree};
use super::version::Version;

/// What a bundle is built of.
#[derive(Clone, Debug)]
pub struct Build<'a> {
    /// The product that it is for.
    pub product: String,
    /// The version that it leads to.
    pub version: Version,
    /// The version that it starts from; `None`: none, it is a full release.
    pub base: Option<Version>,
    /// The platform that it is for; `None`: any.
    pub platform: Option<String>,
    /// For people.
    pub notes: Option<String>,
    /// The program that makes it.
    pub created_by: String,
    /// What is installed.
    pub old: Option<&'a Path>,
    /// What is to be installed.
    pub new: &'a Path,
    /// What to replace and delete; `None`: whatever differs between the trees.
    pub operations: Option<Operations>,
    /// The plan to bring along.
    pub plan: Option<&'a document::Plan>,
    /// Whether changed files are packed as deltas to the old ones, where that is smaller.
    pub deltas: bool,
    /// Who signs it.
    pub key: Option<&'a SecretKey>,
    /// Whether to find out how large a full release would be, which takes packing all of the new tree once more.
    pub measure_full: bool,
}

impl<'a> Build<'a> {
    /// A full release of a tree, unsigned; what else it is to be is set by field.
    pub fn new(product: impl Into<String>, version: Version, new: &'a Path) -> Self {
        Self {
            product: product.into(),
            version,
            base: None,
            platform: None,
            notes: None,
            created_by: concat!("alterplan ", env!("CARGO_PKG_VERSION")).to_owned(),
            old: None,
            new,
            operations: None,
            plan: None,
            deltas: false,
            key: None,
            measure_full: false,
        }
    }
}

/// What was built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Built {
    /// Its manifest.
    pub manifest: Manifest,
    /// Its bytes.
    pub length: u64,
    /// The bytes that a full release of the new tree would have, if that was measured.
    pub full: Option<u64>,
}

/// Builds a bundle and writes it to `output`, which is a bundle only if this returns without an error.
///
/// # Errors
/// What the system says; [`BundleError::Tree`], [`BundleError::Path`], [`BundleError::Link`] and
/// [`BundleError::Collision`] for what no bundle can hold; [`BundleError::Contradiction`] for operations that contradict
/// each other.
pub fn build<W: Write + Seek + Send>(
    build: &Build<'_>,
    output: W,
    progress: &mut dyn Progress,
) -> Result<Built, BundleError> {
    progress.begin("reading the trees", None);
    let old = build.old.map(|path| Tree::read(path, Role::Old, progress)).transpose()?;
    let new = Tree::read(build.new, Role::New, progress)?;
    let (operations, entries) = match &build.operations {
        Some(operations) => compare::by_operations(operations, old.as_ref(), &new)?,
        None => compare::by_difference(old.as_ref(), &new, build.base.is_some()),
    };
    let mut manifest = manifest(build, operations, entries);
    let limits = Limits::default();
    manifest.check_for_building(&limits)?;
    let plan = build.plan.map(|plan| pack::plan(plan, &mut manifest)).transpose()?;
    // What was installed is in the entries from here on.
    let old = old.map(Tree::into_files);
    let trees = pack::Trees { old: old.as_ref(), new: new.files() };
    let deltas = if build.deltas { Some(pack::deltas(&mut manifest, &trees, progress)?) } else { None };
    let parts = pack::Parts { manifest: &manifest, plan: plan.as_deref(), deltas: deltas.as_ref(), key: build.key };
    let length = pack::archive(&parts, &trees, output, &limits, progress)?;
    let full = if build.measure_full { Some(pack::full_length(&manifest, &new, progress)?) } else { None };
    Ok(Built { manifest, length, full })
}

fn manifest(build: &Build<'_>, operations: Operations, entries: Vec<Entry>) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        format_version: FORMAT_VERSION,
        product: build.product.clone(),
        version: build.version,
        base: build.base,
        platform: build.platform.clone(),
        operations,
        entries,
        pages: Vec::new(),
        plan: None,
        notes: build.notes.clone(),
        created_by: build.created_by.clone(),
    }
}

//! A manifest's way into bytes. A manifest has at most 1 MiB: where that is not enough, entries and operations go into pages, members of the archive
//! whose digests stand in the manifest, each as small as the manifest itself.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::bundle::digest::Digest;
use crate::bundle::error::BundleError;
use crate::bundle::limits::{Exceeded, Limits, MANIFEST_BYTES};
use crate::bundle::path::RelPath;

use super::{Delete, Entry, Manifest, Operations, PathsByKind, check, entry};

/// A list of entries and operations that is a member of the archive: `manifest/1.json` and so on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// How many entries it lists.
    pub entries: usize,
    /// Its bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Digest,
}

/// A manifest in bytes, and what its pages hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// `manifest.json`.
    pub manifest: Vec<u8>,
    /// `manifest/1.json` and so on, each made when it is written: [`Manifest::page`].
    pub pages: Vec<Part>,
    /// The bytes of all of them.
    pub length: u64,
}

/// A part of a manifest that is a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    list: List,
    range: Range<usize>,
}

/// The lists of a manifest that may be long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum List {
    Entries,
    ReplaceFiles,
    ReplaceDirectories,
    DeleteFiles,
    DeleteDirectories,
    DeleteFlat,
}

/// The name of a page in the archive.
pub(in crate::bundle) fn name(index: usize) -> String {
    format!("manifest/{}.json", index + 1)
}

/// The bytes that a page may have: half of the manifest's, so that lines of any length fit.
const PAGE_BYTES: usize = MANIFEST_BYTES as usize / 2;

/// A page as it is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageForm {
    /// Further entries.
    entries: Vec<Entry>,
    /// Further operations.
    operations: Operations,
}

impl Manifest {
    /// Writes it, with as many pages as it takes.
    ///
    /// # Errors
    /// Where notes and pages alone are more than a manifest may hold.
    pub fn write(&self) -> Result<Written, BundleError> {
        let mut head = self.without_lists();
        let parts = self.parts()?;
        let lists: usize = parts.iter().map(|(_, size)| size).sum();
        if (json(&head)?.len() + lists) as u64 <= MANIFEST_BYTES {
            head.operations = self.operations.clone();
            head.entries.clone_from(&self.entries);
            let manifest = json(&head)?;
            return Ok(Written { length: manifest.len() as u64, manifest, pages: Vec::new() });
        }
        let mut pages = Vec::new();
        for (part, _) in parts {
            let page = self.page(&part)?;
            let entries = if part.list == List::Entries { part.range.len() } else { 0 };
            head.pages.push(Page { entries, size: page.len() as u64, sha256: Digest::of(&page) });
            pages.push(part);
        }
        let manifest = json(&head)?;
        if manifest.len() as u64 > MANIFEST_BYTES {
            return Err(Exceeded::Manifest.into());
        }
        let length = head.pages.iter().map(|page| page.size).sum::<u64>() + manifest.len() as u64;
        Ok(Written { manifest, pages, length })
    }

    /// Writes a page.
    ///
    /// # Errors
    /// None that could be provoked; the type is that of all writing.
    pub fn page(&self, part: &Part) -> Result<Vec<u8>, BundleError> {
        let Operations { replace, delete } = &self.operations;
        let Part { list, range } = part;
        let mut form = PageForm::default();
        let paths = |paths: &[RelPath]| paths.get(range.clone()).unwrap_or_default().to_vec();
        match (list, delete) {
            (List::Entries, _) => form.entries = self.entries.get(range.clone()).unwrap_or_default().to_vec(),
            (List::ReplaceFiles, _) => form.operations.replace.files = paths(&replace.files),
            (List::ReplaceDirectories, _) => form.operations.replace.directories = paths(&replace.directories),
            (List::DeleteFiles, Delete::ByKind(by_kind)) => {
                let files = paths(&by_kind.files);
                form.operations.delete = Delete::ByKind(PathsByKind { files, ..PathsByKind::default() });
            }
            (List::DeleteDirectories, Delete::ByKind(by_kind)) => {
                let directories = paths(&by_kind.directories);
                form.operations.delete = Delete::ByKind(PathsByKind { directories, ..PathsByKind::default() });
            }
            (List::DeleteFlat, Delete::Flat(flat)) => form.operations.delete = Delete::Flat(paths(flat)),
            (List::DeleteFiles | List::DeleteDirectories, Delete::Flat(_)) | (List::DeleteFlat, Delete::ByKind(_)) => {}
        }
        json(&form)
    }

    /// All of it but what may be long.
    fn without_lists(&self) -> Self {
        Self {
            format: self.format.clone(),
            format_version: self.format_version,
            product: self.product.clone(),
            version: self.version,
            base: self.base,
            platform: self.platform.clone(),
            operations: Operations::default(),
            entries: Vec::new(),
            pages: Vec::new(),
            plan: self.plan.clone(),
            notes: self.notes.clone(),
            created_by: self.created_by.clone(),
        }
    }

    /// All entries and operations, cut up so that each part fits a page, with the bytes that each has.
    fn parts(&self) -> Result<Vec<(Part, usize)>, BundleError> {
        let Operations { replace, delete } = &self.operations;
        let mut parts = cut(&self.entries, List::Entries)?;
        parts.extend(cut(&replace.files, List::ReplaceFiles)?);
        parts.extend(cut(&replace.directories, List::ReplaceDirectories)?);
        match delete {
            Delete::ByKind(by_kind) => {
                parts.extend(cut(&by_kind.files, List::DeleteFiles)?);
                parts.extend(cut(&by_kind.directories, List::DeleteDirectories)?);
            }
            Delete::Flat(flat) => parts.extend(cut(flat, List::DeleteFlat)?),
        }
        Ok(parts)
    }

    /// Takes in a page that was verified.
    ///
    /// # Errors
    /// Where it is no page, or has not as many entries as the manifest says; where there is more than `limits` allow.
    pub fn add_page(&mut self, page: &Page, bytes: &[u8], limits: &Limits) -> Result<(), BundleError> {
        let form: PageForm = serde_json::from_slice(bytes).map_err(|why| entry::refusal(bytes, &why))?;
        let PageForm { entries, operations: Operations { replace, delete } } = form;
        if entries.len() != page.entries {
            return Err(BundleError::Manifest(format!(
                "a page has {} entries instead of {}",
                entries.len(),
                page.entries
            )));
        }
        self.entries.extend(entries);
        self.operations.replace.extend(replace);
        match (&mut self.operations.delete, delete) {
            (Delete::ByKind(all), Delete::ByKind(more)) => all.extend(more),
            (Delete::Flat(all), Delete::Flat(more)) => all.extend(more),
            (all, more) if *all == Delete::default() => *all = more,
            (_, more) if more == Delete::default() => {}
            (Delete::ByKind(_) | Delete::Flat(_), _) => {
                return Err(BundleError::Manifest("its pages delete in two forms".to_owned()));
            }
        }
        Ok(check_count(self, limits)?)
    }

    /// Checks what can be checked only after the last page.
    ///
    /// # Errors
    /// As [`Manifest::parse`] has them.
    pub fn complete(&self) -> Result<(), BundleError> {
        check::whole(self)
    }
}

/// Refuses a manifest that has, or whose pages announce, more than is taken: before a page is read.
pub(super) fn check_announced(manifest: &Manifest, limits: &Limits) -> Result<(), Exceeded> {
    let announced = manifest.pages.iter().map(|page| page.entries).fold(manifest.entries.len(), usize::saturating_add);
    limits.check_entries(announced)?;
    limits.check_listing(manifest.pages.iter().map(|page| page.size).fold(0, u64::saturating_add))?;
    check_count(manifest, limits)
}

/// Refuses a manifest that lists more than is taken.
pub(super) fn check_count(manifest: &Manifest, limits: &Limits) -> Result<(), Exceeded> {
    let Operations { replace, delete } = &manifest.operations;
    limits.check_entries(manifest.entries.len())?;
    limits.check_entries(replace.files.len() + replace.directories.len())?;
    limits.check_entries(delete.paths().count())
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, BundleError> {
    serde_json::to_vec(value).map_err(|why| BundleError::Manifest(why.to_string()))
}

/// Cuts a list so that each part fits a page.
fn cut<T: Serialize>(items: &[T], list: List) -> Result<Vec<(Part, usize)>, BundleError> {
    let mut parts = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (at, item) in items.iter().enumerate() {
        let length = json(item)?.len() + 1;
        if size + length > PAGE_BYTES {
            parts.push((Part { list, range: start..at }, size));
            (start, size) = (at, 0);
        }
        size += length;
    }
    if start < items.len() {
        parts.push((Part { list, range: start..items.len() }, size));
    }
    Ok(parts)
}

//! A manifest's way into bytes. A manifest has at most 1 MiB: where that is not enough, entries and operations go into pages, members of the archive
//! whose digests stand in the manifest, each as small as the manifest itself.

use serde::{Deserialize, Serialize};

use crate::bundle::digest::Digest;
use crate::bundle::error::BundleError;
use crate::bundle::limits::{Exceeded, MANIFEST_BYTES};

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

/// A manifest in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// `manifest.json`.
    pub manifest: Vec<u8>,
    /// `manifest/1.json` and so on.
    pub pages: Vec<Vec<u8>>,
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
        let whole = json(&Self { pages: Vec::new(), ..self.clone() })?;
        if whole.len() as u64 <= MANIFEST_BYTES {
            return Ok(Written { manifest: whole, pages: Vec::new() });
        }
        let mut head =
            Self { entries: Vec::new(), pages: Vec::new(), operations: Operations::default(), ..self.clone() };
        let mut pages = Vec::new();
        for form in self.page_forms()? {
            let page = json(&form)?;
            head.pages.push(Page { entries: form.entries.len(), size: page.len() as u64, sha256: Digest::of(&page) });
            pages.push(page);
        }
        let manifest = json(&head)?;
        if manifest.len() as u64 > MANIFEST_BYTES {
            return Err(Exceeded::Manifest.into());
        }
        Ok(Written { manifest, pages })
    }

    /// All entries and operations, cut up.
    fn page_forms(&self) -> Result<Vec<PageForm>, BundleError> {
        let Operations { replace, delete } = &self.operations;
        let mut forms = Vec::new();
        for entries in cut(&self.entries)? {
            forms.push(PageForm { entries, ..PageForm::default() });
        }
        let mut add = |replace, delete| {
            forms.push(PageForm { operations: Operations { replace, delete }, ..PageForm::default() });
        };
        for replace in cut_paths(replace)? {
            add(replace, Delete::default());
        }
        match delete {
            Delete::ByKind(paths) => {
                cut_paths(paths)?.into_iter().for_each(|paths| add(PathsByKind::default(), Delete::ByKind(paths)));
            }
            Delete::Flat(paths) => {
                cut(paths)?.into_iter().for_each(|paths| add(PathsByKind::default(), Delete::Flat(paths)));
            }
        }
        Ok(forms)
    }

    /// Takes in a page that was verified.
    ///
    /// # Errors
    /// Where it is no page, or has not as many entries as the manifest says.
    pub fn add_page(&mut self, page: &Page, bytes: &[u8]) -> Result<(), BundleError> {
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
        Ok(())
    }

    /// Checks what can be checked only after the last page.
    ///
    /// # Errors
    /// As [`Manifest::parse`] has them.
    pub fn complete(&self) -> Result<(), BundleError> {
        check::whole(self)
    }
}

/// The entries that the pages of a manifest announce.
pub(super) fn announced(manifest: &Manifest) -> usize {
    manifest.pages.iter().map(|page| page.entries).fold(0, usize::saturating_add)
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, BundleError> {
    serde_json::to_vec(value).map_err(|why| BundleError::Manifest(why.to_string()))
}

/// Cuts a list so that each part fits a page.
fn cut<T: Serialize + Clone>(list: &[T]) -> Result<Vec<Vec<T>>, BundleError> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut size = 0;
    for item in list {
        let length = json(item)?.len() + 1;
        if size + length > PAGE_BYTES {
            parts.push(std::mem::take(&mut part));
            size = 0;
        }
        size += length;
        part.push(item.clone());
    }
    if !part.is_empty() {
        parts.push(part);
    }
    Ok(parts)
}

fn cut_paths(paths: &PathsByKind) -> Result<Vec<PathsByKind>, BundleError> {
    let files = cut(&paths.files)?.into_iter().map(|files| PathsByKind { files, ..PathsByKind::default() });
    let folders = cut(&paths.directories)?;
    let folders = folders.into_iter().map(|directories| PathsByKind { directories, ..PathsByKind::default() });
    Ok(files.chain(folders).collect())
}

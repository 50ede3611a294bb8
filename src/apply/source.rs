//! What is to be applied, from where it comes: a file or a URL, a bundle itself or the release manifest that says which.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::Path;

use crate::bundle::{Bundle, BundleError, Digest, MANIFEST_BYTES, Terms, Version};

use super::disk::root::Root;
use super::disk::{Disk, DiskError};
use super::download::{self, DownloadLimits, Part};
use super::error::{ApplyError, ErrorKind};
use super::finish::Installed;
use super::package::of_bundle;
use super::release;
use super::site::{From, Request};
use super::{Event, layout};

/// A bundle that may be looked into.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) bundle: Bundle<File>,
    /// The version that the release leads to once this bundle is installed.
    pub(crate) goes_on: Option<Version>,
}

/// Opens what is asked for; `None`: a release manifest has nothing newer than what is installed.
pub(crate) fn open(
    root: &Root,
    request: &Request<'_>,
    installed: &Installed,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Option<Opened>, ApplyError> {
    let alone = |bundle| Ok(Some(Opened { bundle, goes_on: None }));
    match request.bundle {
        From::File(path) => {
            let mut file = open_file(path)?;
            if begins_as_json(&mut file).map_err(|why| unreadable(path, &why))? {
                let bytes = document(&mut file).map_err(|why| unreadable(path, &why))?;
                return release::follow(root, request, installed, &bytes, tell);
            }
            alone(Bundle::new(file, &request.terms).map_err(|error| of_bundle(&error))?)
        }
        From::Url(url) if is_of_document(url) => {
            let bytes = fetch_document(root, url, request, tell)?;
            release::follow(root, request, installed, &bytes, tell)
        }
        From::Url(url) => alone(open_url(root, url, request, &request.terms, tell)?),
    }
}

/// Opens a bundle that is a file.
pub(crate) fn open_path(path: &Path, terms: &Terms<'_>) -> Result<Bundle<File>, ApplyError> {
    Bundle::new(open_file(path)?, terms).map_err(|error| of_bundle(&error))
}

/// Fetches a bundle and opens it.
pub(crate) fn open_url(
    root: &Root,
    url: &str,
    request: &Request<'_>,
    terms: &Terms<'_>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Bundle<File>, ApplyError> {
    let file = fetch(root, url, request, terms.sha256, tell)?;
    Bundle::new(file, terms).map_err(|error| {
        // What is not what it should be is not taken up again.
        remove_download(root);
        of_bundle(&error)
    })
}

/// Fetches a document, which is small and not taken up again where it breaks off.
pub(crate) fn fetch_document(
    root: &Root,
    url: &str,
    request: &Request<'_>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<u8>, ApplyError> {
    let place = layout::document();
    let mut file = root.open_own(&place)?;
    let limits = DownloadLimits { size: MANIFEST_BYTES, ..limits(url, request) };
    let mut bytes = |done, total| tell(Event::Download { done, total });
    let got = download::download(url, &limits, &mut file, None, &mut |_| Ok(()), &mut bytes);
    let read = got.and_then(|_| {
        let read = file.rewind().and_then(|()| document(&mut file));
        read.map_err(|why| ApplyError::new(ErrorKind::DownloadFailed, format!("cannot read what was fetched: {why}")))
    });
    remove(root, &place);
    read
}

/// A download that is used or useless. That it stays is no failure.
pub(crate) fn remove_download(root: &Root) {
    remove(root, &layout::download_memo());
    remove(root, &layout::download());
}

fn remove(root: &Root, file: &Path) {
    let gone: Result<(), DiskError> = root.remove_file(file);
    drop(gone);
}

/// Whether a URL is that of a document, by the end of its path: what it is of decides where it is kept while it comes.
fn is_of_document(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.get(path.len().saturating_sub(5)..).is_some_and(|end| end.eq_ignore_ascii_case(".json"))
}

fn open_file(path: &Path) -> Result<File, ApplyError> {
    File::open(path).map_err(|why| unreadable(path, &why))
}

fn unreadable(path: &Path, why: &io::Error) -> ApplyError {
    ApplyError::new(ErrorKind::ExtractionFailed, format!("cannot read `{}`: {why}", path.display()))
}

/// A bundle is gzip, a release manifest is JSON: the first byte that is no space tells.
fn begins_as_json(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(64).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(start.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{'))
}

/// A document as a whole, which is no longer than a manifest may be.
fn document(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match file.take(MANIFEST_BYTES + 1).read_to_end(&mut bytes)? as u64 {
        length if length > MANIFEST_BYTES => {
            Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {MANIFEST_BYTES} bytes")))
        }
        _ => Ok(bytes),
    }
}

fn limits(url: &str, request: &Request<'_>) -> DownloadLimits {
    DownloadLimits {
        proxy: request.download.proxy.clone().or_else(|| (request.proxy)(url)),
        ..request.download.clone()
    }
}

/// Fetches a bundle beside the installation, and takes up what an earlier call left.
fn fetch(
    root: &Root,
    url: &str,
    request: &Request<'_>,
    sha256: Option<Digest>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<File, ApplyError> {
    let memo = layout::download_memo();
    let part = match root.look(&memo)? {
        Some(_) => serde_json::from_slice(&root.read(&memo)?).ok(),
        None => None,
    };
    let mut file = root.open_own(&layout::download())?;
    let mut keep = |part: Option<&Part>| match part {
        Some(part) => {
            let json =
                serde_json::to_vec(part).map_err(|why| ApplyError::new(ErrorKind::DownloadFailed, why.to_string()))?;
            Ok(super::disk::write_whole(root, &memo, &json)?)
        }
        None if root.look(&memo)?.is_some() => Ok(root.remove_file(&memo)?),
        None => Ok(()),
    };
    let mut bytes = |done, total| tell(Event::Download { done, total });
    let got = download::download(url, &limits(url, request), &mut file, part, &mut keep, &mut bytes)?;
    if let Some(expected) = sha256.map(|digest| digest.to_string()).filter(|digest| *digest != got.sha256) {
        remove_download(root);
        let message = format!("`{url}` has the SHA-256 {} and not {expected}", got.sha256);
        return Err(ApplyError::new(ErrorKind::VerificationFailed, message).help("it was thrown away"));
    }
    Ok(file)
}

/// Whether there is a file of that name. A symbolic link is followed, as reading would.
pub(crate) fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| meta.is_file())
}

/// What a document has to be where a digest of it was named.
pub(crate) fn check_digest(bytes: &[u8], expected: Option<Digest>) -> Result<(), ApplyError> {
    let found = Digest::of(bytes);
    match expected.filter(|expected| *expected != found) {
        Some(expected) => Err(of_bundle(&BundleError::WrongFile { expected, found })),
        None => Ok(()),
    }
}

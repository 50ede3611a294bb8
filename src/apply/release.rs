//! A release manifest as what is to be applied: which of its packages this installation needs, and from where.
//!
//! The document is verified as a bundle is, before it is read. Whoever has signed it has signed the digests in it: a package
//! with a digest needs no signature of its own, and one without needs one. The newest version that a trusted document has
//! led to is remembered beside what is installed, so that an older document is not taken for the newest one.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::bundle::{
    Bundle, BundleError, Manifest, Operations, Package, Release, ReleaseFault, Signature, Strategy, Terms, Untrusted,
    Upgrade, Version, signatures_beside,
};

use super::disk::root::Root;
use super::disk::{Disk, write_whole};
use super::error::{ApplyError, ErrorKind};
use super::finish::Installed;
use super::package::of_bundle;
use super::site::{From, Request, now};
use super::source::{self, Opened};
use super::{Event, download, layout, preflight};

/// What is remembered of release manifests.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// The newest version that one has led to.
    newest: Option<Version>,
}

/// A release manifest, and whether enough trusted keys have signed it.
struct Read {
    release: Release,
    is_trusted: bool,
}

/// Opens the package that an installation needs of a release; `None`: none.
pub(super) fn follow(
    root: &Root,
    request: &Request<'_>,
    installed: &Installed,
    bytes: &[u8],
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Option<Opened>, ApplyError> {
    source::check_digest(bytes, request.terms.sha256)?;
    let signatures = match request.bundle {
        From::File(_) => request.terms.signatures.clone(),
        From::Url(url) => fetch_signatures(root, url, request, tell)?,
    };
    let Read { release, is_trusted } = read(bytes, &signatures, &request.terms).map_err(|error| of_bundle(&error))?;
    release.check_time(i64::try_from(now()).unwrap_or(i64::MAX)).map_err(|error| of_bundle(&error))?;
    let newest = release.newest();
    check_newest(root, newest, installed, request.may_go_down)?;
    if is_trusted && !request.dry_run {
        remember(root, newest)?;
    }
    let current = installed.version.as_deref().and_then(|version| version.parse::<Version>().ok());
    // Who goes down on purpose needs all of the older release.
    let current = current.filter(|current| *current <= newest || !request.may_go_down);
    let platform = platform(&release);
    let upgrade = match release.strategy(current, &platform).map_err(|error| of_bundle(&error))? {
        Strategy::NoUpgrade => return Ok(None),
        Strategy::Full(upgrade) | Strategy::Patch(upgrade) | Strategy::Legacy(upgrade) => upgrade,
    };
    let bundle = open(root, request, &upgrade, is_trusted, tell)?;
    check_package(&bundle, &upgrade)?;
    Ok(Some(Opened { bundle, goes_on: Some(newest).filter(|newest| *newest > upgrade.version) }))
}

/// Reads a document that enough trusted keys have signed, or that is taken as it is.
fn read(bytes: &[u8], signatures: &[Signature], terms: &Terms<'_>) -> Result<Read, BundleError> {
    let signed = match terms.trust {
        Some(trust) => Release::parse_signed(bytes, signatures, trust),
        None if signatures.is_empty() => Err(BundleError::Unsigned),
        None => {
            let signers = signatures.iter().map(|signature| signature.key().to_string()).collect();
            Err(BundleError::Untrusted { found: 0, needed: 1, signers })
        }
    };
    match signed {
        Ok(release) => Ok(Read { release, is_trusted: true }),
        Err(BundleError::Unsigned | BundleError::Untrusted { .. }) if terms.untrusted == Untrusted::Allow => {
            Ok(Read { release: Release::parse(bytes)?, is_trusted: false })
        }
        Err(error) => Err(error),
    }
}

/// The signatures beside a document that was fetched: `URL.minisig`, and `URL.<keyid>.minisig` of the trusted keys where one
/// is not enough.
fn fetch_signatures(
    root: &Root,
    url: &str,
    request: &Request<'_>,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Vec<Signature>, ApplyError> {
    let beside = |end: &str| match url.find(['?', '#']) {
        Some(at) => format!("{}{end}{}", &url[..at], &url[at..]),
        None => format!("{url}{end}"),
    };
    let mut fetch = |url: &str| -> Result<Signature, ApplyError> {
        let text = source::fetch_document(root, url, request, tell)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        Signature::parse(&text, &format!("the signature `{url}`")).map_err(|error| of_bundle(&error))
    };
    let mut signatures = Vec::new();
    match fetch(&beside(".minisig")) {
        Ok(signature) => signatures.push(signature),
        Err(error) if error.kind == ErrorKind::DownloadFailed && request.terms.untrusted == Untrusted::Allow => {}
        Err(error) => return Err(error),
    }
    for trust in request.terms.trust.iter().filter(|trust| trust.threshold() > 1) {
        for key in trust.keys() {
            match fetch(&beside(&format!(".{}.minisig", key.id()))) {
                Ok(signature) => signatures.push(signature),
                // Not every key has signed each document: whether enough have is counted later.
                Err(error) if error.kind == ErrorKind::DownloadFailed => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(signatures)
}

/// Refuses a document that is older than what was installed here, or than one that was seen here.
fn check_newest(root: &Root, newest: Version, installed: &Installed, may_go_down: bool) -> Result<(), ApplyError> {
    let highest = installed.highest.as_deref().and_then(|version| version.parse::<Version>().ok());
    match highest.max(seen(root)?.newest).filter(|present| newest < *present && !may_go_down) {
        Some(present) => Err(of_bundle(&BundleError::Downgrade { offered: newest, present })),
        None => Ok(()),
    }
}

fn seen(root: &Root) -> Result<Seen, ApplyError> {
    let file = layout::seen();
    if root.look(&file)?.is_none() {
        return Ok(Seen::default());
    }
    serde_json::from_slice(&root.read(&file)?).map_err(|why| {
        ApplyError::new(ErrorKind::JournalDamaged, format!("`{}` cannot be read: {why}", file.display()))
    })
}

/// Before anything else is done: the document is not forgotten where the apply fails.
fn remember(root: &Root, newest: Version) -> Result<(), ApplyError> {
    let before = seen(root)?.newest;
    if before >= Some(newest) {
        return Ok(());
    }
    let json = serde_json::to_vec(&Seen { newest: Some(newest) })
        .map_err(|why| ApplyError::new(ErrorKind::JournalDamaged, format!("cannot write what was seen: {why}")))?;
    Ok(write_whole(root, &layout::seen(), &json)?)
}

/// The name that a release has for this machine.
fn platform(release: &Release) -> String {
    let is_known = |name: &String| {
        release.platforms.contains_key(name)
            || release.patch.as_ref().is_some_and(|patch| patch.platforms.contains_key(name))
    };
    preflight::platforms().into_iter().find(is_known).unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

/// Where a package is.
enum Place {
    File(PathBuf),
    Url(String),
}

fn place(document: From<'_>, package: &Package) -> Result<Place, ApplyError> {
    let is_secret = |url: &str| url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    match document {
        From::File(_) if package.url.contains("://") => Ok(Place::Url(package.url.clone())),
        From::File(path) => Ok(Place::File(path.parent().unwrap_or(Path::new("")).join(&package.url))),
        From::Url(url) => {
            let to = download::resolved(url, &package.url)
                .map_err(|why| ApplyError::new(ErrorKind::DownloadFailed, format!("`{url}`: {why}")))?;
            if is_secret(url) && !is_secret(&to) {
                let message = format!("the release manifest came by https, and its package `{to}` would not");
                return Err(ApplyError::new(ErrorKind::DownloadFailed, message));
            }
            Ok(Place::Url(to))
        }
    }
}

fn open(
    root: &Root,
    request: &Request<'_>,
    upgrade: &Upgrade<'_>,
    is_trusted: bool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Bundle<std::fs::File>, ApplyError> {
    let package = upgrade.package;
    let mut signatures: Vec<Signature> = Vec::new();
    signatures.extend(package.signature().map_err(|error| of_bundle(&error))?);
    let place = place(request.bundle, package)?;
    if let Place::File(path) = &place
        && source::is_file(path)
    {
        signatures.extend(signatures_beside(path).map_err(|error| of_bundle(&error))?);
    }
    let is_vouched_for = is_trusted && package.hash.is_some();
    let terms = Terms {
        untrusted: if is_vouched_for { Untrusted::Allow } else { request.terms.untrusted },
        sha256: package.hash.map(|hash| hash.0),
        signatures,
        ..request.terms.clone()
    };
    match place {
        Place::File(path) => source::open_path(&path, &terms),
        Place::Url(url) => source::open_url(root, &url, request, &terms, tell),
    }
}

/// What the document says of a package, and what the package is, have to be one.
fn check_package(bundle: &Bundle<std::fs::File>, upgrade: &Upgrade<'_>) -> Result<(), ApplyError> {
    let Manifest { version, operations, .. } = bundle.manifest();
    let contradiction = |what: String| {
        let fault = ReleaseFault::Contradiction(what);
        Err(ApplyError::new(ErrorKind::VerificationFailed, BundleError::from(fault).to_string()))
    };
    let Upgrade { version: expected, package } = upgrade;
    if version != expected {
        return contradiction(format!("its package `{}` leads to {version} and not to {expected}", package.url));
    }
    if let Some(size) = package.size.filter(|size| *size != bundle.length()) {
        return contradiction(format!("its package `{}` has {} bytes and not {size}", package.url, bundle.length()));
    }
    match &package.operations {
        Some(said) if paths(said) != paths(operations) => {
            contradiction(format!("its package `{}` has other operations than it says", package.url))
        }
        Some(_) | None => Ok(()),
    }
}

/// What is replaced and what is deleted, whichever form the lists have.
fn paths(operations: &Operations) -> [Vec<&str>; 2] {
    let Operations { replace, delete } = operations;
    let replaced = replace.files.iter().chain(&replace.directories).map(AsRef::as_ref);
    let mut both = [replaced.collect::<Vec<&str>>(), delete.paths().map(|(path, _)| path.as_str()).collect()];
    both.iter_mut().for_each(|paths| paths.sort_unstable());
    both
}

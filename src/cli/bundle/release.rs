//! `alterplan bundle release` and `strategy`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use alterplan::bundle::{
    self, Digest, Downgrade, Hash, Instant, Package, Packages, Patches, Release, Strategy, Terms, Untrusted, Version,
    open, signatures_beside,
};
use clap::Args;

use crate::cli::Exit;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

use super::trust::TrustOptions;
use super::{cannot_read, cannot_write, secret_key, write_whole};

/// The arguments of `bundle release`.
#[derive(Args)]
pub(super) struct Writing {
    /// The release's version
    #[arg(long, value_name = "VERSION")]
    version: Version,
    /// When it is made: a date, or a date and time; without it, the document has none
    #[arg(long, value_name = "DATE")]
    date: Option<Instant>,
    /// Until when it may be followed
    #[arg(long, value_name = "DATE")]
    expires: Option<Instant>,
    /// Something for people
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// A package with all of the release: PLATFORM=FILE, or FILE alone for every platform
    #[arg(long, value_name = "[PLATFORM=]FILE")]
    full: Vec<Artifact>,
    /// A patch bundle: PLATFORM=FILE
    #[arg(long, value_name = "PLATFORM=FILE")]
    patch: Vec<Artifact>,
    /// Where the files will be; without it, beside the document
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Signs the document with a secret key: writes FILE.minisig
    #[arg(long, value_name = "SECRET")]
    key: Option<PathBuf>,
    /// Where to write it
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// A file, and the platform that it is for.
#[derive(Clone, Debug)]
struct Artifact {
    platform: Option<String>,
    file: PathBuf,
}

impl FromStr for Artifact {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((platform, file)) if !platform.is_empty() && !platform.contains('/') && !file.is_empty() => {
                Ok(Self { platform: Some(platform.to_owned()), file: file.into() })
            }
            Some(_) => Err("expected PLATFORM=FILE".to_owned()),
            None => Ok(Self { platform: None, file: text.into() }),
        }
    }
}

/// Runs `bundle release`.
pub(super) fn write(arguments: &Writing) -> Result<Exit, Failure> {
    if arguments.full.is_empty() && arguments.patch.is_empty() {
        return Err(Failure::wrong("a release has packages").help("`--full FILE`, `--patch PLATFORM=FILE`"));
    }
    let mut packages = None;
    let mut platforms = BTreeMap::new();
    for artifact in &arguments.full {
        let (package, _) = package(artifact, arguments.url.as_deref(), &Payload::Any)?;
        let replaced = match &artifact.platform {
            Some(platform) => platforms.insert(platform.clone(), package).is_some(),
            None => packages.replace(Packages { full: Some(package), ..Packages::default() }).is_some(),
        };
        refuse_twice(replaced, artifact)?;
    }
    let mut patches = Patches::default();
    for artifact in &arguments.patch {
        let Some(platform) = &artifact.platform else {
            return Err(Failure::wrong(format!("--patch {}: expected PLATFORM=FILE", artifact.file.display())));
        };
        let (package, version) = package(artifact, arguments.url.as_deref(), &Payload::Bundle)?;
        if patches.version.is_some() && patches.version != version {
            return Err(Failure::wrong("the patches lead to different versions"));
        }
        patches.version = version;
        refuse_twice(patches.platforms.insert(platform.clone(), package).is_some(), artifact)?;
    }
    let release = Release {
        version: arguments.version,
        release_date: arguments.date,
        release_notes: arguments.notes.clone(),
        expires: arguments.expires,
        packages,
        platforms,
        patch: Some(patches).filter(|patches| !patches.platforms.is_empty()),
        other: serde_json::Map::new(),
    };
    let text = release.write()?;
    let output = &arguments.output;
    let signature = match &arguments.key {
        Some(key) => {
            let name = output.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Some(bundle::sign(&secret_key(key)?, &mut text.as_bytes(), &format!("file:{name}\thashed"))?)
        }
        None => None,
    };
    write_whole(output, |file| file.write_all(text.as_bytes()).map_err(cannot_write(output)))?;
    if let Some(signature) = signature {
        let mut beside = output.as_os_str().to_owned();
        beside.push(bundle::SUFFIX);
        let beside = PathBuf::from(beside);
        write_whole(&beside, |file| file.write_all(signature.as_str().as_bytes()).map_err(cannot_write(&beside)))?;
    }
    Ok(Exit::Done)
}

fn refuse_twice(is_twice: bool, artifact: &Artifact) -> Result<(), Failure> {
    let platform = artifact.platform.as_deref().unwrap_or("every platform");
    if is_twice { Err(Failure::wrong(format!("two packages of one kind for {platform}"))) } else { Ok(()) }
}

/// What is in a package.
enum Payload {
    /// A bundle.
    Bundle,
    /// Whatever it may be.
    Any,
}

/// Describes a file; the version that it leads to, if it is a bundle.
fn package(artifact: &Artifact, url: Option<&str>, payload: &Payload) -> Result<(Package, Option<Version>), Failure> {
    let path = &artifact.file;
    let mut file = File::open(path).map_err(cannot_read(path))?;
    let (digest, size) = Digest::of_reader(&mut file).map_err(cannot_read(path))?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Failure::wrong(format!("`{}` has no name for an address", path.display())))?;
    let signature = signatures_beside(path)?.first().map(|signature| signature.as_str().to_owned());
    let mut package = Package {
        url: url.map_or_else(|| name.to_owned(), |url| format!("{}/{name}", url.trim_end_matches('/'))),
        hash: Some(Hash(digest)),
        signature,
        size: Some(size),
        operations: None,
        notes: None,
        other: serde_json::Map::new(),
    };
    let Payload::Bundle = payload else { return Ok((package, None)) };
    let terms = Terms { untrusted: Untrusted::Allow, ..Terms::default() };
    let bundle = open(path, &terms).map_err(|why| Failure::wrong(format!("`{}`: {why}", path.display())))?;
    let manifest = bundle.manifest();
    if let (Some(meant), Some(platform)) = (&manifest.platform, &artifact.platform)
        && meant != platform
    {
        return Err(Failure::wrong(format!("`{}` is for {meant} and not for {platform}", path.display())));
    }
    package.operations = Some(manifest.operations.clone());
    package.notes.clone_from(&manifest.notes);
    Ok((package, Some(manifest.version)))
}

/// The arguments of `bundle strategy`.
#[derive(Args)]
pub(super) struct Following {
    /// The release manifest
    #[arg(value_name = "RELEASE")]
    release: PathBuf,
    /// The version that is installed; without it, none is
    #[arg(long, value_name = "VERSION")]
    current: Option<Version>,
    /// The platform that it is installed on
    #[arg(long, value_name = "NAME", default_value = std::env::consts::ARCH)]
    platform: String,
    #[command(flatten)]
    trust: TrustOptions,
}

/// Runs `bundle strategy`.
pub(super) fn strategy(arguments: &Following, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let release = read(&arguments.release, &arguments.trust)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    release.check_time(i64::try_from(now).unwrap_or(i64::MAX))?;
    let store = arguments.trust.store()?.unwrap_or_default();
    let product = arguments.trust.product.as_deref().unwrap_or_default();
    let downgrade = if arguments.trust.allow_downgrade { Downgrade::Allow } else { Downgrade::Refuse };
    store.admit(product, release.newest(), arguments.current, downgrade)?;
    let line = match release.strategy(arguments.current, &arguments.platform)? {
        Strategy::NoUpgrade => "no upgrade\n".to_owned(),
        Strategy::Full(upgrade) => format!("full {} {}\n", upgrade.version, upgrade.package.url),
        Strategy::Patch(upgrade) => format!("patch {} {}\n", upgrade.version, upgrade.package.url),
        Strategy::Legacy(upgrade) => format!("legacy {} {}\n", upgrade.version, upgrade.package.url),
    };
    terminal.print(&line)?;
    Ok(Exit::Done)
}

fn read(path: &Path, options: &TrustOptions) -> Result<Release, Failure> {
    let bytes = fs::read(path).map_err(cannot_read(path))?;
    match options.trust()? {
        Some(trust) if !options.allow_unsigned => Ok(Release::parse_signed(&bytes, &signatures_beside(path)?, &trust)?),
        None if !options.allow_unsigned => Err(Failure::wrong("nobody is trusted to sign the release manifest")
            .exit(Exit::Refused)
            .help("`--trust PUBKEY` names a key; `--allow-unsigned` takes it as it is")),
        Some(_) | None => Ok(Release::parse(&bytes)?),
    }
}

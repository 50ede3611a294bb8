//! What has to be so before anything is done: each thing that is not is refused with what to do, and nothing has changed.

use std::path::{Path, PathBuf};

use super::changes::{self, Wanted};
use super::disk::{Disk, Kind, parent};
use super::error::{ApplyError, ErrorKind};
use super::finish::Installed;
use super::layout;
use crate::bundle::{Manifest, Version};

/// Kept free beyond what is unpacked: for the journal, the history, folders.
const SPARE: u64 = 1 << 20;

/// Whether a bundle is for this machine, this product and this version.
pub(crate) fn check_version(manifest: &Manifest, installed: &Installed, may_go_down: bool) -> Result<(), ApplyError> {
    let refuse = |message: String, help: &str| Err(ApplyError::new(ErrorKind::Refused, message).help(help));
    if let Some(platform) = manifest.platform.as_deref().filter(|platform| !is_this(platform)) {
        let here = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
        return refuse(format!("the bundle is for {platform}, and this is {here}"), "get the one for this platform");
    }
    if let Some(product) = installed.product.as_deref().filter(|product| *product != manifest.product) {
        let message = format!("the bundle is for `{}`, and `{product}` is installed here", manifest.product);
        return refuse(message, "a root holds one product");
    }
    let version = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<Version>().ok());
    if let (Some(base), Some(current)) = (manifest.base, version(&installed.version))
        && base != current
    {
        let message = format!("the bundle starts from version {base}, and {current} is installed");
        return refuse(message, "get the bundle that starts from what is installed, or the full release");
    }
    if let Some(highest) = version(&installed.highest).filter(|highest| manifest.version < *highest && !may_go_down) {
        let message =
            format!("the bundle leads to version {}, and {highest} was installed here before", manifest.version);
        return refuse(
            message,
            "with --allow-downgrade an older version is taken; `rollback` goes back to the one before",
        );
    }
    Ok(())
}

fn is_this(platform: &str) -> bool {
    platforms().iter().any(|known| known.eq_ignore_ascii_case(platform))
}

/// The names of this machine's platform.
pub(crate) fn platforms() -> [String; 4] {
    use std::env::consts::{ARCH, OS};
    [ARCH.to_owned(), OS.to_owned(), format!("{OS}-{ARCH}"), format!("{ARCH}-{OS}")]
}

/// Whether the files are those that a bundle was made for, and can be changed: space, rights, nothing in the way.
pub(crate) fn check_files(disk: &dyn Disk, wanted: &Wanted, unpacked: u64) -> Result<(), ApplyError> {
    let refuse = |message: String, help: &str| Err(ApplyError::new(ErrorKind::PreflightFailed, message).help(help));
    changes::check_expected(disk, wanted)?;
    let tops = changes::tops(disk, wanted)?;
    let mut folders: Vec<PathBuf> = tops.iter().map(|top| parent(top)).chain([layout::home()]).collect();
    // A folder that moves into another one has its own `..` changed.
    for top in &tops {
        if disk.look(top)?.is_some_and(|look| look.kind == Kind::Folder) {
            folders.push(top.clone());
        }
    }
    folders.sort();
    folders.dedup();
    for folder in &folders {
        if disk.look(folder)?.is_some() && !disk.may_write(folder)? {
            return refuse(
                format!("`{}` is read only for this user", shown(folder)),
                "change its rights, or run as its owner",
            );
        }
    }
    let (free, needed) = (disk.free_space()?, unpacked.saturating_add(SPARE));
    if free < needed {
        return refuse(format!("{free} bytes are free, and {needed} are needed"), "make space, then run it again");
    }
    Ok(())
}

fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() { "the root".to_owned() } else { folder.display().to_string() }
}

//! What an installation needs of a release.

use crate::bundle::error::BundleError;
use crate::bundle::version::Version;

use super::{Package, Release, ReleaseFault};

/// What to do about a release.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Strategy<'a> {
    /// Nothing: it is installed, or something newer is.
    NoUpgrade,
    /// Take the platform's full package.
    Full(Upgrade<'a>),
    /// Take the platform's patch: the release that it is of is installed.
    Patch(Upgrade<'a>),
    /// Take the package that is for every platform: the document is of the old form, without platforms.
    Legacy(Upgrade<'a>),
}

/// A package to take.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Upgrade<'a> {
    /// The version that it leads to.
    pub version: Version,
    /// The package.
    pub package: &'a Package,
}

impl Release {
    /// What to do for an installation of a version (`None`: nothing is installed) on a platform.
    ///
    /// A patch is for installations of the release that it belongs to. All others need a full package first, and after that
    /// the same document says what comes next.
    ///
    /// # Errors
    /// [`ReleaseFault::NoPackage`] where there is none that fits.
    pub fn strategy(&self, current: Option<Version>, platform: &str) -> Result<Strategy<'_>, BundleError> {
        let newest = self.newest();
        if current.is_some_and(|current| current >= newest) {
            return Ok(Strategy::NoUpgrade);
        }
        let is_base_installed = current.is_some_and(|current| current.release() == newest.release());
        if is_base_installed {
            let patch = self.patch.as_ref().and_then(|patch| patch.platforms.get(platform));
            let patch = patch.or_else(|| self.packages.as_ref()?.patch.as_ref());
            if let Some(package) = patch {
                return Ok(Strategy::Patch(Upgrade { version: newest, package }));
            }
        }
        let version = self.version.release();
        if is_base_installed && current.is_some_and(|current| current >= version) && newest > version {
            // The release itself is there already; what is missing is a patch that this platform does not get.
            return Err(ReleaseFault::NoPackage { platform: platform.to_owned() }.into());
        }
        if let Some(package) = self.platforms.get(platform) {
            return Ok(Strategy::Full(Upgrade { version, package }));
        }
        match self.packages.as_ref().and_then(|packages| packages.full.as_ref()) {
            Some(package) if self.platforms.is_empty() => Ok(Strategy::Legacy(Upgrade { version, package })),
            Some(_) | None => Err(ReleaseFault::NoPackage { platform: platform.to_owned() }.into()),
        }
    }
}

//! Release manifests: which packages a release has, where they are, and which of them an installation needs.
//!
//! In: JSON that a release's makers have signed, and what is installed. Out: what to do about it. The document may have
//! fields that are not known here; they are kept. What contradicts itself is refused.

mod date;
mod store;
mod strategy;

pub use date::{Instant, MalformedInstant};
pub use store::{Downgrade, TrustStore};
pub use strategy::{Strategy, Upgrade};

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::digest::Digest;
use super::error::BundleError;
use super::manifest::Operations;
use super::signature::{Signature, Standing, Trust};
use super::version::Version;

/// A release and its packages.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// Its version. A fourth part is the patch level that its patches lead to.
    pub version: Version,
    /// When it was made: a date, or a date and time with its offset (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_date: Option<Instant>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_notes: Option<String>,
    /// Until when it may be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Instant>,
    /// Packages for every platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<Packages>,
    /// Full packages by platform.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub platforms: BTreeMap<String, Package>,
    /// Patches by platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Patches>,
    /// What else the document says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Packages for every platform.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Packages {
    /// All of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Package>,
    /// What changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Package>,
    /// What else the document says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Patches by platform.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Patches {
    /// The version that they lead to, where it is not the release's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// One for each platform.
    #[serde(flatten)]
    pub platforms: BTreeMap<String, Package>,
}

/// A package.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Package {
    /// Where it is: an address, or a path from where this document is.
    pub url: String,
    /// `sha256:` and the digest of its file. A patch has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<Hash>,
    /// The text of a minisign signature of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The bytes of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What a patch replaces and deletes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<Operations>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// What else the document says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A digest with the name of its kind before it: `sha256:…`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash(pub Digest);

impl TryFrom<String> for Hash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digest = text.strip_prefix("sha256:").ok_or("a hash begins with `sha256:`")?;
        digest.parse().map(Self).map_err(|why: super::MalformedDigest| why.to_string())
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> Self {
        format!("sha256:{}", hash.0)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Hash {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hash".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^sha256:[0-9a-fA-F]{64}$" })
    }
}

/// What is wrong with a release manifest.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ReleaseFault {
    /// It is not of the form that one has.
    Malformed(String),
    /// Two of its fields cannot both be.
    Contradiction(String),
    /// Its time is over.
    Expired {
        /// Since when.
        since: Instant,
    },
    /// It has nothing for the platform.
    NoPackage {
        /// The platform.
        platform: String,
    },
}

impl ReleaseFault {
    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Expired { .. } => true,
            Self::Malformed(_) | Self::Contradiction(_) | Self::NoPackage { .. } => false,
        }
    }

    pub(super) fn help(&self) -> Option<&'static str> {
        match self {
            Self::Expired { .. } => Some("get the current one: somebody may be withholding newer releases"),
            Self::Malformed(_) | Self::Contradiction(_) | Self::NoPackage { .. } => None,
        }
    }
}

impl fmt::Display for ReleaseFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "the release manifest is refused: {what}"),
            Self::Contradiction(what) => write!(f, "the release manifest contradicts itself: {what}"),
            Self::Expired { since } => write!(f, "the release manifest is expired since {since}"),
            Self::NoPackage { platform } => write!(f, "the release has no package for `{}`", platform.escape_debug()),
        }
    }
}

impl Release {
    /// Reads a release manifest.
    ///
    /// # Errors
    /// [`BundleError::Release`] where it is malformed or contradicts itself; [`BundleError::BadSignature`] for a package's
    /// signature that is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let release: Self = serde_json::from_slice(bytes).map_err(|why| ReleaseFault::Malformed(why.to_string()))?;
        release.check()?;
        Ok(release)
    }

    /// Checks what was put together in the program.
    ///
    /// # Errors
    /// As [`parse`](Self::parse) has them.
    pub fn check(&self) -> Result<(), BundleError> {
        let contradiction = |what: String| Err(ReleaseFault::Contradiction(what).into());
        if let (Some(made), Some(expires)) = (&self.release_date, &self.expires)
            && expires < made
        {
            return contradiction(format!("it expires on {expires}, before it was made on {made}"));
        }
        if let Some(patched) = self.patch.as_ref().and_then(|patch| patch.version) {
            if patched.is_full_release() {
                return contradiction(format!("its patches lead to {patched}, which is a full release"));
            }
            if patched.release() != self.version.release() {
                return contradiction(format!("its patches lead to {patched}, and it is {}", self.version));
            }
            if !self.version.is_full_release() && self.version != patched {
                return contradiction(format!("its patches lead to {patched}, and it is {}", self.version));
            }
        }
        let mut hashes = BTreeMap::new();
        for (what, package) in self.all() {
            package.check(&what)?;
            let Some(hash) = package.hash else { continue };
            if hashes.insert(package.url.as_str(), hash).is_some_and(|known| known != hash) {
                return contradiction(format!("`{}` has two hashes", package.url.escape_debug()));
            }
        }
        let patches = self.patch.iter().flat_map(|patch| &patch.platforms);
        for (platform, package) in patches {
            if package.hash.is_none() {
                return Err(ReleaseFault::Malformed(format!("the patch for `{platform}` has no hash")).into());
            }
            if self.platforms.get(platform).is_some_and(|full| full.url == package.url) {
                return contradiction(format!("the full package and the patch for `{platform}` are one file"));
            }
        }
        Ok(())
    }

    /// Reads a release manifest that was signed: by how many of which keys is for `trust` to say.
    ///
    /// # Errors
    /// [`BundleError::Unsigned`], [`BundleError::Untrusted`], [`BundleError::BadSignature`]; and after that those of
    /// [`parse`](Self::parse).
    pub fn parse_signed(bytes: &[u8], signatures: &[Signature], trust: &Trust) -> Result<Self, BundleError> {
        let mut standing = Standing::new(trust);
        for signature in signatures {
            let key = trust.key(signature.key());
            key.map(|key| signature.verify(bytes, key, "a signature of the release manifest")).transpose()?;
            standing.add(signature.key());
        }
        standing.check()?;
        Self::parse(bytes)
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of [`check`](Self::check).
    pub fn write(&self) -> Result<String, BundleError> {
        self.check()?;
        let text = serde_json::to_string_pretty(self).map_err(|why| ReleaseFault::Malformed(why.to_string()))?;
        Ok(text + "\n")
    }

    /// The version that it leads to at the most.
    pub fn newest(&self) -> Version {
        let patched = self.patch.as_ref().and_then(|patch| patch.version);
        patched.unwrap_or(self.version).max(self.version)
    }

    /// # Errors
    /// [`ReleaseFault::Expired`] where its time was over at the given one, in seconds since 1970.
    pub fn check_time(&self, now: i64) -> Result<(), BundleError> {
        match self.expires {
            Some(since) if since.seconds() < now => Err(ReleaseFault::Expired { since }.into()),
            Some(_) | None => Ok(()),
        }
    }

    /// All packages, each with what messages call it.
    fn all(&self) -> impl Iterator<Item = (String, &Package)> {
        let common = self.packages.iter().flat_map(|packages| {
            let full = packages.full.iter().map(|package| ("packages.full".to_owned(), package));
            full.chain(packages.patch.iter().map(|package| ("packages.patch".to_owned(), package)))
        });
        let full = self.platforms.iter().map(|(platform, package)| (format!("platforms.{platform}"), package));
        let patches = self.patch.iter().flat_map(|patch| &patch.platforms);
        common.chain(full).chain(patches.map(|(platform, package)| (format!("patch.{platform}"), package)))
    }
}

impl Package {
    /// Its signature.
    ///
    /// # Errors
    /// [`BundleError::BadSignature`] where it is none of minisign's.
    pub fn signature(&self) -> Result<Option<Signature>, BundleError> {
        let text = self.signature.as_deref().filter(|text| !text.is_empty());
        text.map(|text| Signature::parse(text, "a signature in the release manifest")).transpose()
    }

    fn check(&self, what: &str) -> Result<(), BundleError> {
        let malformed = |why: &str| Err(ReleaseFault::Malformed(format!("{what}: {why}")).into());
        if self.url.is_empty() || self.url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return malformed("its url is empty or has spaces in it");
        }
        let scheme = self.url.split_once("://").map(|(scheme, _)| scheme);
        match scheme {
            Some("https" | "http") => {}
            Some(_) => return malformed("its url is neither https nor http"),
            None if self.url.starts_with('/') || self.url.split('/').any(|part| part == "..") => {
                return malformed("its url is a path that leads elsewhere");
            }
            None => {}
        }
        self.signature().map(|_| ())
    }
}

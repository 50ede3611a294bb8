//! Bundles: what changed from one release to the next, files and schema plan, as one signed archive.
//!
//! In: trees of files, a plan document, keys. Out: archives that are the same bytes for the same input, and, of an archive
//! that somebody else may have made, a verified manifest and files in a private folder, or the reason why not. Nothing here
//! changes an installation, and nothing knows a database.
//!
//! An archive is one gzip member with a tar of regular files: `manifest.json`, `manifest.json.minisig`, pages of the
//! manifest and `plan.json` where there are any, and then `objects/<sha256>` and `deltas/<sha256>`. No member has a name,
//! a mode or a kind that means anything: paths, modes and links are in the manifest alone, which is signed.
//!
//! ```
//! use std::io::Cursor;
//!
//! use alterplan::bundle::{Build, Bundle, Terms, Unwatched, build, generate, SecretKey, Trust};
//!
//! # let folder = tempfile::tempdir()?;
//! # std::fs::write(folder.path().join("app"), "2")?;
//! let (secret, public) = generate(None)?;
//! let key = SecretKey::parse(&secret, None)?;
//! let recipe = Build { key: Some(&key), ..Build::new("shop", "1.2.3".parse()?, folder.path()) };
//! let mut file = Cursor::new(Vec::new());
//! build(&recipe, &mut file, &mut Unwatched)?;
//!
//! let trust = Trust::new(vec![public], 1)?;
//! let mut bundle = Bundle::new(file, &Terms { trust: Some(&trust), ..Terms::default() })?;
//! assert_eq!(bundle.manifest().entries[0].path.as_str(), "app");
//! bundle.verify(&mut Unwatched)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod build;
pub mod delta;
mod digest;
mod error;
mod inspect;
mod limits;
mod manifest;
mod open;
mod path;
mod progress;
mod release;
#[cfg(feature = "schema")]
mod schema;
mod signature;
mod tree;
mod version;

pub use build::{Build, Built, OperationsFile, build};
pub use digest::{Digest, MalformedDigest};
pub use error::{BundleError, MemberFault};
pub use inspect::{Inspection, SignatureReport, human_size};
pub use limits::{Exceeded, Limits, MANIFEST_BYTES};
pub use manifest::{
    Content, Delete, Delta, DeltaFormat, Entry, FORMAT, FORMAT_VERSION, Form, Kind, Manifest, Mode, Operations, Page,
    Part, PathsByKind, PlanSummary, State, Tally, Written,
};
pub use open::{Bundle, ContentReader, DELTAS, FILES, Terms, Unpacking, Untrusted, Verified, open, signatures_beside};
pub use path::{Collision, Fault, LinkFault, RelPath, STATE, UnsafePath};
pub use progress::{Progress, Unwatched};
pub use release::{
    Downgrade, Hash, Instant, MalformedInstant, Package, Packages, Patches, Release, ReleaseFault, Strategy,
    TrustStore, Upgrade,
};
#[cfg(feature = "schema")]
pub use schema::{keys_schema, manifest_schema, operations_schema, release_schema};
pub use signature::{KeyId, KeyList, PublicKey, SUFFIX, SecretKey, Signature, Signer, Standing, Trust, generate, sign};
pub use tree::{Role, Tree, TreeFault};
pub use version::{MalformedVersion, Version};

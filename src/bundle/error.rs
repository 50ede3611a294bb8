//! Why a bundle is not built, not believed or not opened; one kind for each reason.

use std::{error, fmt, io};

use super::digest::Digest;
use super::limits::Exceeded;
use super::path::{Collision, LinkFault, UnsafePath};
use super::release::ReleaseFault;
use super::tree::TreeFault;
use super::version::Version;

/// Why something with a bundle was refused or failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum BundleError {
    /// The operating system said no.
    Io {
        /// What was being done, and to what.
        what: String,
        /// What it said.
        why: io::Error,
    },
    /// The file is not gzip, or its data is damaged.
    Gzip(String),
    /// The file ends too early.
    Truncated,
    /// A second gzip member follows the first.
    SeveralMembers,
    /// Something follows the archive.
    TrailingData,
    /// A header of the archive is damaged.
    Header(String),
    /// A member of the archive has a form that bundles do not have.
    Member {
        /// Its name.
        name: String,
        /// Why it is refused.
        fault: MemberFault,
    },
    /// The archive does not begin with its manifest.
    ManifestNotFirst {
        /// What it begins with.
        first: String,
    },
    /// The manifest is not what one has to be.
    Manifest(String),
    /// A path that no bundle may have.
    Path(UnsafePath),
    /// Two paths that some file systems take for one.
    Collision(Collision),
    /// A symbolic link that leads where it must not.
    Link {
        /// The link.
        path: String,
        /// Where it leads.
        target: String,
        /// What is wrong with that.
        fault: LinkFault,
    },
    /// An entry below something that is no folder.
    BelowNoFolder {
        /// The entry.
        path: String,
        /// What it would be in.
        parent: String,
    },
    /// The manifest says two things that cannot both be.
    Contradiction {
        /// The path.
        path: String,
        /// What is contradictory.
        what: &'static str,
    },
    /// More than a limit allows.
    Exceeded(Exceeded),
    /// A member's data is not what the manifest says.
    WrongHash {
        /// The member.
        name: String,
        /// By the manifest.
        expected: Digest,
        /// In truth.
        found: Digest,
    },
    /// A member's size is not what the manifest says.
    WrongSize {
        /// The member.
        name: String,
        /// By the manifest.
        expected: u64,
        /// In truth.
        found: u64,
    },
    /// The manifest lists what the archive does not have.
    Missing {
        /// The member.
        name: String,
    },
    /// A delta does not make of the old file what it should.
    Delta {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// The embedded plan is not one, or not the one that the manifest describes.
    Plan(String),
    /// The file is another than the one that was asked for.
    WrongFile {
        /// What was asked for.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
    /// The file changed while it was read.
    Changed,
    /// A signature that does not hold.
    BadSignature {
        /// Which.
        what: String,
        /// Why.
        why: String,
    },
    /// Nobody has signed it.
    Unsigned,
    /// Fewer trusted keys have signed it than are needed.
    Untrusted {
        /// How many trusted keys have.
        found: usize,
        /// How many must have.
        needed: usize,
        /// The ids of all keys that have signed.
        signers: Vec<String>,
    },
    /// A key, or a list of keys, that cannot be used.
    Key(String),
    /// A bundle of another product.
    WrongProduct {
        /// What is wanted.
        expected: String,
        /// What it is for.
        found: String,
    },
    /// Older than what is installed or was seen before.
    Downgrade {
        /// What it offers.
        offered: Version,
        /// What is there.
        present: Version,
    },
    /// A release manifest that is not what one has to be.
    Release(ReleaseFault),
    /// A tree that cannot be packed.
    Tree(TreeFault),
}

impl BundleError {
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |why| Self::Io { what, why }.of_cause()
    }

    /// What a reader of ours has wrapped into an error of the system's kind, taken out again.
    fn of_cause(self) -> Self {
        match self {
            Self::Io { what, why } if why.get_ref().is_some_and(|inner| inner.is::<Self>()) => {
                match why.into_inner().map(|inner| inner.downcast::<Self>()) {
                    Some(Ok(inner)) => *inner,
                    // It was just seen to be one.
                    Some(Err(_)) | None => Self::Io { what, why: io::ErrorKind::Other.into() },
                }
            }
            other => other,
        }
    }

    /// The same as an error that a reader can return.
    pub(super) fn into_io(self) -> io::Error {
        match self {
            Self::Io { why, .. } => why,
            other => io::Error::other(other),
        }
    }

    /// Whether it is a matter of trust, and not of a file that is no bundle: signatures, digests, products, versions.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::WrongHash { .. }
            | Self::WrongSize { .. }
            | Self::Missing { .. }
            | Self::WrongFile { .. }
            | Self::Changed
            | Self::BadSignature { .. }
            | Self::Unsigned
            | Self::Untrusted { .. }
            | Self::WrongProduct { .. }
            | Self::Downgrade { .. } => true,
            Self::Release(fault) => fault.is_refusal(),
            Self::Member { fault, .. } => matches!(fault, MemberFault::Unlisted | MemberFault::Duplicate),
            Self::Io { .. }
            | Self::Gzip(_)
            | Self::Truncated
            | Self::SeveralMembers
            | Self::TrailingData
            | Self::Header(_)
            | Self::ManifestNotFirst { .. }
            | Self::Manifest(_)
            | Self::Path(_)
            | Self::Collision(_)
            | Self::Link { .. }
            | Self::BelowNoFolder { .. }
            | Self::Contradiction { .. }
            | Self::Exceeded(_)
            | Self::Delta { .. }
            | Self::Plan(_)
            | Self::Key(_)
            | Self::Tree(_) => false,
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Truncated | Self::Gzip(_) => Some("the file may be cut off: get it again and compare its SHA-256"),
            Self::Unsigned => Some("ask its makers for a signed one; `--allow-unsigned` takes it as it is"),
            Self::Untrusted { .. } => Some(
                "`--trust` names a public key that is trusted, once for each; `--allow-unsigned` takes it as it is",
            ),
            Self::Downgrade { .. } => Some("`--allow-downgrade` goes back on purpose"),
            Self::Contradiction { .. } => {
                Some("a path is either deleted or replaced; replacing needs no deleting first")
            }
            Self::Release(fault) => fault.help(),
            Self::Tree(fault) => fault.help(),
            _ => None,
        }
    }
}

/// What is wrong with a member of an archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberFault {
    /// Its name has `..`.
    Parent,
    /// Its name is absolute.
    Absolute,
    /// Its name has a NUL before its end.
    Nul,
    /// Its name is longer than any that a bundle has.
    TooLong,
    /// Its name is not UTF-8.
    NotText,
    /// It is a symbolic link.
    Symlink,
    /// It is a hard link.
    HardLink,
    /// It is a device.
    Device,
    /// It is a FIFO.
    Fifo,
    /// It is a folder.
    Directory,
    /// It is sparse.
    Sparse,
    /// It is a PAX header, which says again what a header has said.
    Pax,
    /// It is of a kind that is not known.
    UnknownKind,
    /// It has setuid, setgid or sticky bits.
    SpecialBits,
    /// It came before.
    Duplicate,
    /// It differs from another member by case alone.
    CaseCollision,
    /// The manifest does not list it.
    Unlisted,
    /// It is a second manifest.
    SecondManifest,
    /// It does not stand where it has to.
    Misplaced,
}

impl fmt::Display for MemberFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parent => "its name has `..`",
            Self::Absolute => "its name is absolute",
            Self::Nul => "its name goes on after a NUL",
            Self::TooLong => "its name is too long",
            Self::NotText => "its name is not UTF-8",
            Self::Symlink => "it is a symbolic link",
            Self::HardLink => "it is a hard link",
            Self::Device => "it is a device",
            Self::Fifo => "it is a FIFO",
            Self::Directory => "it is a folder",
            Self::Sparse => "it is a sparse file",
            Self::Pax => "it is a PAX header, which could contradict the header that follows",
            Self::UnknownKind => "it is of an unknown kind",
            Self::SpecialBits => "it has setuid, setgid or sticky bits",
            Self::Duplicate => "it is there twice",
            Self::CaseCollision => "it differs from another member by case alone",
            Self::Unlisted => "the manifest does not list it",
            Self::SecondManifest => "it is a second manifest",
            Self::Misplaced => "it stands before what has to come first",
        })
    }
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { what, why } => write!(f, "cannot {what}: {why}"),
            Self::Gzip(what) => write!(f, "the file is not a bundle, or damaged: {what}"),
            Self::Truncated => f.write_str("the file ends too early"),
            Self::SeveralMembers => f.write_str("a second gzip member follows the archive"),
            Self::TrailingData => f.write_str("something follows the archive's end"),
            Self::Header(what) => write!(f, "a header of the archive is damaged: {what}"),
            Self::Member { name, fault } => {
                write!(f, "the archive's member `{}` is refused: {fault}", name.escape_debug())
            }
            Self::ManifestNotFirst { first } => {
                write!(f, "the archive begins with `{}` and not with its manifest", first.escape_debug())
            }
            Self::Manifest(what) => write!(f, "the manifest is refused: {what}"),
            Self::Path(unsafe_path) => unsafe_path.fmt(f),
            Self::Collision(Collision { first, second }) if first == second => {
                write!(f, "the path `{}` is listed twice", first.escape_debug())
            }
            Self::Collision(Collision { first, second }) => write!(
                f,
                "the paths `{}` and `{}` are one on file systems that do not tell cases apart",
                first.escape_debug(),
                second.escape_debug()
            ),
            Self::Link { path, target, fault } => write!(
                f,
                "the symbolic link `{}` to `{}` is refused: {fault}",
                path.escape_debug(),
                target.escape_debug()
            ),
            Self::BelowNoFolder { path, parent } => {
                write!(f, "the path `{}` is below `{}`, which is no folder", path.escape_debug(), parent.escape_debug())
            }
            Self::Contradiction { path, what } => write!(f, "the path `{}` {what}", path.escape_debug()),
            Self::Exceeded(exceeded) => exceeded.fmt(f),
            Self::WrongHash { name, expected, found } => {
                write!(f, "`{}` is not what was signed: SHA-256 {found} instead of {expected}", name.escape_debug())
            }
            Self::WrongSize { name, expected, found } => {
                write!(f, "`{}` is not what was signed: {found} bytes instead of {expected}", name.escape_debug())
            }
            Self::Missing { name } => {
                write!(f, "the archive lacks `{}`, which its manifest lists", name.escape_debug())
            }
            Self::Delta { path, what } => write!(f, "the delta of `{}` does not apply: {what}", path.escape_debug()),
            Self::Plan(what) => write!(f, "the bundle's plan is refused: {what}"),
            Self::WrongFile { expected, found } => {
                write!(f, "the file is another one: SHA-256 {found} instead of {expected}")
            }
            Self::Changed => f.write_str("the file changed while it was read"),
            Self::BadSignature { what, why } => write!(f, "{what} does not hold: {why}"),
            Self::Unsigned => f.write_str("nobody has signed it"),
            Self::Untrusted { found, needed, signers } => {
                let by = if signers.is_empty() { "nobody".to_owned() } else { signers.join(", ") };
                write!(f, "{found} of {needed} needed trusted signatures; signed by {by}")
            }
            Self::Key(what) => f.write_str(what),
            Self::WrongProduct { expected, found } => {
                write!(f, "the bundle is for `{}` and not for `{}`", found.escape_debug(), expected.escape_debug())
            }
            Self::Downgrade { offered, present } => {
                write!(f, "version {offered} is older than {present}, which is installed or was seen before")
            }
            Self::Release(fault) => fault.fmt(f),
            Self::Tree(fault) => fault.fmt(f),
        }
    }
}

impl error::Error for BundleError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { why, .. } => Some(why),
            _ => None,
        }
    }
}

impl From<UnsafePath> for BundleError {
    fn from(fault: UnsafePath) -> Self {
        Self::Path(fault)
    }
}

impl From<Collision> for BundleError {
    fn from(collision: Collision) -> Self {
        Self::Collision(collision)
    }
}

impl From<Exceeded> for BundleError {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}

impl From<TreeFault> for BundleError {
    fn from(fault: TreeFault) -> Self {
        Self::Tree(fault)
    }
}

impl From<ReleaseFault> for BundleError {
    fn from(fault: ReleaseFault) -> Self {
        Self::Release(fault)
    }
}

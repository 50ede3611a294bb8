//! How much a bundle may hold: what a file claims or unfolds to is bounded before it is believed.

use std::fmt;

/// The bytes that the manifest may have.
pub const MANIFEST_BYTES: u64 = 1 << 20;
/// The bytes that an embedded signature may have.
pub(super) const SIGNATURE_BYTES: u64 = 16 << 10;
/// The bytes that an embedded plan may have.
pub(super) const PLAN_BYTES: u64 = 32 << 20;
/// Below so many bytes, a ratio says nothing.
const RATIO_COUNTS_FROM: u64 = 64 << 20;

/// What a reader takes at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Entries of the manifest; and as many paths in each list of its operations.
    pub entries: usize,
    /// Bytes of the manifest with its pages.
    pub listing: u64,
    /// Bytes of all that is unpacked.
    pub bytes: u64,
    /// How many times the packed size that may be, counted from 64 MiB on.
    pub ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // So many entries fit in the memory that opening a bundle may take.
        Self { entries: 65_536, listing: 32 << 20, bytes: 64 << 30, ratio: 250 }
    }
}

impl Limits {
    /// Refuses what has unfolded too far.
    pub(super) fn check_unfolding(&self, packed: u64, unpacked: u64) -> Result<(), Exceeded> {
        if unpacked > self.bytes {
            return Err(Exceeded::Bytes { most: self.bytes });
        }
        if unpacked > RATIO_COUNTS_FROM && unpacked / self.ratio > packed {
            return Err(Exceeded::Ratio { most: self.ratio });
        }
        Ok(())
    }

    /// Refuses more bytes of manifest and pages than are taken.
    pub(super) fn check_listing(&self, bytes: u64) -> Result<(), Exceeded> {
        if bytes > self.listing { Err(Exceeded::Listing { most: self.listing }) } else { Ok(()) }
    }

    /// Refuses more entries than are taken.
    pub(super) fn check_entries(&self, count: usize) -> Result<(), Exceeded> {
        if count > self.entries { Err(Exceeded::Entries { most: self.entries }) } else { Ok(()) }
    }
}

/// A limit that was exceeded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exceeded {
    /// The manifest has too many bytes.
    Manifest,
    /// The signature has too many bytes.
    Signature,
    /// The plan has too many bytes.
    Plan,
    /// The manifest and its pages have too many bytes.
    Listing {
        /// The limit.
        most: u64,
    },
    /// There are too many entries.
    Entries {
        /// The limit.
        most: usize,
    },
    /// It unpacks to too many bytes.
    Bytes {
        /// The limit.
        most: u64,
    },
    /// It unpacks to too many times its size.
    Ratio {
        /// The limit.
        most: u64,
    },
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => write!(f, "the manifest has more than {MANIFEST_BYTES} bytes"),
            Self::Signature => write!(f, "the signature has more than {SIGNATURE_BYTES} bytes"),
            Self::Plan => write!(f, "the plan has more than {PLAN_BYTES} bytes"),
            Self::Listing { most } => write!(f, "the manifest and its pages have more than {most} bytes"),
            Self::Entries { most } => write!(f, "the bundle has more than {most} entries"),
            Self::Bytes { most } => write!(f, "the bundle unpacks to more than {most} bytes"),
            Self::Ratio { most } => write!(f, "the bundle unpacks to more than {most} times its size"),
        }
    }
}

//! The archive: one gzip member with a plain tar of regular files whose names come of their contents. In: bytes that nobody
//! vouches for. Out: members, each with what it says of itself, checked to be of the only form that bundles have.

mod gunzip;
mod members;
mod write;

pub(super) use gunzip::{Gunzip, read_ahead};
pub(super) use members::{Flow, Member, walk};
pub(super) use write::Writer;

/// The first member.
pub(super) const MANIFEST: &str = "manifest.json";
/// The second, where the bundle is signed.
pub(super) const SIGNATURE: &str = "manifest.json.minisig";
/// The plan's document.
pub(super) const PLAN: &str = "plan.json";

/// The level of compression: a part of the format in so far as the same tree makes the same bytes.
pub(super) const LEVEL: u32 = 6;

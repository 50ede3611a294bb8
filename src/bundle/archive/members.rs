//! The members of an archive, one after the other. Headers are read by the `tar` crate and believed in nothing: each member
//! has to be a plain file with a short name.

use std::io::{self, Read};

use tar::{Archive, EntryType, Header};

use crate::bundle::error::{BundleError, MemberFault};

/// A member as its header describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: String,
    /// The bytes of its data.
    pub(crate) size: u64,
}

/// Whether to go on to the next member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flow {
    /// Go on.
    On,
    /// This was the last one that was wanted.
    Enough,
}

/// The longest name that a member has: `objects/` and a digest.
const LONGEST_NAME: usize = 80;
/// Zeros that may follow the end: tar fills up to a record.
const PADDING: u64 = 1 << 20;

/// Goes through the members. The visitor reads what it wants of each; the rest is skipped. After the last, nothing but
/// zeros may follow.
pub(crate) fn walk(
    reader: &mut dyn Read,
    visit: &mut dyn FnMut(&Member, &mut dyn Read) -> Result<Flow, BundleError>,
) -> Result<(), BundleError> {
    let mut archive = Archive::new(reader);
    for entry in archive.entries().map_err(of_header)?.raw(true) {
        let mut entry = entry.map_err(of_header)?;
        let member = member(entry.header())?;
        let mut data = Whole { inner: &mut entry, left: member.size };
        if visit(&member, &mut data)? == Flow::Enough {
            return Ok(());
        }
    }
    only_zeros(&mut archive.into_inner())
}

/// Whatever is in the stream after its end marker.
fn only_zeros(rest: &mut dyn Read) -> Result<(), BundleError> {
    let mut buffer = vec![0; 8 * 1024];
    let mut length = 0;
    loop {
        let read = rest.read(&mut buffer).map_err(BundleError::io("read the bundle"))?;
        length += read as u64;
        if read == 0 {
            return Ok(());
        }
        if length > PADDING || buffer[..read].iter().any(|b| *b != 0) {
            return Err(BundleError::TrailingData);
        }
    }
}

/// Data of a member that must not end before its size is reached.
struct Whole<'a> {
    inner: &'a mut dyn Read,
    left: u64,
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(BundleError::Truncated.into_io());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// What the `tar` crate says is about a header, unless it is an error of ours or the system's that has passed through it.
fn of_header(why: io::Error) -> BundleError {
    let is_of_tar = why.raw_os_error().is_none() && why.get_ref().is_some_and(|inner| !inner.is::<BundleError>());
    if is_of_tar { BundleError::Header(why.to_string()) } else { BundleError::io("read the bundle")(why) }
}

fn member(header: &Header) -> Result<Member, BundleError> {
    let shown = String::from_utf8_lossy(&header.path_bytes()).chars().take(120).collect::<String>();
    let refused = |fault| Err(BundleError::Member { name: shown.clone(), fault });
    if let Some(fault) = fault_of_kind(header.entry_type()) {
        return refused(fault);
    }
    let mode = header.mode().map_err(of_header)?;
    if mode & 0o7000 != 0 {
        return refused(MemberFault::SpecialBits);
    }
    let field = &header.as_old().name;
    let (name, after) = match field.iter().position(|b| *b == 0) {
        Some(end) => (&field[..end], &field[end..]),
        None => (field.as_slice(), [].as_slice()),
    };
    if after.iter().any(|b| *b != 0) {
        return refused(MemberFault::Nul);
    }
    let has_prefix = header.as_ustar().is_some_and(|ustar| ustar.prefix[0] != 0);
    let Ok(text) = str::from_utf8(name) else { return refused(MemberFault::NotText) };
    if text.starts_with('/') {
        return refused(MemberFault::Absolute);
    }
    if shown.split(['/', '\\']).any(|part| part == "..") {
        return refused(MemberFault::Parent);
    }
    if has_prefix || name.len() > LONGEST_NAME {
        return refused(MemberFault::TooLong);
    }
    let size = header.entry_size().map_err(of_header)?;
    Ok(Member { name: text.to_owned(), size })
}

/// Why a kind of member is refused; `None` for plain files.
fn fault_of_kind(kind: EntryType) -> Option<MemberFault> {
    match kind {
        EntryType::Regular => None,
        EntryType::Link => Some(MemberFault::HardLink),
        EntryType::Symlink => Some(MemberFault::Symlink),
        EntryType::Char | EntryType::Block => Some(MemberFault::Device),
        EntryType::Directory => Some(MemberFault::Directory),
        EntryType::Fifo => Some(MemberFault::Fifo),
        EntryType::GNULongName | EntryType::GNULongLink => Some(MemberFault::TooLong),
        EntryType::GNUSparse => Some(MemberFault::Sparse),
        EntryType::XGlobalHeader | EntryType::XHeader => Some(MemberFault::Pax),
        _ => Some(MemberFault::UnknownKind),
    }
}

//! Memory for a text that is being read.

use std::io::{self, Read};

use memmap2::MmapMut;

use super::decode::fill;
use crate::source::Text;

/// A text as far as it was read. What is large lies in pages of its own.
///
/// The allocator begins what is large a few bytes behind the beginning of a page. The system's copy of a page of a file to
/// there by `rep movsb` takes AMD's Zen 3 and Zen 4 about three times as long as any other, for it takes the two for one
/// another (glibc, bug 30994: the distance modulo 4096 is less than a line of the cache). Pages of its own also may be large
/// ones, where the system has them: it takes less to give one than to give 512 small ones.
pub(super) enum Room {
    Heap(Vec<u8>),
    Pages { pages: MmapMut, length: usize },
}

impl Room {
    /// What is shorter is read to the heap.
    const LARGE: usize = 256 * 1024;

    /// A large page, as x86-64 has them.
    const LARGE_PAGE: usize = 2 * 1024 * 1024;

    /// Room for a text that may be of that size. It is no more than address space before something is read.
    pub(super) fn of(size: usize) -> Self {
        if size < Self::LARGE {
            return Self::Heap(Vec::with_capacity(size));
        }
        let (size, is_worth_it) = match size {
            ..Self::LARGE_PAGE => (size, false),
            _ => (size.next_multiple_of(Self::LARGE_PAGE), true),
        };
        match MmapMut::map_anon(size) {
            Ok(pages) => {
                // A system without large pages, or without leave to use them, gives small ones.
                #[cfg(target_os = "linux")]
                if is_worth_it {
                    let _ = pages.advise(memmap2::Advice::HugePage);
                }
                Self::Pages { pages, length: 0 }
            }
            Err(_) => Self::Heap(Vec::with_capacity(size)),
        }
    }

    /// Reads on until the text ends, or so many bytes were read.
    pub(super) fn read(&mut self, reader: &mut dyn Read, most: usize) -> io::Result<usize> {
        match self {
            // A file knows how to fill room that nobody has cleared before.
            Self::Heap(bytes) => reader.take(most as u64).read_to_end(bytes),
            Self::Pages { pages, length } => {
                let end = pages.len().min(*length + most);
                let wanted = end - *length;
                let read = fill(reader, &mut pages[*length..end])?;
                *length += read;
                if read < wanted || wanted == most {
                    return Ok(read);
                }
                // The text is longer than it was said to be.
                let mut bytes = self.to_vec();
                let more = reader.take((most - read) as u64).read_to_end(&mut bytes)?;
                *self = Self::Heap(bytes);
                Ok(read + more)
            }
        }
    }
}

impl std::ops::Deref for Room {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Pages { pages, length } => &pages[..*length],
        }
    }
}

impl AsRef<[u8]> for Room {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Room> for Text {
    fn from(room: Room) -> Self {
        Self::kept_by(room)
    }
}

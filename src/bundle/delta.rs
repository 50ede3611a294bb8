//! A file as what makes it of its old form: zstd, with the old file as the dictionary.
//!
//! Up to 16 MiB a file is one piece, and its dictionary all of the old file. A larger one is cut into aligned chunks of
//! 8 MiB, each with the old file's bytes at its place and 4 MiB around it, so that memory stays bounded. A delta is, for
//! each piece, the length of a frame as four bytes (little-endian), and the frame.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use zstd::stream::raw::CParameter;

use super::digest::{Digest, SummingWriter};

/// A file up to here is one piece.
const WHOLE: u64 = 16 << 20;
/// The size of a chunk of a larger one.
const CHUNK: u64 = 8 << 20;
/// What of the old file around a chunk is of its dictionary.
const AROUND: u64 = 4 << 20;
/// The window: as much as a piece and its dictionary.
const WINDOW_LOG: u32 = 25;
/// The level of compression.
const LEVEL: i32 = 15;

/// A piece of the new file, and the part of the old one that is its dictionary.
struct Piece {
    new: Range<u64>,
    old: Range<u64>,
}

fn pieces(old: u64, new: u64) -> impl Iterator<Item = Piece> {
    let is_one = old <= WHOLE && new <= WHOLE;
    let step = if is_one { WHOLE } else { CHUNK };
    (0..new.div_ceil(step)).map(move |index| {
        let part = index * step..((index + 1) * step).min(new);
        let dictionary =
            if is_one { 0..old } else { part.start.saturating_sub(AROUND).min(old)..(part.end + AROUND).min(old) };
        Piece { new: part, old: dictionary }
    })
}

/// A file that can be read from any place.
pub trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

/// Writes the delta from `old` to `new`, which have so many bytes.
///
/// # Errors
/// What readers and the writer say.
pub fn make(
    old: &mut dyn Source,
    old_size: u64,
    new: &mut dyn Read,
    new_size: u64,
    output: &mut dyn Write,
) -> io::Result<()> {
    for piece in pieces(old_size, new_size) {
        let dictionary = part(old, piece.old)?;
        let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(Vec::new(), LEVEL, &dictionary)?;
        encoder.set_parameter(CParameter::WindowLog(WINDOW_LOG))?;
        encoder.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
        let length = piece.new.end - piece.new.start;
        if io::copy(&mut new.take(length), &mut encoder)? != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let frame = encoder.finish()?;
        let length = u32::try_from(frame.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(&frame)?;
    }
    Ok(())
}

/// Makes the new file, of exactly `new_size` bytes, of the old one and a delta. The digest of what was made is to be
/// compared with the one that it should have: an old file of other content makes something else.
///
/// # Errors
/// What readers and the writer say; [`io::ErrorKind::InvalidData`] where the delta does not fit.
pub fn apply(
    old: &mut dyn Source,
    old_size: u64,
    delta: &mut dyn Read,
    new_size: u64,
    output: &mut dyn Write,
) -> io::Result<Digest> {
    let mut output = SummingWriter::new(output);
    let misfit = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    for piece in pieces(old_size, new_size) {
        let mut length = [0; 4];
        delta.read_exact(&mut length)?;
        let length = u64::from(u32::from_le_bytes(length));
        if length > 2 * WHOLE {
            return Err(misfit("a frame is longer than what it makes"));
        }
        let mut frame = Vec::new();
        if delta.take(length).read_to_end(&mut frame)? as u64 != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let dictionary = part(old, piece.old)?;
        let mut decoder = zstd::stream::read::Decoder::with_ref_prefix(frame.as_slice(), &dictionary)?.single_frame();
        decoder.window_log_max(WINDOW_LOG)?;
        let expected = piece.new.end - piece.new.start;
        if io::copy(&mut (&mut decoder).take(expected), &mut output)? != expected || decoder.read(&mut [0])? != 0 {
            return Err(misfit("a frame makes another length than it should"));
        }
    }
    if delta.read(&mut [0])? == 0 { output.finish() } else { Err(misfit("something follows its last frame")) }
}

fn part(old: &mut dyn Source, range: Range<u64>) -> io::Result<Vec<u8>> {
    let length = range.end - range.start;
    let mut bytes = Vec::new();
    old.seek(SeekFrom::Start(range.start))?;
    if old.take(length).read_to_end(&mut bytes)? as u64 == length {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// Bytes without pattern, always the same.
    fn noise(length: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..length).map(|_| next()).collect()
    }

    fn there_and_back(old: &[u8], new: &[u8]) -> usize {
        let mut delta = Vec::new();
        make(&mut Cursor::new(old), old.len() as u64, &mut &*new, new.len() as u64, &mut delta).expect("a delta");
        let mut made = Vec::new();
        let digest = apply(&mut Cursor::new(old), old.len() as u64, &mut delta.as_slice(), new.len() as u64, &mut made);
        assert_eq!(digest.expect("it applies"), Digest::of(new));
        assert!(made == new);
        delta.len()
    }

    #[test]
    fn a_changed_place_costs_little_and_all_comes_back() {
        let old = noise(300_000, 1);
        let mut new = old.clone();
        new.splice(1000..1010, *b"something longer");
        assert!(there_and_back(&old, &new) < 300);
        assert!(there_and_back(&old, &[]) == 0);
        there_and_back(&[], &old);
    }

    #[test]
    fn large_files_go_in_chunks_and_shifts_within_reach_cost_little() {
        let old = noise(18 << 20, 2);
        let mut new = old.clone();
        new.splice(5..5, noise(100_000, 3));
        let size = there_and_back(&old, &new);
        assert!(size < 250_000, "{size}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let (old, new) = (noise(5_000, 1), noise(5_000, 2));
        let mut delta = Vec::new();
        make(&mut Cursor::new(&old), 5_000, &mut new.as_slice(), 5_000, &mut delta).expect("a delta");
        let refusal = |delta: &[u8], size| {
            let applied = apply(&mut Cursor::new(&old), 5_000, &mut &*delta, size, &mut io::sink());
            applied.expect_err("a misfit").to_string()
        };
        let longer = [delta.as_slice(), b"x"].concat();
        assert_eq!(refusal(&longer, 5_000), "something follows its last frame");
        assert_eq!(refusal(&delta, 4_999), "a frame makes another length than it should");
        assert_eq!(refusal(&delta, 5_001), "a frame makes another length than it should");
        assert_eq!(refusal(&[255; 8], 5_000), "a frame is longer than what it makes");
        assert_eq!(refusal(&delta[..2], 5_000), "failed to fill whole buffer");
    }
}

//! Gzip that is one member and nothing else, unpacked ahead of its reader on a thread of its own.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use flate2::bufread::GzDecoder;

use crate::bundle::digest::{Digest, Summing};
use crate::bundle::error::BundleError;
use crate::bundle::limits::Limits;

/// The bytes of a buffer that goes from one thread to the other.
const BUFFER: usize = 256 * 1024;
/// How many there are.
const BUFFERS: usize = 6;

/// Unpacks one gzip member, and refuses whatever follows it and whatever unfolds too far.
pub(crate) struct Gunzip<R: Read> {
    decoder: GzDecoder<BufReader<Summing<R>>>,
    packed: u64,
    unpacked: u64,
    limits: Limits,
}

impl<R: Read> Gunzip<R> {
    /// Begins to unpack `packed` bytes.
    pub(crate) fn new(reader: R, packed: u64, limits: Limits) -> Self {
        let reader = BufReader::with_capacity(128 * 1024, Summing::new(reader));
        Self { decoder: GzDecoder::new(reader), packed, unpacked: 0, limits }
    }

    /// The digest of the packed bytes that were read.
    pub(crate) fn digest(&self) -> Digest {
        self.decoder.get_ref().get_ref().digest()
    }

    fn check_end(&mut self) -> Result<(), BundleError> {
        let rest = self.decoder.get_mut().fill_buf().map_err(BundleError::io("read the bundle"))?;
        match rest {
            [] => Ok(()),
            [0x1f, 0x8b, ..] => Err(BundleError::SeveralMembers),
            _ => Err(BundleError::TrailingData),
        }
    }
}

impl<R: Read> Read for Gunzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.decoder.read(buffer) {
            Ok(0) if !buffer.is_empty() => self.check_end().map(|()| 0),
            Ok(read) => {
                self.unpacked += read as u64;
                let unfolding = self.limits.check_unfolding(self.packed, self.unpacked);
                unfolding.map(|()| read).map_err(BundleError::from)
            }
            Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => Err(BundleError::Truncated),
            // What the system says has a number; what the decoder says has none.
            Err(why)
                if why.raw_os_error().is_none() && why.get_ref().is_some_and(|inner| !inner.is::<BundleError>()) =>
            {
                Err(BundleError::Gzip(why.to_string()))
            }
            Err(why) => return Err(why),
        };
        read.map_err(BundleError::into_io)
    }
}

/// Unpacks on another thread. The reader gets the data; the handle, once it is joined, the digest of all packed bytes, if
/// they were read to their end.
pub(crate) fn read_ahead<'scope, R: Read + Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    mut gunzip: Gunzip<R>,
) -> (Ahead, ScopedJoinHandle<'scope, Option<Digest>>) {
    let (full, filled) = sync_channel(BUFFERS);
    let (empty, emptied) = channel();
    for _ in 0..BUFFERS {
        // The other end is still here.
        let _ = empty.send(vec![0; BUFFER]);
    }
    let handle = scope.spawn(move || pump(&mut gunzip, &full, &emptied).then(|| gunzip.digest()));
    (Ahead { filled, empty, buffer: Vec::new(), at: 0, end: 0, is_over: false }, handle)
}

/// Fills buffers until the end, an error, or nobody reads any more; whether it was the end.
fn pump(source: &mut dyn Read, full: &SyncSender<io::Result<(Vec<u8>, usize)>>, emptied: &Receiver<Vec<u8>>) -> bool {
    while let Ok(mut buffer) = emptied.recv() {
        match fill(source, &mut buffer) {
            Ok(0) => return true,
            Ok(length) if full.send(Ok((buffer, length))).is_ok() => {}
            Ok(_) => return false,
            Err(why) => {
                // Where nobody reads any more, nobody wants to know.
                let _ = full.send(Err(why));
                return false;
            }
        }
    }
    false
}

fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(length)
}

/// The reader's end of what another thread unpacks.
pub(crate) struct Ahead {
    filled: Receiver<io::Result<(Vec<u8>, usize)>>,
    empty: Sender<Vec<u8>>,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    is_over: bool,
}

impl Read for Ahead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.end {
            if self.is_over {
                return Ok(0);
            }
            if !self.buffer.is_empty() {
                // Where the other thread is through, it needs no buffers.
                let _ = self.empty.send(std::mem::take(&mut self.buffer));
            }
            match self.filled.recv() {
                Ok(Ok((buffer, end))) => (self.buffer, self.at, self.end) = (buffer, 0, end),
                Ok(Err(why)) => {
                    self.is_over = true;
                    return Err(why);
                }
                Err(_) => {
                    self.is_over = true;
                    return Ok(0);
                }
            }
        }
        let length = into.len().min(self.end - self.at);
        into[..length].copy_from_slice(&self.buffer[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

//! Writing an archive: the same members make the same bytes, wherever and whenever.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use crate::bundle::error::BundleError;

use super::LEVEL;

/// The bytes of a buffer that goes from one thread to the other.
const BUFFER: usize = 256 * 1024;
/// How many there are.
const BUFFERS: usize = 6;

/// Writes members to an archive, which another thread compresses.
pub(crate) struct Writer<'scope, W> {
    builder: Builder<Behind>,
    compressor: ScopedJoinHandle<'scope, io::Result<W>>,
}

impl<'scope, W: Write + Send + 'scope> Writer<'scope, W> {
    /// Begins an archive.
    pub(crate) fn new(scope: &'scope Scope<'scope, '_>, output: W) -> Self {
        let (full, filled) = sync_channel(BUFFERS);
        let (empty, emptied) = channel();
        for _ in 0..BUFFERS {
            // The other end is still here.
            let _ = empty.send(Vec::with_capacity(BUFFER));
        }
        let compressor = scope.spawn(move || compress(output, &filled, &empty));
        let behind = Behind { full, emptied, buffer: Vec::with_capacity(BUFFER) };
        Self { builder: Builder::new(behind), compressor }
    }

    /// Writes a member of exactly so many bytes.
    ///
    /// # Errors
    /// What reader and writer say; [`io::ErrorKind::UnexpectedEof`] where the reader gives fewer or more bytes.
    pub(crate) fn member(&mut self, name: &str, size: u64, data: &mut dyn Read) -> io::Result<()> {
        let mut header = Header::new_ustar();
        header.set_path(name)?;
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(size);
        header.set_cksum();
        let mut counted = Counted { inner: data, count: 0 };
        self.builder.append(&header, (&mut counted).take(size))?;
        let ends_there = counted.count == size && counted.read(&mut [0])? == 0;
        if ends_there { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// What the output said.
    pub(crate) fn finish(self) -> Result<W, BundleError> {
        let Self { builder, compressor } = self;
        let handed_over = builder.into_inner().and_then(|mut behind| behind.hand_over());
        let compressed = compressor.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Where the compressor has ended early, its reason is the one that counts.
        let output = compressed.map_err(BundleError::io("write the bundle"))?;
        handed_over.map_err(BundleError::io("write the bundle"))?;
        Ok(output)
    }
}

struct Counted<'a> {
    inner: &'a mut dyn Read,
    count: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

/// The writer's end of what another thread compresses.
struct Behind {
    full: SyncSender<Vec<u8>>,
    emptied: Receiver<Vec<u8>>,
    buffer: Vec<u8>,
}

impl Behind {
    fn hand_over(&mut self) -> io::Result<()> {
        let next = self.emptied.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
        let full = std::mem::replace(&mut self.buffer, next);
        self.full.send(full).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Behind {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let length = data.len().min(BUFFER - self.buffer.len());
        self.buffer.extend_from_slice(&data[..length]);
        if self.buffer.len() == BUFFER {
            self.hand_over()?;
        }
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn compress<W: Write>(output: W, filled: &Receiver<Vec<u8>>, empty: &Sender<Vec<u8>>) -> io::Result<W> {
    let mut encoder: GzEncoder<W> =
        GzBuilder::new().mtime(0).operating_system(255).write(output, Compression::new(LEVEL));
    while let Ok(mut buffer) = filled.recv() {
        encoder.write_all(&buffer)?;
        buffer.clear();
        // Where the other thread is through, it needs no buffers.
        let _ = empty.send(buffer);
    }
    encoder.finish()
}

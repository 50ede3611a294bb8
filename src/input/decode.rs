//! Bytes as they lie on a disk to text as the engine reads it: gzip and UTF-16 are undone on the way.

use std::io::{self, Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::InputError;

/// The magic bytes of gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Undoes what was done to the text for storing it. Everything else stays as it is, valid UTF-8 or not.
pub(super) fn text(bytes: Vec<u8>, path: &str) -> Result<Vec<u8>, InputError> {
    if !bytes.starts_with(&GZIP) && !matches!(bytes.get(..2), Some([0xff, 0xfe] | [0xfe, 0xff])) {
        return Ok(bytes);
    }
    let mut plain = Vec::with_capacity(bytes.len() * 4);
    let mut decoded = Decoded::new(Cursor::new(bytes)).map_err(|failure| failure.of(path))?;
    decoded.read_to_end(&mut plain).map_err(|why| decoded.failure(why).of(path))?;
    Ok(plain)
}

/// Why a text cannot be read.
#[derive(Debug)]
pub(super) struct Failure {
    packed: bool,
    why: io::Error,
}

impl Failure {
    /// The same of a file.
    pub(super) fn of(self, path: &str) -> InputError {
        let (path, why) = (path.to_owned(), self.why);
        if self.packed { InputError::Gzip { path, why } } else { InputError::Io { path, why } }
    }
}

/// A text on its way from where it is stored.
pub(super) struct Decoded {
    reader: Box<dyn Read + Send>,
    packed: bool,
}

impl Decoded {
    /// Looks at the first bytes to know how the text is stored.
    pub(super) fn new(reader: impl Read + Send + 'static) -> Result<Self, Failure> {
        let (first, reader) = peek(Box::new(reader)).map_err(|why| Failure { packed: false, why })?;
        let packed = first == GZIP;
        let (first, reader) = if packed {
            peek(Box::new(MultiGzDecoder::new(reader))).map_err(|why| Failure { packed, why })?
        } else {
            (first, reader)
        };
        // Windows PowerShell writes `mysqldump … > file` as UTF-16 with a byte order mark.
        let reader = match first {
            [0xff, 0xfe] => Box::new(Utf16::new(reader, u16::from_le_bytes)),
            [0xfe, 0xff] => Box::new(Utf16::new(reader, u16::from_be_bytes)),
            _ => reader,
        };
        Ok(Self { reader, packed })
    }

    /// Whether it takes no other room than where it is stored.
    pub(super) fn is_as_stored(&self) -> bool {
        !self.packed
    }

    /// What a failure to read it means.
    pub(super) fn failure(&self, why: io::Error) -> Failure {
        Failure { packed: self.packed, why }
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }

    // A file knows how to fill room that nobody has cleared before.
    fn read_to_end(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        self.reader.read_to_end(buffer)
    }
}

/// The first two bytes, zeros where there are none, and the text with them.
fn peek(mut reader: Box<dyn Read + Send>) -> io::Result<([u8; 2], Box<dyn Read + Send>)> {
    let mut first = [0; 2];
    let length = fill(&mut reader, &mut first)?;
    Ok((first, Box::new(Cursor::new(first).take(length as u64).chain(reader))))
}

/// Reads until the buffer is full or the text ends.
pub(super) fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match reader.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
            Err(why) => return Err(why),
        }
    }
    Ok(length)
}

/// UTF-16 on its way to UTF-8. Its byte order mark is left out, and so is half a unit at its end.
struct Utf16 {
    reader: Box<dyn Read + Send>,
    unit: fn([u8; 2]) -> u16,
    /// A unit that goes on with the next one.
    half: Option<u16>,
    begun: bool,
    decoded: Cursor<Vec<u8>>,
}

impl Utf16 {
    fn new(reader: Box<dyn Read + Send>, unit: fn([u8; 2]) -> u16) -> Self {
        Self { reader, unit, half: None, begun: false, decoded: Cursor::default() }
    }

    fn decode(&mut self) -> io::Result<()> {
        let mut bytes = [0; 16 * 1024];
        let length = fill(&mut self.reader, &mut bytes)?;
        let mut units: Vec<u16> = self.half.take().into_iter().collect();
        units.extend(bytes[..length].chunks_exact(2).map(|pair| (self.unit)([pair[0], pair[1]])));
        if !std::mem::replace(&mut self.begun, true) {
            units.drain(..1.min(units.len()));
        }
        if length == bytes.len() {
            self.half = units.pop_if(|unit| (0xD800..0xDC00).contains(unit));
        }
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.decoded = Cursor::new(text.into_bytes());
        Ok(())
    }
}

impl Read for Utf16 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.decoded.read(buffer)?;
        if length > 0 || buffer.is_empty() {
            return Ok(length);
        }
        self.decode()?;
        self.decoded.read(buffer)
    }
}

//! Bytes as they lie on a disk to text as the engine reads it: gzip and UTF-16 are undone.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::InputError;

/// The magic bytes of gzip (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Undoes what was done to the text for storing it. Everything else stays as it is, valid UTF-8 or not.
pub(super) fn text(bytes: Vec<u8>, path: &str) -> Result<Vec<u8>, InputError> {
    if bytes.starts_with(&GZIP) {
        let mut plain = Vec::with_capacity(bytes.len() * 4);
        MultiGzDecoder::new(bytes.as_slice())
            .read_to_end(&mut plain)
            .map_err(|why| InputError::Gzip { path: path.to_owned(), why })?;
        return Ok(utf16(plain));
    }
    Ok(utf16(bytes))
}

/// Windows PowerShell writes `mysqldump … > file` as UTF-16 with a byte order mark.
fn utf16(bytes: Vec<u8>) -> Vec<u8> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        Some(_) | None => return bytes,
    };
    let units = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes()
}

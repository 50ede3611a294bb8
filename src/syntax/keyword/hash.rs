//! The hash under which keywords are stored; `grammar/build.rs` includes this file too.

/// A hash of a word that does not tell the cases of ASCII letters apart.
pub(crate) fn hash(word: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for byte in word {
        hash = (hash ^ u32::from(byte & 0xdf)).wrapping_mul(0x0100_0193);
    }
    hash ^ (hash >> 15)
}

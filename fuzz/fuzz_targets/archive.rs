//! Any bytes as a bundle: as they are, and as the tar of one that is packed well.
#![no_main]

use std::io::{Cursor, Write};

use alterplan::bundle::{Bundle, Limits, Terms, Untrusted, Unwatched};
use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    open(data.to_vec());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    if encoder.write_all(data).is_ok()
        && let Ok(packed) = encoder.finish()
    {
        open(packed);
    }
});

fn open(bytes: Vec<u8>) {
    let limits = Limits { bytes: 64 << 20, ..Limits::default() };
    let terms = Terms { untrusted: Untrusted::Allow, limits, ..Terms::default() };
    if let Ok(mut bundle) = Bundle::new(Cursor::new(bytes), &terms) {
        let _ = bundle.verify(&mut Unwatched);
    }
}

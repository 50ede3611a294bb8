//! Any bytes as a manifest, and as a release manifest: refused, or written and read again as they were.
#![no_main]

use alterplan::bundle::{Limits, Manifest, Release};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // One with pages is not complete without them, and writing makes them anew.
    if let Ok(manifest) = Manifest::parse(data, &Limits::default())
        && manifest.pages.is_empty()
    {
        let written = manifest.write().expect("what was read can be written");
        if written.pages.is_empty() {
            assert_eq!(Manifest::parse(&written.manifest, &Limits::default()).expect("and read again"), manifest);
        }
    }
    if let Ok(release) = Release::parse(data) {
        let written = release.write().expect("what was read can be written");
        assert_eq!(Release::parse(written.as_bytes()).expect("and read again"), release);
    }
});

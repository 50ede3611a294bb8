//! The deterministic twin of the fuzz targets: some thousands of damaged manifests and archives, none of which may do more
//! than be refused. `fuzz/` has the targets that go on for as long as one likes.

use std::io::Cursor;

use alterplan::bundle::{Bundle, Limits, Manifest, Unwatched};

use crate::forge::{CONTENT, Forge, file, gzip, link, object, replacing};
use crate::trees::unsigned;

/// Numbers of chance, always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    /// Damages some bytes: another value, a byte more or less, a part twice.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = b"\0/.\\\"{}[]:,0a-"[self.below(14)],
                2 => {
                    bytes.remove(at);
                }
                3 => bytes.insert(at, b"\0/.9"[self.below(4)]),
                _ => {
                    let end = (at + self.below(600)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
            }
        }
    }
}

#[test]
fn damaged_manifests_are_refused_or_hold_what_they_say() {
    let good = replacing(&[file("bin/app", CONTENT), link("bin/current", "app")]).to_string().into_bytes();
    let mut chance = Chance(1);
    let mut refused = 0;
    for _ in 0..3_000 {
        let mut bytes = good.clone();
        chance.damage(&mut bytes);
        match Manifest::parse(&bytes, &Limits::default()) {
            Ok(manifest) => {
                let written = manifest.write().expect("what was read can be written").manifest;
                assert_eq!(Manifest::parse(&written, &Limits::default()).expect("and read again"), manifest);
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 2_000, "{refused}");
}

#[test]
fn damaged_archives_are_refused_or_give_what_was_signed() {
    let manifest = replacing(&[file("bin/app", CONTENT), link("bin/current", "app")]);
    let good = Forge::with(&manifest).file(&object(CONTENT), CONTENT).tar();
    let mut chance = Chance(2);
    let mut refused = 0;
    for round in 0..1_500 {
        let mut bytes = good.clone();
        chance.damage(&mut bytes);
        let mut packed = gzip(&bytes);
        if round % 3 == 0 {
            chance.damage(&mut packed);
        }
        let opened = Bundle::new(Cursor::new(packed), &unsigned());
        refused += usize::from(opened.and_then(|mut bundle| bundle.verify(&mut Unwatched)).is_err());
    }
    assert!(refused > 1_000, "{refused}");
}

//! Signatures: who has to have signed, and what is refused otherwise.

use std::io::{Cursor, Read as _};

use alterplan::bundle::{
    Build, Bundle, BundleError, Digest, KeyList, PublicKey, SecretKey, Signature, Terms, Trust, Untrusted, Unwatched,
    generate, sign,
};

use flate2::read::GzDecoder;

use crate::trees::{Desk, NEW, OLD, in_memory, patch};

fn key() -> SecretKey {
    SecretKey::parse(&generate(None).expect("a key").0, None).expect("a key")
}

fn trust(keys: &[&SecretKey], threshold: usize) -> Trust {
    Trust::new(keys.iter().map(|key| key.public().clone()).collect(), threshold).expect("trust")
}

fn signed(key: Option<&SecretKey>) -> Vec<u8> {
    let desk = Desk::new();
    let (old, new) = (desk.tree("old", OLD), desk.tree("new", NEW));
    in_memory(&Build { key, ..patch(&old, &new) }).expect("a bundle").1
}

fn verdict(bytes: &[u8], terms: &Terms<'_>) -> Result<(), BundleError> {
    Bundle::new(Cursor::new(bytes.to_vec()), terms)?.verify(&mut Unwatched).map(|_| ())
}

#[test]
fn a_bundle_is_opened_for_whom_its_signer_is_trusted() {
    let (key, other) = (key(), key());
    let bytes = signed(Some(&key));
    let (ours, theirs) = (trust(&[&key], 1), trust(&[&other], 1));
    verdict(&bytes, &Terms { trust: Some(&ours), ..Terms::default() }).expect("it is trusted");
    let refusal = |terms: &Terms<'_>, bytes: &[u8]| verdict(bytes, terms).expect_err("it is not trusted").to_string();
    let by = key.id();
    let untrusted = format!("0 of 1 needed trusted signatures; signed by {by}");
    assert_eq!(refusal(&Terms { trust: Some(&theirs), ..Terms::default() }, &bytes), untrusted);
    assert_eq!(refusal(&Terms::default(), &bytes), untrusted);
    assert_eq!(refusal(&Terms { trust: Some(&ours), ..Terms::default() }, &signed(None)), "nobody has signed it");
    verdict(&bytes, &Terms { untrusted: Untrusted::Allow, ..Terms::default() }).expect("it is allowed");
    let wrong_product = Terms { trust: Some(&ours), product: Some("bakery"), ..Terms::default() };
    assert_eq!(refusal(&wrong_product, &bytes), "the bundle is for `shop` and not for `bakery`");
    let (expected, found) = (Digest::of(b""), Digest::of(&bytes));
    let wrong_file = Terms { trust: Some(&ours), sha256: Some(expected), ..Terms::default() };
    assert_eq!(refusal(&wrong_file, &bytes), format!("the file is another one: SHA-256 {found} instead of {expected}"));
    verdict(&bytes, &Terms { trust: Some(&ours), sha256: Some(found), ..Terms::default() }).expect("it is the file");
}

#[test]
fn so_many_distinct_keys_have_to_have_signed() {
    let (a, b, c) = (key(), key(), key());
    let bytes = signed(Some(&a));
    let of = |key: &SecretKey| sign(key, &mut bytes.as_slice(), "file:x").expect("a signature");
    let trust = trust(&[&a, &b], 2);
    let terms = |signatures: Vec<Signature>| Terms { trust: Some(&trust), signatures, ..Terms::default() };
    assert!(verdict(&bytes, &terms(vec![of(&a), of(&a)])).is_err(), "the same key twice is one");
    assert!(verdict(&bytes, &terms(vec![of(&c)])).is_err(), "a key that is not trusted does not count");
    verdict(&bytes, &terms(vec![of(&b)])).expect("two of two");
    let foreign = sign(&b, &mut b"another file".as_slice(), "file:x").expect("a signature");
    assert_eq!(
        verdict(&bytes, &terms(vec![foreign])).expect_err("it is of another file").to_string(),
        "a signature of the bundle does not hold: the signature verification failed"
    );
    assert_eq!(
        Trust::new(vec![a.public().clone(), a.public().clone()], 2).expect_err("one key").to_string(),
        "2 of 1 keys cannot be asked for"
    );
}

#[test]
fn a_new_list_of_keys_follows_the_old_one() {
    let (a, b, c) = (key(), key(), key());
    let old = trust(&[&a, &b], 2);
    let list = |keys: &[&SecretKey], sequence| {
        let publics: Vec<PublicKey> = keys.iter().map(|key| key.public().clone()).collect();
        serde_json::to_vec(&KeyList::new(publics, 1, sequence).expect("a list")).expect("JSON")
    };
    let first = list(&[&c], 1);
    let by = |key: &SecretKey, list: &[u8]| sign(key, &mut &*list, "file:keys").expect("a signature");
    assert!(old.follow(&first, &[by(&a, &first)]).is_err(), "one of two");
    assert!(old.follow(&first, &[by(&a, &first), by(&c, &first)]).is_err(), "a new key has no say");
    let new = old.follow(&first, &[by(&a, &first), by(&b, &first)]).expect("two of two");
    assert_eq!((new.keys(), new.threshold(), new.sequence()), ([c.public().clone()].as_slice(), 1, 1));
    let again = new.follow(&first, &[by(&c, &first)]).expect_err("it is not newer").to_string();
    assert_eq!(again, "the key list has number 1, and 1 is in force");
    let second = list(&[&a], 2);
    assert!(new.follow(&second, &[by(&a, &second), by(&b, &second)]).is_err(), "old keys are not trusted any more");
    new.follow(&second, &[by(&c, &second)]).expect("it is newer");
}

fn unpacked(mut bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    GzDecoder::new(&mut bytes).read_to_end(&mut unpacked).expect("gzip");
    unpacked
}

#[test]
fn no_bit_of_a_signed_bundle_may_change() {
    let key = key();
    let bytes = signed(Some(&key));
    let trust = trust(&[&key], 1);
    let terms = Terms { trust: Some(&trust), ..Terms::default() };
    // Some bits say nothing, such as those of gzip's clock, or say the same in another way: then the same comes out.
    let mut same = 0;
    for at in (0..bytes.len()).step_by(7) {
        for bit in [0, 5] {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            if verdict(&changed, &terms).is_ok() {
                assert!(unpacked(&changed) == unpacked(&bytes), "byte {at} of {}, bit {bit}", bytes.len());
                same += 1;
            }
        }
    }
    assert!(same < 20, "{same}");
    for length in (0..bytes.len()).step_by(11) {
        assert!(verdict(&bytes[..length], &terms).is_err(), "cut off at {length}");
    }
}

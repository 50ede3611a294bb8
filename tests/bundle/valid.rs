//! Bundles that were built once: whatever is built later, these are read. `fixtures/bundle/valid/` has them, each with the
//! tree that it unpacks to; `ALTERPLAN_WRITE_FIXTURES=1` writes them anew, which only a new format may need.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use alterplan::bundle::{Build, Bundle, PublicKey, SecretKey, Terms, Trust, Unpacking, Untrusted, Unwatched, generate};
use alterplan::compare_texts;
use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::trees::{Desk, NEW, OLD, in_memory, listing, patch};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle/valid")
}

/// The old tree that deltas are applied to.
fn installed(desk: &Desk) -> PathBuf {
    let old = desk.tree("old", OLD);
    fs::write(old.join("bin/app"), numbers(|n| n)).expect("a file");
    old
}

fn numbers(number: impl Fn(u32) -> u32) -> String {
    (0..3_000).map(|n| format!("{} ", number(n).wrapping_mul(2_654_435_761))).collect()
}

fn write() {
    let desk = Desk::new();
    let (old, new) = (installed(&desk), desk.tree("new", NEW));
    fs::write(new.join("bin/app"), numbers(|n| if n == 1_500 { 0 } else { n })).expect("a file");
    let (secret, public) = generate(None).expect("a key");
    let key = SecretKey::parse(&secret, None).expect("a key");
    let plan = compare_texts("", "create table t (a int)", "mysql:8.4".parse().expect("a target")).expect("a plan");
    let version = "1.2.3".parse().expect("a version");
    for (name, recipe) in [
        ("full", Build::new("shop", version, &new)),
        ("patch", patch(&old, &new)),
        ("delta-plan-signed", Build { deltas: true, plan: Some(&plan), key: Some(&key), ..patch(&old, &new) }),
    ] {
        fs::create_dir_all(fixtures()).expect("a folder");
        let (_, bytes) = in_memory(&recipe).expect("a bundle");
        fs::write(fixtures().join(format!("{name}.tar.gz")), &bytes).expect("a fixture");
        fs::write(fixtures().join(format!("{name}.tree")), tree(&bytes, Untrusted::Allow, None)).expect("a fixture");
    }
    fs::write(fixtures().join("key.pub"), public.to_file()).expect("a fixture");
}

/// What a bundle unpacks to, as text.
fn tree(bytes: &[u8], untrusted: Untrusted, trust: Option<&Trust>) -> String {
    let desk = Desk::new();
    let (old, into) = (installed(&desk), desk.tree("into", ""));
    let open = |path: &Path| Dir::open_ambient_dir(path, ambient_authority()).expect("a folder");
    let (old, handle) = (open(&old), open(&into));
    let terms = Terms { untrusted, trust, ..Terms::default() };
    let mut bundle = Bundle::new(Cursor::new(bytes.to_vec()), &terms).expect("it opens");
    bundle.unpack(&Unpacking { into: &handle, old: Some(&old), sync: false }, &mut Unwatched).expect("it unpacks");
    let found: BTreeMap<String, String> = listing(&into.join("files"));
    found.iter().map(|(path, what)| format!("{path} {what}\n")).collect()
}

#[test]
fn bundles_of_earlier_days_are_read() {
    if std::env::var_os("ALTERPLAN_WRITE_FIXTURES").is_some() {
        write();
    }
    let read = |name: &str| fs::read(fixtures().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    let key = String::from_utf8(read("key.pub")).expect("UTF-8");
    let trust = Trust::new(vec![PublicKey::parse(&key).expect("a key")], 1).expect("trust");
    for name in ["full", "patch", "delta-plan-signed"] {
        let bytes = read(&format!("{name}.tar.gz"));
        let expected = String::from_utf8(read(&format!("{name}.tree"))).expect("UTF-8");
        let is_signed = name.ends_with("signed");
        let (untrusted, trust) = if is_signed { (Untrusted::Refuse, Some(&trust)) } else { (Untrusted::Allow, None) };
        assert_eq!(tree(&bytes, untrusted, trust), expected, "{name}");
    }
    let terms = Terms { trust: Some(&trust), ..Terms::default() };
    let signed = Bundle::new(Cursor::new(read("delta-plan-signed.tar.gz")), &terms).expect("it opens");
    assert_eq!(signed.plan().map(|plan| plan.steps.len()), Some(1));
}

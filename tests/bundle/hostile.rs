//! Archives that are made to do harm. Each is refused with an error of its own, and nothing but the private folder has
//! changed when it is. `fixtures/bundle/hostile/` holds them; `ALTERPLAN_WRITE_FIXTURES=1` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use alterplan::bundle::{Bundle, BundleError, Unpacking, Unwatched};
use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::forge::{Forge, gzip};
use crate::trees::{Desk, listing, unsigned};

#[path = "hostile/archives.rs"]
mod archives;
#[path = "hostile/contents.rs"]
mod contents;
#[path = "hostile/manifests.rs"]
mod manifests;
#[path = "hostile/paths.rs"]
mod paths;

/// A case: its name, the archive, and what it is refused with.
type Case = (&'static str, Vec<u8>, String);

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let groups = [
        archives::gzips(),
        archives::members(),
        contents::contents(),
        contents::bombs(),
        paths::paths(),
        paths::links(),
        manifests::manifests(),
        manifests::deltas_and_plans(),
    ];
    groups.into_iter().flatten().collect()
});

fn case(name: &'static str, bytes: Vec<u8>, message: impl Into<String>) -> Case {
    (name, bytes, message.into())
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle/hostile")
}

/// Opens and unpacks as an apply would, with the least that it could ask for.
fn attempt(bytes: &[u8], private: &Path) -> Result<(), BundleError> {
    let into = Dir::open_ambient_dir(private, ambient_authority()).expect("a folder");
    let old = Dir::open_ambient_dir(private.parent().expect("a parent").join("installed"), ambient_authority());
    let old = old.expect("a folder");
    let mut bundle = Bundle::new(Cursor::new(bytes.to_vec()), &unsigned())?;
    bundle.unpack(&Unpacking { into: &into, old: Some(&old), sync: false }, &mut Unwatched).map(|_| ())
}

/// What is around the private folder: more than any of the cases could know of.
fn surroundings() -> Desk {
    let desk = Desk::new();
    desk.tree("", "0644 outside/secret s\n0644 evil e\n0644 installed/app one\n0700 private /\n0644 objects/x x");
    desk
}

#[test]
fn each_is_refused_with_its_own_error_and_nothing_else_has_changed() {
    let mut wrong = Vec::new();
    for (name, bytes, expected) in CASES.iter() {
        let path = fixtures().join(format!("{name}.tar.gz"));
        if std::env::var_os("ALTERPLAN_WRITE_FIXTURES").is_some() {
            fs::create_dir_all(fixtures()).and_then(|()| fs::write(&path, bytes)).expect("a fixture");
        }
        let kept = fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        for bytes in [bytes, &kept] {
            let desk = surroundings();
            let before = listing(&desk.path(""));
            let refusal = attempt(bytes, &desk.path("private")).err().map(|why| why.to_string());
            // The place in a JSON document says nothing of the case.
            let refusal = refusal.map(|why| why.split(" at line ").next().unwrap_or_default().to_owned());
            if refusal.as_deref() != Some(expected.as_str()) {
                wrong.push(format!("{name}:\n  expected {expected}\n  found    {}", refusal.unwrap_or_default()));
            }
            let after: BTreeMap<String, String> =
                listing(&desk.path("")).into_iter().filter(|(path, _)| !path.starts_with("private/")).collect();
            assert_eq!(after, before, "{name}");
            let inside = listing(&desk.path("private"));
            assert!(!inside.values().any(|what| what.starts_with("->")), "{name}: {inside:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_has_its_case() {
    let names: BTreeSet<String> = CASES.iter().map(|(name, ..)| format!("{name}.tar.gz")).collect();
    assert_eq!(names.len(), CASES.len(), "names are unique");
    let files = fs::read_dir(fixtures()).expect("fixtures").map(|e| e.expect("an entry").file_name());
    let files: BTreeSet<String> = files.map(|name| name.to_string_lossy().into_owned()).collect();
    assert_eq!(files, names);
}

#[test]
fn what_the_cases_begin_with_is_good() {
    let desk = surroundings();
    attempt(&Forge::good().bundle(), &desk.path("private")).expect("it unpacks");
    assert_eq!(
        listing(&desk.path("private/files")).into_iter().collect::<Vec<_>>(),
        [("app".to_owned(), "0644 two\n".to_owned())]
    );
    // GNU tar's ending, which fills up a record, is good too.
    let mut tar = Forge::good().tar();
    tar.resize(10_240, 0);
    attempt(&gzip(&tar), &surroundings().path("private")).expect("it unpacks");
}

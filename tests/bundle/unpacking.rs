//! What comes out of a bundle is what went in.

use std::fs;

use alterplan::bundle::{Build, Unpacking, Unwatched};
use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::trees::{Desk, NEW, OLD, in_memory, listing, opened, patch};

fn folder(desk: &Desk, name: &str) -> Dir {
    fs::create_dir_all(desk.path(name)).expect("a folder");
    Dir::open_ambient_dir(desk.path(name), ambient_authority()).expect("a folder")
}

#[test]
fn a_full_release_comes_back_whole() {
    let desk = Desk::new();
    let new = desk.tree("new", NEW);
    let (_, bytes) = in_memory(&Build::new("shop", "1.2.3".parse().expect("a version"), &new)).expect("a bundle");
    let into = folder(&desk, "into");
    let unpacking = Unpacking { into: &into, old: None, sync: true };
    opened(&bytes).expect("it opens").unpack(&unpacking, &mut Unwatched).expect("it unpacks");
    assert_eq!(listing(&desk.path("into/files")), listing(&new));
    assert!(listing(&desk.path("into/deltas")).is_empty());
}

#[test]
fn deltas_are_applied_to_the_old_files() {
    let desk = Desk::new();
    let (old, new) = (desk.tree("old", OLD), desk.tree("new", NEW));
    let text = (0..9_999).map(|n| n.to_string()).collect::<String>();
    fs::write(old.join("bin/app"), &text).expect("a file");
    fs::write(new.join("bin/app"), text.replace("5000", "!")).expect("a file");
    let (built, bytes) = in_memory(&Build { deltas: true, ..patch(&old, &new) }).expect("a bundle");
    assert_eq!(built.manifest.entries.iter().filter(|entry| entry.delta.is_some()).count(), 1);
    let into = folder(&desk, "into");
    let installed = folder(&desk, "old");
    let unpacking = Unpacking { into: &into, old: Some(&installed), sync: false };
    opened(&bytes).expect("it opens").unpack(&unpacking, &mut Unwatched).expect("it unpacks");
    let (found, expected) = (listing(&desk.path("into/files")), listing(&new));
    for (path, what) in found.iter().filter(|(path, _)| !["bin", "conf", "lib"].contains(&path.as_str())) {
        assert_eq!(Some(what), expected.get(path), "{path}");
    }
    assert_eq!(found.len(), 13, "{found:?}");

    fs::write(old.join("bin/app"), text + "!").expect("a file");
    let into = folder(&desk, "again");
    let unpacking = Unpacking { into: &into, old: Some(&installed), sync: false };
    let refusal = opened(&bytes).expect("it opens").unpack(&unpacking, &mut Unwatched).expect_err("another old file");
    let message = refusal.to_string();
    assert!(message.starts_with("the delta of `bin/app` does not apply: the old file is another one"), "{message}");
}

#[test]
fn nothing_is_unpacked_over_what_is_there() {
    let desk = Desk::new();
    let new = desk.tree("new", NEW);
    let (_, bytes) = in_memory(&Build::new("shop", "1.2.3".parse().expect("a version"), &new)).expect("a bundle");
    let into = folder(&desk, "new");
    let unpacking = Unpacking { into: &into, old: None, sync: false };
    let refusal = opened(&bytes).expect("it opens").unpack(&unpacking, &mut Unwatched).expect_err("it is not empty");
    assert_eq!(refusal.to_string(), "cannot unpack into a folder that holds something: directory not empty");
}

#[test]
fn more_entries_than_a_manifest_holds_go_into_pages() {
    let desk = Desk::new();
    let tree = desk.tree("tree", "");
    let name = "n".repeat(180);
    for folder in 0..10 {
        fs::create_dir(tree.join(format!("{folder}"))).expect("a folder");
        for file in 0..400 {
            fs::write(tree.join(format!("{folder}/{file}{name}")), "").expect("a file");
        }
    }
    let (built, bytes) = in_memory(&Build::new("shop", "1.2.3".parse().expect("a version"), &tree)).expect("a bundle");
    let written = built.manifest.write().expect("it can be written");
    assert!(
        written.manifest.len() < 2_000 && written.pages.len() == 5,
        "{} {}",
        written.manifest.len(),
        written.pages.len()
    );
    let mut bundle = opened(&bytes).expect("it opens");
    assert_eq!(bundle.manifest().entries, built.manifest.entries);
    assert_eq!(bundle.manifest().operations, built.manifest.operations);
    bundle.verify(&mut Unwatched).expect("it holds");
}

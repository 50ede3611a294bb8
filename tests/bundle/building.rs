//! Two trees, or a tree and a list, into a bundle.

use std::fs;
use std::process::Command;

use alterplan::bundle::{Build, Delete, Digest, OperationsFile, SecretKey, generate};

use crate::trees::{Desk, NEW, OLD, chmod, in_memory, opened, patch};

#[test]
fn the_difference_of_two_trees_is_found() {
    let desk = Desk::new();
    let (old, new) = (desk.tree("old", OLD), desk.tree("new", NEW));
    let (built, bytes) = in_memory(&patch(&old, &new)).expect("a bundle");
    let operations = &built.manifest.operations;
    let texts = |paths: &[alterplan::bundle::RelPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        texts(&operations.replace.files),
        ["bin/README", "bin/app", "conf/secret", "lib/2.copy", "lib/2.so", "lib/current", "swapped"]
    );
    assert!(operations.replace.directories.is_empty());
    let Delete::ByKind(delete) = &operations.delete else { panic!("what is written is by kind") };
    assert_eq!((texts(&delete.files), texts(&delete.directories)), (vec![], vec!["gone".to_owned()]));
    let entries: Vec<String> = built.manifest.entries.iter().map(|e| format!("{} {}", e.path, e.new.kind())).collect();
    assert_eq!(
        entries,
        [
            "added directory",
            "added/folder directory",
            "bin/README file",
            "bin/app file",
            "conf/secret file",
            "empty directory",
            "gone absent",
            "gone/a absent",
            "gone/deep absent",
            "gone/deep/b absent",
            "lib/2.copy file",
            "lib/2.so file",
            "lib/current symlink",
            "swapped file",
            "swapped/x absent",
        ]
    );
    let bundle = opened(&bytes).expect("it opens");
    assert_eq!(bundle.manifest(), &built.manifest);
    // Two files of one content are one member.
    assert_eq!(bundle.manifest().contents().len(), 5);
}

#[test]
fn the_same_input_makes_the_same_bytes() {
    let (secret, _) = generate(None).expect("a key");
    let key = SecretKey::parse(&secret, None).expect("a key");
    let one = || {
        let desk = Desk::new();
        let (old, new) = (desk.tree("old", OLD), desk.tree("elsewhere/new", NEW));
        let recipe = Build { key: Some(&key), deltas: true, ..patch(&old, &new) };
        in_memory(&recipe).expect("a bundle").1
    };
    assert!(one() == one());
}

/// What a new version of a dependency does to the bytes is seen here: then bundles that were built before it cannot be built
/// again, which the changelog has to say.
#[test]
fn the_bytes_of_a_bundle_are_pinned() {
    let desk = Desk::new();
    let tree = desk.path("tree");
    fs::create_dir(&tree).expect("a folder");
    let text: String = (0..20_000u32).map(|n| format!("{} ", n.wrapping_mul(2_654_435_761) >> 20)).collect();
    fs::write(tree.join("text"), text).expect("a file");
    chmod(&tree.join("text"), 0o644);
    let mut recipe = Build::new("shop", "1.2.3".parse().expect("a version"), &tree);
    recipe.created_by = "a test".to_owned();
    let (_, bytes) = in_memory(&recipe).expect("a bundle");
    assert_eq!(Digest::of(&bytes).to_string(), PINNED);
}

const PINNED: &str = "157e75c7b53f1d9e163cfb0dc1450d4759241eee132cba5e1ff0aa2642bf7688";

#[test]
fn a_bundle_is_what_stock_tools_read() {
    let desk = Desk::new();
    let (old, new) = (desk.tree("old", OLD), desk.tree("new", NEW));
    let (_, bytes) = in_memory(&patch(&old, &new)).expect("a bundle");
    fs::write(desk.path("b.tar.gz"), &bytes).expect("a file");
    let listed = Command::new("tar").arg("tzf").arg(desk.path("b.tar.gz")).output().expect("tar runs");
    let listed = String::from_utf8(listed.stdout).expect("UTF-8");
    let names: Vec<&str> = listed.lines().collect();
    assert_eq!(names[0], "manifest.json");
    assert_eq!(names[1..].len(), 5);
    assert!(names[1..].iter().all(|name| name.starts_with("objects/")));
}

#[test]
fn a_list_of_operations_says_what_to_pack() {
    let desk = Desk::new();
    let (old, new) = (desk.tree("old", OLD), desk.tree("new", NEW));
    let file = OperationsFile::parse(
        "replace: {files: [bin/app], directories: [lib]}\ndelete: {files: [conf/secret], directories: [gone]}\n",
    );
    let operations = file.and_then(|file| file.operations()).expect("operations");
    let recipe = Build { operations: Some(operations), ..patch(&old, &new) };
    let (built, _) = in_memory(&recipe).expect("a bundle");
    let entries: Vec<String> = built.manifest.entries.iter().map(|e| format!("{} {}", e.path, e.new.kind())).collect();
    assert_eq!(
        entries,
        [
            "bin/app file",
            "conf/secret absent",
            "gone absent",
            "gone/a absent",
            "gone/deep absent",
            "gone/deep/b absent",
            "lib directory",
            "lib/1.so file",
            "lib/2.copy file",
            "lib/2.so file",
            "lib/current symlink",
        ]
    );
}

#[test]
fn lists_that_contradict_themselves_or_the_trees_are_refused() {
    let desk = Desk::new();
    let (old, new) = (desk.tree("old", OLD), desk.tree("new", NEW));
    let refusal = |text: &str| {
        let operations = OperationsFile::parse(text).and_then(|file| file.operations());
        let built =
            operations.and_then(|operations| in_memory(&Build { operations: Some(operations), ..patch(&old, &new) }));
        built.expect_err(text).to_string()
    };
    for (text, expected) in [
        ("replace: {files: [bin/app]}\ndelete: [bin/app]", "the path `bin/app` is both replaced and deleted"),
        (
            "replace: {files: [bin/app]}\ndelete: {directories: [bin]}",
            "the path `bin/app` is both replaced and deleted",
        ),
        ("replace: {files: [bin/nothing]}", "`bin/nothing` is not in the tree"),
        ("delete: [bin/nothing]", "`bin/nothing` is not in the tree"),
        ("delete: {files: [gone]}", "the path `gone` is deleted as a file and is a folder"),
        ("delete: {directories: [same]}", "the path `same` is deleted as a folder and is a file"),
        ("replace: {files: [lib]}", "the path `lib` is replaced as a file and is a folder"),
        ("replace: {directories: [same]}", "the path `same` is replaced as a folder and is a file"),
        ("replace: {files: [same, same]}", "the path `same` is replaced twice"),
        (
            "replace: {files: [lib/1.so], directories: [lib]}",
            "the path `lib/1.so` is replaced by itself and with a folder that it is in",
        ),
        ("replace: {}", "the manifest is refused: the operations file has no operations"),
    ] {
        assert_eq!(refusal(text), expected, "{text}");
    }
}

#[test]
fn trees_that_no_bundle_can_hold_are_refused() {
    let refusal = |description: &str| {
        let desk = Desk::new();
        let tree = desk.tree("tree", description);
        in_memory(&Build::new("shop", "1.0.0".parse().expect("a version"), &tree)).expect_err(description).to_string()
    };
    for (description, expected) in [
        ("4755 a x", "`a` has setuid, setgid or sticky bits (mode 4755)"),
        ("0644 a -> /etc/passwd", "the symbolic link `a` to `/etc/passwd` is refused: its target is absolute"),
        ("0644 d/a -> ../../x", "the symbolic link `d/a` to `../../x` is refused: its target is outside of the root"),
        ("0644 a x\n0644 A x", "the paths `A` and `a` are one on file systems that do not tell cases apart"),
        ("0644 nul.txt x", "the path `nul.txt` is refused: a name in it is a device on Windows"),
        ("0644 .alterplan/lock x", "the path `.alterplan` is refused: what is in `.alterplan` is alterplan's own"),
    ] {
        assert_eq!(refusal(description), expected);
    }
    let desk = Desk::new();
    let tree = desk.tree("tree", "");
    let made = Command::new("mkfifo").arg(tree.join("pipe")).status().expect("mkfifo runs");
    assert!(made.success());
    let built = in_memory(&Build::new("shop", "1.0.0".parse().expect("a version"), &tree));
    assert_eq!(built.expect_err("a FIFO").to_string(), "`pipe` is neither a file nor a folder nor a symbolic link");
}

#[test]
fn deltas_are_kept_only_where_they_are_smaller() {
    let desk = Desk::new();
    let noise = |seed: u32| -> String {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'!' + (state >> 24) as u8 % 90)
        };
        (0..50_000).map(|_| next()).collect()
    };
    let (same, other) = (noise(1), noise(2));
    let (old, new) = (desk.tree("old", ""), desk.tree("new", ""));
    for (tree, changed, rewritten) in
        [(&old, same.clone(), &same), (&new, same.replacen("!!", "??", 3) + "end", &other)]
    {
        fs::write(tree.join("changed"), changed).expect("a file");
        fs::write(tree.join("rewritten"), rewritten).expect("a file");
    }
    let (built, bytes) = in_memory(&Build { deltas: true, ..patch(&old, &new) }).expect("a bundle");
    let delta =
        |name: &str| built.manifest.entries.iter().find(|e| e.path.as_str() == name).and_then(|e| e.delta.clone());
    assert!(delta("changed").is_some_and(|delta| delta.size < 500));
    assert_eq!(delta("rewritten"), None);
    assert!(bytes.len() < 60_000);
}

//! The two trees of files, and how an installation is compared with them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// What is installed: paths, each with its mode and content; `->` before the target of a link.
pub(crate) const OLD: &[(&str, u32, &str)] = &[
    ("bin/app", 0o755, "old app"),
    ("lib/a.so", 0o644, "old a"),
    ("lib/b.so", 0o644, "old b"),
    ("share/x", 0o644, "the same"),
    ("share/deep/y", 0o600, "old y"),
    ("link", 0, "->lib/a.so"),
    ("gone", 0o644, "gone"),
    ("gone.d/1", 0o644, "1"),
    ("gone.d/2/3", 0o644, "3"),
    ("becomes", 0o644, "a file that becomes a folder"),
];
/// What it becomes.
pub(crate) const NEW: &[(&str, u32, &str)] = &[
    ("bin/app", 0o755, "new app"),
    ("bin/tool", 0o755, "a new tool"),
    ("lib/a.so", 0o755, "new a"),
    ("lib/c.so", 0o644, "new c"),
    ("share/x", 0o644, "the same"),
    ("share/deep/y", 0o600, "new y"),
    ("link", 0, "->lib/c.so"),
    ("new.d/deep/file", 0o640, "deep"),
    ("becomes/inside", 0o644, "inside"),
];

/// Makes a tree.
pub(crate) fn lay(root: &Path, tree: &[(&str, u32, &str)]) {
    for (path, mode, content) in tree {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        match content.strip_prefix("->") {
            Some(target) => symlink(target, &path).expect("a link"),
            None => {
                fs::write(&path, content).expect("a file");
                fs::set_permissions(&path, fs::Permissions::from_mode(*mode)).expect("a mode");
            }
        }
    }
}

/// Everything below a root but what is alterplan's own.
pub(crate) fn tree(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root).expect("below").to_owned();
            if name == Path::new(".alterplan") {
                continue;
            }
            let meta = fs::symlink_metadata(&path).expect("it is there");
            let mode = meta.permissions().mode() & 0o7777;
            let line = if meta.is_symlink() {
                format!("-> {}", fs::read_link(&path).expect("a link").display())
            } else if meta.is_dir() {
                open.push(path);
                format!("folder {mode:o}")
            } else {
                format!("file {mode:o} {:x?}", Sha256::digest(fs::read(&path).expect("a file")).as_slice())
            };
            found.insert(name, line);
        }
    }
    found
}

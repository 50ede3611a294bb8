//! Trees on the disk, and what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use alterplan::bundle::{Build, Built, Bundle, BundleError, Terms, Untrusted, Unwatched, build};
use tempfile::TempDir;

/// A folder that is gone after the test.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes a tree of a description: one line for each path, with its mode and its content; a content of `/` is a
    /// folder, `-> x` a link to x.
    pub(crate) fn tree(&self, name: &str, description: &str) -> PathBuf {
        let root = self.path(name);
        fs::create_dir_all(&root).expect("a folder");
        for line in description.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().unwrap_or_default();
            let (mode, path, content) = (word(), word(), word());
            let place = root.join(path);
            fs::create_dir_all(place.parent().expect("a parent")).expect("folders");
            if let Some(target) = content.strip_prefix("-> ") {
                std::os::unix::fs::symlink(target, &place).expect("a link");
                continue;
            }
            if content == "/" {
                fs::create_dir_all(&place).expect("a folder");
            } else {
                fs::write(&place, content).expect("a file");
            }
            chmod(&place, u32::from_str_radix(mode, 8).expect("a mode"));
        }
        root
    }
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

/// All that is below a folder, by path: mode and content, or where a link leads.
pub(crate) fn listing(root: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    collect(root, root, &mut found);
    found
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, String>) {
    use std::os::unix::fs::PermissionsExt as _;
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let metadata = fs::symlink_metadata(&path).expect("metadata");
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
        let mode = metadata.permissions().mode() & 0o7777;
        let what = if metadata.is_symlink() {
            format!("-> {}", fs::read_link(&path).expect("a link").display())
        } else if metadata.is_dir() {
            collect(root, &path, found);
            format!("{mode:04o} /")
        } else if metadata.is_file() {
            format!("{mode:04o} {}", String::from_utf8_lossy(&fs::read(&path).expect("a file")))
        } else {
            format!("{mode:04o} special")
        };
        found.insert(name, what);
    }
}

pub(crate) const OLD: &str = "
    0755 bin/app one
    0644 bin/README readme
    0644 conf/app.conf a=1
    0600 conf/secret s
    0644 gone/a a
    0644 gone/deep/b b
    0644 lib/1.so aaaa
    0777 lib/current -> 1.so
    0755 empty /
    0644 swapped/x x
    0644 same same
";

pub(crate) const NEW: &str = "
    0755 bin/app two
    0755 bin/README readme
    0644 conf/app.conf a=1
    0640 conf/secret s
    0644 lib/1.so aaaa
    0644 lib/2.so bbbb
    0644 lib/2.copy bbbb
    0777 lib/current -> 2.so
    0700 empty /
    0644 swapped file
    0750 added/folder /
    0644 same same
";

pub(crate) fn in_memory(recipe: &Build<'_>) -> Result<(Built, Vec<u8>), BundleError> {
    let mut output = Cursor::new(Vec::new());
    let built = build(recipe, &mut output, &mut Unwatched)?;
    Ok((built, output.into_inner()))
}

/// A recipe from 1.2.3 to 1.2.3.1.
pub(crate) fn patch<'a>(old: &'a Path, new: &'a Path) -> Build<'a> {
    let version = "1.2.3.1".parse().expect("a version");
    Build { base: "1.2.3".parse().ok(), old: Some(old), ..Build::new("shop", version, new) }
}

pub(crate) fn unsigned() -> Terms<'static> {
    Terms { untrusted: Untrusted::Allow, ..Terms::default() }
}

pub(crate) fn opened(bytes: &[u8]) -> Result<Bundle<Cursor<Vec<u8>>>, BundleError> {
    Bundle::new(Cursor::new(bytes.to_vec()), &unsigned())
}

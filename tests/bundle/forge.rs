//! Archives as an attacker makes them: any header, any order, any ending. And the same made well, to begin with.

use std::io::Write as _;

use alterplan::bundle::Digest;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tar::{EntryType, Header};

/// The content of the only file of the bundle that attacks begin with.
pub(crate) const CONTENT: &[u8] = b"two\n";

/// An archive in the making.
pub(crate) struct Forge(Vec<u8>);

impl Forge {
    /// An archive with nothing in it.
    pub(crate) fn empty() -> Self {
        Self(Vec::new())
    }

    /// An archive that begins with a manifest.
    pub(crate) fn with(manifest: &Value) -> Self {
        Self::empty().file("manifest.json", manifest.to_string().as_bytes())
    }

    /// A good bundle without its end.
    pub(crate) fn good() -> Self {
        Self::with(&manifest()).file(&object(CONTENT), CONTENT)
    }

    /// A good bundle without its content.
    pub(crate) fn head() -> Self {
        Self::with(&manifest())
    }

    /// A plain file.
    pub(crate) fn file(self, name: &str, data: &[u8]) -> Self {
        self.member(name.as_bytes(), EntryType::Regular, data)
    }

    /// A member of any kind.
    pub(crate) fn member(self, name: &[u8], kind: EntryType, data: &[u8]) -> Self {
        self.header(header(name, kind, data.len() as u64), data)
    }

    /// A member with any header.
    pub(crate) fn header(mut self, mut header: Header, data: &[u8]) -> Self {
        header.set_cksum();
        self.0.extend(header.as_bytes());
        self.raw(data)
    }

    /// Bytes, filled up to a block.
    pub(crate) fn raw(mut self, data: &[u8]) -> Self {
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    /// The tar with its end.
    pub(crate) fn tar(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }

    /// The bundle.
    pub(crate) fn bundle(self) -> Vec<u8> {
        gzip(&self.tar())
    }
}

pub(crate) fn header(name: &[u8], kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(size);
    header.set_mtime(0);
    header
}

pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(data).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// The name of a content.
pub(crate) fn object(content: &[u8]) -> String {
    format!("objects/{}", Digest::of(content))
}

/// The manifest of a bundle that replaces `app`.
pub(crate) fn manifest() -> Value {
    replacing(&[file("app", CONTENT)])
}

/// The manifest of a bundle with these entries, each of which is replaced, but for folders.
pub(crate) fn replacing(entries: &[Value]) -> Value {
    let files: Vec<&Value> = entries.iter().filter(|e| e["kind"] != "directory").map(|e| &e["path"]).collect();
    json!({
        "format": "alterplan-bundle",
        "format_version": 1,
        "product": "shop",
        "version": "1.2.3.1",
        "base": "1.2.3",
        "platform": null,
        "operations": { "replace": { "files": files, "directories": [] }, "delete": { "files": [], "directories": [] } },
        "entries": entries,
        "plan": null,
        "notes": null,
        "created_by": "an attacker",
    })
}

/// An entry for a file.
pub(crate) fn file(path: &str, content: &[u8]) -> Value {
    let sha256 = Digest::of(content).to_string();
    json!({ "path": path, "kind": "file", "mode": "0644", "size": content.len(), "sha256": sha256 })
}

/// An entry for a symbolic link.
pub(crate) fn link(path: &str, target: &str) -> Value {
    json!({ "path": path, "kind": "symlink", "target": target })
}

/// A value with another one at a place in it.
pub(crate) fn with(mut value: Value, place: &str, other: Value) -> Value {
    match value.pointer_mut(place) {
        Some(there) => *there = other,
        None => {
            let (above, name) = place.rsplit_once('/').expect("a pointer");
            let above = value.pointer_mut(above).and_then(Value::as_object_mut).expect("an object");
            above.insert(name.to_owned(), other);
        }
    }
    value
}

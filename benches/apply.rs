//! A patch of 15 % against replacing the whole tree: `cargo bench --bench apply`.
//!
//! A tree of 600 files and 60 MB of which every seventh file is another, applied as a patch and as a full release, each to a
//! fresh copy. Printed are the times, the bytes to fetch, and what the patch is of the full release.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use alterplan::apply::{self, DownloadLimits, From, Hooks, Patience, Request, Site};
use alterplan::bundle::{Build, Terms, Untrusted, Unwatched, build};

const FILES: usize = 600;
const BYTES: usize = 100 * 1024;
/// Every so-many-th file is changed.
const EVERY: usize = 7;
const ROUNDS: usize = 3;

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    // `cargo test --benches` only wants to see it run.
    let (files, rounds) = if std::env::args().any(|arg| arg == "--test") { (20, 1) } else { (FILES, ROUNDS) };
    lay(&path("old"), files, None);
    lay(&path("new"), files, Some(EVERY));
    let (old, new) = (path("old"), path("new"));
    let version = || "1.0.0.1".parse().expect("a version");
    let full = Build { ..Build::new("shop", version(), &new) };
    let patch = Build { base: Some("1.0.0".parse().expect("a version")), old: Some(&old), ..full.clone() };
    let full = make(&full, &path("full"));
    let patch = make(&patch, &path("patch"));
    let time =
        |bundle: &str| (0..rounds).map(|_| applied(&old, &path("root"), &path(bundle))).min().unwrap_or_default();
    let (full_time, patch_time) = (time("full"), time("patch"));
    let share = |part: f64, whole: f64| 100.0 * part / whole;
    let lines = format!(
        "full release: {full} bytes, {full_time:?}\npatch: {patch} bytes, {patch_time:?}\n\
         the patch is {:.1} % of the bytes and {:.1} % of the time\n",
        share(patch as f64, full as f64),
        share(patch_time.as_secs_f64(), full_time.as_secs_f64()),
    );
    std::io::stdout().write_all(lines.as_bytes()).expect("somebody reads");
}

fn lay(root: &Path, files: usize, every: Option<usize>) {
    for file in 0..files {
        let seed = if every.is_some_and(|every| file % every == 0) { file + files } else { file };
        let path = root.join(format!("{}/{file}", file % 20));
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes(seed as u64)).expect("a file");
    }
}

/// Bytes that no compression makes much smaller.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..BYTES).map(|_| next()).collect()
}

fn make(recipe: &Build<'_>, path: &Path) -> u64 {
    let file = fs::File::create(path).expect("a file");
    build(recipe, file, &mut Unwatched).expect("a bundle").length
}

/// How long it takes on a fresh copy.
fn applied(old: &Path, root: &Path, bundle: &Path) -> Duration {
    let _ = fs::remove_dir_all(root);
    copy(old, root);
    let site = Site { root: root.to_owned(), database: None, patience: Patience::default(), hooks: Hooks::default() };
    let request = Request {
        bundle: From::File(bundle),
        terms: Terms { untrusted: Untrusted::Allow, ..Terms::default() },
        download: DownloadLimits::default(),
        proxy: |_| None,
        backup: true,
        dry_run: false,
        allow: &Default::default(),
        may_go_down: false,
    };
    let start = Instant::now();
    apply::apply(&site, &request, &mut |_| {}).expect("it is applied");
    start.elapsed()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a kind").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

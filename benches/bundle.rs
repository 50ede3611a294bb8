//! What a bundle costs: building against `tar c | gzip -6`, verifying against `sha256sum`, in the same run; the memory of
//! both; and how small a patch is. `cargo bench --bench bundle` takes 500 MB, `cargo test --benches` a little to see that
//! it works. `ALTERPLAN_BENCH_MB` sets the size.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The program's memory at most.
const MEMORY: u64 = 64 << 20;

fn main() {
    let is_real = std::env::args().any(|argument| argument == "--bench");
    let wanted = std::env::var("ALTERPLAN_BENCH_MB").ok().and_then(|text| text.parse().ok());
    let megabytes: usize = wanted.unwrap_or(if is_real { 500 } else { 4 });
    let desk = tempfile::tempdir().expect("a temporary folder");
    speed(&desk, megabytes);
    size(&desk, if is_real { 60 } else { 4 });
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output");
}

/// Numbers of chance, always the same.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).expect("below a usize")
    }

    /// A file as releases have them: text, a program's tables, or something packed already.
    fn file(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size + 32);
        let kind = self.below(10);
        let words: Vec<String> = (0..400).map(|_| format!("{:x}", self.next() >> (20 + self.below(30)))).collect();
        while bytes.len() < size {
            match kind {
                0..5 => {
                    bytes.extend(words[self.below(words.len()).min(self.below(words.len()))].as_bytes());
                    bytes.push(if self.below(9) == 0 { b'\n' } else { b' ' });
                }
                5..8 => {
                    bytes.extend((self.below(5_000) as u32).to_le_bytes());
                    bytes.extend((self.below(200) as u32).to_le_bytes());
                }
                _ => bytes.extend(self.next().to_le_bytes()),
            }
        }
        bytes.truncate(size);
        bytes
    }
}

/// A tree of files of all sizes.
fn tree(root: &Path, megabytes: usize) {
    let mut chance = Chance(88_172_645_463_325_252);
    let mut left = megabytes << 20;
    for number in 0.. {
        let size = (1usize << (8 + chance.below(15))).min(left);
        let folder = root.join(format!("{:02}", number % 40));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("file{number}")), chance.file(size)).expect("a file");
        left -= size;
        if left == 0 {
            break;
        }
    }
}

/// Runs a command; its time and the most memory that it had.
fn run(mut command: Command) -> (Duration, u64) {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn().expect("it runs");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").trim().parse::<u64>().ok());
        most = most.max(kilobytes.unwrap_or(0) << 10);
        match child.try_wait().expect("it can be waited for") {
            Some(ended) => break ended,
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    assert!(ended.success(), "{command:?}");
    (begun.elapsed(), most)
}

fn alterplan(arguments: &[&str], desk: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_alterplan"));
    command.arg("-q").args(arguments).current_dir(desk.path());
    command
}

fn shell(script: &str, desk: &TempDir) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(desk.path());
    command
}

fn speed(desk: &TempDir, megabytes: usize) {
    tree(&desk.path().join("tree"), megabytes);
    // Once unmeasured, so that all of it is in memory for each.
    run(shell("cat tree/*/* >/dev/null", desk));
    let rate = |time: Duration| megabytes as f64 / time.as_secs_f64();
    let (gzip, _) = run(shell("tar c tree | gzip -6 >tree.tar.gz", desk));
    let build = ["bundle", "build", "--version", "1.0.0", "--new-tree", "tree", "-o", "tree.bundle"];
    let (built, build_memory) = run(alterplan(&build, desk));
    let (summed, _) = run(shell("find tree -type f -print0 | xargs -0 sha256sum", desk));
    let (verified, verify_memory) = run(alterplan(&["bundle", "verify", "tree.bundle", "--allow-unsigned"], desk));
    let length = |name: &str| fs::metadata(desk.path().join(name)).expect("a file").len();
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    say(&format!(
        "{megabytes} MB: build {:.0} MB/s, tar | gzip -6 {:.0} MB/s: {:.0} %; {:.1} MiB of memory; size {:.1} % of gzip's",
        rate(built),
        rate(gzip),
        100.0 * gzip.as_secs_f64() / built.as_secs_f64(),
        mebibytes(build_memory),
        100.0 * length("tree.bundle") as f64 / length("tree.tar.gz") as f64,
    ));
    say(&format!(
        "{megabytes} MB: verify {:.0} MB/s, sha256sum {:.0} MB/s: {:.0} %; {:.1} MiB of memory",
        rate(verified),
        rate(summed),
        100.0 * summed.as_secs_f64() / verified.as_secs_f64(),
        mebibytes(verify_memory),
    ));
    assert!(build_memory < MEMORY && verify_memory < MEMORY, "memory is bounded");
}

/// Of a tree, 8 % of the bytes change: whole files, and places within files.
fn size(desk: &TempDir, megabytes: usize) {
    let (old, new) = (desk.path().join("old"), desk.path().join("new"));
    tree(&old, megabytes);
    tree(&new, megabytes);
    let mut chance = Chance(1_234_567);
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in fs::read_dir(&new).expect("a folder") {
        let folder = folder.expect("an entry").path();
        files.extend(fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()));
    }
    files.sort();
    let budget = (megabytes << 20) * 8 / 100;
    let mut changed = 0;
    while changed < budget {
        let path = &files[chance.below(files.len())];
        let mut bytes = fs::read(path).expect("a file");
        let length = bytes.len().min(budget - changed).max(1);
        if chance.below(2) == 0 || bytes.len() < 4096 {
            let other = chance.file(length);
            bytes.splice(..length.min(bytes.len()), other);
        } else {
            let part = length / 4;
            let at = chance.below(bytes.len() - part);
            let other = chance.file(part);
            bytes.splice(at..at + part, other);
        }
        changed += if bytes.len() < 4096 { length } else { length.max(1) };
        fs::write(path, bytes).expect("a file");
    }
    let length = |name: &str| fs::metadata(desk.path().join(name)).expect("a file").len() as f64;
    let full = ["bundle", "build", "--version", "1.0.0", "--new-tree", "new", "-o", "full.bundle"];
    let patch =
        ["bundle", "build", "--version", "1.0.0.1", "--base", "1.0.0", "--old-tree", "old", "--new-tree", "new", "-o"];
    run(alterplan(&full, desk));
    run(alterplan(&[&patch[..], &["patch.bundle"]].concat(), desk));
    let (time, memory) = run(alterplan(&[&patch[..], &["delta.bundle", "--delta"]].concat(), desk));
    let full = length("full.bundle");
    say(&format!(
        "{megabytes} MB with 8 % changed: patch {:.1} % of a full release, with deltas {:.1} % ({:.1} s, {} MiB)",
        100.0 * length("patch.bundle") / full,
        100.0 * length("delta.bundle") / full,
        time.as_secs_f64(),
        memory >> 20,
    ));
}

//! Packing: the manifest first, its signature, and then each content once.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::bundle::archive::{LEVEL, MANIFEST, PLAN, SIGNATURE, Writer};
use crate::bundle::delta;
use crate::bundle::digest::{Digest, Summing};
use crate::bundle::error::BundleError;
use crate::bundle::limits::Limits;
use crate::bundle::manifest::{Content, Delta, DeltaFormat, Entry, Form, Manifest, PlanSummary, State, page_name};
use crate::bundle::path::RelPath;
use crate::bundle::progress::Progress;
use crate::bundle::signature::{SecretKey, sign};
use crate::bundle::tree::{Files, Tree, TreeFault};
use crate::document;

/// The trees that contents come from.
pub(super) struct Trees<'a> {
    pub(super) old: Option<&'a Files>,
    pub(super) new: &'a Files,
}

/// What an archive is made of, besides what is in the trees.
pub(super) struct Parts<'a> {
    pub(super) manifest: &'a Manifest,
    pub(super) plan: Option<&'a [u8]>,
    pub(super) deltas: Option<&'a Deltas>,
    pub(super) key: Option<&'a SecretKey>,
}

/// Deltas, one after the other in a file that is gone with the program, and where each is.
pub(super) struct Deltas {
    file: File,
    places: HashMap<Digest, u64>,
}

/// The plan's document in bytes, and what the manifest says of it.
pub(super) fn plan(plan: &document::Plan, manifest: &mut Manifest) -> Result<Vec<u8>, BundleError> {
    let bytes = serde_json::to_vec(plan).map_err(|why| BundleError::Plan(why.to_string()))?;
    manifest.plan = Some(PlanSummary {
        target: plan.target.clone(),
        from: plan.from.clone(),
        to: plan.to.clone(),
        steps: plan.steps.len(),
        size: bytes.len() as u64,
        sha256: Digest::of(&bytes),
    });
    Ok(bytes)
}

/// What a delta costs in the manifest.
const DELTA_COST: u64 = 128;

/// Makes a delta for each changed file, keeps those that are smaller than the whole, and notes them in the manifest.
pub(super) fn deltas(
    manifest: &mut Manifest,
    trees: &Trees<'_>,
    progress: &mut dyn Progress,
) -> Result<Deltas, BundleError> {
    let spool = || BundleError::io("keep a delta in a temporary file");
    let mut file = tempfile::tempfile().map_err(spool())?;
    let mut places = HashMap::new();
    progress.begin("making deltas", Some(manifest.unpacked_size()));
    for entry in &mut manifest.entries {
        let State::File { size, sha256, .. } = entry.new else { continue };
        progress.advance(size);
        let (Some(old), Some(State::File { size: old_size, sha256: old_sha256, .. })) = (trees.old, &entry.old) else {
            continue;
        };
        if *old_sha256 == sha256 {
            continue;
        }
        let place = file.seek(SeekFrom::End(0)).map_err(spool())?;
        let what = || format!("make a delta of `{}`", entry.path);
        let mut old = old.open(&entry.path)?;
        let mut new = trees.new.open(&entry.path)?;
        let mut output = BufWriter::new(&file);
        delta::make(&mut old, *old_size, &mut new, size, &mut output).map_err(BundleError::io(what()))?;
        output.flush().map_err(spool())?;
        drop(output);
        let length = file.stream_position().map_err(spool())? - place;
        if length + DELTA_COST >= packed_length(trees.new, &entry.path)? {
            file.set_len(place).map_err(spool())?;
            continue;
        }
        file.seek(SeekFrom::Start(place)).map_err(spool())?;
        let (delta_sha256, _) = Digest::of_reader(&mut (&file).take(length)).map_err(spool())?;
        file.seek(SeekFrom::Start(place)).map_err(spool())?;
        // What is packed is known to give the new file.
        let made = delta::apply(&mut old, *old_size, &mut (&file).take(length), size, &mut io::sink());
        if made.map_err(BundleError::io(what()))? != sha256 {
            return Err(TreeFault::Changed { path: entry.path.to_string() }.into());
        }
        places.entry(delta_sha256).or_insert(place);
        entry.delta = Some(Box::new(Delta { format: DeltaFormat::Zstd, size: length, sha256: delta_sha256 }));
    }
    Ok(Deltas { file, places })
}

/// Writes the archive; its length.
pub(super) fn archive<W: Write + Seek + Send>(
    parts: &Parts<'_>,
    trees: &Trees<'_>,
    output: W,
    limits: &Limits,
    progress: &mut dyn Progress,
) -> Result<u64, BundleError> {
    let written = parts.manifest.write()?;
    limits.check_listing(written.length)?;
    let contents = parts.manifest.contents();
    let writing = || BundleError::io("write the bundle");
    progress.begin("packing", Some(contents.iter().map(|content| content.size).sum()));
    let mut output = thread::scope(|scope| {
        let mut writer = Writer::new(scope, output);
        let mut member = |name: &str, bytes: &[u8]| writer.member(name, bytes.len() as u64, &mut &*bytes);
        member(MANIFEST, &written.manifest).map_err(writing())?;
        if let Some(key) = parts.key {
            let signature = sign(key, &mut written.manifest.as_slice(), &comment(parts.manifest))?;
            member(SIGNATURE, signature.as_str().as_bytes()).map_err(writing())?;
        }
        for (index, part) in written.pages.iter().enumerate() {
            member(&page_name(index), &parts.manifest.page(part)?).map_err(writing())?;
        }
        if let Some(plan) = parts.plan {
            member(PLAN, plan).map_err(writing())?;
        }
        for content in &contents {
            match (content.form, parts.deltas) {
                (Form::Delta, Some(deltas)) => {
                    let mut data = deltas.reader(content).map_err(BundleError::io("read a delta"))?;
                    writer.member(&content.name(), content.size, &mut data).map_err(writing())?;
                }
                (Form::Delta, None) => return Err(BundleError::Missing { name: content.name() }),
                (Form::Whole, _) => whole(&mut writer, parts.manifest, content, trees.new)?,
            }
            progress.advance(content.size);
        }
        writer.finish()
    })?;
    output.flush().map_err(writing())?;
    let length = output.stream_position().map_err(writing())?;
    // What no reader would take is not made.
    limits.check_unfolding(length, contents.iter().map(|content| content.size).sum())?;
    Ok(length)
}

impl Deltas {
    fn reader(&self, content: &Content) -> io::Result<impl Read + '_> {
        let place = self.places.get(&content.sha256).ok_or(io::ErrorKind::NotFound)?;
        let mut file = &self.file;
        file.seek(SeekFrom::Start(*place))?;
        Ok(file.take(content.size))
    }
}

/// What is signed along with the manifest: what it is, and no clock.
fn comment(manifest: &Manifest) -> String {
    format!("product:{}\tversion:{}\tfile:{MANIFEST}", manifest.product, manifest.version)
}

/// Packs a file, which has to be what it was when the tree was read.
fn whole<'a, W: Write + Send + 'a>(
    writer: &mut Writer<'a, W>,
    manifest: &Manifest,
    content: &Content,
    tree: &Files,
) -> Result<(), BundleError> {
    let entry = manifest.entries.get(content.first);
    let Some(Entry { path, .. }) = entry else { return Ok(()) };
    let changed = || TreeFault::Changed { path: path.to_string() };
    let mut file = Summing::new(tree.open(path)?);
    match writer.member(&content.name(), content.size, &mut file) {
        Ok(()) if file.digest() == content.sha256 => Ok(()),
        Ok(()) => Err(changed().into()),
        Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => Err(changed().into()),
        Err(why) => Err(BundleError::io(format!("pack `{path}`"))(why)),
    }
}

/// The bytes that a file has when it is packed as it is.
fn packed_length(tree: &Files, path: &RelPath) -> Result<u64, BundleError> {
    let mut encoder = GzEncoder::new(Count(0), Compression::new(LEVEL));
    let packed = io::copy(&mut tree.open(path)?, &mut encoder).and_then(|_| encoder.finish());
    packed.map(|count| count.0).map_err(BundleError::io(format!("read `{path}`")))
}

/// The bytes that a bundle with all of the new tree would have.
pub(super) fn full_length(manifest: &Manifest, tree: &Tree, progress: &mut dyn Progress) -> Result<u64, BundleError> {
    let (operations, entries) = super::compare::by_difference(None, tree, false);
    let full = Manifest { base: None, operations, entries, pages: Vec::new(), ..manifest.clone() };
    let parts = Parts { manifest: &full, plan: None, deltas: None, key: None };
    let limits = Limits { entries: usize::MAX, listing: u64::MAX, bytes: u64::MAX, ratio: u64::MAX };
    archive(&parts, &Trees { old: None, new: tree.files() }, Count(0), &limits, progress)
}

/// A writer that only counts.
struct Count(u64);

impl Write for Count {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0 += data.len() as u64;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Count {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Ok(self.0)
    }
}

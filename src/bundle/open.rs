//! Opening a bundle. Nothing is believed before it is verified: first the whole file's digest and signatures where they are
//! given, then the manifest's signature, and only then the manifest is read. Whatever else is in the archive is checked
//! against the manifest while it streams.

mod head;
mod unpack;

pub use unpack::{DELTAS, FILES, Unpacking};

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::thread;

use sha2::{Digest as _, Sha256};

use crate::document;

use super::archive::{self, Flow, Gunzip, Member};
use super::digest::{Digest, Summing};
use super::error::{BundleError, MemberFault};
use super::limits::Limits;
use super::manifest::{Content, Manifest};
use super::progress::Progress;
use super::signature::{SUFFIX, Signature, Standing, Trust};

/// By what a bundle is judged before it is opened.
#[derive(Clone, Debug, Default)]
pub struct Terms<'a> {
    /// Who is trusted; `None`: nobody.
    pub trust: Option<&'a Trust>,
    /// What to do with a bundle that too few trusted keys have signed.
    pub untrusted: Untrusted,
    /// The product that it has to be for.
    pub product: Option<&'a str>,
    /// The digest that the file has to have.
    pub sha256: Option<Digest>,
    /// Signatures of the whole file.
    pub signatures: Vec<Signature>,
    /// What it may hold.
    pub limits: Limits,
}

/// What to do with a bundle that too few trusted keys have signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Untrusted {
    /// Refuse it.
    #[default]
    Refuse,
    /// Open it all the same. A signature of a trusted key that does not hold is refused even so.
    Allow,
}

/// A bundle whose manifest was verified and read.
#[derive(Debug)]
pub struct Bundle<S> {
    source: S,
    length: u64,
    sha256: Option<Digest>,
    head: Vec<(String, Digest)>,
    manifest: Manifest,
    plan: Option<document::Plan>,
    standing: Standing,
    limits: Limits,
}

/// What reading a whole bundle has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The file's digest.
    pub sha256: Digest,
    /// The file's bytes.
    pub length: u64,
}

/// The signatures that stand beside a file: `FILE.minisig`, and `FILE.<keyid>.minisig` of further signers.
///
/// # Errors
/// What the system says, and files of such a name that are no signatures.
pub fn signatures_beside(path: &Path) -> Result<Vec<Signature>, BundleError> {
    let what = || format!("look beside `{}`", path.display());
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut signatures = Vec::new();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(BundleError::io(what()))? {
        let file = entry.map_err(BundleError::io(what()))?.path();
        let middle = file.file_name().and_then(|file| file.to_str()?.strip_prefix(name)?.strip_suffix(SUFFIX));
        let is_key = |id: &str| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
        if middle.is_some_and(|middle| middle.is_empty() || middle.strip_prefix('.').is_some_and(is_key)) {
            files.push(file);
        }
    }
    files.sort();
    for file in files {
        let what = format!("the signature `{}`", file.display());
        let text = fs::read_to_string(&file).map_err(BundleError::io(format!("read {what}")))?;
        signatures.push(Signature::parse(&text, &what)?);
    }
    Ok(signatures)
}

/// Opens a bundle.
///
/// # Errors
/// All that speaks against it; [`BundleError`] has a kind for each.
pub fn open(path: &Path, terms: &Terms<'_>) -> Result<Bundle<File>, BundleError> {
    let file = File::open(path).map_err(BundleError::io(format!("open `{}`", path.display())))?;
    Bundle::new(file, terms)
}

impl<S: Read + Seek> Bundle<S> {
    /// Opens a bundle that is a file already, or bytes in memory.
    ///
    /// # Errors
    /// As [`open`] has them.
    pub fn new(mut source: S, terms: &Terms<'_>) -> Result<Self, BundleError> {
        let length = source.seek(SeekFrom::End(0)).map_err(BundleError::io("read the bundle"))?;
        let mut standing = terms.trust.map_or_else(Standing::without_trust, Standing::new);
        let sha256 = check_file(&mut source, terms, &mut standing)?;
        source.rewind().map_err(BundleError::io("read the bundle"))?;
        let mut unpacked = Gunzip::new(&mut source, length, terms.limits);
        let head = head::read(&mut unpacked, terms, &mut standing)?;
        if let Some(expected) = terms.product.filter(|product| *product != head.manifest.product) {
            let found = head.manifest.product;
            return Err(BundleError::WrongProduct { expected: expected.to_owned(), found });
        }
        let head::Head { members, manifest, plan } = head;
        Ok(Self { source, length, sha256, head: members, manifest, plan, standing, limits: terms.limits })
    }

    /// Its manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The plan that it brings along.
    pub fn plan(&self) -> Option<&document::Plan> {
        self.plan.as_ref()
    }

    /// Who has signed it.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The file's bytes.
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// A reader of one content: it ends with an error unless size and digest are what the manifest says.
pub struct ContentReader<'a> {
    inner: Summing<&'a mut dyn Read>,
    content: &'a Content,
    is_over: bool,
}

impl Read for ContentReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_over || buffer.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(buffer)?;
        if read == 0 {
            self.is_over = true;
            let found = self.inner.digest();
            if found != self.content.sha256 {
                let (name, expected) = (self.content.name(), self.content.sha256);
                return Err(BundleError::WrongHash { name, expected, found }.into_io());
            }
        }
        Ok(read)
    }
}

impl ContentReader<'_> {
    /// Reads what is left, so that it is checked.
    fn exhaust(&mut self, buffer: &mut [u8]) -> Result<(), BundleError> {
        while self.read(buffer).map_err(BundleError::io("read the bundle"))? > 0 {}
        Ok(())
    }
}

impl<S: Read + Seek + Send> Bundle<S> {
    /// Reads the whole archive and checks everything, without writing anything.
    ///
    /// # Errors
    /// All that speaks against it.
    pub fn verify(&mut self, progress: &mut dyn Progress) -> Result<Verified, BundleError> {
        self.contents(progress, &mut |_, _, _| Ok(()))
    }

    /// Goes through the contents in the archive's order. Each reader checks what passes through it; what the visitor leaves
    /// is read and checked after it. Only when all is read is it certain that nothing is missing, added or changed:
    /// what was made of the contents counts for nothing before this returns.
    ///
    /// # Errors
    /// All that speaks against the archive, and the visitor's own.
    pub fn contents(
        &mut self,
        progress: &mut dyn Progress,
        visit: &mut dyn FnMut(&Manifest, &Content, &mut ContentReader<'_>) -> Result<(), BundleError>,
    ) -> Result<Verified, BundleError> {
        let Self { source, length, sha256, head, manifest, limits, .. } = self;
        let contents = manifest.contents();
        let mut check = Check::new(head, &contents);
        progress.begin("verifying", Some(contents.iter().map(|content| content.size).sum()));
        let mut buffer = vec![0; 128 * 1024];
        source.rewind().map_err(BundleError::io("read the bundle"))?;
        let found = thread::scope(|scope| {
            let (mut ahead, handle) = archive::read_ahead(scope, Gunzip::new(source, *length, *limits));
            archive::walk(&mut ahead, &mut |member, data| {
                if let Some(content) = check.take(member, data)? {
                    let mut reader = ContentReader { inner: Summing::new(data), content, is_over: false };
                    visit(manifest, content, &mut reader)?;
                    reader.exhaust(&mut buffer)?;
                    progress.advance(content.size);
                }
                Ok(Flow::On)
            })?;
            // Its end was seen, so that the other thread has come to it.
            drop(ahead);
            Ok::<_, BundleError>(handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })?;
        check.complete()?;
        let found = found.ok_or(BundleError::Changed)?;
        if sha256.is_some_and(|expected| expected != found) {
            return Err(BundleError::Changed);
        }
        *sha256 = Some(found);
        Ok(Verified { sha256: found, length: *length })
    }
}

/// Which members were seen, and which are still to come.
struct Check<'a> {
    head: &'a [(String, Digest)],
    head_seen: usize,
    contents: &'a [Content],
    /// Their places, in the order of their digests.
    order: Vec<usize>,
    is_seen: Vec<bool>,
}

impl<'a> Check<'a> {
    fn new(head: &'a [(String, Digest)], contents: &'a [Content]) -> Self {
        let mut order: Vec<usize> = (0..contents.len()).collect();
        order.sort_unstable_by_key(|at| (contents[*at].form, contents[*at].sha256));
        Self { head, head_seen: 0, contents, order, is_seen: vec![false; contents.len()] }
    }

    /// The place of the content that a name tells.
    fn place(&self, name: &str) -> Option<usize> {
        let known = Content::key(name)?;
        let key = |at: &usize| (self.contents[*at].form, self.contents[*at].sha256);
        self.order.binary_search_by_key(&known, key).ok().map(|found| self.order[found])
    }

    /// Takes a member in; the content that it is, unless it is of the head.
    fn take(&mut self, member: &Member, data: &mut dyn Read) -> Result<Option<&'a Content>, BundleError> {
        if let Some((name, digest)) = self.head.get(self.head_seen) {
            // These were verified, so that another one now is another file now.
            let found = Digest::of_reader(data).map_err(BundleError::io("read the bundle"))?.0;
            if *name != member.name || found != *digest {
                return Err(BundleError::Changed);
            }
            self.head_seen += 1;
            return Ok(None);
        }
        let refused = |fault| BundleError::Member { name: member.name.clone(), fault };
        let Some(place) = self.place(&member.name) else {
            return Err(refused(self.fault_of_unlisted(&member.name)));
        };
        if std::mem::replace(&mut self.is_seen[place], true) {
            return Err(refused(MemberFault::Duplicate));
        }
        let content = &self.contents[place];
        if member.size != content.size {
            let name = member.name.clone();
            return Err(BundleError::WrongSize { name, expected: content.size, found: member.size });
        }
        Ok(Some(content))
    }

    fn fault_of_unlisted(&self, name: &str) -> MemberFault {
        if name == archive::MANIFEST {
            return MemberFault::SecondManifest;
        }
        if self.head.iter().any(|(known, _)| known == name) {
            return MemberFault::Duplicate;
        }
        let lower = name.to_ascii_lowercase();
        if self.place(&lower).is_some() || self.head.iter().any(|(known, _)| *known == lower) {
            MemberFault::CaseCollision
        } else {
            MemberFault::Unlisted
        }
    }

    fn complete(&self) -> Result<(), BundleError> {
        let missing = self.contents.iter().zip(&self.is_seen).filter(|(_, is_seen)| !**is_seen);
        let missing = missing.map(|(content, _)| content.name()).min();
        missing.map_or(Ok(()), |name| Err(BundleError::Missing { name }))
    }
}

/// Checks digest and signatures of the whole file, where there are any to check; its digest, if it was computed.
fn check_file<S: Read + Seek>(
    source: &mut S,
    terms: &Terms<'_>,
    standing: &mut Standing,
) -> Result<Option<Digest>, BundleError> {
    const WHAT: &str = "a signature of the bundle";
    let mut checks = Vec::new();
    for signature in &terms.signatures {
        let key = terms.trust.and_then(|trust| trust.key(signature.key()));
        checks.extend(key.map(|key| signature.check(key, WHAT)).transpose()?);
    }
    if terms.sha256.is_none() && checks.is_empty() {
        terms.signatures.iter().for_each(|signature| standing.add(signature.key()));
        return Ok(None);
    }
    source.rewind().map_err(BundleError::io("read the bundle"))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        let read = source.read(&mut buffer).map_err(BundleError::io("read the bundle"))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        checks.iter_mut().for_each(|check| check.update(&buffer[..read]));
    }
    let found = Digest::of_finished(hash);
    if let Some(expected) = terms.sha256.filter(|expected| *expected != found) {
        return Err(BundleError::WrongFile { expected, found });
    }
    checks.into_iter().try_for_each(|check| check.finish())?;
    terms.signatures.iter().for_each(|signature| standing.add(signature.key()));
    Ok(Some(found))
}

//! The beginning of an archive: manifest, signature, pages, plan. All of it is small and read into memory.

use std::io::Read;

use crate::bundle::archive::{self, Flow, MANIFEST, Member, PLAN, SIGNATURE};
use crate::bundle::digest::Digest;
use crate::bundle::error::{BundleError, MemberFault};
use crate::bundle::limits::{Exceeded, MANIFEST_BYTES, SIGNATURE_BYTES};
use crate::bundle::manifest::{Manifest, page_name};
use crate::bundle::signature::{Signature, Standing};
use crate::document;

use super::{Terms, Untrusted};

/// What the beginning holds, verified.
pub(super) struct Head {
    /// Its members, in order.
    pub(super) members: Vec<(String, Digest)>,
    pub(super) manifest: Manifest,
    pub(super) plan: Option<document::Plan>,
}

/// Reads up to where the contents begin.
pub(super) fn read(unpacked: &mut dyn Read, terms: &Terms<'_>, standing: &mut Standing) -> Result<Head, BundleError> {
    let mut reading = Reading { terms, standing, members: Vec::new(), bytes: Vec::new(), head: None };
    archive::walk(unpacked, &mut |member, data| reading.take(member, data))?;
    reading.finish()
}

struct Reading<'a> {
    terms: &'a Terms<'a>,
    standing: &'a mut Standing,
    members: Vec<(String, Digest)>,
    /// The manifest's bytes, until they are verified.
    bytes: Vec<u8>,
    /// The manifest after that.
    head: Option<(Manifest, Option<document::Plan>)>,
}

impl Reading<'_> {
    fn take(&mut self, member: &Member, data: &mut dyn Read) -> Result<Flow, BundleError> {
        if self.members.is_empty() {
            if member.name != MANIFEST {
                return Err(BundleError::ManifestNotFirst { first: member.name.clone() });
            }
            self.bytes = self.keep(member, data, MANIFEST_BYTES, Exceeded::Manifest)?;
            return Ok(Flow::On);
        }
        if self.head.is_none() {
            if member.name == SIGNATURE {
                let text = self.keep(member, data, SIGNATURE_BYTES, Exceeded::Signature)?;
                self.believe(Some(text))?;
                return Ok(self.flow());
            }
            self.believe(None)?;
        }
        self.listed(member, data)
    }

    /// A page or the plan: the next of those that the manifest lists.
    fn listed(&mut self, member: &Member, data: &mut dyn Read) -> Result<Flow, BundleError> {
        let refused = |fault| Err(BundleError::Member { name: member.name.clone(), fault });
        if member.name == MANIFEST {
            return refused(MemberFault::SecondManifest);
        }
        let Some((name, size, sha256)) = self.next() else { return Ok(Flow::Enough) };
        if member.name != name {
            return refused(MemberFault::Misplaced);
        }
        if member.size != size {
            return Err(BundleError::WrongSize { name, expected: size, found: member.size });
        }
        let bytes = self.keep(member, data, size, Exceeded::Plan)?;
        let found = Digest::of(&bytes);
        if found != sha256 {
            return Err(BundleError::WrongHash { name, expected: sha256, found });
        }
        let pages_read = self.members.iter().filter(|(name, _)| name.starts_with("manifest/")).count();
        let Some((manifest, plan)) = &mut self.head else { return Ok(Flow::Enough) };
        if member.name == PLAN {
            *plan = Some(read_plan(manifest, &bytes)?);
        } else if let Some(page) = manifest.pages.get(pages_read.wrapping_sub(1)).cloned() {
            manifest.add_page(&page, &bytes, &self.terms.limits)?;
            if pages_read == manifest.pages.len() {
                manifest.complete()?;
            }
        }
        Ok(self.flow())
    }

    /// The next member that is to come before the contents: its name, size and digest.
    fn next(&self) -> Option<(String, u64, Digest)> {
        let (manifest, plan) = self.head.as_ref()?;
        let pages_read = self.members.iter().filter(|(name, _)| name.starts_with("manifest/")).count();
        if let Some(page) = manifest.pages.get(pages_read) {
            return Some((page_name(pages_read), page.size, page.sha256));
        }
        let summary = manifest.plan.as_ref().filter(|_| plan.is_none())?;
        Some((PLAN.to_owned(), summary.size, summary.sha256))
    }

    fn flow(&self) -> Flow {
        if self.next().is_some() { Flow::On } else { Flow::Enough }
    }

    /// Reads a member into memory.
    fn keep(
        &mut self,
        member: &Member,
        data: &mut dyn Read,
        most: u64,
        exceeded: Exceeded,
    ) -> Result<Vec<u8>, BundleError> {
        if member.size > most {
            return Err(exceeded.into());
        }
        let mut bytes = Vec::new();
        data.read_to_end(&mut bytes).map_err(BundleError::io("read the bundle"))?;
        self.members.push((member.name.clone(), Digest::of(&bytes)));
        Ok(bytes)
    }

    /// Verifies the manifest, and only then reads it.
    fn believe(&mut self, signature: Option<Vec<u8>>) -> Result<(), BundleError> {
        const WHAT: &str = "the manifest's signature";
        let bytes = std::mem::take(&mut self.bytes);
        if let Some(text) = signature {
            let malformed = |_| BundleError::BadSignature { what: WHAT.to_owned(), why: "it is not UTF-8".to_owned() };
            let signature = Signature::parse(&String::from_utf8(text).map_err(malformed)?, WHAT)?;
            if let Some(key) = self.terms.trust.and_then(|trust| trust.key(signature.key())) {
                signature.verify(&bytes, key, WHAT)?;
            }
            self.standing.add(signature.key());
        }
        if self.terms.untrusted == Untrusted::Refuse {
            self.standing.check()?;
        }
        self.head = Some((Manifest::parse(&bytes, &self.terms.limits)?, None));
        Ok(())
    }

    /// After the last member that was looked at.
    fn finish(mut self) -> Result<Head, BundleError> {
        if self.members.is_empty() {
            return Err(BundleError::Missing { name: MANIFEST.to_owned() });
        }
        if self.head.is_none() {
            self.believe(None)?;
        }
        if let Some((name, ..)) = self.next() {
            return Err(BundleError::Missing { name });
        }
        match self.head {
            Some((manifest, plan)) => Ok(Head { members: self.members, manifest, plan }),
            None => Err(BundleError::Missing { name: MANIFEST.to_owned() }),
        }
    }
}

/// Reads the plan, which has to be the one that the manifest describes.
fn read_plan(manifest: &Manifest, bytes: &[u8]) -> Result<document::Plan, BundleError> {
    let plan: document::Plan = serde_json::from_slice(bytes).map_err(|why| BundleError::Plan(why.to_string()))?;
    if plan.format != "alterplan-plan" || plan.version != 1 {
        return Err(BundleError::Plan("its format is not `alterplan-plan`, version 1".to_owned()));
    }
    let agrees = manifest.plan.as_ref().is_some_and(|summary| {
        summary.target == plan.target
            && summary.from == plan.from
            && summary.to == plan.to
            && summary.steps == plan.steps.len()
    });
    if agrees { Ok(plan) } else { Err(BundleError::Plan("it is not the one that the manifest describes".to_owned())) }
}

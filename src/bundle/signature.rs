//! Signatures in minisign's format: Ed25519 over the BLAKE2b digest of what is signed, and over that and a comment.
//!
//! Keys are the `minisign` crate's, and signatures are checked by `minisign-verify`. Signing is done here, for that crate
//! mixes random numbers into each signature; without them the same bundle has the same bytes each time, as with the stock
//! `minisign` program.

mod keys;
mod trust;

pub use keys::{KeyId, PublicKey, SecretKey, generate};
pub use trust::{KeyList, Signer, Standing, Trust};

use std::fmt;
use std::io::Read;

use blake2::{Blake2b512, Digest as _};
use ct_codecs::{Base64, Encoder as _};

use super::error::BundleError;

/// The name that a signature file has beside the file that it signs.
pub const SUFFIX: &str = ".minisig";

/// A signature as its file has it.
#[derive(Clone)]
pub struct Signature {
    text: String,
    parsed: minisign_verify::Signature,
    key: KeyId,
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", self.key)
    }
}

impl Signature {
    /// Reads a signature.
    ///
    /// # Errors
    /// [`BundleError::BadSignature`] where it is none of minisign's.
    pub fn parse(text: &str, what: &str) -> Result<Self, BundleError> {
        let malformed = |why: String| BundleError::BadSignature { what: what.to_owned(), why };
        let parsed = minisign_verify::Signature::decode(text).map_err(|why| malformed(why.to_string()))?;
        let boxed = minisign::SignatureBox::from_string(text).map_err(|why| malformed(why.to_string()))?;
        let key = KeyId::of(boxed.keynum()).ok_or_else(|| malformed("it names no key".to_owned()))?;
        if !boxed.is_prehashed() {
            return Err(malformed("it is of the old form that does not hash its input first; sign anew".to_owned()));
        }
        Ok(Self { text: text.to_owned(), parsed, key })
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key that it says it is of.
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// The comment that is signed along.
    pub fn trusted_comment(&self) -> &str {
        self.parsed.trusted_comment()
    }

    /// Checks it.
    ///
    /// # Errors
    /// [`BundleError::BadSignature`] where it does not hold for these bytes and this key.
    pub fn verify(&self, bytes: &[u8], key: &PublicKey, what: &str) -> Result<(), BundleError> {
        let mut check = self.check(key, what)?;
        check.update(bytes);
        check.finish()
    }

    /// Begins to check it over bytes that come in parts.
    pub(super) fn check<'a>(&'a self, key: &'a PublicKey, what: &'a str) -> Result<Check<'a>, BundleError> {
        let verifier = key.verifier().verify_stream(&self.parsed);
        let verifier = verifier.map_err(|why| BundleError::BadSignature { what: what.to_owned(), why: lower(&why) })?;
        Ok(Check { verifier, what })
    }
}

/// A signature that is being checked.
pub(super) struct Check<'a> {
    verifier: minisign_verify::StreamVerifier<'a>,
    what: &'a str,
}

impl Check<'_> {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.verifier.update(bytes);
    }

    pub(super) fn finish(mut self) -> Result<(), BundleError> {
        let verified = self.verifier.finalize();
        verified.map_err(|why| BundleError::BadSignature { what: self.what.to_owned(), why: lower(&why) })
    }
}

/// Words of another crate, as a part of a sentence.
fn lower(why: &dyn fmt::Display) -> String {
    let text = why.to_string();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// Signs what a reader gives. The comment is signed along; the same input makes the same signature.
///
/// # Errors
/// What the reader says, and a comment of more than one line.
pub fn sign(key: &SecretKey, reader: &mut dyn Read, trusted_comment: &str) -> Result<Signature, BundleError> {
    if trusted_comment.contains(['\n', '\r']) || trusted_comment != trusted_comment.trim() {
        return Err(BundleError::Key("a trusted comment is one line, without spaces around it".to_owned()));
    }
    let mut hash = Blake2b512::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = reader.read(&mut buffer).map_err(BundleError::io("read what is to be signed"))?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
    }
    let signature = key.sign(&hash.finalize());
    let mut signed = signature.to_vec();
    signed.extend_from_slice(trusted_comment.as_bytes());
    let global = key.sign(&signed);
    let mut packet = b"ED".to_vec();
    packet.extend(key.id().bytes());
    packet.extend(signature);
    let encode = |bytes: &[u8]| Base64::encode_to_string(bytes).map_err(|why| BundleError::Key(why.to_string()));
    let text = format!(
        "untrusted comment: signature from key {}\n{}\ntrusted comment: {trusted_comment}\n{}\n",
        key.id(),
        encode(&packet)?,
        encode(&global)?
    );
    Signature::parse(&text, "the signature just made")
}

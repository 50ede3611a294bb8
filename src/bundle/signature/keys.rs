//! Keys: their files are minisign's.

use std::fmt;
use std::ops::Range;

use ct_codecs::{Base64, Decoder as _};
use minisign::SecretKeyBox;

use crate::bundle::error::BundleError;

/// The number that minisign gives a key; 16 hexadecimal digits in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId([u8; 8]);

impl KeyId {
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(super) fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", u64::from_le_bytes(self.0))
    }
}

/// A key that signatures are checked with.
#[derive(Clone, Debug)]
pub struct PublicKey {
    verifier: minisign_verify::PublicKey,
    base64: String,
    id: KeyId,
}

impl PublicKey {
    /// Reads a key: the text of a `.pub` file, or its second line alone.
    ///
    /// # Errors
    /// [`BundleError::Key`] where it is none.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        let refused = |why: &dyn fmt::Display| BundleError::Key(format!("this is no public key of minisign's: {why}"));
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let base64 = if first.starts_with("untrusted comment:") { lines.next().unwrap_or_default() } else { first };
        if lines.next().is_some() {
            return Err(refused(&"it has more lines than one has"));
        }
        let key = minisign::PublicKey::from_base64(base64).map_err(|why| refused(&why))?;
        Self::of(&key)
    }

    fn of(key: &minisign::PublicKey) -> Result<Self, BundleError> {
        let base64 = key.to_base64();
        let verifier = minisign_verify::PublicKey::from_base64(&base64)
            .map_err(|why| BundleError::Key(format!("this is no public key of minisign's: {why}")))?;
        let id = KeyId::of(key.keynum()).ok_or_else(|| BundleError::Key("a key without a number".to_owned()))?;
        Ok(Self { verifier, base64, id })
    }

    /// Its number.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The line of a `.pub` file that is the key.
    pub fn to_base64(&self) -> &str {
        &self.base64
    }

    /// The text of a `.pub` file.
    pub fn to_file(&self) -> String {
        format!("untrusted comment: minisign public key {}\n{}\n", self.id, self.base64)
    }

    pub(super) fn verifier(&self) -> &minisign_verify::PublicKey {
        &self.verifier
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.base64 == other.base64
    }
}

impl Eq for PublicKey {}

/// A key that signs.
pub struct SecretKey {
    pair: ed25519_compact::SecretKey,
    public: PublicKey,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.public.id())
    }
}

/// Where the parts of a secret key are in its bytes (minisign's manual, "Secret key format"): the kind of its protection,
/// the Ed25519 key, and a checksum.
const PROTECTION: Range<usize> = 2..4;
const KEY: Range<usize> = 62..126;
const CHECKSUM: Range<usize> = 126..158;

/// The bytes of a secret key's file; none where it is no such file.
fn decoded(text: &str) -> Vec<u8> {
    let line = text.lines().nth(1).unwrap_or_default();
    Base64::decode_to_vec(line.trim(), None).unwrap_or_default()
}

impl SecretKey {
    /// Whether the text of a secret key file needs a password.
    ///
    /// # Errors
    /// [`BundleError::Key`] where it is no such file.
    pub fn needs_password(text: &str) -> Result<bool, BundleError> {
        match decoded(text).get(PROTECTION) {
            Some([0, 0]) => Ok(false),
            Some(b"Sc") => Ok(true),
            Some(_) | None => Err(BundleError::Key("this is no secret key of minisign's".to_owned())),
        }
    }

    /// Reads the text of a secret key file. Deriving the key of a password takes minisign about a gigabyte of memory and a
    /// second.
    ///
    /// # Errors
    /// [`BundleError::Key`] where it is none, or the password is missing or wrong.
    pub fn parse(text: &str, password: Option<&str>) -> Result<Self, BundleError> {
        let refused = |why: minisign::PError| BundleError::Key(format!("the secret key cannot be used: {why}"));
        let boxed = SecretKeyBox::from_string(text).map_err(refused)?;
        let key = match (Self::needs_password(text)?, password) {
            (true, Some(password)) => boxed.into_secret_key(Some(password.to_owned())),
            (true, None) => return Err(BundleError::Key("the secret key needs its password".to_owned())),
            (false, _) => match decoded(text).as_slice() {
                // The stock program leaves the checksum of a key without a password empty (minisign 0.11).
                bytes if bytes.get(CHECKSUM).is_some_and(|sum| sum == [0; 32]) => {
                    minisign::SecretKey::from_bytes(bytes)
                }
                _ => boxed.into_unencrypted_secret_key(),
            },
        };
        Self::of(&key.map_err(refused)?)
    }

    fn of(key: &minisign::SecretKey) -> Result<Self, BundleError> {
        let broken = |why: &dyn fmt::Display| BundleError::Key(format!("the secret key cannot be used: {why}"));
        let public = minisign::PublicKey::from_secret_key(key).map_err(|why| broken(&why))?;
        let bytes = key.to_bytes();
        let pair = ed25519_compact::SecretKey::from_slice(bytes.get(KEY).unwrap_or_default());
        let pair = pair.map_err(|why| broken(&why))?;
        // Its halves have to belong together, also where there is no checksum.
        pair.validate_public_key(&pair.public_key()).map_err(|why| broken(&why))?;
        Ok(Self { pair, public: PublicKey::of(&public)? })
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Its number.
    pub fn id(&self) -> KeyId {
        self.public.id()
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        *self.pair.sign(message, None)
    }
}

/// Makes a pair of keys: the text of the secret key's file, protected by the password if there is one, and the public key.
///
/// # Errors
/// Where the system has no random numbers or too little memory.
pub fn generate(password: Option<&str>) -> Result<(String, PublicKey), BundleError> {
    let failed = |why: minisign::PError| BundleError::Key(format!("no key was made: {why}"));
    let pair = match password {
        Some(password) => minisign::KeyPair::generate_encrypted_keypair(Some(password.to_owned())),
        None => minisign::KeyPair::generate_unencrypted_keypair(),
    };
    let pair = pair.map_err(failed)?;
    let public = PublicKey::of(&pair.pk)?;
    let comment = match password {
        Some(_) => format!("minisign encrypted secret key {}", public.id()),
        None => format!("minisign unprotected secret key {}", public.id()),
    };
    let secret = pair.sk.to_box(Some(&comment)).map_err(failed)?;
    Ok((secret.into_string(), public))
}

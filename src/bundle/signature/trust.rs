//! Who is trusted: keys, how many of them must have signed, and how a list of keys follows another.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::bundle::error::BundleError;

use super::{KeyId, PublicKey, Signature};

/// The keys that are trusted, and how many of them must have signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trust {
    keys: Vec<PublicKey>,
    threshold: usize,
    sequence: u64,
}

impl Trust {
    /// Trusts keys, of which `threshold` must have signed. A key that is named twice counts once.
    ///
    /// # Errors
    /// [`BundleError::Key`] where fewer keys are given than must sign, none must, or two keys have one number.
    pub fn new(keys: Vec<PublicKey>, threshold: usize) -> Result<Self, BundleError> {
        let mut distinct = Vec::<PublicKey>::new();
        for key in keys {
            match distinct.iter().find(|known| known.id() == key.id()) {
                Some(known) if *known == key => {}
                Some(_) => return Err(BundleError::Key(format!("two different keys have the number {}", key.id()))),
                None => distinct.push(key),
            }
        }
        if threshold == 0 || threshold > distinct.len() {
            let count = distinct.len();
            return Err(BundleError::Key(format!("{threshold} of {count} keys cannot be asked for")));
        }
        Ok(Self { keys: distinct, threshold, sequence: 0 })
    }

    /// The keys.
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// How many must have signed.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// The number of the key list that it comes of; 0: of none.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The trusted key of a number.
    pub fn key(&self, id: KeyId) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.id() == id)
    }

    /// Follows to a newer list of keys, which as many of the old keys must have signed as had to sign until now. After
    /// that, only the new keys count.
    ///
    /// # Errors
    /// [`BundleError::Untrusted`] where too few old keys have signed it; [`BundleError::BadSignature`] where a signature
    /// of an old key does not hold; [`BundleError::Key`] where it is no list, or not newer.
    pub fn follow(&self, list: &[u8], signatures: &[Signature]) -> Result<Self, BundleError> {
        let mut standing = Standing::new(self);
        for signature in signatures {
            let holds = self.key(signature.key()).map(|key| signature.verify(list, key, "a signature of the key list"));
            holds.transpose()?;
            standing.add(signature.key());
        }
        standing.check()?;
        let list = KeyList::parse(list)?;
        if list.sequence <= self.sequence {
            return Err(BundleError::Key(format!(
                "the key list has number {}, and {} is in force",
                list.sequence, self.sequence
            )));
        }
        Ok(Self { sequence: list.sequence, ..list.trust()? })
    }
}

/// A list of keys as a document: `alterplan-keys`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyList {
    /// `alterplan-keys`.
    pub format: String,
    /// Version of the format: 1.
    pub format_version: u32,
    /// The list's number: each list follows one with a lower number.
    pub sequence: u64,
    /// How many of the keys must sign.
    pub threshold: usize,
    /// The keys, each as the second line of its `.pub` file.
    pub keys: Vec<String>,
}

impl KeyList {
    /// Makes a list.
    ///
    /// # Errors
    /// As [`Trust::new`] has them.
    pub fn new(keys: Vec<PublicKey>, threshold: usize, sequence: u64) -> Result<Self, BundleError> {
        let trust = Trust::new(keys, threshold)?;
        Ok(Self {
            format: "alterplan-keys".to_owned(),
            format_version: 1,
            sequence,
            threshold,
            keys: trust.keys.iter().map(|key| key.to_base64().to_owned()).collect(),
        })
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`BundleError::Key`] where it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let refused = |why: String| BundleError::Key(format!("this is no key list: {why}"));
        let list: Self = serde_json::from_slice(bytes).map_err(|why| refused(why.to_string()))?;
        if list.format != "alterplan-keys" || list.format_version != 1 {
            return Err(refused("its format is not `alterplan-keys`, version 1".to_owned()));
        }
        list.trust()?;
        Ok(list)
    }

    /// What it says, as trust.
    ///
    /// # Errors
    /// As [`Trust::new`] has them.
    pub fn trust(&self) -> Result<Trust, BundleError> {
        let keys = self.keys.iter().map(|key| PublicKey::parse(key)).collect::<Result<Vec<_>, _>>()?;
        Ok(Trust { sequence: self.sequence, ..Trust::new(keys, self.threshold)? })
    }
}

/// Somebody who has signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Signer {
    /// The key.
    pub key: KeyId,
    /// Whether it is trusted; the signature of a key that is not was not checked.
    pub is_trusted: bool,
}

/// How far what was signed can be trusted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    trusted: Option<BTreeSet<KeyId>>,
    threshold: usize,
    signers: BTreeSet<Signer>,
}

impl Standing {
    /// Nobody has signed yet.
    pub(in crate::bundle) fn new(trust: &Trust) -> Self {
        let trusted = trust.keys.iter().map(PublicKey::id).collect();
        Self { trusted: Some(trusted), threshold: trust.threshold, signers: BTreeSet::new() }
    }

    /// Nobody is trusted.
    pub(in crate::bundle) fn without_trust() -> Self {
        Self { trusted: None, threshold: 1, signers: BTreeSet::new() }
    }

    /// Takes in a signature, which holds where its key is a trusted one.
    pub(in crate::bundle) fn add(&mut self, key: KeyId) {
        let is_trusted = self.trusted.as_ref().is_some_and(|trusted| trusted.contains(&key));
        self.signers.insert(Signer { key, is_trusted });
    }

    /// All who have signed.
    pub fn signers(&self) -> impl Iterator<Item = Signer> {
        self.signers.iter().copied()
    }

    /// How many trusted keys have signed.
    pub fn trusted(&self) -> usize {
        self.signers.iter().filter(|signer| signer.is_trusted).count()
    }

    /// How many must have.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Whether as many trusted keys have signed as must.
    pub fn is_trusted(&self) -> bool {
        self.trusted() >= self.threshold
    }

    /// # Errors
    /// Where too few trusted keys have signed.
    pub(in crate::bundle) fn check(&self) -> Result<(), BundleError> {
        if self.is_trusted() {
            return Ok(());
        }
        if self.signers.is_empty() {
            return Err(BundleError::Unsigned);
        }
        Err(BundleError::Untrusted {
            found: self.trusted(),
            needed: self.threshold,
            signers: self.signers.iter().map(|signer| signer.key.to_string()).collect(),
        })
    }
}

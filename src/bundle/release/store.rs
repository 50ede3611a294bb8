//! What an installation remembers of each product: whose signatures it trusts, and the highest version that it has seen.
//! It is kept where no bundle reaches; without it, an old release that was signed once would be as good as a new one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bundle::error::BundleError;
use crate::bundle::signature::{KeyList, Signature, Trust};
use crate::bundle::version::Version;

const FORMAT: &str = "alterplan-trust";

/// What is remembered, by product.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustStore {
    format: String,
    format_version: u32,
    products: BTreeMap<String, Memory>,
}

/// What is remembered of a product.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    keys: Option<KeyList>,
    highest: Option<Version>,
}

impl Default for TrustStore {
    fn default() -> Self {
        Self { format: FORMAT.to_owned(), format_version: 1, products: BTreeMap::new() }
    }
}

/// Whether an older version than was seen before may be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Downgrade {
    /// It is refused.
    #[default]
    Refuse,
    /// It is taken.
    Allow,
}

impl TrustStore {
    /// Reads it.
    ///
    /// # Errors
    /// [`BundleError::Key`] where it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        let refused = |why: String| BundleError::Key(format!("this is no trust store: {why}"));
        let store: Self = serde_json::from_slice(bytes).map_err(|why| refused(why.to_string()))?;
        if store.format != FORMAT || store.format_version != 1 {
            return Err(refused(format!("its format is not `{FORMAT}`, version 1")));
        }
        for memory in store.products.values() {
            memory.keys.as_ref().map(KeyList::trust).transpose()?;
        }
        Ok(store)
    }

    /// Its text.
    ///
    /// # Errors
    /// None that could be provoked; the type is that of all writing.
    pub fn write(&self) -> Result<String, BundleError> {
        let text = serde_json::to_string_pretty(self).map_err(|why| BundleError::Key(why.to_string()))?;
        Ok(text + "\n")
    }

    /// Who is trusted for a product.
    ///
    /// # Errors
    /// None that could be provoked: its lists were checked.
    pub fn trust(&self, product: &str) -> Result<Option<Trust>, BundleError> {
        self.products.get(product).and_then(|memory| memory.keys.as_ref()).map(KeyList::trust).transpose()
    }

    /// The highest version of a product that was seen.
    pub fn highest(&self, product: &str) -> Option<Version> {
        self.products.get(product)?.highest
    }

    /// Trusts a first list of keys for a product.
    ///
    /// # Errors
    /// [`BundleError::Key`] where there is a list already: that is followed, not replaced.
    pub fn begin(&mut self, product: &str, list: KeyList) -> Result<(), BundleError> {
        let memory = self.products.entry(product.to_owned()).or_default();
        if memory.keys.is_some() {
            return Err(BundleError::Key(format!("there are trusted keys for `{product}` already")));
        }
        list.trust()?;
        memory.keys = Some(list);
        Ok(())
    }

    /// Follows to a newer list of keys, signed by as many of the old ones as have to sign.
    ///
    /// # Errors
    /// As [`Trust::follow`] has them.
    pub fn follow(&mut self, product: &str, list: &[u8], signatures: &[Signature]) -> Result<(), BundleError> {
        let Some(memory) = self.products.get_mut(product) else {
            return Err(BundleError::Key(format!("there are no trusted keys for `{product}` yet")));
        };
        let Some(old) = memory.keys.as_ref().map(KeyList::trust).transpose()? else {
            return Err(BundleError::Key(format!("there are no trusted keys for `{product}` yet")));
        };
        old.follow(list, signatures)?;
        memory.keys = Some(KeyList::parse(list)?);
        Ok(())
    }

    /// Holds an offered version against the highest that was seen and, where there is one, the installed one.
    ///
    /// # Errors
    /// [`BundleError::Downgrade`] where it is older than either.
    pub fn admit(
        &self,
        product: &str,
        offered: Version,
        installed: Option<Version>,
        downgrade: Downgrade,
    ) -> Result<(), BundleError> {
        let present = self.highest(product).max(installed);
        match present {
            Some(present) if offered < present && downgrade == Downgrade::Refuse => {
                Err(BundleError::Downgrade { offered, present })
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Remembers that a version was seen, after its signatures held.
    pub fn saw(&mut self, product: &str, version: Version) {
        let memory = self.products.entry(product.to_owned()).or_default();
        memory.highest = memory.highest.max(Some(version));
    }
}

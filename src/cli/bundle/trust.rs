//! Who is trusted, as options say it; and `alterplan bundle trust`, which keeps it in a file.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use alterplan::bundle::{KeyList, PublicKey, Trust, TrustStore, signatures_beside};
use clap::Args;

use crate::cli::Exit;
use crate::cli::failure::Failure;

use super::{cannot_read, cannot_write, write_whole};

/// Options that say who is trusted.
#[derive(Args)]
pub(crate) struct TrustOptions {
    /// Trusts a public key: its file, or its line
    #[arg(long, value_name = "PUBKEY")]
    trust: Vec<String>,
    /// How many of the trusted keys must have signed
    #[arg(long, value_name = "K", requires = "trust")]
    threshold: Option<usize>,
    /// Follows to a newer list of keys, signed by as many of the trusted ones as must sign
    #[arg(long, value_name = "FILE")]
    key_list: Vec<PathBuf>,
    /// Trusts whom `bundle trust` has kept in a file for the --product
    #[arg(long, value_name = "FILE", requires = "product", conflicts_with = "trust")]
    store: Option<PathBuf>,
    /// The product that it has to be for
    #[arg(long, value_name = "NAME")]
    pub(super) product: Option<String>,
    /// Takes an older version than the --store has seen
    #[arg(long)]
    pub(super) allow_downgrade: bool,
    /// Takes what is not signed, or not by whom it should be
    #[arg(long)]
    pub(super) allow_unsigned: bool,
}

impl TrustOptions {
    /// Who is trusted; `None`: nobody.
    pub(super) fn trust(&self) -> Result<Option<Trust>, Failure> {
        let mut trust = match self.store()? {
            Some(store) => store.trust(self.product.as_deref().unwrap_or_default())?,
            None if self.trust.is_empty() => None,
            None => {
                let keys = self.trust.iter().map(|key| public_key(key)).collect::<Result<Vec<_>, _>>()?;
                Some(Trust::new(keys, self.threshold.unwrap_or(1))?)
            }
        };
        for list in &self.key_list {
            let Some(old) = &trust else {
                return Err(Failure::wrong("--key-list follows keys that are trusted already, and there are none"));
            };
            let bytes = fs::read(list).map_err(cannot_read(list))?;
            trust = Some(old.follow(&bytes, &signatures_beside(list)?)?);
        }
        Ok(trust)
    }

    /// What was remembered.
    pub(super) fn store(&self) -> Result<Option<TrustStore>, Failure> {
        self.store
            .as_deref()
            .map(|path| {
                let bytes = fs::read(path).map_err(cannot_read(path))?;
                Ok(TrustStore::parse(&bytes)?)
            })
            .transpose()
    }
}

/// A public key: what there is a file for is the file, anything else the key itself.
pub(super) fn public_key(given: &str) -> Result<PublicKey, Failure> {
    let text = match fs::read_to_string(given) {
        Ok(text) => text,
        Err(why) if given.len() == 56 && !given.contains('.') && why.kind() == io::ErrorKind::NotFound => {
            given.to_owned()
        }
        Err(why) => return Err(cannot_read(Path::new(given))(why)),
    };
    PublicKey::parse(&text).map_err(|why| Failure::wrong(format!("`{given}`: {why}")))
}

/// The arguments of `bundle trust`.
#[derive(Args)]
pub(super) struct Keeping {
    /// The file; it has to be where no bundle reaches
    #[arg(long, value_name = "FILE")]
    store: PathBuf,
    /// The product whose bundles they sign
    #[arg(long, value_name = "NAME", default_value = "default")]
    product: String,
    /// A first list of keys, or one that enough of the keys before it have signed
    #[arg(value_name = "KEY-LIST")]
    list: PathBuf,
}

/// Runs `bundle trust`.
pub(super) fn keep(arguments: &Keeping) -> Result<Exit, Failure> {
    let mut store = match fs::read(&arguments.store) {
        Ok(bytes) => TrustStore::parse(&bytes)?,
        Err(why) if why.kind() == io::ErrorKind::NotFound => TrustStore::default(),
        Err(why) => return Err(cannot_read(&arguments.store)(why)),
    };
    let list = fs::read(&arguments.list).map_err(cannot_read(&arguments.list))?;
    if store.trust(&arguments.product)?.is_some() {
        store.follow(&arguments.product, &list, &signatures_beside(&arguments.list)?)?;
    } else {
        store.begin(&arguments.product, KeyList::parse(&list)?)?;
    }
    let text = store.write()?;
    write_whole(&arguments.store, |output| output.write_all(text.as_bytes()).map_err(cannot_write(&arguments.store)))?;
    Ok(Exit::Done)
}

//! A list of operations as a file that people write.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::bundle::error::BundleError;
use crate::bundle::manifest::{Delete, Operations, PathsByKind};

/// An operations file, in YAML or JSON.
///
/// ```
/// use alterplan::bundle::OperationsFile;
///
/// let file = OperationsFile::parse("replace: {files: [bin/app]}\ndelete: [old.txt]\n")?;
/// assert_eq!(file.operations()?.replace.files[0].as_str(), "bin/app");
/// # Ok::<(), alterplan::bundle::BundleError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OperationsFile {
    /// The tree that the new files are in, from where this file is; without it, the folder of this file.
    #[serde(default)]
    pub new_tree: Option<PathBuf>,
    /// The tree that is installed, from where this file is. With it, the bundle knows what it expects there.
    #[serde(default)]
    pub old_tree: Option<PathBuf>,
    /// What gets another content, or is new.
    #[serde(default)]
    pub replace: PathsByKind,
    /// What goes.
    #[serde(default)]
    pub delete: Delete,
    /// For people.
    #[serde(default)]
    pub notes: Option<String>,
}

impl OperationsFile {
    /// Reads one.
    ///
    /// # Errors
    /// [`BundleError::Manifest`] with line and column where it is not of this form.
    pub fn parse(text: &str) -> Result<Self, BundleError> {
        serde_yaml::from_str(text).map_err(|why| BundleError::Manifest(format!("the operations file: {why}")))
    }

    /// Its operations.
    ///
    /// # Errors
    /// [`BundleError::Contradiction`] where there are none.
    pub fn operations(&self) -> Result<Operations, BundleError> {
        let operations = Operations { replace: self.replace.clone(), delete: self.delete.clone() };
        if operations == Operations::default() {
            return Err(BundleError::Manifest("the operations file has no operations".to_owned()));
        }
        Ok(operations)
    }
}

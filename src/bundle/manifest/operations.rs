//! What a bundle does with paths: replace and delete.

use serde::{Deserialize, Serialize};

use crate::bundle::path::RelPath;

use super::Kind;

/// What is replaced and what is deleted. Everything is deleted first, so that a path in both is deleted, then replaced.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// What gets another content, or is new. A folder is replaced with all that is in it.
    #[serde(default)]
    pub replace: PathsByKind,
    /// What goes. A folder goes with all that is in it.
    #[serde(default)]
    pub delete: Delete,
}

/// Paths by their kind.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PathsByKind {
    /// Files and symbolic links.
    #[serde(default)]
    pub files: Vec<RelPath>,
    /// Folders.
    #[serde(default)]
    pub directories: Vec<RelPath>,
}

impl PathsByKind {
    pub(super) fn extend(&mut self, more: Self) {
        self.files.extend(more.files);
        self.directories.extend(more.directories);
    }
}

/// What is deleted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Delete {
    /// By kind.
    ByKind(PathsByKind),
    /// The older form: files and folders in one list.
    Flat(Vec<RelPath>),
}

impl Default for Delete {
    fn default() -> Self {
        Self::ByKind(PathsByKind::default())
    }
}

impl Delete {
    /// Its paths, each with its kind where the list tells it.
    pub fn paths(&self) -> impl Iterator<Item = (&RelPath, Option<Kind>)> {
        let (files, directories, either) = match self {
            Self::ByKind(paths) => (paths.files.as_slice(), paths.directories.as_slice(), [].as_slice()),
            Self::Flat(either) => ([].as_slice(), [].as_slice(), either.as_slice()),
        };
        let files = files.iter().map(|path| (path, Some(Kind::File)));
        let directories = directories.iter().map(|path| (path, Some(Kind::Directory)));
        files.chain(directories).chain(either.iter().map(|path| (path, None)))
    }
}

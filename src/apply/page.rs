//! A file of an installation as the paper that a chain of records stands on.

use std::path::Path;

use super::disk::{Disk, parent};
use super::error::ApplyError;
use crate::run::Paper;

/// A file of an installation.
#[derive(Clone, Copy)]
pub(crate) struct Page<'p> {
    pub(crate) disk: &'p dyn Disk,
    pub(crate) file: &'p Path,
}

impl Paper for Page<'_> {
    type Error = ApplyError;

    fn name(&self) -> String {
        self.file.display().to_string()
    }

    fn read(&self) -> Result<Option<Vec<u8>>, ApplyError> {
        match self.disk.look(self.file)? {
            Some(_) => Ok(Some(self.disk.read(self.file)?)),
            None => Ok(None),
        }
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), ApplyError> {
        Ok(self.disk.write_at(self.file, offset, bytes)?)
    }

    fn sync(&self) -> Result<(), ApplyError> {
        Ok(self.disk.sync(&[self.file.to_owned()])?)
    }

    fn sync_name(&self) -> Result<(), ApplyError> {
        Ok(self.disk.sync(&[parent(self.file)])?)
    }
}

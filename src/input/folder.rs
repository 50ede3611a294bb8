//! A folder: every `*.sql` and `*.sql.gz` below it, in the order of their paths.

use std::fs;
use std::path::{Path, PathBuf};

use super::{InputError, file};
use crate::source::Source;

/// Reads all files of a folder.
pub(super) fn read(folder: &Path) -> Result<Vec<Source>, InputError> {
    files(folder)?.iter().map(|path| file(path)).collect()
}

/// The files of a folder.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let mut found = Vec::new();
    collect(folder, &mut Vec::new(), &mut found)?;
    // Bytes of the path, as `LC_ALL=C sort` would have it: no locale, no separator of the platform.
    found.sort_by_cached_key(|path| path.to_string_lossy().replace('\\', "/"));
    if found.is_empty() {
        return Err(InputError::NoFiles { path: folder.display().to_string() });
    }
    Ok(found)
}

/// Goes down. `above` holds the real paths of the folders that this one is in, so that a symbolic link to one of
/// them ends there.
fn collect(folder: &Path, above: &mut Vec<PathBuf>, found: &mut Vec<PathBuf>) -> Result<(), InputError> {
    let refuse = |why| InputError::Io { path: folder.display().to_string(), why };
    let real = fs::canonicalize(folder).map_err(refuse)?;
    if above.contains(&real) {
        return Ok(());
    }
    above.push(real);
    for entry in fs::read_dir(folder).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        if path.is_dir() {
            collect(&path, above, found)?;
        } else if is_sql(&path) {
            found.push(path);
        }
    }
    above.pop();
    Ok(())
}

/// Whether a file of a folder counts, by its name.
pub(super) fn is_sql(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    name.ends_with(".sql") || name.ends_with(".sql.gz")
}

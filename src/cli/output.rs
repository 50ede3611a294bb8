//! Where a result goes, so that it is there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use alterplan::input::reason;

use super::diff::Format;
use super::failure::Failure;
use super::terminal::Terminal;

/// Where a result goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Destination {
    Stdout,
    File(PathBuf),
}

impl Destination {
    /// The place that an option names.
    pub(crate) fn of(option: Option<&Path>) -> Self {
        match option {
            None => Self::Stdout,
            Some(path) if path.as_os_str() == "-" => Self::Stdout,
            Some(path) => Self::File(path.to_owned()),
        }
    }

    /// The format that one expects there.
    pub(crate) fn usual_format(&self, terminal: &Terminal) -> Format {
        match self {
            Self::Stdout if terminal.is_watched() => Format::Text,
            Self::Stdout => Format::Sql,
            Self::File(path) => match path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).as_deref() {
                Some("json") => Format::Json,
                Some("yaml" | "yml") => Format::Yaml,
                Some("txt") => Format::Text,
                Some("md" | "markdown") => Format::Markdown,
                Some("html" | "htm") => Format::Html,
                Some("patch" | "diff") => Format::Patch,
                Some("sarif") => Format::Sarif,
                Some(_) | None => Format::Sql,
            },
        }
    }
}

/// Writes a text to its destination.
pub(crate) fn write(destination: &Destination, text: impl AsRef<[u8]>, terminal: &mut Terminal) -> Result<(), Failure> {
    match destination {
        Destination::Stdout => terminal.print(text),
        Destination::File(path) => replace(path, text.as_ref()).map_err(|why| {
            Failure::wrong(format!("cannot write `{}`: {}", path.display(), reason(&why))).help("nothing was written")
        }),
    }
}

/// Writes beside the file and renames, so that a full disk or a crash leaves the old file.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    // Through a symbolic link to what it points at: the link stays one.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|what| !what.is_file()) {
        // A device, a FIFO, a folder: nothing that a rename may put a file in the place of.
        return OpenOptions::new().write(true).open(path)?.write_all(text);
    }
    if there.is_some() {
        // A rename would also replace what its owner has made read-only.
        OpenOptions::new().write(true).open(path)?;
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = File::create_new(&beside).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()?;
        if let Some(there) = there {
            file.set_permissions(there.permissions())?;
        }
        fs::rename(&beside, path)
    });
    if written.is_err() {
        // The reason of the failure counts, not what comes of tidying up after it.
        let _ = fs::remove_file(&beside);
    }
    written
}

//! `alterplan bundle`: patch bundles, their keys and their releases.

mod build;
mod keys;
mod release;
mod trust;
mod verify;
mod watch;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use alterplan::bundle::SecretKey;
use alterplan::input::reason;
use clap::{Args, Subcommand};

use super::Exit;
use super::args::Global;
use super::failure::Failure;
use super::terminal::Terminal;

/// The arguments of `bundle`.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

impl Arguments {
    /// Whether the project's settings are for it.
    pub(crate) fn is_of_a_project(&self) -> bool {
        matches!(self.command, Command::Build(_))
    }
}

#[derive(Subcommand)]
enum Command {
    /// Builds a bundle from two trees, or from a tree and a list of operations
    Build(build::Arguments),
    /// Shows what a bundle is: its tree, sizes, plan, hazards, signatures
    Inspect(verify::Arguments),
    /// Checks all of a bundle, and who has signed it
    Verify(verify::Arguments),
    /// Makes a pair of keys, as `minisign -G` does
    Keygen(keys::Generating),
    /// Signs a file: writes FILE.minisig, or FILE.<keyid>.minisig for a further signer
    Sign(keys::Signing),
    /// Writes a list of trusted keys; signed by enough of the keys before it, the next list follows it
    Keys(keys::Listing),
    /// Keeps whom an installation trusts in a file of its own
    Trust(trust::Keeping),
    /// Writes a release manifest
    Release(release::Writing),
    /// Says what an installation needs of a release: nothing, a full package, a patch
    Strategy(release::Following),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Build(arguments) => build::run(arguments, global, terminal),
        Command::Inspect(arguments) => verify::inspect(arguments, terminal),
        Command::Verify(arguments) => verify::verify(arguments, global, terminal),
        Command::Keygen(arguments) => keys::generate(arguments, terminal),
        Command::Sign(arguments) => keys::sign(arguments, terminal),
        Command::Keys(arguments) => keys::list(arguments),
        Command::Trust(arguments) => trust::keep(arguments),
        Command::Release(arguments) => release::write(arguments),
        Command::Strategy(arguments) => release::strategy(arguments, terminal),
    }
}

fn cannot_read(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    move |why| Failure::wrong(format!("cannot read `{}`: {}", path.display(), reason(&why)))
}

fn cannot_write(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    move |why| {
        Failure::wrong(format!("cannot write `{}`: {}", path.display(), reason(&why))).help("nothing was written")
    }
}

/// Writes a file as a whole or not at all, beside its place first.
fn write_whole<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&mut File>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary =
        tempfile::Builder::new().prefix(".alterplan-").tempfile_in(folder).map_err(cannot_write(path))?;
    let mut output = BufWriter::with_capacity(256 * 1024, temporary.as_file_mut());
    let done = write(&mut output)?;
    output.flush().map_err(cannot_write(path))?;
    drop(output);
    readable(temporary.as_file()).and_then(|()| temporary.as_file().sync_all()).map_err(cannot_write(path))?;
    temporary.persist(path).map_err(|why| cannot_write(path)(why.error))?;
    Ok(done)
}

/// Temporary files are for their owner alone; what is published is not.
#[cfg(unix)]
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &File) -> io::Result<()> {
    Ok(())
}

/// Reads a secret key; its password comes from the environment or the terminal.
fn secret_key(path: &Path) -> Result<SecretKey, Failure> {
    let text = fs::read_to_string(path).map_err(cannot_read(path))?;
    let password = match SecretKey::needs_password(&text)? {
        true => Some(keys::password(&format!("Password of {}: ", path.display()))?),
        false => None,
    };
    Ok(SecretKey::parse(&text, password.as_deref())?)
}

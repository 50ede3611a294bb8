//! `alterplan bundle keygen`, `sign` and `keys`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use alterplan::bundle::{self, KeyList, SUFFIX, Signature};
use clap::Args;

use crate::cli::Exit;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

use super::trust::public_key;
use super::{cannot_read, cannot_write, secret_key, write_whole};

/// The arguments of `bundle keygen`.
#[derive(Args)]
pub(super) struct Generating {
    /// Where to write the secret key
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Where to write the public key
    #[arg(long, value_name = "FILE")]
    public: PathBuf,
    /// Leaves the secret key without a password, for machines that sign by themselves
    #[arg(long)]
    no_password: bool,
}

/// The arguments of `bundle sign`.
#[derive(Args)]
pub(super) struct Signing {
    /// What to sign: a bundle, a key list, any file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The secret key
    #[arg(long, value_name = "SECRET")]
    key: PathBuf,
}

/// The arguments of `bundle keys`.
#[derive(Args)]
pub(super) struct Listing {
    /// A public key: its file, or its line
    #[arg(long, value_name = "PUBKEY", required = true)]
    key: Vec<String>,
    /// How many of them must sign
    #[arg(long, value_name = "K", default_value = "1")]
    threshold: usize,
    /// The list's number, higher than that of the list before it
    #[arg(long, value_name = "N")]
    sequence: u64,
    /// Where to write it
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// A password: from the environment, else from the terminal.
pub(super) fn password(prompt: &str) -> Result<String, Failure> {
    if let Some(password) = given_password()? {
        return Ok(password);
    }
    rpassword::prompt_password(prompt).map_err(|_| {
        Failure::wrong("the secret key needs its password, and there is no terminal to ask on")
            .help("ALTERPLAN_PASSWORD may hold it")
    })
}

fn given_password() -> Result<Option<String>, Failure> {
    match std::env::var("ALTERPLAN_PASSWORD") {
        Ok(password) => Ok(Some(password)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::wrong("ALTERPLAN_PASSWORD is not UTF-8")),
    }
}

/// A password for a new key.
fn new_password() -> Result<String, Failure> {
    let password = match given_password()? {
        Some(password) => password,
        None => {
            let password = password("Password for the secret key: ")?;
            if self::password("The same again: ")? != password {
                return Err(Failure::wrong("the passwords are not the same"));
            }
            password
        }
    };
    if password.is_empty() {
        return Err(Failure::wrong("the password is empty").help("`--no-password` makes a key without one"));
    }
    Ok(password)
}

/// Runs `bundle keygen`.
pub(super) fn generate(arguments: &Generating, terminal: &mut Terminal) -> Result<Exit, Failure> {
    for path in [&arguments.secret, &arguments.public] {
        if fs::symlink_metadata(path).is_ok() {
            return Err(Failure::wrong(format!("`{}` is there already", path.display()))
                .help("a key is never overwritten: what it has signed could not be signed again"));
        }
    }
    let password = if arguments.no_password { None } else { Some(new_password()?) };
    let (secret, public) = bundle::generate(password.as_deref())?;
    private(&arguments.secret, &secret).map_err(cannot_write(&arguments.secret))?;
    write_whole(&arguments.public, |output| {
        output.write_all(public.to_file().as_bytes()).map_err(cannot_write(&arguments.public))
    })?;
    terminal.print(format!("key {}\n{}\n", public.id(), public.to_base64()))?;
    Ok(Exit::Done)
}

/// Writes a new file that nobody else may read.
fn private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Runs `bundle sign`.
pub(super) fn sign(arguments: &Signing, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let file = &arguments.file;
    let key = secret_key(&arguments.key)?;
    let mut input = File::open(file).map_err(cannot_read(file))?;
    let name = file.file_name().map(|name| name.to_string_lossy().replace(char::is_control, "?")).unwrap_or_default();
    let signature = bundle::sign(&key, &mut input, &format!("file:{name}\thashed"))?;
    let place = place(file, &signature)?;
    write_whole(&place, |output| output.write_all(signature.as_str().as_bytes()).map_err(cannot_write(&place)))?;
    terminal.print(format!("{}: signed by {}\n", place.display(), key.id()))?;
    Ok(Exit::Done)
}

/// Where a signature goes: beside its file, and with its key's number in its name where another key has signed before.
fn place(file: &Path, signature: &Signature) -> Result<PathBuf, Failure> {
    let beside = |middle: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(middle);
        name.push(SUFFIX);
        PathBuf::from(name)
    };
    let first = beside("");
    match fs::read_to_string(&first) {
        Ok(text) if Signature::parse(&text, "it").is_ok_and(|there| there.key() == signature.key()) => Ok(first),
        Ok(_) => Ok(beside(&format!(".{}", signature.key()))),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(first),
        Err(why) => Err(cannot_read(&first)(why)),
    }
}

/// Runs `bundle keys`.
pub(super) fn list(arguments: &Listing) -> Result<Exit, Failure> {
    let keys = arguments.key.iter().map(|key| public_key(key)).collect::<Result<Vec<_>, _>>()?;
    let list = KeyList::new(keys, arguments.threshold, arguments.sequence)?;
    let text = serde_json::to_string_pretty(&list).map_err(|why| Failure::wrong(why.to_string()))? + "\n";
    write_whole(&arguments.output, |output| {
        output.write_all(text.as_bytes()).map_err(cannot_write(&arguments.output))
    })?;
    Ok(Exit::Done)
}

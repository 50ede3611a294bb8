//! Where a server is: `mysql://user[:password]@host[:port]/db[,db…]` and `mariadb://…`.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use super::defaults::{self, Defaults};
use super::error::{LiveError, Problem};

/// A server, a user and the databases that are meant there.
///
/// ```
/// use alterplan::live::Address;
/// let address = Address::parse("mysql://me:secret@db.example:3307/shop,stock?ssl-mode=required")?;
/// assert_eq!(address.databases, ["shop", "stock"]);
/// assert_eq!(address.to_string(), "mysql://me@db.example:3307/shop,stock");
/// # Ok::<(), alterplan::live::LiveError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// `mysql` or `mariadb`, as it was written; both speak to either.
    pub scheme: String,
    /// The account's name; without one, the server's idea of nobody.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Password>,
    /// The host's name or number.
    pub host: String,
    /// The port.
    pub port: u16,
    /// A socket of this machine, instead of host and port.
    pub socket: Option<PathBuf>,
    /// The databases.
    pub databases: Vec<String>,
    /// Whether the connection is encrypted, and what is checked of the server.
    pub tls: TlsMode,
    /// The certificates that a server's must come from.
    pub tls_ca: Option<PathBuf>,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
}

/// A password, which shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes a password.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The password itself, for whoever logs in with it: it belongs into no message and on no command line.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The modes of `--ssl-mode` (MySQL 8.4 manual, section 6.3.1 "Configuring MySQL to Use Encrypted Connections").
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum TlsMode {
    /// Never encrypted.
    Disabled,
    /// Encrypted where the server can; nothing is checked.
    #[default]
    Preferred,
    /// Encrypted or not at all; nothing is checked.
    Required,
    /// The certificate must come from `ssl-ca` or from a public authority.
    VerifyCa,
    /// And it must be the host's.
    VerifyIdentity,
}

impl TlsMode {
    const WORDS: [(&'static str, Self); 5] = [
        ("disabled", Self::Disabled),
        ("preferred", Self::Preferred),
        ("required", Self::Required),
        ("verify-ca", Self::VerifyCa),
        ("verify-identity", Self::VerifyIdentity),
    ];

    /// Reads a mode in any case, with `-` or `_`.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase().replace('_', "-");
        Self::WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, mode)| mode)
    }
}

const DEFAULT_PORT: u16 = 3306;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const PARAMETERS: &str = "socket, ssl-mode, ssl-ca, connect-timeout, defaults-file";

impl Address {
    /// Whether a text has the form of a server's address.
    pub fn is_address(text: &str) -> bool {
        text.starts_with("mysql://") || text.starts_with("mariadb://")
    }

    /// Reads an address. A defaults file that it names (`?defaults-file=~/.my.cnf`) is read for what the address
    /// leaves out.
    ///
    /// # Errors
    /// What is wrong with its form or with the defaults file; never with any part of the password in the message.
    pub fn parse(text: &str) -> Result<Self, LiveError> {
        let wrong = |why: &str| LiveError::new(Problem::Address(why.to_owned()));
        let (scheme, rest) = text
            .split_once("://")
            .filter(|(scheme, _)| ["mysql", "mariadb"].contains(scheme))
            .ok_or_else(|| wrong("an address begins with `mysql://` or `mariadb://`"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        // A password may hold an `@` that somebody forgot to encode: the host cannot.
        let (account, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match account.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (account, None),
        };
        let (host, port) = host_and_port(host).ok_or_else(|| wrong("what follows the host is not a port"))?;
        let mut address = Self {
            scheme: scheme.to_owned(),
            user: Some(decoded(user)?).filter(|user| !user.is_empty()),
            password: password.map(decoded).transpose()?.map(Password),
            host: decoded(host)?,
            port: port.unwrap_or(0),
            socket: None,
            databases: databases(path)?,
            tls: TlsMode::default(),
            tls_ca: None,
            connect_timeout: CONNECT_TIMEOUT,
        };
        let mut tls = None;
        let mut file = None;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value)?;
            match key {
                "socket" => address.socket = Some(value.into()),
                "ssl-mode" | "ssl_mode" => {
                    tls = Some(TlsMode::parse(&value).ok_or_else(|| {
                        let known = TlsMode::WORDS.map(|(word, _)| word).join(", ");
                        wrong(&format!("`ssl-mode` takes {known}, not `{value}`"))
                    })?);
                }
                "ssl-ca" | "ssl_ca" => address.tls_ca = Some(value.into()),
                "connect-timeout" => {
                    let seconds = value.parse().ok().filter(|seconds| *seconds > 0);
                    let seconds = seconds.ok_or_else(|| wrong("`connect-timeout` takes a number of seconds"))?;
                    address.connect_timeout = Duration::from_secs(seconds);
                }
                "defaults-file" => file = Some(PathBuf::from(value)),
                _ => return Err(wrong(&format!("no parameter `{key}`; there are {PARAMETERS}"))),
            }
        }
        let defaults = file.as_deref().map_or_else(|| Ok(Defaults::default()), defaults::read)?;
        Ok(address.completed(tls, defaults))
    }

    /// The address with the password that counts where it has none itself.
    #[must_use]
    pub fn or_password(mut self, password: Option<String>) -> Self {
        self.password = self.password.or(password.map(Password));
        self
    }

    /// The address of another database on the same server.
    #[must_use]
    pub fn of_databases(&self, databases: Vec<String>) -> Self {
        Self { databases, ..self.clone() }
    }

    /// Takes what the address leaves out from a defaults file, then from what everybody takes for granted.
    fn completed(mut self, tls: Option<TlsMode>, defaults: Defaults) -> Self {
        self.user = self.user.or(defaults.user);
        self.password = self.password.or(defaults.password);
        if self.host.is_empty() && self.socket.is_none() {
            self.socket = defaults.socket;
            self.host = defaults.host.unwrap_or_default();
        }
        if self.host.is_empty() {
            "localhost".clone_into(&mut self.host);
        }
        if self.port == 0 {
            self.port = defaults.port.unwrap_or(DEFAULT_PORT);
        }
        self.tls_ca = self.tls_ca.or(defaults.tls_ca);
        // Whoever names an authority wants it asked (as the servers' own clients do).
        let asked = if self.tls_ca.is_some() { TlsMode::VerifyCa } else { TlsMode::default() };
        self.tls = tls.or(defaults.tls).unwrap_or(asked);
        self
    }
}

impl fmt::Display for Address {
    /// The address without its password and parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match &self.socket {
            Some(socket) => write!(f, "({})", socket.display())?,
            None if self.host.contains(':') => write!(f, "[{}]:{}", self.host, self.port)?,
            None => write!(f, "{}:{}", self.host, self.port)?,
        }
        write!(f, "/{}", self.databases.join(","))
    }
}

/// `host`, `host:port`, `[::1]:port`; `None` where the port is none.
fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = match text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((host, rest)) => (host, rest),
        None => text.split_at(text.rfind(':').unwrap_or(text.len())),
    };
    match rest.strip_prefix(':') {
        Some(port) => port.parse().ok().filter(|port| *port > 0).map(|port| (host, Some(port))),
        None => rest.is_empty().then_some((host, None)),
    }
}

/// Names may be encoded, and so may the commas in them.
fn databases(path: &str) -> Result<Vec<String>, LiveError> {
    let mut names: Vec<String> = Vec::new();
    for name in path.split(',').filter(|name| !name.is_empty()) {
        let name = decoded(name)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn decoded(text: &str) -> Result<String, LiveError> {
    percent_decode_str(text)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| LiveError::new(Problem::Address("what stands encoded in it is not UTF-8".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Address, String> {
        Address::parse(text).map_err(|error| error.to_string())
    }

    #[test]
    fn all_parts() {
        let address =
            parsed("mariadb://m%40e:p%3Aw%2F@[::1]:3307/a,b%2Cc?socket=/run/s&ssl-mode=VERIFY_CA").expect("it");
        assert_eq!(address.user.as_deref(), Some("m@e"));
        assert_eq!(address.password, Some(Password::new("p:w/")));
        assert_eq!((address.host.as_str(), address.port), ("::1", 3307));
        assert_eq!(address.databases, ["a", "b,c"]);
        assert_eq!(address.socket, Some("/run/s".into()));
        assert_eq!(address.tls, TlsMode::VerifyCa);
        assert_eq!(format!("{address}"), "mariadb://m@e@(/run/s)/a,b,c");
        assert!(!format!("{address:?}").contains("p:w/"));
    }

    #[test]
    fn what_is_left_out() {
        let address = parsed("mysql:///shop").expect("it");
        assert_eq!((address.host.as_str(), address.port, address.tls), ("localhost", 3306, TlsMode::Preferred));
        assert_eq!(parsed("mysql://h/x?ssl-ca=/ca.pem").map(|a| a.tls), Ok(TlsMode::VerifyCa));
        assert_eq!(parsed("mysql://me:a@b@h/x").map(|a| a.password), Ok(Some(Password::new("a@b"))));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (text, why) in [
            ("mysql://me:secret@h:x/d", "not an address of a server: what follows the host is not a port"),
            (
                "mysql://me:secret@h/d?tls=1",
                "not an address of a server: no parameter `tls`; there are socket, ssl-mode, ssl-ca, connect-timeout, defaults-file",
            ),
            (
                "mysql://me:secret@h/d?ssl-mode=on",
                "not an address of a server: `ssl-mode` takes disabled, preferred, required, verify-ca, verify-identity, not `on`",
            ),
            ("mysql://me:se%ffcret@h/d", "not an address of a server: what stands encoded in it is not UTF-8"),
        ] {
            assert_eq!(parsed(text), Err(why.to_owned()));
        }
    }
}

//! Defaults files of the servers' clients, as far as they say how to connect.
//!
//! MySQL 8.4 manual, section 6.2.2.2 "Using Option Files".

use std::fs;
use std::path::{Path, PathBuf};

use super::address::{Password, TlsMode};
use super::error::{LiveError, Problem};

/// What a defaults file says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Defaults {
    pub(super) user: Option<String>,
    pub(super) password: Option<Password>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) socket: Option<PathBuf>,
    pub(super) tls: Option<TlsMode>,
    pub(super) tls_ca: Option<PathBuf>,
}

/// Reads a defaults file: its groups `[client]`, `[client-mariadb]`, `[mysql]` and `[alterplan]`, of which later ones count more.
pub(super) fn read(path: &Path) -> Result<Defaults, LiveError> {
    let text = fs::read_to_string(path).map_err(|why| {
        LiveError::new(Problem::DefaultsFile { path: path.to_owned(), why: crate::live::error::said(&why) })
    })?;
    parse(&text).map_err(|why| LiveError::new(Problem::DefaultsFile { path: path.to_owned(), why }))
}

fn parse(text: &str) -> Result<Defaults, String> {
    const GROUPS: [&str; 4] = ["client", "client-mariadb", "mysql", "alterplan"];
    let mut defaults = Defaults::default();
    let mut wanted = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('!') {
            return Err(format!("line {}: files that it includes are not followed", number + 1));
        }
        if let Some(group) = line.strip_prefix('[') {
            let group = group.split(']').next().unwrap_or(group);
            wanted = GROUPS.contains(&group.trim());
            continue;
        }
        if !wanted {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let value = value_of(value.trim());
        let wrong = |what: &str| format!("line {}: {what}", number + 1);
        match key.trim().replace('_', "-").as_str() {
            "user" => defaults.user = Some(value),
            "password" => defaults.password = Some(Password::new(value)),
            "host" => defaults.host = Some(value),
            "port" => defaults.port = Some(value.parse().map_err(|_| wrong("not a port"))?),
            "socket" => defaults.socket = Some(value.into()),
            "ssl-mode" => defaults.tls = Some(TlsMode::parse(&value).ok_or_else(|| wrong("not an ssl-mode"))?),
            "ssl-ca" => defaults.tls_ca = Some(value.into()),
            // What else a client is told there is not about connecting.
            _ => {}
        }
    }
    Ok(defaults)
}

/// A value without its quotes and its comment, with its escapes undone.
fn value_of(written: &str) -> String {
    let quoted = ['"', '\''].into_iter().find(|quote| written.len() > 1 && written.starts_with(*quote));
    let inner = match quoted {
        Some(quote) => written[1..].split(quote).next().unwrap_or_default(),
        None => written.split(" #").next().unwrap_or(written).trim_end(),
    };
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            value.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => value.push('\u{8}'),
            Some('t') => value.push('\t'),
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('s') => value.push(' '),
            Some(c @ ('\\' | '"' | '\'')) => value.push(c),
            // An unknown escape stays as it is written.
            Some(other) => value.extend(['\\', other]),
            None => value.push('\\'),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_quotes_escapes_and_comments() {
        let text = "[mysqld]\nport=1\n[client]\nuser = me # not me\npassword=\"a#b\\s'c\"\nskip-ssl\n[alterplan]\nport=3307\nssl_mode=REQUIRED\n";
        let read = parse(text).expect("readable");
        assert_eq!(read.user.as_deref(), Some("me"));
        assert_eq!(read.password, Some(Password::new("a#b 'c")));
        assert_eq!((read.port, read.tls), (Some(3307), Some(TlsMode::Required)));
    }

    #[test]
    fn what_cannot_be_followed_is_said() {
        assert_eq!(parse("\n!include x"), Err("line 2: files that it includes are not followed".to_owned()));
        assert_eq!(parse("[client]\nport=x"), Err("line 2: not a port".to_owned()));
    }
}

//! The server that a dump names in its first lines.
//!
//! In: the beginning of a text. Out: a target, and what had to be bent to get it. Known are the headers
//! of mysqldump and mariadb-dump, phpMyAdmin, HeidiSQL, Adminer, and Sequel Pro and Ace.

use std::fmt;

use super::{Target, Vendor};

/// How far into a text its header is looked for.
const REACH: usize = 8 * 1024;

/// What a dump's header says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// The target to follow.
    pub target: Target,
    /// The version that the header names, where its series is not supported and `target` is only the nearest.
    pub unsupported: Option<String>,
}

impl Header {
    /// Whether the server took dates of zeros unless it was told not to: MySQL before 5.7, and MariaDB.
    pub fn takes_zero_dates(&self) -> bool {
        let before = |version: &str| {
            let mut numbers = version.trim_start_matches("mysql:").split('.').map(|n| n.parse::<u32>().unwrap_or(0));
            (numbers.next(), numbers.next()) < (Some(5), Some(7))
        };
        self.target.is_mariadb() || self.unsupported.as_deref().is_some_and(before)
    }
}

/// Reads the header of a dump.
///
/// ```
/// use alterplan::target::header;
/// let dump = b"-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n-- Server version\t8.4.3\n";
/// assert_eq!(header::read(dump).map(|h| h.target.to_string()), Some("mysql:8.4.3".to_owned()));
/// ```
pub fn read(text: &[u8]) -> Option<Header> {
    let text = &text[..text.len().min(REACH)];
    let mut weaker = None;
    for line in text.split(|b| *b == b'\n') {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.starts_with("/*M!999999\\-") {
            // mariadb-dump writes it whatever the server is; the lines after it know better.
            weaker = weaker.or(Some(Header { target: Target::series(Vendor::MariaDb, 10, 11), unsupported: None }));
            continue;
        }
        let Some(comment) = line.strip_prefix("--").or_else(|| line.strip_prefix('#')) else { continue };
        let comment = comment.trim();
        // What the server said of itself counts more than the version of the program that wrote the dump.
        if let Some(version) = server_version(comment) {
            return version.header();
        }
        if let Some(header) = program_version(comment).and_then(Version::header) {
            weaker = Some(header);
        }
    }
    weaker
}

/// Understands what a server answers to `SELECT VERSION()`.
///
/// ```
/// use alterplan::target::header;
/// let header = header::of_server("10.11.6-MariaDB-log").unwrap();
/// assert_eq!(header.target.to_string(), "mariadb:10.11.6");
/// ```
pub fn of_server(version: &str) -> Option<Header> {
    Version::parse(version)?.header()
}

/// A vendor and the numbers of a version.
struct Version {
    vendor: Vendor,
    numbers: Vec<u32>,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vendor = match self.vendor {
            Vendor::MySql => "mysql",
            Vendor::MariaDb => "mariadb",
        };
        let numbers: Vec<String> = self.numbers.iter().map(u32::to_string).collect();
        write!(f, "{vendor}:{}", numbers.join("."))
    }
}

impl Version {
    /// Reads `8.0.36-0ubuntu0.22.04.1`, `10.11.6-MariaDB-log`, `5.5.5-10.4.8-MariaDB`.
    fn parse(text: &str) -> Option<Self> {
        let word = text.split([' ', '\t', ',', ')']).next()?;
        let named = text.to_ascii_lowercase().contains("mariadb");
        // MariaDB went by the name of 5.5.5 before replicas of MySQL.
        let word = word.strip_prefix("5.5.5-").filter(|_| named).unwrap_or(word);
        let numbers: Vec<u32> = word
            .split('.')
            .map_while(|part| {
                let digits = part.bytes().take_while(u8::is_ascii_digit).count();
                part[..digits].parse().ok()
            })
            .take(3)
            .collect();
        let major = *numbers.first().filter(|_| numbers.len() > 1)?;
        // Ten is a number that MySQL has not come to; a fork's build may leave its name out.
        let vendor = if named || major >= 10 { Vendor::MariaDb } else { Vendor::MySql };
        Some(Self { vendor, numbers })
    }

    fn header(self) -> Option<Header> {
        match self.to_string().parse::<Target>() {
            Ok(target) => Some(Header { target, unsupported: None }),
            Err(refusal) => {
                let target = refusal.nearest.parse().ok()?;
                Some(Header { target, unsupported: Some(self.to_string()) })
            }
        }
    }
}

/// `Server version 8.4.3` (mysqldump, after a tab), `Server version: 10.4.32-MariaDB` (phpMyAdmin, HeidiSQL),
/// `Adminer 4.8.1 MySQL 8.0.30 dump`, `Host: 127.0.0.1 (MySQL 5.7.21)` (Sequel).
fn server_version(comment: &str) -> Option<Version> {
    let after = |word: &str| {
        let found = comment.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        found.then(|| comment[word.len()..].trim_start_matches([' ', '\t', ':']))
    };
    if let Some(rest) = after("Server version").or_else(|| after("Server-Version")) {
        return Version::parse(rest);
    }
    if let Some(rest) = after("Adminer ") {
        return rest
            .split_once(" MySQL ")
            .or_else(|| rest.split_once(" MariaDB "))
            .and_then(|(_, version)| Version::parse(version));
    }
    after("Host")?.split_once("(MySQL ").and_then(|(_, version)| Version::parse(version))
}

/// `MySQL dump 10.13  Distrib 8.0.36, for …`, `MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for …`,
/// `MariaDB dump 10.19-11.4.2-MariaDB, for …`.
fn program_version(comment: &str) -> Option<Version> {
    if let Some((_, version)) = comment.split_once("Distrib ") {
        return Version::parse(version);
    }
    let version = comment.strip_prefix("MariaDB dump ")?.split_once('-')?.1;
    Version::parse(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> String {
        match read(text.as_bytes()) {
            None => "none".to_owned(),
            Some(Header { target, unsupported: None }) => target.to_string(),
            Some(Header { target, unsupported: Some(given) }) => format!("{given} as {target}"),
        }
    }

    #[test]
    fn servers_that_took_zero_dates() {
        let takes = |text: &str| read(text.as_bytes()).is_some_and(|header| header.takes_zero_dates());
        let servers = ["5.5.34", "5.6.51", "4.1.22", "10.11.6-MariaDB", "5.7.44", "8.0.36", "8.3.0"];
        let answers = servers.map(|version| takes(&format!("-- Server version\t{version}\n")));
        assert_eq!(answers, [true, true, true, true, false, false, false]);
    }

    #[test]
    fn headers_of_producers() {
        let cases = [
            ("-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n", "mysql:8.0.36"),
            ("-- MySQL dump 10.13  Distrib 8.0.36, for Linux\n-- Server version\t5.7.44-log\n", "mysql:5.7.44"),
            ("-- MySQL dump 10.13  Distrib 5.6.1, for Linux\n-- Server version\t8.0.mysql_aurora.3.04\n", "mysql:8.0"),
            (
                "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for x\n",
                "mariadb:10.11.6",
            ),
            ("-- MariaDB dump 10.19-11.4.2-MariaDB, for debian-linux-gnu (x86_64)\n", "mariadb:11.4.2"),
            ("/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE t (a int);\n", "mariadb:10.11"),
            ("/*M!999999\\- enable the sandbox mode */ \n-- Server version\t8.4.3\n", "mysql:8.4.3"),
            ("-- phpMyAdmin SQL Dump\n-- Server version: 10.4.32-MariaDB\n", "mariadb:10.4.32 as mariadb:10.6"),
            ("# Host: 127.0.0.1 (MySQL 5.7.21)\n", "mysql:5.7.21"),
            ("-- Adminer 4.8.1 MySQL 5.5.5-10.6.8-MariaDB dump\n", "mariadb:10.6.8"),
            ("-- Server version\t4.1.22\n", "mysql:4.1.22 as mysql:5.7"),
            ("-- Server version\t8.3.0\n", "mysql:8.3.0 as mysql:8.4"),
            ("-- Server version\t12.0.2-MariaDB\n", "mariadb:12.0.2 as mariadb:11.8"),
            ("-- Server version\r\ncreate table t (a int)", "none"),
            ("create table t (a int) comment 'Server version 8.0'", "none"),
            ("", "none"),
        ];
        for (text, want) in cases {
            assert_eq!(target(text), want, "{text}");
        }
    }
}

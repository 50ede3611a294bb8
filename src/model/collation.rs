//! Charsets and collations: `grammar/charsets.tsv` and `grammar/collations.tsv` as types.

use std::borrow::Cow;
use std::fmt;

use crate::target::Target;

/// A collation, of either vendor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Collation(u16);

/// A charset, of either vendor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Charset(u16);

struct CharsetRow {
    name: &'static str,
    maxlen: u32,
    mysql_since: u32,
    mariadb_since: u32,
    /// On MySQL 5.7, on later MySQL, on MariaDB, on MariaDB with UCA 14.0.0.
    defaults: [u16; 4],
    binary: u16,
}

struct CollationRow {
    name: &'static str,
    charset: u16,
    mysql_since: u32,
    mariadb_since: u32,
}

mod tables {
    use super::{CharsetRow, CollationRow};
    include!(concat!(env!("OUT_DIR"), "/collations.rs"));
}

use tables::{CHARSETS, COLLATIONS};

impl Charset {
    /// The charset of that name on that target; `utf8` is `utf8mb3`
    /// (MySQL 8.4 manual, section 12.9.2 "The utf8mb3 Character Set").
    ///
    /// ```
    /// use alterplan::{model::Charset, target::Target};
    /// let charset = Charset::named("UTF8", Target::DEFAULT).unwrap();
    /// assert_eq!(charset.name(), "utf8mb3");
    /// ```
    pub fn named(name: &str, target: Target) -> Option<Self> {
        let name = if name.eq_ignore_ascii_case("utf8") { "utf8mb3" } else { name };
        let at = CHARSETS.iter().position(|row| row.name.eq_ignore_ascii_case(name))?;
        let row = &CHARSETS[at];
        let here = if target.is_mysql() { row.mysql_since } else { row.mariadb_since };
        (here != u32::MAX && here <= target.number()).then_some(Self(at as u16))
    }

    /// Its modern name.
    pub fn name(self) -> &'static str {
        CHARSETS[usize::from(self.0)].name
    }

    /// Its name as the target prints it: `utf8` for utf8mb3 where that was still the name.
    pub fn printed(self, target: Target) -> &'static str {
        match self.name() {
            "utf8mb3" if !target.prints_utf8mb3() => "utf8",
            name => name,
        }
    }

    /// Bytes of its widest character.
    pub fn max_length(self) -> u32 {
        CHARSETS[usize::from(self.0)].maxlen
    }

    /// Whether it writes ASCII in single bytes.
    pub fn extends_ascii(self) -> bool {
        !matches!(self.name(), "ucs2" | "utf16" | "utf16le" | "utf32")
    }

    /// How wide MySQL takes it to be among those of Unicode, or nothing where it is none of them: utf32 holds all, and utf8mb4 all
    /// others (measured on 9.7).
    pub(crate) fn unicode_width(self) -> Option<u8> {
        match self.name() {
            "utf32" => Some(2),
            "utf8mb4" => Some(1),
            name => (name.starts_with("utf") || name == "ucs2").then_some(0),
        }
    }

    /// The collation that the target takes where none is named.
    pub fn default_collation(self, target: Target) -> Collation {
        let column = match (target.is_mysql(), target.number() < 80_000, target.defaults_to_uca1400()) {
            (true, true, _) => 0,
            (true, false, _) => 1,
            (false, _, false) => 2,
            (false, _, true) => 3,
        };
        Collation(CHARSETS[usize::from(self.0)].defaults[column])
    }

    /// Its `_bin` collation (`binary` of the charset binary).
    pub fn binary_collation(self) -> Collation {
        Collation(CHARSETS[usize::from(self.0)].binary)
    }
}

impl Collation {
    /// The collation of that name on that target; `utf8_…` is `utf8mb3_…`. MariaDB's short names of
    /// UCA 14.0.0 (`uca1400_ai_ci`) need the charset that they are meant for.
    pub fn named(name: &str, charset: Option<Charset>, target: Target) -> Option<Self> {
        let mut name = Cow::Borrowed(name);
        if name.bytes().any(|b| b.is_ascii_uppercase()) {
            name = Cow::Owned(name.to_ascii_lowercase());
        }
        if let Some(rest) = name.strip_prefix("utf8_") {
            name = Cow::Owned(format!("utf8mb3_{rest}"));
        } else if let (true, Some(charset)) = (target.is_mariadb() && name.starts_with("uca1400_"), charset) {
            name = Cow::Owned(format!("{}_{name}", charset.name()));
        }
        let at = COLLATIONS.binary_search_by(|row| row.name.cmp(&name)).ok()?;
        let row = &COLLATIONS[at];
        let here = if target.is_mysql() { row.mysql_since } else { row.mariadb_since };
        (here != u32::MAX && here <= target.number()).then_some(Self(at as u16))
    }

    /// Its modern full name.
    pub fn name(self) -> &'static str {
        COLLATIONS[usize::from(self.0)].name
    }

    /// Its name as the target prints it: `utf8_…` for utf8mb3's where that was still the name.
    pub fn printed(self, target: Target) -> Cow<'static, str> {
        match self.name().strip_prefix("utf8mb3_") {
            Some(rest) if !target.prints_utf8mb3_collations() => Cow::Owned(format!("utf8_{rest}")),
            _ => Cow::Borrowed(self.name()),
        }
    }

    /// The charset that it orders.
    pub fn charset(self) -> Charset {
        Charset(COLLATIONS[usize::from(self.0)].charset)
    }

    /// Whether the target takes it where only its charset is named.
    pub fn is_default(self, target: Target) -> bool {
        self.charset().default_collation(target) == self
    }

    /// What columns of two collations come to where they meet (`DTCollation::aggregate` in sql/item.cc); `None` where neither gives
    /// way, or one is of bytes.
    pub(crate) fn met(self, other: Self) -> Option<Self> {
        let (own, its) = (self.charset(), other.charset());
        let binary = own.binary_collation();
        match (own.unicode_width(), its.unicode_width()) {
            _ if self == other => Some(self),
            _ if own == its => Some(if other == binary { other } else { binary }),
            _ if own.name() == "binary" || its.name() == "binary" => None,
            (one, other_width) if one != other_width => Some(if one > other_width { self } else { other }),
            _ if its.name() == "ascii" => Some(self),
            _ if own.name() == "ascii" => Some(other),
            _ => None,
        }
    }

    /// Whether it takes upper and lower case for one: its name ends neither in `_bin` nor in `_cs`.
    pub fn folds_case(self) -> bool {
        let name = self.name();
        name != "binary" && !name.ends_with("_bin") && !name.ends_with("_cs")
    }

    /// Whether zero bytes have no weight in it: in those of the Unicode Collation Algorithm.
    pub fn passes_over_zeros(self) -> bool {
        let name = self.name();
        let simple =
            ["_bin", "_general_ci", "_tolower_ci", "_general_mysql500_ci"].iter().any(|end| name.ends_with(end));
        matches!(self.charset().name(), "utf8mb4" | "utf8mb3" | "ucs2" | "utf16" | "utf16le" | "utf32") && !simple
    }

    /// What a server without a config file gives a new database.
    pub fn server_default(target: Target) -> Self {
        let name = if target.defaults_to_utf8mb4() { "utf8mb4" } else { "latin1" };
        let at = CHARSETS.iter().position(|row| row.name == name).unwrap_or_default();
        Charset(at as u16).default_collation(target)
    }
}

impl fmt::Debug for Collation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

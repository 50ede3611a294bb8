//! The session that a program was made in: its server keeps it with the program, and it is part of what that does.
//!
//! Dumps and live servers tell it; files written by hand seldom do, and what is not told is no difference.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::{Charset, Collation};
use crate::target::Target;

/// The session that a program was made in, as far as its source tells.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Creation {
    /// `sql_mode`, as [`sql_mode`] gives it.
    pub sql_mode: Option<Box<str>>,
    /// `character_set_client`: what the server keeps the text in. A text that is not ASCII does not tell it, for a plan is
    /// written in one charset.
    pub client: Option<Charset>,
    /// `collation_connection`: what its strings are and how they compare.
    pub connection: Option<Collation>,
}

impl Creation {
    /// Whether two programs were made alike, as far as both tell.
    pub fn agrees(&self, other: &Self) -> bool {
        self.has_mode_of(other) && self.has_charset_of(other)
    }

    /// Whether both were made under one `sql_mode`, as far as both tell.
    pub fn has_mode_of(&self, other: &Self) -> bool {
        agree(self.sql_mode.as_ref(), other.sql_mode.as_ref())
    }

    /// Whether both were made with one charset of the connection, as far as both tell.
    pub fn has_charset_of(&self, other: &Self) -> bool {
        agree(self.client, other.client) && agree(self.connection, other.connection)
    }

    /// What a server can be told of it.
    pub fn on(&self, target: Target) -> Self {
        let client = self.client.and_then(|charset| Charset::named(charset.name(), target));
        let connection = self.connection.and_then(|collation| Collation::named(collation.name(), None, target));
        Self { sql_mode: self.sql_mode.as_ref().map(|modes| sql_mode(modes, target)), client, connection }
    }

    /// What of it is told.
    pub const fn told(&self) -> Parts {
        Parts {
            sql_mode: self.sql_mode.is_some(),
            client: self.client.is_some(),
            connection: self.connection.is_some(),
        }
    }

    /// The same without what `told` does not say.
    pub fn only(&self, told: Parts) -> Self {
        Self {
            sql_mode: self.sql_mode.clone().filter(|_| told.sql_mode),
            client: self.client.filter(|_| told.client),
            connection: self.connection.filter(|_| told.connection),
        }
    }
}

fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// Parts of a [`Creation`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Parts {
    /// `sql_mode`
    pub sql_mode: bool,
    /// `character_set_client`
    pub client: bool,
    /// `collation_connection`
    pub connection: bool,
}

impl Parts {
    /// What both say.
    pub const fn and(self, other: Self) -> Self {
        Self {
            sql_mode: self.sql_mode && other.sql_mode,
            client: self.client && other.client,
            connection: self.connection && other.connection,
        }
    }
}

/// A mode, and where it is known.
struct Row {
    mode: &'static str,
    mysql: &'static str,
    mariadb: &'static str,
    /// What it stands for: on both, on MySQL, on MariaDB.
    makes: [&'static str; 3],
}

impl Row {
    fn is_known(&self, target: Target) -> bool {
        match if target.is_mysql() { self.mysql } else { self.mariadb } {
            "-" => false,
            "5.7" => !target.is_mysql_since(80_000),
            "8.0" => target.is_mysql_since(80_000),
            _ => true,
        }
    }
}

/// An `sql_mode` as a server keeps it, but for the order: what the modes stand for is there too, and what the server does not
/// know is not.
///
/// ```
/// use alterplan::model::creation::sql_mode;
/// let target = "mysql:8.4".parse().unwrap();
/// assert_eq!(&*sql_mode("no_auto_create_user,Strict_Trans_Tables", target), "STRICT_TRANS_TABLES");
/// assert_eq!(sql_mode("ANSI", target), sql_mode("ansi,ANSI_QUOTES,ONLY_FULL_GROUP_BY", target));
/// ```
pub fn sql_mode(written: &str, target: Target) -> Box<str> {
    let find =
        |word: &str| rows().iter().find(|row| row.mode.eq_ignore_ascii_case(word.trim()) && row.is_known(target));
    let vendors = if target.is_mysql() { [0, 1] } else { [0, 2] };
    let mut modes = BTreeSet::new();
    for row in written.split(',').filter_map(find) {
        modes.insert(row.mode);
        let made = vendors.into_iter().flat_map(|vendor| row.makes[vendor].split(','));
        modes.extend(made.filter_map(find).map(|row| row.mode));
    }
    modes.into_iter().collect::<Vec<_>>().join(",").into()
}

/// Whether any server knows a mode of that name.
pub(crate) fn is_mode(word: &str) -> bool {
    rows().iter().any(|row| row.mode.eq_ignore_ascii_case(word.trim()))
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let row = |line: &'static str| {
            let mut cells = line.split('\t');
            let (mode, mysql, mariadb) = (cells.next()?, cells.next()?, cells.next()?);
            Some(Row { mode, mysql, mariadb, makes: [cells.next()?, cells.next()?, cells.next()?] })
        };
        let lines = include_str!("../../grammar/sql_modes.tsv").lines().filter(|line| !line.starts_with('#'));
        lines.skip(1).filter_map(row).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_read_and_names_modes_that_there_are() {
        let lines = include_str!("../../grammar/sql_modes.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(rows().len(), lines.count() - 1);
        let modes: Vec<&str> = rows().iter().map(|row| row.mode).collect();
        assert!(modes.is_sorted());
        let made =
            rows().iter().flat_map(|row| row.makes).flat_map(|makes| makes.split(',')).filter(|mode| *mode != "-");
        assert_eq!(made.filter(|mode| !modes.contains(mode)).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    /// As the servers print what they were given.
    #[test]
    fn what_a_mode_stands_for_is_the_servers() {
        let on = |target: &str, mode: &str| sql_mode(mode, target.parse().expect("a target"));
        let ansi = "ANSI,ANSI_QUOTES,IGNORE_SPACE,PIPES_AS_CONCAT,REAL_AS_FLOAT";
        assert_eq!(&*on("mariadb:10.11", "ansi"), ansi);
        let with_groups = ansi.replace("PIPES", "ONLY_FULL_GROUP_BY,PIPES");
        assert_eq!(*on("mysql:9.7", "ANSI"), *with_groups);
        assert_eq!(&*on("mysql:9.7", "ORACLE,TIME_ROUND_FRACTIONAL"), "");
        assert_eq!(&*on("mariadb:11.8", "MYSQL40"), "HIGH_NOT_PRECEDENCE,MYSQL40");
    }
}

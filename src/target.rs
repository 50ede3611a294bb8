//! The server whose behaviour is followed: vendor, version, and what that version does.
//!
//! Every fact about a version is a predicate here or a row of `grammar/*.tsv`; nothing else in the
//! house compares version numbers.

pub mod header;

use std::fmt;
use std::str::FromStr;

/// Who makes the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub enum Vendor {
    /// Oracle MySQL.
    MySql,
    /// MariaDB Server.
    MariaDb,
}

/// A server's vendor and version.
///
/// ```
/// use alterplan::target::Target;
/// let target: Target = "mysql:8.0.16".parse()?;
/// assert!(target.has_check_constraints());
/// assert_eq!(target.to_string(), "mysql:8.0.16");
/// # Ok::<(), alterplan::target::UnsupportedTarget>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub struct Target {
    vendor: Vendor,
    /// `major * 10_000 + minor * 100 + patch`, as conditional comments count.
    version: u32,
}

/// The patch number that stands for "the newest of its series".
const NEWEST: u32 = 99;
const MYSQL: [(u32, u32); 4] = [(5, 7), (8, 0), (8, 4), (9, 7)];
const MARIADB: [(u32, u32); 4] = [(10, 6), (10, 11), (11, 4), (11, 8)];

impl Target {
    /// What is taken where neither side of a comparison names a server.
    pub const DEFAULT: Self = Self { vendor: Vendor::MySql, version: 80_400 + NEWEST };

    /// A series of a vendor, at its newest patch level.
    pub const fn series(vendor: Vendor, major: u32, minor: u32) -> Self {
        Self { vendor, version: major * 10_000 + minor * 100 + NEWEST }
    }

    /// The nearest supported target for a version that a dump's header or a server names.
    ///
    /// Versions between two series are taken as they are (`8.3.0` follows its own rules as far as
    /// the tables know them); what is older than the oldest series is refused by `parse`.
    pub const fn exact(vendor: Vendor, major: u32, minor: u32, patch: u32) -> Self {
        Self { vendor, version: major * 10_000 + minor * 100 + patch }
    }

    /// Who makes it.
    pub const fn vendor(self) -> Vendor {
        self.vendor
    }

    /// Whether it is a MariaDB.
    pub const fn is_mariadb(self) -> bool {
        matches!(self.vendor, Vendor::MariaDb)
    }

    /// Whether it is a MySQL.
    pub const fn is_mysql(self) -> bool {
        matches!(self.vendor, Vendor::MySql)
    }

    /// The version as conditional comments count it: 8.0.16 is 80016, MariaDB 10.11.2 is 101102.
    pub const fn number(self) -> u32 {
        self.version
    }

    /// Whether `since` (in the counting of [`Target::number`]) has been reached by this vendor's target.
    pub const fn is_mysql_since(self, since: u32) -> bool {
        self.is_mysql() && self.version >= since
    }

    /// As [`Target::is_mysql_since`], for MariaDB.
    pub const fn is_mariadb_since(self, since: u32) -> bool {
        self.is_mariadb() && self.version >= since
    }

    /// Whether both read every definition alike: releases of one series, between which nothing changed that a definition shows.
    pub const fn reads_like(self, other: Self) -> bool {
        self.is_of_series(other)
            && self.drops_display_width() == other.drops_display_width()
            && self.has_check_constraints() == other.has_check_constraints()
            && self.has_expression_defaults() == other.has_expression_defaults()
            && self.has_functional_keys() == other.has_functional_keys()
            && self.has_visible_columns() == other.has_visible_columns()
    }

    /// Whether the other is of the same vendor and series: what is written for one runs on the other.
    pub const fn is_of_series(self, other: Self) -> bool {
        self.is_mysql() == other.is_mysql() && self.version / 100 == other.version / 100
    }

    /// Whether the server would read the text of a conditional comment with this version number.
    ///
    /// MariaDB leaves out `/*!50700` to `/*!99999`, which are MySQL's (MariaDB KB "Comment Syntax").
    pub const fn reads_conditional(self, number: u32, mariadb_only: bool) -> bool {
        match self.vendor {
            Vendor::MySql => !mariadb_only && number <= self.version,
            Vendor::MariaDb if mariadb_only => number <= self.version,
            Vendor::MariaDb => number <= self.version && (number < 50_700 || number > 99_999),
        }
    }
}

/// Facts about versions, each with its source.
impl Target {
    /// Integer display widths are not stored (MySQL 8.0.19 release notes).
    pub const fn drops_display_width(self) -> bool {
        self.is_mysql_since(80_019)
    }

    /// CHECK constraints are kept (MySQL 8.0.16; every supported MariaDB). Before, they are parsed and dropped.
    pub const fn has_check_constraints(self) -> bool {
        self.is_mariadb() || self.version >= 80_016
    }

    /// INET4 and INET6 are assigned to one another (MariaDB 11.3; MariaDB Knowledge Base, "INET4").
    pub const fn casts_between_addresses(self) -> bool {
        self.is_mariadb_since(110_300)
    }

    /// What XOR asks is read as an integer, digits behind the point and all (MariaDB 10.11, no longer 11.8).
    pub const fn reads_integers_in_xor(self) -> bool {
        self.is_mariadb() && self.version < 110_800
    }

    /// CAST knows FLOAT (MySQL 8.0.17; every supported MariaDB).
    pub const fn casts_to_float(self) -> bool {
        self.is_mariadb() || self.version >= 80_017
    }

    /// `utf8` is printed as `utf8mb3` (MySQL 8.0.28; MariaDB 10.6).
    pub const fn prints_utf8mb3(self) -> bool {
        self.is_mariadb() || self.version >= 80_028
    }

    /// `utf8_general_ci` is printed as `utf8mb3_general_ci` (MySQL 8.0.30; MariaDB 10.6).
    pub const fn prints_utf8mb3_collations(self) -> bool {
        self.is_mariadb() || self.version >= 80_030
    }

    /// New databases are utf8mb4 without a config file (MariaDB 11.6, MDEV-19123; MySQL 8.0).
    pub const fn defaults_to_utf8mb4(self) -> bool {
        match self.vendor {
            Vendor::MySql => self.version >= 80_000,
            Vendor::MariaDb => self.version >= 110_600,
        }
    }

    /// A column's own REFERENCES clause makes a foreign key
    /// (MySQL 9.0 manual, section 15.1.24.5 "FOREIGN KEY Constraints"; MariaDB 10.5).
    pub const fn honours_inline_references(self) -> bool {
        self.is_mariadb() || self.version >= 90_000
    }

    /// DEFAULT takes any expression (MySQL 8.0.13; MariaDB 10.2.1).
    pub const fn has_expression_defaults(self) -> bool {
        self.is_mariadb() || self.version >= 80_013
    }

    /// `DEFAULT CHARSET` is followed by `COLLATE` even for a charset's default collation (MariaDB 10.6.8 ff.).
    pub const fn always_prints_collation(self) -> bool {
        self.is_mariadb()
    }

    /// A query that is an operand of another UNION keeps its parentheses (MySQL 8.0.31, where they may be nested).
    pub const fn encloses_set_operands(self) -> bool {
        self.is_mysql_since(80_031)
    }

    /// `DISABLE ON REPLICA` is printed for events, and not `DISABLE ON SLAVE` (MySQL 8.2 release notes).
    pub const fn says_replica(self) -> bool {
        self.is_mysql_since(80_200)
    }

    /// A trigger is printed in words of the server's own (MySQL 8.0, where it stands in the data dictionary); else as written.
    pub const fn rewrites_triggers(self) -> bool {
        self.is_mysql_since(80_000)
    }

    /// A view's list of names is kept apart from its query (MySQL 8.0.19); else the names are given to the query's columns.
    pub const fn keeps_view_columns(self) -> bool {
        self.is_mysql_since(80_019)
    }

    /// A key part may be an expression (MySQL 8.0.13).
    pub const fn has_functional_keys(self) -> bool {
        self.is_mysql_since(80_013)
    }

    /// `RENAME COLUMN` (MySQL 8.0.3; MariaDB 10.5.2); before, `CHANGE COLUMN` with the whole definition.
    pub const fn has_rename_column(self) -> bool {
        self.is_mariadb() || self.version >= 80_003
    }

    /// Expressions of a table follow a column that is renamed (MariaDB; MySQL refuses: 3959, 3108, 3837, 3766, 3855).
    pub const fn renames_in_expressions(self) -> bool {
        self.is_mariadb()
    }

    /// `sql_mode` of a server without a config file (MySQL 8.0 manual, section 7.1.11; MariaDB KB "SQL_MODE").
    pub const fn default_sql_mode(self) -> &'static str {
        if self.is_mariadb() {
            "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION"
        } else if self.version < 80_000 {
            "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION"
        } else {
            "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
        }
    }

    /// `explicit_defaults_for_timestamp` is on without a config file (MySQL 8.0.2; MariaDB 10.10).
    pub const fn has_explicit_timestamp_defaults(self) -> bool {
        match self.vendor {
            Vendor::MySql => self.version >= 80_002,
            Vendor::MariaDb => self.version >= 101_000,
        }
    }

    /// Libraries of JavaScript are stored (MySQL 9.2 manual, section 15.1.16 "CREATE LIBRARY Statement").
    pub const fn has_libraries(self) -> bool {
        self.is_mysql_since(90_200)
    }

    /// A foreign key references a unique key only (MySQL 8.4, `restrict_fk_on_non_standard_key`).
    pub const fn requires_unique_referenced_key(self) -> bool {
        self.is_mysql_since(80_400)
    }

    /// ON UPDATE CASCADE is refused from a column that takes NULL to one that does not (MDEV-34392; seen on MariaDB 10.11.18
    /// and 11.8.9).
    pub const fn cascades_as_columns_take_null(self) -> bool {
        self.is_mariadb_since(110_405)
            || self.is_mariadb_since(101_111) && self.version < 110_000
            || self.is_mariadb_since(100_621) && self.version < 101_000
    }

    /// TIMESTAMP reaches to 2106 (MariaDB 11.5, MDEV-32188).
    pub const fn has_long_timestamps(self) -> bool {
        self.is_mariadb_since(110_500)
    }

    /// What the server converts by itself in expressions that it stores, it does not read again beside another collation of the
    /// charset (1267): so it is on MariaDB 10.11, and no longer on 11.8.
    pub const fn trips_over_conversions(self) -> bool {
        self.is_mariadb() && !self.is_mariadb_since(110_800)
    }

    /// Columns that say when rows begin and end can be defined while the server keeps a history by its own (MariaDB: not on 10.11,
    /// but on 11.8).
    pub const fn defines_bounds_of_history(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// A constant that is compared with a TIMESTAMP is made one (MariaDB 11.3, MDEV-32148).
    pub const fn compares_timestamps_as_such(self) -> bool {
        self.is_mariadb_since(110_300)
    }

    /// A key over a generated column is used for the expression of it wherever that stands (MySQL; MariaDB 11.8, MDEV-35616).
    pub const fn takes_keys_for_expressions(self) -> bool {
        self.is_mysql() || self.is_mariadb_since(110_800)
    }

    /// A sequence may be of a type of its own (MariaDB 11.5, KB "CREATE SEQUENCE").
    pub const fn has_typed_sequences(self) -> bool {
        self.is_mariadb_since(110_500)
    }

    /// SHOW CREATE TABLE prints INVISIBLE behind a column's default (seen on MariaDB 11.8.9, not on 10.11.18).
    pub const fn prints_invisible_last(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// Partitioned tables take geometries (seen on MariaDB 11.8.9, not on 10.11.18).
    pub const fn partitions_geometries(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// COMPRESSED stands directly behind a column's type (seen on MariaDB 11.8.9; 10.11.18 takes it among the attributes).
    pub const fn has_compressed_behind_types_alone(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// The expression of a generated column has a type that the column takes (seen on MariaDB 11.8.9, not on 10.11.18).
    pub const fn checks_generated_types(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// A query in FROM has names for its columns behind its own (MySQL 8.0.19; seen on MariaDB 11.8.9, not on 10.11.18).
    pub const fn has_derived_names(self) -> bool {
        self.is_mysql_since(80_019) || self.is_mariadb_since(110_800)
    }

    /// A condition that is nothing but a column becomes `IS TRUE`, and its negation `IS FALSE` (seen on MariaDB 11.8.9, not on
    /// 10.11.18).
    pub const fn tests_columns_for_truth(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// SHOW CREATE prints tabs and backspaces of an expression with a backslash (seen on MariaDB 11.8.9, not on 10.11.18).
    pub const fn escapes_tabs(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// AES_ENCRYPT() follows `block_encryption_mode` where no mode is named (MariaDB KB "AES_ENCRYPT", 11.2).
    pub const fn has_block_encryption_modes(self) -> bool {
        self.is_mariadb_since(110_200)
    }

    /// LOCALTIME is a time of day, and ON UPDATE takes neither it nor LOCALTIMESTAMP (seen on MariaDB 11.8.9, not on 10.11.18).
    pub const fn has_local_times(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// SHOW CREATE TABLE prints the default of a binary string as `x'…'` (seen on MariaDB 11.8.9, not on 10.11.18).
    pub const fn prints_binary_defaults_in_hex(self) -> bool {
        self.is_mariadb_since(110_800)
    }

    /// VECTOR is a type (MySQL 9.0 release notes; MariaDB 11.7, whose grammar has keys of one column for VECTOR and SPATIAL since).
    pub const fn has_vectors(self) -> bool {
        self.is_mysql_since(90_000) || self.is_mariadb_since(110_700)
    }

    /// The year of the series' first general release: no server of it runs before (release notes of both vendors).
    pub const fn released_in(self) -> u32 {
        match (self.vendor, self.version / 100) {
            (Vendor::MySql, ..800) => 2015,
            (Vendor::MySql, ..804) => 2018,
            (Vendor::MySql, ..900) => 2024,
            (Vendor::MySql, _) => 2026,
            (Vendor::MariaDb, ..1011) => 2021,
            (Vendor::MariaDb, ..1104) => 2023,
            (Vendor::MariaDb, ..1108) => 2024,
            (Vendor::MariaDb, _) => 2025,
        }
    }

    /// SHOW CREATE TABLE quotes the values of engine-defined options as strings whatever they were written as (MariaDB
    /// 11.8; seen on the last releases of 10.11 too, but not yet on 10.11.18).
    pub const fn quotes_engine_options(self) -> bool {
        self.is_mariadb_since(110_400 + NEWEST)
            || self.is_mariadb() && self.version / 100 == 1011 && self.version % 100 > 18
    }

    /// Names with the prefix `#mysql50#` are refused (the same releases of MariaDB).
    pub const fn refuses_mysql50_names(self) -> bool {
        self.quotes_engine_options()
    }

    /// A column of KEY partitioning in a key by a prefix is refused (seen on MySQL 9.7; deprecated since 8.0.21).
    pub const fn refuses_prefixes_in_key_partitioning(self) -> bool {
        self.is_mysql_since(90_000)
    }

    /// A partition is exchanged `WITH` or `WITHOUT VALIDATION` (MySQL 5.7.5 release notes; refused by MariaDB 10.11, taken by 11.8,
    /// whose KB "ALTER TABLE" names 11.4).
    pub const fn has_validation_clauses(self) -> bool {
        self.is_mysql() || self.is_mariadb_since(110_400)
    }

    /// `ALTER TABLE … UPGRADE PARTITIONING` (MySQL 5.7.9 release notes; gone with MySQL 8.0, where InnoDB alone partitions).
    pub const fn upgrades_partitioning(self) -> bool {
        self.is_mysql() && !self.is_mysql_since(80_000)
    }

    /// The most digits after the point of a DECIMAL (MariaDB KB "DECIMAL": 38; MySQL: 30).
    pub const fn max_decimal_scale(self) -> u64 {
        if self.is_mariadb() { 38 } else { 30 }
    }

    /// Whether a charset or collation written at a column is kept as such and always printed
    /// (MySQL 8.0 data dictionary, `is_explicit_collation`).
    pub const fn keeps_explicit_collation(self) -> bool {
        self.is_mysql_since(80_000)
    }

    /// Columns are `VISIBLE` or `INVISIBLE` in MySQL's words (MySQL 8.0.23 release notes).
    pub const fn has_visible_columns(self) -> bool {
        self.is_mysql_since(80_023)
    }

    /// Keys are `VISIBLE` or `INVISIBLE` in MySQL's words (MySQL 8.0 manual, section "Invisible Indexes").
    pub const fn has_visible_keys(self) -> bool {
        self.is_mysql_since(80_000)
    }

    /// Spatial columns take `SRID` (MySQL 8.0.3 release notes).
    pub const fn has_srid_attribute(self) -> bool {
        self.is_mysql_since(80_003)
    }

    /// `GEOMETRYCOLLECTION` is stored as `geomcollection` (MySQL 8.0.11 release notes).
    pub const fn says_geomcollection(self) -> bool {
        self.is_mysql_since(80_000)
    }

    /// The default collation of Unicode charsets is a UCA 14.0.0 one (MariaDB 11.5, `character_set_collations`).
    pub const fn defaults_to_uca1400(self) -> bool {
        self.is_mariadb_since(110_500)
    }
}

/// A target that is not supported, with the nearest one that is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnsupportedTarget {
    /// What was asked for.
    pub given: String,
    /// The nearest supported target.
    pub nearest: String,
}

impl std::error::Error for UnsupportedTarget {}

impl fmt::Display for UnsupportedTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unsupported target `{}`; the nearest supported one is `{}`", self.given, self.nearest)
    }
}

impl FromStr for Target {
    type Err = UnsupportedTarget;

    fn from_str(given: &str) -> Result<Self, UnsupportedTarget> {
        let refuse = |nearest: &str| UnsupportedTarget { given: given.to_owned(), nearest: nearest.to_owned() };
        let (vendor, version) = given.split_once(':').ok_or_else(|| refuse("mysql:8.4"))?;
        let (vendor, supported, name) = match vendor {
            "mysql" => (Vendor::MySql, MYSQL, "mysql"),
            "mariadb" => (Vendor::MariaDb, MARIADB, "mariadb"),
            _ => return Err(refuse("mysql:8.4")),
        };
        let mut parts = version.split('.').map(str::parse::<u32>);
        let (Some(Ok(major)), minor) = (parts.next(), parts.next().transpose().ok().flatten()) else {
            return Err(refuse(&format!("{name}:{}.{}", supported[3].0, supported[3].1)));
        };
        let wanted = (major, minor.unwrap_or(0));
        if !supported.contains(&wanted) {
            // Distance on one scale: after 11.8 comes 12.0, which is nearer to it than to 11.4.
            let place = |(major, minor): (u32, u32)| major.saturating_mul(100).saturating_add(minor);
            let (a, b) = *supported.iter().min_by_key(|s| place(**s).abs_diff(place(wanted))).unwrap_or(&supported[2]);
            return Err(refuse(&format!("{name}:{a}.{b}")));
        }
        let target = match (parts.next(), parts.next()) {
            (None, _) => Self::series(vendor, wanted.0, wanted.1),
            (Some(Ok(patch)), None) if patch < NEWEST => Self::exact(vendor, wanted.0, wanted.1, patch),
            _ => return Err(refuse(&format!("{name}:{}.{}", wanted.0, wanted.1))),
        };
        Ok(target)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let vendor = if self.is_mysql() { "mysql" } else { "mariadb" };
        write!(f, "{vendor}:{}.{}", self.version / 10_000, self.version / 100 % 100)?;
        match self.version % 100 {
            NEWEST => Ok(()),
            patch => write!(f, ".{patch}"),
        }
    }
}

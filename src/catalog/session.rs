//! The session in which statements run: `sql_mode` and the other variables that change what a
//! server makes of a definition.
//!
//! MySQL 8.4 manual, section 7.1.11 "Server SQL Modes"; MariaDB KB "SQL_MODE".

mod refusal;
mod value;

use std::collections::HashMap;

pub(super) use refusal::refusal;

use super::temporal::Moment;
use crate::model::creation::sql_mode;
use crate::model::{Charset, Collation, Creation, Parts};
use crate::preprocess::Lexis;
use crate::target::Target;

/// The `sql_mode` flags that matter to definitions and to reading text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SqlMode {
    /// `STRICT_TRANS_TABLES` or `STRICT_ALL_TABLES`.
    pub strict: bool,
    /// `NO_ZERO_DATE`.
    pub no_zero_date: bool,
    /// `NO_ZERO_IN_DATE`.
    pub no_zero_in_date: bool,
    /// `ALLOW_INVALID_DATES`.
    pub allow_invalid_dates: bool,
    /// `NO_ENGINE_SUBSTITUTION`.
    pub no_engine_substitution: bool,
    /// `REAL_AS_FLOAT`.
    pub real_as_float: bool,
    /// `ANSI_QUOTES`.
    pub ansi_quotes: bool,
    /// `NO_BACKSLASH_ESCAPES`.
    pub no_backslash_escapes: bool,
    /// `PIPES_AS_CONCAT`.
    pub pipes_as_concat: bool,
    /// `HIGH_NOT_PRECEDENCE`.
    pub high_not_precedence: bool,
    /// `IGNORE_SPACE`.
    pub ignore_space: bool,
    /// `ORACLE`, as a mode of MariaDB: programs are written as in PL/SQL.
    pub oracle: bool,
    /// The value as a server would print it.
    text: Box<str>,
}

impl SqlMode {
    /// Reads a comma-separated value. Unknown words are kept in the text and change nothing else.
    ///
    /// ```
    /// use alterplan::catalog::SqlMode;
    /// assert!(SqlMode::parse("ANSI,STRICT_ALL_TABLES").ansi_quotes);
    /// ```
    pub fn parse(value: &str) -> Self {
        let mut mode = Self { text: value.trim().to_ascii_uppercase().into(), ..Self::default() };
        let words: Vec<String> = value.split(',').map(|w| w.trim().to_ascii_uppercase()).collect();
        for word in &words {
            match word.as_str() {
                "STRICT_TRANS_TABLES" | "STRICT_ALL_TABLES" => mode.strict = true,
                "NO_ZERO_DATE" => mode.no_zero_date = true,
                "NO_ZERO_IN_DATE" => mode.no_zero_in_date = true,
                "ALLOW_INVALID_DATES" => mode.allow_invalid_dates = true,
                "NO_ENGINE_SUBSTITUTION" => mode.no_engine_substitution = true,
                "REAL_AS_FLOAT" => mode.real_as_float = true,
                "ANSI_QUOTES" => mode.ansi_quotes = true,
                "NO_BACKSLASH_ESCAPES" => mode.no_backslash_escapes = true,
                "PIPES_AS_CONCAT" => mode.pipes_as_concat = true,
                "HIGH_NOT_PRECEDENCE" => mode.high_not_precedence = true,
                "IGNORE_SPACE" => mode.ignore_space = true,
                "TRADITIONAL" => {
                    (mode.strict, mode.no_zero_date, mode.no_zero_in_date, mode.no_engine_substitution) =
                        (true, true, true, true);
                }
                "ANSI" => {
                    (mode.real_as_float, mode.pipes_as_concat, mode.ansi_quotes, mode.ignore_space) =
                        (true, true, true, true);
                }
                "DB2" | "MAXDB" | "MSSQL" | "ORACLE" | "POSTGRESQL" => {
                    (mode.pipes_as_concat, mode.ansi_quotes, mode.ignore_space) = (true, true, true);
                    mode.oracle |= word == "ORACLE";
                }
                _ => {}
            }
        }
        mode
    }

    /// The value, as it is set.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same, but dates of zeros are values as any.
    pub fn with_zero_dates(&self) -> Self {
        let kept: Vec<&str> =
            self.text.split(',').filter(|word| !matches!(*word, "NO_ZERO_DATE" | "NO_ZERO_IN_DATE")).collect();
        Self::parse(&kept.join(","))
    }

    /// The same without what makes a server refuse values that older ones took.
    pub fn lenient(&self) -> Self {
        let strict = ["STRICT_TRANS_TABLES", "STRICT_ALL_TABLES", "NO_ZERO_DATE", "NO_ZERO_IN_DATE", "TRADITIONAL"];
        let kept: Vec<&str> = self.text.split(',').filter(|word| !strict.contains(word)).collect();
        Self::parse(&kept.join(","))
    }
}

/// How a variable got its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// The source says the value.
    Plainly,
    /// It has the value that it had at first.
    AsDefault,
    /// It has the value of other variables.
    ByOthers,
}

/// The variables of a session, as far as definitions depend on them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// `sql_mode`.
    pub sql_mode: SqlMode,
    /// `foreign_key_checks`.
    pub foreign_key_checks: bool,
    /// `restrict_fk_on_non_standard_key` (MySQL).
    pub restricts_references: bool,
    /// Whether a server stores what is read: foreign keys that it would not take again, but shows, are taken as they are.
    pub stored: bool,
    /// `collation_server`: what a new database gets.
    pub collation_server: Collation,
    /// `character_set_client`: what strings are written in.
    pub character_set: Charset,
    /// `explicit_defaults_for_timestamp`.
    pub explicit_timestamp: bool,
    /// `default_storage_engine`.
    pub default_engine: Box<str>,
    /// `lower_case_table_names`.
    pub lower_case_table_names: u8,
    /// `timestamp` in seconds, where it is set: the clock is never asked.
    pub timestamp: Option<u32>,
    /// `time_zone` in seconds east of Greenwich, where it is set to an offset.
    pub time_zone: Option<i32>,
    /// `system_versioning_alter_history=KEEP` (MariaDB): columns of a table that keeps its history may change.
    pub keeps_history: bool,
    /// What of the session's variables the source itself says.
    told: Parts,
    /// `collation_connection`, where the source says it.
    connection: Option<Collation>,
    /// User variables that saved something (`SET @OLD_SQL_MODE=@@SQL_MODE`).
    saved: HashMap<Box<str>, Box<str>>,
    /// What variables were before a script changed them, for `SET x = DEFAULT`.
    default_sql_mode: Box<str>,
}

impl Session {
    /// The session of a server that was started without a config file.
    pub fn of(target: Target) -> Self {
        let sql_mode = SqlMode::parse(target.default_sql_mode());
        Self {
            default_sql_mode: sql_mode.text.clone(),
            sql_mode,
            foreign_key_checks: true,
            restricts_references: true,
            stored: false,
            collation_server: Collation::server_default(target),
            character_set: Charset::named("utf8mb4", target).unwrap_or(Collation::server_default(target).charset()),
            explicit_timestamp: target.has_explicit_timestamp_defaults(),
            default_engine: "InnoDB".into(),
            lower_case_table_names: 0,
            timestamp: None,
            time_zone: None,
            keeps_history: false,
            told: Parts::default(),
            connection: None,
            saved: HashMap::new(),
        }
    }

    /// How text is read in this session.
    pub fn lexis(&self) -> Lexis {
        let mode = &self.sql_mode;
        Lexis {
            ansi_quotes: mode.ansi_quotes,
            no_backslash_escapes: mode.no_backslash_escapes,
            pipes_as_concat: mode.pipes_as_concat,
            high_not_precedence: mode.high_not_precedence,
            ignore_space: mode.ignore_space,
            real_as_float: mode.real_as_float,
            oracle: false,
        }
    }

    /// Whether both read and define alike: all but what scripts have saved for later.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        self.sql_mode == other.sql_mode
            && self.foreign_key_checks == other.foreign_key_checks
            && self.restricts_references == other.restricts_references
            && self.stored == other.stored
            && self.collation_server == other.collation_server
            && self.character_set == other.character_set
            && self.explicit_timestamp == other.explicit_timestamp
            && self.default_engine == other.default_engine
            && self.lower_case_table_names == other.lower_case_table_names
            && self.timestamp == other.timestamp
            && self.time_zone == other.time_zone
            && self.keeps_history == other.keeps_history
    }

    /// Sets a server variable for the whole comparison (`--server-set`).
    ///
    /// # Errors
    /// Says in words what is wrong with the name or the value.
    pub fn set(&mut self, name: &str, value: &str, target: Target) -> Result<(), String> {
        let flag = || match value.to_ascii_lowercase().as_str() {
            "1" | "on" | "true" => Ok(true),
            "0" | "off" | "false" => Ok(false),
            _ => Err(format!("`{name}` takes ON or OFF, not `{value}`")),
        };
        match name.to_ascii_lowercase().as_str() {
            "sql_mode" => {
                self.sql_mode = SqlMode::parse(value);
                self.default_sql_mode = self.sql_mode.text.clone();
            }
            "foreign_key_checks" => self.foreign_key_checks = flag()?,
            "restrict_fk_on_non_standard_key" => self.restricts_references = flag()?,
            "explicit_defaults_for_timestamp" => self.explicit_timestamp = flag()?,
            "character_set_server" => {
                let charset =
                    Charset::named(value, target).ok_or_else(|| format!("unknown character set `{value}`"))?;
                self.collation_server = charset.default_collation(target);
            }
            "collation_server" => {
                self.collation_server =
                    Collation::named(value, None, target).ok_or_else(|| format!("unknown collation `{value}`"))?;
            }
            "default_storage_engine" => self.default_engine = value.into(),
            "lower_case_table_names" => {
                self.lower_case_table_names =
                    value.parse().ok().filter(|n| *n <= 2).ok_or("`lower_case_table_names` takes 0, 1 or 2")?;
            }
            "timestamp" => {
                self.timestamp = Some(seconds(value).ok_or("`timestamp` takes seconds since 1970")?);
            }
            "time_zone" => {
                self.time_zone = Some(offset(value).ok_or("`time_zone` takes an offset such as +00:00")?);
            }
            _ => {
                return Err(format!(
                    "`{name}` is not one of sql_mode, foreign_key_checks, explicit_defaults_for_timestamp, character_set_server, \
                     collation_server, default_storage_engine, lower_case_table_names, \
                     restrict_fk_on_non_standard_key, timestamp, time_zone"
                ));
            }
        }
        Ok(())
    }

    /// Takes in one assignment of a SET statement of the script: `name` without its scope,
    /// `@name` for a user variable, `value` as written.
    pub(crate) fn assign(&mut self, name: &str, written: &str, target: Target) {
        let default = written.trim().eq_ignore_ascii_case("default");
        let found = value::evaluate(written, &|name| self.variable(name));
        if let Some(user) = name.strip_prefix('@') {
            let user = user.to_ascii_lowercase();
            match found {
                Some(value) => self.saved.insert(user.into(), value),
                None => self.saved.remove(&*user),
            };
            return;
        }
        // No variable of a server is NULL: where it would be, the statement fails and all stays as it was.
        let Some(value) = found else { return };
        let told = match value::is_constant(written) {
            true if default => Told::AsDefault,
            true => Told::Plainly,
            false => Told::ByOthers,
        };
        self.take(name, value, told, target);
    }

    /// Takes in the value of a variable.
    pub(super) fn take(&mut self, name: &str, value: Box<str>, told: Told, target: Target) {
        let (default, plainly) = (told == Told::AsDefault, told == Told::Plainly);
        match name.to_ascii_lowercase().as_str() {
            "sql_mode" => {
                let text = if default { self.default_sql_mode.clone() } else { value };
                self.sql_mode = SqlMode::parse(&text);
                // Dumps set it for their rows, and programs are not meant by that.
                self.told.sql_mode = plainly && !text.eq_ignore_ascii_case("NO_AUTO_VALUE_ON_ZERO");
            }
            "foreign_key_checks" => {
                self.foreign_key_checks = !matches!(value.to_ascii_lowercase().as_str(), "0" | "off")
            }
            "restrict_fk_on_non_standard_key" => {
                self.restricts_references = !matches!(value.to_ascii_lowercase().as_str(), "0" | "off")
            }
            "explicit_defaults_for_timestamp" => {
                self.explicit_timestamp = !matches!(value.to_ascii_lowercase().as_str(), "0" | "off")
            }
            "default_storage_engine" | "storage_engine" if !default => self.default_engine = value,
            "timestamp" => self.timestamp = seconds(&value),
            "system_versioning_alter_history" => {
                self.keeps_history = matches!(&*value.to_ascii_lowercase(), "keep" | "1")
            }
            "time_zone" => self.time_zone = offset(&value),
            "collation_connection" => self.connection = Collation::named(&value, None, target).filter(|_| plainly),
            which @ ("names" | "character_set_client") => {
                self.told.client = plainly && which == "character_set_client";
                if which == "names" {
                    self.connection = None;
                }
                if *value == *self.character_set.name() {
                    return;
                }
                if let Some(charset) = Charset::named(&value, target) {
                    self.character_set = charset;
                }
            }
            _ => {}
        }
    }

    /// What a program that is made now is made under, as far as the source says it.
    pub(super) fn creation(&self, target: Target) -> Creation {
        Creation {
            sql_mode: self.told.sql_mode.then(|| sql_mode(self.sql_mode.as_str(), target)),
            client: self.told.client.then_some(self.character_set),
            connection: self.connection,
        }
    }

    /// Takes the session for one that is known in all that programs keep of it, as a plan's is: `SET NAMES` has set the
    /// connection.
    pub fn tell(&mut self, target: Target) {
        self.told = Parts { sql_mode: true, client: true, connection: true };
        self.connection = Some(self.character_set.default_collation(target));
    }

    /// The moment at which statements run, as the session's clock shows it: known where the script sets both its
    /// `timestamp` and its `time_zone`.
    pub(crate) fn now(&self) -> Option<Moment> {
        let seconds = i64::from(self.timestamp?) + i64::from(self.time_zone?);
        u32::try_from(seconds).ok().map(Moment::after_1970)
    }

    /// The value of a variable, named with its `@` or `@@`; `None` is NULL.
    fn variable(&self, name: &str) -> Option<Box<str>> {
        let name = name.to_ascii_lowercase();
        let Some(system) = name.strip_prefix("@@") else {
            return self.saved.get(name.trim_start_matches('@')).cloned();
        };
        let (scope, system) = system.rsplit_once('.').unwrap_or(("session", system));
        Some(match system {
            "sql_mode" if scope == "global" => self.default_sql_mode.clone(),
            "sql_mode" => self.sql_mode.text.clone(),
            "foreign_key_checks" => if self.foreign_key_checks { "1" } else { "0" }.into(),
            "character_set_client" => self.character_set.name().into(),
            _ => "".into(),
        })
    }
}

/// Seconds since 1970; a fraction is cut off. Zero and DEFAULT stand for the clock.
fn seconds(value: &str) -> Option<u32> {
    value.trim().split('.').next()?.parse().ok().filter(|n| *n > 0)
}

/// `+hh:mm` or `-hh:mm` in seconds, and `UTC`.
fn offset(value: &str) -> Option<i32> {
    if value.eq_ignore_ascii_case("UTC") {
        return Some(0);
    }
    let sign = match value.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = value[1..].split_once(':')?;
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mode and the foreign key checks after some assignments.
    fn after(assignments: &[(&str, &str)]) -> (String, bool) {
        let mut session = Session::of(Target::DEFAULT);
        for (name, value) in assignments {
            session.assign(name, value, Target::DEFAULT);
        }
        (session.sql_mode.as_str().to_owned(), session.foreign_key_checks)
    }

    #[test]
    fn what_was_kept_is_restored_with_a_fallback() {
        let kept = [("@old", "@@SQL_MODE"), ("sql_mode", "'ANSI'"), ("sql_mode", "IFNULL(@OLD, '')")];
        assert_eq!(after(&kept).0, Target::DEFAULT.default_sql_mode());
        assert_eq!(after(&[("sql_mode", "IFNULL(@OLD, '')")]).0, "");
        assert_eq!(after(&[("sql_mode", "@never_kept")]).0, Target::DEFAULT.default_sql_mode());
        let checks = ("foreign_key_checks", "IF(@OLD IS NULL, 1, @OLD)");
        assert!(after(&[("foreign_key_checks", "0"), checks]).1);
        assert!(!after(&[("@old", "0"), ("foreign_key_checks", "1"), checks]).1);
    }

    #[test]
    fn modes_are_edited() {
        let dropped =
            [("sql_mode", "'ANSI,STRICT_ALL_TABLES'"), ("sql_mode", "(SELECT REPLACE(@@sql_mode, 'ANSI,', ''))")];
        assert_eq!(after(&dropped).0, "STRICT_ALL_TABLES");
        assert_eq!(after(&[("sql_mode", "CONCAT_WS(',', 'ANSI', 'TRADITIONAL')")]).0, "ANSI,TRADITIONAL");
        let listed = [("sql_mode", "'ANSI'"), ("sql_mode", "sys.list_add(@@session.sql_mode, 'TRADITIONAL')")];
        assert_eq!(after(&listed).0, "ANSI,TRADITIONAL");
        assert_eq!(after(&[("sql_mode", "sys.list_drop('ANSI,TRADITIONAL', 'ansi')")]).0, "TRADITIONAL");
    }
}

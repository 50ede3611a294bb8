//! Table options.

use std::fmt::Write as _;

use super::{Printer, Style};
use crate::ident::Literal;
use crate::model::{Collation, OptionKey, Table};

impl Printer {
    /// Writes all options of a table, each with a blank before it, in the server's order.
    pub(crate) fn table_options(self, out: &mut String, table: &Table) {
        let options = &table.options;
        let in_tablespace =
            options.others.get(&OptionKey::Tablespace).is_some_and(|name| &**name != "innodb_file_per_table");
        let mut others = options.others.iter().peekable();
        let mut place = Vec::new();
        while let Some((key, value)) = others.next_if(|(key, _)| **key <= OptionKey::Storage) {
            place.push(self.place_of_rows(*key, value));
        }
        if !place.is_empty() {
            self.since(out, 50_100, format_args!("{}", place.join(" ")));
        }
        if let Some(size) = options.others.get(&OptionKey::AutoextendSize) {
            self.table_option(out, OptionKey::AutoextendSize, size);
        }
        out.push_str(" ENGINE=");
        out.push_str(&options.engine);
        if let Some(counter) = options.auto_increment {
            let _ = write!(out, " AUTO_INCREMENT={counter}");
        }
        // A sequence holds no text.
        if !options.others.contains_key(&OptionKey::Sequence) {
            self.default_charset(out, options.collation);
        }
        for (key, value) in others.filter(|(key, _)| **key != OptionKey::AutoextendSize) {
            self.option_of(out, *key, value, in_tablespace);
        }
        for (name, value) in &options.engine_defined {
            let _ = write!(out, " {}={value}", name.quoted());
        }
        if table.system_versioned {
            out.push_str(" WITH SYSTEM VERSIONING");
        }
    }

    /// Writes the charset and collation of new columns.
    fn default_charset(self, out: &mut String, collation: Collation) {
        out.push_str(" DEFAULT CHARSET=");
        out.push_str(collation.charset().printed(self.target));
        let named = self.target.always_prints_collation()
            || !collation.is_default(self.target)
            || self.style == Style::Plain
            || collation.name() == "utf8mb4_0900_ai_ci";
        if named && !(self.target.is_mariadb() && collation.name() == "binary") {
            out.push_str(" COLLATE=");
            out.push_str(&collation.printed(self.target));
        }
    }

    /// Writes one option with a blank before it.
    pub fn table_option(self, out: &mut String, key: OptionKey, value: &str) {
        self.option_of(out, key, value, false);
    }

    /// TABLESPACE or STORAGE, which stand in one conditional comment.
    fn place_of_rows(self, key: OptionKey, value: &str) -> String {
        match key {
            OptionKey::Tablespace => format!("TABLESPACE {}", crate::ident::Quoted(value)),
            _ => format!("{} {value}", word(key)),
        }
    }

    /// Writes one option of a table that is, or is not, in a general tablespace: MySQL shows
    /// ENCRYPTION in a conditional comment there.
    fn option_of(self, out: &mut String, key: OptionKey, value: &str, in_tablespace: bool) {
        let _ = match key {
            OptionKey::Tablespace | OptionKey::Storage => {
                self.since(out, 50_100, format_args!("{}", self.place_of_rows(key, value)));
                Ok(())
            }
            OptionKey::AutoextendSize => {
                self.since(out, 80_023, format_args!("AUTOEXTEND_SIZE={value}"));
                Ok(())
            }
            OptionKey::EngineAttribute => {
                self.since(out, 80_021, format_args!("ENGINE_ATTRIBUTE={}", Literal(value)));
                Ok(())
            }
            OptionKey::SecondaryEngineAttribute => {
                self.since(out, 80_021, format_args!("SECONDARY_ENGINE_ATTRIBUTE={}", Literal(value)));
                Ok(())
            }
            OptionKey::Encryption if in_tablespace && self.style == Style::Show && self.target.is_mysql() => {
                write!(out, " /*!80016 ENCRYPTION={} */", Literal(value))
            }
            OptionKey::Compression
            | OptionKey::Encryption
            | OptionKey::Comment
            | OptionKey::Connection
            | OptionKey::DataDirectory
            | OptionKey::IndexDirectory => write!(out, " {}={}", word(key), Literal(value)),
            OptionKey::Union => write!(out, " UNION=({value})"),
            OptionKey::MinRows
            | OptionKey::MaxRows
            | OptionKey::AvgRowLength
            | OptionKey::PackKeys
            | OptionKey::StatsPersistent
            | OptionKey::StatsAutoRecalc
            | OptionKey::StatsSamplePages
            | OptionKey::Checksum
            | OptionKey::PageChecksum
            | OptionKey::DelayKeyWrite
            | OptionKey::RowFormat
            | OptionKey::Transactional
            | OptionKey::KeyBlockSize
            | OptionKey::InsertMethod
            | OptionKey::SecondaryEngine
            | OptionKey::Sequence => write!(out, " {}={value}", word(key)),
        };
    }
}

/// The words of an option.
pub const fn word(key: OptionKey) -> &'static str {
    match key {
        OptionKey::Tablespace => "TABLESPACE",
        OptionKey::Storage => "STORAGE",
        OptionKey::MinRows => "MIN_ROWS",
        OptionKey::MaxRows => "MAX_ROWS",
        OptionKey::AvgRowLength => "AVG_ROW_LENGTH",
        OptionKey::PackKeys => "PACK_KEYS",
        OptionKey::StatsPersistent => "STATS_PERSISTENT",
        OptionKey::StatsAutoRecalc => "STATS_AUTO_RECALC",
        OptionKey::StatsSamplePages => "STATS_SAMPLE_PAGES",
        OptionKey::Checksum => "CHECKSUM",
        OptionKey::PageChecksum => "PAGE_CHECKSUM",
        OptionKey::DelayKeyWrite => "DELAY_KEY_WRITE",
        OptionKey::RowFormat => "ROW_FORMAT",
        OptionKey::Transactional => "TRANSACTIONAL",
        OptionKey::KeyBlockSize => "KEY_BLOCK_SIZE",
        OptionKey::Compression => "COMPRESSION",
        OptionKey::Encryption => "ENCRYPTION",
        OptionKey::Union => "UNION",
        OptionKey::InsertMethod => "INSERT_METHOD",
        OptionKey::Comment => "COMMENT",
        OptionKey::Connection => "CONNECTION",
        OptionKey::DataDirectory => "DATA DIRECTORY",
        OptionKey::IndexDirectory => "INDEX DIRECTORY",
        OptionKey::SecondaryEngine => "SECONDARY_ENGINE",
        OptionKey::AutoextendSize => "AUTOEXTEND_SIZE",
        OptionKey::EngineAttribute => "ENGINE_ATTRIBUTE",
        OptionKey::SecondaryEngineAttribute => "SECONDARY_ENGINE_ATTRIBUTE",
        OptionKey::Sequence => "SEQUENCE",
    }
}

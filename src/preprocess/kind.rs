//! What kind of statement a text is, by its first words.

use super::lexeme;
use crate::target::Target;

/// The kinds of statements, as far as they are treated differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind<'a> {
    /// CREATE, ALTER, DROP, RENAME of tables and keys.
    Table,
    /// CREATE, ALTER, DROP of databases.
    Database,
    /// CREATE, ALTER, DROP of views, triggers, stored programs, events and sequences.
    Object,
    /// USE, with the database's name as written, unquoted.
    Use(&'a [u8]),
    /// SET of variables.
    Set,
    /// Statements about rows: INSERT, UPDATE, SELECT, TRUNCATE …
    Data,
    /// BEGIN, COMMIT …
    Transaction,
    /// LOCK and UNLOCK TABLES.
    Lock,
    /// Accounts and privileges.
    Account,
    /// Lines that the client acts upon itself.
    Client,
    /// Everything else that servers know: maintenance, replication, servers, tablespaces …
    Administration,
    /// Only blanks and comments.
    Blank,
    /// A first word that begins no statement.
    Unknown,
}

/// Classifies a statement's body.
pub(super) fn classify(text: &[u8], target: Target) -> Kind<'_> {
    let mut words = Words { text, target };
    let Some(first) = words.next() else { return if text.starts_with(b"(") { Kind::Data } else { Kind::Unknown } };
    match upper(first).as_str() {
        "CREATE" | "ALTER" | "DROP" => definition(&mut words),
        "RENAME" => match words.next().map(upper).as_deref() {
            Some("USER") => Kind::Account,
            _ => Kind::Table,
        },
        "USE" => Kind::Use(use_argument(words.text)),
        "SET" => Kind::Set,
        "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "LOAD" | "SELECT" | "CALL" | "WITH" | "VALUES" | "HANDLER" | "DO" | "TRUNCATE" | "TABLE"
        | "IMPORT" => Kind::Data,
        "START" | "BEGIN" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" | "XA" => Kind::Transaction,
        "LOCK" | "UNLOCK" => Kind::Lock,
        "GRANT" | "REVOKE" => Kind::Account,
        "ANALYZE" | "BINLOG" | "CACHE" | "CHANGE" | "CHECK" | "CHECKSUM" | "CLONE" | "DEALLOCATE" | "DESC" | "DESCRIBE" | "EXECUTE" | "EXPLAIN"
        | "FLUSH" | "GET" | "HELP" | "INSTALL" | "KILL" | "OPTIMIZE" | "PREPARE" | "PURGE" | "REPAIR" | "RESET" | "RESIGNAL" | "RESTART"
        | "SHOW" | "SHUTDOWN" | "SIGNAL" | "STOP" | "UNINSTALL" | "BACKUP" => Kind::Administration,
        _ => Kind::Unknown,
    }
}

/// What CREATE, ALTER or DROP is about: the first word that names a kind of object.
fn definition<'a>(words: &mut Words<'a>) -> Kind<'a> {
    let mut seen = 0;
    while let Some(word) = words.next() {
        match upper(word).as_str() {
            "SPATIAL" if words.clone().next().map(upper).as_deref() == Some("REFERENCE") => return Kind::Administration,
            "TABLE" | "TABLES" | "INDEX" | "UNIQUE" | "FULLTEXT" | "SPATIAL" | "VECTOR" | "KEY" => return Kind::Table,
            "DATABASE" | "SCHEMA" => return Kind::Database,
            "VIEW" | "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT" | "SEQUENCE" | "PACKAGE" => return Kind::Object,
            "USER" | "ROLE" => return Kind::Account,
            "SERVER" | "TABLESPACE" | "UNDO" | "LOGFILE" | "RESOURCE" | "INSTANCE" | "LIBRARY" | "PREPARE" => return Kind::Administration,
            _ => {}
        }
        seen += 1;
        if seen > 24 {
            break;
        }
    }
    // The grammar says what is wrong with it.
    Kind::Table
}

fn upper(word: &[u8]) -> String {
    word.iter().take(16).map(|b| char::from(b.to_ascii_uppercase())).collect()
}

fn use_argument(text: &[u8]) -> &[u8] {
    match text.trim_ascii() {
        [b'`', inner @ .., b'`'] => inner,
        plain => plain,
    }
}

/// The words of a text: unquoted ones, seen through the conditional comments that the target reads;
/// strings, quoted names, symbols and other comments are passed over.
#[derive(Clone)]
struct Words<'a> {
    text: &'a [u8],
    target: Target,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let byte = *self.text.first()?;
            if byte.is_ascii_alphabetic() || byte == b'_' {
                let end = self.text.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$') || *b >= 0x80));
                let (word, rest) = self.text.split_at(end.unwrap_or(self.text.len()));
                self.text = rest;
                return Some(word);
            }
            self.text = match byte {
                b'\'' | b'"' | b'`' => {
                    let close = memchr::memchr(byte, &self.text[1..])?;
                    &self.text[close + 2..]
                }
                b'/' if self.text.starts_with(b"/*") => match lexeme::conditional_opener(self.text) {
                    Ok((rest, (mariadb, number))) if self.target.reads_conditional(number, mariadb) => rest,
                    _ => lexeme::block_comment(self.text).ok()?.0,
                },
                b'#' | b'-' => lexeme::line_comment(self.text).map_or(&self.text[1..], |(rest, _)| rest),
                // A parenthesis ends the head of any statement.
                b'(' | b'%' => return None,
                _ => &self.text[1..],
            };
        }
    }
}

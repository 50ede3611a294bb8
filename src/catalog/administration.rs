//! Statements that define nothing, and that the servers know.

/// Whether a statement that defines nothing is one that the servers know.
pub(super) fn is_administration(text: &[u8]) -> bool {
    const WORDS: [&str; 33] = [
        "ANALYZE",
        "BACKUP",
        "BINLOG",
        "CACHE",
        "CHANGE",
        "CHECK",
        "CHECKSUM",
        "CLONE",
        "DEALLOCATE",
        "DESC",
        "DESCRIBE",
        "EXECUTE",
        "EXPLAIN",
        "FLUSH",
        "GET",
        "HELP",
        "IMPORT",
        "INSTALL",
        "KILL",
        "OPTIMIZE",
        "PREPARE",
        "PURGE",
        "REPAIR",
        "RESET",
        "RESIGNAL",
        "RESTART",
        "SHOW",
        "SHUTDOWN",
        "SIGNAL",
        "STOP",
        "START",
        "UNINSTALL",
        "SET",
    ];
    let word = text.split(|b| !b.is_ascii_alphabetic()).next().unwrap_or_default();
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

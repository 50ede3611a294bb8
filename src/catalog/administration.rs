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
    let mut words = text.split(|b| !b.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let mut next = || words.next().unwrap_or_default();
    let word = next();
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
        // The older name of DEALLOCATE PREPARE.
        || word.eq_ignore_ascii_case(b"DROP") && next().eq_ignore_ascii_case(b"PREPARE")
}

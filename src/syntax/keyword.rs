//! Keywords as numbers, and whether a target reserves them.
//!
//! The words are those of `grammar/keywords.tsv`; `grammar/build.rs` writes the tables.

mod hash;

use crate::target::Target;

/// A word of `grammar/keywords.tsv`, or [`Keyword::UNLISTED`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Keyword(u16);

/// The versions that know a word, and those that refuse it as an unquoted name: from the first
/// number, before the second.
struct Word {
    /// Since when MySQL and MariaDB list it as a keyword at all.
    listed: (u32, u32),
    mysql: (u32, u32),
    mariadb: (u32, u32),
}

include!(concat!(env!("OUT_DIR"), "/keywords.rs"));

impl Keyword {
    /// What is no keyword at all.
    pub(crate) const UNLISTED: Self = Self(0);

    /// The keyword that this text is, in any case of letters.
    pub(crate) fn of(word: &[u8]) -> Self {
        if word.len() > LONGEST {
            return Self::UNLISTED;
        }
        let mut slot = hash::hash(word) as usize % ADDRESSES.len();
        loop {
            let number = ADDRESSES[slot];
            if number == 0 || WORDS[usize::from(number)].as_bytes().eq_ignore_ascii_case(word) {
                return Self(number);
            }
            slot = (slot + 1) % ADDRESSES.len();
        }
    }

    /// The word in upper case.
    pub(crate) fn word(self) -> &'static str {
        WORDS[usize::from(self.0)]
    }

    /// Its row in the tables.
    pub(crate) fn number(self) -> usize {
        usize::from(self.0)
    }

    /// Whether the target refuses it as an unquoted name.
    pub(crate) fn is_reserved(self, target: Target) -> bool {
        let reserved = &VERSIONS[usize::from(self.0)];
        let (since, until) = if target.is_mysql() { reserved.mysql } else { reserved.mariadb };
        (since..until).contains(&target.number())
    }
}

/// Whether the target's server lists the word as a keyword, reserved or not.
///
/// ```
/// use alterplan::{syntax::keyword::is_keyword, target::Target};
/// assert!(is_keyword("order", Target::DEFAULT));
/// assert!(!is_keyword("orders", Target::DEFAULT));
/// ```
pub fn is_keyword(word: &str, target: Target) -> bool {
    let (mysql, mariadb) = VERSIONS[Keyword::of(word.as_bytes()).number()].listed;
    target.number() >= if target.is_mysql() { mysql } else { mariadb }
}

/// Whether the target's server takes the word for a name only in quotes.
pub fn is_reserved(word: &str, target: Target) -> bool {
    Keyword::of(word.as_bytes()).is_reserved(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        for word in ["table", "TABLE", "tAbLe"] {
            assert_eq!(Keyword::of(word.as_bytes()), Keyword::TABLE);
        }
        assert_eq!(Keyword::of(b"tables_"), Keyword::UNLISTED);
        assert_eq!(Keyword::of(b""), Keyword::UNLISTED);
    }

    #[test]
    fn every_word_is_found_by_its_text() {
        for (number, word) in WORDS.iter().enumerate().skip(1) {
            assert_eq!(Keyword::of(word.as_bytes()).number(), number, "{word}");
        }
    }

    #[test]
    fn reservation_follows_the_target() {
        let cases = [
            (Keyword::RANK, "mysql:5.7", false),
            (Keyword::RANK, "mysql:8.0", true),
            (Keyword::RANK, "mariadb:10.11", false),
            (Keyword::VECTOR, "mariadb:10.11", false),
            (Keyword::VECTOR, "mariadb:11.8", true),
            (Keyword::UNLISTED, "mysql:8.4", false),
        ];
        for (word, target, reserved) in cases {
            let target: Target = target.parse().expect("a supported target");
            assert_eq!(word.is_reserved(target), reserved, "{} on {target}", word.word());
        }
    }
}

//! How grave the findings of each rule are, where that is not as usual.

use std::collections::BTreeMap;

use super::Rule;
use crate::render::finding::Level;

/// The levels of rules; a rule that is not named has its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Levels(BTreeMap<String, Option<Level>>);

impl Levels {
    /// The words of [`Levels::set`].
    pub const WORDS: [&'static str; 4] = ["off", "note", "warning", "error"];

    /// Sets the level of a rule; `false` where the word is none of [`Levels::WORDS`].
    ///
    /// ```
    /// use alterplan::lint::{Levels, RULES};
    /// let mut levels = Levels::default();
    /// assert!(levels.set(RULES[0].id, "off"));
    /// assert_eq!(levels.of(&RULES[0]), None);
    /// assert_eq!(levels.of(&RULES[1]), Some(RULES[1].level));
    /// ```
    pub fn set(&mut self, rule: &str, word: &str) -> bool {
        let level = match word {
            "off" => None,
            "note" => Some(Level::Note),
            "warning" => Some(Level::Warning),
            "error" => Some(Level::Error),
            _ => return false,
        };
        self.0.insert(rule.to_owned(), level);
        true
    }

    /// The level of a rule's findings; `None`: it is off.
    pub fn of(&self, rule: &Rule) -> Option<Level> {
        self.0.get(rule.id).copied().unwrap_or(Some(rule.level))
    }
}

//! What is wrong with a file, where, and what may have been meant.

use std::fmt;

use similar::get_close_matches;

use crate::source::Span;

/// What is wrong with a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// Where; `None` where it is nothing in the text, as an environment that it does not have.
    pub span: Option<Span>,
    /// What.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    pub(super) fn at(start: usize, message: impl Into<String>) -> Self {
        Self { span: Some(Span::new(start, start + 1)), message: message.into(), help: None }
    }
}

/// How alike two names have to be for one to be a slip of the other.
const ALIKE: f32 = 0.6;

/// The name of which another is perhaps a slip, small and capital letters aside.
///
/// ```
/// use alterplan::config::closest;
/// assert_eq!(closest("legacy_order", &["users", "legacy_orders"]), Some("legacy_orders"));
/// assert_eq!(closest("invoices", &["users", "legacy_orders"]), None);
/// ```
pub fn closest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    let folded: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
    let names: Vec<&str> = folded.iter().map(String::as_str).collect();
    let found = get_close_matches(given.to_lowercase().as_str(), &names, 1, ALIKE).into_iter().next()?;
    known.iter().zip(&names).find(|(_, name)| **name == found).map(|(name, _)| *name)
}

/// The suggestion for a name that is not known.
fn instead(given: &str, known: &[&str]) -> Option<String> {
    match closest(given, known) {
        Some(closest) => Some(format!("did you mean `{closest}`?")),
        None if known.is_empty() => None,
        None => Some(format!("there are {}", known.join(", "))),
    }
}

pub(super) fn no_environment(name: &str, known: &[String]) -> ConfigError {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let help = instead(name, &known).unwrap_or_else(|| "`environments:` says what is particular to each".to_owned());
    ConfigError { span: None, message: format!("no environment `{name}`"), help: Some(help) }
}

/// What the reader of YAML says, with the place taken out of its words, and the names that it lists into the help.
pub(super) fn of_yaml(why: &serde_yaml::Error, text: &str) -> ConfigError {
    let said = why.to_string();
    let Some(location) = why.location() else { return ConfigError { span: None, message: said, help: None } };
    let said = said.replace(&format!(" at line {} column {}", location.line(), location.column()), "");
    let start = location.index().min(text.len());
    let length = text[start..].find([' ', ':', '\n', '\r', ',', ']', '}']).unwrap_or(text.len() - start).max(1);
    let span = Some(Span::new(start, start + length));
    let error = |message: String, help| ConfigError { span, message, help };
    for (sign, what) in [("unknown field `", "key"), ("unknown variant `", "value")] {
        let Some((_, rest)) = said.split_once(sign) else { continue };
        let mut names = rest.split('`').step_by(2);
        let given = names.next().unwrap_or_default();
        let known: Vec<&str> = names.collect();
        return error(format!("unknown {what} `{given}`"), instead(given, &known));
    }
    error(said, None)
}

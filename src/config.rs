//! `alterplan.yaml`: what a project says once instead of on every command line.
//!
//! In: the file's text, and the name of an environment. Out: the settings that are in force, each with the line that it comes
//! from, or what is wrong and where. The types are the format: they read it, and its JSON Schema is made of them. No I/O: the
//! command line finds the file, and lets its own options win.
//!
//! ```
//! use alterplan::{config::Config, source::Source};
//!
//! let text = "target: mysql:8.4\nenvironments:\n  staging:\n    policies: {comments: ignore}\n";
//! let config = Config::read(&Source::new("alterplan.yaml", text), Some("staging"))?;
//! assert_eq!(config.settings.policies.get("comments"), Some("ignore"));
//! assert_eq!(config.origin("policies.comments").map(|origin| origin.line), Some(4));
//! # Ok::<(), alterplan::config::ConfigError>(())
//! ```

mod allowance;
mod choices;
mod error;
mod format;
mod hooks;
mod listing;
mod place;
mod word;

pub use allowance::{Allowance, Day, Exception, MalformedDay};
pub use choices::{Choices, LintRegistry, PolicyRegistry, Registry, ServerRegistry};
pub use error::{ConfigError, closest};
pub use format::{Environment, Environments, File, Nothing, Settings};
pub use hooks::{HookCommand, HookCommands};
pub use listing::Row;
pub use word::{MalformedPattern, Pattern, TargetChoice, Word};

use std::collections::BTreeMap;

use crate::source::Source;

/// A commented file in which every key stands, each with what it does without it: what `alterplan init` writes.
pub const TEMPLATE: &str = include_str!("config/template.yaml");

/// The JSON Schema of the file, made of the types that read it.
#[cfg(feature = "schema")]
pub fn schema() -> String {
    format!("{:#}\n", schemars::schema_for!(File).to_value())
}

/// A file as it was read for an environment, or for none.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file's name.
    pub name: String,
    /// The environment that was asked for.
    pub environment: Option<String>,
    /// What is in force: what the environment says, and where it is silent what stands at the top.
    pub settings: Environment,
    /// Commands around an apply. Only `apply`, `rollback` and `recover` look at them, and only in a file that they were told of.
    pub hooks: Option<HookCommands>,
    /// The names of all environments.
    pub environments: Vec<String>,
    origins: BTreeMap<String, Origin>,
}

/// Where a setting comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Origin {
    /// The line of its key.
    pub line: usize,
    /// The environment that it is in; `None` at the top of the file.
    pub environment: Option<String>,
}

impl Config {
    /// Reads a file. Within `policies`, `server` and `lint`, an environment's entries join those at the top; any other key of
    /// an environment stands in the place of the one at the top.
    ///
    /// # Errors
    /// What is no YAML, unknown keys, values that a key does not take, an environment that is not there.
    pub fn read(source: &Source, environment: Option<&str>) -> Result<Self, ConfigError> {
        let text = std::str::from_utf8(&source.text)
            .map_err(|why| ConfigError::at(why.valid_up_to(), "this is no UTF-8 text"))?;
        let file: Option<File> = serde_yaml::from_str(text).map_err(|why| error::of_yaml(&why, text))?;
        let mut file = file.unwrap_or_default();
        let environments: Vec<String> = file.environments.names().map(str::to_owned).collect();
        let hooks = file.hooks.take();
        let mut origins = origins(text, &[], &file, None);
        let chosen = match environment {
            None => Environment::default(),
            Some(name) => {
                let chosen = file.environments.take(name).ok_or_else(|| error::no_environment(name, &environments))?;
                origins.extend(self::origins(text, &["environments", name], &chosen, Some(name)));
                chosen
            }
        };
        if let (Some(_), Some(line)) = (&hooks, place::line(text, &["hooks"])) {
            origins.insert("hooks".to_owned(), Origin { line, environment: None });
        }
        Ok(Self {
            name: source.name.clone(),
            environment: environment.map(str::to_owned),
            settings: chosen.over(file),
            hooks,
            environments,
            origins,
        })
    }

    /// Where the setting of a key comes from, such as `target` or `policies.comments`; `None`: from nowhere in the file.
    pub fn origin(&self, key: &str) -> Option<&Origin> {
        self.origins.get(key)
    }

    /// Where a setting comes from, as `alterplan.yaml:3`, with its environment where it has one.
    pub fn place(&self, key: &str) -> Option<String> {
        let Origin { line, environment } = self.origin(key)?;
        let environment = environment.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        Some(format!("{}:{line}{environment}", self.name))
    }
}

/// The places of all that settings say.
fn origins<E, H>(
    text: &str,
    above: &[&str],
    settings: &Settings<E, H>,
    environment: Option<&str>,
) -> BTreeMap<String, Origin> {
    let keys = settings.keys();
    let found = keys.into_iter().filter_map(|key| {
        let path: Vec<&str> = above.iter().copied().chain(key.iter().map(String::as_str)).collect();
        let line = place::line(text, &path)?;
        Some((key.join("."), Origin { line, environment: environment.map(str::to_owned) }))
    });
    found.collect()
}

#[cfg(test)]
mod tests;

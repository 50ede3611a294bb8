//! All settings in force, a line each, for those who ask what holds.

use super::{Config, Registry};
use crate::diff::Policies;

/// A setting in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its key, such as `policies.comments`.
    pub key: String,
    /// Its value in words; `None` where it has none.
    pub value: Option<String>,
    /// Where in the file it stands, as `alterplan.yaml:3`; `None` where it is the default.
    pub place: Option<String>,
}

impl Config {
    /// Every key with its value; of server variables and of lint those that are set.
    pub fn rows(&self) -> Vec<Row> {
        let settings = &self.settings;
        let mut rows = Vec::new();
        let mut row = |key: &str, value: Option<String>| {
            rows.push(Row { key: key.to_owned(), value, place: self.place(key) });
        };
        let target = settings.target.as_ref().map_or_else(|| "auto".to_owned(), |word| word.text.clone());
        row("target", Some(target));
        row("old_target", settings.old_target.as_ref().map(|word| word.text.clone()));
        row("new_target", settings.new_target.as_ref().map(|word| word.text.clone()));
        for (name, value) in settings.server.iter() {
            row(&format!("server.{name}"), Some(value.to_owned()));
        }
        row("old", settings.old.clone());
        row("new", settings.new.clone());
        row("database", settings.database.clone());
        row("product", Some(settings.product.clone().unwrap_or_else(|| "default".to_owned())));
        for (name, values) in Policies::KEYS {
            let usual = values.first().copied().unwrap_or_default();
            row(&format!("policies.{name}"), Some(settings.policies.get(name).unwrap_or(usual).to_owned()));
        }
        row("only", listed(settings.only.as_deref(), |word| word.text.clone()));
        row("ignore", listed(settings.ignore.as_deref(), |word| word.text.clone()));
        row("renames", listed(settings.renames.as_deref(), |word| word.text.clone()));
        row("data", listed(settings.data.as_deref(), String::clone));
        let until = |until: Option<&str>| until.map(|day| format!(", until {day}")).unwrap_or_default();
        row(
            "allow",
            listed(settings.allow.as_deref(), |a| {
                format!("{} ({}{})", a.hazard.word(), a.reason, until(a.until.as_ref().map(|day| day.text.as_str())))
            }),
        );
        row(
            "exceptions",
            listed(settings.exceptions.as_deref(), |e| {
                let until = until(e.until.as_ref().map(|day| day.text.as_str()));
                format!("{} on {} ({}{until})", e.hazard.word(), e.object, e.reason)
            }),
        );
        for name in super::LintRegistry::names() {
            if let Some(level) = settings.lint.get(name) {
                row(&format!("lint.{name}"), Some(level.to_owned()));
            }
        }
        rows
    }
}

fn listed<T>(list: Option<&[T]>, show: impl Fn(&T) -> String) -> Option<String> {
    list.map(|list| list.iter().map(show).collect::<Vec<_>>().join(", "))
}

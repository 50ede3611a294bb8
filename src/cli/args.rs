//! Options that every command takes, and how their values are read.

use std::collections::BTreeMap;
use std::str::FromStr;

use alterplan::target::Target;
use clap::{Args, ValueEnum};

/// Options before or after the command.
#[derive(Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The server to follow: mysql:5.7, 8.0, 8.4, 9.7, mariadb:10.6, 10.11, 11.4, 11.8; `auto` reads the dump's header
    #[arg(long, global = true, value_name = "TARGET", default_value = "auto")]
    pub(crate) target: TargetChoice,
    /// The server that OLD comes from
    #[arg(long, global = true, value_name = "TARGET")]
    pub(crate) old_target: Option<TargetChoice>,
    /// The server that NEW comes from
    #[arg(long, global = true, value_name = "TARGET")]
    pub(crate) new_target: Option<TargetChoice>,
    /// Sets a server variable that both sides are read with, such as sql_mode or collation_server
    #[arg(long, global = true, value_name = "NAME=VALUE")]
    pub(crate) server_set: Vec<Assignment>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// No warnings
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Says what was chosen, and what was set aside
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Reads every statement on both sides, one after the other: the result is the same
    #[arg(long, global = true, hide = true)]
    pub(crate) no_shortcut: bool,
}

impl Global {
    /// The server variables that were set; of two values of one name, the last.
    pub(crate) fn server(&self) -> BTreeMap<String, String> {
        self.server_set.iter().map(|set| (set.name.to_ascii_lowercase(), set.value.clone())).collect()
    }
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A target, or what the input says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TargetChoice {
    Auto,
    Given(Target),
}

impl TargetChoice {
    pub(crate) fn given(self) -> Option<Target> {
        match self {
            Self::Auto => None,
            Self::Given(target) => Some(target),
        }
    }
}

impl FromStr for TargetChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            text => text
                .parse()
                .map(Self::Given)
                .map_err(|refusal: alterplan::target::UnsupportedTarget| refusal.to_string()),
        }
    }
}

/// `NAME=VALUE`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok(Self { name: name.trim().to_owned(), value: value.to_owned() })
            }
            Some(_) | None => Err("expected NAME=VALUE".to_owned()),
        }
    }
}

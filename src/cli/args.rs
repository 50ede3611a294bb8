//! Options that every command takes, and how their values are read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::str::FromStr;

pub(crate) use alterplan::config::TargetChoice;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};

use super::project::Project;

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
    /// The project's settings [default: the nearest alterplan.yaml upwards; for apply, rollback and recover /etc/alterplan/config.yaml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Takes the settings of one of the file's environments
    #[arg(long = "env", global = true, value_name = "NAME")]
    pub(crate) environment: Option<String>,
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
    /// What holds where the command line is silent.
    #[arg(skip)]
    pub(crate) project: Project,
    /// What the command line itself says of targets.
    #[arg(skip)]
    pub(crate) said: SaidTargets,
}

/// The targets that stand on the command line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SaidTargets {
    pub(crate) target: Option<TargetChoice>,
    pub(crate) old_target: Option<TargetChoice>,
    pub(crate) new_target: Option<TargetChoice>,
}

impl Global {
    /// Whether `--target` was given, and not taken for granted.
    pub(crate) fn is_target_given(matches: &ArgMatches) -> bool {
        let matches = matches.subcommand().map_or(matches, |(_, below)| below);
        matches.value_source("target") == Some(ValueSource::CommandLine)
    }

    /// Notes which of the options were given.
    pub(crate) fn note_given(&mut self, is_target_given: bool) {
        self.said = SaidTargets {
            target: is_target_given.then_some(self.target),
            old_target: self.old_target,
            new_target: self.new_target,
        };
    }

    /// Takes the project's settings where the command line is silent.
    pub(crate) fn adopt(&mut self, project: Project) {
        let settings = &project.config.settings;
        let of = |word: &Option<alterplan::config::Word<TargetChoice>>| word.as_ref().map(|word| word.value);
        self.target = self.said.target.or(of(&settings.target)).unwrap_or(TargetChoice::Auto);
        self.old_target = self.said.old_target.or(of(&settings.old_target));
        self.new_target = self.said.new_target.or(of(&settings.new_target));
        self.project = project;
    }

    /// The server variables that were set, in the file or here; of two values of one name, the last.
    pub(crate) fn server(&self) -> BTreeMap<String, String> {
        let of_file = self.project.config.settings.server.iter();
        let here = self.server_set.iter().map(|set| (set.name.as_str(), set.value.as_str()));
        of_file.chain(here).map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect()
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

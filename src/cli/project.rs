//! A project's settings: `alterplan.yaml`, found upwards from the working folder or named. They hold where the command line is
//! silent.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use alterplan::config::Config;
use alterplan::input::{Revision, reason};
use alterplan::lint::Levels;
use alterplan::live::Address;
use alterplan::source::{Location, Pair, Source};

use super::args::Global;
use super::failure::Failure;
use super::report::{self, Level, Report};
use super::terminal::Terminal;

/// The name of the file.
pub(crate) const NAME: &str = "alterplan.yaml";

/// The settings of a project; those of none where there is no file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Project {
    pub(crate) config: Config,
    /// Whether there is a file.
    pub(crate) is_there: bool,
    /// The folder of the file, from the working folder; empty: that one itself.
    folder: PathBuf,
}

impl Project {
    /// Reads the file that is named, or the nearest one upwards from the working folder.
    pub(crate) fn find(global: &Global, terminal: &mut Terminal) -> Result<Self, Failure> {
        let path = match &global.config {
            Some(path) => Some(path.clone()),
            None => nearest(),
        };
        let environment = global.environment.as_deref();
        let Some(path) = path else {
            return match environment {
                None => Ok(Self::default()),
                Some(name) => Err(Failure::wrong(format!("--env {name}: there is no {NAME} here or above"))
                    .help("`alterplan init` writes one")),
            };
        };
        let config = read(&path, environment, terminal)?;
        if let (None, Some(_), Some(place)) = (&global.config, &config.hooks, config.place("hooks")) {
            terminal.warn(&format!("{place}: hooks are not read from here, but from the file that `apply` is told of"));
        }
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { config, is_there: true, folder })
    }

    /// The two sides of a comparison: both from the command line, or both from the file.
    pub(crate) fn sides(&self, old: Option<&OsString>, new: Option<&OsString>) -> Result<Pair<OsString>, Failure> {
        let settings = &self.config.settings;
        match (old, new) {
            (Some(old), Some(new)) => return Ok(Pair::new(old.clone(), new.clone())),
            (Some(_), None) => return Err(missing("NEW")),
            (None, _) => {}
        }
        match (settings.old.as_ref().or(settings.database.as_ref()), &settings.new) {
            (Some(old), Some(new)) => Ok(Pair::new(self.source(old), self.source(new))),
            (None, None) => Err(missing("OLD and NEW")),
            (None, Some(_)) => Err(missing("OLD")),
            (Some(_), None) => Err(missing("NEW")),
        }
    }

    /// A source of the file as the command line would name it.
    fn source(&self, text: &str) -> OsString {
        let path = self.folder.join(text);
        let is_plain = text == "-" || text == "empty:" || Address::is_address(text);
        match text.strip_prefix("git:").map(Revision::parse) {
            _ if fs::symlink_metadata(&path).is_ok() => path.into_os_string(),
            Some(Ok(revision)) => revision.within(&self.folder.to_string_lossy()).to_string().into(),
            Some(Err(_)) => text.into(),
            None if is_plain => text.into(),
            None => path.into_os_string(),
        }
    }

    /// The files with the user's own statements.
    pub(crate) fn data(&self) -> Vec<OsString> {
        let files = self.config.settings.data.iter().flatten();
        files.map(|file| self.folder.join(file).into_os_string()).collect()
    }

    /// The levels of lint's rules.
    pub(crate) fn levels(&self) -> Levels {
        let mut levels = Levels::default();
        for (rule, word) in self.config.settings.lint.iter() {
            // Both were checked when the file was read.
            levels.set(rule, word);
        }
        levels
    }

    /// The product that bundles are of.
    pub(crate) fn product(&self) -> &str {
        self.config.settings.product.as_deref().unwrap_or("default")
    }
}

fn missing(what: &str) -> Failure {
    let verb = if what.contains(' ') { "are" } else { "is" };
    Failure::wrong(format!("{what} {verb} missing"))
        .help(format!("name both sources, or neither and have `old:` and `new:` in {NAME}"))
}

/// Reads a file of settings; what is wrong with it is laid out where it stands.
pub(crate) fn read(path: &Path, environment: Option<&str>, terminal: &mut Terminal) -> Result<Config, Failure> {
    let name = path.display().to_string();
    let text = fs::read(path).map_err(|why| Failure::wrong(format!("cannot read `{name}`: {}", reason(&why))))?;
    let source = Source::new(name, text);
    Config::read(&source, environment).map_err(|error| {
        let Some(span) = error.span else {
            let failure = Failure::wrong(format!("`{}`: {}", source.name, error.message));
            return match error.help {
                Some(help) => failure.help(help),
                None => failure,
            };
        };
        let report = Report {
            level: Level::Error,
            number: None,
            message: &error.message,
            location: Location { source: 0, span },
            expected: None,
            help: error.help.as_deref(),
        };
        let laid_out = report::lay_out(&report, std::slice::from_ref(&source), terminal.report_style());
        terminal.report(&laid_out);
        Failure::wrong(format!("the settings in `{}` could not be read", source.name))
    })
}

/// The nearest file upwards, by the shortest way to it.
fn nearest() -> Option<PathBuf> {
    let depth = std::env::current_dir().map_or(0, |folder| folder.ancestors().count());
    let up = |levels: usize| (0..levels).map(|_| OsStr::new("..")).collect::<PathBuf>().join(NAME);
    (0..depth).map(up).find(|path| path.is_file())
}

//! What apply, rollback and recover share: the root, its database, the local configuration, and what is said on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alterplan::apply::{ApplyError, ErrorKind, Event, Hook, Hooks, Patience, Site, Standing};
use alterplan::bundle::{PublicKey, Trust};
use alterplan::config::{Config, HookCommand, HookCommands};
use alterplan::input::reason;
use alterplan::live::Address;
use clap::Args;

use super::Exit;
use super::args::Global;
use super::failure::Failure;
use super::progress::Progress;
use super::project;
use super::terminal::Terminal;

/// Where the local configuration is, unless `--config` says so. No file near the working folder or the root is read: who can
/// write there could run commands.
const CONFIG: &str = "/etc/alterplan/config.yaml";

/// Where something is done.
#[derive(Args)]
pub(crate) struct Place {
    /// The folder that the product is installed in
    #[arg(long, value_name = "DIR")]
    pub(crate) root: PathBuf,
    /// Its database: mysql://user@host/database [default: the one of the local configuration]
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
}

impl Place {
    /// The place, with what the local configuration says of it.
    pub(crate) fn site(&self, config: &Config) -> Result<Site, Failure> {
        let database = self.database.as_ref().or(config.settings.database.as_ref());
        let database = database.map(|url| address(url)).transpose()?;
        if database.as_ref().is_some_and(|address| address.databases.is_empty()) {
            return Err(Failure::wrong("--database names no database").help("mysql://user@host/database"));
        }
        check_root(&self.root)?;
        let hooks = hooks(config.hooks.clone().unwrap_or_default());
        Ok(Site { root: self.root.clone(), database, patience: Patience::default(), hooks })
    }
}

/// The local configuration: what `--config` names, or else what the machine has.
pub(crate) fn local(global: &Global, terminal: &mut Terminal) -> Result<Config, Failure> {
    let path = match &global.config {
        Some(path) => path.as_path(),
        None if Path::new(CONFIG).exists() => Path::new(CONFIG),
        None => return Ok(Config::default()),
    };
    project::read(path, global.environment.as_deref(), terminal)
}

/// The hooks that commands are.
fn hooks(commands: HookCommands) -> Hooks {
    let hook = |command: Option<HookCommand>| {
        command.map(|command| match command {
            HookCommand::Plain(run) => Hook::new(run),
            HookCommand::Limited(limited) => Hook { command: limited.run, limit: Duration::from_secs(limited.limit) },
        })
    };
    Hooks { pre: hook(commands.pre), restart: hook(commands.restart), health: hook(commands.health) }
}

/// Refuses a root that is no folder.
pub(crate) fn check_root(root: &Path) -> Result<(), Failure> {
    match fs::metadata(root) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(Failure::wrong(format!("`{}` is no folder", root.display()))),
        Err(why) => Err(Failure::wrong(format!("`{}`: {}", root.display(), reason(&why)))),
    }
}

/// A server's address, with the password of the environment where it has none itself.
fn address(url: &str) -> Result<Address, Failure> {
    let address = Address::parse(url).map_err(|why| {
        let failure = Failure::wrong(why.to_string());
        match why.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    })?;
    Ok(address.or_password(std::env::var("ALTERPLAN_PASSWORD").ok()))
}

/// The keys that are trusted; `None` where none was named.
pub(crate) fn trust(keys: &[String], threshold: usize) -> Result<Option<Trust>, Failure> {
    if keys.is_empty() {
        return Ok(None);
    }
    let mut parsed = Vec::new();
    for key in keys {
        let text = match fs::read_to_string(key) {
            Ok(text) => text,
            Err(_) => key.clone(),
        };
        parsed.push(PublicKey::parse(&text).map_err(|why| Failure::wrong(format!("--trust {key}: {why}")))?);
    }
    Trust::new(parsed, threshold).map(Some).map_err(|why| Failure::wrong(why.to_string()))
}

/// The proxy that the environment names for a URL.
pub(crate) fn proxy(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    let of = |name: &str| {
        let names = [name.to_lowercase(), name.to_uppercase()];
        names.iter().find_map(|name| std::env::var(name).ok()).filter(|value| !value.is_empty())
    };
    let is_exempt = of("no_proxy").is_some_and(|list| {
        list.split(',')
            .map(|name| name.trim().trim_start_matches('.'))
            .any(|name| name == "*" || !name.is_empty() && (host == name || host.ends_with(&format!(".{name}"))))
    });
    if is_exempt {
        return None;
    }
    of(&format!("{}_proxy", scheme.to_lowercase())).or_else(|| of("all_proxy"))
}

/// Says what happens, as far as somebody looks.
pub(crate) struct Watch<'t> {
    terminal: &'t mut Terminal,
    is_verbose: bool,
    is_quiet: bool,
    /// The bar, and what it is of.
    bar: Option<(&'static str, Progress)>,
}

impl<'t> Watch<'t> {
    pub(crate) fn new(terminal: &'t mut Terminal, global: &Global) -> Self {
        Self { terminal, is_verbose: global.verbose, is_quiet: global.quiet, bar: None }
    }

    pub(crate) fn take(&mut self, event: Event<'_>) {
        if !matches!(event, Event::Download { .. } | Event::Unpack { .. } | Event::Files { .. }) {
            self.bar = None;
        }
        match event {
            Event::Undoing(why) => self.terminal.warn(&format!("{why}; what was done is being taken back")),
            Event::Note(what) => self.terminal.note(what),
            Event::Hook(hook) if self.is_verbose => self.terminal.note(&format!("runs the hook `{}`", hook.word())),
            Event::Statement { step, sql } if self.is_verbose => self.terminal.note(&format!("step {step}: {sql}")),
            Event::Hook(_) | Event::Statement { .. } => {}
            Event::Download { done, total } => self.progress("fetching", done, total),
            Event::Unpack { done, total } => self.progress("unpacking", done, total),
            Event::Files { done, total } => self.progress("replacing", done as u64, Some(total as u64)),
        }
    }

    fn progress(&mut self, what: &'static str, done: u64, total: Option<u64>) {
        if self.bar.as_ref().is_none_or(|(of, _)| *of != what) {
            self.bar = Some((what, Progress::new(what, self.is_quiet)));
        }
        if let (Some((_, bar)), Some(total)) = (&mut self.bar, total) {
            bar.set(usize::try_from(done).unwrap_or(usize::MAX), usize::try_from(total).unwrap_or(usize::MAX));
        }
    }
}

/// The end of a run that an apply's error is.
pub(crate) fn failure(error: &ApplyError, root: &Path) -> Failure {
    let exit = match (error.state, error.kind) {
        (Standing::Person, _) => Exit::NeedsPerson,
        (
            _,
            ErrorKind::Locked
            | ErrorKind::Refused
            | ErrorKind::PreflightFailed
            | ErrorKind::VerificationFailed
            | ErrorKind::PathError
            | ErrorKind::BackupNotEnabled
            | ErrorKind::RollbackFailed,
        ) => Exit::Refused,
        (_, ErrorKind::ExtractionFailed) => Exit::Wrong,
        (_, _) => Exit::Undone,
    };
    let help: Vec<String> =
        error.help.iter().map(|line| line.replace("--root ROOT", &format!("--root {}", root.display()))).collect();
    let failure = Failure::wrong(error.to_string()).exit(exit);
    if help.is_empty() { failure } else { failure.help(help.join("\n  = help: ")) }
}

#[cfg(test)]
mod tests {
    use alterplan::source::Source;

    use super::*;

    #[test]
    fn hooks_are_commands_with_or_without_a_limit() {
        let text = "hooks: {pre: stop, health: {run: 'curl -f localhost', limit: 10}}\ntarget: mysql:8.4\n";
        let config = Config::read(&Source::new("config.yaml", text), None).expect("settings");
        let health = Hook { command: "curl -f localhost".to_owned(), limit: Duration::from_secs(10) };
        let want = Hooks { pre: Some(Hook::new("stop")), restart: None, health: Some(health) };
        assert_eq!(hooks(config.hooks.expect("hooks")), want);
    }
}

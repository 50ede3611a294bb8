//! Commands of the local configuration, run at the stages of a transaction. A bundle never brings any.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::record::HookName;

/// How often is looked whether a command has ended.
const GLANCE: Duration = Duration::from_millis(10);
/// How long a command may take where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(300);
/// How much of what a failed command wrote goes into the message, from its end.
const LAST_WORDS: usize = 600;

/// The commands for the stages of a transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hooks {
    /// Before anything changes.
    pub pre: Option<Hook>,
    /// After the files have changed places, and again after they have been put back.
    pub restart: Option<Hook>,
    /// Tells by its exit code whether what was restarted works.
    pub health: Option<Hook>,
}

/// A command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hook {
    /// Given to `/bin/sh -c`.
    pub command: String,
    /// How long it may take.
    pub limit: Duration,
}

impl Hook {
    /// A command that may take five minutes.
    pub fn new(command: impl Into<String>) -> Self {
        Self { command: command.into(), limit: PATIENCE }
    }
}

impl Hooks {
    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.pre.is_none() && self.restart.is_none() && self.health.is_none()
    }

    /// Runs the command of a stage, if there is one, in the installation's root.
    pub(crate) fn run(&self, name: HookName, root: &Path) -> Result<(), String> {
        let hook = match name {
            HookName::Pre => &self.pre,
            HookName::Restart => &self.restart,
            HookName::Health => &self.health,
        };
        hook.as_ref().map_or(Ok(()), |hook| run(hook, name, root))
    }
}

fn run(hook: &Hook, name: HookName, root: &Path) -> Result<(), String> {
    let mut words = tempfile::tempfile().map_err(|why| format!("there is no file for what it writes: {why}"))?;
    let writer = |file: &std::fs::File| file.try_clone().map(Stdio::from).map_err(|why| why.to_string());
    let mut child = Command::new("/bin/sh")
        .arg("-c")
        .arg(&hook.command)
        .current_dir(root)
        .env("ALTERPLAN_HOOK", name.word())
        .stdin(Stdio::null())
        .stdout(writer(&words)?)
        .stderr(writer(&words)?)
        // A group of its own, so that all of it can be ended.
        .process_group(0)
        .spawn()
        .map_err(|why| format!("`{}` cannot be started: {why}", hook.command))?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|why| why.to_string())? {
            Some(status) => break status,
            None if start.elapsed() >= hook.limit => {
                end_all(&child);
                // It has been killed: this returns at once.
                let _ = child.wait();
                return Err(format!(
                    "`{}` took longer than {} s and was ended",
                    hook.command,
                    hook.limit.as_secs_f32()
                ));
            }
            None => std::thread::sleep(GLANCE),
        }
    };
    if status.success() {
        return Ok(());
    }
    Err(format!("`{}` ended with {status}{}", hook.command, last_words(&mut words)))
}

fn end_all(child: &std::process::Child) {
    let Ok(id) = i32::try_from(child.id()) else { return };
    if let Some(group) = rustix::process::Pid::from_raw(id) {
        // Where the group is gone already there is nothing to end.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// The end of what the command wrote, in one line.
fn last_words(file: &mut std::fs::File) -> String {
    let mut bytes = Vec::new();
    if file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes)).is_err() || bytes.is_empty() {
        return String::new();
    }
    let end = bytes.get(bytes.len().saturating_sub(LAST_WORDS)..).unwrap_or_default();
    let text = String::from_utf8_lossy(end);
    let line: Vec<&str> = text.split_whitespace().collect();
    format!(": {}", line.join(" "))
}

//! A bar for work that takes long, where somebody looks at it.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work of less is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that appears on a terminal after half a second, and is gone with the work.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    shown: bool,
    what: String,
}

impl Progress {
    /// A bar for some work; never where standard error is no terminal.
    pub(crate) fn new(what: impl Into<String>, quiet: bool) -> Self {
        let watched = !quiet && std::io::stderr().is_terminal();
        let bar = watched.then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()));
        Self { bar, started: Instant::now(), shown: false, what: what.into() }
    }

    /// Shows how far the work has come.
    pub(crate) fn set(&mut self, done: usize, total: usize) {
        let Some(bar) = &self.bar else { return };
        if !self.shown && self.started.elapsed() >= PATIENCE {
            self.shown = true;
            bar.set_draw_target(ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}") {
                bar.set_style(style);
            }
            bar.set_message(self.what.clone());
        }
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

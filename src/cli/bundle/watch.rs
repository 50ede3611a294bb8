//! Progress of a bundle's work, on the bar of the terminal.

use alterplan::bundle;

use crate::cli::progress::Progress;

/// A bar for each part of the work.
pub(super) struct Watch {
    quiet: bool,
    bar: Option<Progress>,
    done: u64,
    total: Option<u64>,
}

impl Watch {
    pub(super) fn new(quiet: bool) -> Self {
        Self { quiet, bar: None, done: 0, total: None }
    }
}

/// What the bar counts in.
const UNIT: u64 = 1 << 20;

fn units(bytes: u64) -> usize {
    usize::try_from(bytes / UNIT).unwrap_or(usize::MAX)
}

impl bundle::Progress for Watch {
    fn begin(&mut self, what: &'static str, bytes: Option<u64>) {
        self.bar = Some(Progress::new(format!("{what} (MiB)"), self.quiet));
        (self.done, self.total) = (0, bytes);
    }

    fn advance(&mut self, bytes: u64) {
        let before = self.done / UNIT;
        self.done += bytes;
        if let Some(bar) = self.bar.as_mut().filter(|_| self.done / UNIT > before) {
            bar.set(units(self.done), units(self.total.unwrap_or(self.done)));
        }
    }
}

//! A bar for work that takes long, where somebody looks at it.
//!
//! It is drawn by hand: for four words on a line, a library of bars would bring in the system's library of mathematics,
//! whose loading a start of the program feels.

use std::time::{Duration, Instant};

use console::Term;

/// Work of less is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// The bar is not drawn more often than this.
const REST: Duration = Duration::from_millis(50);

/// How many characters the bar has.
const WIDTH: usize = 30;

/// A bar that appears on a terminal after half a second, and is gone with the work.
pub(crate) struct Progress {
    term: Option<Term>,
    started: Instant,
    drawn: Option<Instant>,
    what: String,
}

impl Progress {
    /// A bar for some work; never where standard error is no terminal.
    pub(crate) fn new(what: impl Into<String>, quiet: bool) -> Self {
        let term = Some(Term::stderr()).filter(|term| !quiet && term.is_term());
        Self { term, started: Instant::now(), drawn: None, what: what.into() }
    }

    /// Shows how far the work has come.
    pub(crate) fn set(&mut self, done: usize, total: usize) {
        let Some(term) = &self.term else { return };
        let is_time = self.drawn.map_or(self.started.elapsed() >= PATIENCE, |last| last.elapsed() >= REST);
        if is_time {
            self.drawn = Some(Instant::now());
            let line = line(&self.what, done, total, usize::from(term.size().1));
            // A terminal that is gone stops no work.
            let _ = term.clear_line().and_then(|()| term.write_str(&line));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(term) = self.term.as_ref().filter(|_| self.drawn.is_some()) {
            let _ = term.clear_line();
        }
    }
}

/// What the work is, how much of it is done, and both numbers, on a line of so many columns, of which the last one stays free: it
/// would begin another line. What is too long for it loses its end.
fn line(what: &str, done: usize, total: usize, columns: usize) -> String {
    let full = done.min(total).saturating_mul(WIDTH).checked_div(total).unwrap_or(WIDTH);
    let (bar, rest) = ("█".repeat(full), "░".repeat(WIDTH - full));
    let numbers = format!("{done}/{total}");
    let room = columns.saturating_sub(WIDTH + numbers.len() + 3);
    let what: String = what.chars().take(room).collect();
    format!("{what} {bar}{rest} {numbers}").chars().take(columns.saturating_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_and_fits_its_line() {
        assert_eq!(line("reading", 1, 3, 80), format!("reading {}{} 1/3", "█".repeat(10), "░".repeat(20)));
        assert_eq!(line("reading", 5, 3, 80), format!("reading {} 5/3", "█".repeat(30)));
        assert_eq!(line("reading", 0, 0, 80), format!("reading {} 0/0", "█".repeat(30)));
        assert_eq!(line("reading", 3, 3, 40), format!("read {} 3/3", "█".repeat(30)));
        assert_eq!(line("reading", 0, 3, 12), format!(" {}", "░".repeat(10)));
    }
}

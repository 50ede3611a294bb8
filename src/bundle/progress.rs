//! How far something is, for those who watch.

/// Is told how far something is.
pub trait Progress {
    /// Something begins that has so many bytes; `None`: nobody knows.
    fn begin(&mut self, what: &'static str, bytes: Option<u64>);
    /// So many more are done.
    fn advance(&mut self, bytes: u64);
}

/// Nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Progress for Unwatched {
    fn begin(&mut self, _: &'static str, _: Option<u64>) {}

    fn advance(&mut self, _: u64) {}
}

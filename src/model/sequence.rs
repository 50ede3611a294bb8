//! Sequences of MariaDB.

/// A sequence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sequence {
    /// Its type, where that is not BIGINT.
    pub data_type: Option<&'static str>,
    /// The first value.
    pub start: i128,
    /// The smallest value.
    pub min: i128,
    /// The greatest value.
    pub max: i128,
    /// From one value to the next.
    pub increment: i128,
    /// How many values are taken at once; 0 is `NOCACHE`.
    pub cache: u64,
    /// Whether it begins anew at its end.
    pub cycle: bool,
    /// The engine of its table.
    pub engine: Box<str>,
    /// Its comment.
    pub comment: Box<str>,
}

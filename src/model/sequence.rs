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

impl Sequence {
    /// Whether MariaDB takes it (`sequence_definition::check_and_adjust`).
    pub fn is_valid(&self) -> bool {
        let Sequence { start, min, max, increment, cache, .. } = self;
        let Some((least, greatest)) = Self::limits(self.data_type) else { return false };
        let step = increment.abs().max(1);
        let fits = i128::from(*cache) < (greatest - step) / step;
        (least < *min || least == 0) && *max < greatest && min < max && (min..=max).contains(&start) && fits
    }

    /// The least and the greatest value of a type, as it is printed.
    pub fn limits(data_type: Option<&str>) -> Option<(i128, i128)> {
        let (name, unsigned) = match data_type {
            None => ("bigint", false),
            Some(written) => match written.strip_suffix(" unsigned") {
                Some(name) => (name, true),
                None => (written, false),
            },
        };
        let bits = match name {
            "tinyint" => 8,
            "smallint" => 16,
            "mediumint" => 24,
            "int" => 32,
            "bigint" => 64,
            _ => return None,
        };
        let all = 1_i128 << bits;
        Some(if unsigned { (0, all - 1) } else { (-all / 2, all / 2 - 1) })
    }
}

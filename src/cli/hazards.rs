//! The words of `--allow`.

use alterplan::document::HazardKind;

use super::failure::Failure;

/// The hazards that some words name.
pub(crate) fn parse(words: &[String]) -> Result<Vec<HazardKind>, Failure> {
    let mut allowed = Vec::new();
    for word in words {
        match HazardKind::ALL.into_iter().find(|kind| kind.word() == word) {
            Some(kind) => allowed.push(kind),
            None if word == "all" => allowed.extend(HazardKind::ALL),
            None => {
                let known: Vec<&str> = HazardKind::ALL.iter().map(|kind| kind.word()).collect();
                return Err(Failure::wrong(format!("no hazard `{word}`")).help(format!("{}, or all", known.join(", "))));
            }
        }
    }
    Ok(allowed)
}

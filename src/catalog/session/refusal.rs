//! What the servers refuse of a SET statement: values that no variable of that name has, as far as they are written out.
//!
//! Words that another version or vendor knows are none of these: dumps carry them from one server to the other, and what they say
//! of a definition is asked there.

use super::value;
use crate::catalog::engine;
use crate::model::creation::is_mode;
use crate::model::{Charset, Collation};
use crate::target::{Target, Vendor};

/// A client cannot speak in these.
const NOT_OF_CLIENTS: [&str; 4] = ["ucs2", "utf16", "utf16le", "utf32"];

/// The number and the words, where the value of a variable, as written, is refused.
pub(in crate::catalog) fn refusal(name: &str, written: &str, target: Target) -> Option<(u16, String)> {
    if name.starts_with('@') || !value::is_constant(written) || written.trim().eq_ignore_ascii_case("default") {
        return None;
    }
    let value = written.trim().trim_matches(['\'', '"', '`']);
    // An expression, or a number that stands for a word.
    if value.contains(['\'', '"', '`', '\\']) || value.bytes().all(|b| b.is_ascii_digit()) && !is_flag(name) {
        return None;
    }
    let wrong = || Some((1231, format!("variable '{name}' can't be set to the value of '{value}'")));
    match name {
        "names"
        | "character_set_client"
        | "character_set_connection"
        | "character_set_results"
        | "character_set_server" => match charset(value, target) {
            None if !(value.eq_ignore_ascii_case("null") && name == "character_set_results") => {
                Some((1115, format!("unknown character set: '{value}'")))
            }
            Some(charset)
                if NOT_OF_CLIENTS.contains(&charset.name()) && matches!(name, "names" | "character_set_client") =>
            {
                Some((1231, format!("variable 'character_set_client' can't be set to the value of '{value}'")))
            }
            None | Some(_) => None,
        },
        "collation_connection" | "collation_server" if !is_collation(value, target) => {
            Some((1273, format!("unknown collation: '{value}'")))
        }
        "sql_mode" if !value.split(',').all(|mode| mode.trim().is_empty() || is_mode(mode)) => wrong(),
        "foreign_key_checks"
            if !["0", "1", "on", "off", "true", "false"].iter().any(|w| w.eq_ignore_ascii_case(value)) =>
        {
            wrong()
        }
        "default_storage_engine" if engine::known(value, target).is_none() => {
            Some((1286, format!("unknown storage engine '{value}'")))
        }
        _ => None,
    }
}

/// Whether numbers are values of the variable.
fn is_flag(name: &str) -> bool {
    name == "foreign_key_checks"
}

/// The newest servers beside the target's own.
const OTHERS: [Target; 2] = [Target::series(Vendor::MySql, 9, 7), Target::series(Vendor::MariaDb, 11, 8)];

fn charset(name: &str, target: Target) -> Option<Charset> {
    Charset::named(name, target).or_else(|| OTHERS.into_iter().find_map(|target| Charset::named(name, target)))
}

fn is_collation(name: &str, target: Target) -> bool {
    let knows = |target| Collation::named(name, None, target).is_some();
    knows(target) || OTHERS.into_iter().any(knows)
}

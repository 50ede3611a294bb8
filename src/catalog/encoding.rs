//! What bytes say in a charset, and which characters a charset has.
//!
//! Charsets of one byte stand in `grammar/encodings.tsv`, as the servers convert them; those of East Asia are decoded by
//! the WHATWG's tables, which are the servers' but for a few rare characters.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use crate::model::Charset;
use crate::source::Pair;

/// One charset of one byte.
struct Table {
    characters: [Option<char>; 256],
    known: HashSet<char>,
}

/// The text of bytes; `None` where they are none in this charset.
pub(super) fn decode(charset: Charset, bytes: &[u8]) -> Option<String> {
    match charset.name() {
        "utf8mb4" | "binary" => String::from_utf8(bytes.to_vec()).ok(),
        "utf8mb3" => String::from_utf8(bytes.to_vec()).ok().filter(|text| text.chars().all(is_basic)),
        "ucs2" => units(bytes, 2, false).map(char::from_u32).collect(),
        "utf16" => char::decode_utf16(units(bytes, 2, false).map(|unit| unit as u16)).collect::<Result<_, _>>().ok(),
        "utf16le" => char::decode_utf16(units(bytes, 2, true).map(|unit| unit as u16)).collect::<Result<_, _>>().ok(),
        "utf32" => units(bytes, 4, false).map(char::from_u32).collect(),
        name => match (tables().get(name), asian(name)) {
            (Some(table), _) => bytes.iter().map(|byte| table.characters[usize::from(*byte)]).collect(),
            (None, Some(encoding)) => {
                let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
                let own = |c: char| signs(name).iter().find(|(other, _)| *other == c).map_or(c, |(_, own)| *own);
                Some(text.chars().map(own).collect())
            }
            (None, None) => None,
        },
    }
}

/// The text that bytes begin with: the servers drop what follows in a member of ENUM or SET.
pub(super) fn beginning(charset: Charset, bytes: &[u8]) -> String {
    (0..=bytes.len()).rev().find_map(|end| decode(charset, &bytes[..end])).unwrap_or_default()
}

/// What the bytes of a text in one charset are taken for in another one: what they are no beginning of is a question mark,
/// but what ends too soon is dropped by MySQL. `None` where its bytes are not known.
pub(super) fn reread(text: &str, charsets: Pair<Charset>, drops_rest: bool) -> Option<String> {
    encode(charsets.old, text).map(|bytes| taken(&bytes, charsets.new, drops_rest))
}

/// The same for bytes.
pub(super) fn taken(bytes: &[u8], charset: Charset, drops_rest: bool) -> String {
    let known = |character: Option<char>| character.unwrap_or('?');
    match charset.name() {
        "ucs2" | "utf16" | "utf16le" | "utf32" => {
            let width = if charset.name() == "utf32" { 4 } else { 2 };
            let whole = bytes.len() - bytes.len() % width;
            let units = units(&bytes[..whole], width, charset.name() == "utf16le");
            let rest = if whole < bytes.len() && !drops_rest { "?" } else { "" };
            units.map(|unit| known(char::from_u32(unit))).collect::<String>() + rest
        }
        "utf8mb4" | "utf8mb3" | "binary" => {
            let shows = |character: &str| character.chars().all(is_basic);
            let (mut text, mut at) = (String::new(), 0);
            while let Some(byte) = bytes.get(at) {
                let length = match byte {
                    0..=0xC1 => 1,
                    0xC2..=0xDF => 2,
                    0xE0..=0xEF => 3,
                    0xF0.. => 4,
                };
                let character = bytes.get(at..at + length).map(std::str::from_utf8);
                match character {
                    None if drops_rest => break,
                    Some(Ok(character)) if shows(character) => {
                        text.push_str(character);
                        at += length;
                    }
                    // The servers show what they keep as utf8mb3.
                    Some(Ok(_)) if charset.name() == "utf8mb4" => {
                        text.push('?');
                        at += length;
                    }
                    None | Some(_) => {
                        text.push('?');
                        at += 1;
                    }
                }
            }
            text
        }
        name => match tables().get(name) {
            Some(table) => bytes.iter().map(|byte| known(table.characters[usize::from(*byte)])).collect(),
            None => {
                let known = beginning(charset, bytes);
                let rest = encode(charset, &known).is_some_and(|own| own.len() < bytes.len());
                if rest && !drops_rest { known + "?" } else { known }
            }
        },
    }
}

/// The bytes of a text; `None` where the charset lacks some of it.
pub(super) fn encode(charset: Charset, text: &str) -> Option<Vec<u8>> {
    match charset.name() {
        "utf8mb4" | "utf8mb3" | "binary" => Some(text.as_bytes().to_vec()),
        "utf16le" => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "ucs2" | "utf16" => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        "utf32" => Some(text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect()),
        name => match (tables().get(name), asian(name)) {
            (Some(table), _) => {
                let byte = |c| table.characters.iter().position(|known| *known == Some(c)).map(|at| at as u8);
                text.chars().map(byte).collect()
            }
            (None, Some(encoding)) => {
                let (bytes, _, lost) = encoding.encode(text);
                (!lost).then(|| bytes.into_owned())
            }
            (None, None) => None,
        },
    }
}

/// Whether the charset has this character.
pub(super) fn holds(charset: Charset, character: char) -> bool {
    if character.is_ascii() && charset.name() != "swe7" {
        return true;
    }
    match charset.name() {
        "utf8mb3" | "ucs2" => is_basic(character),
        name => match (tables().get(name), asian(name)) {
            (Some(table), _) => table.known.contains(&character),
            (None, Some(_)) if signs(name).iter().any(|(other, own)| [*other, *own].contains(&character)) => {
                signs(name).iter().any(|(_, own)| *own == character)
            }
            (None, Some(encoding)) => {
                !encoding.encode(character.encode_utf8(&mut [0; 4])).2
                    || matches!(name, "ujis" | "eucjpms") && supplement().contains(&character)
            }
            (None, None) => true,
        },
    }
}

/// Whether bytes are characters that utf8mb3 has.
pub(super) fn is_basic_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_basic))
}

fn is_basic(character: char) -> bool {
    u32::from(character) <= 0xFFFF
}

/// Numbers of so many bytes each; what is missing at the beginning is zero.
fn units(bytes: &[u8], width: usize, little: bool) -> impl Iterator<Item = u32> {
    let missing = bytes.len().next_multiple_of(width) - bytes.len();
    let mut padded = vec![0; missing];
    padded.extend_from_slice(bytes);
    let number = move |unit: &[u8]| {
        let digit = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        if little { unit.iter().rev().fold(0, digit) } else { unit.iter().fold(0, digit) }
    };
    padded.chunks(width).map(number).collect::<Vec<_>>().into_iter()
}

fn asian(name: &str) -> Option<&'static encoding_rs::Encoding> {
    Some(match name {
        "big5" => encoding_rs::BIG5,
        "sjis" | "cp932" => encoding_rs::SHIFT_JIS,
        "ujis" | "eucjpms" => encoding_rs::EUC_JP,
        "euckr" => encoding_rs::EUC_KR,
        "gb2312" | "gbk" => encoding_rs::GBK,
        "gb18030" => encoding_rs::GB18030,
        _ => return None,
    })
}

/// The characters of JIS X 0212, which EUC-JP has behind a byte of 8F: the WHATWG's encoder leaves them out.
fn supplement() -> &'static HashSet<char> {
    static SUPPLEMENT: OnceLock<HashSet<char>> = OnceLock::new();
    SUPPLEMENT.get_or_init(|| {
        let pairs = (0xA1..=0xFE).flat_map(|row| (0xA1..=0xFE).map(move |cell| [0x8F, row, cell]));
        let decoded = pairs.filter_map(|bytes| {
            let text = encoding_rs::EUC_JP.decode_without_bom_handling_and_without_replacement(&bytes)?;
            text.chars().next()
        });
        decoded.collect()
    })
}

/// Signs that the WHATWG decodes as Microsoft does, each with what it is in the charsets that follow JIS X 0208 itself
/// (MySQL 8.4 manual, section 12.10.7.1 "The cp932 Character Set").
fn signs(charset: &str) -> &'static [(char, char)] {
    const SIGNS: [(char, char); 6] = [
        ('\u{FF5E}', '\u{301C}'),
        ('\u{2225}', '\u{2016}'),
        ('\u{FF0D}', '\u{2212}'),
        ('\u{FFE0}', '\u{A2}'),
        ('\u{FFE1}', '\u{A3}'),
        ('\u{FFE2}', '\u{AC}'),
    ];
    if matches!(charset, "ujis" | "sjis") { &SIGNS } else { &[] }
}

fn tables() -> &'static HashMap<&'static str, Table> {
    static TABLES: OnceLock<HashMap<&'static str, Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let lines = include_str!("../../grammar/encodings.tsv").lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(table).collect()
    })
}

fn table(line: &'static str) -> Option<(&'static str, Table)> {
    let mut cells = line.split('\t');
    let (name, low, high) = (cells.next()?, cells.next()?, cells.next()?);
    let character = |code: &str| u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    let mut characters: [Option<char>; 256] = std::array::from_fn(|byte| char::from_u32(byte as u32));
    for (byte, code) in high.split(' ').enumerate().take(128) {
        characters[128 + byte] = character(code);
    }
    for (byte, code) in low.split(' ').filter_map(|pair| pair.split_once('=')) {
        characters[usize::from_str_radix(byte, 16).ok().filter(|byte| *byte < 128)?] = character(code);
    }
    let known = characters.iter().flatten().copied().collect();
    Some((name, Table { characters, known }))
}

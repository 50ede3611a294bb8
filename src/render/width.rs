//! How many columns of a terminal a character takes, near enough to put a caret under it.

/// Ranges of characters that take two columns (Unicode, "East Asian Width" W and F, and emoji).
const WIDE: [(u32, u32); 14] = [
    (0x1100, 0x115f),
    (0x2e80, 0x303e),
    (0x3041, 0x33ff),
    (0x3400, 0x4dbf),
    (0x4e00, 0x9fff),
    (0xa000, 0xa4cf),
    (0xa960, 0xa97c),
    (0xac00, 0xd7a3),
    (0xf900, 0xfaff),
    (0xfe30, 0xfe6f),
    (0xff00, 0xff60),
    (0xffe0, 0xffe6),
    (0x1f300, 0x1faff),
    (0x20000, 0x3fffd),
];

/// Ranges of characters that take none: they are drawn over the one before.
const COMBINING: [(u32, u32); 7] = [
    (0x300, 0x36f),
    (0x483, 0x489),
    (0x591, 0x5bd),
    (0x200b, 0x200f),
    (0x20d0, 0x20ff),
    (0xfe00, 0xfe0f),
    (0xfe20, 0xfe2f),
];

/// The columns of one character. Control characters are counted as their pictures.
pub fn of(c: char) -> usize {
    let within = |ranges: &[(u32, u32)]| ranges.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)));
    match c {
        '\0'..='\u{2ff}' => 1,
        _ if within(&COMBINING) => 0,
        _ if within(&WIDE) => 2,
        _ => 1,
    }
}

/// The columns of a text.
pub fn of_text(text: &str) -> usize {
    text.chars().map(of).sum()
}

/// The words of a line on as many lines as it takes, none wider than that where words allow it.
///
/// ```
/// use alterplan::render::width::wrapped;
/// assert_eq!(wrapped("adds column `a`, not null", 12), ["adds column", "`a`, not", "null"]);
/// assert_eq!(wrapped("unbreakable words", 5), ["unbreakable", "words"]);
/// ```
pub fn wrapped(line: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if of_text(last) + 1 + of_text(word) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

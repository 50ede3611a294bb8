//! Laws of the preprocessor over dangerous text: lossless, no panic, equal to a slow twin.

use alterplan::preprocess::{Lexis, statements};
use alterplan::target::{Target, Vendor};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const PIECES: [&[u8]; 52] = [
    b"'",
    b"'",
    b"\"",
    b"`",
    b"\\",
    b"\\",
    b";",
    b";",
    b"#",
    b"-",
    b"--",
    b"-- ",
    b"/",
    b"*",
    b"!",
    b"M",
    b"/*",
    b"*/",
    b"*/",
    b"/*!",
    b"/*!40000 ",
    b"/*!99999 ",
    b"/*!100500",
    b"/*M!100100 ",
    b"/*M!999999\\- x */",
    b"\n",
    b"\n",
    b"\r",
    b"\r\n",
    b" ",
    b"\t",
    b"a",
    b"0",
    b"\0",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"$",
    b"$$",
    b"\nDELIMITER $$\n",
    b"\ndelimiter ;\n",
    b"DELIMITER //",
    b"\nuse a\n",
    b"use ",
    b"\\g",
    b"\\c",
    b"\\N",
    b"\\d$$",
    b"\\. a",
    b"SET ",
    b"sql_mode=",
    b"ANSI_QUOTES",
    b"(",
];

fn target() -> impl Strategy<Value = Target> {
    select(vec![
        Target::series(Vendor::MySql, 5, 7),
        Target::series(Vendor::MySql, 9, 7),
        Target::series(Vendor::MariaDb, 10, 11),
    ])
}

fn lexis() -> impl Strategy<Value = Lexis> {
    (any::<bool>(), any::<bool>()).prop_map(|(ansi_quotes, no_backslash_escapes)| Lexis {
        ansi_quotes,
        no_backslash_escapes,
        ..Lexis::default()
    })
}

fn dangerous() -> impl Strategy<Value = Vec<u8>> {
    vec(select(PIECES.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost(text in dangerous(), target in target(), lexis in lexis()) {
        let mut at = 0;
        for item in statements(&text, target, lexis) {
            prop_assert!(at < text.len(), "read on after the end or an error");
            match item {
                Ok(read) => {
                    prop_assert_eq!(read.span.start, at);
                    prop_assert!(read.span.end > at);
                    prop_assert!(at <= read.body.start && read.body.start <= read.body.end);
                    prop_assert!(read.body.end <= read.delimiter.start && read.delimiter.end <= read.span.end);
                    prop_assert_eq!(read.text, &text[read.body.start..read.body.end]);
                    at = read.span.end;
                }
                Err(error) => {
                    prop_assert_eq!(error.rest.start, at);
                    prop_assert!(error.rest.start <= error.span.start && error.span.end <= error.rest.end);
                    at = error.rest.end;
                }
            }
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn data_with_strings_is_read_as_the_twin_reads_it(text in dangerous(), target in target(), lexis in lexis()) {
        // The twin follows no SET, and does not know which statements the server would cut at `;` behind
        // another delimiter: so neither `=` nor `d` may occur.
        let text: Vec<u8> = text.into_iter().filter(|byte| !matches!(byte, b'=' | b'd' | b'D')).collect();
        let (ends, broken) = Twin { text: &text, target, lexis, delimiter: b";".to_vec() }.ends();
        let mut found = Vec::new();
        let mut error = false;
        for item in statements(&text, target, lexis) {
            match item {
                Ok(read) => found.push(read.span.end),
                Err(_) => error = true,
            }
        }
        prop_assert_eq!((found, error), (ends, broken), "{}", text.escape_ascii());
    }
}

/// The same rules, one byte at a time, with none of the room's code.
struct Twin<'a> {
    text: &'a [u8],
    target: Target,
    lexis: Lexis,
    delimiter: Vec<u8>,
}

/// How far a thing reaches: `Err` where the text ends inside it.
type Reach = Result<Option<usize>, ()>;

impl Twin<'_> {
    fn ends(mut self) -> (Vec<usize>, bool) {
        let mut ends = Vec::new();
        let mut at = 0;
        if [b"\xFF\xFE", b"\xFE\xFF"].iter().any(|mark| self.text.starts_with(*mark)) {
            return (ends, true);
        }
        while at < self.text.len() {
            match self.statement(at) {
                Ok(end) => ends.push(end),
                Err(()) => return (ends, true),
            }
            at = ends[ends.len() - 1];
        }
        (ends, false)
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(b'\n')
    }

    fn has(&self, at: usize, piece: &[u8]) -> bool {
        at <= self.text.len() && self.text[at..].starts_with(piece)
    }

    fn blank(byte: u8) -> bool {
        b" \t\n\r\x0B\x0C".contains(&byte)
    }

    fn line_end(&self, mut at: usize) -> usize {
        while at < self.text.len() && self.text[at] != b'\n' {
            at += 1;
        }
        at
    }

    /// The end of the opener of a conditional comment, and whether it is read.
    fn opener(&self, at: usize) -> Option<(usize, bool)> {
        let (digits, only) = if self.has(at, b"/*!") {
            (at + 3, false)
        } else if self.has(at, b"/*M!") && self.target.is_mariadb() {
            (at + 4, true)
        } else {
            return None;
        };
        let mut count = 0;
        while count < 6 && at + count < self.text.len() && self.byte(digits + count).is_ascii_digit() {
            count += 1;
        }
        if count == 6 && self.target.is_mysql() && !(digits + 6 < self.text.len() && Self::blank(self.byte(digits + 6)))
        {
            count = 5;
        }
        if count < 5 {
            return Some((digits, self.target.reads_conditional(0, only)));
        }
        let number = String::from_utf8_lossy(&self.text[digits..digits + count]).parse().unwrap_or(0);
        Some((digits + count, self.target.reads_conditional(number, only)))
    }

    /// The end of a comment that is not read.
    fn comment(&self, at: usize, leading: bool) -> Reach {
        let after = self.byte(at + 2);
        if self.has(at, b"#") || self.has(at, b"--") && (leading || Self::blank(after) || after.is_ascii_control()) {
            return Ok(Some(self.line_end(at)));
        }
        if !self.has(at, b"/*") {
            return Ok(None);
        }
        let (mut at, nests) = match self.opener(at) {
            Some((_, true)) => return Ok(None),
            Some((end, false)) => (end, true),
            None => (at + 2, false),
        };
        let mut inside = false;
        while at < self.text.len() {
            if self.has(at, b"*/") {
                at += 2;
                if !inside {
                    return Ok(Some(at));
                }
                inside = false;
            } else if nests && !inside && self.has(at, b"/*") {
                inside = true;
                at += 2;
            } else {
                at += 1;
            }
        }
        Err(())
    }

    fn quoted(&self, mut at: usize) -> Reach {
        let quote = self.byte(at);
        let escapes = match quote {
            b'`' => false,
            b'"' if self.lexis.ansi_quotes => false,
            _ => !self.lexis.no_backslash_escapes,
        };
        at += 1;
        while at < self.text.len() {
            if escapes && self.text[at] == b'\\' {
                at += 2;
            } else if self.text[at] == quote {
                return Ok(Some(at + 1));
            } else {
                at += 1;
            }
        }
        Err(())
    }

    fn set_delimiter(&mut self, argument: &[u8]) -> Result<(), ()> {
        let mut bare = argument.to_vec();
        if let Some(&quote) = argument.first().filter(|quote| b"'\"`".contains(quote)) {
            bare.remove(0);
            if bare.last() == Some(&quote) {
                bare.pop();
            }
        }
        if bare.is_empty() || bare.contains(&b'\\') {
            return Err(());
        }
        self.delimiter = bare;
        Ok(())
    }

    /// An argument of the client from `at`, within the line that ends at `end`.
    fn argument(&self, mut at: usize, end: usize, doubled: bool) -> (usize, usize) {
        while at < end && Self::blank(self.text[at]) {
            at += 1;
        }
        let start = at;
        if at < end && b"'\"`".contains(&self.text[at]) {
            let quote = self.text[at];
            at += 1;
            while at < end && (self.text[at] != quote || doubled && at + 1 < end && self.text[at + 1] == quote) {
                at += if self.text[at] == quote { 2 } else { 1 };
            }
            return (start, end.min(at + 1));
        }
        while at < end && !Self::blank(self.text[at]) {
            at += 1;
        }
        (start, at)
    }

    fn statement(&mut self, from: usize) -> Result<usize, ()> {
        let mut at = from;
        if at == 0 && self.has(0, b"\xEF\xBB\xBF") {
            at = 3;
        }
        let mut alone = from == 0 || self.text[from - 1] == b'\n';
        while at < self.text.len() {
            if Self::blank(self.text[at]) {
                alone |= self.text[at] == b'\n';
                at += 1;
            } else if self.has(at, &self.delimiter) {
                break;
            } else if let Some(end) = self.comment(at, true)? {
                at = end;
                alone = false;
            } else {
                break;
            }
        }
        match self.line(at, alone)? {
            Some(end) => Ok(end),
            None => self.sql(at),
        }
    }

    /// A line of the client.
    fn line(&mut self, at: usize, alone: bool) -> Reach {
        let end = self.line_end(at);
        let next = self.text.len().min(end + 1);
        if self.has(at, b"\\") && !self.lexis.no_backslash_escapes {
            match self.byte(at + 1) {
                b'd' if at + 1 < self.text.len() => {
                    let (start, stop) = self.argument(at + 2, end, false);
                    let argument = self.text[start..stop].to_vec();
                    self.set_delimiter(&argument)?;
                    return Ok(Some(stop));
                }
                b'.' | b'!' | b'r' | b'u' | b'C' | b'P' | b'R' | b'T' | b'h' | b'?' => {
                    let stop = (at + 2..end).find(|&at| self.has(at, &self.delimiter));
                    return Ok(Some(stop.map_or(next, |stop| stop + self.delimiter.len())));
                }
                letter if b"#-Wnpstwxqe".contains(&letter) => return Ok(Some(at + 2)),
                _ => return Ok(None),
            }
        }
        let mut stop = at;
        while stop < end
            && (self.text[stop].is_ascii_alphanumeric() || b"_$".contains(&self.text[stop]) || self.text[stop] > 0x7F)
        {
            stop += 1;
        }
        let word = self.text[at..stop].to_ascii_lowercase();
        if stop < end && !Self::blank(self.text[stop]) {
            return Ok(None);
        }
        let line = &self.text[at..end];
        let line = &line[..line.trim_ascii_end().len()];
        if alone && word == b"delimiter" {
            let (start, stop) = self.argument(stop, at + line.len(), true);
            let argument = self.text[start..stop].to_vec();
            self.set_delimiter(&argument)?;
            return Ok(Some(next));
        }
        let sent = |piece: &[u8]| line.windows(piece.len()).any(|window| window == piece);
        if alone && word == b"use" && !sent(&self.delimiter) && !sent(b"\\g") {
            return Ok(Some(next));
        }
        Ok(None)
    }

    fn sql(&self, from: usize) -> Result<usize, ()> {
        let mut at = from;
        let mut open = false;
        let mut word = from;
        while word < self.text.len()
            && (self.text[word].is_ascii_alphanumeric() || b"_$".contains(&self.text[word]) || self.text[word] > 0x7F)
        {
            word += 1;
        }
        let misplaced = self.text[from..word].eq_ignore_ascii_case(b"delimiter");
        while at < self.text.len() {
            if self.text[at] == b'\\' && !self.lexis.no_backslash_escapes {
                match self.text.get(at + 1) {
                    Some(b'g' | b'G' | b'c') if open => return Err(()),
                    Some(b'c') => return Ok(at + 2),
                    Some(b'g' | b'G') if misplaced => return Err(()),
                    Some(b'g' | b'G') => return Ok(at + 2),
                    Some(b'N') => at += 2,
                    Some(letter) if b"#-Wnpstwxqe".contains(letter) => at += 2,
                    Some(_) => return Err(()),
                    None if open || misplaced => return Err(()),
                    None => return Ok(at + 1),
                }
            } else if self.has(at, &self.delimiter) {
                return if open || misplaced { Err(()) } else { Ok(at + self.delimiter.len()) };
            } else if b"'\"`".contains(&self.text[at]) {
                at = self.quoted(at)?.unwrap_or(at);
            } else if let Some(end) = self.comment(at, false)? {
                at = end;
            } else if let Some((end, _)) = self.opener(at) {
                open = true;
                at = end;
            } else if open && self.has(at, b"*/") {
                open = false;
                at += 2;
            } else {
                at += 1;
            }
        }
        if open || misplaced { Err(()) } else { Ok(at) }
    }
}

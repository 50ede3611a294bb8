//! How a statement is put into a script for the command-line clients, whose only idea of a
//! statement's end is the delimiter outside quotes and comments.

/// What a client would see in a statement's text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Scan {
    /// A `;` that is neither quoted nor in a comment.
    has_semicolon: bool,
    /// The text ends within a comment that reaches to the end of the line.
    ends_in_comment: bool,
}

/// Delimiters to choose from; one that the text does not hold is taken.
const DELIMITERS: [&str; 4] = [";;", "$$", "//", "@@@"];

/// Whether a statement needs no look at its quotes and comments: nothing stands in it that could be a delimiter or open a
/// comment to the end of a line.
pub(super) fn is_plain(sql: &str) -> bool {
    memchr::memchr3(b';', b'#', b'-', sql.as_bytes()).is_none()
}

/// Writes a statement with its delimiter, inside a DELIMITER block where its body needs one, then a line end. What is read in a
/// session of its own may have other quotes, and gets a block wherever a semicolon stands in it at all.
pub(super) fn write(out: &mut String, sql: &str, has_session: bool) {
    let mut scan = if is_plain(sql) { Scan::default() } else { scan(sql) };
    if has_session {
        scan.has_semicolon |= sql.contains(';');
        scan.ends_in_comment |= sql.lines().last().is_some_and(|line| line.contains('#') || line.contains("--"));
    }
    let line_end = if scan.ends_in_comment { "\n" } else { "" };
    if !scan.has_semicolon {
        out.push_str(sql);
        out.push_str(line_end);
        out.push_str(";\n");
        return;
    }
    let delimiter = delimiter(sql);
    out.push_str(&format!("DELIMITER {delimiter}\n{sql}{line_end}{delimiter}\nDELIMITER ;\n"));
}

/// A delimiter that the text does not hold, and that does not run together with the text's own last character.
fn delimiter(sql: &str) -> String {
    let fits = |d: &str| !sql.contains(d) && !sql.ends_with(&d[..1]);
    if let Some(known) = DELIMITERS.into_iter().find(|d| fits(d)) {
        return known.to_owned();
    }
    (1..).map(|n| format!("$end{n}$")).find(|d| fits(d)).unwrap_or_default()
}

fn scan(sql: &str) -> Scan {
    let bytes = sql.as_bytes();
    let mut found = Scan::default();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        at += match rest[0] {
            b';' => {
                found.has_semicolon = true;
                1
            }
            quote @ (b'\'' | b'"' | b'`') => quoted(rest, quote),
            b'#' => line_comment(rest, &mut found),
            b'-' if rest.starts_with(b"--") && rest.get(2).is_none_or(u8::is_ascii_whitespace) => {
                line_comment(rest, &mut found)
            }
            // The text of a conditional comment is run, so that its quotes and delimiters count.
            b'/' if rest.starts_with(b"/*") && !rest.starts_with(b"/*!") && !rest.starts_with(b"/*M!") => {
                sql[at + 2..].find("*/").map_or(rest.len(), |end| end + 4)
            }
            _ => 1,
        };
    }
    found
}

/// The length of a quoted token. Backslashes escape in strings: scripts of this room set a session where they do.
fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' if quote != b'`' => at += 2,
            // A doubled quote ends one token and begins the next, which comes to the same.
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn line_comment(rest: &[u8], found: &mut Scan) -> usize {
    match rest.iter().position(|b| *b == b'\n') {
        Some(end) => end + 1,
        None => {
            found.ends_in_comment = true;
            rest.len()
        }
    }
}

#[cfg(test)]
mod tests {
    fn written(sql: &str) -> String {
        let mut out = String::new();
        super::write(&mut out, sql, false);
        out
    }

    #[test]
    fn delimiters_only_where_a_client_would_cut() {
        let cases = [
            ("DROP TABLE `a;b`", "DROP TABLE `a;b`;\n"),
            (
                "CREATE TABLE t (a int COMMENT 'it''s; \\'; fine')",
                "CREATE TABLE t (a int COMMENT 'it''s; \\'; fine');\n",
            ),
            ("DROP TABLE t /* ; */", "DROP TABLE t /* ; */;\n"),
            ("DROP TABLE t -- it's", "DROP TABLE t -- it's\n;\n"),
            ("BEGIN -- don't;\n SELECT 1; END", "DELIMITER ;;\nBEGIN -- don't;\n SELECT 1; END;;\nDELIMITER ;\n"),
            ("BEGIN SELECT ';;'; END", "DELIMITER $$\nBEGIN SELECT ';;'; END$$\nDELIMITER ;\n"),
            ("BEGIN ; END;", "DELIMITER $$\nBEGIN ; END;$$\nDELIMITER ;\n"),
            ("BEGIN ;; $$ // @@@ END", "DELIMITER $end1$\nBEGIN ;; $$ // @@@ END$end1$\nDELIMITER ;\n"),
            ("SELECT 'open", "SELECT 'open;\n"),
        ];
        for (sql, want) in cases {
            assert_eq!(written(sql), want);
        }
    }
}

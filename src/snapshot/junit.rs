//! A suite's results as JUnit XML, which build servers show. There is no standard; this is what Jenkins, GitLab and
//! GitHub's actions all read: a suite of cases, each with its failure.

use std::fmt::Write as _;

/// The report of a suite: each case by name, with what is wrong with it.
pub fn junit<'a>(suite: &str, cases: impl IntoIterator<Item = (&'a str, &'a [String])> + Clone) -> String {
    let (tests, failures) = cases
        .clone()
        .into_iter()
        .fold((0, 0), |(tests, failures), (_, wrong)| (tests + 1, failures + usize::from(!wrong.is_empty())));
    let suite = escape(suite);
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\"");
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"{suite}\" {counts}>\n"
    );
    for (name, wrong) in cases {
        let name = escape(name);
        let _ = write!(out, "    <testcase classname=\"{suite}\" name=\"{name}\"");
        match wrong.first() {
            None => out.push_str("/>\n"),
            Some(first) => {
                let message = escape(first.lines().next().unwrap_or_default());
                let text = escape(&wrong.join("\n"));
                let _ = writeln!(out, ">\n      <failure message=\"{message}\">{text}</failure>\n    </testcase>");
            }
        }
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Text of an element or an attribute. XML has no way to write most control characters.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_report_counts_and_escapes() {
        let wrong = ["--- a\n-<x> & \"y\"\u{1}\n".to_owned()];
        let want = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <testsuites tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">\n  \
            <testsuite name=\"s&amp;\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">\n    \
            <testcase classname=\"s&amp;\" name=\"good\"/>\n    \
            <testcase classname=\"s&amp;\" name=\"bad\">\n      \
            <failure message=\"--- a\">--- a\n-&lt;x&gt; &amp; &quot;y&quot;\u{fffd}\n</failure>\n    </testcase>\n  \
            </testsuite>\n</testsuites>\n";
        assert_eq!(super::junit("s&", [("good", &[][..]), ("bad", &wrong[..])]), want);
    }
}

//! Every rule of lint over its two fixtures: `fixtures/lint/<rule>.sql`, where it finds something, and `<rule>.clean.sql`, where
//! it finds nothing. What is found where is a snapshot. A first line `-- found on TARGET` says whose file it is.

use std::fs;
use std::path::{Path, PathBuf};

use alterplan::catalog::Session;
use alterplan::compare::{self, Loaded, Text};
use alterplan::lint::{self, Levels, RULES, Report};
use alterplan::source::Source;
use alterplan::target::Target;
use support::snapshot;

pub mod support {
    //! What the tests over fixtures stand on.
    pub mod snapshot;
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/lint").join(name)
}

fn load(name: &str, text: &[u8]) -> Loaded {
    let first = text.split(|byte| *byte == b'\n').next().and_then(|line| std::str::from_utf8(line).ok());
    let target = match first.and_then(|line| line.strip_prefix("-- found on ")) {
        Some(target) => target.parse().expect("a target"),
        None => Target::DEFAULT,
    };
    let text = Text { sources: vec![Source::new(name, text)], target, session: Session::of(target) };
    let loaded = compare::load(text);
    assert!(loaded.script.errors.is_empty(), "{name}: {:?}", loaded.script.errors);
    loaded
}

fn report(name: &str) -> (Vec<u8>, Report) {
    let text = fs::read(fixture(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    let report = lint::lint(&load(name, &text), &Levels::default());
    (text, report)
}

fn shown(report: &Report) -> String {
    let lines = report.findings.iter().map(|f| {
        let at = f.at.as_deref().unwrap_or("nowhere");
        format!("{at}: {:?}: {}: {} [{}]\n", f.level, f.title, f.message, f.rule)
    });
    lines.collect()
}

#[test]
fn every_rule_finds_what_it_is_for_and_nothing_else() {
    for rule in RULES {
        let (_, found) = report(&format!("{}.sql", rule.id));
        assert!(found.findings.iter().any(|finding| finding.rule == rule.id), "{} finds nothing", rule.id);
        let (_, clean) = report(&format!("{}.clean.sql", rule.id));
        assert!(!clean.findings.iter().any(|finding| finding.rule == rule.id), "{}", shown(&clean));
        snapshot::check("lint", rule.id, &shown(&found));
    }
}

#[test]
fn there_are_fixtures_for_rules_only() {
    let entries = fs::read_dir(fixture(".")).expect("the folder").map(|entry| entry.expect("an entry").file_name());
    for name in entries.map(|name| name.to_string_lossy().into_owned()) {
        let rule = name.trim_end_matches(".sql").trim_end_matches(".clean");
        assert!(RULES.iter().any(|known| known.id == rule), "{name}");
    }
    assert!(RULES.is_sorted_by_key(|rule| rule.id));
}

#[test]
fn comments_allow() {
    let sql = "CREATE TABLE t (\n  a int, -- alterplan: allow nullable-boolean\n  -- alterplan: allow float-digits, zerofill\n  \
        b float(3,1) zerofill,\n  c boolean, -- alterplan: allow nullable-boolean\n  d boolean\n);\n\
        # alterplan: allow no-primary-key\nCREATE TABLE u (e float(3,1));\n";
    let report = lint::lint(&load("x.sql", sql.as_bytes()), &Levels::default());
    let found: Vec<_> = report.findings.iter().map(|f| (f.rule, f.at.as_deref().unwrap_or_default())).collect();
    let want = [
        ("no-primary-key", "x.sql:1"),
        ("unsigned-fraction", "x.sql:4"),
        ("nullable-boolean", "x.sql:6"),
        ("float-digits", "x.sql:9"),
    ];
    assert_eq!(found, want);
}

#[test]
fn what_can_be_mended_is_gone_then() {
    let (text, before) = report("redundant-key.sql");
    assert_eq!(before.edits.len(), 1);
    let mended = lint::mended(&text, 0, &before.edits);
    let want = "-- found\nCREATE TABLE t (a int PRIMARY KEY, b int, c int,\n  KEY bc (b, c));\n";
    assert_eq!(String::from_utf8_lossy(&mended), want);
    assert_eq!(lint::lint(&load("mended", &mended), &Levels::default()).edits, []);

    let last = "CREATE TABLE t (a int PRIMARY KEY, b int, c int,\n  KEY bc (b, c),\n  KEY b (b)\n);";
    let report = lint::lint(&load("last", last.as_bytes()), &Levels::default());
    let mended = lint::mended(last.as_bytes(), 0, &report.edits);
    assert_eq!(String::from_utf8_lossy(&mended), last.replace(",\n  KEY b (b)", ""));

    // A comment may be about either of the two that it stands between.
    let commented = last.replace(",\n  KEY b", ", -- why?\n  KEY b");
    assert_eq!(lint::lint(&load("commented", commented.as_bytes()), &Levels::default()).edits, []);
}

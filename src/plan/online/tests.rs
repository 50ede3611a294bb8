//! The table against the code that reads it.

use std::collections::BTreeSet;

use super::*;

const SOURCES: [&str; 5] = [
    include_str!("kind.rs"),
    include_str!("kind/column.rs"),
    include_str!("kind/key.rs"),
    include_str!("conditions.rs"),
    include_str!("../online.rs"),
];

fn lines() -> impl Iterator<Item = &'static str> {
    let text = include_str!("../../../grammar/online_ddl.tsv");
    text.lines().filter(|line| !line.starts_with('#') && !line.starts_with("change\t"))
}

#[test]
fn every_kind_and_condition_of_the_table_is_one_that_the_code_knows() {
    let known = |word: &str| {
        let quoted = format!("\"{word}\"");
        SOURCES.iter().any(|source| source.contains(&quoted)) || BESIDE.iter().any(|beside| beside.kind == word)
    };
    let mut unknown = BTreeSet::new();
    for line in lines() {
        let kind = line.split('\t').next().unwrap_or_default();
        let (bare, condition) = kind.split_once('@').map_or((kind, None), |(bare, condition)| (bare, Some(condition)));
        if !known(kind) && !known(bare) && !bare.starts_with("rebuild-") {
            unknown.insert(bare);
        }
        if let Some(condition) = condition.filter(|condition| !known(condition) && !known(kind)) {
            unknown.insert(condition);
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn no_two_lines_of_a_kind_hold_at_once() {
    for of_kind in ROWS.chunk_by(|a, b| a.0 == b.0) {
        for (at, (kind, row)) in of_kind.iter().enumerate() {
            for (_, other) in &of_kind[at + 1..] {
                let apart = row.vendor != other.vendor || row.until <= other.since || other.until <= row.since;
                assert!(apart, "{kind}");
            }
        }
    }
}

#[test]
fn groups_beside_others_are_those_of_kinds() {
    for beside in &BESIDE {
        let of_vendor = || ROWS.iter().filter(|(_, row)| row.vendor == beside.vendor);
        for group in beside.groups.iter().chain(beside.others) {
            assert!(of_vendor().any(|(_, row)| row.group == *group), "{group}");
        }
        assert!(of_vendor().any(|(kind, _)| *kind == beside.kind), "{}", beside.kind);
    }
}

//! Holds `grammar/ddl.ebnf` and the parser functions of `src/syntax` together, in both directions.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The productions by name, each with its right side.
fn productions() -> BTreeMap<String, String> {
    let text = fs::read_to_string("grammar/ddl.ebnf").expect("the grammar");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("(*") {
        plain.push_str(before);
        rest = after.split_once("*)").expect("a closed comment").1;
    }
    plain.push_str(rest);
    let mut productions = BTreeMap::new();
    for production in plain.split(" ;\n").map(str::trim).filter(|text| !text.is_empty()) {
        let (name, right) = production.split_once(" = ").unwrap_or_else(|| panic!("no `=` in {production}"));
        let earlier = productions.insert(name.trim().to_owned(), right.to_owned());
        assert_eq!(earlier, None, "{name} is there twice");
    }
    productions
}

/// The functions that give a `Parsed`, with the file of each.
fn parser_functions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let rooms = ["src/syntax", "src/syntax/program"].map(|room| fs::read_dir(room).expect("the room"));
    for entry in rooms.into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "rs") && path != Path::new("src/syntax/input.rs") {
            let text = fs::read_to_string(&path).expect("a source file");
            for function in text.split("fn ").skip(1) {
                let signature = function.split_once('{').map_or(function, |(signature, _)| signature);
                if signature.contains("-> Parsed<") {
                    names.insert(function.split(['<', '(']).next().unwrap_or_default().to_owned());
                }
            }
        }
    }
    names
}

/// The quoted words and the bare names of a production's right side.
fn symbols(right: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut quoted, mut bare) = (Vec::new(), Vec::new());
    for (number, part) in right.split('?').enumerate() {
        // Every second part is a lexeme in prose.
        for (number, part) in part.split('"').enumerate().filter(|_| number % 2 == 0) {
            if number % 2 == 1 {
                quoted.push(part);
            } else {
                bare.extend(part.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|w| !w.is_empty()));
            }
        }
    }
    (quoted, bare)
}

#[test]
fn every_parser_function_has_a_production_and_the_reverse() {
    let productions: BTreeSet<String> = productions().into_keys().collect();
    let functions = parser_functions();
    assert_eq!(functions.difference(&productions).collect::<Vec<_>>(), Vec::<&String>::new(), "functions alone");
    assert_eq!(productions.difference(&functions).collect::<Vec<_>>(), Vec::<&String>::new(), "productions alone");
}

#[test]
fn every_name_in_a_production_is_a_production() {
    let productions = productions();
    for (name, right) in &productions {
        for used in symbols(right).1 {
            assert!(productions.contains_key(used), "{name} uses {used}, which is no production");
        }
    }
}

#[test]
fn every_production_is_used() {
    let productions = productions();
    let used: BTreeSet<&str> = productions.values().flat_map(|right| symbols(right).1).collect();
    let unused: Vec<&String> = productions.keys().filter(|name| !used.contains(name.as_str())).collect();
    assert_eq!(
        unused,
        [
            "create_package",
            "create_routine",
            "create_trigger",
            "create_view",
            "ddl",
            "event",
            "object_statement",
            "sequence"
        ]
    );
}

#[test]
fn every_word_is_a_keyword() {
    let table = fs::read_to_string("grammar/keywords.tsv").expect("the keywords");
    let keywords: BTreeSet<&str> = table.lines().filter_map(|line| line.split('\t').next()).collect();
    for (name, right) in productions() {
        for word in symbols(&right).0 {
            let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic());
            assert!(!is_word || keywords.contains(word), "{name} has {word}, which is not in keywords.tsv");
        }
    }
}

//! Holds `grammar/lexical.ebnf` and the parser functions together.

use std::collections::BTreeSet;

#[test]
fn each_production_is_a_function_and_each_function_a_production() {
    let productions: BTreeSet<&str> = include_str!("../../grammar/lexical.ebnf")
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .collect();
    let functions: BTreeSet<&str> = include_str!("lexeme.rs")
        .lines()
        .filter(|line| line.contains("-> Lexed<"))
        .filter_map(|line| line.split_once("fn ")?.1.split_once('('))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(productions, functions);
}

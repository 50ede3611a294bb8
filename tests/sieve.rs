//! The sieve: whatever the pieces are that a text comes in, what it keeps reads as the whole does, in places too.

use alterplan::catalog::Session;
use alterplan::catalog::script::{self, Script};
use alterplan::preprocess::{Lexis, Sieve};
use alterplan::render::definition;
use alterplan::source::{Position, Source};
use alterplan::target::Target;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use support::cases;

pub mod support {
    //! What the cases are made of.
    pub mod cases;
}

fn sifted(text: &[u8], pieces: &[usize], target: Target) -> Source {
    let mut sieve = Sieve::new(target, Lexis::default());
    let (mut rest, mut pieces) = (text, pieces.iter().cycle());
    while !rest.is_empty() {
        let length = pieces.next().copied().unwrap_or(rest.len()).clamp(1, rest.len());
        let (piece, after) = rest.split_at(length);
        if length % 2 == 0 {
            sieve.push(piece);
        } else {
            let mut with_room = vec![b'\''; Sieve::ROOM];
            with_room.extend_from_slice(piece);
            sieve.push_with_room(&mut with_room);
        }
        rest = after;
    }
    sieve.finish("a.sql")
}

/// All that a script comes to, with places as people count them.
fn all_of(source: &Source, target: Target) -> String {
    let sources = [source.clone()];
    let script = script::load(&sources, target, Session::of(target));
    let place = |offset: usize| -> Position { sources[0].position(offset) };
    let Script { schema, errors, set_aside, not_understood, warnings, renamed, session, temporary } = &script;
    let errors: Vec<_> = errors
        .iter()
        .map(|e| {
            let span = e.location.span;
            let length = if e.number.is_none() { 0 } else { span.end - span.start };
            let shown: String = sources[0].line_at(span.start).chars().take(40).collect();
            (e.number, &e.message, e.hint, e.strict_only, place(span.start), length, shown.is_empty())
        })
        .collect();
    let tables: Vec<_> = schema
        .tables()
        .chain(temporary.tables())
        .map(|(_, t)| (t.name.clone(), place(t.location.span.start), place(t.location.span.end)))
        .collect();
    let gaps: Vec<_> = not_understood.iter().map(|gap| (&gap.text, place(gap.location.span.start))).collect();
    let warned: Vec<_> = warnings.iter().map(|w| (w.number, &w.message, place(w.location.span.start))).collect();
    let renamed: Vec<_> = renamed.iter().map(|r| (&r.table, &r.from, place(r.location.span.start))).collect();
    let text = definition::pieces(schema, temporary, target).concat();
    format!("{text}\n{errors:#?}\n{tables:#?}\n{set_aside:#?}\n{gaps:#?}\n{warned:#?}\n{renamed:#?}\n{session:#?}")
}

#[test]
fn fixtures_read_the_same() {
    let sources = ["ok", "err"].into_iter().flat_map(cases::statements).map(|file| (file.source, file.targets));
    let scripts =
        cases::cases().into_iter().flat_map(|case| case.new.into_iter().map(move |s| (s, case.targets.clone())));
    for (source, targets) in sources.chain(scripts) {
        for target in targets {
            let whole = all_of(&Source::new("a.sql", source.text.clone()), target);
            for pieces in [&[1usize][..], &[7], &[64, 3], &[100_000]] {
                assert_eq!(
                    all_of(&sifted(&source.text, pieces, target), target),
                    whole,
                    "{} by {pieces:?}",
                    source.name
                );
            }
        }
    }
}

#[test]
fn rows_leave_nothing_but_a_delimiter() {
    let row = "(1,'it''s \\' a; text -- /* x',NULL,-1.5,\"q\",`x`,0xAB)";
    let insert = format!("INSERT INTO t VALUES {};\n", vec![row; 2_000].join(","));
    let text = format!("CREATE TABLE t (a int);\n{}CREATE TABLE u (b int;\n", insert.repeat(3));
    let source = sifted(text.as_bytes(), &[8_191], Target::DEFAULT);
    assert_eq!(source.text, b"CREATE TABLE t (a int);;\nCREATE TABLE u (b int;\n");
    assert_eq!(source.omitted.statements, 3);
    let script = script::load(std::slice::from_ref(&source), Target::DEFAULT, Session::of(Target::DEFAULT));
    let places: Vec<_> = script.errors.iter().map(|e| source.position(e.location.span.start)).collect();
    assert_eq!(places, [Position { line: 5, column: 22 }]);
}

#[test]
fn what_breaks_off_long_after_it_began_is_shown_where_it_began() {
    let text =
        format!("CREATE TABLE t (a int);\nINSERT INTO t VALUES (1),\n(2,'\u{e9}'), ('{}", "x'' \n".repeat(20_000));
    let source = sifted(text.as_bytes(), &[4_000], Target::DEFAULT);
    assert!(source.text.len() < 1_000, "{}", source.text.len());
    let script = script::load(std::slice::from_ref(&source), Target::DEFAULT, Session::of(Target::DEFAULT));
    let error = &script.errors[0];
    assert_eq!(error.message, "the string that ' opens here is never closed");
    assert_eq!(source.position(error.location.span.start), Position { line: 3, column: 11 });
    assert_eq!(source.line_at(error.location.span.start), "'x'' ");
}

#[test]
fn a_backslash_at_the_end_of_a_piece_ends_no_conditional_comment() {
    for text in ["/*!50503 SET x\\'a b'", "/*!50503 SET x\\", "INSERT INTO t VALUES /*!50503 (1)\\", "SELECT 1\\"] {
        for pieces in [vec![1], vec![2], vec![3], vec![1_000]] {
            let (whole, cut) = (Source::new("a.sql", text), sifted(text.as_bytes(), &pieces, Target::DEFAULT));
            assert_eq!(all_of(&cut, Target::DEFAULT), all_of(&whole, Target::DEFAULT), "{text} in {pieces:?}");
        }
    }
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    let wide = select(vec![
        "INSERT INTO t VALUES ",
        "insert into `t` values (1,'a'),(2,'b');\n",
        "REPLACE INTO t VALUES (1);",
        "replaced;",
        "CREATE TABLE t (a int);\n",
        "CREATE TABLE u (`a` varchar(3) DEFAULT 'x;y');\n",
        "CREATE TABLE (;\n",
        "DROP TABLE t;\n",
        "DELIMITER ;;\n",
        "DELIMITER ;\n",
        "DELIMITER go\n",
        "DELIMITER $$\n",
        "USE d\n",
        "USE d;",
        ";;",
        "go",
        "$$",
        "\\g",
        "\\c",
        "\\N",
        "\\d //\n",
        "SET sql_mode='ANSI_QUOTES';\n",
        "SET sql_mode='NO_BACKSLASH_ESCAPES';\n",
        "SET NAMES utf8mb4;\n",
        "UPDATE t SET a = 1;\n",
        "SELECT 1;",
        "LOCK TABLES t WRITE;\n",
        "/*!40000 ALTER TABLE `t` DISABLE KEYS */;\n",
        "/*!50001 ",
        "/*M!100100 ",
        "/*!99999 ",
        "*/",
        "/* it's */",
        "/*",
        "-- it's; (\n",
        "--x",
        "--",
        "# '\n",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END",
        "\u{feff}",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let narrow = select(vec![
        ";",
        ";\n",
        "\n",
        " ",
        ",",
        "(",
        ")",
        "'",
        "''",
        "\\'",
        "\"",
        "`",
        "\\",
        "\\\\",
        "-",
        "(1,'abc')",
        ",(2,-3,'x'),",
        "\u{e9}",
        "\u{4e2d}",
        "0xAB",
        "NULL",
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let long = ("[a-z ']{1,6}", 1..300usize).prop_map(|(text, times)| text.repeat(times).into_bytes());
    let bytes = vec(any::<u8>(), 1..4);
    vec(prop_oneof![8 => wide, 12 => narrow, 2 => long, 1 => bytes], 0..24).prop_map(|pieces| pieces.concat())
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(500);
    ProptestConfig { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(5), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_in_any_pieces_reads_as_the_whole(
        text in text(),
        pieces in vec(1..200usize, 1..8),
        target in select(vec!["mysql:8.4", "mariadb:10.11"]),
    ) {
        let target: Target = target.parse().expect("a target");
        let whole = all_of(&Source::new("a.sql", text.clone()), target);
        prop_assert_eq!(all_of(&sifted(&text, &pieces, target), target), whole.clone());
        prop_assert_eq!(all_of(&sifted(&text, &[text.len().max(1)], target), target), whole);
    }
}

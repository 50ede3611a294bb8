//! Reading ahead and reading at length are one: over all fixtures, over generated schemas, and over broken ones.

use alterplan::catalog::script::{self, Script};
use alterplan::catalog::{Session, ahead};
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use support::cases;
use support::generated::{self, Dialect, Tape, print};

pub mod support {
    //! What the cases are made of.
    pub mod cases;
    pub mod generated;
}

/// All that a script came to, places and order included.
fn all_of(script: &Script) -> String {
    format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
        script.schema,
        script.errors,
        script.set_aside,
        script.not_understood,
        script.warnings,
        script.renamed,
        script.session
    )
}

/// Reads both sides ahead and at length.
fn both_ways(sides: Pair<&[Source]>, target: Target) -> Pair<Pair<String>> {
    let session = Session::of(target);
    let given = sides.map(|sources| ahead::Given { sources, target, session: &session });
    let ahead = ahead::load_pair(given, 0).map(|script| all_of(&script));
    let alone = ahead::load(given.old, 0);
    assert_eq!(all_of(&alone), ahead.old);
    let at_length = sides.map(|sources| all_of(&script::load(sources, target, session.clone())));
    Pair::new(ahead, at_length)
}

#[test]
fn fixtures_come_to_the_same() {
    for case in cases::cases() {
        for target in &case.targets {
            let found = both_ways(Pair::new(&case.old, &case.new), *target);
            assert_eq!(found.old, found.new, "{} on {target}", case.name);
        }
    }
}

#[test]
fn statements_come_to_the_same_on_both_sides_and_after_one_another() {
    for folder in ["ok", "err"] {
        for file in cases::statements(folder) {
            for target in &file.targets {
                let once = [file.source.clone()];
                let twice = [file.source.clone(), file.source.clone()];
                for sides in [Pair::new(&once[..], &once[..]), Pair::new(&twice, &once)] {
                    let found = both_ways(sides, *target);
                    assert_eq!(found.old, found.new, "{} on {target}", file.name);
                }
            }
        }
    }
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 100, failure_persistence: None, rng_seed: RngSeed::Fixed(9), ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Scripts with the same piece taken out of both sides: much that stands on both sides is refused then.
    #[test]
    fn generated_scripts_come_to_the_same(
        numbers in vec(any::<u16>(), 0..400),
        target in select(vec!["mysql:8.4", "mysql:5.7", "mariadb:10.11"]),
        holes in vec((0..1_000usize, 0..40usize), 0..3),
        preface in select(vec!["", "SET sql_mode='ANSI_QUOTES';\n", "CREATE DATABASE d CHARACTER SET latin1;\nUSE d;\n"]),
    ) {
        let target: Target = target.parse().expect("a target");
        let dialect = if target.is_mysql() { Dialect::MySql } else { Dialect::MariaDb };
        let (old, new) = generated::pair(&mut Tape::new(&numbers), dialect);
        let texts = Pair::new(old, new).map(|schema| {
            let mut text = print::script(&schema, dialect).into_bytes();
            for (at, length) in &holes {
                let from = (*at).min(text.len());
                text.drain(from..(from + length).min(text.len()));
            }
            [preface.as_bytes(), &text].concat()
        });
        let sides = texts.map(|text| vec![Source::new("generated.sql", text)]);
        let found = both_ways(Pair::new(&sides.old, &sides.new), target);
        prop_assert_eq!(found.old, found.new);
    }

    /// Tables of few lines, as SHOW CREATE TABLE lays them out: what one table has made of its lines must not reach another
    /// that they mean something else in, or that is refused for them.
    #[test]
    fn tables_of_the_same_lines_come_to_the_same(
        tables in vec((vec(select(&COLUMNS[..]), 1..5), vec(select(&KEYS[..]), 0..3), select(&TAILS[..])), 1..60),
        gone in vec(0..60usize, 0..3),
        target in select(vec!["mysql:8.4", "mysql:5.7", "mariadb:10.11"]),
    ) {
        let target: Target = target.parse().expect("a target");
        let text = |lacks: &dyn Fn(usize) -> bool| -> String {
            let table = |(number, (columns, keys, tail)): (usize, &(Vec<&str>, Vec<&str>, &str))| {
                let lines = [columns.as_slice(), keys.as_slice()].concat().join(",\n  ");
                format!("CREATE TABLE `t{number}` (\n  {lines}\n) {tail};\n")
            };
            tables.iter().enumerate().filter(|(number, _)| !lacks(*number)).map(table).collect()
        };
        let texts = Pair::new(text(&|_| false), text(&|number| gone.contains(&number)));
        let sides = texts.map(|text| vec![Source::new("lines.sql", text)]);
        let found = both_ways(Pair::new(&sides.old, &sides.new), target);
        prop_assert_eq!(found.old, found.new);
    }

    /// Tables in the same words on both sides, behind what differs between them.
    #[test]
    fn the_same_words_behind_others_come_to_the_same(
        tables in vec(
            (0..6usize, select(&COLUMNS[..]), select(&TAILS[..]), select(&BEFORE[..]), select(&BEFORE[..])),
            1..80,
        ),
        alike in 1..9usize,
        target in select(vec!["mysql:8.4", "mariadb:10.11"]),
    ) {
        let target: Target = target.parse().expect("a target");
        let text = |is_new: bool| -> String {
            let table = |(number, (name, column, tail, old, new)): (usize, &(usize, &str, &str, &str, &str))| {
                let before = if is_new && number % alike == 0 { new } else { old };
                let home = if number % 11 == 10 { "`d`." } else { "" };
                format!("{before}CREATE TABLE {home}`t{name}` (\n  {column}\n) {tail};\n")
            };
            tables.iter().enumerate().map(table).collect()
        };
        let sides = Pair::new(text(false), text(true)).map(|text| vec![Source::new("words.sql", text)]);
        let found = both_ways(Pair::new(&sides.old, &sides.new), target);
        prop_assert_eq!(found.old, found.new);
    }
}

const COLUMNS: [&str; 14] = [
    "`id` int NOT NULL",
    "`id` int DEFAULT NULL",
    "`id` int",
    "`ID` bigint NOT NULL",
    "`a` varchar(20) DEFAULT NULL",
    "`a` varchar(20) CHARACTER SET latin1 NOT NULL",
    "`A` text",
    "`b``c` int",
    "`\u{e9}` int",
    "`\u{c9}` int",
    "`t` timestamp NULL DEFAULT NULL",
    "`t` timestamp",
    "`g` int GENERATED ALWAYS AS (`id` + 1) VIRTUAL",
    "`n` int NOT NULL AUTO_INCREMENT",
];

const KEYS: [&str; 12] = [
    "PRIMARY KEY (`id`)",
    "PRIMARY KEY (`id`)",
    "PRIMARY KEY (`ID`,`a`)",
    "KEY `a` (`a`)",
    "KEY `a` (`a`(5))",
    "UNIQUE KEY `u` (`id`,`a`)",
    "KEY (`id`)",
    "KEY `n` (`n`)",
    "UNIQUE KEY `h` (`t`) USING HASH",
    "CONSTRAINT `c` CHECK (`id` > 0)",
    "CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `t0` (`id`)",
    "KEY `m` (`missing`)",
];

const TAILS: [&str; 11] = [
    "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
    "ENGINE=MyISAM DEFAULT CHARSET=latin1",
    "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4",
    "ENGINE=InnoDB AUTO_INCREMENT=8 DEFAULT CHARSET=utf8mb4",
    "ENGINE=InnoDB AUTO_INCREMENT=1 DEFAULT CHARSET=utf8mb4",
    "ENGINE=InnoDB AUTO_INCREMENT=9 auto_increment=3 DEFAULT CHARSET=utf8mb4",
    "ENGINE=InnoDB AUTO_INCREMENT=9 auto_increment=4 DEFAULT CHARSET=utf8mb4",
    "ENGINE=InnoDB AUTO_INCREMENT=0x1F",
    "ENGINE=InnoDB AUTO_INCREMENT=7x1F",
    "ENGINE=InnoDB AUTO_INCREMENT=99999999999999999999",
];

/// What stands before a table: it makes the same words mean another thing, or does not.
const BEFORE: [&str; 14] = [
    "",
    "",
    "",
    "\n-- a note; and more\n\n",
    "/*!40101 SET @saved = @@character_set_client */;\n",
    "SET sql_mode = 'ANSI_QUOTES';\n",
    "SET sql_mode = '';\n",
    "DELIMITER $$\n",
    "DELIMITER ;\n",
    "DROP TABLE IF EXISTS `t1`;\n",
    "CREATE DATABASE `d` CHARACTER SET latin1;\nUSE `d`;\n",
    "CREATE DATABASE IF NOT EXISTS `e`;\nUSE `e`;\n",
    "ALTER DATABASE `d` CHARACTER SET utf8mb3;\nUSE `d`;\n",
    "INSERT INTO `t0` VALUES (';');\n",
];

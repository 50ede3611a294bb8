//! The whole way between two large schemas: `cargo bench --bench whole`.
//!
//! 1,000 tables of 13 columns against the same with a column added to every tenth: read, compare, prove, write.

use std::collections::BTreeMap;

use alterplan::catalog::Session;
use alterplan::compare::{self, Relax, Settings, Text};
use alterplan::diff::{Filter, Policies};
use alterplan::render;
use alterplan::source::{Pair, Source};
use alterplan::target::Target;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

const TABLES: usize = 1_000;
const TYPES: [&str; 8] =
    ["int", "bigint unsigned", "varchar(64)", "varchar(255)", "datetime", "decimal(10,2)", "text", "tinyint(1)"];

fn main() {
    divan::main();
}

fn table(number: usize, changed: bool) -> String {
    let kind = |column: usize| TYPES[(number * 5 + column * 3) % TYPES.len()];
    let mut columns: Vec<String> = (0..12).map(|c| format!("`c{c}` {} DEFAULT NULL", kind(c))).collect();
    if changed {
        columns.insert(2, "`added` int DEFAULT NULL".to_owned());
    }
    format!(
        "CREATE TABLE `t{number:06}` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n  {},\n  PRIMARY KEY (`id`),\n  KEY `k1` (`id`)\n) \
         ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;\n",
        columns.join(",\n  ")
    )
}

/// Both sides as they lie on a disk, every so-many-th table changed.
fn schemas(every: usize) -> Pair<Text> {
    let target = Target::DEFAULT;
    let side = |name: &str, is_new: bool| {
        let text: String = (0..TABLES).map(|n| table(n, is_new && n % every == 0)).collect();
        Text { sources: vec![Source::new(name, text)], target, session: Session::of(target) }
    };
    Pair::new(side("old.sql", false), side("new.sql", true))
}

fn settings(fingerprints: bool) -> Settings {
    Settings {
        target: Target::DEFAULT,
        server: BTreeMap::new(),
        policies: Policies::default(),
        filter: Filter::default(),
        renames: Vec::new(),
        fingerprints,
    }
}

#[divan::bench(args = [1, 10, 1_000])]
fn diff_to_sql(bencher: Bencher<'_, '_>, every: usize) {
    let texts = schemas(every);
    bencher.counter(ItemsCount::new(TABLES)).with_inputs(|| texts.clone()).bench_values(|texts| {
        let (sides, _) = compare::load_pair(texts, Relax::IfNeeded);
        compare::compare(sides.as_ref(), &settings(false)).map(|plan| render::sql(&plan)).expect("a plan that holds")
    });
}

#[divan::bench]
fn diff_to_json(bencher: Bencher<'_, '_>) {
    let texts = schemas(10);
    bencher.counter(ItemsCount::new(TABLES)).with_inputs(|| texts.clone()).bench_values(|texts| {
        let (sides, _) = compare::load_pair(texts, Relax::IfNeeded);
        compare::compare(sides.as_ref(), &settings(true)).map(|plan| render::json(&plan)).expect("a plan that holds")
    });
}

#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let text = schemas(10).old;
    bencher.counter(ItemsCount::new(TABLES)).with_inputs(|| text.clone()).bench_values(compare::load);
}

/// Both sides: what stands on both in the same words is read once.
#[divan::bench(args = [1, 10, 1_000])]
fn read_pair(bencher: Bencher<'_, '_>, every: usize) {
    let texts = schemas(every);
    bencher
        .counter(ItemsCount::new(TABLES))
        .with_inputs(|| texts.clone())
        .bench_values(|texts| compare::load_pair(texts, Relax::IfNeeded));
}

/// The same one after the other, every statement on both sides.
#[divan::bench]
fn read_pair_at_length(bencher: Bencher<'_, '_>) {
    let texts = schemas(10);
    bencher
        .counter(ItemsCount::new(TABLES))
        .with_inputs(|| texts.clone())
        .bench_values(|texts| compare::load_pair_at_length(texts, Relax::IfNeeded));
}

#[divan::bench]
fn compare(bencher: Bencher<'_, '_>) {
    let (sides, _) = compare::load_pair(schemas(10), Relax::IfNeeded);
    bencher.counter(ItemsCount::new(TABLES)).bench(|| compare::compare(black_box(sides.as_ref()), &settings(false)));
}

#[divan::bench]
fn fmt(bencher: Bencher<'_, '_>) {
    let side = compare::load(schemas(10).old);
    bencher
        .counter(ItemsCount::new(TABLES))
        .bench(|| render::definition::script(black_box(&side.script.schema), Target::DEFAULT));
}

//! Throughput of the preprocessor: on data, on DDL, and on the file in `ALTERPLAN_BENCH_FILE`.

use alterplan::preprocess::{Lexis, Sieve, statements};
use alterplan::target::Target;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn count(text: &[u8]) -> usize {
    statements(black_box(text), Target::DEFAULT, Lexis::default()).filter(Result::is_ok).count()
}

fn run(bencher: Bencher<'_, '_>, text: &[u8]) {
    bencher.counter(BytesCount::of_slice(text)).bench_local(|| count(text));
}

/// What mysqldump writes: INSERTs of 2,000 rows each.
fn rows() -> String {
    let words = ["alpha", "be", "gamma", "deltas", "eps", "zetazeta", "eta", "thetas", "io"];
    let mut text = String::new();
    for chunk in 0..100 {
        text.push_str("INSERT INTO `d` VALUES ");
        for row in 0..2_000 {
            let word = |shift: usize| words[(row * 7 + chunk + shift * shift) % words.len()];
            let note: Vec<_> = (0..12).map(word).collect();
            let quote = if row % 7 == 0 { "\\'s" } else { "" };
            let trap = if row % 31 == 0 { ";\\n-- x /* y" } else { "" };
            let comma = if row == 0 { "" } else { "," };
            let note = note.join(" ");
            text += &format!("{comma}({row},'{}','{note}{quote}{trap}',NULL,0.1234,'2024-01-02 03:04:05')", word(3));
        }
        text.push_str(";\n");
    }
    text
}

#[divan::bench]
fn data(bencher: Bencher<'_, '_>) {
    run(bencher, rows().as_bytes());
}

/// The same in pieces, of which nothing is kept.
#[divan::bench]
fn sieve(bencher: Bencher<'_, '_>) {
    let text = rows().into_bytes();
    bencher.counter(BytesCount::of_slice(&text)).bench_local(|| {
        let mut sieve = Sieve::new(Target::DEFAULT, Lexis::default());
        text.chunks(256 * 1024).for_each(|piece| sieve.push(black_box(piece)));
        sieve.finish("dump.sql").text.len()
    });
}

#[divan::bench]
fn ddl(bencher: Bencher<'_, '_>) {
    let columns: String = (0..12).map(|n| format!("  `c{n}` varchar(64) DEFAULT NULL,\n")).collect();
    let text: String = (0..10_000)
        .map(|n| {
            format!(
                "CREATE TABLE `t{n:06}` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n{columns}  PRIMARY KEY (`id`)\n) \
                 ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;\n"
            )
        })
        .collect();
    run(bencher, text.as_bytes());
}

#[divan::bench]
fn file(bencher: Bencher<'_, '_>) {
    let text = std::env::var_os("ALTERPLAN_BENCH_FILE").and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    run(bencher, &text);
}

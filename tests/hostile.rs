//! Input that nobody wrote with good intentions, or that an accident made: an error with its place or a correct
//! result, within seconds; never a panic, a hang or a stack overflow.
//!
//! Each text is read on a thread with the stack that a thread gets by default, a quarter of the main thread's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use alterplan::catalog::Session;
use alterplan::catalog::script::{self, Script};
use alterplan::render;
use alterplan::source::Source;
use alterplan::target::Target;

/// Far more than any text here takes, even unoptimised and on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Reads a text for each kind of server. The outcome, or a failure of the test where it takes too long.
fn load(text: impl Into<Vec<u8>>) -> Script {
    let text: Vec<u8> = text.into();
    let script = load_for("mariadb:10.11", text.clone());
    drop(script);
    load_for("mysql:8.4", text)
}

fn load_for(target: &str, text: Vec<u8>) -> Script {
    let target: Target = target.parse().expect("a target");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let size = text.len();
        let script = script::load(&[Source::new("hostile.sql", text)], target, Session::of(target));
        for error in &script.errors {
            assert!(error.location.span.start <= size && error.location.span.end <= size, "{error:?}");
            assert!(error.message.len() < 1_000, "a message of {} bytes", error.message.len());
        }
        // What could be read can be printed.
        let _ = render::definition::script(&script.schema, target);
        let _gone = send.send(script);
    });
    receive.recv_timeout(PATIENCE).expect("an outcome in time, and no panic")
}

/// What is wrong with a text, and where.
fn refusal(text: impl Into<Vec<u8>>) -> String {
    let text: Vec<u8> = text.into();
    let script = load(text.clone());
    let source = Source::new("hostile.sql", text);
    match script.errors.first() {
        None => format!("{} tables", script.schema.tables().count()),
        Some(error) => {
            let place = source.position(error.location.span.start);
            format!("{}:{} {}", place.line, place.column, error.message)
        }
    }
}

fn repeat(text: &str, times: usize) -> String {
    text.repeat(times)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `alterplan fmt` on standard input: the exit code and both streams.
fn fmt(path: &Path) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_alterplan"))
        .args(["fmt", "-"])
        .env_remove("NO_COLOR")
        .stdin(Stdio::from(fs::File::open(path).expect("a file")))
        .output()
        .expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit, not a signal"), text(output.stdout), text(output.stderr))
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/errors");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn every_hostile_fixture() {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("fixtures/hostile")).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        load(fs::read(&path).expect("a file"));
        let (code, out, err) = fmt(&path);
        assert!(code == 0 || code == 2 && out.is_empty() && !err.is_empty(), "{}: exit {code}", path.display());
        let name = path.file_stem().expect("a name").to_string_lossy().replace('.', "_");
        snapshot(&format!("hostile_{name}"), &format!("exit {code}\n{out}{err}"));
    }
}

#[test]
fn a_dump_cut_off_anywhere() {
    let dump = fs::read(root().join("fixtures/diff/large_mysqldump80/old.sql")).expect("the fixture");
    let target = Target::DEFAULT;
    for length in (0..dump.len()).step_by(97) {
        let cut = &dump[..length];
        let source = Source::new("cut.sql", cut);
        let script = script::load(std::slice::from_ref(&source), target, Session::of(target));
        // A table that could not be read is never taken for one that is not there.
        let begun = cut.split(|b| *b == b'\n').filter(|line| line.starts_with(b"CREATE TABLE `")).count();
        if script.errors.is_empty() {
            assert_eq!(script.schema.tables().count(), begun, "cut at {length}");
        }
        assert!(
            script.errors.iter().all(|e| e.location.span.end <= length && !e.message.is_empty()),
            "cut at {length}"
        );
    }
}

#[test]
fn parentheses_within_parentheses() {
    let (open, close) = (repeat("(", 100_000), repeat(")", 100_000));
    let many = [
        format!("CREATE TABLE t {open}a int{close};"),
        format!("CREATE TABLE t (a int DEFAULT {open}1{close});"),
        format!("CREATE TABLE t (a int, CHECK {open}a > 1{close});"),
        format!("CREATE TABLE t (a int, b int AS {open}a{close});"),
        format!("CREATE TABLE t (a int, KEY k ({open}a{close}));"),
        format!("CREATE TABLE t (a int) PARTITION BY HASH {open}a{close};"),
        format!("CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN {open}1{close});"),
        format!("CREATE VIEW v AS SELECT {open}1{close};"),
        format!("{open};"),
        format!("CREATE TABLE t (a int DEFAULT {open}1);"),
        format!("CREATE TABLE t (a int CHECK {open});"),
        format!("INSERT INTO t VALUES {open}1{close};"),
    ];
    let outcomes: Vec<String> = many.into_iter().map(refusal).collect();
    snapshot("hostile_generated_parentheses", &outcomes.join("\n"));
}

#[test]
fn operators_and_calls_without_end() {
    let n = 100_000;
    let many = [
        format!("CREATE TABLE t (a int, CHECK ({}a));", repeat("NOT ", n)),
        format!("CREATE TABLE t (a int, CHECK ({}a));", repeat("- ", n)),
        format!("CREATE TABLE t (a int, CHECK ({}a{}));", repeat("abs(", n), repeat(")", n)),
        format!("CREATE TABLE t (a int, CHECK (a{}));", repeat(" + 1", n)),
        format!("CREATE TABLE t (a int, CHECK (a{}));", repeat(" AND a", n)),
        format!("CREATE TABLE t (a int, CHECK ({}1{}));", repeat("CASE WHEN 1 THEN ", n), repeat(" END", n)),
        format!("CREATE TABLE t (a int, CHECK (a IN (1{})));", repeat(",1", n)),
        format!("CREATE TABLE t (a int, CHECK ({}a{}));", repeat("(SELECT ", n), repeat(")", n)),
    ];
    let outcomes: Vec<String> = many.into_iter().map(refusal).collect();
    snapshot("hostile_generated_operators", &outcomes.join("\n"));
}

#[test]
fn comments_within_comments() {
    let n = 100_000;
    let many = [
        format!("{}{}", repeat("/*", n), repeat("*/", n)),
        format!("{}{}", repeat("/*! ", n), repeat(" */", n)),
        repeat("/*!50000 ", n),
        format!("CREATE TABLE t (a int {} DEFAULT 1 {});", repeat("/*!40000 ", n), repeat("*/", n)),
        format!("{}CREATE TABLE t (a int);", repeat("/* */", n)),
        format!("{}CREATE TABLE t (a int);", repeat("-- \n", n)),
        repeat("/*!50000 SET @a = 1 */;\n", n),
        repeat("/*!50000", n),
        repeat("/*!99999 CREATE TABLE t (a int) */", n),
    ];
    let outcomes: Vec<String> = many.into_iter().map(refusal).collect();
    snapshot("hostile_generated_comments", &outcomes.join("\n"));
}

#[test]
fn lists_and_numbers_beyond_measure() {
    let nines = repeat("9", 100_000);
    let many = [
        format!("CREATE TABLE t ({});", repeat(",", 1_000_000)),
        format!("CREATE TABLE t (a int{});", repeat(",a int", 200_000)),
        format!("CREATE TABLE t (a int, KEY k (a{}));", repeat(",a", 200_000)),
        format!("CREATE TABLE t (a enum('x'{}));", repeat(",'x'", 200_000)),
        format!("CREATE TABLE t (a varchar({nines}));"),
        format!("CREATE TABLE t (a decimal({nines},{nines}));"),
        format!("CREATE TABLE t (a int DEFAULT {nines});"),
        format!("CREATE TABLE t (a double DEFAULT 1e{nines});"),
        format!("CREATE TABLE t (a int) AUTO_INCREMENT={nines};"),
        format!("CREATE TABLE t (a int, KEY k (a({nines})));"),
        format!("CREATE TABLE t (a int) PARTITION BY HASH (a) PARTITIONS {nines};"),
        "CREATE TABLE t (a int) PARTITION BY HASH (a) PARTITIONS 4294967295;".to_owned(),
        format!("CREATE TABLE t (a bit({nines}) DEFAULT b'{}');", repeat("1", 100_000)),
        format!("CREATE TABLE t (a datetime({nines}));"),
        format!("/*!{nines} CREATE TABLE t (a int) */;"),
        format!("CREATE TABLE {} (a int);", repeat("a.", 100_000)),
        format!("CREATE TABLE `{}` (a int);", repeat("a", 1_000_000)),
        format!("CREATE TABLE t (a int COMMENT '{}');", repeat("a", 1_000_000)),
        format!("CREATE TABLE t (a int) {};", repeat("ENGINE=InnoDB ", 100_000)),
        format!("CREATE TABLE t (a {});", repeat("int ", 100_000)),
        repeat("DELIMITER $$\n", 100_000),
        format!("ALTER TABLE t {};", repeat("ADD COLUMN a int,", 100_000)),
        repeat("CREATE TABLE t (a int);", 20_000),
        repeat("'", 99_999),
        repeat("`", 99_999),
        repeat("\\", 99_999),
        repeat(";", 1_000_000),
    ];
    let outcomes: Vec<String> = many.into_iter().map(refusal).map(|line| shortened(&line)).collect();
    snapshot("hostile_generated_lists", &outcomes.join("\n"));
}

/// A line as a reviewer can read it.
fn shortened(line: &str) -> String {
    match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}… ({} bytes)", &line[..at], line.len()),
        None => line.to_owned(),
    }
}

#[test]
fn a_line_of_50_megabytes() {
    let row = "(1,'it''s; -- /* \\' `',NULL),";
    let mut text = String::with_capacity(51_000_000);
    text.push_str("CREATE TABLE t (a int); INSERT INTO t VALUES ");
    while text.len() < 50_000_000 {
        text.push_str(row);
    }
    text.push_str("(2,'',0); CREATE TABLE u (a int, a int);");
    assert_eq!(shortened(&refusal(text)), "1:50000052 duplicate column name 'a'");
    let words = "lorem ipsum ".repeat(5_000_000 / 12 * 10);
    assert_eq!(shortened(&refusal(words)), "1:1 expected a statement, found `lorem`");
}

#[test]
fn noise() {
    // A generator of its own (xorshift), so that the bytes are the same everywhere.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let words: [&[u8]; 24] = [
        b"CREATE TABLE ",
        b"`a` ",
        b"(",
        b")",
        b",",
        b";",
        b"'",
        b"\"",
        b"/*!50000 ",
        b"*/",
        b"-- ",
        b"\n",
        b"int ",
        b"DEFAULT ",
        b"KEY ",
        b"PARTITION BY ",
        b"CHECK ",
        b"\xff",
        b"\0",
        b"1",
        b"e9",
        b"DELIMITER ",
        b"ALTER TABLE ",
        b"\\",
    ];
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..next() % 4_000).map(|_| next().to_le_bytes()[3]).collect();
        let _ = script::load(&[Source::new("noise", bytes)], Target::DEFAULT, Session::of(Target::DEFAULT));
        let text: Vec<u8> = (0..next() % 400)
            .flat_map(|_| words[usize::try_from(next() % 24).expect("small")].iter().copied())
            .collect();
        let _ = script::load(&[Source::new("noise", text)], Target::DEFAULT, Session::of(Target::DEFAULT));
    }
}

#[test]
fn the_program_says_where() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: Vec<u8>| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let deep = format!("CREATE TABLE t (a int DEFAULT {}1{});", repeat("(", 100_000), repeat(")", 100_000));
    let (code, _, err) = fmt(&write("deep.sql", deep.into_bytes()));
    assert!(err.len() < 2_000, "{}", err.len());
    snapshot("hostile_program_deep", &format!("exit {code}\n{err}"));
    let (code, out, err) =
        fmt(&write("quote.sql", format!("CREATE TABLE t (a int);\n{}'x", repeat("x ", 25_000_000)).into_bytes()));
    assert!(err.len() < 3_000, "{}", err.len());
    snapshot("hostile_program_line", &format!("exit {code}\n{out}{err}"));
}

//! Exact spans, kinds and messages of the preprocessor.

use alterplan::preprocess::{Command, Kind, Lexis, PreprocessError, Statement, Stored, Verb, statements};
use alterplan::source::Span;
use alterplan::target::{Target, Vendor};

const MYSQL: Target = Target::series(Vendor::MySql, 8, 4);
const MYSQL57: Target = Target::series(Vendor::MySql, 5, 7);
const MARIADB: Target = Target::series(Vendor::MariaDb, 10, 11);

fn read(text: &[u8], target: Target) -> Result<Vec<Statement<'_>>, PreprocessError> {
    statements(text, target, Lexis::default()).collect()
}

fn bodies(text: &str, target: Target) -> Vec<String> {
    let read = read(text.as_bytes(), target).unwrap_or_else(|error| panic!("{text:?}: {error} at {:?}", error.span));
    read.iter().map(|statement| String::from_utf8_lossy(statement.text).into_owned()).collect()
}

fn kind(text: &str, target: Target) -> Kind {
    read(text.as_bytes(), target).unwrap_or_else(|error| panic!("{text:?}: {error}"))[0].kind
}

#[track_caller]
fn splits(text: &str, expected: &[&str]) {
    assert_eq!(bodies(text, MYSQL), expected, "{text:?}");
    assert_eq!(bodies(text, MARIADB), expected, "{text:?}");
}

#[track_caller]
fn fails(text: &[u8], target: Target, message: &str, span: (usize, usize), rest: usize) {
    let error = read(text, target).err().unwrap_or_else(|| panic!("{text:?} was read"));
    assert_eq!(error.to_string(), message);
    assert_eq!((error.span.start, error.span.end), span, "{text:?}");
    assert_eq!(error.rest, Span::new(rest, text.len()), "{text:?}");
}

#[test]
fn spans_cover_blanks_comments_and_delimiters() {
    let text = b"\xEF\xBB\xBF -- c\n/* d */ SELECT 1 ; # e\r\nSELECT 2;\n \n";
    let read = read(text, MYSQL).expect("readable");
    let spans: Vec<_> =
        read.iter().map(|s| (s.span.start, s.body.start, s.body.end, s.delimiter.start, s.span.end)).collect();
    assert_eq!(spans, [(0, 17, 25, 26, 27), (27, 33, 41, 41, 42), (42, 45, 45, 45, 45)]);
    assert_eq!(read[2].kind, Kind::Blank);
}

#[test]
fn strings_identifiers_and_comments_hide_the_delimiter() {
    splits("a 'b;''c;\\';' d; e", &["a 'b;''c;\\';' d", "e"]);
    splits("a \"b;\"\";\\\";\"; c", &["a \"b;\"\";\\\";\"", "c"]);
    splits("a `b;``\\`; c", &["a `b;``\\`", "c"]);
    splits("a -- b;\n c; d", &["a -- b;\n c", "d"]);
    splits("a --b; c", &["a --b", "c"]);
    splits("a --\n;b", &["a --", "b"]);
    splits("a # b;\n; c", &["a # b;", "c"]);
    splits("a -- b\r;c\n; d", &["a -- b\r;c", "d"]);
    splits("a /* ; /* ; */ b; c", &["a /* ; /* ; */ b", "c"]);
    splits("a /*/ ; */ b; c", &["a /*/ ; */ b", "c"]);
    splits("a /*+ ; */ b; c", &["a /*+ ; */ b", "c"]);
    splits("--a; b\nc; --d\ne", &["c", "e"]);
    splits(";; a;", &["", "", "a"]);
    splits("", &[]);
    splits("a\0b;c", &["a\0b", "c"]);
}

#[test]
fn conditional_comments_are_the_targets() {
    splits("/*!40101 SET a=1 */;", &["/*!40101 SET a=1 */"]);
    splits("a /*!40000 b /* ' */ c */; d", &["a /*!40000 b /* ' */ c */", "d"]);
    splits("a /*!40000 b /*!99999 ' */ c */; d", &["a /*!40000 b /*!99999 ' */ c */", "d"]);
    splits("a /*!40000 '*/' */; d", &["a /*!40000 '*/' */", "d"]);
    splits("a /*!40000 -- */\n */; d", &["a /*!40000 -- */\n */", "d"]);
    splits("a /*!40000 b /*!40001 c */ d; e", &["a /*!40000 b /*!40001 c */ d", "e"]);
    splits("/*!99999 ' /* \" */ ; */ a; b", &["a", "b"]);
    splits("/*M!999999\\- enable the sandbox mode */\n-- x\na;", &["a"]);
    splits("/*!999999\\- enable the sandbox mode */ a;", &["a"]);
    assert_eq!(bodies("/*!80000 ' */ a;", MARIADB), ["a"]);
    assert_eq!(bodies("/*M!100100 b */ a;", MARIADB), ["/*M!100100 b */ a"]);
    assert_eq!(bodies("/*M!100100 ' */ a;", MYSQL), ["a"]);
    assert_eq!(kind("/*M! CREATE TABLE t */;", MYSQL), Kind::Blank);
    assert_eq!(kind("/*M! CREATE TABLE t */;", MARIADB), Kind::Table(Verb::Create));
    // Six digits: MariaDB takes them as they come, MySQL before a blank.
    assert_eq!(kind("/*!100500CREATE TABLE t */;", MYSQL), Kind::Other(Span::new(8, 15)));
    assert_eq!(kind("/*!100500CREATE TABLE t */;", MARIADB), Kind::Table(Verb::Create));
    assert_eq!(kind("/*!080000 CREATE TABLE t */;", MYSQL), Kind::Table(Verb::Create));
}

#[test]
fn delimiter_lines_follow_the_client() {
    let script = "DELIMITER ;;\nCREATE TRIGGER a BEGIN b; END ;;\n delimiter ;\nc;";
    splits(script, &["DELIMITER ;;", "CREATE TRIGGER a BEGIN b; END", "delimiter ;", "c"]);
    // What stands before the delimiter is sent whole, and the server cuts it at `;`.
    splits("DELIMITER // c\na;//b;//\n", &["DELIMITER // c", "a", "", "b", "", ""]);
    splits(
        "DELIMITER //\nset a=1; create table t (b int);\n",
        &["DELIMITER //", "set a=1", "create table t (b int)", ""],
    );
    splits("DELIMITER \"a b\"\n1a b2a b", &["DELIMITER \"a b\"", "1", "2"]);
    splits("delimiter\t|\r\na|b", &["delimiter\t|", "a", "b"]);
    splits("DELIMITER #\na # b", &["DELIMITER #", "a", "b"]);
    splits("DELIMITER --\n-- b -- c", &["DELIMITER --", "", "b", "c"]);
    splits("\\d $$\na$$b;$$", &["\\d $$", "a", "b", ""]);
    splits("create t (\ndelimiter int);", &["create t (\ndelimiter int)"]);
    fails(b"DELIMITER\na", MYSQL, "DELIMITER must be followed by a character or string", (0, 9), 0);
    fails(b"a;\nDELIMITER ''\na", MYSQL, "DELIMITER must be followed by a character or string", (3, 12), 2);
    fails(b"DELIMITER; a", MYSQL, "DELIMITER must be followed by a character or string", (0, 9), 0);
    fails(b"DELIMITER a\\b\n", MYSQL, "DELIMITER cannot contain a backslash", (0, 9), 0);
    fails(b"a; DELIMITER //\nb//", MYSQL, "DELIMITER must stand at the start of a line", (3, 12), 2);
    fails(b"/* a */ DELIMITER //\nb//", MYSQL, "DELIMITER must stand at the start of a line", (8, 17), 0);
}

#[test]
fn client_lines_are_eaten() {
    let commands = [
        ("source a.sql\nb", Command::Source, "source a.sql"),
        ("source a.sql;", Command::Source, "source a.sql"),
        ("\\. a.sql\nb", Command::Source, "\\. a.sql"),
        ("\\. a.sql ;b", Command::Source, "\\. a.sql"),
        ("quit\n", Command::Quit, "quit"),
        ("\\q b", Command::Quit, "\\q"),
        ("system ls\n", Command::Shell, "system ls"),
        ("\\! ls\n", Command::Shell, "\\! ls"),
        ("connect a b\n", Command::Connect, "connect a b"),
        ("\\- x", Command::Session, "\\-"),
        ("status;", Command::Session, "status"),
        ("a b \\c c", Command::Clear, "a b"),
    ];
    for (text, command, body) in commands {
        assert_eq!(kind(text, MYSQL), Kind::Client(command), "{text:?}");
        assert_eq!(bodies(text, MYSQL)[0], body);
    }
    splits("a \\g b \\G c\\N", &["a", "b", "c\\N"]);
    splits("a (\nsource text,\nuse int);", &["a (\nsource text,\nuse int)"]);
    assert_eq!(kind("edit b\n;", MYSQL), Kind::Other(Span::new(0, 4)));
    fails(b"a \\' b;", MYSQL, "unknown client command `\\\\'`", (2, 4), 0);
    fails(b"b; a \\u b;", MYSQL, "the client command `\\u` stands inside a statement", (5, 7), 2);
}

#[test]
fn use_names_its_database() {
    let cases = [
        ("USE a;", "a"),
        ("use a\nb", "a"),
        ("use my-db ;", "my-db"),
        ("use `a``b`;", "a`b"),
        ("USE \"a\"\n", "a"),
        ("use a b\n", "a"),
        ("\\u a;\n", "a"),
        ("\\u a\nb", "a"),
        ("use\nb", ""),
        ("x;use a;", "a"),
        ("/*!40000 use a */;", "a"),
    ];
    for (text, name) in cases {
        let read = read(text.as_bytes(), MYSQL).expect(text);
        let found = read.iter().find_map(Statement::database).expect(text);
        assert_eq!(String::from_utf8_lossy(&found), name, "{text:?}");
    }
    splits("use a\nb;", &["use a", "b"]);
    splits("use a; b", &["use a", "b"]);
}

#[test]
fn kinds_by_first_words() {
    let cases = [
        ("CREATE TABLE t (a int)", Kind::Table(Verb::Create)),
        ("create or replace temporary table t", Kind::Table(Verb::Create)),
        ("/*!50003 CREATE*/ /*!40000 TEMPORARY */ TABLE t", Kind::Table(Verb::Create)),
        ("ALTER ONLINE IGNORE TABLE t", Kind::Table(Verb::Alter)),
        ("DROP TABLES a, b", Kind::Table(Verb::Drop)),
        ("RENAME TABLE a TO b", Kind::Table(Verb::Rename)),
        ("TRUNCATE a", Kind::Table(Verb::Truncate)),
        ("CREATE UNIQUE INDEX i ON t (a)", Kind::Index(Verb::Create)),
        ("CREATE SPATIAL INDEX i ON t (a)", Kind::Index(Verb::Create)),
        ("DROP INDEX i ON t", Kind::Index(Verb::Drop)),
        ("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `a`", Kind::Database(Verb::Create)),
        ("ALTER SCHEMA a", Kind::Database(Verb::Alter)),
        (
            "/*!50003 CREATE*/ /*!50017 DEFINER=`x`@`y`*/ /*!50003 TRIGGER t BEFORE INSERT */",
            Kind::Stored(Verb::Create, Stored::Trigger),
        ),
        (
            "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=event@table SQL SECURITY DEFINER VIEW v AS SELECT 1",
            Kind::Stored(Verb::Create, Stored::View),
        ),
        ("CREATE DEFINER=CURRENT_USER() PROCEDURE p()", Kind::Stored(Verb::Create, Stored::Procedure)),
        ("CREATE AGGREGATE FUNCTION f", Kind::Stored(Verb::Create, Stored::Function)),
        ("ALTER EVENT e", Kind::Stored(Verb::Alter, Stored::Event)),
        ("CREATE SEQUENCE s", Kind::Stored(Verb::Create, Stored::Sequence)),
        ("CREATE PACKAGE BODY p", Kind::Stored(Verb::Create, Stored::PackageBody)),
        ("CREATE PACKAGE p", Kind::Stored(Verb::Create, Stored::Package)),
        ("CREATE UNDO TABLESPACE t", Kind::Stored(Verb::Create, Stored::Tablespace)),
        ("CREATE SPATIAL REFERENCE SYSTEM 1", Kind::Stored(Verb::Create, Stored::SpatialReferenceSystem)),
        ("CREATE USER a", Kind::Grant),
        ("SET PASSWORD = 'a'", Kind::Grant),
        ("GRANT ALL ON *.* TO a", Kind::Grant),
        ("INSERT INTO a VALUES (1)", Kind::Data),
        ("(SELECT 1) UNION (SELECT 2)", Kind::Data),
        ("START TRANSACTION", Kind::Transaction),
        ("BEGIN", Kind::Transaction),
        ("SET SESSION TRANSACTION READ ONLY", Kind::Transaction),
        ("LOCK TABLES a WRITE", Kind::Lock),
        ("/*!40101 SET NAMES utf8 */", Kind::Set),
        ("END", Kind::Fragment(Span::new(0, 3))),
        ("BEGIN NOT ATOMIC SELECT 1", Kind::Other(Span::new(0, 5))),
        ("START REPLICA", Kind::Other(Span::new(0, 5))),
        ("ANALYZE TABLE t", Kind::Other(Span::new(0, 7))),
        ("SET STATEMENT a=1 FOR SELECT 1", Kind::SetStatement { statement: Span::new(21, 30) }),
        ("SET STATEMENT a=(SELECT 1 FOR UPDATE)", Kind::SetStatement { statement: Span::new(37, 37) }),
        ("ALTER INSTANCE RELOAD TLS", Kind::Other(Span::new(0, 5))),
        ("%PDF-1.4", Kind::Other(Span::new(0, 0))),
        ("-- a", Kind::Blank),
    ];
    for (text, expected) in cases {
        assert_eq!(kind(text, MYSQL57), expected, "{text}");
    }
}

#[test]
fn bodies_without_delimiter_are_split_as_the_client_does() {
    let text = "CREATE PROCEDURE p() BEGIN DECLARE a int; SELECT 1; END; ";
    let kinds: Vec<_> = read(text.as_bytes(), MYSQL).expect("readable").iter().map(|s| s.kind.label()).collect();
    assert_eq!(kinds, ["procedure", "data", "fragment", "blank"]);
}

/// The lexis of the statement after `script`.
fn lexis_after(script: &str, target: Target) -> Lexis {
    let text = format!("{script};\nlast");
    let read = read(text.as_bytes(), target).unwrap_or_else(|error| panic!("{script}: {error}"));
    read[read.len() - 1].lexis
}

#[test]
fn sql_mode_changes_what_follows() {
    let none = Lexis::default();
    let quotes = Lexis { ansi_quotes: true, ..none };
    let both = Lexis { no_backslash_escapes: true, ..quotes };
    let ansi = Lexis { real_as_float: true, pipes_as_concat: true, ignore_space: true, ..quotes };
    let cases = [
        ("SET sql_mode='ansi_quotes'", quotes),
        ("SET SESSION sql_mode=ANSI_QUOTES", quotes),
        ("SET @@sql_mode := 'STRICT_ALL_TABLES,ANSI_QUOTES'", quotes),
        ("SET @@session.`sql_mode` = 4", quotes),
        ("SET @@local.sql_mode = 'ANSI'", ansi),
        ("SET sql_mode = 262144", ansi),
        ("SET GLOBAL sql_mode='ANSI_QUOTES'", none),
        ("SET GLOBAL max_connections = 1, sql_mode='ANSI_QUOTES'", none),
        ("SET @@global.sql_mode='ANSI_QUOTES'", none),
        ("/*!40101 SET NAMES utf8, sql_mode='ANSI_QUOTES' */", quotes),
        ("/*!99999 SET sql_mode='ANSI_QUOTES' */", none),
        ("/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI_QUOTES' */", quotes),
        ("SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='ANSI_QUOTES'; SET SQL_MODE=@old_sql_mode", none),
        ("SET sql_mode='ANSI_QUOTES'; SET @saved = @@sql_mode; SET sql_mode = ''; SET sql_mode = @saved", quotes),
        ("SET sql_mode='ANSI_QUOTES'; SET sql_mode=CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')", both),
        ("SET sql_mode='ANSI_QUOTES'; SET sql_mode=(SELECT REPLACE(@@sql_mode,'ANSI_QUOTES',''))", none),
        ("SET sql_mode='ANSI_QUOTES'; SET sql_mode=sys.list_drop(@@sql_mode, 'ONLY_FULL_GROUP_BY')", quotes),
        ("SET sql_mode='ANSI'; SET sql_mode=DEFAULT", none),
        ("SET sql_mode=@never_saved", none),
        ("SET @OLD=@@SQL_MODE, SQL_MODE='ANSI'; SET SQL_MODE=IFNULL(@OLD, 'ANSI_QUOTES')", none),
        ("SET sql_mode=IFNULL(@never_saved, 'ANSI_QUOTES')", quotes),
        ("SET @saved='ANSI_QUOTES'; SET sql_mode=COALESCE(NULL, @saved, '')", quotes),
        ("SET @saved='ANSI_QUOTES'; SET sql_mode=IF(@saved IS NULL, '', @saved)", quotes),
        ("SET sql_mode=IF(@never_saved IS NOT NULL, @never_saved, CONCAT('ANSI_QUOTES', ''))", quotes),
        ("SET NEW.sql_mode = 'ANSI'", none),
    ];
    for (script, expected) in cases {
        assert_eq!(lexis_after(script, MYSQL), expected, "{script}");
    }
    let db2 = Lexis { real_as_float: false, ..ansi };
    assert_eq!(lexis_after("SET sql_mode='DB2'", MARIADB), db2);
    assert_eq!(lexis_after("SET sql_mode='DB2'", MYSQL57), db2);
    assert_eq!(lexis_after("SET sql_mode='DB2'", MYSQL), none);
    assert_eq!(lexis_after("SET sql_mode='ORACLE'", MARIADB), Lexis { oracle: true, ..db2 });
    assert_eq!(lexis_after("SET sql_mode='MYSQL40'", MARIADB), Lexis { high_not_precedence: true, ..none });
    splits("SET sql_mode='NO_BACKSLASH_ESCAPES'; a '\\'; b", &["SET sql_mode='NO_BACKSLASH_ESCAPES'", "a '\\'", "b"]);
    splits("SET sql_mode=ANSI_QUOTES; a \"\\\"; b", &["SET sql_mode=ANSI_QUOTES", "a \"\\\"", "b"]);
    let message = "the value of sql_mode cannot be told from this expression";
    fails(b"a;SET sql_mode = IF(1, 'ANSI', '');b", MYSQL, message, (17, 34), 2);
}

#[test]
fn what_breaks_off_is_an_error_with_its_place() {
    fails(b"a; b 'c;", MYSQL, "the string that ' opens here is never closed", (5, 6), 2);
    fails(b"a 'b\\", MYSQL, "the string that ' opens here is never closed", (2, 3), 0);
    fails(b"a \"b", MYSQL, "the string that \" opens here is never closed", (2, 3), 0);
    fails(b"a `b", MYSQL, "the identifier that ` opens here is never closed", (2, 3), 0);
    fails(b"a; /* b", MYSQL, "the comment that opens here is never closed", (3, 5), 2);
    fails(b"a /*/", MYSQL, "the comment that opens here is never closed", (2, 4), 0);
    fails(b"/*!40101 a", MYSQL, "the conditional comment that opens here is never closed", (0, 8), 0);
    fails(b"a /*!99999 b", MYSQL, "the conditional comment that opens here is never closed", (2, 10), 0);
    fails(
        b"/*!50003 CREATE PROCEDURE p() BEGIN a; END */;",
        MYSQL,
        "the statement's delimiter stands inside the conditional comment that opens here",
        (0, 8),
        0,
    );
    fails(b"\xFF\xFEa\0", MYSQL, "the text is UTF-16, not UTF-8", (0, 2), 0);
    fails(b"\xFE\xFF\0a", MYSQL, "the text is UTF-16, not UTF-8", (0, 2), 0);
    let text = b"SET sql_mode=ANSI_QUOTES;a \"b";
    fails(text, MYSQL, "the identifier that \" opens here is never closed", (27, 28), 25);
    let error = read(b"'", MYSQL).expect_err("open");
    assert_eq!(error.problem.hint(), "close the string; a text that ends here may have been cut off");
}

#[test]
fn hostile_input_is_read_or_refused_in_linear_time() {
    let million = |piece: &str| piece.repeat(1_000_000);
    for text in [
        million("("),
        million("/*!40000 "),
        million("/* */"),
        million("use\n"),
        million(";"),
        million("`a`"),
        million("\\q"),
        million("\\u a;"),
        million("\\d ';'"),
        million("\\d ; "),
        million("-"),
    ] {
        let mut at = 0;
        for item in statements(text.as_bytes(), MARIADB, Lexis::default()) {
            at = item.map_or_else(|error| error.rest.end, |statement| statement.span.end);
        }
        assert_eq!(at, text.len(), "{}", &text[..9]);
    }
    let line = format!("INSERT INTO t VALUES ('{}');", "x".repeat(50_000_000));
    assert_eq!(kind(&line, MYSQL), Kind::Data);
    let pdf = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<</Type/Catalog>>\nendobj\nstream\nx\x9C\\(\x00'";
    assert_eq!(read(pdf, MYSQL).expect_err("binary").to_string(), "unknown client command `\\(`");
}

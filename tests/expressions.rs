//! Reading expressions: modes, comments, limits, and the tree's own methods.

use alterplan::canonical::expression::{Place, Printing, needs_parentheses_in_default, print};
use alterplan::catalog::{Session, script};
use alterplan::ident::Ident;
use alterplan::model::expression::Expr;
use alterplan::source::Source;
use alterplan::syntax::Reading;
use alterplan::syntax::expression::{ExpressionError, parse, unread};
use alterplan::target::Target;

type Failure = Box<dyn std::error::Error>;

fn printed(text: &str, reading: &Reading<'_>) -> Result<String, ExpressionError> {
    let mut out = String::new();
    let printing = Printing { target: reading.target, place: Place::Check, charset: reading.charset };
    print(&parse(text, reading)?, &printing, &mut out);
    Ok(out)
}

fn mysql() -> Result<Reading<'static>, Failure> {
    Ok(Reading::of("mysql:9.7".parse()?))
}

fn mariadb() -> Result<Reading<'static>, Failure> {
    Ok(Reading::of("mariadb:10.11".parse()?))
}

#[test]
fn sql_modes_change_the_meaning() -> Result<(), Failure> {
    let plain = mysql()?;
    assert_eq!(printed("\"a\"", &plain)?, "_utf8mb4'a'");
    assert_eq!(printed("\"a\"", &Reading { ansi_quotes: true, ..plain })?, "`a`");
    assert_eq!(printed(r"'a\\'", &plain)?, r"_utf8mb4'a\\'");
    assert_eq!(printed(r"'a\\'", &Reading { no_backslash_escapes: true, ..plain })?, r"_utf8mb4'a\\\\'");
    assert_eq!(printed("a || b", &Reading { pipes_as_concat: true, ..plain })?, "concat(`a`,`b`)");
    assert_eq!(printed("not a + 1", &plain)?, "(0 = (`a` + 1))");
    assert_eq!(printed("not a + 1", &Reading { high_not_precedence: true, ..plain })?, "((0 = `a`) + 1)");
    Ok(())
}

#[test]
fn comments_are_left_out_and_conditional_ones_decided() -> Result<(), Failure> {
    for (text, on_mysql, on_mariadb) in [
        ("1 /* x */ + /*!80000 2 + */ 3", "((1 + 2) + 3)", "1 + 3"),
        ("1 + /*M!100000 2 + */ 3", "(1 + 3)", "1 + 2 + 3"),
        ("1 + /*! 2 + */ 3 -- x", "((1 + 2) + 3)", "1 + 2 + 3"),
        ("1 +\n# x\n/*!99999 2 + */ 3", "(1 + 3)", "1 + 3"),
    ] {
        assert_eq!(printed(text, &mysql()?)?, on_mysql, "{text}");
        assert_eq!(printed(text, &mariadb()?)?, on_mariadb, "{text}");
    }
    Ok(())
}

#[test]
fn errors_name_their_place() -> Result<(), Failure> {
    for (text, offset, message) in [
        ("a +", 3, "expected an expression"),
        ("(a", 2, "expected `)`"),
        ("é + )", 5, "expected an expression"),
        ("a b", 2, "unexpected text after the expression"),
        ("(select 1)", 1, "expected an expression"),
        ("a is 1", 5, "expected NULL, TRUE, FALSE or UNKNOWN"),
    ] {
        let error = ExpressionError { offset, message: message.into(), number: None };
        assert_eq!(parse(text, &mysql()?), Err(error), "{text}");
    }
    Ok(())
}

#[test]
fn depth_is_refused_not_suffered() -> Result<(), Failure> {
    for (open, inside, close) in [
        ("(", "1", ")"),
        ("abs(", "1", ")"),
        ("-", "1", ""),
        ("!", "1", ""),
        ("not ", "a", ""),
        ("", "1", " + 1"),
        ("", "1", " between 2 and 3"),
        ("case when ", "1", " then 1 end"),
        ("1 not like ", "1", ""),
    ] {
        for reading in [mysql()?, mariadb()?] {
            let times = if open == "(" { 100_000 } else { 5_000 };
            let text = [&open.repeat(times), inside, &close.repeat(times)].concat();
            // MySQL takes `!!` for `!`, which does not shorten this enough either.
            assert_eq!(parse(&text, &reading).map_err(|e| e.message), Err("nested too deeply".into()), "{open}{close}");
        }
    }
    let flat = ["a = 1", &" and a = 1".repeat(100_000)].concat();
    assert!(matches!(parse(&flat, &mysql()?)?, Expr::And(list) if list.len() == 100_001));
    assert_eq!(printed(&["1", &" + 1".repeat(900)].concat(), &mariadb()?)?, ["1", &" + 1".repeat(900)].concat());
    Ok(())
}

#[test]
fn columns_are_found_and_renamed() -> Result<(), Failure> {
    let mut expr = parse("t.A + default(a) in (b, json_value(c, '$') + a)", &mysql()?)?;
    expr.rename_columns(&[(Ident::new("a"), Ident::new("z"))]);
    let mut names = Vec::new();
    expr.columns(&mut |name| names.push(name.to_string()));
    assert_eq!(names, ["z", "z", "b", "c", "z"]);
    expr.respell_columns(&|name| (name == "z").then(|| Ident::new("Z")));
    let mut count = 0;
    expr.columns(&mut |name| count += usize::from(name.as_str() == "Z"));
    assert_eq!(count, 3);
    Ok(())
}

#[test]
fn mariadb_defaults_have_parentheses_around_operators() -> Result<(), Failure> {
    for (text, needed) in [
        ("1 + a", true),
        ("a is null", true),
        ("cast(a as char)", true),
        ("cast(a as date)", false),
        ("json_valid(a)", true),
        ("uuid()", false),
        ("-1", false),
        ("-a", true),
        ("current_timestamp", false),
        ("current_timestamp + interval 1 day", true),
        ("case when a then 1 end", true),
        ("a", false),
    ] {
        assert_eq!(needs_parentheses_in_default(&parse(text, &mariadb()?)?), needed, "{text}");
    }
    Ok(())
}

#[test]
fn what_is_not_understood_is_kept_as_tokens() -> Result<(), Failure> {
    let reading = mysql()?;
    assert_eq!(unread("( select  1 /* x */ , 'a  b' )", &reading), Expr::Tokens("( select 1 , 'a  b' )".into()));
    Ok(())
}

/// The rows of `fixtures/expressions/NAME.tsv`: written, and stored by the real server.
fn recorded(name: &str) -> Vec<(String, String)> {
    let path = format!("{}/fixtures/expressions/{name}.tsv", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the rows are there");
    let plain = |cell: &str| {
        let mut out = String::with_capacity(cell.len());
        let mut chars = cell.chars();
        while let Some(c) = chars.next() {
            out.push(match (c, if c == '\\' { chars.next() } else { None }) {
                ('\\', Some('t')) => '\t',
                ('\\', Some('n')) => '\n',
                ('\\', Some('r')) => '\r',
                ('\\', Some('0')) => '\0',
                ('\\', Some(other)) => other,
                (other, _) => other,
            });
        }
        out
    };
    let rows = text.lines().filter(|line| !line.starts_with("# "));
    rows.map(|line| line.split_once('\t').map(|(a, b)| (plain(a), plain(b))).expect("two cells")).collect()
}

#[test]
fn prints_what_the_servers_store_and_reads_it_back() -> Result<(), Failure> {
    let mut wrong = Vec::new();
    for (name, reading) in [("mysql97", mysql()?), ("mariadb1011", mariadb()?)] {
        let rows = recorded(name);
        assert!(rows.len() > 1000, "{name}");
        for (written, stored) in rows {
            let mut out = String::new();
            let expr = parse(&written, &reading).map_err(|e| format!("{written}: {e}"))?;
            print(&expr, &Printing { target: reading.target, place: Place::Generated, charset: "utf8mb4" }, &mut out);
            if out != stored || parse(&stored, &reading).as_ref() != Ok(&expr) {
                wrong.push(format!("{name}: {written}\n  stored  {stored}\n  printed {out}"));
            }
        }
    }
    assert_eq!(wrong.len(), 0, "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn views_are_what_the_servers_make_of_them() -> Result<(), Failure> {
    let servers =
        [("mysql97", "mysql:9.7", 300), ("mariadb1011", "mariadb:10.11", 300), ("mariadb118", "mariadb:11.8", 8)];
    objects_are_what_the_servers_make_of_them("views", "v", &servers)
}

#[test]
fn programs_are_what_the_servers_make_of_them() -> Result<(), Failure> {
    let servers = [("mysql97", "mysql:9.7", 25), ("mariadb1011", "mariadb:10.11", 25)];
    objects_are_what_the_servers_make_of_them("programs", "p", &servers)
}

/// Each row of `fixtures/FOLDER` makes an object of that name beside the tables of `tables.sql`.
fn objects_are_what_the_servers_make_of_them(
    folder: &str,
    name: &str,
    servers: &[(&str, &str, usize)],
) -> Result<(), Failure> {
    let tables = std::fs::read_to_string(format!("{}/fixtures/{folder}/tables.sql", env!("CARGO_MANIFEST_DIR")))?;
    let mut wrong = Vec::new();
    for (server, target, rows) in servers {
        let target: Target = target.parse()?;
        let recorded = recorded(&format!("../{folder}/{server}"));
        assert!(recorded.len() > *rows, "{server}");
        for (written, stored) in recorded {
            let text = |statement: &str| -> Result<(String, Vec<String>), Failure> {
                let script = format!("{tables}\nDELIMITER //\n{statement}//\n");
                let script = script::load(&[Source::new("a.sql", script)], target, Session::of(target));
                assert_eq!(script.errors, [], "{statement}");
                let object = script.schema.databases.iter().flat_map(|d| d.objects.values()).find(|o| o.name.is(name));
                let gaps = script.not_understood.into_iter().map(|gap| gap.text).collect();
                Ok((object.ok_or("no object")?.text.replacen("DEFINER=`root`@`localhost` ", "", 1), gaps))
            };
            let wanted = stored.replacen("DEFINER=`root`@`localhost` ", "", 1);
            let (printed, gaps) = text(&written)?;
            // What is not understood is said, and kept as it is written.
            if printed != wanted && gaps.is_empty() {
                wrong.push(format!("{server}: {written}\n  {printed}\n  {wanted}"));
            }
            let (again, _) = text(&stored)?;
            // Blanks at the end of a statement are no part of it.
            if again.trim_end() != wanted.trim_end() {
                wrong.push(format!("{server}, read back:\n  {again}\n  {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

/// What the servers refuse is refused with the same number, or not at all: what is beyond the catalog is kept as text.
#[test]
fn views_are_refused_as_the_servers_refuse_them() -> Result<(), Failure> {
    objects_are_refused_as_the_servers_refuse_them("views", 250)
}

#[test]
fn programs_are_refused_as_the_servers_refuse_them() -> Result<(), Failure> {
    objects_are_refused_as_the_servers_refuse_them("programs", 400)
}

/// Each row of `refused.tsv`; so many at least are refused here, too.
fn objects_are_refused_as_the_servers_refuse_them(folder: &str, at_least: usize) -> Result<(), Failure> {
    let folder = format!("{}/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"));
    let tables = std::fs::read_to_string(format!("{folder}/tables.sql"))?;
    let rows = std::fs::read_to_string(format!("{folder}/refused.tsv"))?;
    let (mut caught, mut wrong) = (0, Vec::new());
    for row in rows.lines().filter(|line| !line.starts_with("# ")) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [server, number, written] = cells[..] else { return Err("three cells".into()) };
        let target: Target = if server == "mysql97" { "mysql:9.7" } else { "mariadb:10.11" }.parse()?;
        let script = format!("{tables}\nDELIMITER //\n{written}//\n");
        let script = script::load(&[Source::new("a.sql", script)], target, Session::of(target));
        match &script.errors[..] {
            [] => {}
            [error] if error.number == number.parse().ok() => caught += 1,
            errors => wrong.push(format!("{server}: {written}\n  {number}, not {errors:?}")),
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(caught >= at_least, "{caught} caught");
    Ok(())
}

/// A program means what it does under the `sql_mode` that it was made in: without it, `"b"` would become a string.
#[test]
fn a_program_is_printed_with_the_mode_that_it_is_read_by() -> Result<(), Failure> {
    let target: Target = "mysql:9.7".parse()?;
    let text = "SET sql_mode = 'ANSI_QUOTES'; CREATE TABLE t (a int, b int);
        CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.a = \"b\"; SET sql_mode = ''; CREATE PROCEDURE p() SELECT 1;";
    let printed = |text: &str| {
        let script = script::load(&[Source::new("a.sql", text)], target, Session::of(target));
        assert_eq!(script.errors, []);
        alterplan::render::definition::script(&script.schema, target)
    };
    let once = printed(text);
    let raw = r"SET sql_mode = 'NO_BACKSLASH_ESCAPES';
DELIMITER //
CREATE PROCEDURE p() BEGIN SELECT '\'; END//";
    let kept = printed(raw);
    assert_eq!(printed(&kept), kept);
    let expected = "SET SESSION sql_mode = 'ANSI_QUOTES';\n\nCREATE TRIGGER `r` BEFORE INSERT ON `t` FOR EACH ROW SET NEW.a = \"b\";\n\n\
        SET SESSION sql_mode = DEFAULT;\n\nCREATE PROCEDURE `p`()\nSELECT 1;\n\n";
    assert!(once.ends_with(expected), "{once}");
    assert_eq!(printed(&once), once);
    Ok(())
}

/// MariaDB's `sql_mode=ORACLE`: `RETURN` before the type, `AS` or `IS` before the body, and types of its own.
#[test]
fn programs_of_pl_sql_are_what_mariadb_makes_of_them() -> Result<(), Failure> {
    let target: Target = "mariadb:10.11".parse()?;
    for (written, stored) in [
        (
            "FUNCTION p(a in int) return number as begin return a; end",
            "FUNCTION `p`(a in int) RETURN double\nas begin return a; end",
        ),
        ("PROCEDURE p is x int; begin x := 1; end;", "PROCEDURE `p`()\nis x int; begin x := 1; end"),
        (
            "FUNCTION p (a t.a%type, b in out raw(3)) return varchar2(20) deterministic as begin return 'x'; end p",
            "FUNCTION `p`(a t.a%type, b in out raw(3)) RETURN varchar(20) CHARSET latin1 COLLATE latin1_swedish_ci\n    DETERMINISTIC\n\
             as begin return 'x'; end p",
        ),
        (
            "FUNCTION p return date as begin return now(); end",
            "FUNCTION `p`() RETURN datetime\nas begin return now(); end",
        ),
    ] {
        let text = format!("SET sql_mode = 'ORACLE';\nDELIMITER //\nCREATE {written}\n//\n");
        let script = script::load(&[Source::new("a.sql", text)], target, Session::of(target));
        assert_eq!(script.errors, []);
        let texts: Vec<&str> =
            script.schema.databases.iter().flat_map(|d| d.objects.values()).map(|o| &*o.text).collect();
        assert_eq!(texts, [format!("CREATE {stored}")]);
        let once = alterplan::render::definition::script(&script.schema, target);
        let again = script::load(&[Source::new("a.sql", once.as_str())], target, Session::of(target));
        assert_eq!(alterplan::render::definition::script(&again.schema, target), once);
    }
    Ok(())
}

#[test]
fn views_may_stand_before_what_they_name() -> Result<(), Failure> {
    let target: Target = "mysql:9.7".parse()?;
    let text =
        "CREATE VIEW last AS SELECT * FROM middle; CREATE VIEW middle AS SELECT id FROM t; CREATE TABLE t (id int);";
    let script = script::load(&[Source::new("a.sql", text)], target, Session::of(target));
    assert_eq!(script.not_understood, []);
    let views: Vec<&str> = script.schema.databases.iter().flat_map(|d| d.objects.values()).map(|o| &*o.text).collect();
    let head = "CREATE ALGORITHM=UNDEFINED SQL SECURITY DEFINER VIEW";
    let expected = [
        format!("{head} `last` AS select `middle`.`id` AS `id` from `middle`"),
        format!("{head} `middle` AS select `t`.`id` AS `id` from `t`"),
    ];
    assert_eq!(views, expected);
    Ok(())
}

//! The syntax room from outside: what statements become, what errors say, and that no text breaks it.

use alterplan::model::expression::Unit;
use alterplan::model::{IndexAlgorithm, IndexKind, OptionKey, ReferentialAction};
use alterplan::source::Span;
use alterplan::syntax::ddl::*;
use alterplan::syntax::{self, Reading};
use proptest::prelude::*;

fn reading(target: &str) -> Reading<'static> {
    Reading::of(target.parse().expect("a supported target"))
}

fn parse<'a>(target: &str, text: &'a str) -> Ddl<'a> {
    syntax::parse(text.as_bytes(), 0, &reading(target)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn create<'a>(target: &str, text: &'a str) -> CreateTable<'a> {
    match parse(target, text) {
        Ddl::CreateTable(table) => *table,
        other => panic!("{text} is {other:?}"),
    }
}

/// The column of `CREATE TABLE t (a …)`.
fn column(target: &str, rest: &str) -> ColumnDefinition<'static> {
    let text: &'static str = Box::leak(format!("create table t (a {rest})").into_boxed_str());
    match create(target, text).definitions.swap_remove(0) {
        Definition::Column(column) => column,
        other => panic!("{text} is {other:?}"),
    }
}

fn actions<'a>(target: &str, text: &'a str) -> Vec<AlterAction<'a>> {
    match parse(target, text) {
        Ddl::AlterTable(alter) => alter.actions,
        other => panic!("{text} is {other:?}"),
    }
}

fn error(target: &str, text: &str) -> (usize, String) {
    let error = syntax::parse(text.as_bytes(), 0, &reading(target)).expect_err(text);
    (error.span.start, error.to_string())
}

#[test]
fn data_types_are_resolved_by_the_table() {
    let cases = [
        ("mysql:8.4", "integer(11) unsigned zerofill", TypeName::Int, Some(11), None),
        ("mysql:8.4", "int8", TypeName::BigInt, None, None),
        ("mysql:8.4", "dec(10,2)", TypeName::Decimal, Some(10), Some(2)),
        ("mysql:8.4", "double precision(8,3)", TypeName::Double, Some(8), Some(3)),
        ("mysql:8.4", "national character varying(3)", TypeName::Varchar, Some(3), None),
        ("mysql:8.4", "long varchar", TypeName::MediumText, None, None),
        ("mysql:8.4", "long", TypeName::MediumText, None, None),
        ("mysql:5.7", "timestamp(14)", TypeName::Timestamp, Some(14), None),
        ("mysql:8.4", "boolean", TypeName::Boolean, None, None),
        ("mysql:8.4", "serial", TypeName::Serial, None, None),
        ("mysql:9.7", "vector(4)", TypeName::Vector, Some(4), None),
        ("mariadb:10.11", "uuid", TypeName::Uuid, None, None),
        ("mariadb:10.11", "mariadb_schema.date", TypeName::Date, None, None),
        ("mysql:8.4", "geomcollection", TypeName::GeometryCollection, None, None),
    ];
    for (target, text, name, length, scale) in cases {
        let found = column(target, text).data_type;
        assert_eq!((found.name, found.length, found.scale), (name, length, scale), "{text}");
    }
}

#[test]
fn charset_modifiers_come_in_any_order() {
    let cases = [
        ("char(3) binary character set latin1", Some("latin1"), false, true),
        ("char(3) charset 'utf8mb4' binary", Some("utf8mb4"), false, true),
        ("char(3) ascii", Some("latin1"), false, false),
        ("char(3) unicode binary", Some("ucs2"), false, true),
        ("char(3) byte", None, true, false),
        ("char(3) character set binary", None, true, false),
        ("nchar(3)", Some("utf8"), false, false),
    ];
    for (text, charset, byte, binary) in cases {
        let found = column("mysql:8.4", text).data_type;
        let name = found.charset.as_ref().map(|name| &*name.text);
        assert_eq!((name, found.byte, found.binary), (charset, byte, binary), "{text}");
    }
}

#[test]
fn defaults() {
    let string = |value: &'static str| DefaultClause::String { value: value.into(), charset: None };
    let cases = [
        ("mysql:8.4", "null", DefaultClause::Null),
        ("mysql:8.4", "'it''s' ' so'", string("it's so")),
        ("mysql:8.4", "_utf8mb4'x'", DefaultClause::String { value: "x".into(), charset: Some("utf8mb4".into()) }),
        ("mysql:8.4", "N'x'", DefaultClause::String { value: "x".into(), charset: Some("utf8".into()) }),
        ("mysql:8.4", "- 1.50", DefaultClause::Number("-1.50".into())),
        ("mysql:8.4", "-1e3", DefaultClause::Number("-1e3".into())),
        ("mysql:8.4", "true", DefaultClause::Boolean(true)),
        ("mysql:8.4", "0x4f1", DefaultClause::Hex(vec![0x04, 0xf1])),
        ("mysql:8.4", "b'01'", DefaultClause::Bits("01".into())),
        ("mysql:8.4", "date '2020-01-01'", DefaultClause::Temporal("2020-01-01".into())),
        ("mysql:8.4", "now(6)", DefaultClause::CurrentTimestamp(Some(6))),
        ("mysql:8.4", "current_timestamp", DefaultClause::CurrentTimestamp(None)),
        ("mariadb:10.11", "current_timestamp()", DefaultClause::CurrentTimestamp(None)),
    ];
    for (target, text, expected) in cases {
        let found = column(target, &format!("int default {text} not null")).attributes.swap_remove(0).0;
        assert_eq!(found, Attribute::Default(expected), "{text}");
    }
}

#[test]
fn the_extents_of_expressions() {
    let cases = [
        ("mysql:8.4", "int default (1 + (2)) comment 'x'", "1 + (2)", true),
        ("mariadb:10.11", "int default (a + 1)", "a + 1", true),
        ("mariadb:10.11", "int default uuid() not null", "uuid()", false),
        ("mariadb:10.11", "int default next value for db.s comment 'x'", "next value for db.s", false),
        ("mariadb:10.11", "int default case when 1 then case 2 when 2 then 3 end end null", "", false),
        ("mariadb:10.11", "int default b not null", "b", false),
        ("mysql:8.4", "int default (1 /* one */ + /*!50000 2 */)", "1 /* one */ + /*!50000 2", true),
    ];
    for (target, text, expected, parenthesised) in cases {
        let found = column(target, text);
        let Attribute::Default(DefaultClause::Expression { expression, parenthesised: p }) = &found.attributes[0].0
        else {
            panic!("{text} is {found:?}");
        };
        assert_eq!(*p, parenthesised, "{text}");
        let whole = format!("create table t (a {text})");
        if !expected.is_empty() {
            assert_eq!(&whole[expression.span.start..expression.span.end], expected);
        }
    }
}

#[test]
fn keys() {
    let text = "create table t (primary key using btree (a desc, b(10)), unique u (c) comment 'x' invisible, \
                key type btree (a), fulltext index f (a) with parser ngram, key k ((a + 1) asc))";
    let table = create("mysql:8.4", text);
    let index = |n: usize| match &table.definitions[n] {
        Definition::Index(index) => index,
        other => panic!("{other:?}"),
    };
    assert_eq!(index(0).kind, IndexKind::Primary);
    assert_eq!(index(0).options, [IndexOption::Using(IndexAlgorithm::BTree)]);
    assert!(index(0).parts[0].descending);
    assert_eq!(index(0).parts[1].prefix, Some(10));
    assert_eq!(index(1).options, [IndexOption::Comment("x".into()), IndexOption::Invisible]);
    assert_eq!(
        (index(2).name.as_ref(), &index(2).options[..]),
        (None, &[IndexOption::Using(IndexAlgorithm::BTree)][..])
    );
    assert_eq!(index(3).kind, IndexKind::Fulltext);
    assert!(matches!(index(4).parts[0].column, KeyPartColumn::Expression(_)));
    assert_eq!(index(1).span, Span::new(text.find("unique").expect("there"), text.find(", key type").expect("there")));
}

#[test]
fn foreign_keys_and_references() {
    let text = "create table t (a int references p (x) on update set null, \
                constraint c foreign key i (a, b) references d.p (x, y) match full on update cascade on delete no action)";
    let table = create("mysql:9.7", text);
    let Definition::Column(column) = &table.definitions[0] else { panic!("a column") };
    let Attribute::References(clause) = &column.attributes[0].0 else { panic!("a reference") };
    assert_eq!((clause.on_delete, clause.on_update), (ReferentialAction::Unspecified, ReferentialAction::SetNull));
    let Definition::ForeignKey(key) = &table.definitions[1] else { panic!("a foreign key") };
    assert_eq!(
        (key.references.on_delete, key.references.on_update),
        (ReferentialAction::NoAction, ReferentialAction::Cascade)
    );
    assert_eq!(key.constraint.as_ref().map(|name| &*name.text), Some("c"));
    assert_eq!(key.index_name.as_ref().map(|name| &*name.text), Some("i"));
    assert_eq!(key.references.table.database.as_ref().map(|name| &*name.text), Some("d"));
}

#[test]
fn table_options_with_and_without_equals_and_commas() {
    let table = create(
        "mysql:8.4",
        "create table t (a int) type=heap, row_format compressed auto_increment = 7 default character set = utf8, \
         collate utf8_bin union=(a,db.b) data directory '/x' pack_keys=default raid_type=1 start transaction autoextend_size 4M",
    );
    let shown: Vec<String> = table
        .options
        .iter()
        .map(|option| match option {
            TableOption::Engine(name) => format!("engine {}", name.text),
            TableOption::Charset(name) => format!("charset {}", name.text),
            TableOption::Collate(name) => format!("collate {}", name.text),
            TableOption::AutoIncrement(n) => format!("auto_increment {n}"),
            TableOption::Known(OptionKey::Union, OptionValue::Tables(tables), _) => format!("union {}", tables.len()),
            TableOption::Known(key, value, _) => format!("{key:?} {value:?}"),
            TableOption::SystemVersioning => "versioned".to_owned(),
            TableOption::EngineDefined(name, value) => format!("{} {value:?}", name.text),
            TableOption::Forgotten(_) => "forgotten".to_owned(),
        })
        .collect();
    let expected = [
        "engine heap",
        "RowFormat Word(\"COMPRESSED\")",
        "auto_increment 7",
        "charset utf8",
        "collate utf8_bin",
        "union 2",
        "DataDirectory String(\"/x\")",
        "PackKeys Default",
        "forgotten",
        "forgotten",
        "AutoextendSize Number(4194304)",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn partitioning() {
    let text = "create table t (a int) /*!50100 partition by range (year(a)) subpartition by hash (a) subpartitions 2 \
                (partition p0 values less than (10) engine = InnoDB, partition p1 values less than maxvalue comment 'x') */";
    let clause = create("mysql:8.4", text).partitioning.expect("partitioning");
    assert!(matches!(clause.method, PartitionMethodClause::Range(_)));
    assert_eq!(clause.subpartitioning.and_then(|(_, count)| count), Some(2));
    assert_eq!(clause.partitions[1].values, PartitionValuesClause::LessThan(vec![None]));
    assert_eq!(clause.partitions[1].options, [PartitionOption::Comment("x".into())]);

    let clause = create(
        "mysql:8.4",
        "create table t (a int, b int) partition by list columns (a, b) (partition p values in ((1, 2), (3, null)))",
    );
    let clause = clause.partitioning.expect("partitioning");
    let PartitionValuesClause::In(tuples) = &clause.partitions[0].values else { panic!("a list") };
    assert_eq!(tuples.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);

    let clause = create(
        "mariadb:10.11",
        "create table t (a int) with system versioning partition by system_time interval 1 month auto partitions 3",
    );
    let clause = clause.partitioning.expect("partitioning");
    let PartitionMethodClause::SystemTime { rotation: RotationClause::Interval(interval), auto: true } = &clause.method
    else {
        panic!("an interval")
    };
    assert_eq!((interval.unit, interval.starts.is_none()), (Unit::Month, true));
    assert_eq!(clause.count, Some(3));
}

#[test]
fn alter_table_actions() {
    let cases: [(&str, &str, usize); 24] = [
        ("mysql:8.4", "add a int first, add column b int after a", 2),
        ("mysql:8.4", "add (a int, b int, key (a))", 3),
        ("mysql:8.4", "add constraint c unique (a), add fulltext key f (b)", 2),
        ("mysql:8.4", "change a b int not null first, modify column c text", 2),
        ("mysql:8.4", "drop a, drop column b cascade, drop primary key, drop foreign key f, drop key k", 5),
        ("mysql:8.4", "drop check c, drop constraint d", 2),
        ("mysql:8.4", "alter a set default (1), alter column b drop default, alter index i invisible", 3),
        ("mysql:8.4", "alter check c not enforced, alter column a set invisible", 2),
        ("mysql:8.4", "rename to d.x", 1),
        ("mysql:8.4", "rename column a to b, rename index i to j", 2),
        ("mysql:8.4", "convert to character set utf8mb4 collate utf8mb4_bin", 1),
        ("mysql:8.4", "order by a desc, b", 1),
        ("mysql:8.4", "engine=innodb row_format=dynamic, comment='x', algorithm=copy, lock=none", 4),
        ("mysql:8.4", "add a int partition by hash (a) partitions 4", 2),
        ("mysql:8.4", "engine=innodb remove partitioning", 2),
        ("mysql:8.4", "add partition (partition p values less than (1))", 1),
        ("mysql:8.4", "reorganize partition a, b into (partition c values less than (1))", 1),
        ("mysql:8.4", "exchange partition p with table x without validation", 1),
        ("mysql:8.4", "analyze partition all", 1),
        ("mysql:8.4", "discard tablespace", 1),
        ("mariadb:10.11", "wait 5 add column if not exists a int, drop index if exists i", 2),
        ("mariadb:10.11", "add system versioning, drop period for p, add period for p (a, b)", 3),
        ("mariadb:10.11", "alter index i not ignored", 1),
        ("mariadb:11.4", "convert partition p to table x", 1),
    ];
    for (target, text, count) in cases {
        let whole = format!("alter table t {text}");
        assert_eq!(actions(target, &whole).len(), count, "{text}");
    }
}

#[test]
fn short_statements() {
    let cases = [
        ("mysql:8.4", "create table if not exists d.t like x"),
        ("mysql:8.4", "create temporary table t (like x)"),
        ("mysql:8.4", "create table t (a int) engine=memory as select 1"),
        ("mysql:8.4", "create table t (select * from x where a in (1, 2))"),
        ("mysql:8.4", "create unique index i using btree on t (a) algorithm=inplace lock=none"),
        ("mariadb:10.11", "create or replace index i on t (a)"),
        ("mariadb:10.11", "create index if not exists i on t (a)"),
        ("mysql:8.4", "drop index `primary` on t"),
        ("mysql:8.4", "rename tables a to b, b to c"),
        ("mysql:8.4", "drop tables if exists a, b restrict"),
        ("mysql:8.4", "create database if not exists d default character set = utf8 encryption='n'"),
        ("mysql:8.4", "alter schema collate utf8mb4_bin"),
        ("mysql:8.4", "drop schema if exists d"),
        ("mysql:8.4", "drop table t;"),
        ("mysql:8.4", "create table d.select (`a` int)"),
        ("mysql:8.4", "create table select.t (a int)"),
    ];
    for (target, text) in cases {
        parse(target, text);
    }
}

#[test]
fn errors_say_what_was_expected_and_where() {
    let cases = [
        ("mysql:8.4", "create table t (a)", 17, "expected a data type, found `)`"),
        ("mysql:8.4", "create table t (a int", 21, "expected `,` or `)`, found the end of the statement"),
        ("mysql:8.4", "create table t (a int,)", 22, "expected a column's name, found `)`"),
        (
            "mysql:8.4",
            "create table t (rank int)",
            16,
            "expected a column's name, found the reserved word `rank`, which needs quotes to be a name",
        ),
        (
            "mysql:8.4",
            "create table t (a int) foo",
            23,
            "expected a table option or the end of the statement, found `foo`",
        ),
        ("mysql:8.4", "create table t (a int default (1)", 33, "expected `,` or `)`, found the end of the statement"),
        ("mysql:8.4", "create table t (a int check (1)", 31, "expected `,` or `)`, found the end of the statement"),
        ("mysql:8.4", "alter table t frobnicate", 14, "expected an action of ALTER TABLE, found `frobnicate`"),
        (
            "mysql:8.4",
            "alter table t add a int,",
            24,
            "expected an action of ALTER TABLE, found the end of the statement",
        ),
        ("mysql:8.4", "create table t (a enum('x)", 23, "the string is not closed"),
        ("mysql:8.4", "create view v as select 1", 7, "expected `TABLE`, `INDEX` or `DATABASE`, found `view`"),
        ("mysql:8.4", "create table t (a uuid)", 18, "expected a data type, found `uuid`"),
        ("mariadb:10.11", "create table t (a int, key ((a)))", 28, "expected a column's name, found `(`"),
    ];
    for (target, text, at, message) in cases {
        assert_eq!(error(target, text), (at, message.to_owned()), "{text}");
    }
}

#[test]
fn invalid_utf8_is_an_error_with_its_place() {
    let error = syntax::parse(b"create table t (`a\xff` int)", 100, &reading("mysql:8.4")).expect_err("bad bytes");
    assert_eq!((error.span, error.to_string()), (Span::new(118, 119), "this is not UTF-8".to_owned()));
    syntax::parse(b"create table t (a int) /* \xff */", 0, &reading("mysql:8.4")).expect("bad bytes in a comment");
}

#[test]
fn depth_costs_no_more_than_length() {
    let (open, close) = ("(".repeat(100_000), ")".repeat(100_000));
    for text in [
        format!("create table t (a int default {open}1{close})"),
        format!("create table t (a int check {open}1"),
        format!("create table t {open}select 1{close}"),
        format!("create table t {open}"),
        format!("create table t (a int) partition by list (a) (partition p values in {open}1{close})"),
        format!("create table t (a int) {}", "/*!50000 ".repeat(100_000)),
    ] {
        let start = std::time::Instant::now();
        drop(syntax::parse(text.as_bytes(), 0, &reading("mysql:8.4")));
        assert!(start.elapsed().as_secs() < 5, "{}", &text[..60]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_break_it(text: Vec<u8>) {
        drop(syntax::parse(&text, 0, &reading("mysql:8.4")));
    }

    #[test]
    fn no_words_break_it(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..40), head in 0..4_usize) {
        let head = ["create table t (", "alter table t ", "create table t (a int) ", ""][head];
        let text = format!("{head}{}", words.join(" "));
        for target in ["mysql:5.7", "mysql:9.7", "mariadb:11.8"] {
            drop(syntax::parse(text.as_bytes(), 7, &reading(target)));
        }
    }

    #[test]
    fn no_cut_breaks_it(from in 0..400_usize, to in 0..400_usize) {
        let text = "create table `t` (a int(11) unsigned not null default -1.5e3 comment 'it''s \\n', b varchar(3) character set \
            utf8 as (concat(a, 'x')) stored, primary key (a), constraint c foreign key (b) references d.p (x) on delete set null, \
            key k ((a + 1) desc)) engine=InnoDB /*!50100 partition by range (a) (partition p values less than (1)) */".as_bytes();
        let (from, to) = (from.min(text.len()), to.min(text.len()));
        for target in ["mysql:9.7", "mariadb:10.11"] {
            drop(syntax::parse(&text[from.min(to)..from.max(to)], 0, &reading(target)));
            drop(syntax::parse(&[&text[..from], &text[to..]].concat(), 0, &reading(target)));
        }
    }
}

const WORDS: &[&str] = &[
    "a",
    "`b`",
    "int",
    "varchar",
    "(",
    ")",
    ",",
    "=",
    ".",
    "'x'",
    "1",
    "-",
    "1.5",
    "x'41'",
    "b'1'",
    "@v",
    ":=",
    "0x",
    "not",
    "null",
    "default",
    "case",
    "end",
    "next",
    "value",
    "for",
    "constraint",
    "check",
    "primary",
    "key",
    "unique",
    "index",
    "using",
    "btree",
    "foreign",
    "references",
    "on",
    "update",
    "delete",
    "set",
    "cascade",
    "generated",
    "always",
    "as",
    "partition",
    "by",
    "range",
    "list",
    "columns",
    "values",
    "less",
    "than",
    "in",
    "maxvalue",
    "subpartition",
    "system_time",
    "interval",
    "engine",
    "row_format",
    "union",
    "charset",
    "character",
    "collate",
    "binary",
    "add",
    "drop",
    "change",
    "modify",
    "column",
    "alter",
    "rename",
    "to",
    "convert",
    "order",
    "if",
    "exists",
    "like",
    "select",
    "enum",
    "decimal",
    "compressed",
    "with",
    "without",
    "system",
    "versioning",
    "period",
    "first",
    "after",
    "/*!50000",
    "*/",
    "-- x\n",
    "exchange",
    "check",
    "{",
    "}",
    "N'x'",
    "_utf8",
    "4M",
    "autoextend_size",
    "reorganize",
    "into",
    "wait",
    "national",
    "long",
    "vector",
    "overlaps",
];

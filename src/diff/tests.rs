//! What counts as a difference, on schemas of a few lines.

use super::column::longest_increasing;
use super::*;
use crate::model::{
    Column, DataType, DefaultValue, Index, IndexKind, Integer, KeyColumn, KeyPart, Keys, Table, TableDefinition,
    TableOptions,
};
use crate::source::Location;
use crate::target::Target;

pub(crate) fn int(name: &str) -> Column {
    let kind = DataType::Integer { kind: Integer::Int, width: None, unsigned: false, zerofill: false };
    let mut column = Column::new(name.into(), kind);
    column.default = Some(DefaultValue::Null);
    column
}

pub(crate) fn key(name: &str, columns: &[&str]) -> Index {
    let parts = columns.iter().map(|c| KeyPart::whole(KeyColumn::Column((*c).into()))).collect();
    Index {
        name: name.into(),
        kind: if name == "PRIMARY" { IndexKind::Primary } else { IndexKind::Plain },
        parts,
        algorithm: None,
        key_block_size: None,
        comment: "".into(),
        parser: None,
        invisible: false,
        without_overlaps: None,
        generated: false,
        engine_attribute: None,
        secondary_engine_attribute: None,
        options: Vec::new(),
        age: Default::default(),
    }
}

pub(crate) fn table(name: &str, columns: &[&str]) -> Table {
    let definition = TableDefinition {
        name: name.into(),
        columns: columns.iter().map(|c| int(c)).collect(),
        indexes: Keys::default(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        periods: Vec::new(),
        system_versioned: false,
        options: TableOptions {
            engine: "InnoDB".into(),
            collation: Collation::server_default(Target::DEFAULT),
            auto_increment: None,
            others: Default::default(),
            engine_defined: Vec::new(),
        },
        partitioning: None,
    };
    Table::new(definition, Location::default())
}

pub(crate) fn schema(tables: Vec<Table>) -> Schema {
    let mut database = Database::new(None, Collation::server_default(Target::DEFAULT));
    database.tables = tables.into_iter().map(|t| (t.name.clone(), t)).collect();
    Schema { databases: vec![database] }
}

#[test]
fn as_few_columns_move_as_can_be() {
    let cases: [(&[Option<usize>], usize); 6] = [
        (&[], 0),
        (&[Some(0), Some(1), Some(2)], 3),
        (&[Some(2), Some(0), Some(1)], 2),
        (&[Some(3), Some(2), Some(1), Some(0)], 1),
        (&[None, Some(1), None, Some(0), Some(2)], 2),
        (&[Some(0), Some(4), Some(1), Some(2), Some(3), Some(5)], 5),
    ];
    for (places, stay) in cases {
        let stays = longest_increasing(places);
        assert_eq!(stays.iter().filter(|s| **s).count(), stay, "{places:?}");
        let kept: Vec<_> = places.iter().zip(&stays).filter(|(_, s)| **s).map(|(p, _)| *p).collect();
        assert!(kept.is_sorted() && !kept.contains(&None), "{places:?}");
    }
}

#[test]
fn a_move_does_not_hide_a_change() {
    let old = table("t", &["a", "b", "c"]);
    let mut new = table("t", &["c", "a", "b"]);
    new.columns[0].nullable = false;
    new.columns[0].default = None;
    let policies = Policies::default();
    let found = compare_tables(Pair::new(&old, &new), &policies, &Filter::default());
    let expected = ColumnChange::Altered {
        columns: Pair::new(&old.columns[2], &new.columns[0]),
        aspects: vec![ColumnAspect::Nullability, ColumnAspect::Default],
        moved: Some(Position::First),
        place: Position::First,
    };
    assert_eq!(found.columns, [expected]);
}

#[test]
fn what_a_policy_leaves_out_is_listed() {
    let mut old = table("t", &["a", "b"]);
    old.indexes = vec![key("k", &["a"]), key("l", &["b"])].into();
    let mut new = table("t", &["b", "a"]);
    new.columns[0].comment = "x".into();
    new.indexes = vec![key("l", &["b"]), key("k", &["a"])].into();
    let cases: [(&str, &[&str]); 3] = [
        ("", &["index_order=ignore"]),
        ("comments=ignore,column_order=ignore", &["comments=ignore", "index_order=ignore", "column_order=ignore"]),
        ("index_order=apply", &[]),
    ];
    for (given, expected) in cases {
        let policies: Policies = given.parse().expect(given);
        let (old, new) = (schema(vec![old.clone()]), schema(vec![new.clone()]));
        let changes = diff(Pair::new(&old, &new), &[], &policies, &Filter::default());
        let listed: Vec<_> = changes.set_aside.iter().map(|a| a.policy).collect();
        assert_eq!(listed, expected, "{given}");
    }
}

#[test]
fn one_definition_under_another_name_is_a_rename_only_without_a_rival() {
    let mut old = table("t", &["a", "b"]);
    let mut new = old.clone();
    old.indexes = vec![key("k", &["a"])].into();
    new.indexes = vec![key("m", &["a"])].into();
    let policies = Policies::default();
    let filter = Filter::default();
    let found = compare_tables(Pair::new(&old, &new), &policies, &filter).indexes;
    assert_eq!(found, [IndexChange::Renamed(Pair::new(&old.indexes[0], &new.indexes[0]))]);
    new.indexes.push(key("n", &["a"]));
    let found = compare_tables(Pair::new(&old, &new), &policies, &filter).indexes;
    assert_eq!(
        found,
        [
            IndexChange::Dropped(&old.indexes[0]),
            IndexChange::Added(&new.indexes[0]),
            IndexChange::Added(&new.indexes[1])
        ]
    );
}

#[test]
fn a_schema_does_not_differ_from_itself() {
    let one = schema(vec![table("t", &["a"]), table("u", &["b"])]);
    let changes = diff(Pair::new(&one, &one), &[], &Policies::default(), &Filter::default());
    assert!(changes.is_empty());
    assert!(changes.set_aside.is_empty());
}

#[test]
fn skipped_drops_are_listed() {
    let old = schema(vec![table("t", &["a", "b"]), table("u", &["b"])]);
    let new = schema(vec![table("t", &["a"])]);
    let policies: Policies = "drop=skip".parse().expect("a policy");
    let changes = diff(Pair::new(&old, &new), &[], &policies, &Filter::default());
    assert!(changes.is_empty());
    let listed: Vec<_> = changes.set_aside.iter().map(|a| a.what.as_str()).collect();
    assert_eq!(listed, ["column `b` of table `t`", "table `u`"]);
}

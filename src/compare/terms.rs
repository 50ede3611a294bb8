//! A side in the terms of the server that the plan is written for.
//!
//! What another server holds is written as the plan's target would be told it, and read by the target's own catalog: what that
//! makes of it is what is compared. So a difference that is only spelling is none, what was said otherwise is known with its
//! reason, and what the target refuses or forgets is found by the same code that reads every script.

use std::collections::{BTreeMap, BTreeSet};

use super::{Loaded, Settings, Side, retold};
use crate::canonical::Printer;
use crate::catalog::{Catalog, Session};
use crate::diff::{self, ColumnAspect, ColumnChange, Filter, IndexChange, IndexOrder, OptionChange, Policies};
use crate::document::SetAside;
use crate::ident::Ident;
use crate::model::expression::{Expr, Literal};
use crate::model::{Collation, Column, DataType, DefaultValue, Integer, ReferentialAction, Schema, Size, Table};
use crate::source::{Location, Pair, Source};
use crate::target::{Target, header};

/// Something that the plan's target cannot hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Foreign {
    /// The side that defines it.
    pub side: Side,
    /// What it is.
    pub object: String,
    /// What the target's server says of it.
    pub message: String,
    /// Where it is defined, as far as it is defined in one place.
    pub location: Option<Location>,
}

/// A side as the plan's target holds it.
#[derive(Clone, Debug, Default)]
pub struct InTerms {
    /// The schema; `None` where it is of that target anyway.
    pub schema: Option<Schema>,
    /// What is the same in other words: one line each.
    pub same: Vec<String>,
    /// What the target does not keep.
    pub lost: Vec<SetAside>,
}

/// The session of the plan's server.
pub(super) fn session(sides: Pair<&Loaded>, settings: &Settings) -> Session {
    let own = [sides.old, sides.new].into_iter().find(|side| side.text.target.reads_like(settings.target));
    let mut session = own.map_or_else(|| Session::of(settings.target), |side| side.text.session.clone());
    session.stored = false;
    if own.is_none() {
        for (name, value) in &settings.server {
            // A variable that only the side's own server has says nothing about this one.
            let _ = session.set(name, value, settings.target);
        }
    }
    // Rows of such a server may hold dates of zeros, which an ALTER that copies them else refuses (1292).
    let takes_zero_dates = |source: &Source| header::read(&source.text).is_some_and(|header| header.takes_zero_dates());
    if !settings.server.contains_key("sql_mode") && sides.old.text.sources.iter().any(takes_zero_dates) {
        session.sql_mode = session.sql_mode.with_zero_dates();
    }
    session
}

/// Brings a side into the terms of the plan's target.
pub(super) fn in_terms(side: &Loaded, which: Side, session: &Session, target: Target) -> Result<InTerms, Vec<Foreign>> {
    let own = side.text.target;
    if own.reads_like(target) {
        return Ok(InTerms::default());
    }
    let mut schema = side.script.schema.clone();
    let mut foreign = Vec::new();
    let mut lost = BTreeSet::new();
    let mut words = Words::default();
    for database in &mut schema.databases {
        let name =
            database.name.as_ref().map_or_else(|| "the database".to_owned(), |n| format!("database {}", n.quoted()));
        if !database.declared {
            database.collation = session.collation_server;
        } else if Collation::named(&database.collation.printed(own), None, target).is_none() {
            let message = format!("unknown collation: '{}'", database.collation.printed(own));
            foreign.push(Foreign { side: which, object: name, message, location: None });
        }
        let mut lenient = session.clone();
        lenient.sql_mode = session.sql_mode.lenient();
        lenient.foreign_key_checks = false;
        let mut catalog = Catalog::new(target, lenient);
        for table in database.tables.values_mut() {
            let there = told(table, own, target);
            let mut text = String::new();
            // What the target lacks stands in conditional comments, which it passes over as with any dump.
            Printer::show(target).table(&mut text, &there);
            let refusal = catalog.run_statement(&text).into_iter().next();
            let read = catalog.schema().tables().map(|(_, table)| table).find(|t| t.name == table.name);
            let Some(mut read) = read.filter(|_| refusal.is_none()).cloned() else {
                let message = refusal.map_or_else(|| "it is not made".to_owned(), |error| error.message);
                let object = format!("table {}", table.name.quoted());
                foreign.push(Foreign { side: which, object, message, location: Some(table.location) });
                continue;
            };
            as_known(&mut read, table, Pair::new(own, target));
            lost.extend(forgotten(Pair::new(&there, &read), target));
            words.take(Pair::new(table, &read), Pair::new(own, target));
            read.location = table.location;
            *table = read;
        }
    }
    let mut lost: Vec<SetAside> = lost.into_iter().collect();
    if foreign.is_empty() {
        let objects = retold::objects(&mut schema, own, which, session, target);
        foreign = objects.foreign;
        lost.extend(objects.lost);
    }
    if foreign.is_empty() {
        Ok(InTerms { schema: Some(schema), same: words.lines(own, target), lost })
    } else {
        Err(foreign)
    }
}

/// The table as the target is told of it: where the vendors have other words for one thing, in the target's.
fn told(table: &Table, own: Target, target: Target) -> Table {
    let mut there = table.clone();
    if own.vendor() == target.vendor() {
        return there;
    }
    for column in &mut there.columns {
        // MariaDB writes JSON as a text that is checked (KB "JSON Data Type").
        if target.is_mysql() && is_json(column) {
            column.data_type = DataType::Json;
            column.check = None;
            column.collation = None;
            column.collation_clause = crate::model::CollationClause::None;
        }
    }
    if own.is_mysql() {
        // MySQL writes the session's charset before every text.
        expressions(&mut there, &mut |expression| without_introducers(expression));
    }
    for key in &mut there.foreign_keys {
        // InnoDB does the same for both; each vendor says nothing of the one that it takes for the usual one.
        for action in [&mut key.on_delete, &mut key.on_update] {
            if matches!(action, ReferentialAction::Restrict | ReferentialAction::NoAction) {
                *action = ReferentialAction::Unspecified;
            }
        }
    }
    // Each vendor has its own names for checks that nobody named.
    let name = table.name.clone();
    for check in &mut there.checks {
        check.shown = None;
        let prefixes = [format!("{name}_chk_"), "CONSTRAINT_".to_owned()];
        let [from, to] = if own.is_mysql() {
            prefixes
        } else {
            let [a, b] = prefixes;
            [b, a]
        };
        if let Some(number) = check.name.as_str().strip_prefix(&*from).filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
        {
            check.name = Ident::new(format!("{to}{number}"));
        }
    }
    there
}

/// Visits the expressions of a table that the vendors print with their own additions.
fn expressions(table: &mut Table, f: &mut dyn FnMut(&mut Expr)) {
    let table = &mut **table;
    for column in &mut table.columns {
        if let Some(DefaultValue::Expression(expression)) = &mut column.default {
            f(expression);
        }
        column.generated.iter_mut().for_each(|generated| f(&mut generated.expression));
        column.check.iter_mut().for_each(&mut *f);
    }
    table.checks.iter_mut().for_each(|check| f(&mut check.expression));
}

fn without_introducers(expression: &mut Expr) {
    if let Expr::Literal(Literal::String { charset, .. }) = expression {
        if charset.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("utf8mb4")) {
            *charset = None;
        }
    } else {
        expression.children_mut(&mut without_introducers);
    }
}

/// Takes over what a side's own server does not keep and the other side says: nobody wished it away.
pub(super) fn adopt(there: &mut InTerms, targets: Pair<Target>, other: &Schema) {
    let Some(schema) = &mut there.schema else { return };
    let Pair { old: own, new: target } = targets;
    let only = schema.databases.len() == 1 && other.databases.len() == 1;
    for database in &mut schema.databases {
        let Some(others) = other.databases.iter().find(|d| only || d.name == database.name) else { continue };
        for table in database.tables.values_mut() {
            let Some(like) = others.tables.get(&table.name).filter(|like| !like.is_same(table)) else { continue };
            let (table, like) = (&mut **table, &**like);
            for column in &mut table.columns {
                let Some((_, like)) = like.column(column.name.as_str()) else { continue };
                if own.drops_display_width() {
                    adopt_width(&mut column.data_type, &like.data_type);
                }
                if !own.keeps_explicit_collation()
                    && target.keeps_explicit_collation()
                    && column.collation == like.collation
                {
                    column.collation_clause = like.collation_clause;
                }
            }
            if own.vendor() != target.vendor() {
                for key in &mut table.foreign_keys {
                    let Some(like) = like.foreign_keys.iter().find(|k| k.name == key.name) else { continue };
                    adopt_action(&mut key.on_delete, like.on_delete);
                    adopt_action(&mut key.on_update, like.on_update);
                }
            }
        }
    }
}

/// A width that is for show, where the other type is the same; `tinyint(1)` is kept by all, and so is one with ZEROFILL.
fn adopt_width(data_type: &mut DataType, like: &DataType) {
    if let (
        DataType::Integer { kind, width, unsigned, zerofill: false },
        DataType::Integer { kind: other, width: shown, unsigned: sign, zerofill: false },
    ) = (data_type, like)
        && (*kind, *unsigned) == (*other, *sign)
        && (*unsigned || *kind != Integer::Tiny || (*width == Some(1)) == (*shown == Some(1)))
    {
        *width = *shown;
    }
}

fn adopt_action(action: &mut ReferentialAction, like: ReferentialAction) {
    if *action == ReferentialAction::Unspecified
        && matches!(like, ReferentialAction::Restrict | ReferentialAction::NoAction)
    {
        *action = like;
    }
}

/// Whether MariaDB takes a column for JSON.
fn is_json(column: &Column) -> bool {
    let checked = |check: &Expr| {
        matches!(check, Expr::Call { name, args } if name.eq_ignore_ascii_case("json_valid")
            && matches!(args.as_slice(), [Expr::Column(of)] if of.is(column.name.as_str())))
    };
    column.data_type == DataType::Text(Size::Long) && column.check.as_ref().is_some_and(checked)
}

/// What the side's script knows and no printed definition says.
fn as_known(read: &mut Table, table: &Table, targets: Pair<Target>) {
    for index in &mut read.indexes {
        index.generated = table.index(index.name.as_str()).is_some_and(|i| i.generated);
    }
    if targets.old.vendor() != targets.new.vendor() {
        return;
    }
    let explicit = targets.old.keeps_explicit_collation() && targets.new.keeps_explicit_collation();
    for column in &mut read.columns {
        let Some((_, known)) = table.column(column.name.as_str()) else { continue };
        // A nullable column that lost its default is printed without one, and read as DEFAULT NULL.
        if known.default.is_none() && column.default == Some(DefaultValue::Null) && targets.new.is_mysql() {
            column.default = None;
        }
        if explicit {
            column.collation_clause = known.collation_clause;
        }
    }
}

/// What the target did not keep of a table that it was told of.
fn forgotten(tables: Pair<&Table>, target: Target) -> Vec<SetAside> {
    let policies = Policies { index_order: IndexOrder::Ignore, ..Policies::default() };
    let filter = Filter::default();
    let found = diff::compare_tables(tables, &policies, &filter);
    let of = format!("of table {}", tables.new.name.quoted());
    let mut lost = Vec::new();
    for change in &found.columns {
        match change {
            ColumnChange::Altered { columns, aspects, .. } => {
                for aspect in aspects.iter().filter(|aspect| !is_spelling(*columns, **aspect)) {
                    lost.push(format!("the {} of column {} {of}", word(*aspect), columns.old.name.quoted()));
                }
            }
            ColumnChange::Dropped(column) | ColumnChange::Added { column, .. } => {
                lost.push(format!("column {} {of}", column.name.quoted()));
            }
        }
    }
    for change in &found.indexes {
        match change {
            IndexChange::Dropped(index) => lost.push(format!("key {} {of}", index.name.quoted())),
            IndexChange::Altered(pair) => lost.push(format!("key {} {of}, as it is", pair.old.name.quoted())),
            IndexChange::Visibility(pair) => {
                lost.push(format!("the visibility of key {} {of}", pair.old.name.quoted()))
            }
            IndexChange::Added(_) | IndexChange::Moved(_) | IndexChange::Renamed(_) => {}
        }
    }
    for key in tables.old.foreign_keys.iter().filter(|k| !tables.new.foreign_keys.iter().any(|n| n.name == k.name)) {
        lost.push(format!("foreign key {} {of}", key.name.quoted()));
    }
    for check in tables.old.checks.iter().filter(|c| !tables.new.checks.iter().any(|n| n.name == c.name)) {
        lost.push(format!("check {} {of}", check.name.quoted()));
    }
    for option in &found.options {
        match option {
            OptionChange::Engine(pair) => lost.push(format!("engine {} {of}", pair.old)),
            OptionChange::Collation(pair) => lost.push(format!("collation {} {of}", pair.old.name())),
            OptionChange::Other(key, Pair { old: Some(value), .. }) => {
                lost.push(format!("{}={value} {of}", crate::canonical::option::word(*key)));
            }
            OptionChange::EngineDefined(name, Pair { old: Some(value), .. }) => {
                lost.push(format!("{}={value} {of}", name.quoted()));
            }
            OptionChange::Other(..) | OptionChange::EngineDefined(..) | OptionChange::AutoIncrement(_) => {}
        }
    }
    if found.partitioning.is_some_and(|pair| pair.old.is_some()) {
        lost.push(format!("the partitions {of}, as they are"));
    }
    let policy = format!("target={target}");
    lost.into_iter().map(|what| SetAside { what, policy: policy.clone() }).collect()
}

/// Whether a difference between what was told and what was kept is one of words.
fn is_spelling(columns: Pair<&Column>, aspect: ColumnAspect) -> bool {
    match aspect {
        ColumnAspect::Type => match (&columns.old.data_type, &columns.new.data_type) {
            // A display width is for show (8.0.19 drops it), but with ZEROFILL.
            (
                DataType::Integer { kind: a, unsigned: ua, zerofill: za, .. },
                DataType::Integer { kind: b, unsigned: ub, zerofill: zb, .. },
            ) => a == b && ua == ub && za == zb,
            (DataType::Year(_), DataType::Year(_)) => true,
            (DataType::Json, _) => is_json(columns.new),
            _ => false,
        },
        ColumnAspect::Collation => {
            columns.old.collation == columns.new.collation || columns.old.data_type == DataType::Json
        }
        ColumnAspect::Check => columns.old.data_type == DataType::Json && is_json(columns.new),
        // Where nothing was said, MariaDB says NULL.
        ColumnAspect::Default => {
            let none = |d: &Option<DefaultValue>| matches!(d, None | Some(DefaultValue::Null));
            none(&columns.old.default) && none(&columns.new.default)
        }
        _ => false,
    }
}

const fn word(aspect: ColumnAspect) -> &'static str {
    match aspect {
        ColumnAspect::NameCase => "name",
        ColumnAspect::Type => "type",
        ColumnAspect::Collation => "collation",
        ColumnAspect::Nullability => "nullability",
        ColumnAspect::Default => "default",
        ColumnAspect::OnUpdate => "ON UPDATE",
        ColumnAspect::AutoIncrement => "AUTO_INCREMENT",
        ColumnAspect::Generated => "expression",
        ColumnAspect::Generation => "generation",
        ColumnAspect::Visibility => "visibility",
        ColumnAspect::Comment => "comment",
        ColumnAspect::Srid => "SRID",
        ColumnAspect::Check => "check",
        ColumnAspect::Format => "COLUMN_FORMAT",
        ColumnAspect::Storage => "STORAGE",
        ColumnAspect::Compression => "compression",
        ColumnAspect::Versioning => "part in system versioning",
        ColumnAspect::EngineOptions => "engine options",
    }
}

/// What is said in other words: the words of the side's server and of the plan's, and the first place with their number.
#[derive(Default)]
struct Words {
    found: BTreeMap<(String, String), (String, usize)>,
}

impl Words {
    /// Takes in what two servers print of one table.
    fn take(&mut self, tables: Pair<&Table>, targets: Pair<Target>) {
        let lines = tables.zip(targets).map(|(table, target)| {
            let mut text = String::new();
            Printer::plain(target).table(&mut text, table);
            text
        });
        let [old, new] =
            [&lines.old, &lines.new].map(|text| text.lines().map(|l| l.trim_end_matches(',')).collect::<Vec<_>>());
        for old in old.iter().filter(|line| !line.starts_with(" PARTITION")) {
            let same = new.iter().find(|line| head(line) == head(old)).filter(|new| *new != old);
            let Some(new) = same else { continue };
            let place = match old.strip_prefix("  `").and_then(|rest| rest.split('`').next()) {
                Some(column) => format!("{}.{column}", tables.old.name),
                None => tables.old.name.to_string(),
            };
            let words = differing(old, new);
            self.found.entry(words).or_insert_with(|| (place, 0)).1 += 1;
        }
    }

    fn lines(self, own: Target, target: Target) -> Vec<String> {
        let line = |((old, new), (place, count)): ((String, String), (String, usize))| {
            let said = match (old.as_str(), new.as_str()) {
                (old, "") => format!("{target} leaves out {own}'s `{old}`"),
                ("", new) => format!("{target} adds `{new}` to what {own} says"),
                (old, new) => format!("{target} says `{new}` for {own}'s `{old}`"),
            };
            let others = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            format!("same: {said} ({place}{others})")
        };
        self.found.into_iter().map(line).collect()
    }
}

/// What a line is about: its first words with the first name in them.
fn head(line: &str) -> &str {
    let words = &line[..line.find('(').unwrap_or(line.len())];
    let mut quotes = words.match_indices('`').map(|(at, _)| at);
    match (quotes.next(), quotes.next()) {
        (Some(_), Some(end)) => &words[..=end],
        _ if line.starts_with(')') => ")",
        _ => words,
    }
}

/// The words in which two lines differ, from the first to the last of them.
fn differing(old: &str, new: &str) -> (String, String) {
    let [old, new] = [old, new].map(|line| line.split_whitespace().collect::<Vec<_>>());
    let before = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - before;
    let behind = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let part = |words: &[&str]| words[before..words.len() - behind].join(" ");
    (part(&old), part(&new))
}

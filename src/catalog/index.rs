//! Keys: names, lengths, order, and which of them the server leaves out.
//!
//! The order and the rules are those of `mysql_prepare_create_table` and `sort_keys` in the
//! servers' sql/sql_table.cc.

mod length;
mod order;

use super::column::{Context, check_name, printed_option};
use super::error::{CatalogError, Outcome};
use crate::ident::Ident;
use crate::model::{
    Column, DataType, Index, IndexAlgorithm, IndexKind, KeyColumn, KeyPart, OptionKey, Table, TableDefinition, Unseen,
};
use crate::source::Span;
use crate::syntax::ddl::{IndexDefinition, IndexOption, KeyPartColumn};
use crate::target::Target;
pub(super) use length::key_bytes;
use length::{cut, cut_length, expression_length, is_shape, part_length, table_key_length};

/// The longest comment of a key in characters.
const MAX_COMMENT: usize = 1024;
/// The longest key part of the row formats COMPACT and REDUNDANT in bytes.
const ANTELOPE_PART: u64 = 767;

/// The bytes of a geometry that MariaDB shows of a key by its hash.
const SHAPE: u32 = 8;

/// In which order keys are listed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) enum Listing {
    /// Sorted as the server does it.
    #[default]
    Sorted,
    /// Those that stood first, as they stood.
    AsTheyStand,
}

/// A key on its way into a table.
#[derive(Clone)]
pub(crate) struct IndexDraft {
    pub(crate) index: Index,
    /// Whether it has its final name.
    pub(crate) named: bool,
    pub(crate) span: Span,
    /// Where its name stands, or the whole of it.
    pub(crate) name_span: Span,
    /// Where its parts stand, as far as they are columns.
    pub(crate) part_spans: Vec<Span>,
    /// Whether it stood in the table before the statement.
    pub(crate) existing: bool,
    /// Whether the statement has renamed it: then its old name means another one, or none.
    pub(crate) renamed: bool,
    /// Whether an order was written for a part of it.
    pub(crate) ordered: bool,
    /// Whether MariaDB sorts it as the hash of values that are too long for a key.
    pub(crate) long: bool,
}

impl IndexDraft {
    /// A key that stands in the table already.
    pub(crate) fn existing(index: Index) -> Self {
        Self {
            // MySQL writes the order of a key that has one when it makes the key anew.
            ordered: !matches!(index.kind, IndexKind::Fulltext | IndexKind::Spatial)
                && index.algorithm != Some(IndexAlgorithm::Hash),
            index,
            named: true,
            span: Span::default(),
            name_span: Span::default(),
            part_spans: Vec::new(),
            existing: true,
            renamed: false,
            long: false,
        }
    }

    /// A key over one column, from the column's own definition.
    pub(crate) fn of_column(kind: IndexKind, column: &Ident, span: Span) -> Self {
        Self::over(kind, std::slice::from_ref(column), span)
    }

    /// A key over columns, without options.
    pub(crate) fn over(kind: IndexKind, columns: &[Ident], span: Span) -> Self {
        let part = |column: &Ident| KeyPart::whole(KeyColumn::Column(column.clone()));
        let mut index = empty(kind);
        index.parts = columns.iter().map(part).collect();
        Self {
            named: kind == IndexKind::Primary,
            index,
            span,
            name_span: span,
            part_spans: Vec::new(),
            existing: false,
            renamed: false,
            ordered: false,
            long: false,
        }
    }
}

fn empty(kind: IndexKind) -> Index {
    Index {
        name: Ident::new(if kind == IndexKind::Primary { "PRIMARY" } else { "" }),
        kind,
        parts: Vec::new(),
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
        age: Unseen::default(),
    }
}

/// Makes a key of its definition.
pub(crate) fn build(written: &IndexDefinition<'_>, context: Context<'_>) -> Outcome<IndexDraft> {
    let mut index = empty(written.kind);
    let name = written.name.as_ref().or(written.constraint.as_ref().filter(|_| index.is_unique()));
    let named = match name {
        Some(name) if written.kind != IndexKind::Primary => {
            if name.text.eq_ignore_ascii_case("PRIMARY") {
                return Err(CatalogError::new(1280, name.span, format!("incorrect index name '{}'", name.text)));
            }
            index.name = check_name(name, 1280, "index")?;
            true
        }
        Some(_) | None => written.kind == IndexKind::Primary,
    };
    for part in &written.parts {
        index.parts.push(KeyPart {
            column: match &part.column {
                KeyPartColumn::Column(name) => KeyColumn::Column(Ident::new(name.text.as_ref())),
                KeyPartColumn::Expression(expression) => KeyColumn::Expression(expression.expr.clone()),
            },
            prefix: match part.prefix {
                Some(0) => {
                    let column = match &part.column {
                        KeyPartColumn::Column(name) => name.text.as_ref(),
                        KeyPartColumn::Expression(_) => "",
                    };
                    return Err(CatalogError::new(
                        1391,
                        written.span,
                        format!("key part '{column}' length cannot be 0"),
                    ));
                }
                length => length.map(|n| n.min(u64::from(u32::MAX)) as u32),
            },
            descending: part.descending,
            descends_unseen: false,
        });
    }
    index.without_overlaps = written.without_overlaps.as_ref().map(|name| Ident::new(name.text.as_ref()));
    for option in &written.options {
        match option {
            IndexOption::Using(algorithm) => index.algorithm = Some(*algorithm),
            IndexOption::KeyBlockSize(size) => index.key_block_size = Some(*size).filter(|n| *n > 0),
            IndexOption::Comment(text) => {
                index.comment = super::charset::comment_within(text, MAX_COMMENT, context, || {
                    let message = format!("comment for index '{}' is too long (max = {MAX_COMMENT})", index.name);
                    CatalogError::new(1688, written.span, message)
                })?;
            }
            // Plugins are found in any case, and printed under their own name.
            IndexOption::Parser(name) => {
                // A dump of a server that has the plugin is read all the same.
                let known = context.target.is_mysql() && name.text.eq_ignore_ascii_case("ngram");
                if !known && context.session.sql_mode.strict {
                    let message = format!("function '{}' is not defined", name.text);
                    return Err(CatalogError::new(1128, name.span, message).only_when_strict());
                }
                index.parser = Some(Ident::new(name.text.to_ascii_lowercase()));
            }
            IndexOption::Visible => index.invisible = false,
            IndexOption::Invisible => index.invisible = true,
            IndexOption::EngineAttribute(value) => index.engine_attribute = Some(value.as_ref().into()),
            IndexOption::SecondaryEngineAttribute(value) => {
                index.secondary_engine_attribute = Some(value.as_ref().into())
            }
            IndexOption::Option(name, value) => {
                if let Some(value) = printed_option(value, context.target) {
                    index.options.push((Ident::new(name.text.as_ref()), value));
                }
            }
        }
    }
    if index.invisible && index.kind == IndexKind::Primary {
        let (number, message) = if context.target.is_mysql() {
            (3522, "a primary key index cannot be invisible")
        } else {
            (4174, "a primary key cannot be marked as IGNORE")
        };
        return Err(CatalogError::new(number, written.span, message));
    }
    let part_spans = written.parts.iter().map(|part| match &part.column {
        KeyPartColumn::Column(name) => name.span,
        KeyPartColumn::Expression(expression) => expression.span,
    });
    let name_span = written.name.as_ref().map_or(written.span, |name| name.span);
    Ok(IndexDraft {
        index,
        named,
        span: written.span,
        name_span,
        part_spans: part_spans.collect(),
        existing: false,
        renamed: false,
        ordered: written.parts.iter().any(|part| part.ordered),
        long: false,
    })
}

/// Puts the drafted keys into the table: names them, checks their parts, leaves out what another
/// key serves for, and sorts them.
pub(crate) fn settle(
    table: &mut Table,
    mut drafts: Vec<IndexDraft>,
    listing: Listing,
    context: Context<'_>,
) -> Outcome<()> {
    leave_out_covered(&mut drafts, table, context.target);
    let target = context.target;
    let mut ranks = Vec::with_capacity(drafts.len());
    for at in 0..drafts.len() {
        // MySQL looks at names before it looks at columns.
        if target.is_mysql() && drafts[at].named {
            refuse_twin(&drafts, at)?;
        }
        super::engine::check_draft(table, &drafts[at], context)?;
        let is_vector = |draft: &IndexDraft| draft.index.kind == IndexKind::Vector;
        if is_vector(&drafts[at]) && drafts[..at].iter().any(is_vector) {
            return Err(CatalogError::new(1235, drafts[at].span, "there are no multiple VECTOR indexes yet"));
        }
        check_parts(table, &mut drafts[at], context)?;
        // The servers look at NULLs before a later PRIMARY KEY takes them away.
        ranks.push(order::rank(table, &drafts[at], target));
        if !drafts[at].named {
            let name = free_name(&drafts, at);
            drafts[at].index.name = name;
            drafts[at].named = true;
        }
        refuse_twin(&drafts, at)?;
    }
    if listing == Listing::AsTheyStand {
        ranks.fill((0, false));
    }
    table.indexes = order::sorted(ranks, drafts.into_iter().map(|draft| draft.index));
    Ok(())
}

/// Errors 1061 and 1068.
fn refuse_twin(drafts: &[IndexDraft], at: usize) -> Outcome<()> {
    let draft = &drafts[at];
    let is_primary = |draft: &IndexDraft| draft.index.kind == IndexKind::Primary;
    if is_primary(draft) && drafts[..at].iter().any(is_primary) {
        return Err(CatalogError::new(1068, draft.span, "multiple primary key defined"));
    }
    match drafts[..at].iter().any(|d| d.index.name.is(draft.index.name.as_str())) {
        true => Err(CatalogError::new(1061, draft.name_span, format!("duplicate key name '{}'", draft.index.name))),
        false => Ok(()),
    }
}

/// A key that the server made for a foreign key goes where another one begins with its columns.
fn leave_out_covered(drafts: &mut Vec<IndexDraft>, table: &TableDefinition, target: Target) {
    if drafts.iter().all(|draft| !draft.index.generated) {
        return;
    }
    let mut ignored = vec![false; drafts.len()];
    // MariaDB takes the parts of a FULLTEXT key that stands for beginnings of their columns.
    let apart = |draft: &IndexDraft| draft.existing && draft.index.kind == IndexKind::Fulltext && target.is_mariadb();
    for at in 0..drafts.len() {
        for before in 0..at {
            if apart(&drafts[at]) || apart(&drafts[before]) {
                continue;
            }
            if ignored[before] || !prefix_of_each_other(&drafts[at].index, &drafts[before].index, table, target) {
                continue;
            }
            let (key, other) = (&drafts[at].index, &drafts[before].index);
            if !key.generated && !other.generated {
                continue;
            }
            if !other.generated || key.generated && key.parts.len() < other.parts.len() {
                if key.parts.len() <= other.parts.len() || !key.generated {
                    ignored[at] = key.generated;
                }
            } else {
                ignored[before] = true;
            }
            if ignored[at] {
                break;
            }
        }
    }
    let mut at = 0;
    drafts.retain(|_| {
        at += 1;
        !ignored[at - 1]
    });
}

/// Whether the shorter of two keys is the beginning of the longer one, and the generated one is
/// not the longer (`foreign_key_prefix`). To MySQL a key that descends is another one. Nor is an earlier one for texts or shapes
/// one to MySQL; a later one takes the place of a generated key, which its foreign key then lacks.
fn prefix_of_each_other(a: &Index, b: &Index, table: &TableDefinition, target: Target) -> bool {
    let (short, long) = if a.parts.len() <= b.parts.len() { (a, b) } else { (b, a) };
    let special = |i: &Index| matches!(i.kind, IndexKind::Fulltext | IndexKind::Spatial | IndexKind::Vector);
    if target.is_mysql() && special(b) || long.parts.len() > short.parts.len() && long.generated && !short.generated {
        return false;
    }
    // MariaDB has cut what is too long by then.
    let prefix = |index: &Index, part: &KeyPart| match index.kind {
        IndexKind::Fulltext if target.is_mariadb() => None,
        _ => part.prefix.or_else(|| target.is_mariadb().then(|| cut_length(part, table)).flatten()),
    };
    short.parts.iter().zip(&long.parts).all(|(x, y)| match (&x.column, &y.column) {
        (KeyColumn::Column(p), KeyColumn::Column(q)) => {
            p.is(q.as_str())
                && prefix(short, x) == prefix(long, y)
                && (target.is_mariadb() || x.descending == y.descending)
        }
        _ => false,
    })
}

/// `column`, `column_2`, `column_3` … (`make_unique_key_name`).
fn free_name(drafts: &[IndexDraft], at: usize) -> Ident {
    let base = match drafts[at].index.parts.first().map(|part| &part.column) {
        Some(KeyColumn::Column(name)) => name.as_str(),
        Some(KeyColumn::Expression(_)) | None => "functional_index",
    };
    let taken = |name: &str| {
        name.eq_ignore_ascii_case("PRIMARY")
            || drafts
                .iter()
                .enumerate()
                .any(|(i, d)| (i < at || d.existing) && i != at && d.named && d.index.name.is(name))
    };
    if !taken(base) {
        return Ident::new(base);
    }
    let mut number = 2;
    loop {
        let name = format!("{base}_{number}");
        if !taken(&name) {
            return Ident::new(name);
        }
        number += 1;
    }
}

fn check_parts(table: &mut TableDefinition, draft: &mut IndexDraft, context: Context<'_>) -> Outcome<()> {
    let span = draft.span;
    let kind = draft.index.kind;
    let by_hash = context.target.is_mariadb()
        && kind == IndexKind::Unique
        && &*table.options.engine != "MEMORY"
        && draft.index.algorithm == Some(IndexAlgorithm::Hash);
    if draft.existing && by_hash {
        // What is short enough is no key by hash any more; a geometry is with the length that it is shown with.
        draft.index.algorithm = None;
    }
    let most = table_key_length(&table.options.engine);
    let format = table.options.others.get(&OptionKey::RowFormat).map(|format| &**format);
    let antelope = &*table.options.engine == "InnoDB" && matches!(format, Some("COMPACT" | "REDUNDANT"));
    let primary_refuses = kind == IndexKind::Primary;
    if draft.index.parts.len() > 16 && !(context.target.is_mariadb() && draft.index.parts.len() <= 32) {
        return Err(CatalogError::new(1070, span, "too many key parts specified; max 16 parts allowed"));
    }
    let mut total = 0u64;
    // MariaDB makes a hash of a unique key over a value that is too long to index (KB "Unique Index on BLOB").
    let mut hashed = false;
    let mut searched = None;
    for number in 0..draft.index.parts.len() {
        let (before, parts) = draft.index.parts.split_at_mut(number);
        let part = &mut parts[0];
        let span = draft.part_spans.get(number).copied().unwrap_or(span);
        let name = match &mut part.column {
            KeyColumn::Column(name) => name,
            KeyColumn::Expression(expression) => {
                let length = expression_length(expression, &table.columns, context.target);
                if antelope && length.is_some_and(|length| length > ANTELOPE_PART) {
                    let message = format!("specified key was too long; max key length is {ANTELOPE_PART} bytes");
                    return Err(CatalogError::new(1071, span, message));
                }
                continue;
            }
        };
        let Some(column) = table.columns.iter_mut().find(|c| c.name.is(name.as_str())) else {
            return Err(CatalogError::new(1072, span, format!("key column '{name}' doesn't exist in table")));
        };
        let is_same = |part: &KeyPart| matches!(&part.column, KeyColumn::Column(other) if other.is(name.as_str()));
        if before.iter().any(is_same) {
            return Err(CatalogError::new(1060, span, format!("duplicate column name '{name}'")));
        }
        *name = column.name.clone();
        if primary_refuses && context.target.is_mariadb() && column.generated.is_some() {
            return Err(CatalogError::new(1903, span, "a primary key cannot be defined upon a generated column"));
        }
        if primary_refuses && (column.nullable || column.default == Some(crate::model::DefaultValue::Null)) {
            let empty = matches!(column.default, None | Some(crate::model::DefaultValue::Null));
            if column.nullable && column.on_update && empty && context.target.is_mariadb() {
                // What updates itself defaults to zero where it takes no NULL.
                let zero = super::column::zero_moment(column.data_type.fraction().unwrap_or(0));
                column.default = Some(crate::model::DefaultValue::Literal(zero.into()));
            }
            column.nullable = false;
            if column.default == Some(crate::model::DefaultValue::Null) {
                column.default = None;
            }
        }
        let misfit = context.target.is_mariadb() || !matches!(column.data_type, DataType::Geometry(_));
        if kind == IndexKind::Spatial && part.prefix.is_some() && misfit {
            return Err(CatalogError::new(1089, span, "incorrect prefix key; a spatial one has none"));
        }
        if kind == IndexKind::Vector && column.nullable {
            return Err(CatalogError::new(1252, span, "all parts of a VECTOR index must be NOT NULL"));
        }
        let length = match kind {
            IndexKind::Fulltext | IndexKind::Vector => {
                part.prefix = None;
                part.descending = false;
                let other = searched.is_some_and(|collation| column.collation != Some(collation));
                searched = column.collation;
                if context.target.is_mysql() && matches!(column.data_type, DataType::Char(0) | DataType::Varchar(0)) {
                    let message = format!("the used storage engine can't index column '{name}'");
                    return Err(CatalogError::new(1167, span, message));
                }
                if kind == IndexKind::Fulltext && (other || !is_fulltext_type(column)) {
                    return Err(CatalogError::new(
                        1283,
                        span,
                        format!("column '{name}' cannot be part of FULLTEXT index"),
                    ));
                }
                0
            }
            IndexKind::Spatial => {
                if column.nullable {
                    return Err(CatalogError::new(1252, span, "all parts of a SPATIAL index must be NOT NULL"));
                }
                part.prefix = None;
                part.descending &= context.target.is_mysql();
                0
            }
            IndexKind::Plain
                if context.target.is_mysql()
                    && matches!(column.data_type, DataType::Geometry(_))
                    && !column.nullable =>
            {
                // MySQL indexes a geometry by an R-tree whatever was written.
                draft.index.kind = IndexKind::Spatial;
                part.prefix = None;
                0
            }
            IndexKind::Primary | IndexKind::Unique | IndexKind::Plain => {
                part_length(column, part, kind, most, context, span)?
            }
        };
        let long_unique = context.target.is_mariadb() && kind == IndexKind::Unique;
        hashed |= long_unique && (length > u64::from(most) || column.data_type.is_blob() && part.prefix.is_none());
        if long_unique && is_shape(column) && part.prefix.is_none() {
            // A geometry is hashed by the beginning of what stands for it.
            part.prefix = Some(SHAPE);
            part.descending = false;
            hashed = true;
        }
        if length > u64::from(most) && !hashed {
            cut(part, column, most, kind, context, span)?;
        }
        if antelope && length > ANTELOPE_PART && !hashed {
            // MySQL 8.4 manual, section 17.10 "InnoDB Row Formats".
            if context.target.is_mariadb() {
                let message = format!("a key part of this row format has at most {ANTELOPE_PART} bytes");
                return Err(CatalogError::new(1709, span, message).only_when_strict());
            }
            cut(part, column, ANTELOPE_PART as u32, kind, context, span)?;
        }
        total += length.min(u64::from(most));
    }
    hashed |= context.target.is_mariadb() && kind == IndexKind::Unique && total > u64::from(most);
    if hashed {
        total = 0;
    }
    let unhashable = &*table.options.engine == "Aria" || draft.index.algorithm == Some(IndexAlgorithm::BTree);
    let asked = kind == IndexKind::Unique && draft.index.algorithm == Some(IndexAlgorithm::Hash);
    let long_unique = hashed && unhashable || asked && &*table.options.engine == "Aria";
    if total > u64::from(most) || long_unique {
        return Err(CatalogError::new(
            1071,
            span,
            format!("specified key was too long; max key length is {most} bytes"),
        ));
    }
    let compressed = table.options.others.get(&OptionKey::RowFormat).is_some_and(|format| &**format == "COMPRESSED")
        || table.options.others.contains_key(&OptionKey::KeyBlockSize);
    if context.target.is_mysql() && &*table.options.engine == "InnoDB" && !compressed {
        // InnoDB has no block size of a key but for compressed rows.
        draft.index.key_block_size = None;
    }
    let before = draft.index.algorithm;
    settle_algorithm(&mut draft.index, &table.options.engine, context.target);
    if before == Some(IndexAlgorithm::Hash) && draft.index.algorithm.is_none() {
        let message = format!("{} has no HASH keys: '{}' is a B-tree", table.options.engine, draft.index.name);
        context.warnings.warn(context.target.is_mysql_since(80_000).then_some(3502), span, message);
    }
    draft.long = hashed || by_hash && !draft.existing;
    if hashed {
        draft.index.algorithm = Some(IndexAlgorithm::Hash);
    }
    if hashed || by_hash {
        draft.index.parts.iter_mut().for_each(|part| part.descending = false);
    }
    if context.target.is_mariadb() {
        let hides = draft.index.is_by_hash(&table.options.engine);
        for part in &mut draft.index.parts {
            let descends = part.descending || part.descends_unseen;
            (part.descending, part.descends_unseen) = (descends && !hides, descends && hides);
        }
    }
    Ok(())
}

/// Text of a charset whose shortest character is one byte.
fn is_fulltext_type(column: &Column) -> bool {
    matches!(column.data_type, DataType::Char(_) | DataType::Varchar(_) | DataType::Text(_))
        && column.collation.is_some_and(|c| !matches!(c.charset().name(), "ucs2" | "utf16" | "utf16le" | "utf32"))
}

/// Which of the written algorithms the server keeps and prints.
fn settle_algorithm(index: &mut Index, engine: &str, target: Target) {
    if matches!(index.kind, IndexKind::Fulltext | IndexKind::Vector) {
        index.algorithm = None;
        return;
    }
    let innodb = engine == "InnoDB" || engine == "MyISAM";
    let forgotten = |algorithm: &IndexAlgorithm| match algorithm {
        IndexAlgorithm::Hash => innodb && target.is_mysql(),
        other => *other == IndexAlgorithm::RTree,
    };
    index.algorithm = index.algorithm.filter(|algorithm| !forgotten(algorithm));
}

//! Table options: what of the written ones is stored.
//!
//! MySQL 8.4 manual, section 15.1.20 "CREATE TABLE Statement", "Table Options".

use super::charset;
use super::column::{Context, printed_option};
use super::error::{CatalogError, Outcome};
use crate::ident::Ident;
use crate::model::{Charset, Collation, Column, DataType, IndexKind, OptionKey, Table};
use crate::source::Span;
use crate::syntax::ddl::{AlterAction, CharsetClause, Name, OptionValue, TableName, TableOption};
use crate::target::Target;

/// The longest comment of a table in characters.
const MAX_COMMENT: usize = 2048;

/// The collation that the options come to, if they name one.
pub(crate) fn collation(options: &[TableOption<'_>], around: Collation, target: Target) -> Outcome<Option<Collation>> {
    let mut clause = CharsetClause::default();
    for option in options {
        match option {
            TableOption::Charset(name) => {
                if let Some(earlier) = &clause.charset
                    && !earlier.text.eq_ignore_ascii_case(&name.text)
                {
                    let message = format!(
                        "conflicting declarations: 'CHARACTER SET {}' and 'CHARACTER SET {}'",
                        earlier.text, name.text
                    );
                    return Err(CatalogError::new(1302, name.span, message));
                }
                if let Some(earlier) = clause.collation.as_ref().filter(|_| target.is_mysql())
                    && let Some(collation) = Collation::named(&earlier.text, None, target)
                    && Charset::named(&name.text, target).is_some_and(|charset| charset != collation.charset())
                {
                    let before = collation.charset().name();
                    let message =
                        format!("conflicting declarations: 'CHARACTER SET {before}' and 'CHARACTER SET {}'", name.text);
                    return Err(CatalogError::new(1302, name.span, message));
                }
                clause.charset = Some(name.clone());
            }
            TableOption::Collate(name) => {
                if let Some(earlier) =
                    clause.collation.as_ref().filter(|earlier| !earlier.text.eq_ignore_ascii_case(&name.text))
                {
                    check_collations(earlier, name, target)?;
                }
                clause.collation = Some(name.clone());
            }
            TableOption::Engine(_)
            | TableOption::AutoIncrement(_)
            | TableOption::Known(..)
            | TableOption::SystemVersioning
            | TableOption::EngineDefined(..)
            | TableOption::Forgotten(_) => {}
        }
    }
    charset::clause(&clause, around, target)
}

/// Errors 1302 and 1253: MariaDB takes no two COLLATE clauses that differ, MySQL none of different charsets.
fn check_collations(earlier: &Name<'_>, later: &Name<'_>, target: Target) -> Outcome<()> {
    let named = |name: &Name<'_>| Collation::named(&name.text, None, target);
    let (Some(old), Some(new)) = (named(earlier), named(later)) else { return Ok(()) };
    let conflict = |number, message| Err(CatalogError::new(number, later.span, message));
    if target.is_mariadb() && old != new {
        conflict(1302, format!("conflicting declarations: 'COLLATE {}' and 'COLLATE {}'", earlier.text, later.text))
    } else if target.is_mysql() && old.charset() != new.charset() {
        let charset = old.charset().name();
        conflict(1253, format!("COLLATION '{}' is not valid for CHARACTER SET '{charset}'", later.text))
    } else {
        Ok(())
    }
}

/// The canonical name of an engine, or error 1286.
pub(crate) fn engine(name: &str, span: Span, context: Context<'_>) -> Outcome<Box<str>> {
    if let Some(engine) = super::engine::known(name, context.target) {
        return Ok(engine.name.into());
    }
    if context.session.sql_mode.no_engine_substitution {
        return Err(CatalogError::new(1286, span, format!("unknown storage engine '{name}'")));
    }
    let instead = &context.session.default_engine;
    context.warnings.warn(1266, span, format!("storage engine '{name}' is unknown; {instead} takes its place"));
    Ok(instead.clone())
}

/// MariaDB reads the counter of a table that has or gets a virtual column again when an ALTER has changed it in place; one that its column
/// cannot hold, it then forgets (measured on 10.11 and 11.8). What it copies, it gives the counter to.
pub(crate) fn forget_counter(table: &mut Table, old: &Table, actions: &[AlterAction<'_>], target: Target) {
    let copied = |action: &AlterAction<'_>| {
        matches!(
            action,
            AlterAction::ModifyColumn { .. }
                | AlterAction::ChangeColumn { .. }
                | AlterAction::ConvertCharset(_)
                | AlterAction::PartitionBy(_)
                | AlterAction::RemovePartitioning(_)
                | AlterAction::Options(_)
        )
    };
    let is_virtual = |column: &Column| column.generated.as_ref().is_some_and(|g| !g.stored);
    if target.is_mysql() || &*old.options.engine != "InnoDB" || actions.iter().any(copied) {
        return;
    }
    let counts = old.columns.iter().find(|c| c.auto_increment);
    let (Some(counter), Some(DataType::Integer { kind, unsigned, .. })) =
        (table.options.auto_increment, counts.map(|c| &c.data_type))
    else {
        return;
    };
    if i128::from(counter) > kind.range(*unsigned).1 + 1 && old.columns.iter().chain(&table.columns).any(is_virtual) {
        table.options.auto_increment = None;
    }
}

/// Fills in what an engine prints though nobody wrote it: Aria's page checksums, and the format that it takes for those
/// that it does not have (MariaDB KB "Aria Storage Formats").
pub(crate) fn complete(table: &mut Table) {
    // InnoDB keeps a counter for the column that counts alone.
    // Nor does one of partitions.
    let counts_for_columns = &*table.options.engine == "InnoDB" || table.partitioning.is_some();
    let counts = !matches!(&*table.options.engine, "CSV" | "MRG_MyISAM" | "MRG_MYISAM" | "BLACKHOLE");
    if !counts || counts_for_columns && !table.columns.iter().any(|c| c.auto_increment) {
        table.options.auto_increment = None;
    }
    // No other engine keeps what tables it is made of (`ha_myisammrg::append_create_info`).
    if &*table.options.engine != "MRG_MyISAM" {
        table.options.others.retain(|key, _| !matches!(key, OptionKey::InsertMethod | OptionKey::Union));
    }
    if &*table.options.engine == "Aria" && table.partitioning.is_none() {
        let blob = |column: &Column| {
            column.data_type.is_blob() || matches!(column.data_type, DataType::Json | DataType::Geometry(_))
        };
        let has_blobs = table.columns.iter().any(blob);
        // A sequence has none of its own.
        if !table.options.others.contains_key(&OptionKey::Sequence) {
            table.options.others.entry(OptionKey::PageChecksum).or_insert_with(|| "1".into());
        }
        if let Some(format) = table.options.others.get_mut(&OptionKey::RowFormat)
            && (matches!(&**format, "COMPRESSED" | "REDUNDANT" | "COMPACT") || &**format == "FIXED" && has_blobs)
        {
            *format = "PAGE".into();
        }
    }
}

/// Where an engine puts a table's files: those that have no files of their own, and MySQL's that may not follow a link, forget
/// it; MariaDB ends a path with a slash (measured on MySQL 9.7, MariaDB 10.11 and 11.8). Errors 1031 and 1005: InnoDB's keys lie
/// with its rows. Whether a path is one only its server knows.
pub(crate) fn settle_directories(table: &mut Table, span: Span, target: Target) -> Outcome<()> {
    let mysql = target.is_mysql();
    for key in [OptionKey::DataDirectory, OptionKey::IndexDirectory] {
        let Some(path) = table.options.others.get(&key).cloned() else { continue };
        let engine = &*table.options.engine;
        let innodb = engine == "InnoDB";
        if innodb && key == OptionKey::IndexDirectory && !target.is_mariadb_since(110_000) {
            let number = if mysql { 1031 } else { 1005 };
            return Err(CatalogError::new(number, span, "InnoDB puts no keys into a directory of their own"));
        }
        let kept = innodb && key == OptionKey::DataDirectory || !mysql && matches!(engine, "MyISAM" | "Aria");
        if !kept {
            table.options.others.remove(&key);
        } else if !mysql && !path.ends_with('/') {
            table.options.others.insert(key, format!("{path}/").into());
        }
    }
    Ok(())
}

/// What MyISAM and Aria make of the block sizes that keys ask for (`mi_create` and `MI_BLOCK_SIZE` in storage/myisam): a power of two
/// from 1 KiB to 16 KiB, and as many of these as a few values need; Aria has one size of block.
pub(crate) fn settle_key_blocks(table: &mut Table) {
    const POINTERS: u64 = 6 + 5;
    const OWN: u64 = 5 + 2;
    // What is kept of a word, whatever the columns hold (`FT_MAX_WORD_LEN_FOR_SORT`).
    const WORD: u64 = 31;
    let of_table = table.options.others.get(&OptionKey::KeyBlockSize).and_then(|size| size.parse::<u64>().ok());
    let aria = &*table.options.engine == "Aria";
    if !aria && &*table.options.engine != "MyISAM" || table.partitioning.is_some() {
        return;
    }
    let asked: Vec<Option<u64>> = table.indexes.iter().map(|index| index.key_block_size.or(of_table)).collect();
    let sizes: Vec<Option<u64>> = table
        .indexes
        .iter()
        .zip(asked)
        .map(|(index, asked)| {
            let block = asked?.next_power_of_two().clamp(1024, 16 * 1024);
            let bytes = match index.kind {
                IndexKind::Fulltext => WORD,
                _ => super::index::key_bytes(index, table),
            };
            let needed = (bytes + POINTERS) * 4 + OWN;
            Some(if aria { 8 * 1024 } else { (needed / block + 1) * block })
        })
        .collect();
    if sizes.iter().any(Option::is_some) {
        table.indexes.iter_mut().zip(sizes).for_each(|(index, size)| index.key_block_size = size);
    }
}

/// What an ALTER leaves of Aria's page checksums: as long as the table was Aria's, and had no partitions, no DEFAULT takes them
/// back (tried on MariaDB 10.11.18 and 11.8.9).
pub(crate) fn keep_page_checksum(table: &mut Table, old: &Table, actions: &[AlterAction<'_>]) {
    let written = actions.iter().any(|action| match action {
        AlterAction::Options(options) => options.iter().any(|option| {
            matches!(option, TableOption::Known(OptionKey::PageChecksum, value, _) if !matches!(value, OptionValue::Default))
        }),
        _ => false,
    });
    if &*old.options.engine == "Aria"
        && old.partitioning.is_none()
        && !written
        && let Some(before) = old.options.others.get(&OptionKey::PageChecksum)
    {
        table.options.others.insert(OptionKey::PageChecksum, before.clone());
    }
}

/// What a table keeps of `AUTO_INCREMENT`: where its counter begins by itself is not said.
pub(super) fn counter(written: u64) -> Option<u64> {
    Some(written).filter(|counter| *counter > 1)
}

/// Applies written options to a table; charset and collation aside.
pub(crate) fn apply(table: &mut Table, options: &[TableOption<'_>], context: Context<'_>) -> Outcome<()> {
    for option in options {
        match option {
            TableOption::Engine(name) => table.options.engine = engine(&name.text, name.span, context)?,
            TableOption::Charset(_) | TableOption::Collate(_) | TableOption::Forgotten(_) => {}
            TableOption::AutoIncrement(counter) => table.options.auto_increment = self::counter(*counter),
            TableOption::SystemVersioning => table.system_versioned = true,
            TableOption::EngineDefined(name, value) => {
                table.options.engine_defined.retain(|(n, _)| !n.is(&name.text));
                if let Some(value) = printed_option(value, context.target) {
                    table.options.engine_defined.push((Ident::new(name.text.as_ref()), value));
                }
            }
            // MariaDB reads where a table should lie, and forgets it.
            TableOption::Known(OptionKey::Tablespace | OptionKey::Storage, ..) if context.target.is_mariadb() => {}
            TableOption::Known(key, value, span) => known(table, *key, value, *span, context)?,
        }
    }
    Ok(())
}

fn known(table: &mut Table, key: OptionKey, value: &OptionValue<'_>, span: Span, context: Context<'_>) -> Outcome<()> {
    let target = context.target;
    let text: Option<String> = match value {
        OptionValue::Default => None,
        OptionValue::Number(n) => Some(kept(key, *n, target).to_string()),
        OptionValue::String(text) => Some(text.to_string()),
        OptionValue::Word(word)
            if matches!(key, OptionKey::RowFormat | OptionKey::InsertMethod | OptionKey::Storage) =>
        {
            Some(word.to_ascii_uppercase())
        }
        OptionValue::Word(word) => Some(word.to_string()),
        OptionValue::Tables(tables) => {
            let same = |a: &TableName<'_>, b: &TableName<'_>| {
                let text = |name: &Option<Name<'_>>| name.as_ref().map(|name| name.text.to_string());
                a.name.text == b.name.text && text(&a.database) == text(&b.database)
            };
            if let Some((_, twice)) = tables.iter().enumerate().find(|(at, t)| tables[..*at].iter().any(|u| same(t, u)))
            {
                let message = format!("not unique table/alias: '{}'", twice.name.text);
                return Err(CatalogError::new(1066, twice.name.span, message));
            }
            let quoted = |name: &Name<'_>| Ident::new(name.text.as_ref()).quoted().to_string();
            let named = |table: &TableName<'_>| {
                let database = table.database.as_ref().map(|database| quoted(database) + ".");
                database.unwrap_or_default() + &quoted(&table.name)
            };
            Some(tables.iter().map(named).collect::<Vec<_>>().join(","))
        }
    };
    let name = table.name.clone();
    let others = &mut table.options.others;
    let Some(text) = text.filter(|t| !t.is_empty() || key == OptionKey::EngineAttribute) else {
        others.remove(&key);
        return Ok(());
    };
    let stored: Option<Box<str>> = match key {
        OptionKey::Comment => Some(charset::comment_within(&text, MAX_COMMENT, context, || {
            let message = format!("comment for table '{}' is too long (max = {MAX_COMMENT})", name);
            CatalogError::new(1628, span, message)
        })?),
        // Zero is the default of these, which the servers do not print.
        OptionKey::MinRows
        | OptionKey::MaxRows
        | OptionKey::AvgRowLength
        | OptionKey::KeyBlockSize
        | OptionKey::AutoextendSize
        | OptionKey::StatsSamplePages
            if text == "0" =>
        {
            None
        }
        OptionKey::PageChecksum | OptionKey::Transactional => Some(if text == "0" { "0" } else { "1" }.into()),
        OptionKey::Checksum | OptionKey::DelayKeyWrite | OptionKey::Sequence => (text != "0").then(|| "1".into()),
        OptionKey::RowFormat | OptionKey::InsertMethod if text == "DEFAULT" || text == "NO" => None,
        OptionKey::Encryption => (!text.eq_ignore_ascii_case("N")).then(|| text.into()),
        OptionKey::SecondaryEngine => (!text.eq_ignore_ascii_case("null")).then(|| text.trim_end().into()),
        OptionKey::MinRows | OptionKey::MaxRows => match text.parse::<u64>() {
            Ok(rows) if rows > u64::from(u32::MAX) => {
                let word = if key == OptionKey::MinRows { "MIN_ROWS" } else { "MAX_ROWS" };
                let number = target.is_mysql_since(80_000).then_some(4074);
                context.warnings.warn(number, span, format!("{word}={rows} is too much; {} is stored", u32::MAX));
                Some(u32::MAX.to_string().into())
            }
            Ok(_) | Err(_) => Some(text.into()),
        },
        _ => Some(text.into()),
    };
    match stored {
        Some(value) => others.insert(key, value),
        None => others.remove(&key),
    };
    Ok(())
}

/// What MariaDB keeps of a number: the bits that its field has (`HA_CREATE_INFO` in sql/handler.h).
const fn kept(key: OptionKey, number: u64, target: Target) -> u64 {
    match key {
        OptionKey::AvgRowLength if target.is_mariadb() => number & 0xFFFF_FFFF,
        OptionKey::KeyBlockSize if target.is_mariadb() => number & 0xFFFF,
        _ => number,
    }
}

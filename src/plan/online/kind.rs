//! Which kinds of change the actions of an ALTER are, as `grammar/online_ddl.tsv` names them.

use super::conditions::{Conditions, is_indexed};
use crate::diff::{ColumnAspect, Position};
use crate::model::{
    Charset, Check, Column, DataType, DefaultValue, Expr, ForeignKey, Index, IndexKind, KeyColumn, OptionKey,
    PartitionMethod, Size, Table,
};
use crate::plan::effect::{TypeChange, type_change};
use crate::plan::operation::Operation;
use crate::source::Pair;
use crate::target::Target;

/// What one ALTER is made of.
struct Statement<'s> {
    target: Target,
    tables: Pair<&'s Table>,
    operations: &'s [Operation<'s>],
    conditions: &'s Conditions,
    checks_foreign_keys: bool,
}

/// The kinds of all actions of one ALTER.
pub(super) fn kinds(
    target: Target,
    tables: Pair<&Table>,
    operations: &[Operation<'_>],
    conditions: &Conditions,
    checks_foreign_keys: bool,
) -> Vec<&'static str> {
    let statement = Statement { target, tables, operations, conditions, checks_foreign_keys };
    let mut kinds = Vec::new();
    for operation in operations {
        statement.of_operation(operation, &mut kinds);
    }
    statement.of_the_whole(&mut kinds);
    kinds
}

impl Statement<'_> {
    fn has(&self, wanted: impl Fn(&Operation<'_>) -> bool) -> bool {
        self.operations.iter().any(wanted)
    }

    /// What the actions are together.
    fn of_the_whole(&self, kinds: &mut Vec<&'static str>) {
        if self.target.is_mysql() && self.reads_checks_again() {
            kinds.push("redefine-column-beside-check");
        }
        let stored = |c: &Column| c.generated.as_ref().is_none_or(|g| g.stored);
        let is_virtual = |c: &&Column| !stored(c);
        let adds_virtual = self.has(|o| matches!(o, Operation::AddColumn { column, .. } if !stored(column)));
        let adds_stored = self.has(|o| matches!(o, Operation::AddColumn { column, .. } if stored(column)));
        let drops = |o: &Operation<'_>| matches!(o, Operation::DropColumn(_));
        if adds_virtual && (adds_stored || self.has(drops)) {
            kinds.push("add-column-virtual-beside-stored");
        }
        let functional = self.conditions.holds("functional-present");
        let old_virtual = |c: &Column| self.tables.old.column(c.name.as_str()).is_some();
        let virtuals: Vec<&Column> = self.tables.new.columns.iter().filter(is_virtual).collect();
        let before = virtuals.iter().position(|c| !old_virtual(c));
        if adds_virtual && (functional || before.is_some_and(|at| virtuals[at..].iter().any(|c| old_virtual(c)))) {
            kinds.push("add-column-virtual-before-virtual");
        }
        // Virtual columns whose number among the columns changes.
        let place = |table: &Table, name: &str| table.columns.iter().position(|c| c.name.is(name));
        let Pair { old, new } = self.tables;
        let moved = old.columns.iter().filter(is_virtual).any(|c| {
            let (before, after) = (place(old, c.name.as_str()), place(new, c.name.as_str()));
            after.is_some() && before != after
        });
        if moved {
            let only_drops =
                self.operations.iter().all(|o| matches!(o, Operation::DropColumn(_) | Operation::DropIndex(_)));
            kinds.push(if only_drops { "renumber-virtual-by-drop" } else { "renumber-virtual" });
        }
    }

    /// Whether columns get definitions while a CHECK stays that is over one of the types which MySQL's definitions call
    /// otherwise than its fields do: it takes the CHECK for a new one.
    fn reads_checks_again(&self) -> bool {
        use DataType as T;
        let retyped = |data_type: &DataType| match data_type {
            T::Enum(_) | T::Set(_) | T::Date | T::Time(_) | T::DateTime(_) | T::Timestamp(_) => true,
            T::Text(size) | T::Blob(size) => *size != Size::Normal,
            _ => false,
        };
        let over_retyped = |check: &Check| {
            let mut found = false;
            check.expression.columns(&mut |name| {
                found |= self.tables.old.column(name.as_str()).is_some_and(|(_, column)| retyped(&column.data_type));
            });
            found
        };
        let dropped =
            |check: &Check| self.has(|o| matches!(o, Operation::DropCheck(dropped) if dropped.name == check.name));
        self.has(|o| matches!(o, Operation::ModifyColumn { .. } | Operation::RenameColumn(_)))
            && self.tables.old.checks.iter().any(|c| c.enforced && over_retyped(c) && !dropped(c))
    }

    fn of_operation(&self, operation: &Operation<'_>, kinds: &mut Vec<&'static str>) {
        let kind = match operation {
            Operation::DropForeignKey(_) => "drop-foreign-key",
            Operation::AddForeignKey(key) if !self.checks_foreign_keys && self.brings_index(key) => {
                kinds.push("add-index");
                "add-foreign-key-checks-off"
            }
            Operation::AddForeignKey(_) if self.checks_foreign_keys => "add-foreign-key-checks-on",
            Operation::AddForeignKey(_) => "add-foreign-key-checks-off",
            Operation::DropCheck(_) => "drop-check",
            Operation::AddCheck(check) if check.enforced => "add-check",
            Operation::AddCheck(_) => "add-check-not-enforced",
            Operation::SetCheckEnforcement(check) if check.enforced => "alter-check-enforcement-on",
            Operation::SetCheckEnforcement(_) => "alter-check-enforcement-off",
            Operation::DropPeriod(_) => "drop-application-period",
            Operation::AddPeriod(_) => "add-application-period",
            Operation::DropSystemVersioning => "drop-system-versioning",
            Operation::AddSystemVersioning => "add-system-versioning",
            Operation::DropIndex(index) => self.dropped(index),
            Operation::AddIndex(index) => self.added_index(index),
            Operation::SetIndexVisibility(_) => "alter-index-visibility",
            Operation::RenameIndex(_) => "rename-index",
            Operation::DropColumn(column) => self.dropped_column(column),
            Operation::AddColumn { column, position } => self.added_column(column, *position),
            Operation::RemakeColumn { .. } => "change-plain-to-generated-stored",
            Operation::ModifyColumn { columns, aspects, moved } => {
                kinds.extend(aspects.iter().map(|aspect| self.modified(*columns, *aspect)));
                if self.target.is_mariadb() && is_json(columns.old) {
                    kinds.push("modify-json");
                }
                let is_virtual = columns.new.generated.as_ref().is_some_and(|g| !g.stored);
                if is_virtual && self.indexed(*columns) {
                    kinds.push("modify-virtual-indexed");
                }
                match moved {
                    None => return,
                    Some(_) if is_virtual => "reorder-column-virtual",
                    // MySQL moves columns at once where it makes a new version of the row anyway.
                    Some(_) if self.makes_version() => "reorder-column-beside-add-or-drop",
                    Some(_) => "reorder-column",
                }
            }
            Operation::RenameColumn(_) => "rename-column",
            Operation::SetDefault(_) => "set-default-expression",
            Operation::DropDefault(_) => "drop-default",
            Operation::SetEngine(_) => "change-engine",
            Operation::SetCollation(_) => "change-default-charset",
            Operation::SetAutoIncrement(_) => "change-auto-increment",
            Operation::SetOption(key, _) => option(*key),
            Operation::SetEngineDefined(..) => "change-page-compressed",
            Operation::Partition(sides, _) if sides.old.is_some() => "repartition-table",
            Operation::Partition(..) => "partition-table",
            Operation::RemovePartitioning => "remove-partitioning",
            Operation::AddPartitions(partitioning, _) => match partitioning.method {
                PartitionMethod::List(_) | PartitionMethod::ListColumns(_) => "add-partition-list",
                PartitionMethod::Range(_) | PartitionMethod::RangeColumns(_) | PartitionMethod::SystemTime(_) => {
                    "add-partition-range"
                }
                PartitionMethod::Hash { .. } | PartitionMethod::Key { .. } => "add-partition-hash",
            },
            Operation::AddPartitionCount(_) => match self.tables.new.partitioning.as_ref().map(|p| &p.method) {
                Some(PartitionMethod::SystemTime(_)) => "add-partition-range",
                _ => "add-partition-hash",
            },
            Operation::CoalescePartitions(_) => "coalesce-partition",
            Operation::ReorganizePartitions(..) => "reorganize-partition",
            Operation::DropPartitions(_) => "drop-partition",
        };
        kinds.push(kind);
    }

    /// Whether the server makes a key for a foreign key.
    fn brings_index(&self, key: &ForeignKey) -> bool {
        let name = key.name.as_str();
        self.tables.old.index(name).is_none()
            && self.tables.new.index(name).is_some_and(|index| index.generated)
            && !self.has(|o| matches!(o, Operation::AddIndex(index) if index.name.is(name)))
    }

    /// Whether a stored column comes or goes.
    fn makes_version(&self) -> bool {
        self.has(|o| {
            matches!(o, Operation::AddColumn { column, .. } | Operation::DropColumn(column) if column.generated.is_none())
        })
    }

    /// The key of that name that the same ALTER puts in the place of this one.
    fn replaced_by(&self, index: &Index) -> Option<&Index> {
        let added = self.operations.iter().find_map(|o| match o {
            Operation::AddIndex(added) if added.name == index.name => Some(*added),
            _ => None,
        });
        let gone = self.has(|o| matches!(o, Operation::DropIndex(dropped) if dropped.name == index.name));
        added.filter(|_| gone)
    }

    /// What a key that is made anew under its name comes to, where that is less than a drop and an add.
    fn renewed(&self, index: &Index) -> Option<&'static str> {
        let new = self.replaced_by(index)?;
        let old = self.tables.old.index(index.name.as_str())?;
        let commentless =
            |index: &Index| Index { comment: "".into(), algorithm: None, generated: false, ..index.clone() };
        if index.kind == IndexKind::Primary || commentless(old) != commentless(new) {
            return None;
        }
        let columns_stay = !self.has(|o| match o {
            Operation::ModifyColumn { columns, aspects, .. } => {
                aspects
                    .iter()
                    .any(|a| matches!(a, ColumnAspect::Type | ColumnAspect::Collation | ColumnAspect::Nullability))
                    && new.columns().any(|c| *c == columns.new.name)
            }
            _ => false,
        });
        match (columns_stay, old.comment == new.comment) {
            (false, _) => None,
            (true, false) => Some("change-index-comment"),
            (true, true) => Some("change-index-type"),
        }
    }

    fn dropped(&self, index: &Index) -> &'static str {
        if let Some(kind) = self.renewed(index) {
            return kind;
        }
        let functional = index.parts.iter().any(|p| matches!(p.column, KeyColumn::Expression(_)));
        match index.kind {
            IndexKind::Primary if self.has(|o| matches!(o, Operation::AddIndex(i) if i.kind == IndexKind::Primary)) => {
                "change-primary-key"
            }
            IndexKind::Primary => "drop-primary-key",
            IndexKind::Fulltext => "drop-fulltext",
            IndexKind::Spatial => "drop-spatial",
            IndexKind::Vector => "drop-vector-index",
            IndexKind::Unique | IndexKind::Plain if functional && self.replaced_by(index).is_some() => {
                "change-index-functional"
            }
            IndexKind::Unique | IndexKind::Plain if functional => "drop-index-functional",
            IndexKind::Unique | IndexKind::Plain => "drop-index",
        }
    }

    fn added_index(&self, index: &Index) -> &'static str {
        if let Some(kind) = self.renewed(index) {
            return kind;
        }
        let adds = |kind: IndexKind| {
            self.operations.iter().filter(|o| matches!(o, Operation::AddIndex(i) if i.kind == kind)).count()
        };
        let array =
            index.parts.iter().any(|p| matches!(&p.column, KeyColumn::Expression(Expr::Cast { array: true, .. })));
        match index.kind {
            IndexKind::Primary
                if self.has(|o| matches!(o, Operation::DropIndex(i) if i.kind == IndexKind::Primary)) =>
            {
                "change-primary-key"
            }
            IndexKind::Primary => "add-primary-key",
            IndexKind::Fulltext if adds(IndexKind::Fulltext) > 1 => "add-fulltext-two",
            IndexKind::Fulltext if self.conditions.holds("fulltext-present") => "add-fulltext-further",
            IndexKind::Fulltext => "add-fulltext-first",
            IndexKind::Spatial => "add-spatial",
            IndexKind::Vector => "add-vector-index",
            IndexKind::Unique | IndexKind::Plain if array => "add-index-multi-valued",
            IndexKind::Unique | IndexKind::Plain
                if index.parts.iter().any(|p| matches!(p.column, KeyColumn::Expression(_))) =>
            {
                "add-index-functional"
            }
            IndexKind::Unique | IndexKind::Plain if self.holds_new_virtual(index) => "add-index-on-added-virtual",
            IndexKind::Unique if self.is_long(index) => "add-unique-index-long",
            IndexKind::Unique => "add-unique-index",
            IndexKind::Plain => "add-index",
        }
    }

    fn holds_new_virtual(&self, index: &Index) -> bool {
        index.columns().any(|name| {
            self.has(|o| {
                matches!(o, Operation::AddColumn { column, .. }
                    if column.name == *name && column.generated.as_ref().is_some_and(|g| !g.stored))
            })
        })
    }

    /// Whether MariaDB keeps the key as a hash: over a whole BLOB, or over more bytes than a key may have.
    fn is_long(&self, index: &Index) -> bool {
        let whole = |name: &str| self.tables.new.column(name).map(|(_, column)| column);
        let mut bytes = 0_u64;
        for part in &index.parts {
            let KeyColumn::Column(name) = &part.column else { continue };
            let Some(column) = whole(name.as_str()) else { continue };
            if column.data_type.is_blob() && part.prefix.is_none() {
                return true;
            }
            bytes += most_bytes(column).unwrap_or(8);
        }
        bytes > 3072
    }

    fn dropped_column(&self, column: &Column) -> &'static str {
        match &column.generated {
            Some(g) if g.stored => "drop-column-stored",
            Some(_) => "drop-column-virtual",
            None if self.is_base_of_dropped(column) => "drop-column@base-of-dropped-generated",
            None if is_indexed(column, self.tables.old) => "drop-column-indexed",
            None => "drop-column",
        }
    }

    /// Whether a generated column that goes in the same ALTER is computed from it.
    fn is_base_of_dropped(&self, column: &Column) -> bool {
        self.has(|o| match o {
            Operation::DropColumn(other) => other.generated.as_ref().is_some_and(|g| mentions(&g.expression, column)),
            _ => false,
        })
    }

    /// Whether a generated column of the table is computed from it.
    fn is_base(&self, column: &Column) -> bool {
        self.tables.old.columns.iter().any(|c| c.generated.as_ref().is_some_and(|g| mentions(&g.expression, column)))
    }

    fn added_column(&self, column: &Column, position: Position<'_>) -> &'static str {
        match &column.generated {
            Some(g) if g.stored => return "add-column-stored-generated",
            Some(_) if !column.nullable => return "add-column-virtual-not-null",
            Some(_) if position == Position::Last => return "add-column-virtual",
            Some(_) => return "add-column-virtual-elsewhere",
            None => {}
        }
        match &column.default {
            _ if column.auto_increment => "add-column-auto-increment",
            Some(DefaultValue::Expression(expression)) if varies(expression) => "add-column-expression-default-uuid",
            Some(DefaultValue::Expression(_)) => "add-column-expression-default",
            _ if column.check.is_some() => "add-column-with-check",
            _ if matches!(column.data_type, DataType::Geometry(_)) && !column.nullable => {
                "add-column-geometry-not-null"
            }
            _ if position != Position::Last => "add-column-elsewhere",
            Some(DefaultValue::CurrentTimestamp) => "add-column-current-timestamp",
            _ if column.data_type == DataType::Json => "add-column-json",
            _ if !column.nullable && column.default.is_none() && is_date(&column.data_type) => {
                "add-column-date-not-null"
            }
            Some(DefaultValue::Literal(_) | DefaultValue::Bits(_)) if !column.nullable => "add-column-not-null-default",
            Some(DefaultValue::Null | DefaultValue::Literal(_) | DefaultValue::Bits(_)) | None => "add-column-last",
        }
    }

    fn modified(&self, columns: Pair<&Column>, aspect: ColumnAspect) -> &'static str {
        let is_virtual = columns.new.generated.as_ref().is_some_and(|g| !g.stored);
        match aspect {
            ColumnAspect::Type if is_virtual => "change-type-virtual",
            ColumnAspect::Type => self.type_kind(columns),
            ColumnAspect::Collation => self.collation_kind(columns),
            ColumnAspect::Nullability if columns.new.nullable => "make-nullable",
            ColumnAspect::Nullability if self.is_base(columns.old) => "make-not-null-base-of-generated",
            ColumnAspect::Nullability => "make-not-null",
            ColumnAspect::Default => match &columns.new.default {
                None => "drop-default",
                Some(DefaultValue::Expression(_)) => "set-default-expression",
                Some(
                    DefaultValue::Null
                    | DefaultValue::Literal(_)
                    | DefaultValue::Bits(_)
                    | DefaultValue::CurrentTimestamp,
                ) => "set-default-by-modify",
            },
            ColumnAspect::OnUpdate => "set-on-update",
            ColumnAspect::AutoIncrement if columns.new.auto_increment => "change-column-auto-increment",
            ColumnAspect::AutoIncrement => "drop-auto-increment",
            ColumnAspect::Generated if is_virtual => "change-generated-virtual",
            ColumnAspect::Generated => "change-generated-stored",
            ColumnAspect::Generation if columns.new.generated.is_some() => "change-plain-to-generated-stored",
            ColumnAspect::Generation => "change-generated-to-plain-stored",
            ColumnAspect::Visibility => "change-column-invisible",
            ColumnAspect::Comment => "change-column-comment",
            ColumnAspect::Srid => "change-column-srid",
            ColumnAspect::NameCase => "rename-column",
            ColumnAspect::Check => "change-column-check",
            ColumnAspect::Format
            | ColumnAspect::Storage
            | ColumnAspect::Compression
            | ColumnAspect::Versioning
            | ColumnAspect::EngineOptions => "change-type",
        }
    }

    /// Whether a key holds the column after the ALTER.
    fn indexed(&self, columns: Pair<&Column>) -> bool {
        is_indexed(columns.new, self.tables.new)
    }

    fn in_primary_key(&self, column: &Column) -> bool {
        self.tables.old.primary_key().is_some_and(|key| key.columns().any(|c| c.is(column.name.as_str())))
    }

    fn collation_kind(&self, columns: Pair<&Column>) -> &'static str {
        if columns.old.collation == columns.new.collation {
            return "change-column-comment";
        }
        let charsets = columns.map(|c| c.collation.map(|c| c.charset()));
        let names = charsets.map(|c| c.map(Charset::name));
        let indexed = self.indexed(columns);
        if matches!(columns.new.data_type, DataType::Enum(_) | DataType::Set(_)) {
            return if names.old == names.new {
                "change-column-collation-of-members"
            } else {
                "change-column-charset-of-members"
            };
        }
        if matches!((&columns.old.data_type, &columns.new.data_type), (DataType::Varchar(_), DataType::Varbinary(_))) {
            return "change-column-comment";
        }
        if names.old == names.new {
            return match () {
                () if self.in_primary_key(columns.old) => "change-column-collation-in-primary-key",
                () if indexed => "change-column-collation-indexed",
                () => "change-column-collation",
            };
        }
        // MariaDB sees the same order in the collations of both charsets that end alike.
        let order = columns.map(|c| c.collation.map(|c| c.name()).and_then(|n| n.split_once('_')).map(|(_, o)| o));
        match (names.old, names.new) {
            (Some("utf8mb3"), Some("utf8mb4")) if !indexed => "change-column-charset-utf8mb3-to-utf8mb4",
            (Some("utf8mb3"), Some("utf8mb4")) if order.old == order.new => {
                "change-column-charset-utf8mb3-to-utf8mb4-indexed"
            }
            (Some("ascii"), Some("utf8mb4")) => "change-column-charset-ascii-to-utf8mb4",
            _ => "change-column-charset",
        }
    }

    fn type_kind(&self, columns: Pair<&Column>) -> &'static str {
        use DataType as T;
        let types = columns.map(|c| &c.data_type);
        let widens = type_change(types) == TypeChange::Widening;
        match (types.old, types.new) {
            (T::Varchar(_), T::Varchar(_)) | (T::Varbinary(_), T::Varbinary(_)) if widens => {
                // A length takes one byte up to 255 bytes, two above; MariaDB stores what has at most 127 either way.
                let bytes = columns.map(|c| most_bytes(c).unwrap_or(u64::MAX));
                match (bytes.old, bytes.new) {
                    (old, new) if (old > 255) == (new > 255) => "grow-varchar-same-length-bytes",
                    (old, _) if old < 128 => "grow-varchar-from-short-across-256",
                    _ => "grow-varchar-across-256",
                }
            }
            (T::Varchar(_), T::Varchar(_)) | (T::Varbinary(_), T::Varbinary(_)) => "shrink-varchar",
            (T::Char(_), T::Char(_)) if widens => "grow-char",
            (T::Text(_), T::Text(_)) | (T::Blob(_), T::Blob(_)) if widens => "grow-text",
            (T::Varchar(_), T::Varbinary(new))
                if !self.indexed(columns) && most_bytes(columns.old).is_some_and(|old| old <= u64::from(*new)) =>
            {
                "varchar-to-varbinary"
            }
            (T::Varchar(_), T::Text(_)) => "varchar-to-text",
            (T::Decimal { .. }, T::Decimal { .. }) if widens => "grow-decimal",
            (T::Enum(old), T::Enum(new)) if widens => {
                if (old.len() > 255) == (new.len() > 255) {
                    "append-enum-member-same-storage"
                } else {
                    "append-enum-member-other-storage"
                }
            }
            (T::Enum(_), T::Enum(_)) | (T::Set(_), T::Set(_)) if !widens => "change-enum",
            (T::Set(old), T::Set(new)) => {
                // 1, 2, 3, 4 or 8 bytes.
                let bytes = |members: usize| if members > 32 { 8 } else { members.div_ceil(8) };
                if bytes(old.len()) == bytes(new.len()) {
                    "append-set-member-same-storage"
                } else {
                    "append-set-member-other-storage"
                }
            }
            (T::DateTime(_), T::DateTime(_)) | (T::Timestamp(_), T::Timestamp(_)) | (T::Time(_), T::Time(_)) => {
                "change-datetime-precision"
            }
            (
                T::Integer { kind: a, unsigned: ua, zerofill: za, .. },
                T::Integer { kind: b, unsigned: ub, zerofill: zb, .. },
            ) if a == b => {
                if ua == ub && za == zb {
                    "change-integer-display-width"
                } else {
                    "change-type-unsigned"
                }
            }
            (_, _) => "change-type",
        }
    }
}

/// The most bytes that a value of a string column takes.
fn most_bytes(column: &Column) -> Option<u64> {
    let width = u64::from(column.collation.map_or(1, |c| c.charset().max_length()));
    match column.data_type {
        DataType::Char(n) | DataType::Varchar(n) => Some(u64::from(n) * width),
        DataType::Binary(n) | DataType::Varbinary(n) => Some(u64::from(n)),
        _ => None,
    }
}

/// Whether MariaDB takes a column for JSON, which it writes as LONGTEXT: what is written so is another type.
fn is_json(column: &Column) -> bool {
    matches!(&column.check, Some(Expr::Call { name, .. }) if name.eq_ignore_ascii_case("json_valid"))
        && matches!(column.data_type, DataType::Text(_))
}

const fn is_date(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date | DataType::DateTime(_) | DataType::Timestamp(_))
}

fn mentions(expression: &Expr, column: &Column) -> bool {
    let mut found = false;
    expression.columns(&mut |name| found |= name.is(column.name.as_str()));
    found
}

/// Whether a default is another one for each row.
fn varies(expression: &Expr) -> bool {
    const VARYING: [&str; 6] = ["uuid", "uuid_short", "rand", "sys_guid", "uuid_v4", "uuid_v7"];
    let mut found = false;
    expression.columns(&mut |_| found = true);
    found
        || match expression {
            Expr::Call { name, args } => {
                VARYING.iter().any(|known| name.eq_ignore_ascii_case(known)) || args.iter().any(varies)
            }
            Expr::Sequence { .. } => true,
            other => {
                let mut below = false;
                other.children(&mut |child| below |= varies(child));
                below
            }
        }
}

const fn option(key: OptionKey) -> &'static str {
    match key {
        OptionKey::Comment => "change-table-comment",
        OptionKey::MinRows => "change-min-rows",
        OptionKey::MaxRows => "change-max-rows",
        OptionKey::AvgRowLength => "change-avg-row-length",
        OptionKey::PackKeys => "change-pack-keys",
        OptionKey::StatsPersistent | OptionKey::StatsAutoRecalc | OptionKey::StatsSamplePages => "change-stats-options",
        OptionKey::Checksum | OptionKey::PageChecksum => "change-checksum",
        OptionKey::DelayKeyWrite => "change-delay-key-write",
        OptionKey::RowFormat => "change-row-format",
        OptionKey::KeyBlockSize => "change-key-block-size",
        OptionKey::Compression => "change-compression",
        OptionKey::Encryption => "encryption",
        OptionKey::InsertMethod => "change-insert-method",
        OptionKey::DataDirectory | OptionKey::IndexDirectory => "change-data-directory",
        OptionKey::SecondaryEngine => "change-secondary-engine",
        OptionKey::AutoextendSize => "change-autoextend-size",
        OptionKey::Tablespace => "change-tablespace",
        OptionKey::Storage
        | OptionKey::Transactional
        | OptionKey::Union
        | OptionKey::Connection
        | OptionKey::EngineAttribute
        | OptionKey::SecondaryEngineAttribute
        | OptionKey::Sequence => "anything-else",
    }
}

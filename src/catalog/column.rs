//! Columns: a definition as written becomes a column, and brings keys and constraints with it.

use super::data_type::{self, Surroundings};
use super::default;
use super::error::{CatalogError, Outcome};
use super::session::Session;
use super::warning::Warnings;
use crate::ident::Ident;
use crate::model::{Collation, Column, DataType, DefaultValue, Expr, Generated, IndexKind, Unseen, Versioning};
use crate::source::Span;
use crate::syntax;
use crate::syntax::ddl::{
    Attribute, CheckDefinition, ColumnDefinition, DefaultClause, Name, OptionValue, ReferenceClause, TypeName,
};
use crate::target::Target;

/// The longest comment of a column in characters.
const MAX_COMMENT: usize = 1024;
/// The longest name in characters.
pub(crate) const MAX_NAME: usize = 64;

/// What is known around a definition.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    pub(crate) target: Target,
    pub(crate) session: &'c Session,
    /// What `CONVERT TO CHARACTER SET` beside a definition makes of its characters, whatever it says of them.
    pub(crate) converted: Option<Collation>,
    /// What the statement stores otherwise than it is written.
    pub(crate) warnings: &'c Warnings,
}

/// A column with what its definition brings besides.
pub(crate) struct ColumnDraft<'d, 'a> {
    pub(crate) column: Column,
    /// Whether `NULL` was written, which a primary key refuses.
    pub(crate) explicit_null: bool,
    /// Keys that the definition itself asks for, in order of writing.
    pub(crate) keys: Vec<IndexKind>,
    /// CHECKs that become the table's.
    pub(crate) checks: Vec<&'d CheckDefinition<'a>>,
    /// The definition's REFERENCES.
    pub(crate) references: Option<&'d ReferenceClause<'a>>,
}

impl ColumnDraft<'_, '_> {
    /// Whether another column defined in the same words would differ by its name alone, and brings nothing besides.
    pub(crate) fn is_plain(&self) -> bool {
        let alone = self.keys.is_empty() && self.checks.is_empty() && self.references.is_none();
        alone && !self.column.has_expressions()
    }
}

/// Checks a new name: neither empty, nor too long, nor ending in a blank.
pub(crate) fn check_name(name: &Name<'_>, number: u16, what: &str) -> Outcome<Ident> {
    if name.text.is_empty() || name.text.ends_with(' ') {
        return Err(CatalogError::new(number, name.span, format!("incorrect {what} name '{}'", name.text)));
    }
    if name.text.chars().count() > MAX_NAME {
        return Err(CatalogError::new(1059, name.span, format!("identifier name '{}' is too long", name.text)));
    }
    Ok(Ident::new(name.text.as_ref()))
}

/// Makes a column of its definition, for a table of that collation.
pub(crate) fn build<'d, 'a>(
    written: &'d ColumnDefinition<'a>,
    table: Collation,
    context: Context<'_>,
) -> Outcome<ColumnDraft<'d, 'a>> {
    let Context { target, session, warnings, converted } = context;
    let name = check_name(&written.name, 1166, "column")?;
    let collate = written.attributes.iter().rev().find_map(|(attribute, _)| match attribute {
        Attribute::Collate(name) => Some(name),
        _ => None,
    });
    check_collations(written, table, target)?;
    let around = Surroundings { target, session, warnings, column: &written.name, collate, table, converted };
    let typed = data_type::resolve(&written.data_type, &around)?;
    let mut column = Column::new(name, typed.data_type);
    column.collation = typed.collation;
    column.collation_clause = typed.clause;
    column.member_bytes = Unseen(typed.member_bytes);
    data_type::check_members(&column, target, written.name.span)?;
    let mut draft =
        ColumnDraft { column, explicit_null: false, keys: Vec::new(), checks: Vec::new(), references: None };
    if written.data_type.name == TypeName::Serial {
        serial(&mut draft);
    }
    let mut default: Option<(&DefaultClause<'a>, Span)> = None;
    let mut nullability = None;
    for (attribute, span) in &written.attributes {
        match attribute {
            Attribute::Null => {
                nullability = Some(true);
                draft.column.nullable = true;
            }
            Attribute::NotNull => {
                nullability = Some(false);
                draft.column.nullable = false;
            }
            Attribute::AutoIncrement => {
                draft.column.auto_increment = true;
                draft.column.nullable = false;
            }
            Attribute::Default(clause) => {
                let computed = |clause: &DefaultClause<'_>| matches!(clause, DefaultClause::Expression { .. });
                // MySQL takes the last of several, but no constant beside an expression.
                if let Some((before, _)) = default.replace((clause, *span))
                    && target.is_mysql()
                    && computed(before) != computed(clause)
                    && ![before, clause].contains(&&DefaultClause::Null)
                {
                    return Err(CatalogError::invalid_default(*span, &written.name.text));
                }
            }
            other => apply(&mut draft, other, *span, context)?,
        }
    }
    let null_default = matches!(default, Some((DefaultClause::Null, _)));
    let said = written.attributes.iter().any(|(attribute, _)| matches!(attribute, Attribute::Null));
    let counts = draft.column.auto_increment && target.is_mysql();
    draft.explicit_null = said || null_default && (draft.column.nullable || counts);
    if draft.column.generated.is_some() {
        let written_as = |wanted: fn(&Attribute<'_>) -> bool| written.attributes.iter().any(|(a, _)| wanted(a));
        let clash = if written_as(|a| matches!(a, Attribute::ColumnFormat(_))) {
            Some("COLUMN_FORMAT")
        } else if written_as(|a| matches!(a, Attribute::Storage(_))) {
            Some("STORAGE")
        } else if draft.column.auto_increment {
            Some("AUTO_INCREMENT")
        } else if draft.column.on_update {
            Some("ON UPDATE")
        } else {
            default.map(|_| "DEFAULT")
        };
        if let Some(clash) = clash {
            return Err(CatalogError::new(
                1221,
                written.name.span,
                format!("incorrect usage of {clash} and generated column"),
            ));
        }
    }
    if written.data_type.name == TypeName::Json && target.is_mariadb() && draft.column.check.is_none() {
        draft.column.check = json_check(&draft.column.name, context);
    }
    if target.is_mariadb() && draft.keys.contains(&IndexKind::Primary) {
        // The primary key makes a column's own UNIQUE needless.
        draft.keys.retain(|kind| *kind == IndexKind::Primary);
    }
    check_auto_increment(&draft.column, written, target)?;
    settle_default(&mut draft, default, nullability, context)?;
    Ok(draft)
}

/// Error 1302: MariaDB takes several COLLATE clauses of a column where they say the same; MySQL's grammar takes one.
fn check_collations(written: &ColumnDefinition<'_>, table: Collation, target: Target) -> Outcome<()> {
    let mut names = written.attributes.iter().filter_map(|(attribute, span)| match attribute {
        Attribute::Collate(name) => Some((name, *span)),
        _ => None,
    });
    let Some((first, _)) = names.next() else { return Ok(()) };
    let conflict = |name: &Name<'_>| {
        let message = format!("conflicting declarations: 'COLLATE {}' and 'COLLATE {}'", first.text, name.text);
        CatalogError::new(if target.is_mysql() { 1064 } else { 1302 }, name.span, message)
    };
    let plain = |name: &Name<'_>| {
        let default = name.text.eq_ignore_ascii_case("default");
        if default { table.name().to_owned() } else { name.text.to_ascii_lowercase() }
    };
    if let Some((second, _)) = names.find(|(name, _)| target.is_mysql() || plain(name) != plain(first)) {
        return Err(conflict(second));
    }
    if target.is_mariadb() && written.data_type.binary && !first.text.to_ascii_lowercase().ends_with("_bin") {
        let message = format!("conflicting declarations: 'BINARY' and 'COLLATE {}'", first.text);
        return Err(CatalogError::new(1302, first.span, message));
    }
    Ok(())
}

fn serial(draft: &mut ColumnDraft<'_, '_>) {
    draft.column.nullable = false;
    draft.column.auto_increment = true;
    if !draft.keys.contains(&IndexKind::Unique) {
        draft.keys.push(IndexKind::Unique);
    }
}

/// Applies one attribute other than nullability and DEFAULT.
fn apply<'d, 'a>(
    draft: &mut ColumnDraft<'d, 'a>,
    attribute: &'d Attribute<'a>,
    span: Span,
    context: Context<'_>,
) -> Outcome<()> {
    let column = &mut draft.column;
    match attribute {
        Attribute::Null
        | Attribute::NotNull
        | Attribute::AutoIncrement
        | Attribute::Default(_)
        | Attribute::Collate(_) => {}
        Attribute::OnUpdate(digits) => {
            let fits = match column.data_type {
                DataType::DateTime(n) | DataType::Timestamp(n) => {
                    digits.unwrap_or(0) == n
                        || context.target.is_mariadb() && digits.is_none_or(|digits| digits == 0 || digits >= n)
                }
                _ => false,
            };
            if !fits && column.generated.is_none() {
                return Err(CatalogError::new(
                    1294,
                    span,
                    format!("invalid ON UPDATE clause for '{}' column", column.name),
                ));
            }
            column.on_update = true;
        }
        Attribute::SerialDefaultValue => serial(draft),
        // It may be said twice.
        Attribute::PrimaryKey if draft.keys.contains(&IndexKind::Primary) => {}
        Attribute::PrimaryKey => draft.keys.push(IndexKind::Primary),
        Attribute::Unique => {
            if !draft.keys.contains(&IndexKind::Unique) {
                draft.keys.push(IndexKind::Unique);
            }
        }
        Attribute::Comment(text) => {
            column.comment = super::charset::comment_within(text, MAX_COMMENT, context, || {
                let message = format!("comment for field '{}' is too long (max = {MAX_COMMENT})", column.name);
                CatalogError::new(1629, span, message)
            })?;
        }
        Attribute::ColumnFormat(format) => column.format = *format,
        Attribute::Storage(storage) => column.storage = *storage,
        Attribute::Generated { expression, stored } => {
            column.generated = Some(Generated { expression: expression.expr.clone(), stored: *stored });
        }
        Attribute::Check(CheckDefinition { constraint: Some(name), .. }) if context.target.is_mariadb() => {
            return Err(CatalogError::new(1064, name.span, "a column's own CHECK has no name"));
        }
        Attribute::Check(check) if context.target.is_mariadb() => {
            column.check = Some(check.expression.expr.clone());
        }
        Attribute::Check(check) => draft.checks.push(check),
        Attribute::References(references) => draft.references = Some(references),
        Attribute::Invisible => column.invisible = true,
        Attribute::Visible => column.invisible = false,
        Attribute::Srid(srid) => {
            if context.target.is_mysql_since(80_000) {
                super::srid::check(*srid, &column.data_type, span)?;
            }
            // MariaDB shows it nowhere in a definition.
            if context.target.is_mysql() {
                column.srid = Some(*srid);
            }
        }
        // zlib is the default method, which is not printed.
        Attribute::Compressed(method) => {
            if let Some(method) =
                method.as_deref().filter(|m| !["zlib", "0", "1"].iter().any(|k| k.eq_ignore_ascii_case(m)))
            {
                return Err(CatalogError::new(4098, span, format!("unknown compression method: {method}")));
            }
            column.compressed =
                Some(method.as_deref().filter(|m| !m.eq_ignore_ascii_case("zlib")).unwrap_or_default().into())
        }
        Attribute::Versioning(versioning) => {
            column.versioning = Some(*versioning);
            if matches!(versioning, Versioning::RowStart | Versioning::RowEnd) {
                column.nullable = false;
            }
        }
        Attribute::EngineAttribute(value) => {
            column.engine_attribute = Some(value.as_ref().into());
        }
        Attribute::SecondaryEngineAttribute(value) => {
            column.secondary_engine_attribute = (!value.is_empty()).then(|| value.as_ref().into());
        }
        Attribute::Option(name, _) if name.text == "NOT SECONDARY" => {
            column.options.push((Ident::new(name.text.as_ref()), "".into()))
        }
        Attribute::Option(name, value) => {
            if let Some(value) = printed_option(value, context.target) {
                column.options.push((Ident::new(name.text.as_ref()), value));
            }
        }
    }
    Ok(())
}

/// An engine-defined option's value as MariaDB prints it; `DEFAULT` takes the option away.
pub(crate) fn printed_option(value: &OptionValue<'_>, target: Target) -> Option<Box<str>> {
    let text = match value {
        OptionValue::Default | OptionValue::Tables(_) => return None,
        OptionValue::Number(n) => n.to_string().into(),
        OptionValue::String(text) => return Some(quoted(text)),
        OptionValue::Word(word) => word.clone(),
    };
    Some(if target.quotes_engine_options() { quoted(&text) } else { text.as_ref().into() })
}

fn quoted(text: &str) -> Box<str> {
    crate::ident::Literal(text).to_string().into()
}

/// `json_valid(column)`, which MariaDB stores with a JSON column (KB "JSON Data Type").
fn json_check(column: &Ident, context: Context<'_>) -> Option<crate::model::Expr> {
    let reading = syntax::Reading::of(context.target);
    syntax::expression::parse(&format!("json_valid({})", column.quoted()), &reading).ok()
}

/// Error 1063: what cannot count (since MySQL 8.4, FLOAT and DOUBLE neither).
fn check_auto_increment(column: &Column, written: &ColumnDefinition<'_>, target: Target) -> Outcome<()> {
    let floats = !target.is_mysql_since(80_400);
    let counts = matches!(column.data_type, DataType::Integer { .. })
        || floats && matches!(column.data_type, DataType::Float { .. });
    if column.auto_increment && !counts {
        return Err(CatalogError::new(
            1063,
            written.name.span,
            format!("incorrect column specifier for column '{}'", column.name),
        ));
    }
    Ok(())
}

/// Decides the default: as written, or the one that the server implies.
fn settle_default(
    draft: &mut ColumnDraft<'_, '_>,
    written: Option<(&DefaultClause<'_>, Span)>,
    nullability: Option<bool>,
    context: Context<'_>,
) -> Outcome<()> {
    let column = &mut draft.column;
    let Context { target, session, .. } = context;
    let primary = draft.keys.contains(&IndexKind::Primary);
    if let Some((clause, span)) = written {
        let null_refused = !column.nullable && nullability == Some(false)
            || primary && !matches!(column.data_type, DataType::Timestamp(_));
        // NULL, TRUE and FALSE are no constants to MySQL here.
        let nothing = matches!(clause, DefaultClause::Null | DefaultClause::Boolean(_)) && target.is_mysql();
        let forgotten = column.auto_increment && (*clause == DefaultClause::Null || nothing);
        // MariaDB takes NULL in parentheses for NULL.
        let in_parentheses = |clause: &DefaultClause<'_>| matches!(clause, DefaultClause::Expression { expression, .. } if matches!(expression.expr, Expr::Literal(crate::model::expression::Literal::Null)));
        let null = *clause == DefaultClause::Null || target.is_mariadb() && in_parentheses(clause);
        if !forgotten && (column.auto_increment || null && null_refused) {
            return Err(CatalogError::invalid_default(span, column.name.as_str()));
        }
        if !forgotten {
            column.default = default::resolve(clause, column, span, context)?;
        }
    }
    if matches!(column.data_type, DataType::Timestamp(_))
        && !session.explicit_timestamp
        && nullability != Some(true)
        && column.generated.is_none()
    {
        // MySQL 5.7 manual, section 11.2.6 "Automatic Initialization and Updating": the first
        // TIMESTAMP is handled where the table is known; here it only loses its NULL.
        column.nullable = false;
    }
    if target.is_mariadb()
        && column.on_update
        && !column.nullable
        && column.default.is_none()
        && column.generated.is_none()
        && (session.explicit_timestamp || !matches!(column.data_type, DataType::Timestamp(_)))
    {
        // MariaDB's `ON UPDATE` takes the place of the default, of which zero is left.
        column.default = Some(DefaultValue::Literal(zero_moment(column.data_type.fraction().unwrap_or(0)).into()));
    }
    if column.compressed.is_some() && !column.nullable && column.default.is_none() && column.generated.is_none() {
        // MariaDB gives a compressed column the empty value for its default.
        column.default = Some(DefaultValue::Literal("".into()));
    }
    normalise_null_default(column, target);
    Ok(())
}

/// The zero of DATETIME and TIMESTAMP with that many digits.
pub(crate) fn zero_moment(digits: u32) -> String {
    let fraction = if digits > 0 { format!(".{:0<width$}", "", width = digits as usize) } else { String::new() };
    format!("0000-00-00 00:00:00{fraction}")
}

/// `DEFAULT NULL` is implied, and on MySQL never stored for TEXT and BLOB.
pub(crate) fn normalise_null_default(column: &mut Column, target: Target) {
    let has_none = column.generated.is_some()
        || column.auto_increment
        || column.bounds_period()
        || target.is_mysql() && column.data_type.is_blob();
    if has_none {
        if column.default == Some(DefaultValue::Null) {
            column.default = None;
        }
    } else if column.nullable && column.default.is_none() {
        column.default = Some(DefaultValue::Null);
    }
}

//! Columns: name, type, attributes.

use nom::Parser;

use super::attribute::attribute;
use super::data_type::data_type;
use super::ddl::{Attribute, ColumnDefinition, Name, TypeName};
use super::input::{Input, Parsed};
use super::keyword::Keyword;
use super::name::{column_name, name_after_dot};
use crate::model::Versioning;
use crate::source::Span;

/// A column.
pub(crate) fn column_definition<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, ColumnDefinition<'a>> {
    let (input, (name, qualifiers)) = name_with_qualifiers(input)?;
    let (mut input, (data_type, compressed)) = data_type(input)?;
    let mut attributes = Vec::new();
    if let Some(compressed) = compressed {
        attributes.push(compressed);
    }
    loop {
        if input.is(Keyword::COMPRESSED) {
            let again = attributes.iter().any(|(attribute, _)| matches!(attribute, Attribute::Compressed(_)));
            let late = !attributes.is_empty() && input.target().has_compressed_behind_types_alone();
            if again || late || !data_type.name.is_compressible() {
                break;
            }
        }
        match attribute(input)? {
            (rest, Some(attribute)) => {
                if let Some(expected) = out_of_place(input, data_type.name, &attributes, &attribute) {
                    return Err(input.expected(expected));
                }
                attributes.push((attribute, input.span_to(rest)));
                input = rest;
            }
            (_, None) => break,
        }
    }
    Ok((input, ColumnDefinition { name, qualifiers, data_type, attributes }))
}

/// What is expected instead of an attribute that cannot stand there. The expression of a generated column comes
/// first, and MariaDB takes few attributes after it (`vcol_attribute` in its `sql_yacc.yy`).
fn out_of_place(
    input: Input<'_, '_>,
    data_type: TypeName,
    before: &[(Attribute<'_>, Span)],
    attribute: &Attribute<'_>,
) -> Option<&'static str> {
    // A foreign key ends its column, and on MariaDB a CHECK has nothing but that behind it (`column_def`, `field_spec`).
    let ends = |(before, _): &(Attribute<'_>, Span)| match before {
        Attribute::References(_) => true,
        Attribute::Check(_) => input.is_mariadb() && !matches!(attribute, Attribute::References(_)),
        _ => false,
    };
    if before.iter().any(ends) {
        return Some("`,` or `)`");
    }
    let generated = |attribute: &Attribute<'_>| matches!(attribute, Attribute::Generated { .. });
    if generated(attribute) {
        let collates = !input.is_mariadb() || data_type.is_character();
        let may_precede = |attribute: &Attribute<'_>| {
            matches!(attribute, Attribute::Compressed(_))
                || input.is_mariadb() && matches!(attribute, Attribute::Srid(_))
                || (collates && matches!(attribute, Attribute::Collate(_)))
        };
        let first = before.iter().all(|(attribute, _)| may_precede(attribute));
        return (!first || data_type == TypeName::Serial).then_some("an attribute that can follow");
    }
    // MariaDB reads the word BINARY as a collation's name directly behind a type of letters alone.
    if matches!(attribute, Attribute::Collate(_))
        && input.is_mariadb()
        && input.ahead(1).keyword == Keyword::BINARY
        && (!before.is_empty() || !data_type.is_character())
    {
        return Some("a collation");
    }
    let bounds = matches!(attribute, Attribute::Versioning(Versioning::RowStart | Versioning::RowEnd));
    if bounds && !before.is_empty() {
        return Some("an attribute that can follow");
    }
    if input.is_mariadb() && data_type == TypeName::Serial && matches!(attribute, Attribute::Default(_)) {
        return Some("an attribute of SERIAL");
    }
    let refused = matches!(
        attribute,
        Attribute::Null
            | Attribute::NotNull
            | Attribute::Default(_)
            | Attribute::OnUpdate(_)
            | Attribute::Collate(_)
            | Attribute::AutoIncrement
            | Attribute::PrimaryKey
            | Attribute::References(_)
    );
    let refuses = input.is_mariadb() && refused && before.iter().any(|(a, _)| generated(a));
    refuses.then_some("an attribute of a generated column")
}

/// A column's name. MySQL before 8.0 and MariaDB read its table's name before it and drop that.
pub(crate) fn qualified_column_name<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, Name<'a>> {
    name_with_qualifiers.map(|(name, _)| name).parse(input)
}

/// The same with what is read before it.
fn name_with_qualifiers<'a, 't>(input: Input<'a, 't>) -> Parsed<'a, 't, (Name<'a>, Vec<Name<'a>>)> {
    let (mut input, mut name) = column_name(input)?;
    let (target, mut qualifiers) = (input.statement().reading.target, Vec::new());
    while !target.is_mysql_since(80_000) && input.eat_symbol(b'.') {
        let (rest, next) = name_after_dot(input)?;
        qualifiers.push(std::mem::replace(&mut name, next));
        input = rest;
    }
    Ok((input, (name, qualifiers)))
}

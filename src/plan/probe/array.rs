//! Keys over the members of JSON arrays (MySQL 8.4 manual, section 15.1.15 "CREATE INDEX Statement", "Multi-Valued Indexes").

use super::number::{INTEGER, NUMBER};
use super::{ROW, Rows};
use crate::canonical::expression::Place;
use crate::model::expression::CastType;
use crate::model::{Expr, Index, KeyColumn, KeyPart};

/// Whether a part of a key is over an array's members.
pub(super) fn is_array(part: &KeyPart) -> bool {
    matches!(&part.column, KeyColumn::Expression(Expr::Cast { array: true, .. }))
}

impl Rows<'_> {
    /// For each part of a key that is over an array's members the query that finds a row with one that does not fit; a part
    /// without one where no query can say it.
    pub(in crate::plan) fn unfit_members(&self, index: &Index) -> Vec<Option<String>> {
        let parts = index.parts.iter().filter_map(|part| match &part.column {
            KeyColumn::Expression(Expr::Cast { expr, to, array: true }) => Some((expr, to)),
            _ => None,
        });
        parts
            .map(|(array, to)| {
                let value = format!("({})", self.expression(array, Place::Key)?);
                // JSON_TABLE says NULL of a JSON null.
                let unfit = format!(
                    "m.v IS NULL OR JSON_TYPE(m.v) IN ('OBJECT', 'ARRAY') OR {} AND ({})",
                    if is_of_moments(to) { "TRUE" } else { "JSON_TYPE(m.v) <> 'BOOLEAN'" },
                    unfit("JSON_UNQUOTE(m.v)", to)
                );
                let members = members(&value);
                // A boolean that is no array's member is refused whatever it would become (1235).
                Some(self.any(&[format!(
                    "{value} IS NOT NULL AND (JSON_TYPE({value}) = 'BOOLEAN' OR EXISTS (SELECT 1 FROM {members} WHERE {unfit}))"
                )]))
            })
            .collect()
    }

    /// Finds two rows with a member in common; `at` is the part that is over the array.
    pub(super) fn shared_members(&self, index: &Index, at: usize) -> Option<String> {
        let KeyColumn::Expression(Expr::Cast { expr, to, .. }) = &index.parts[at].column else { return None };
        let mut columns = vec![format!("({}) AS a", self.expression(expr, Place::Key)?)];
        let mut groups = Vec::new();
        for (number, part) in index.parts.iter().enumerate().filter(|(number, _)| *number != at) {
            let value = match &part.column {
                KeyColumn::Column(name) => self.value(name.as_str())?,
                KeyColumn::Expression(expression) => format!("({})", self.expression(expression, Place::Key)?),
            };
            columns.push(format!("{value} AS p{number}"));
            groups.push(format!("r.p{number}"));
        }
        let known: Vec<String> = groups.iter().map(|group| format!("{group} IS NOT NULL")).collect();
        let known = if known.is_empty() { String::new() } else { format!(" WHERE {}", known.join(" AND ")) };
        let member =
            Expr::Cast { expr: Box::new(Expr::Tokens("JSON_UNQUOTE(m.v)".into())), to: to.clone(), array: false };
        let mut cast = String::new();
        self.printer().expression(&mut cast, &member, Place::Key);
        groups.push(cast);
        let listed: Vec<String> =
            groups.iter().enumerate().map(|(number, group)| format!("{group} AS g{number}")).collect();
        let grouped: Vec<String> = (0..groups.len()).map(|number| format!("g{number}")).collect();
        Some(format!(
            "SELECT 1 FROM (SELECT DISTINCT r.n, {} FROM (SELECT ROW_NUMBER() OVER () AS n, {} FROM {} AS {ROW}) AS r, {}{known}) AS g \
             GROUP BY {} HAVING COUNT(*) > 1 LIMIT 1",
            listed.join(", "),
            columns.join(", "),
            self.table(),
            members("r.a"),
            grouped.join(", ")
        ))
    }
}

/// The members of a document: a single value is the only one.
fn members(value: &str) -> String {
    format!(
        "JSON_TABLE(IF(JSON_TYPE({value}) = 'ARRAY', {value}, JSON_ARRAY({value})), '$[*]' COLUMNS (v JSON PATH '$')) AS m"
    )
}

/// Whether members become dates or times of day, which booleans do not.
fn is_of_moments(to: &CastType) -> bool {
    matches!(to, CastType::Named { name, .. } if matches!(&**name, "date" | "datetime" | "time"))
}

/// What of a member, as text, does not fit the type.
fn unfit(text: &str, to: &CastType) -> String {
    let number = format!("CAST({text} AS DECIMAL(65,30))");
    // A number is rounded, a string must be an integer.
    let outside = |low: &str, high: &str| {
        format!(
            "{text} NOT REGEXP IF(JSON_TYPE(m.v) = 'STRING', '{INTEGER}', '{NUMBER}') OR ROUND({number}) < {low} OR ROUND({number}) > {high}"
        )
    };
    match to {
        CastType::Unsigned => outside("0", "18446744073709551615"),
        CastType::Signed => outside("-9223372036854775808", "9223372036854775807"),
        CastType::Decimal { precision, scale } => {
            format!("{text} NOT REGEXP '{NUMBER}' OR ABS(ROUND({number}, {scale})) >= 1e{}", precision - scale)
        }
        CastType::Char { length: Some(length), charset, .. } => match charset.as_deref() {
            Some("binary") => format!("LENGTH({text}) > {length}"),
            _ => format!("CHAR_LENGTH({text}) > {length}"),
        },
        CastType::Char { length: None, .. } => "FALSE".to_owned(),
        CastType::Named { name, .. } => match &**name {
            "date" | "datetime" | "time" => format!("CAST({text} AS {}) IS NULL", name.to_uppercase()),
            _ => "FALSE".to_owned(),
        },
    }
}

//! Operands that are not what an expression reads them as.

use super::super::Rows;
use super::super::conversion::{self, differ};
use super::super::kind::{is_number, is_text};
use super::super::number::{INTEGER, NUMBER};
use super::super::temporal::{no_date, no_time, zero};
use crate::canonical::expression::Place;
use crate::model::expression::Literal;
use crate::model::{Column, DataType, Expr, Geometry};

impl Rows<'_> {
    pub(super) fn printed(&self, expression: &Expr) -> Option<String> {
        Some(format!("({})", self.expression(expression, Place::Generated)?))
    }

    pub(super) fn text(&self, expression: &Expr) -> Option<String> {
        let value = self.printed(expression)?;
        Some(if self.is_document(expression) {
            format!("JSON_UNQUOTE({value})")
        } else {
            format!("CAST({value} AS CHAR)")
        })
    }

    /// Whether MySQL has a document there before the change as well: what becomes one is text or bytes still.
    fn is_document(&self, expression: &Expr) -> bool {
        let is_json = |column: &Column| column.data_type == DataType::Json;
        self.terms.target.is_mysql()
            && self.kind(expression) == DataType::Json
            && match expression {
                Expr::Column(name) => self.before(name.as_str()).is_some_and(is_json),
                _ => true,
            }
    }

    /// Whether MySQL ends a query over some rows with an error: shapes that are reckoned or compared with (1210), those of which
    /// a function takes one kind alone (3516), and what is no period (1210) and no UUID (1411); or what it knows by its type alone.
    pub(in crate::plan::probe) fn ends_queries(&self, expression: &Expr) -> bool {
        let own = match expression {
            // A query that says the value as a text hears otherwise.
            Expr::Call { name, args } if &**name == "json_valid" => {
                args.first().is_some_and(|document| !is_text(&self.kind(document)))
            }
            other => self.ends_over_some(other),
        };
        self.terms.target.is_mysql() && own
            || self.meets_bytes(expression)
            || expression.any_child(|child| self.ends_queries(child))
    }

    /// Whether MySQL ends an ALTER as well over such rows, whatever the session's modes are.
    pub(super) fn ends_over_some(&self, expression: &Expr) -> bool {
        let is_shape = |e: &Expr| matches!(self.kind(e), DataType::Geometry(_));
        self.terms.target.is_mysql()
            && match expression {
                Expr::Binary { left, right, .. } => is_shape(left) || is_shape(right),
                Expr::Call { name, args } if matches!(&**name, "period_add" | "period_diff" | "uuid_to_bin") => {
                    let is_uuid = |arg: &Expr| matches!(arg, Expr::Call { name, .. } if &**name == "uuid");
                    !args.iter().all(|arg| is_constant(arg) || is_uuid(arg))
                }
                Expr::Call { name, args } if takes_one_kind(name) => {
                    let is_point = |e: &Expr| self.kind(e) == DataType::Geometry(Geometry::Point);
                    args.first().is_some_and(|shape| is_shape(shape) && !is_point(shape))
                }
                _ => false,
            }
    }

    /// Whether bytes meet a text that stands in the probe under a collation of its own: the servers make characters of them then,
    /// which not all are (MySQL 3854), where beside the column they take both for bytes.
    fn meets_bytes(&self, expression: &Expr) -> bool {
        let any = |is: &dyn Fn(&Expr) -> bool| expression.any_child(is);
        let is_under = |name: &str| self.value(name).is_some_and(|value| value.contains(" COLLATE "));
        any(&|child| conversion::is_binary(&self.kind(child)) && !is_constant(child))
            && any(&|child| matches!(child, Expr::Column(name) if is_under(name.as_str())))
    }

    /// A string that is read as a number and is none.
    pub(super) fn no_number(&self, operand: &Expr, found: &mut Vec<String>) -> Option<()> {
        if self.reads_silently(operand) { Some(()) } else { self.unlike(operand, NUMBER, found) }
    }

    /// A string that has not the form of a regular expression; bytes that are no text have none.
    pub(super) fn unlike(&self, operand: &Expr, form: &str, found: &mut Vec<String>) -> Option<()> {
        let kind = self.kind(operand);
        if self.is_document(operand) {
            if !self.keyed {
                let value = self.printed(operand)?;
                found.push(format!(
                    "JSON_TYPE({value}) IN ('NULL', 'OBJECT', 'ARRAY') OR JSON_TYPE({value}) = 'STRING' AND JSON_UNQUOTE({value}) NOT REGEXP '{form}'"
                ));
            }
        } else if is_text(&kind) && !is_constant(operand) {
            let condition = format!("{} NOT REGEXP '{form}'", self.text(operand)?);
            found.push(match conversion::is_binary(&kind) {
                true => format!("{} IS NOT NULL AND COALESCE({condition}, TRUE)", self.printed(operand)?),
                false => condition,
            });
            if form == NUMBER && !matches!(kind, DataType::Char(..4) | DataType::Varchar(..4)) {
                // MariaDB reads it as a DECIMAL, of which it has 81 digits, unless a DOUBLE asks for it (1916).
                let greatest = if self.terms.target.is_mariadb() { "1e81" } else { "1.7976931348623157e308" };
                found.push(format!("ABS({} + 0e0) >= {greatest}", self.text(operand)?));
            }
        }
        Some(())
    }

    /// MySQL reads a number in a TEXT or BLOB without a word about what follows it.
    fn reads_silently(&self, operand: &Expr) -> bool {
        let is_blob = matches!(self.kind(operand), DataType::Text(_) | DataType::Blob(_));
        self.terms.target.is_mysql() && is_blob && matches!(operand, Expr::Column(_))
    }

    /// Bytes that are read as characters and are none.
    pub(super) fn no_characters(&self, operand: &Expr, found: &mut Vec<String>) -> Option<()> {
        if conversion::is_binary(&self.kind(operand)) && !is_constant(operand) {
            let bytes = self.printed(operand)?;
            found.push(differ(&format!("CONVERT({bytes} USING utf8mb4)"), &bytes));
        }
        Some(())
    }

    /// A string that is read as an address, or as a UUID, and is none (MariaDB).
    pub(super) fn no_address(&self, kind: &DataType, operand: &Expr, found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        let name = match kind {
            T::Uuid => "UUID",
            T::Inet4 => "INET4",
            T::Inet6 => "INET6",
            _ => return Some(()),
        };
        let own = self.kind(operand);
        if !is_constant(operand) && (is_text(&own) || matches!(own, T::Enum(_) | T::Set(_))) {
            let text = self.text(operand)?;
            found.push(format!("{text} IS NOT NULL AND CAST({text} AS {name}) IS NULL"));
        }
        Some(())
    }

    /// A string that is asked whether it is true.
    pub(super) fn no_truth(&self, operand: &Expr, found: &mut Vec<String>) -> Option<()> {
        self.no_number(operand, found)
    }

    /// A string that is read as an integer and is none; a number that has no bits.
    pub(super) fn no_bits(&self, operand: &Expr, found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        match self.kind(operand) {
            _ if is_constant(operand) => {}
            T::Float { .. } | T::Decimal { .. } => found.push(format!("ABS({}) >= 9.2e18", self.printed(operand)?)),
            kind if is_text(&kind) && !self.reads_silently(operand) => {
                self.unlike(operand, INTEGER, found)?;
                found.push(format!("ABS({} + 0e0) >= 9.2e18", self.text(operand)?));
            }
            _ => {}
        }
        Some(())
    }

    /// What is no document where one is read. MySQL takes nothing for one but strings and documents (3146, 3144).
    pub(super) fn no_document(&self, document: &Expr, found: &mut Vec<String>) -> Option<()> {
        let kind = self.kind(document);
        let text = is_text(&kind) || matches!(kind, DataType::Enum(_) | DataType::Set(_));
        if kind == DataType::Json {
            return Some(());
        }
        if self.terms.target.is_mysql() && (!is_text(&kind) || conversion::is_binary(&kind)) {
            return None;
        }
        let value = match kind {
            // MariaDB reads the bytes that the bits lie in.
            DataType::Bit(bits) => {
                let digits = 2 * bits.div_ceil(8);
                format!("UNHEX(LPAD(HEX({}), {digits}, '0'))", self.printed(document)?)
            }
            _ if text => self.printed(document)?,
            _ => self.text(document)?,
        };
        found.push(format!("NOT JSON_VALID({value})"));
        Some(())
    }

    /// A string that is read as a moment and is not written as one; a moment with a zero in its date.
    pub(super) fn no_moment(&self, operand: &Expr, to: &str, found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        match self.kind(operand) {
            // A key passes over zeros in what is a date by itself.
            T::Date | T::DateTime(_) | T::Timestamp(_) if self.terms.no_zero_dates && !self.keyed => {
                found.push(zero(&self.printed(operand)?));
            }
            T::Date | T::DateTime(_) | T::Timestamp(_) | T::Time(_) => {}
            T::Integer { .. } | T::Year(_) if !is_constant(operand) => {
                let number = self.printed(operand)?;
                found.push(if to == "TIME(6)" { no_time(&number, self.terms.target) } else { no_date(&number) });
                if to != "TIME(6)" && self.terms.no_zero_dates {
                    found.push(zero(&format!("CAST({number} AS DATETIME)")));
                }
            }
            kind if (is_text(&kind) || is_number(&kind) || matches!(kind, T::Enum(_) | T::Set(_)))
                && !is_constant(operand) =>
            {
                if self.keyed && kind == T::Json {
                    return Some(());
                }
                let text = self.text(operand)?;
                let as_date = differ(&format!("CAST(CAST({text} AS DATE) AS CHAR)"), &text);
                let as_moment = differ(&format!("CAST(CAST({text} AS {to}) AS CHAR)"), &text);
                let whole = to.trim_end_matches("(6)");
                let as_whole = differ(&format!("CAST(CAST({text} AS {whole}) AS CHAR)"), &text);
                // A date alone is no time of day.
                found.push(match to {
                    "TIME(6)" => format!("{as_moment} AND {as_whole}"),
                    _ => format!("{as_date} AND {as_moment} AND {as_whole}"),
                });
                if conversion::is_binary(&kind) {
                    found.push(format!("{} IS NOT NULL AND {text} IS NULL", self.printed(operand)?));
                }
            }
            _ => {}
        }
        Some(())
    }

    /// What is read as a moment because another is one of which the greatest or least is asked: texts and numbers, but for a
    /// YEAR. Beside times of day alone MariaDB reads it as one, and MySQL as what it is.
    pub(super) fn among_moments(&self, args: &[Expr], found: &mut Vec<String>) -> Option<()> {
        use DataType as T;
        let is_mysql = self.terms.target.is_mysql();
        let has_day = args.iter().any(|arg| matches!(self.kind(arg), T::Date | T::DateTime(_) | T::Timestamp(_)));
        if is_mysql && !has_day {
            return Some(());
        }
        let to = if has_day { "DATETIME(6)" } else { "TIME(6)" };
        for arg in args.iter().filter(|arg| !matches!(arg, Expr::Literal(_))) {
            match self.kind(arg) {
                T::Integer { .. } | T::Decimal { .. } | T::Float { .. } => {
                    let number = self.printed(arg)?;
                    if !has_day {
                        found.push(no_time(&number, self.terms.target));
                        continue;
                    }
                    // A zero is taken, whatever the session says of zeros.
                    found.push(format!("{number} <> 0 AND {}", no_date(&number)));
                    if is_mysql && !matches!(self.kind(arg), T::Integer { .. }) {
                        // The digits of a day alone have no fraction.
                        found.push(format!("{number} <> FLOOR({number}) AND {number} < 1e8"));
                    }
                }
                kind if is_text(&kind) || matches!(kind, T::Bit(_) | T::Enum(_) | T::Set(_)) => {
                    self.no_moment(arg, to, found)?;
                }
                _ => {}
            }
        }
        Some(())
    }

    /// A sum or difference of times of day that is beyond what a TIME holds, or of what is none.
    pub(super) fn summed_times(&self, name: &str, one: &Expr, other: &Expr, found: &mut Vec<String>) -> Option<()> {
        for operand in [one, other] {
            if is_text(&self.kind(operand)) && !is_constant(operand) {
                // Either a time of day or a moment.
                let (mut times, mut moments) = (Vec::new(), Vec::new());
                self.no_moment(operand, "TIME(6)", &mut times)?;
                self.no_moment(operand, "DATETIME(6)", &mut moments)?;
                found.push(format!("({}) AND ({})", times.join(" OR "), moments.join(" OR ")));
            }
        }
        let whole = Expr::call(name, vec![one.clone(), other.clone()]);
        self.vanishes(&whole, &[one, other], found)?;
        // What is beyond is cut, where it does not vanish.
        found.push(format!("CAST({} AS CHAR) LIKE '%838:59:59%'", self.printed(&whole)?));
        Some(())
    }

    /// A result that is NULL though nothing is that it is made of: a query warns where it is.
    pub(super) fn vanishes(&self, whole: &Expr, of: &[&Expr], found: &mut Vec<String>) -> Option<()> {
        let mut conditions = vec![format!("{} IS NULL", self.printed(whole)?)];
        for one in of {
            conditions.push(format!("{} IS NOT NULL", self.printed(one)?));
        }
        found.push(conditions.join(" AND "));
        Some(())
    }
}

/// Whether a function takes shapes of one kind alone.
fn takes_one_kind(name: &str) -> bool {
    const OF_ANY: [&str; 8] = ["astext", "aswkt", "asbinary", "aswkb", "geometrytype", "srid", "dimension", "isempty"];
    name.strip_prefix("st_").is_some_and(|rest| !OF_ANY.contains(&rest))
}

pub(super) fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Literal(Literal::Number(text)) => text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)),
        Expr::Literal(_) => true,
        _ => false,
    }
}

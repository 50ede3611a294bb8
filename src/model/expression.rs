//! The expression of a DEFAULT, a generated column, a CHECK, a key part or a partitioning.
//!
//! The tree is what the server keeps, not what was written: [`crate::syntax::expression`] applies the
//! rewrites of the target's own parser (`NOT a > b` becomes `a <= b`, `MID` becomes `substr`, `a IN (1)`
//! becomes `a = 1`), so that equality of two trees is equality of the stored expressions. It knows
//! neither text nor servers; a tree read for one target is printed for the same one.

mod literal;
mod operator;
mod unit;

pub use literal::{Literal, Temporal};
pub use operator::{BinaryOp, CastType, JsonFallback, Side, Test};
pub use unit::Unit;

use super::{Query, Sorting, Window};
use crate::ident::Ident;

/// One expression.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum Expr {
    /// A column; servers drop the table's name before it.
    Column(Ident),
    /// A column of a view's query: its name, with those of its table and database before it as far as they are written or printed.
    Field(Vec<Ident>),
    /// A constant.
    Literal(Literal),
    /// `-x`
    Negative(Box<Expr>),
    /// `~x`
    BitNot(Box<Expr>),
    /// `NOT x` that could not be pushed into `x`.
    Not(Box<Expr>),
    /// Two operands around an operator.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// What stands before it.
        left: Box<Expr>,
        /// What stands after it.
        right: Box<Expr>,
    },
    /// `a AND b AND c`, flat.
    And(Vec<Expr>),
    /// `a OR b OR c`, flat.
    Or(Vec<Expr>),
    /// `x IS [NOT] NULL | TRUE | FALSE`
    Is {
        /// What is tested.
        expr: Box<Expr>,
        /// For what.
        test: Test,
        /// Whether NOT is there.
        negated: bool,
    },
    /// `x [NOT] BETWEEN low AND high`
    Between {
        /// What is tested.
        expr: Box<Expr>,
        /// The lower bound.
        low: Box<Expr>,
        /// The upper bound.
        high: Box<Expr>,
        /// Whether NOT is there.
        negated: bool,
    },
    /// `x [NOT] IN (a, b)`
    In {
        /// What is tested.
        expr: Box<Expr>,
        /// The list, of two or more.
        list: Vec<Expr>,
        /// Whether NOT is there.
        negated: bool,
    },
    /// `x [NOT] LIKE pattern [ESCAPE c]`; MySQL keeps the NOT outside.
    Like {
        /// What is tested.
        expr: Box<Expr>,
        /// The pattern.
        pattern: Box<Expr>,
        /// The escape character.
        escape: Option<Box<Expr>>,
        /// Whether NOT is there.
        negated: bool,
    },
    /// `date ± INTERVAL amount unit`
    DateArithmetic {
        /// The date.
        date: Box<Expr>,
        /// How much is added.
        amount: Box<Expr>,
        /// Of what.
        unit: Unit,
        /// Whether it is subtracted.
        minus: bool,
    },
    /// `CASE … END`
    Case {
        /// What is compared, if anything.
        operand: Option<Box<Expr>>,
        /// WHEN and THEN.
        branches: Vec<(Expr, Expr)>,
        /// ELSE.
        otherwise: Option<Box<Expr>>,
    },
    /// `CAST(x AS type [ARRAY])`
    Cast {
        /// What is cast.
        expr: Box<Expr>,
        /// To what.
        to: CastType,
        /// Whether to an array of it (multi-valued keys).
        array: bool,
    },
    /// `CAST(x AT TIME ZONE '+00:00' AS DATETIME)`
    AtTimeZone {
        /// The timestamp.
        expr: Box<Expr>,
        /// The offset.
        zone: Box<str>,
    },
    /// `CONVERT(x USING charset)`
    ConvertUsing {
        /// What is converted.
        expr: Box<Expr>,
        /// To which charset.
        charset: Box<str>,
    },
    /// `x COLLATE collation`
    Collate {
        /// What is compared.
        expr: Box<Expr>,
        /// How.
        collation: Box<str>,
    },
    /// A function by the name that the server prints.
    Call {
        /// The printed name.
        name: Box<str>,
        /// The arguments.
        args: Vec<Expr>,
    },
    /// `CHAR(n, … USING charset)`
    Char {
        /// The code points.
        args: Vec<Expr>,
        /// The charset.
        charset: Box<str>,
    },
    /// `x AS type`: an argument of MariaDB's dynamic column functions.
    Typed {
        /// The value or the name.
        expr: Box<Expr>,
        /// Its type.
        to: CastType,
    },
    /// `(a, b)`
    Row(Vec<Expr>),
    /// `TRIM([side] [remove] FROM x)`
    Trim {
        /// From which side.
        side: Option<Side>,
        /// What is removed.
        remove: Box<Expr>,
        /// From what.
        expr: Box<Expr>,
    },
    /// `EXTRACT(unit FROM x)`
    Extract {
        /// Which part.
        unit: Unit,
        /// Of what.
        expr: Box<Expr>,
    },
    /// `TIMESTAMPDIFF(unit, a, b)`
    TimestampDiff {
        /// Counted in what.
        unit: Unit,
        /// From when.
        from: Box<Expr>,
        /// Until when.
        to: Box<Expr>,
    },
    /// `GET_FORMAT(DATE, 'EUR')`
    GetFormat {
        /// `DATE`, `TIME` or `DATETIME`.
        kind: Temporal,
        /// The name of the format.
        expr: Box<Expr>,
    },
    /// `WEIGHT_STRING(x AS CHAR(n))` of MySQL.
    WeightString {
        /// The string.
        expr: Box<Expr>,
        /// Its length in characters.
        chars: u32,
    },
    /// MySQL's `JSON_VALUE(doc, path RETURNING type …)`.
    JsonValue {
        /// The document.
        doc: Box<Expr>,
        /// The path.
        path: Box<Expr>,
        /// The type returned.
        returning: CastType,
        /// What an empty result gives.
        on_empty: Option<JsonFallback>,
        /// What an error gives.
        on_error: Option<JsonFallback>,
    },
    /// `x MEMBER OF (array)`
    MemberOf {
        /// The value.
        expr: Box<Expr>,
        /// The array.
        array: Box<Expr>,
    },
    /// `DEFAULT(column)`
    DefaultOf(Ident),
    /// `VALUES(column)`
    ValuesOf(Ident),
    /// `MATCH (a, b) AGAINST (x mode)`
    Match {
        /// The columns.
        columns: Vec<Expr>,
        /// What is looked for.
        against: Box<Expr>,
        /// `in boolean mode` and the like, in lower case; empty for none.
        mode: Box<str>,
    },
    /// `NEXTVAL(s)`, `NEXT VALUE FOR s`, `LASTVAL(s)` of MariaDB.
    Sequence {
        /// `nextval` or `lastval`.
        function: Box<str>,
        /// Schema and name, or the name alone.
        name: Vec<Ident>,
    },
    /// `@name` or `@@name`, with its signs.
    Variable(Box<str>),
    /// `@name := x`
    Assignment {
        /// The variable, with its sign.
        variable: Box<str>,
        /// What it becomes.
        value: Box<Expr>,
    },
    /// A function over a group of rows that has more than arguments.
    Aggregate {
        /// The printed name.
        name: Box<str>,
        /// Whether DISTINCT is there.
        distinct: bool,
        /// The arguments.
        args: Vec<Expr>,
        /// ORDER BY of GROUP_CONCAT.
        order: Vec<Sorting>,
        /// What GROUP_CONCAT puts between the values; the other functions have none.
        separator: Option<Box<str>>,
        /// How many of them MariaDB's GROUP_CONCAT takes.
        limit: Option<Box<super::query::Limit>>,
    },
    /// `call OVER (…)`
    Windowed {
        /// The function.
        call: Box<Expr>,
        /// The rows that it looks at.
        window: Box<Window>,
    },
    /// `(SELECT …)` for a value.
    Subquery(Box<Query>),
    /// `EXISTS (SELECT …)`
    Exists(Box<Query>),
    /// `x [NOT] IN (SELECT …)`
    InQuery {
        /// What is tested.
        expr: Box<Expr>,
        /// The query.
        query: Box<Query>,
        /// Whether NOT is there, where the server keeps it with IN.
        negated: bool,
    },
    /// `x > ALL (SELECT …)`, `x > ANY (SELECT …)`
    Quantified {
        /// What is compared.
        expr: Box<Expr>,
        /// How.
        op: BinaryOp,
        /// Whether with all rows, not with any.
        all: bool,
        /// The query.
        query: Box<Query>,
    },
    /// Text that could not be understood: its tokens with single spaces between them.
    Tokens(Box<str>),
}

impl Expr {
    /// An integer constant.
    pub fn number(text: &str) -> Self {
        Self::Literal(Literal::Number(text.into()))
    }

    /// A function call.
    pub fn call(name: &str, args: Vec<Self>) -> Self {
        Self::Call { name: name.into(), args }
    }

    /// Visits the name of every column that is mentioned, in order.
    pub fn columns(&self, f: &mut dyn FnMut(&Ident)) {
        match self {
            Self::Column(name) | Self::DefaultOf(name) | Self::ValuesOf(name) => f(name),
            _ => self.children(&mut |child| child.columns(f)),
        }
    }

    /// Gives every column the spelling that `spelling` knows for it: servers print a column's own.
    pub fn respell_columns(&mut self, spelling: &dyn Fn(&str) -> Option<Ident>) {
        match self {
            Self::Column(name) | Self::DefaultOf(name) | Self::ValuesOf(name) => {
                if let Some(own) = spelling(name.as_str()) {
                    *name = own;
                }
            }
            _ => self.children_mut(&mut |child| child.respell_columns(spelling)),
        }
    }
}

/// Writes the walk over direct children once for shared and once for exclusive borrows.
macro_rules! children {
    ($name:ident, $iter:ident, $as_mut:ident $(, $m:tt)?) => {
        /// Visits the direct operands, in the order in which they are written.
        pub fn $name(&$($m)? self, f: &mut dyn FnMut(&$($m)? Expr)) {
            match self {
                Self::Column(_) | Self::Literal(_) | Self::DefaultOf(_) | Self::ValuesOf(_) => {}
                Self::Sequence { .. } | Self::Variable(_) | Self::Tokens(_) => {}
                // A query has names of its own: whoever walks into one knows them.
                Self::Field(_) | Self::Subquery(_) | Self::Exists(_) => {}
                Self::Windowed { call, window } => {
                    f(call);
                    window.partition.$iter().for_each(&mut *f);
                    window.order.$iter().for_each(|sorting| f(&$($m)? sorting.expr));
                }
                Self::InQuery { expr, .. } | Self::Quantified { expr, .. } => f(expr),
                Self::Aggregate { args, order, .. } => {
                    args.$iter().for_each(&mut *f);
                    order.$iter().for_each(|sorting| f(&$($m)? sorting.expr));
                }
                Self::Negative(expr) | Self::BitNot(expr) | Self::Not(expr) => f(expr),
                Self::Binary { left, right, .. } => {
                    f(left);
                    f(right);
                }
                Self::And(list) | Self::Or(list) | Self::Row(list) => list.$iter().for_each(f),
                Self::Call { args, .. } | Self::Char { args, .. } => args.$iter().for_each(f),
                Self::Is { expr, .. } | Self::Cast { expr, .. } | Self::AtTimeZone { expr, .. } => f(expr),
                Self::ConvertUsing { expr, .. } | Self::Collate { expr, .. } | Self::Typed { expr, .. } => f(expr),
                Self::Extract { expr, .. } | Self::GetFormat { expr, .. } | Self::WeightString { expr, .. } => f(expr),
                Self::Assignment { value, .. } => f(value),
                Self::Between { expr, low, high, .. } => {
                    f(expr);
                    f(low);
                    f(high);
                }
                Self::In { expr, list, .. } => {
                    f(expr);
                    list.$iter().for_each(f);
                }
                Self::Like { expr, pattern, escape, .. } => {
                    f(expr);
                    f(pattern);
                    if let Some(escape) = escape {
                        f(escape);
                    }
                }
                Self::DateArithmetic { date, amount, .. } => {
                    f(date);
                    f(amount);
                }
                Self::Case { operand, branches, otherwise } => {
                    if let Some(operand) = operand {
                        f(operand);
                    }
                    for (when, then) in branches {
                        f(when);
                        f(then);
                    }
                    if let Some(otherwise) = otherwise {
                        f(otherwise);
                    }
                }
                Self::Trim { remove, expr, .. } => {
                    f(remove);
                    f(expr);
                }
                Self::TimestampDiff { from, to, .. } => {
                    f(from);
                    f(to);
                }
                Self::JsonValue { doc, path, on_empty, on_error, .. } => {
                    f(doc);
                    f(path);
                    for fallback in [on_empty, on_error] {
                        if let Some(JsonFallback::Default(expr)) = fallback {
                            f(expr);
                        }
                    }
                }
                Self::MemberOf { expr, array } => {
                    f(expr);
                    f(array);
                }
                Self::Match { columns, against, .. } => {
                    columns.$iter().for_each(&mut *f);
                    f(against);
                }
            }
        }
    };
}

impl Expr {
    children!(children, iter, as_ref);
    children!(children_mut, iter_mut, as_mut, mut);

    /// Whether one of the parts that stand directly in it is so.
    pub fn any_child(&self, mut is: impl FnMut(&Self) -> bool) -> bool {
        let mut found = false;
        self.children(&mut |child| found = found || is(child));
        found
    }

    /// Whether it is so, or anything in it.
    pub fn any(&self, is: &mut dyn FnMut(&Self) -> bool) -> bool {
        is(self) || self.any_child(|child| child.any(is))
    }

    /// Asks each of the parts that stand directly in it, until one is refused.
    ///
    /// # Errors
    /// The first refusal.
    pub fn try_children<E>(&self, mut ask: impl FnMut(&Self) -> Result<(), E>) -> Result<(), E> {
        let mut outcome = Ok(());
        self.children(&mut |child| {
            if outcome.is_ok() {
                outcome = ask(child);
            }
        });
        outcome
    }

    /// The same of parts that may be changed.
    ///
    /// # Errors
    /// The first refusal.
    pub fn try_children_mut<E>(&mut self, mut ask: impl FnMut(&mut Self) -> Result<(), E>) -> Result<(), E> {
        let mut outcome = Ok(());
        self.children_mut(&mut |child| {
            if outcome.is_ok() {
                outcome = ask(child);
            }
        });
        outcome
    }
}

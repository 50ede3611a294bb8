//! The query of a view, as the server keeps it.
//!
//! As [`Expr`] it is what was read for one target. Before the catalog has resolved it, names are as written and `*`
//! may stand among the items; afterwards each column has its table's name before it and each item its own name.

use super::Expr;
use crate::ident::Ident;

/// A query with what stands behind the whole of it.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Query {
    /// `WITH`: the queries that it names for its own use.
    pub with: Option<With>,
    /// What gives the rows.
    pub body: QueryBody,
    /// `ORDER BY` of the whole.
    pub order: Vec<Sorting>,
    /// `LIMIT` of the whole.
    pub limit: Option<Limit>,
    /// Whether parentheses are kept around it.
    pub enclosed: bool,
}

impl Query {
    /// A query with nothing behind it.
    pub const fn of(body: QueryBody) -> Self {
        Self { with: None, body, order: Vec::new(), limit: None, enclosed: false }
    }

    /// Names the database before every table that has none named.
    pub fn qualify(&mut self, own: &Ident) {
        self.tables_mut(&mut Vec::new(), &mut |database, _| {
            database.get_or_insert_with(|| own.clone());
        });
    }

    /// Visits the database and the name of every table; what WITH names, as `common` knows it, is none.
    pub fn tables_mut(&mut self, common: &mut Vec<Ident>, f: &mut dyn FnMut(&mut Option<Ident>, &Ident)) {
        let around = common.len();
        if let Some(with) = &mut self.with {
            for element in &mut with.elements {
                if with.recursive {
                    common.push(element.name.clone());
                }
                element.query.tables_mut(common, f);
                if !with.recursive {
                    common.push(element.name.clone());
                }
            }
        }
        match &mut self.body {
            QueryBody::Select(select) => {
                if let From::Tables(tables) = &mut select.from {
                    tables.tables_mut(common, f);
                }
                for item in &mut select.items {
                    if let SelectItem::Expr { expr, .. } = item {
                        tables_mut(expr, common, f);
                    }
                }
                select.filter.iter_mut().chain(&mut select.having).for_each(|e| tables_mut(e, common, f));
                select.group.iter_mut().for_each(|s| tables_mut(&mut s.expr, common, f));
                for (_, window) in &mut select.windows {
                    window.partition.iter_mut().for_each(|e| tables_mut(e, common, f));
                    window.order.iter_mut().for_each(|s| tables_mut(&mut s.expr, common, f));
                }
            }
            QueryBody::Set { left, right, .. } => {
                left.tables_mut(common, f);
                right.tables_mut(common, f);
            }
            QueryBody::Values { rows, .. } => rows.iter_mut().flatten().for_each(|e| tables_mut(e, common, f)),
        }
        self.order.iter_mut().for_each(|s| tables_mut(&mut s.expr, common, f));
        common.truncate(around);
    }
}

impl TableRef {
    fn tables_mut(&mut self, common: &mut Vec<Ident>, f: &mut dyn FnMut(&mut Option<Ident>, &Ident)) {
        match self {
            Self::Table { database, name, .. } => {
                let is_common = database.is_none() && common.iter().any(|own| own.is(name.as_str()));
                if !is_common {
                    f(database, name);
                }
            }
            Self::Derived { query, .. } => query.tables_mut(common, f),
            Self::Join { left_side, right_side, on, .. } => {
                left_side.tables_mut(common, f);
                right_side.tables_mut(common, f);
                if let JoinOn::Condition(condition) = on {
                    tables_mut(condition, common, f);
                }
            }
        }
    }
}

/// Does the same in the queries of an expression.
fn tables_mut(expr: &mut Expr, common: &mut Vec<Ident>, f: &mut dyn FnMut(&mut Option<Ident>, &Ident)) {
    if let Expr::Subquery(query) | Expr::Exists(query) | Expr::InQuery { query, .. } | Expr::Quantified { query, .. } =
        expr
    {
        query.tables_mut(common, f);
    }
    expr.children_mut(&mut |child| tables_mut(child, common, f));
}

/// `WITH [RECURSIVE] name [(columns)] AS (query), …`
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct With {
    /// Whether a query may name itself.
    pub recursive: bool,
    /// The queries, each of which knows those before it.
    pub elements: Vec<CommonTable>,
}

/// A query that WITH names.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct CommonTable {
    /// Its name.
    pub name: Ident,
    /// The names of its columns, where they are given.
    pub columns: Vec<Ident>,
    /// The query.
    pub query: Query,
}

/// What gives the rows of a query.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum QueryBody {
    /// `SELECT …`
    Select(Box<Select>),
    /// `VALUES (…), (…)`, of MySQL `VALUES ROW(…), ROW(…)`.
    Values {
        /// The rows.
        rows: Vec<Vec<Expr>>,
        /// What the columns are called.
        names: Vec<Ident>,
    },
    /// Two queries, put together.
    Set {
        /// How.
        op: SetOp,
        /// Whether `ALL` is there.
        all: bool,
        /// The first of them.
        left: Box<Query>,
        /// The second of them.
        right: Box<Query>,
    },
}

/// How two queries are put together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SetOp {
    /// `UNION`
    Union,
    /// `EXCEPT`
    Except,
    /// `INTERSECT`
    Intersect,
}

impl SetOp {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Union => "union",
            Self::Except => "except",
            Self::Intersect => "intersect",
        }
    }
}

/// `LIMIT [offset,] count`
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Limit {
    /// How many rows are left out.
    pub offset: Option<Box<str>>,
    /// How many rows there are at most.
    pub count: Box<str>,
    /// `WITH TIES`: whether rows that sort like the last one come with it.
    pub ties: bool,
}

/// One term of ORDER BY or GROUP BY.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Sorting {
    /// By what.
    pub expr: Expr,
    /// Whether `DESC` is there.
    pub descending: bool,
}

/// `OVER (…)`: which rows a function looks at.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Default)]
pub struct Window {
    /// The window of that name, to which it adds; MariaDB puts the two together.
    pub base: Option<Ident>,
    /// Whether that name stands alone behind OVER, without parentheses.
    pub bare: bool,
    /// `PARTITION BY`
    pub partition: Vec<Expr>,
    /// `ORDER BY`
    pub order: Vec<Sorting>,
    /// `ROWS` or `RANGE`
    pub frame: Option<Frame>,
}

impl Window {
    /// What it divides the rows by, and sorts them by.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        self.partition.iter().chain(self.order.iter().map(|sorting| &sorting.expr))
    }
}

/// The rows of a partition that count, from one to another.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Frame {
    /// Whether rows are counted; else values are compared.
    pub rows: bool,
    /// The first.
    pub from: FrameBound,
    /// The last.
    pub to: FrameBound,
}

/// Where a frame begins or ends.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum FrameBound {
    /// `UNBOUNDED PRECEDING`
    First,
    /// `n PRECEDING`
    Before(Box<str>),
    /// `CURRENT ROW`
    Current,
    /// `n FOLLOWING`
    After(Box<str>),
    /// `UNBOUNDED FOLLOWING`
    Last,
}

/// One SELECT.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Select {
    /// `DISTINCT`
    pub distinct: bool,
    /// `STRAIGHT_JOIN` and the others that are kept, in lower case and in the order of the server.
    pub options: Vec<&'static str>,
    /// What is selected.
    pub items: Vec<SelectItem>,
    /// From what.
    pub from: From,
    /// `WHERE`
    pub filter: Option<Expr>,
    /// `GROUP BY`
    pub group: Vec<Sorting>,
    /// `WITH ROLLUP`
    pub rollup: bool,
    /// `HAVING`
    pub having: Option<Expr>,
    /// `WINDOW name AS (…), …`; MariaDB keeps none.
    pub windows: Vec<(Ident, Window)>,
    /// `for update` and the like, in lower case; empty for none.
    pub lock: &'static str,
}

impl Select {
    /// The values that are selected.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        self.items.iter().filter_map(|item| match item {
            SelectItem::Expr { expr, .. } => Some(expr),
            SelectItem::All(_) => None,
        })
    }

    /// The conditions of its joins, those within others first.
    pub fn conditions(&self) -> Vec<&Expr> {
        fn gather<'t>(tables: &'t TableRef, conditions: &mut Vec<&'t Expr>) {
            if let TableRef::Join { left_side, right_side, on, .. } = tables {
                gather(left_side, conditions);
                gather(right_side, conditions);
                if let JoinOn::Condition(condition) = on {
                    conditions.push(condition);
                }
            }
        }
        let mut conditions = Vec::new();
        if let From::Tables(tables) = &self.from {
            gather(tables, &mut conditions);
        }
        conditions
    }
}

/// What stands after FROM.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum From {
    /// Nothing, or `DUAL`.
    Nothing,
    /// Tables.
    Tables(TableRef),
}

/// One item of a SELECT.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum SelectItem {
    /// `*`, or `t.*` with the table's name; the catalog replaces it.
    All(Vec<Ident>),
    /// An expression.
    Expr {
        /// The expression.
        expr: Expr,
        /// Its name: what stands after AS, or what the server derives from the text.
        name: Ident,
        /// Whether the name was given.
        named: bool,
    },
}

/// A table, or what stands for one.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum TableRef {
    /// A table or a view.
    Table {
        /// Its database, where it is printed.
        database: Option<Ident>,
        /// Its name.
        name: Ident,
        /// `PARTITION (p, …)`: the parts of it that are read.
        partitions: Vec<Ident>,
        /// `FOR SYSTEM_TIME`: which rows of its history are read.
        history: Option<Box<History>>,
        /// Its name in the query, where that is another one.
        alias: Option<Ident>,
        /// `USE INDEX` and its kin, as printed, one for each key.
        hints: Vec<Box<str>>,
    },
    /// A query in parentheses.
    Derived {
        /// The query.
        query: Box<Query>,
        /// Its name.
        alias: Ident,
        /// Names of its columns, where they are given.
        columns: Vec<Ident>,
        /// `LATERAL`
        lateral: bool,
    },
    /// Two of them.
    Join {
        /// How they are joined; a right join is a left join of the other order.
        kind: JoinKind,
        /// Whether it was a right join.
        right: bool,
        /// The first.
        left_side: Box<TableRef>,
        /// The second.
        right_side: Box<TableRef>,
        /// Where rows match.
        on: JoinOn,
    },
}

/// The rows of a system-versioned table that a query reads.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum History {
    /// `ALL`
    All,
    /// `AS OF point`
    AsOf(Moment),
    /// `BETWEEN first AND last`
    Between(Moment, Moment),
    /// `FROM first TO last`
    FromTo(Moment, Moment),
}

impl History {
    /// The points in time that it names.
    pub fn moments_mut(&mut self) -> impl Iterator<Item = &mut Moment> {
        let (first, last) = match self {
            Self::All => (None, None),
            Self::AsOf(moment) => (Some(moment), None),
            Self::Between(first, last) | Self::FromTo(first, last) => (Some(first), Some(last)),
        };
        first.into_iter().chain(last)
    }
}

/// A point in the history of a table.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Moment {
    /// Whether it is the number of a transaction.
    pub transaction: bool,
    /// Its value.
    pub at: Expr,
}

/// How two tables are joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum JoinKind {
    /// `JOIN`, `INNER JOIN`, `CROSS JOIN`, a comma.
    Inner,
    /// `LEFT JOIN`
    Left,
    /// `STRAIGHT_JOIN`
    Straight,
}

/// Which rows of two tables match.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum JoinOn {
    /// All.
    Nothing,
    /// `ON condition`
    Condition(Expr),
    /// `USING (columns)`; the catalog makes a condition of it.
    Using(Vec<Ident>),
    /// `NATURAL`; the catalog makes a condition of it.
    Natural,
}

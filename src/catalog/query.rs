//! What the server makes of a view's query: each name with its table's before it, `*` as columns, items with names.
//!
//! In: a query as written, and what tables and views there are. Out: the same query as SHOW CREATE VIEW has it, and the
//! names of its columns; or why that cannot be said, upon which the view is kept as text. Whether the server refuses it for
//! that is said where it is certain; whether all that the query names is there yet, only the whole script shows.
//!
//! The rules are those of `find_order_in_list`, `find_item_in_list` and `store_natural_using_join_columns` (sql_base.cc and
//! sql_select.cc of both servers), measured on MySQL 9.7 and MariaDB 10.11.

mod gathering;
mod names;
mod parts;
mod scope;
mod sets;
mod tables;
mod updatable;
mod why;
mod width;
mod windows;
mod with;

use crate::ident::Ident;
use crate::model::expression::{BinaryOp, Literal, Test};
use crate::model::query::{From, Limit, Query, QueryBody, Select, SelectItem, Sorting};
use crate::model::{Collation, Database, Expr, ObjectKind, Schema, ViewBody};
use crate::syntax::expression::facts;
use crate::target::Target;

pub(super) use names::{listed_names, own_names};
use scope::Scope;
use sets::{operand, sort_rows, values};
pub(super) use updatable::{is_mergeable, is_updatable};
pub(super) use why::Why;
use with::Common;

/// What there is to look names up in.
#[derive(Clone, Copy)]
pub(super) struct Known<'c> {
    pub(super) schema: &'c Schema,
    /// The view's own database.
    pub(super) database: &'c Database,
    pub(super) target: Target,
    /// Whether tables' names differ by the case of their letters.
    pub(super) case_counts: bool,
    /// Whether MySQL would take the view's query into the one that uses it, if that may be.
    pub(super) may_merge: bool,
    /// The queries that WITH has named.
    pub(super) common: &'c [Common],
    /// The connection's charset, in which strings without an introducer are.
    pub(super) charset: &'c str,
}

/// The columns of a table or a view, and whether `*` names them.
type Columns = Vec<(Ident, bool)>;

impl<'c> Known<'c> {
    /// The database of that name, by default the view's own.
    fn database(&self, name: Option<&Ident>) -> Option<&'c Database> {
        match name {
            None => Some(self.database),
            Some(name) => self.schema.database(Some(name.as_str())),
        }
    }

    /// The query of WITH that a name without a database stands for; the last one counts.
    fn common(&self, database: Option<&Ident>, table: &Ident) -> Option<&'c Common> {
        self.common.iter().rev().find(|common| database.is_none() && self.same_common(&common.name, table))
    }

    fn same_common(&self, a: &Ident, b: &Ident) -> bool {
        if self.target.is_mysql() { self.same_table(a, b) } else { a.is(b.as_str()) }
    }

    fn columns(&self, database: Option<&Ident>, table: &Ident) -> Result<Columns, Why> {
        let missing = || format!("the table {} is not known", table.quoted());
        let database = self.database(database).ok_or_else(missing)?;
        if let Some(table) = database.tables.get(table) {
            return Ok(table.columns.iter().map(|c| (c.name.clone(), !c.invisible)).collect());
        }
        let view = database.objects.get(&(ObjectKind::View, table.clone())).and_then(|object| object.view());
        let Some(view) = view else {
            let why = Why { number: Some(1146), text: missing() };
            return Err(if self.may_be_there(database, table) { why.doubtful() } else { why });
        };
        let (ViewBody::Query { columns, .. } | ViewBody::Text { columns: Some(columns), .. }) = &view.body else {
            return Err(format!("the columns of the view {} are not known", table.quoted()).into());
        };
        let columns = if view.columns.is_empty() { columns } else { &view.columns };
        Ok(columns.iter().map(|name| (name.clone(), true)).collect())
    }

    /// Whether a table may be there that the script does not make: where it makes none, where letters differ in case alone
    /// (as servers on other systems have it), and where a sequence is meant, which is a table too.
    fn may_be_there(&self, database: &Database, table: &Ident) -> bool {
        database.tables.is_empty()
            || database.tables.keys().any(|other| other.is(table.as_str()))
            || database.objects.keys().any(|(kind, other)| {
                matches!(kind, ObjectKind::View | ObjectKind::Sequence) && other.is(table.as_str())
            })
    }

    fn same_table(&self, a: &Ident, b: &Ident) -> bool {
        if self.case_counts { a == b } else { a.is(b.as_str()) }
    }
}

/// Resolves the query of a view and gives the names of its columns.
pub(super) fn resolve(query: &mut Query, known: &Known<'_>) -> Result<Vec<Ident>, Why> {
    if known.target.is_mysql() {
        query.enclosed = false;
    }
    self::query(query, known, None, known.may_merge)
}

/// Resolves a query that stands in others; `top` where it is a view's own and nothing else is put to it.
fn query(query: &mut Query, known: &Known<'_>, outer: Option<&Scope<'_>>, top: bool) -> Result<Vec<Ident>, Why> {
    let limited = query.limit.is_some();
    let common = with::common(query, known)?;
    let known = &Known { common: &common, ..*known };
    match &mut query.body {
        QueryBody::Select(select) => self::select(select, &mut query.order, known, outer, top && !limited),
        QueryBody::Values { rows, names } => values(rows, names, known, outer),
        QueryBody::Set { left, right, .. } => {
            operand(left, known);
            operand(right, known);
            let columns = self::query(left, known, outer, false)?;
            if self::query(right, known, outer, false)?.len() != columns.len() {
                return Err(Why::refused(1222, "the queries of a UNION have different numbers of columns"));
            }
            for sorting in &mut query.order {
                match &sorting.expr {
                    Expr::Literal(Literal::Number(digits)) if known.target.is_mysql() => {
                        let name = digits.parse::<usize>().ok().and_then(|n| columns.get(n.wrapping_sub(1)));
                        let name = name.ok_or_else(|| unplaced(digits))?;
                        sorting.expr = Expr::Field(vec![name.clone()]);
                    }
                    _ => sort_rows(&mut sorting.expr, &columns)?,
                }
            }
            Ok(columns)
        }
    }
}

/// The place of an item that is not there: 1054.
fn unplaced(digits: &str) -> Why {
    Why::refused(1054, format!("unknown column '{digits}' in ORDER BY or GROUP BY"))
}

/// A term of GROUP BY that gathers rows itself: 1056.
fn ungrouped() -> Why {
    Why::refused(1056, "GROUP BY names what gathers rows")
}

fn select(
    select: &mut Select,
    order: &mut [Sorting],
    known: &Known<'_>,
    outer: Option<&Scope<'_>>,
    top: bool,
) -> Result<Vec<Ident>, Why> {
    let mut scope = Scope::new(outer);
    if let From::Tables(tables) = &mut select.from {
        scope.take_in(tables, known)?;
    }
    expand(select, &scope)?;
    windows::settle(select, order, known)?;
    scope.aliases = select.items.iter().filter_map(given_name).collect();
    let mut place = Place { scope: &scope, known, clause: Clause::Rows, items: &[] };
    for item in &mut select.items {
        if let SelectItem::Expr { expr, .. } = item {
            place.expr(expr)?;
        }
    }
    for (_, window) in &mut select.windows {
        window
            .partition
            .iter_mut()
            .chain(window.order.iter_mut().map(|s| &mut s.expr))
            .try_for_each(|e| place.expr(e))?;
    }
    place.condition(&mut select.filter)?;
    place.items = &select.items;
    for sorting in &mut select.group {
        place.term(&mut sorting.expr, Term::Group)?;
    }
    place.clause = Clause::Having;
    place.condition(&mut select.having)?;
    if known.target.is_mysql() && leaves_each_once(select) {
        select.distinct = false;
    }
    let merges = top
        && known.target.is_mysql()
        && matches!(select.from, From::Tables(_))
        && !select.distinct
        && select.group.is_empty()
        && select.having.is_none()
        && !select.items.iter().any(|item| matches!(item, SelectItem::Expr { expr, .. } if is_of_rows(expr)));
    for sorting in &mut *order {
        place.term(&mut sorting.expr, if merges { Term::Merged } else { Term::Order })?;
    }
    width::check(select, order, known)?;
    gathering::check(select, order, &scope, known)?;
    Ok(select.items.iter().map(|item| name_of(item).clone()).collect())
}

/// Whether the rows of a grouping differ anyway: each term of GROUP BY is among the items (`can_skip_distinct` of MySQL).
fn leaves_each_once(select: &Select) -> bool {
    let items = || {
        select.items.iter().filter_map(|item| match item {
            SelectItem::Expr { expr, name, .. } => Some((expr, name)),
            SelectItem::All(_) => None,
        })
    };
    let shown = |term: &Expr| {
        let named = |name: &Ident| matches!(term, Expr::Field(path) if path.len() == 1 && path[0] == *name);
        items().any(|(expr, name)| expr == term || named(name))
    };
    match select.group.is_empty() {
        true => items().any(|(expr, _)| is_of_group(expr)),
        false => !select.rollup && select.group.iter().all(|sorting| shown(&sorting.expr)),
    }
}

/// Puts columns in the place of `*`.
fn expand(select: &mut Select, scope: &Scope<'_>) -> Result<(), Why> {
    let mut items = Vec::with_capacity(select.items.len());
    for item in std::mem::take(&mut select.items) {
        match item {
            SelectItem::All(path) => {
                let columns = scope.all(&path)?;
                items.extend(columns.into_iter().map(|path| {
                    let name = path.last().cloned().unwrap_or_else(|| "".into());
                    SelectItem::Expr { expr: Expr::Field(path), name, named: false }
                }));
            }
            SelectItem::Expr { .. } => items.push(item),
        }
    }
    select.items = items;
    Ok(())
}

fn given_name(item: &SelectItem) -> Option<Ident> {
    match item {
        SelectItem::Expr { name, named: true, .. } => Some(name.clone()),
        SelectItem::Expr { .. } | SelectItem::All(_) => None,
    }
}

fn name_of(item: &SelectItem) -> &Ident {
    match item {
        SelectItem::Expr { name, .. } => name,
        // None is left.
        SelectItem::All(path) => &path[0],
    }
}

/// Whether an expression looks at a group of rows or at a window.
fn is_of_rows(expr: &Expr) -> bool {
    match expr {
        Expr::Windowed { .. } => true,
        Expr::Aggregate { .. } => true,
        Expr::Call { name, .. } if facts(name).aggregate => true,
        other => other.any_child(is_of_rows),
    }
}

/// Whether an expression looks at a group of rows.
fn is_of_group(expr: &Expr) -> bool {
    match expr {
        Expr::Windowed { call, window } => {
            window.order.iter().any(|sorting| is_of_group(&sorting.expr)) || call.any_child(is_of_group)
        }
        Expr::Aggregate { .. } => true,
        Expr::Call { name, .. } if facts(name).aggregate => true,
        other => other.any_child(is_of_group),
    }
}

/// Which names a clause knows first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    /// The columns of tables alone.
    Rows,
    /// The items before the columns.
    Having,
    /// The columns before the items.
    Terms,
}

/// A term of GROUP BY or ORDER BY.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Term {
    Group,
    Order,
    /// ORDER BY of a view that MySQL takes into other queries: it knows no names of items.
    Merged,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    scope: &'p Scope<'p>,
    known: &'p Known<'p>,
    clause: Clause,
    items: &'p [SelectItem],
}

impl Place<'_> {
    fn condition(&self, condition: &mut Option<Expr>) -> Result<(), Why> {
        let Some(condition) = condition else { return Ok(()) };
        self.truth(condition)
    }

    /// An expression of which nothing but its truth counts.
    fn truth(&self, expr: &mut Expr) -> Result<(), Why> {
        self.expr(expr)?;
        if self.known.target.is_mysql() {
            tested(expr);
        }
        Ok(())
    }

    fn expr(&self, expr: &mut Expr) -> Result<(), Why> {
        match expr {
            Expr::Field(path) => {
                if let Some(found) = self.field(path)? {
                    *expr = found;
                }
                Ok(())
            }
            Expr::Subquery(query) => self.subquery(query),
            Expr::Exists(query) => {
                if let QueryBody::Select(select) = &mut query.body {
                    for item in &mut select.items {
                        if matches!(item, SelectItem::All(_)) {
                            *item = SelectItem::Expr { expr: Expr::number("1"), name: "1".into(), named: false };
                        }
                    }
                }
                // Whether there is a row: MariaDB says so with a limit, MySQL without any.
                query.limit =
                    self.known.target.is_mariadb().then(|| Limit { offset: None, count: "1".into(), ties: false });
                self.subquery(query)
            }
            Expr::InQuery { expr, query, .. } | Expr::Quantified { expr, query, .. } => {
                if query.limit.is_some() {
                    return Err(Why::refused(1235, "LIMIT in a query of IN, ALL, ANY or SOME"));
                }
                self.expr(expr)?;
                self.subquery(query)
            }
            Expr::Aggregate { .. } => Place { clause: Clause::Rows, ..*self }.children(expr),
            Expr::Call { name, .. } if facts(name).aggregate => Place { clause: Clause::Rows, ..*self }.children(expr),
            Expr::Collate { collation, .. } if Collation::named(collation, None, self.known.target).is_none() => {
                Err(Why::refused(1273, format!("unknown collation: '{collation}'")))
            }
            Expr::Collate { .. } | Expr::Match { .. } => {
                self.children(expr)?;
                self.of_columns(expr)
            }
            Expr::Call { name, .. } if name.starts_with('`') => {
                self.known.check_function(name)?;
                self.children(expr)
            }
            Expr::Variable(_) | Expr::Assignment { .. } => Err(Why::refused(1351, "a view's query has a variable")),
            Expr::Tokens(_) => Err("what is not understood".into()),
            other => self.children(other),
        }
    }

    fn children(&self, expr: &mut Expr) -> Result<(), Why> {
        expr.try_children_mut(|child| self.expr(child))
    }

    fn subquery(&self, query: &mut Query) -> Result<(), Why> {
        query.enclosed = false;
        self::query(query, self.known, Some(self.scope), false).map(|_| ())
    }

    /// What a name stands for; `None` where it was written into the path.
    fn field(&self, path: &mut Vec<Ident>) -> Result<Option<Expr>, Why> {
        if self.clause == Clause::Having
            && let Some(found) = self.item(path)
        {
            return Ok(Some(found.printed()));
        }
        if let Some(found) = self.scope.column(path, self.known)? {
            *path = found;
            return Ok(None);
        }
        if self.clause == Clause::Terms
            && let Some(found) = self.item(path)
        {
            return Ok(Some(found.printed()));
        }
        *path = self.scope.outer_column(path, self.known)?;
        Ok(None)
    }

    /// The item that a name alone stands for.
    fn item(&self, path: &[Ident]) -> Option<Found> {
        let [wanted] = path else { return None };
        let mut behind = None;
        for item in self.items {
            let SelectItem::Expr { expr, name, .. } = item else { continue };
            let own = match expr {
                Expr::Field(path) => path.last(),
                _ => None,
            };
            let named = name.is(wanted.as_str());
            let is_own = own.is_some_and(|own| own.is(wanted.as_str()));
            if named {
                return Some(Found { expr: expr.clone(), name: (!is_own).then(|| name.clone()) });
            }
            if is_own && behind.is_none() {
                behind = Some(Found { expr: expr.clone(), name: None });
            }
        }
        behind
    }

    /// A term of GROUP BY or ORDER BY.
    fn term(&self, expr: &mut Expr, term: Term) -> Result<(), Why> {
        let mysql = self.known.target.is_mysql();
        match expr {
            Expr::Literal(Literal::Number(digits)) if mysql => {
                let item = digits.parse::<usize>().ok().and_then(|n| self.items.get(n.wrapping_sub(1)));
                match item {
                    Some(SelectItem::Expr { expr: item, .. }) if term == Term::Group && is_of_group(item) => {
                        return Err(ungrouped());
                    }
                    Some(SelectItem::Expr { expr: item, .. }) => *expr = constant_hidden(item.clone()),
                    Some(SelectItem::All(_)) | None => return Err(unplaced(digits)),
                }
                Ok(())
            }
            Expr::Literal(Literal::Number(digits)) => match digits.parse::<usize>() {
                Ok(place) if place == 0 || place > self.items.len() => Err(unplaced(digits)),
                Ok(place) => match &self.items[place - 1] {
                    SelectItem::Expr { expr, .. } if term == Term::Group && is_of_group(expr) => Err(ungrouped()),
                    SelectItem::Expr { .. } | SelectItem::All(_) => Ok(()),
                },
                Err(_) => Ok(()),
            },
            Expr::Field(path) => {
                let column = match term {
                    // A column of a table comes before an item of that name, unless that is the same column.
                    Term::Group if path.len() == 1 => self.scope.column(path, self.known).map_err(Why::doubtful)?,
                    Term::Group | Term::Order | Term::Merged => None,
                };
                if let Some(found) = self.item(path)
                    && column.as_ref().is_none_or(|c| matches!(&found.expr, Expr::Field(own) if own == c))
                {
                    if term == Term::Group && is_of_group(&found.expr) {
                        return Err(ungrouped());
                    }
                    *expr = match found.name {
                        Some(name) if mysql && term != Term::Merged && column.is_none() => Expr::Field(vec![name]),
                        Some(_) | None => constant_hidden(found.expr),
                    };
                    return Ok(());
                }
                Place { clause: Clause::Terms, ..*self }.expr(expr)
            }
            other => Place { clause: Clause::Terms, ..*self }.expr(other),
        }
    }
}

/// An item that a name stands for, and that name where it is not the column's own.
struct Found {
    expr: Expr,
    name: Option<Ident>,
}

impl Found {
    fn printed(self) -> Expr {
        match self.name {
            Some(name) => Expr::Field(vec![name]),
            None => self.expr,
        }
    }
}

/// An integer that a term stands for would be taken for the place of an item and is printed as an empty string
/// (`Item::print_for_order`).
fn constant_hidden(expr: Expr) -> Expr {
    match expr {
        Expr::Literal(Literal::Number(digits)) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Expr::Literal(Literal::String { charset: None, text: "".into() })
        }
        other => other,
    }
}

/// MySQL tests a query with IN for what it must be, where only truth counts (`Item_in_subselect::truth_transformer`).
fn tested(expr: &mut Expr) {
    match expr {
        Expr::And(list) | Expr::Or(list) => list.iter_mut().for_each(tested),
        Expr::InQuery { query, negated, .. } if *negated => {
            *negated = false;
            let with_tables = match &query.body {
                QueryBody::Select(select) => matches!(select.from, From::Tables(_)),
                QueryBody::Set { .. } | QueryBody::Values { .. } => true,
            };
            let within = Box::new(std::mem::replace(expr, Expr::Literal(Literal::Null)));
            *expr = match with_tables {
                true => Expr::Is { expr: within, test: Test::False, negated: false },
                false => Expr::Not(within),
            };
        }
        Expr::Is { expr: tested, test, negated: false } => {
            if let (Expr::InQuery { negated, .. }, Test::True) = (&mut **tested, *test)
                && *negated
            {
                *negated = false;
                *test = Test::False;
            }
        }
        _ => {}
    }
}

/// `a AND b AND c`, for the columns that two tables share.
fn all_equal(pairs: Vec<(Vec<Ident>, Vec<Ident>)>) -> Option<Expr> {
    let equal = |(left, right)| Expr::Binary {
        op: BinaryOp::Equal,
        left: Box::new(Expr::Field(left)),
        right: Box::new(Expr::Field(right)),
    };
    let mut list: Vec<Expr> = pairs.into_iter().map(equal).collect();
    if list.len() > 1 { Some(Expr::And(list)) } else { list.pop() }
}

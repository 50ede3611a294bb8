//! Where functions over groups of rows and over windows may stand, and what their windows must say.
//!
//! In: a SELECT whose names are found. Out: the number with which the server refuses it, if it does. What gathers rows of a
//! query around this one is that query's own affair.

use super::scope::Scope;
use super::{Known, Why, is_of_group};
use crate::model::query::{Frame, FrameBound, Select, SelectItem, Sorting};
use crate::model::{Expr, Window};
use crate::syntax::expression::facts;

/// Refuses what stands where the server allows none of it.
pub(super) fn check(select: &Select, order: &[Sorting], scope: &Scope<'_>, known: &Known<'_>) -> Result<(), Why> {
    let law = Law { scope, known };
    for expr in
        select.conditions().into_iter().chain(&select.filter).chain(select.group.iter().map(|sorting| &sorting.expr))
    {
        law.of_one_row(expr)?;
    }
    select.having.iter().try_for_each(|having| law.without_windows(having, &select.items))?;
    let sorted = || order.iter().map(|sorting| &sorting.expr);
    for expr in select.values().chain(sorted()).chain(&select.having) {
        law.of_group(expr, Around::Nothing)?;
    }
    let gathers = !select.group.is_empty() || select.values().chain(&select.having).any(is_of_group);
    if known.target.is_mysql() && !gathers && sorted().any(|expr| law.gathers_own(expr)) {
        return Err(Why::refused(3029, "ORDER BY gathers rows that nothing else gathers"));
    }
    select.windows.iter().try_for_each(|(_, window)| law.frame(window))
}

/// What an expression stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    /// A function over a group of rows.
    Group,
    /// A function over a window.
    Window,
}

struct Law<'l> {
    scope: &'l Scope<'l>,
    known: &'l Known<'l>,
}

impl Law<'_> {
    /// The number of MySQL, or that of MariaDB.
    fn refused(&self, mysql: u16, mariadb: u16, text: &str) -> Why {
        Why::refused(if self.known.target.is_mysql() { mysql } else { mariadb }, text)
    }

    /// What looks at one row at a time: WHERE, ON, GROUP BY.
    fn of_one_row(&self, expr: &Expr) -> Result<(), Why> {
        match expr {
            Expr::Windowed { .. } => Err(self.misplaced()),
            other if self.is_own_gathering(other) => Err(Why::refused(1111, "invalid use of a group function")),
            other => other.try_children(|child| self.of_one_row(child)),
        }
    }

    fn without_windows(&self, expr: &Expr, items: &[SelectItem]) -> Result<(), Why> {
        let named = |path: &[crate::ident::Ident]| {
            items.iter().any(|item| match item {
                SelectItem::Expr { expr, name, .. } => path == std::slice::from_ref(name) && is_windowed(expr),
                SelectItem::All(_) => false,
            })
        };
        match expr {
            Expr::Windowed { .. } => Err(self.misplaced()),
            Expr::Field(path) if named(path) => Err(self.refused(3594, 4015, "HAVING names an item over a window")),
            other => other.try_children(|child| self.without_windows(child, items)),
        }
    }

    fn misplaced(&self) -> Why {
        self.refused(3593, 4015, "a function over a window stands where none may stand")
    }

    fn of_group(&self, expr: &Expr, around: Around) -> Result<(), Why> {
        match expr {
            Expr::Windowed { call, window } => {
                self.window(call, window)?;
                if around != Around::Nothing {
                    return Err(self.refused(3593, 4074, "a function over a window within another function over rows"));
                }
                for expr in window.values() {
                    if is_windowed(expr) {
                        return Err(self.refused(3595, 4015, "a window that is made of a function over a window"));
                    }
                    self.of_group(expr, Around::Nothing)?;
                }
                call.try_children(|child| self.of_group(child, Around::Window))
            }
            other if self.is_own_gathering(other) => match around {
                Around::Group => Err(Why::refused(1111, "a group function within another one")),
                Around::Nothing | Around::Window => other.try_children(|child| self.of_group(child, Around::Group)),
            },
            other => other.try_children(|child| self.of_group(child, around)),
        }
    }

    /// Whether an expression gathers rows of this query.
    fn gathers_own(&self, expr: &Expr) -> bool {
        self.is_own_gathering(expr)
            || !matches!(expr, Expr::Windowed { .. }) && expr.any_child(|child| self.gathers_own(child))
    }

    /// Whether it is a group function over rows of this query: it names a column of its own tables, or none at all.
    fn is_own_gathering(&self, expr: &Expr) -> bool {
        let gathers = match expr {
            Expr::Aggregate { .. } => true,
            Expr::Call { name, .. } => facts(name).aggregate,
            _other => false,
        };
        let (mut fields, mut own, mut queries) = (false, false, false);
        if gathers {
            expr.children(&mut |child| self.look_for_fields(child, &mut fields, &mut own, &mut queries));
        }
        gathers && !queries && (own || !fields)
    }

    fn look_for_fields(&self, expr: &Expr, fields: &mut bool, own: &mut bool, queries: &mut bool) {
        match expr {
            Expr::Field(path) => {
                *fields = true;
                *own |= self.scope.tables.iter().any(|table| table.is_before(path));
            }
            Expr::Subquery(_) | Expr::Exists(_) | Expr::InQuery { .. } | Expr::Quantified { .. } => *queries = true,
            other => other.children(&mut |child| self.look_for_fields(child, fields, own, queries)),
        }
    }

    /// A function and its window.
    fn window(&self, call: &Expr, window: &Window) -> Result<(), Why> {
        let name = match call {
            Expr::Call { name, .. } | Expr::Aggregate { name, .. } => &**name,
            _other => "",
        };
        if self.known.target.is_mysql() {
            if let Expr::Aggregate { distinct, .. } = call
                && (*distinct || name == "group_concat")
            {
                return Err(Why::refused(1235, "this function has no windows in MySQL"));
            }
            return self.frame(window);
        }
        let ranks = matches!(name, "rank" | "dense_rank" | "percent_rank" | "cume_dist");
        if window.frame.is_some() && (ranks || matches!(name, "row_number" | "ntile")) {
            return Err(Why::refused(4017, format!("a frame is not allowed with {name}")));
        }
        if window.order.is_empty() && (ranks || matches!(name, "lag" | "lead")) {
            return Err(Why::refused(4018, format!("no order for {name}")));
        }
        self.frame(window)
    }

    /// The bounds of a frame go with each other and with the order of its window.
    fn frame(&self, window: &Window) -> Result<(), Why> {
        use FrameBound::{After, Before, Current, First, Last};
        let Some(Frame { rows, from, to }) = &window.frame else { return Ok(()) };
        let counts = [from, to].into_iter().any(|bound| matches!(bound, Before(_) | After(_)));
        let number = match (from, to) {
            (Last, _) => Some((3584, 4014)),
            (_, First) => Some((3585, 4014)),
            (Current, Before(_)) | (After(_), Current) => Some((3586, 4014)),
            (After(_), Before(_)) if self.known.target.is_mysql() => Some((3586, 4014)),
            // A window of MySQL may have its order from the one that it names.
            _ if !rows && counts && window.order.len() != 1 && window.base.is_none() => Some((3587, 4019)),
            _ => None,
        };
        match number {
            Some((mysql, mariadb)) => Err(self.refused(mysql, mariadb, "the frame of a window contradicts itself")),
            None => Ok(()),
        }
    }
}

fn is_windowed(expr: &Expr) -> bool {
    expr.any(&mut |part| matches!(part, Expr::Windowed { .. }))
}

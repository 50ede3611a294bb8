//! The names of a view's columns: those that the server does not take, and those that stand twice, get others.

use super::{Why, name_of};
use crate::ident::Ident;
use crate::model::Expr;
use crate::model::query::{Query, QueryBody, Select, SelectItem};
use crate::target::Target;

/// How many characters a column's name has at most.
const LONGEST: usize = 64;

/// Gives the columns of a view's query names that columns can have, and returns them.
///
/// `make_valid_column_names` and `check_duplicate_names` of both servers' sql_view.cc; `listed` are the names that the
/// view gives its columns, if it does.
pub(super) fn valid_names(query: &mut Query, listed: bool, target: Target) -> Result<Vec<Ident>, Why> {
    selects(query, &mut |select| {
        for (at, item) in select.items.iter_mut().enumerate() {
            if let SelectItem::Expr { name, named: false, .. } = item
                && !is_valid(name.as_str())
            {
                *name = Ident::new(format!("Name_exp_{}", at + 1));
            }
        }
    });
    let first = first_select(query);
    let prefix = if target.is_mysql() { "Name_exp_" } else { "My_exp_" };
    for at in 0..first.items.len() {
        let own = name_of(&first.items[at]).clone();
        let Some(earlier) = first.items[..at].iter().position(|item| name_of(item).is(own.as_str())) else { continue };
        let Some(derived) = [at, earlier].into_iter().find(|&n| is_derived(&first.items[n])).filter(|_| !listed) else {
            return if listed { continue } else { Err(format!("duplicate column name '{own}'")) };
        };
        let mut wanted = format!("{prefix}{own}");
        let mut count = 0;
        while first.items.iter().any(|item| name_of(item).is(&wanted)) {
            count += 1;
            wanted = format!("{prefix}{count}_{own}");
        }
        if let SelectItem::Expr { name, .. } = &mut first.items[derived] {
            *name = Ident::new(wanted);
        }
    }
    Ok(first.items.iter().map(|item| name_of(item).clone()).collect())
}

/// Gives the columns of a view's query the names of the view's list, for servers that keep no list.
pub(in crate::catalog) fn own_names(query: &mut Query, list: &[Ident], target: Target) -> Result<Vec<Ident>, Why> {
    let columns = valid_names(query, !list.is_empty(), target)?;
    if list.is_empty() {
        return Ok(columns);
    }
    if list.len() != columns.len() {
        return Err("the view's list of names and its query have different numbers of columns".into());
    }
    if !target.keeps_view_columns() {
        for (item, own) in first_select(query).items.iter_mut().zip(list) {
            if let SelectItem::Expr { name, .. } = item {
                *name = own.clone();
            }
        }
    }
    Ok(list.to_vec())
}

/// Whether the server made the name: a column's is taken for one that was given.
fn is_derived(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Expr { expr, named: false, .. } if !matches!(expr, Expr::Field(_)))
}

fn is_valid(name: &str) -> bool {
    !name.is_empty() && !name.ends_with(' ') && name.chars().count() <= LONGEST
}

fn selects(query: &mut Query, f: &mut impl FnMut(&mut Select)) {
    match &mut query.body {
        QueryBody::Select(select) => f(select),
        QueryBody::Set { left, right, .. } => {
            selects(left, f);
            selects(right, f);
        }
    }
}

fn first_select(query: &mut Query) -> &mut Select {
    match &mut query.body {
        QueryBody::Select(select) => select,
        QueryBody::Set { left, .. } => first_select(left),
    }
}

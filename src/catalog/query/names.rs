//! The names of a view's columns: those that the server does not take, and those that stand twice, get others.

use super::why::twice;
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
    let Some(first) = first_select(query) else {
        return Ok(first_names(query).to_vec());
    };
    let long =
        |item: &SelectItem| matches!(item, SelectItem::Expr { name, named: true, .. } if !is_valid(name.as_str()));
    if !listed && first.items.iter().any(long) {
        return Err(Why::refused(1166, "the name of a column is too long"));
    }
    let prefix = if target.is_mysql() { "Name_exp_" } else { "My_exp_" };
    for at in 0..first.items.len() {
        let own = name_of(&first.items[at]).clone();
        let Some(earlier) = first.items[..at].iter().position(|item| name_of(item).is(own.as_str())) else { continue };
        let Some(derived) = [at, earlier].into_iter().find(|&n| is_derived(&first.items[n])).filter(|_| !listed) else {
            return if listed { continue } else { Err(Why::refused(1060, format!("duplicate column name '{own}'"))) };
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
        return Err(Why::refused(1353, "the view's list of names and its query have different numbers of columns"));
    }
    twice(list)?;
    if target.is_mysql() && list.iter().any(|name| !is_valid(name.as_str())) {
        return Err(Why::refused(1166, "no name for a column of a view"));
    }
    if !target.keeps_view_columns() {
        rename_items(query, list);
    }
    Ok(list.to_vec())
}

/// The names of a query's columns that are known without its tables: those of items that are written out.
pub(in crate::catalog) fn listed_names(mut query: Query, list: &[Ident], target: Target) -> Option<Vec<Ident>> {
    let all = first_select(&mut query)?.items.iter().any(|item| matches!(item, SelectItem::All(_)));
    if all { None } else { own_names(&mut query, list, target).ok() }
}

/// Gives the items of a query those names.
pub(super) fn rename_items(query: &mut Query, list: &[Ident]) {
    let items = first_select(query).into_iter().flat_map(|select| &mut select.items);
    for (item, own) in items.zip(list) {
        if let SelectItem::Expr { name, .. } = item {
            *name = own.clone();
        }
    }
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
        QueryBody::Values { .. } => {}
    }
}

/// The names of the columns of VALUES that stands first in a query.
fn first_names(query: &Query) -> &[Ident] {
    match &query.body {
        QueryBody::Values { names, .. } => names,
        QueryBody::Set { left, .. } => first_names(left),
        QueryBody::Select(_) => &[],
    }
}

fn first_select(query: &mut Query) -> Option<&mut Select> {
    match &mut query.body {
        QueryBody::Select(select) => Some(select),
        QueryBody::Set { left, .. } => first_select(left),
        QueryBody::Values { .. } => None,
    }
}

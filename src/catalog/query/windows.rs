//! Windows that have names: MySQL keeps those that are used, MariaDB puts each in its place.

use super::{Known, Why};
use crate::ident::Ident;
use crate::model::query::{Select, SelectItem, Sorting};
use crate::model::{Expr, Window};

/// The numbers of refusals: of MySQL, and of MariaDB.
struct Refusal(u16, u16);

const UNDEFINED: Refusal = Refusal(3579, 4009);
const TWICE: Refusal = Refusal(3591, 4010);
const PARTITION: Refusal = Refusal(3581, 4011);
const ORDER: Refusal = Refusal(3583, 4012);
const FRAME: Refusal = Refusal(3582, 4013);

impl Refusal {
    fn of(self, known: &Known<'_>, text: String) -> Why {
        Why::refused(if known.target.is_mysql() { self.0 } else { self.1 }, text)
    }
}

/// Finds what the windows of a SELECT refer to.
pub(super) fn settle(select: &mut Select, order: &mut [Sorting], known: &Known<'_>) -> Result<(), Why> {
    let mut windows = std::mem::take(&mut select.windows);
    for at in 0..windows.len() {
        let (earlier, rest) = windows.split_at_mut(at);
        let Some(((name, window), later)) = rest.split_first_mut() else { break };
        if earlier.iter().any(|(other, _)| other.is(name.as_str())) {
            return Err(TWICE.of(known, format!("window {} is defined twice", name.quoted())));
        }
        // MariaDB knows those before it alone.
        let all: Vec<&(Ident, Window)> = match known.target.is_mysql() {
            true => earlier.iter().chain(&*later).collect(),
            false => earlier.iter().collect(),
        };
        refer(window, &all, known)?;
    }
    let all: Vec<&(Ident, Window)> = windows.iter().collect();
    let mut used = Vec::new();
    let mut outcome = Ok(());
    let items = select.items.iter_mut().filter_map(|item| match item {
        SelectItem::Expr { expr, .. } => Some(expr),
        SelectItem::All(_) => None,
    });
    for expr in items.chain(order.iter_mut().map(|sorting| &mut sorting.expr)) {
        each(expr, &mut |window| {
            if outcome.is_ok() {
                used.extend(window.base.clone());
                outcome = refer(window, &all, known);
            }
        });
    }
    outcome?;
    if known.target.is_mysql() {
        let mut at = 0;
        while let Some(name) = used.get(at) {
            let base =
                windows.iter().find(|(own, _)| own.is(name.as_str())).and_then(|(_, window)| window.base.clone());
            used.extend(base.filter(|base| !used.iter().any(|other| other.is(base.as_str()))));
            at += 1;
        }
        windows.retain(|(name, _)| used.iter().any(|other| other.is(name.as_str())));
        select.windows = windows;
    }
    Ok(())
}

/// Every window of an expression; queries within have their own.
fn each(expr: &mut Expr, f: &mut dyn FnMut(&mut Window)) {
    if let Expr::Windowed { window, .. } = expr {
        f(window);
    }
    expr.children_mut(&mut |child| each(child, f));
}

/// Finds the window that another one names.
fn refer(window: &mut Window, all: &[&(Ident, Window)], known: &Known<'_>) -> Result<(), Why> {
    let Some(name) = window.base.clone() else { return Ok(()) };
    let Some((own, base)) = all.iter().find(|(own, _)| own.is(name.as_str())) else {
        return Err(UNDEFINED.of(known, format!("window {} is not defined", name.quoted())));
    };
    if !window.bare {
        let said = name.quoted();
        if !window.partition.is_empty() {
            return Err(PARTITION.of(known, format!("a window over {said} with PARTITION BY")));
        }
        if !window.order.is_empty() && !base.order.is_empty() {
            return Err(ORDER.of(known, format!("a window over {said} with another ORDER BY")));
        }
        if base.frame.is_some() {
            return Err(FRAME.of(known, format!("a window over {said}, which has a frame")));
        }
    }
    if known.target.is_mysql() {
        window.base = Some(own.clone());
        return Ok(());
    }
    let bare = window.bare;
    window.base = None;
    window.bare = false;
    window.partition.clone_from(&base.partition);
    if window.order.is_empty() {
        window.order.clone_from(&base.order);
    }
    if bare {
        window.frame.clone_from(&base.frame);
    }
    Ok(())
}

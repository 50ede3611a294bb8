//! Texts of several collations that meet in a probe.
//!
//! What stands in the place of a column has its collation by COLLATE. Others give way to that which would not give way to the
//! column, or cannot (1267), so all are brought under the collation that they come to as columns.

use super::Rows;
use super::kind::is_text;
use crate::ident::Ident;
use crate::model::expression::Literal;
use crate::model::{Charset, Collation, DataType, Expr};

/// A text's collation, and whether the expression names it.
type Under = (Collation, bool);

impl Rows<'_> {
    /// Whether a column among others stands in the probe under a collation of its own.
    pub(super) fn has_explicit(&self, expression: &Expr) -> bool {
        let is_text = |name: &Ident| self.tables.new.column(name.as_str()).is_some_and(|(_, c)| c.collation.is_some());
        let mut found = false;
        if !matches!(expression, Expr::Column(_)) {
            expression.columns(&mut |name| {
                found = found
                    || is_text(name) && self.value(name.as_str()).is_some_and(|value| value.contains(" COLLATE "));
            });
        }
        found
    }

    /// Brings texts that meet under one collation, and tells under which one the whole is, where it is a text of columns.
    pub(super) fn unite(&self, expression: &mut Expr) -> Option<Under> {
        let target = self.terms.target;
        let is_a_text =
            is_text(&self.kind(expression)) || matches!(self.kind(expression), DataType::Enum(_) | DataType::Set(_));
        match expression {
            Expr::Column(name) => {
                let (_, column) = self.tables.new.column(name.as_str())?;
                column.collation.map(|collation| (collation, false))
            }
            Expr::Collate { expr, collation } => {
                self.unite(expr);
                Collation::named(collation, None, target).map(|collation| (collation, true))
            }
            Expr::ConvertUsing { expr, charset } => {
                self.unite(expr);
                Charset::named(charset, target).map(|charset| (charset.default_collation(target), false))
            }
            Expr::Cast { expr, .. } => {
                self.unite(expr);
                None
            }
            _ => {
                let mut under = Vec::new();
                expression.children_mut(&mut |child| under.push(self.unite(child)));
                let met = |one: Under, other: Under| match (one.1, other.1) {
                    (true, _) => Some(one),
                    (_, true) => Some(other),
                    _ => one.0.met(other.0).map(|collation| (collation, false)),
                };
                let mut texts = under.iter().flatten().copied();
                let first = texts.next()?;
                let all = texts.try_fold(first, met)?;
                let mut under = under.into_iter();
                expression.children_mut(&mut |child| {
                    if under.next().flatten().is_some_and(|(collation, _)| collation != all.0) {
                        let expr = Box::new(std::mem::replace(child, Expr::Literal(Literal::Null)));
                        let charset = all.0.charset().printed(target).into();
                        let expr = Box::new(Expr::ConvertUsing { expr, charset });
                        *child = Expr::Collate { expr, collation: all.0.printed(target).into() };
                    }
                });
                is_a_text.then_some(all)
            }
        }
    }
}

//! Placeholder: the real room is being written elsewhere with this API.
use crate::model::Expr; use crate::target::Target;
/// Where the expression stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs)]
pub enum Place { Default, Generated, Check, Key, Partition }
/// How it is printed.
#[expect(missing_docs)]
pub struct Printing<'a> { pub target: Target, pub place: Place, pub charset: &'a str }
/// Prints.
pub fn print(expr: &Expr, _printing: &Printing<'_>, out: &mut String) { match expr { Expr::Tokens(t) => out.push_str(t) } }

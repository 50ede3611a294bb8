//! Placeholder: the real room is being written elsewhere with this API.
use crate::ident::Ident;
/// An expression.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum Expr { /// text that was not understood
 Tokens(Box<str>) }
impl Expr { /// visits columns
 pub fn columns(&self, _f: &mut dyn FnMut(&Ident)) {} }

impl Expr { /// renames
 pub fn rename_column(&mut self, _f: &str, _t: &Ident) {} }

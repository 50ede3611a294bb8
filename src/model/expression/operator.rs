//! Operators, and the types that CAST and its kin name.

use super::Expr;

/// An operator between two operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `DIV`
    IntegerDivide,
    /// `%`, `MOD`
    Modulo,
    /// `|`
    BitOr,
    /// `&`
    BitAnd,
    /// `^`
    BitXor,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `=`
    Equal,
    /// `<=>`
    NullSafeEqual,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `XOR`
    Xor,
    /// `REGEXP`, where it is not a function (MariaDB).
    Regexp,
}

impl BinaryOp {
    /// What the operator makes of two integers; `None` where that is no integer, overflows or divides by zero.
    pub const fn integers(self, left: i128, right: i128) -> Option<i128> {
        match self {
            Self::Add => left.checked_add(right),
            Self::Subtract => left.checked_sub(right),
            Self::Multiply => left.checked_mul(right),
            Self::IntegerDivide => left.checked_div(right),
            Self::Modulo => left.checked_rem(right),
            _ => None,
        }
    }

    /// Whether it compares.
    pub const fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::NullSafeEqual
                | Self::NotEqual
                | Self::Less
                | Self::LessOrEqual
                | Self::Greater
                | Self::GreaterOrEqual
        )
    }

    /// The comparison that holds exactly where this one does not (`<=>` has none).
    pub const fn negated(self) -> Option<Self> {
        match self {
            Self::Equal => Some(Self::NotEqual),
            Self::NotEqual => Some(Self::Equal),
            Self::Less => Some(Self::GreaterOrEqual),
            Self::GreaterOrEqual => Some(Self::Less),
            Self::Greater => Some(Self::LessOrEqual),
            Self::LessOrEqual => Some(Self::Greater),
            Self::Add | Self::Subtract | Self::Multiply | Self::Divide | Self::IntegerDivide | Self::Modulo => None,
            Self::BitOr | Self::BitAnd | Self::BitXor | Self::ShiftLeft | Self::ShiftRight => None,
            Self::NullSafeEqual | Self::Xor | Self::Regexp => None,
        }
    }
}

/// What IS asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Test {
    /// `IS NULL`
    Null,
    /// `IS TRUE`
    True,
    /// `IS FALSE`
    False,
}

/// The side from which TRIM removes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Side {
    /// Both ends.
    Both,
    /// The beginning.
    Leading,
    /// The end.
    Trailing,
}

/// A type as CAST names it.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum CastType {
    /// `CHAR(n) CHARSET x [BINARY]`; `BINARY(n)` has the charset `binary`.
    Char {
        /// Its length.
        length: Option<u32>,
        /// Its charset, where one is printed.
        charset: Option<Box<str>>,
        /// Whether MariaDB prints `binary` after it.
        binary: bool,
    },
    /// `SIGNED`
    Signed,
    /// `UNSIGNED`
    Unsigned,
    /// `DECIMAL(p,s)`
    Decimal {
        /// Digits in all.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    },
    /// A type with an optional precision: `date`, `time(3)`, `json`, `point`, `inet6`, in lower case.
    Named {
        /// The name.
        name: Box<str>,
        /// The number in parentheses.
        precision: Option<u32>,
    },
}

/// What JSON_VALUE gives for an empty result or an error.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum JsonFallback {
    /// `NULL`
    Null,
    /// `ERROR`
    Error,
    /// `DEFAULT x`
    Default(Box<Expr>),
}

//! The rules, one in each file.

mod auto_increment_overflow;
mod awkward_name;
mod charset_not_unicode;
mod check_not_enforced;
mod duplicate_check;
mod duplicate_foreign_key;
mod engine_without_transactions;
mod float_digits;
mod float_money;
mod foreign_key_collation_mismatch;
mod foreign_key_type_mismatch;
mod implied_foreign_key_index;
mod invisible_key;
mod long_enum;
mod mixed_collations;
mod no_primary_key;
mod nullable_boolean;
mod nullable_unique;
mod range_without_maxvalue;
mod redundant_key;
mod reserved_word;
mod set_column;
mod spatial_without_srid;
mod timestamp_2038;
mod too_many_columns;
mod too_many_keys;
mod unique_prefix;
mod unnamed_constraint;
mod unsigned_fraction;
mod upper_case_table;
mod utf8mb3;
mod uuid_as_text;
mod wide_primary_key;
mod zero_date_default;
mod zerofill;

use super::Rule;

/// All rules, by name.
pub const RULES: [&Rule; 35] = [
    &auto_increment_overflow::RULE,
    &awkward_name::RULE,
    &charset_not_unicode::RULE,
    &check_not_enforced::RULE,
    &duplicate_check::RULE,
    &duplicate_foreign_key::RULE,
    &engine_without_transactions::RULE,
    &float_digits::RULE,
    &float_money::RULE,
    &foreign_key_collation_mismatch::RULE,
    &foreign_key_type_mismatch::RULE,
    &implied_foreign_key_index::RULE,
    &invisible_key::RULE,
    &long_enum::RULE,
    &mixed_collations::RULE,
    &no_primary_key::RULE,
    &nullable_boolean::RULE,
    &nullable_unique::RULE,
    &range_without_maxvalue::RULE,
    &redundant_key::RULE,
    &reserved_word::RULE,
    &set_column::RULE,
    &spatial_without_srid::RULE,
    &timestamp_2038::RULE,
    &too_many_columns::RULE,
    &too_many_keys::RULE,
    &unique_prefix::RULE,
    &unnamed_constraint::RULE,
    &unsigned_fraction::RULE,
    &upper_case_table::RULE,
    &utf8mb3::RULE,
    &uuid_as_text::RULE,
    &wide_primary_key::RULE,
    &zero_date_default::RULE,
    &zerofill::RULE,
];

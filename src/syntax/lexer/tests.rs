//! Lexemes, where one ends and the next begins.

use super::*;

fn tokens_for(target: &str, text: &str) -> Vec<String> {
    let reading = Reading::of(target.parse().expect("a supported target"));
    let statement = tokenise(text.as_bytes(), 0, &reading).expect("well-formed text");
    let shown = |token: &Token| statement.found(*token).unwrap_or_else(|| "END".to_owned());
    let kind = |token: &Token| format!("{:?}", token.kind);
    statement.tokens[..statement.tokens.len() - 1].iter().map(|t| format!("{} {}", kind(t), shown(t))).collect()
}

fn tokens(text: &str) -> Vec<String> {
    tokens_for("mysql:8.4", text)
}

#[test]
fn numbers_and_words_that_begin_with_digits() {
    let cases: [(&str, &[&str]); 14] = [
        ("1", &["Integer 1"]),
        ("1.", &["Decimal 1."]),
        (".5", &["Decimal .5"]),
        ("1.5e3", &["Decimal 1.5e3"]),
        ("1e3", &["Decimal 1e3"]),
        ("1e+3", &["Decimal 1e+3"]),
        ("1e", &["Word 1e"]),
        ("2fa_codes", &["Word 2fa_codes"]),
        ("0x1F", &["HexNumber 0x1F"]),
        ("0xfg", &["Word 0xfg"]),
        ("0b01", &["BitNumber 0b01"]),
        ("db.1t", &["Word db", "Symbol .", "Word 1t"]),
        ("db.1e5", &["Word db", "Symbol .", "Word 1e5"]),
        ("a .5", &["Word a", "Decimal .5"]),
    ];
    for (text, expected) in cases {
        assert_eq!(tokens(text), expected, "{text}");
    }
}

#[test]
fn quotes_and_comments() {
    let cases: [(&str, &[&str]); 9] = [
        ("`a``b`", &["Quoted `a``b`"]),
        ("'it''s' 'b\\''", &["String 'it''s'", "String 'b\\''"]),
        ("N'x' x'4f' b'01'", &["NationalString N'x'", "HexString x'4f'", "BitString b'01'"]),
        ("a -- b\nc", &["Word a", "Word c"]),
        ("a --b", &["Word a", "Symbol -", "Symbol -", "Word b"]),
        ("a # b", &["Word a"]),
        ("a /* b */ c", &["Word a", "Word c"]),
        ("a->>'$' <=> b", &["Word a", "Operator ->>", "String '$'", "Operator <=>", "Word b"]),
        ("$a é @x @@y.z", &["Word $a", "Word é", "Variable @x", "Variable @@y.z"]),
    ];
    for (text, expected) in cases {
        assert_eq!(tokens(text), expected, "{text}");
    }
}

#[test]
fn conditional_comments_follow_the_target() {
    let cases: [(&str, &str, &[&str]); 9] = [
        ("mysql:5.7", "a /*!80000 b /* c /* d */ e */ f", &["Word a", "Word f"]),
        ("mysql:8.4", "a /*!50100 b */ c", &["Word a", "Word b", "Word c"]),
        ("mysql:5.7", "a /*!80000 b */ c", &["Word a", "Word c"]),
        ("mariadb:10.11", "a /*!80000 b */ c", &["Word a", "Word c"]),
        ("mariadb:10.11", "a /*M!100300 b */ c", &["Word a", "Word b", "Word c"]),
        ("mysql:8.4", "a /*M!100300 b */ c", &["Word a", "Word c"]),
        ("mysql:8.4", "a /*! b /* c */ d */ e", &["Word a", "Word b", "Word d", "Word e"]),
        ("mysql:5.7", "a /*!80000 b /* c */ d */ e", &["Word a", "Word e"]),
        ("mysql:8.4", "a /*!50100 b /*!99999 c */ d */ e", &["Word a", "Word b", "Word d", "Word e"]),
    ];
    for (target, text, expected) in cases {
        assert_eq!(tokens_for(target, text), expected, "{text} on {target}");
    }
}

#[test]
fn what_is_not_closed_is_an_error_with_its_place() {
    let cases = [
        ("a 'b", 2, 4, "the string is not closed"),
        ("a `b", 2, 4, "the quoted name is not closed"),
        ("a /* b", 2, 6, "the comment is not closed"),
        ("a /*!50100 b", 2, 12, "the conditional comment is not closed"),
        ("a x'4", 2, 5, "a hexadecimal literal is not closed"),
        ("a x'4'", 2, 6, "this is not a hexadecimal literal"),
        ("a b'2'", 2, 6, "this is not a bit literal"),
    ];
    let reading = Reading::of(crate::target::Target::DEFAULT);
    for (text, start, end, message) in cases {
        let error = tokenise(text.as_bytes(), 10, &reading).expect_err("ill-formed text");
        assert_eq!((error.span, error.to_string().as_str()), (Span::new(10 + start, 10 + end), message), "{text}");
    }
}

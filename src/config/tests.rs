//! The file as it is read, what is refused and where, and that the template and the schema hold every key.

use super::*;
use crate::source::Source;

fn read(text: &str, environment: Option<&str>) -> Result<Config, ConfigError> {
    Config::read(&Source::new("alterplan.yaml", text), environment)
}

/// `line:column: message (help)`.
fn refusal(text: &str, environment: Option<&str>) -> String {
    let error = read(text, environment).expect_err("a refusal");
    let help = error.help.map(|help| format!(" ({help})")).unwrap_or_default();
    let source = Source::new("", text);
    let place = error.span.map(|span| source.position(span.start)).map(|at| format!("{}:{}: ", at.line, at.column));
    format!("{}{}{help}", place.unwrap_or_default(), error.message)
}

#[test]
fn nothing_says_nothing() {
    for text in ["", "# a comment\n", TEMPLATE, "environments:\n", "server: {}\n"] {
        let config = read(text, None).expect("settings");
        assert!(config.origins.is_empty(), "{text}");
        assert_eq!(config.settings.target, None);
    }
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    let cases = [
        ("target: mysql:8.4\npolices:\n  comments: ignore\n", "2:1: unknown key `polices` (did you mean `policies`?)"),
        ("policies:\n  coments: ignore\n", "2:3: unknown key `coments` (did you mean `comments`?)"),
        ("policies:\n  comments: no thanks\n", "2:13: unknown value `no thanks` (there are apply, ignore)"),
        ("policies:\n  comments: ignroe\n", "2:13: unknown value `ignroe` (did you mean `ignore`?)"),
        ("lint:\n  no-primary-kye: off\n", "2:3: unknown key `no-primary-kye` (did you mean `no-primary-key`?)"),
        ("lint:\n  no-primary-key: loud\n", "2:19: unknown value `loud` (there are off, note, warning, error)"),
        ("ignore: ['(']\n", "1:10: ignore[0]: `(` is not a regular expression: unclosed group"),
        (
            "renames:\n  - users\n",
            "2:5: renames[0]: --rename users: expected OLD=NEW, as in table=table or table.column=column",
        ),
        ("allow:\n  - {hazard: data-loss}\n", "2:5: allow[0]: missing field `reason`"),
        (
            "allow: [data-loss]\n",
            "1:9: allow[0]: invalid type: string \"data-loss\", expected an entry such as {hazard: rewrite, reason: no table is large}",
        ),
        ("allow:\n  - {hazard: dataloss, reason: x}\n", "2:14: unknown value `dataloss` (did you mean `data-loss`?)"),
        (
            "exceptions: [{object: t, hazard: lock, reason: x, until: 2026-2-1}]\n",
            "1:58: exceptions[0].until: `2026-2-1` is no day; a day is written 2026-12-31",
        ),
        (
            "environments:\n  a:\n    hooks: {pre: x}\n",
            "3:12: environments.a.hooks: this key stands at the top of the file, not in an environment",
        ),
        ("environments:\n  a: {polcies: {}}\n", "2:7: unknown key `polcies` (did you mean `policies`?)"),
        ("target: x\ntarget: y\n", "1:9: target: "),
        ("server: {sql_mode: '', sql_mode: x}\n", "1:24: server: `sql_mode` stands there twice"),
        ("hooks: {prre: stop}\n", "1:9: unknown key `prre` (did you mean `pre`?)"),
        (
            "hooks: {pre: [stop]}\n",
            "1:14: hooks.pre: invalid type: sequence, expected a command, or {run: command, limit: seconds}",
        ),
        ("- target\n", "1:1: invalid type: sequence, expected struct Settings"),
        ("a: [\n", "1:"),
    ];
    let found = cases.map(|(text, want)| {
        let found = refusal(text, None);
        if want.ends_with(':') || want.ends_with(": ") {
            found.get(..want.len()).unwrap_or_default().to_owned()
        } else {
            found
        }
    });
    assert_eq!(found, cases.map(|(_, want)| want));
    let staging = "environments: {staging: {}}\n";
    assert_eq!(refusal(staging, Some("stagng")), "no environment `stagng` (did you mean `staging`?)");
    assert_eq!(
        refusal("", Some("staging")),
        "no environment `staging` (`environments:` says what is particular to each)"
    );
}

#[test]
fn an_environment_stands_over_the_top() {
    let text = "\
target: mysql:8.4
server:
  sql_mode: ''
  foreign_key_checks: 0
policies: {comments: ignore, drop: skip}
ignore: [^a]
environments:
  staging:
    target: mariadb:10.11
    server:
      foreign_key_checks: 1
    policies:
      drop: apply
    ignore: []
  none:
";
    let config = read(text, Some("staging")).expect("settings");
    let settings = &config.settings;
    assert_eq!(settings.target.as_ref().map(|word| word.text.as_str()), Some("mariadb:10.11"));
    assert_eq!(settings.server.iter().collect::<Vec<_>>(), [("foreign_key_checks", "1"), ("sql_mode", "")]);
    assert_eq!(settings.policies.iter().collect::<Vec<_>>(), [("comments", "ignore"), ("drop", "apply")]);
    assert_eq!(settings.ignore.as_ref().map(Vec::len), Some(0));
    let places = [
        "target",
        "server.sql_mode",
        "server.foreign_key_checks",
        "policies.comments",
        "policies.drop",
        "ignore",
        "only",
    ];
    assert_eq!(
        places.map(|key| config.place(key).unwrap_or_default()),
        [
            "alterplan.yaml:9 (staging)",
            "alterplan.yaml:3",
            "alterplan.yaml:11 (staging)",
            "alterplan.yaml:5",
            "alterplan.yaml:13 (staging)",
            "alterplan.yaml:14 (staging)",
            "",
        ]
    );
    assert_eq!(config.environments, ["none", "staging"]);
    let top = read(text, Some("none")).expect("settings");
    assert_eq!(top.place("target").as_deref(), Some("alterplan.yaml:1"));
}

#[test]
fn exceptions_are_for_an_object_and_a_time() {
    let exception: Exception =
        serde_yaml::from_str("{object: shop.users, hazard: lock, reason: night, until: 2026-06-30}")
            .expect("an exception");
    let day = |text: &str| text.parse::<Day>().expect("a day");
    assert!(!exception.has_expired(day("2026-06-30")) && exception.has_expired(day("2026-07-01")));
    assert!(exception.has_expired(Day::LAST));
    for malformed in ["2026-00-01", "2026-01-32", "2025-02-29", "2026-1-01", "26-01-01", "2026/01/01", "2026-01-0é"] {
        assert!(malformed.parse::<Day>().is_err(), "{malformed}");
    }
    assert!("2024-02-29".parse::<Day>().is_ok());
}

/// The template without its comments' signs: every example at once.
fn examples() -> String {
    let lines = TEMPLATE
        .lines()
        .map(|line| line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') || rest.starts_with("  ")));
    lines.flatten().map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_template_shows_every_key_and_each_example_is_read() {
    let text = examples();
    let config = read(&text, Some("production")).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let rows = config.rows();
    let unset: Vec<&str> = rows
        .iter()
        .filter(|row| row.place.is_none() && !row.key.starts_with("policies."))
        .map(|row| row.key.as_str())
        .collect();
    assert_eq!(unset, [] as [&str; 0]);
    for (name, values) in crate::diff::Policies::KEYS {
        assert!(TEMPLATE.contains(&format!("{name}: {}", values.join(", "))), "{name}: {}", values.join(", "));
    }
}

#[cfg(feature = "schema")]
#[test]
fn the_schema_has_every_key_of_the_template() {
    let schema: serde_json::Value = serde_json::from_str(&schema()).expect("JSON");
    let file: serde_yaml::Value = serde_yaml::from_str(&examples()).expect("YAML");
    let properties = schema.get("properties").and_then(|found| found.as_object()).expect("properties");
    for key in file.as_mapping().expect("a mapping").keys() {
        let key = key.as_str().expect("a name");
        assert!(properties.contains_key(key), "{key}");
    }
    assert_eq!(
        properties
            .get("policies")
            .and_then(|policies| policies.pointer("/properties/drop/enum"))
            .map(ToString::to_string)
            .as_deref(),
        Some("[\"apply\",\"skip\"]")
    );
    assert_eq!(schema.get("additionalProperties"), Some(&serde_json::Value::Bool(false)));
}

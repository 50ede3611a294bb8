//! `alterplan config`: what is in force, and where it comes from. `alterplan init`: a file to begin with.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use alterplan::config::{Row, TEMPLATE};
use alterplan::input::reason;
use alterplan::live::Address;
use alterplan::render::style::{Role, one_line};
use clap::{Args, ValueEnum};

use super::Exit;
use super::args::{ColorChoice, Global};
use super::comparison::Comparison;
use super::failure::Failure;
use super::project;
use super::terminal::Terminal;

/// The arguments of `config`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// How to write the settings
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    comparison: Comparison,
}

/// How settings are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// A line each
    Text,
    /// For machines
    Json,
}

/// A setting with where it comes from.
struct Setting {
    key: String,
    value: Option<String>,
    place: String,
}

const COMMAND_LINE: &str = "command line";

/// Runs `config`.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let project = &global.project;
    // What would be refused by the commands that use it is refused here.
    arguments.comparison.policies(project)?;
    arguments.comparison.filter(project)?;
    let rows = project.config.rows();
    let mut settings: Vec<Setting> = rows.into_iter().map(setting).collect();
    for (key, value) in said(&arguments.comparison, global) {
        let place = COMMAND_LINE.to_owned();
        match settings.iter_mut().find(|setting| setting.key == key) {
            Some(setting) => (setting.value, setting.place) = (Some(value), place),
            None => settings.push(Setting { key, value: Some(value), place }),
        }
    }
    settings.extend(surroundings(global));
    let file = project.is_there.then_some(project.config.name.as_str());
    let environment = project.config.environment.as_deref();
    let text = match arguments.format {
        Format::Text => text(file, environment, &settings, terminal),
        Format::Json => json(file, environment, &settings),
    };
    terminal.print(text)?;
    Ok(Exit::Done)
}

fn setting(Row { key, value, place }: Row) -> Setting {
    let value = value.map(|value| if Address::is_address(&value) { without_password(&value) } else { value });
    Setting { key, value, place: place.unwrap_or_else(|| "default".to_owned()) }
}

/// An address as it may be shown.
fn without_password(address: &str) -> String {
    let scheme = address.split("://").next().unwrap_or_default();
    Address::parse(address).map_or_else(|_| format!("{scheme}://… (malformed)"), |address| address.to_string())
}

/// What the command line says.
fn said(comparison: &Comparison, global: &Global) -> Vec<(String, String)> {
    let mut said = Vec::new();
    let targets = [
        ("target", global.said.target),
        ("old_target", global.said.old_target),
        ("new_target", global.said.new_target),
    ];
    for (key, target) in targets {
        if let Some(target) = target {
            said.push((key.to_owned(), target.given().map_or_else(|| "auto".to_owned(), |target| target.to_string())));
        }
    }
    for set in &global.server_set {
        said.push((format!("server.{}", set.name), set.value.clone()));
    }
    for (key, value) in comparison.policy.iter().filter_map(|policy| policy.split_once('=')) {
        said.push((format!("policies.{key}"), value.to_owned()));
    }
    let renames: Vec<String> = comparison.rename.iter().map(ToString::to_string).collect();
    for (key, list) in [("only", &comparison.only), ("ignore", &comparison.ignore), ("renames", &renames)] {
        if !list.is_empty() {
            said.push((key.to_owned(), list.join(", ")));
        }
    }
    said
}

/// What the environment's variables say.
fn surroundings(global: &Global) -> Vec<Setting> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let of = |key: &str, value: Option<&str>, place: &str| Setting {
        key: key.to_owned(),
        value: value.map(str::to_owned),
        place: place.to_owned(),
    };
    let color = match global.color {
        ColorChoice::Always => of("color", Some("always"), COMMAND_LINE),
        ColorChoice::Never => of("color", Some("never"), COMMAND_LINE),
        ColorChoice::Auto if is_set("NO_COLOR") => of("color", Some("never"), "environment NO_COLOR"),
        ColorChoice::Auto => of("color", Some("auto"), "default"),
    };
    let password = if is_set("ALTERPLAN_PASSWORD") {
        of("password", Some("(set)"), "environment ALTERPLAN_PASSWORD")
    } else {
        of("password", None, "default")
    };
    vec![color, password]
}

fn text(file: Option<&str>, environment: Option<&str>, settings: &[Setting], terminal: &Terminal) -> String {
    let style = terminal.style();
    let file = file.map_or_else(|| format!("no {} here or above", project::NAME), str::to_owned);
    let environment = environment.map(|name| format!(", environment {name}")).unwrap_or_default();
    let mut out = format!("{}\n", style.paint(Role::Heading, one_line(&format!("# {file}{environment}"))));
    let widest =
        |lengths: &mut dyn Iterator<Item = usize>, most: usize| lengths.filter(|l| *l <= most).max().unwrap_or(0);
    let keys = widest(&mut settings.iter().map(|setting| setting.key.len()), 40);
    let value = |setting: &Setting| setting.value.as_deref().map_or_else(|| "-".to_owned(), one_line);
    let values = widest(&mut settings.iter().map(|setting| value(setting).chars().count()), 48);
    for setting in settings {
        let value = value(setting);
        let is_default = setting.place == "default";
        let line = format!("{:keys$}  {value:values$}  {}", setting.key, one_line(&setting.place));
        let line = if is_default { style.paint(Role::Faint, line) } else { line };
        out.push_str(&format!("{line}\n"));
    }
    out
}

fn json(file: Option<&str>, environment: Option<&str>, settings: &[Setting]) -> String {
    let settings: Vec<_> = settings
        .iter()
        .map(|setting| serde_json::json!({ "key": setting.key, "value": setting.value, "from": setting.place }))
        .collect();
    let document = serde_json::json!({
        "format": "alterplan-config", "version": 1, "file": file, "environment": environment, "settings": settings,
    });
    format!("{document:#}\n")
}

/// Runs `init`.
pub(crate) fn init(global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let path = global.config.clone().unwrap_or_else(|| PathBuf::from(project::NAME));
    write_new(&path).map_err(|why| match why.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::wrong(format!("`{}` is there already, and stays as it is", path.display()))
                .help("`alterplan config` shows what is in force")
        }
        _ => Failure::wrong(format!("cannot write `{}`: {}", path.display(), reason(&why))),
    })?;
    terminal.print(format!("wrote {}\n", path.display()))?;
    Ok(Exit::Done)
}

/// The file appears whole, and never in the place of another.
fn write_new(path: &Path) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(TEMPLATE.as_bytes())?;
    file.sync_all()
}

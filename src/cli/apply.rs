//! `alterplan apply`: a bundle, files and schema, as one transaction; or what a release manifest says is needed.

use std::ffi::OsString;
use std::path::PathBuf;

use alterplan::apply::{self, Done, DownloadLimits, From, Request};
use alterplan::bundle::{self, Terms, Untrusted};
use clap::Args;

use super::Exit;
use super::allowance::{self, Allowance, Gate};
use super::args::Global;
use super::failure::Failure;
use super::site::{self, Place, Watch};
use super::terminal::Terminal;

/// The arguments of `apply`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A bundle or a release manifest: a file, or its https:// URL, which for a release manifest ends in .json
    #[arg(value_name = "BUNDLE|URL|RELEASE-MANIFEST")]
    bundle: OsString,
    #[command(flatten)]
    place: Place,
    /// A public key that is trusted: a file, or the key itself; once for each
    #[arg(long, value_name = "PUBKEY")]
    trust: Vec<String>,
    /// How many of the trusted keys have to have signed
    #[arg(long, value_name = "K", default_value_t = 1)]
    threshold: usize,
    /// The SHA-256 that the file has to have
    #[arg(long, value_name = "HEX")]
    sha256: Option<bundle::Digest>,
    /// Keeps no backup: a later rollback is not possible
    #[arg(long)]
    no_backup: bool,
    /// Checks everything and changes nothing
    #[arg(long)]
    dry_run: bool,
    /// Hazards that the plan may have besides rewrite and lock: data-loss, may-fail, incompatible, semantics, or all
    #[arg(long, value_name = "HAZARD,…", value_delimiter = ',', value_parser = allowance::words())]
    allow: Option<Vec<Allowance>>,
    /// Takes a bundle that nobody trusted has signed
    #[arg(long)]
    allow_unsigned: bool,
    /// Takes a bundle that leads to an older version than was installed before
    #[arg(long)]
    allow_downgrade: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let config = site::local(global, terminal)?;
    let site = arguments.place.site(&config)?;
    let trust = site::trust(&arguments.trust, arguments.threshold)?;
    let allow = Gate::permit(arguments.allow.as_deref(), &config.settings, terminal);
    let path = PathBuf::from(&arguments.bundle);
    let url = arguments.bundle.to_str().filter(|text| !path.exists() && is_url(text));
    let signatures = match url {
        Some(_) => Vec::new(),
        None => bundle::signatures_beside(&path).map_err(|why| Failure::wrong(why.to_string()))?,
    };
    let request = Request {
        bundle: url.map_or(From::File(&path), From::Url),
        terms: Terms {
            trust: trust.as_ref(),
            untrusted: if arguments.allow_unsigned { Untrusted::Allow } else { Untrusted::Refuse },
            product: None,
            sha256: arguments.sha256,
            signatures,
            limits: bundle::Limits::default(),
        },
        download: DownloadLimits::default(),
        proxy: site::proxy,
        backup: !arguments.no_backup,
        dry_run: arguments.dry_run,
        allow: &allow,
        may_go_down: arguments.allow_downgrade,
    };
    let mut watch = Watch::new(terminal, global);
    let report = apply::apply(&site, &request, &mut |event| watch.take(event));
    drop(watch);
    let report = report.map_err(|error| site::failure(&error, &site.root))?;
    let to = report.to.unwrap_or_default();
    let from = report.from.map_or_else(String::new, |from| format!(" (it was {from})"));
    let line = match report.done {
        Some(Done::Checked) => format!("would be applied: version {to}{from}; nothing was changed\n"),
        None => format!("nothing to do: the release has nothing newer than version {to}, which is installed\n"),
        Some(_) => format!("version {to} is installed{from}\n"),
    };
    terminal.print(&line)?;
    Ok(Exit::Done)
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))
}

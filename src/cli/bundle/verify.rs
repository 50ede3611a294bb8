//! `alterplan bundle inspect` and `verify`.

use std::fs::File;
use std::path::PathBuf;

use alterplan::bundle::{Bundle, Digest, Downgrade, Inspection, Terms, Untrusted, Verified, open, signatures_beside};
use clap::{Args, ValueEnum};

use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

use super::trust::TrustOptions;
use super::watch::Watch;

/// The arguments of `bundle inspect` and `bundle verify`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The bundle
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    trust: TrustOptions,
    /// The digest that the file has to have
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// How to write what it is
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    format: Format,
}

/// How something is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl Arguments {
    fn open(&self, untrusted: Untrusted) -> Result<Bundle<File>, Failure> {
        let trust = self.trust.trust()?;
        let sha256 = self.sha256.as_deref().map(|hex| hex.strip_prefix("sha256:").unwrap_or(hex).parse::<Digest>());
        let terms = Terms {
            trust: trust.as_ref(),
            untrusted,
            product: self.trust.product.as_deref(),
            sha256: sha256.transpose().map_err(|why| Failure::wrong(format!("--sha256: {why}")))?,
            signatures: signatures_beside(&self.file)?,
            ..Terms::default()
        };
        let bundle = open(&self.file, &terms)?;
        if let (Some(store), Some(product)) = (self.trust.store()?, self.trust.product.as_deref()) {
            let downgrade = if self.trust.allow_downgrade { Downgrade::Allow } else { Downgrade::Refuse };
            store.admit(product, bundle.manifest().version, None, downgrade)?;
        }
        Ok(bundle)
    }
}

/// Runs `bundle inspect`: looks at what a bundle says of itself, whoever has signed it. Where trusted keys are given, they
/// must have.
pub(super) fn inspect(arguments: &Arguments, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let demands = arguments.trust.trust()?.is_some() && !arguments.trust.allow_unsigned;
    let bundle = arguments.open(if demands { Untrusted::Refuse } else { Untrusted::Allow })?;
    let inspection = Inspection::of(&bundle);
    match arguments.format {
        Format::Text => terminal.print(inspection.text())?,
        Format::Json => terminal.print(inspection.json())?,
    }
    Ok(Exit::Done)
}

/// Runs `bundle verify`.
pub(super) fn verify(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let untrusted = if arguments.trust.allow_unsigned { Untrusted::Allow } else { Untrusted::Refuse };
    let mut bundle = arguments.open(untrusted)?;
    let verified = bundle.verify(&mut Watch::new(global.quiet))?;
    let text = match arguments.format {
        Format::Text => text(&bundle, verified),
        Format::Json => json(&bundle, verified)?,
    };
    terminal.print(&text)?;
    Ok(Exit::Done)
}

fn text(bundle: &Bundle<File>, verified: Verified) -> String {
    let (manifest, standing) = (bundle.manifest(), bundle.standing());
    let from = manifest.base.map(|base| format!("{base} → ")).unwrap_or_default();
    let signers: Vec<String> = standing.signers().filter(|s| s.is_trusted).map(|s| s.key.to_string()).collect();
    let by = match signers.as_slice() {
        [] => "not signed by anybody who is trusted".to_owned(),
        signers => format!("signed by {} ({} needed)", signers.join(", "), standing.threshold()),
    };
    format!("{} {from}{}: whole, {by}\nsha256:{}\n", manifest.product, manifest.version, verified.sha256)
}

fn json(bundle: &Bundle<File>, verified: Verified) -> Result<String, Failure> {
    let standing = bundle.standing();
    let signatures: Vec<serde_json::Value> = standing
        .signers()
        .map(|signer| serde_json::json!({ "key": signer.key.to_string(), "trusted": signer.is_trusted }))
        .collect();
    let document = serde_json::json!({
        "verified": true,
        "sha256": verified.sha256,
        "length": verified.length,
        "product": bundle.manifest().product,
        "version": bundle.manifest().version,
        "base": bundle.manifest().base,
        "trusted": standing.is_trusted(),
        "threshold": standing.threshold(),
        "signatures": signatures,
    });
    Ok(serde_json::to_string_pretty(&document).map_err(|why| Failure::wrong(why.to_string()))? + "\n")
}

//! `alterplan bundle build`.

use std::fs;
use std::path::{Path, PathBuf};

use alterplan::bundle::{Build, Built, Digest, OperationsFile, Version, build, human_size};
use alterplan::document::Plan;
use clap::Args;

use crate::cli::Exit;
use crate::cli::allowance::Gate;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

use super::watch::Watch;
use super::{cannot_read, secret_key, write_whole};

/// The arguments of `bundle build`.
#[derive(Args)]
pub(super) struct Arguments {
    /// The product that it is for: a bundle of another product is refused [default: the one of alterplan.yaml, or else `default`]
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
    /// The version that it leads to: major.minor.patch, with a fourth part for a patch of that release
    #[arg(long, value_name = "VERSION")]
    version: Version,
    /// The version that it starts from; without it, the bundle is a full release
    #[arg(long, value_name = "VERSION")]
    base: Option<Version>,
    /// The platform that it is for, such as x86_64
    #[arg(long, value_name = "NAME")]
    platform: Option<String>,
    /// The tree that is installed
    #[arg(long, value_name = "DIR")]
    old_tree: Option<PathBuf>,
    /// The tree that is to be installed
    #[arg(long, value_name = "DIR", required_unless_present = "operations")]
    new_tree: Option<PathBuf>,
    /// What to replace and to delete, as YAML or JSON; without it, whatever differs between the trees
    #[arg(long, value_name = "FILE")]
    operations: Option<PathBuf>,
    /// The plan of the schema's migration, as `diff` writes it to json or yaml
    #[arg(long, value_name = "PLAN")]
    plan: Option<PathBuf>,
    /// Packs changed files as what makes them of the old ones, where that is smaller
    #[arg(long)]
    delta: bool,
    /// Signs it with a secret key
    #[arg(long, value_name = "SECRET")]
    key: Option<PathBuf>,
    /// Something for people
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    /// Where to write it
    #[arg(long, short, value_name = "FILE.tar.gz")]
    output: PathBuf,
}

/// Runs the command.
pub(super) fn run(arguments: &Arguments, global: &Global, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let list = arguments.operations.as_deref().map(Listed::read).transpose()?;
    let old = arguments.old_tree.clone().or_else(|| list.as_ref()?.old_tree.clone());
    let new = arguments.new_tree.clone().or_else(|| Some(list.as_ref()?.new_tree.clone()));
    let new = new.ok_or_else(|| Failure::wrong("there is no tree to build from").help("`--new-tree DIR`"))?;
    for tree in old.iter().chain([&new]) {
        refuse_output_within(&arguments.output, tree)?;
    }
    let plan = arguments.plan.as_deref().map(read_plan).transpose()?;
    if let (Some(plan), Some(gate)) = (&plan, Gate::of(None, &global.project.config.settings, terminal)) {
        gate.check(plan)?;
    }
    let key = arguments.key.as_deref().map(secret_key).transpose()?;
    let product = arguments.product.as_deref().unwrap_or_else(|| global.project.product());
    let recipe = Build {
        base: arguments.base,
        platform: arguments.platform.clone(),
        notes: arguments.notes.clone().or_else(|| list.as_ref()?.file.notes.clone()),
        old: old.as_deref(),
        operations: list.as_ref().map(|list| list.file.operations()).transpose()?,
        plan: plan.as_ref(),
        deltas: arguments.delta,
        key: key.as_ref(),
        measure_full: !global.quiet && arguments.base.is_some(),
        ..Build::new(product, arguments.version, &new)
    };
    let mut watch = Watch::new(global.quiet);
    let built = write_whole(&arguments.output, |output| Ok(build(&recipe, output, &mut watch)?))?;
    drop(watch);
    if !global.quiet {
        terminal.print(&summary(&arguments.output, &built)?)?;
        if key.is_none() {
            terminal.note("the bundle is not signed; `--key SECRET` signs it");
        }
    }
    Ok(Exit::Done)
}

/// An operations file, and the trees that it names.
struct Listed {
    file: OperationsFile,
    new_tree: PathBuf,
    old_tree: Option<PathBuf>,
}

impl Listed {
    fn read(path: &Path) -> Result<Self, Failure> {
        let text = fs::read_to_string(path).map_err(cannot_read(path))?;
        let file =
            OperationsFile::parse(&text).map_err(|why| Failure::wrong(format!("`{}`: {why}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let beside = |tree: &Path| if folder.as_os_str().is_empty() { tree.to_owned() } else { folder.join(tree) };
        let new_tree = beside(file.new_tree.as_deref().unwrap_or(Path::new(".")));
        let old_tree = file.old_tree.as_deref().map(beside);
        Ok(Self { file, new_tree, old_tree })
    }
}

/// A bundle that is written into a tree would become a part of what it is built from.
fn refuse_output_within(output: &Path, tree: &Path) -> Result<(), Failure> {
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (fs::canonicalize(folder), fs::canonicalize(tree)) {
        (Ok(folder), Ok(tree)) if folder.starts_with(&tree) => Err(Failure::wrong(format!(
            "`{}` would be written into the tree `{}` that is packed",
            output.display(),
            tree.display()
        ))),
        // What is not there is told when it is read or written.
        (Ok(_) | Err(_), _) => Ok(()),
    }
}

/// Reads a plan: JSON is YAML, too.
fn read_plan(path: &Path) -> Result<Plan, Failure> {
    let text = fs::read_to_string(path).map_err(cannot_read(path))?;
    let plan: Plan = serde_yaml::from_str(&text)
        .map_err(|why| Failure::wrong(format!("`{}` is no plan: {why}", path.display())).help(PLAN_HELP))?;
    if plan.format != "alterplan-plan" || plan.version != 1 {
        return Err(Failure::wrong(format!("`{}` is no plan of version 1", path.display())).help(PLAN_HELP));
    }
    Ok(plan)
}

const PLAN_HELP: &str = "`alterplan diff OLD NEW -o plan.json` writes one";

fn summary(output: &Path, built: &Built) -> Result<String, Failure> {
    let mut file = fs::File::open(output).map_err(cannot_read(output))?;
    let (sha256, _) = Digest::of_reader(&mut file).map_err(cannot_read(output))?;
    let deltas = built.manifest.entries.iter().filter(|entry| entry.delta.is_some()).count();
    let mut text = format!(
        "{}: {}, unpacks to {}\n{}",
        output.display(),
        human_size(built.length),
        human_size(built.manifest.unpacked_size()),
        built.manifest.tally(),
    );
    if deltas > 0 {
        text.push_str(&format!("; {deltas} as deltas"));
    }
    if let Some(full) = built.full {
        let tenths = u128::from(built.length) * 1000 / u128::from(full.max(1));
        text.push_str(&format!("\n{}.{} % of a full release ({})", tenths / 10, tenths % 10, human_size(full)));
    }
    text.push_str(&format!("\nsha256:{sha256}\n"));
    Ok(text)
}

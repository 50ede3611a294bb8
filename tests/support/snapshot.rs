//! Snapshots by stage: `snapshots/<stage>/<name>.snap`.

use alterplan::target::Target;

/// A target as part of a file's name.
pub fn file_name(target: Target) -> String {
    target.to_string().replace([':', '.'], "")
}

/// Compares a text with its snapshot.
pub fn check(stage: &str, name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("{}/snapshots/{stage}", env!("CARGO_MANIFEST_DIR")));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

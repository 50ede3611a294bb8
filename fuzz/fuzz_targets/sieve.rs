//! Whatever the bytes and the pieces that they come in: what the sieve keeps reads as the whole does.
//!
//! The first byte chooses the target, the second the size of the pieces.

#![no_main]

use alterplan::catalog::Session;
use alterplan::catalog::script;
use alterplan::preprocess::Sieve;
use alterplan::render::definition;
use alterplan::source::Source;
use alterplan::target::Target;
use libfuzzer_sys::fuzz_target;

fn all_of(source: Source, target: Target) -> String {
    let sources = [source];
    let script = script::load(&sources, target, Session::of(target));
    let errors: Vec<_> = script
        .errors
        .iter()
        .map(|e| (e.number, &e.message, e.hint, sources[0].position(e.location.span.start)))
        .collect();
    let places: Vec<_> =
        script.schema.tables().map(|(_, table)| sources[0].position(table.location.span.start)).collect();
    format!("{}\n{errors:?}\n{places:?}\n{:?}", definition::script(&script.schema, target), script.set_aside)
}

fuzz_target!(|bytes: &[u8]| {
    let [which, size, text @ ..] = bytes else { return };
    let name = if which % 2 == 0 { "mysql:8.4" } else { "mariadb:10.11" };
    let Ok(target) = name.parse::<Target>() else { return };
    let mut sieve = Sieve::new(target, Session::of(target).lexis());
    for piece in text.chunks(usize::from(*size) + 1) {
        sieve.push(piece);
    }
    assert_eq!(all_of(sieve.finish("a.sql"), target), all_of(Source::new("a.sql", text), target));
});

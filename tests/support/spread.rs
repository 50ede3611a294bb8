//! Cases spread over two lists.

/// The least step from `least` on that has no divisor with the length of a list: it meets all that is in it.
pub fn step(least: usize, length: usize) -> usize {
    let is_prime_to = |step: &usize| divisor(*step, length) == 1;
    (least.max(1)..).find(is_prime_to).unwrap_or(1)
}

/// The greatest common divisor.
fn divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { divisor(b, a % b) }
}

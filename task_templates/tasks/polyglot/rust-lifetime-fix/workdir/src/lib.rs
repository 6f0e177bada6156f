//! The longest of texts.

/// The longer of two texts; the first where both are of one length.
pub fn longest(a: &str, b: &str) -> &str {
    if b.chars().count() > a.chars().count() {
        b
    } else {
        a
    }
}

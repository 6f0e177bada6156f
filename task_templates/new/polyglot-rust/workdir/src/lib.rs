//! Initials of names.

/// The first letters of the words of a name, in capitals. White space stands between words.
pub fn initials(name: &str) -> String {
    name.split(' ')
        .map(|word| word.chars().next().unwrap().to_ascii_uppercase())
        .collect()
}

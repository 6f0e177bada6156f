use initials::initials;

#[test]
fn one_word() {
    assert_eq!(initials("ada"), "A");
}

#[test]
fn two_words() {
    assert_eq!(initials("Ada Lovelace"), "AL");
}

#[test]
fn several_blanks() {
    assert_eq!(initials("Ada  Lovelace"), "AL");
}

#[test]
fn blanks_around() {
    assert_eq!(initials(" ada\tlovelace "), "AL");
}

#[test]
fn no_word() {
    assert_eq!(initials("  "), "");
}

use initials::initials;

#[test]
fn one_word() {
    assert_eq!(initials("ada"), "A");
}

#[test]
fn two_words() {
    assert_eq!(initials("Ada Lovelace"), "AL");
}

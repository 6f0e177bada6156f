use longest::longest;

#[test]
fn longer_text_is_given() {
    assert_eq!(longest("oak", "birch"), "birch");
    assert_eq!(longest("birch", "oak"), "birch");
}

#[test]
fn first_of_two_of_one_length_is_given() {
    assert_eq!(longest("oak", "elm"), "oak");
    assert_eq!(longest("\u{e9}l\u{e9}", "elm"), "\u{e9}l\u{e9}");
}

#[test]
fn text_outlives_the_call() {
    let texts = vec!["ash".to_string(), "willow".to_string(), "yew".to_string()];
    let found = texts.iter().fold("", |best, text| longest(best, text));
    assert_eq!(found, "willow");
}

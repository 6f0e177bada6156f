use labels::join_with;

#[test]
fn one_item() {
    assert_eq!(join_with("no. ".to_string(), &["7"]), ["no. 7"]);
}

#[test]
fn several_items_keep_their_order() {
    let joined = join_with("x-".to_string(), &["b", "a", "b"]);
    assert_eq!(joined, ["x-b", "x-a", "x-b"]);
}

#[test]
fn no_items() {
    assert!(join_with("x".to_string(), &[]).is_empty());
}

#[test]
fn empty_prefix() {
    assert_eq!(join_with(String::new(), &["a", ""]), ["a", ""]);
}

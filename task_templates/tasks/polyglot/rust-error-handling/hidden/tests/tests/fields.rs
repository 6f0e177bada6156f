use fields::{parse_fields, FieldError};

fn error(index: usize, value: &str) -> FieldError {
    FieldError {
        index,
        value: value.to_string(),
    }
}

#[test]
fn no_fields() {
    assert_eq!(parse_fields(&[]), Ok(vec![]));
}

#[test]
fn several_numbers() {
    assert_eq!(parse_fields(&["7", "-12", "0"]), Ok(vec![7, -12, 0]));
}

#[test]
fn blanks_around_a_number() {
    assert_eq!(parse_fields(&[" 7", "12 "]), Ok(vec![7, 12]));
}

#[test]
fn bad_field_is_told_with_its_place() {
    assert_eq!(parse_fields(&["7", " twelve"]), Err(error(1, " twelve")));
    assert_eq!(parse_fields(&[""]), Err(error(0, "")));
}

#[test]
fn first_of_two_bad_fields_is_told() {
    assert_eq!(parse_fields(&["1", "2", "x", "y"]), Err(error(2, "x")));
}

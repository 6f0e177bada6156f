//! A shelf of books.

/// Twice the number.
///
/// ```
/// assert_eq!(shelf_core::double(2), 4);
/// ```
///
/// ```
/// assert_eq!(shelf_core::double(2), 5);
/// ```
///
/// ```no_run
/// shelf_core::double(1);
/// ```
pub fn double(number: i32) -> i32 {
    number + number
}

pub fn unused(number: i32) -> i32 {
    if number > 0 {
        return 1;
    }
    2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes() {
        assert_eq!(double(2), 4);
    }

    #[test]
    fn fails() {
        let number = 3;
        assert_eq!(
            double(number),
            7,
            "of a number"
        );
    }

    #[test]
    fn returns_an_error() -> Result<(), String> {
        Err("no shelf".to_string())
    }

    #[test]
    #[should_panic(expected = "full")]
    fn panics_as_it_should() {
        panic!("the shelf is full");
    }

    #[test]
    #[should_panic]
    fn does_not_panic() {}

    #[test]
    #[ignore]
    fn ignored() {}
}

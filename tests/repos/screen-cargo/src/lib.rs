//! One function for each trap that the screen must not fall into.

/// In capitals.
///
/// ```
/// assert_eq!(trap::shout("a"), "A");
/// ```
///
/// ```should_panic
/// assert_eq!(trap::shout("a"), "a");
/// ```
pub fn shout(word: &str) -> String {
    word.to_uppercase()
}

pub fn all(a: bool, b: bool, c: bool) -> bool {
    a && b && c
}

pub fn stop_if(bad: bool) -> u32 {
    if bad {
        std::process::abort();
    }
    1
}

pub fn count_to(limit: u32) -> u32 {
    let mut n = 0;
    while n < limit {
        n += 1;
    }
    n
}

pub fn only_zero(n: u32) -> u32 {
    if n > 0 {
        panic!("not zero");
    }
    count_to(n)
}

pub fn rest(millis: u64) {
    std::thread::sleep(std::time::Duration::from_millis(millis * 3));
}

pub const fn width(n: u32) -> u32 {
    n + 1
}

pub const SIZE: usize = 3;

pub fn table() -> [u8; SIZE] {
    [0; SIZE]
}

pub fn sum_below(limit: u32) -> u32 {
    let below = 0..limit;
    below.sum()
}

pub fn evens(limit: u32) -> impl Iterator<Item = u32> {
    (0..limit).filter(|n| n % 2 == 0)
}

pub fn first_word(text: &str) -> &str {
    let Some(word) = text.split(' ').next() else {
        return "";
    };
    if word.is_empty() {
        return "none";
    }
    return word;
}

pub fn needs_unsafe(items: &[u8]) -> u8 {
    unsafe { *items.as_ptr() }
}

#[track_caller]
pub fn line_of_caller() -> u32 {
    std::panic::Location::caller().line()
}

pub fn own_line() -> u32 {
    let lines = vec![
        line!(),
        line_of_caller(), // 87
    ];
    // A comment that a copy on one line must not swallow the rest of.
    let text = "two
lines";
    lines[1] + text.lines().count() as u32
}

pub fn total(items: &[u32]) -> u32 {
    let mut sum = 0;
    for item in items {
        sum += item;
    }
    // Removed in one mutant, with the line below: what follows moves up.
    sum += 1;
    sum
}

pub fn folded(items: &[u32]) -> Vec<u32> {
    let mut out = Vec::new();
    let mut left = items.len();
    while left > 0 {
        left -= 1;
        out.push(items[left]);
    }
    out
}

pub fn doubled(n: u32) -> u32 {
    inner::twice(n)
}

pub fn adder(n: u32) -> impl Fn(u32) -> u32 {
    move |m| m + n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds() {
        assert_eq!(adder(2)(3), 5);
    }

    #[test]
    fn a_stops() {
        assert_eq!(stop_if(false), 1);
    }

    #[test]
    fn all_of_three() {
        assert!(all(true, true, true));
        assert!(!all(true, false, false));
    }

    #[test]
    fn counts_far() {
        assert_eq!(count_to(1000), 1000);
    }

    #[test]
    fn counts_in_a_thread() {
        let thread = std::thread::spawn(|| count_to(7));
        assert_eq!(thread.join().ok(), Some(7));
    }

    #[test]
    fn counts_short() {
        assert_eq!(count_to(1), 1);
    }

    #[test]
    fn doubles() {
        assert_eq!(doubled(4), 8);
    }

    #[test]
    fn evens_below() {
        assert_eq!(evens(5).collect::<Vec<_>>(), [0, 2, 4]);
    }

    #[test]
    fn finds_words() {
        assert_eq!(first_word("a b"), "a");
        assert_eq!(first_word(" b"), "none");
    }

    #[test]
    fn folds() {
        assert_eq!(folded(&[1, 2]), [2, 1]);
    }

    #[test]
    fn has_a_table() {
        assert_eq!(table().len(), 3);
    }

    #[test]
    fn knows_its_lines() {
        assert_eq!(own_line(), 87 + 2);
    }

    #[test]
    #[should_panic]
    fn panics_above_zero() {
        only_zero(1);
    }

    #[test]
    fn rests() {
        rest(50);
    }

    #[test]
    fn reads_one() {
        assert_eq!(needs_unsafe(&[9]), 9);
    }

    #[test]
    fn sums() {
        assert_eq!(sum_below(4), 6);
    }

    #[test]
    fn totals() {
        let items = [1, 2];
        assert_eq!(total(&items), 4);
    }

    #[test]
    fn width_of_one() {
        assert_eq!(width(1), 2);
    }

    #[test]
    fn z_stops_again() {
        assert_eq!(stop_if(false), 1);
        assert_eq!(shout("z"), "Z");
    }
}

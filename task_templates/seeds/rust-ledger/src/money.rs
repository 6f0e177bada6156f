//! Amounts in whole cents.

use crate::error::LedgerError;

/// Reads an amount such as `12.50`, `-3` or `+0.7`.
///
/// ```
/// assert_eq!(ledger::money::parse_cents("-12.5"), Ok(-1250));
/// ```
pub fn parse_cents(text: &str) -> Result<i64, LedgerError> {
    let bad = || LedgerError::BadAmount(text.to_string());
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || rest.len() > 2 {
        return Err(bad());
    }
    if !whole
        .chars()
        .chain(rest.chars())
        .all(|c| c.is_ascii_digit())
    {
        return Err(bad());
    }
    let units: i64 = whole.parse().map_err(|_| bad())?;
    let mut cents: i64 = rest.parse().unwrap_or(0);
    if rest.len() == 1 {
        cents *= 10;
    }
    let total = units
        .checked_mul(100)
        .and_then(|sum| sum.checked_add(cents))
        .ok_or_else(bad)?;
    Ok(if negative { -total } else { total })
}

/// Writes an amount with two decimals: `-0.05`.
pub fn format_cents(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let size = cents.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

/// Adds up amounts.
///
/// An overflow is a [`LedgerError::BadAmount`] with the text `overflow`.
pub fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, LedgerError> {
    let mut total: i64 = 0;
    for amount in amounts {
        total = total
            .checked_add(amount)
            .ok_or_else(|| LedgerError::BadAmount("overflow".to_string()))?;
    }
    Ok(total)
}

/// Shares an amount out in equal parts; cents left over go to the first ones.
///
/// No parts give an empty list.
pub fn share(cents: i64, parts: usize) -> Vec<i64> {
    if parts == 0 {
        return Vec::new();
    }
    let count = parts as i64;
    let each = cents.div_euclid(count);
    let rest = cents.rem_euclid(count) as usize;
    (0..parts)
        .map(|part| if part < rest { each + 1 } else { each })
        .collect()
}

/// `percent` of an amount, half a cent rounded away from zero.
pub fn percent_of(cents: i64, percent: i64) -> i64 {
    let scaled = cents * percent;
    let half = if scaled < 0 { -50 } else { 50 };
    (scaled + half) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_cents() {
        assert_eq!(parse_cents("12.50"), Ok(1250));
        assert_eq!(parse_cents("12.5"), Ok(1250));
        assert_eq!(parse_cents("12.05"), Ok(1205));
        assert_eq!(parse_cents(" 3 "), Ok(300));
        assert_eq!(parse_cents("3."), Ok(300));
        assert_eq!(parse_cents("+0.7"), Ok(70));
        assert_eq!(parse_cents(" +8 "), Ok(800));
        assert_eq!(parse_cents(" -9 "), Ok(-900));
        assert_eq!(parse_cents("-0.07"), Ok(-7));
    }

    #[test]
    fn other_texts_are_no_amounts() {
        for text in [
            "", "-", ".5", "1.234", "1,5", "1.x", "x.1", "--1", "+-1", "1 0",
        ] {
            assert_eq!(
                parse_cents(text),
                Err(LedgerError::BadAmount(text.to_string()))
            );
        }
    }

    #[test]
    fn large_amounts_are_refused() {
        assert_eq!(parse_cents("92233720368547758.07"), Ok(i64::MAX));
        for text in [
            "92233720368547758.08",
            "92233720368547759",
            "99999999999999999999",
        ] {
            assert_eq!(
                parse_cents(text),
                Err(LedgerError::BadAmount(text.to_string()))
            );
        }
    }

    #[test]
    fn amounts_are_written_with_two_decimals() {
        assert_eq!(format_cents(1250), "12.50");
        assert_eq!(format_cents(-1205), "-12.05");
        assert_eq!(format_cents(-5), "-0.05");
        assert_eq!(format_cents(0), "0.00");
    }

    #[test]
    fn sums_add_up() {
        assert_eq!(sum([5, -7, 10]), Ok(8));
        assert_eq!(sum([]), Ok(0));
    }

    #[test]
    fn sums_refuse_overflow() {
        let overflow = Err(LedgerError::BadAmount("overflow".to_string()));

        assert_eq!(sum([i64::MAX, 1]), overflow);
        assert_eq!(sum([i64::MIN, -1]), overflow);
    }

    #[test]
    fn shares_are_equal_up_to_a_cent() {
        assert_eq!(share(100, 3), [34, 33, 33]);
        assert_eq!(share(101, 3), [34, 34, 33]);
        assert_eq!(share(99, 3), [33, 33, 33]);
        assert_eq!(share(-100, 3), [-33, -33, -34]);
        assert_eq!(share(5, 1), [5]);
    }

    #[test]
    fn nothing_is_shared_among_nobody() {
        assert_eq!(share(100, 0), Vec::<i64>::new());
    }

    #[test]
    fn percents_are_rounded_away_from_zero() {
        assert_eq!(percent_of(1000, 19), 190);
        assert_eq!(percent_of(50, 1), 1);
        assert_eq!(percent_of(49, 1), 0);
        assert_eq!(percent_of(-50, 1), -1);
        assert_eq!(percent_of(-49, 1), 0);
        assert_eq!(percent_of(50, -1), -1);
        assert_eq!(percent_of(0, 19), 0);
    }
}

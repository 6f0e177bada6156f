//! Calendar dates.

use std::fmt;

use crate::error::LedgerError;

const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// A day; earlier days compare as less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i32,
    month: u32,
    day: u32,
}

impl Date {
    /// Makes a date from year 1 on, or says that there is no such day.
    pub fn new(year: i32, month: u32, day: u32) -> Result<Self, LedgerError> {
        let known = year >= 1 && (1..=12).contains(&month);
        if !known || day < 1 || day > days_in_month(year, month) {
            return Err(LedgerError::BadDate(format!("{year}-{month}-{day}")));
        }
        Ok(Self { year, month, day })
    }

    /// Reads `2024-01-31`.
    ///
    /// ```
    /// use ledger::Date;
    ///
    /// assert_eq!(Date::parse("2024-01-31"), Date::new(2024, 1, 31));
    /// ```
    pub fn parse(text: &str) -> Result<Self, LedgerError> {
        let parts: Vec<&str> = text.trim().split('-').collect();
        if parts.len() != 3 {
            return Err(LedgerError::BadDate(text.to_string()));
        }
        let number = |part: &str| {
            part.parse::<u32>()
                .map_err(|_| LedgerError::BadDate(text.to_string()))
        };
        Self::new(
            number(parts[0])? as i32,
            number(parts[1])?,
            number(parts[2])?,
        )
    }

    /// Year and month, for grouping.
    pub fn month(self) -> (i32, u32) {
        (self.year, self.month)
    }

    /// The same day a month later, or that month's last day.
    pub fn next_month(self) -> Self {
        let (year, month) = if self.month == 12 {
            (self.year + 1, 1)
        } else {
            (self.year, self.month + 1)
        };
        let day = self.day.min(days_in_month(year, month));
        Self { year, month, day }
    }

    /// The number of the day in its year, from 1.
    pub fn day_of_year(self) -> u32 {
        let mut days = self.day;
        for month in 1..self.month {
            days += days_in_month(self.year, month);
        }
        days
    }

    /// Whether the date is in `first..=last`.
    pub fn is_between(self, first: Date, last: Date) -> bool {
        first <= self && self <= last
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Whether a year has 366 days.
pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: u32) -> u32 {
    if month == 2 && is_leap(year) {
        return 29;
    }
    DAYS[month as usize - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn leap_years_follow_the_three_rules() {
        assert!(is_leap(2024));
        assert!(is_leap(2000));
        assert!(!is_leap(1900));
        assert!(!is_leap(2023));
    }

    #[test]
    fn first_and_last_days_exist() {
        for (year, month, day) in [(1, 1, 1), (2024, 2, 29), (2023, 12, 31), (2023, 4, 30)] {
            assert_eq!(Date::new(year, month, day), Ok(Date { year, month, day }));
        }
    }

    #[test]
    fn other_days_do_not_exist() {
        for (year, month, day, text) in [
            (0, 1, 1, "0-1-1"),
            (2024, 0, 1, "2024-0-1"),
            (2024, 13, 1, "2024-13-1"),
            (2024, 1, 0, "2024-1-0"),
            (2023, 2, 29, "2023-2-29"),
            (2024, 4, 31, "2024-4-31"),
        ] {
            assert_eq!(
                Date::new(year, month, day),
                Err(LedgerError::BadDate(text.to_string()))
            );
        }
    }

    #[test]
    fn dates_are_read_and_written() {
        assert_eq!(date(" 2024-01-31 ").to_string(), "2024-01-31");
        assert_eq!(date("812-3-7").to_string(), "0812-03-07");
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "",
            "2024-01",
            "2024-01-31-1",
            "2024-x-31",
            "x-1-1",
            "2024-1-x",
        ] {
            assert_eq!(
                Date::parse(text),
                Err(LedgerError::BadDate(text.to_string()))
            );
        }
    }

    #[test]
    fn dates_are_in_order() {
        assert!(date("2023-12-31") < date("2024-01-01"));
        assert!(date("2024-01-31") < date("2024-02-01"));
        assert_eq!(date("2024-03-05").month(), (2024, 3));
    }

    #[test]
    fn next_month_keeps_the_day_where_it_can() {
        assert_eq!(date("2024-03-15").next_month(), date("2024-04-15"));
        assert_eq!(date("2024-01-31").next_month(), date("2024-02-29"));
        assert_eq!(date("2024-11-30").next_month(), date("2024-12-30"));
        assert_eq!(date("2024-12-31").next_month(), date("2025-01-31"));
    }

    #[test]
    fn days_are_counted_from_new_year() {
        assert_eq!(date("2024-01-01").day_of_year(), 1);
        assert_eq!(date("2024-03-01").day_of_year(), 61);
        assert_eq!(date("2023-12-31").day_of_year(), 365);
    }

    #[test]
    fn both_ends_are_between() {
        let (first, last) = (date("2024-01-10"), date("2024-01-20"));

        assert!(first.is_between(first, last));
        assert!(last.is_between(first, last));
        assert!(!date("2024-01-09").is_between(first, last));
        assert!(!date("2024-01-21").is_between(first, last));
    }
}

//! One entry of a ledger.

use crate::account::normal_name;
use crate::date::Date;
use crate::error::LedgerError;
use crate::money::sum;

/// An amount in cents that goes into an account, or out of it if negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub account: String,
    pub cents: i64,
}

/// Postings that add up to zero, on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub date: Date,
    pub text: String,
    pub postings: Vec<Posting>,
}

impl Entry {
    /// Makes an entry from pairs of account and amount.
    ///
    /// At most one amount may be left out: it becomes what makes the sum zero. Two missing ones
    /// are an error, as is a sum other than zero.
    pub fn new(
        date: Date,
        text: &str,
        amounts: &[(&str, Option<i64>)],
    ) -> Result<Self, LedgerError> {
        if amounts.len() < 2 {
            return Err(LedgerError::TooFewPostings(amounts.len()));
        }
        let total = sum(amounts.iter().filter_map(|(_, cents)| *cents))?;
        let open = amounts.iter().filter(|(_, cents)| cents.is_none()).count();
        if open > 1 {
            return Err(LedgerError::BadAmount(format!("{open} amounts missing")));
        }
        if open == 0 && total != 0 {
            return Err(LedgerError::Unbalanced(total));
        }
        let mut postings = Vec::new();
        for (account, cents) in amounts {
            postings.push(Posting {
                account: normal_name(account)?,
                cents: cents.unwrap_or(-total),
            });
        }
        Ok(Self {
            date,
            text: text.trim().to_string(),
            postings,
        })
    }

    /// What the entry changes on an account.
    pub fn change_of(&self, account: &str) -> i64 {
        self.postings
            .iter()
            .filter(|posting| posting.account == account)
            .map(|posting| posting.cents)
            .sum()
    }

    /// The sum of all positive postings.
    pub fn volume(&self) -> i64 {
        self.postings
            .iter()
            .map(|posting| posting.cents.max(0))
            .sum()
    }

    /// The same entry the other way round, on another day.
    pub fn reversed(&self, date: Date) -> Self {
        let mut entry = self.clone();
        entry.date = date;
        entry.text = format!("reversal: {}", self.text);
        for posting in &mut entry.postings {
            posting.cents = -posting.cents;
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> Date {
        Date::new(2024, 1, 31).unwrap()
    }

    #[test]
    fn entry_keeps_what_it_is_made_of() {
        let entry = Entry::new(
            day(),
            " Rent ",
            &[("Expenses:Rent", Some(500)), ("assets:bank", Some(-500))],
        )
        .unwrap();

        assert_eq!(entry.date, day());
        assert_eq!(entry.text, "Rent");
        assert_eq!(entry.postings[0].account, "expenses:rent");
        assert_eq!(entry.postings[1].account, "assets:bank");
        assert_eq!(
            (entry.postings[0].cents, entry.postings[1].cents),
            (500, -500)
        );
    }

    #[test]
    fn missing_amount_makes_the_sum_zero() {
        let entry = Entry::new(
            day(),
            "",
            &[
                ("expenses:rent", Some(500)),
                ("assets:bank", None),
                ("expenses:power", Some(70)),
            ],
        )
        .unwrap();

        assert_eq!(entry.change_of("assets:bank"), -570);
    }

    #[test]
    fn two_missing_amounts_are_an_error() {
        assert_eq!(
            Entry::new(day(), "", &[("assets:a", None), ("assets:b", None)]),
            Err(LedgerError::BadAmount("2 amounts missing".to_string()))
        );
    }

    #[test]
    fn unbalanced_entry_is_an_error() {
        assert_eq!(
            Entry::new(day(), "", &[("assets:a", Some(5)), ("assets:b", Some(-3))]),
            Err(LedgerError::Unbalanced(2))
        );
    }

    #[test]
    fn one_posting_is_not_enough() {
        assert_eq!(
            Entry::new(day(), "", &[("assets:a", Some(0))]),
            Err(LedgerError::TooFewPostings(1))
        );
    }

    #[test]
    fn bad_names_and_sums_come_through() {
        assert_eq!(
            Entry::new(day(), "", &[("assets", Some(1)), ("assets:b", None)]),
            Err(LedgerError::BadName("assets".to_string()))
        );
        assert_eq!(
            Entry::new(
                day(),
                "",
                &[("assets:a", Some(i64::MAX)), ("assets:b", Some(1))]
            ),
            Err(LedgerError::BadAmount("overflow".to_string()))
        );
    }

    #[test]
    fn change_adds_all_postings_of_an_account() {
        let entry = Entry::new(
            day(),
            "",
            &[
                ("assets:a", Some(5)),
                ("assets:a", Some(7)),
                ("assets:b", None),
            ],
        )
        .unwrap();

        assert_eq!(entry.change_of("assets:a"), 12);
        assert_eq!(entry.change_of("assets:c"), 0);
        assert_eq!(entry.volume(), 12);
    }

    #[test]
    fn reversed_entry_undoes_the_first() {
        let entry =
            Entry::new(day(), "Rent", &[("assets:a", Some(5)), ("assets:b", None)]).unwrap();
        let later = day().next_month();

        let back = entry.reversed(later);

        assert_eq!(back.date, later);
        assert_eq!(back.text, "reversal: Rent");
        assert_eq!(
            (back.change_of("assets:a"), back.change_of("assets:b")),
            (-5, 5)
        );
        assert_eq!(entry.change_of("assets:a"), 5);
    }
}

//! The ledger: accounts and entries.

use std::collections::BTreeMap;

use crate::account::{is_under, kind_of, normal_name, Kind};
use crate::date::Date;
use crate::entry::Entry;
use crate::error::LedgerError;

/// One line of a statement: the day, the change, and the balance after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub date: Date,
    pub change: i64,
    pub balance: i64,
}

/// Accounts with their balances, and all entries by date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    balances: BTreeMap<String, i64>,
    entries: Vec<Entry>,
}

impl Ledger {
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens an account; gives the one spelling of its name.
    pub fn open(&mut self, name: &str) -> Result<String, LedgerError> {
        let name = normal_name(name)?;
        if self.balances.contains_key(&name) {
            return Err(LedgerError::DuplicateAccount(name));
        }
        self.balances.insert(name.clone(), 0);
        Ok(name)
    }

    /// Closes an account that holds nothing.
    pub fn close(&mut self, name: &str) -> Result<(), LedgerError> {
        let account = normal_name(name)?;
        let balance = self.balance(&account)?;
        if balance != 0 {
            return Err(LedgerError::NotEmpty { account, balance });
        }
        self.balances.remove(&account);
        Ok(())
    }

    /// The balance of an account.
    pub fn balance(&self, name: &str) -> Result<i64, LedgerError> {
        let name = normal_name(name)?;
        match self.balances.get(&name) {
            Some(cents) => Ok(*cents),
            None => Err(LedgerError::UnknownAccount(name)),
        }
    }

    /// The balance of an account, or `default` where there is no such account.
    pub fn balance_or(&self, name: &str, default: i64) -> i64 {
        self.balance(name).unwrap_or(default)
    }

    /// The balance of all accounts in a group such as `assets` or `assets:bank`.
    pub fn group_balance(&self, group: &str) -> i64 {
        self.balances
            .iter()
            .filter(|(name, _)| is_under(name, group))
            .map(|(_, cents)| cents)
            .sum()
    }

    /// Names and balances of all accounts, by name.
    pub fn accounts(&self) -> impl Iterator<Item = (&str, i64)> {
        self.balances
            .iter()
            .map(|(name, cents)| (name.as_str(), *cents))
    }

    /// All entries, the earliest first; those of one day in the order they were posted.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Books an entry. All its accounts must be open, and no asset may fall below zero.
    ///
    /// Nothing is changed when that fails.
    pub fn post(&mut self, entry: Entry) -> Result<(), LedgerError> {
        let mut changed = self.balances.clone();
        for posting in &entry.postings {
            let balance = changed
                .get_mut(&posting.account)
                .ok_or_else(|| LedgerError::UnknownAccount(posting.account.clone()))?;
            *balance += posting.cents;
        }
        for posting in &entry.postings {
            let balance = changed[&posting.account];
            let account = posting.account.clone();
            if kind_of(&account) == Some(Kind::Asset) && balance < 0 && posting.cents < 0 {
                return Err(LedgerError::Overdrawn {
                    account,
                    short: -balance,
                });
            }
        }
        self.balances = changed;
        let at = self
            .entries
            .partition_point(|other| other.date <= entry.date);
        self.entries.insert(at, entry);
        Ok(())
    }

    /// Books an amount from one account to another.
    pub fn transfer(
        &mut self,
        source: &str,
        target: &str,
        cents: i64,
        date: Date,
    ) -> Result<(), LedgerError> {
        if cents <= 0 {
            return Err(LedgerError::BadAmount(cents.to_string()));
        }
        let entry = Entry::new(
            date,
            "transfer",
            &[(source, Some(-cents)), (target, Some(cents))],
        )?;
        self.post(entry)
    }

    /// Takes the last entry back, as if it had never been; gives it, or nothing if there is none.
    pub fn undo(&mut self) -> Option<Entry> {
        let entry = self.entries.pop()?;
        for posting in &entry.postings {
            *self.balances.entry(posting.account.clone()).or_insert(0) -= posting.cents;
        }
        Some(entry)
    }

    /// All changes of an account up to a day, that day included, with the running balance.
    pub fn statement(&self, name: &str, until: Date) -> Result<Vec<Line>, LedgerError> {
        let name = normal_name(name)?;
        self.balance(&name)?;
        let mut lines = Vec::new();
        let mut balance = 0;
        for entry in &self.entries {
            if entry.date > until {
                break;
            }
            let change = entry.change_of(&name);
            if change == 0 {
                continue;
            }
            balance += change;
            lines.push(Line {
                date: entry.date,
                change,
                balance,
            });
        }
        Ok(lines)
    }

    /// The balance of an account at the end of a day.
    pub fn balance_at(&self, name: &str, day: Date) -> Result<i64, LedgerError> {
        let lines = self.statement(name, day)?;
        Ok(lines.last().map_or(0, |line| line.balance))
    }
}

//! Rankings, pages and totals.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::account::{kind_of, short_name, Kind};
use crate::book::Ledger;
use crate::entry::Entry;
use crate::money::percent_of;

/// Names and balances, the largest first; equal ones by short name.
pub fn ranking(ledger: &Ledger) -> Vec<(String, i64)> {
    let mut rows: Vec<(String, i64)> = ledger
        .accounts()
        .map(|(name, cents)| (name.to_string(), cents))
        .collect();
    rows.sort_by(|left, right| {
        let by_name = || short_name(&left.0).cmp(short_name(&right.0));
        right.1.cmp(&left.1).then_with(by_name)
    });
    rows
}

/// Short names of the `count` largest accounts.
pub fn top(ledger: &Ledger, count: usize) -> Vec<String> {
    let rows = ranking(ledger);
    let end = count.min(rows.len());
    rows[..end]
        .iter()
        .map(|(name, _)| short_name(name).to_string())
        .collect()
}

/// Entries of a page, counted from 1. Page 0 and pages behind the last one are empty.
pub fn page(entries: &[Entry], number: usize, size: usize) -> &[Entry] {
    if number == 0 {
        return &[];
    }
    let start = (number - 1) * size;
    let end = (start + size).min(entries.len());
    entries.get(start..end).unwrap_or(&[])
}

/// The entry with the largest volume, the earliest of equal ones.
pub fn largest(entries: &[Entry]) -> Option<&Entry> {
    entries
        .iter()
        .min_by_key(|entry| (Reverse(entry.volume()), entry.date))
}

/// Expenses by month, `(year, month)` → cents; months without any are left out.
pub fn expenses_by_month(entries: &[Entry]) -> BTreeMap<(i32, u32), i64> {
    let mut totals = BTreeMap::new();
    for entry in entries {
        for posting in &entry.postings {
            if kind_of(&posting.account) != Some(Kind::Expense) {
                continue;
            }
            *totals.entry(entry.date.month()).or_insert(0) += posting.cents;
        }
    }
    totals.retain(|_, cents| *cents != 0);
    totals
}

/// What is left of the income after all expenses; negative if more was spent than earned.
pub fn savings(ledger: &Ledger) -> i64 {
    -ledger.group_balance("income") - ledger.group_balance("expenses")
}

/// The tax on what was saved: `rate` percent of what is above `allowance`.
pub fn tax(ledger: &Ledger, rate: i64, allowance: i64) -> i64 {
    let taxable = savings(ledger) - allowance;
    percent_of(taxable.max(0), rate)
}

/// Means of each run of `days` values, rounded down; none if there are fewer values.
pub fn moving_average(values: &[i64], days: usize) -> Vec<i64> {
    if days == 0 || values.len() < days {
        return Vec::new();
    }
    let mut means = Vec::new();
    for start in 0..=values.len() - days {
        let run = &values[start..start + days];
        means.push(run.iter().sum::<i64>().div_euclid(days as i64));
    }
    means
}

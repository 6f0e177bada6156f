//! Reading from sources that fail now and then.

use crate::book::Ledger;
use crate::error::LedgerError;
use crate::journal::parse_journal;

/// How one attempt to read ended badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It may work if tried again.
    Temporary,
    /// It will never work.
    Permanent,
}

/// Reads a text, trying again after temporary failures, `attempts` times at most.
///
/// A permanent failure ends it at once. The error tells how many attempts were made.
pub fn read_patiently<F>(attempts: u32, mut read: F) -> Result<String, LedgerError>
where
    F: FnMut(u32) -> Result<String, Failure>,
{
    let mut made = 0;
    while made < attempts {
        let result = read(made);
        made += 1;
        match result {
            Ok(text) => return Ok(text),
            Err(Failure::Permanent) => break,
            Err(Failure::Temporary) => continue,
        }
    }
    Err(LedgerError::Unavailable(made))
}

/// Milliseconds to wait before an attempt, from 0: doubling from `first`, `most` at most.
pub fn wait_ms(attempt: u32, first: u64, most: u64) -> u64 {
    if attempt == 0 {
        return 0;
    }
    let factor = 2_u64.saturating_pow(attempt - 1);
    first.saturating_mul(factor).min(most)
}

/// Posts all entries of a journal, or none of them; gives how many there were.
pub fn import(ledger: &mut Ledger, text: &str) -> Result<usize, LedgerError> {
    let entries = parse_journal(text)?;
    let count = entries.len();
    let mut updated = ledger.clone();
    for entry in entries {
        updated.post(entry)?;
    }
    *ledger = updated;
    Ok(count)
}

/// Imports the texts that can be imported; gives entries posted and indices of the bad texts.
pub fn import_all(ledger: &mut Ledger, texts: &[&str]) -> (usize, Vec<usize>) {
    let mut posted = 0;
    let mut bad = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let result = import(ledger, text);
        if result.is_err() {
            bad.push(index);
        }
        posted += result.unwrap_or(0);
    }
    (posted, bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_answer_counts() {
        let mut calls = Vec::new();

        let text = read_patiently(3, |attempt| {
            calls.push(attempt);
            Ok(format!("text {attempt}"))
        });

        assert_eq!(text, Ok("text 0".to_string()));
        assert_eq!(calls, [0]);
    }

    #[test]
    fn temporary_failures_are_tried_again() {
        let mut calls = Vec::new();

        let text = read_patiently(3, |attempt| {
            calls.push(attempt);
            if attempt < 2 {
                Err(Failure::Temporary)
            } else {
                Ok("late".to_string())
            }
        });

        assert_eq!(text, Ok("late".to_string()));
        assert_eq!(calls, [0, 1, 2]);
    }

    #[test]
    fn attempts_run_out() {
        let mut calls = 0;

        let text = read_patiently(4, |_| {
            calls += 1;
            Err(Failure::Temporary)
        });

        assert_eq!(text, Err(LedgerError::Unavailable(4)));
        assert_eq!(calls, 4);
    }

    #[test]
    fn permanent_failure_ends_at_once() {
        assert_eq!(
            read_patiently(4, |_| Err(Failure::Permanent)),
            Err(LedgerError::Unavailable(1))
        );
    }

    #[test]
    fn no_attempts_read_nothing() {
        assert_eq!(
            read_patiently(0, |_| Ok(String::new())),
            Err(LedgerError::Unavailable(0))
        );
    }

    #[test]
    fn waits_double_up_to_the_most() {
        let waits: Vec<u64> = (0..6).map(|attempt| wait_ms(attempt, 100, 700)).collect();

        assert_eq!(waits, [0, 100, 200, 400, 700, 700]);
        assert_eq!(wait_ms(99, 100, u64::MAX), u64::MAX);
    }
}

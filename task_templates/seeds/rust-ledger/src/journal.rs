//! Entries as text: a line with date and text, then indented postings.

use crate::date::Date;
use crate::entry::Entry;
use crate::error::LedgerError;
use crate::money::{format_cents, parse_cents};

/// Reads a journal. Empty lines and those that begin with `#` are skipped.
///
/// ```
/// let entries = ledger::parse_journal("2024-01-31 Rent\n  expenses:rent 5\n  assets:bank\n")?;
/// assert_eq!(entries[0].change_of("assets:bank"), -500);
/// # Ok::<(), ledger::LedgerError>(())
/// ```
pub fn parse_journal(text: &str) -> Result<Vec<Entry>, LedgerError> {
    let mut entries = Vec::new();
    let mut head: Option<Head> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') {
            match head.as_mut() {
                Some(head) => head.postings.push(read_posting(line).map_err(at(number))?),
                None => return Err(bad_line(number, "posting without an entry")),
            }
            continue;
        }
        if let Some(done) = head.take() {
            entries.push(done.finish()?);
        }
        head = Some(read_head(line, number).map_err(at(number))?);
    }
    if let Some(done) = head {
        entries.push(done.finish()?);
    }
    Ok(entries)
}

/// Writes entries as [`parse_journal`] reads them, with an empty line between two of them.
pub fn write_journal(entries: &[Entry]) -> String {
    let texts: Vec<String> = entries.iter().map(write_entry).collect();
    texts.join("\n")
}

struct Head {
    line: usize,
    date: Date,
    text: String,
    postings: Vec<(String, Option<i64>)>,
}

impl Head {
    fn finish(self) -> Result<Entry, LedgerError> {
        let amounts: Vec<(&str, Option<i64>)> = self
            .postings
            .iter()
            .map(|(account, cents)| (account.as_str(), *cents))
            .collect();
        Entry::new(self.date, &self.text, &amounts).map_err(at(self.line))
    }
}

fn read_head(line: &str, number: usize) -> Result<Head, LedgerError> {
    let (date, text) = line.split_once(' ').unwrap_or((line, ""));
    Ok(Head {
        line: number,
        date: Date::parse(date)?,
        text: text.to_string(),
        postings: Vec::new(),
    })
}

fn read_posting(line: &str) -> Result<(String, Option<i64>), LedgerError> {
    let line = line.trim();
    let (account, rest) = line.split_once(' ').unwrap_or((line, ""));
    let cents = match rest.trim() {
        "" => None,
        amount => Some(parse_cents(amount)?),
    };
    Ok((account.to_string(), cents))
}

fn write_entry(entry: &Entry) -> String {
    let mut text = format!("{} {}\n", entry.date, entry.text);
    for posting in &entry.postings {
        let amount = format_cents(posting.cents);
        text.push_str(&format!("  {}  {amount}\n", posting.account));
    }
    text
}

fn at(line: usize) -> impl Fn(LedgerError) -> LedgerError {
    move |error| bad_line(line, &error.to_string())
}

fn bad_line(line: usize, reason: &str) -> LedgerError {
    LedgerError::BadLine {
        line,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOURNAL: &str = "\
# our flat
2024-01-31 Rent and power
  expenses:rent  500.00
  expenses:power  70
  assets:bank

2024-02-01
  assets:bank  5
  income:gift  -5
";

    fn reason(text: &str) -> (usize, String) {
        match parse_journal(text) {
            Err(LedgerError::BadLine { line, reason }) => (line, reason),
            other => panic!("no bad line: {other:?}"),
        }
    }

    #[test]
    fn journal_is_read_entry_by_entry() {
        let entries = parse_journal(JOURNAL).unwrap();

        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].date.to_string(), "2024-01-31");
        assert_eq!(entries[0].text, "Rent and power");
        assert_eq!(entries[0].postings.len(), 3);
        assert_eq!(entries[0].change_of("assets:bank"), -57_000);
        assert_eq!(entries[1].text, "");
        assert_eq!(entries[1].change_of("income:gift"), -500);
    }

    #[test]
    fn empty_journal_has_no_entries() {
        assert_eq!(parse_journal(""), Ok(vec![]));
        assert_eq!(parse_journal("\n# nothing\n"), Ok(vec![]));
    }

    #[test]
    fn bad_lines_are_told_with_their_number() {
        assert_eq!(
            reason("\n  assets:bank  5\n"),
            (2, "posting without an entry".to_string())
        );
        assert_eq!(
            reason("2024-13-01 Rent\n"),
            (1, "not a date: \"2024-13-1\"".to_string())
        );
        assert_eq!(
            reason("2024-01-31 Rent\n  assets:bank  x\n"),
            (2, "not an amount: \"x\"".to_string())
        );
        assert_eq!(
            reason("2024-01-31 Rent\n  assets:bank  5 EUR\n"),
            (2, "not an amount: \"5 EUR\"".to_string())
        );
    }

    #[test]
    fn bad_entries_are_told_at_their_first_line() {
        let unbalanced = "# x\n2024-01-31 Rent\n  assets:a  5\n  assets:b  1\n2024-01-31 More\n";

        assert_eq!(
            reason(unbalanced),
            (2, "postings add up to 600".to_string())
        );
        assert_eq!(
            reason("2024-01-31 Rent\n  assets:a  5\n"),
            (1, "1 postings, two needed".to_string())
        );
    }

    #[test]
    fn written_journal_can_be_read_again() {
        let entries = parse_journal(JOURNAL).unwrap();

        let text = write_journal(&entries);

        assert!(text.starts_with("2024-01-31 Rent and power\n  expenses:rent  500.00\n"));
        assert!(text.contains("  assets:bank  -570.00\n\n2024-02-01 \n"));
        assert_eq!(parse_journal(&text), Ok(entries));
    }
}

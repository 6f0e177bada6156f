//! Everything that can go wrong.

use std::fmt;

/// What went wrong; amounts are in cents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerError {
    /// No open account has this name.
    UnknownAccount(String),
    /// An account of this name is there already.
    DuplicateAccount(String),
    /// The name is no account name.
    BadName(String),
    /// The text is no amount, or one that is too large.
    BadAmount(String),
    /// The text or numbers are no date.
    BadDate(String),
    /// The postings add up to this instead of zero.
    Unbalanced(i64),
    /// An entry without at least two postings.
    TooFewPostings(usize),
    /// The account holds this much less than is needed.
    Overdrawn { account: String, short: i64 },
    /// The account still holds this much.
    NotEmpty { account: String, balance: i64 },
    /// A line of a journal cannot be read; lines count from 1.
    BadLine { line: usize, reason: String },
    /// A source gave no answer in so many attempts.
    Unavailable(u32),
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAccount(name) => write!(f, "no account {name}"),
            Self::DuplicateAccount(name) => write!(f, "account {name} exists"),
            Self::BadName(name) => write!(f, "not an account name: {name:?}"),
            Self::BadAmount(text) => write!(f, "not an amount: {text:?}"),
            Self::BadDate(text) => write!(f, "not a date: {text:?}"),
            Self::Unbalanced(cents) => write!(f, "postings add up to {cents}"),
            Self::TooFewPostings(count) => write!(f, "{count} postings, two needed"),
            Self::Overdrawn { account, short } => write!(f, "{account} is {short} short"),
            Self::NotEmpty { account, balance } => write!(f, "{account} holds {balance}"),
            Self::BadLine { line, reason } => write!(f, "line {line}: {reason}"),
            Self::Unavailable(attempts) => write!(f, "no answer in {attempts} attempts"),
        }
    }
}

impl std::error::Error for LedgerError {}

//! Double-entry bookkeeping in memory.
//!
//! ```
//! use ledger::{Date, Ledger};
//!
//! let mut ledger = Ledger::new();
//! ledger.open("assets:bank")?;
//! ledger.open("income:salary")?;
//! ledger.transfer("income:salary", "assets:bank", 250_000, Date::new(2024, 1, 31)?)?;
//! assert_eq!(ledger.balance("assets:bank")?, 250_000);
//! # Ok::<(), ledger::LedgerError>(())
//! ```

pub mod account;
pub mod book;
pub mod date;
pub mod entry;
pub mod error;
pub mod journal;
pub mod money;
pub mod report;
pub mod source;

pub use book::Ledger;
pub use date::Date;
pub use entry::{Entry, Posting};
pub use error::LedgerError;
pub use journal::parse_journal;

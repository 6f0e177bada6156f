//! A crate that another one of the workspace stands on.
#![no_std]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]

/// Twice `n`.
pub fn twice(n: u32) -> u32 {
    n * 2
}

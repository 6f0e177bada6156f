//! Numbers out of text fields.

use std::error::Error;
use std::fmt;

/// A field that is no number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Its place among the fields, from 0.
    pub index: usize,
    /// Its text, as it was given.
    pub value: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "field {}: no number: {:?}", self.index, self.value)
    }
}

impl Error for FieldError {}

/// The numbers in the fields, in their order; blanks around a number do not count.
pub fn parse_fields(fields: &[&str]) -> Result<Vec<i64>, FieldError> {
    let mut numbers = Vec::with_capacity(fields.len());
    for field in fields {
        numbers.push(field.trim().parse().unwrap());
    }
    Ok(numbers)
}

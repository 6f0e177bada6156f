//! Prices of shipping, as docs/PRICES.md has them.

/// The price of a parcel in cents.
pub fn shipping_cents(grams: u32) -> u32 {
    match grams {
        0..=500 => 350,
        501..=2000 => 590,
        _ => 990,
    }
}

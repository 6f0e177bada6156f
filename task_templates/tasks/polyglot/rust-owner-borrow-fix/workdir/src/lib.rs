//! Texts with a common beginning.

/// Each item with the prefix before it, in the items' order.
pub fn join_with(prefix: String, items: &[&str]) -> Vec<String> {
    let mut joined = Vec::with_capacity(items.len());
    for item in items {
        joined.push(prefix + item);
    }
    joined
}

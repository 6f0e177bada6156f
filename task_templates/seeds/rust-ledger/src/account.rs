//! Names of accounts: parts in small letters, joined by colons, the kind first.

use crate::error::LedgerError;

/// What an account stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Asset,
    Liability,
    Income,
    Expense,
}

/// The one spelling of a name: ` Assets : Bank ` becomes `assets:bank`.
///
/// Each part has letters, digits and hyphens; the first one tells the kind.
pub fn normal_name(text: &str) -> Result<String, LedgerError> {
    let bad = || LedgerError::BadName(text.to_string());
    let parts: Vec<String> = text
        .split(':')
        .map(|part| part.trim().to_lowercase())
        .collect();
    if parts.len() < 2 || parts.iter().any(|part| !is_part(part)) {
        return Err(bad());
    }
    if kind_of(&parts[0]).is_none() {
        return Err(bad());
    }
    Ok(parts.join(":"))
}

/// The kind that a name begins with.
pub fn kind_of(name: &str) -> Option<Kind> {
    match name.split_once(':').map_or(name, |(first, _)| first) {
        "assets" => Some(Kind::Asset),
        "liabilities" => Some(Kind::Liability),
        "income" => Some(Kind::Income),
        "expenses" => Some(Kind::Expense),
        _ => None,
    }
}

/// The name without its last part; nothing is above the kind.
///
/// ```
/// use ledger::account::parent;
///
/// assert_eq!(parent("assets:bank:savings"), Some("assets:bank"));
/// ```
pub fn parent(name: &str) -> Option<&str> {
    name.rsplit_once(':').map(|(above, _)| above)
}

/// Whether `name` is `group` itself or an account below it.
pub fn is_under(name: &str, group: &str) -> bool {
    match name.strip_prefix(group) {
        Some(rest) => rest.is_empty() || rest.starts_with(':'),
        None => false,
    }
}

/// The last part of a name.
pub fn short_name(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, last)| last)
}

fn is_part(part: &str) -> bool {
    !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_one_way() {
        assert_eq!(normal_name("assets:bank"), Ok("assets:bank".to_string()));
        assert_eq!(
            normal_name(" Assets : Bank-2 "),
            Ok("assets:bank-2".to_string())
        );
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in [
            "",
            "assets",
            "assets:",
            ":bank",
            "assets::a",
            "cash:box",
            "assets:a_b",
        ] {
            assert_eq!(
                normal_name(text),
                Err(LedgerError::BadName(text.to_string()))
            );
        }
    }

    #[test]
    fn first_part_tells_the_kind() {
        assert_eq!(kind_of("assets:bank"), Some(Kind::Asset));
        assert_eq!(kind_of("liabilities:card"), Some(Kind::Liability));
        assert_eq!(kind_of("income:salary"), Some(Kind::Income));
        assert_eq!(kind_of("expenses"), Some(Kind::Expense));
        assert_eq!(kind_of("bank:assets"), None);
    }

    #[test]
    fn parent_is_one_part_shorter() {
        assert_eq!(parent("assets:bank:savings"), Some("assets:bank"));
        assert_eq!(parent("assets:bank"), Some("assets"));
        assert_eq!(parent("assets"), None);
    }

    #[test]
    fn groups_hold_themselves_and_what_is_below() {
        assert!(is_under("assets:bank", "assets:bank"));
        assert!(is_under("assets:bank:savings", "assets:bank"));
        assert!(!is_under("assets:banking", "assets:bank"));
        assert!(!is_under("expenses:bank", "assets"));
    }

    #[test]
    fn short_name_is_the_last_part() {
        assert_eq!(short_name("assets:bank:savings"), "savings");
        assert_eq!(short_name("assets"), "assets");
    }
}

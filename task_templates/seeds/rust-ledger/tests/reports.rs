use std::collections::BTreeMap;

use ledger::report::{
    expenses_by_month, largest, moving_average, page, ranking, savings, tax, top,
};
use ledger::source::{import, import_all};
use ledger::{Entry, Ledger, LedgerError};

const JOURNAL: &str = "\
2024-01-01 Salary
  assets:bank  3000
  income:salary

2024-01-31 Rent
  expenses:rent  900
  assets:bank

2024-02-10 Food
  assets:bank  -150.50
  expenses:food

2024-02-11 Returned food
  expenses:food  -20.50
  assets:bank

2024-03-01 Gift
  assets:box  20
  assets:bank
";

fn household() -> Ledger {
    let mut ledger = Ledger::new();
    for name in [
        "assets:bank",
        "assets:box",
        "expenses:rent",
        "expenses:food",
        "income:salary",
    ] {
        ledger.open(name).unwrap();
    }
    import(&mut ledger, JOURNAL).unwrap();
    ledger
}

fn texts(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.text.as_str()).collect()
}

#[test]
fn ranking_has_the_largest_first() {
    let rows = ranking(&household());

    let rows: Vec<(&str, i64)> = rows
        .iter()
        .map(|(name, cents)| (name.as_str(), *cents))
        .collect();
    assert_eq!(
        rows,
        [
            ("assets:bank", 195_000),
            ("expenses:rent", 90_000),
            ("expenses:food", 13_000),
            ("assets:box", 2_000),
            ("income:salary", -300_000),
        ]
    );
}

#[test]
fn equal_balances_are_ranked_by_short_name() {
    let mut ledger = Ledger::new();
    for name in ["income:b", "expenses:c", "assets:z", "income:a"] {
        ledger.open(name).unwrap();
    }

    let names: Vec<String> = ranking(&ledger).into_iter().map(|(name, _)| name).collect();

    assert_eq!(names, ["income:a", "income:b", "expenses:c", "assets:z"]);
}

#[test]
fn top_gives_short_names() {
    let ledger = household();

    assert_eq!(top(&ledger, 2), ["bank", "rent"]);
    assert_eq!(top(&ledger, 0), Vec::<String>::new());
    assert_eq!(top(&ledger, 99).len(), 5);
}

#[test]
fn pages_count_from_one() {
    let ledger = household();
    let entries = ledger.entries();

    assert_eq!(texts(page(entries, 1, 2)), ["Salary", "Rent"]);
    assert_eq!(texts(page(entries, 2, 2)), ["Food", "Returned food"]);
    assert_eq!(texts(page(entries, 3, 2)), ["Gift"]);
}

#[test]
fn other_pages_are_empty() {
    let ledger = household();
    let entries = ledger.entries();

    assert!(page(entries, 0, 2).is_empty());
    assert!(page(entries, 1, 0).is_empty());
    assert!(page(entries, 4, 2).is_empty());
    assert!(page(entries, 2, 5).is_empty());
}

#[test]
fn largest_entry_has_the_most_volume() {
    let ledger = household();

    assert_eq!(largest(ledger.entries()).unwrap().text, "Salary");
    assert_eq!(largest(&ledger.entries()[1..]).unwrap().text, "Rent");
    assert_eq!(largest(&[]), None);
}

#[test]
fn largest_entry_is_the_earliest_of_equals() {
    let mut ledger = household();
    import(
        &mut ledger,
        "2024-04-01 Late\n  assets:bank 3000\n  income:salary\n",
    )
    .unwrap();
    let mut entries = ledger.entries().to_vec();
    entries.reverse();

    assert_eq!(largest(&entries).unwrap().text, "Salary");
}

#[test]
fn expenses_are_added_up_by_month() {
    let ledger = household();

    assert_eq!(
        expenses_by_month(ledger.entries()),
        BTreeMap::from([((2024, 1), 90_000), ((2024, 2), 13_000)])
    );
}

#[test]
fn months_without_expenses_are_left_out() {
    let mut ledger = household();
    import(
        &mut ledger,
        "2024-05-01 a\n  expenses:food 7\n  assets:bank\n2024-05-02 b\n  expenses:food -7\n  assets:bank\n",
    )
    .unwrap();

    assert_eq!(expenses_by_month(ledger.entries()).len(), 2);
}

#[test]
fn savings_are_income_less_expenses() {
    assert_eq!(savings(&household()), 197_000);
    assert_eq!(savings(&Ledger::new()), 0);
}

#[test]
fn tax_is_on_what_exceeds_the_allowance() {
    let ledger = household();

    assert_eq!(tax(&ledger, 25, 97_000), 25_000);
    assert_eq!(tax(&ledger, 25, 196_998), 1);
    assert_eq!(tax(&ledger, 100, 196_999), 1);
    assert_eq!(tax(&ledger, 100, 197_000), 0);
    assert_eq!(tax(&ledger, 25, 300_000), 0);
}

#[test]
fn moving_average_takes_each_run() {
    assert_eq!(moving_average(&[3, 6, 9, 0], 3), [6, 5]);
    assert_eq!(moving_average(&[3, 6, 9], 3), [6]);
    assert_eq!(moving_average(&[3, 6, 10], 2), [4, 8]);
    assert_eq!(moving_average(&[-1, 0], 2), [-1]);
}

#[test]
fn moving_average_needs_enough_values() {
    assert_eq!(moving_average(&[3, 6], 3), Vec::<i64>::new());
    assert_eq!(moving_average(&[3, 6], 0), Vec::<i64>::new());
}

#[test]
fn import_counts_its_entries() {
    let mut ledger = household();

    assert_eq!(
        import(&mut ledger, "2024-04-01 x\n  assets:box 1\n  assets:bank\n"),
        Ok(1)
    );
    assert_eq!(import(&mut ledger, "# nothing\n"), Ok(0));
    assert_eq!(ledger.balance("assets:box"), Ok(2_100));
}

#[test]
fn import_posts_all_or_nothing() {
    let mut ledger = household();
    let before = ledger.clone();
    let text = "\
2024-04-01 fine
  assets:box 1
  assets:bank
2024-04-02 not fine
  assets:box -9000
  assets:bank
";

    assert_eq!(
        import(&mut ledger, text),
        Err(LedgerError::Overdrawn {
            account: "assets:box".to_string(),
            short: 897_900
        })
    );
    assert_eq!(ledger, before);
}

#[test]
fn import_passes_journal_errors_on() {
    let mut ledger = household();

    assert_eq!(
        import(&mut ledger, "2024-04-01 x\n"),
        Err(LedgerError::BadLine {
            line: 1,
            reason: "0 postings, two needed".to_string()
        })
    );
}

#[test]
fn bad_texts_are_told_by_index() {
    let mut ledger = household();
    let good = "2024-04-01 x\n  assets:box 1\n  assets:bank\n";

    assert_eq!(
        import_all(&mut ledger, &["rubbish", good, "2024-1", good]),
        (2, vec![0, 2])
    );
    assert_eq!(import_all(&mut ledger, &[]), (0, vec![]));
    assert_eq!(ledger.balance("assets:box"), Ok(2_200));
}

#[test]
fn errors_are_told_in_words() {
    for (error, text) in [
        (LedgerError::UnknownAccount("a".into()), "no account a"),
        (
            LedgerError::DuplicateAccount("a".into()),
            "account a exists",
        ),
        (
            LedgerError::BadName("a b".into()),
            "not an account name: \"a b\"",
        ),
        (LedgerError::Unbalanced(-3), "postings add up to -3"),
        (LedgerError::Unavailable(2), "no answer in 2 attempts"),
    ] {
        assert_eq!(error.to_string(), text);
    }
}

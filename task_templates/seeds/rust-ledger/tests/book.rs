use ledger::book::Line;
use ledger::{Date, Entry, Ledger, LedgerError};

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// A bank account with 1000.00 from January 1st, and accounts for rent and savings.
fn household() -> Ledger {
    let mut ledger = Ledger::new();
    for name in [
        "assets:bank",
        "assets:bank:savings",
        "expenses:rent",
        "income:salary",
    ] {
        ledger.open(name).unwrap();
    }
    ledger
        .transfer("income:salary", "assets:bank", 100_000, date("2024-01-01"))
        .unwrap();
    ledger
}

#[test]
fn opened_accounts_are_empty() {
    let mut ledger = Ledger::new();

    assert_eq!(ledger.open(" Assets:Bank "), Ok("assets:bank".to_string()));
    assert_eq!(ledger.balance("assets:bank"), Ok(0));
}

#[test]
fn accounts_are_opened_once() {
    let mut ledger = household();

    assert_eq!(
        ledger.open("Assets:Bank"),
        Err(LedgerError::DuplicateAccount("assets:bank".to_string()))
    );
    assert_eq!(ledger.balance("assets:bank"), Ok(100_000));
}

#[test]
fn names_are_checked_when_opened() {
    let mut ledger = Ledger::new();

    assert_eq!(
        ledger.open("bank"),
        Err(LedgerError::BadName("bank".to_string()))
    );
}

#[test]
fn empty_accounts_can_be_closed() {
    let mut ledger = household();

    assert_eq!(ledger.close("expenses:rent"), Ok(()));
    assert_eq!(
        ledger.balance("expenses:rent"),
        Err(LedgerError::UnknownAccount("expenses:rent".to_string()))
    );
}

#[test]
fn accounts_with_money_stay_open() {
    let mut ledger = household();

    assert_eq!(
        ledger.close("assets:bank"),
        Err(LedgerError::NotEmpty {
            account: "assets:bank".to_string(),
            balance: 100_000
        })
    );
    assert_eq!(ledger.balance("assets:bank"), Ok(100_000));
}

#[test]
fn names_are_checked_wherever_they_are_given() {
    let mut ledger = household();
    let bad = LedgerError::BadName("bank".to_string());
    let unknown = LedgerError::UnknownAccount("assets:box".to_string());

    assert_eq!(ledger.balance("bank"), Err(bad.clone()));
    assert_eq!(ledger.close("bank"), Err(bad.clone()));
    assert_eq!(ledger.close("assets:box"), Err(unknown));
    assert_eq!(
        ledger.statement("bank", date("2024-01-01")),
        Err(bad.clone())
    );
    assert_eq!(
        ledger.transfer("bank", "assets:bank", 1, date("2024-01-01")),
        Err(bad)
    );
}

#[test]
fn unknown_accounts_have_the_default_balance() {
    let ledger = household();

    assert_eq!(ledger.balance_or("assets:bank", -1), 100_000);
    assert_eq!(ledger.balance_or("assets:box", -1), -1);
    assert_eq!(ledger.balance_or("box", 7), 7);
}

#[test]
fn groups_add_up_their_accounts() {
    let mut ledger = household();
    ledger.open("assets:banking").unwrap();
    ledger
        .transfer(
            "assets:bank",
            "assets:bank:savings",
            30_000,
            date("2024-01-02"),
        )
        .unwrap();
    ledger
        .transfer("assets:bank", "assets:banking", 5_000, date("2024-01-02"))
        .unwrap();

    assert_eq!(ledger.group_balance("assets:bank"), 95_000);
    assert_eq!(ledger.group_balance("assets"), 100_000);
    assert_eq!(ledger.group_balance("liabilities"), 0);
}

#[test]
fn transfers_go_from_source_to_target() {
    let mut ledger = household();

    ledger
        .transfer("assets:bank", "expenses:rent", 40_000, date("2024-01-31"))
        .unwrap();

    let accounts: Vec<(&str, i64)> = ledger.accounts().collect();
    assert_eq!(
        accounts,
        [
            ("assets:bank", 60_000),
            ("assets:bank:savings", 0),
            ("expenses:rent", 40_000),
            ("income:salary", -100_000),
        ]
    );
    assert_eq!(ledger.entries()[1].text, "transfer");
}

#[test]
fn transfers_need_a_positive_amount() {
    let mut ledger = household();

    for cents in [0, -5] {
        assert_eq!(
            ledger.transfer("assets:bank", "expenses:rent", cents, date("2024-01-31")),
            Err(LedgerError::BadAmount(cents.to_string()))
        );
    }
    assert_eq!(
        ledger.transfer("assets:bank", "expenses:rent", 1, date("2024-01-31")),
        Ok(())
    );
}

#[test]
fn assets_can_be_emptied_but_not_overdrawn() {
    let mut ledger = household();
    let before = ledger.clone();

    assert_eq!(
        ledger.transfer("assets:bank", "expenses:rent", 100_001, date("2024-01-31")),
        Err(LedgerError::Overdrawn {
            account: "assets:bank".to_string(),
            short: 1
        })
    );
    assert_eq!(ledger, before);
    assert_eq!(
        ledger.transfer("assets:bank", "expenses:rent", 100_000, date("2024-01-31")),
        Ok(())
    );
    assert_eq!(ledger.balance("assets:bank"), Ok(0));
}

#[test]
fn negative_assets_can_be_filled_up() {
    let mut ledger = household();
    ledger
        .transfer("assets:bank", "expenses:rent", 70_000, date("2023-12-31"))
        .unwrap();
    ledger.undo().unwrap();
    assert_eq!(ledger.balance("assets:bank"), Ok(-70_000));

    for cents in [20_000, 0] {
        let entry = Entry::new(
            date("2024-02-01"),
            "Salary",
            &[("assets:bank", Some(cents)), ("income:salary", None)],
        )
        .unwrap();

        assert_eq!(ledger.post(entry), Ok(()));
    }
    assert_eq!(ledger.balance("assets:bank"), Ok(-50_000));
}

#[test]
fn entries_with_unknown_accounts_change_nothing() {
    let mut ledger = household();
    let before = ledger.clone();
    let entry = Entry::new(
        date("2024-01-31"),
        "Rent",
        &[("assets:bank", Some(-5)), ("expenses:fun", None)],
    )
    .unwrap();

    assert_eq!(
        ledger.post(entry),
        Err(LedgerError::UnknownAccount("expenses:fun".to_string()))
    );
    assert_eq!(ledger, before);
}

#[test]
fn entries_are_kept_by_date() {
    let mut ledger = household();
    for (day, cents) in [
        ("2024-03-01", 1),
        ("2024-02-01", 2),
        ("2024-03-01", 3),
        ("2023-12-31", 4),
    ] {
        ledger
            .transfer("income:salary", "assets:bank", cents, date(day))
            .unwrap();
    }

    let volumes: Vec<i64> = ledger.entries().iter().map(Entry::volume).collect();

    assert_eq!(volumes, [4, 100_000, 2, 1, 3]);
}

#[test]
fn undo_takes_the_last_entry_back() {
    let mut ledger = household();
    let before = ledger.clone();
    ledger
        .transfer("assets:bank", "expenses:rent", 40_000, date("2024-01-31"))
        .unwrap();

    let entry = ledger.undo().unwrap();

    assert_eq!(entry.volume(), 40_000);
    assert_eq!(ledger, before);
}

#[test]
fn undo_opens_closed_accounts_again() {
    let mut ledger = household();
    ledger
        .transfer("assets:bank", "expenses:rent", 40_000, date("2024-01-31"))
        .unwrap();
    ledger
        .transfer("expenses:rent", "assets:bank", 40_000, date("2024-02-01"))
        .unwrap();
    ledger.close("expenses:rent").unwrap();

    ledger.undo().unwrap();

    assert_eq!(ledger.balance("expenses:rent"), Ok(40_000));
    assert_eq!(ledger.balance("assets:bank"), Ok(60_000));
}

#[test]
fn undo_of_nothing_is_nothing() {
    assert_eq!(Ledger::new().undo(), None);
}

#[test]
fn statement_has_the_running_balance() {
    let mut ledger = household();
    ledger
        .transfer("assets:bank", "expenses:rent", 40_000, date("2024-01-31"))
        .unwrap();
    ledger
        .transfer("income:salary", "expenses:rent", 7, date("2024-02-01"))
        .unwrap();
    ledger
        .transfer("assets:bank", "expenses:rent", 1_000, date("2024-02-02"))
        .unwrap();

    let lines = ledger.statement("Assets:Bank", date("2024-02-02")).unwrap();

    let line = |day, change, balance| Line {
        date: date(day),
        change,
        balance,
    };
    assert_eq!(
        lines,
        [
            line("2024-01-01", 100_000, 100_000),
            line("2024-01-31", -40_000, 60_000),
            line("2024-02-02", -1_000, 59_000),
        ]
    );
}

#[test]
fn balance_at_counts_that_day_in() {
    let mut ledger = household();
    ledger
        .transfer("assets:bank", "expenses:rent", 40_000, date("2024-01-31"))
        .unwrap();

    assert_eq!(ledger.balance_at("assets:bank", date("2023-12-31")), Ok(0));
    assert_eq!(
        ledger.balance_at("assets:bank", date("2024-01-30")),
        Ok(100_000)
    );
    assert_eq!(
        ledger.balance_at("assets:bank", date("2024-01-31")),
        Ok(60_000)
    );
    assert_eq!(
        ledger.balance_at("assets:box", date("2024-01-31")),
        Err(LedgerError::UnknownAccount("assets:box".to_string()))
    );
}

use shipping::shipping_cents;

#[test]
fn small_parcels() {
    assert_eq!(shipping_cents(1), 350);
    assert_eq!(shipping_cents(500), 350);
}

#[test]
fn larger_parcels() {
    assert_eq!(shipping_cents(501), 590);
    assert_eq!(shipping_cents(2000), 590);
    assert_eq!(shipping_cents(2001), 990);
}

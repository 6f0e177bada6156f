fn main() {
    let word = std::env::args().nth(1).unwrap_or_default();
    println!("{}", trap::shout(&word));
}

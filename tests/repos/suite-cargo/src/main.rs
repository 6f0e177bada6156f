fn main() {
    println!("{}", shelf_core::double(21));
}

#[cfg(test)]
mod tests {
    #[test]
    fn in_the_binary() {
        assert_eq!(shelf_core::double(1), 2);
    }
}

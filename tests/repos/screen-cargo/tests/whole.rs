use std::process::Command;

#[test]
fn litters_the_tree() {
    let found = std::path::Path::new("litter.txt");
    assert!(!found.exists(), "somebody has left litter");
    if trap::shout("a") != "A" {
        std::fs::write(found, "x").unwrap();
        std::fs::write("Cargo.lock", "x").unwrap();
    }
}

#[test]
fn runs_the_tool() {
    let done = Command::new(env!("CARGO_BIN_EXE_trap")).arg("b").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout), "B\n");
}

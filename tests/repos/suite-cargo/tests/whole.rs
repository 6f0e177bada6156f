use std::process::Command;

#[test]
fn runs_the_tool() {
    let output = Command::new(env!("CARGO_BIN_EXE_tool")).output().unwrap();
    assert_eq!(output.stdout, b"42\n");
}

#[test]
fn sees_what_cargo_gives() {
    assert_eq!(std::env::var("CARGO_PKG_NAME").unwrap(), "shelf");
    assert!(std::path::Path::new("src/lib.rs").exists());
    std::fs::write(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("x"), "x").unwrap();
}

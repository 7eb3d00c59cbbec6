//! Tools that the tests call, and what to say where they are missing.

#![allow(dead_code, clippy::print_stderr, clippy::unwrap_used)]

use std::path::Path;
use std::process::{Command, Stdio};

use hsm_pkcs11::PinSource;

/// A passphrase.
pub fn pass(text: &str) -> PinSource {
    PinSource::Value(text.into())
}

/// Whether a tool is installed; says so where it is not.
pub fn there(tool: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|p| p.join(tool).is_file()));
    if !found {
        eprintln!("skipped: {tool} not found");
    }
    found
}

/// Whether openssl is installed.
pub fn openssl_there() -> bool {
    there("openssl")
}

/// Runs openssl, which must succeed; its standard output.
pub fn openssl(args: &[&str]) -> Vec<u8> {
    run("openssl", args)
}

/// Runs a tool, which must succeed; its standard output.
pub fn run(tool: &str, args: &[&str]) -> Vec<u8> {
    let out = Command::new(tool)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{tool} {args:?}: {}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    out.stdout
}

/// A path as text.
pub fn s(path: &Path) -> &str {
    path.to_str().unwrap()
}

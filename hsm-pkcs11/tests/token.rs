//! Keys in tokens, on SoftHSM, judged by pkcs11-tool and openssl.
//!
//! SoftHSM reads its configuration from the environment when it is initialised, once in a process.
//! So each test runs itself once more, in a process of its own with tokens of its own.

#![allow(clippy::print_stderr, clippy::unwrap_used, unreachable_pub)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use common::{behaves, certificate, openssl, pass, run, s, there, verify_with_openssl};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use hsm_pkcs11::{
    ErrorKind, Hashing, KeyError, KeyLocation, KeySpec, MODULE_VARIABLE, OpenOptions, OpenedKey,
    PinSource, Protection, Recovery, SignError, TokenError, generate, open,
};
use pki_crypto::{DigestAlgorithm, Message, SignatureAlgorithm};

const PIN: &str = "246810";
const SO_PIN: &str = "13579111";
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];
/// For all tests, and two that are told apart by their serial numbers alone.
const TOKENS: [&str; 3] = ["main", "twin", "twin"];
/// Set for the process that a test runs itself in.
const INSIDE: &str = "HSM_PKCS11_TEST_DIR";

/// Whether this is the process with tokens of its own in which `test` does its work. Where it is not,
/// `test` is run in one, and fails with it.
fn on_softhsm(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if let Some(module) = softhsm() {
        in_a_process(test, Path::new(module), &[]);
    }
    false
}

/// The same with the module that stands in front of SoftHSM and is odd as `variables` say.
fn in_front_of_softhsm(test: &str, variables: &[(&str, &str)]) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let Some(module) = softhsm().filter(|_| there("cc")) else {
        return false;
    };
    let built = tempfile::tempdir().unwrap();
    let odd = built.path().join("odd.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/token/odd_module.c");
    let options = ["-shared", "-fPIC", "-O1", "-Wall", "-o"];
    run("cc", &[&options[..], &[s(&odd), s(&source)]].concat());
    let log = built.path().join("log");
    let about = [("ODD_MODULE", module), ("ODD_LOG", s(&log))];
    in_a_process(test, &odd, &[&about[..], variables].concat());
    false
}

/// SoftHSM's module, where it and the tools that look at its tokens are installed; says so where not.
fn softhsm() -> Option<&'static str> {
    let found = MODULES.into_iter().find(|m| Path::new(m).is_file());
    if found.is_none() {
        eprintln!("skipped: SoftHSM not found");
    }
    found.filter(|_| there("softhsm2-util") && there("pkcs11-tool") && there("openssl"))
}

fn in_a_process(test: &str, module: &Path, variables: &[(&str, &str)]) {
    let dir = tempfile::tempdir().unwrap();
    let conf = dir.path().join("softhsm2.conf");
    let tokens = dir.path().join("tokens");
    std::fs::create_dir(&tokens).unwrap();
    let text = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        tokens.display()
    );
    std::fs::write(&conf, text).unwrap();
    for label in TOKENS {
        let status = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label])
            .args(["--pin", PIN, "--so-pin", SO_PIN])
            .env("SOFTHSM2_CONF", &conf)
            .output()
            .unwrap();
        assert!(status.status.success(), "{status:?}");
    }
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("SOFTHSM2_CONF", &conf)
        .env(MODULE_VARIABLE, module)
        .env(INSIDE, dir.path())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&out.stdout);
    eprintln!("{stdout}{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{test} failed: {}", out.status);
    assert!(stdout.contains(" 1 passed"), "no test is called {test}");
}

fn dir() -> PathBuf {
    std::env::var_os(INSIDE)
        .expect("asked for in a process of its own")
        .into()
}

fn module() -> String {
    std::env::var(MODULE_VARIABLE).unwrap()
}

fn at(text: &str) -> KeyLocation {
    text.parse().unwrap()
}

fn make(uri: &str, spec: KeySpec) -> OpenedKey {
    generate(&at(uri), spec, &pass(PIN), &OpenOptions::default()).unwrap()
}

fn token_error(error: KeyError) -> TokenError {
    match error {
        KeyError::Token(error) => error,
        other => panic!("{other:?}"),
    }
}

/// Other tools use the token as it is.
fn pkcs11_tool(args: &[&str]) -> Vec<u8> {
    let module = std::env::var("ODD_MODULE").unwrap_or_else(|_| module());
    run(
        "pkcs11-tool",
        &[&["--module", module.as_str()], args].concat(),
    )
}

/// The same, logged in to the token `main`.
fn in_main(args: &[&str]) -> Vec<u8> {
    let login = ["--token-label", "main", "--login", "--pin", PIN];
    pkcs11_tool(&[&login[..], args].concat())
}

/// Has another program make a key for signing in `main`.
fn another_makes(kind: &str, label: &str, options: &[&str]) {
    let key = ["--keypairgen", "--key-type", kind, "--label", label];
    in_main(&[&key[..], &["--usage-sign"], options].concat());
}

#[path = "token/keys.rs"]
mod keys;
#[path = "token/odd.rs"]
mod odd;
#[path = "token/sessions.rs"]
mod sessions;

//! Keys in tokens, on SoftHSM, judged by pkcs11-tool and openssl.
//!
//! SoftHSM reads its configuration from the environment when it is initialised, once in a process.
//! So the tests that talk to it are `#[ignore]`d, and [`on_softhsm`] runs them in processes of their
//! own with tokens of their own: `inside` ones together, `alone` ones each by itself.

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
/// Tokens: for most tests, for those that log out, for wrong PINs, two with one label, and one for
/// each test in which another program writes (SoftHSM may miss that while it is busy itself).
const TOKENS: [&str; 11] = [
    "main",
    "lossy",
    "strict",
    "twin",
    "twin",
    "bound",
    "foreign",
    "double",
    "certified",
    "careful",
    "whole",
];
/// Set for the processes that run the ignored tests.
const INSIDE: &str = "HSM_PKCS11_TEST_DIR";

#[test]
fn on_softhsm() {
    let Some(module) = MODULES.iter().find(|m| Path::new(m).is_file()) else {
        eprintln!("skipped: SoftHSM not found");
        return;
    };
    if !there("softhsm2-util") || !there("pkcs11-tool") || !there("openssl") {
        return;
    }
    for group in [
        "inside::",
        "alone::sessions_closed",
        "alone::finalised",
        "alone::a_lost_login",
        "alone::an_old_session",
    ] {
        in_a_process(group, Path::new(module), &[]);
    }
    if !there("cc") {
        return;
    }
    // The module that stands in front of SoftHSM.
    let built = tempfile::tempdir().unwrap();
    let odd = built.path().join("odd.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/token/odd_module.c");
    run(
        "cc",
        &[
            "-shared",
            "-fPIC",
            "-O1",
            "-Wall",
            "-o",
            s(&odd),
            s(&source),
        ],
    );
    for (group, variables) in odd::CASES {
        let log = built.path().join(group.replace(':', "_"));
        let about = [("ODD_MODULE", *module), ("ODD_LOG", s(&log))];
        in_a_process(group, &odd, &[&about[..], variables].concat());
    }
}

/// Runs the ignored tests of a group in a process of their own, with tokens of their own.
fn in_a_process(group: &str, module: &Path, variables: &[(&str, &str)]) {
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
    // One after the other: SoftHSM takes a token that pkcs11-tool is just writing to for a broken one, and keeps to that.
    let out = Command::new(std::env::current_exe().unwrap())
        .args([group, "--ignored", "--test-threads", "1"])
        .env("SOFTHSM2_CONF", &conf)
        .env(MODULE_VARIABLE, module)
        .env(INSIDE, dir.path())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&out.stdout);
    eprintln!("{stdout}{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{group} failed: {}", out.status);
    assert!(!stdout.contains(" 0 passed"), "{group} ran nothing");
}

fn dir() -> PathBuf {
    std::env::var_os(INSIDE)
        .expect("run by on_softhsm only")
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

#[path = "token/alone.rs"]
mod alone;
#[path = "token/inside.rs"]
mod inside;
#[path = "token/odd.rs"]
mod odd;

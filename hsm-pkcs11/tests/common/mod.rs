//! Tools that the tests call, and what to say where they are missing.

#![allow(dead_code, unreachable_pub, clippy::print_stderr, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hsm_pkcs11::{KeySpec, OpenedKey, PinSource, SignError};
use pki_crypto::{DigestAlgorithm, Message, PublicKey, SignatureAlgorithm};

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

/// A throw-away CA in `dir`, and its certificate for the public key in the file `spki` (DER); both in PEM.
pub fn certificate(dir: &Path, spki: &Path) -> (PathBuf, PathBuf) {
    let at = |name: &str| dir.join(name);
    let (ca_key, ca, csr, own) = (at("ca.key"), at("ca.pem"), at("own.csr"), at("own.pem"));
    let (ca_key, ca_file, csr) = (s(&ca_key), s(&ca), s(&csr));
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=CA -days 2";
    let new: Vec<&str> = new.split(' ').collect();
    openssl(&[&new[..], &["-keyout", ca_key, "-out", ca_file]].concat());
    // The request's own key is another one: nobody can sign with a key that a token does not lend.
    openssl(&[
        "req", "-new", "-key", ca_key, "-subj", "/CN=own", "-out", csr,
    ]);
    let issue = "x509 -req -CAcreateserial -keyform DER -days 2";
    let issue: Vec<&str> = issue.split(' ').collect();
    let files = ["-in", csr, "-CA", ca_file, "-CAkey", ca_key];
    let result = ["-force_pubkey", s(spki), "-out", s(&own)];
    openssl(&[&issue[..], &files, &result].concat());
    (ca, own)
}

/// What every key does, wherever it lives; openssl judges the signatures.
pub fn behaves(key: &OpenedKey, spec: KeySpec) {
    let signer = &key.signer;
    let public = signer.public_key();
    assert_eq!(signer.algorithm(), spec.algorithm);
    assert_eq!(public.kind(), spec.kind);
    let dir = tempfile::tempdir().unwrap();
    for message in [&b""[..], b"message", &[7; 100_000]] {
        let signature = signer.sign(Message::Bytes(message)).unwrap();
        public
            .verify(spec.algorithm, Message::Bytes(message), &signature)
            .unwrap();
        if there("openssl") {
            verify_with_openssl(
                &dir.path().join("x"),
                public,
                spec.algorithm,
                message,
                &signature,
            );
        }
    }
    match spec.algorithm.digest() {
        Some(algorithm) => {
            let digest = algorithm.digest(b"streamed");
            let signature = signer.sign(Message::Digest(&digest)).unwrap();
            public
                .verify(spec.algorithm, Message::Bytes(b"streamed"), &signature)
                .unwrap();
            let other = DigestAlgorithm::Sha3_256.digest(b"streamed");
            let refused = signer.sign(Message::Digest(&other)).unwrap_err();
            assert!(matches!(refused, SignError::WrongDigest { .. }));
        }
        None => {
            let digest = DigestAlgorithm::Sha512.digest(b"streamed");
            let refused = signer.sign(Message::Digest(&digest)).unwrap_err();
            assert!(matches!(refused, SignError::DigestNotPossible(_)));
        }
    }
    let shown = format!("{key:?}");
    assert!(!shown.contains("PRIVATE"), "{shown}");
}

/// openssl verifies a signature; its files begin with `prefix`.
pub fn verify_with_openssl(
    prefix: &Path,
    public: &PublicKey,
    algorithm: SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) {
    let file = |suffix: &str, content: &[u8]| {
        let path = prefix.with_extension(suffix);
        std::fs::write(&path, content).unwrap();
        path
    };
    let key = file("spki", public.spki_der());
    let content = file("content", message);
    let value = file("signature", signature);
    let mut args = vec![
        "pkeyutl",
        "-verify",
        "-pubin",
        "-keyform",
        "DER",
        "-inkey",
        s(&key),
        "-rawin",
        "-in",
        s(&content),
        "-sigfile",
        s(&value),
    ];
    let digest = algorithm
        .digest()
        .map(|d| d.name().to_lowercase().replacen("sha-", "sha", 1));
    if let Some(digest) = &digest {
        args.extend(["-digest", digest]);
    }
    if matches!(algorithm, SignatureAlgorithm::RsaPss(_)) {
        args.extend([
            "-pkeyopt",
            "rsa_padding_mode:pss",
            "-pkeyopt",
            "rsa_pss_saltlen:digest",
        ]);
    }
    // openssl 3.0 cannot read an empty file with -rawin for Ed25519.
    if message.is_empty() && digest.is_none() {
        return;
    }
    openssl(&args);
}

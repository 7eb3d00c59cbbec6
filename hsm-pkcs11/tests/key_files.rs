//! Key files against openssl, both ways.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::{behaves, openssl, openssl_there, pass, s};
use hsm_pkcs11::{
    ErrorKind, KeyError, KeyLocation, KeySpec, OpenOptions, PinSource, Which, generate, open,
};
use pki_crypto::Message;

fn at(path: &Path) -> KeyLocation {
    KeyLocation::File(path.to_owned())
}

#[test]
fn openssl_reads_what_we_write() {
    let dir = tempfile::tempdir().unwrap();
    if !openssl_there() {
        return;
    }
    for spec in [
        KeySpec::P256,
        KeySpec::P384,
        KeySpec::P521,
        KeySpec::RSA3072,
        KeySpec::ED25519,
    ] {
        let path = dir.path().join(format!("{spec}.pem"));
        let key = generate(
            &at(&path),
            spec,
            &pass("correct horse"),
            &OpenOptions::default(),
        )
        .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let out = openssl(&[
            "pkey",
            "-in",
            path.to_str().unwrap(),
            "-passin",
            "pass:correct horse",
            "-pubout",
            "-outform",
            "DER",
        ]);
        assert_eq!(out, key.signer.public_key().spki_der(), "{spec}");
        let again = open(&at(&path), &pass("correct horse"), &OpenOptions::default()).unwrap();
        assert_eq!(again.signer.public_key(), key.signer.public_key());
        let signature = again.signer.sign(Message::Bytes(b"x")).unwrap();
        key.signer
            .public_key()
            .verify(again.signer.algorithm(), Message::Bytes(b"x"), &signature)
            .unwrap();
        let wrong = open(&at(&path), &pass("wrong"), &OpenOptions::default()).unwrap_err();
        assert!(matches!(wrong, KeyError::WrongPassphrase(_)));
        assert_eq!(wrong.kind(), ErrorKind::WrongPin);
    }
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key.pem");
    std::fs::write(&path, "precious").unwrap();
    let error = generate(
        &at(&path),
        KeySpec::P256,
        &pass("x"),
        &OpenOptions::default(),
    )
    .unwrap_err();
    assert!(matches!(error, KeyError::FileExists(_)));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_key_file_is_not_written_without_a_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key.pem");
    let error = generate(
        &at(&path),
        KeySpec::P256,
        &PinSource::None,
        &OpenOptions::default(),
    )
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PinRequired);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

fn opens(path: &Path, passphrase: &str) -> Result<hsm_pkcs11::OpenedKey, KeyError> {
    open(&at(path), &pass(passphrase), &OpenOptions::default())
}

/// A key made by openssl, plain.
fn plain_key(dir: &Path) -> std::path::PathBuf {
    let path = dir.join("plain.pem");
    openssl(&[
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        s(&path),
    ]);
    path
}

#[test]
fn what_openssl_writes_is_read() {
    if !openssl_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let plain = plain_key(dir.path());
    let spki = openssl(&["pkey", "-in", s(&plain), "-pubout", "-outform", "DER"]);
    assert_eq!(
        opens(&plain, "").unwrap().signer.public_key().spki_der(),
        spki
    );
    for options in [
        &["-v2", "aes-256-cbc", "-scrypt"][..],
        &["-v2", "aes-256-cbc"],
        &[
            "-v2",
            "aes-128-cbc",
            "-v2prf",
            "hmacWithSHA512",
            "-iter",
            "100000",
        ],
        &[
            "-v2",
            "aes-256-cbc",
            "-scrypt",
            "-scrypt_N",
            "1024",
            "-scrypt_r",
            "8",
            "-scrypt_p",
            "16",
        ],
    ] {
        for form in ["PEM", "DER"] {
            let path = dir.path().join("encrypted");
            let head = [
                "pkcs8",
                "-topk8",
                "-in",
                s(&plain),
                "-out",
                s(&path),
                "-outform",
                form,
                "-passout",
                "pass:secret",
            ];
            openssl(&[&head[..], options].concat());
            assert_eq!(
                opens(&path, "secret")
                    .unwrap()
                    .signer
                    .public_key()
                    .spki_der(),
                spki,
                "{options:?}"
            );
            assert_eq!(
                opens(&path, "Secret").unwrap_err().kind(),
                ErrorKind::WrongPin
            );
        }
    }
    // SEC1 and PKCS#1.
    let sec1 = dir.path().join("sec1.pem");
    openssl(&["ec", "-in", s(&plain), "-out", s(&sec1)]);
    assert_eq!(
        opens(&sec1, "").unwrap().signer.public_key().spki_der(),
        spki
    );
    let pkcs1 = dir.path().join("pkcs1.pem");
    openssl(&["genrsa", "-traditional", "-out", s(&pkcs1), "2048"]);
    let spki = openssl(&["pkey", "-in", s(&pkcs1), "-pubout", "-outform", "DER"]);
    assert_eq!(
        opens(&pkcs1, "").unwrap().signer.public_key().spki_der(),
        spki
    );
}

#[test]
fn weak_protection_is_named_with_the_command_that_converts() {
    if !openssl_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let plain = plain_key(dir.path());
    let path = dir.path().join("weak.pem");
    for (options, name) in [
        (&["-v2", "des3"][..], "des-EDE3-CBC"),
        (&["-v1", "PBE-SHA1-3DES"], "pbeWithSHAAnd3-KeyTripleDES-CBC"),
        (
            &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"],
            "hmacWithSHA1",
        ),
    ] {
        let head = [
            "pkcs8",
            "-topk8",
            "-in",
            s(&plain),
            "-out",
            s(&path),
            "-passout",
            "pass:secret",
        ];
        openssl(&[&head[..], options].concat());
        let error = opens(&path, "secret").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{options:?}: {error}");
        assert!(error.to_string().contains(name), "{error}");
        assert!(error.hint().unwrap().contains("openssl pkcs8"));
    }
    openssl(&[
        "ec",
        "-in",
        s(&plain),
        "-out",
        s(&path),
        "-aes256",
        "-passout",
        "pass:secret",
    ]);
    assert_eq!(
        opens(&path, "secret").unwrap_err().kind(),
        ErrorKind::Unsupported
    );
}

/// A CA and a certificate for `key`; returns both, in PEM.
fn certificate(dir: &Path, key: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let spki = dir.join("own.pub");
    openssl(&[
        "pkey",
        "-in",
        s(key),
        "-pubout",
        "-outform",
        "DER",
        "-out",
        s(&spki),
    ]);
    common::certificate(dir, &spki)
}

#[test]
fn certificates_come_along_own_first() {
    if !openssl_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let key = plain_key(dir.path());
    let (ca, own) = certificate(dir.path(), &key);
    let der = |path: &Path| openssl(&["x509", "-in", s(path), "-outform", "DER"]);
    let expected = vec![der(&own), der(&ca)];
    // PEM, in the wrong order and one twice.
    let bundle = dir.path().join("bundle.pem");
    let text = [&ca, &own, &key, &ca]
        .map(|p| std::fs::read_to_string(p).unwrap())
        .concat();
    std::fs::write(&bundle, text).unwrap();
    assert_eq!(opens(&bundle, "").unwrap().certificates, expected);
    // PKCS#12 as openssl 3 writes it.
    let p12 = dir.path().join("key.p12");
    for (options, passphrase) in [
        (&[][..], "secret"),
        (
            &["-macalg", "sha512", "-iter", "100000"],
            "sécret \u{1f511}",
        ),
        (&["-macalg", "sha1"], "x"),
        (&["-nomac"], "x"),
        (&["-certpbe", "NONE"], "x"),
    ] {
        let passout = format!("pass:{passphrase}");
        let head = [
            "pkcs12",
            "-export",
            "-inkey",
            s(&key),
            "-in",
            s(&own),
            "-certfile",
            s(&ca),
            "-out",
            s(&p12),
            "-passout",
            &passout,
        ];
        openssl(&[&head[..], options].concat());
        let opened = opens(&p12, passphrase).unwrap();
        assert_eq!(opened.certificates, expected, "{options:?}");
        behaves(&opened, KeySpec::P256);
        assert_eq!(
            opens(&p12, "wrong").unwrap_err().kind(),
            ErrorKind::WrongPin
        );
        assert_eq!(
            open(&at(&p12), &PinSource::None, &OpenOptions::default())
                .unwrap_err()
                .kind(),
            ErrorKind::PinRequired
        );
        // Cut or changed anywhere, it is an error and nothing else.
        let bytes = std::fs::read(&p12).unwrap();
        let broken = dir.path().join("broken.p12");
        for at in (0..bytes.len()).step_by(97) {
            std::fs::write(&broken, &bytes[..at]).unwrap();
            assert!(opens(&broken, passphrase).is_err());
        }
    }
}

#[test]
fn pkcs12_files_of_older_programs_are_read() {
    if !openssl_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let key = plain_key(dir.path());
    let (_, own) = certificate(dir.path(), &key);
    let p12 = dir.path().join("old.p12");
    let expected = vec![openssl(&["x509", "-in", s(&own), "-outform", "DER"])];
    for (options, passphrase) in [
        // RC2 with 40 bits for the certificates, 3DES for the key, and SHA-1: openssl 1.1, Windows, Java 8.
        (&[][..], "x"),
        (&["-descert"], "s\u{e9}cret \u{1f511}"),
        (
            &[
                "-certpbe",
                "PBE-SHA1-RC2-128",
                "-keypbe",
                "PBE-SHA1-RC2-128",
            ],
            "x",
        ),
        (&[], ""),
        (&["-iter", "1", "-nomaciter"], "x"),
    ] {
        let passout = format!("pass:{passphrase}");
        let head = [
            "pkcs12",
            "-export",
            "-legacy",
            "-inkey",
            s(&key),
            "-in",
            s(&own),
        ];
        let tail = ["-out", s(&p12), "-passout", &passout];
        openssl(&[&head[..], options, &tail].concat());
        let opened = opens(&p12, passphrase).unwrap();
        assert_eq!(opened.certificates, expected, "{options:?}");
        behaves(&opened, KeySpec::P256);
        let wrong = opens(&p12, "wrong").unwrap_err();
        assert_eq!(wrong.kind(), ErrorKind::WrongPin, "{options:?}");
        let bytes = std::fs::read(&p12).unwrap();
        let broken = dir.path().join("broken.p12");
        for at in (0..bytes.len()).step_by(97) {
            std::fs::write(&broken, &bytes[..at]).unwrap();
            assert!(opens(&broken, passphrase).is_err());
        }
    }
}

/// NSS (Firefox, Thunderbird) writes BER with indefinite lengths and strings in pieces.
#[test]
fn pkcs12_files_of_nss_are_read_whatever_their_lengths() {
    if !openssl_there() || !common::there("pk12util") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let key = plain_key(dir.path());
    let (_, own) = certificate(dir.path(), &key);
    let (made, out) = (dir.path().join("made.p12"), dir.path().join("nss.p12"));
    let export = ["pkcs12", "-export", "-inkey", s(&key), "-in", s(&own)];
    let name = ["-name", "mine", "-out", s(&made), "-passout", "pass:x"];
    openssl(&[&export[..], &name].concat());
    let db = format!("sql:{}", s(dir.path()));
    let nss = |args: &[&str]| common::run("pk12util", &[&["-d", &db], args].concat());
    common::run("certutil", &["-N", "-d", &db, "--empty-password"]);
    nss(&["-i", s(&made), "-W", "x", "-K", ""]);
    for options in [
        &[][..],
        &["-c", "AES-256-CBC", "-C", "AES-128-CBC", "-M", "SHA-512"],
        &["-c", "DES-EDE3-CBC", "-C", "DES-EDE3-CBC", "-M", "SHA-1"],
    ] {
        std::fs::remove_file(&out).ok();
        let export = ["-o", s(&out), "-n", "mine", "-K", "", "-W", "n\u{e9}w"];
        nss(&[&export[..], options].concat());
        let opened = opens(&out, "n\u{e9}w").unwrap_or_else(|e| panic!("{options:?}: {e:?}"));
        behaves(&opened, KeySpec::P256);
        assert_eq!(opens(&out, "new").unwrap_err().kind(), ErrorKind::WrongPin);
        let bytes = std::fs::read(&out).unwrap();
        let broken = dir.path().join("broken.p12");
        for at in (0..bytes.len()).step_by(97) {
            std::fs::write(&broken, &bytes[..at]).unwrap();
            assert!(opens(&broken, "n\u{e9}w").is_err());
        }
    }
}

/// Java keeps several keys in one file.
#[test]
fn of_several_keys_in_a_file_the_named_or_the_certified_one_is_taken() {
    if !openssl_there() || !common::there("keytool") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (file, java) in [
        ("new.p12", &[][..]),
        ("legacy.p12", &["-J-Dkeystore.pkcs12.legacy=true"]),
    ] {
        let store = dir.path().join(file);
        let keytool = |args: &[&str]| {
            let about = [
                "-storetype",
                "PKCS12",
                "-keystore",
                s(&store),
                "-storepass",
                "changeit",
            ];
            common::run("keytool", &[args, &about[..], java].concat())
        };
        for (alias, curve) in [("Seal", "secp256r1"), ("Archive", "secp384r1")] {
            let dname = format!("CN={alias}");
            let kind = ["-keyalg", "EC", "-groupname", curve, "-dname", &dname];
            keytool(&[&["-genkeypair", "-alias", alias][..], &kind].concat());
        }
        let error = opens(&store, "changeit").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
        assert!(
            error.to_string().contains("\"seal\", \"archive\""),
            "{error}"
        );
        for (alias, spec) in [("Seal", KeySpec::P256), ("Archive", KeySpec::P384)] {
            let by = |which| {
                let options = OpenOptions {
                    which,
                    ..OpenOptions::default()
                };
                open(&at(&store), &pass("changeit"), &options)
            };
            let named = by(Which {
                name: Some(alias.into()),
                public_key: None,
            });
            let named = named.unwrap();
            behaves(&named, spec);
            let certificate = keytool(&["-exportcert", "-alias", alias]);
            assert_eq!(named.certificates[0], certificate);
            let certificate = pki_asn1::Certificate::from_der(certificate).unwrap();
            let public = pki_crypto::PublicKey::from_spki_der(certificate.spki_der()).unwrap();
            let certified = by(Which {
                name: None,
                public_key: Some(public.clone()),
            });
            assert_eq!(*certified.unwrap().signer.public_key(), public);
            let none = by(Which {
                name: Some("nobody".into()),
                public_key: None,
            });
            assert_eq!(none.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
}

#[test]
fn a_file_that_asks_for_too_much_work_is_refused_at_once() {
    if !openssl_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let plain = plain_key(dir.path());
    let path = dir.path().join("costly.der");
    openssl(&[
        "pkcs8",
        "-topk8",
        "-in",
        s(&plain),
        "-out",
        s(&path),
        "-outform",
        "DER",
        "-v2",
        "aes-256-cbc",
        "-iter",
        "1000000",
        "-passout",
        "pass:x",
    ]);
    let bytes = std::fs::read(&path).unwrap();
    // 1,000,000 = 0f 42 40; the same length, sixteen million.
    let at_count = bytes
        .windows(5)
        .position(|w| w == [2, 3, 0x0f, 0x42, 0x40])
        .unwrap();
    let mut costly = bytes;
    costly[at_count + 2] = 0x7f;
    costly[at_count + 3] = 0xff;
    std::fs::write(&path, &costly).unwrap();
    let started = std::time::Instant::now();
    let error = opens(&path, "x").unwrap_err();
    assert!(matches!(error, KeyError::TooCostly { .. }), "{error:?}");
    assert!(started.elapsed() < std::time::Duration::from_secs(1));
}

#[test]
fn what_is_no_key_file_says_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    let kind = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        let error = opens(&path, "x").unwrap_err();
        assert!(error.to_string().contains(s(&path)), "{error}");
        assert!(error.hint().is_some());
        error.kind()
    };
    assert_eq!(kind(b""), ErrorKind::NotFound);
    assert_eq!(kind(b"hello"), ErrorKind::NotFound);
    assert_eq!(
        kind(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        ErrorKind::NotFound
    );
    assert_eq!(
        kind(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
        ErrorKind::Malformed
    );
    assert_eq!(
        kind(b"-----BEGIN PRIVATE KEY-----\nAAAA\n"),
        ErrorKind::Malformed
    );
    let twice = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".repeat(2);
    assert_eq!(kind(twice.as_bytes()), ErrorKind::Ambiguous);
    assert_eq!(kind(&vec![0; 5 << 20]), ErrorKind::Malformed);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(opens(&path, "x").unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(opens(dir.path(), "x").unwrap_err().kind(), ErrorKind::Io);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_a_new_key_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key.pem");
    let key = generate(
        &at(&path),
        KeySpec::P256,
        &pass("x"),
        &OpenOptions::default(),
    )
    .unwrap();
    behaves(&key, KeySpec::P256);
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    let error = generate(
        &at(&dir.path().join("no/key.pem")),
        KeySpec::P256,
        &pass("x"),
        &OpenOptions::default(),
    );
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Io);
}

/// The seeds of the fuzz targets, and files that are broken in every byte.
#[test]
fn hostile_input_is_an_error_and_never_a_panic() {
    let opened = |bytes: &[u8]| {
        hsm_pkcs11::open_bytes(
            Path::new("input"),
            bytes,
            &pass("secret"),
            &OpenOptions::default(),
        )
    };
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let files = |name: &str| {
        let files: Vec<_> = std::fs::read_dir(corpus.join(name))
            .unwrap()
            .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
            .collect();
        assert!(files.len() > 3);
        files
    };
    for bytes in files("pkcs11-uri") {
        if let Ok(uri) = String::from_utf8(bytes)
            .unwrap()
            .parse::<hsm_pkcs11::Pkcs11Uri>()
        {
            assert_eq!(uri.to_string().parse(), Ok(uri));
        }
    }
    for bytes in files("key-file") {
        assert!(opened(&bytes).is_err());
    }
    if !openssl_there() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let key = plain_key(dir.path());
    let (_, own) = certificate(dir.path(), &key);
    let p12 = dir.path().join("key.p12");
    for options in [&["-nomac"][..], &[]] {
        let head = [
            "pkcs12",
            "-export",
            "-inkey",
            s(&key),
            "-in",
            s(&own),
            "-out",
            s(&p12),
            "-iter",
            "2",
            "-passout",
            "pass:secret",
        ];
        openssl(&[&head[..], options].concat());
        let bytes = std::fs::read(&p12).unwrap();
        opened(&bytes).unwrap();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            for bit in [0x01, 0x80] {
                broken[at] = bytes[at] ^ bit;
                let _ = opened(&broken);
            }
        }
    }
}

#[test]
fn a_file_that_leads_to_no_key_says_what_is_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let (key, file) = (dir.path().join("key.pem"), dir.path().join("key.uri"));
    generate(
        &at(&key),
        KeySpec::P256,
        &pass("x"),
        &OpenOptions::default(),
    )
    .unwrap();
    let huge = [b"pkcs11:object=".to_vec(), vec![b'x'; 5 << 20]].concat();
    let cases: [(&[u8], &str, ErrorKind); 6] = [
        (b"", "it is empty", ErrorKind::NotFound),
        (b"\n \n", "it is empty", ErrorKind::NotFound),
        // One level: a file never leads to another file.
        (
            key.as_os_str().as_encoded_bytes(),
            "a line of text",
            ErrorKind::NotFound,
        ),
        (b"\x01\x02\xff\n\0", "neither PEM", ErrorKind::NotFound),
        (b"pkcs11:", "", ErrorKind::ModuleMissing),
        (&huge, "is larger than", ErrorKind::Malformed),
    ];
    for (content, expected, kind) in cases {
        std::fs::write(&file, content).unwrap();
        let options = OpenOptions {
            module: Some(dir.path().join("missing.so")),
            ..OpenOptions::default()
        };
        let error = open(&at(&file), &pass("x"), &options).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("key.uri"), "{said}");
        assert!(said.contains(expected), "{said}");
        assert_eq!(error.kind(), kind, "{said}");
        assert!(error.hint().is_some());
    }
    // What is given to the parser of key files alone leads nowhere at all.
    let error = hsm_pkcs11::open_bytes(
        &file,
        b"pkcs11:object=a",
        &pass("x"),
        &OpenOptions::default(),
    );
    assert!(matches!(error.unwrap_err(), KeyError::NoKeyInFile { .. }));
}

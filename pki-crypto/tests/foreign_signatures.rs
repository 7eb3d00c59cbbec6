//! Signatures that openssl makes, in every combination of key, digest and padding that is verified
//! here; and the same with one bit changed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test says why it skips and fails where it unwraps"
)]

use std::path::Path;
use std::process::{Command, Stdio};

use pki_crypto::{
    Curve, DigestAlgorithm, ForeignKey, KeyError, KeyKind, Message, PssParameters, PublicKey,
    SignatureAlgorithm, VerifyError,
};

const MESSAGE: &[u8] = b"signed by somebody else";

const DIGESTS: [(&str, DigestAlgorithm); 12] = [
    ("sha1", DigestAlgorithm::Sha1),
    ("sha224", DigestAlgorithm::Sha224),
    ("sha256", DigestAlgorithm::Sha256),
    ("sha384", DigestAlgorithm::Sha384),
    ("sha512", DigestAlgorithm::Sha512),
    ("sha3-256", DigestAlgorithm::Sha3_256),
    ("sha3-384", DigestAlgorithm::Sha3_384),
    ("sha3-512", DigestAlgorithm::Sha3_512),
    ("md5", DigestAlgorithm::Md5),
    ("sha512-224", DigestAlgorithm::Sha512_224),
    ("sha512-256", DigestAlgorithm::Sha512_256),
    ("sha3-224", DigestAlgorithm::Sha3_224),
];

fn openssl(dir: &Path, args: &[&str]) -> Vec<u8> {
    let out = Command::new("openssl")
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "openssl {args:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    out.stdout
}

/// A folder with the message and a key that openssl made, and its public half.
struct Foreign {
    dir: tempfile::TempDir,
    spki: Vec<u8>,
}

impl Foreign {
    fn new(generate: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("message"), MESSAGE).unwrap();
        openssl(
            dir.path(),
            &[&["genpkey", "-out", "key"], generate].concat(),
        );
        let spki = openssl(
            dir.path(),
            &["pkey", "-in", "key", "-pubout", "-outform", "DER"],
        );
        Self { dir, spki }
    }

    fn key(&self) -> PublicKey {
        PublicKey::from_spki_der(&self.spki).unwrap()
    }

    fn sign(&self, digest: &str, options: &[&str]) -> Vec<u8> {
        let digest = format!("-{digest}");
        let sign = ["dgst", &digest, "-sign", "key"];
        openssl(
            self.dir.path(),
            &[&sign[..], options, &["message"]].concat(),
        )
    }
}

/// The signature verifies, over the message and over its digest, and nothing that differs in a bit.
fn verified(key: &PublicKey, algorithm: SignatureAlgorithm, signature: &[u8]) {
    let digest = algorithm.digest().unwrap().digest(MESSAGE);
    for message in [Message::Bytes(MESSAGE), Message::Digest(&digest)] {
        let result = key.verify(algorithm, message, signature);
        assert_eq!(result, Ok(()), "{algorithm} with {}", key.kind());
    }
    let other = Message::Bytes(b"signed by somebody Else");
    assert_eq!(
        key.verify(algorithm, other, signature),
        Err(VerifyError::Invalid),
        "{algorithm}"
    );
    for at in [0, signature.len() / 2, signature.len() - 1] {
        let mut changed = signature.to_vec();
        changed[at] ^= 1;
        assert_eq!(
            key.verify(algorithm, Message::Bytes(MESSAGE), &changed),
            Err(VerifyError::Invalid),
            "{algorithm}"
        );
    }
    assert!(key.verify(algorithm, Message::Bytes(MESSAGE), &[]).is_err());
    // The identifier, where there is one, says the same when it is read back.
    if let Ok(identifier) = algorithm.to_identifier() {
        let read = SignatureAlgorithm::from_identifier(&identifier);
        assert_eq!(read, Ok(algorithm));
    }
}

#[test]
fn every_curve_verifies_with_every_digest() {
    for (curve, kind) in [
        ("P-256", KeyKind::EcP256),
        ("P-384", KeyKind::EcP384),
        ("P-521", KeyKind::EcP521),
        ("brainpoolP256r1", KeyKind::BrainpoolP256),
        ("brainpoolP384r1", KeyKind::BrainpoolP384),
    ] {
        let parameter = format!("ec_paramgen_curve:{curve}");
        let foreign = Foreign::new(&["-algorithm", "EC", "-pkeyopt", &parameter]);
        let key = foreign.key();
        assert_eq!(key.kind(), kind);
        for (name, digest) in DIGESTS {
            let signature = foreign.sign(name, &[]);
            verified(&key, SignatureAlgorithm::Ecdsa(digest), &signature);
        }
    }
}

#[test]
fn curves_that_nobody_here_signs_with_verify_with_every_digest() {
    for curve in Curve::ALL {
        let parameter = match curve {
            Curve::P192 => "ec_paramgen_curve:prime192v1".to_owned(),
            curve => format!("ec_paramgen_curve:{curve}"),
        };
        let foreign = Foreign::new(&["-algorithm", "EC", "-pkeyopt", &parameter]);
        let key = foreign.key();
        assert_eq!(key.kind(), KeyKind::Foreign(ForeignKey::Ec(curve)));
        for (name, digest) in DIGESTS {
            let signature = foreign.sign(name, &[]);
            verified(&key, SignatureAlgorithm::Ecdsa(digest), &signature);
        }
        // A point beside the curve is no key.
        let mut beside = foreign.spki.clone();
        *beside.last_mut().unwrap() ^= 1;
        assert!(matches!(
            PublicKey::from_spki_der(&beside),
            Err(KeyError::Malformed(_))
        ));
        assert!(PublicKey::in_use(&foreign.spki).is_err());
    }
}

#[test]
fn dsa_of_every_size_verifies_with_every_digest() {
    for (p, q) in [
        ("1024", "160"),
        ("2048", "224"),
        ("2048", "256"),
        ("3072", "256"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (p_bits, q_bits) = (
            format!("dsa_paramgen_bits:{p}"),
            format!("dsa_paramgen_q_bits:{q}"),
        );
        let generate = [
            "genpkey",
            "-genparam",
            "-algorithm",
            "DSA",
            "-out",
            "parameters",
        ];
        openssl(
            dir.path(),
            &[&generate[..], &["-pkeyopt", &p_bits, "-pkeyopt", &q_bits]].concat(),
        );
        let parameters = dir.path().join("parameters");
        let foreign = Foreign::new(&["-paramfile", parameters.to_str().unwrap()]);
        let key = foreign.key();
        let bits = p.parse().unwrap();
        assert_eq!(key.kind(), KeyKind::Foreign(ForeignKey::Dsa { bits }));
        for (name, digest) in DIGESTS {
            // openssl signs with what has an identifier only.
            if SignatureAlgorithm::Dsa(digest).to_identifier().is_err() {
                continue;
            }
            let signature = foreign.sign(name, &[]);
            verified(&key, SignatureAlgorithm::Dsa(digest), &signature);
        }
        assert!(!key.lacks_parameters());
        // Another DSA key of the same parameters does not make the signature good.
        let other = Foreign::new(&["-paramfile", parameters.to_str().unwrap()]);
        assert_eq!(
            other.key().verify(
                SignatureAlgorithm::Dsa(DigestAlgorithm::Sha256),
                Message::Bytes(MESSAGE),
                &foreign.sign("sha256", &[])
            ),
            Err(VerifyError::Invalid)
        );
    }
}

#[test]
fn ed448_verifies_over_the_message_alone() {
    let foreign = Foreign::new(&["-algorithm", "ED448"]);
    let key = foreign.key();
    assert_eq!(key.kind(), KeyKind::Foreign(ForeignKey::Ed448));
    let sign = [
        "pkeyutl", "-sign", "-inkey", "key", "-rawin", "-in", "message",
    ];
    let signature = openssl(foreign.dir.path(), &sign);
    let verify = |message: &[u8], signature: &[u8]| {
        key.verify(
            SignatureAlgorithm::Ed448,
            Message::Bytes(message),
            signature,
        )
    };
    assert_eq!(verify(MESSAGE, &signature), Ok(()));
    assert_eq!(verify(b"another", &signature), Err(VerifyError::Invalid));
    for at in 0..signature.len() {
        let mut changed = signature.clone();
        changed[at] ^= 1;
        assert_eq!(verify(MESSAGE, &changed), Err(VerifyError::Invalid), "{at}");
    }
    assert!(matches!(
        key.verify(
            SignatureAlgorithm::Ed25519,
            Message::Bytes(MESSAGE),
            &signature
        ),
        Err(VerifyError::KeyMismatch { .. })
    ));
}

#[test]
fn rsa_verifies_with_any_odd_exponent() {
    // The last ones are longer than what the library takes.
    for exponent in [
        "3",
        "17",
        "65539",
        "4294967297",
        "18446744073709551629",
        "1208925819614629174706189",
    ] {
        let exponent = format!("rsa_keygen_pubexp:{exponent}");
        let bits = [
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-pkeyopt",
        ];
        let foreign = Foreign::new(&[&bits[..], &[&exponent]].concat());
        let key = foreign.key();
        let signature = foreign.sign("sha256", &[]);
        let sha256 = DigestAlgorithm::Sha256;
        verified(&key, SignatureAlgorithm::RsaPkcs1(sha256), &signature);
        let pss = [
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:digest",
        ];
        let signature = foreign.sign("sha256", &pss);
        verified(&key, SignatureAlgorithm::RsaPss(sha256), &signature);
    }
}

#[test]
fn every_rsa_padding_verifies_with_every_digest() {
    // 1025 bits: the encoded message of PSS is an octet shorter than the modulus there.
    for bits in ["1024", "1025", "2048", "3071", "3072"] {
        let parameter = format!("rsa_keygen_bits:{bits}");
        let foreign = Foreign::new(&["-algorithm", "RSA", "-pkeyopt", &parameter]);
        let key = foreign.key();
        for (name, digest) in DIGESTS {
            let signature = foreign.sign(name, &[]);
            verified(&key, SignatureAlgorithm::RsaPkcs1(digest), &signature);
            // The digest again does not fit into 1024 bits with SHA-512.
            if digest.output_len() == 64 && bits.starts_with("102") {
                continue;
            }
            let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt"];
            let signature = foreign.sign(name, &[&pss[..], &["rsa_pss_saltlen:digest"]].concat());
            verified(&key, SignatureAlgorithm::RsaPss(digest), &signature);
        }
    }
}

#[test]
fn pss_verifies_with_any_salt_and_any_mask() {
    let foreign = Foreign::new(&["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]);
    let key = foreign.key();
    for (name, digest) in [DIGESTS[0], DIGESTS[2], DIGESTS[4], DIGESTS[5], DIGESTS[8]] {
        for (mask_name, mask) in [DIGESTS[0], DIGESTS[2], DIGESTS[4]] {
            for salt_len in [0, 11, 20, 32, 100] {
                let parameters = PssParameters {
                    digest,
                    mask,
                    salt_len,
                };
                if parameters == PssParameters::usual(digest) {
                    continue;
                }
                let salt = format!("rsa_pss_saltlen:{salt_len}");
                let mgf = format!("rsa_mgf1_md:{mask_name}");
                let signature = foreign.sign(
                    name,
                    &[
                        "-sigopt",
                        "rsa_padding_mode:pss",
                        "-sigopt",
                        &salt,
                        "-sigopt",
                        &mgf,
                    ],
                );
                verified(&key, SignatureAlgorithm::RsaPssWith(parameters), &signature);
                // Another length of salt is another signature.
                let longer = PssParameters {
                    salt_len: salt_len + 1,
                    ..parameters
                };
                assert_eq!(
                    key.verify(
                        SignatureAlgorithm::RsaPssWith(longer),
                        Message::Bytes(MESSAGE),
                        &signature
                    ),
                    Err(VerifyError::Invalid)
                );
            }
        }
    }
}

#[test]
fn what_nobody_signs_with_is_named() {
    let named = |generate: &[&str]| {
        let foreign = Foreign::new(generate);
        PublicKey::in_use(&foreign.spki).unwrap_err()
    };
    let curve = |name: &str| {
        let parameter = format!("ec_paramgen_curve:{name}");
        named(&["-algorithm", "EC", "-pkeyopt", &parameter])
    };
    assert!(matches!(curve("prime192v1"), KeyError::Retired(_)));
    assert!(curve("P-224").to_string().contains("P-224"));
    assert!(
        curve("brainpoolP512r1")
            .to_string()
            .contains("brainpoolP512r1")
    );
    let ed448 = named(&["-algorithm", "Ed448"]);
    assert!(ed448.to_string().contains("Ed448"), "{ed448}");
}

#[test]
fn a_compressed_point_is_another_key_than_the_same_point_in_full() {
    let native = [
        "P-256",
        "P-384",
        "P-521",
        "brainpoolP256r1",
        "brainpoolP384r1",
    ];
    let foreign = Curve::ALL.map(|curve| match curve {
        Curve::P192 => "prime192v1".to_owned(),
        curve => curve.to_string(),
    });
    for curve in (native.iter().map(|&name| name.to_owned())).chain(foreign) {
        let parameter = format!("ec_paramgen_curve:{curve}");
        let foreign = Foreign::new(&["-algorithm", "EC", "-pkeyopt", &parameter]);
        let dir = foreign.dir.path();
        let compress = ["-conv_form", "compressed", "-outform", "DER"];
        let args = [&["ec", "-in", "key", "-pubout"], &compress[..]].concat();
        let compressed = openssl(dir, &args);
        assert!(compressed.len() < foreign.spki.len());
        let key = PublicKey::from_spki_der(&compressed).unwrap();
        assert_eq!(key.kind(), foreign.key().kind(), "{curve}");
        // Its identifier is that of the certificate's octets.
        assert_ne!(key.bits(), foreign.key().bits());
        let sha256 = SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256);
        verified(&key, sha256, &foreign.sign("sha256", &[]));
        // The other point of the same x has another key.
        let at = compressed.len() - key.bits().len();
        let mut other = compressed.clone();
        other[at] ^= 1;
        let other = PublicKey::from_spki_der(&other).unwrap();
        let signature = foreign.sign("sha256", &[]);
        let result = other.verify(sha256, Message::Bytes(MESSAGE), &signature);
        assert_eq!(result, Err(VerifyError::Invalid), "{curve}");
        // RFC 5480 section 2.2: the hybrid form must not be used.
        let args = ["-conv_form", "hybrid", "-outform", "DER"];
        let hybrid = openssl(dir, &[&["ec", "-in", "key", "-pubout"], &args[..]].concat());
        assert!(PublicKey::from_spki_der(&hybrid).is_err(), "{curve}");
        let why = PublicKey::in_use(&compressed).unwrap_err().to_string();
        assert!(!why.is_empty());
    }
}

#[test]
fn keys_that_nobody_computes_go_by_no_name() {
    let foreign = |curve: &str, more: &[&str]| {
        let parameter = format!("ec_paramgen_curve:{curve}");
        let arguments = [&["-algorithm", "EC", "-pkeyopt", &parameter], more].concat();
        let foreign = Foreign::new(&arguments);
        PublicKey::from_spki_der(&foreign.spki)
            .unwrap_err()
            .to_string()
    };
    for curve in ["sect163k1", "sect571r1", "c2tnb431r1", "secp160r1", "SM2"] {
        let why = foreign(curve, &[]);
        assert!(
            why.starts_with(&format!("elliptic curve {curve} (")),
            "{why}"
        );
    }
    let explicit = foreign("P-256", &["-pkeyopt", "ec_param_enc:explicit"]);
    assert!(explicit.contains("by parameters"), "{explicit}");
}

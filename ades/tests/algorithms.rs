//! Signatures that openssl makes with algorithms that Sceau does not compute, and with keys in a form that few use: each
//! is called what it is, and none is taken for broken.
#![allow(clippy::unwrap_used)]

mod common;

use ades::validate::{Indication, SubIndication};
use common::openssl::Openssl;

const CONTENT: &[u8] = b"An agreement.\n";

fn sign(openssl: &Openssl, signer: &str, options: &str) -> Vec<u8> {
    openssl.write("content", CONTENT);
    openssl.run(&format!(
        "cms -sign -binary -in content -signer {signer}.pem -inkey {signer}.key -outform DER -out cms{options}"
    ));
    openssl.read("cms")
}

/// openssl calls it good.
fn good(openssl: &Openssl, options: &str) {
    openssl.run(&format!(
        "cms -verify -binary -inform DER -in cms -content content -CAfile ca.pem -purpose any -out shown{options}"
    ));
    assert_eq!(openssl.read("shown"), CONTENT);
}

/// The verdict's reason.
fn reason(openssl: &Openssl, cms: &[u8]) -> (Indication, Option<SubIndication>, String) {
    let (_, verdict) = openssl.judge(cms, Some(CONTENT)).unwrap();
    let one = &verdict.signatures[0];
    let why = one.errors.first().map(|e| e.message.to_string());
    (one.indication, one.sub_indication, why.unwrap_or_default())
}

fn not_computed(openssl: &Openssl, cms: &[u8], name: &str) {
    let (indication, sub, why) = reason(openssl, cms);
    assert_eq!(
        (indication, sub),
        (
            Indication::Indeterminate,
            Some(SubIndication::CryptoConstraintsFailureNoPoe)
        ),
        "{name}: {why}"
    );
    assert!(why.contains(name), "{name}: {why}");
    assert!(!why.contains("wrong"), "{name}: {why}");
}

fn replaced(cms: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut out = cms.to_vec();
    let mut found = 0;
    for at in 0..=cms.len() - from.len() {
        if cms[at..].starts_with(from) {
            out[at..at + from.len()].copy_from_slice(to);
            found += 1;
        }
    }
    assert!(found > 0);
    out
}

#[test]
fn a_certificate_with_a_compressed_point_is_refused_though_rfc_5480_allows_it() {
    for curve in ["P-256", "P-521", "brainpoolP256r1", "secp256k1", "P-224"] {
        let openssl = Openssl::new();
        openssl.run(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out full.key"
        ));
        openssl.run("ec -in full.key -conv_form compressed -out short.key");
        openssl.certify("short", "ext");
        let cms = sign(&openssl, "short", "");
        good(&openssl, "");
        let (facts, verdict) = openssl.judge(&cms, Some(CONTENT)).unwrap();
        let signer = facts.signatures[0].signer.as_ref().unwrap();
        let spki = signer.certificate.as_ref().unwrap().spki_der();
        let point = pki_crypto::PublicKey::from_spki_der(spki).unwrap();
        assert!(matches!(point.bits().first(), Some(2 | 3)), "{curve}");
        let one = &verdict.signatures[0];
        assert!(one.intact, "{curve}: {:?}", one.errors);
        // Curves that nobody uses any more are judged as such.
        if matches!(curve, "P-256" | "P-521" | "brainpoolP256r1") {
            assert_eq!(one.indication, Indication::TotalPassed, "{curve}");
        }
        let (_, other) = openssl.judge(&cms, Some(b"Another agreement.\n")).unwrap();
        assert_eq!(other.signatures[0].indication, Indication::TotalFailed);
    }
}

#[test]
fn keys_on_curves_that_nobody_computes_are_called_broken() {
    for (parameters, name) in [
        ("EC -pkeyopt ec_paramgen_curve:sect283k1", "sect283k1"),
        ("EC -pkeyopt ec_paramgen_curve:c2tnb239v1", "c2tnb239v1"),
        ("EC -pkeyopt ec_paramgen_curve:secp160k1", "secp160k1"),
        (
            "EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
            "given by parameters",
        ),
    ] {
        let openssl = Openssl::new();
        openssl.signer("odd", parameters);
        let cms = sign(&openssl, "odd", "");
        not_computed(&openssl, &cms, name);
    }
}

#[test]
fn digests_that_nobody_computes_are_called_broken() {
    let openssl = Openssl::new();
    openssl.signer("rsa", "RSA -pkeyopt rsa_keygen_bits:2048");
    let legacy = " -provider legacy -provider default";
    for (digest, name) in [("md4", "MD4"), ("ripemd160", "RIPEMD-160")] {
        let options = format!(" -md {digest}{legacy}");
        let cms = sign(&openssl, "rsa", &options);
        good(&openssl, legacy);
        not_computed(&openssl, &cms, name);
    }
    // What openssl does not make, from what it makes: names as long as that of MD5.
    let md5 = sign(&openssl, "rsa", " -md md5");
    const MD5: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5];
    for (oid, name) in [
        (&[6, 8, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 2], "MD2"),
        (&[6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x11], "SM3"),
        (
            &[6, 8, 0x2a, 0x85, 3, 7, 1, 1, 2, 2],
            "GOST R 34.11-2012 (256)",
        ),
    ] {
        not_computed(&openssl, &replaced(&md5, MD5, oid), name);
    }
}

#[test]
fn signature_algorithms_that_nobody_computes_are_called_broken() {
    let openssl = Openssl::new();
    let cms = sign(&openssl, "ee", " -md sha256 -nocerts -noattr");
    // ecdsa-with-SHA256, and names of the same length.
    const ECDSA: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let certificate = openssl.certificate("ee.pem");
    for (oid, name) in [
        (
            &[6, 8, 0x2a, 0x85, 3, 7, 1, 1, 3, 2],
            "GOST R 34.10-2012 (256)",
        ),
        (
            &[6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75],
            "SM2 with SM3",
        ),
    ] {
        let mut material = openssl.material();
        material.pool.add(certificate.clone());
        let odd = replaced(&cms, ECDSA, oid);
        let now = pki_asn1::Clock::now(&pki_asn1::SystemClock);
        let judged = common::openssl::judge(&odd, Some(CONTENT), material, now);
        let (_, verdict) = judged.unwrap();
        let one = &verdict.signatures[0];
        assert_eq!(one.indication, Indication::Indeterminate);
        let expected = Some(SubIndication::CryptoConstraintsFailureNoPoe);
        assert_eq!(one.sub_indication, expected, "{:?}", one.errors);
        let why = one.errors[0].message.to_string();
        assert!(why.contains(name), "{why}");
    }
}

#[test]
fn a_key_of_sm2_is_called_broken() {
    let openssl = Openssl::new();
    let cms = sign(&openssl, "ee", " -md sha256 -nocerts");
    // openssl makes keys and certificates for SM2 and no CMS: what names the certificate finds another one.
    let own = openssl.certificate("ee.pem");
    let serial = hex::encode(own.serial());
    openssl.run("genpkey -algorithm SM2 -out sm2.key");
    openssl.run("req -new -key sm2.key -out sm2.csr -subj /C=MC/CN=ee");
    openssl.run(&format!(
        "x509 -req -in sm2.csr -CA ca.pem -CAkey ca.key -set_serial 0x{serial} -out sm2.pem -days 365 -extfile ext"
    ));
    let mut material = openssl.material();
    material.pool.add(openssl.certificate("sm2.pem"));
    let now = pki_asn1::Clock::now(&pki_asn1::SystemClock);
    let (_, verdict) = common::openssl::judge(&cms, Some(CONTENT), material, now).unwrap();
    let one = &verdict.signatures[0];
    assert_eq!(one.indication, Indication::Indeterminate);
    let why = one.errors[0].message.to_string();
    assert!(why.contains("elliptic curve SM2"), "{why}");
}

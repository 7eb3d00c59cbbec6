//! OpenSSL judges the `SignedData` we assemble.
#![allow(clippy::unwrap_used)]

mod common;

use ades::cms::attribute::Attribute;
use ades::cms::build::{BuildError, CmsSigner, Embed};
use common::{Hierarchy, Usage, accepts, tool};
use hsm_pkcs11::KeySpec;
use pki_asn1::{UnixTime, oid};

const CONTENT: &[u8] = b"An agreement, with its parties, its object and its price.\r\n";

#[test]
fn every_key_makes_signatures_that_openssl_calls_cades() {
    let pki = Hierarchy::new();
    let dir = tempfile::tempdir().unwrap();
    let root = pki.write_root(dir.path());
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("content"), CONTENT).unwrap();
    // OpenSSL 3.0 does not read Ed25519 in CMS; pyHanko judges that one in `pades.rs`.
    for spec in ["p256", "p384", "rsa3072", "rsa3072-pss"] {
        let spec: KeySpec = spec.parse().unwrap();
        let identity = pki.issue("Signer", spec, Usage::Signing);
        let signer = CmsSigner::new(
            identity.key,
            identity.certificate,
            std::slice::from_ref(&pki.issuing),
        )
        .unwrap();
        let digest = signer.digest_algorithm().digest(CONTENT);
        let attributes = [
            Attribute::signing_time(UnixTime::from_secs(1_800_000_000)).unwrap(),
            signer.algorithm_protection(),
        ];
        let signed = signer.sign(oid::CT_DATA, &digest, &attributes).unwrap();
        let detached = signed.detached();
        assert!(detached.len() <= signer.max_detached_len(oid::CT_DATA, &attributes, 0));
        assert!(detached.len() + 8 >= signer.max_detached_len(oid::CT_DATA, &attributes, 0));
        let mut streamed = Vec::new();
        signed
            .write_attached(&mut &CONTENT[..], CONTENT.len() as u64, &mut streamed)
            .unwrap();
        assert_eq!(streamed, signed.attached(CONTENT));
        std::fs::write(path("detached"), &detached).unwrap();
        std::fs::write(path("attached"), &streamed).unwrap();
        let verify = [
            "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-CAfile", &root,
        ];
        fn join<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<&'a str> {
            [a, b].concat()
        }
        accepts(
            "openssl",
            &join(
                &verify,
                &[
                    "-in",
                    &path("detached"),
                    "-content",
                    &path("content"),
                    "-out",
                    "/dev/null",
                ],
            ),
        );
        accepts(
            "openssl",
            &join(&verify, &["-in", &path("attached"), "-out", &path("out")]),
        );
        if let Ok(out) = std::fs::read(path("out")) {
            assert_eq!(out, CONTENT);
        }
        // Another content must not verify, else the judge judges nothing.
        std::fs::write(path("other"), b"Another price.").unwrap();
        if let Some(output) = tool(
            "openssl",
            &join(
                &verify,
                &[
                    "-in",
                    &path("detached"),
                    "-content",
                    &path("other"),
                    "-out",
                    "/dev/null",
                ],
            ),
        ) {
            assert!(!output.status.success());
        }
    }
}

#[test]
fn signed_attributes_out_of_der_order_would_break_strict_validators() {
    let pki = Hierarchy::new();
    let identity = pki.issue("Signer", KeySpec::P256, Usage::Signing);
    let signer = CmsSigner::new(identity.key, identity.certificate, &[]).unwrap();
    let digest = signer.digest_algorithm().digest(CONTENT);
    let attributes = [
        signer.algorithm_protection(),
        Attribute::signing_time(UnixTime::from_secs(0)).unwrap(),
    ];
    let mut signed = signer.sign(oid::CT_DATA, &digest, &attributes).unwrap();
    signed.add_unsigned(Attribute::signature_time_stamp(&[0x30, 0]));
    // The `cms` crate decodes strictly and encodes canonically: the same octets must come back.
    use der::{Decode, Encode};
    let der = signed.detached();
    let info = cms::content_info::ContentInfo::from_der(&der).unwrap();
    let data: cms::signed_data::SignedData = info.content.decode_as().unwrap();
    let again = cms::content_info::ContentInfo {
        content_type: info.content_type,
        content: der::Any::encode_from(&data).unwrap(),
    };
    assert_eq!(again.to_der().unwrap(), der);
}

#[test]
fn a_certificate_of_another_key_is_refused_before_signing() {
    let pki = Hierarchy::new();
    let one = pki.issue("One", KeySpec::P256, Usage::Signing);
    let two = pki.issue("Two", KeySpec::P256, Usage::Signing);
    let error = CmsSigner::new(one.key, two.certificate, &[]).unwrap_err();
    assert!(
        matches!(&error, BuildError::CertificateMismatch { subject } if subject.contains("Two"))
    );
    assert!(error.hint().is_some());
}

#[test]
fn content_that_changes_under_the_signature_is_noticed() {
    let pki = Hierarchy::new();
    let identity = pki.issue("Signer", KeySpec::P256, Usage::Signing);
    let signer = CmsSigner::new(identity.key, identity.certificate, &[]).unwrap();
    let digest = signer.digest_algorithm().digest(CONTENT);
    let signed = signer.sign(oid::CT_DATA, &digest, &[]).unwrap();
    let len = CONTENT.len() as u64;
    let mut out = Vec::new();
    assert!(
        signed
            .write_attached(&mut &CONTENT[1..], len, &mut out)
            .is_err()
    );
    assert!(
        signed
            .write_attached(&mut &CONTENT[..], len - 1, &mut out)
            .is_err()
    );
}

#[test]
fn time_stamp_tokens_are_version_3_and_can_leave_certificates_out() {
    let pki = Hierarchy::new();
    let tsu = pki.issue("TSU", KeySpec::P256, Usage::TimeStamping);
    let signer = CmsSigner::new(tsu.key, tsu.certificate, &[]).unwrap();
    let content = [0x30, 0];
    let digest = signer.digest_algorithm().digest(&content);
    let signed = signer.sign(oid::CT_TST_INFO, &digest, &[]).unwrap();
    let full = signed.attached(&content);
    let bare = signed.embed(Embed::Nothing).attached(&content);
    assert!(bare.len() + signer.certificate().der().len() < full.len());
    use der::Decode;
    let info = cms::content_info::ContentInfo::from_der(&bare).unwrap();
    let data: cms::signed_data::SignedData = info.content.decode_as().unwrap();
    assert_eq!(data.version, cms::content_info::CmsVersion::V3);
    assert!(data.certificates.is_none());
}

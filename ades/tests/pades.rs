//! pdfsig, qpdf and pyHanko judge the PDFs we sign.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::Arc;

use ades::cms::build::CmsSigner;
use ades::pades::{Certification, PadesError, sign_pdf};
use ades::tsp::TimeStamper;
use common::pdf::{World, options, plain, sign, try_sign, with_form};
use common::{Usage, accepts};
use hsm_pkcs11::KeySpec;
use pdf_file::{MemorySource, OpenOptions, PdfFile};
use pki_asn1::{Clock, SystemClock};

#[test]
fn every_key_signs_pdfs_that_strict_validators_accept() {
    for spec in ["p256", "p384", "rsa3072", "rsa3072-pss", "ed25519"] {
        let world = World::with(spec.parse().unwrap());
        let signed = sign(&plain(), &world.signer, &options());
        if spec == "ed25519" || spec == "rsa3072-pss" {
            // NSS, and so pdfsig, knows no Ed25519 in CMS.
            let path = world.dir.path().join("signed.pdf");
            std::fs::write(&path, &signed).unwrap();
            world.pyhanko(path.to_str().unwrap(), &[], 1);
        } else {
            let judged = world.judged(&signed, 1);
            for status in judged {
                assert_eq!(status["coverage"], "ENTIRE_FILE");
                assert_eq!(status["modifications"], "NONE");
            }
        }
    }
}

#[test]
fn a_second_signature_would_break_the_first() {
    let world = World::new();
    let mut signed = plain();
    for _ in 0..3 {
        signed = sign(&signed, &world.signer, &options());
    }
    let judged = world.judged(&signed, 3);
    let fields: Vec<_> = judged
        .iter()
        .map(|s| s["field"].as_str().unwrap())
        .collect();
    if !judged.is_empty() {
        assert_eq!(fields, ["Signature1", "Signature2", "Signature3"]);
    }
}

#[test]
fn arrays_of_their_own_and_nested_fields_lose_nothing() {
    let world = World::new();
    let mut nested = options();
    nested.field = Some("buyer.seal".into());
    let once = sign(&with_form(""), &world.signer, &nested);
    let twice = sign(&once, &world.signer, &options());
    let judged = world.judged(&twice, 2);
    if let [first, second] = &judged[..] {
        assert_eq!(first["field"], "buyer.seal");
        // `Signature1` is a text field here.
        assert_eq!(second["field"], "Signature2");
    }
    let again = try_sign(&twice, &world.signer, &nested, None).unwrap_err();
    assert!(matches!(again, PadesError::FieldSigned { field } if field == "buyer.seal"));
    for (name, expected) in [
        ("Signature1", "not a signature field"),
        ("buyer", "below that name"),
        ("a.b", "full stop"),
        ("", "empty"),
    ] {
        let mut options = options();
        options.field = Some(name.into());
        let error = try_sign(&twice, &world.signer, &options, None).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.hint().is_some());
    }
}

#[test]
fn certification_permits_only_what_it_says() {
    let world = World::new();
    for certification in [
        Certification::FormFilling,
        Certification::Annotations,
        Certification::NoChanges,
    ] {
        let mut certify = options();
        certify.certify = Some(certification);
        let certified = sign(&with_form(""), &world.signer, &certify);
        for status in world.judged(&certified, 1) {
            assert_eq!(status["docmdp_ok"], true);
        }
        let error = try_sign(&certified, &world.signer, &certify, None).unwrap_err();
        if certification == Certification::NoChanges {
            assert!(
                matches!(&error, PadesError::ChangesForbidden { by } if by == "Signature2"),
                "{error}"
            );
            let error = try_sign(&certified, &world.signer, &options(), None).unwrap_err();
            assert!(
                matches!(error, PadesError::ChangesForbidden { .. }),
                "{error}"
            );
            continue;
        }
        assert!(
            matches!(error, PadesError::CertifyNotFirst { .. }),
            "{error}"
        );
        let mut approve = options();
        approve.field = Some("buyer.seal".into());
        let approved = sign(&certified, &world.signer, &approve);
        let again = sign(&approved, &world.signer, &options());
        for status in world.judged(&again, 3) {
            assert_eq!(status["docmdp_ok"], true);
        }
    }
}

#[test]
fn a_locked_field_is_not_signed() {
    let world = World::new();
    let lock = "/Lock <</Type /SigFieldLock /Action /Exclude /Fields [(free)]>>";
    let mut nested = options();
    nested.field = Some("buyer.seal".into());
    let locked = sign(&with_form(lock), &world.signer, &nested);
    world.judged(&locked, 1);
    let error = try_sign(&locked, &world.signer, &options(), None).unwrap_err();
    assert!(
        matches!(&error, PadesError::FieldLocked { by, field } if by == "buyer.seal" && field == "Signature2"),
        "{error}"
    );
    let mut free = options();
    free.field = Some("free".into());
    let twice = sign(&locked, &world.signer, &free);
    for status in world.judged(&twice, 2) {
        assert_eq!(status["docmdp_ok"], true);
    }
}

#[test]
fn a_lock_that_permits_no_change_is_overlooked() {
    let world = World::new();
    let mut nested = options();
    nested.field = Some("buyer.seal".into());
    let lock = "/Lock <</Type /SigFieldLock /Action /Include /Fields [(other)] /P 1>>";
    let locked = sign(&with_form(lock), &world.signer, &nested);
    let error = try_sign(&locked, &world.signer, &options(), None).unwrap_err();
    assert!(
        matches!(&error, PadesError::ChangesForbidden { by } if by == "buyer.seal"),
        "{error}"
    );
}

#[test]
fn seed_values_bind_where_they_say_so() {
    let world = World::new();
    let mut nested = options();
    nested.field = Some("buyer.seal".into());
    for (seed, demand) in [
        (
            "/SV <</Ff 2 /SubFilter [/adbe.pkcs7.detached]>>",
            "adbe.pkcs7.detached",
        ),
        ("/SV <</Ff 8 /Reasons [(approved)]>>", "approved"),
        ("/SV <</Ff 64 /DigestMethod [/SHA512]>>", "SHA512"),
        ("/SV <</MDP <</P 2>>>>", "level 2"),
        ("/SV <</TimeStamp <</Ff 1>>>>", "a time-stamp"),
        (
            "/SV <</Cert <</Ff 1 /Subject [(another)]>>>>",
            "certificates it lists",
        ),
        (
            "/SV <</Cert <</Ff 2 /Issuer [(another)]>>>>",
            "issuers it lists",
        ),
    ] {
        let error = try_sign(&with_form(seed), &world.signer, &nested, None).unwrap_err();
        assert!(matches!(error, PadesError::SeedValue { .. }), "{error}");
        assert!(error.to_string().contains(demand), "{error}");
    }
    nested.reason = Some("approved".into());
    let seed = "/SV <</Ff 75 /Filter /Adobe.PPKLite /SubFilter [/ETSI.CAdES.detached] /Reasons [(approved)] /DigestMethod [(SHA256)]>>";
    world.judged(&sign(&with_form(seed), &world.signer, &nested), 1);
}

#[test]
fn texts_survive_outside_ascii() {
    let world = World::new();
    let mut options = options();
    options.reason = Some("Agréé (\\lu) et approuvé".into());
    options.location = Some("Monaco".into());
    options.contact = Some("公司 <info@sceau.example>".into());
    options.name = Some("Société Azur".into());
    let signed = sign(&plain(), &world.signer, &options);
    world.judged(&signed, 1);
    let path = world.dir.path().join("signed.pdf");
    if let Some(text) = accepts("pdfsig", &[path.to_str().unwrap()]) {
        assert!(
            text.contains("Monaco") || text.contains("Signature is Valid"),
            "{text}"
        );
    }
}

#[test]
fn encrypted_documents_keep_their_contents_readable() {
    let world = World::new();
    let path = |name: &str| world.dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("plain.pdf"), with_form("")).unwrap();
    for bits in ["40", "128", "256"] {
        let mut args = vec!["--encrypt", "", "owner", bits];
        if bits == "128" {
            args.push("--use-aes=y");
        }
        args.push("--");
        let (from, to) = (path("plain.pdf"), path("encrypted.pdf"));
        args.extend([from.as_str(), &to]);
        if bits != "256" {
            args.insert(0, "--allow-weak-crypto");
        }
        if common::tool("qpdf", &args).is_none() {
            return;
        }
        let input = std::fs::read(path("encrypted.pdf")).unwrap();
        let mut options = options();
        options.reason = Some("secret reason".into());
        let once = sign(&input, &world.signer, &options);
        let twice = sign(&once, &world.signer, &options);
        assert!(!twice.windows(13).any(|w| w == b"secret reason"));
        world.judged(&twice, 2);
    }
}

#[test]
fn a_document_whose_owner_forbids_signing_is_signed_with_the_users_password() {
    let world = World::new();
    let path = |name: &str| world.dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("plain.pdf"), plain()).unwrap();
    for (password, modify, permitted) in [
        ("", "none", false),
        ("", "annotate", true),
        ("", "form", true),
        ("owner", "none", true),
    ] {
        let modify = format!("--modify={modify}");
        let (from, to) = (path("plain.pdf"), path("encrypted.pdf"));
        let args = ["--encrypt", "", "owner", "256", &modify, "--", &from, &to];
        if common::tool("qpdf", &args).is_none() {
            return;
        }
        let source = Arc::new(MemorySource::new(std::fs::read(&to).unwrap()));
        let open = OpenOptions::new().with_password(password.to_owned().into());
        let pdf = PdfFile::open(source, open).unwrap();
        let made = sign_pdf(&pdf, &mut Vec::new(), &world.signer, &options(), None);
        match made {
            Ok(_) => assert!(permitted, "{modify}"),
            Err(PadesError::NotPermitted) => assert!(!permitted, "{modify}"),
            Err(e) => panic!("{modify}: {e}"),
        }
    }
}

#[test]
fn object_streams_and_linearized_files_sign_as_well() {
    let world = World::new();
    let path = |name: &str| world.dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("plain.pdf"), with_form("")).unwrap();
    for arg in [
        "--object-streams=generate",
        "--linearize",
        "--object-streams=disable",
    ] {
        if common::tool("qpdf", &[arg, &path("plain.pdf"), &path("other.pdf")]).is_none() {
            return;
        }
        let input = std::fs::read(path("other.pdf")).unwrap();
        let once = sign(&input, &world.signer, &options());
        let twice = sign(&once, &world.signer, &options());
        world.judged(&twice, 2);
    }
}

/// An authority made of our own `cms::build`; `tests/tsp.rs` has OpenSSL judge that one.
struct Authority {
    tsu: CmsSigner,
}

impl ades::net::HttpClient for Authority {
    fn send(
        &self,
        request: &ades::net::HttpRequest<'_>,
    ) -> Result<ades::net::HttpResponse, ades::net::HttpError> {
        use der::{Any, Decode, Encode};
        use pki_asn1::tsp::{GenTime, PkiStatusInfo, TimeStampReq, TimeStampResp, TstInfo};
        let ades::net::HttpMethod::Post { body, .. } = request.method else {
            panic!("not a POST");
        };
        let query = TimeStampReq::from_der(body).unwrap();
        let info = TstInfo {
            version: 1,
            policy: pki_asn1::oid::POLICY_BTSP,
            message_imprint: query.message_imprint,
            serial_number: der::asn1::Int::new(&[5]).unwrap(),
            gen_time: GenTime(SystemClock.now().to_generalized()),
            accuracy: None,
            ordering: false,
            nonce: query.nonce,
            tsa: None,
            extensions: None,
        }
        .to_der()
        .unwrap();
        let digest = self.tsu.digest_algorithm().digest(&info);
        let token = self
            .tsu
            .sign(pki_asn1::oid::CT_TST_INFO, &digest, &[])
            .unwrap()
            .attached(&info);
        let body = TimeStampResp {
            status: PkiStatusInfo {
                status: 0,
                status_string: None,
                fail_info: None,
            },
            time_stamp_token: Some(Any::from_der(&token).unwrap()),
        }
        .to_der()
        .unwrap();
        Ok(ades::net::HttpResponse {
            status: 200,
            content_type: None,
            body,
        })
    }
}

/// A client that guesses its authority's tokens to be tiny.
struct Optimist(ades::tsp::Client, usize);

impl TimeStamper for Optimist {
    fn time_stamp(
        &self,
        imprint: &pki_crypto::Digest,
    ) -> Result<ades::tsp::Token, ades::tsp::TspError> {
        self.0.time_stamp(imprint)
    }

    fn expected_len(&self) -> usize {
        self.1
    }
}

#[test]
fn a_token_longer_than_expected_does_not_break_the_signature() {
    let world = World::new();
    let tsu = world
        .pki
        .issue("Time-stamping unit", KeySpec::P256, Usage::TimeStamping);
    let tsu = CmsSigner::new(
        tsu.key,
        tsu.certificate,
        std::slice::from_ref(&world.pki.issuing),
    )
    .unwrap();
    let authority = Authority { tsu };
    let client = ades::tsp::Client::new(
        Arc::new(authority),
        vec!["http://tsa.sceau.example/".into()],
    );
    let guess = client.expected_len();
    let mut stamper = Optimist(client, 100);
    for expected in [100, guess] {
        stamper.1 = expected;
        let (signed, made) = try_sign(&plain(), &world.signer, &options(), Some(&stamper)).unwrap();
        assert!(made.time_stamp.is_some());
        for status in world.judged(&signed, 1) {
            assert_eq!(status["timestamp"], true);
        }
    }
}

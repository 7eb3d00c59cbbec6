//! What a document, its form and its earlier signatures demand of a signature or forbid it
//! (ISO 32000-2, 12.7.5.5 and 12.8.2); pyHanko checks seed values and locks on its side.
#![allow(clippy::unwrap_used)]

mod common;

use ades::cms::build::CmsSigner;
use ades::pades::{Certification, PadesError, PadesOptions};
use common::pdf::{World, options, pdf, plain, sign, try_sign, with_form};
use common::{Usage, accepts};
use hsm_pkcs11::KeySpec;
use rcgen::CustomExtension;

/// certificatePolicies with the one policy 1.2.3.4.
const POLICIES: &[u8] = b"\x30\x07\x30\x05\x06\x03\x2a\x03\x04";

/// A world whose signer is certified under a policy.
fn world() -> World {
    let mut world = World::new();
    let policies = CustomExtension::from_oid_content(&[2, 5, 29, 32], POLICIES.to_vec());
    let identity = world
        .pki
        .issue_with("Acme SAM", KeySpec::P256, Usage::Signing, vec![policies]);
    let chain = std::slice::from_ref(&world.pki.issuing);
    world.signer = CmsSigner::new(identity.key, identity.certificate, chain).unwrap();
    world
}

fn seal() -> PadesOptions {
    let mut options = options();
    options.field = Some("buyer.seal".into());
    options
}

fn hex(der: &[u8]) -> String {
    der.iter().map(|b| format!("{b:02x}")).collect()
}

fn refused(world: &World, input: &[u8], options: &PadesOptions) -> PadesError {
    let error = try_sign(input, &world.signer, options, None).unwrap_err();
    assert!(error.hint().is_some(), "{error}");
    error
}

#[test]
fn seed_values_for_the_certificate_are_read_past() {
    let world = world();
    let root = hex(world.pki.root.der());
    let issuing = hex(world.pki.issuing.der());
    let own = hex(world.signer.certificate().der());
    let another = world.pki.issue("Another", KeySpec::P256, Usage::Signing);
    let another = hex(another.certificate.der());
    for (certificate, accepted) in [
        (format!("/Ff 1 /Subject [<{another}> <{own}>]"), None),
        (
            format!("/Ff 1 /Subject [<{another}>]"),
            Some("one of the certificates it lists"),
        ),
        (format!("/Subject [<{another}>]"), None),
        // The root is not among the certificates that are embedded.
        (format!("/Ff 2 /Issuer [<{root}>]"), None),
        (format!("/Ff 2 /Issuer [<{issuing}>]"), None),
        (
            format!("/Ff 2 /Issuer [<{another}> <00>]"),
            Some("a certificate below one of the issuers it lists"),
        ),
        (format!("/Ff 6 /Issuer [<{root}>] /OID [(1.2.3.4)]"), None),
        (
            format!("/Ff 6 /Issuer [<{root}>] /OID [(1.2.3.4) (1.2.3.5)]"),
            Some("a certificate under the policy 1.2.3.5"),
        ),
        ("/Ff 8 /SubjectDN [<</CN (Acme SAM) /C (MC)>>]".into(), None),
        ("/Ff 8 /SubjectDN [<</2.5.4.3 (Acme SAM)>>]".into(), None),
        (
            "/Ff 8 /SubjectDN [<</CN (Acme SAM)>> <</O (Acme)>>]".into(),
            Some("a certificate whose subject has O=Acme"),
        ),
        ("/Ff 32 /KeyUsage [(000000001) (11XXXXXXX)]".into(), None),
        (
            "/Ff 32 /KeyUsage [(10XXXXXXX)]".into(),
            Some("a certificate with the key usage 10XXXXXXX"),
        ),
        (
            "/Ff 64 /URL (https://sceau.example/asp) /URLType /ASSP".into(),
            Some("a signature made by the server https://sceau.example/asp"),
        ),
        (
            "/Ff 16 /Unknown 1".into(),
            Some("that no edition of the PDF standard names"),
        ),
    ] {
        let form = with_form(&format!("/SV <</Cert <<{certificate}>>>>"));
        let Some(demand) = accepted else {
            let signed = sign(&form, &world.signer, &seal());
            // pyHanko knows no /OID.
            if certificate.contains("/OID") {
                continue;
            }
            for status in world.judged(&signed, 1) {
                assert_eq!(status["seed_value_ok"], true, "{certificate}");
            }
            continue;
        };
        let error = refused(&world, &form, &seal());
        assert!(matches!(error, PadesError::SeedValue { .. }), "{error}");
        assert!(error.to_string().contains(demand), "{certificate}: {error}");
    }
    let seed =
        "/SV <</Cert <</Ff 8 /SubjectDN [<</O (Acme)>>] /URL (https://sceau.example/enrol)>>>>";
    let error = refused(&world, &with_form(seed), &seal());
    let hint = error.hint().unwrap();
    assert!(hint.contains("https://sceau.example/enrol"), "{hint}");
}

#[test]
fn seed_values_that_are_not_known_here_are_overlooked() {
    let world = World::new();
    for (seed, demand) in [
        ("/Ff 4 /V 4", "later edition of PDF"),
        ("/Ff 1 /Filter /Entrust.PPKEF", "handler Entrust.PPKEF"),
        (
            "/Ff 16 /LegalAttestation [(No scripts)]",
            "legal attestations No scripts",
        ),
        ("/Ff 32 /AddRevInfo true", "revocation information"),
        ("/Ff 256 /AppearanceFilter (Stamp)", "appearance"),
        ("/Ff 512", "no edition of the PDF standard"),
        ("/Ff 8 /Reasons [(.)]", "no reason is given"),
        ("/MDP <</P 0>>", "does not certify"),
        (
            "/TimeStamp <</Ff 1 /URL (http://tsa.sceau.example)>>",
            "a time-stamp",
        ),
    ] {
        let form = with_form(&format!("/SV <<{seed}>>"));
        let mut options = seal();
        options.reason = Some("Agreed".into());
        options.certify = seed.contains("/MDP").then_some(Certification::FormFilling);
        let error = refused(&world, &form, &options);
        assert!(matches!(error, PadesError::SeedValue { .. }), "{error}");
        assert!(error.to_string().contains(demand), "{seed}: {error}");
    }
    for seed in [
        "/Ff 4 /V 3",
        "/LegalAttestation [(No scripts)] /AddRevInfo true /AppearanceFilter (Stamp) /Reasons [(x)]",
        "/Ff 32 /AddRevInfo false",
        "/Ff 64 /DigestMethod [(SHA384) (SHA256)]",
    ] {
        let signed = sign(
            &with_form(&format!("/SV <<{seed}>>")),
            &world.signer,
            &seal(),
        );
        for status in world.judged(&signed, 1) {
            assert_eq!(status["seed_value_ok"], true, "{seed}");
        }
    }
}

#[test]
fn a_document_that_is_to_be_locked_stays_open() {
    let world = World::new();
    let lock = "/SV <</Ff 128 /LockDocument /true>>";
    let locked = sign(&with_form(lock), &world.signer, &seal());
    for status in world.judged(&locked, 1) {
        assert_eq!(status["seed_value_ok"], true);
        assert_eq!(status["docmdp_ok"], true);
    }
    let error = refused(&world, &locked, &options());
    assert!(
        matches!(&error, PadesError::ChangesForbidden { by } if by == "buyer.seal"),
        "{error}"
    );

    let contradiction =
        "/Lock <</Action /All /P 2>> /SV <</Ff 128 /LockDocument /true>>".to_owned();
    for (fields, certify) in [
        (contradiction.as_str(), None),
        (lock, Some(Certification::FormFilling)),
        (
            "/SV <</Ff 128 /LockDocument /false>>",
            Some(Certification::NoChanges),
        ),
        (
            "/Lock <</Action /All /P 1>> /SV <</Ff 128 /LockDocument /false>>",
            None,
        ),
    ] {
        let mut options = seal();
        options.certify = certify;
        let error = refused(&world, &with_form(fields), &options);
        assert!(matches!(error, PadesError::SeedValue { .. }), "{error}");
    }
}

#[test]
fn a_certification_permits_more_than_its_fields_lock() {
    let world = World::new();
    let mut certify = seal();
    certify.certify = Some(Certification::Annotations);
    let form = with_form("/Lock <</Type /SigFieldLock /Action /Include /Fields [(x)] /P 2>>");
    let signed = sign(&form, &world.signer, &certify);
    let text = String::from_utf8_lossy(&signed);
    let certified = text.rfind("/TransformMethod /DocMDP").unwrap();
    assert!(text[certified..].contains("/P 2"), "{}", &text[certified..]);
    for status in world.judged(&signed, 1) {
        assert_eq!(status["docmdp_ok"], true);
    }
}

#[test]
fn a_legal_attestation_stands_in_the_catalog_of_a_certified_document() {
    let world = World::new();
    let mut certify = seal();
    certify.legal_attestation = Some("Aucun script".into());
    let error = refused(&world, &plain(), &certify);
    assert!(
        matches!(error, PadesError::AttestationWithoutCertification),
        "{error}"
    );
    certify.certify = Some(Certification::NoChanges);
    let form = with_form("/SV <</Ff 16 /LegalAttestation [(Aucun script)]>>");
    let signed = sign(&form, &world.signer, &certify);
    // pyHanko knows no legal attestations.
    let path = world.dir.path().join("signed.pdf");
    std::fs::write(&path, &signed).unwrap();
    accepts("qpdf", &["--check", path.to_str().unwrap()]);
    if let Some(shown) = accepts(
        "mutool",
        &["show", path.to_str().unwrap(), "trailer/Root/Legal"],
    ) {
        assert!(shown.contains("Aucun script"), "{shown}");
    }
}

#[test]
fn fields_in_unusual_trees_are_missed() {
    let world = World::new();
    // A parent that gives the type; a field apart from its two widgets; a field without a widget;
    // one whose name is in UTF-16.
    let form = pdf(&[
        "<</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R 6 0 R 9 0 R 10 0 R]>>>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>> /Annots [5 0 R 7 0 R 8 0 R 10 0 R]>>",
        "<</T (contract) /FT /Sig /Kids [5 0 R]>>",
        "<</Parent 4 0 R /T (seller) /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 0 0] /P 3 0 R>>",
        "<</T (twice) /FT /Sig /Kids [7 0 R 8 0 R]>>",
        "<</Parent 6 0 R /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 0 0] /P 3 0 R>>",
        "<</Parent 6 0 R /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 0 0] /P 3 0 R>>",
        "<</T (nowhere) /FT /Sig>>",
        "<</T <FEFF00C900740061> /FT /Sig /Type /Annot /Subtype /Widget /F 4 /Rect [0 0 0 0] /P 3 0 R>>",
    ]);
    let path = world.dir.path().join("signed.pdf");
    let mut signed = form;
    for (number, name) in ["contract.seller", "twice", "nowhere", "Éta"]
        .into_iter()
        .enumerate()
    {
        let mut options = options();
        options.field = Some(name.into());
        signed = sign(&signed, &world.signer, &options);
        // poppler takes each of two widgets for a field of its own, and finds no field without one.
        std::fs::write(&path, &signed).unwrap();
        accepts("qpdf", &["--check", path.to_str().unwrap()]);
        let judged = world.pyhanko(path.to_str().unwrap(), &[], number + 1);
        if let Some(last) = judged.last() {
            assert_eq!(last["field"], name);
            assert_eq!(last["coverage"], "ENTIRE_FILE");
        }
        let error = refused(&world, &signed, &options);
        assert!(matches!(error, PadesError::FieldSigned { .. }), "{error}");
    }
}

#[test]
fn a_read_only_field_is_filled_in() {
    let world = World::new();
    let error = refused(&world, &with_form("/Ff 1"), &seal());
    assert!(
        matches!(&error, PadesError::FieldReadOnly { field } if field == "buyer.seal"),
        "{error}"
    );
}

#[test]
fn a_certification_hidden_from_the_form_no_longer_binds() {
    let world = World::new();
    let certified = |p: u8, more: &str| {
        pdf(&[
            "<</Type /Catalog /Pages 2 0 R /Perms <</DocMDP 4 0 R>>>>",
            "<</Type /Pages /Kids [3 0 R] /Count 1>>",
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>",
            &format!(
                "<</Type /Sig /Reference [<</TransformMethod /DocMDP /TransformParams <</P {p}>>>> {more}]>>"
            ),
        ])
    };
    let error = refused(&world, &certified(1, ""), &options());
    assert!(
        matches!(error, PadesError::ChangesForbidden { .. }),
        "{error}"
    );
    let mut certify = options();
    certify.certify = Some(Certification::FormFilling);
    let error = refused(&world, &certified(2, ""), &certify);
    assert!(
        matches!(error, PadesError::CertifyNotFirst { .. }),
        "{error}"
    );
    let locked = "<</TransformMethod /FieldMDP /TransformParams <</Action /All>>>>";
    let error = refused(&world, &certified(2, locked), &options());
    assert!(matches!(error, PadesError::FieldLocked { .. }), "{error}");
    sign(&certified(2, ""), &world.signer, &options());
}

#[test]
fn usage_rights_and_forms_in_xml_are_lost() {
    let world = World::new();
    let form = pdf(&[
        "<</Type /Catalog /Pages 2 0 R /Perms <</UR3 4 0 R>> /AcroForm <</Fields [] /XFA [(template) 5 0 R]>>>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>",
        "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Reference [<</TransformMethod /UR3 /TransformParams <</V /2.2>>>>]>>",
        "<</Length 11>>\nstream\n<template/>\nendstream",
    ]);
    let mut certify = options();
    certify.certify = Some(Certification::FormFilling);
    let signed = sign(&form, &world.signer, &certify);
    world.judged(&signed, 1);
    let path = world.dir.path().join("signed.pdf");
    let show = |what| accepts("mutool", &["show", path.to_str().unwrap(), what]);
    if let (Some(perms), Some(form)) = (show("trailer/Root/Perms"), show("trailer/Root/AcroForm")) {
        assert!(
            perms.contains("/UR3 4 0 R") && perms.contains("/DocMDP"),
            "{perms}"
        );
        assert!(form.contains("/XFA") && form.contains("5 0 R"), "{form}");
    }
}

/// What PDF/A (ISO 19005-1 to -4) asks of a signature field and of the revision that brings it, as
/// another reader shows it; whether the rest conforms is not touched by a signature.
#[test]
fn a_claim_to_be_pdf_a_is_broken() {
    let world = World::new();
    let claim = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><pdfaid:part>1</pdfaid:part></x:xmpmeta>";
    let plain = pdf(&[
        "<</Type /Catalog /Pages 2 0 R /Metadata 4 0 R>>",
        "<</Type /Pages /Kids [3 0 R] /Count 1>>",
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources <<>>>>",
        &format!(
            "<</Type /Metadata /Subtype /XML /Length {}>>\nstream\n{claim}\nendstream",
            claim.len()
        ),
        "<</Title (A title) /ModDate (D:20200101000000Z)>>",
    ]);
    let identifier = "/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] /Info 5 0 R /Root";
    let plain = String::from_utf8_lossy(&plain).replace("/Root", identifier);
    // The comment after the header is not UTF-8 and came out longer: qpdf counts anew.
    let path = |name: &str| world.dir.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("plain.pdf"), plain).unwrap();
    let arguments = ["--object-streams=disable", "--warning-exit-0"];
    let files = [path("plain.pdf"), path("claimed.pdf")];
    let arguments = [&arguments[..], &[&files[0], &files[1]]].concat();
    if common::tool("qpdf", &arguments).is_none() {
        return;
    }
    let claimed = std::fs::read(path("claimed.pdf")).unwrap();
    let signed = sign(&claimed, &world.signer, &options());
    world.judged(&signed, 1);
    std::fs::write(path("signed.pdf"), &signed).unwrap();
    let show = |file: &str, what: &str| accepts("mutool", &["show", &path(file), what]).unwrap();

    // Metadata, information dictionary and first identifier stay; so does the form of the
    // cross-reference data, and there is nothing after the last marker (6.1.3, 6.1.4, 6.7).
    for what in ["trailer/Root/Metadata", "trailer/Info", "trailer/ID/1"] {
        assert_eq!(
            show("claimed.pdf", what),
            show("signed.pdf", what),
            "{what}"
        );
    }
    let added = &signed[claimed.len()..];
    let text = String::from_utf8_lossy(added);
    assert!(
        text.contains("\nxref\n") && !text.contains("/XRef"),
        "{text}"
    );
    assert!(text.ends_with("%%EOF\n"), "{text}");
    // 6.5.3 and 6.9: printed, not hidden, with a normal appearance and no other.
    let field = show("signed.pdf", "trailer/Root/AcroForm/Fields/1");
    assert!(field.contains("/F 132"), "{field}");
    assert!(show("signed.pdf", "trailer/Root/AcroForm/Fields/1/AP").contains("/N "));
    let appearance = show("signed.pdf", "trailer/Root/AcroForm/Fields/1/AP/N");
    assert!(appearance.contains("/Subtype /Form"), "{appearance}");
    // 6.9, 6.4.1: nothing asks a reader to draw fields anew.
    assert!(!show("signed.pdf", "trailer/Root/AcroForm").contains("NeedAppearances"));
}

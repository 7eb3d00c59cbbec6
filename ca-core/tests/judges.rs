//! What openssl and pkilint say of everything this CA issues.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod support;

use std::time::Duration;

use ca_core::{QscdEvidence, RevocationReason, RevocationRequest};
use hsm_pkcs11::KeySpec;
use support::{
    House, PERSON_SUBJECT, PROFESSIONAL_SUBJECT, SEAL_SUBJECT, accepts, actors, request, text,
};

const SERVICE_SUBJECT: &str =
    "C=MC,O=Sceau Example,organizationIdentifier=NTRMC-00S00001,CN=Service";

const PUBLIC_BODY_SUBJECT: &str =
    "C=MC,O=Mairie Exemple,organizationIdentifier=VATFR-12345678901,CN=Mairie Exemple";

/// pkilint without a finding of ERROR or WARNING.
fn etsi(kind: &str, pem: &str) {
    accepts(
        "lint_etsi_cert",
        &["lint", "-t", kind, "-s", "WARNING", pem],
    );
}

/// pkilint knows valassured-ST-certs by its identifier, but not that such a certificate needs no
/// revocation information (EN 319 412-1 clause 5.2): these two findings, and no others.
fn etsi_short_term(kind: &str, pem: &str) {
    let args = ["lint", "-t", kind, "-s", "WARNING", pem];
    let Some(output) = support::judge("lint_etsi_cert", &args) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    for finding in [
        "gen-4.3.11-2.crldp_extension_missing",
        "gen-4.4.1-8.ocsp_aia_access_method_absent",
    ] {
        assert!(said.contains(finding), "{said}");
    }
    // The exit status is the number of findings.
    assert_eq!(output.status.code(), Some(2), "{said}");
}

#[test]
fn every_profile_passes_openssl_and_pkilint_under_every_legislation() {
    let attested = || QscdEvidence::Attested("card 123 personalised at the desk".into());
    for legislation in ["MC", "EU", "none"] {
        let house = House::with(legislation, KeySpec::P384, KeySpec::P256);
        let root = house.certificate("root.pem", &house.root.authority().certificate);
        let issuing = house.certificate("issuing.pem", &house.issuing.authority().certificate);
        let (root, issuing) = (text(&root), text(&issuing));
        for pem in [root, issuing] {
            accepts("lint_pkix_cert", &["lint", "-s", "WARNING", pem]);
        }
        accepts(
            "lint_pkix_signer_signee_cert_chain",
            &["lint", "-s", "WARNING", root, issuing],
        );
        let qualified_device = match legislation {
            "EU" => "QCP-N-QSCD-EIDAS-FINAL-CERTIFICATE",
            "MC" => "QCP-N-QSCD-NON-EIDAS-FINAL-CERTIFICATE",
            _ => "NCP-NATURAL-PERSON-CERTIFICATE",
        };
        let natural = "NCP-NATURAL-PERSON-CERTIFICATE";
        let legal = "NCP-LEGAL-PERSON-CERTIFICATE";
        let cases = [
            (
                "company-seal",
                SEAL_SUBJECT,
                QscdEvidence::None,
                Some(legal),
            ),
            ("company-seal", SEAL_SUBJECT, attested(), Some(legal)),
            (
                "personal-signature",
                PERSON_SUBJECT,
                QscdEvidence::None,
                Some(natural),
            ),
            (
                "personal-signature",
                PERSON_SUBJECT,
                attested(),
                Some(qualified_device),
            ),
            (
                "personal-signature",
                "C=MC,pseudonym=Étoile,serialNumber=PNOMC-1,CN=Étoile",
                attested(),
                Some(qualified_device),
            ),
            (
                "professional-signature",
                PROFESSIONAL_SUBJECT,
                attested(),
                Some(qualified_device),
            ),
            (
                "public-body-seal",
                PUBLIC_BODY_SUBJECT,
                attested(),
                Some(legal),
            ),
            (
                "short-term-signature",
                PERSON_SUBJECT,
                attested(),
                Some(qualified_device),
            ),
            (
                "short-term-signature",
                PERSON_SUBJECT,
                QscdEvidence::None,
                Some(natural),
            ),
            (
                "authentication",
                PERSON_SUBJECT,
                QscdEvidence::None,
                Some(natural),
            ),
            ("ocsp-signer", SERVICE_SUBJECT, QscdEvidence::None, None),
            (
                "time-stamping-unit",
                SERVICE_SUBJECT,
                QscdEvidence::None,
                None,
            ),
        ];
        for (i, (profile, subject, qscd, kind)) in cases.into_iter().enumerate() {
            let order = request(profile, subject, qscd);
            let issued = house.engine.issue(&house.issuing, &order).unwrap();
            let pem = house.certificate(&format!("{i}-{profile}.pem"), &issued.certificate);
            let pem = text(&pem);
            let at = house.clock_seconds();
            let mut verify = vec!["verify", "-x509_strict", "-policy_check", "-attime", &at];
            verify.extend(["-CAfile", root, "-untrusted", issuing, pem]);
            accepts("openssl", &verify);
            match kind {
                Some(kind) if profile == "short-term-signature" => etsi_short_term(kind, pem),
                Some(kind) => etsi(kind, pem),
                None => accepts("lint_pkix_cert", &["lint", "-s", "WARNING", pem]),
            }
            // What the chain linter looks at does not depend on the law.
            if legislation == "MC" {
                accepts(
                    "lint_pkix_signer_signee_cert_chain",
                    &["lint", "-s", "WARNING", issuing, pem],
                );
            }
        }
    }
}

#[test]
fn crls_of_root_and_issuing_ca_are_their_own() {
    for (root_key, issuing_key) in [
        (KeySpec::P384, KeySpec::P256),
        (KeySpec::ED25519, KeySpec::RSA3072_PSS),
    ] {
        let house = House::with("MC", root_key, issuing_key);
        let good = house.issue("company-seal", SEAL_SUBJECT).unwrap();
        let bad = house.issue("company-seal", SEAL_SUBJECT).unwrap();
        let root = house.certificate("root.pem", &house.root.authority().certificate);
        let issuing = house.certificate("issuing.pem", &house.issuing.authority().certificate);
        let crl = |number: u64, revoked: u64| {
            let mut files = Vec::new();
            for (key, name, expected) in [
                (&house.root, "root", 0),
                (&house.issuing, "companies", revoked),
            ] {
                let day = Duration::from_secs(86_400);
                let crl = house.engine.issue_crl(key, day, &actors()).unwrap();
                assert_eq!((crl.crl.number, crl.entries), (number, expected));
                let pem = house.pem(&format!("{name}-{number}.crl"), "X509 CRL", &crl.crl.der);
                let issuer = if name == "root" { &root } else { &issuing };
                accepts(
                    "openssl",
                    &[
                        "crl",
                        "-noout",
                        "-verify",
                        "-CAfile",
                        text(issuer),
                        "-in",
                        text(&pem),
                    ],
                );
                let kind = if name == "root" { "ARL" } else { "CRL" };
                accepts(
                    "lint_crl",
                    &[
                        "lint",
                        "-t",
                        kind,
                        "-p",
                        "PKIX",
                        "-s",
                        "WARNING",
                        text(&pem),
                    ],
                );
                let parsed = pki_asn1::CertificateList::from_der(crl.crl.der).unwrap();
                let own = key.authority().certificate.subject_key_id();
                assert_eq!(parsed.authority_key_id(), own);
                files.push(pem);
            }
            files
        };
        let verify = |certificate: &pki_asn1::Certificate, crls: &[std::path::PathBuf]| {
            let pem = house.certificate("leaf.pem", certificate);
            let at = house.clock_seconds();
            let mut args = vec!["verify", "-x509_strict", "-crl_check_all", "-attime", &at];
            args.extend(["-CAfile", text(&root), "-untrusted", text(&issuing)]);
            for crl in crls {
                args.extend(["-CRLfile", text(crl)]);
            }
            args.push(text(&pem));
            support::judge("openssl", &args).map(|out| out.status.success())
        };
        let before = crl(1, 0);
        assert_ne!(verify(&bad.certificate, &before), Some(false));
        house
            .engine
            .revoke(&RevocationRequest {
                authority: "companies".into(),
                serial: bad.certificate.serial().to_vec(),
                reason: RevocationReason::KeyCompromise,
                invalidity_date: Some(support::time("2026-11-21T11:00:00Z")),
                requested_at: None,
                actors: actors(),
            })
            .unwrap();
        house.clock.advance(Duration::from_secs(60));
        let after = crl(2, 1);
        assert_ne!(verify(&good.certificate, &after), Some(false));
        assert_ne!(verify(&bad.certificate, &after), Some(true));
    }
}

impl House {
    fn clock_seconds(&self) -> String {
        self.engine.now().as_secs().to_string()
    }
}

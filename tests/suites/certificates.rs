//! Certificates: OpenSSL's strict path validation, pkilint's ETSI and PKIX linters, and its linter of issuer and subject pairs.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use sceau_tests::hierarchy::{ISSUING_CAS, PERSON_SUBJECT, ROOT, SEAL_SUBJECT, ocsp_signer_file};
use sceau_tests::judges::{openssl, python};
use sceau_tests::{Backend, Hierarchy};

use crate::{no_findings, on_both_backends};

on_both_backends!(built: every_certificate_is_accepted_by_openssl_and_pkilint);

/// A certificate, who issued it, and pkilint's type for it.
struct Issued {
    file: PathBuf,
    issuer: &'static str,
    kind: &'static str,
    status: Status,
}

/// Whether a relying party looks for the status.
#[derive(Clone, Copy, PartialEq)]
enum Status {
    Published,
    /// Validity-assured short-term (EN 319 412-1 clause 5.2).
    Assured,
}

/// pkilint asks every certificate for a CRL or OCSP; it does not know this exception.
const NOT_FOR_SHORT_TERM: [&str; 2] = [
    "etsi.en_319_412_2.gen-4.3.11-2.crldp_extension_missing",
    "etsi.en_319_412_2.gen-4.4.1-8.ocsp_aia_access_method_absent",
];

fn every_certificate_is_accepted_by_openssl_and_pkilint(hierarchy: &Hierarchy) -> Result<()> {
    let mut worker = python::shared();
    no_findings(
        &hierarchy.root(),
        &worker.lint_certificate(&hierarchy.root(), "PKIX")?,
    )?;
    openssl::verify(&hierarchy.root(), &hierarchy.root(), &[], &[])?;

    for issued in everything_issued(hierarchy)? {
        let file = &issued.file;
        let intermediates: Vec<PathBuf> = if issued.issuer == ROOT {
            vec![]
        } else {
            vec![hierarchy.ca(issued.issuer)]
        };
        openssl::verify(file, &hierarchy.root(), &intermediates, &[])?;
        openssl::verify(file, &hierarchy.root(), &intermediates, &["-policy_check"])?;
        let mut findings = worker.lint_certificate(file, issued.kind)?;
        if issued.status == Status::Assured {
            let before = findings.len();
            findings.retain(|f| !NOT_FOR_SHORT_TERM.contains(&f.code.as_str()));
            ensure!(before - findings.len() == NOT_FOR_SHORT_TERM.len());
        }
        no_findings(file, &findings)?;
        no_findings(
            file,
            &worker.lint_chain(&hierarchy.ca(issued.issuer), file)?,
        )?;
    }
    Ok(())
}

/// The hierarchy's certificates, and one of every other profile and legislation.
fn everything_issued(hierarchy: &Hierarchy) -> Result<Vec<Issued>> {
    let office = &hierarchy.office;
    let at = |name: String| office.path(name);
    let mut all = Vec::new();
    for ca in ISSUING_CAS {
        all.push(Issued {
            file: hierarchy.ca(ca.name),
            issuer: ROOT,
            kind: "PKIX",
            status: Status::Published,
        });
        all.push(Issued {
            file: at(ocsp_signer_file(ca.name)),
            issuer: ca.name,
            kind: "PKIX",
            status: Status::Published,
        });
    }
    all.push(Issued {
        file: at(ocsp_signer_file(ROOT)),
        issuer: ROOT,
        kind: "PKIX",
        status: Status::Published,
    });
    all.push(Issued {
        file: at("tsu.pem".into()),
        issuer: "public-bodies",
        kind: "PKIX",
        status: Status::Published,
    });
    all.push(Issued {
        file: at("company-seal.pem".into()),
        issuer: "companies",
        kind: "NCP-LEGAL-PERSON-CERTIFICATE",
        status: Status::Published,
    });
    all.push(Issued {
        file: at("personal-signature.pem".into()),
        issuer: "nationals",
        kind: "NCP-NATURAL-PERSON-CERTIFICATE",
        status: Status::Published,
    });

    let professional = "C=MC,O=Rocher Conseil SARL,organizationIdentifier=NTRMC-00S03813,givenName=Dominique,surname=Modele,serialNumber=PASMC-0000071,CN=Dominique Modele";
    // Name, CA, profile, subject, further options, pkilint's type.
    type More<'a> = (
        &'a str,
        &'static str,
        &'a str,
        &'a str,
        &'a [&'a str],
        &'static str,
    );
    let public_body =
        "C=MC,O=Mairie Exemple,organizationIdentifier=VATFR-12345678901,CN=Mairie Exemple";
    let more: [More<'_>; 11] = [
        (
            "public-body",
            "public-bodies",
            "public-body-seal",
            public_body,
            &[],
            "NCP-LEGAL-PERSON-CERTIFICATE",
        ),
        (
            "public-body-eu",
            "public-bodies",
            "public-body-seal",
            public_body,
            &["--legislation", "EU"],
            "NCP-LEGAL-PERSON-CERTIFICATE",
        ),
        (
            "short-term",
            "nationals",
            "short-term-signature",
            PERSON_SUBJECT,
            &[],
            "NCP-NATURAL-PERSON-CERTIFICATE",
        ),
        (
            "short-term-plain",
            "residents",
            "short-term-signature",
            PERSON_SUBJECT,
            &["--legislation", "none"],
            "NCP-NATURAL-PERSON-CERTIFICATE",
        ),
        (
            "resident",
            "residents",
            "personal-signature",
            PERSON_SUBJECT,
            &[],
            "NCP-NATURAL-PERSON-CERTIFICATE",
        ),
        (
            "professional",
            "companies",
            "professional-signature",
            professional,
            &[],
            "NCP-NATURAL-PERSON-CERTIFICATE",
        ),
        (
            "login",
            "nationals",
            "authentication",
            PERSON_SUBJECT,
            &[],
            "NCP-NATURAL-PERSON-CERTIFICATE",
        ),
        (
            "seal-eu",
            "companies",
            "company-seal",
            SEAL_SUBJECT,
            &["--legislation", "EU"],
            "NCP-LEGAL-PERSON-CERTIFICATE",
        ),
        (
            "seal-plain",
            "companies",
            "company-seal",
            SEAL_SUBJECT,
            &["--legislation", "none"],
            "NCP-LEGAL-PERSON-CERTIFICATE",
        ),
        (
            "card-mc",
            "nationals",
            "personal-signature",
            PERSON_SUBJECT,
            &["--qscd"],
            "QCP-N-QSCD-NON-EIDAS-FINAL-CERTIFICATE",
        ),
        (
            "card-eu",
            "nationals",
            "personal-signature",
            PERSON_SUBJECT,
            &["--qscd", "--legislation", "EU"],
            "QCP-N-QSCD-EIDAS-FINAL-CERTIFICATE",
        ),
    ];
    for (name, ca, profile, subject, options, kind) in more {
        if options.contains(&"--qscd") && office.backend == Backend::KeyFile {
            continue; // A key file is no qualified device, and is never certified as one: see below.
        }
        office
            .issue(ca, profile, subject, name)?
            .args(options)
            .succeed()
            .with_context(|| format!("issuing {name}"))?;
        all.push(Issued {
            file: at(format!("{name}.pem")),
            issuer: ca,
            kind,
            status: match profile {
                "short-term-signature" => Status::Assured,
                _ => Status::Published,
            },
        });
    }
    if office.backend == Backend::KeyFile {
        let outcome = office
            .issue("nationals", "personal-signature", PERSON_SUBJECT, "no-card")?
            .arg("--qscd")
            .run()?;
        ensure!(
            !outcome.success() && !at("no-card.pem".into()).exists(),
            "a key file passed for a qualified device: {outcome}"
        );
    }
    Ok(all)
}

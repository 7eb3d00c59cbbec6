//! The OCSP responses of OpenSSL's own tests: which are good, and which have a wrong signature,
//! responder, CertID or delegate. `expected.tsv` names a CA file and a response per case; the
//! certificate asked about and the times follow from the response's name. Cases that we do not decide
//! as OpenSSL does stand in `ocsp-exceptions.json` with a reason; one that stands there and passes
//! fails the test as well.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs;
use std::path::{Path, PathBuf};

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, UnixTime, pem};
use pki_path::{
    CertificatePool, Evidence, EvidenceWindow, Parameters, RevocationMode, RevocationStatus,
    TrustAnchor, Validator,
};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = std::env::var_os("SCEAU_CORPORA")
        .map(PathBuf::from)
        .into_iter()
        .chain([
            here.join("../../shared/data"),
            here.join("../../../shared/data"),
        ])
        .map(|root| root.join("ocsp-openssl"))
        .find(|dir| dir.join("expected.tsv").is_file());
    if found.is_none() {
        eprintln!("skipped: corpus not found");
    }
    found
}

fn certificate(dir: &Path, name: &str) -> Certificate {
    let text = fs::read(dir.join(name)).unwrap();
    Certificate::from_der(pem::blocks(&text).unwrap().remove(0).der).unwrap()
}

fn response(dir: &Path, name: &str) -> Option<BasicResponse> {
    let mut text = b"-----BEGIN OCSP RESPONSE-----\n".to_vec();
    text.extend(fs::read(dir.join(name)).unwrap());
    text.extend(b"\n-----END OCSP RESPONSE-----\n");
    let der = pem::blocks(&text).unwrap().remove(0).der;
    BasicResponse::from_response(&der).ok()
}

/// The certificate that `ISOP_ND1.ors` and its like speak of.
fn target(dir: &Path, response: &str) -> Certificate {
    let stem = response.trim_end_matches(".ors");
    let kind = stem.rsplit('_').next().unwrap();
    let name = ["EE", "ICA"]
        .map(|end| format!("{kind}_Cert_{end}.pem"))
        .into_iter()
        .find(|name| dir.join(name).is_file());
    certificate(dir, &name.unwrap())
}

fn status(
    target: &Certificate,
    anchor: Certificate,
    others: Vec<Certificate>,
    response: Option<BasicResponse>,
    at: Option<UnixTime>,
) -> Result<RevocationStatus, String> {
    let response = response.ok_or("the response is malformed")?;
    let at = at.unwrap_or_else(|| UnixTime::from(response.data().produced_at));
    let mut evidence = Evidence::new();
    evidence.add_ocsp(response);
    let anchor = TrustAnchor::from_certificate(anchor).map_err(|e| e.to_string())?;
    let pool: CertificatePool = others.into_iter().collect();
    let parameters = Parameters {
        revocation: RevocationMode::None,
        ..Parameters::at(at)
    };
    let anchors = [anchor];
    let validator = Validator::new(&anchors, &pool, &evidence, parameters);
    let path = validator.validate(target).map_err(|e| e.to_string())?;
    Ok(validator.revocation_status(&path, 0, EvidenceWindow::current(at)))
}

#[test]
fn every_response_is_taken_or_refused_as_openssl_does() {
    let Some(dir) = corpus() else {
        return;
    };
    let exceptions: Value = serde_json::from_str(include_str!("ocsp-exceptions.json")).unwrap();
    let exceptions = exceptions.as_object().unwrap();
    let table = fs::read_to_string(dir.join("expected.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [title, file, ca, others, exit, no_checks, ..] = fields[..] else {
            panic!("{line}");
        };
        let id = format!("{file} {ca} {others} {no_checks}");
        seen += 1;
        let others_name = others;
        let others = match others {
            "" => Vec::new(),
            name => pem::blocks(&fs::read(dir.join(name)).unwrap())
                .unwrap()
                .into_iter()
                .map(|block| Certificate::from_der(block.der).unwrap())
                .collect(),
        };
        let got = status(
            &target(&dir, file),
            certificate(&dir, ca),
            others,
            response(&dir, file),
            None,
        );
        let good = matches!(got, Ok(RevocationStatus::Good(_)));
        if !good && exit != "0" {
            let said = match &got {
                Ok(RevocationStatus::Unknown(why)) => why.to_string(),
                Ok(other) => format!("{other:?}"),
                Err(why) => why.clone(),
            };
            let reason = reason(file, ca, others_name);
            if !said.contains(reason) {
                wrong.push(format!("{id} ({title}): {said:?} instead of {reason:?}"));
            }
        }
        let excepted = exceptions.get(&id).map(|r| r.as_str().unwrap());
        assert_ne!(excepted, Some(""), "{id} has no reason");
        if (good == (exit == "0")) == excepted.is_some() {
            wrong.push(format!("{id} ({title}): {got:?}, exception: {excepted:?}"));
        }
    }
    assert!(seen >= 50, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why a case has to be refused, by the first part of its file names, the corpus' own abbreviations: whose
/// signature, name, key or identifier is the wrong one.
fn reason(response: &str, issuer: &str, other: &str) -> &'static str {
    const VALUE: &str = "cannot be trusted: the signature value does not fit";
    const RESPONDER: &str = "its responder's certificate is not at hand";
    const REASONS: [(&str, &str); 11] = [
        ("ISOP", VALUE),
        ("WRID", RESPONDER),
        // A CertID of another issuer is about another certificate.
        ("WINH", "no CRL or OCSP response for certificates of"),
        ("WIKH", "no CRL or OCSP response for certificates of"),
        // Two of the delegates are named by the hash of their key, one by its name.
        ("WKDOSC_D3", "was not signed by the CA"),
        ("WKDOSC", RESPONDER),
        ("ISDOSC", "was not signed by the CA"),
        ("WSNIC", "no certificate of its issuer"),
        ("WKIC", "its signature does not verify with the key of"),
        ("ND1_Cross", "no certificate of its issuer"),
        ("", "has a reason in this table"),
    ];
    let names = [response, issuer, other];
    let found = REASONS
        .iter()
        .find(|(kind, _)| names.iter().any(|name| name.starts_with(kind)));
    found.map_or("", |(_, reason)| reason)
}

#[test]
fn a_response_that_ran_out_or_is_not_yet_there_says_nothing() {
    let Some(dir) = corpus() else {
        return;
    };
    for (at, good) in [
        ("2012-10-12T00:00:00Z", true),
        ("2013-10-12T00:00:00Z", false),
        ("2012-10-01T00:00:00Z", false),
    ] {
        let got = status(
            &target(&dir, "ND3.ors"),
            certificate(&dir, "ND3_Issuer_Root.pem"),
            Vec::new(),
            response(&dir, "ND3.ors"),
            Some(at.parse().unwrap()),
        );
        assert_eq!(
            matches!(got, Ok(RevocationStatus::Good(_))),
            good,
            "{at}: {got:?}"
        );
    }
}

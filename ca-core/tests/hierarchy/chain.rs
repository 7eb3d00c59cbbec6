//! Chains of two generations, and who judges them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ca_core::hierarchy::HierarchyError;
use ca_core::{AuthorityKey, CaError, GenerationName, Issued, LinkOrder, QscdEvidence};
use hsm_pkcs11::{KeySpec, Signer};
use pki_asn1::Certificate;
use pki_path::{CertificatePool, Evidence, Parameters, RevocationMode, TrustAnchor, Validator};

use crate::support::{House, SEAL_SUBJECT, accepts, actors, judge, key, order, request, text};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) fn hierarchy_error(error: CaError) -> HierarchyError {
    match error {
        CaError::Hierarchy(error) => {
            assert!(error.hint().is_some(), "{error}");
            error
        }
        other => panic!("{other}"),
    }
}

pub(crate) fn link(certified: &str) -> LinkOrder {
    LinkOrder {
        certified: certified.into(),
        actors: actors(),
    }
}

/// A second generation of `name`, called `NAME-g2`.
pub(crate) fn generation(
    house: &House,
    name: &str,
    naming: GenerationName,
    issuer: Option<&AuthorityKey>,
) -> (AuthorityKey, Arc<dyn Signer>) {
    let signer = key(KeySpec::P256);
    let new = format!("{name}-g2");
    let profile = if issuer.is_none() {
        "root-ca"
    } else {
        "issuing-ca"
    };
    let order = order(&new, profile);
    house
        .engine
        .create_generation(&order, name, naming, signer.clone(), issuer)
        .unwrap();
    (house.engine.unlock(&new, signer.clone()).unwrap(), signer)
}

pub(crate) fn seal(house: &House, by: &AuthorityKey) -> Result<Issued, CaError> {
    let order = request("company-seal", SEAL_SUBJECT, QscdEvidence::None);
    house.engine.issue(by, &order)
}

/// openssl and our own path validation must both find a path from `leaf` to `anchor`, or both none.
pub(crate) fn path(
    house: &House,
    anchor: &Certificate,
    between: &[&Certificate],
    leaf: &Certificate,
    holds: bool,
) {
    let now = house.engine.now();
    let anchor_file = house.certificate("anchor.pem", anchor);
    let leaf_file = house.certificate("leaf.pem", leaf);
    let at = now.as_secs().to_string();
    let mut args = vec![
        "verify",
        "-x509_strict",
        "-policy_check",
        "-policy",
        "2.5.29.32.0",
        "-attime",
        &at,
        "-CAfile",
        text(&anchor_file),
    ];
    let files: Vec<PathBuf> = between
        .iter()
        .enumerate()
        .map(|(i, c)| house.certificate(&format!("between-{i}.pem"), c))
        .collect();
    for file in &files {
        args.extend(["-untrusted", text(file)]);
    }
    args.push(text(&leaf_file));
    if let Some(output) = judge("openssl", &args) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), holds, "openssl: {said}");
    }
    let anchors = [TrustAnchor::from_certificate(anchor.clone()).unwrap()];
    let mut pool = CertificatePool::new();
    for certificate in between {
        pool.add((*certificate).clone());
    }
    let evidence = Evidence::default();
    let mut parameters = Parameters::at(now);
    parameters.revocation = RevocationMode::None;
    let found = Validator::new(&anchors, &pool, &evidence, parameters).validate(leaf);
    assert_eq!(found.is_ok(), holds, "pki-path: {:?}", found.err());
}

pub(crate) fn lints(house: &House, issuer: &Certificate, certificate: &Certificate) {
    let issuer = house.certificate("lint-issuer.pem", issuer);
    let file = house.certificate("lint.pem", certificate);
    accepts("lint_pkix_cert", &["lint", "-s", "WARNING", text(&file)]);
    accepts(
        "lint_pkix_signer_signee_cert_chain",
        &["lint", "-s", "WARNING", text(&issuer), text(&file)],
    );
    accepts("certtool", &["-i", "--infile", text(&file)]);
}

pub(crate) fn own(key: &AuthorityKey) -> Certificate {
    key.authority().certificate.clone()
}

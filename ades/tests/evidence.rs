//! What is collected for a long-term signature: complete and minimal, judged by OpenSSL; and what
//! is refused, by name.

#![allow(clippy::unwrap_used, missing_docs)]

mod network;

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use ades::evidence::{
    Collector, EvidenceError, Freshness, HttpFetch, Material, Role, Subject, ValidationData,
};
use network::{CRL, ISSUER, Network, OCSP, Pki};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, CertificateList, Clock, ManualClock, SystemClock, UnixTime};
use pki_path::TrustAnchor;

const ROOT_CRL: &str = "http://pki.sceau.example/crl/root.crl";

fn now() -> UnixTime {
    SystemClock.now()
}

fn certificate(pki: &Pki, name: &str) -> Certificate {
    Certificate::from_der(pki.der(name)).unwrap()
}

fn signer(pki: &Pki, at: UnixTime) -> Subject {
    Subject {
        certificate: certificate(pki, "ee.pem"),
        at,
        role: Role::Signer,
    }
}

fn online(network: Network) -> Collector {
    Collector::new(Arc::new(HttpFetch(network)))
}

fn net(pki: &Pki) -> Network {
    Network::default()
        .with(ISSUER, 200, pki.der("ca.pem"))
        .with(ROOT_CRL, 200, pki.read("root.crl"))
}

/// OpenSSL proves the path from the collected material alone.
fn openssl_agrees(pki: &Pki, data: &ValidationData) {
    let folder = pki.0.path().join("collected");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    for (index, response) in data.ocsp_responses().unwrap().iter().enumerate() {
        fs::write(folder.join(format!("{index}.ors")), response).unwrap();
        pki.run(&format!("ocsp -respin collected/{index}.ors -sha256 -issuer ca.pem -cert ee.pem -CAfile root.pem -verify_other ca.pem -no_nonce"));
    }
    let mut crls = Vec::new();
    for crl in &data.crls {
        let der = folder.join("one.crl");
        fs::write(&der, crl.der()).unwrap();
        pki.run("crl -inform DER -in collected/one.crl -out collected/one.pem");
        crls.extend(fs::read(folder.join("one.pem")).unwrap());
    }
    if data.ocsp.is_empty() {
        fs::write(folder.join("crls.pem"), crls).unwrap();
        pki.run("verify -crl_check_all -CAfile root.pem -untrusted ca.pem -CRLfile collected/crls.pem ee.pem");
    }
}

#[test]
fn one_response_and_the_crl_above_it_are_kept_and_nothing_else() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let mut known = pki.material();
    // What does not settle anything is left out: evidence about others, and older evidence.
    let foreign = pki.answer("second", "ocsp", "ca", 2);
    known
        .evidence
        .add_ocsp(BasicResponse::from_response(&foreign).unwrap());
    known.pool.add(certificate(&pki, "second.pem"));
    let network = net(&pki).with(OCSP, 200, pki.answer("ee", "ocsp", "ca", 2));
    let data = online(network)
        .collect(&[signer(&pki, now()), signer(&pki, now())], &mut known)
        .unwrap();
    assert_eq!((data.ocsp.len(), data.crls.len()), (1, 1));
    let subjects: Vec<String> = data
        .certificates
        .iter()
        .map(|c| c.display_subject().to_string())
        .collect();
    assert_eq!(subjects, ["CN=Signer", "CN=CA", "CN=Root", "CN=Responder"]);
    openssl_agrees(&pki, &data);
}

#[test]
fn a_crl_stands_in_for_a_responder_and_covers_its_certificates_alone() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let mut known = pki.material();
    let network = net(&pki)
        .with(OCSP, 500, Vec::new())
        .with(CRL, 200, pki.read("ca.crl"));
    let data = online(network)
        .collect(&[signer(&pki, now())], &mut known)
        .unwrap();
    assert_eq!((data.ocsp.len(), data.crls.len()), (0, 2));
    assert_eq!(data.certificates.len(), 3);
    openssl_agrees(&pki, &data);
}

#[test]
fn a_delegate_without_nocheck_is_proven_by_a_crl_of_its_own() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let mut known = pki.material();
    known
        .evidence
        .add_crl(CertificateList::from_der(pki.der("ca.crl")).unwrap());
    let answer = pki.answer("ee", "checked", "ca", 2);
    known
        .evidence
        .add_ocsp(BasicResponse::from_response(&answer).unwrap());
    known.pool.add(certificate(&pki, "ca.pem"));
    let data = Collector::offline()
        .collect(&[signer(&pki, now())], &mut known)
        .unwrap();
    // The CRL that proves the delegate would have done for the signer too; whichever is chosen, the
    // set must prove itself.
    let mut alone = Material {
        anchors: pki.material().anchors,
        ..Material::default()
    };
    alone.pool.extend(data.certificates.iter().cloned());
    for crl in &data.crls {
        alone.evidence.add_crl(crl.clone());
    }
    for response in &data.ocsp {
        alone.evidence.add_ocsp(response.clone());
    }
    let again = Collector::offline()
        .collect(&[signer(&pki, now())], &mut alone)
        .unwrap();
    assert_eq!(again.crls.len(), data.crls.len());
    assert_eq!(again.ocsp.len(), data.ocsp.len());
}

#[test]
fn without_trust_anchors_a_path_ends_at_the_root_that_is_found() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let mut known = Material::default();
    known.pool.add(certificate(&pki, "root.pem"));
    known.evidence = pki.material().evidence;
    let network = net(&pki).with(OCSP, 200, pki.answer("ee", "ocsp", "ca", 2));
    let data = online(network)
        .collect(&[signer(&pki, now())], &mut known)
        .unwrap();
    assert_eq!(data.certificates.len(), 4);
    assert!(known.anchors.is_empty(), "nobody was made to trust it");
}

#[test]
fn what_is_missing_is_named_with_every_url_and_its_answer() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let html = b"<html>not here</html>".to_vec();
    let network = net(&pki).with(OCSP, 200, html);
    let error = online(network)
        .collect(&[signer(&pki, now())], &mut pki.material())
        .unwrap_err();
    let said = error.to_string();
    for part in [
        "CN=Signer",
        "serial 10",
        "issued by CN=CA",
        OCSP,
        "the answer is no OCSP response",
        CRL,
        "connection refused",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(matches!(error, EvidenceError::Missing { .. }) && error.is_temporary());
    assert!(error.hint().is_some());

    // The issuer is not to be had.
    let error = online(Network::default())
        .collect(&[signer(&pki, now())], &mut pki.material())
        .unwrap_err();
    let said = error.to_string();
    assert!(
        matches!(error, EvidenceError::NoPath { .. }) && said.contains(ISSUER),
        "{said}"
    );
    assert!(error.hint().unwrap().contains("CN=CA"));

    // Somebody else of the issuer's name is trusted.
    let mut known = Material {
        anchors: vec![TrustAnchor::from_certificate(certificate(&pki, "other.pem")).unwrap()],
        ..Material::default()
    };
    let error = online(net(&pki))
        .collect(&[signer(&pki, now())], &mut known)
        .unwrap_err();
    assert!(error.hint().unwrap().contains("another key"), "{error}");
}

#[test]
fn a_revoked_certificate_is_refused_unless_it_was_used_before() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let used = now();
    std::thread::sleep(Duration::from_millis(1100));
    pki.revoke("ee");
    pki.crls();
    let revoked = now();
    let network = || net(&pki).with(OCSP, 200, pki.answer("ee", "ocsp", "ca", 2));
    let data = online(network())
        .collect(&[signer(&pki, used)], &mut pki.material())
        .unwrap();
    assert_eq!(data.ocsp.len(), 1, "the evidence that dates the revocation");
    let later = Arc::new(ManualClock::new(revoked + Duration::from_secs(60)));
    let error = online(network())
        .with_clock(later.clone())
        .collect(&[signer(&pki, later.now())], &mut pki.material())
        .unwrap_err();
    assert!(
        matches!(&error, EvidenceError::Revoked { reason: Some(r), .. } if *r == "keyCompromise"),
        "{error}"
    );
}

#[test]
fn an_expired_certificate_is_refused_unless_it_was_used_before() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let network = || net(&pki).with(OCSP, 200, pki.answer("ee", "ocsp", "ca", 2));
    let after = Arc::new(ManualClock::new(now().plus_days(400)));
    let error = online(network())
        .with_clock(after.clone())
        .collect(&[signer(&pki, after.now())], &mut pki.material())
        .unwrap_err();
    assert!(
        matches!(&error, EvidenceError::Expired { .. }) && error.to_string().contains("CN=Signer"),
        "{error}"
    );
    // Evidence from after the use says all there is to say, however old it is by now.
    let begin = certificate(&pki, "ee.pem").not_before();
    let data = online(network())
        .with_clock(after.clone())
        .collect(&[signer(&pki, begin)], &mut pki.material())
        .unwrap();
    assert_eq!((data.ocsp.len(), data.crls.len()), (1, 1));
    // Evidence from before it does for the signer, of whom no authority speaks any more, and not
    // for the CA, which may have been revoked since.
    let used = now() + Duration::from_secs(60);
    let result = online(network())
        .with_clock(after)
        .collect(&[signer(&pki, used)], &mut pki.material());
    assert!(
        matches!(&result, Err(EvidenceError::Missing { certificate, .. }) if certificate.subject == "CN=CA"),
        "{:?}",
        result.err()
    );
}

#[test]
fn evidence_from_before_the_signature_will_not_do_where_later_one_is_wanted() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let answer = pki.answer("ee", "ocsp", "ca", 2);
    let at = now() + Duration::from_secs(3600);
    let clock = Arc::new(ManualClock::new(at));
    let collect = |freshness| {
        online(net(&pki).with(OCSP, 200, answer.clone()))
            .with_clock(clock.clone())
            .with_freshness(freshness)
            .collect(&[signer(&pki, at)], &mut pki.material())
    };
    collect(Freshness::Current).unwrap();
    let error = collect(Freshness::After(Duration::ZERO)).unwrap_err();
    assert!(
        matches!(&error, EvidenceError::TooEarly { certificate, .. } if certificate.subject == "CN=Signer"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("extend"), "{error}");
}

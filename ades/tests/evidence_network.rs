//! What the network may cost for one document, what is remembered of it, and what is said of it.

#![allow(clippy::unwrap_used, missing_docs)]

mod network;

use std::sync::Arc;
use std::time::Duration;

use ades::evidence::{
    Cached, Collector, EvidenceError, HttpFetch, Material, Role, Subject, ValidationData,
};
use network::{CRL, ISSUER, Network, OCSP, Pki};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{Certificate, Clock, ManualClock, SystemClock, UnixTime};

const DELEGATE_CRL: &str = "http://pki.sceau.example/crl/delegates.crl";

fn now() -> UnixTime {
    SystemClock.now()
}

fn certificate(pki: &Pki, name: &str) -> Certificate {
    Certificate::from_der(pki.der(name)).unwrap()
}

fn subject(pki: &Pki, name: &str, at: UnixTime) -> Subject {
    Subject {
        certificate: certificate(pki, name),
        at,
        role: Role::Signer,
    }
}

fn collect(
    network: Network,
    subject: Subject,
    known: &mut Material,
) -> Result<ValidationData, EvidenceError> {
    Collector::new(Arc::new(HttpFetch(network))).collect(&[subject], known)
}

/// Issuer and responder do not answer; the issuer is at hand.
fn material(pki: &Pki) -> Material {
    let mut material = pki.material();
    material.pool.add(certificate(pki, "ca.pem"));
    material
}

#[test]
fn one_document_does_not_keep_us_asking_for_ever() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let network = Network::default();
    let asked = Arc::clone(&network.asked);
    let collector = Collector::new(Arc::new(HttpFetch(network)));
    let mut known = material(&pki);
    let mut last = None;
    // As many signatures as a stranger likes, each with its own time of use.
    for second in 0..150 {
        let at = now() + Duration::from_secs(second);
        last = collector
            .collect(&[subject(&pki, "ee.pem", at)], &mut known)
            .err();
    }
    assert_eq!(asked.lock().unwrap().len(), 100);
    let said = last.unwrap().to_string();
    assert!(
        said.contains(&format!("{OCSP}: it was not asked: too many others")),
        "{said}"
    );
    // The next document is another one's.
    let error = collector.collect(&[subject(&pki, "ee.pem", now())], &mut material(&pki));
    assert!(error.unwrap_err().to_string().contains("refused"));
}

#[test]
fn a_crl_is_held_once_however_many_signatures_it_proves() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let network = || Network::default().with(CRL, 200, pki.read("ca.crl"));
    let mut known = material(&pki);
    let before = known.evidence.crls().len();
    for second in 0..5 {
        let at = now() + Duration::from_secs(60 + second);
        collect(network(), subject(&pki, "ee.pem", at), &mut known).unwrap();
    }
    assert_eq!(known.evidence.crls().len(), before + 1);
}

#[test]
fn a_remembered_issuer_that_does_not_help_is_fetched_anew() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(now()));
    let collect = |issuer: &str| {
        let network = Network::default().with(ISSUER, 200, pki.der(issuer)).with(
            CRL,
            200,
            pki.read("ca.crl"),
        );
        let cached = Cached::in_folder(HttpFetch(network), folder.path()).with_clock(clock.clone());
        Collector::new(Arc::new(cached))
            .collect(&[subject(&pki, "ee.pem", now())], &mut pki.material())
    };
    // Somebody in between sends another CA's certificate, or the CA had another key yesterday.
    collect("other.pem").unwrap_err();
    clock.advance(Duration::from_secs(60));
    collect("ca.pem").unwrap();
}

#[test]
fn each_answer_is_told_of_the_url_that_gave_it() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let stale = pki.answer("ee", "ocsp", "ca", 1);
    let at = now().plus_days(30);
    let clock = Arc::new(ManualClock::new(at));
    pki.write("foreign.crl", &pki.read("root.crl"));
    let network = Network::default()
        .with(OCSP, 200, stale)
        .with(CRL, 200, pki.read("foreign.crl"));
    let error = Collector::new(Arc::new(HttpFetch(network)))
        .with_clock(clock)
        .collect(&[subject(&pki, "ee.pem", at)], &mut material(&pki))
        .unwrap_err();
    let said = error.to_string();
    let of_crl = said.split(&format!("{CRL}: ")).nth(1).unwrap();
    assert!(!of_crl.contains("OCSP response (of"), "{said}");
}

#[test]
fn the_crl_of_a_responder_is_among_what_was_asked() {
    let Some(pki) = Pki::new() else {
        return;
    };
    pki.write(
        "pointed.ext",
        format!("keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\ncrlDistributionPoints=URI:{DELEGATE_CRL}\n").as_bytes(),
    );
    pki.issue("ca", "pointed", "/CN=Pointed", "pointed.ext", 30);
    let network = Network::default().with(OCSP, 200, pki.answer("ee", "pointed", "ca", 2));
    let error = collect(network, subject(&pki, "ee.pem", now()), &mut material(&pki)).unwrap_err();
    let said = error.to_string();
    for url in [OCSP, CRL, DELEGATE_CRL] {
        assert!(said.contains(url), "{url}: {said}");
    }
}

#[test]
fn hints_are_about_what_can_be_done() {
    let Some(pki) = Pki::new() else {
        return;
    };
    // A directory is not asked, so allowing network access would not help.
    pki.write(
        "ldap.ext",
        b"authorityKeyIdentifier=keyid\ncrlDistributionPoints=URI:ldap://directory.sceau.example/ca\n",
    );
    pki.issue("ca", "ldap", "/CN=Ldap", "ldap.ext", 30);
    let hint = |error: EvidenceError| error.hint().unwrap();
    let said = hint(
        collect(
            Network::default(),
            subject(&pki, "ldap.pem", now()),
            &mut material(&pki),
        )
        .unwrap_err(),
    );
    assert!(said.contains("names no http address"), "{said}");

    // Trying again later does not bring back what is over.
    let used = now() + Duration::from_secs(3600);
    let clock = Arc::new(ManualClock::new(now().plus_days(400)));
    let mut known = material(&pki);
    let foreign = pki.answer("second", "ocsp", "ca", 2);
    known
        .evidence
        .add_ocsp(BasicResponse::from_response(&foreign).unwrap());
    let error = Collector::new(Arc::new(HttpFetch(Network::default())))
        .with_clock(clock)
        .collect(&[subject(&pki, "ee.pem", used)], &mut known);
    let said = hint(error.unwrap_err());
    assert!(
        said.contains("expired at") && said.contains("--crl"),
        "{said}"
    );

    // Nobody is above a certificate that vouches for itself.
    pki.run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout lone.key -out lone.pem -subj /CN=Lone -days 30");
    let error = collect(
        Network::default(),
        subject(&pki, "lone.pem", now()),
        &mut material(&pki),
    );
    let said = hint(error.unwrap_err());
    assert!(
        said.contains("--trust") && !said.contains("--chain"),
        "{said}"
    );
}

//! Evidence from the network: OCSP answers made by OpenSSL, served by a client in this process.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod network;

use std::sync::{Arc, Condvar, Mutex};

use ades::validate::{
    Facts, Fetch, HttpFetch, Indication, Input, Material, SubIndication, ValidationPolicy, Verdict,
    gather, verdict,
};
use network::{CRL, ISSUER, Network, OCSP, Pki};
use pdf_file::{MemorySource, OpenOptions};
use pki_asn1::{Certificate, CertificateList, Clock, SystemClock, UnixTime};

fn judge(file: &[u8], material: Material, network: Network, at: UnixTime) -> (Facts, Verdict) {
    let input = Input {
        source: Arc::new(MemorySource::new(file.to_vec())),
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let facts = gather(&input, material, at, Some(&HttpFetch(network))).unwrap();
    let verdict = verdict(&facts, &ValidationPolicy::default(), at);
    (facts, verdict)
}

fn now() -> UnixTime {
    SystemClock.now()
}

#[test]
fn issuer_status_and_crl_are_fetched_and_bad_answers_fall_back() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let file = pki.read("out.p7s");
    let issuer = pki.der("ca.pem");
    let crl = pki.der("ca.crl");
    let net = || Network::default().with(ISSUER, 200, issuer.clone());
    let outcome = |network: Network, at: UnixTime| {
        let asked = Arc::clone(&network.asked);
        let (_, verdict) = judge(&file, pki.material(), network, at);
        let asked = asked.lock().unwrap().clone();
        (verdict, asked)
    };

    let good = pki.answer("ee", "ocsp", "ca", 2);
    let (verdict, asked) = outcome(net().with(OCSP, 200, good.clone()), now());
    assert_eq!(
        verdict.indication,
        Some(Indication::TotalPassed),
        "{:?}",
        verdict.signatures[0].errors
    );
    assert_eq!(asked, [ISSUER, OCSP], "the CRL is not needed");

    let mut broken = good.clone();
    *broken.last_mut().unwrap() ^= 1;
    let mut forged = good.clone();
    let middle = forged.len() / 8;
    forged[middle] ^= 1;
    let bad: Vec<(&str, u16, Vec<u8>, UnixTime)> = vec![
        (
            "an error page",
            200,
            b"<html>not here</html>".to_vec(),
            now(),
        ),
        ("an error status", 500, good.clone(), now()),
        ("tryLater", 200, vec![0x30, 3, 0x0a, 1, 3], now()),
        ("nothing", 200, Vec::new(), now()),
        ("a wrong last octet", 200, broken, now()),
        ("a changed answer", 200, forged, now()),
        (
            "an answer about another certificate",
            200,
            pki.answer("second", "ocsp", "ca", 2),
            now(),
        ),
        (
            "an answer of another authority",
            200,
            pki.answer("foreign", "foreign", "other", 2),
            now(),
        ),
        (
            "a responder without OCSPSigning",
            200,
            pki.answer("ee", "plain", "ca", 2),
            now(),
        ),
        (
            "an answer signed by the signer itself",
            200,
            pki.answer("ee", "ee", "ca", 2),
            now(),
        ),
        (
            "a responder whose own status is not known",
            200,
            pki.answer("ee", "checked", "ca", 2),
            now(),
        ),
        (
            "an answer that ran out",
            200,
            good.clone(),
            now().plus_days(5),
        ),
        (
            "an answer of a responder that ran out",
            200,
            pki.answer("ee", "brief", "ca", 20),
            now().plus_days(5),
        ),
    ];
    for (what, status, body, at) in bad {
        let (verdict, asked) = outcome(net().with(OCSP, status, body.clone()), at);
        let expected = match what {
            "an answer of a responder that ran out" => SubIndication::RevocationOutOfBoundsNoPoe,
            _ => SubIndication::TryLater,
        };
        assert_eq!(
            verdict.signatures[0].sub_indication,
            Some(expected),
            "{what}"
        );
        let hint = verdict.signatures[0].errors[0]
            .hint
            .as_ref()
            .unwrap()
            .to_string();
        assert!(hint.contains(OCSP) && hint.contains(CRL), "{what}: {hint}");
        assert!(asked.contains(&CRL.to_owned()), "{what}");
        let (verdict, _) = outcome(
            net().with(OCSP, status, body).with(CRL, 200, crl.clone()),
            at,
        );
        assert_eq!(
            verdict.indication,
            Some(Indication::TotalPassed),
            "{what}: {:?}",
            verdict.signatures[0].errors
        );
    }

    // Nobody answers at all: each URL is tried once and named.
    let (verdict, asked) = outcome(net(), now());
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::TryLater)
    );
    assert_eq!(asked, [ISSUER, OCSP, CRL]);
    let (verdict, _) = outcome(Network::default(), now());
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::NoCertificateChainFound)
    );
}

#[test]
fn evidence_that_the_signer_brought_does_not_hide_a_revocation() {
    let Some(pki) = Pki::new() else {
        return;
    };
    let file = pki.read("out.p7s");
    let old_crl = pki.der("ca.crl");
    let before = pki.answer("ee", "ocsp", "ca", 20);
    pki.revoke("ee");
    pki.crls();
    let after = pki.answer("ee", "ocsp", "ca", 20);
    // An hour later the old evidence is still within its own dates.
    let at = UnixTime::from_secs(now().as_secs() + 3600);
    let brought = || {
        let mut material = pki.material();
        material
            .evidence
            .add_crl(CertificateList::from_der(old_crl.clone()).unwrap());
        let response = pki_asn1::ocsp::BasicResponse::from_response(&before).unwrap();
        material.evidence.add_ocsp(response);
        material
            .pool
            .add(Certificate::from_der(pki.der("ca.pem")).unwrap());
        material
    };
    for network in [
        Network::default().with(OCSP, 200, after),
        Network::default().with(CRL, 200, pki.der("ca.crl")),
    ] {
        let (_, verdict) = judge(&file, brought(), network, at);
        assert_eq!(
            verdict.signatures[0].sub_indication,
            Some(SubIndication::RevokedNoPoe)
        );
    }
}

type Answer = Result<Vec<u8>, String>;

/// Answers about two signers; with `meet`, each question waits until the other one is there.
struct Two {
    /// By serial number.
    answers: Vec<(Vec<u8>, Answer)>,
    crl: Vec<u8>,
    meet: bool,
    waiting: Mutex<usize>,
    came: Condvar,
}

impl Two {
    fn new(pki: &Pki, answers: [Answer; 2], meet: bool) -> Self {
        let serial = |name: &str| {
            Certificate::from_der(pki.der(name))
                .unwrap()
                .serial()
                .to_vec()
        };
        let serials = [serial("ee.pem"), serial("second.pem")];
        Self {
            answers: serials.into_iter().zip(answers).collect(),
            crl: pki.der("ca.crl"),
            meet,
            waiting: Mutex::new(0),
            came: Condvar::new(),
        }
    }
}

impl Fetch for Two {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        match url {
            CRL => Ok(self.crl.clone()),
            _ => Err("not here".into()),
        }
    }

    fn ocsp(&self, _: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        let mut waiting = self.waiting.lock().unwrap();
        *waiting += 1;
        self.came.notify_all();
        // Whoever asks one after the other never meets, and is told so instead of hanging.
        let limit = core::time::Duration::from_secs(60);
        let alone = |waiting: &mut usize| self.meet && *waiting < 2;
        let (waiting, out) = self.came.wait_timeout_while(waiting, limit, alone).unwrap();
        assert!(
            !out.timed_out(),
            "the questions were asked one after the other"
        );
        drop(waiting);
        let about = |serial: &Vec<u8>| request.windows(serial.len()).any(|w| w == serial);
        let (_, answer) = self
            .answers
            .iter()
            .find(|(serial, _)| about(serial))
            .unwrap();
        answer.clone()
    }
}

#[test]
fn questions_about_two_signers_are_asked_at_once_and_told_in_their_order() {
    let Some(pki) = Pki::new() else {
        return;
    };
    pki.run("cms -sign -cades -nodetach -binary -in content -signer ee.pem -inkey ee.key -signer second.pem -inkey second.key -certfile ca.pem -outform DER -out both.p7s");
    let file = pki.read("both.p7s");
    let good = |name: &str| Ok(pki.answer(name, "ocsp", "ca", 2));
    let dead = || Err("connection refused".to_owned());
    let outcome = |answers, meet| {
        let input = Input {
            source: Arc::new(MemorySource::new(file.clone())),
            content: None,
            pdf_options: OpenOptions::new(),
        };
        let fetch = Two::new(&pki, answers, meet);
        let facts = gather(&input, pki.material(), now(), Some(&fetch)).unwrap();
        let verdict = verdict(&facts, &ValidationPolicy::default(), now());
        let notes: Vec<(String, bool)> = (facts.fetches.iter())
            .map(|note| (note.url.clone(), note.error.is_none()))
            .collect();
        (verdict.indication, notes)
    };
    let passed = Some(Indication::TotalPassed);
    let note = |url: &str, fine| (url.to_owned(), fine);
    let both = [good("ee"), good("second")];
    assert_eq!(
        outcome(both, true),
        (passed, vec![note(OCSP, true), note(OCSP, true)])
    );
    // As if the second had not been asked: nobody is there, and the CRL speaks of both.
    assert_eq!(
        outcome([dead(), dead()], true),
        (passed, vec![note(OCSP, false), note(CRL, true)])
    );
    // The answer about somebody else is none.
    let swapped = [good("second"), good("ee")];
    let (indication, notes) = outcome(swapped, false);
    assert_eq!(indication, passed);
    assert_eq!(notes.last(), Some(&note(CRL, true)));
    assert!(notes.contains(&note(OCSP, false)));
    // A revocation counts, whichever answer came first.
    pki.revoke("second");
    let (indication, _) = outcome([good("ee"), good("second")], true);
    assert_eq!(indication, Some(Indication::Indeterminate));
}

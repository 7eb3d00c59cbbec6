//! Who may answer for a certificate (RFC 6960 section 4.2.2.2), with responses and certificates of openssl.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use ades::validate::{Indication, Material, SubIndication, Verdict};
use common::openssl::{Openssl, judge};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::{CertificateList, Clock, SystemClock, UnixTime};
use pki_path::TrustAnchor;

const CONTENT: &[u8] = b"what is signed\n";
const SIGNER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\ncrlDistributionPoints=URI:http://lists.sceau.example/signers.crl\n";
const RESPONDER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\ncrlDistributionPoints=URI:http://lists.sceau.example/responders.crl\n";
const BOTH: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\nextendedKeyUsage=OCSPSigning,emailProtection\nnoCheck=ignored\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
const CONFIG: &str = "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\ndefault_md=sha256\nrand_serial=yes\nunique_subject=no\npolicy=p\ncrlnumber=number\ndefault_crl_days=30\ncrl_extensions=e\n[p]\ncountryName=optional\ncommonName=supplied\n[e]\nissuingDistributionPoint=critical,@i\n[i]\nfullname=URI:http://lists.sceau.example/responders.crl\n";
const HOUR: i64 = 3600;

struct World(Openssl);

fn later(seconds: i64) -> UnixTime {
    UnixTime::from_secs(SystemClock.now().as_secs() + seconds)
}

impl World {
    /// A signer and a responder below a CA.
    fn new() -> Self {
        let this = Self(Openssl::new());
        this.0.write("issue.cnf", CONFIG.as_bytes());
        this.issue("signer", SIGNER, -HOUR);
        this.issue("responder", RESPONDER, -HOUR);
        this
    }

    /// A certificate that begins so many seconds from now.
    fn issue(&self, name: &str, extensions: &str, begins: i64) {
        let digits = |at: UnixTime| {
            let text = at.to_string();
            let digits = text.chars().filter(char::is_ascii_digit);
            digits.collect::<String>() + "Z"
        };
        let (from, to) = (digits(later(begins)), digits(later(1000 * HOUR)));
        let openssl = &self.0;
        openssl.write("extensions", extensions.as_bytes());
        openssl.run(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"
        ));
        openssl.run(&format!(
            "req -new -key {name}.key -out {name}.csr -subj /C=MC/CN={name}"
        ));
        openssl.run(&format!(
            "ca -config issue.cnf -batch -notext -in {name}.csr -out {name}.pem -extfile extensions -startdate {from} -enddate {to}"
        ));
    }

    /// What `by` answers about `name`, for three days.
    fn answer(&self, by: &str, name: &str, options: &str) -> Vec<u8> {
        self.0.run(&format!(
            "ocsp -index index -rsigner {by}.pem -rkey {by}.key -CA ca.pem -issuer ca.pem -cert {name}.pem -ndays 3 -no_nonce -noverify -respout answer{options}"
        ));
        self.0.read("answer")
    }

    /// Whether openssl believes the last answer.
    fn openssl_believes(&self, name: &str, options: &str) -> bool {
        let said = self.0.try_run(&format!(
            "ocsp -no_nonce -respin answer -CAfile ca.pem -issuer ca.pem -cert {name}.pem{options}"
        ));
        let text = [said.stdout, said.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        text.contains("Response verify OK") && text.contains(&format!("{name}.pem: good"))
    }

    fn sign(&self, by: &str, options: &str) -> Vec<u8> {
        self.0.write("content", CONTENT);
        self.0.run(&format!(
            "cms -sign -cades -binary -nodetach -md sha256 -in content -signer {by}.pem -inkey {by}.key -outform DER -out signed{options}"
        ));
        self.0.read("signed")
    }

    fn known(&self, answers: &[&[u8]], crls: &[&str], pool: &[&str]) -> Material {
        let anchor = TrustAnchor::from_certificate(self.0.certificate("ca.pem")).unwrap();
        let mut material = Material {
            anchors: vec![anchor],
            ..Material::default()
        };
        for answer in answers {
            let answer = BasicResponse::from_response(answer).unwrap();
            material.evidence.add_ocsp(answer);
        }
        for crl in crls {
            let crl = CertificateList::from_der(self.0.der(crl)).unwrap();
            material.evidence.add_crl(crl);
        }
        material
            .pool
            .extend(pool.iter().map(|name| self.0.certificate(name)));
        material
    }
}

fn at(file: &[u8], known: Material, time: UnixTime) -> Verdict {
    judge(file, None, known, time).unwrap().1
}

fn now(file: &[u8], known: Material) -> Verdict {
    at(file, known, later(1))
}

/// What it passed with, or why the status is not known.
fn said(verdict: &Verdict) -> String {
    let one = &verdict.signatures[0];
    match one.errors.first() {
        None => {
            assert_eq!(one.indication, Indication::TotalPassed);
            "passed".into()
        }
        Some(error) => {
            assert_eq!(one.sub_indication, Some(SubIndication::TryLater));
            error.message.to_string()
        }
    }
}

#[test]
fn a_certificate_does_not_vouch_for_itself() {
    let world = World::new();
    world.issue("both", BOTH, -HOUR);
    let file = world.sign("both", "");
    let own = world.answer("both", "both", "");
    let verdict = now(&file, world.known(&[&own], &[], &[]));
    assert!(
        said(&verdict).contains("its signer CN=both, C=MC is the one whom the answer is about"),
        "{}",
        said(&verdict)
    );
    // A second certificate for the same key is the same.
    world
        .0
        .run("ca -config issue.cnf -batch -notext -in both.csr -out twin.pem -days 10 -extfile extensions");
    world.0.write("twin.key", &world.0.read("both.key"));
    let twin = world.answer("twin", "both", "");
    let verdict = now(&file, world.known(&[&twin], &[], &[]));
    assert!(
        said(&verdict).contains("is the one whom"),
        "{}",
        said(&verdict)
    );
    // Somebody else may.
    let other = world.answer("responder", "both", "");
    assert_eq!(
        said(&now(&file, world.known(&[&own, &other], &[], &[]))),
        "passed"
    );
    // And the certificate for others, as openssl says too.
    let file = world.sign("signer", "");
    let others = world.answer("both", "signer", "");
    assert_eq!(
        said(&now(&file, world.known(&[&others], &[], &[]))),
        "passed"
    );
    assert!(world.openssl_believes("signer", ""));
}

#[test]
fn the_certificate_of_a_responder_is_found_outside_its_response() {
    let world = World::new();
    let file = world.sign("signer", "");
    let with_it = world.sign("signer", " -certfile responder.pem");
    for by in ["", " -resp_key_id"] {
        let bare = world.answer("responder", "signer", &format!(" -resp_no_certs{by}"));
        assert!(world.openssl_believes("signer", " -verify_other responder.pem"));
        assert!(!world.openssl_believes("signer", ""));
        let known = |pool: &[&str]| world.known(&[&bare], &[], pool);
        assert!(
            said(&now(&file, known(&[]))).contains("its responder's certificate is not at hand")
        );
        assert_eq!(
            said(&now(&file, known(&["responder.pem"]))),
            "passed",
            "{by}"
        );
        assert_eq!(said(&now(&with_it, known(&[]))), "passed", "{by}");
    }
}

#[test]
fn a_responder_that_is_known_to_be_revoked_clears_nobody() {
    let world = World::new();
    let file = world.sign("signer", "");
    let answer = world.answer("responder", "signer", "");
    let crl = |name: &str| {
        world
            .0
            .run(&format!("ca -config issue.cnf -gencrl -out {name}"));
    };
    crl("before.crl");
    let judged = |crls: &[&str]| said(&now(&file, world.known(&[&answer], crls, &[])));
    // id-pkix-ocsp-nocheck: nobody has to ask.
    assert_eq!(judged(&[]), "passed");
    assert_eq!(judged(&["before.crl"]), "passed");
    world
        .0
        .run("ca -config issue.cnf -revoke responder.pem -crl_reason keyCompromise");
    crl("after.crl");
    let why = judged(&["after.crl"]);
    assert!(
        why.contains("its signer CN=responder, C=MC was revoked"),
        "{why}"
    );
}

#[test]
fn a_responder_whose_revocation_the_ca_tells_by_ocsp_clears_somebody() {
    let world = World::new();
    let file = world.sign("signer", "");
    world.issue("other", RESPONDER, -HOUR);
    let answer = world.answer("responder", "signer", "");
    let good = world.answer("ca", "responder", "");
    assert_eq!(
        said(&now(&file, world.known(&[&answer, &good], &[], &[]))),
        "passed"
    );
    world
        .0
        .run("ca -config issue.cnf -revoke responder.pem -crl_reason keyCompromise");
    for by in ["ca", "other"] {
        let told = world.answer(by, "responder", "");
        assert!(!world.openssl_believes("responder", ""));
        for answers in [[&answer, &told, &good], [&good, &told, &answer]] {
            let answers = answers.map(Vec::as_slice);
            let why = said(&now(&file, world.known(&answers, &[], &[])));
            assert!(
                why.contains("its signer CN=responder, C=MC was revoked"),
                "{by}: {why}"
            );
        }
    }
    // What is said of somebody else, or by nobody, takes nothing away.
    let others = world.answer("other", "other", "");
    assert_eq!(
        said(&now(&file, world.known(&[&answer, &others], &[], &[]))),
        "passed"
    );
}

#[test]
fn what_a_responder_signed_before_it_was_replaced_stands() {
    let world = World::new();
    let file = world.sign("signer", "");
    let answer = world.answer("responder", "signer", "");
    let produced = BasicResponse::from_response(&answer)
        .unwrap()
        .data()
        .produced_at;
    // Dates have no fractions of a second, and openssl's clock may be behind by some hundredths.
    while later(-1) <= UnixTime::from(produced) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    world
        .0
        .run("ca -config issue.cnf -revoke responder.pem -crl_reason superseded");
    world.0.run("ca -config issue.cnf -gencrl -out after.crl");
    let after = ["after.crl"];
    let known = |answer: &[u8]| world.known(&[answer], &after, &[]);
    assert_eq!(said(&now(&file, known(&answer))), "passed");
    // Nothing stands that it signs later.
    let revoked = later(0);
    while later(0) <= revoked {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let answer = world.answer("responder", "signer", "");
    let why = said(&now(&file, known(&answer)));
    assert!(why.contains("was revoked"), "{why}");
}

#[test]
fn namesakes_of_a_responder_do_not_hide_it() {
    let world = World::new();
    let openssl = &world.0;
    for number in 0..40 {
        openssl.run(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /C=MC/CN=responder -days 9 -keyout {number}.key -out {number}.pem"
        ));
    }
    let file = world.sign("signer", "");
    let bare = world.answer("responder", "signer", " -resp_no_certs");
    let mut known = world.known(&[&bare], &[], &[]);
    for number in 0..40 {
        let namesake = openssl.certificate(&format!("{number}.pem"));
        known.pool.add(namesake);
    }
    known.pool.add(openssl.certificate("responder.pem"));
    assert_eq!(said(&now(&file, known)), "passed");
}

#[test]
fn an_answer_with_the_status_of_an_error_is_none() {
    let world = World::new();
    let answer = world.answer("responder", "signer", "");
    let place = answer.windows(3).position(|w| w == [0x0A, 1, 0]).unwrap();
    for status in [1, 2, 3, 5, 6] {
        let mut changed = answer.clone();
        changed[place + 2] = status;
        assert!(BasicResponse::from_response(&changed).is_err(), "{status}");
        world.0.write("answer", &changed);
        assert!(!world.openssl_believes("signer", ""), "{status}");
    }
    assert!(BasicResponse::from_response(&answer).is_ok());
}

#[test]
fn an_answer_from_before_a_certificate_began_says_nothing_of_it() {
    let world = World::new();
    world.issue("young", SIGNER, HOUR);
    let file = world.sign("young", "");
    let early = world.answer("responder", "young", "");
    let verdict = at(&file, world.known(&[&early], &[], &[]), later(2 * HOUR));
    let why = said(&verdict);
    assert!(
        why.contains("was made before the certificate began at"),
        "{why}"
    );
    // That it is revoked counts whenever it is said.
    world
        .0
        .run("ca -config issue.cnf -revoke young.pem -crl_reason keyCompromise");
    let revoked = world.answer("responder", "young", "");
    let verdict = at(
        &file,
        world.known(&[&early, &revoked], &[], &[]),
        later(2 * HOUR),
    );
    assert_eq!(
        verdict.signatures[0].sub_indication,
        Some(SubIndication::RevokedNoPoe)
    );
}

#[test]
fn a_responder_whose_certificate_may_be_forged_clears_somebody() {
    let world = World::new();
    let openssl = &world.0;
    openssl.run("genpkey -algorithm RSA -out ca.key");
    openssl.run("req -x509 -new -key ca.key -out ca.pem -subj /C=MC/CN=RSA -days 3650");
    world.issue("signer", SIGNER, -HOUR);
    let file = world.sign("signer", "");
    openssl.write("extensions", RESPONDER.as_bytes());
    for (digest, expected) in [("sha256", "passed"), ("md5", "its digest is broken")] {
        openssl.run(&format!(
            "ca -config issue.cnf -batch -notext -md {digest} -in responder.csr -out responder.pem -days 9 -extfile extensions"
        ));
        let answer = world.answer("responder", "signer", "");
        let why = said(&now(&file, world.known(&[&answer], &[], &[])));
        assert!(why.contains(expected), "{why}");
    }
}

//! The linter, told of a profile by [`super::expectation`], sees each defect on a certificate that
//! is otherwise right.

use std::sync::Arc;

use der::Encode;
use der::asn1::OctetString;
use hsm_pkcs11::{KeySpec, Signer, SoftwareKey};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::qc::{QcStatement, QcStatements};
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::SignatureAlgorithm;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::BasicConstraints;

use super::expectation::expectation;
use super::throw_away::throw_away_signature;
use crate::certificate::extensions::{self, Inputs, extension};
use crate::certificate::{TbsCertificate, assemble};
use crate::profile::{Profile, Qualification, built_in};
use crate::settings::{LegislationConfig, PdsConfig, Settings, SettingsConfig};

/// What a defect may touch.
struct Parts {
    /// Of the subject.
    key: Arc<dyn Signer>,
    /// Of the issuer.
    signer: Arc<dyn Signer>,
    /// The signature algorithm inside, and the one outside.
    algorithms: [AlgorithmIdentifierOwned; 2],
    serial: Vec<u8>,
    not_before: UnixTime,
    not_after: UnixTime,
    issuer_der: Vec<u8>,
    subject_der: Vec<u8>,
    extensions: Vec<Extension>,
}

struct Bench {
    settings: Settings,
    profile: Profile,
    qualification: Qualification,
    key: Arc<dyn Signer>,
    root: Certificate,
}

fn p256() -> Arc<dyn Signer> {
    Arc::new(SoftwareKey::generate(KeySpec::P256).unwrap())
}

fn profile(name: &str) -> Profile {
    built_in()
        .unwrap()
        .into_iter()
        .find(|p| p.name() == name)
        .unwrap()
}

fn name(profile: &Profile, dn: &str) -> Vec<u8> {
    profile
        .subject_name(&dn.parse().unwrap())
        .unwrap()
        .to_der()
        .unwrap()
}

const CA: &str = "C=MC,O=Sceau,CN=Root";

impl Bench {
    fn new(profile_name: &str) -> Self {
        let settings = Settings::new(SettingsConfig {
            base_url: "http://pki.sceau.example".into(),
            country: "MC".into(),
            policy_arc: "1.3.6.1.4.1.32473.1".into(),
            cps_uri: "https://sceau.example/cps".into(),
            pds: vec![PdsConfig {
                language: "en".into(),
                url: "https://sceau.example/pds".into(),
            }],
            legislation: LegislationConfig("MC".into()),
        })
        .unwrap();
        let root_profile = profile("root-ca");
        let none = Qualification::decide(&root_profile, settings.legislation(), false);
        let key = p256();
        let now = start();
        let ca_name = name(&root_profile, CA);
        let root = encode(Parts {
            algorithms: algorithms(&*key),
            key: key.clone(),
            signer: key.clone(),
            serial: vec![0x41; 20],
            not_before: now,
            not_after: now.plus_days(7_000),
            issuer_der: ca_name.clone(),
            subject_der: ca_name,
            extensions: extensions::build(&Inputs {
                profile: &root_profile,
                settings: &settings,
                qualification: &none,
                subject_key: key.public_key(),
                issuer: None,
                crl: None,
                not_before: now,
                not_after: now.plus_days(7_000),
            })
            .unwrap(),
        });
        let profile = profile(profile_name);
        let qualification = Qualification::decide(&profile, settings.legislation(), false);
        Self {
            settings,
            profile,
            qualification,
            key,
            root,
        }
    }

    /// The rules that a certificate with this defect breaks.
    fn broken(&self, dn: &str, defect: impl FnOnce(&mut Parts)) -> Vec<&'static str> {
        let issuer_id = self.root.subject_key_id().unwrap();
        let mut parts = Parts {
            algorithms: algorithms(&*self.key),
            key: self.key.clone(),
            signer: self.key.clone(),
            serial: vec![0x42; 20],
            not_before: start(),
            not_after: end(),
            issuer_der: self.root.subject_der().to_vec(),
            subject_der: name(&self.profile, dn),
            extensions: extensions::build(&Inputs {
                profile: &self.profile,
                settings: &self.settings,
                qualification: &self.qualification,
                subject_key: self.key.public_key(),
                issuer: Some(("root", issuer_id.as_bytes())),
                crl: Some(extensions::CrlLocation {
                    complete: self.settings.crl_url("root"),
                    freshest: None,
                }),
                not_before: start(),
                not_after: end(),
            })
            .unwrap(),
        };
        defect(&mut parts);
        let certificate = encode(parts);
        let expectation = expectation(&self.profile, &self.settings, &self.qualification);
        let context = pki_lint::Context {
            expectation: Some(&expectation),
            issuer: Some(self.root.der()),
            signature: pki_lint::SignatureValue::Real,
        };
        let found = pki_lint::lint_certificate(certificate.der(), &context);
        found
            .into_iter()
            .filter(|finding| finding.severity > pki_lint::Severity::Notice)
            .map(|finding| finding.rule)
            .collect()
    }
}

fn start() -> UnixTime {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn end() -> UnixTime {
    UnixTime::from_secs(start().plus_days(30).as_secs() - 1)
}

/// The algorithm of `key`, inside and outside.
fn algorithms(key: &dyn Signer) -> [AlgorithmIdentifierOwned; 2] {
    let algorithm = key.algorithm().to_identifier().unwrap();
    [algorithm.clone(), algorithm]
}

fn encode(parts: Parts) -> Certificate {
    let [inside, outside] = &parts.algorithms;
    let tbs = TbsCertificate {
        serial: &parts.serial,
        signature: inside,
        issuer_der: &parts.issuer_der,
        not_before: parts.not_before,
        not_after: parts.not_after,
        subject_der: &parts.subject_der,
        spki_der: parts.key.public_key().spki_der(),
        extensions: parts.extensions,
    }
    .into_der()
    .unwrap();
    let algorithm = SignatureAlgorithm::from_identifier(outside).ok();
    let key = parts.signer.public_key();
    let signature = algorithm.map_or(vec![0], |a| throw_away_signature(a, key));
    Certificate::from_der(assemble(&tbs, outside, &signature).unwrap()).unwrap()
}

fn basic_constraints(ca: bool, path_len_constraint: Option<u8>) -> Extension {
    let value = BasicConstraints {
        ca,
        path_len_constraint,
    };
    extension(oid::CE_BASIC_CONSTRAINTS, true, &value).unwrap()
}

impl Parts {
    fn remove(&mut self, oid: ObjectIdentifier) {
        self.extensions.retain(|e| e.extn_id != oid);
    }

    fn replace(&mut self, with: Extension) {
        self.remove(with.extn_id);
        self.extensions.push(with);
    }

    fn flip_critical(&mut self, oid: ObjectIdentifier) {
        let found = self
            .extensions
            .iter_mut()
            .find(|e| e.extn_id == oid)
            .unwrap();
        found.critical = !found.critical;
    }

    fn statements(&mut self, change: impl FnOnce(&mut Vec<QcStatement>)) {
        let found = self
            .extensions
            .iter()
            .find(|e| e.extn_id == oid::PE_QC_STATEMENTS);
        let mut all: QcStatements =
            der::Decode::from_der(found.unwrap().extn_value.as_bytes()).unwrap();
        change(&mut all.0);
        self.replace(Extension {
            extn_id: oid::PE_QC_STATEMENTS,
            critical: false,
            extn_value: OctetString::new(all.to_der().unwrap()).unwrap(),
        });
    }
}

const SEAL: &str = "C=MC,O=Acme SAM,organizationIdentifier=NTRMC-1,CN=Acme";
const SERVICE: &str = "C=MC,O=Sceau,CN=Service";

#[test]
fn each_defect_of_a_seal_is_seen_by_its_rule() {
    let bench = Bench::new("company-seal");
    assert!(bench.broken(SEAL, |_| {}).is_empty());
    let without_identifier = name(&profile("root-ca"), CA);
    type Defect<'a> = Box<dyn FnOnce(&mut Parts) + 'a>;
    let cases: Vec<(&str, Defect<'_>)> = vec![
        (
            "en319411-1.serial-number-short",
            Box::new(|p| p.serial = vec![1, 2]),
        ),
        (
            "rfc5280.serial-number-too-long",
            Box::new(|p| p.serial = vec![0x42; 21]),
        ),
        (
            "rfc5280.issuer-name-mismatch",
            Box::new(|p| p.issuer_der = p.subject_der.clone()),
        ),
        (
            "rfc5280.self-issued",
            Box::new(|p| p.subject_der = p.issuer_der.clone()),
        ),
        (
            "expected.basic-constraints",
            Box::new(|p| p.replace(basic_constraints(false, None))),
        ),
        (
            "expected.basic-constraints",
            Box::new(|p| p.replace(basic_constraints(true, Some(0)))),
        ),
        (
            "rfc5280.validity-endless",
            Box::new(|p| p.not_after = UnixTime::MAX),
        ),
        (
            "expected.validity",
            Box::new(|p| p.not_after = p.not_before.plus_days(1_200)),
        ),
        (
            "rfc5280.validity-reversed",
            Box::new(|p| p.not_after = UnixTime::from_secs(0)),
        ),
        (
            "en319412-3.subject-organization-identifier-missing",
            Box::new(|p| p.subject_der = without_identifier.clone()),
        ),
        (
            "rfc5280.extension-repeated",
            Box::new(|p| p.extensions.push(p.extensions[0].clone())),
        ),
        (
            "en319412-2.inhibit-any-policy-present",
            Box::new(|p| p.replace(extension(oid::CE_INHIBIT_ANY_POLICY, true, &0_u8).unwrap())),
        ),
        (
            "en319412-2.authority-key-identifier-missing",
            Box::new(|p| p.remove(oid::CE_AUTHORITY_KEY_IDENTIFIER)),
        ),
        (
            "expected.subject-key-identifier",
            Box::new(|p| {
                let other = OctetString::new(vec![7; 20]).unwrap();
                p.replace(extension(oid::CE_SUBJECT_KEY_IDENTIFIER, false, &other).unwrap());
            }),
        ),
        (
            "rfc5280.key-usage-not-critical",
            Box::new(|p| p.flip_critical(oid::CE_KEY_USAGE)),
        ),
        (
            "en319412-2.key-usage-missing",
            Box::new(|p| p.remove(oid::CE_KEY_USAGE)),
        ),
        (
            "expected.extended-key-usage",
            Box::new(|p| {
                let time_stamping = vec![oid::KP_TIME_STAMPING];
                p.replace(extension(oid::CE_EXT_KEY_USAGE, false, &time_stamping).unwrap());
            }),
        ),
        (
            "en319412-2.policies-critical",
            Box::new(|p| p.flip_critical(oid::CE_CERTIFICATE_POLICIES)),
        ),
        (
            "expected.status-source",
            Box::new(|p| p.remove(oid::PE_AUTHORITY_INFO_ACCESS)),
        ),
        (
            "expected.no-check",
            Box::new(|p| {
                p.replace(extension(oid::OCSP_NO_CHECK, false, &der::asn1::Null).unwrap())
            }),
        ),
        (
            "en319412-5.statements-critical",
            Box::new(|p| p.flip_critical(oid::PE_QC_STATEMENTS)),
        ),
        (
            "en319412-5.statement-repeated",
            Box::new(|p| p.statements(|all| all.push(all[0].clone()))),
        ),
        (
            "expected.qualified",
            Box::new(|p| {
                p.statements(|all| all.retain(|s| s.statement_id != oid::QCS_CC_LEGISLATION));
            }),
        ),
        (
            "expected.secure-device",
            Box::new(|p| p.statements(|all| all.push(QcStatement::bare(oid::QCS_SSCD)))),
        ),
        (
            "expected.semantics",
            Box::new(|p| {
                p.statements(|all| all.retain(|s| s.statement_id != oid::QCS_PKIX_SYNTAX_V2));
            }),
        ),
    ];
    for (rule, defect) in cases {
        let broken = bench.broken(SEAL, defect);
        assert!(broken.contains(&rule), "{rule}: {broken:?}");
    }
}

#[test]
fn services_are_held_to_their_own_rules() {
    let tsu = Bench::new("time-stamping-unit");
    assert!(tsu.broken(SERVICE, |_| {}).is_empty());
    // The key would sign longer than the certificate is valid.
    let broken = tsu.broken(SERVICE, |p| p.not_after = start().plus_days(20));
    assert_eq!(broken, ["rfc5280.private-key-usage-beyond-validity"]);
    let broken = tsu.broken(SERVICE, |p| p.flip_critical(oid::CE_EXT_KEY_USAGE));
    assert_eq!(broken, ["rfc3161.time-stamping-not-critical"]);
    let ocsp = Bench::new("ocsp-signer");
    let broken = ocsp.broken(SERVICE, |p| {
        p.remove(oid::OCSP_NO_CHECK);
    });
    assert_eq!(broken, ["expected.no-check"]);
    let person = Bench::new("personal-signature");
    let broken = person.broken("C=MC,serialNumber=IDCMC-1,surname=E,CN=E", |p| {
        p.subject_der = name(&profile("company-seal"), SEAL);
    });
    assert_eq!(
        broken,
        [
            "en319412-1.natural-identifier-missing",
            "en319412-2.subject-name-missing"
        ]
    );
}

#[test]
fn a_weak_or_disguised_algorithm_and_a_weak_key_are_seen() {
    let bench = Bench::new("company-seal");
    let sha1 = AlgorithmIdentifierOwned {
        oid: oid::ECDSA_WITH_SHA1,
        parameters: None,
    };
    let sha384 = SoftwareKey::generate(KeySpec::P384).unwrap();
    let [sha384, _] = algorithms(&sha384);
    let broken = bench.broken(SEAL, |p| p.algorithms = [sha1.clone(), sha1]);
    assert!(
        broken.contains(&"ts119312.signature-algorithm-weak"),
        "{broken:?}"
    );
    // What a careless verifier reads is not what was signed.
    let broken = bench.broken(SEAL, |p| p.algorithms[0] = sha384);
    assert_eq!(broken, ["rfc5280.signature-algorithm-mismatch"]);
    let short = KeySpec {
        kind: pki_crypto::KeyKind::Rsa { bits: 2048 },
        algorithm: KeySpec::RSA3072.algorithm,
    };
    let broken = bench.broken(SEAL, |p| {
        p.key = Arc::new(SoftwareKey::generate(short).unwrap())
    });
    assert!(broken.contains(&"expected.key"), "{broken:?}");
}

#[test]
fn an_issuing_ca_without_its_constraints_is_seen() {
    let bench = Bench::new("issuing-ca");
    let issuing = "C=MC,O=Sceau,organizationIdentifier=NTRMC-1,CN=Issuing";
    assert!(bench.broken(issuing, |_| {}).is_empty());
    type Defect = fn(&mut Parts);
    let defects: [Defect; 4] = [
        |p| p.remove(oid::CE_BASIC_CONSTRAINTS),
        |p| p.flip_critical(oid::CE_BASIC_CONSTRAINTS),
        |p| p.replace(basic_constraints(true, None)),
        |p| p.replace(basic_constraints(false, None)),
    ];
    for defect in defects {
        let broken = bench.broken(issuing, defect);
        assert!(
            broken.iter().any(|rule| rule.contains("basic-constraints")),
            "{broken:?}"
        );
    }
}

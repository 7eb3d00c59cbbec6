//! What the certificate of a trust anchor says of itself (RFC 5937), decided as `openssl verify -partial_chain`
//! does: who may issue, how long a path may be, which names it may hold, who signs CRLs.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::fs;
use std::process::Command;

use common::issue::{Algorithm, Crl, Dn, Ext, General, Key, Template};
use pki_asn1::{Certificate, CertificateList, UnixTime, pem};
use pki_path::{
    CertificatePool, Evidence, Parameters, PathErrorKind, RevocationMode, TrustAnchor, Validator,
};

const AT: i64 = 1_800_000_000;

fn days(n: i64) -> UnixTime {
    UnixTime::from_secs(AT + n * 86_400)
}

struct Party {
    template: Template,
    der: Vec<u8>,
}

impl Party {
    fn new(name: &str, issuer: Option<&Self>, edit: impl FnOnce(&mut Template)) -> Self {
        let key = Key::generate(Algorithm::P256);
        let mut template = Template::new(Dn::new(name), &key, (days(-100), days(100)));
        let mut by = key;
        if let Some(issuer) = issuer {
            template.issuer = issuer.template.subject.clone();
            by = issuer.template.key.clone();
        }
        edit(&mut template);
        if template.version == 1 {
            template.extensions.clear();
            template.anonymous_keys = true;
        }
        let der = template.sign(&by);
        Self { template, der }
    }

    fn certificate(&self) -> Certificate {
        Certificate::from_der(self.der.clone()).unwrap()
    }
}

fn authority(template: &mut Template) {
    template.extensions = vec![Ext::basic_constraints(true, None), Ext::key_usage(&[5, 6])];
}

fn end_entity(template: &mut Template) {
    template.extensions = vec![Ext::basic_constraints(false, None), Ext::key_usage(&[0, 1])];
}

struct Case<'c> {
    anchor: &'c Party,
    between: Vec<&'c Party>,
    target: &'c Party,
    crl: Option<Vec<u8>>,
}

impl Case<'_> {
    fn ours(&self) -> Result<(), PathErrorKind> {
        let anchors = [TrustAnchor::from_certificate(self.anchor.certificate()).unwrap()];
        let pool: CertificatePool = self.between.iter().map(|p| p.certificate()).collect();
        let mut evidence = Evidence::new();
        if let Some(crl) = &self.crl {
            evidence.add_crl(CertificateList::from_der(crl.clone()).unwrap());
        }
        let revocation = match self.crl {
            Some(_) => RevocationMode::Hard,
            None => RevocationMode::None,
        };
        let parameters = Parameters {
            revocation,
            ..Parameters::at(days(0))
        };
        Validator::new(&anchors, &pool, &evidence, parameters)
            .validate(&self.target.certificate())
            .map(|_| ())
            .map_err(|e| e.kind)
    }

    fn openssl(&self) -> Option<bool> {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, label: &str, all: &[&[u8]]| {
            let text: Vec<String> = all
                .iter()
                .map(|der| pem::encode(label, der).unwrap())
                .collect();
            fs::write(dir.path().join(name), text.concat()).unwrap();
        };
        write("anchor.pem", "CERTIFICATE", &[&self.anchor.der]);
        write("target.pem", "CERTIFICATE", &[&self.target.der]);
        let between: Vec<&[u8]> = self.between.iter().map(|p| p.der.as_slice()).collect();
        let mut command = Command::new("openssl");
        command.current_dir(dir.path()).arg("verify");
        command.args(["-partial_chain", "-attime", &AT.to_string()]);
        command.args(["-trusted", "anchor.pem"]);
        if !between.is_empty() {
            write("between.pem", "CERTIFICATE", &between);
            command.args(["-untrusted", "between.pem"]);
        }
        if let Some(crl) = &self.crl {
            write("crl.pem", "X509 CRL", &[crl]);
            command.args(["-crl_check", "-CRLfile", "crl.pem"]);
        }
        match command.arg("target.pem").output() {
            Ok(output) => Some(output.status.success()),
            Err(_) => {
                eprintln!("skipped: openssl not found");
                None
            }
        }
    }

    /// Both say the same.
    fn decided(&self, what: &str) -> Result<(), PathErrorKind> {
        let ours = self.ours();
        if let Some(theirs) = self.openssl() {
            assert_eq!(ours.is_ok(), theirs, "{what}: openssl, and we: {ours:?}");
        }
        ours
    }
}

const ROOT: &str = "C=MC,O=Sceau,CN=Anchor";

/// What the anchor says of itself, whether it is issued by somebody else, and what that means for a certificate
/// below it.
type Shape = (&'static str, fn(&mut Template), bool, Option<PathErrorKind>);

fn shapes() -> Vec<Shape> {
    use PathErrorKind::{KeyCertSignMissing, NotACa};
    vec![
        ("an authority", authority, false, None),
        ("an authority below another", authority, true, None),
        ("an end entity", end_entity, true, Some(KeyCertSignMissing)),
        (
            "an end entity that signed itself",
            end_entity,
            false,
            Some(KeyCertSignMissing),
        ),
        (
            "cA false, and nothing else",
            |t| t.extensions = vec![Ext::basic_constraints(false, None)],
            false,
            Some(NotACa),
        ),
        (
            "keyUsage without keyCertSign",
            |t| {
                t.extensions = vec![Ext::basic_constraints(true, None), Ext::key_usage(&[0, 6])];
            },
            false,
            Some(KeyCertSignMissing),
        ),
        (
            "an authority without keyUsage",
            |t| t.extensions = vec![Ext::basic_constraints(true, None)],
            false,
            None,
        ),
        (
            "keyCertSign without basicConstraints",
            |t| t.extensions = vec![Ext::key_usage(&[5])],
            false,
            None,
        ),
        ("version 3 and nothing said", |_| {}, false, Some(NotACa)),
        ("version 1, self-issued", |t| t.version = 1, false, None),
        (
            "version 1, issued by another",
            |t| t.version = 1,
            true,
            Some(NotACa),
        ),
    ]
}

#[test]
fn a_trusted_end_entity_vouches_for_nobody() {
    let above = Party::new("C=MC,O=Sceau,CN=Above", None, authority);
    for (what, edit, below, expected) in shapes() {
        let anchor = Party::new(ROOT, below.then_some(&above), edit);
        let target = Party::new("C=MC,CN=Signer", Some(&anchor), end_entity);
        let case = Case {
            anchor: &anchor,
            between: Vec::new(),
            target: &target,
            crl: None,
        };
        assert_eq!(case.decided(what).err(), expected, "{what}");
        // With an authority between it is no other.
        let between = Party::new("C=MC,O=Sceau,CN=Between", Some(&anchor), authority);
        let target = Party::new("C=MC,CN=Signer", Some(&between), end_entity);
        let case = Case {
            anchor: &anchor,
            between: vec![&between],
            target: &target,
            crl: None,
        };
        assert_eq!(
            case.decided(what).err(),
            expected,
            "{what}, and one between"
        );
        // What is trusted itself is trusted.
        let case = Case {
            anchor: &anchor,
            between: Vec::new(),
            target: &anchor,
            crl: None,
        };
        assert_eq!(case.ours(), Ok(()), "{what}, itself");
    }
}

#[test]
fn path_length_and_names_of_an_anchor_bind_what_is_below() {
    let limited = Party::new(ROOT, None, |t| {
        t.extensions = vec![
            Ext::basic_constraints(true, Some(0)),
            Ext::key_usage(&[5, 6]),
        ];
    });
    let direct = Party::new("C=MC,CN=Signer", Some(&limited), end_entity);
    let between = Party::new("C=MC,O=Sceau,CN=Between", Some(&limited), authority);
    let far = Party::new("C=MC,CN=Signer", Some(&between), end_entity);
    let case = |target, between| Case {
        anchor: &limited,
        between,
        target,
        crl: None,
    };
    assert_eq!(case(&direct, Vec::new()).decided("pathLen 0"), Ok(()));
    assert_eq!(
        case(&far, vec![&between]).decided("pathLen 0, one between"),
        Err(PathErrorKind::PathLenExceeded)
    );

    let named = Party::new(ROOT, None, |t| {
        authority(t);
        let permitted = General::Directory(Dn::new("C=MC"));
        t.extensions.push(Ext::name_constraints(&[permitted], &[]));
    });
    let within = Party::new("C=MC,CN=Signer", Some(&named), end_entity);
    let without = Party::new("C=FR,CN=Signer", Some(&named), end_entity);
    let case = |target| Case {
        anchor: &named,
        between: Vec::new(),
        target,
        crl: None,
    };
    assert_eq!(case(&within).decided("permitted"), Ok(()));
    assert!(matches!(
        case(&without).decided("not permitted"),
        Err(PathErrorKind::NameNotPermitted { .. })
    ));
}

#[test]
fn an_anchor_that_may_not_sign_crls_clears_nobody_by_one() {
    for (usage, may) in [(vec![5, 6], true), (vec![5], false)] {
        let anchor = Party::new(ROOT, None, |t| {
            t.extensions = vec![Ext::basic_constraints(true, None), Ext::key_usage(&usage)];
        });
        let target = Party::new("C=MC,CN=Signer", Some(&anchor), end_entity);
        let crl = Crl::new(anchor.template.subject.clone(), days(-1), days(1));
        let case = Case {
            anchor: &anchor,
            between: Vec::new(),
            target: &target,
            crl: Some(crl.sign(&anchor.template.key)),
        };
        assert_eq!(case.decided("cRLSign").is_ok(), may);
    }
}

#[test]
fn the_dates_of_an_anchor_bind_nobody() {
    // openssl asks for them; a trusted list, and whoever names a certificate, decides for how long (EN 319 102-1
    // clause 5.2.6 knows the anchor's sunset date for that).
    let ended = Party::new(ROOT, None, |t| {
        authority(t);
        t.not_after = days(-10);
    });
    let target = Party::new("C=MC,CN=Signer", Some(&ended), end_entity);
    let case = Case {
        anchor: &ended,
        between: Vec::new(),
        target: &target,
        crl: None,
    };
    assert_eq!(case.ours(), Ok(()));
    assert_ne!(case.openssl(), Some(true));
}

#[test]
fn another_anchor_does_not_stand_for_that_of_a_crl() {
    // RFC 5280 section 6.3.3 (f): the CRL issuer's path has to end at the certificate's own anchor.
    let root = Party::new(ROOT, None, authority);
    let stranger = Party::new("C=MC,O=Sceau,CN=Lists", None, authority);
    let target = Party::new("C=MC,CN=Signer", Some(&root), |t| {
        end_entity(t);
        let point = common::issue::Point {
            crl_issuer: Some(stranger.template.subject.clone()),
            ..common::issue::Point::default()
        };
        t.extensions.push(Ext::distribution_points(&[point]));
    });
    let mut crl = Crl::new(stranger.template.subject.clone(), days(-1), days(1));
    crl.scope = Some(common::issue::Scope {
        indirect: true,
        ..common::issue::Scope::default()
    });
    let mut evidence = Evidence::new();
    let crl = crl.sign(&stranger.template.key);
    evidence.add_crl(CertificateList::from_der(crl).unwrap());
    let anchors =
        [&root, &stranger].map(|party| TrustAnchor::from_certificate(party.certificate()).unwrap());
    let mut pool = CertificatePool::new();
    pool.add(stranger.certificate());
    let judged = Validator::new(&anchors, &pool, &evidence, Parameters::at(days(0)))
        .validate(&target.certificate());
    assert!(matches!(
        judged.unwrap_err().kind,
        PathErrorKind::RevocationUnknown(_)
    ));
}

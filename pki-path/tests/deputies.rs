//! Who signs CRLs in an authority's place, a second key of its own or a CRL issuer that its certificates name, and
//! lost the right to: whoever stole that key would take back what was revoked. libcrypto is asked as well.

#![allow(clippy::unwrap_used)]

mod common;

use common::issue::{Algorithm, Crl, Dn, Entry, Ext, Key, Point, Scope, Template};
use common::judge::{Judge, Question};
use pki_asn1::{Certificate, CertificateList, UnixTime};
use pki_path::{
    CertificatePool, Evidence, EvidenceWindow, Parameters, RevocationMode, RevocationStatus,
    TrustAnchor, Validator,
};

const KEY_COMPROMISE: u8 = 1;
const SUPERSEDED: u8 = 4;
const DEPUTY: u8 = 7;

fn days(n: i64) -> UnixTime {
    UnixTime::from_secs(1_800_000_000 + n * 86_400)
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    SecondKey,
    CrlIssuer,
}

/// A root, an authority, a signer below it, and a deputy of the authority with the serial number 7.
struct World {
    kind: Kind,
    root: (Dn, Key),
    authority: (Dn, Key),
    deputy: (Dn, Key),
}

impl World {
    fn new(kind: Kind) -> Self {
        let one = |name: &str| (Dn::new(name), Key::generate(Algorithm::P256));
        let deputy = match kind {
            Kind::SecondKey => "C=MC,O=Sceau,CN=Authority",
            Kind::CrlIssuer => "C=MC,O=Sceau,CN=Lists",
        };
        Self {
            kind,
            root: one("C=MC,O=Sceau,CN=Root"),
            authority: one("C=MC,O=Sceau,CN=Authority"),
            deputy: one(deputy),
        }
    }

    fn certified(&self, subject: &(Dn, Key), serial: u8) -> Certificate {
        let mut template = Template::new(subject.0.clone(), &subject.1, (days(-100), days(100)));
        template.issuer = self.root.0.clone();
        template.serial = vec![serial];
        template.extensions = vec![Ext::basic_constraints(true, None), Ext::key_usage(&[5, 6])];
        template.certificate(&self.root.1)
    }

    fn signer(&self) -> Certificate {
        let key = Key::generate(Algorithm::P256);
        let mut template = Template::new(Dn::new("C=MC,CN=Signer"), &key, (days(-100), days(100)));
        template.issuer = self.authority.0.clone();
        template.serial = vec![42];
        if let Kind::CrlIssuer = self.kind {
            template.extensions = vec![Ext::distribution_points(&[Point {
                name: Some("http://lists.example/1".into()),
                crl_issuer: Some(self.deputy.0.clone()),
                ..Point::default()
            }])];
        }
        template.certificate(&self.authority.1)
    }

    /// The deputy's list, on which nothing stands.
    fn clean(&self) -> Vec<u8> {
        let mut crl = Crl::new(self.deputy.0.clone(), days(-3), days(5));
        if let Kind::CrlIssuer = self.kind {
            crl.scope = Some(Scope {
                name: Some("http://lists.example/1".into()),
                indirect: true,
                ..Scope::default()
            });
        }
        crl.sign(&self.deputy.1)
    }

    fn roots(&self, told: Option<(i64, u8)>) -> Vec<u8> {
        let mut crl = Crl::new(self.root.0.clone(), days(-1), days(5));
        crl.entries = Vec::from_iter(told.map(|(at, reason)| Entry {
            serial: vec![DEPUTY],
            at: days(at),
            reason: Some(reason),
            issuer: None,
        }));
        crl.sign(&self.root.1)
    }

    /// What the deputy's list says of the signer, and what libcrypto makes of the whole path.
    fn status(
        &self,
        roots: Option<Vec<u8>>,
        proven: Option<i64>,
        judge: &mut Option<Judge>,
    ) -> (RevocationStatus, Option<bool>) {
        let target = self.signer();
        let anchor = self.certified(&self.root, 1);
        let pool = [
            self.certified(&self.authority, 2),
            self.certified(&self.deputy, DEPUTY),
        ];
        let crls = Vec::from_iter([self.clean()].into_iter().chain(roots));
        let question = Question::of_revocation(&target, &anchor, &pool, crls.clone(), days(0));
        let judged = judge.as_mut().map(|judge| judge.ask(&question).is_ok());
        let mut evidence = Evidence::new();
        for crl in crls {
            evidence.add_crl(CertificateList::from_der(crl).unwrap());
        }
        let pool = CertificatePool::from_iter(pool);
        let anchors = [TrustAnchor::from_certificate(anchor).unwrap()];
        // Whoever asks for the status itself, as the verdict does, does not ask the path for it.
        let parameters = Parameters {
            revocation: RevocationMode::None,
            ..Parameters::at(days(0))
        };
        let since = |_| proven.map(days);
        let validator = Validator::new(&anchors, &pool, &evidence, parameters).proving(&since);
        let path = validator.validate(&target).unwrap();
        let window = EvidenceWindow::current(days(0));
        (validator.revocation_status(&path, 0, window), judged)
    }
}

#[test]
fn the_list_of_a_deputy_that_was_revoked_clears_nobody() {
    let mut judge = Judge::openssl();
    for kind in [Kind::SecondKey, Kind::CrlIssuer] {
        let world = World::new(kind);
        let mut ask = |told| world.status(Some(world.roots(told)), None, &mut judge);
        let (status, judged) = ask(None);
        assert!(
            matches!(status, RevocationStatus::Good(_)),
            "{kind:?}: {status:?}"
        );
        // libcrypto does not find the list of another CRL issuer here (DIVERGENCES.md).
        let expected = matches!(kind, Kind::SecondKey);
        assert!(judged.is_none_or(|it| it == expected), "{kind:?}");
        for (told, why) in [
            ((-2, KEY_COMPROMISE), "was revoked at"),
            // Before it signed.
            ((-4, SUPERSEDED), "was revoked at"),
        ] {
            let (status, judged) = ask(Some(told));
            let said = match &status {
                RevocationStatus::Unknown(said) => said.to_string(),
                other => panic!("{kind:?}: {other:?}"),
            };
            assert!(said.contains(why), "{kind:?}: {said}");
            assert!(judged.is_none_or(|accepted| !accepted), "{kind:?}");
        }
    }
}

#[test]
fn a_deputy_whose_status_is_not_known_clears_somebody() {
    let mut judge = Judge::openssl();
    for kind in [Kind::SecondKey, Kind::CrlIssuer] {
        let world = World::new(kind);
        let (status, judged) = world.status(None, None, &mut judge);
        let RevocationStatus::Unknown(why) = &status else {
            panic!("{kind:?}: {status:?}");
        };
        let deputy = world.certified(&world.deputy, DEPUTY);
        assert_eq!(
            why.uncleared_signer().map(Certificate::subject),
            Some(deputy.subject()),
            "{kind:?}: {why}"
        );
        assert!(judged.is_none_or(|accepted| !accepted), "{kind:?}");
    }
}

#[test]
fn what_a_deputy_signed_while_its_key_was_good_falls_with_it() {
    for kind in [Kind::SecondKey, Kind::CrlIssuer] {
        let world = World::new(kind);
        let ask = |told, proven| {
            let roots = world.roots(Some(told));
            world.status(Some(roots), proven, &mut None).0
        };
        // It was replaced after it had signed, or the list is proven to be older than the theft.
        for (told, proven) in [((-2, SUPERSEDED), None), ((-2, KEY_COMPROMISE), Some(-3))] {
            let status = ask(told, proven);
            assert!(
                matches!(status, RevocationStatus::Good(_)),
                "{kind:?}: {status:?}"
            );
        }
        let status = ask((-2, KEY_COMPROMISE), Some(-2));
        assert!(
            matches!(status, RevocationStatus::Unknown(_)),
            "{kind:?}: {status:?}"
        );
    }
}

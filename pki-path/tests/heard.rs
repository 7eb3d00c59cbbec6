//! What an authority once said against a certificate, and who might want that nobody hears it: on lists and in
//! answers that have run out, among more lists than anybody can look at, by other dates than the ones asked about.

#![allow(clippy::unwrap_used)]

mod common;

use common::issue::{Algorithm, Crl, Dn, Entry, Ext, Key, Template, generalized, integer};
use common::judge::{Judge, Question};
use pki_asn1::ocsp::BasicResponse;
use pki_asn1::write::{OCTET_STRING, SEQUENCE, bit_string, context, tlv};
use pki_asn1::{Certificate, CertificateList, UnixTime, oid};
use pki_crypto::DigestAlgorithm;
use pki_path::{
    CertificatePool, Evidence, EvidenceWindow, Parameters, PathErrorKind, RevocationMode,
    RevocationStatus, TrustAnchor, Validator,
};

const SERIAL: u8 = 42;
const KEY_COMPROMISE: u8 = 1;
const HOLD: u8 = 6;
const REMOVED: u8 = 8;

fn days(n: i64) -> UnixTime {
    UnixTime::from_secs(1_800_000_000 + n * 86_400)
}

/// What is known about the signer.
#[derive(Clone)]
enum Told {
    List(Vec<u8>),
    Answer(Vec<u8>),
}

/// A root, an authority below it and a signer below that.
struct World {
    root: (Dn, Key),
    authority: (Dn, Key),
    delegate: (Dn, Key),
    signer: Template,
}

type Days = core::ops::Range<i64>;

impl World {
    fn new() -> Self {
        let one = |name: &str| (Dn::new(name), Key::generate(Algorithm::P256));
        let authority = one("C=MC,O=Sceau,CN=Authority");
        let subject = Dn::new("C=MC,CN=Signer");
        let key = Key::generate(Algorithm::P256);
        let mut signer = Template::new(subject, &key, (days(-100), days(100)));
        signer.issuer = authority.0.clone();
        signer.serial = vec![SERIAL];
        Self {
            root: one("C=MC,O=Sceau,CN=Root"),
            delegate: one("C=MC,O=Sceau,CN=Responder"),
            authority,
            signer,
        }
    }

    fn certified(&self, subject: &(Dn, Key), issuer: &(Dn, Key)) -> Certificate {
        let mut template = Template::new(subject.0.clone(), &subject.1, (days(-100), days(100)));
        template.issuer = issuer.0.clone();
        template.extensions = vec![Ext::basic_constraints(true, None), Ext::key_usage(&[5, 6])];
        template.certificate(&issuer.1)
    }

    /// A responder whose certificate ended on day -2.
    fn responder(&self) -> Certificate {
        let ended = (days(-50), days(-2));
        let mut template = Template::new(self.delegate.0.clone(), &self.delegate.1, ended);
        template.issuer = self.authority.0.clone();
        let nothing = Ext(oid::OCSP_NO_CHECK, false, vec![5, 0]);
        template.extensions = vec![Ext::key_purposes(&[oid::KP_OCSP_SIGNING]), nothing];
        template.certificate(&self.authority.1)
    }

    fn crl(&self, shown: Days, told: Option<(i64, u8)>) -> Crl {
        let mut crl = Crl::new(self.authority.0.clone(), days(shown.start), days(shown.end));
        crl.number = (shown.start + 1_000) as u64;
        crl.entries = told.into_iter().map(entry).collect();
        crl
    }

    fn list(&self, shown: Days, told: Option<(i64, u8)>) -> Told {
        Told::List(self.crl(shown, told).sign(&self.authority.1))
    }

    fn answer(&self, shown: Days, told: Option<(i64, u8)>) -> Told {
        self.answer_by(&self.authority, &[], shown, told)
    }

    /// A BasicOCSPResponse of this one about the signer (RFC 6960 section 4.2.1).
    fn answer_by(
        &self,
        by: &(Dn, Key),
        certificates: &[Certificate],
        shown: Days,
        told: Option<(i64, u8)>,
    ) -> Told {
        let digest = DigestAlgorithm::Sha256;
        let issuer = self.certified(&self.authority, &self.root);
        let octets = |value: &[u8]| tlv(OCTET_STRING, &[digest.digest(value).as_bytes()]);
        let id = tlv(
            SEQUENCE,
            &[
                &tlv(SEQUENCE, &[&pki_asn1::write::oid(&digest.oid())]),
                &octets(&self.authority.0.der()),
                &octets(issuer.public_key_bits()),
                &integer(u64::from(SERIAL)),
            ],
        );
        let status = match told {
            None => vec![0x80, 0],
            Some((at, reason)) => {
                let reason = tlv(context(0), &[&tlv(0x0A, &[&[reason]])]);
                tlv(context(1), &[&generalized(days(at)), &reason])
            }
        };
        let (this, next) = (generalized(days(shown.start)), generalized(days(shown.end)));
        let next = tlv(context(0), &[&next]);
        let single = tlv(SEQUENCE, &[&id, &status, &this, &next]);
        let tbs = tlv(
            SEQUENCE,
            &[
                &tlv(context(1), &[&by.0.der()]),
                &this,
                &tlv(SEQUENCE, &[&single]),
            ],
        );
        let certificates: Vec<&[u8]> = certificates.iter().map(Certificate::der).collect();
        let certificates = match certificates[..] {
            [] => Vec::new(),
            _ => tlv(context(0), &[&tlv(SEQUENCE, &certificates)]),
        };
        let signature = bit_string(&by.1.sign(&tbs));
        Told::Answer(tlv(
            SEQUENCE,
            &[&tbs, &by.1.algorithm(), &signature, &certificates],
        ))
    }

    fn evidence(&self, told: &[Told]) -> Evidence {
        let mut evidence = Evidence::new();
        let roots = Crl::new(self.root.0.clone(), days(-30), days(30)).sign(&self.root.1);
        evidence.add_crl(CertificateList::from_der(roots).unwrap());
        for one in told {
            match one {
                Told::List(der) => {
                    evidence.add_crl(CertificateList::from_der(der.clone()).unwrap());
                }
                Told::Answer(der) => {
                    evidence.add_ocsp(BasicResponse::from_der(der.clone()).unwrap());
                }
            }
        }
        evidence
    }

    fn pool(&self) -> CertificatePool {
        let mut pool = CertificatePool::new();
        pool.add(self.certified(&self.authority, &self.root));
        pool
    }

    fn anchor(&self) -> TrustAnchor {
        TrustAnchor::from_certificate(self.certified(&self.root, &self.root)).unwrap()
    }

    /// What is known about the signer on day 0.
    fn status(&self, told: &[Told]) -> RevocationStatus {
        self.status_from(told, &self.pool())
    }

    fn status_from(&self, told: &[Told], pool: &CertificatePool) -> RevocationStatus {
        let evidence = self.evidence(told);
        let anchors = [self.anchor()];
        let parameters = Parameters {
            revocation: RevocationMode::None,
            ..Parameters::at(days(0))
        };
        let validator = Validator::new(&anchors, pool, &evidence, parameters);
        let signer = self.signer.certificate(&self.authority.1);
        let path = validator.validate(&signer).unwrap();
        validator.revocation_status(&path, 0, EvidenceWindow::current(days(0)))
    }
}

fn entry((at, reason): (i64, u8)) -> Entry {
    Entry {
        serial: vec![SERIAL],
        at: days(at),
        reason: Some(reason),
        issuer: None,
    }
}

fn revoked_on(status: &RevocationStatus) -> Option<UnixTime> {
    match status {
        RevocationStatus::Revoked(info, _) => Some(info.at),
        _ => None,
    }
}

#[test]
fn a_revocation_that_was_told_once_is_forgotten() {
    let world = World::new();
    let final_on_3 = Some((-3, KEY_COMPROMISE));
    let [list, answer] = [World::list, World::answer];
    let old_and_good = [list(&world, -4..5, None), answer(&world, -4..5, None)];
    let new_and_good = [list(&world, -1..5, None), answer(&world, -1..5, None)];
    for tell in [list, answer] {
        let ways = [
            ("has run out", tell(&world, -2..-1, final_on_3)),
            ("is current", tell(&world, -2..5, final_on_3)),
            ("is from later", tell(&world, 2..5, final_on_3)),
        ];
        for (way, told) in ways {
            for good in old_and_good.iter().chain(&new_and_good) {
                for evidence in [[told.clone(), good.clone()], [good.clone(), told.clone()]] {
                    let status = world.status(&evidence);
                    assert_eq!(revoked_on(&status), Some(days(-3)), "{way}: {status:?}");
                }
            }
            let status = world.status(std::slice::from_ref(&told));
            assert_eq!(revoked_on(&status), Some(days(-3)), "{way}, alone");
        }
        // What happens later had not happened.
        let later = tell(&world, 2..5, Some((1, KEY_COMPROMISE)));
        let status = world.status(&[later, old_and_good[0].clone()]);
        assert!(matches!(status, RevocationStatus::Good(_)), "{status:?}");
    }
}

#[test]
fn a_hold_lasts_longer_or_shorter_than_its_list_says() {
    let world = World::new();
    let hold = Some((-3, HOLD));
    for tell in [World::list, World::answer] {
        for good in [World::list, World::answer] {
            for shown in [-2..-1, -2..5] {
                let held = tell(&world, shown, hold);
                let status = world.status(&[held.clone(), good(&world, -4..5, None)]);
                assert_eq!(revoked_on(&status), Some(days(-3)));
                let status = world.status(&[held, good(&world, -1..5, None)]);
                assert!(matches!(status, RevocationStatus::Good(_)), "{status:?}");
            }
        }
    }
}

#[test]
fn what_a_delta_tells_hangs_on_a_base_that_somebody_left_out() {
    let world = World::new();
    let delta = |of: i64, shown: Days, told| {
        let mut crl = world.crl(shown, Some(told));
        crl.delta_of = Some((of + 1_000) as u64);
        Told::List(crl.sign(&world.authority.1))
    };
    let base = world.list(-4..5, None);
    let held = world.list(-4..5, Some((-5, HOLD)));
    for (case, told) in [
        ("applies", delta(-4, -3..5, (-4, KEY_COMPROMISE))),
        ("has run out", delta(-4, -3..-1, (-4, KEY_COMPROMISE))),
        ("another base", delta(-3, -2..5, (-4, KEY_COMPROMISE))),
    ] {
        let status = world.status(&[base.clone(), told]);
        assert_eq!(revoked_on(&status), Some(days(-4)), "{case}: {status:?}");
    }
    let lifted = delta(-4, -2..5, (-3, REMOVED));
    let status = world.status(&[held.clone(), lifted.clone()]);
    assert!(matches!(status, RevocationStatus::Good(_)), "{status:?}");
    // On hold by one delta, and not any more by the next.
    let on_hold = delta(-4, -3..5, (-4, HOLD));
    let status = world.status(&[base.clone(), on_hold.clone(), lifted]);
    assert!(matches!(status, RevocationStatus::Good(_)), "{status:?}");
    let status = world.status(&[base, on_hold]);
    assert_eq!(revoked_on(&status), Some(days(-4)), "{status:?}");
}

#[test]
fn a_certificate_that_needs_no_status_is_revoked_all_the_same_and_nobody_hears_it() {
    let mut judge = Judge::openssl();
    for exemption in [oid::CE_NO_REV_AVAIL, oid::EXT_VALASSURED_SHORT_TERM] {
        let mut world = World::new();
        world.signer.extensions = vec![Ext(exemption, false, vec![5, 0])];
        let status = world.status(&[]);
        assert_eq!(status, RevocationStatus::NotApplicable);
        for (tell, told) in [
            (
                World::list as fn(&World, Days, Option<(i64, u8)>) -> Told,
                None,
            ),
            (World::list, Some((-3, KEY_COMPROMISE))),
            (World::answer, None),
            (World::answer, Some((-3, KEY_COMPROMISE))),
        ] {
            let evidence = tell(&world, -2..5, told);
            let status = world.status(std::slice::from_ref(&evidence));
            match told {
                None => assert_eq!(status, RevocationStatus::NotApplicable),
                Some(_) => assert_eq!(revoked_on(&status), Some(days(-3)), "{status:?}"),
            }
            let (Some(judge), Told::List(list)) = (judge.as_mut(), evidence) else {
                continue;
            };
            let roots = Crl::new(world.root.0.clone(), days(-30), days(30));
            let question = Question::of_revocation(
                &world.signer.certificate(&world.authority.1),
                &world.certified(&world.root, &world.root),
                &[world.certified(&world.authority, &world.root)],
                vec![list, roots.sign(&world.root.1)],
                days(0),
            );
            assert_eq!(judge.ask(&question).is_ok(), told.is_none());
        }
    }
}

#[test]
fn an_answer_of_a_responder_that_ended_since_clears_and_does_not_revoke() {
    let world = World::new();
    let certificates = [world.responder()];
    let by = |shown: Days, told| world.answer_by(&world.delegate, &certificates, shown, told);
    let status = world.status(&[by(-4..-3, Some((-5, KEY_COMPROMISE)))]);
    assert_eq!(revoked_on(&status), Some(days(-5)), "{status:?}");
    // It was no responder any more when it said so.
    let status = world.status(&[by(-1..5, Some((-5, KEY_COMPROMISE)))]);
    assert!(matches!(status, RevocationStatus::Unknown(_)), "{status:?}");
    let status = world.status(&[by(-4..5, None)]);
    assert!(matches!(status, RevocationStatus::Unknown(_)), "{status:?}");
}

#[test]
fn lists_of_strangers_hide_the_one_of_the_authority() {
    let world = World::new();
    let told = world.list(-2..1, Some((-3, KEY_COMPROMISE)));
    let good = world.answer(-4..5, None);
    let strangers: Vec<(Dn, Key)> = (0..40)
        .map(|_| (world.authority.0.clone(), Key::generate(Algorithm::P256)))
        .collect();
    let mut pool = world.pool();
    for stranger in &strangers {
        pool.add(world.certified(stranger, stranger));
        let by_root = (world.root.0.clone(), stranger.1.clone());
        pool.add(world.certified(stranger, &by_root));
    }
    let junk = |told: Option<(i64, u8)>, count: usize| -> Vec<Told> {
        let by = strangers.iter().cycle().take(count).enumerate();
        by.map(|(n, (_, key))| {
            let mut crl = world.crl(-1..5, told);
            crl.number += n as u64;
            Told::List(crl.sign(key))
        })
        .collect()
    };
    for claim in [None, Some((-30, KEY_COMPROMISE))] {
        // As many as anybody might send, and the authority's word is heard, against the certificate or for it.
        let some = junk(claim, 100);
        let against = [some.clone(), vec![good.clone(), told.clone()]].concat();
        let status = world.status_from(&against, &pool);
        assert_eq!(revoked_on(&status), Some(days(-3)), "{status:?}");
        let for_it = [some, vec![good.clone(), world.list(-2..1, None)]].concat();
        let status = world.status_from(&for_it, &pool);
        assert!(matches!(status, RevocationStatus::Good(_)), "{status:?}");
        // More than is looked at: nobody knows what the rest says, and nobody takes it for good.
        let many = [junk(claim, 1_200), vec![good.clone()]].concat();
        let status = world.status_from(&many, &pool);
        let spent = matches!(&status, RevocationStatus::Unknown(why) if why.is_exhausted());
        assert!(spent, "{status:?}");
        for revocation in [RevocationMode::Hard, RevocationMode::Soft] {
            let evidence = world.evidence(&many);
            let anchors = [world.anchor()];
            let parameters = Parameters {
                revocation,
                ..Parameters::at(days(0))
            };
            let refused = Validator::new(&anchors, &pool, &evidence, parameters)
                .validate(&world.signer.certificate(&world.authority.1))
                .unwrap_err();
            assert!(matches!(
                refused.kind,
                PathErrorKind::RevocationUnknown(_) | PathErrorKind::Budget(_)
            ));
        }
    }
}

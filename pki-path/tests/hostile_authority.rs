//! What an authority that means harm, or one that is careless, might try in order to undo a revocation.

#![allow(clippy::unwrap_used)]

mod common;

use common::issue::{Algorithm, Crl, Dn, Entry, Ext, Key, Template};
use pki_asn1::write::{INTEGER, SEQUENCE, tlv};
use pki_asn1::{Certificate, CertificateList, UnixTime};
use pki_path::{CertificatePool, Evidence, Parameters, PathErrorKind, TrustAnchor, Validator};

fn days(n: i64) -> UnixTime {
    UnixTime::from_secs(1_800_000_000 + n * 86_400)
}

/// A root, two authorities below it, and a signer below the first.
struct World {
    root: (Dn, Key),
    victim: (Dn, Key),
    hostile: (Dn, Key),
    target: Template,
}

impl World {
    fn new() -> Self {
        let one = |name: &str| (Dn::new(name), Key::generate(Algorithm::P256));
        let victim = one("C=MC,O=Sceau,CN=Victim");
        let valid = (days(-100), days(100));
        let mut target = Template::new(
            Dn::new("C=MC,CN=Signer"),
            &Key::generate(Algorithm::P256),
            valid,
        );
        target.issuer = victim.0.clone();
        target.serial = vec![42];
        Self {
            root: one("C=MC,O=Sceau,CN=Root"),
            hostile: one("C=MC,O=Sceau,CN=Hostile"),
            victim,
            target,
        }
    }

    fn authority(&self, subject: &(Dn, Key), issuer: &(Dn, Key)) -> Certificate {
        let mut template = Template::new(subject.0.clone(), &subject.1, (days(-100), days(100)));
        template.issuer = issuer.0.clone();
        template.extensions = vec![Ext::basic_constraints(true, None), Ext::key_usage(&[5, 6])];
        template.certificate(&issuer.1)
    }

    fn crl(&self, issuer: &(Dn, Key)) -> Crl {
        Crl::new(issuer.0.clone(), days(-1), days(1))
    }

    /// Whether the target is valid with these CRLs and certificates more than it needs.
    fn judge(&self, more: Vec<Certificate>, crls: &[Vec<u8>]) -> Result<(), PathErrorKind> {
        let root = TrustAnchor::from_certificate(self.authority(&self.root, &self.root)).unwrap();
        let mut pool = CertificatePool::new();
        pool.add(self.authority(&self.victim, &self.root));
        pool.extend(more);
        let mut evidence = Evidence::new();
        for crl in crls {
            evidence.add_crl(CertificateList::from_der(crl.clone()).unwrap());
        }
        evidence
            .add_crl(CertificateList::from_der(self.crl(&self.root).sign(&self.root.1)).unwrap());
        let target = self.target.certificate(&self.victim.1);
        Validator::new(&[root], &pool, &evidence, Parameters::at(days(0)))
            .validate(&target)
            .map(|_| ())
            .map_err(|e| e.kind)
    }
}

#[test]
fn an_authority_beside_another_does_not_take_back_its_revocations() {
    let world = World::new();
    let revoked = Entry {
        serial: vec![42],
        at: days(-2),
        reason: Some(1),
        issuer: None,
    };
    let mut honest = world.crl(&world.victim);
    honest.this_update = days(-2);
    honest.entries.push(revoked);
    let honest = honest.sign(&world.victim.1);
    assert!(matches!(
        world.judge(Vec::new(), std::slice::from_ref(&honest)),
        Err(PathErrorKind::Revoked(_))
    ));
    // The hostile authority certifies a key of its own in the name of the other.
    let forger = (world.victim.0.clone(), Key::generate(Algorithm::P256));
    let more = vec![
        world.authority(&world.hostile, &world.root),
        world.authority(&forger, &world.hostile),
    ];
    let forged = world.crl(&forger).sign(&forger.1);
    let hostiles = world.crl(&world.hostile).sign(&world.hostile.1);
    assert!(matches!(
        world.judge(more.clone(), &[honest, forged.clone(), hostiles.clone()]),
        Err(PathErrorKind::Revoked(_))
    ));
    assert!(matches!(
        world.judge(more, &[forged, hostiles]),
        Err(PathErrorKind::RevocationUnknown(_))
    ));
    // A second key that the root itself certified may.
    let second = (world.victim.0.clone(), Key::generate(Algorithm::P256));
    let crl = world.crl(&second).sign(&second.1);
    let more = vec![world.authority(&second, &world.root)];
    assert_eq!(world.judge(more, &[crl]), Ok(()));
}

#[test]
fn a_revocation_that_does_not_decode_is_not_passed_over() {
    let world = World::new();
    let serial = tlv(INTEGER, &[&[42]]);
    let bad_date = tlv(SEQUENCE, &[&serial, &tlv(0x17, &[b"261399000000Z"])]);
    let good_date = tlv(0x17, &[b"261201000000Z"]);
    let padded = tlv(SEQUENCE, &[&tlv(INTEGER, &[&[0, 42]]), &good_date]);
    let issuer = Ext(
        pki_asn1::oid::CE_CERTIFICATE_ISSUER,
        true,
        vec![0x30, 1, 0xFF],
    );
    let issuer = tlv(SEQUENCE, &[&issuer.der()]);
    let bad_issuer = tlv(SEQUENCE, &[&serial, &good_date, &issuer]);
    for entry in [bad_date, padded, bad_issuer] {
        let mut crl = world.crl(&world.victim);
        crl.raw_entries = vec![entry.clone()];
        let judged = world.judge(Vec::new(), &[crl.sign(&world.victim.1)]);
        assert!(judged.is_err(), "{}", hex::encode(entry));
    }
    let crl = world.crl(&world.victim).sign(&world.victim.1);
    assert_eq!(world.judge(Vec::new(), &[crl]), Ok(()));
}

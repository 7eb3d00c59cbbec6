//! A verdict hangs on what is known, not on its order: shuffled, doubled, or among what belongs to others. And
//! who knows more is told nothing worse, unless it is a revocation.

use std::sync::OnceLock;

use ades::extend::Target;
use ades::validate::{Indication, Material, SubIndication, ValidationPolicy};
use pki_asn1::{Certificate, CertificateList};
use pki_path::{RevocationStatus, TrustAnchor};
use proptest::prelude::*;
use rcgen::RevocationReason::{CertificateHold, KeyCompromise};

use super::forms::{Form, judged, signature};
use super::world::{Ca, Curve, Unit};

/// Files of several forms and levels, and everything that may be known about them.
struct World {
    roots: [Ca; 2],
    files: Vec<(Form, Vec<u8>)>,
    certificates: Vec<Certificate>,
    /// None of them revokes anything that the files rest on.
    good: Vec<CertificateList>,
    /// The signer was revoked, or its authority, on day 500; the signer is on hold from day 700 on.
    bad: Vec<CertificateList>,
}

const DAYS: [u32; 4] = [20, 480, 620, 1100];

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let root = Ca::root("Root", 0..7000, Curve::P256);
        let second = Ca::root("Second", 0..7000, Curve::P256);
        let ca = root.below("Issuing", 0..3000, Curve::P256);
        let other = root.below("Other", 0..6000, Curve::P256);
        let signer = ca.signer("Signer", 0..1000, Curve::P256);
        let unit: Unit = other.unit("Unit", 0..6000, Curve::P256);
        let stranger = Ca::root("Stranger", 0..7000, Curve::P256);
        let namesake = stranger.below("Issuing", 0..7000, Curve::P256);
        let crls = |number: u32| {
            let days = || number..number + 9;
            [
                root.crl(days(), &[]),
                ca.crl(days(), &[]),
                other.crl(days(), &[]),
            ]
        };
        let known = || {
            let mut known = Material::default();
            known
                .anchors
                .push(TrustAnchor::from_certificate(root.certificate.clone()).unwrap());
            crls(11).into_iter().for_each(|crl| {
                known.evidence.add_crl(crl);
            });
            known
        };
        let mut files = Vec::new();
        for form in [Form::Cades, Form::Pades, Form::Extended] {
            let stamped = form.sign(&signer, 11, Some(&unit));
            let archived = form
                .extend(&stamped, 11, Target::BLta, &unit, &known)
                .unwrap();
            files.push((form, form.sign(&signer, 11, None)));
            files.push((form, stamped));
            files.push((form, archived));
        }
        let mut good: Vec<CertificateList> = DAYS.into_iter().flat_map(crls).collect();
        let theirs = [(signer.certificate(), 1, KeyCompromise)];
        for number in DAYS {
            good.push(second.crl(number..number + 7, &[]));
            good.push(stranger.crl(number..number + 7, &theirs));
            good.push(namesake.crl(number..number + 7, &theirs));
        }
        let mut bad = Vec::new();
        for number in [620, 1100] {
            let days = || number..number + 7;
            bad.push(ca.crl(days(), &[(signer.certificate(), 500, KeyCompromise)]));
            bad.push(root.crl(days(), &[(&ca.certificate, 500, KeyCompromise)]));
            bad.push(ca.crl(days(), &[(signer.certificate(), 700, CertificateHold)]));
        }
        let certificates = vec![
            ca.certificate.clone(),
            second.certified(&ca, 0..2000),
            other.certificate.clone(),
            root.certificate.clone(),
            stranger.certificate.clone(),
            namesake.certificate.clone(),
            namesake
                .signer("Signer", 0..1000, Curve::P256)
                .certificate()
                .clone(),
            signer.certificate().clone(),
        ];
        World {
            roots: [root, second],
            files,
            certificates,
            good,
            bad,
        }
    })
}

/// Everything that a report says, without the places of the evidence.
#[derive(Debug, PartialEq)]
struct Said {
    indication: Indication,
    sub: Option<SubIndication>,
    rest: String,
}

fn said(
    file: usize,
    number: u32,
    certificates: &[&Certificate],
    crls: &[&CertificateList],
) -> Said {
    let world = world();
    let mut known = Material::default();
    for root in &world.roots {
        known
            .anchors
            .push(TrustAnchor::from_certificate(root.certificate.clone()).unwrap());
    }
    certificates.iter().for_each(|c| {
        known.pool.add((*c).clone());
    });
    crls.iter().for_each(|crl| {
        known.evidence.add_crl((*crl).clone());
    });
    let (form, file) = &world.files[file];
    let policy = ValidationPolicy::default();
    let (facts, verdict) = judged(&form.shown(file), None, number, known, &policy).unwrap();
    let one = signature(&facts, &verdict);
    let status = |status: &Option<RevocationStatus>| match status {
        Some(RevocationStatus::Good(f)) => {
            format!("good {:?} by {}", f.this_update, f.signer.serial_hex())
        }
        Some(RevocationStatus::Revoked(info, f)) => format!("{info:?} {:?}", f.this_update),
        other => format!("{other:?}"),
    };
    let chain: Vec<_> = one
        .chain
        .iter()
        .map(|c| (c.certificate.serial_hex(), c.anchor, status(&c.revocation)))
        .collect();
    let stamps: Vec<_> = one
        .timestamps
        .iter()
        .map(|t| (t.indication, t.sub_indication, t.errors.clone()))
        .collect();
    Said {
        indication: one.indication,
        sub: one.sub_indication,
        rest: format!(
            "{:#?}",
            (
                one.best_signature_time,
                one.level,
                &one.errors,
                &one.warnings,
                chain,
                stamps
            )
        ),
    }
}

fn chosen<T>(all: &[T], mask: u32) -> Vec<&T> {
    let bit = |place: usize| mask >> place & 1 == 1;
    all.iter()
        .enumerate()
        .filter(|(place, _)| bit(*place))
        .map(|(_, one)| one)
        .collect()
}

/// In an order that `seed` decides, some of them twice.
fn shuffled<'t, T>(all: &[&'t T], mut seed: u64) -> Vec<&'t T> {
    let mut random = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below.max(1)
    };
    let mut out = all.to_vec();
    for place in (1..out.len()).rev() {
        out.swap(place, random(place + 1));
    }
    for _ in 0..random(3) {
        if !out.is_empty() {
            let again = out[random(out.len())];
            out.insert(random(out.len()), again);
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_certificates_and_crls_changes_nothing(
        file in 0..9_usize, day in 0..DAYS.len(), certificates: u32, good: u32, bad: u32, seed: u64,
    ) {
        let world = world();
        let certificates = chosen(&world.certificates, certificates);
        let mut crls = chosen(&world.good, good);
        crls.extend(chosen(&world.bad, bad));
        let plain = said(file, DAYS[day], &certificates, &crls);
        let other = said(file, DAYS[day], &shuffled(&certificates, seed), &shuffled(&crls, !seed));
        prop_assert_eq!(plain, other);
    }

    #[test]
    fn more_evidence_turns_no_pass_into_something_else(
        file in 0..9_usize, day in 0..DAYS.len(), certificates: u32, few: u32, more: u32, pool: u32,
    ) {
        let world = world();
        let fewer = chosen(&world.certificates, certificates & pool);
        let all = chosen(&world.certificates, pool);
        let less = said(file, DAYS[day], &fewer, &chosen(&world.good, few));
        let with = said(file, DAYS[day], &all, &chosen(&world.good, few | more));
        if less.indication == Indication::TotalPassed {
            prop_assert_eq!(with.indication, Indication::TotalPassed, "{}", with.rest);
        }
        prop_assert_ne!(with.indication, Indication::TotalFailed);
    }

    #[test]
    fn a_revocation_turns_a_pass_only_where_nothing_proves_an_earlier_time(
        file in 0..9_usize, good: u32, bad in 1..64_u32,
    ) {
        let world = world();
        let all: Vec<&Certificate> = world.certificates.iter().collect();
        // All of the day, and more.
        let good = chosen(&world.good, good | 0b111 << 6);
        let mut crls = good.clone();
        crls.extend(chosen(&world.bad, bad));
        let without = said(file, DAYS[2], &all, &good);
        prop_assert_eq!(without.indication, Indication::TotalPassed, "{}", without.rest);
        let with = said(file, DAYS[2], &all, &crls);
        // Only CRLs of day 620 are known by then: the signer's, the authority's, a hold that is yet to come.
        let (signer, authority) = (bad & 0b1 != 0, bad & 0b10 != 0);
        match (file % 3, signer) {
            (0, true) => prop_assert_eq!(with.sub, Some(SubIndication::RevokedNoPoe), "{}", with.rest),
            (0, false) if authority && bad & 0b100 == 0 => {
                // The second root certified the authority as well, and its word holds where its CRL is there.
                prop_assert_ne!(with.indication, Indication::TotalFailed);
            }
            (2, _) => prop_assert_eq!(with.indication, Indication::TotalPassed, "{}", with.rest),
            _ => prop_assert_ne!(with.indication, Indication::TotalFailed),
        }
    }
}

//! Signatures of each level, judged years later.

use ades::cms::build::CmsSigner;
use ades::extend::Target;
use ades::validate::{
    Block, Ends, Indication, Material, ProofSource, Step, SubIndication, ValidationPolicy, Verdict,
};
use pki_asn1::CertificateList;
use pki_crypto::suites::Day;
use rcgen::RevocationReason::{self, CessationOfOperation, KeyCompromise};

use super::world::{Ca, Curve, Unit, day, extend, judge, material, sign};

/// The signer's authority ends on day 3,000, the signer on day 1,000, the unit on day 1,500; another
/// authority and its unit last until day 6,000.
struct World {
    root: Ca,
    ca: Ca,
    signer: CmsSigner,
    unit: Unit,
    other: Ca,
    lasting: Unit,
}

type Revoked<'r> = &'r [(&'r pki_asn1::Certificate, u32, RevocationReason)];

impl World {
    fn new() -> Self {
        let root = Ca::root("Root", 0..7000, Curve::P256);
        let ca = root.below("Issuing", 0..3000, Curve::P256);
        let other = root.below("Other", 0..6000, Curve::P256);
        let signer = ca.signer("Signer", 0..1000, Curve::P256);
        let unit = ca.unit("Unit", 0..1500, Curve::P256);
        let lasting = other.unit("Lasting", 0..6000, Curve::P256);
        Self {
            root,
            ca,
            signer,
            unit,
            other,
            lasting,
        }
    }

    /// The CRLs of a day. The signer's authority publishes as long as it is there.
    fn crls(&self, number: u32, root: Revoked<'_>, ca: Revoked<'_>) -> Vec<CertificateList> {
        let days = number..number + 7;
        let mut all = vec![
            self.root.crl(days.clone(), root),
            self.other.crl(days.clone(), &[]),
        ];
        if number < 3000 {
            all.push(self.ca.crl(days, ca));
        }
        all
    }

    fn today(&self, number: u32) -> Material {
        material(&[&self.root], &self.crls(number, &[], &[]))
    }

    fn raised(&self, file: &[u8], number: u32, to: Target, unit: &Unit) -> Vec<u8> {
        extend(file, number, to, unit, self.today(number))
    }

    fn judged(&self, file: &[u8], number: u32, material: Material) -> Verdict {
        judge(file, number, material, &ValidationPolicy::default()).1
    }
}

fn said(verdict: &Verdict) -> (Indication, Option<SubIndication>) {
    let one = &verdict.signatures[0];
    (one.indication, one.sub_indication)
}

const PASSED: (Indication, Option<SubIndication>) = (Indication::TotalPassed, None);

fn open(sub: SubIndication) -> (Indication, Option<SubIndication>) {
    (Indication::Indeterminate, Some(sub))
}

#[test]
fn every_level_says_years_later_what_the_standard_says() {
    let world = World::new();
    let bare = sign(&world.signer, 10, None);
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let kept = world.raised(&stamped, 11, Target::BLt, &world.unit);
    let archived = world.raised(&stamped, 11, Target::BLta, &world.unit);
    let renewed = world.raised(&archived, 1400, Target::BLta, &world.lasting);
    // The unit lasts, and nothing covers the revocation data.
    let lasting = sign(&world.signer, 10, Some(world.lasting.on(10)));
    let uncovered = world.raised(&lasting, 11, Target::BLt, &world.lasting);
    let covered = world.raised(&lasting, 11, Target::BLta, &world.lasting);
    use SubIndication::{OutOfBoundsNoPoe, OutOfBoundsNotRevoked};
    let cases = [
        ("B-B while all is valid", &bare, 20, PASSED),
        ("B-B after its signer", &bare, 1100, open(OutOfBoundsNoPoe)),
        ("B-T while all is valid", &stamped, 20, PASSED),
        ("B-LT after its signer", &kept, 1100, PASSED),
        ("B-LT after its unit", &kept, 1600, open(OutOfBoundsNoPoe)),
        ("B-LTA after its signer", &archived, 1100, PASSED),
        (
            "B-LTA after its units",
            &archived,
            1600,
            open(OutOfBoundsNoPoe),
        ),
        ("renewed, after its first units", &renewed, 1600, PASSED),
        ("renewed, after the authority", &renewed, 4000, PASSED),
        (
            "renewed, after all but the root",
            &renewed,
            6100,
            open(OutOfBoundsNoPoe),
        ),
        (
            "B-LT after the authority",
            &uncovered,
            4000,
            open(OutOfBoundsNoPoe),
        ),
        ("B-LTA after the authority", &covered, 4000, PASSED),
        ("B-LTA after the root, an anchor", &covered, 5990, PASSED),
    ];
    for (what, file, number, expected) in cases {
        let verdict = world.judged(file, number, world.today(number));
        let one = &verdict.signatures[0];
        assert_eq!(said(&verdict), expected, "{what}: {:#?}", one.errors);
    }
    // The end of a signer is known to have come without a revocation, where its last days are covered.
    let last = material(&[&world.root], &world.crls(996, &[], &[]));
    let verdict = world.judged(&bare, 1002, last);
    assert_eq!(said(&verdict), open(OutOfBoundsNotRevoked));
}

#[test]
fn what_was_revoked_spoils_what_is_not_proven_to_be_older() {
    let world = World::new();
    let signer = world.signer.certificate();
    let ca = &world.ca.certificate;
    let unit = world.unit.signer.certificate();
    let bare = sign(&world.signer, 10, None);
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let late = sign(&world.signer, 10, Some(world.unit.on(510)));
    let lasting = sign(&world.signer, 10, Some(world.lasting.on(10)));
    let uncovered = world.raised(&lasting, 11, Target::BLt, &world.lasting);
    let covered = world.raised(&lasting, 11, Target::BLta, &world.lasting);
    let rescued = world.raised(&stamped, 11, Target::BLta, &world.lasting);
    use SubIndication::{OutOfBoundsNoPoe, RevokedCaNoPoe, RevokedNoPoe};
    let by_ca = |who, at, why| (Vec::new(), vec![(who, at, why)]);
    let by_root = |who, at, why| (vec![(who, at, why)], Vec::new());
    let cases = [
        (
            "B-B of a signer who was revoked",
            &bare,
            600,
            by_ca(signer, 500, KeyCompromise),
            open(RevokedNoPoe),
        ),
        (
            "B-T from before",
            &stamped,
            600,
            by_ca(signer, 500, KeyCompromise),
            PASSED,
        ),
        (
            "B-T from after",
            &late,
            600,
            by_ca(signer, 500, KeyCompromise),
            open(RevokedNoPoe),
        ),
        (
            "B-B of an authority that was revoked",
            &bare,
            600,
            by_root(ca, 500, KeyCompromise),
            open(RevokedCaNoPoe),
        ),
        (
            "B-LT of it, from before",
            &uncovered,
            600,
            by_root(ca, 500, CessationOfOperation),
            open(RevokedCaNoPoe),
        ),
        (
            "B-LTA of it, from before",
            &covered,
            600,
            by_root(ca, 500, KeyCompromise),
            PASSED,
        ),
        (
            "B-LTA of it, from after",
            &covered,
            600,
            by_root(ca, 5, KeyCompromise),
            open(RevokedCaNoPoe),
        ),
        (
            "B-T of a unit that was revoked, while the signer is valid",
            &stamped,
            600,
            by_ca(unit, 20, KeyCompromise),
            PASSED,
        ),
        (
            "the same after the signer",
            &stamped,
            1100,
            by_ca(unit, 20, KeyCompromise),
            open(OutOfBoundsNoPoe),
        ),
        (
            "the same with an archive time-stamp from before",
            &rescued,
            1100,
            by_ca(unit, 20, KeyCompromise),
            PASSED,
        ),
    ];
    for (what, file, number, (root, ca), expected) in cases {
        let material = material(&[&world.root], &world.crls(number, &root, &ca));
        let verdict = world.judged(file, number, material);
        let one = &verdict.signatures[0];
        assert_eq!(said(&verdict), expected, "{what}: {:#?}", one.errors);
    }
    // An archive time-stamp proves the day it was made, also where the time-stamp below it is lost.
    let revoked = [(unit, 9, CessationOfOperation)];
    let material = material(&[&world.root], &world.crls(1100, &[], &revoked));
    let verdict = world.judged(&rescued, 1100, material);
    assert_eq!(said(&verdict), PASSED);
    let one = &verdict.signatures[0];
    assert_eq!(one.best_signature_time, Some(day(11)));
    assert_eq!(one.timestamps[0].sub_indication, Some(RevokedNoPoe));
}

#[test]
fn an_algorithm_that_ended_is_good_where_it_is_proven_to_be_older() {
    let world = World::new();
    let strong_root = Ca::root("Strong", 0..7000, Curve::P384);
    let strong_ca = strong_root.below("Strong Issuing", 0..6500, Curve::P384);
    let strong = strong_ca.unit("Strong Unit", 0..6400, Curve::P384);
    let at = |number: u32, root: &Ca| {
        let mut crls = world.crls(number, &[], &[]);
        crls.push(strong_root.crl(number..number + 7, &[]));
        crls.push(strong_ca.crl(number..number + 7, &[]));
        material(&[&world.root, root], &crls)
    };
    let bare = sign(&world.signer, 10, None);
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let archived = extend(&stamped, 11, Target::BLta, &strong, at(11, &strong_root));
    let too_late = extend(&stamped, 400, Target::BLta, &strong, at(400, &strong_root));
    let weak = |last: Ends| {
        let mut policy = ValidationPolicy::default();
        policy.algorithms.keys.insert("EC P-256".into(), last);
        policy
    };
    // Day 364 is the last of 2027.
    let ended = weak(Ends::On(Day::new(2027, 12, 31)));
    use SubIndication::{CryptoConstraintsFailure, CryptoConstraintsFailureNoPoe};
    let cases = [
        ("B-B before the end", &bare, 300, &ended, PASSED),
        (
            "B-B after it",
            &bare,
            400,
            &ended,
            open(CryptoConstraintsFailureNoPoe),
        ),
        (
            "B-T after it, whose unit is as weak",
            &stamped,
            400,
            &ended,
            open(CryptoConstraintsFailureNoPoe),
        ),
        ("B-LTA that is strong", &archived, 900, &ended, PASSED),
        (
            "B-LTA from after the end",
            &too_late,
            900,
            &ended,
            open(CryptoConstraintsFailureNoPoe),
        ),
    ];
    for (what, file, number, policy, expected) in cases {
        let verdict = judge(file, number, at(number, &strong_root), policy).1;
        assert_eq!(
            said(&verdict),
            expected,
            "{what}: {:#?}",
            verdict.signatures[0].errors
        );
    }
    let refused = weak(Ends::Refused);
    let verdict = judge(&archived, 900, at(900, &strong_root), &refused).1;
    assert_eq!(said(&verdict), open(CryptoConstraintsFailure));
    let mut as_of_today = ended.clone();
    as_of_today.ended_algorithms = ades::validate::EndedAlgorithms::Refused;
    let verdict = judge(&archived, 900, at(900, &strong_root), &as_of_today).1;
    assert_eq!(said(&verdict), open(CryptoConstraintsFailureNoPoe));
}

/// All steps of a tree with this block.
fn steps(all: &[Step], block: Block) -> Vec<&Step> {
    let mut found = Vec::new();
    for one in all {
        found.extend((one.block == block).then_some(one));
        found.extend(steps(&one.children, block));
    }
    found
}

#[test]
fn the_trace_tells_which_processes_ran_and_what_proved_the_time() {
    let world = World::new();
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let archived = world.raised(&stamped, 11, Target::BLta, &world.unit);
    let renewed = world.raised(&archived, 1400, Target::BLta, &world.lasting);

    let verdict = world.judged(&stamped, 20, world.today(20));
    let one = &verdict.signatures[0];
    assert_eq!(one.proof.unwrap().source, ProofSource::SignatureTimestamp);
    assert_eq!(steps(&one.checks, Block::SignatureWithTime).len(), 1);
    assert!(steps(&one.checks, Block::PastSignature).is_empty());

    let verdict = world.judged(&renewed, 4000, world.today(4000));
    let one = &verdict.signatures[0];
    assert_eq!(one.best_signature_time, Some(day(10)));
    let slid = steps(&one.checks, Block::ControlTimeSliding);
    assert!(!slid.is_empty(), "{:#?}", one.checks);
    let message = slid[0].message.as_ref().unwrap().to_string();
    assert!(message.contains(&day(3000).to_string()), "{message}");
}

#[test]
fn more_evidence_never_makes_a_verdict_worse() {
    let world = World::new();
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let bare = sign(&world.signer, 10, None);
    let strangers = Ca::root("Stranger", 0..7000, Curve::P256);
    let namesake = Ca::root("Issuing", 0..7000, Curve::P256);
    let other_signer = namesake.signer("Signer", 0..1000, Curve::P256);
    for number in [20, 500, 900, 999] {
        let files = [
            bare.clone(),
            stamped.clone(),
            world.raised(&stamped, number, Target::BLt, &world.lasting),
            world.raised(&stamped, number, Target::BLta, &world.lasting),
            world.raised(&bare, number, Target::BLta, &world.lasting),
        ];
        for (level, file) in files.iter().enumerate() {
            let plain = world.judged(file, number, world.today(number));
            assert_eq!(
                said(&plain),
                PASSED,
                "{level} on day {number}: {:#?}",
                plain.signatures[0].errors
            );
            // What belongs to others changes nothing.
            let mut more = world.today(number);
            more.pool.add(strangers.certificate.clone());
            more.pool.add(namesake.certificate.clone());
            more.pool.add(other_signer.certificate().clone());
            let theirs = [(world.signer.certificate(), 1, KeyCompromise)];
            more.evidence
                .add_crl(strangers.crl(number..number + 7, &theirs));
            more.evidence
                .add_crl(namesake.crl(number..number + 7, &theirs));
            let with = world.judged(file, number, more);
            assert_eq!(said(&with), PASSED, "{level} on day {number}");
            assert_eq!(
                with.signatures[0].best_signature_time,
                plain.signatures[0].best_signature_time
            );
        }
    }
}

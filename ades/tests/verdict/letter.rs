//! Places where EN 319 102-1 V1.4.1 says more than one would guess: which chain counts, what an ended algorithm
//! is proven by, and which reason is told.

use ades::extend::Target;
use ades::validate::{
    EndedAlgorithms, Ends, Indication, Material, Step, SubIndication, ValidationPolicy, Verdict,
};
use pki_asn1::CertificateList;
use pki_crypto::DigestAlgorithm;
use pki_crypto::suites::Day;
use rcgen::RevocationReason::{CessationOfOperation, KeyCompromise};

use super::world::{Ca, Curve, day, extend, judge, material, sign};

type Said = (Indication, Option<SubIndication>);

const PASSED: Said = (Indication::TotalPassed, None);

fn open(sub: SubIndication) -> Said {
    (Indication::Indeterminate, Some(sub))
}

fn said(verdict: &Verdict) -> Said {
    let one = &verdict.signatures[0];
    (one.indication, one.sub_indication)
}

fn reason(verdict: &Verdict) -> (String, String) {
    let error = &verdict.signatures[0].errors[0];
    let hint = error.hint.as_ref().map(ToString::to_string);
    (error.message.to_string(), hint.unwrap_or_default())
}

/// SHA-256 ends with 2027, whose last day is day 364.
fn without_sha256() -> ValidationPolicy {
    with_sha256(Ends::On(Day::new(2027, 12, 31)))
}

fn with_sha256(ends: Ends) -> ValidationPolicy {
    let mut policy = ValidationPolicy::default();
    let digests = &mut policy.algorithms.digests;
    digests.insert(DigestAlgorithm::Sha256, ends);
    policy
}

#[test]
fn revocation_data_that_is_too_weak_is_named_and_not_called_missing() {
    let root = Ca::root("Root", 0..7000, Curve::P384);
    let ca = root.below("Issuing", 0..3000, Curve::P384);
    // The same authority signs its CRLs with another, weaker key.
    let for_crls = root.below("Issuing", 0..3000, Curve::P256);
    let signer = ca.signer("Signer", 0..1000, Curve::P384);
    let unit = ca.unit("Unit", 0..1000, Curve::P384);
    let at = |number: u32, crls: &[CertificateList]| {
        let mut all = vec![root.crl(number..number + 7, &[])];
        all.extend_from_slice(crls);
        let mut known = material(&[&root], &all);
        known.pool.add(for_crls.certificate.clone());
        known
    };
    let file = sign(&signer, 350, None);
    let weak = for_crls.crl(355..450, &[]);
    let after = for_crls.crl(395..450, &[]);
    let strong = ca.crl(395..450, &[]);
    let policy = without_sha256();
    let judged = |file: &[u8], known: Material| judge(file, 400, known, &policy).1;

    use SubIndication::{CryptoConstraintsFailure, CryptoConstraintsFailureNoPoe};
    let verdict = judged(&file, at(400, core::slice::from_ref(&weak)));
    assert_eq!(said(&verdict), open(CryptoConstraintsFailureNoPoe));
    let (message, hint) = reason(&verdict);
    assert!(
        message.starts_with("the only revocation data about the certificate of CN=Signer"),
        "{message}"
    );
    assert!(
        message.contains("is not reliable any more since 2028-01-01"),
        "{message}"
    );
    assert!(
        hint.contains("a proof that this data existed before 2028-01-01"),
        "{hint}"
    );
    // What claims to be younger than the end is not helped by a proof.
    let verdict = judged(&file, at(400, &[after]));
    assert_eq!(said(&verdict), open(CryptoConstraintsFailure));
    let (_, hint) = reason(&verdict);
    assert!(
        hint.starts_with("revocation data with another algorithm would change this"),
        "{hint}"
    );
    // Nor is a revocation believed that anybody could have made up.
    let revoked = for_crls.crl(355..450, &[(signer.certificate(), 352, KeyCompromise)]);
    let verdict = judged(&file, at(400, core::slice::from_ref(&revoked)));
    assert_eq!(said(&verdict), open(CryptoConstraintsFailureNoPoe));
    // And it is not forgotten beside an older list, on which the certificate does not stand yet.
    let before = ca.crl(351..450, &[]);
    for given in [
        [before.clone(), revoked.clone()],
        [revoked.clone(), before.clone()],
    ] {
        let verdict = judged(&file, at(400, &given));
        assert_eq!(said(&verdict), open(CryptoConstraintsFailureNoPoe));
        let (message, hint) = reason(&verdict);
        assert!(
            message.contains("says that the certificate of CN=Signer"),
            "{message}"
        );
        assert_eq!(hint, "ask the issuer whether it was revoked");
    }
    // An algorithm that was never good enough ended on no day.
    let never = with_sha256(Ends::Refused);
    for given in [vec![weak.clone()], vec![before, revoked]] {
        let verdict = judge(&file, 400, at(400, &given), &never).1;
        assert_eq!(said(&verdict), open(CryptoConstraintsFailure));
        let (message, hint) = reason(&verdict);
        let told = format!("{message} {hint} {:?}", verdict.signatures[0].chain);
        assert!(
            message.contains("is not accepted by the policy") && !told.contains("1970"),
            "{told}"
        );
    }
    assert_eq!(
        said(&judged(&file, at(400, &[weak.clone(), strong]))),
        PASSED
    );
    // Nothing at all is another matter.
    assert_eq!(
        said(&judged(&file, at(400, &[]))),
        open(SubIndication::TryLater)
    );

    let stamped = sign(&signer, 350, Some(unit.on(350)));
    let kept = at(356, &[weak]);
    let archived = extend(&stamped, 356, Target::BLta, &unit, kept);
    let verdict = judge(&archived, 400, at(400, &[]), &policy).1;
    // The unit's own status rests on the same CRL, over which nothing later lies.
    assert_eq!(
        said(&verdict),
        open(CryptoConstraintsFailureNoPoe),
        "{:#?}",
        reason(&verdict)
    );
}

#[test]
fn weak_revocation_data_counts_where_it_is_proven_to_be_older() {
    let root = Ca::root("Root", 0..7000, Curve::P384);
    let ca = root.below("Issuing", 0..3000, Curve::P384);
    let for_crls = root.below("Issuing", 0..3000, Curve::P256);
    let other = root.below("Other", 0..6000, Curve::P384);
    let signer = ca.signer("Signer", 0..1000, Curve::P384);
    let unit = other.unit("Unit", 0..1000, Curve::P384);
    let at = |number: u32, more: &[CertificateList]| {
        let days = number..number + 7;
        let mut all = vec![root.crl(days.clone(), &[]), other.crl(days, &[])];
        all.extend_from_slice(more);
        let mut known = material(&[&root], &all);
        known.pool.add(for_crls.certificate.clone());
        known
    };
    let weak = for_crls.crl(355..450, &[]);
    let stamped = sign(&signer, 350, Some(unit.on(350)));
    let early = extend(
        &stamped,
        356,
        Target::BLta,
        &unit,
        at(356, core::slice::from_ref(&weak)),
    );
    let policy = without_sha256();
    let verdict = judge(&early, 400, at(400, &[]), &policy).1;
    assert_eq!(
        said(&verdict),
        PASSED,
        "{:#?}",
        verdict.signatures[0].errors
    );
    let mut today = policy.clone();
    today.ended_algorithms = EndedAlgorithms::Refused;
    let verdict = judge(&early, 400, at(400, &[]), &today).1;
    assert_eq!(
        said(&verdict),
        open(SubIndication::CryptoConstraintsFailureNoPoe)
    );
    // A time-stamp from after the end proves too little.
    let late = extend(&stamped, 390, Target::BLta, &unit, at(390, &[weak]));
    let verdict = judge(&late, 400, at(400, &[]), &policy).1;
    assert_eq!(
        said(&verdict),
        open(SubIndication::CryptoConstraintsFailureNoPoe)
    );
}

#[test]
fn a_weakly_signed_authority_has_to_be_proven_itself() {
    // The root signs with SHA-256, everything below with SHA-384.
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let ca = root.below("Issuing", 0..3000, Curve::P384);
    let strong = Ca::root("Strong", 0..7000, Curve::P384);
    let signer = ca.signer("Signer", 0..1000, Curve::P384);
    let unit = strong.unit("Unit", 0..2000, Curve::P384);
    let at = |number: u32| {
        let days = number..number + 7;
        let crls = [
            root.crl(days.clone(), &[]),
            ca.crl(days.clone(), &[]),
            strong.crl(days, &[]),
        ];
        material(&[&root, &strong], &crls)
    };
    let stamped = sign(&signer, 10, Some(unit.on(10)));
    let kept = extend(&stamped, 11, Target::BLt, &unit, at(11));
    let archived = extend(&stamped, 11, Target::BLta, &unit, at(11));
    let policy = without_sha256();
    let cases = [
        // The signature is proven to be old enough; that the authority's certificate is, is not.
        (&stamped, open(SubIndication::CryptoConstraintsFailureNoPoe)),
        (&kept, open(SubIndication::CryptoConstraintsFailureNoPoe)),
        (&archived, PASSED),
    ];
    for (number, (file, expected)) in cases.into_iter().enumerate() {
        let verdict = judge(file, 400, at(400), &policy).1;
        assert_eq!(
            said(&verdict),
            expected,
            "{number}: {:#?}",
            verdict.signatures[0].errors
        );
        if expected != PASSED {
            let (message, _) = reason(&verdict);
            assert!(
                message.contains("with which the certificate of CN=Issuing is signed"),
                "{message}"
            );
        }
        let before = judge(file, 300, at(300), &policy).1;
        assert_eq!(said(&before), PASSED, "{number}");
    }
}

#[test]
fn an_authority_certified_twice_is_judged_by_the_chain_that_holds() {
    let (left, right) = (
        Ca::root("Left", 0..7000, Curve::P256),
        Ca::root("Right", 0..7000, Curve::P256),
    );
    let ca = left.below("Issuing", 0..3000, Curve::P256);
    let by_right = right.certified(&ca, 0..3000);
    let signer = ca.signer("Signer", 0..1000, Curve::P256);
    let file = sign(&signer, 10, None);
    let lost = |one: &Ca, certificate: &pki_asn1::Certificate| {
        one.crl(20..27, &[(certificate, 15, KeyCompromise)])
    };
    let good = |one: &Ca| one.crl(20..27, &[]);
    let judged = |crls: &[CertificateList], first: &pki_asn1::Certificate| {
        let mut known = material(&[&left, &right], crls);
        known.pool.add(first.clone());
        known.pool.add(ca.certificate.clone());
        known.pool.add(by_right.clone());
        said(&judge(&file, 20, known, &ValidationPolicy::default()).1)
    };
    let of_ca = ca.crl(20..27, &[]);
    for first in [&ca.certificate, &by_right] {
        let crls = [lost(&left, &ca.certificate), good(&right), of_ca.clone()];
        assert_eq!(judged(&crls, first), PASSED);
        let crls = [good(&left), lost(&right, &by_right), of_ca.clone()];
        assert_eq!(judged(&crls, first), PASSED);
        // One whose status is not known is no reason to pass over the other.
        assert_eq!(judged(&[good(&right), of_ca.clone()], first), PASSED);
        let crls = [
            lost(&left, &ca.certificate),
            lost(&right, &by_right),
            of_ca.clone(),
        ];
        assert_eq!(judged(&crls, first), open(SubIndication::RevokedCaNoPoe));
        // What needs less is told: the other chain lacks a CRL only.
        let crls = [lost(&left, &ca.certificate), of_ca.clone()];
        assert_eq!(judged(&crls, first), open(SubIndication::TryLater));
    }
}

#[test]
fn the_last_second_of_an_authority_is_not_after_its_end() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let ca = root.below("Issuing", 0..600, Curve::P256);
    let other = root.below("Other", 0..6000, Curve::P256);
    let signer = ca.signer("Signer", 0..600, Curve::P256);
    let unit = other.unit("Unit", 0..6000, Curve::P256);
    let file = sign(&signer, 10, Some(unit.on(10)));
    let known = |number: u32| {
        let days = || number - 1..number + 6;
        let crls = [
            root.crl(days(), &[]),
            other.crl(days(), &[]),
            ca.crl(594..600, &[]),
        ];
        material(&[&root], &crls)
    };
    let (_, verdict) = judge(&file, 600, known(600), &ValidationPolicy::default());
    assert_eq!(
        said(&verdict),
        PASSED,
        "{:#?}",
        verdict.signatures[0].errors
    );
    let (_, verdict) = judge(&file, 601, known(601), &ValidationPolicy::default());
    assert_eq!(said(&verdict), open(SubIndication::OutOfBoundsNoPoe));
    // The reason is told, and that the time-stamp does not help.
    let (message, hint) = reason(&verdict);
    assert!(
        message.contains("that it is older does not help: no revocation data"),
        "{message}"
    );
    assert!(
        hint.contains("an archive time-stamp over the revocation data"),
        "{hint}"
    );
    let past = |step: &Step| step.sub_indication == Some(SubIndication::NoPoe);
    let mut steps: Vec<&Step> = verdict.signatures[0].checks.iter().collect();
    let mut found = false;
    while let Some(step) = steps.pop() {
        found |= past(step);
        steps.extend(&step.children);
    }
    assert!(found, "the building block says NO_POE");
}

#[test]
fn a_revocation_after_the_end_leaves_a_certificate_not_revoked_until_then() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let signer = root.signer("Signer", 0..1000, Curve::P256);
    let file = sign(&signer, 10, None);
    let judged = |at: u32| {
        let crl = root.crl(
            1010..1017,
            &[(signer.certificate(), at, CessationOfOperation)],
        );
        said(
            &judge(
                &file,
                1012,
                material(&[&root], &[crl]),
                &ValidationPolicy::default(),
            )
            .1,
        )
    };
    assert_eq!(judged(1005), open(SubIndication::OutOfBoundsNotRevoked));
    assert_eq!(judged(995), open(SubIndication::RevokedNoPoe));
}

#[test]
fn what_happens_in_the_second_of_the_time_stamp_came_before_it() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let signer = root.signer("Signer", 0..1000, Curve::P256);
    let unit = root.unit("Unit", 0..2000, Curve::P256);
    let judged = |stamped: u32, revoked: u32, number: u32| {
        let file = sign(&signer, stamped, Some(unit.on(stamped)));
        let crl = root.crl(
            number..number + 7,
            &[(signer.certificate(), revoked, KeyCompromise)],
        );
        said(
            &judge(
                &file,
                number,
                material(&[&root], &[crl]),
                &ValidationPolicy::default(),
            )
            .1,
        )
    };
    // "posterior to best-signature-time": not in the same second (clause 5.5.4 step 4 a).
    assert_eq!(judged(50, 50, 60), open(SubIndication::RevokedNoPoe));
    assert_eq!(judged(50, 51, 60), PASSED);
    assert_eq!(judged(51, 50, 60), open(SubIndication::RevokedNoPoe));
    // The last second of a certificate belongs to it, as does the first.
    let known = |number: u32| material(&[&root], &[root.crl(number..number + 7, &[])]);
    let policy = ValidationPolicy::default();
    let last = sign(&signer, 1000, Some(unit.on(1000)));
    assert_eq!(said(&judge(&last, 1000, known(1000), &policy).1), PASSED);
    let young = root.signer("Young", 40..1000, Curve::P256);
    let first = sign(&young, 40, Some(unit.on(40)));
    assert_eq!(said(&judge(&first, 60, known(60), &policy).1), PASSED);
    let before = sign(&young, 39, Some(unit.on(39)));
    let failed = (Indication::TotalFailed, Some(SubIndication::NotYetValid));
    assert_eq!(said(&judge(&before, 60, known(60), &policy).1), failed);
    // Revocation data is good in the second of its nextUpdate, and in that of its thisUpdate.
    for days in [53..60, 60..67] {
        let known = material(&[&root], &[root.crl(days, &[])]);
        assert_eq!(said(&judge(&first, 60, known, &policy).1), PASSED);
    }
    assert!(day(60) > day(59));
}

//! What certificates and time-stamps say of themselves: the dates of an anchor, how exact a time is, and what a
//! CRL says that came after the end.

use ades::validate::{Indication, SignatureVerdict, SubIndication, ValidationPolicy, Warning};
use pki_path::TrustAnchor;
use rcgen::RevocationReason::KeyCompromise;

use super::world::{Ca, Curve, day, judge, material, sign};

const DAY: u64 = 86_400;

fn warned(one: &SignatureVerdict, what: Warning) -> bool {
    one.warnings.iter().any(|one| one.code == what.into())
}

#[test]
fn a_time_that_may_be_off_counts_as_the_latest_it_may_be() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let ca = root.below("Issuing", 0..3000, Curve::P256);
    let signer = ca.signer("Signer", 0..1000, Curve::P256);
    let mut unit = ca.unit("Unit", 0..1000, Curve::P256);
    let policy = ValidationPolicy::default();
    let mut judged = |accuracy: Option<u64>, revoked: u32| {
        unit.accuracy = accuracy;
        let file = sign(&signer, 10, Some(unit.on(10)));
        let crls = [
            root.crl(100..110, &[]),
            ca.crl(100..110, &[(signer.certificate(), revoked, KeyCompromise)]),
        ];
        let (_, verdict) = judge(&file, 101, material(&[&root], &crls), &policy);
        verdict.signatures[0].clone()
    };
    let revoked = Some(SubIndication::RevokedNoPoe);
    // A second is what units have to keep; the standard takes genTime for exact then.
    for exact in [None, Some(0), Some(1)] {
        let one = judged(exact, 11);
        assert_eq!(one.indication, Indication::TotalPassed, "{:?}", one.errors);
        assert_eq!(one.best_signature_time, Some(day(10)));
        assert!(!warned(&one, Warning::TimestampInaccurate));
    }
    let one = judged(Some(2 * DAY), 11);
    assert_eq!(one.sub_indication, revoked);
    assert!(warned(&one, Warning::TimestampInaccurate));
    let one = judged(Some(2 * DAY), 12);
    assert_eq!(one.sub_indication, revoked);
    let one = judged(Some(2 * DAY), 13);
    assert_eq!(one.indication, Indication::TotalPassed, "{:?}", one.errors);
    assert_eq!(one.best_signature_time, Some(day(12)));
    // Years, or all of time: it may have been made now, and nothing is proven.
    for absurd in [100 * 365 * DAY, u64::MAX] {
        let one = judged(Some(absurd), 50);
        assert_eq!(one.sub_indication, revoked, "{absurd}");
        assert_eq!(one.best_signature_time, None);
        assert!(warned(&one, Warning::TimestampInaccurate));
    }
}

#[test]
fn an_anchor_beyond_its_own_dates_is_told() {
    let root = Ca::root("Root", 0..300, Curve::P256);
    let ca = root.below("Issuing", 0..3000, Curve::P256);
    let signer = ca.signer("Signer", 0..1000, Curve::P256);
    let unit = ca.unit("Unit", 0..1000, Curve::P256);
    let policy = ValidationPolicy::default();
    let judged = |file: &[u8], number: u32| {
        let crls = [
            root.crl(number..number + 7, &[]),
            ca.crl(number..number + 7, &[]),
        ];
        let (_, verdict) = judge(file, number, material(&[&root], &crls), &policy);
        let one = verdict.signatures[0].clone();
        assert_eq!(one.indication, Indication::TotalPassed, "{:?}", one.errors);
        warned(&one, Warning::TrustAnchorEnded)
    };
    let plain = sign(&signer, 10, None);
    assert!(!judged(&plain, 299));
    assert!(judged(&plain, 301));
    // The chain is judged when the signature was made; that of the unit, now.
    assert!(judged(&sign(&signer, 10, Some(unit.on(10))), 301));
}

#[test]
fn a_signer_that_is_trusted_itself_is_told_when_it_ended() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let partner = root.signer("Partner", 0..300, Curve::P256);
    let policy = ValidationPolicy::default();
    let mut known = material(&[], &[]);
    let anchor = TrustAnchor::from_certificate(partner.certificate().clone()).unwrap();
    known.anchors.push(anchor);
    let file = sign(&partner, 10, None);
    for (number, ended) in [(20, false), (301, true)] {
        let (_, verdict) = judge(&file, number, known.clone(), &policy);
        let one = &verdict.signatures[0];
        assert_eq!(one.indication, Indication::TotalPassed, "{:?}", one.errors);
        assert_eq!(warned(one, Warning::TrustAnchorEnded), ended);
    }
}

#[test]
fn a_crl_from_after_the_end_is_called_that() {
    let root = Ca::root("Root", 0..7000, Curve::P256);
    let ca = root.below("Issuing", 0..3000, Curve::P256);
    let signer = ca.signer("Signer", 0..100, Curve::P256);
    let unit = ca.unit("Unit", 0..1000, Curve::P256);
    let file = sign(&signer, 50, Some(unit.on(50)));
    let crls = [root.crl(150..170, &[]), ca.crl(150..170, &[])];
    let policy = ValidationPolicy::default();
    let (_, verdict) = judge(&file, 160, material(&[&root], &crls), &policy);
    let one = &verdict.signatures[0];
    assert_eq!(one.sub_indication, Some(SubIndication::TryLater));
    let why = one.errors[0].message.to_string();
    assert!(
        why.contains("the CRL of 2027-05-31T00:00:00Z was made after the certificate ended at 2027-04-11T00:00:00Z"),
        "{why}"
    );
}

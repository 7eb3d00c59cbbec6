//! Each constraint of a policy (EN 319 102-1 clauses 5.1.4.2 and 5.2.5), kept and broken.

use ades::validate::{
    Acceptance, Requirement, SigningUsages, SubIndication, ValidationPolicy, Verdict,
};
use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;
use rcgen::RevocationReason::KeyCompromise;

use super::reachable::World;
use super::world::{Curve, judge, material, sign};

fn outcome(verdict: &Verdict) -> Option<SubIndication> {
    verdict.signatures[0].sub_indication
}

#[test]
fn a_constraint_of_the_policy_asks_for_nothing() {
    let world = World::new();
    let plain = ValidationPolicy::default();
    let bare = sign(&world.signer, 10, None);
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let check = |what: &str,
                 file: &[u8],
                 number,
                 material,
                 edit: &dyn Fn(&mut ValidationPolicy),
                 expected| {
        let mut policy = plain.clone();
        edit(&mut policy);
        let (_, verdict) = judge(file, number, material, &policy);
        assert_eq!(
            outcome(&verdict),
            expected,
            "{what}: {:#?}",
            verdict.signatures[0].errors
        );
    };
    use SubIndication as S;
    let days = |number: u64| Some(core::time::Duration::from_secs(number * 86_400));
    let long = || {
        material(
            &[&world.root],
            &[world.root.crl(1..30, &[]), world.ca.crl(2..30, &[])],
        )
    };
    check(
        "revocation data of any age",
        &bare,
        20,
        long(),
        &|_| {},
        None,
    );
    check(
        "a maximum age",
        &bare,
        20,
        long(),
        &|p| p.freshness.max_age = days(17),
        Some(S::TryLater),
    );
    check(
        "a maximum age that is kept",
        &bare,
        20,
        long(),
        &|p| p.freshness.max_age = days(18),
        None,
    );
    check(
        "the age of the authority's",
        &bare,
        20,
        long(),
        &|p| p.freshness.max_age_of_ca = days(18),
        Some(S::TryLater),
    );
    check(
        "the age counts from the proven time",
        &stamped,
        20,
        long(),
        &|p| p.freshness.max_age = days(8),
        Some(S::TryLater),
    );
    let after = |p: &mut ValidationPolicy| p.freshness.after_signature = Requirement::Required;
    check(
        "data from before the signature",
        &stamped,
        20,
        long(),
        &after,
        Some(S::TryLater),
    );
    check(
        "data from after it",
        &stamped,
        20,
        world.today(15),
        &after,
        None,
    );
    let proven = |p: &mut ValidationPolicy| p.signature.proven_time = Requirement::Required;
    check(
        "a time that is not proven",
        &bare,
        20,
        world.today(20),
        &proven,
        Some(S::SigConstraintsFailure),
    );
    check(
        "a time that is",
        &stamped,
        20,
        world.today(20),
        &proven,
        None,
    );
    let claimed = |p: &mut ValidationPolicy| p.signature.claimed_time = Acceptance::Accepted;
    let then = || {
        material(
            &[&world.root],
            &[world.root.crl(9..20, &[]), world.ca.crl(9..20, &[])],
        )
    };
    check(
        "a claimed time",
        &bare,
        1100,
        then(),
        &|_| {},
        Some(S::OutOfBoundsNoPoe),
    );
    check(
        "a claimed time that is accepted",
        &bare,
        1100,
        then(),
        &claimed,
        None,
    );
    check(
        "a revocation after it",
        &bare,
        600,
        world.revoked(600, 500, KeyCompromise),
        &claimed,
        Some(S::RevokedNoPoe),
    );
    check(
        "a depth",
        &bare,
        20,
        world.today(20),
        &|p| p.certificate.max_depth = Some(0),
        Some(S::ChainConstraintsFailure),
    );
    check(
        "a depth that is kept",
        &bare,
        20,
        world.today(20),
        &|p| p.certificate.max_depth = Some(1),
        None,
    );
    check(
        "a qualified certificate",
        &bare,
        20,
        world.today(20),
        &|p| p.certificate.qualified = Requirement::Required,
        Some(S::ChainConstraintsFailure),
    );
    let some: ObjectIdentifier = "1.3.6.1.4.1.32473.1.9".parse().unwrap();
    check(
        "a certificate policy",
        &bare,
        20,
        world.today(20),
        &|p| {
            p.certificate.policies.insert(some);
        },
        Some(S::ChainConstraintsFailure),
    );
    check(
        "a signature policy",
        &bare,
        20,
        world.today(20),
        &|p| {
            p.signature.policies.insert(some);
        },
        Some(S::SigConstraintsFailure),
    );
    let digital = world
        .ca
        .signer_with("Digital", 0..1000, Curve::P256, |params| {
            params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        });
    let by_digital = sign(&digital, 10, None);
    let usage = |p: &mut ValidationPolicy| p.certificate.key_usage = SigningUsages::NonRepudiation;
    check(
        "nonRepudiation",
        &by_digital,
        20,
        world.today(20),
        &usage,
        Some(S::ChainConstraintsFailure),
    );
    check(
        "nonRepudiation that is there",
        &bare,
        20,
        world.today(20),
        &usage,
        None,
    );
    // A time-stamp that the policy does not accept proves nothing.
    let (_, verdict) = {
        let mut policy = plain.clone();
        policy.timestamp.policies.insert(some);
        judge(&stamped, 20, world.today(20), &policy)
    };
    let one = &verdict.signatures[0];
    assert_eq!(
        one.timestamps[0].sub_indication,
        Some(S::SigConstraintsFailure)
    );
    assert_eq!(one.best_signature_time, None);
    let mut policy = plain.clone();
    policy.timestamp.digests.insert(DigestAlgorithm::Sha512);
    let (_, verdict) = judge(&stamped, 20, world.today(20), &policy);
    assert_eq!(verdict.signatures[0].best_signature_time, None);
}

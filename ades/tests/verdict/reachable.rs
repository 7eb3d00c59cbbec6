//! Every sub-indication of EN 319 102-1 clause 5.1.3, each from a signature that deserves it.

use std::collections::BTreeSet;

use ades::cades::CadesOptions;
use ades::cades::attributes::{DocumentSpecification, PolicyStore, SignaturePolicy};
use ades::cms::attribute::Attribute;
use ades::cms::build::CmsSigner;
use ades::validate::{
    Indication, Material, Requirement, SignedAttribute, Step, SubIndication, ValidationPolicy,
};
use pki_asn1::CertificateList;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_crypto::DigestAlgorithm;
use rcgen::RevocationReason::{CertificateHold, KeyCompromise};

use super::world::{CONTENT, Ca, Curve, Unit, day, judge, material, sign, sign_as};

pub(super) struct World {
    pub(super) root: Ca,
    pub(super) ca: Ca,
    pub(super) signer: CmsSigner,
    pub(super) unit: Unit,
}

impl World {
    pub(super) fn new() -> Self {
        let root = Ca::root("Root", 0..7000, Curve::P256);
        let ca = root.below("Issuing", 0..3000, Curve::P256);
        let signer = ca.signer("Signer", 0..1000, Curve::P256);
        let unit = ca.unit("Unit", 0..2900, Curve::P256);
        Self {
            root,
            ca,
            signer,
            unit,
        }
    }

    pub(super) fn crls(&self, number: u32) -> Vec<CertificateList> {
        let days = number..number + 7;
        vec![self.root.crl(days.clone(), &[]), self.ca.crl(days, &[])]
    }

    pub(super) fn today(&self, number: u32) -> Material {
        material(&[&self.root], &self.crls(number))
    }

    pub(super) fn revoked(
        &self,
        number: u32,
        at: u32,
        reason: rcgen::RevocationReason,
    ) -> Material {
        let days = number..number + 7;
        let crls = [
            self.root.crl(days.clone(), &[]),
            self.ca
                .crl(days, &[(self.signer.certificate(), at, reason)]),
        ];
        material(&[&self.root], &crls)
    }
}

/// A signature over a time-stamp of its content.
fn sign_after(signer: &CmsSigner, token: &[u8]) -> Vec<u8> {
    let digest = signer.digest_algorithm().digest(CONTENT);
    let attribute = Attribute::new(oid::ATTR_CONTENT_TIMESTAMP, token);
    let signed = signer.sign(oid::CT_DATA, &digest, &[attribute]).unwrap();
    signed.attached(CONTENT)
}

fn stamped_after(signer: &CmsSigner, token: &[u8], unit: &Unit, number: u32) -> Vec<u8> {
    let digest = signer.digest_algorithm().digest(CONTENT);
    let attribute = Attribute::new(oid::ATTR_CONTENT_TIMESTAMP, token);
    let mut signed = signer.sign(oid::CT_DATA, &digest, &[attribute]).unwrap();
    let stamp = unit.token(number, signed.signature());
    signed.add_unsigned(Attribute::signature_time_stamp(&stamp));
    signed.attached(CONTENT)
}

fn flipped(file: &[u8], part: &[u8]) -> Vec<u8> {
    let at = file.windows(part.len()).position(|w| w == part).unwrap();
    let mut changed = file.to_vec();
    changed[at + part.len() / 2] ^= 1;
    changed
}

pub(super) fn under_a_policy(document: &[u8], kept: Option<&[u8]>) -> CadesOptions {
    let oid: ObjectIdentifier = "1.3.6.1.4.1.32473.1.7".parse().unwrap();
    let mut options = CadesOptions::new(day(10));
    options.properties.policy = Some(SignaturePolicy {
        oid,
        digest: DigestAlgorithm::Sha256.digest(document),
        uri: None,
        specification: None,
    });
    options.policy_store = kept.map(|document| PolicyStore {
        specification: DocumentSpecification::Oid(oid),
        document: document.to_vec(),
    });
    options
}

/// Reached where there is a network or a trusted list.
const ELSEWHERE: [(SubIndication, &str); 2] = [
    (
        SubIndication::RevocationOutOfBoundsNoPoe,
        "ades/tests/online.rs::issuer_status_and_crl_are_fetched_and_bad_answers_fall_back",
    ),
    (
        SubIndication::NoCertificateChainFoundNoPoe,
        "signer-cli/tests/trusted_lists.rs::a_service_that_was_withdrawn_is_trusted_no_more",
    ),
];

/// What it is, the signature, the day it is judged, with what and by what, and what has to come of it.
type Case = (
    &'static str,
    Vec<u8>,
    u32,
    Material,
    ValidationPolicy,
    Indication,
    SubIndication,
);

#[test]
fn every_sub_indication_is_reached_by_a_signature_that_deserves_it() {
    use Indication::{Indeterminate, TotalFailed};
    use SubIndication as S;
    let world = World::new();
    let plain = ValidationPolicy::default();
    let bare = sign(&world.signer, 10, None);
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let mut cases: Vec<Case> = Vec::new();
    let mut add =
        |what, file: &[u8], number, material, policy: &ValidationPolicy, indication, sub| {
            cases.push((
                what,
                file.to_vec(),
                number,
                material,
                policy.clone(),
                indication,
                sub,
            ));
        };

    let parsed = ades::cms::parse::SignedData::parse(&bare).unwrap();
    let value = parsed.signers[0].signature.clone();
    let longer = [&bare[..], b"more"].concat();
    add(
        "octets behind it",
        &longer,
        20,
        world.today(20),
        &plain,
        TotalFailed,
        S::FormatFailure,
    );
    let other = flipped(&bare, CONTENT);
    add(
        "another content",
        &other,
        20,
        world.today(20),
        &plain,
        TotalFailed,
        S::HashFailure,
    );
    let forged = flipped(&bare, &value);
    add(
        "another value",
        &forged,
        20,
        world.today(20),
        &plain,
        TotalFailed,
        S::SigCryptoFailure,
    );
    let digest = world.signer.digest_algorithm().digest(CONTENT);
    let detached = world
        .signer
        .sign(oid::CT_DATA, &digest, &[])
        .unwrap()
        .detached();
    add(
        "without its content",
        &detached,
        20,
        world.today(20),
        &plain,
        Indeterminate,
        S::SignedDataNotFound,
    );
    let nobody = world
        .signer
        .sign(oid::CT_DATA, &digest, &[])
        .unwrap()
        .embed(ades::cms::build::Embed::Nothing)
        .attached(CONTENT);
    add(
        "without its certificate",
        &nobody,
        20,
        world.today(20),
        &plain,
        Indeterminate,
        S::NoSigningCertificateFound,
    );
    add(
        "nobody is trusted",
        &bare,
        20,
        material(&[], &world.crls(20)),
        &plain,
        Indeterminate,
        S::NoCertificateChainFound,
    );
    let namesake = Ca::root("Root", 0..7000, Curve::P256);
    add(
        "a namesake is trusted",
        &bare,
        20,
        material(&[&namesake], &world.crls(20)),
        &plain,
        Indeterminate,
        S::CertificateChainGeneralFailure,
    );
    let mut crowd = material(&[], &[]);
    let root = Ca::root("Elsewhere", 0..7000, Curve::P256);
    crowd
        .anchors
        .push(pki_path::TrustAnchor::from_certificate(root.certificate.clone()).unwrap());
    for _ in 0..1_100 {
        crowd
            .pool
            .add(Ca::root("Issuing", 0..7000, Curve::P256).certificate);
    }
    add(
        "a crowd of namesakes",
        &bare,
        20,
        crowd,
        &plain,
        Indeterminate,
        S::Generic,
    );
    add(
        "no revocation data",
        &bare,
        20,
        material(&[&world.root], &[]),
        &plain,
        Indeterminate,
        S::TryLater,
    );
    add(
        "on hold",
        &bare,
        20,
        world.revoked(20, 15, CertificateHold),
        &plain,
        Indeterminate,
        S::TryLater,
    );
    add(
        "revoked",
        &bare,
        20,
        world.revoked(20, 15, KeyCompromise),
        &plain,
        Indeterminate,
        S::RevokedNoPoe,
    );
    let ca_revoked = material(
        &[&world.root],
        &[
            world
                .root
                .crl(20..27, &[(&world.ca.certificate, 15, KeyCompromise)]),
            world.ca.crl(20..27, &[]),
        ],
    );
    add(
        "its authority was revoked",
        &bare,
        20,
        ca_revoked,
        &plain,
        Indeterminate,
        S::RevokedCaNoPoe,
    );
    let after = sign_after(&world.signer, &world.unit.token(30, CONTENT));
    add(
        "made after the revocation",
        &after,
        40,
        world.revoked(40, 15, KeyCompromise),
        &plain,
        TotalFailed,
        S::Revoked,
    );
    let after = sign_after(&world.signer, &world.unit.token(1010, CONTENT));
    add(
        "made after the end",
        &after,
        1020,
        world.today(1020),
        &plain,
        TotalFailed,
        S::Expired,
    );
    let young = world.ca.signer("Young", 100..1000, Curve::P256);
    let early = sign(&young, 50, Some(world.unit.on(50)));
    add(
        "made before the beginning",
        &early,
        200,
        world.today(200),
        &plain,
        TotalFailed,
        S::NotYetValid,
    );
    add(
        "after its signer's end",
        &bare,
        1100,
        world.today(1100),
        &plain,
        Indeterminate,
        S::OutOfBoundsNoPoe,
    );
    add(
        "the same, known not to be revoked",
        &bare,
        1002,
        world.today(996),
        &plain,
        Indeterminate,
        S::OutOfBoundsNotRevoked,
    );
    let reversed = stamped_after(
        &world.signer,
        &world.unit.token(30, CONTENT),
        &world.unit,
        20,
    );
    add(
        "its content is younger",
        &reversed,
        40,
        world.today(40),
        &plain,
        Indeterminate,
        S::TimestampOrderFailure,
    );
    let server = world
        .ca
        .signer_with("Server", 0..1000, Curve::P256, |params| {
            params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
        });
    let by_server = sign(&server, 10, None);
    add(
        "a server's certificate",
        &by_server,
        20,
        world.today(20),
        &plain,
        Indeterminate,
        S::ChainConstraintsFailure,
    );

    let mut policy = plain.clone();
    policy.signature.required = BTreeSet::from([SignedAttribute::CommitmentType]);
    add(
        "without a commitment",
        &bare,
        20,
        world.today(20),
        &policy,
        Indeterminate,
        S::SigConstraintsFailure,
    );
    let mut policy = plain.clone();
    policy.algorithms.digests.insert(
        DigestAlgorithm::Sha256,
        ades::validate::Ends::On(pki_crypto::suites::Day::new(2027, 1, 15)),
    );
    add(
        "an algorithm that ended",
        &bare,
        20,
        world.today(20),
        &policy,
        Indeterminate,
        S::CryptoConstraintsFailureNoPoe,
    );
    policy.algorithms.digests.insert(
        DigestAlgorithm::Sha256,
        ades::validate::Ends::On(pki_crypto::suites::Day::new(2026, 12, 31)),
    );
    add(
        "an algorithm that had ended",
        &bare,
        20,
        world.today(20),
        &policy,
        Indeterminate,
        S::CryptoConstraintsFailure,
    );
    let mut policy = plain.clone();
    policy.signature.policy_document = Requirement::Required;
    let named = sign_as(&world.signer, &under_a_policy(b"rules", None), None);
    add(
        "its policy is not there",
        &named,
        20,
        world.today(20),
        &policy,
        Indeterminate,
        S::SignaturePolicyNotAvailable,
    );
    let wrong = sign_as(
        &world.signer,
        &under_a_policy(b"rules", Some(b"other rules")),
        None,
    );
    add(
        "its policy is another one",
        &wrong,
        20,
        world.today(20),
        &policy,
        Indeterminate,
        S::PolicyProcessingError,
    );
    let gone = material(
        &[&world.root],
        &[
            world
                .root
                .crl(600..607, &[(&world.ca.certificate, 500, KeyCompromise)]),
            world.ca.crl(9..700, &[]),
        ],
    );
    let lasting_root = Ca::root("Lasting", 0..7000, Curve::P256);
    let lasting = lasting_root.unit("Lasting Unit", 0..7000, Curve::P256);
    let by_lasting = sign(&world.signer, 10, Some(lasting.on(10)));
    let mut gone = gone;
    gone.anchors
        .push(pki_path::TrustAnchor::from_certificate(lasting_root.certificate.clone()).unwrap());
    gone.evidence.add_crl(lasting_root.crl(600..607, &[]));
    add(
        "nothing proves the age of a CRL",
        &by_lasting,
        600,
        gone,
        &plain,
        Indeterminate,
        S::RevokedCaNoPoe,
    );

    let mut reached: BTreeSet<&str> = ELSEWHERE.iter().map(|(sub, _)| sub.as_str()).collect();
    for (what, file, number, material, policy, indication, sub) in cases {
        let (_, verdict) = judge(&file, number, material, &policy);
        let one = &verdict.signatures[0];
        assert_eq!(
            (one.indication, one.sub_indication),
            (indication, Some(sub)),
            "{what}: {:#?}",
            one.errors
        );
        let error = &one.errors[0];
        assert_eq!(error.code, sub.into(), "{what}");
        reached.insert(sub.as_str());
        blocks(&one.checks, &mut reached);
    }
    let all: BTreeSet<&str> = SubIndication::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(reached, all);
    let (_, verdict) = judge(&stamped, 20, world.today(20), &plain);
    assert_eq!(verdict.indication, Some(Indication::TotalPassed));
}

/// What building blocks say; NO_POE is of past certificate validation alone (clauses 5.6.2.1 and 5.6.2.4).
fn blocks(steps: &[Step], into: &mut BTreeSet<&str>) {
    for step in steps {
        into.extend(step.sub_indication.map(SubIndication::as_str));
        blocks(&step.children, into);
    }
}

//! What time does to signatures of every form, to time-stamps by themselves, and to evidence records.

use ades::extend::Target;
use ades::tsp::TimeStamper;
use ades::validate::{
    Ends, Indication, Material, SubIndication, ValidationPolicy, gather_record, verdict,
};
use pki_asn1::{CertificateList, write};
use pki_crypto::DigestAlgorithm;
use pki_crypto::suites::Day;
use rcgen::RevocationReason::{self, CessationOfOperation, KeyCompromise};

use super::forms::{Form, judged, signature, source};
use super::world::{CONTENT, Ca, Curve, Unit, day, material};

type Said = (Indication, Option<SubIndication>);

const PASSED: Said = (Indication::TotalPassed, None);

fn open(sub: SubIndication) -> Said {
    (Indication::Indeterminate, Some(sub))
}

/// As in `travel`: the signer ends on day 1,000, its unit on day 1,500, their authority on day 3,000; another
/// authority and its unit last until day 6,000.
struct World {
    root: Ca,
    ca: Ca,
    other: Ca,
    unit: Unit,
    lasting: Unit,
    signer: ades::cms::build::CmsSigner,
}

type Revoked<'r> = &'r [(&'r pki_asn1::Certificate, u32, RevocationReason)];

impl World {
    fn new() -> Self {
        let root = Ca::root("Root", 0..7000, Curve::P256);
        let ca = root.below("Issuing", 0..3000, Curve::P256);
        let other = root.below("Other", 0..6000, Curve::P256);
        Self {
            signer: ca.signer("Signer", 0..1000, Curve::P256),
            unit: ca.unit("Unit", 0..1500, Curve::P256),
            lasting: other.unit("Lasting", 0..6000, Curve::P256),
            root,
            ca,
            other,
        }
    }

    fn crls(&self, number: u32, root: Revoked<'_>, ca: Revoked<'_>) -> Vec<CertificateList> {
        let days = || number..number + 7;
        let mut all = vec![self.root.crl(days(), root), self.other.crl(days(), &[])];
        all.extend((number < 3000).then(|| self.ca.crl(days(), ca)));
        all
    }

    fn known(&self, number: u32, root: Revoked<'_>, ca: Revoked<'_>) -> Material {
        material(&[&self.root], &self.crls(number, root, ca))
    }
}

#[test]
fn every_form_says_years_later_what_the_standard_says() {
    let world = World::new();
    let (signer, ca) = (world.signer.certificate(), &world.ca.certificate);
    let unit = world.unit.signer.certificate();
    let mut ended = ValidationPolicy::default();
    let end = Ends::On(Day::new(2027, 12, 31));
    ended
        .algorithms
        .digests
        .insert(DigestAlgorithm::Sha256, end);
    let plain = ValidationPolicy::default();
    use SubIndication::{
        CryptoConstraintsFailureNoPoe, OutOfBoundsNoPoe, RevokedCaNoPoe, RevokedNoPoe,
    };
    for form in Form::ALL {
        let raised = |file: &[u8], number, to, unit: &Unit| {
            form.extend(file, number, to, unit, &|| world.known(number, &[], &[]))
                .unwrap()
        };
        let bare = form.sign(&world.signer, 10, None);
        let stamped = form.sign(&world.signer, 10, Some(&world.unit));
        let late = form.sign(&world.signer, 510, Some(&world.unit));
        let lasting = form.sign(&world.signer, 10, Some(&world.lasting));
        let kept = raised(&stamped, 11, Target::BLt, &world.unit);
        let archived = raised(&stamped, 11, Target::BLta, &world.unit);
        let renewed = raised(&archived, 1400, Target::BLta, &world.lasting);
        let uncovered = raised(&lasting, 11, Target::BLt, &world.lasting);
        let covered = raised(&lasting, 11, Target::BLta, &world.lasting);
        let none: (Vec<_>, Vec<_>) = (vec![], vec![]);
        let signer_lost = (vec![], vec![(signer, 500, KeyCompromise)]);
        let unit_lost = (vec![], vec![(unit, 20, KeyCompromise)]);
        let ca_lost = (vec![(ca, 500, CessationOfOperation)], vec![]);
        let cases = [
            ("B-B", &bare, 20, &none, &plain, PASSED),
            (
                "B-B after its signer",
                &bare,
                1100,
                &none,
                &plain,
                open(OutOfBoundsNoPoe),
            ),
            ("B-T", &stamped, 20, &none, &plain, PASSED),
            ("B-LT after its signer", &kept, 1100, &none, &plain, PASSED),
            (
                "B-LT after its unit",
                &kept,
                1600,
                &none,
                &plain,
                open(OutOfBoundsNoPoe),
            ),
            (
                "B-LTA after its units",
                &archived,
                1600,
                &none,
                &plain,
                open(OutOfBoundsNoPoe),
            ),
            (
                "renewed, after its first units",
                &renewed,
                1600,
                &none,
                &plain,
                PASSED,
            ),
            (
                "renewed, after the authority",
                &renewed,
                4000,
                &none,
                &plain,
                PASSED,
            ),
            (
                "renewed, after all but the root",
                &renewed,
                6100,
                &none,
                &plain,
                open(OutOfBoundsNoPoe),
            ),
            (
                "B-LT after the authority",
                &uncovered,
                4000,
                &none,
                &plain,
                open(OutOfBoundsNoPoe),
            ),
            (
                "B-LTA after the authority",
                &covered,
                4000,
                &none,
                &plain,
                PASSED,
            ),
            (
                "B-B of a signer who was revoked",
                &bare,
                600,
                &signer_lost,
                &plain,
                open(RevokedNoPoe),
            ),
            (
                "B-T from before",
                &stamped,
                600,
                &signer_lost,
                &plain,
                PASSED,
            ),
            (
                "B-T from after",
                &late,
                600,
                &signer_lost,
                &plain,
                open(RevokedNoPoe),
            ),
            (
                "B-B of an authority that was revoked",
                &bare,
                600,
                &ca_lost,
                &plain,
                open(RevokedCaNoPoe),
            ),
            (
                "B-LT of it",
                &uncovered,
                600,
                &ca_lost,
                &plain,
                open(RevokedCaNoPoe),
            ),
            ("B-LTA of it", &covered, 600, &ca_lost, &plain, PASSED),
            (
                "B-T of a unit that was revoked",
                &stamped,
                600,
                &unit_lost,
                &plain,
                PASSED,
            ),
            (
                "the same after the signer",
                &stamped,
                1100,
                &unit_lost,
                &plain,
                open(OutOfBoundsNoPoe),
            ),
            (
                "B-B with an algorithm that ended",
                &bare,
                400,
                &none,
                &ended,
                open(CryptoConstraintsFailureNoPoe),
            ),
            (
                "B-LTA whose units are as weak",
                &archived,
                400,
                &none,
                &ended,
                open(CryptoConstraintsFailureNoPoe),
            ),
        ];
        for (what, file, number, (by_root, by_ca), policy, expected) in cases {
            let known = world.known(number, by_root, by_ca);
            let shown = form.shown(file);
            let (facts, verdict) = judged(&shown, None, number, known, policy).unwrap();
            let one = signature(&facts, &verdict);
            let said = (one.indication, one.sub_indication);
            let all = one.errors.iter().chain(&one.warnings);
            let why: Vec<String> = all.map(|m| m.message.to_string()).collect();
            assert_eq!(said, expected, "{form:?}: {what}: {}", why.join("\n"));
        }
    }
}

#[test]
fn a_time_stamp_by_itself_is_judged_as_of_now() {
    let world = World::new();
    let unit = world.unit.signer.certificate();
    let token = world.unit.token(10, CONTENT);
    let mut ended = ValidationPolicy::default();
    let end = Ends::On(Day::new(2027, 12, 31));
    ended
        .algorithms
        .digests
        .insert(DigestAlgorithm::Sha256, end);
    let plain = ValidationPolicy::default();
    use SubIndication::{
        CryptoConstraintsFailureNoPoe, OutOfBoundsNoPoe, RevokedCaNoPoe, RevokedNoPoe,
    };
    let lost = [(unit, 500, CessationOfOperation)];
    let ca_lost = [(&world.ca.certificate, 500, KeyCompromise)];
    let cases = [
        (20, world.known(20, &[], &[]), &plain, PASSED),
        (
            1600,
            world.known(1600, &[], &[]),
            &plain,
            open(OutOfBoundsNoPoe),
        ),
        (
            600,
            world.known(600, &[], &lost),
            &plain,
            open(RevokedNoPoe),
        ),
        (
            600,
            world.known(600, &ca_lost, &[]),
            &plain,
            open(RevokedCaNoPoe),
        ),
        (
            400,
            world.known(400, &[], &[]),
            &ended,
            open(CryptoConstraintsFailureNoPoe),
        ),
    ];
    for (number, known, policy, expected) in cases {
        let (_, verdict) = judged(&token, Some(CONTENT), number, known, policy).unwrap();
        let one = &verdict.signatures[0];
        let said = (one.indication, one.sub_indication);
        assert_eq!(said, expected, "day {number}: {:#?}", one.errors);
    }
}

/// An evidence record (RFC 4998) of one chain, whose tokens renew each other.
pub fn record(tokens: &[Vec<u8>]) -> Vec<u8> {
    const SHA256: &[u8] = &[0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let stamps: Vec<Vec<u8>> = tokens
        .iter()
        .map(|t| write::tlv(write::SEQUENCE, &[t]))
        .collect();
    let stamps: Vec<&[u8]> = stamps.iter().map(Vec::as_slice).collect();
    let chain = write::tlv(write::SEQUENCE, &stamps);
    let parts = [
        &[2, 1, 1][..],
        &write::tlv(write::SEQUENCE, &[SHA256]),
        &write::tlv(write::SEQUENCE, &[&chain]),
    ];
    write::tlv(write::SEQUENCE, &parts)
}

/// Tag, header and content of the first element, and what follows.
pub fn split(der: &[u8]) -> (u8, &[u8], &[u8]) {
    let (head, length) = match der[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        long => {
            let octets = usize::from(long & 0x7f);
            let length = der[2..2 + octets]
                .iter()
                .fold(0, |n, b| n << 8 | usize::from(*b));
            (2 + octets, length)
        }
    };
    (der[0], &der[head..head + length], &der[head + length..])
}

/// A token that brings a CRL along (RFC 5652 section 5.1: crls [1]).
fn with_crl(token: &[u8], crl: &CertificateList) -> Vec<u8> {
    let (_, info, _) = split(token);
    let (_, oid, rest) = split(info);
    let (_, explicit, _) = split(rest);
    let (_, mut fields, _) = split(explicit);
    let mut data = Vec::new();
    while !fields.is_empty() {
        let (tag, content, after) = split(fields);
        data.extend(write::tlv(tag, &[content]));
        if tag == write::context(0) {
            data.extend(write::tlv(write::context(1), &[crl.der()]));
        }
        fields = after;
    }
    let data = write::tlv(write::SEQUENCE, &[&data]);
    let parts = [
        &write::tlv(6, &[oid])[..],
        &write::tlv(write::context(0), &[&data]),
    ];
    write::tlv(write::SEQUENCE, &parts)
}

fn said_of_record(
    record: &[u8],
    number: u32,
    known: Material,
    policy: &ValidationPolicy,
) -> (Said, String) {
    let objects = vec![("content".to_owned(), source(CONTENT))];
    let facts = gather_record(&source(record), objects, known, day(number), None).unwrap();
    let verdict = verdict(&facts, policy, day(number));
    let one = &verdict.evidence_records[0];
    let why = one.errors.first().map(|e| e.message.to_string());
    (
        (one.indication, one.sub_indication),
        why.unwrap_or_default(),
    )
}

#[test]
fn an_evidence_record_lasts_as_long_as_it_is_renewed_in_time() {
    let world = World::new();
    let unit = world.unit.signer.certificate();
    let first = world.unit.token(10, CONTENT);
    let keeping = with_crl(&first, &world.ca.crl(1395..1402, &[]));
    let renewed =
        |first: &[u8], number| record(&[first.to_vec(), world.lasting.token(number, first)]);
    let once = record(std::slice::from_ref(&first));
    let in_time = renewed(&first, 1400);
    let with_data = renewed(&keeping, 1400);
    let too_late = renewed(&first, 1600);
    let plain = ValidationPolicy::default();
    let mut ended = ValidationPolicy::default();
    let end = Ends::On(Day::new(2031, 12, 31));
    ended
        .algorithms
        .digests
        .insert(DigestAlgorithm::Sha256, end);
    use SubIndication::{
        CryptoConstraintsFailureNoPoe, OutOfBoundsNoPoe, RevokedCaNoPoe, RevokedNoPoe, TryLater,
    };
    let lost = [(unit, 1450, KeyCompromise)];
    let long_lost = [(unit, 500, KeyCompromise)];
    let ca_lost = [(&world.ca.certificate, 1450, KeyCompromise)];
    // What the relying party kept by itself, and nothing proves to be old.
    let with_kept = |number: u32| {
        let mut known = world.known(number, &[], &[]);
        known.evidence.add_crl(world.ca.crl(1395..1402, &[]));
        known
    };
    // The status of the authority that ended, from when it was there.
    let with_root = |number: u32| {
        let mut known = world.known(number, &[], &[]);
        known.evidence.add_crl(world.root.crl(2990..2997, &[]));
        known
    };
    let cases = [
        ("new", &once, 20, world.known(20, &[], &[]), &plain, PASSED),
        (
            "after its unit",
            &once,
            1600,
            world.known(1600, &[], &[]),
            &plain,
            open(OutOfBoundsNoPoe),
        ),
        (
            "renewed",
            &in_time,
            1410,
            world.known(1410, &[], &[]),
            &plain,
            PASSED,
        ),
        (
            "renewed, after its unit",
            &in_time,
            1600,
            with_kept(1600),
            &plain,
            PASSED,
        ),
        (
            "the same, whose status nobody tells",
            &in_time,
            1600,
            world.known(1600, &[], &[]),
            &plain,
            open(TryLater),
        ),
        (
            "renewed too late",
            &too_late,
            1610,
            with_kept(1610),
            &plain,
            open(OutOfBoundsNoPoe),
        ),
        (
            "its unit was revoked since",
            &in_time,
            1460,
            world.known(1460, &[], &lost),
            &plain,
            PASSED,
        ),
        (
            "its unit was revoked before",
            &in_time,
            1410,
            world.known(1410, &[], &long_lost),
            &plain,
            open(RevokedNoPoe),
        ),
        (
            "its authority was revoked since",
            &in_time,
            1460,
            world.known(1460, &ca_lost, &[]),
            &plain,
            open(RevokedCaNoPoe),
        ),
        (
            "the same with its data",
            &with_data,
            1460,
            world.known(1460, &ca_lost, &[]),
            &plain,
            PASSED,
        ),
        (
            "its authority ended",
            &in_time,
            4000,
            with_kept(4000),
            &plain,
            open(OutOfBoundsNoPoe),
        ),
        (
            "the same with its data",
            &with_data,
            4000,
            with_root(4000),
            &plain,
            PASSED,
        ),
        (
            "all but the root ended",
            &with_data,
            6100,
            world.known(6100, &[], &[]),
            &plain,
            open(OutOfBoundsNoPoe),
        ),
        (
            "its algorithm ended",
            &with_data,
            2000,
            world.known(2000, &[], &[]),
            &ended,
            open(CryptoConstraintsFailureNoPoe),
        ),
    ];
    for (what, record, number, known, policy, expected) in cases {
        let (said, why) = said_of_record(record, number, known, policy);
        assert_eq!(said, expected, "{what}: {why}");
    }
}

#[test]
fn a_renewal_with_stronger_algorithms_carries_weak_ones_over() {
    let world = World::new();
    let strong_root = Ca::root("Strong", 0..7000, Curve::P384);
    let strong = strong_root.unit("Strong Unit", 0..6000, Curve::P384);
    let token = with_crl(&world.unit.token(10, CONTENT), &world.ca.crl(340..400, &[]));
    // One chain has one digest algorithm (RFC 4998 section 5.2).
    let imprint = DigestAlgorithm::Sha256.digest(&token);
    let renewal = |number| {
        strong
            .on(number)
            .time_stamp(&imprint)
            .unwrap()
            .der()
            .to_vec()
    };
    let record = |number| record(&[token.clone(), renewal(number)]);
    // The keys of the first token, those of its chain and its revocation data are too short from day 365 on.
    let mut ended = ValidationPolicy::default();
    let end = Ends::On(Day::new(2027, 12, 31));
    ended.algorithms.keys.insert("EC P-256".into(), end);
    let known = |number: u32| {
        let mut crls = world.crls(number, &[], &[]);
        crls.push(strong_root.crl(number..number + 7, &[]));
        material(&[&world.root, &strong_root], &crls)
    };
    let (said, why) = said_of_record(&record(350), 900, known(900), &ended);
    assert_eq!(said, PASSED, "{why}");
    let (said, why) = said_of_record(&record(370), 900, known(900), &ended);
    assert_eq!(
        said,
        open(SubIndication::CryptoConstraintsFailureNoPoe),
        "{why}"
    );
}

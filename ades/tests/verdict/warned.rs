//! Every warning there is, each from a file that deserves it, and no other beside it.

use std::collections::BTreeSet;
use std::path::Path;

use ades::cades::CadesOptions;
use ades::cms::attribute::Attribute;
use ades::extend::Target;
use ades::pades::{PadesOptions, sign_pdf};
use ades::validate::{
    Acceptance, Code, Fetch, Input, Material, Message, ValidationPolicy, Warning, gather,
    gather_record, verdict,
};
use pdf_file::OpenOptions;
use pki_asn1::{oid, write};
use rcgen::CrlDistributionPoint;

use super::forms::{Form, judged, pdf, signature, source};
use super::kinds::{record, split};
use super::reachable::{World, under_a_policy};
use super::world::{CONTENT, Ca, Curve, day, extend, judge, material, sign, sign_as};

/// What neither this module nor its certificates can make, with the test that asserts it.
const ELSEWHERE: [(Warning, &str, &str); 2] = [
    (
        Warning::CertificateNotSigned,
        "tests/validate.rs",
        "signatures_of_openssl_pass_in_every_form",
    ),
    (
        Warning::CertificateNamedBySha1,
        "tests/stamps.rs",
        "the_digest_that_names_the_certificate_is_judged_by_its_date",
    ),
];

/// The codes that came out, in the order of [`Warning::ALL`], and all of them so far.
#[derive(Default)]
struct Told(BTreeSet<Warning>);

impl Told {
    fn expect(&mut self, what: &str, found: &[Message], expected: &[Warning]) {
        let codes = found.iter().map(|one| match one.code {
            Code::Warning(warning) => warning,
            other => panic!("{what}: {other} is a warning"),
        });
        let codes: BTreeSet<Warning> = codes.collect();
        let expected: BTreeSet<Warning> = expected.iter().copied().collect();
        assert_eq!(codes, expected, "{what}: {found:#?}");
        self.0.extend(codes);
    }
}

/// Nobody answers.
struct Silence;

impl Fetch for Silence {
    fn get(&self, _: &str) -> Result<Vec<u8>, String> {
        Err("nobody is there".into())
    }

    fn ocsp(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, String> {
        Err("nobody is there".into())
    }
}

#[test]
fn every_warning_is_reached_by_a_file_that_deserves_it() {
    let mut told = Told::default();
    times(&mut told);
    archives(&mut told);
    declarations(&mut told);
    surroundings(&mut told);
    records(&mut told);
    for (warning, file, test) in ELSEWHERE {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(path).unwrap();
        let body = text.split(&format!("fn {test}()")).nth(1).unwrap();
        let body = body.split("\n}\n").next().unwrap();
        assert!(body.contains(&format!("Warning::{warning:?}")), "{warning}");
        told.0.insert(warning);
    }
    let all: BTreeSet<Warning> = Warning::ALL.iter().copied().collect();
    assert_eq!(told.0, all);
}

/// Of the time of the signature.
fn times(told: &mut Told) {
    use Warning as W;
    let mut world = World::new();
    let plain = ValidationPolicy::default();
    let mut expect = |what: &str, file: &[u8], known: Material, policy, expected: &[Warning]| {
        let (_, verdict) = judge(file, 20, known, policy);
        told.expect(what, &verdict.signatures[0].warnings, expected);
    };
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    expect("nothing", &stamped, world.today(20), &plain, &[]);
    let bare = sign(&world.signer, 10, None);
    expect(
        "no time-stamp",
        &bare,
        world.today(20),
        &plain,
        &[W::TimeNotProven],
    );
    let mut trusting = plain.clone();
    trusting.signature.claimed_time = Acceptance::Accepted;
    expect(
        "his word is taken",
        &bare,
        world.today(20),
        &trusting,
        &[W::TimeNotProven, W::ClaimedTimeAccepted],
    );
    let tomorrow = sign(&world.signer, 30, None);
    expect(
        "he claims to sign later",
        &tomorrow,
        world.today(20),
        &plain,
        &[W::TimeNotProven, W::ClaimedTimeInFuture],
    );
    let later = CadesOptions::new(day(15));
    let later = sign_as(&world.signer, &later, Some(world.unit.on(10)));
    expect(
        "he claims to have signed after his time-stamp",
        &later,
        world.today(20),
        &plain,
        &[W::ClaimedTimeAfterProof],
    );
    let stranger = Ca::root("Stranger", 0..7000, Curve::P256).unit("Unit", 0..2900, Curve::P256);
    let by_stranger = sign(&world.signer, 10, Some(stranger.on(10)));
    expect(
        "nobody trusts who stamped it",
        &by_stranger,
        world.today(20),
        &plain,
        &[W::TimeNotProven, W::TimestampNotValid],
    );
    let digest = world.signer.digest_algorithm().digest(CONTENT);
    let mut signed = world.signer.sign(oid::CT_DATA, &digest, &[]).unwrap();
    signed.add_unsigned(Attribute::signature_time_stamp(&[0x30, 0]));
    expect(
        "its time-stamp is none",
        &signed.attached(CONTENT),
        world.today(20),
        &plain,
        &[W::TimeNotProven, W::TimestampUnreadable],
    );
    world.unit.accuracy = Some(86_400);
    let vague = sign(&world.signer, 10, Some(world.unit.on(10)));
    expect(
        "a day off",
        &vague,
        world.today(20),
        &plain,
        &[W::TimestampInaccurate],
    );
}

/// A CMS signature with one certificate more, where only the signer's own digest does not cover it.
fn with_certificate(file: &[u8], more: &[u8]) -> Vec<u8> {
    let (_, info, _) = split(file);
    let (_, kind, rest) = split(info);
    let (_, explicit, _) = split(rest);
    let (_, mut fields, _) = split(explicit);
    let mut data = Vec::new();
    while !fields.is_empty() {
        let (tag, content, after) = split(fields);
        match tag == write::context(0) {
            true => data.extend(write::tlv(tag, &[content, more])),
            false => data.extend(write::tlv(tag, &[content])),
        }
        fields = after;
    }
    let data = write::tlv(write::SEQUENCE, &[&data]);
    let parts = [
        &write::tlv(6, &[kind])[..],
        &write::tlv(write::context(0), &[&data]),
    ];
    write::tlv(write::SEQUENCE, &parts)
}

/// Of archive time-stamps.
fn archives(told: &mut Told) {
    let world = World::new();
    let plain = ValidationPolicy::default();
    let other = Ca::root("Other", 0..7000, Curve::P256);
    let unit = other.unit("Other Unit", 0..7000, Curve::P256);
    let both = |number| {
        let mut known = world.today(number);
        known.anchors.extend(material(&[&other], &[]).anchors);
        known.evidence.add_crl(other.crl(number..number + 7, &[]));
        known
    };
    let stamped = sign(&world.signer, 10, Some(world.unit.on(10)));
    let raised = extend(&stamped, 12, Target::BLta, &unit, both(12));
    let mut expect = |what: &str, file: &[u8], known: Material, expected: &[Warning]| {
        let (_, verdict) = judge(file, 20, known, &plain);
        told.expect(what, &verdict.signatures[0].warnings, expected);
    };
    expect("nothing", &raised, both(20), &[]);
    expect(
        "nobody trusts who archived it",
        &raised,
        world.today(20),
        &[Warning::ArchiveTimestampNotValid],
    );
    let grown = with_certificate(&raised, other.certificate.der());
    expect(
        "a certificate that was added",
        &grown,
        both(20),
        &[Warning::ArchiveCoversPart],
    );
}

/// Of what the signer declares.
fn declarations(told: &mut Told) {
    let world = World::new();
    let plain = ValidationPolicy::default();
    let mut expect = |what: &str, file: &[u8], expected: Warning| {
        let (_, verdict) = judge(file, 20, world.today(20), &plain);
        let expected = [Warning::TimeNotProven, expected];
        told.expect(what, &verdict.signatures[0].warnings, &expected);
    };
    let digest = world.signer.digest_algorithm().digest(CONTENT);
    let nowhere = Attribute::new(oid::ATTR_SIGNER_LOCATION, &[2, 1, 1]);
    let nowhere = world.signer.sign(oid::CT_DATA, &digest, &[nowhere]);
    expect(
        "a place that is a number",
        &nowhere.unwrap().attached(CONTENT),
        Warning::DeclarationUnreadable,
    );
    let other = under_a_policy(b"rules", Some(b"other rules"));
    expect(
        "another document of its policy",
        &sign_as(&world.signer, &other, None),
        Warning::PolicyStoreMismatch,
    );
}

/// Of the document, the anchor and the network.
fn surroundings(told: &mut Told) {
    let plain = ValidationPolicy::default();
    let world = World::new();
    let once = Form::Pades.sign(&world.signer, 10, Some(world.unit.on(10)));
    let options = PadesOptions::new(day(11));
    let mut twice = Vec::new();
    let unit = Some(world.unit.on(11) as _);
    sign_pdf(&pdf(&once), &mut twice, &world.signer, &options, unit).unwrap();
    let (facts, verdict_) = judged(&twice, None, 20, world.today(20), &plain).unwrap();
    told.expect(
        "signed once more",
        &signature(&facts, &verdict_).warnings,
        &[Warning::PdfChangedAfterSignature],
    );

    let brief = Ca::root("Brief", 0..300, Curve::P256);
    let signer = brief.signer("Signer", 0..1000, Curve::P256);
    let known = material(&[&brief], &[brief.crl(301..308, &[])]);
    let (_, verdict_) = judge(&sign(&signer, 10, None), 301, known, &plain);
    told.expect(
        "an anchor beyond its dates",
        &verdict_.signatures[0].warnings,
        &[Warning::TimeNotProven, Warning::TrustAnchorEnded],
    );

    let signer = world
        .ca
        .signer_with("Signer", 0..1000, Curve::P256, |params| {
            let uris = vec!["http://crl.example/ca.crl".to_owned()];
            params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
        });
    let input = Input {
        source: source(&sign(&signer, 10, Some(world.unit.on(10)))),
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let facts = gather(&input, world.today(18), day(20), Some(&Silence)).unwrap();
    told.expect(
        "nobody answers, and nobody had to",
        &verdict(&facts, &plain, day(20)).signatures[0].warnings,
        &[Warning::FetchFailed],
    );
}

/// A record of one token over the root of one list of hashes, under these digest algorithms and with this between
/// them and the chains.
fn record_over(token: &[u8], hashes: &[&[u8]], algorithms: &[u8], between: &[u8]) -> Vec<u8> {
    let hashes: Vec<Vec<u8>> = (hashes.iter())
        .map(|hash| write::tlv(write::OCTET_STRING, &[hash]))
        .collect();
    let hashes: Vec<&[u8]> = hashes.iter().map(Vec::as_slice).collect();
    let list = write::tlv(write::SEQUENCE, &hashes);
    let tree = match hashes.is_empty() {
        true => Vec::new(),
        false => write::tlv(write::context(2), &[&list]),
    };
    let stamp = write::tlv(write::SEQUENCE, &[&tree, token]);
    let chain = write::tlv(write::SEQUENCE, &[&stamp]);
    let parts = [
        &[2, 1, 1][..],
        &write::tlv(write::SEQUENCE, &[algorithms]),
        between,
        &write::tlv(write::SEQUENCE, &[&chain]),
    ];
    write::tlv(write::SEQUENCE, &parts)
}

/// Of evidence records.
fn records(told: &mut Told) {
    const SHA256: &[u8] = &[0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    const SHA512: &[u8] = &[0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
    use Warning as W;
    let plain = ValidationPolicy::default();
    let mut world = World::new();
    let mut expect = |what: &str, record: &[u8], files: &[&[u8]], world: &World, expected: &[W]| {
        let names = ["a.txt", "b.txt"].into_iter().map(str::to_owned);
        let objects = names.zip(files.iter().map(|file| source(file))).collect();
        let facts =
            gather_record(&source(record), objects, world.today(20), day(20), None).unwrap();
        let verdict = verdict(&facts, &plain, day(20));
        let one = &verdict.evidence_records[0];
        assert!(one.errors.is_empty(), "{what}: {:#?}", one.errors);
        told.expect(what, &one.warnings, expected);
    };
    let token = world.unit.token(10, CONTENT);
    let plainly = record_over(&token, &[], SHA256, &[]);
    assert_eq!(plainly, record(std::slice::from_ref(&token)));
    expect("nothing", &plainly, &[CONTENT], &world, &[]);
    let unlisted = record_over(&token, &[], SHA512, &[]);
    let expected = [W::RecordNotAsSpecified];
    expect("unlisted", &unlisted, &[CONTENT], &world, &expected);
    // id-data, without a value.
    let encryption = [
        0xa1, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1, 5, 0,
    ];
    let encrypted = record_over(&token, &[], SHA256, &encryption);
    let expected = [W::RecordOverEncryptedData];
    expect("encrypted", &encrypted, &[CONTENT], &world, &expected);

    let digests = [CONTENT, b"the other", b"a third"]
        .map(|file| pki_crypto::DigestAlgorithm::Sha256.digest(file));
    let mut hashes: Vec<&[u8]> = digests.iter().map(|digest| digest.as_bytes()).collect();
    hashes.sort_unstable();
    let token = world.unit.token(10, &hashes.concat());
    let more = record_over(&token, &hashes, SHA256, &[]);
    let two: [&[u8]; 2] = [CONTENT, b"the other"];
    expect("a third", &more, &two, &world, &[W::RecordOverMore]);

    world.unit.accuracy = Some(86_400);
    let vague = record(&[world.unit.token(10, CONTENT)]);
    let expected = [W::TimestampInaccurate];
    expect("a day off", &vague, &[CONTENT], &world, &expected);
    world.unit.accuracy = None;

    let digest = world.signer.digest_algorithm().digest(CONTENT);
    let mut signed = world.signer.sign(oid::CT_DATA, &digest, &[]).unwrap();
    let elsewhere = record(&[world.unit.token(10, b"something else")]);
    signed.add_unsigned(Attribute::new(oid::ATTR_ER_INTERNAL, &elsewhere));
    let file = signed.attached(CONTENT);
    let (_, verdict) = judge(&file, 20, world.today(20), &plain);
    told.expect(
        "a record about something else",
        &verdict.signatures[0].warnings,
        &[W::TimeNotProven, W::EvidenceRecordNotValid],
    );
}

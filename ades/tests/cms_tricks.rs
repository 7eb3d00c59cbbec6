//! Signatures taken apart and put together again by somebody who has no key.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;
mod long_term;
mod network;

use ades::cades::{CadesError, CadesOptions, Which, add_signature, countersign, sign_detached};
use ades::cms::attribute::Attribute;
use ades::cms::original::{OriginalSignedData, OriginalSigner};
use ades::cms::parse::{SignedData, SignerInfo};
use ades::extend::Target;
use ades::tsp::TimeStamper as _;
use ades::validate::{Indication, Material, SubIndication};
use common::openssl::{Openssl, judge};
use der::asn1::OctetString;
use der::{Decode as _, Encode as _};
use long_term::{World, signer, source};
use pki_asn1::tsp::TstInfo;
use pki_asn1::{Clock, SystemClock, oid, write};
use pki_crypto::DigestAlgorithm;
use x509_cert::ext::Extension;

const CONTENT: &[u8] = b"what is signed\n";

/// The signature of the world's signer, with a time-stamp and what proves it.
fn signed(world: &World) -> Vec<u8> {
    let mut out = Vec::new();
    let options = CadesOptions::new(world.clock.now());
    let own = signer(&world.pki, "ee");
    sign_detached(&mut &CONTENT[..], &mut out, &own, &options, None).unwrap();
    let (out, _) = world.extend(&out, Some(CONTENT), Target::BLt).unwrap();
    out
}

/// The one signer with other signed attributes, everything else as it was.
fn with_attributes(signed: &[u8], attributes: impl Fn(&SignerInfo) -> Vec<u8>) -> Vec<u8> {
    rebuilt(signed, attributes, &[])
}

/// The one signer with an unsigned attribute more.
fn with_unsigned(signed: &[u8], kind: &oid::ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    let set = write::tlv(write::SET, &[value]);
    let more = write::tlv(write::SEQUENCE, &[&write::oid(kind), &set]);
    let same = |one: &SignerInfo| write::tlv(write::context(0), &[&attributes(one).concat()]);
    rebuilt(signed, same, &more)
}

fn rebuilt(signed: &[u8], attributes: impl Fn(&SignerInfo) -> Vec<u8>, more: &[u8]) -> Vec<u8> {
    let data = OriginalSignedData::from_bytes(signed).unwrap();
    let parsed = data.signed_data().unwrap();
    let one = &parsed.signers[0];
    let fields = data.signers()[0].signed_fields();
    let der = one.signed_attributes_der.as_deref().unwrap();
    // Behind the tag, which is another one here.
    let at = fields
        .windows(der.len() - 1)
        .position(|w| w == &der[1..])
        .unwrap()
        - 1;
    let (before, after) = (&fields[..at], &fields[at + der.len()..]);
    let values = data.signers()[0].unsigned_values().unwrap();
    let unsigned: Vec<u8> = values
        .iter()
        .flat_map(|v| {
            let set = write::tlv(write::SET, &[&v.value]);
            write::tlv(write::SEQUENCE, &[&v.oid_der, &set])
        })
        .collect();
    let unsigned = write::tlv(write::context(1), &[&unsigned, more]);
    let signer = write::tlv(
        write::SEQUENCE,
        &[before, &attributes(one), after, &unsigned],
    );
    assert!(OriginalSigner::from_der(&signer).is_ok());
    let sets = |tag, all: &[Vec<u8>]| write::tlv(tag, &[&all.concat()]);
    let data = write::tlv(
        write::SEQUENCE,
        &[
            &write::small_integer(5),
            &write::tlv(write::SET, &[]),
            &write::tlv(write::SEQUENCE, &[data.content_type_der()]),
            &sets(write::context(0), data.certificates()),
            &sets(write::context(1), data.revocation()),
            &write::tlv(write::SET, &[&signer]),
        ],
    );
    let explicit = write::tlv(write::context(0), &[&data]);
    write::tlv(
        write::SEQUENCE,
        &[&write::oid(&oid::CT_SIGNED_DATA), &explicit],
    )
}

fn attributes(one: &SignerInfo) -> Vec<Vec<u8>> {
    one.signed_attributes
        .iter()
        .map(|a| {
            let set = write::tlv(write::SET, &[&a.values.concat()]);
            write::tlv(write::SEQUENCE, &[&write::oid(&a.oid), &set])
        })
        .collect()
}

#[test]
fn signed_attributes_given_out_for_the_content_do_not_pass() {
    let Some(world) = World::new() else { return };
    let signed = signed(&world);
    let same = with_attributes(&signed, |one| {
        write::tlv(write::context(0), &[&attributes(one).concat()])
    });
    let (_, judged) = world.judge(&same, Some(CONTENT));
    assert_eq!(judged.indication, Some(Indication::TotalPassed));
    let parsed = OriginalSignedData::from_bytes(&signed[..])
        .unwrap()
        .signed_data()
        .unwrap();
    let content = parsed.signers[0].signed_attributes_der.clone().unwrap();
    // The signature value fits these octets: only what they are tells.
    let forged = with_attributes(&signed, |_| Vec::new());
    let (facts, judged) = world.judge(&forged, Some(&content));
    assert!(
        facts.signatures[0]
            .signer
            .as_ref()
            .unwrap()
            .signature
            .is_ok()
    );
    let one = &judged.signatures[0];
    assert_eq!(one.indication, Indication::TotalFailed);
    assert_eq!(one.sub_indication, Some(SubIndication::HashFailure));
    assert!(!one.intact);
}

#[test]
fn a_signature_that_a_record_covers_is_added_to() {
    let Some(world) = World::new() else { return };
    let signed = signed(&world);
    let second = signer(&world.pki, "second");
    let options = CadesOptions::new(world.clock.now());
    let content = source(CONTENT.to_vec());
    let add = |to: Vec<u8>, out: &mut Vec<u8>| {
        add_signature(&source(to), Some(&content), out, &second, &options, None)
    };
    let mut out = Vec::new();
    add(signed.clone(), &mut out).unwrap();
    for kind in [oid::ATTR_ER_INTERNAL, oid::ATTR_ER_EXTERNAL] {
        let covered = with_unsigned(&signed, &kind, &write::tlv(write::SEQUENCE, &[]));
        let mut out = Vec::new();
        let added = add(covered.clone(), &mut out).map(drop);
        let from = source(covered);
        let beside = countersign(&from, &mut out, &second, &options, Which::All, None).map(drop);
        for refused in [added, beside] {
            assert!(
                matches!(&refused, Err(CadesError::Refused(why)) if why.to_string().contains("evidence record")),
                "{refused:?}"
            );
        }
        assert!(out.is_empty());
    }
}

#[test]
fn an_unsigned_attribute_takes_the_place_of_a_signed_one() {
    let Some(world) = World::new() else { return };
    let signed = signed(&world);
    let value = write::tlv(write::OCTET_STRING, &[&[0; 32]]);
    for kind in [
        oid::ATTR_CONTENT_TYPE,
        oid::ATTR_MESSAGE_DIGEST,
        oid::ATTR_SIGNING_TIME,
        oid::ATTR_ALGORITHM_PROTECTION,
    ] {
        let odd = with_unsigned(&signed, &kind, &value);
        let (facts, judged) = world.judge(&odd, Some(CONTENT));
        let one = &judged.signatures[0];
        assert_eq!(one.indication, Indication::Indeterminate, "{kind}");
        let signer = facts.signatures[0].signer.as_ref().unwrap();
        assert!(signer.problems[0].to_string().contains("not signed"));
    }
}

#[test]
fn attributes_that_were_signed_sorted_and_written_otherwise_are_good() {
    let Some(world) = World::new() else { return };
    let turned = with_attributes(&signed(&world), |one| {
        let mut all = attributes(one);
        all.reverse();
        write::tlv(write::context(0), &[&all.concat()])
    });
    let (_, judged) = world.judge(&turned, Some(CONTENT));
    assert_eq!(judged.indication, Some(Indication::TotalPassed));
    let fewer = with_attributes(&signed(&world), |one| {
        let mut all = attributes(one);
        all.remove(2);
        write::tlv(write::context(0), &[&all.concat()])
    });
    let (_, judged) = world.judge(&fewer, Some(CONTENT));
    assert_eq!(judged.indication, Some(Indication::TotalFailed));
}

#[test]
fn the_fortieth_counter_signature_is_looked_at_too() {
    let Some(world) = World::new() else { return };
    let mut current = signed(&world);
    let second = signer(&world.pki, "second");
    let options = CadesOptions::new(world.clock.now());
    for _ in 0..40 {
        let mut out = Vec::new();
        let from = source(current);
        countersign(&from, &mut out, &second, &options, Which::All, None).unwrap();
        current = out;
    }
    let (facts, _) = world.judge(&current, Some(CONTENT));
    assert_eq!(facts.signatures.len(), 41);
    let last = facts.signatures.last().unwrap();
    assert_eq!(last.id, "signature-1.counter-signature-40");
}

#[test]
fn a_counter_signature_that_is_none_does_not_hide_the_signature() {
    let Some(world) = World::new() else { return };
    let broken = write::tlv(write::SEQUENCE, &[&write::small_integer(1)]);
    let odd = with_unsigned(&signed(&world), &oid::ATTR_COUNTERSIGNATURE, &broken);
    let (facts, judged) = world.judge(&odd, Some(CONTENT));
    let indications: Vec<_> = judged.signatures.iter().map(|s| s.indication).collect();
    assert_eq!(
        indications,
        [Indication::TotalPassed, Indication::TotalFailed]
    );
    let of = facts.signatures[1].cms.as_ref().unwrap();
    assert_eq!(of.countersigns.as_ref().unwrap().id, "signature-1");
}

/// A detached signature of openssl that names its signer by the identifier of the key, with these
/// certificates in this order.
fn by_key_identifier(openssl: &Openssl, certificates: &[Vec<u8>]) -> Vec<u8> {
    openssl.write("content", CONTENT);
    openssl.run("cms -sign -binary -keyid -nocerts -in content -signer ee.pem -inkey ee.key -outform DER -out bare.p7s");
    let data = OriginalSignedData::from_bytes(openssl.read("bare.p7s")).unwrap();
    let signer = data.signers()[0].to_der();
    let data = write::tlv(
        write::SEQUENCE,
        &[
            &write::small_integer(3),
            &write::tlv(write::SET, &[]),
            &write::tlv(write::SEQUENCE, &[data.content_type_der()]),
            &write::tlv(write::context(0), &[&certificates.concat()]),
            &write::tlv(write::SET, &[&signer]),
        ],
    );
    let explicit = write::tlv(write::context(0), &[&data]);
    write::tlv(
        write::SEQUENCE,
        &[&write::oid(&oid::CT_SIGNED_DATA), &explicit],
    )
}

#[test]
fn a_namesake_of_the_signers_certificate_accuses_nobody() {
    let openssl = Openssl::new();
    let ee = openssl.certificate("ee.pem");
    let identifier = hex::encode(ee.subject_key_id().unwrap().as_bytes());
    openssl.run(&format!("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.pem -subj /CN=other -days 9 -addext subjectKeyIdentifier={identifier}"));
    // The same key, certified for a time that is over.
    openssl
        .run("x509 -req -in ee.csr -CA ca.pem -CAkey ca.key -out before.pem -days -1 -extfile ext");
    let der = |name| openssl.der(name);
    for others in [
        vec!["other.pem"],
        vec!["before.pem"],
        vec!["before.pem", "other.pem"],
    ] {
        let mut all: Vec<Vec<u8>> = others.iter().map(|name| der(name)).collect();
        all.push(der("ee.pem"));
        let signed = by_key_identifier(&openssl, &all);
        let (facts, judged) = openssl.judge(&signed, Some(CONTENT)).unwrap();
        assert_eq!(
            judged.indication,
            Some(Indication::TotalPassed),
            "{others:?}"
        );
        let signer = facts.signatures[0].signer.as_ref().unwrap();
        assert_eq!(signer.certificate.as_ref(), Some(&ee));
        // What fits nobody's key stays wrong.
        let (_, judged) = openssl.judge(&signed, Some(b"other")).unwrap();
        assert_eq!(judged.indication, Some(Indication::TotalFailed));
    }
    let (_, judged) = (openssl.judge(
        &by_key_identifier(&openssl, &[der("other.pem")]),
        Some(CONTENT),
    ))
    .unwrap();
    let one = &judged.signatures[0];
    assert_eq!(one.sub_indication, Some(SubIndication::SigCryptoFailure));
}

#[test]
fn a_signature_algorithm_of_another_digest_is_computed_as_openssl_does() {
    let openssl = Openssl::new();
    openssl.write("content", CONTENT);
    openssl.run("cms -sign -binary -md sha256 -in content -signer ee.pem -inkey ee.key -outform DER -out good.p7s");
    let mut bytes = openssl.read("good.p7s");
    // ecdsa-with-SHA256 of the signer, which stands last, becomes ecdsa-with-SHA512.
    let named = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let at = bytes.windows(8).rposition(|w| w == named).unwrap();
    bytes[at + 7] = 4;
    openssl.write("other.p7s", &bytes);
    openssl.run(
        "cms -verify -binary -inform DER -in other.p7s -content content -CAfile ca.pem -out out",
    );
    let (facts, judged) = openssl.judge(&bytes, Some(CONTENT)).unwrap();
    assert_eq!(judged.indication, Some(Indication::TotalPassed));
    let signer = facts.signatures[0].signer.as_ref().unwrap();
    assert_eq!(signer.algorithm_names.1, "ECDSA with SHA-256");
    let (_, judged) = openssl.judge(&bytes, Some(b"other")).unwrap();
    assert_eq!(judged.indication, Some(Indication::TotalFailed));
}

#[test]
fn evidence_that_older_signatures_keep_among_their_attributes_is_read() {
    let openssl = Openssl::new();
    openssl.write("content", CONTENT);
    openssl.run("cms -sign -binary -nocerts -in content -signer ee.pem -inkey ee.key -outform DER -out bare.p7s");
    let sequence = |parts: &[&[u8]]| write::tlv(write::SEQUENCE, parts);
    let certificates = sequence(&[&openssl.der("ee.pem")]);
    let with = |crl: &[u8]| {
        let crls = write::tlv(write::context(0), &[&sequence(&[crl])]);
        let mut data = OriginalSignedData::from_bytes(openssl.read("bare.p7s")).unwrap();
        let signer = data.signer_mut(0).unwrap();
        for (kind, value) in [
            (oid::ATTR_CERTIFICATE_VALUES, certificates.clone()),
            (oid::ATTR_REVOCATION_VALUES, sequence(&[&crls])),
        ] {
            signer.add_unsigned(&Attribute::new(kind, &value));
        }
        data.to_vec().unwrap()
    };
    let judged = |signed: &[u8]| {
        let material = Material {
            anchors: openssl.material().anchors,
            ..Material::default()
        };
        let (_, judged) = judge(signed, Some(CONTENT), material, SystemClock.now()).unwrap();
        (
            judged.signatures[0].indication,
            judged.signatures[0].sub_indication,
        )
    };
    let good = with(&openssl.der("ca.crl"));
    assert_eq!(judged(&good), (Indication::TotalPassed, None));
    openssl.run("ca -config ca.cnf -revoke ee.pem -cert ca.pem -keyfile ca.key");
    openssl.run("ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca.key -out later.crl");
    let revoked = (Indication::Indeterminate, Some(SubIndication::RevokedNoPoe));
    assert_eq!(judged(&with(&openssl.der("later.crl"))), revoked);
}

#[test]
fn a_token_with_a_critical_extension_or_of_another_version_does_not_count() {
    let Some(world) = World::new() else { return };
    let imprint = DigestAlgorithm::Sha256.digest(CONTENT);
    let extension = |critical| Extension {
        extn_id: oid::ATTR_CONTENT_TYPE,
        critical,
        extn_value: OctetString::new([5, 0]).unwrap(),
    };
    for (version, extensions, problems) in [
        (1, None, 0),
        (1, Some(vec![extension(false)]), 0),
        (1, Some(vec![extension(true)]), 1),
        (2, None, 1),
    ] {
        let plain = world.unit.time_stamp(&imprint).unwrap();
        let plain = SignedData::parse(plain.der()).unwrap().content.unwrap();
        let info = TstInfo {
            version,
            extensions,
            ..TstInfo::from_der(&plain).unwrap()
        };
        let info = info.to_der().unwrap();
        let digest = DigestAlgorithm::Sha256.digest(&info);
        let signed = world.unit.signer.sign(oid::CT_TST_INFO, &digest, &[]);
        let (facts, _) = world.judge(&signed.unwrap().attached(&info), Some(CONTENT));
        let signer = facts.signatures[0].signer.as_ref().unwrap();
        assert_eq!(signer.problems.len(), problems, "{:?}", signer.problems);
    }
}

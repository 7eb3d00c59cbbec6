//! Signatures of OpenSSL, pyHanko and ours, raised to B-LTA and renewed. asn1crypto takes the result
//! apart by EN 319 122-1, OpenSSL verifies signature and tokens.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod long_term;
mod network;

use std::process::Command;
use std::time::Duration;

use ades::cades::{CadesOptions, Which, add_signature, archive, countersign, sign_detached};
use ades::cms::original::OriginalSignedData;
use ades::extend::{ExtendError, Target};
use ades::tsp::TimeStamper;
use ades::validate::{
    GatherError, Indication, Input, Level, Material, SubIndication, ValidationPolicy, Verdict,
    Warning, gather, verdict,
};
use long_term::{World, signer, source};
use pdf_file::OpenOptions;
use pki_asn1::{CertificateList, Clock};
use pki_crypto::DigestAlgorithm;

fn levels(verdict: &Verdict) -> Vec<(Indication, Level)> {
    let all = verdict.signatures.iter();
    all.map(|s| (s.indication, s.level)).collect()
}

const PASSED_LTA: (Indication, Level) = (Indication::TotalPassed, Level::BLta);

#[test]
fn every_level_and_two_renewals_stand_on_their_own() {
    let Some(world) = World::new() else { return };
    let signed = world.pki.read("out.p7s");
    let mut before = signed;
    for (to, level) in [
        (Target::BT, Level::BT),
        (Target::BLt, Level::BLt),
        (Target::BLta, Level::BLta),
        (Target::BLta, Level::BLta),
        (Target::BLta, Level::BLta),
    ] {
        let (after, extended) = world.extend(&before, None, to).unwrap();
        assert!(extended.is_changed());
        assert_eq!(extended.signatures[0].after, level);
        let (_, judged) = world.judge(&after, None);
        if level >= Level::BLt {
            assert_eq!(
                levels(&judged),
                [(Indication::TotalPassed, level)],
                "{judged:#?}"
            );
            world.foreign(&after, None);
        }
        before = after;
        world.clock.set(world.clock.now() + Duration::from_secs(60));
    }
    if let Some(report) = world.foreign(&before, None) {
        assert_eq!(report["archive"].as_array().unwrap().len(), 3);
        // Each covers more than the one before: the time-stamp, then the archive time-stamps.
        let values: Vec<_> = report["archive"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["values"].as_u64().unwrap())
            .collect();
        let mut sorted = values.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3]);
        assert_eq!(report["crls"], 2);
    }
}

#[test]
fn ber_of_a_stream_and_detached_signatures_are_raised() {
    let Some(world) = World::new() else { return };
    let content: Vec<u8> = (0..300_000u32).map(|i| i as u8).collect();
    world.pki.write("big", &content);
    world.pki.run("cms -sign -cades -stream -nodetach -binary -in big -signer ee.pem -inkey ee.key -outform DER -out stream.p7m");
    let stream = world.pki.read("stream.p7m");
    assert_eq!(stream[1], 0x80, "OpenSSL streams with indefinite lengths");
    let (raised, _) = world.extend(&stream, None, Target::BLta).unwrap();
    let (facts, judged) = world.judge(&raised, None);
    assert_eq!(levels(&judged), [PASSED_LTA], "{:#?}", facts.signatures);
    world.foreign(&raised, None);

    world.pki.run("cms -sign -cades -binary -in big -signer ee.pem -inkey ee.key -outform PEM -out detached.pem");
    let detached = world.pki.read("detached.pem");
    let (raised, _) = world
        .extend(&detached, Some(&content), Target::BLta)
        .unwrap();
    let (_, judged) = world.judge(&raised, Some(&content));
    assert_eq!(levels(&judged), [PASSED_LTA]);
    world.foreign(&raised, Some("big"));
    let error = world.extend(&detached, None, Target::BT).unwrap_err();
    assert!(
        matches!(&error, ExtendError::Refused(all) if all[0].1.code == SubIndication::SignedDataNotFound.into()),
        "{error}"
    );
}

#[test]
fn whatever_an_archive_time_stamp_covers_cannot_be_taken_away() {
    let Some(world) = World::new() else { return };
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return;
    };
    let (raised, _) = world
        .extend(&world.pki.read("out.p7s"), None, Target::BLta)
        .unwrap();
    world.pki.write("raised.p7s", &raised);
    for what in ["certificate", "revocation", "unsigned"] {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/cades_lta.py");
        let status = Command::new(&python)
            .args([script, "--drop", what])
            .args([world.path("raised.p7s"), world.path("robbed.p7s")])
            .status()
            .unwrap();
        assert!(status.success());
        let (facts, judged) = world.judge(&world.pki.read("robbed.p7s"), None);
        let one = &judged.signatures[0];
        assert!(one.level < Level::BLta, "{what}: {:?}", one.level);
        assert_eq!(one.archive[0].indication, Indication::TotalFailed, "{what}");
        assert!(!facts.signatures[0].cms.as_ref().unwrap().archive[0].fits());
        let codes: Vec<_> = one.warnings.iter().map(|w| w.code).collect();
        assert!(
            codes.contains(&Warning::ArchiveTimestampNotValid.into()),
            "{codes:?}"
        );
    }
}

#[test]
fn what_expired_is_proven_by_a_chain_of_archive_time_stamps() {
    let Some(mut world) = World::new() else {
        return;
    };
    world.pki.issue("ca", "later", "/CN=Later", "tsu.ext", 2500);
    for ca in ["root", "ca"] {
        world.pki.run(&format!("ca -config {ca}.cnf -gencrl -crldays 1000 -cert {ca}.pem -keyfile {ca}.key -out {ca}.crl"));
    }
    let signed = world.pki.read("out.p7s");
    let (raised, _) = world.extend(&signed, None, Target::BLta).unwrap();
    let day = Duration::from_secs(86_400);
    let start = world.clock.now();

    world.clock.set(start + day * 300);
    world.unit.signer = signer(&world.pki, "later");
    let (renewed, _) = world.extend(&raised, None, Target::BLta).unwrap();

    // The signer's certificate has ended, and so has that of both first time-stamps.
    world.clock.set(start + day * 400);
    let (_, judged) = world.judge(&renewed, None);
    assert_eq!(
        levels(&judged),
        [PASSED_LTA],
        "{:#?}",
        judged.signatures[0].errors
    );
    assert_eq!(judged.signatures[0].best_signature_time, Some(start));
    for unproven in [&signed, &raised] {
        let (_, judged) = world.judge(unproven, None);
        assert_eq!(judged.signatures[0].indication, Indication::Indeterminate);
        let error = world.extend(unproven, None, Target::BLta).unwrap_err();
        assert!(matches!(error, ExtendError::Refused(_)), "{error}");
    }
    world.extend(&renewed, None, Target::BLta).unwrap();
}

#[test]
fn a_time_stamp_that_is_over_does_not_hold_back_a_signature_that_is_not() {
    let Some(mut world) = World::new() else {
        return;
    };
    world
        .pki
        .issue("ca", "brief-unit", "/CN=Brief", "tsu.ext", 100);
    for ca in ["root", "ca"] {
        world.pki.run(&format!("ca -config {ca}.cnf -gencrl -crldays 1000 -cert {ca}.pem -keyfile {ca}.key -out {ca}.crl"));
    }
    let lasting = std::mem::replace(&mut world.unit.signer, signer(&world.pki, "brief-unit"));
    let (stamped, _) = world
        .extend(&world.pki.read("out.p7s"), None, Target::BT)
        .unwrap();
    // The unit's certificate has ended, the signer's has not.
    let later = world.clock.now() + Duration::from_secs(86_400) * 150;
    world.clock.set(later);
    world.unit.signer = lasting;
    for to in [Target::BLt, Target::BLta] {
        let (raised, extended) = world.extend(&stamped, None, to).unwrap();
        let codes: Vec<_> = extended.warnings.iter().map(|w| w.code).collect();
        assert!(
            codes.contains(&Warning::TimestampNotValid.into()),
            "{codes:?}"
        );
        let (_, judged) = world.judge(&raised, None);
        assert_eq!(levels(&judged), [(Indication::TotalPassed, to.level())]);
        assert_eq!(judged.signatures[0].best_signature_time, Some(later));
    }
}

#[test]
fn a_signature_that_lacks_one_revocation_value_is_not_called_b_lt() {
    let Some(world) = World::new() else { return };
    let (stamped, _) = world
        .extend(&world.pki.read("out.p7s"), None, Target::BT)
        .unwrap();
    // Each alone says nothing of the other authority's certificates.
    for only in ["ca.crl", "root.crl"] {
        let mut data = OriginalSignedData::from_bytes(stamped.clone()).unwrap();
        data.add_certificate(&world.pki.der("ca.pem"));
        data.add_crl(&world.pki.der(only));
        let lacking = archived(&world, data.to_vec().unwrap());
        for (file, what) in [(data.to_vec().unwrap(), "stamped"), (lacking, "archived")] {
            // Known from elsewhere, so that the verdict is as good as it gets.
            assert_eq!(level_online(&world, &file), Level::BT, "{only}, {what}");
        }
    }
    // What came after the archive time-stamp is there, and not covered by it.
    let mut data = OriginalSignedData::from_bytes(stamped).unwrap();
    data.add_certificate(&world.pki.der("ca.pem"));
    data.add_crl(&world.pki.der("ca.crl"));
    let partly = archived(&world, data.to_vec().unwrap());
    let mut data = OriginalSignedData::from_bytes(partly).unwrap();
    data.add_crl(&world.pki.der("root.crl"));
    let partly = data.to_vec().unwrap();
    let (_, judged) = world.judge(&partly, None);
    assert_eq!(levels(&judged), [(Indication::TotalPassed, Level::BLt)]);
    let (renewed, _) = world.extend(&partly, None, Target::BLta).unwrap();
    let (_, judged) = world.judge(&renewed, None);
    assert_eq!(levels(&judged), [PASSED_LTA]);
    world.foreign(&renewed, None);
}

/// With an archive-time-stamp-v3 over what is there.
fn archived(world: &World, file: Vec<u8>) -> Vec<u8> {
    const SHA256: DigestAlgorithm = DigestAlgorithm::Sha256;
    let mut data = OriginalSignedData::from_bytes(file).unwrap();
    let signer = &data.signers()[0];
    let index = archive::hash_index(&data, signer, SHA256).unwrap();
    let content = SHA256.digest(&world.pki.read("content"));
    let input = archive::imprint_input(&data, signer, &content, &index);
    let token = world.unit.time_stamp(&SHA256.digest(&input)).unwrap();
    let attribute = archive::attribute(token.der(), &index).unwrap();
    data.signer_mut(0).unwrap().add_unsigned(&attribute);
    data.to_vec().unwrap()
}

/// With every revocation value at hand, whether or not it is in the file.
fn level_online(world: &World, file: &[u8]) -> Level {
    let mut material = world.pki.material();
    for name in ["ca.crl", "root.crl"] {
        let crl = CertificateList::from_der(world.pki.der(name)).unwrap();
        material.evidence.add_crl(crl);
    }
    let input = Input {
        source: source(file.to_vec()),
        content: None,
        pdf_options: OpenOptions::new(),
    };
    let now = world.clock.now();
    let facts = gather(&input, material, now, None).unwrap();
    let judged = verdict(&facts, &ValidationPolicy::default(), now);
    assert_eq!(judged.indication, Some(Indication::TotalPassed));
    judged.signatures[0].level
}

#[test]
fn content_beside_other_content_inside_gets_no_verdict() {
    let Some(world) = World::new() else { return };
    let signed = world.pki.read("out.p7s");
    let content = world.pki.read("content");
    let (_, judged) = world.judge(&signed, Some(&content));
    assert!(judged.signatures[0].intact);
    // What is inside was exchanged, and what was signed lies beside it.
    let mut forged = signed.clone();
    let at = forged.windows(4).position(|w| w == b"what").unwrap();
    forged[at] ^= 1;
    for (file, beside) in [(&forged, &content[..]), (&signed, b"something else")] {
        let input = Input {
            source: source(file.clone()),
            content: Some(source(beside.to_vec())),
            pdf_options: OpenOptions::new(),
        };
        let error = gather(&input, Material::default(), world.clock.now(), None).unwrap_err();
        assert!(matches!(error, GatherError::OtherContent), "{error}");
        assert!(error.hint().unwrap().contains("--content"));
        let error = world.extend(file, Some(beside), Target::BT).unwrap_err();
        assert!(
            matches!(error, ExtendError::Gather(GatherError::OtherContent)),
            "{error}"
        );
    }
}

#[test]
fn what_is_broken_or_revoked_is_not_raised() {
    let Some(world) = World::new() else { return };
    let mut broken = world.pki.read("out.p7s");
    let at = broken.windows(4).position(|w| w == b"what").unwrap();
    broken[at] ^= 1;
    let error = world.extend(&broken, None, Target::BT).unwrap_err();
    assert!(
        matches!(&error, ExtendError::Refused(all) if all[0].1.code == SubIndication::HashFailure.into()),
        "{error}"
    );

    world.pki.revoke("ee");
    world.pki.crls();
    world.clock.set(world.clock.now() + Duration::from_secs(30));
    let error = world
        .extend(&world.pki.read("out.p7s"), None, Target::BLta)
        .unwrap_err();
    assert!(
        matches!(&error, ExtendError::Refused(all) if all[0].1.code == SubIndication::RevokedNoPoe.into()),
        "{error}"
    );
}

#[test]
fn others_sign_beside_and_over_without_breaking_an_archive() {
    let Some(world) = World::new() else { return };
    let content = b"what is signed\n";
    let first = signer(&world.pki, "ee");
    let second = signer(&world.pki, "second");
    let options = CadesOptions::new(world.clock.now());
    let mut one = Vec::new();
    sign_detached(
        &mut &content[..],
        &mut one,
        &first,
        &options,
        Some(&world.unit),
    )
    .unwrap();
    let (one, _) = world.extend(&one, Some(content), Target::BLta).unwrap();
    let mut two = Vec::new();
    let held = source(content.to_vec());
    add_signature(
        &source(one),
        Some(&held),
        &mut two,
        &second,
        &options,
        Some(&world.unit),
    )
    .unwrap();
    let mut three = Vec::new();
    let made = countersign(
        &source(two),
        &mut three,
        &second,
        &options,
        Which::All,
        None,
    )
    .unwrap();
    assert_eq!(made.len(), 2);
    let (facts, judged) = world.judge(&three, Some(content));
    let ids: Vec<_> = facts.signatures.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "signature-1",
            "signature-1.counter-signature-1",
            "signature-2",
            "signature-2.counter-signature-1"
        ]
    );
    assert!(facts.signatures.iter().all(|s| {
        let signer = s.signer.as_ref().unwrap();
        signer.digest.is_ok() && signer.signature.is_ok() && signer.problems.is_empty()
    }));
    assert!(judged.signatures.iter().any(|s| s.level == Level::BLta));
    // All of them raised: the counter-signatures are covered by the archive time-stamps.
    let (four, _) = world.extend(&three, Some(content), Target::BLta).unwrap();
    let (_, judged) = world.judge(&four, Some(content));
    assert!(
        judged
            .signatures
            .iter()
            .all(|s| s.indication == Indication::TotalPassed),
        "{:#?}",
        judged
            .signatures
            .iter()
            .map(|s| &s.errors)
            .collect::<Vec<_>>()
    );
    world.foreign(&four, Some("content"));
    // The counter-signature, by asn1crypto's and OpenSSL's lights.
    let other = source(b"something else".to_vec());
    let error = add_signature(
        &source(four),
        Some(&other),
        &mut Vec::new(),
        &second,
        &options,
        None,
    )
    .unwrap_err();
    assert!(
        matches!(error, ades::cades::CadesError::OtherContent),
        "{error}"
    );
}

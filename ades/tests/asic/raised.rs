//! Containers that are signed, raised, renewed and signed once more.

use std::io::Cursor;
use std::time::Duration;

use ades::asic::{Kind, sign_asic};
use ades::cades::CadesOptions;
use ades::extend::Target;
use ades::validate::{Facts, Indication, Level};
use pki_asn1::Clock;

use crate::judges::foreign;
use crate::long_term::{World, signer};
use crate::made::{FILES, add, extend, files, levels, sign};

#[test]
fn an_extended_container_lasts_over_two_renewals() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Extended, &FILES);
    let mut current = extend(&world, &signed, Target::BLt).unwrap();
    let (facts, judged) = world.judge(&current, None);
    assert_eq!(levels(&judged), [(Indication::TotalPassed, Level::BLt)]);
    assert_eq!(names(&facts), FILES.map(|(name, _)| name));
    for round in 1..=3 {
        current = extend(&world, &current, Target::BLta).unwrap();
        let (facts, judged) = world.judge(&current, None);
        assert!(
            judged
                .signatures
                .iter()
                .all(|s| s.indication == Indication::TotalPassed),
            "{round}: {:#?}",
            judged
                .signatures
                .iter()
                .map(|s| &s.errors)
                .collect::<Vec<_>>()
        );
        assert_eq!(judged.signatures[0].level, Level::BLta);
        assert_eq!(facts.signatures.len(), 1 + round);
        if let Some(report) = foreign(&world, &current) {
            let manifests = report["manifests"].as_object().unwrap();
            assert_eq!(manifests.len(), 1 + round, "{manifests:?}");
            let last = &manifests["META-INF/ASiCArchiveManifest.xml"]["objects"];
            // All but mimetype, itself and its time-stamp.
            let all = report["names"].as_array().unwrap().len();
            assert_eq!(last.as_array().unwrap().len(), all - 3);
        }
        world.clock.set(world.clock.now() + Duration::from_secs(60));
    }
}

#[test]
fn a_simple_container_is_signed_and_raised() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Simple, &FILES[..1]);
    let raised = extend(&world, &signed, Target::BLta).unwrap();
    let (facts, judged) = world.judge(&raised, None);
    assert_eq!(levels(&judged), [(Indication::TotalPassed, Level::BLta)]);
    assert_eq!(names(&facts), ["contrat signé.txt"]);
    let report = foreign(&world, &raised);
    if report.is_some() {
        world.pki.run("cms -verify -cades -binary -inform DER -in unpacked/META-INF/signature.p7s -content content -CAfile root.pem -certfile ca.pem -out /dev/null");
    }
    let mut out = Cursor::new(Vec::new());
    let options = CadesOptions::new(world.clock.now());
    let signer = signer(&world.pki, "ee");
    let error = sign_asic(
        Kind::Simple,
        files(&FILES),
        &mut out,
        &signer,
        &options,
        None,
    );
    assert!(error.unwrap_err().to_string().contains("one file"));
}

#[test]
fn a_further_signature_breaks_neither_the_first_nor_its_archive() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Extended, &FILES);
    let first = extend(&world, &signed, Target::BLta).unwrap();
    let both = add(&world, &first).unwrap();
    let (facts, judged) = world.judge(&both, None);
    let ids: Vec<_> = facts.signatures.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, ["signature-1", "signature002-1", "time-stamp-1"]);
    assert_eq!(judged.signatures[0].indication, Indication::TotalPassed);
    assert_eq!(judged.signatures[0].level, Level::BLta);
    assert!(
        facts.signatures[1]
            .signer
            .as_ref()
            .unwrap()
            .signature
            .is_ok()
    );
    // Raised with the rest: what the first archive time-stamp covers keeps its octets.
    let raised = extend(&world, &both, Target::BLta).unwrap();
    let (_, judged) = world.judge(&raised, None);
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
    assert_eq!(judged.signatures[1].level, Level::BLta);
    if let Some(report) = foreign(&world, &raised) {
        let objects = &report["manifests"]["META-INF/ASiCManifest002.xml"]["objects"];
        let named: Vec<_> = objects.as_array().unwrap().iter().collect();
        assert_eq!(named, FILES.map(|(name, _)| name));
    }
    // And a third.
    let third = add(&world, &raised).unwrap();
    let (facts, _) = world.judge(&third, None);
    assert!(facts.signatures.iter().any(|s| s.id == "signature003-1"));
    assert!(judged.signatures.len() < facts.signatures.len());
}

#[test]
fn a_further_signer_of_a_simple_container_stands_in_its_one_signature_file() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Simple, &FILES[..1]);
    let first = extend(&world, &signed, Target::BLta).unwrap();
    let both = add(&world, &first).unwrap();
    let (facts, judged) = world.judge(&both, None);
    assert_eq!(facts.signatures.len(), 2);
    assert!(judged.signatures.iter().any(|s| s.level == Level::BLta));
    assert!(judged.signatures.iter().all(|s| s.intact));
    let raised = extend(&world, &both, Target::BLta).unwrap();
    let (_, judged) = world.judge(&raised, None);
    assert_eq!(levels(&judged), [(Indication::TotalPassed, Level::BLta); 2]);
    if foreign(&world, &raised).is_some() {
        world.pki.run("cms -verify -cades -binary -inform DER -in unpacked/META-INF/signature.p7s -content content -CAfile root.pem -certfile ca.pem -out /dev/null");
    }
}

fn names(facts: &Facts) -> Vec<&str> {
    let files = &facts.container.as_ref().unwrap().files;
    files.iter().map(String::as_str).collect()
}

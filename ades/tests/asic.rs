//! Containers: Python's zipfile and hashlib, xmllint with the XSD of EN 319 162-1, and OpenSSL judge
//! them; and what could deceive somebody who unpacks them is refused.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod long_term;
mod network;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use ades::asic::{AsicError, Container, DataFile, Kind, Limits, extend_asic, sign_asic};
use ades::cades::CadesOptions;
use ades::extend::{ExtendError, ExtendOptions, Services, Target};
use ades::validate::{Facts, Indication, Level, ValidationPolicy, Verdict};
use long_term::{World, signer, source};
use pki_asn1::Clock;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const FILES: [(&str, &[u8]); 3] = [
    ("contrat signé.txt", b"what is signed\n"),
    ("folder/a & b.bin", &[0; 70_000]),
    ("empty", b""),
];

fn files(of: &'static [(&'static str, &'static [u8])]) -> Vec<DataFile<'static>> {
    of.iter()
        .map(|(name, content)| DataFile {
            name: (*name).into(),
            media_type: Some("application/octet-stream".into()),
            len: content.len() as u64,
            content: Box::new(*content),
        })
        .collect()
}

fn sign(world: &World, kind: Kind, of: &'static [(&'static str, &'static [u8])]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let options = CadesOptions::new(world.clock.now());
    let signer = signer(&world.pki, "ee");
    sign_asic(kind, files(of), &mut out, &signer, &options, None).unwrap();
    out.into_inner()
}

fn extend(world: &World, container: &[u8], to: Target) -> Result<Vec<u8>, ExtendError> {
    let collector = world.collector();
    let services = Services {
        collector: &collector,
        time_stamper: Some(&world.unit),
        policy: &ValidationPolicy::default(),
        clock: &*world.clock,
    };
    let mut out = Cursor::new(Vec::new());
    extend_asic(
        &source(container.to_vec()),
        &mut out,
        &|| world.pki.material(),
        &services,
        &ExtendOptions::new(to),
    )?;
    Ok(out.into_inner())
}

fn xsd() -> Option<PathBuf> {
    let corpora = std::env::var_os("SCEAU_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let xsd = corpora.join("xsd/specs-asic-manifest");
    if !xsd.exists() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: corpus or xmllint not found");
        return None;
    }
    Some(xsd)
}

/// Foreign tools judge the container; gives Python's report.
fn foreign(world: &World, container: &[u8]) -> Option<serde_json::Value> {
    world.pki.write("judged.asice", container);
    let Some(python) = std::env::var_os("SCEAU_PYTHON") else {
        eprintln!("skipped: SCEAU_PYTHON is not set");
        return None;
    };
    let folder = world.path("unpacked");
    let _ = fs::remove_dir_all(&folder);
    let output = Command::new(python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges/asic.py"))
        .args([world.path("judged.asice"), folder.clone()])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for (name, manifest) in report["manifests"].as_object().unwrap() {
        let signature = manifest["signature"].as_str().unwrap();
        if signature.ends_with(".p7s") {
            world.pki.run(&format!("cms -verify -cades -binary -inform DER -in unpacked/{signature} -content unpacked/{name} -CAfile root.pem -certfile ca.pem -out /dev/null"));
        } else {
            world.pki.run(&format!("ts -verify -token_in -in unpacked/{signature} -data unpacked/{name} -CAfile root.pem -untrusted ca.pem"));
        }
        if let Some(xsd) = xsd() {
            let output = Command::new("xmllint")
                .args(["--noout", "--nonet", "--schema"])
                .arg(xsd.join("en_31916201v010101.xsd"))
                .arg(folder.join(name))
                .env("XML_CATALOG_FILES", xsd.join("catalog.cat"))
                .output()
                .unwrap();
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {error}");
        }
    }
    Some(report)
}

fn levels(judged: &Verdict) -> Vec<(Indication, Level)> {
    let all = judged.signatures.iter();
    all.map(|s| (s.indication, s.level)).collect()
}

fn names(facts: &Facts) -> Vec<&str> {
    let files = &facts.container.as_ref().unwrap().files;
    files.iter().map(String::as_str).collect()
}

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

/// Packs the container again, changed.
fn repack(container: &[u8], change: impl Fn(&str, Vec<u8>) -> Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(container)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut file, &mut content).unwrap();
        for (name, content) in change(&name, content) {
            let options =
                SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            zip.start_file(name, options).unwrap();
            zip.write_all(&content).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn files_that_were_changed_added_or_removed_do_not_pass() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Extended, &FILES);
    let signed = extend(&world, &signed, Target::BLta).unwrap();
    let same = repack(&signed, |name, content| vec![(name.into(), content)]);
    let (_, judged) = world.judge(&same, None);
    assert_eq!(judged.indication, Some(Indication::TotalPassed));
    let cases: [(&str, Vec<u8>, Indication); 4] = [
        (
            "changed",
            repack(&signed, |name, mut content| {
                if name == FILES[0].0 {
                    content[0] ^= 1;
                }
                vec![(name.into(), content)]
            }),
            Indication::TotalFailed,
        ),
        (
            "removed",
            repack(&signed, |name, content| {
                if name == "empty" {
                    vec![]
                } else {
                    vec![(name.into(), content)]
                }
            }),
            Indication::TotalFailed,
        ),
        (
            "added",
            repack(&signed, |name, content| {
                let mut out = vec![(name.into(), content)];
                if name == "empty" {
                    out.push(("invoice.pdf".into(), b"pay".to_vec()));
                }
                out
            }),
            Indication::Indeterminate,
        ),
        (
            "without its manifest",
            repack(&signed, |name, content| {
                if name.ends_with("/ASiCManifest.xml") {
                    vec![]
                } else {
                    vec![(name.into(), content)]
                }
            }),
            Indication::TotalFailed,
        ),
    ];
    for (what, container, expected) in cases {
        let (_, judged) = world.judge(&container, None);
        assert_eq!(judged.indication, Some(expected), "{what}");
        let error = extend(&world, &container, Target::BLta).unwrap_err();
        assert!(matches!(error, ExtendError::Refused(_)), "{what}: {error}");
    }
}

#[test]
fn archives_that_two_programs_read_differently_are_refused() {
    let plain = |names: &[&str]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(b"x").unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let open = |bytes: Vec<u8>| Container::open(source(bytes));
    let good = plain(&["mimetype", "aa", "bb"]);
    assert!(open(good.clone()).is_ok());
    // Names of one length can be exchanged without touching the structure.
    let renamed = |from: &[u8], to: &[u8]| {
        let mut out = good.clone();
        for at in 0..out.len() - from.len() {
            if &out[at..at + from.len()] == from {
                out[at..at + from.len()].copy_from_slice(to);
            }
        }
        out
    };
    assert!(matches!(
        open(renamed(b"bb", b"aa")),
        Err(AsicError::Ambiguous(_))
    ));
    assert!(matches!(
        open(renamed(b"bb", b"AA")),
        Err(AsicError::Ambiguous(_))
    ));
    assert!(matches!(
        open(renamed(b"bb", b"..")),
        Err(AsicError::Name { .. })
    ));
    assert!(matches!(
        open(renamed(b"bb", b"/x")),
        Err(AsicError::Name { .. })
    ));
    assert!(matches!(
        open(renamed(b"bb", b"x\0")),
        Err(AsicError::Name { .. })
    ));
    // The local header says another name than the directory.
    let mut local = good.clone();
    let at = local.windows(2).position(|w| w == b"bb").unwrap();
    local[at] = b'c';
    assert!(open(local).is_err());
    let mut before = b"junk".to_vec();
    before.extend_from_slice(&good);
    assert!(open(before).is_err());
    let mut after = good.clone();
    after.extend_from_slice(b"junk");
    assert!(open(after).is_err());
    assert!(open(good[..good.len() - 1].to_vec()).is_err());
    let few = Limits {
        members: 2,
        ..Limits::default()
    };
    let many = Container::open_within(source(good), &few);
    assert!(matches!(many, Err(AsicError::Budget { what: "files", .. })));
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    zip.start_file("zeros", options).unwrap();
    for _ in 0..64 {
        zip.write_all(&[0; 1 << 20]).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 100_000);
    let limits = Limits {
        unpacked: 1 << 20,
        ..Limits::default()
    };
    let opened = Container::open_within(source(bomb), &limits);
    assert!(matches!(opened, Err(AsicError::Budget { .. })));
}

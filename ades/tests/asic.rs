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

use ades::asic::{
    AsicError, Container, DataFile, Kind, Limits, add_to_asic, extend_asic, sign_asic,
};
use ades::cades::{CadesError, CadesOptions, sign_detached};
use ades::extend::{ExtendError, ExtendOptions, Services, Target};
use ades::tsp::TimeStamper as _;
use ades::validate::{
    Facts, GatherError, Indication, Input, Level, Material, SubIndication, ValidationPolicy,
    Verdict, gather, verdict,
};
use long_term::{World, signer, source};
use pki_asn1::{Certificate, CertificateList, Clock};
use pki_crypto::DigestAlgorithm;
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
    extend_knowing(world, container, &|| world.pki.material(), to)
}

fn extend_knowing(
    world: &World,
    container: &[u8],
    known: &dyn Fn() -> Material,
    to: Target,
) -> Result<Vec<u8>, ExtendError> {
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
        known,
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
    let xsd = corpora.join("xsd");
    if !xsd.exists() || Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: corpus or xmllint not found");
        return None;
    }
    Some(xsd)
}

const XMLDSIG: &str = "http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd";

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
            // The schema of signatures in XML, from beside it instead of the network.
            let catalog = format!(
                "<catalog xmlns=\"urn:oasis:names:tc:entity:xmlns:xml:catalog\"><system systemId=\"{XMLDSIG}\" uri=\"file://{}\"/></catalog>",
                fs::canonicalize(xsd.join("specs-xmldsig/xmldsig-core-schema.xsd"))
                    .unwrap()
                    .display()
            );
            world.pki.write("catalog.xml", catalog.as_bytes());
            let output = Command::new("xmllint")
                .args(["--noout", "--nonet", "--schema"])
                .arg(xsd.join("specs-asic-manifest/en_31916201v010101.xsd"))
                .arg(folder.join(name))
                .env("XML_CATALOG_FILES", world.path("catalog.xml"))
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

/// The second signer, beside whoever signed.
fn add(world: &World, container: &[u8]) -> Result<Vec<u8>, CadesError> {
    let mut out = Cursor::new(Vec::new());
    let options = CadesOptions::new(world.clock.now());
    let second = signer(&world.pki, "second");
    let stamper = Some(&world.unit as &dyn ades::tsp::TimeStamper);
    let container = source(container.to_vec());
    add_to_asic(&container, &mut out, &second, &options, stamper)?;
    Ok(out.into_inner())
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

#[test]
fn nobody_signs_beside_files_that_changed_or_that_nobody_signed() {
    let Some(world) = World::new() else { return };
    for kind in [Kind::Extended, Kind::Simple] {
        let signed = sign(&world, kind, &FILES[..1]);
        let changed = repack(&signed, |name, mut content| {
            if name == FILES[0].0 {
                content[0] ^= 1;
            }
            vec![(name.into(), content)]
        });
        let unsigned = repack(&signed, |name, content| {
            if name.ends_with(".p7s") {
                vec![]
            } else {
                vec![(name.into(), content)]
            }
        });
        for bad in [&changed, &unsigned, &with(&signed, "invoice.pdf", b"pay")] {
            let error = add(&world, bad).unwrap_err();
            assert!(matches!(error, CadesError::Refused(_)), "{error}");
        }
    }
}

fn with(container: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    repack(container, |there, old| {
        let mut out = vec![(there.into(), old)];
        if there.ends_with(".p7s") {
            out.push((name.into(), content.to_vec()));
        }
        out
    })
}

#[test]
fn files_hidden_among_the_signatures_do_not_pass() {
    let Some(world) = World::new() else { return };
    let signed = sign(&world, Kind::Extended, &FILES);
    let signed = extend(&world, &signed, Target::BLt).unwrap();
    for name in [
        "META-INF/invoice.pdf",
        "meta-inf/invoice.pdf",
        "META-INF/a/manifest.xml",
    ] {
        let (facts, judged) = world.judge(&with(&signed, name, b"pay"), None);
        assert_eq!(facts.container.unwrap().unsigned, [name]);
        let one = &judged.signatures[0];
        assert_eq!(one.indication, Indication::Indeterminate, "{name}");
        assert_eq!(
            one.sub_indication,
            Some(SubIndication::SigConstraintsFailure)
        );
    }
    // Nor does what has the name of a signature or of what belongs to one, and was not looked at.
    for name in [
        "META-INF/other.tst",
        "META-INF/other.ers",
        "META-INF/signatures.xml",
        "META-INF/ASiCManifest9.xml",
        "META-INF/ASiCArchiveManifest.xml",
    ] {
        let (facts, judged) = world.judge(&with(&signed, name, b"pay"), None);
        assert_eq!(facts.container.unwrap().unsigned, [name]);
        assert_eq!(judged.indication, Some(Indication::Indeterminate), "{name}");
    }
    // An unpacked folder would take the place of the file, or bring content that nobody hashed.
    for name in ["empty/", "folder", "empty/x"] {
        let opened = Container::open(source(with(&signed, name, b"pay")));
        assert!(matches!(opened, Err(AsicError::Ambiguous(_))), "{name}");
    }
}

#[test]
fn a_file_that_no_time_stamp_of_a_container_covers_does_not_pass() {
    let Some(world) = World::new() else { return };
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    let digest = base64(DigestAlgorithm::Sha256.digest(b"deed").as_bytes());
    let names = |file: &str| {
        let files = core::iter::once(reference(file, sha256, &digest));
        manifest("META-INF/timestamp.tst", files)
    };
    let stamped = |manifest: &str, others: &[(&str, &[u8])]| {
        let imprint = DigestAlgorithm::Sha256.digest(manifest.as_bytes());
        let token = world.unit.time_stamp(&imprint).unwrap();
        let own: [(&str, &[u8]); 3] = [
            ("mimetype", Kind::Extended.media_type().as_bytes()),
            ("META-INF/ASiCManifest.xml", manifest.as_bytes()),
            ("META-INF/timestamp.tst", token.der()),
        ];
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in own.iter().chain(others) {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let judge = |container: Vec<u8>| {
        let mut material = world.pki.material();
        let ca = Certificate::from_der(world.pki.der("ca.pem")).unwrap();
        material.pool.add(ca);
        let crl = CertificateList::from_der(world.pki.der("ca.crl")).unwrap();
        material.evidence.add_crl(crl);
        let input = Input::of(source(container));
        let now = world.clock.now();
        let facts = gather(&input, material, now, None).unwrap();
        let judged = verdict(&facts, &ValidationPolicy::default(), now);
        let one = &judged.signatures[0];
        (judged.indication.unwrap(), one.sub_indication)
    };
    let covers = names("deed.txt");
    let good = stamped(&covers, &[("deed.txt", b"deed")]);
    assert_eq!(judge(good), (Indication::TotalPassed, None));
    for other in ["other.txt", "META-INF/other.txt", "META-INF/other.tst"] {
        let more = stamped(&covers, &[("deed.txt", b"deed"), (other, b"nobody's")]);
        let open = Some(SubIndication::SigConstraintsFailure);
        assert_eq!(judge(more), (Indication::Indeterminate, open), "{other}");
    }
}

/// An ASiC-E container with this manifest, well signed.
fn with_manifest(world: &World, manifest: &str, others: &[(String, Vec<u8>)]) -> Vec<u8> {
    packed(manifest, sign_manifest(world, manifest), others)
}

fn sign_manifest(world: &World, manifest: &str) -> Vec<u8> {
    let mut signature = Vec::new();
    let options = CadesOptions::new(world.clock.now());
    let signer = signer(&world.pki, "ee");
    sign_detached(
        &mut manifest.as_bytes(),
        &mut signature,
        &signer,
        &options,
        None,
    )
    .unwrap();
    signature
}

fn packed(manifest: &str, signature: Vec<u8>, others: &[(String, Vec<u8>)]) -> Vec<u8> {
    let own = [
        ("mimetype".to_owned(), Kind::Extended.media_type().into()),
        ("META-INF/ASiCManifest.xml".to_owned(), manifest.into()),
        ("META-INF/signature.p7s".to_owned(), signature),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in own.iter().chain(others) {
        zip.start_file(name.as_str(), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn manifest(signature: &str, references: impl Iterator<Item = String>) -> String {
    let references: String = references.collect();
    format!(
        "<a:ASiCManifest xmlns:a=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"><a:SigReference URI=\"{signature}\"/>{references}</a:ASiCManifest>"
    )
}

fn reference(name: &str, algorithm: &str, digest: &str) -> String {
    format!(
        "<a:DataObjectReference URI=\"{name}\"><d:DigestMethod Algorithm=\"{algorithm}\"/><d:DigestValue>{digest}</d:DigestValue></a:DataObjectReference>"
    )
}

#[test]
fn files_covered_by_sha_1_alone_do_not_pass() {
    let Some(world) = World::new() else { return };
    let of = |algorithm, digest| {
        let one = reference("a", algorithm, digest);
        let manifest = manifest("META-INF/signature.p7s", std::iter::once(one));
        // Raised as the CMS signature that it is, by a product that does not look at the manifest.
        let signature = sign_manifest(&world, &manifest);
        let (signature, _) = world
            .extend(&signature, Some(manifest.as_bytes()), Target::BLt)
            .unwrap();
        let made = packed(&manifest, signature, &[("a".into(), b"x".to_vec())]);
        let (facts, judged) = world.judge(&made, None);
        assert!(
            facts.signatures[0]
                .signer
                .as_ref()
                .unwrap()
                .signature
                .is_ok()
        );
        judged.signatures[0].sub_indication
    };
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    assert_eq!(
        of(sha256, "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="),
        None
    );
    assert_eq!(
        of(
            "http://www.w3.org/2000/09/xmldsig#sha1",
            "EfatjsUqKYSrqv18O1FlA3hcIHI="
        ),
        Some(SubIndication::CryptoConstraintsFailure)
    );
}

#[test]
fn a_container_is_not_raised_whose_files_are_covered_by_sha_1_alone() {
    let Some(world) = World::new() else { return };
    let one = reference(
        "a",
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "EfatjsUqKYSrqv18O1FlA3hcIHI=",
    );
    let manifest = manifest("META-INF/signature.p7s", std::iter::once(one));
    let signature = sign_manifest(&world, &manifest);
    let (stamped, _) = world
        .extend(&signature, Some(manifest.as_bytes()), Target::BT)
        .unwrap();
    let cases = [
        (signature, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        (stamped, "CRYPTO_CONSTRAINTS_FAILURE"),
    ];
    for (signature, code) in cases {
        let container = packed(&manifest, signature, &[("a".into(), b"x".to_vec())]);
        // Whom to trust does not matter to it.
        for known in [world.pki.material(), Material::default()] {
            for to in [Target::BT, Target::BLt, Target::BLta] {
                let known = || Material {
                    anchors: known.anchors.clone(),
                    ..world.pki.material()
                };
                let error = extend_knowing(&world, &container, &known, to).unwrap_err();
                let ExtendError::Refused(all) = &error else {
                    panic!("{error}")
                };
                assert_eq!(all[0].1.code, code);
                assert!(all[0].1.reason.contains("SHA-1"), "{error}");
                assert!(error.hint().unwrap().contains("signed anew"));
            }
        }
    }
}

#[test]
fn a_container_that_names_files_without_end_is_refused() {
    let Some(world) = World::new() else { return };
    let sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";
    let digest = "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=";
    let long = |signature: &str| {
        let one = reference(&"a".repeat(1500), sha256, digest);
        manifest(signature, std::iter::repeat_n(one, 5_000))
    };
    let mut others = Vec::new();
    for number in 1..6 {
        let signature = format!("META-INF/signature{number}.p7s");
        let name = format!("META-INF/ASiCManifest{number}.xml");
        others.push((name, long(&signature).into_bytes()));
        others.push((signature, b"0".to_vec()));
    }
    let made = with_manifest(&world, &long("META-INF/signature.p7s"), &others);
    let input = Input {
        source: source(made),
        content: None,
        pdf_options: pdf_file::OpenOptions::new(),
    };
    let refused = gather(&input, Material::default(), world.clock.now(), None);
    assert!(
        matches!(refused, Err(GatherError::Asic(AsicError::Budget { .. }))),
        "{refused:?}"
    );
}

#[test]
fn a_bomb_is_not_hashed_with_every_algorithm() {
    let Some(world) = World::new() else { return };
    let sha3 = "2007/05/xmldsig-more#sha3";
    let algorithms = [
        ("2000/09/xmldsig#sha1".to_owned(), 20),
        ("2001/04/xmldsig-more#sha224".to_owned(), 28),
        ("2001/04/xmlenc#sha256".to_owned(), 32),
        ("2001/04/xmldsig-more#sha384".to_owned(), 48),
        ("2001/04/xmlenc#sha512".to_owned(), 64),
        (format!("{sha3}-256"), 32),
        (format!("{sha3}-384"), 48),
        (format!("{sha3}-512"), 64),
    ];
    let references = algorithms.iter().map(|(algorithm, len)| {
        let algorithm = format!("http://www.w3.org/{algorithm}");
        reference("zeros", &algorithm, &base64(&vec![0; *len]))
    });
    let manifest = manifest("META-INF/signature.p7s", references);
    let zeros = vec![0; 280 << 20];
    let made = with_manifest(&world, &manifest, &[("zeros".into(), zeros)]);
    let input = Input {
        source: source(made),
        content: None,
        pdf_options: pdf_file::OpenOptions::new(),
    };
    let refused = gather(&input, Material::default(), world.clock.now(), None);
    assert!(
        matches!(refused, Err(GatherError::Asic(AsicError::Budget { .. }))),
        "{refused:?}"
    );
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

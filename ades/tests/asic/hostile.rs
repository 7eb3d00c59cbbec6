//! Archives that deceive whoever unpacks them, or cost him what he has.

use std::io::{Cursor, Write};

use ades::asic::{AsicError, Container, Limits};
use ades::validate::{GatherError, Input, Material, gather};
use pki_asn1::Clock;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::long_term::{World, source};
use crate::made::{manifest, reference, with_manifest};

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

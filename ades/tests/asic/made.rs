//! Containers that are signed and raised, changed afterwards, or written by hand.

use std::io::{Cursor, Write};

use ades::asic::{DataFile, Kind, add_to_asic, extend_asic, sign_asic};
use ades::cades::{CadesError, CadesOptions, sign_detached};
use ades::extend::{ExtendError, ExtendOptions, Services, Target};
use ades::validate::{Indication, Level, Material, ValidationPolicy, Verdict};
use pki_asn1::Clock;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::long_term::{World, signer, source};

pub(crate) const FILES: [(&str, &[u8]); 3] = [
    ("contrat signé.txt", b"what is signed\n"),
    ("folder/a & b.bin", &[0; 70_000]),
    ("empty", b""),
];

pub(crate) fn files(of: &'static [(&'static str, &'static [u8])]) -> Vec<DataFile<'static>> {
    of.iter()
        .map(|(name, content)| DataFile {
            name: (*name).into(),
            media_type: Some("application/octet-stream".into()),
            len: content.len() as u64,
            content: Box::new(*content),
        })
        .collect()
}

pub(crate) fn sign(
    world: &World,
    kind: Kind,
    of: &'static [(&'static str, &'static [u8])],
) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let options = CadesOptions::new(world.clock.now());
    let signer = signer(&world.pki, "ee");
    sign_asic(kind, files(of), &mut out, &signer, &options, None).unwrap();
    out.into_inner()
}

pub(crate) fn extend(world: &World, container: &[u8], to: Target) -> Result<Vec<u8>, ExtendError> {
    extend_knowing(world, container, &|| world.pki.material(), to)
}

pub(crate) fn extend_knowing(
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

pub(crate) fn levels(judged: &Verdict) -> Vec<(Indication, Level)> {
    let all = judged.signatures.iter();
    all.map(|s| (s.indication, s.level)).collect()
}

/// Packs the container again, changed.
pub(crate) fn repack(
    container: &[u8],
    change: impl Fn(&str, Vec<u8>) -> Vec<(String, Vec<u8>)>,
) -> Vec<u8> {
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

pub(crate) fn with(container: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    repack(container, |there, old| {
        let mut out = vec![(there.into(), old)];
        if there.ends_with(".p7s") {
            out.push((name.into(), content.to_vec()));
        }
        out
    })
}

/// An ASiC-E container with this manifest, well signed.
pub(crate) fn with_manifest(
    world: &World,
    manifest: &str,
    others: &[(String, Vec<u8>)],
) -> Vec<u8> {
    packed(manifest, sign_manifest(world, manifest), others)
}

pub(crate) fn sign_manifest(world: &World, manifest: &str) -> Vec<u8> {
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

pub(crate) fn packed(manifest: &str, signature: Vec<u8>, others: &[(String, Vec<u8>)]) -> Vec<u8> {
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

pub(crate) fn manifest(signature: &str, references: impl Iterator<Item = String>) -> String {
    let references: String = references.collect();
    format!(
        "<a:ASiCManifest xmlns:a=\"http://uri.etsi.org/02918/v1.2.1#\" xmlns:d=\"http://www.w3.org/2000/09/xmldsig#\"><a:SigReference URI=\"{signature}\"/>{references}</a:ASiCManifest>"
    )
}

pub(crate) fn reference(name: &str, algorithm: &str, digest: &str) -> String {
    format!(
        "<a:DataObjectReference URI=\"{name}\"><d:DigestMethod Algorithm=\"{algorithm}\"/><d:DigestValue>{digest}</d:DigestValue></a:DataObjectReference>"
    )
}

/// The second signer, beside whoever signed.
pub(crate) fn add(world: &World, container: &[u8]) -> Result<Vec<u8>, CadesError> {
    let mut out = Cursor::new(Vec::new());
    let options = CadesOptions::new(world.clock.now());
    let second = signer(&world.pki, "second");
    let stamper = Some(&world.unit as &dyn ades::tsp::TimeStamper);
    let container = source(container.to_vec());
    add_to_asic(&container, &mut out, &second, &options, stamper)?;
    Ok(out.into_inner())
}

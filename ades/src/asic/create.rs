//! Making a container (EN 319 162-1 clause 4.3.3 and 4.4.3). Each file is read once: it is hashed while
//! it is packed.

use std::collections::{BTreeSet, HashSet};
use std::io::{Read, Seek, Write};
use std::sync::Arc;

use pki_crypto::{Digest, DigestAlgorithm, Hasher};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::archive::{ALGORITHM as ARCHIVE, TOKEN_TYPE};
use super::manifest::{DataObject, Manifest};
use super::names::check_name;
use super::{
    ARCHIVE_MANIFEST, AsicError, Kind, MANIFEST, META_INF, MIMETYPE, SIGNATURE, TIMESTAMP,
};
use crate::cades::{self, CadesError, CadesOptions};
use crate::cms::build::CmsSigner;
use crate::evidence::Material;
use crate::extend::{ExtendError, ExtendOptions, Services, Target};
use crate::tsp::{TimeStamper, Token};
use crate::validate::Content;

/// The media type of a CAdES signature in a manifest.
pub(super) const CADES_TYPE: &str = "application/pkcs7-signature";
/// From here on a file is written with zip64.
const LARGE: u64 = 0xFFFF_0000;

/// A file to be signed.
pub struct DataFile<'f> {
    /// Its name in the container.
    pub name: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its length, as far as known: it decides how it is packed.
    pub len: u64,
    /// Its content.
    pub content: Box<dyn Read + 'f>,
}

/// A container that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AsicSignature {
    /// Which of the two.
    pub kind: Kind,
    /// What the signature is over: of the file in ASiC-S, of the manifest in ASiC-E.
    pub digest: Digest,
    /// The signature-time-stamp, at level B-T.
    pub time_stamp: Option<Token>,
    /// The archive time-stamp, at level B-LTA.
    pub archive: Option<Token>,
    /// The files in it.
    pub files: Vec<String>,
}

/// Packs and signs `files`. Level B-T with a time-stamper, else B-B.
///
/// `out` may have received bytes when an error is returned; the caller discards them.
///
/// # Errors
/// Where a name cannot be used, a file not be read, or the signature not be made.
pub fn sign_asic<W: Write + Seek>(
    kind: Kind,
    files: Vec<DataFile<'_>>,
    out: W,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<AsicSignature, CadesError> {
    let algorithms = [signer.digest_algorithm()];
    let mut packed = pack_all(kind, files, out, &algorithms)?;
    let digest = packed.digest(signer.digest_algorithm())?;
    let (signature, time_stamp) = cades::sign_digest(digest, signer, options, time_stamper)?;
    packed.finish(&signature, &[])?;
    Ok(AsicSignature {
        kind,
        digest,
        time_stamp,
        archive: None,
        files: packed.names,
    })
}

/// As [`sign_asic`], at levels B-LT and B-LTA. `known` is whom to trust and what is at hand.
///
/// # Errors
/// See [`ExtendError`].
#[allow(clippy::too_many_arguments, reason = "each is another party's")]
pub fn sign_asic_long_term<W: Write + Seek>(
    kind: Kind,
    files: Vec<DataFile<'_>>,
    out: W,
    signer: &CmsSigner,
    options: &CadesOptions,
    mut known: Material,
    services: &Services<'_>,
    level: &ExtendOptions,
) -> Result<AsicSignature, ExtendError> {
    let authority = services
        .time_stamper
        .ok_or(ExtendError::NoAuthority { to: level.to })?;
    cades::check_signer(signer, &mut known, services)?;
    let own = signer.digest_algorithm();
    let algorithms = [own, DigestAlgorithm::Sha256, ARCHIVE];
    let mut packed = pack_all(kind, files, out, &algorithms)?;
    let digest = packed.digest(own)?;
    let (signature, time_stamp) = cades::sign_digest(digest, signer, options, Some(authority))?;
    let in_signature = match kind {
        Kind::Simple => *level,
        Kind::Extended => ExtendOptions {
            to: level.to.min(Target::BLt),
            ..*level
        },
    };
    let content = packed.content();
    let (signature, made) = cades::raise_new(&signature, &content, known, services, &in_signature)?;
    let mut archive = made.archive.into_iter().next();
    let mut additions = Vec::new();
    if kind == Kind::Extended && level.to == Target::BLta {
        let xml = packed.archive_manifest(&signature);
        let token = authority.time_stamp(&ARCHIVE.digest(xml.as_bytes()))?;
        additions.push((ARCHIVE_MANIFEST, xml.into_bytes()));
        additions.push((TIMESTAMP, token.der().to_vec()));
        archive = Some(token);
    }
    packed.finish(&signature, &additions)?;
    Ok(AsicSignature {
        kind,
        digest,
        time_stamp,
        archive,
        files: packed.names,
    })
}

/// A container with its files, waiting for the signature.
struct Packed<W: Write + Seek> {
    zip: Option<ZipWriter<W>>,
    kind: Kind,
    names: Vec<String>,
    /// For each file, its digests.
    digests: Vec<Vec<Digest>>,
    media_types: Vec<Option<String>>,
    manifest: Option<String>,
}

impl<W: Write + Seek> Packed<W> {
    /// What is signed. In ASiC-E the manifest is made for it.
    fn digest(&mut self, algorithm: DigestAlgorithm) -> Result<Digest, AsicError> {
        if let (Kind::Simple, Some(all)) = (self.kind, self.digests.first()) {
            let own = all.iter().find(|d| d.algorithm() == algorithm);
            return own.copied().ok_or(AsicError::OneFile(0));
        }
        let xml = Manifest {
            signature: SIGNATURE.into(),
            signature_type: Some(CADES_TYPE.into()),
            objects: self.objects(algorithm),
        }
        .to_xml();
        let digest = algorithm.digest(xml.as_bytes());
        if let Some(zip) = &mut self.zip {
            write_member(zip, MANIFEST, xml.as_bytes(), CompressionMethod::Deflated)?;
        }
        self.manifest = Some(xml);
        Ok(digest)
    }

    fn objects(&self, algorithm: DigestAlgorithm) -> Vec<DataObject> {
        let each = self.names.iter().zip(&self.digests).zip(&self.media_types);
        each.filter_map(|((name, digests), media_type)| {
            let digest = digests.iter().find(|d| d.algorithm() == algorithm)?;
            Some(DataObject {
                name: name.clone(),
                media_type: media_type.clone(),
                digest: Ok(*digest),
                root: false,
            })
        })
        .collect()
    }

    fn content(&self) -> Content {
        match (&self.manifest, self.digests.first()) {
            (Some(xml), _) => Content::Bytes(Arc::from(xml.as_bytes())),
            (None, Some(all)) => Content::Digests(all.clone()),
            (None, None) => Content::Missing,
        }
    }

    /// Over everything that there is.
    fn archive_manifest(&self, signature: &[u8]) -> String {
        let mut objects = self.objects(ARCHIVE);
        let manifest = self.manifest.as_deref().unwrap_or_default();
        for (name, content) in [(MANIFEST, manifest.as_bytes()), (SIGNATURE, signature)] {
            objects.push(DataObject {
                name: name.into(),
                media_type: None,
                digest: Ok(ARCHIVE.digest(content)),
                root: false,
            });
        }
        Manifest {
            signature: TIMESTAMP.into(),
            signature_type: Some(TOKEN_TYPE.into()),
            objects,
        }
        .to_xml()
    }

    fn finish(&mut self, signature: &[u8], additions: &[(&str, Vec<u8>)]) -> Result<(), AsicError> {
        let Some(mut zip) = self.zip.take() else {
            return Ok(());
        };
        write_member(&mut zip, SIGNATURE, signature, CompressionMethod::Deflated)?;
        for (name, content) in additions {
            write_member(&mut zip, name, content, CompressionMethod::Deflated)?;
        }
        zip.finish()
            .map_err(AsicError::writing)?
            .flush()
            .map_err(AsicError::Write)
    }
}

fn pack_all<W: Write + Seek>(
    kind: Kind,
    files: Vec<DataFile<'_>>,
    out: W,
    algorithms: &[DigestAlgorithm],
) -> Result<Packed<W>, CadesError> {
    check(kind, &files)?;
    let mut zip = ZipWriter::new(out);
    write_member(
        &mut zip,
        MIMETYPE,
        kind.media_type().as_bytes(),
        CompressionMethod::Stored,
    )?;
    let mut packed = Packed {
        zip: None,
        kind,
        names: Vec::new(),
        digests: Vec::new(),
        media_types: Vec::new(),
        manifest: None,
    };
    for file in files {
        packed.names.push(file.name.clone());
        packed.media_types.push(file.media_type.clone());
        packed.digests.push(pack(&mut zip, file, algorithms)?);
    }
    packed.zip = Some(zip);
    Ok(packed)
}

fn check(kind: Kind, files: &[DataFile<'_>]) -> Result<(), AsicError> {
    if files.is_empty() || (kind == Kind::Simple && files.len() != 1) {
        return Err(AsicError::OneFile(files.len()));
    }
    let mut names = HashSet::new();
    for file in files {
        check_name(&file.name)?;
        let folded = file.name.to_lowercase();
        if folded == MIMETYPE || folded.starts_with(&META_INF.to_lowercase()) {
            return Err(AsicError::Name {
                name: file.name.clone(),
                why: "it is one of the container's own",
            });
        }
        if !names.insert(folded) {
            return Err(AsicError::Twice(file.name.clone()));
        }
    }
    Ok(())
}

/// Packs one file and gives its digests.
fn pack<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    file: DataFile<'_>,
    algorithms: &[DigestAlgorithm],
) -> Result<Vec<Digest>, CadesError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(file.len >= LARGE);
    zip.start_file(file.name.as_str(), options)
        .map_err(AsicError::writing)?;
    let mut hashing = Hashing {
        inner: file.content,
        hashers: distinct(algorithms),
        len: 0,
        failed: None,
    };
    if let Err(e) = std::io::copy(&mut hashing, zip) {
        return Err(match hashing.failed {
            Some(reading) => CadesError::Read(reading),
            None => AsicError::Write(e).into(),
        });
    }
    if hashing.len != file.len {
        return Err(AsicError::Changed(file.name).into());
    }
    Ok(hashing.hashers.into_iter().map(Hasher::finish).collect())
}

fn distinct(algorithms: &[DigestAlgorithm]) -> Vec<Hasher> {
    let all: BTreeSet<DigestAlgorithm> = algorithms.iter().copied().collect();
    all.into_iter().map(DigestAlgorithm::hasher).collect()
}

/// A small file of the container's own.
pub(super) fn write_member<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    name: &str,
    content: &[u8],
    method: CompressionMethod,
) -> Result<(), AsicError> {
    let options = SimpleFileOptions::default().compression_method(method);
    zip.start_file(name, options).map_err(AsicError::writing)?;
    zip.write_all(content).map_err(AsicError::Write)
}

/// Hashes what passes through, and remembers whether it was reading that failed.
struct Hashing<'f> {
    inner: Box<dyn Read + 'f>,
    hashers: Vec<Hasher>,
    len: u64,
    failed: Option<std::io::Error>,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(n) => {
                for hasher in &mut self.hashers {
                    hasher.update(buffer.get(..n).unwrap_or_default());
                }
                self.len += n as u64;
                Ok(n)
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => Err(e),
            Err(e) => {
                let again = std::io::Error::from(e.kind());
                self.failed = Some(e);
                Err(again)
            }
        }
    }
}

//! Making a container (EN 319 162-1 clause 4.3.3 and 4.4.3). Each file is read once: it is hashed while
//! it is packed.

use std::collections::HashSet;
use std::io::{Read, Seek, Write};

use pki_crypto::{Digest, DigestAlgorithm, Hasher};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::manifest::{DataObject, Manifest};
use super::names::check_name;
use super::{AsicError, Kind, MANIFEST, META_INF, MIMETYPE, SIGNATURE};
use crate::cades::{self, CadesError, CadesOptions};
use crate::cms::build::CmsSigner;
use crate::tsp::{TimeStamper, Token};

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
    /// What the signature is over: of the file in ASiC-S, of the manifest in ASiC-E.
    pub digest: Digest,
    /// The signature-time-stamp, at level B-T.
    pub time_stamp: Option<Token>,
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
    check(kind, &files)?;
    let mut zip = ZipWriter::new(out);
    write_member(
        &mut zip,
        MIMETYPE,
        kind.media_type().as_bytes(),
        CompressionMethod::Stored,
    )?;
    let algorithm = signer.digest_algorithm();
    let mut objects = Vec::new();
    for file in files {
        objects.push(pack(&mut zip, file, algorithm)?);
    }
    let names: Vec<String> = objects.iter().map(|o| o.name.clone()).collect();
    let digest = match (kind, objects.as_slice()) {
        (
            Kind::Simple,
            [
                DataObject {
                    digest: Ok(digest), ..
                },
            ],
        ) => *digest,
        _ => {
            let manifest = Manifest {
                signature: SIGNATURE.into(),
                signature_type: Some(CADES_TYPE.into()),
                objects,
            }
            .to_xml();
            write_member(
                &mut zip,
                MANIFEST,
                manifest.as_bytes(),
                CompressionMethod::Deflated,
            )?;
            algorithm.digest(manifest.as_bytes())
        }
    };
    let (signature, time_stamp) = cades::sign_digest(digest, signer, options, time_stamper)?;
    write_member(&mut zip, SIGNATURE, &signature, CompressionMethod::Deflated)?;
    zip.finish()
        .map_err(AsicError::writing)?
        .flush()
        .map_err(AsicError::Write)?;
    Ok(AsicSignature {
        digest,
        time_stamp,
        files: names,
    })
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

/// Packs one file and gives its entry in the manifest.
fn pack<W: Write + Seek>(
    zip: &mut ZipWriter<W>,
    file: DataFile<'_>,
    algorithm: DigestAlgorithm,
) -> Result<DataObject, CadesError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(file.len >= LARGE);
    zip.start_file(file.name.as_str(), options)
        .map_err(AsicError::writing)?;
    let mut hashing = Hashing {
        inner: file.content,
        hasher: algorithm.hasher(),
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
    Ok(DataObject {
        name: file.name,
        media_type: file.media_type,
        digest: Ok(hashing.hasher.finish()),
        root: false,
    })
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
    hasher: Hasher,
    len: u64,
    failed: Option<std::io::Error>,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(n) => {
                self.hasher.update(buffer.get(..n).unwrap_or_default());
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

//! CAdES baseline signatures over any file (EN 319 122-1 clause 6): B-B and, with a time-stamp, B-T.
//!
//! The content is read once as a stream ([`sign_detached`]) or twice ([`sign_attached`]: to hash it
//! and to copy it), and never held in memory. [`prepare_file`] stops before the signature, which is
//! then made elsewhere.

mod belongs;
mod prepare;

pub mod archive;
pub mod archive_v2;
pub mod attributes;
mod extend;
mod long_term;
mod together;

use std::io::{self, Read, Seek, Write};

use pki_asn1::{UnixTime, oid};
use pki_crypto::{Digest, DigestAlgorithm};

use self::attributes::{PolicyStore, SignedProperties};
use crate::asic::AsicError;
use crate::cms::attribute::Attribute;
use crate::cms::build::{BuildError, CmsIdentity, CmsSigner, SignedCms};
use crate::tsp::{TimeStamper, Token, TspError};
use crate::validate::GatherError;

pub use belongs::is_signature_of;
pub use extend::{AddedValues, ExtendedCms, extend_cms};
pub(crate) use extend::{add_values, raise};
pub use long_term::{LongTermCades, Packaging, sign_long_term};
pub(crate) use long_term::{check_signer, raise_new};
pub use prepare::{PreparedFile, prepare_file};
pub(crate) use together::add_signer;
pub use together::{Which, add_signature, countersign};

/// What a CAdES signature says besides the signature.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CadesOptions {
    /// The claimed signing time (EN 319 122-1 clause 6.3 demands it).
    pub signing_time: UnixTime,
    /// What the signature says besides.
    pub properties: SignedProperties,
    /// The policy document, to be kept with the signature.
    pub policy_store: Option<PolicyStore>,
}

impl CadesOptions {
    /// Signed at this time.
    #[must_use]
    pub fn new(signing_time: UnixTime) -> Self {
        Self {
            signing_time,
            properties: SignedProperties::default(),
            policy_store: None,
        }
    }
}

/// What was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CadesSignature {
    /// The digest of the content.
    pub digest: Digest,
    /// The signature-time-stamp, at level B-T.
    pub time_stamp: Option<Token>,
}

/// Why no CAdES signature was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CadesError {
    /// The content could not be read.
    #[error("the content cannot be read")]
    Read(#[source] io::Error),
    /// The signature could not be written, or the content changed meanwhile.
    #[error("the signature cannot be written")]
    Write(#[source] io::Error),
    /// The content is not the one that a signature was prepared for.
    #[error("the file is not the one that was prepared")]
    Changed,
    /// The signature that is there cannot be read.
    #[error("the signature that is there cannot be read")]
    Existing(#[source] GatherError),
    /// The signature that is there stands in the way.
    #[error("{0}")]
    Refused(String),
    /// The container.
    #[error(transparent)]
    Asic(#[from] AsicError),
    /// The content is elsewhere.
    #[error("the signature does not hold its content, and the content was not given")]
    ContentMissing,
    /// The content is not that of the signature.
    #[error("the content is not the one that is signed already")]
    OtherContent,
    /// The signature itself.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The time-stamp.
    #[error(transparent)]
    TimeStamp(#[from] TspError),
}

impl CadesError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Build(e) => e.hint(),
            Self::TimeStamp(e) => e.hint(),
            Self::Changed => Some("give the file as it was, or prepare it again".into()),
            Self::Existing(e) => e.hint(),
            Self::Asic(e) => e.hint(),
            Self::ContentMissing => Some("give the file that is signed with --content".into()),
            Self::OtherContent => {
                Some("give the file as it was signed, or sign it apart from the others".into())
            }
            Self::Read(_) | Self::Write(_) | Self::Refused(_) => None,
        }
    }
}

/// Signs `content` and writes the signature alone. Level B-T with a time-stamper, else B-B.
///
/// # Errors
/// See [`CadesError`]; nothing is written before the signature is complete.
pub fn sign_detached(
    content: &mut dyn Read,
    out: &mut dyn Write,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<CadesSignature, CadesError> {
    let (digest, _) = hash(content, signer.digest_algorithm())?;
    let (signed, time_stamp) = sign(digest, signer, options, time_stamper)?;
    out.write_all(&signed.detached())
        .map_err(CadesError::Write)?;
    Ok(CadesSignature { digest, time_stamp })
}

/// Signs `content`, from where it stands to its end, and writes the signature with the content in
/// it. Level B-T with a time-stamper, else B-B.
///
/// # Errors
/// As [`sign_detached`]; also where the content changes between the two readings.
pub fn sign_attached<C: Read + Seek>(
    content: &mut C,
    out: &mut dyn Write,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<CadesSignature, CadesError> {
    let start = content.stream_position().map_err(CadesError::Read)?;
    let (digest, len) = hash(content, signer.digest_algorithm())?;
    let (signed, time_stamp) = sign(digest, signer, options, time_stamper)?;
    content
        .seek(io::SeekFrom::Start(start))
        .map_err(CadesError::Read)?;
    write_attached(&signed, content, len, &digest, out)?;
    Ok(CadesSignature { digest, time_stamp })
}

/// Copies the content into the signature; what is embedded must be what was signed.
fn write_attached(
    signed: &SignedCms<'_>,
    content: &mut dyn Read,
    len: u64,
    digest: &Digest,
    out: &mut dyn Write,
) -> Result<(), CadesError> {
    let mut copied = Hashing {
        inner: content,
        hasher: digest.algorithm().hasher(),
    };
    signed
        .write_attached(&mut copied, len, out)
        .map_err(CadesError::Write)?;
    if copied.hasher.finish() != *digest {
        return Err(CadesError::Write(io::Error::new(
            io::ErrorKind::InvalidData,
            "the content changed while it was signed",
        )));
    }
    Ok(())
}

/// The detached signature over content of this digest.
pub(crate) fn sign_digest(
    digest: Digest,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<(Vec<u8>, Option<Token>), CadesError> {
    let (signed, token) = sign(digest, signer, options, time_stamper)?;
    Ok((signed.detached(), token))
}

fn sign<'s>(
    digest: Digest,
    signer: &'s CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<(SignedCms<'s>, Option<Token>), CadesError> {
    let attributes = signed_attributes(signer, options)?;
    let mut signed = signer
        .prepare(oid::CT_DATA, &digest, &attributes)?
        .sign(signer.key())?;
    keep_policy(&mut signed, options)?;
    finish(signed, time_stamper)
}

/// The signed attributes beside those that every signature has.
fn signed_attributes(
    identity: &CmsIdentity,
    options: &CadesOptions,
) -> Result<Vec<Attribute>, BuildError> {
    let mut all = vec![
        Attribute::signing_time(options.signing_time)?,
        identity.algorithm_protection(),
    ];
    all.extend(options.properties.attributes()?);
    Ok(all)
}

/// The policy document beside the signature.
fn keep_policy(signed: &mut SignedCms<'_>, options: &CadesOptions) -> Result<(), BuildError> {
    if let Some(store) = &options.policy_store {
        signed.add_unsigned(store.attribute()?);
    }
    Ok(())
}

/// The signature with its time-stamp, where one is wanted.
fn finish<'s>(
    mut signed: SignedCms<'s>,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<(SignedCms<'s>, Option<Token>), CadesError> {
    let token = time_stamper
        .map(|t| t.time_stamp(&t.digest_algorithm().digest(signed.signature())))
        .transpose()?;
    if let Some(token) = &token {
        signed.add_unsigned(Attribute::signature_time_stamp(token.der()));
    }
    Ok((signed, token))
}

fn hash(content: &mut dyn Read, algorithm: DigestAlgorithm) -> Result<(Digest, u64), CadesError> {
    let mut hasher = algorithm.hasher();
    let mut buffer = vec![0; 1 << 16];
    let mut len = 0;
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finish(), len)),
            Ok(n) => {
                hasher.update(&buffer[..n]);
                len += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(CadesError::Read(e)),
        }
    }
}

/// Hashes what passes through.
struct Hashing<'r> {
    inner: &'r mut dyn Read,
    hasher: pki_crypto::Hasher,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..n]);
        Ok(n)
    }
}

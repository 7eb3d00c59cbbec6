//! Signing at levels B-LT and B-LTA in one go: the signature, its time-stamp, the validation data of both
//! and the archive time-stamp over all (EN 319 122-1 clause 6).

use std::io::Write;
use std::sync::Arc;

use pdf_file::Source;
use pki_crypto::Digest;

use super::extend::{ExtendedCms, raise};
use super::{CadesError, CadesOptions, sign_digest};
use crate::cms::build::CmsSigner;
use crate::cms::original::OriginalSignedData;
use crate::evidence::{Material, Role, Subject};
use crate::extend::{ExtendError, ExtendOptions, Services};
use crate::tsp::Token;
use crate::validate::Content;

/// Where the content is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Packaging {
    /// Apart.
    #[default]
    Detached,
    /// Inside the signature.
    Attached,
}

/// A file that was signed for long.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LongTermCades {
    /// The digest of the content.
    pub digest: Digest,
    /// The signature-time-stamp.
    pub time_stamp: Option<Token>,
    /// The archive time-stamp, at level B-LTA.
    pub archive: Option<Token>,
}

/// Signs `content` at [`ExtendOptions::to`] and writes the signature. `known` is whom to trust and what is
/// at hand.
///
/// That the signer's certificate can be proven is found out before the key is asked for anything, and
/// nothing is written before everything is there.
///
/// # Errors
/// See [`ExtendError`].
#[allow(clippy::too_many_arguments, reason = "each is another party's")]
pub fn sign_long_term(
    content: &Arc<dyn Source>,
    packaging: Packaging,
    out: &mut dyn Write,
    signer: &CmsSigner,
    options: &CadesOptions,
    mut known: Material,
    services: &Services<'_>,
    level: &ExtendOptions,
) -> Result<LongTermCades, ExtendError> {
    let authority = services
        .time_stamper
        .ok_or(ExtendError::NoAuthority { to: level.to })?;
    check_signer(signer, &mut known, services)?;
    let shared = Content::Ranges(
        Arc::clone(content),
        core::iter::once(0..content.len()).collect(),
    )
    .shared();
    let digest = shared
        .digest(signer.digest_algorithm())
        .map_err(CadesError::Read)?
        .ok_or(CadesError::ContentMissing)?;
    let (signature, time_stamp) = sign_digest(digest, signer, options, Some(authority))?;
    let mut data = OriginalSignedData::from_bytes(signature)?;
    let made = raise(&mut data, &shared, known, services, level)?;
    if packaging == Packaging::Attached {
        data.attach(Arc::clone(content));
    }
    data.write(out).map_err(ExtendError::Write)?;
    Ok(LongTermCades {
        digest,
        time_stamp,
        archive: made.archive.into_iter().next(),
    })
}

/// Finds out whether the signer's certificate can be proven, before its key is asked for anything.
pub(crate) fn check_signer(
    signer: &CmsSigner,
    known: &mut Material,
    services: &Services<'_>,
) -> Result<(), ExtendError> {
    known.pool.extend(signer.chain().iter().cloned());
    let subject = Subject {
        certificate: signer.certificate().clone(),
        at: services.clock.now(),
        role: Role::Signer,
    };
    services.collector.collect(&[subject], known)?;
    Ok(())
}

/// Raises a detached signature that was just made.
pub(crate) fn raise_new(
    signature: &[u8],
    content: &Content,
    known: Material,
    services: &Services<'_>,
    level: &ExtendOptions,
) -> Result<(Vec<u8>, ExtendedCms), ExtendError> {
    let mut data = OriginalSignedData::from_bytes(signature)?;
    let made = raise(&mut data, content, known, services, level)?;
    Ok((data.to_vec().map_err(ExtendError::Write)?, made))
}

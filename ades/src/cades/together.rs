//! Several signers of one content: parallel signatures beside those that are there, and
//! counter-signatures over them (RFC 5652 section 5.1 and 11.4, EN 319 122-1 clause 5.2.7).
//!
//! What is there keeps its octets; only the sets around it grow.

use std::io::Write;
use std::sync::Arc;

use pdf_file::Source;
use pki_asn1::oid;
use pki_path::CertificatePool;

use super::extend::has_archive_over_sets;
use super::{CadesError, CadesOptions, CadesSignature, finish, keep_policy, signed_attributes};
use crate::cms::attribute::Attribute;
use crate::cms::build::{BuildError, CmsSigner};
use crate::cms::original::{OriginalSignedData, OriginalSigner};
use crate::cms::parse::SignedData;
use crate::tsp::TimeStamper;
use crate::validate::{
    Check, Content, GatherError, check_signer, cms_content, has_records, open_cms,
};

/// Whom to counter-sign.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Which {
    /// Every signer.
    #[default]
    All,
    /// One of them, from 0.
    One(usize),
}

/// Adds a signer to the signature in `source`, whose content is inside or given. Level B-T with a
/// time-stamper, else B-B.
///
/// # Errors
/// [`CadesError::OtherContent`] where those who signed before signed something else; see
/// [`CadesError`]. Nothing is written before the signature is complete.
pub fn add_signature(
    source: &Arc<dyn Source>,
    content: Option<&Arc<dyn Source>>,
    out: &mut dyn Write,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<CadesSignature, CadesError> {
    let mut data = open_cms(source).map_err(CadesError::Existing)?;
    let content = cms_content(&data, content).map_err(CadesError::Existing)?;
    let made = add_signer(&mut data, &content, signer, options, time_stamper)?;
    data.write(out).map_err(CadesError::Write)?;
    Ok(made)
}

/// As [`add_signature`], in `data`.
pub(crate) fn add_signer(
    data: &mut OriginalSignedData,
    content: &Content,
    signer: &CmsSigner,
    options: &CadesOptions,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<CadesSignature, CadesError> {
    let parsed = existing(data)?;
    for one in &parsed.signers {
        let facts = check_signer(&parsed, one, content, &CertificatePool::default());
        if let Check::Failed(_) = facts.digest {
            return Err(CadesError::OtherContent);
        }
    }
    let digest = content
        .digest(signer.digest_algorithm())
        .map_err(CadesError::Read)?
        .ok_or(CadesError::ContentMissing)?;
    let attributes = signed_attributes(signer, options)?;
    let content_type = data.content_type().unwrap_or(oid::CT_DATA);
    let mut signed = signer
        .prepare(content_type, &digest, &attributes)?
        .sign(signer.key())?;
    keep_policy(&mut signed, options)?;
    let (signed, time_stamp) = finish(signed, time_stamper)?;
    let added = OriginalSigner::from_der(&signed.signer_info())
        .map_err(|e| CadesError::Existing(GatherError::NotSigned(e)))?;
    data.add_signer(added, signer.digest_identifier());
    embed(data, signer);
    Ok(CadesSignature { digest, time_stamp })
}

/// Counter-signs signers of the signature in `source`. Their content is not needed. Gives what was made
/// for each.
///
/// # Errors
/// [`CadesError::Refused`] where a signature that is there is not intact, or no such signer exists.
pub fn countersign(
    source: &Arc<dyn Source>,
    out: &mut dyn Write,
    signer: &CmsSigner,
    options: &CadesOptions,
    which: Which,
    time_stamper: Option<&dyn TimeStamper>,
) -> Result<Vec<CadesSignature>, CadesError> {
    let mut data = open_cms(source).map_err(CadesError::Existing)?;
    let parsed = existing(&data)?;
    let chosen: Vec<usize> = match which {
        Which::All => (0..parsed.signers.len()).collect(),
        Which::One(index) if index < parsed.signers.len() => vec![index],
        Which::One(index) => {
            return Err(CadesError::Refused(format!(
                "there is no signature {}: the file has {}",
                index.saturating_add(1),
                parsed.signers.len()
            )));
        }
    };
    let attributes = signed_attributes(signer, options)?;
    let mut made = Vec::new();
    for index in chosen {
        let Some(one) = parsed.signers.get(index) else {
            continue;
        };
        // Nobody vouches for a signature that is broken.
        let facts = check_signer(&parsed, one, &Content::Missing, &CertificatePool::default());
        if one.signed_attributes_der.is_some()
            && let Check::Failed(why) | Check::NotPossible(why) = &facts.signature
        {
            return Err(CadesError::Refused(format!(
                "signature {} is not counter-signed: {why}",
                index + 1
            )));
        }
        let digest = signer.digest_algorithm().digest(&one.signature);
        let mut signed = signer
            .prepare_countersignature(&digest, &attributes)?
            .sign(signer.key())?;
        keep_policy(&mut signed, options)?;
        let (signed, time_stamp) = finish(signed, time_stamper)?;
        if let Some(target) = data.signer_mut(index) {
            target.add_unsigned(&Attribute::new(
                oid::ATTR_COUNTERSIGNATURE,
                &signed.signer_info(),
            ));
        }
        made.push(CadesSignature { digest, time_stamp });
    }
    if made.is_empty() {
        return Err(CadesError::Refused(
            "there is no signature that could be counter-signed".into(),
        ));
    }
    data.add_digest_algorithm(signer.digest_identifier());
    embed(&mut data, signer);
    data.write(out).map_err(CadesError::Write)?;
    Ok(made)
}

fn existing(data: &OriginalSignedData) -> Result<SignedData, CadesError> {
    let parsed = data
        .signed_data()
        .map_err(|e| CadesError::Existing(GatherError::NotSigned(e)))?;
    if has_archive_over_sets(data) {
        return Err(CadesError::Refused(
            "an archive time-stamp of an earlier form covers the certificates of the signature as a whole, and would be broken".into(),
        ));
    }
    if has_records(data) {
        return Err(CadesError::Refused(
            "an evidence record in the signature covers all of it but itself, and would not hold any more".into(),
        ));
    }
    Ok(parsed)
}

fn embed(data: &mut OriginalSignedData, signer: &CmsSigner) {
    data.add_certificate(signer.certificate().der());
    for certificate in signer.chain() {
        data.add_certificate(certificate.der());
    }
}

impl From<der::Error> for CadesError {
    fn from(error: der::Error) -> Self {
        Self::Build(BuildError::Der(error))
    }
}

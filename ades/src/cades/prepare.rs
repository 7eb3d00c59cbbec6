//! A CAdES signature in two steps, for a key that is elsewhere.
//!
//! [`prepare_file`] hashes the content and gives what is to be signed; the content is needed once more
//! only where it goes into the signature, or to be sure that it has not changed.

use std::io::{self, Read, Seek, Write};

use serde::{Deserialize, Serialize};

use super::{
    CadesError, CadesOptions, CadesSignature, finish, hash, signed_attributes, write_attached,
};
use crate::cms::build::CmsIdentity;
use crate::cms::prepare::ToBeSigned;
use crate::encoding::base64_bytes;
use crate::tsp::TimeStamper;

/// A CAdES signature that lacks nothing but its value. Holds no secret; can be kept as JSON.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreparedFile {
    /// Octets of the content.
    pub input_length: u64,
    /// [`ToBeSigned::message`]
    #[serde(with = "base64_bytes")]
    signed_attributes: Vec<u8>,
}

/// Prepares the signature of `content`, from where it stands to its end.
///
/// # Errors
/// Where the content cannot be read.
pub fn prepare_file(
    content: &mut dyn Read,
    identity: &CmsIdentity,
    options: &CadesOptions,
) -> Result<PreparedFile, CadesError> {
    let (digest, input_length) = hash(content, identity.digest_algorithm())?;
    let attributes = signed_attributes(identity, options)?;
    let to_be_signed = identity.prepare(pki_asn1::oid::CT_DATA, &digest, &attributes)?;
    Ok(PreparedFile {
        input_length,
        signed_attributes: to_be_signed.message().to_vec(),
    })
}

impl PreparedFile {
    /// What the key of `identity` is to sign.
    ///
    /// # Errors
    /// Where it was prepared for another certificate, or is damaged.
    pub fn to_be_signed<'s>(
        &self,
        identity: &'s CmsIdentity,
    ) -> Result<ToBeSigned<'s>, CadesError> {
        Ok(identity.restore(&self.signed_attributes)?.0)
    }

    /// Writes the signature alone; `content` has to be what was prepared. Level B-T with a
    /// time-stamper, else B-B.
    ///
    /// # Errors
    /// [`CadesError::Changed`] where the content is another one; nothing is written before the
    /// signature is verified with the certificate's key, and complete.
    pub fn complete_detached(
        &self,
        content: &mut dyn Read,
        out: &mut dyn Write,
        identity: &CmsIdentity,
        signature: &[u8],
        time_stamper: Option<&dyn TimeStamper>,
    ) -> Result<CadesSignature, CadesError> {
        let (to_be_signed, expected) = identity.restore(&self.signed_attributes)?;
        let signed = to_be_signed.complete(signature)?;
        let (digest, len) = hash(content, identity.digest_algorithm())?;
        if (&digest, len) != (&expected, self.input_length) {
            return Err(CadesError::Changed);
        }
        let (signed, time_stamp) = finish(signed, time_stamper)?;
        out.write_all(&signed.detached())
            .map_err(CadesError::Write)?;
        Ok(CadesSignature { digest, time_stamp })
    }

    /// Writes the signature with the content in it, from where `content` stands to its end.
    ///
    /// # Errors
    /// As [`PreparedFile::complete_detached`].
    pub fn complete_attached<C: Read + Seek>(
        &self,
        content: &mut C,
        out: &mut dyn Write,
        identity: &CmsIdentity,
        signature: &[u8],
        time_stamper: Option<&dyn TimeStamper>,
    ) -> Result<CadesSignature, CadesError> {
        let (to_be_signed, expected) = identity.restore(&self.signed_attributes)?;
        let signed = to_be_signed.complete(signature)?;
        let start = content.stream_position().map_err(CadesError::Read)?;
        let (digest, len) = hash(content, identity.digest_algorithm())?;
        if (&digest, len) != (&expected, self.input_length) {
            return Err(CadesError::Changed);
        }
        let (signed, time_stamp) = finish(signed, time_stamper)?;
        content
            .seek(io::SeekFrom::Start(start))
            .map_err(CadesError::Read)?;
        write_attached(&signed, content, len, &digest, out)?;
        Ok(CadesSignature { digest, time_stamp })
    }
}

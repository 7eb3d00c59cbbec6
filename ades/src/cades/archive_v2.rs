//! archive-time-stamp-v2 (TS 101 733 clause 6.4.1, RFC 5126 section 6.4.1), which nobody makes any more: the
//! imprint is over encapContentInfo, the content where that is elsewhere, the sets of certificates and
//! revocation values, and everything in the SignerInfo that was there, each with its header.
//!
//! The standard leaves open whether the header of the unsigned attributes is among it; both are tried.

use std::collections::BTreeSet;
use std::io;

use pki_asn1::write;
use pki_crypto::{Digest, DigestAlgorithm, Hasher};

use crate::cms::original::{OriginalSignedData, OriginalSigner};
use crate::cms::parse::CmsError;

/// Content that is not in the signature, given to whoever hashes it; says whether it is at hand.
pub type Outside<'c> = &'c dyn Fn(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<bool>;

/// The beginning of all imprints of a signature: encapContentInfo and the content; `None` where that is not
/// at hand.
///
/// # Errors
/// Where it cannot be read.
pub fn beginning(
    data: &OriginalSignedData,
    content: Outside<'_>,
    algorithm: DigestAlgorithm,
) -> io::Result<Option<Hasher>> {
    let mut hasher = algorithm.hasher();
    data.write_encapsulated(&mut hasher)?;
    let is_there = data.content().is_some()
        || content(&mut |part: &[u8]| {
            hasher.update(part);
            Ok(())
        })?;
    Ok(is_there.then_some(hasher))
}

/// What the imprint may be of a time-stamp that was made when the unsigned values at `later` were not there
/// yet.
///
/// # Errors
/// Where an unsigned attribute is malformed.
pub fn imprints(
    data: &OriginalSignedData,
    signer: &OriginalSigner,
    beginning: &Hasher,
    later: &BTreeSet<usize>,
) -> Result<Vec<Digest>, CmsError> {
    let mut hasher = beginning.clone();
    hasher.update(&data.sets());
    hasher.update(signer.signed_fields());
    let unsigned = signer.unsigned_without(later)?;
    if unsigned.is_empty() {
        return Ok(vec![hasher.finish()]);
    }
    let with = |inside: &[u8]| -> Digest {
        let mut hasher = hasher.clone();
        hasher.update(inside);
        hasher.finish()
    };
    let bare = unsigned.concat();
    let whole = write::tlv(write::context(1), &[&bare]);
    Ok(vec![with(&whole), with(&bare)])
}

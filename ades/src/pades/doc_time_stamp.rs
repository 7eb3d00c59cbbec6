//! Document time-stamps (EN 319 142-1 clause 5.4.3; ISO 32000-2, 12.8.5): a token of RFC 3161 over
//! the whole document, in a signature field of its own.

use pdf_file::OpenOptions;
use pki_asn1::UnixTime;
use pki_crypto::DigestAlgorithm;

use super::growing::Growing;
use super::layout::Layout;
use super::plan::Plan;
use super::{MAX_TRIES, PadesError, PadesOptions};
use crate::tsp::{TimeStamper, Token};

/// The `/SubFilter` of a document time-stamp.
pub const SUB_FILTER: &str = "ETSI.RFC3161";
/// What a document is hashed with for a time-stamp, until it is known who makes it: every authority
/// takes it.
const IMPRINT: DigestAlgorithm = DigestAlgorithm::Sha256;

/// What a document is hashed with for the time-stamps of this authority.
pub(super) fn imprint(authority: Option<&dyn TimeStamper>) -> DigestAlgorithm {
    authority.map_or(IMPRINT, TimeStamper::digest_algorithm)
}

/// A document time-stamp that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentTimeStamp {
    /// The full name of its field.
    pub field: String,
    /// The token.
    pub token: Token,
}

/// Adds one revision with a time-stamp over everything before it. `document` hashes with
/// [`imprint`].
pub(super) fn add(
    document: &mut Growing<'_>,
    reopen: &OpenOptions,
    authority: &dyn TimeStamper,
) -> Result<DocumentTimeStamp, PadesError> {
    let pdf = document.reopen(reopen)?;
    // The token says when.
    let options = PadesOptions::new(UnixTime::EPOCH);
    let plan = Plan::document_time_stamp(&pdf, &options)?;
    let mut room = authority.expected_len();
    for _ in 0..MAX_TRIES {
        let mut layout = Layout::new(plan.lay_out(room)?)?;
        let imprint = layout.digest(document.hasher(authority.digest_algorithm())?);
        let token = authority.time_stamp(&imprint)?;
        if let Err(needed) = layout.fill(token.der()) {
            // The next one may be a little longer.
            room = needed + 256;
            continue;
        }
        document.append(layout.bytes())?;
        return Ok(DocumentTimeStamp {
            field: plan.field,
            token,
        });
    }
    Err(PadesError::Room { tries: MAX_TRIES })
}

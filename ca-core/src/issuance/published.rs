//! A certificate whose RESULT is on the disk: it may be handed out, and responders know it.

use pki_asn1::Certificate;

/// A released certificate.
pub(crate) struct Published {
    pub(crate) certificate: Certificate,
    /// The journal's sequence number of the RESULT.
    pub(crate) seq: u64,
}

//! A certificate that is what was recorded and verifies, and that nobody outside has seen.

use pki_asn1::{Certificate, UnixTime};

use super::linted::sha256;
use super::{Published, Recorded};
use crate::store::{Act, Change, Completion, Store, StoreError};

/// A checked certificate.
pub(crate) struct Verified {
    pub(super) recorded: Recorded,
    pub(super) certificate: Certificate,
}

impl Verified {
    /// Writes RESULT with the certificate, waits for the disk, and releases it.
    pub(crate) fn publish(
        self,
        store: &dyn Store,
        at: UnixTime,
        actors: &[String],
    ) -> Result<Published, StoreError> {
        let seq = store.commit(Change {
            at,
            actors: actors.to_vec(),
            act: Act::Complete(Completion {
                intent_seq: self.recorded.seq(),
                authority: self.recorded.authority,
                serial: self.recorded.serial,
                fingerprint: sha256(self.certificate.der()),
                certificate: self.certificate.der().to_vec(),
            }),
            mandate: None,
        })?;
        Ok(Published {
            certificate: self.certificate,
            seq,
        })
    }
}

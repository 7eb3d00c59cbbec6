//! A signature that nobody has checked yet. Tokens fail, and a wrong certificate must never leave.

use pki_asn1::Certificate;
use pki_crypto::Message;

use super::linted::sha256;
use super::{Recorded, Verified};
use crate::certificate::assemble;

/// What the CA key returned.
pub(crate) struct Signed {
    pub(super) recorded: Recorded,
    pub(super) signature: Vec<u8>,
}

impl Signed {
    /// Assembles the certificate, reads it back, compares its to-be-signed bytes with the recorded
    /// ones, and verifies the signature with the CA's public key. The error says what differs.
    pub(crate) fn verify(self) -> Result<Verified, &'static str> {
        let r = &self.recorded;
        let certificate = assemble(&r.tbs, &r.algorithm, &self.signature)
            .and_then(Certificate::from_der)
            .map_err(|_| "the signed certificate does not decode")?;
        if certificate.tbs_der() != r.tbs || sha256(certificate.tbs_der()) != r.tbs_sha256 {
            return Err("the signed bytes are not the recorded ones");
        }
        r.issuer_key
            .verify(
                r.issuer_algorithm,
                Message::Bytes(certificate.tbs_der()),
                certificate.signature(),
            )
            .map_err(|_| "the signature does not verify with the CA's public key")?;
        Ok(Verified {
            recorded: self.recorded,
            certificate,
        })
    }
}

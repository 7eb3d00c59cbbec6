//! Who may ask, where requests are to be signed (RFC 6960 section 4.1.2).
//!
//! A request counts as signed by a requestor where the signature verifies with a certificate that is one
//! of the configured ones or was issued directly by one of them, is valid now, and may sign; and where
//! the name it gives, a distinguished name, is that certificate's subject. The work is bounded: no paths
//! are built, a certificate is looked at only if a configured one has its issuer's name, and at most two
//! signatures are verified for a request.

use der::Decode;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};
use spki::AlgorithmIdentifierOwned;

use crate::protocol::request::RequestSignature;
use crate::protocol::signature::SignatureParts;

/// The certificates that requestors' certificates are, or come from.
#[derive(Debug)]
pub struct Requestors(Vec<Certificate>);

/// Why a signed request is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotARequestor {
    /// The signature, or the name, is not written as the RFC says.
    #[error("the request's signature is malformed")]
    Malformed,
    /// No certificate that came along is, or was issued by, a configured one.
    #[error("no certificate of the request comes from a configured one")]
    Stranger,
    /// The signature, or that on the certificate, is wrong.
    #[error("a signature does not verify")]
    Signature,
    /// Another name than the certificate's.
    #[error("the requestor's name is not the subject of its certificate")]
    Name,
    /// Expired, not yet valid, or not for signatures.
    #[error("the requestor's certificate cannot sign now")]
    Certificate,
}

impl Requestors {
    /// Those of these certificates, and those whom they certified.
    #[must_use]
    pub fn new(certificates: Vec<Certificate>) -> Self {
        Self(certificates)
    }

    /// Whether the request was signed by one of them.
    ///
    /// # Errors
    /// [`NotARequestor`].
    pub fn check(&self, signed: &RequestSignature<'_>, now: UnixTime) -> Result<(), NotARequestor> {
        let parts = signed.parts().map_err(|_| NotARequestor::Malformed)?;
        let certificate = self.certificate(&parts)?;
        // "If the request is signed, the requestor SHALL specify its name in the requestorName field."
        if signed.requestor_directory_name() != Some(certificate.subject_der()) {
            return Err(NotARequestor::Name);
        }
        let may_sign = certificate
            .key_usage()
            .is_none_or(|usage| usage.digital_signature());
        if !certificate.is_valid_at(now) || !may_sign {
            return Err(NotARequestor::Certificate);
        }
        let algorithm = AlgorithmIdentifierOwned::from_der(parts.algorithm)
            .map_err(|_| NotARequestor::Malformed)?;
        verify(&certificate, &algorithm, signed.tbs, parts.value)
    }

    /// The first certificate of the request that is ours or comes from us.
    fn certificate(&self, parts: &SignatureParts<'_>) -> Result<Certificate, NotARequestor> {
        for der in &parts.certificates {
            if let Some(known) = self.0.iter().find(|known| known.der() == *der) {
                return Ok(known.clone());
            }
            let certificate = Certificate::from_der(*der).map_err(|_| NotARequestor::Malformed)?;
            let issuer = self
                .0
                .iter()
                .find(|known| known.subject_der() == certificate.issuer_der());
            if let Some(issuer) = issuer {
                verify(
                    issuer,
                    certificate.signature_algorithm(),
                    certificate.tbs_der(),
                    certificate.signature(),
                )?;
                return Ok(certificate);
            }
        }
        Err(NotARequestor::Stranger)
    }
}

fn verify(
    by: &Certificate,
    algorithm: &AlgorithmIdentifierOwned,
    signed: &[u8],
    value: &[u8],
) -> Result<(), NotARequestor> {
    let wrong = NotARequestor::Signature;
    let algorithm = SignatureAlgorithm::from_identifier(algorithm).map_err(|_| wrong)?;
    let key = PublicKey::in_use(by.spki_der()).map_err(|_| wrong)?;
    key.verify(algorithm, Message::Bytes(signed), value)
        .map_err(|_| wrong)
}

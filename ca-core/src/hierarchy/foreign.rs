//! Another provider's CA, from its certificate or its request: whom a cross-certificate is for.

use der::{Decode as _, Encode as _};
use pki_asn1::Certificate;
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::name::Name;

use super::HierarchyError;
use crate::request::CertificationRequest;

/// A CA whose key is nowhere in this record.
#[derive(Clone, Debug)]
pub struct ForeignCa {
    pub(crate) name: Name,
    pub(crate) key: PublicKey,
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) path_length: Option<u8>,
}

impl ForeignCa {
    /// From the CA's own certificate. A self-signed one must verify, which proves possession of the key;
    /// of any other only its issuer could prove that.
    ///
    /// # Errors
    /// [`HierarchyError::Foreign`] where it is no CA, or its name or key cannot be carried.
    pub fn from_certificate(certificate: &Certificate) -> Result<Self, HierarchyError> {
        let wrong = |reason: String| HierarchyError::Foreign(reason);
        if !certificate.is_ca() {
            return Err(wrong("it is no CA certificate (basicConstraints)".into()));
        }
        if certificate
            .key_usage()
            .is_some_and(|usage| !usage.key_cert_sign())
        {
            return Err(wrong("its key may not sign certificates (keyUsage)".into()));
        }
        let key = PublicKey::in_use(certificate.spki_der())
            .map_err(|e| wrong(format!("its key cannot be used: {e}")))?;
        if certificate.subject_der() == certificate.issuer_der() {
            let algorithm = SignatureAlgorithm::from_identifier(certificate.signature_algorithm())
                .map_err(|e| wrong(e.to_string()))?;
            key.verify(
                algorithm,
                Message::Bytes(certificate.tbs_der()),
                certificate.signature(),
            )
            .map_err(|_| wrong("it is self-issued, and its signature does not verify".into()))?;
        }
        let basic = certificate.ext::<BasicConstraints>();
        Ok(Self {
            name: carried(certificate.subject_der())?,
            key,
            key_id: certificate
                .subject_key_id()
                .map(|id| id.as_bytes().to_vec()),
            path_length: basic.ok().flatten().and_then(|b| b.path_len_constraint),
        })
    }

    /// From a PKCS#10 request of the CA, possession of the key proven.
    ///
    /// # Errors
    /// [`HierarchyError::Foreign`] where its name cannot be carried.
    pub fn from_request(request: &CertificationRequest) -> Result<Self, HierarchyError> {
        Ok(Self {
            name: carried(request.subject_der())?,
            key: request.public_key().clone(),
            key_id: None,
            path_length: None,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }
}

/// A name that comes out of our encoder as it went in: what the CA issues names its issuer octet for
/// octet.
fn carried(der: &[u8]) -> Result<Name, HierarchyError> {
    let failed = |reason: String| HierarchyError::Foreign(reason);
    let name = Name::from_der(der).map_err(|e| failed(format!("its name: {e}")))?;
    if name.is_empty() {
        return Err(failed("it has no name".into()));
    }
    match name.to_der() {
        Ok(again) if again == der => Ok(name),
        _ => Err(failed("its name is not DER".into())),
    }
}

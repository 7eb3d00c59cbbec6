//! The adopted authority as the judge of foreign certificates and CRLs: its name and its key.

use pki_asn1::{Certificate, CertificateList, name};
use pki_crypto::{KeyError, Message, PublicKey, SignatureAlgorithm};
use x509_cert::name::Name;

/// Why something foreign is not the authority's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// Not the structure it should be.
    #[error("it does not decode: {0}")]
    Malformed(String),
    /// Another issuer's name.
    #[error("it names another issuer, {0}")]
    Issuer(String),
    /// Signed in a way nobody here can check.
    #[error("its signature cannot be checked: {0}")]
    Algorithm(String),
    /// Signed with another key.
    #[error("its signature does not verify with the authority's key")]
    Signature,
    /// A CRL of changes only.
    #[error("it is a delta CRL, which says only what changed since another one")]
    Delta,
    /// A cRLNumber that nobody can go on from.
    #[error("its cRLNumber is missing or too large to go on from")]
    CrlNumber,
    /// A critical extension nobody here knows.
    #[error("it has a critical extension {0} that is not understood")]
    Critical(String),
}

/// An authority's name and public key.
#[derive(Clone, Debug)]
pub struct ForeignIssuer {
    name: Name,
    key: PublicKey,
}

impl ForeignIssuer {
    /// The authority that this certificate is of.
    ///
    /// # Errors
    /// Where its key cannot be used.
    pub fn new(certificate: &Certificate) -> Result<Self, KeyError> {
        Ok(Self {
            name: certificate.subject().clone(),
            key: PublicKey::in_use(certificate.spki_der())?,
        })
    }

    /// Reads a certificate that names this authority.
    ///
    /// # Errors
    /// Where it does not decode or names another issuer.
    pub fn read(&self, der: Vec<u8>) -> Result<Certificate, ForeignError> {
        let certificate = Certificate::from_der(der).map_err(malformed)?;
        self.check_name(certificate.issuer())?;
        Ok(certificate)
    }

    /// Checks that this authority issued a certificate.
    ///
    /// # Errors
    /// Where it is another's.
    pub fn check(&self, certificate: &Certificate) -> Result<(), ForeignError> {
        self.check_name(certificate.issuer())?;
        let algorithm = SignatureAlgorithm::from_identifier(certificate.signature_algorithm());
        self.check_signature(algorithm, certificate.tbs_der(), certificate.signature())
    }

    pub(super) fn check_crl(&self, list: &CertificateList) -> Result<(), ForeignError> {
        self.check_name(list.issuer())?;
        let algorithm = SignatureAlgorithm::from_identifier(list.signature_algorithm());
        self.check_signature(algorithm, list.tbs_der(), list.signature())
    }

    fn check_name(&self, issuer: &Name) -> Result<(), ForeignError> {
        if name::matches(issuer, &self.name) {
            Ok(())
        } else {
            Err(ForeignError::Issuer(name::DisplayName(issuer).to_string()))
        }
    }

    fn check_signature(
        &self,
        algorithm: Result<SignatureAlgorithm, pki_crypto::UnsupportedAlgorithm>,
        tbs: &[u8],
        signature: &[u8],
    ) -> Result<(), ForeignError> {
        let algorithm = algorithm.map_err(|e| ForeignError::Algorithm(e.to_string()))?;
        self.key
            .verify(algorithm, Message::Bytes(tbs), signature)
            .map_err(|e| match e {
                pki_crypto::VerifyError::Invalid => ForeignError::Signature,
                other => ForeignError::Algorithm(other.to_string()),
            })
    }
}

impl ForeignError {
    /// Whether nothing is known to be wrong: it only cannot be checked here.
    #[must_use]
    pub fn is_unchecked(&self) -> bool {
        matches!(self, Self::Algorithm(_))
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "get the file again from the other product",
            Self::Issuer(_) => "import it into the authority that issued it",
            Self::Algorithm(_) => {
                "it is recorded by its serial number where the index or a CRL names it"
            }
            Self::Signature => {
                "it was changed, or comes from another authority of the same name: find out which"
            }
            Self::Delta => "give the full CRL that it belongs to, or a newer one",
            Self::CrlNumber => {
                "have the other product issue a full CRL with a cRLNumber (RFC 5280 section 5.2.3)"
            }
            Self::Critical(_) => "give a full CRL without it",
        }
    }
}

pub(super) fn malformed(error: der::Error) -> ForeignError {
    ForeignError::Malformed(error.to_string())
}

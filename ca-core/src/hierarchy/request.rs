//! PKCS#10 requests of our own CAs (RFC 2986), for a root whose key is on another machine. A CA key
//! signs one only after the journal holds its digest.

use der::Encode as _;
use hsm_pkcs11::SignError;
use pki_asn1::write;
use pki_crypto::{Message, PublicKey};
use spki::AlgorithmIdentifierOwned;
use x509_cert::name::Name;

use crate::authority::CaKey;
use crate::certificate::assemble;
use crate::error::CaError;
use crate::issuance::sha256;

/// A request nobody has signed.
pub(crate) struct RequestDraft {
    info: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
}

/// A request whose digest is in the journal.
pub(crate) struct RecordedRequest(RequestDraft);

impl RequestDraft {
    /// `CertificationRequestInfo` as defined in RFC 2986 section 4.1, without attributes: the root's
    /// operator decides on the extensions.
    ///
    /// ```text
    /// CertificationRequestInfo ::= SEQUENCE {
    ///     version       INTEGER { v1(0) },
    ///     subject       Name,
    ///     subjectPKInfo SubjectPublicKeyInfo,
    ///     attributes    [0] Attributes }
    /// ```
    pub(crate) fn new(subject: &Name, key: &CaKey) -> Result<Self, CaError> {
        let subject = subject
            .to_der()
            .map_err(CaError::encoding("the certification request"))?;
        let algorithm = key
            .algorithm()
            .to_identifier()
            .map_err(CaError::Algorithm)?;
        let info = write::tlv(
            write::SEQUENCE,
            &[
                &write::small_integer(0),
                &subject,
                key.public_key().spki_der(),
                &write::tlv(write::context(0), &[]),
            ],
        );
        Ok(Self { info, algorithm })
    }

    /// SHA-256 of the octets that will be signed.
    pub(crate) fn info_sha256(&self) -> [u8; 32] {
        sha256(&self.info)
    }

    /// Once the journal holds [`Self::info_sha256`].
    pub(crate) fn recorded(self) -> RecordedRequest {
        RecordedRequest(self)
    }
}

impl RecordedRequest {
    /// The octets to sign.
    pub(crate) fn info(&self) -> &[u8] {
        &self.0.info
    }

    /// Has the key sign, verifies, and returns the request (DER).
    pub(crate) fn sign(self, key: &CaKey) -> Result<Vec<u8>, RequestFailure> {
        let signature = key.sign_request(&self).map_err(RequestFailure::Sign)?;
        let public: &PublicKey = key.public_key();
        public
            .verify(key.algorithm(), Message::Bytes(self.info()), &signature)
            .map_err(|_| RequestFailure::Verify("the request's signature does not verify"))?;
        assemble(self.info(), &self.0.algorithm, &signature)
            .map_err(|_| RequestFailure::Verify("the signed request cannot be encoded"))
    }
}

/// Why a recorded request was not made.
pub(crate) enum RequestFailure {
    Sign(SignError),
    Verify(&'static str),
}

//! The parameters of RSASSA-PSS (RFC 4055 section 3.1, RFC 8017 appendix A.2.3).

use der::Sequence;
use der::asn1::Any;
use pki_asn1::oid;
use spki::AlgorithmIdentifierOwned;

use crate::algorithm::UnsupportedAlgorithm;
use crate::digest::DigestAlgorithm;

/// What an RSASSA-PSS signature depends on besides its key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PssParameters {
    /// The digest of the message.
    pub digest: DigestAlgorithm,
    /// The digest inside MGF1.
    pub mask: DigestAlgorithm,
    /// Octets of salt.
    pub salt_len: u16,
}

impl PssParameters {
    /// One digest for everything and a salt of its length: what is written here and nearly everywhere.
    #[must_use]
    pub const fn usual(digest: DigestAlgorithm) -> Self {
        Self {
            digest,
            mask: digest,
            salt_len: digest.output_len() as u16,
        }
    }

    pub(crate) fn encode(self) -> der::Result<Any> {
        let hash = self.digest.identifier_with_null();
        let mask = self.mask.identifier_with_null();
        Any::encode_from(&Encoded {
            mask_gen: Some(AlgorithmIdentifierOwned {
                oid: oid::MGF1,
                parameters: Some(Any::encode_from(&mask)?),
            }),
            hash: Some(hash),
            // DER omits a value equal to its default.
            salt_length: Some(self.salt_len).filter(|n| *n != 20),
            trailer_field: None,
        })
    }

    pub(crate) fn read(id: &AlgorithmIdentifierOwned) -> Result<Self, UnsupportedAlgorithm> {
        use UnsupportedAlgorithm::PssParameters as Bad;
        let parameters = id.parameters.as_ref().ok_or(Bad("absent"))?;
        let p: Encoded = parameters.decode_as().map_err(|_| Bad("malformed"))?;
        let digest = match &p.hash {
            None => DigestAlgorithm::Sha1,
            Some(h) => {
                DigestAlgorithm::from_oid(&h.oid).ok_or(UnsupportedAlgorithm::Digest(h.oid))?
            }
        };
        let mask = match &p.mask_gen {
            None => DigestAlgorithm::Sha1,
            Some(m) if m.oid == oid::MGF1 => {
                let inner = m
                    .parameters
                    .as_ref()
                    .and_then(|a| a.decode_as::<AlgorithmIdentifierOwned>().ok())
                    .ok_or(Bad("mask generation function"))?;
                DigestAlgorithm::from_oid(&inner.oid)
                    .ok_or(UnsupportedAlgorithm::Digest(inner.oid))?
            }
            Some(_) => return Err(Bad("mask generation function is not MGF1")),
        };
        if p.trailer_field.unwrap_or(1) != 1 {
            return Err(Bad("trailer field is not 1"));
        }
        Ok(Self {
            digest,
            mask,
            salt_len: p.salt_length.unwrap_or(20),
        })
    }
}

/// `RSASSA-PSS-params` as defined in RFC 4055 section 3.1. The fields are read as they stand and the
/// defaults (SHA-1, salt 20) applied by the reader.
///
/// ```text
/// RSASSA-PSS-params ::= SEQUENCE {
///     hashAlgorithm     [0] HashAlgorithm    DEFAULT sha1Identifier,
///     maskGenAlgorithm  [1] MaskGenAlgorithm DEFAULT mgf1SHA1Identifier,
///     saltLength        [2] INTEGER          DEFAULT 20,
///     trailerField      [3] INTEGER          DEFAULT 1 }
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Sequence)]
struct Encoded {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    hash: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mask_gen: Option<AlgorithmIdentifierOwned>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    salt_length: Option<u16>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    trailer_field: Option<u8>,
}

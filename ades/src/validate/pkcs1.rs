//! A PDF signature without CMS: a PKCS#1 value in /Contents, certificates in /Cert (ISO 32000-1,
//! 12.8.3.2, /SubFilter adbe.x509.rsa_sha1).

use std::sync::Arc;

use pki_asn1::Certificate;
use pki_crypto::{DigestAlgorithm, Message, PublicKey, SignatureAlgorithm, VerifyError};

use super::facts::{Check, SignedFacts, SignerFacts, SigningCertificateAttribute};
use super::signer::Content;
use crate::cms::parse::ber::{self, Tlv};
use crate::cms::parse::{CmsError, Encoding, Limits};
use crate::text;
use crate::text::Text;

const OCTET_STRING: u8 = 0x04;
/// The digests that ISO 32000-1 names for this form; the value tells which one it was only to who has the
/// key. SHA-1 first: what cannot be told is taken for it.
const DIGESTS: [DigestAlgorithm; 4] = [
    DigestAlgorithm::Sha1,
    DigestAlgorithm::Sha256,
    DigestAlgorithm::Sha384,
    DigestAlgorithm::Sha512,
];

/// The value: an OCTET STRING, with nothing but zeros after it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Value {
    pub(crate) signature: Vec<u8>,
    /// What follows it.
    pub(crate) trailing: Vec<u8>,
}

/// Reads /Contents.
pub(crate) fn value(contents: &[u8]) -> Result<Value, CmsError> {
    let normal = ber::normalize(contents, &Limits::default())?;
    let string = Tlv::only(&normal.der)?;
    if string.tag != OCTET_STRING || normal.encoding != Encoding::Definite {
        return Err(CmsError::Malformed("it is no OCTET STRING"));
    }
    Ok(Value {
        signature: string.value.to_vec(),
        trailing: (contents.get(normal.consumed..))
            .unwrap_or_default()
            .to_vec(),
    })
}

/// Checks the signature over `content` with the key of the first certificate, which is the signer's.
///
/// # Errors
/// Where there is no certificate.
pub(super) fn check(
    signature: &[u8],
    certificates: &[Certificate],
    content: &Content,
) -> Result<SignerFacts, Text> {
    let certificate = certificates
        .first()
        .ok_or("/Cert is missing or holds no certificate")?;
    let mut facts = SignerFacts {
        digest: Check::Ok,
        signature: Check::NotPossible("not checked".into()),
        certificate: Some(certificate.clone()),
        named: certificate.display_subject().to_string(),
        attribute: SigningCertificateAttribute::Absent,
        certificate_digest: None,
        digest_algorithm: Some(DigestAlgorithm::Sha1),
        signature_algorithm: None,
        algorithm_names: (String::new(), String::new()),
        key: None,
        signing_time: None,
        problems: Vec::new(),
        signed: SignedFacts {
            value: Arc::from(signature),
            ..SignedFacts::default()
        },
    };
    verify(&mut facts, signature, certificate, content);
    if let Some(algorithm) = facts.signature_algorithm {
        facts.digest_algorithm = algorithm.digest();
    }
    let name = |name: Option<String>| name.unwrap_or_default();
    facts.algorithm_names = (
        name(facts.digest_algorithm.map(|d| d.to_string())),
        name(facts.signature_algorithm.map(|s| s.to_string())),
    );
    Ok(facts)
}

fn verify(facts: &mut SignerFacts, signature: &[u8], certificate: &Certificate, content: &Content) {
    let key = match PublicKey::from_spki_der(certificate.spki_der()) {
        Ok(key) => key,
        Err(e) => {
            facts.signature = Check::NotPossible((&e).into());
            return;
        }
    };
    facts.key = Some(key.kind());
    for algorithm in DIGESTS {
        let digest = match content.digest(algorithm) {
            Ok(Some(digest)) => digest,
            Ok(None) => {
                facts.digest = Check::NotPossible("the signed content is not at hand".into());
                return;
            }
            Err(e) => {
                facts.digest = Check::NotPossible(text!("the signed bytes cannot be read: {}", e));
                return;
            }
        };
        let rsa = SignatureAlgorithm::RsaPkcs1(algorithm);
        let verified = key.verify(rsa, Message::Digest(&digest), signature);
        let fits = verified.is_ok();
        if fits || facts.signature_algorithm.is_none() {
            facts.signature_algorithm = Some(rsa);
            facts.signed.content = Some(digest);
            facts.signed.representation = Some(digest);
            facts.signature = match verified {
                Ok(()) => Check::Ok,
                Err(e @ VerifyError::Unsupported { .. }) => Check::NotPossible((&e).into()),
                Err(e) => Check::Failed((&e).into()),
            };
        }
        if fits {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_octet_string_is_a_value() {
        let read = value(&[4, 2, 7, 8, 0, 0]).unwrap();
        assert_eq!(
            (read.signature.as_slice(), read.trailing.as_slice()),
            (&[7, 8][..], &[0, 0][..])
        );
        for odd in [
            &[][..],
            &[4, 2, 7],
            &[3, 1, 0],
            &[0x30, 0],
            &[0x24, 0x80, 4, 1, 7, 0, 0],
        ] {
            assert!(value(odd).is_err(), "{odd:?}");
        }
    }
}

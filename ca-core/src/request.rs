//! PKCS#10 certification requests (RFC 2986): only the public key is taken, and only after proof of
//! possession over the original bytes. The subject comes from registration, not from the applicant.

use der::{Decode, Tag};
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::raw::{SignedParts, tlv_range, value_range};
use pki_asn1::{name, pem};
use pki_crypto::{
    DigestAlgorithm, KeyError, Message, PublicKey, SignatureAlgorithm, UnsupportedAlgorithm,
};
use x509_cert::name::Name;

/// A request whose signature was verified with the key in it.
#[derive(Clone, Debug)]
pub struct CertificationRequest {
    public_key: PublicKey,
    subject: Vec<(ObjectIdentifier, String)>,
    subject_der: Vec<u8>,
    info_sha256: [u8; 32],
}

/// Why a request is not acceptable.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Larger than any request.
    #[error("the request has {0} octets, more than the {MAX_SIZE} any key needs")]
    TooLarge(usize),
    /// Neither PEM nor DER of a CertificationRequest.
    #[error("not a PKCS#10 certification request: {0}")]
    Malformed(String),
    /// PEM of something else.
    #[error("the file holds a PEM block {0:?}, not a certification request")]
    OtherPem(String),
    /// Two requests: nobody can tell which is meant.
    #[error("the file holds {0} certification requests")]
    Several(usize),
    /// A version other than v1.
    #[error("the request is not of version 1 (RFC 2986 section 4.1)")]
    Version,
    /// The key cannot be used.
    #[error("the key in the request cannot be used")]
    Key(#[from] KeyError),
    /// The signature algorithm cannot be used.
    #[error("the signature of the request cannot be checked")]
    Algorithm(#[from] UnsupportedAlgorithm),
    /// The signature is over a digest for which collisions are made.
    #[error("the request is signed with SHA-1, which proves nothing any more")]
    Sha1,
    /// The signature was not made with the key in the request.
    #[error("the request is not signed by the key it asks to certify")]
    ProofOfPossession,
}

/// An RSA-16384 request has 4.5 kB; attributes may add some.
const MAX_SIZE: usize = 64 * 1024;
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

impl CertificationRequest {
    /// Reads a request (PEM or DER) and verifies proof of possession over its original bytes.
    ///
    /// # Errors
    /// Where it is malformed, uses algorithms not supported, or is not signed by its own key.
    pub fn parse(input: &[u8]) -> Result<Self, RequestError> {
        if input.len() > MAX_SIZE {
            return Err(RequestError::TooLarge(input.len()));
        }
        if !pem::is_pem(input) {
            return Self::from_der(input);
        }
        let blocks = pem::blocks(input).map_err(|e| RequestError::Malformed(e.to_string()))?;
        let requests: Vec<_> = blocks
            .iter()
            .filter(|b| LABELS.contains(&b.label.as_str()))
            .collect();
        match requests.as_slice() {
            [request] => Self::from_der(&request.der),
            [] => Err(RequestError::OtherPem(
                blocks.first().map_or_else(String::new, |b| b.label.clone()),
            )),
            several => Err(RequestError::Several(several.len())),
        }
    }

    fn from_der(der: &[u8]) -> Result<Self, RequestError> {
        let parts = SignedParts::parse(der).map_err(malformed)?;
        if !parts.rest.is_empty() {
            return Err(RequestError::Malformed("data after the signature".into()));
        }
        let info_sha256 = crate::issuance::sha256(&der[parts.tbs.clone()]);
        let info = Info::parse(&der[parts.tbs.clone()]).map_err(malformed)?;
        if info.version != [0] {
            return Err(RequestError::Version);
        }
        let public_key = PublicKey::in_use(info.spki)?;
        let algorithm = SignatureAlgorithm::from_identifier(&parts.signature_algorithm)?;
        match algorithm.digest() {
            Some(DigestAlgorithm::Sha1) => return Err(RequestError::Sha1),
            Some(DigestAlgorithm::Md5) => {
                return Err(UnsupportedAlgorithm::Digest(DigestAlgorithm::Md5.oid()).into());
            }
            _ => {}
        }
        public_key
            .verify(
                algorithm,
                Message::Bytes(&der[parts.tbs]),
                &der[parts.signature],
            )
            .map_err(|_| RequestError::ProofOfPossession)?;
        Ok(Self {
            public_key,
            subject: name::attributes(&info.subject).collect(),
            subject_der: info.subject_der.to_vec(),
            info_sha256,
        })
    }

    /// The key that asked.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The name the applicant wrote, octet for octet (DER).
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.subject_der
    }

    /// SHA-256 of the `CertificationRequestInfo`.
    #[must_use]
    pub fn info_sha256(&self) -> [u8; 32] {
        self.info_sha256
    }

    /// The subject the applicant wrote, for comparison; the operator's subject is issued.
    #[must_use]
    pub fn subject(&self) -> &[(ObjectIdentifier, String)] {
        &self.subject
    }
}

impl RequestError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Malformed(_) | Self::Version | Self::TooLarge(_) => {
                "make a new one, for example with `openssl req -new -key KEY`".into()
            }
            Self::OtherPem(_) => "give the file that begins with CERTIFICATE REQUEST".into(),
            Self::Key(_) => "use an EC P-256 or P-384, RSA-3072 or larger, or Ed25519 key".into(),
            Self::Several(_) => "give one file for each request".into(),
            Self::Algorithm(_) | Self::Sha1 => "sign the request with SHA-256 or stronger; with RSA-PSS, use a salt as long as the digest".into(),
            Self::ProofOfPossession => {
                "the request was changed on its way or signed with another key; ask the applicant for \
                 a new one"
                    .into()
            }
        })
    }
}

/// `CertificationRequestInfo` as defined in RFC 2986 section 4.1; attributes are checked to be there
/// and not read.
struct Info<'a> {
    version: &'a [u8],
    subject: Name,
    subject_der: &'a [u8],
    spki: &'a [u8],
}

impl<'a> Info<'a> {
    fn parse(der: &'a [u8]) -> der::Result<Self> {
        let inside = value_range(der, Tag::Sequence)?;
        let version = tlv_range(der, inside.start)?;
        let content = value_range(&der[version.clone()], Tag::Integer)?;
        let subject = tlv_range(der, version.end)?;
        let spki = tlv_range(der, subject.end)?;
        if spki.end != inside.end {
            let attributes = tlv_range(der, spki.end)?;
            if der[attributes.start] != 0xA0 || attributes.end != inside.end {
                return Err(Tag::Sequence.value_error().into());
            }
        }
        Ok(Self {
            version: &der[version.start + content.start..version.start + content.end],
            subject: Name::from_der(&der[subject.clone()])?,
            subject_der: &der[subject],
            spki: &der[spki],
        })
    }
}

fn malformed(error: der::Error) -> RequestError {
    RequestError::Malformed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::process::{Command, Stdio};

    fn openssl_request(config: &[&str]) -> Option<Vec<u8>> {
        let mut args = vec![
            "req",
            "-new",
            "-nodes",
            "-keyout",
            "/dev/null",
            "-outform",
            "DER",
        ];
        args.extend(config);
        match Command::new("openssl")
            .args(args)
            .stderr(Stdio::null())
            .output()
        {
            Ok(out) if out.status.success() => Some(out.stdout),
            _ => {
                eprintln!("skipped: openssl not found");
                None
            }
        }
    }

    const P256: [&str; 6] = [
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-subj",
        "/C=MC/CN=x",
    ];

    #[test]
    fn a_request_changed_on_its_way_fails_proof_of_possession() {
        let Some(der) = openssl_request(&P256) else {
            return;
        };
        let request = CertificationRequest::parse(&der).unwrap();
        assert_eq!(request.subject()[1].1, "x");
        let at = der.windows(3).position(|w| w == [0x0c, 1, b'x']).unwrap();
        let mut changed = der.clone();
        changed[at + 2] = b'y';
        let error = CertificationRequest::parse(&changed).unwrap_err();
        assert_eq!(error, RequestError::ProofOfPossession);
    }

    #[test]
    fn no_cut_or_flipped_byte_panics_or_passes() {
        let Some(der) = openssl_request(&P256) else {
            return;
        };
        for i in 0..der.len() {
            assert!(CertificationRequest::parse(&der[..i]).is_err());
            let mut changed = der.clone();
            changed[i] ^= 0x55;
            assert!(CertificationRequest::parse(&changed).is_err(), "octet {i}");
        }
    }

    #[test]
    fn a_request_over_sha1_and_two_requests_at_once_are_refused() {
        let sha1: Vec<_> = P256.iter().copied().chain(["-sha1"]).collect();
        let (Some(der), Some(weak)) = (openssl_request(&P256), openssl_request(&sha1)) else {
            return;
        };
        let error = CertificationRequest::parse(&weak).unwrap_err();
        assert_eq!(error, RequestError::Sha1);
        let text = pem::encode("CERTIFICATE REQUEST", &der).unwrap();
        assert!(CertificationRequest::parse(text.as_bytes()).is_ok());
        let error = CertificationRequest::parse(text.repeat(2).as_bytes()).unwrap_err();
        assert_eq!(error, RequestError::Several(2));
    }

    #[test]
    fn a_certificate_given_instead_is_named() {
        let text = pem::encode("CERTIFICATE", &[0x30, 0]).unwrap();
        let error = CertificationRequest::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error, RequestError::OtherPem("CERTIFICATE".into()));
    }
}

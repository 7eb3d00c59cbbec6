//! The identifiers of algorithms in XML signatures (XML Signature 1.1 section 6, RFC 9231).

use pki_crypto::{DigestAlgorithm, ForeignKey, KeyKind, PssParameters, SignatureAlgorithm};
use roxmltree::Node;

use super::{DS, SignatureError};
use crate::xml::{child, shorten, text};

const PSS: &str = "http://www.w3.org/2007/05/xmldsig-more#";

/// The digest algorithm of this URI.
#[must_use]
pub fn digest_from_uri(uri: &str) -> Option<DigestAlgorithm> {
    use DigestAlgorithm::{Sha1, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512};
    Some(match uri {
        "http://www.w3.org/2000/09/xmldsig#sha1" => Sha1,
        "http://www.w3.org/2001/04/xmldsig-more#sha224" => Sha224,
        "http://www.w3.org/2001/04/xmlenc#sha256" => Sha256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Sha384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => Sha512,
        "http://www.w3.org/2007/05/xmldsig-more#sha3-256" => Sha3_256,
        "http://www.w3.org/2007/05/xmldsig-more#sha3-384" => Sha3_384,
        "http://www.w3.org/2007/05/xmldsig-more#sha3-512" => Sha3_512,
        _ => return None,
    })
}

/// The algorithm of a ds:DigestMethod.
pub(super) fn digest_method(method: Node<'_, '_>) -> Result<DigestAlgorithm, SignatureError> {
    let uri = method.attribute("Algorithm").unwrap_or_default();
    digest_from_uri(uri).ok_or_else(|| SignatureError::Unsupported {
        what: "digest algorithm",
        uri: shorten(uri),
    })
}

/// The algorithm of a ds:SignatureMethod.
pub(super) fn signature_method(method: Node<'_, '_>) -> Result<SignatureAlgorithm, SignatureError> {
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
    let uri = method.attribute("Algorithm").unwrap_or_default();
    let unsupported = || SignatureError::Unsupported {
        what: "signature algorithm",
        uri: shorten(uri),
    };
    if uri == "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519" {
        return Ok(SignatureAlgorithm::Ed25519);
    }
    let (namespace, name) = uri.split_once('#').ok_or_else(unsupported)?;
    let known: &[&str] = match namespace {
        "http://www.w3.org/2000/09/xmldsig" => &["rsa-sha1"],
        "http://www.w3.org/2001/04/xmldsig-more" => &[
            "rsa-sha224",
            "rsa-sha256",
            "rsa-sha384",
            "rsa-sha512",
            "ecdsa-sha1",
            "ecdsa-sha224",
            "ecdsa-sha256",
            "ecdsa-sha384",
            "ecdsa-sha512",
        ],
        "http://www.w3.org/2007/05/xmldsig-more" => &[
            "rsa-pss",
            "sha1-rsa-MGF1",
            "sha224-rsa-MGF1",
            "sha256-rsa-MGF1",
            "sha384-rsa-MGF1",
            "sha512-rsa-MGF1",
            "sha3-256-rsa-MGF1",
            "sha3-384-rsa-MGF1",
            "sha3-512-rsa-MGF1",
        ],
        "http://www.w3.org/2021/04/xmldsig-more" => {
            &["ecdsa-sha3-256", "ecdsa-sha3-384", "ecdsa-sha3-512"]
        }
        _ => &[],
    };
    if !known.contains(&name) {
        return Err(unsupported());
    }
    if name == "rsa-pss" {
        return pss(method).map(SignatureAlgorithm::RsaPssWith);
    }
    let digest = |name: &str| {
        DigestAlgorithm::ALL
            .into_iter()
            .find(|d| xml_name(*d) == name)
            .ok_or_else(unsupported)
    };
    if let Some(name) = name.strip_suffix("-rsa-MGF1") {
        return digest(name).map(RsaPss);
    }
    match name.split_once('-') {
        Some(("rsa", name)) => digest(name).map(RsaPkcs1),
        Some(("ecdsa", name)) => digest(name).map(Ecdsa),
        _ => Err(unsupported()),
    }
}

fn xml_name(digest: DigestAlgorithm) -> &'static str {
    match digest {
        DigestAlgorithm::Sha1 => "sha1",
        DigestAlgorithm::Sha224 => "sha224",
        DigestAlgorithm::Sha256 => "sha256",
        DigestAlgorithm::Sha384 => "sha384",
        DigestAlgorithm::Sha512 => "sha512",
        DigestAlgorithm::Sha3_256 => "sha3-256",
        DigestAlgorithm::Sha3_384 => "sha3-384",
        DigestAlgorithm::Sha3_512 => "sha3-512",
        // Not among those looked for.
        DigestAlgorithm::Md5
        | DigestAlgorithm::Sha512_224
        | DigestAlgorithm::Sha512_256
        | DigestAlgorithm::Sha3_224
        | DigestAlgorithm::Shake256 => "",
    }
}

/// RSAPSSParams (RFC 9231 section 2.3.9): SHA-256 with a salt of its length where it says nothing.
fn pss(method: Node<'_, '_>) -> Result<PssParameters, SignatureError> {
    let malformed = || SignatureError::Malformed("the parameters of RSASSA-PSS are odd");
    let Some(parameters) = child(method, PSS, "RSAPSSParams") else {
        return Ok(PssParameters::usual(DigestAlgorithm::Sha256));
    };
    let digest = match child(parameters, DS, "DigestMethod") {
        Some(method) => digest_method(method)?,
        None => DigestAlgorithm::Sha256,
    };
    let mask = match child(parameters, PSS, "MaskGenerationFunction") {
        None => digest,
        Some(function) => {
            if function.attribute("Algorithm")
                != Some("http://www.w3.org/2007/05/xmldsig-more#MGF1")
            {
                return Err(malformed());
            }
            match child(function, DS, "DigestMethod") {
                Some(method) => digest_method(method)?,
                None => DigestAlgorithm::Sha256,
            }
        }
    };
    let number = |name: &str| {
        child(parameters, PSS, name)
            .map(|n| {
                text(n)
                    .and_then(|t| t.trim().parse::<u16>().ok())
                    .ok_or_else(malformed)
            })
            .transpose()
    };
    if number("TrailerField")?.is_some_and(|t| t != 1) {
        return Err(malformed());
    }
    Ok(PssParameters {
        digest,
        mask,
        salt_len: number("SaltLength")?.unwrap_or(digest.output_len() as u16),
    })
}

/// XML has an ECDSA signature as two numbers side by side (XML Signature 1.1 section 6.4.3), everything
/// else as `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3).
pub(super) fn to_der(algorithm: SignatureAlgorithm, key: KeyKind, value: &[u8]) -> Option<Vec<u8>> {
    if !matches!(algorithm, SignatureAlgorithm::Ecdsa(_)) {
        return Some(value.to_vec());
    }
    let half = match key {
        KeyKind::EcP256 | KeyKind::BrainpoolP256 => 32,
        KeyKind::EcP384 | KeyKind::BrainpoolP384 => 48,
        KeyKind::EcP521 => 66,
        KeyKind::Foreign(ForeignKey::Ec(curve)) => curve.field_len(),
        _ => return None,
    };
    if value.len() != 2 * half {
        return None;
    }
    let mut numbers = Vec::new();
    for number in value.chunks(half) {
        let from = number.iter().position(|b| *b != 0).unwrap_or(half - 1);
        let number = &number[from..];
        let padded = number.first().is_some_and(|b| b & 0x80 != 0);
        // Never more than 67 octets.
        numbers.extend([0x02, (number.len() + usize::from(padded)) as u8]);
        numbers.extend(padded.then_some(0));
        numbers.extend(number);
    }
    let mut out = vec![0x30];
    if numbers.len() > 127 {
        out.push(0x81);
    }
    out.push(numbers.len() as u8);
    out.extend(numbers);
    Some(out)
}

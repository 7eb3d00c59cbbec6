//! `AlgorithmIdentifier` and `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7, RFC 3279, RFC 5480,
//! RFC 8410) as they are written.

use pki_asn1::oid;

use crate::der::{BIT_STRING, INTEGER, OID, SEQUENCE, Tlv};

/// An algorithm identifier.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Algorithm<'a> {
    /// The whole SEQUENCE.
    pub(crate) raw: &'a [u8],
    /// Its OID (contents).
    pub(crate) oid: &'a [u8],
    /// Its parameters.
    pub(crate) parameters: Option<Tlv<'a>>,
}

impl<'a> Algorithm<'a> {
    pub(crate) fn parse(tlv: Tlv<'a>) -> Option<Self> {
        let mut parts = tlv.with(SEQUENCE)?.inside();
        let oid = parts.tagged(OID)?.value;
        let parameters = parts.next();
        parts.is_done().then_some(Self {
            raw: tlv.raw,
            oid,
            parameters,
        })
    }

    /// Whether it is one of the PKCS#1 v1.5 signatures, whose parameters must be NULL.
    pub(crate) fn is_rsa_pkcs1(&self) -> bool {
        // 1.2.840.113549.1.1.{2 MD2, 4 MD5, 5 SHA-1, 11 to 16 SHA-2}
        self.oid
            .strip_prefix(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1])
            .is_some_and(|rest| matches!(rest, [2 | 4 | 5 | 11..=16]))
    }

    /// Whether TS 119 312 lists it: RSA, ECDSA and EdDSA with SHA-2 or SHA-3, ML-DSA, SLH-DSA.
    pub(crate) fn is_listed(&self) -> bool {
        match self.oid {
            // 1.2.840.113549.1.1.{10 PSS, 11 to 16 SHA-2}
            [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 10..=16] => true,
            // 1.2.840.10045.4.3.{1 to 4}: ecdsa-with-SHA2
            [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 1..=4] => true,
            // 2.16.840.1.101.3.4.3.{9 to 12 ECDSA, 13 to 16 RSA with SHA-3, 17 to 46 PQ}
            [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 9..=46] => true,
            [0x2B, 0x65, 0x70 | 0x71] => true,
            _ => false,
        }
    }

    /// Whether it signs MD2, MD4, MD5 or SHA-1 digests.
    pub(crate) fn is_weak(&self) -> bool {
        let rsa = self
            .oid
            .strip_prefix(&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1])
            .is_some_and(|rest| matches!(rest, [2..=5]));
        let known = [
            oid::ECDSA_WITH_SHA1.as_bytes(),
            &[0x2A, 0x86, 0x48, 0xCE, 0x38, 4, 3],
        ];
        rsa || known.contains(&self.oid)
    }

    /// Whether its parameters are NULL for PKCS#1 v1.5, and absent for ECDSA, EdDSA and ML-DSA.
    pub(crate) fn parameters_are_right(&self) -> bool {
        if self.is_rsa_pkcs1() {
            return self
                .parameters
                .is_some_and(|p| p.tag == crate::der::NULL && p.value.is_empty());
        }
        !self.forbids_parameters() || self.parameters.is_none()
    }

    /// Whether a signature value (the BIT STRING's contents) has the shape that this algorithm gives it:
    /// two positive INTEGERs for ECDSA (RFC 3279 section 2.2.3), 64 octets for Ed25519 and 114 for Ed448
    /// (RFC 8032), something for the others.
    pub(crate) fn fits(&self, signature: &[u8]) -> bool {
        let Some((0, value)) = signature.split_first().map(|(unused, v)| (*unused, v)) else {
            return false;
        };
        match self.oid {
            [0x2B, 0x65, 0x70] => value.len() == 64,
            [0x2B, 0x65, 0x71] => value.len() == 114,
            [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, ..] => Tlv::whole_with(value, SEQUENCE)
                .and_then(Tlv::elements)
                .is_some_and(|parts| {
                    let number = |t: &Tlv<'_>| t.tag == INTEGER && positive(t.value).is_some();
                    parts.len() == 2 && parts.iter().all(number)
                }),
            _ => !value.is_empty(),
        }
    }

    /// Whether it is ECDSA or EdDSA, whose parameters must be absent.
    pub(crate) fn forbids_parameters(&self) -> bool {
        let ecdsa = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4];
        self.oid.starts_with(&ecdsa)
            || matches!(self.oid, [0x2B, 0x65, 0x70 | 0x71])
            // ML-DSA and SLH-DSA (RFC 9881, RFC 9909): 2.16.840.1.101.3.4.3.17 to 46.
            || matches!(self.oid, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17..=46])
    }
}

/// A public key.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Key<'a> {
    /// Its algorithm.
    pub(crate) algorithm: Algorithm<'a>,
    /// The key's octets, without the unused-bits octet.
    pub(crate) bits: &'a [u8],
    /// What is in there, where that is known.
    pub(crate) material: KeyMaterial<'a>,
}

/// The numbers of a public key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum KeyMaterial<'a> {
    /// RSA (also for RSASSA-PSS): modulus and exponent, big-endian, as written.
    Rsa {
        modulus: &'a [u8],
        exponent: &'a [u8],
    },
    /// A named curve (OID contents).
    Ec { curve: &'a [u8] },
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// Something else, or nothing that could be read.
    #[default]
    Other,
}

impl<'a> Key<'a> {
    pub(crate) fn parse(tlv: Tlv<'a>) -> Option<Self> {
        let mut parts = tlv.with(SEQUENCE)?.inside();
        let algorithm = Algorithm::parse(parts.next()?)?;
        let (unused, bits) = parts.tagged(BIT_STRING)?.value.split_first()?;
        if *unused != 0 || !parts.is_done() {
            return None;
        }
        let material = material(&algorithm, bits);
        Some(Self {
            algorithm,
            bits,
            material,
        })
    }

    /// Whether it is an RSA key.
    pub(crate) fn is_rsa(&self) -> bool {
        matches!(self.material, KeyMaterial::Rsa { .. })
    }

    /// Whether it is a key on a named curve (not Ed25519 and not X25519).
    pub(crate) fn is_ec(&self) -> bool {
        self.algorithm.oid == oid::EC_PUBLIC_KEY.as_bytes()
    }
}

fn material<'a>(algorithm: &Algorithm<'a>, bits: &'a [u8]) -> KeyMaterial<'a> {
    let is = |known: oid::ObjectIdentifier| algorithm.oid == known.as_bytes();
    if is(oid::RSA_ENCRYPTION) || is(oid::RSASSA_PSS) {
        let numbers = || {
            let mut parts = Tlv::whole_with(bits, SEQUENCE)?.inside();
            let modulus = positive(parts.tagged(INTEGER)?.value)?;
            let exponent = positive(parts.tagged(INTEGER)?.value)?;
            parts
                .is_done()
                .then_some(KeyMaterial::Rsa { modulus, exponent })
        };
        return numbers().unwrap_or_default();
    }
    match algorithm.oid {
        [0x2B, 0x65, 0x70] => KeyMaterial::Ed25519,
        [0x2B, 0x65, 0x71] => KeyMaterial::Ed448,
        _ if is(oid::EC_PUBLIC_KEY) => match algorithm.parameters {
            Some(Tlv {
                tag: OID, value, ..
            }) => KeyMaterial::Ec { curve: value },
            _ => KeyMaterial::Other,
        },
        _ => KeyMaterial::Other,
    }
}

/// INTEGER contents without the leading zero; `None` where it is negative, zero or has superfluous octets.
fn positive(value: &[u8]) -> Option<&[u8]> {
    if !crate::x690::integer_is_minimal(value) {
        return None;
    }
    match value {
        [0] => None,
        [0, rest @ ..] => Some(rest),
        [first, ..] if first & 0x80 == 0 => Some(value),
        _ => None,
    }
}

/// How many bits an unsigned number without leading zeros has.
pub(crate) fn bit_length(number: &[u8]) -> u64 {
    match number.first() {
        None => 0,
        Some(first) => number.len() as u64 * 8 - u64::from(first.leading_zeros()),
    }
}

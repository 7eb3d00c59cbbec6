//! RSA signatures that the library does not check: with SHA-3 or old digests, and RSASSA-PSS with
//! another salt or mask than usual (RFC 8017 sections 8.1.2, 8.2.2, 9.1 and 9.2). And the encodings
//! themselves, for tokens that only raise to the private exponent. Public keys only.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use der::asn1::{OctetStringRef, UintRef};
use der::{Decode as _, Encode as _};
use spki::AlgorithmIdentifierOwned;

use crate::digest::Digest;
use crate::pss::PssParameters;

/// Smallest modulus, in bits: whatever is shorter proves nothing.
const MIN_BITS: u32 = 1024;
/// Largest modulus, in bits.
const MAX_BITS: u32 = 8192;
/// Largest modulus with a public exponent of any length, in bits; as openssl has it.
const ANY_EXPONENT: u32 = 3072;
/// Longest public exponent with a longer modulus, in octets: raising to a longer one is work that only an
/// attacker orders.
const MAX_EXPONENT: usize = 8;
/// The longest public exponent that the library takes, in bits.
const LIBRARY_EXPONENT: u32 = 33;

/// `RSAPublicKey` as defined in RFC 8017 appendix A.1.1.
#[derive(der::Sequence)]
pub(crate) struct RsaPublicKey<'a> {
    pub(crate) modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

impl RsaPublicKey<'_> {
    /// Length of the modulus in bits.
    pub(crate) fn bits(&self) -> u32 {
        length(self.modulus)
    }

    /// Whether the library computes with such an exponent.
    fn is_usual(&self) -> bool {
        length(self.public_exponent) <= LIBRARY_EXPONENT
    }
}

fn length(value: UintRef<'_>) -> u32 {
    let bytes = value.as_bytes();
    bytes.first().map_or(0, |top| {
        (bytes.len() as u32).saturating_mul(8) - top.leading_zeros()
    })
}

/// Whether the library verifies with this `RSAPublicKey`, as far as its exponent is concerned.
pub(crate) fn is_usual(key: &[u8]) -> bool {
    RsaPublicKey::from_der(key).is_ok_and(|key| key.is_usual())
}

/// Why it was not verified.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Failed {
    /// The key's size or exponent is out of bounds.
    Bounds,
    /// The signature is wrong.
    Signature,
}

/// RSASSA-PKCS1-v1_5: the encoded message is made again and compared, so there is one encoding only.
pub(crate) fn verify_pkcs1(key: &[u8], digest: &Digest, signature: &[u8]) -> Result<(), Failed> {
    let (opened, _) = open(key, signature)?;
    let expected = emsa_pkcs1(digest, opened.len()).ok_or(Failed::Signature)?;
    (opened == expected).then_some(()).ok_or(Failed::Signature)
}

/// RSASSA-PSS (RFC 8017 section 9.1.2).
pub(crate) fn verify_pss(
    key: &[u8],
    parameters: PssParameters,
    digest: &Digest,
    signature: &[u8],
) -> Result<(), Failed> {
    let (opened, bits) = open(key, signature)?;
    let em_bits = bits as usize - 1;
    // Where the modulus has one bit more than whole octets, the encoded message is an octet shorter.
    let skipped = opened.len() - em_bits.div_ceil(8);
    let (above, em) = opened.split_at(skipped);
    let (h_len, salt_len) = (digest.as_bytes().len(), usize::from(parameters.salt_len));
    let wrong = Err(Failed::Signature);
    if above.iter().any(|b| *b != 0) || em.len() < h_len + salt_len + 2 || em.last() != Some(&0xbc)
    {
        return wrong;
    }
    let (masked, rest) = em.split_at(em.len() - h_len - 1);
    let h = &rest[..h_len];
    let unused = 8 * em.len() - em_bits;
    let mut db = masked.to_vec();
    if db[0].checked_shr(8 - unused as u32).unwrap_or(0) != 0 {
        return wrong;
    }
    for (byte, mask) in db.iter_mut().zip(mgf1(parameters, h, masked.len())) {
        *byte ^= mask;
    }
    db[0] &= 0xff >> unused;
    let (padding, salt) = db.split_at(db.len() - salt_len);
    let Some((1, zeros)) = padding.split_last() else {
        return wrong;
    };
    if zeros.iter().any(|b| *b != 0) {
        return wrong;
    }
    let mut hasher = parameters.digest.hasher();
    hasher.update(&[0; 8]);
    hasher.update(digest.as_bytes());
    hasher.update(salt);
    (hasher.finish().as_bytes() == h)
        .then_some(())
        .ok_or(Failed::Signature)
}

/// The signature raised to the public exponent, as long as the modulus, and the modulus' bits.
fn open(key: &[u8], signature: &[u8]) -> Result<(Vec<u8>, u32), Failed> {
    let key = RsaPublicKey::from_der(key).map_err(|_| Failed::Bounds)?;
    let bits = key.bits();
    let e = key.public_exponent.as_bytes();
    // With an even exponent nothing can be signed, with 1 anybody can.
    let sound = length(key.public_exponent) > 1 && e.last().is_some_and(|low| low & 1 == 1);
    let short = e.len() <= MAX_EXPONENT
        || (bits <= ANY_EXPONENT && e.len() <= key.modulus.as_bytes().len());
    if !(MIN_BITS..=MAX_BITS).contains(&bits) || !sound || !short {
        return Err(Failed::Bounds);
    }
    let len = bits.div_ceil(8) as usize;
    if signature.len() != len {
        return Err(Failed::Signature);
    }
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, bits).map_err(|_| Failed::Bounds);
    let n = number(key.modulus.as_bytes())?;
    let s = number(signature).map_err(|_| Failed::Signature)?;
    if s >= n {
        return Err(Failed::Signature);
    }
    let n = Option::from(Odd::new(n)).ok_or(Failed::Bounds)?;
    let params = BoxedMontyParams::new_vartime(n);
    let e = BoxedUint::from_be_slice_vartime(e);
    let m = BoxedMontyForm::new(s, &params).pow(&e).retrieve();
    // Whole machine words, of which the modulus may leave some octets unused.
    let words = m.to_be_bytes();
    Ok((words[words.len() - len..].to_vec(), bits))
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): what is raised to the private exponent of a modulus of `len`
/// octets; `None` where the digest does not fit.
#[must_use]
pub fn emsa_pkcs1(digest: &Digest, len: usize) -> Option<Vec<u8>> {
    #[derive(der::Sequence)]
    struct DigestInfo<'a> {
        digest_algorithm: AlgorithmIdentifierOwned,
        digest: &'a OctetStringRef,
    }
    let info = DigestInfo {
        digest_algorithm: digest.algorithm().identifier_with_null(),
        digest: OctetStringRef::new(digest.as_bytes()).ok()?,
    }
    .to_der()
    .ok()?;
    let padding = len.checked_sub(info.len() + 3).filter(|n| *n >= 8)?;
    let mut out = vec![0, 1];
    out.resize(2 + padding, 0xff);
    out.push(0);
    out.extend_from_slice(&info);
    Some(out)
}

/// EMSA-PSS (RFC 8017 section 9.1.1): what is raised to the private exponent of a modulus of `bits`
/// bits, as long as the modulus; `None` where digest and salt do not fit, or the salt has not the
/// length that `parameters` say.
#[must_use]
pub fn emsa_pss(
    parameters: PssParameters,
    digest: &Digest,
    bits: u32,
    salt: &[u8],
) -> Option<Vec<u8>> {
    let em_bits = (bits as usize).checked_sub(1)?;
    let em_len = em_bits.div_ceil(8);
    let h_len = digest.as_bytes().len();
    let padding = em_len.checked_sub(h_len + salt.len() + 2)?;
    if salt.len() != usize::from(parameters.salt_len) {
        return None;
    }
    let mut hasher = parameters.digest.hasher();
    hasher.update(&[0; 8]);
    hasher.update(digest.as_bytes());
    hasher.update(salt);
    let h = hasher.finish();
    let mut db = vec![0; padding];
    db.push(1);
    db.extend_from_slice(salt);
    let mask = mgf1(parameters, h.as_bytes(), db.len());
    for (byte, mask) in db.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    db[0] &= 0xff >> (8 * em_len - em_bits);
    let mut out = vec![0; (bits.div_ceil(8) as usize) - em_len];
    out.extend_from_slice(&db);
    out.extend_from_slice(h.as_bytes());
    out.push(0xbc);
    Some(out)
}

/// MGF1 (RFC 8017 appendix B.2.1).
fn mgf1(parameters: PssParameters, seed: &[u8], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + 64);
    for counter in 0_u32.. {
        if out.len() >= len {
            break;
        }
        let mut hasher = parameters.mask.hasher();
        hasher.update(seed);
        hasher.update(&counter.to_be_bytes());
        out.extend_from_slice(hasher.finish().as_bytes());
    }
    out.truncate(len);
    out
}

//! DSA signatures, verified alone (FIPS 186-4 section 4.7), and keys whose parameters stand in their
//! issuer's key (RFC 3279 section 2.3.2).

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Decode as _, Encode as _};
use pki_asn1::oid;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::digest::Digest;
use crate::weierstrass::Values;

/// Lengths of p in bits; whatever is shorter proves nothing, and longer is work that only an attacker orders.
const P_BITS: core::ops::RangeInclusive<u32> = 1024..=8192;
/// Lengths of q in bits (FIPS 186-4 section 4.2).
const Q_BITS: [u32; 3] = [160, 224, 256];

/// `Dss-Parms` as defined in RFC 3279 section 2.3.2.
#[derive(der::Sequence)]
struct Parameters<'a> {
    p: UintRef<'a>,
    q: UintRef<'a>,
    g: UintRef<'a>,
}

/// Why it was not verified.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Failed {
    /// The parameters are missing or make no sense.
    Parameters,
    /// The signature is wrong.
    Signature,
}

/// Length of p in bits: 0 where the key has no parameters of its own; `None` where they or the key
/// itself are malformed.
pub(crate) fn bits(info: &SubjectPublicKeyInfoRef<'_>) -> Option<u32> {
    UintRef::from_der(info.subject_public_key.as_bytes()?).ok()?;
    match info.algorithm.parameters.filter(|p| !p.is_null()) {
        None => Some(0),
        Some(parameters) => Some(length(parameters.decode_as::<Parameters<'_>>().ok()?.p)),
    }
}

/// The SPKI of `key` with the parameters of `issuer` (RFC 5280 section 6.1.4 (e)); `None` where these are
/// not two DSA keys of which the issuer's has parameters.
pub(crate) fn inherit(key: &[u8], issuer: &[u8]) -> Option<Vec<u8>> {
    let issuer = SubjectPublicKeyInfoRef::from_der(issuer).ok()?;
    let key: SubjectPublicKeyInfoRef<'_> = SubjectPublicKeyInfoRef::from_der(key).ok()?;
    if issuer.algorithm.oid != oid::DSA || key.algorithm.oid != oid::DSA {
        return None;
    }
    let whole: spki::SubjectPublicKeyInfo<AnyRef<'_>, BitStringRef<'_>> = SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef {
            oid: oid::DSA,
            parameters: Some(issuer.algorithm.parameters.filter(|p| !p.is_null())?),
        },
        subject_public_key: key.subject_public_key,
    };
    whole.to_der().ok()
}

/// Verifies a DER signature over `digest` with the key of this SPKI.
pub(crate) fn verify(spki: &[u8], digest: &Digest, signature: &[u8]) -> Result<(), Failed> {
    let info = SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| Failed::Parameters)?;
    let bits = bits(&info).ok_or(Failed::Parameters)?;
    let parameters = info.algorithm.parameters.ok_or(Failed::Parameters)?;
    let Parameters { p, q, g } = parameters.decode_as().map_err(|_| Failed::Parameters)?;
    let q_bits = length(q);
    if !P_BITS.contains(&bits) || !Q_BITS.contains(&q_bits) {
        return Err(Failed::Parameters);
    }
    let number = |value: &[u8], bits| BoxedUint::from_be_slice(value, bits).ok();
    let odd = |value: UintRef<'_>, bits| {
        Option::<Odd<BoxedUint>>::from(Odd::new(number(value.as_bytes(), bits)?))
    };
    let p = odd(p, bits).ok_or(Failed::Parameters)?;
    let q = odd(q, q_bits).ok_or(Failed::Parameters)?;
    let one = BoxedUint::one_with_precision(bits);
    // What is not between 1 and p generates nothing.
    let element = |value: &[u8]| number(value, bits).filter(|v| *v > one && v < p.as_ref());
    let g = element(g.as_bytes()).ok_or(Failed::Parameters)?;
    let key = info.subject_public_key.as_bytes().unwrap_or_default();
    let key = UintRef::from_der(key).map_err(|_| Failed::Parameters)?;
    let key = element(key.as_bytes()).ok_or(Failed::Parameters)?;

    let values = Values::from_der(signature).map_err(|_| Failed::Signature)?;
    let scalar = |value: UintRef<'_>| {
        number(value.as_bytes(), q_bits)
            .filter(|v| *v > BoxedUint::zero_with_precision(q_bits) && v < q.as_ref())
            .ok_or(Failed::Signature)
    };
    let (r, s) = (scalar(values.r)?, scalar(values.s)?);
    let digest = digest.as_bytes();
    let digest = &digest[..digest.len().min(q_bits as usize / 8)];
    let z = number(digest, q_bits).ok_or(Failed::Signature)?;
    let z = z.rem_vartime(q.as_nz_ref());
    let order = BoxedMontyParams::new_vartime(q.clone());
    let modulo = |value: BoxedUint| BoxedMontyForm::new(value, &order);
    let w = Option::<BoxedMontyForm>::from(modulo(s).invert_vartime()).ok_or(Failed::Signature)?;
    let u1 = modulo(z).mul(&w).retrieve();
    let u2 = modulo(r.clone()).mul(&w).retrieve();
    let group = BoxedMontyParams::new_vartime(p);
    let power = |base, exponent: &BoxedUint| BoxedMontyForm::new(base, &group).pow(exponent);
    let v = power(g, &u1).mul(&power(key, &u2)).retrieve();
    (v.rem_vartime(q.as_nz_ref()) == r)
        .then_some(())
        .ok_or(Failed::Signature)
}

fn length(value: UintRef<'_>) -> u32 {
    let bytes = value.as_bytes();
    let top = bytes.first().map_or(0, |top| top.leading_zeros());
    (bytes.len() as u32).saturating_mul(8).saturating_sub(top)
}

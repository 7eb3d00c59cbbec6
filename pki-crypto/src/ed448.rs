//! Ed448 signatures, verified alone (RFC 8032 section 5.2).
//!
//! Everything here is public, so nothing takes care to need the same time for every value. Points of
//! `x² + y² = 1 + dx²y²` are kept in projective coordinates, whose sums are right for all points.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use sha3::Shake256;
use sha3::digest::{ExtendableOutput as _, Update as _, XofReader as _};

const P: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
const ORDER: &str = "3fffffffffffffffffffffffffffffffffffffffffffffffffffffff7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3";
const D: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffff6756";
const BASE_X: &str = "4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e";
const BASE_Y: &str = "693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14";
const BITS: u32 = 448;

/// Octets of a key, and of each half of a signature.
pub(crate) const KEY_LEN: usize = 57;

/// Verifies a signature over `message`; `None` where it is wrong.
pub(crate) fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    if signature.len() != 2 * KEY_LEN {
        return None;
    }
    let (r, s) = signature.split_at(KEY_LEN);
    let group = Group::new()?;
    let (public, committed) = (group.decode(key)?, group.decode(r)?);
    let order = odd(ORDER)?;
    let (0, s) = s.split_last()? else {
        return None;
    };
    let s = BoxedUint::from_le_slice(s, BITS).ok()?;
    if s >= order.as_ref() {
        return None;
    }
    // dom4(0, ""): no prehash, no context.
    let mut hash = Shake256::default();
    for part in [b"SigEd448\0\0".as_slice(), r, key, message] {
        hash.update(part);
    }
    let mut k = [0; 2 * KEY_LEN];
    hash.finalize_xof().read(&mut k);
    let k = BoxedUint::from_le_slice(&k, 2 * KEY_LEN as u32 * 8).ok()?;
    let k = k.rem_vartime(order.as_nz_ref());
    let left = group.multiple(&s, &group.base);
    let right = group.add(&committed, &group.multiple(&k, &public));
    group.equal(&left, &right).then_some(())
}

type Point = [BoxedMontyForm; 3];

struct Group {
    field: BoxedMontyParams,
    d: BoxedMontyForm,
    base: Point,
}

fn number(hexadecimal: &str) -> Option<BoxedUint> {
    BoxedUint::from_be_slice(&hex::decode(hexadecimal).ok()?, BITS).ok()
}

fn odd(hexadecimal: &str) -> Option<Odd<BoxedUint>> {
    Odd::new(number(hexadecimal)?).into()
}

impl Group {
    fn new() -> Option<Self> {
        let field = BoxedMontyParams::new_vartime(odd(P)?);
        let element = |hexadecimal| Some(BoxedMontyForm::new(number(hexadecimal)?, &field));
        Some(Self {
            d: element(D)?,
            base: [
                element(BASE_X)?,
                element(BASE_Y)?,
                BoxedMontyForm::one(&field),
            ],
            field,
        })
    }

    /// Section 5.2.3.
    fn decode(&self, octets: &[u8]) -> Option<Point> {
        let (sign, y) = octets.split_last()?;
        if octets.len() != KEY_LEN || sign & 0x7f != 0 {
            return None;
        }
        let y = BoxedUint::from_le_slice(y, BITS).ok()?;
        if y >= self.field.modulus().as_ref() {
            return None;
        }
        let y = BoxedMontyForm::new(y, &self.field);
        let one = BoxedMontyForm::one(&self.field);
        let yy = y.square();
        let (u, v) = (yy.sub(&one), self.d.mul(&yy).sub(&one));
        let uuv = u.square().mul(&u).mul(&v);
        // (p - 3) / 4
        let exponent = self.field.modulus().as_ref().shr_vartime(2)?;
        let power = uuv.mul(&u.square()).mul(&v.square()).pow(&exponent);
        let x = uuv.mul(&power);
        if v.mul(&x.square()) != u {
            return None;
        }
        let negative = sign & 0x80 != 0;
        let zero = bool::from(x.is_zero());
        if zero && negative {
            return None;
        }
        let x = if x.retrieve().bit_vartime(0) == negative {
            x
        } else {
            x.neg()
        };
        Some([x, y, one])
    }

    /// Section 5.2.4.
    fn add(&self, [x1, y1, z1]: &Point, [x2, y2, z2]: &Point) -> Point {
        let a = z1.mul(z2);
        let b = a.square();
        let (c, d) = (x1.mul(x2), y1.mul(y2));
        let e = self.d.mul(&c).mul(&d);
        let (f, g) = (b.sub(&e), b.add(&e));
        let h = x1.add(y1).mul(&x2.add(y2));
        [
            a.mul(&f).mul(&h.sub(&c).sub(&d)),
            a.mul(&g).mul(&d.sub(&c)),
            f.mul(&g),
        ]
    }

    fn multiple(&self, scalar: &BoxedUint, point: &Point) -> Point {
        let one = BoxedMontyForm::one(&self.field);
        let mut sum = [BoxedMontyForm::zero(&self.field), one.clone(), one];
        for bit in (0..BITS).rev() {
            sum = self.add(&sum, &sum);
            if scalar.bit_vartime(bit) {
                sum = self.add(&sum, point);
            }
        }
        sum
    }

    fn equal(&self, [x1, y1, z1]: &Point, [x2, y2, z2]: &Point) -> bool {
        x1.mul(z2) == x2.mul(z1) && y1.mul(z2) == y2.mul(z1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8032 section 7.4: "Blank" and "1 octet".
    #[test]
    fn published_vectors() {
        let vectors = [
            (
                "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
                "",
                "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
            ),
            (
                "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
                "03",
                "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
            ),
        ];
        for (key, message, signature) in vectors {
            let [key, message, signature] =
                [key, message, signature].map(|h| hex::decode(h).unwrap());
            assert_eq!(verify(&key, &message, &signature), Some(()));
            assert_eq!(verify(&key, b"another", &signature), None);
            let mut more = signature.clone();
            // S plus the order: the same point, and not the same signature.
            let order = number(ORDER).unwrap();
            let s = BoxedUint::from_le_slice(&signature[KEY_LEN..2 * KEY_LEN - 1], BITS).unwrap();
            let sum = s.wrapping_add(&order);
            more[KEY_LEN..2 * KEY_LEN - 1].copy_from_slice(&sum.to_le_bytes());
            assert_eq!(verify(&key, &message, &more), None);
        }
    }
}

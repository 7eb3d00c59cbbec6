//! ECDSA verification on any short Weierstrass curve of [`Curve`] (FIPS 186-5 section 6.4.2, RFC 5639).
//!
//! Everything here is public, so nothing takes care to need the same time for every value. Points are
//! kept in Jacobian coordinates: `x = X/Z²`, `y = Y/Z³`.

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd};
use der::Decode as _;
use der::asn1::UintRef;

use crate::curve::Curve;
use crate::digest::Digest;

/// `Ecdsa-Sig-Value` and `Dss-Sig-Value` (RFC 3279 sections 2.2.2 and 2.2.3).
#[derive(der::Sequence)]
pub(crate) struct Values<'a> {
    pub(crate) r: UintRef<'a>,
    pub(crate) s: UintRef<'a>,
}

/// Why nothing was verified: the point, the signature's form or the signature itself is wrong.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Wrong;

/// Whether these octets are a point of the curve, compressed or not.
pub(crate) fn is_point(curve: Curve, point: &[u8]) -> bool {
    Group::new(curve).is_some_and(|group| group.decode(point).is_some())
}

/// Verifies a DER signature over `digest` with the key that is this point.
pub(crate) fn verify(
    curve: Curve,
    point: &[u8],
    digest: &Digest,
    signature: &[u8],
) -> Result<(), Wrong> {
    let group = Group::new(curve).ok_or(Wrong)?;
    let key = group.decode(point).ok_or(Wrong)?;
    let values = Values::from_der(signature).map_err(|_| Wrong)?;
    let r = group.scalar(values.r.as_bytes()).ok_or(Wrong)?;
    let s = group.scalar(values.s.as_bytes()).ok_or(Wrong)?;
    // The leftmost bits of the digest, as many as the order has: whole octets for all of these curves.
    let digest = digest.as_bytes();
    let digest = &digest[..digest.len().min(curve.field_len())];
    let e = BoxedUint::from_be_slice(digest, group.bits).map_err(|_| Wrong)?;
    let e = e.rem_vartime(group.n.as_nz_ref());
    let order = BoxedMontyParams::new_vartime(group.n.clone());
    let modulo = |value: &BoxedUint| BoxedMontyForm::new(value.clone(), &order);
    let w = Option::<BoxedMontyForm>::from(modulo(&s).invert_vartime()).ok_or(Wrong)?;
    let u1 = modulo(&e).mul(&w).retrieve();
    let u2 = modulo(&r).mul(&w).retrieve();
    let sum = group.add_multiples(&u1, &u2, &key);
    let x = group.affine_x(&sum).ok_or(Wrong)?;
    (x.rem_vartime(group.n.as_nz_ref()) == r)
        .then_some(())
        .ok_or(Wrong)
}

/// `None` is the point at infinity.
type Point = Option<[BoxedMontyForm; 3]>;

struct Group {
    bits: u32,
    field: BoxedMontyParams,
    n: Odd<BoxedUint>,
    a: BoxedMontyForm,
    b: BoxedMontyForm,
    base: Point,
}

impl Group {
    /// `None` only where the table of curves were wrong.
    fn new(curve: Curve) -> Option<Self> {
        let domain = curve.domain();
        let bits = curve.field_len() as u32 * 8;
        let number = |hexadecimal: &str| {
            let bytes = hex::decode(hexadecimal).ok()?;
            BoxedUint::from_be_slice(&bytes, bits).ok()
        };
        let odd = |value: BoxedUint| Option::<Odd<BoxedUint>>::from(Odd::new(value));
        let field = BoxedMontyParams::new_vartime(odd(number(domain.p)?)?);
        let element = |hexadecimal| Some(BoxedMontyForm::new(number(hexadecimal)?, &field));
        Some(Self {
            bits,
            n: odd(number(domain.n)?)?,
            a: element(domain.a)?,
            b: element(domain.b)?,
            base: Some([
                element(domain.x)?,
                element(domain.y)?,
                BoxedMontyForm::one(&field),
            ]),
            field,
        })
    }

    /// A point as SEC 1 section 2.3.4 writes it, compressed or not, where it lies on the curve. With a
    /// cofactor of 1 it then is of the right order.
    fn decode(&self, point: &[u8]) -> Option<Point> {
        let len = self.bits as usize / 8;
        let (form, coordinates) = point.split_first()?;
        let coordinate = |bytes| {
            let value = BoxedUint::from_be_slice(bytes, self.bits).ok()?;
            (value < self.field.modulus().as_ref()).then(|| BoxedMontyForm::new(value, &self.field))
        };
        let right = |x: &BoxedMontyForm| x.square().add(&self.a).mul(x).add(&self.b);
        let (x, y) = match form {
            4 if coordinates.len() == 2 * len => {
                let (x, y) = coordinates.split_at(len);
                let (x, y) = (coordinate(x)?, coordinate(y)?);
                (y.square() == right(&x)).then_some((x, y))?
            }
            2 | 3 if coordinates.len() == len => {
                let x = coordinate(coordinates)?;
                let y = self.root(&right(&x))?;
                let is_odd = y.retrieve().bit_vartime(0);
                let y = if is_odd == (*form == 3) { y } else { y.neg() };
                (x, y)
            }
            _ => return None,
        };
        Some(Some([x, y, BoxedMontyForm::one(&self.field)]))
    }

    /// A square root in the field, where there is one (SEC 1 section 2.3.4; the algorithm of Tonelli and
    /// Shanks, which is a single power wherever the prime is one less than a multiple of 4: P-224's is not).
    fn root(&self, of: &BoxedMontyForm) -> Option<BoxedMontyForm> {
        let one = BoxedMontyForm::one(&self.field);
        let number = BoxedUint::one_with_precision(self.bits);
        let even = self.field.modulus().as_ref().wrapping_sub(&number);
        let twos = even.trailing_zeros_vartime();
        let odd = even.shr_vartime(twos)?;
        let half = odd.shr_vartime(1)?;
        let power = of.pow(&half);
        let mut root = power.mul(of);
        let mut rest = power.mul(&root);
        let mut order = twos;
        let mut step = if twos == 1 {
            one.neg()
        } else {
            self.non_residue(&even.shr_vartime(1)?)?.pow(&odd)
        };
        while rest != one {
            let mut square = rest.clone();
            let mut squared = 0;
            while square != one {
                square = square.square();
                squared += 1;
                if squared >= order {
                    return None;
                }
            }
            for _ in 0..order - squared - 1 {
                step = step.square();
            }
            root = root.mul(&step);
            step = step.square();
            rest = rest.mul(&step);
            order = squared;
        }
        Some(root)
    }

    /// The smallest number that is no square: its power with half of the group's order is -1.
    fn non_residue(&self, half: &BoxedUint) -> Option<BoxedMontyForm> {
        let one = BoxedMontyForm::one(&self.field);
        let mut candidate = one.clone();
        for _ in 0..100 {
            candidate = candidate.add(&one);
            if candidate.pow(half) == one.neg() {
                return Some(candidate);
            }
        }
        None
    }

    /// A number from 1 to the order less 1.
    fn scalar(&self, bytes: &[u8]) -> Option<BoxedUint> {
        let value = BoxedUint::from_be_slice(bytes, self.bits).ok()?;
        let value = Option::<NonZero<BoxedUint>>::from(NonZero::new(value))?.get();
        (value < self.n.as_ref()).then_some(value)
    }

    /// `u·base + v·key`, both at once (Shamir's trick).
    fn add_multiples(&self, u: &BoxedUint, v: &BoxedUint, key: &Point) -> Point {
        let both = self.add(&self.base, key);
        let mut sum: Point = None;
        for bit in (0..self.bits).rev() {
            sum = self.double(&sum);
            match (u.bit_vartime(bit), v.bit_vartime(bit)) {
                (true, true) => sum = self.add(&sum, &both),
                (true, false) => sum = self.add(&sum, &self.base),
                (false, true) => sum = self.add(&sum, key),
                (false, false) => {}
            }
        }
        sum
    }

    fn double(&self, point: &Point) -> Point {
        let [x, y, z] = point.as_ref()?;
        if bool::from(y.is_zero()) {
            return None;
        }
        let yy = y.square();
        let s = x.mul(&yy).double().double();
        let xx = x.square();
        let m = xx.double().add(&xx).add(&z.square().square().mul(&self.a));
        let x3 = m.square().sub(&s.double());
        let eight = yy.square().double().double().double();
        let y3 = m.mul(&s.sub(&x3)).sub(&eight);
        Some([x3, y3, y.mul(z).double()])
    }

    fn add(&self, one: &Point, other: &Point) -> Point {
        let (Some([x1, y1, z1]), Some([x2, y2, z2])) = (one, other) else {
            return one.clone().or_else(|| other.clone());
        };
        let (zz1, zz2) = (z1.square(), z2.square());
        let (u1, u2) = (x1.mul(&zz2), x2.mul(&zz1));
        let (s1, s2) = (y1.mul(&zz2).mul(z2), y2.mul(&zz1).mul(z1));
        let (h, r) = (u2.sub(&u1), s2.sub(&s1));
        if bool::from(h.is_zero()) {
            // The same point, or one that the other cancels.
            return bool::from(r.is_zero()).then(|| self.double(one)).flatten();
        }
        let hh = h.square();
        let hhh = hh.mul(&h);
        let v = u1.mul(&hh);
        let x3 = r.square().sub(&hhh).sub(&v.double());
        let y3 = r.mul(&v.sub(&x3)).sub(&s1.mul(&hhh));
        Some([x3, y3, z1.mul(z2).mul(&h)])
    }

    fn affine_x(&self, point: &Point) -> Option<BoxedUint> {
        let [x, _, z] = point.as_ref()?;
        let inverse = Option::<BoxedMontyForm>::from(z.square().invert_vartime())?;
        Some(x.mul(&inverse).retrieve())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_base_point_lies_on_its_curve_and_has_its_order() {
        for curve in Curve::ALL {
            let group = Group::new(curve).unwrap();
            let domain = curve.domain();
            let point = hex::decode(format!("04{}{}", domain.x, domain.y)).unwrap();
            assert!(is_point(curve, &point), "{curve}");
            let zero = BoxedUint::zero_with_precision(group.bits);
            let all = group.add_multiples(group.n.as_ref(), &zero, &None);
            assert!(all.is_none(), "{curve}: the order is another");
        }
    }

    #[test]
    fn sums_of_equal_and_of_opposite_points_are_right() {
        for curve in Curve::ALL {
            let group = Group::new(curve).unwrap();
            let [x, y, z] = group.base.clone().unwrap();
            let opposite = Some([x, y.neg(), z]);
            assert!(group.add(&group.base, &opposite).is_none(), "{curve}");
            let x_of = |p: &Point| group.affine_x(p).unwrap();
            let twice = group.double(&group.base);
            assert_eq!(x_of(&group.add(&group.base, &group.base)), x_of(&twice));
            // 3G is 2G + G; so is 4G - G.
            let four = group.double(&twice);
            assert_eq!(
                x_of(&group.add(&twice, &group.base)),
                x_of(&group.add(&four, &opposite)),
                "{curve}"
            );
        }
    }
}

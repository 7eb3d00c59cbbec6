//! The settings of keyUsage (EN 319 412-2 NAT-4.3.2-1), one of which every person's certificate has.

use crate::view::bit;

/// A setting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::rules) enum Setting {
    /// nonRepudiation.
    A,
    /// nonRepudiation and digitalSignature.
    B,
    /// digitalSignature.
    C,
    /// digitalSignature, and keyEncipherment or keyAgreement.
    D,
    /// keyEncipherment or keyAgreement.
    E,
    /// nonRepudiation and digitalSignature, and keyEncipherment or keyAgreement.
    F,
}

impl Setting {
    /// That of these bits; `None` where they are no setting.
    pub(in crate::rules) fn of(bits: u16) -> Option<Self> {
        let exchange = bit::KEY_ENCIPHERMENT | bit::KEY_AGREEMENT;
        let commits = bits & bit::NON_REPUDIATION != 0;
        let signs = bits & bit::DIGITAL_SIGNATURE != 0;
        let known = bit::NON_REPUDIATION | bit::DIGITAL_SIGNATURE | exchange;
        if bits & !known != 0 || bits & exchange == exchange {
            return None;
        }
        match (commits, signs, bits & exchange != 0) {
            (true, false, false) => Some(Self::A),
            (true, true, false) => Some(Self::B),
            (false, true, false) => Some(Self::C),
            (false, true, true) => Some(Self::D),
            (false, false, true) => Some(Self::E),
            (true, true, true) => Some(Self::F),
            (false, false, false) | (true, false, true) => None,
        }
    }
}

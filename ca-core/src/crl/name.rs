//! Which CRL: its scope (RFC 5280 section 5: the set of certificates that could appear on it), its
//! kind, and the one place where file names and URLs of CRLs come from.
//!
//! ```text
//! companies.crl           complete, all certificates
//! companies.delta.crl     its delta
//! companies.7.crl         complete, partition 7
//! companies.7.delta.crl   its delta
//! ```

use core::fmt;

/// The certificates that could appear on a CRL.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CrlScope {
    /// All certificates of the authority.
    All,
    /// Those whose serial number falls into this partition, from 1.
    Partition(u32),
}

/// Complete or delta (RFC 5280 section 5.2.4).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CrlKind {
    /// Lists every revoked certificate of its scope.
    Complete,
    /// Lists what changed since a complete CRL.
    Delta,
}

/// One line of CRLs of an authority: every next one takes the place of the one before.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CrlName {
    /// What it covers.
    pub scope: CrlScope,
    /// How it says it.
    pub kind: CrlKind,
}

impl CrlScope {
    /// The scope of the certificate with this serial number (content octets) where the authority's
    /// certificates are divided into `partitions`; 0 for not at all.
    ///
    /// The partition is 1 plus the remainder of the serial's last eight octets, as a big-endian
    /// number, by the number of partitions. Serials are random, so partitions grow alike.
    #[must_use]
    pub fn of(serial: &[u8], partitions: u32) -> Self {
        if partitions == 0 {
            return Self::All;
        }
        let tail = &serial[serial.len().saturating_sub(8)..];
        let number = tail.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
        let remainder = number % u64::from(partitions);
        Self::Partition(1 + u32::try_from(remainder).unwrap_or(0))
    }

    /// All scopes that certificates of an authority name.
    pub fn each(partitions: u32) -> impl Iterator<Item = Self> {
        let whole = (partitions == 0).then_some(Self::All);
        whole
            .into_iter()
            .chain((1..=partitions).map(Self::Partition))
    }

    /// The number in the record: 0 for all.
    #[must_use]
    pub fn index(self) -> u32 {
        match self {
            Self::All => 0,
            Self::Partition(n) => n,
        }
    }

    /// The scope with this number in the record.
    #[must_use]
    pub fn from_index(index: u32) -> Self {
        match index {
            0 => Self::All,
            n => Self::Partition(n),
        }
    }
}

impl CrlKind {
    /// The number in the record.
    #[must_use]
    pub fn index(self) -> u32 {
        match self {
            Self::Complete => 0,
            Self::Delta => 1,
        }
    }

    /// The kind with this number in the record.
    #[must_use]
    pub fn from_index(index: u32) -> Self {
        match index {
            0 => Self::Complete,
            _ => Self::Delta,
        }
    }
}

impl CrlName {
    /// The complete CRL of everything.
    pub const WHOLE: Self = Self {
        scope: CrlScope::All,
        kind: CrlKind::Complete,
    };

    /// The complete CRL of this scope.
    #[must_use]
    pub fn complete(scope: CrlScope) -> Self {
        Self {
            scope,
            kind: CrlKind::Complete,
        }
    }

    /// The delta of this scope.
    #[must_use]
    pub fn delta(scope: CrlScope) -> Self {
        Self {
            scope,
            kind: CrlKind::Delta,
        }
    }

    /// The file's name, the last segment of its URL. An authority's name has no dot, so it cannot be
    /// taken for another authority's.
    #[must_use]
    pub fn file_name(self, authority: &str) -> String {
        let partition = match self.scope {
            CrlScope::All => String::new(),
            CrlScope::Partition(n) => format!(".{n}"),
        };
        let kind = match self.kind {
            CrlKind::Complete => "",
            CrlKind::Delta => ".delta",
        };
        format!("{authority}{partition}{kind}.crl")
    }

    /// Reads a file's name: the authority and which of its CRLs. `None` for what
    /// [`Self::file_name`] never writes.
    #[must_use]
    pub fn parse(file_name: &str) -> Option<(&str, Self)> {
        let stem = file_name.strip_suffix(".crl")?;
        let (stem, kind) = match stem.strip_suffix(".delta") {
            Some(stem) => (stem, CrlKind::Delta),
            None => (stem, CrlKind::Complete),
        };
        let (authority, scope) = match stem.split_once('.') {
            None => (stem, CrlScope::All),
            Some((authority, digits)) => {
                let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
                let number: u32 = digits.parse().ok().filter(|_| plain)?;
                (authority, CrlScope::Partition(number))
            }
        };
        (!authority.is_empty()).then_some((authority, Self { scope, kind }))
    }
}

/// `complete`, `delta`, `partition 7`, `partition 7 delta`.
impl fmt::Display for CrlName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.scope, self.kind) {
            (CrlScope::All, CrlKind::Complete) => f.write_str("complete"),
            (CrlScope::All, CrlKind::Delta) => f.write_str("delta"),
            (CrlScope::Partition(n), CrlKind::Complete) => write!(f, "partition {n}"),
            (CrlScope::Partition(n), CrlKind::Delta) => write!(f, "partition {n} delta"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_partition_of_a_serial_never_changes() {
        // Written into certificates: another result would send relying parties to another CRL.
        let serial = hex::decode("5f0102030405060708090a0b0c0d0e0f10111213").unwrap();
        assert_eq!(CrlScope::of(&serial, 0), CrlScope::All);
        assert_eq!(CrlScope::of(&serial, 1), CrlScope::Partition(1));
        // 0x0c0d0e0f10111213 is 868365761009226259.
        assert_eq!(CrlScope::of(&serial, 16), CrlScope::Partition(4));
        assert_eq!(CrlScope::of(&serial, 1000), CrlScope::Partition(260));
        assert_eq!(CrlScope::of(&[9], 8), CrlScope::Partition(2));
        assert_eq!(CrlScope::of(&[], 8), CrlScope::Partition(1));
    }

    #[test]
    fn one_authority_s_partition_is_not_another_authority() {
        let name = |text| CrlName::parse(text);
        assert_eq!(name("a-1.crl"), Some(("a-1", CrlName::WHOLE)));
        assert_eq!(
            name("a.1.crl"),
            Some(("a", CrlName::complete(CrlScope::Partition(1))))
        );
        for strange in [
            "a",
            ".crl",
            ".1.crl",
            "a.0.crl",
            "a.01.crl",
            "a.+1.crl",
            "a..crl",
            "a.x.crl",
            "a.delta.1.crl",
            "a.1.2.crl",
            "a.99999999999.crl",
            "a.delta.delta.crl",
        ] {
            assert_eq!(name(strange), None, "{strange}");
        }
    }

    proptest! {
        #[test]
        fn every_file_name_reads_back(
            authority in "[a-z0-9][a-z0-9-]{0,20}", partition in 0_u32..5_000, kind in 0_u32..2
        ) {
            let name = CrlName {
                scope: CrlScope::from_index(partition),
                kind: CrlKind::from_index(kind),
            };
            let file = name.file_name(&authority);
            prop_assert_eq!(CrlName::parse(&file), Some((authority.as_str(), name)));
        }

        #[test]
        fn any_file_name_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = CrlName::parse(&text);
        }
    }
}

//! The dated table of algorithms (EN 319 102-1 clause 5.2.8.4.4): by default that of TS 119 312.

use std::collections::BTreeMap;

use pki_asn1::UnixTime;
use pki_crypto::suites::{self, Day};
use pki_crypto::{DigestAlgorithm, KeyKind, SignatureAlgorithm};

/// How an algorithm is used: the form of the signature, whatever the digest.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum Scheme {
    RsaPkcs1,
    RsaPss,
    Ecdsa,
    Eddsa,
    Dsa,
    MlDsa,
}

impl Scheme {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RsaPkcs1,
        Self::RsaPss,
        Self::Ecdsa,
        Self::Eddsa,
        Self::Dsa,
        Self::MlDsa,
    ];

    /// As a policy file writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RsaPkcs1 => "rsa-pkcs1",
            Self::RsaPss => "rsa-pss",
            Self::Ecdsa => "ecdsa",
            Self::Eddsa => "eddsa",
            Self::Dsa => "dsa",
            Self::MlDsa => "ml-dsa",
        }
    }

    fn of(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::RsaPkcs1(_) => Self::RsaPkcs1,
            SignatureAlgorithm::RsaPss(_) | SignatureAlgorithm::RsaPssWith(_) => Self::RsaPss,
            SignatureAlgorithm::Ecdsa(_) => Self::Ecdsa,
            SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448 => Self::Eddsa,
            SignatureAlgorithm::Dsa(_) => Self::Dsa,
            SignatureAlgorithm::MlDsa(_) => Self::MlDsa,
        }
    }
}

/// When an algorithm ends.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Ends {
    /// It was never good enough.
    Refused,
    /// With this day, in UTC.
    On(Day),
    /// Not on any day that is known.
    Never,
}

impl Ends {
    /// What [`Self::after`] says of an algorithm that was never good enough: nothing is older.
    pub const NEVER_GOOD: UnixTime = UnixTime::EPOCH;

    /// The first second at which it is not good any more; `None` where there is none.
    #[must_use]
    pub fn after(self) -> Option<UnixTime> {
        match self {
            Self::Refused => Some(Self::NEVER_GOOD),
            Self::On(day) => Some(day.after()),
            Self::Never => None,
        }
    }
}

/// Last days of use; what is not named here ends as [`suites`] says.
#[derive(Clone, Debug, Default)]
pub struct AlgorithmTable {
    /// Digests.
    pub digests: BTreeMap<DigestAlgorithm, Ends>,
    /// Schemes of signatures.
    pub schemes: BTreeMap<Scheme, Ends>,
    /// Keys that are not RSA, by their names as [`KeyKind`] displays them.
    pub keys: BTreeMap<String, Ends>,
    /// RSA keys shorter than so many bits; of several that fit, the first end counts.
    pub rsa_below: BTreeMap<u32, Ends>,
}

impl AlgorithmTable {
    /// The first second at which a digest does not resist any more; `None` where no end is known.
    #[must_use]
    pub fn digest_good_until(&self, digest: DigestAlgorithm) -> Option<UnixTime> {
        match self.digests.get(&digest) {
            Some(ends) => ends.after(),
            None => digest_good_until(digest),
        }
    }

    /// The same of a key.
    #[must_use]
    pub fn key_good_until(&self, key: KeyKind) -> Option<UnixTime> {
        if let KeyKind::Rsa { bits } = key
            && !self.rsa_below.is_empty()
        {
            let shorter = self.rsa_below.iter().filter(|(limit, _)| bits < **limit);
            return shorter.filter_map(|(_, ends)| ends.after()).min();
        }
        match self.keys.get(&key.to_string()) {
            Some(ends) => ends.after(),
            None => suites::key_last_use(key).map(Day::after),
        }
    }

    /// The same of a signature algorithm: its scheme and its digest.
    #[must_use]
    pub fn signature_good_until(&self, algorithm: SignatureAlgorithm) -> Option<UnixTime> {
        let scheme = self.schemes.get(&Scheme::of(algorithm));
        let digest = algorithm.digest().and_then(|d| self.digest_good_until(d));
        scheme
            .and_then(|e| e.after())
            .into_iter()
            .chain(digest)
            .min()
    }
}

impl AlgorithmTable {
    /// Takes what this table does not say from another one.
    pub(super) fn inherit(&mut self, other: &Self) {
        for (digest, ends) in &other.digests {
            self.digests.entry(*digest).or_insert(*ends);
        }
        for (scheme, ends) in &other.schemes {
            self.schemes.entry(*scheme).or_insert(*ends);
        }
        for (key, ends) in &other.keys {
            self.keys.entry(key.clone()).or_insert(*ends);
        }
        if self.rsa_below.is_empty() {
            self.rsa_below.clone_from(&other.rsa_below);
        }
    }
}

/// The first second at which a digest does not resist any more; `None` where no end is known.
pub(crate) fn digest_good_until(digest: DigestAlgorithm) -> Option<UnixTime> {
    suites::digest_last_use(digest).map(Day::after)
}

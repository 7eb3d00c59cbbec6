//! Message digests, computed at once or over a stream.

use core::fmt;
use std::io;

use der::asn1::Null;
use pki_asn1::oid::{self, ObjectIdentifier};
use sha2::Digest as _;
use sha3::digest::{ExtendableOutput as _, Update, XofReader as _};
use spki::AlgorithmIdentifierOwned;

/// A digest algorithm Sceau can compute. Being here says nothing about being acceptable: SHA-1 is
/// needed to read old documents and OCSP requests.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[allow(missing_docs)]
pub enum DigestAlgorithm {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Md5,
    Sha512_224,
    Sha512_256,
    Sha3_224,
    /// SHAKE256 with 512 bits of output (RFC 8702), for Ed448 in CMS.
    Shake256,
}

impl DigestAlgorithm {
    /// Those that something here may be asked to use, for tables.
    pub const ALL: [Self; 8] = [
        Self::Sha1,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
    ];

    /// Those that are computed to verify what others signed, and used for nothing else.
    pub const VERIFIED_ONLY: [Self; 5] = [
        Self::Md5,
        Self::Sha512_224,
        Self::Sha512_256,
        Self::Sha3_224,
        Self::Shake256,
    ];

    /// Its OID.
    #[must_use]
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha1 => oid::SHA1,
            Self::Sha224 => oid::SHA224,
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
            Self::Sha3_256 => oid::SHA3_256,
            Self::Sha3_384 => oid::SHA3_384,
            Self::Sha3_512 => oid::SHA3_512,
            Self::Md5 => oid::MD5,
            Self::Sha512_224 => oid::SHA512_224,
            Self::Sha512_256 => oid::SHA512_256,
            Self::Sha3_224 => oid::SHA3_224,
            Self::Shake256 => oid::SHAKE256,
        }
    }

    /// The algorithm with this OID.
    #[must_use]
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        let all = Self::ALL.into_iter().chain(Self::VERIFIED_ONLY);
        all.into_iter().find(|a| a.oid() == *oid)
    }

    /// The usual name, `SHA-256`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha3_256 => "SHA3-256",
            Self::Sha3_384 => "SHA3-384",
            Self::Sha3_512 => "SHA3-512",
            Self::Md5 => "MD5",
            Self::Sha512_224 => "SHA-512/224",
            Self::Sha512_256 => "SHA-512/256",
            Self::Sha3_224 => "SHA3-224",
            Self::Shake256 => "SHAKE256",
        }
    }

    /// Octets of output.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha512_224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha512_256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 | Self::Shake256 => 64,
        }
    }

    /// The identifier without parameters, as RFC 5754 section 2 asks for in CMS.
    #[must_use]
    pub fn identifier(self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned {
            oid: self.oid(),
            parameters: None,
        }
    }

    /// The identifier with NULL parameters, as most OCSP and time-stamp clients write it.
    #[must_use]
    pub fn identifier_with_null(self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned {
            oid: self.oid(),
            parameters: Some(Null.into()),
        }
    }

    /// The digest of `data`.
    #[must_use]
    pub fn digest(self, data: &[u8]) -> Digest {
        let mut hasher = self.hasher();
        hasher.update(data);
        hasher.finish()
    }

    /// Starts a digest over a stream.
    #[must_use]
    pub fn hasher(self) -> Hasher {
        Hasher(match self {
            Self::Sha1 => State::Sha1(Default::default()),
            Self::Sha224 => State::Sha224(Default::default()),
            Self::Sha256 => State::Sha256(Default::default()),
            Self::Sha384 => State::Sha384(Default::default()),
            Self::Sha512 => State::Sha512(Default::default()),
            Self::Sha3_256 => State::Sha3_256(Default::default()),
            Self::Sha3_384 => State::Sha3_384(Default::default()),
            Self::Sha3_512 => State::Sha3_512(Default::default()),
            Self::Md5 => State::Md5(Default::default()),
            Self::Sha512_224 => State::Sha512_224(Default::default()),
            Self::Sha512_256 => State::Sha512_256(Default::default()),
            Self::Sha3_224 => State::Sha3_224(Default::default()),
            Self::Shake256 => State::Shake256(Default::default()),
        })
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A digest value that knows its algorithm; its length always fits.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: [u8; 64],
}

impl Digest {
    /// A digest computed elsewhere; `None` where the length does not fit the algorithm.
    #[must_use]
    pub fn from_bytes(algorithm: DigestAlgorithm, value: &[u8]) -> Option<Self> {
        if value.len() != algorithm.output_len() {
            return None;
        }
        let mut bytes = [0; 64];
        bytes[..value.len()].copy_from_slice(value);
        Some(Self { algorithm, bytes })
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// The value.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.output_len()]
    }

    /// The value in lower-case hexadecimal.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.as_bytes())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.to_hex())
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// A digest under way; write to it as to any [`io::Write`].
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha1(sha1::Sha1),
    Sha224(sha2::Sha224),
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
    Sha3_256(sha3::Sha3_256),
    Sha3_384(sha3::Sha3_384),
    Sha3_512(sha3::Sha3_512),
    Md5(md5::Md5),
    Sha512_224(sha2::Sha512_224),
    Sha512_256(sha2::Sha512_256),
    Sha3_224(sha3::Sha3_224),
    Shake256(sha3::Shake256),
}

macro_rules! each {
    ($state:expr, $h:ident => $body:expr, $x:ident => $extendable:expr) => {
        match $state {
            State::Shake256($x) => $extendable,
            State::Md5($h) => $body,
            State::Sha512_224($h) => $body,
            State::Sha512_256($h) => $body,
            State::Sha3_224($h) => $body,
            State::Sha1($h) => $body,
            State::Sha224($h) => $body,
            State::Sha256($h) => $body,
            State::Sha384($h) => $body,
            State::Sha512($h) => $body,
            State::Sha3_256($h) => $body,
            State::Sha3_384($h) => $body,
            State::Sha3_512($h) => $body,
        }
    };
}

impl Hasher {
    /// Adds data.
    pub fn update(&mut self, data: &[u8]) {
        each!(&mut self.0, h => Update::update(h, data), x => x.update(data));
    }

    /// The digest of everything added.
    #[must_use]
    pub fn finish(self) -> Digest {
        let algorithm = self.algorithm();
        let mut bytes = [0; 64];
        each!(self.0, h => {
            let out = h.finalize();
            bytes[..out.len()].copy_from_slice(&out);
        }, x => x.finalize_xof().read(&mut bytes));
        Digest { algorithm, bytes }
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> DigestAlgorithm {
        match self.0 {
            State::Sha1(_) => DigestAlgorithm::Sha1,
            State::Sha224(_) => DigestAlgorithm::Sha224,
            State::Sha256(_) => DigestAlgorithm::Sha256,
            State::Sha384(_) => DigestAlgorithm::Sha384,
            State::Sha512(_) => DigestAlgorithm::Sha512,
            State::Sha3_256(_) => DigestAlgorithm::Sha3_256,
            State::Sha3_384(_) => DigestAlgorithm::Sha3_384,
            State::Sha3_512(_) => DigestAlgorithm::Sha3_512,
            State::Md5(_) => DigestAlgorithm::Md5,
            State::Sha512_224(_) => DigestAlgorithm::Sha512_224,
            State::Sha512_256(_) => DigestAlgorithm::Sha512_256,
            State::Sha3_224(_) => DigestAlgorithm::Sha3_224,
            State::Shake256(_) => DigestAlgorithm::Shake256,
        }
    }
}

impl io::Write for Hasher {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.update(data);
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-4 and FIPS 202 example values for the message "abc".
    #[test]
    fn published_vectors() {
        for (algorithm, expected) in [
            (
                DigestAlgorithm::Sha1,
                "a9993e364706816aba3e25717850c26c9cd0d89d",
            ),
            (
                DigestAlgorithm::Sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                DigestAlgorithm::Sha3_256,
                "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
            ),
        ] {
            assert_eq!(algorithm.digest(b"abc").to_hex(), expected);
        }
    }

    #[test]
    fn every_length_fits_its_algorithm() {
        for algorithm in DigestAlgorithm::ALL
            .into_iter()
            .chain(DigestAlgorithm::VERIFIED_ONLY)
        {
            assert_eq!(
                algorithm.digest(b"").as_bytes().len(),
                algorithm.output_len()
            );
            assert_eq!(DigestAlgorithm::from_oid(&algorithm.oid()), Some(algorithm));
        }
    }
}

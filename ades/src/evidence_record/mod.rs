//! Evidence records (RFC 4998): proof that data existed, renewed for as long as anybody cares to.
//!
//! An archive time-stamp is over the root of a hash tree, of which the record keeps the few hashes that
//! lead from its own data to the root. Before a token weakens, the next archive time-stamp of the same
//! chain is made over it (section 5.2, time-stamp renewal); before the digest algorithm weakens, a new
//! chain is begun over the data and all that went before (hash-tree renewal). Everything hashed is kept
//! as it was received. What a record proves is for [`crate::validate`] to say.

mod error;
mod parse;
mod tree;

use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::write;
use pki_crypto::DigestAlgorithm;

pub use error::RecordError;
pub use parse::Limits;
pub use tree::{HashTree, TreeError};

/// A record as it was received.
///
/// ```text
/// EvidenceRecord ::= SEQUENCE {
///     version                  INTEGER { v1(1) },
///     digestAlgorithms         SEQUENCE OF AlgorithmIdentifier,
///     cryptoInfos              [0] CryptoInfos OPTIONAL,
///     encryptionInfo           [1] EncryptionInfo OPTIONAL,
///     archiveTimeStampSequence ArchiveTimeStampSequence }
/// ```
#[derive(Clone, Debug)]
pub struct EvidenceRecord {
    /// digestAlgorithms: with what the data was hashed, in any order.
    pub digest_algorithms: Vec<ObjectIdentifier>,
    /// How many cryptoInfos there are: further material for the check, which nothing relies on.
    pub crypto_infos: usize,
    /// encryptionInfoType: the data was encrypted in this manner before it was hashed.
    pub encryption: Option<ObjectIdentifier>,
    /// archiveTimeStampSequence: the chains, the oldest first; none is empty, and there is at least one.
    pub chains: Vec<Chain>,
}

/// `ArchiveTimeStampChain ::= SEQUENCE OF ArchiveTimeStamp`
#[derive(Clone, Debug)]
pub struct Chain {
    /// Its archive time-stamps, the oldest first.
    pub stamps: Vec<ArchiveTimeStamp>,
    der: Vec<u8>,
}

/// One archive time-stamp.
///
/// ```text
/// ArchiveTimeStamp ::= SEQUENCE {
///     digestAlgorithm [0] AlgorithmIdentifier OPTIONAL,
///     attributes      [1] Attributes OPTIONAL,
///     reducedHashtree [2] SEQUENCE OF PartialHashtree OPTIONAL,
///     timeStamp       ContentInfo }
/// ```
#[derive(Clone, Debug)]
pub struct ArchiveTimeStamp {
    /// digestAlgorithm; where absent, that of the token's imprint counts.
    pub digest_algorithm: Option<ObjectIdentifier>,
    /// How many attributes there are; RFC 4998 defines none.
    pub attributes: usize,
    /// reducedHashtree
    pub tree: Option<HashTree>,
    /// timeStamp: the token, in its original octets.
    pub token: Vec<u8>,
}

impl EvidenceRecord {
    /// Reads a record, DER or BER.
    ///
    /// # Errors
    /// Where it is none, is malformed, something follows it, or it exceeds the default [`Limits`].
    pub fn parse(input: &[u8]) -> Result<Self, RecordError> {
        parse::record(input, &Limits::default())
    }

    /// As [`Self::parse`], within these limits.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_within(input: &[u8], limits: &Limits) -> Result<Self, RecordError> {
        parse::record(input, limits)
    }

    /// The digests of the first `chains` of them as one archiveTimeStampSequence: `H(atsc)` of section
    /// 5.2. In the first form as it was received, in the second in definite lengths where that is
    /// another one: some writers hash what they wrote, others its DER.
    #[must_use]
    pub fn sequence_digests(&self, chains: usize, algorithm: DigestAlgorithm) -> Vec<Vec<u8>> {
        let parts: Vec<&[u8]> = (self.chains.iter().take(chains))
            .map(|chain| chain.der.as_slice())
            .collect();
        parse::digests(&write::tlv(write::SEQUENCE, &parts), algorithm)
    }
}

impl ArchiveTimeStamp {
    /// The digests of the token, in the same forms as [`EvidenceRecord::sequence_digests`].
    #[must_use]
    pub fn token_digests(&self, algorithm: DigestAlgorithm) -> Vec<Vec<u8>> {
        parse::digests(&self.token, algorithm)
    }
}

/// What stands in the tree of a later chain for a data object: `H(H(d) + H(atsc))` (section 5.2).
#[must_use]
pub fn renewed(object: &[u8], sequence: &[u8], algorithm: DigestAlgorithm) -> Vec<u8> {
    let mut hasher = algorithm.hasher();
    hasher.update(object);
    hasher.update(sequence);
    hasher.finish().as_bytes().to_vec()
}

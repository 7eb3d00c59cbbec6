//! Evidence records (RFC 4998) as they were found, without judgement.

use std::sync::Arc;

use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;

use super::{Check, TimestampFacts};
use crate::text::Text;
use crate::validate::carried::Carried;

/// One evidence record.
#[derive(Clone, Debug)]
pub struct RecordFacts {
    /// Unique in the file.
    pub id: String,
    /// Where it stands.
    pub place: RecordPlace,
    /// The data objects that it should be over, with what was found.
    pub objects: Vec<CoveredObject>,
    /// How many hashes of the first archive time-stamp are of something else: other objects that were
    /// archived together with these, or whose branch of the tree ends there.
    pub others: usize,
    /// Its chains, the oldest first.
    pub chains: Vec<RecordChain>,
    /// Why it is not what RFC 4998 asks for.
    pub problems: Vec<Text>,
    /// What RFC 4998 asks for and nothing depends on.
    pub notes: Vec<Text>,
    /// The signatures of the file that it is over, by their places, with everything that stands in them:
    /// what it proves, it proves for them.
    pub signatures: Vec<usize>,
    /// The record, as it was received.
    pub record: Arc<[u8]>,
    /// The data was encrypted in this manner before it was hashed.
    pub encryption: Option<ObjectIdentifier>,
}

/// Where an evidence record stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RecordPlace {
    /// It is the file.
    Alone,
    /// It is a file of the container.
    Member(String),
    /// It is an unsigned attribute of a CMS signature, and over all of it.
    Attribute,
}

/// One data object of a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CoveredObject {
    /// Its name.
    pub name: String,
    /// Whether its hash is in the first archive time-stamp of every chain.
    pub check: Check,
}

/// One chain: archive time-stamps with one digest algorithm.
#[derive(Clone, Debug)]
pub struct RecordChain {
    /// The algorithm; `None` where it is not supported.
    pub algorithm: Option<DigestAlgorithm>,
    /// Its name, or its OID.
    pub algorithm_name: String,
    /// Its archive time-stamps, the oldest first.
    pub stamps: Vec<RecordStamp>,
}

/// One archive time-stamp.
#[derive(Clone, Debug)]
pub struct RecordStamp {
    /// The token, its imprint checked against the root of the hash tree; or why it cannot be read.
    pub stamp: Result<TimestampFacts, Text>,
    /// What it has to be over is in its tree: the token before it, or the data objects.
    pub link: Check,
    /// Hashes in the first list of its tree.
    pub hashes: usize,
    /// The certificates and revocation data that the token brings: the next one covers them.
    pub carried: Carried,
}

impl RecordFacts {
    /// A file of a container that should be one and cannot be read.
    #[must_use]
    pub(crate) fn unreadable(id: String, member: String, record: &[u8], problem: Text) -> Self {
        Self {
            id,
            place: RecordPlace::Member(member),
            objects: Vec::new(),
            signatures: Vec::new(),
            others: 0,
            chains: Vec::new(),
            problems: vec![problem],
            notes: Vec::new(),
            record: record.into(),
            encryption: None,
        }
    }

    /// All archive time-stamps, the oldest first.
    pub fn stamps(&self) -> impl DoubleEndedIterator<Item = &RecordStamp> {
        self.chains.iter().flat_map(|chain| &chain.stamps)
    }
}

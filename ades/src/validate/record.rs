//! The facts of an evidence record (RFC 4998 sections 3.3, 4.3 and 5.3): what is in which hash tree, and
//! what each token is over.

use std::collections::HashSet;
use std::sync::Arc;

use der::Decode;
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::tsp::TstInfo;
use pki_asn1::{UnixTime, ber, write};
use pki_crypto::{Digest, DigestAlgorithm};

use super::carried::{Carried, Location};
use super::facts::{
    Check, CoveredObject, Facts, FileFormat, RecordChain, RecordFacts, RecordPlace, RecordStamp,
    TimestampFacts,
};
use super::gather::collect;
use super::signer::Content;
use super::token;
use crate::cms::parse::SignedData;
use crate::evidence::Material;
use crate::evidence_record::{ArchiveTimeStamp, EvidenceRecord, RecordError, renewed};
use crate::text;
use crate::text::Text;

pub(super) mod in_cms;

/// A data object and what it is called.
pub(super) type Named = (String, Content);

/// Whether a file that begins like this is an evidence record: a SEQUENCE that begins with a version and a
/// list.
pub(super) fn is_record(head: &[u8]) -> bool {
    const BEGINNING: [u8; 4] = [write::INTEGER, 1, 1, write::SEQUENCE];
    ber::header(head)
        .filter(|(tag, ..)| *tag == write::SEQUENCE)
        .and_then(|(_, length, _)| head.get(length..))
        .is_some_and(|inside| inside.starts_with(&BEGINNING))
}

/// The facts of a record that is a file of its own.
pub(super) fn from_record(
    bytes: &[u8],
    objects: &[Named],
    mut material: Material,
) -> Result<Facts, RecordError> {
    let record = EvidenceRecord::parse(bytes)?;
    let mut facts = check(
        &record,
        "evidence-record-1",
        RecordPlace::Alone,
        objects,
        &mut material,
    );
    facts.record = bytes.into();
    Ok(Facts {
        format: FileFormat::EvidenceRecord,
        signatures: Vec::new(),
        evidence_records: vec![facts],
        material,
        fetches: Vec::new(),
        container: None,
    })
}

/// Checks a record over `objects`; none where they are not at hand. Its octets are for the caller to add.
pub(super) fn check(
    record: &EvidenceRecord,
    id: &str,
    place: RecordPlace,
    objects: &[Named],
    material: &mut Material,
) -> RecordFacts {
    let covered = |(name, _): &Named| CoveredObject {
        name: name.clone(),
        check: Check::Ok,
    };
    let mut walk = Walk {
        record,
        objects,
        material,
        covered: objects.iter().map(covered).collect(),
        problems: Vec::new(),
        notes: Vec::new(),
    };
    let chains = (0..record.chains.len())
        .filter_map(|number| walk.chain(number))
        .collect();
    let first = record.chains.first().and_then(|chain| chain.stamps.first());
    let leaves = first
        .and_then(|stamp| stamp.tree.as_ref())
        .map_or(1, |tree| tree.leaves().len());
    RecordFacts {
        id: id.to_owned(),
        place,
        objects: walk.covered,
        others: match objects {
            [] => 0,
            given => leaves.saturating_sub(given.len()),
        },
        chains,
        problems: walk.problems,
        notes: walk.notes,
        signatures: Vec::new(),
        record: Arc::default(),
        encryption: record.encryption,
    }
}

struct Walk<'w> {
    record: &'w EvidenceRecord,
    objects: &'w [Named],
    material: &'w mut Material,
    covered: Vec<CoveredObject>,
    problems: Vec<Text>,
    notes: Vec<Text>,
}

/// What an archive time-stamp has to be over: for each thing its hash, in every form it may have.
type Expected = Vec<Vec<Vec<u8>>>;

impl Walk<'_> {
    fn chain(&mut self, number: usize) -> Option<RecordChain> {
        let chain = self.record.chains.get(number)?;
        let imprints: Vec<_> = chain.stamps.iter().map(|s| imprint(&s.token)).collect();
        let named: Vec<Option<ObjectIdentifier>> = (chain.stamps.iter().zip(&imprints))
            .map(|(stamp, imprint)| {
                let of_token = || imprint.as_ref().map(|(oid, _)| *oid);
                stamp.digest_algorithm.or_else(of_token)
            })
            .collect();
        let first = named.first().copied().flatten();
        if named.iter().any(|one| *one != first) {
            self.problems.push(text!(
                "the archive time-stamps of chain {} have different digest algorithms (RFC 4998 section 5.2)",
                number + 1
            ));
        }
        let name = first.map_or_else(|| "of no name".to_owned(), |oid| label(&oid));
        if first.is_some_and(|oid| !self.record.digest_algorithms.contains(&oid)) {
            self.notes.push(text!(
                "its digestAlgorithms do not list {}, which it uses (RFC 4998 section 3.1)",
                name
            ));
        }
        let algorithm = first.as_ref().and_then(DigestAlgorithm::from_oid);
        let mut previous: Option<&ArchiveTimeStamp> = None;
        let mut stamps = Vec::new();
        for (stamp, imprint) in chain.stamps.iter().zip(imprints) {
            let expected = match (algorithm, previous) {
                (None, _) => Err(text!("digest algorithm {} is not supported", name)),
                (Some(algorithm), Some(previous)) => Ok(vec![previous.token_digests(algorithm)]),
                (Some(algorithm), None) => self.expected(number, algorithm),
            };
            let link = match &expected {
                Ok(expected) => link(stamp, imprint.as_ref(), expected, previous.is_some()),
                Err(why) => Check::NotPossible(why.clone()),
            };
            if previous.is_none() {
                self.cover(stamp, imprint.as_ref(), expected.as_deref());
            }
            let mut carried = Carried::default();
            let token = self.token(stamp, imprint.as_ref(), algorithm, expected.as_deref());
            stamps.push(RecordStamp {
                stamp: token.map(|(token, data)| {
                    carried.add_objects(&data, Location::Value(0));
                    token
                }),
                carried,
                link,
                hashes: stamp.tree.as_ref().map_or(0, |tree| tree.leaves().len()),
            });
            previous = Some(stamp);
        }
        Some(RecordChain {
            algorithm,
            algorithm_name: algorithm.map_or(name, |a| a.to_string()),
            stamps,
        })
    }

    /// What the first archive time-stamp of a chain has to be over: the hash of each object, or from the
    /// second chain on the hash of that and of all that went before.
    fn expected(&self, chain: usize, algorithm: DigestAlgorithm) -> Result<Expected, Text> {
        if self.objects.is_empty() {
            return Err("the data that it is over is not at hand".into());
        }
        let before = self.record.sequence_digests(chain, algorithm);
        let mut out = Vec::with_capacity(self.objects.len());
        for (name, content) in self.objects {
            let digest = match content.digest(algorithm) {
                Ok(Some(digest)) => digest.as_bytes().to_vec(),
                Ok(None) => return Err(text!("{} is not at hand", name)),
                Err(e) => return Err(text!("{} cannot be read: {}", name, e)),
            };
            out.push(match chain {
                0 => vec![digest],
                _ => (before.iter())
                    .map(|before| renewed(&digest, before, algorithm))
                    .collect(),
            });
        }
        Ok(out)
    }

    /// Notes for each object whether it is there, where it was there in the chains before.
    fn cover(
        &mut self,
        stamp: &ArchiveTimeStamp,
        imprint: Option<&(ObjectIdentifier, Vec<u8>)>,
        expected: Result<&[Vec<Vec<u8>>], &Text>,
    ) {
        let leaves = leaves(stamp, imprint);
        for (index, one) in self.covered.iter_mut().enumerate() {
            if !one.check.is_ok() {
                continue;
            }
            one.check = match expected.map(|all| all.get(index)) {
                Err(why) => Check::NotPossible(why.clone()),
                Ok(Some(forms)) if forms.iter().any(|h| leaves.contains(h.as_slice())) => Check::Ok,
                Ok(_) => Check::Failed("its hash is not in the record".into()),
            };
        }
    }

    /// The token, over the root of its tree; without a tree, over the one thing itself.
    fn token(
        &mut self,
        stamp: &ArchiveTimeStamp,
        imprint: Option<&(ObjectIdentifier, Vec<u8>)>,
        algorithm: Option<DigestAlgorithm>,
        expected: Result<&[Vec<Vec<u8>>], &Text>,
    ) -> Result<(TimestampFacts, SignedData), Text> {
        let root = match (&stamp.tree, algorithm) {
            (_, None) => Err(Check::NotPossible(
                "its digest algorithm is not supported".into(),
            )),
            (Some(tree), Some(algorithm)) => tree
                .root(algorithm)
                .map_err(|why| Check::Failed(why.into()))
                .map(|root| Digest::from_bytes(algorithm, &root)),
            (None, Some(algorithm)) => match expected {
                Err(why) => Err(Check::NotPossible(why.clone())),
                Ok(expected) => {
                    let stamped = imprint.map(|(_, value)| value);
                    let mut forms = expected.iter().flatten();
                    let fits = forms.clone().find(|form| Some(*form) == stamped);
                    let form = fits.or(forms.next());
                    Ok(form.and_then(|form| Digest::from_bytes(algorithm, form)))
                }
            },
        };
        let content = Content::Digests(root.iter().copied().flatten().collect());
        let (mut facts, data) = token::check(&stamp.token, &content, &self.material.pool)?;
        collect(&data, self.material);
        facts.imprint = match (root, facts.imprint) {
            (Err(why), _) => why,
            (Ok(_), Check::Failed(_)) if stamp.tree.is_some() => Check::Failed(
                "the hash tree does not lead to what was time-stamped: a hash in it was exchanged, or the time-stamp"
                    .into(),
            ),
            (Ok(_), Check::Failed(_)) => {
                Check::Failed("the time-stamp is over something else".into())
            }
            (Ok(Some(root)), Check::NotPossible(_))
                if facts.imprint_algorithm.is_some_and(|a| a != root.algorithm()) =>
            {
                Check::Failed(text!(
                    "the hash tree is made with {} and the time-stamp's imprint with another digest algorithm",
                    root.algorithm()
                ))
            }
            (Ok(_), imprint) => imprint,
        };
        Ok((facts, data))
    }
}

/// Whether everything expected is in the first list of the tree, or what was stamped.
fn link(
    stamp: &ArchiveTimeStamp,
    imprint: Option<&(ObjectIdentifier, Vec<u8>)>,
    expected: &[Vec<Vec<u8>>],
    is_renewal: bool,
) -> Check {
    let leaves = leaves(stamp, imprint);
    let all = (expected.iter()).all(|forms| forms.iter().any(|h| leaves.contains(h.as_slice())));
    match (all, is_renewal) {
        (true, _) => Check::Ok,
        (false, true) => Check::Failed(
            "the archive time-stamp is not over the one before it (RFC 4998 section 5.2)".into(),
        ),
        (false, false) => {
            Check::Failed("the archive time-stamp is over something else than the data".into())
        }
    }
}

fn leaves<'s>(
    stamp: &'s ArchiveTimeStamp,
    imprint: Option<&'s (ObjectIdentifier, Vec<u8>)>,
) -> HashSet<&'s [u8]> {
    match &stamp.tree {
        Some(tree) => tree.leaves().iter().map(Vec::as_slice).collect(),
        None => imprint.iter().map(|(_, value)| value.as_slice()).collect(),
    }
}

/// The algorithm and the value of a token's imprint.
fn imprint(token: &[u8]) -> Option<(ObjectIdentifier, Vec<u8>)> {
    let data = SignedData::parse(token).ok()?;
    let info = TstInfo::from_der(data.content.as_deref()?).ok()?;
    let imprint = info.message_imprint;
    Some((
        imprint.hash_algorithm.oid,
        imprint.hashed_message.as_bytes().to_vec(),
    ))
}

/// When a token was made, by its own word.
pub(super) fn made(token: &[u8]) -> Option<UnixTime> {
    let data = SignedData::parse(token).ok()?;
    let info = TstInfo::from_der(data.content.as_deref()?).ok()?;
    Some(info.gen_time.0.into())
}

fn label(oid: &ObjectIdentifier) -> String {
    oid::label(oid).map_or_else(|| oid.to_string(), str::to_owned)
}

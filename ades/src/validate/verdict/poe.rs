//! Proofs of existence (EN 319 102-1 clause 5.6.2.3): what is known to have existed, since when, and by
//! what. Every time-stamp that passed adds what it covers; of several proofs the earliest counts.

use std::collections::HashMap;

use pki_asn1::UnixTime;

use super::Judge;
use super::trace::{Block, Outcome, Step};
use crate::text;
use crate::validate::carried::{Location, ObjectId};
use crate::validate::facts::{ArchiveFacts, SignatureFacts};

/// What a proof of existence rests on.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ProofSource {
    /// A signature-time-stamp.
    SignatureTimestamp,
    /// A document time-stamp of a PDF, or a time-stamp over files of a container.
    DocumentTimestamp,
    /// An archive time-stamp.
    ArchiveTimestamp,
    /// An evidence record.
    EvidenceRecord,
}

impl ProofSource {
    /// The word of the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignatureTimestamp => "signature-timestamp",
            Self::DocumentTimestamp => "document-timestamp",
            Self::ArchiveTimestamp => "archive-timestamp",
            Self::EvidenceRecord => "evidence-record",
        }
    }
}

/// That something existed at a time.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ProofOfExistence {
    /// The time.
    pub time: UnixTime,
    /// What proves it.
    pub source: ProofSource,
    /// Which one of them.
    pub by: Prover,
}

/// What proves an existence, by its place in the facts.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Prover {
    /// Of a signature the time-stamp at this place; of a document time-stamp, itself.
    Timestamp(usize, usize),
    /// Of a signature the archive time-stamp at this place.
    Archive(usize, usize),
    /// The evidence record at this place.
    Record(usize),
    /// Of the evidence record at this place the archive time-stamp at that one, which renews what came before it.
    Renewal(usize, usize),
}

/// What can be proven to have existed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Thing {
    /// A signature, by its place in the facts.
    Signature(usize),
    /// A time-stamp of a signature, by both places; of a document time-stamp, itself.
    Timestamp(usize, usize),
    /// A content-time-stamp of a signature.
    ContentTimestamp(usize, usize),
    /// An archive time-stamp of a signature.
    Archive(usize, usize),
    /// A certificate, CRL or OCSP response.
    Object(ObjectId),
}

/// The set of proofs.
#[derive(Clone, Debug, Default)]
pub struct Proofs(HashMap<Thing, ProofOfExistence>);

impl Proofs {
    /// Adds one; the earliest stays.
    pub(super) fn add(&mut self, thing: Thing, proof: ProofOfExistence) {
        let known = self.0.entry(thing).or_insert(proof);
        *known = proof.min(*known);
    }

    /// The earliest proof that a thing existed.
    #[must_use]
    pub fn of(&self, thing: Thing) -> Option<ProofOfExistence> {
        self.0.get(&thing).copied()
    }
}

impl Judge<'_> {
    /// Since when a thing is proven to have existed.
    pub(super) fn proven(&self, thing: Thing) -> Option<UnixTime> {
        Some(self.proofs.borrow().of(thing)?.time)
    }

    /// All of a signature: itself, its time-stamps, and those of its counter-signatures.
    fn prove_signature(&self, index: usize, proof: ProofOfExistence) {
        let Some(one) = self.facts.signatures.get(index) else {
            return;
        };
        let mut proofs = self.proofs.borrow_mut();
        proofs.add(Thing::Signature(index), proof);
        for place in 0..one.timestamps.len() {
            proofs.add(Thing::Timestamp(index, place), proof);
        }
        for place in 0..one.content_timestamps.len() {
            proofs.add(Thing::ContentTimestamp(index, place), proof);
        }
        for place in 0..one.cms.as_ref().map_or(0, |c| c.archive.len()) {
            proofs.add(Thing::Archive(index, place), proof);
        }
    }

    /// What a document time-stamp of a PDF covers: what was there before its revision, and what the
    /// document stores up to it.
    pub(super) fn prove_document(&self, revision: usize, proof: ProofOfExistence) {
        for (index, one) in self.facts.signatures.iter().enumerate() {
            if one.pdf.as_ref().is_some_and(|p| p.revision < revision) {
                self.prove_signature(index, proof);
            }
        }
        let any = self.facts.signatures.iter().find_map(|s| s.pdf.as_ref());
        if let Some(pdf) = any {
            let covered = |place: &Location| match place {
                Location::Revision(at) => *at <= revision,
                Location::Contents(at) => *at < revision,
                _ => false,
            };
            self.prove_objects(pdf.carried.objects(covered), proof);
        }
    }

    /// What a time-stamp over a file of a container covers: everything in it.
    pub(super) fn prove_member(&self, index: usize, proof: ProofOfExistence) {
        self.prove_signature(index, proof);
        let cms = self
            .facts
            .signatures
            .get(index)
            .and_then(|s| s.cms.as_ref());
        if let Some(cms) = cms {
            self.prove_objects(cms.carried.objects(|_| true), proof);
            self.prove_objects(cms.carried_by_time_stamps.objects(|_| true), proof);
        }
    }

    /// What an archive time-stamp covers: the signature, and what its index names.
    pub(super) fn prove_archived(
        &self,
        index: usize,
        stamp: &ArchiveFacts,
        proof: ProofOfExistence,
    ) {
        let Some((one, cms)) = self.facts.signatures.get(index).and_then(with_cms) else {
            return;
        };
        {
            let mut proofs = self.proofs.borrow_mut();
            proofs.add(Thing::Signature(index), proof);
            for place in 0..one.content_timestamps.len() {
                proofs.add(Thing::ContentTimestamp(index, place), proof);
            }
            for (place, position) in cms.timestamp_positions.iter().enumerate() {
                if stamp.values.contains(position) {
                    proofs.add(Thing::Timestamp(index, place), proof);
                }
            }
            for (place, other) in cms.archive.iter().enumerate() {
                if stamp.values.contains(&other.position) {
                    proofs.add(Thing::Archive(index, place), proof);
                }
            }
        }
        let covered = |place: &Location| match place {
            Location::Certificate(at) => stamp.certificate_places.contains(at),
            Location::Revocation(at) => stamp.revocation_places.contains(at),
            Location::Value(at) => stamp.values.contains(at),
            _ => false,
        };
        self.prove_objects(cms.carried.objects(covered), proof);
        self.prove_objects(cms.carried_by_time_stamps.objects(covered), proof);
        // Counter-signatures stand behind what they confirm, so those of them follow.
        let mut within = vec![index];
        for (other, one) in self.facts.signatures.iter().enumerate() {
            let of = one.cms.as_ref().and_then(|c| c.countersigns.as_ref());
            let Some(of) = of.filter(|of| within.contains(&of.index)) else {
                continue;
            };
            if of.index != index || stamp.values.contains(&of.position) {
                within.push(other);
                self.prove_signature(other, proof);
            }
        }
    }

    pub(super) fn prove_objects(
        &self,
        objects: impl Iterator<Item = ObjectId>,
        proof: ProofOfExistence,
    ) {
        let mut proofs = self.proofs.borrow_mut();
        objects.for_each(|id| proofs.add(Thing::Object(id), proof));
    }

    /// What is proven of a signature, for the trace.
    pub(super) fn extraction(&self, index: usize) -> Step {
        let proof = self.proofs.borrow().of(Thing::Signature(index));
        Step {
            block: Block::PoeExtraction,
            about: None,
            outcome: match proof {
                Some(_) => Outcome::Passed,
                None => Outcome::NotApplicable,
            },
            sub_indication: None,
            message: Some(match proof {
                Some(p) => text!(
                    "the signature is proven to have existed at {} ({})",
                    p.time,
                    p.source.as_str()
                ),
                None => text!("nothing proves when the signature existed before now"),
            }),
            children: Vec::new(),
        }
    }
}

fn with_cms(one: &SignatureFacts) -> Option<(&SignatureFacts, &crate::validate::CmsFacts)> {
    Some((one, one.cms.as_ref()?))
}

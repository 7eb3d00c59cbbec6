//! Time-stamps (EN 319 102-1 clause 5.4), judged from the latest to the first, so that each is judged with
//! what a later one proves of it.

use std::collections::HashSet;
use std::time::Duration;

use pki_asn1::UnixTime;

use super::Judge;
use super::algorithms::Made;
use super::chain::{Asked, Purpose};
use super::crypto::crypto;
use super::failure::Failure;
use super::format::{changes, coverage, files, format, readings};
use super::indication::{ChainEntry, Indication, SubIndication, TimestampVerdict};
use super::poe::{ProofOfExistence, ProofSource, Prover, Thing};
use super::trace::{Block, Trace};
use crate::text;
use crate::validate::facts::{Check, Coverage, SignatureFacts, SignatureKind, TimestampFacts};

/// A document time-stamp, or one over files of a container, with its verdict and what it proves.
pub(super) struct DocumentStamp {
    pub(super) index: usize,
    pub(super) verdict: TimestampVerdict,
    pub(super) proof: Option<ProofOfExistence>,
}

impl Judge<'_> {
    /// Those of a PDF and those of a container.
    pub(super) fn document_timestamps(&self) -> Vec<DocumentStamp> {
        let mut stamps = self.container_timestamps();
        for (index, one) in self.facts.signatures.iter().enumerate().rev() {
            let (SignatureKind::DocumentTimestamp, [token], Some(pdf)) =
                (one.kind, one.timestamps.as_slice(), &one.pdf)
            else {
                continue;
            };
            let control = self.proven(Thing::Timestamp(index, 0));
            let verdict = self.timestamp(token, control);
            let covers = matches!(pdf.coverage, Coverage::WholeFile | Coverage::WholeRevision);
            let holds = covers && one.format_problems.is_empty();
            let proof = self
                .proof(
                    &verdict,
                    ProofSource::DocumentTimestamp,
                    Prover::Timestamp(index, 0),
                )
                .filter(|_| holds);
            if let Some(proof) = proof {
                self.prove_document(pdf.revision, proof);
            }
            stamps.push(DocumentStamp {
                index,
                verdict,
                proof,
            });
        }
        stamps
    }

    /// Those of a container, from the latest on.
    fn container_timestamps(&self) -> Vec<DocumentStamp> {
        let mut all: Vec<(usize, &SignatureFacts, &TimestampFacts)> = Vec::new();
        for (index, one) in self.facts.signatures.iter().enumerate() {
            if let (SignatureKind::DocumentTimestamp, [token], Some(_)) =
                (one.kind, one.timestamps.as_slice(), &one.cms)
            {
                all.push((index, one, token));
            }
        }
        all.sort_by_key(|(_, _, token)| core::cmp::Reverse(token.gen_time));
        let mut stamps = Vec::new();
        for (index, one, token) in all {
            let control = self.proven(Thing::Timestamp(index, 0));
            let verdict = self.timestamp(token, control);
            let made = Made::by(control);
            let holds = one.format_problems.is_empty()
                && files(one).is_ok()
                && self.file_digests(one, made).is_ok();
            let proof = self
                .proof(
                    &verdict,
                    ProofSource::DocumentTimestamp,
                    Prover::Timestamp(index, 0),
                )
                .filter(|_| holds);
            if let Some(proof) = proof {
                self.prove_files(index, one, proof);
            }
            stamps.push(DocumentStamp {
                index,
                verdict,
                proof,
            });
        }
        stamps
    }

    /// Whatever stands in the files that a time-stamp covers.
    fn prove_files(&self, stamp: usize, one: &SignatureFacts, proof: ProofOfExistence) {
        let files = one.cms.iter().flat_map(|c| c.files.iter());
        let names: HashSet<&str> = files.map(|f| f.name.as_str()).collect();
        for (index, other) in self.facts.signatures.iter().enumerate() {
            let member = other.cms.as_ref().and_then(|c| c.member.as_deref());
            if index != stamp && member.is_some_and(|m| names.contains(m)) {
                self.prove_member(index, proof);
            }
        }
    }

    /// The signature-time-stamps of a signature; those that pass prove it.
    pub(super) fn signature_timestamps(
        &self,
        index: usize,
        one: &SignatureFacts,
    ) -> Vec<TimestampVerdict> {
        let mut verdicts = Vec::new();
        for (place, token) in one.timestamps.iter().enumerate() {
            let control = self.proven(Thing::Timestamp(index, place));
            let verdict = self.timestamp(token, control);
            let by = Prover::Timestamp(index, place);
            if let Some(proof) = self.proof(&verdict, ProofSource::SignatureTimestamp, by) {
                let mut proofs = self.proofs.borrow_mut();
                proofs.add(Thing::Signature(index), proof);
            }
            verdicts.push(verdict);
        }
        verdicts
    }

    /// The content-time-stamps of a signature. They are as old as it is proven to be.
    pub(super) fn content_timestamps(
        &self,
        index: usize,
        one: &SignatureFacts,
    ) -> Vec<TimestampVerdict> {
        let all = one.content_timestamps.iter().enumerate();
        all.map(|(place, token)| {
            let control = self.proven(Thing::ContentTimestamp(index, place));
            self.timestamp(token, control)
        })
        .collect()
    }

    /// What a time-stamp that passed proves: nothing, where it may have been made later than now.
    pub(super) fn proof(
        &self,
        verdict: &TimestampVerdict,
        source: ProofSource,
        by: Prover,
    ) -> Option<ProofOfExistence> {
        let time = verdict.latest();
        let proves = verdict.indication == Indication::TotalPassed && !self.proves_nothing(verdict);
        proves.then_some(ProofOfExistence { time, source, by })
    }

    /// Whether a time-stamp is so inaccurate that it may have been made only now.
    pub(super) fn proves_nothing(&self, verdict: &TimestampVerdict) -> bool {
        verdict.accuracy > Duration::ZERO && verdict.latest() > self.now
    }

    pub(super) fn timestamp(
        &self,
        token: &TimestampFacts,
        control: Option<UnixTime>,
    ) -> TimestampVerdict {
        let mut chain = Vec::new();
        let mut trace = Trace::default();
        let about = text!("the time-stamp of {}", token.gen_time);
        let result = trace.run_about(Block::TimestampValidation, about, |trace| {
            self.timestamp_checks(token, control, &mut chain, trace)
        });
        let (indication, sub_indication, errors) = match result {
            Ok(()) => (Indication::TotalPassed, None, Vec::new()),
            Err(f) => (f.indication, Some(f.sub), vec![f.message()]),
        };
        TimestampVerdict {
            indication,
            sub_indication,
            time: token.gen_time,
            accuracy: coarse(token.accuracy),
            chain,
            errors,
            checks: trace.into_steps(),
        }
    }

    /// EN 319 102-1 clause 5.4.
    pub(super) fn timestamp_checks(
        &self,
        token: &TimestampFacts,
        control: Option<UnixTime>,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        trace.run(Block::CryptographicVerification, |_| {
            imprint(token)?;
            crypto(&token.signer)
        })?;
        if let Some(problem) = token.signer.problems.first() {
            return Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                text!("the time-stamp is not as it should be: {}", problem),
            ));
        }
        let latest = self.now + self.policy.clock_skew;
        if token.gen_time > latest {
            return Err(Failure::indeterminate(
                SubIndication::TimestampOrderFailure,
                text!(
                    "the time-stamp is of {}, which lies in the future",
                    token.gen_time
                ),
            ));
        }
        if let Some(covered) = control
            && token.gen_time - coarse(token.accuracy) > covered + self.policy.clock_skew
        {
            return Err(Failure::indeterminate(
                SubIndication::TimestampOrderFailure,
                text!(
                    "the time-stamp is of {}, and is proven to have existed at {} already",
                    token.gen_time,
                    covered
                ),
            ));
        }
        let asked = Asked {
            signer: &token.signer,
            purpose: Purpose::TimeStamping,
            made: Made::by(control),
            claimed: None,
        };
        let made = Made {
            by: control,
            after: Some(token.gen_time),
        };
        self.chain_and_algorithms(asked, made, chain, trace)?;
        trace.run(Block::SignatureAcceptance, |_| {
            self.accepted_timestamp(token)?;
            match token.imprint_algorithm {
                Some(digest) => self.digest_strength(digest, Purpose::TimeStamping, made),
                None => Ok(()),
            }
        })
    }

    /// What the policy asks of time-stamps.
    fn accepted_timestamp(&self, token: &TimestampFacts) -> Result<(), Failure> {
        let policy = &self.policy.timestamp;
        let refuse = |what| {
            Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                what,
            ))
        };
        if let Some(digest) = token.imprint_algorithm
            && !policy.digests.is_empty()
            && !policy.digests.contains(&digest)
        {
            return refuse(text!(
                "the policy does not accept time-stamps with {}",
                digest
            ));
        }
        if !policy.policies.is_empty() && !policy.policies.contains(&token.policy) {
            return refuse(text!(
                "the policy does not accept time-stamps under the policy {}",
                token.policy
            ));
        }
        Ok(())
    }
}

/// More than a second, in whole seconds.
fn coarse(accuracy: Option<Duration>) -> Duration {
    const EXACT: Duration = Duration::from_secs(1);
    match accuracy {
        Some(accuracy) if accuracy > EXACT => {
            let begun = u64::from(accuracy.subsec_nanos() > 0);
            Duration::from_secs(accuracy.as_secs().saturating_add(begun))
        }
        _ => Duration::ZERO,
    }
}

/// Whether the token is over what it should be over.
fn imprint(token: &TimestampFacts) -> Result<(), Failure> {
    match &token.imprint {
        Check::Ok => Ok(()),
        Check::Failed(why) => Err(Failure::failed(SubIndication::HashFailure, why)),
        Check::NotPossible(why) if token.imprint_algorithm.is_none() => {
            Err(Failure::not_computed(why))
        }
        Check::NotPossible(why) => Err(Failure::indeterminate(
            SubIndication::SignedDataNotFound,
            why,
        )),
    }
}

pub(super) fn document_timestamp_checks(
    one: &SignatureFacts,
    own: Option<&TimestampVerdict>,
    trace: &mut Trace,
) -> Result<(), Failure> {
    trace.run(Block::FormatChecking, |_| format(one))?;
    let Some(own) = own else {
        return Err(Failure::failed(
            SubIndication::FormatFailure,
            "there is no time-stamp token that could be checked",
        ));
    };
    own.checks.iter().for_each(|s| trace.push(s.clone()));
    match (own.sub_indication, own.errors.first()) {
        (Some(sub), Some(error)) => Err(Failure {
            indication: own.indication,
            sub,
            message: error.message.clone(),
            hint: error.hint.clone(),
            of_ca: false,
        }),
        _ if one.pdf.is_some() => {
            trace.run(Block::DocumentCoverage, |_| coverage(one))?;
            trace.run(Block::DocumentChanges, |_| {
                changes(one).and_then(|()| readings(one))
            })
        }
        _ => trace.run(Block::ContainerFiles, |_| files(one)),
    }
}

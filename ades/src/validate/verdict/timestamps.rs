//! Time-stamps (EN 319 102-1 clause 5.4), and the proofs of existence they give (clause 5.6.2.3).

use std::collections::HashSet;

use pki_asn1::UnixTime;

use super::Judge;
use super::chain::Purpose;
use super::crypto::crypto;
use super::failure::Failure;
use super::format::{changes, coverage, files, format, readings};
use super::record::RecordVerdict;
use super::indication::{ChainEntry, Indication, Message, SubIndication, TimestampVerdict};
use super::trace::{Block, Trace};
use crate::text;
use crate::validate::facts::{Check, Coverage, RecordPlace, SignatureFacts, SignatureKind, TimestampFacts};

/// A document time-stamp that passed: everything up to its revision existed at its time.
pub(super) struct Proof {
    pub(super) index: usize,
    pub(super) revision: usize,
    pub(super) time: UnixTime,
}

pub(super) struct DocumentStamp {
    pub(super) index: usize,
    pub(super) verdict: TimestampVerdict,
}

/// A time-stamp over files of a container that passed: the files named existed at its time.
pub(super) struct ContainerProof<'f> {
    pub(super) index: usize,
    pub(super) time: UnixTime,
    files: HashSet<&'f str>,
}

impl ContainerProof<'_> {
    /// Whether the file that the signature stands in is among them.
    pub(super) fn covers(&self, one: &SignatureFacts) -> bool {
        let member = one.cms.as_ref().and_then(|c| c.member.as_deref());
        member.is_some_and(|m| self.files.contains(m))
    }
}

pub(super) struct Stamps<'f> {
    pub(super) proofs: Vec<Proof>,
    pub(super) container: Vec<ContainerProof<'f>>,
    pub(super) verdicts: Vec<DocumentStamp>,
    /// When evidence records in a signature prove it to have existed, by its place in the facts.
    pub(super) records: Vec<Option<UnixTime>>,
    /// Why such a record does not, with that place.
    pub(super) record_warnings: Vec<(usize, Message)>,
}

impl<'a> Judge<'a> {
    /// From the last to the first: each is judged at the time that a later one proves.
    pub(super) fn document_timestamps(&self, records: &[RecordVerdict]) -> Stamps<'a> {
        let mut stamps = Stamps {
            proofs: Vec::new(),
            container: Vec::new(),
            verdicts: Vec::new(),
            records: self.proven_by_records(records),
            record_warnings: self.record_warnings(records),
        };
        self.container_records(records, &mut stamps);
        self.container_timestamps(&mut stamps);
        for (index, one) in self.facts.signatures.iter().enumerate().rev() {
            let (SignatureKind::DocumentTimestamp, [token], Some(pdf)) =
                (one.kind, one.timestamps.as_slice(), &one.pdf)
            else {
                continue;
            };
            let control = stamps
                .proofs
                .iter()
                .filter(|p| p.revision > pdf.revision)
                .map(|p| p.time)
                .min();
            let verdict = self.timestamp(token, control);
            let covers = matches!(pdf.coverage, Coverage::WholeFile | Coverage::WholeRevision);
            if verdict.indication == Indication::TotalPassed
                && covers
                && one.format_problems.is_empty()
            {
                stamps.proofs.push(Proof {
                    index,
                    revision: pdf.revision,
                    time: token.gen_time,
                });
            }
            stamps.verdicts.push(DocumentStamp { index, verdict });
        }
        stamps
    }

    /// Evidence records over files of a container prove them as time-stamps do.
    fn container_records(&self, records: &[RecordVerdict], stamps: &mut Stamps<'a>) {
        for (number, (facts, verdict)) in
            self.facts.evidence_records.iter().zip(records).enumerate()
        {
            if let (RecordPlace::Member(_), Some(time)) = (&facts.place, verdict.proven) {
                stamps.container.push(ContainerProof {
                    // No signature's place.
                    index: self.facts.signatures.len() + number,
                    time,
                    files: facts.objects.iter().map(|o| o.name.as_str()).collect(),
                });
            }
        }
    }

    /// Those of a container, from the latest on: each is judged at the time that a later one over its
    /// token proves.
    fn container_timestamps(&self, stamps: &mut Stamps<'a>) {
        let mut all: Vec<(usize, &'a SignatureFacts, &'a TimestampFacts)> = Vec::new();
        for (index, one) in self.facts.signatures.iter().enumerate() {
            if let (SignatureKind::DocumentTimestamp, [token], Some(_)) =
                (one.kind, one.timestamps.as_slice(), &one.cms)
            {
                all.push((index, one, token));
            }
        }
        all.sort_by_key(|(_, _, token)| core::cmp::Reverse(token.gen_time));
        for (index, one, token) in all {
            let later = stamps.container.iter().filter(|p| p.covers(one));
            let control = later.map(|p| p.time).min();
            let verdict = self.timestamp(token, control);
            if verdict.indication == Indication::TotalPassed
                && one.format_problems.is_empty()
                && files(one).is_ok()
                && self.file_digests(one, control).is_ok()
            {
                let names = one.cms.iter().flat_map(|c| c.files.iter());
                stamps.container.push(ContainerProof {
                    index,
                    time: token.gen_time,
                    files: names.map(|f| f.name.as_str()).collect(),
                });
            }
            stamps.verdicts.push(DocumentStamp { index, verdict });
        }
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
        trace.run(Block::CertificateValidation, |_| {
            self.certificate(&token.signer, Purpose::TimeStamping, control, chain)
        })?;
        trace.run(Block::SignatureAcceptance, |_| {
            self.algorithms(&token.signer, chain, control)?;
            match token.imprint_algorithm {
                Some(digest) => self.digest_strength(digest, control),
                None => Ok(()),
            }
        })
    }
}

/// Whether the token is over what it should be over.
fn imprint(token: &TimestampFacts) -> Result<(), Failure> {
    match &token.imprint {
        Check::Ok => Ok(()),
        Check::Failed(why) => Err(Failure::failed(SubIndication::HashFailure, why)),
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

//! Evidence records (RFC 4998 section 5.3, EN 319 102-1 clause 5.6.2.3): each token is judged at the time
//! of the one after it, the last one now; the digest algorithm of a chain must have been good until the
//! next chain was begun.

use pki_asn1::UnixTime;

use super::Judge;
use super::algorithms::Made;
use super::chain::Purpose;
use super::code::Warning;
use super::failure::Failure;
use super::indication::{Indication, Message, SubIndication, TimestampVerdict};
use super::poe::{ProofOfExistence, ProofSource, Prover};
use crate::text;
use crate::text::{Quoted, Text};
use crate::validate::facts::{Check, RecordFacts, RecordPlace, RecordStamp};

/// The verdict on an evidence record.
#[derive(Clone, Debug)]
pub struct RecordVerdict {
    /// The verdict.
    pub indication: Indication,
    /// Why, where not passed.
    pub sub_indication: Option<SubIndication>,
    /// When its data is proven to have existed; `None` where the record proves nothing.
    pub proven: Option<UnixTime>,
    /// Its archive time-stamps, those of all chains in their order; `None` where one cannot be read.
    pub stamps: Vec<Option<TimestampVerdict>>,
    /// Why, in words; the first names the sub-indication.
    pub errors: Vec<Message>,
    /// What does not change the verdict and should be known.
    pub warnings: Vec<Message>,
}

impl Judge<'_> {
    /// One for each evidence record of the facts.
    pub(super) fn records(&self) -> Vec<RecordVerdict> {
        let judged = |(index, facts): (usize, &RecordFacts)| {
            let verdict = self.record(index, facts);
            if let Some(time) = verdict.proven {
                let source = ProofSource::EvidenceRecord;
                let by = Prover::Record(index);
                let proof = ProofOfExistence { time, source, by };
                let signatures = facts.signatures.iter();
                signatures.for_each(|index| self.prove_member(*index, proof));
            }
            verdict
        };
        let all = self.facts.evidence_records.iter().enumerate();
        all.map(judged).collect()
    }

    /// The indications of those that stand for themselves: one in a signature only adds to it.
    pub(super) fn of_their_own(
        &self,
        verdicts: &[RecordVerdict],
    ) -> impl Iterator<Item = Indication> {
        let all = self.facts.evidence_records.iter().zip(verdicts);
        all.filter(|(facts, _)| !matches!(facts.place, RecordPlace::Attribute))
            .map(|(_, verdict)| verdict.indication)
    }

    /// Records in a signature that prove nothing, by its place in the facts.
    pub(super) fn record_warnings(&self, verdicts: &[RecordVerdict]) -> Vec<(usize, Message)> {
        let mut out = Vec::new();
        for (facts, verdict) in self.facts.evidence_records.iter().zip(verdicts) {
            if let (RecordPlace::Attribute, [first, ..], Some(error)) = (
                &facts.place,
                facts.signatures.as_slice(),
                verdict.errors.first(),
            ) {
                let message = Message {
                    code: Warning::EvidenceRecordNotValid.into(),
                    message: text!("its evidence record does not count: {}", error.message),
                    hint: error.hint.clone(),
                };
                out.push((*first, message));
            }
        }
        out
    }

    fn record(&self, index: usize, facts: &RecordFacts) -> RecordVerdict {
        let stamps = self.record_stamps(index, facts);
        let result = mechanical(facts)
            .and_then(|()| order(facts))
            .and_then(|()| tokens(&stamps))
            .and_then(|()| self.chain_digests(facts))
            .and_then(|()| at_hand(facts));
        let proves = result.is_ok();
        let result = match facts.place {
            RecordPlace::Member(_) => result.and_then(|()| self.uncovered_files()),
            _ => result,
        };
        let (indication, sub_indication, errors) = match result {
            Ok(()) => (Indication::TotalPassed, None, Vec::new()),
            Err(f) => (f.indication, Some(f.sub), vec![f.message()]),
        };
        let first = stamps.first().and_then(Option::as_ref);
        let proven = first.filter(|one| !self.proves_nothing(one));
        let proven = proven.map(TimestampVerdict::latest);
        let mut warnings = warnings(facts);
        let readable = stamps.iter().flatten();
        warnings.extend(readable.filter_map(|one| self.inaccurate(one)));
        RecordVerdict {
            indication,
            sub_indication,
            proven: proven.filter(|_| proves),
            stamps,
            errors,
            warnings,
        }
    }

    /// From the last to the first.
    fn record_stamps(&self, index: usize, facts: &RecordFacts) -> Vec<Option<TimestampVerdict>> {
        let source = ProofSource::EvidenceRecord;
        let mut control = None;
        let mut out = Vec::new();
        let stamps: Vec<_> = facts.stamps().enumerate().collect();
        for (place, one) in stamps.into_iter().rev() {
            // Clause 5.6.3.4 step 1 b) i: what the next one is over existed by then.
            if let Some(time) = control {
                let by = Prover::Renewal(index, place + 1);
                let proof = ProofOfExistence { time, source, by };
                self.prove_objects(one.carried.objects(|_| true), proof);
            }
            let verdict = (one.stamp.as_ref().ok()).map(|stamp| self.timestamp(stamp, control));
            // What a successor that does not hold is over is judged now.
            control = (verdict.as_ref())
                .filter(|v| v.indication == Indication::TotalPassed && one.link.is_ok())
                .filter(|v| !self.proves_nothing(v))
                .map(TimestampVerdict::latest);
            out.push(verdict);
        }
        out.reverse();
        out
    }

    /// Data is tied to a chain by its digest algorithm alone, until the next chain is over both.
    fn chain_digests(&self, facts: &RecordFacts) -> Result<(), Failure> {
        let begins = |chain: usize| {
            let first = facts.chains.get(chain)?.stamps.first()?;
            Some(first.stamp.as_ref().ok()?.gen_time)
        };
        for (number, chain) in facts.chains.iter().enumerate() {
            if let Some(algorithm) = chain.algorithm {
                self.digest_strength(
                    algorithm,
                    Purpose::TimeStamping,
                    Made::by(begins(number + 1)),
                )?;
            }
        }
        Ok(())
    }
}

/// Sections 4.3 and 5.3 as far as they need no trust.
fn mechanical(facts: &RecordFacts) -> Result<(), Failure> {
    let format = |why: Text| Err(Failure::failed(SubIndication::FormatFailure, why));
    if let Some(problem) = facts.problems.first() {
        return format(problem.clone());
    }
    let hash = |why: Text| Err(Failure::failed(SubIndication::HashFailure, why));
    // A tree that leads elsewhere says more than what is not in it.
    for (number, one) in facts.stamps().enumerate() {
        match &one.stamp {
            Err(why) => {
                return format(text!(
                    "archive time-stamp {} cannot be read: {}",
                    number + 1,
                    why
                ));
            }
            Ok(stamp) => {
                // Without a tree the imprint is the link.
                let is_link = one.hashes == 0 && !one.link.is_ok();
                if let (Check::Failed(why), false) = (&stamp.imprint, is_link) {
                    return hash(text!("archive time-stamp {}: {}", number + 1, why));
                }
            }
        }
    }
    for (number, one) in facts.stamps().enumerate() {
        let Check::Failed(why) = &one.link else {
            continue;
        };
        let is_lost = |check: &Check| matches!(check, Check::Failed(_));
        return match facts.objects.iter().find(|o| is_lost(&o.check)) {
            Some(object) => hash(text!(
                "the record is not about {}: archive time-stamp {}: {}",
                Quoted(&object.name),
                number + 1,
                why
            )),
            None => hash(text!("archive time-stamp {}: {}", number + 1, why)),
        };
    }
    Ok(())
}

/// Section 5.3: each archive time-stamp is later than the one before.
fn order(facts: &RecordFacts) -> Result<(), Failure> {
    let times: Vec<UnixTime> = (facts.stamps())
        .filter_map(|one| one.stamp.as_ref().ok())
        .map(|stamp| stamp.gen_time)
        .collect();
    match times.iter().zip(times.iter().skip(1)).find(|(a, b)| a > b) {
        None => Ok(()),
        Some((earlier, later)) => Err(Failure::indeterminate(
            SubIndication::TimestampOrderFailure,
            text!(
                "an archive time-stamp of {} follows one of {} that it should renew",
                later,
                earlier
            ),
        )),
    }
}

/// Every token has to pass, from the last on: those before rest on it.
fn tokens(stamps: &[Option<TimestampVerdict>]) -> Result<(), Failure> {
    let count = stamps.len();
    for (number, verdict) in stamps.iter().enumerate().rev() {
        let Some(verdict) = verdict else { continue };
        // That the data is missing is said of the record.
        if verdict.sub_indication == Some(SubIndication::SignedDataNotFound) {
            continue;
        }
        if let (Some(sub), Some(error)) = (verdict.sub_indication, verdict.errors.first()) {
            return Err(Failure {
                indication: verdict.indication,
                sub,
                message: text!(
                    "archive time-stamp {} of {}, of {}: {}",
                    number + 1,
                    count,
                    verdict.time,
                    error.message
                ),
                hint: error.hint.clone(),
                of_ca: false,
            });
        }
    }
    Ok(())
}

/// Without the data the record proves nothing about it, nor where its hashes are not computed.
fn at_hand(facts: &RecordFacts) -> Result<(), Failure> {
    let unknown = facts.chains.iter().find(|one| one.algorithm.is_none());
    if let Some(chain) = unknown {
        return Err(Failure::not_computed(text!(
            "digest algorithm {} is not supported",
            chain.algorithm_name
        )));
    }
    let links = facts.stamps().map(|one: &RecordStamp| &one.link);
    let imprints = facts
        .stamps()
        .filter_map(|one| Some(&one.stamp.as_ref().ok()?.imprint));
    for check in links.chain(imprints) {
        if let Check::NotPossible(why) = check {
            return Err(
                Failure::indeterminate(SubIndication::SignedDataNotFound, why)
                    .hint("give the data that the record is about with --content, each file once"),
            );
        }
    }
    Ok(())
}

fn warnings(facts: &RecordFacts) -> Vec<Message> {
    let mut out: Vec<Message> = (facts.notes.iter())
        .map(|note| Message {
            code: Warning::RecordNotAsSpecified.into(),
            message: note.clone(),
            hint: None,
        })
        .collect();
    if let Some(oid) = &facts.encryption {
        out.push(Message {
            code: Warning::RecordOverEncryptedData.into(),
            message: text!("the record is about data in encrypted form ({})", oid),
            hint: Some("give the data as it was encrypted".into()),
        });
    }
    if facts.others > 0 && facts.objects.len() > 1 {
        out.push(Message {
            code: Warning::RecordOverMore.into(),
            message: text!(
                "the first archive time-stamp holds {} more hashes than objects were given: whether these are all of one group is not proven",
                facts.others
            ),
            hint: None,
        });
    }
    out
}

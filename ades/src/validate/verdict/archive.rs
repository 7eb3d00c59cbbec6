//! Archive time-stamps of CMS signatures (EN 319 122-1 clause 5.5.3) and what they prove.
//!
//! The latest is judged at the present, each earlier one at the time that a later one over it proves.
//! What a hash index does not cover is not proven by it.

use super::Judge;
use super::code::Warning;
use super::failure::Failure;
use super::indication::{Indication, Message, SubIndication, TimestampVerdict};
use super::poe::{ProofSource, Prover, Thing};
use crate::text;
use crate::validate::facts::{ArchiveFacts, Check, SignatureFacts};

impl Judge<'_> {
    /// For each signature of the facts, its archive time-stamps in the order of the facts.
    pub(super) fn archives(&self) -> Vec<Vec<TimestampVerdict>> {
        let all = self.facts.signatures.iter().enumerate();
        all.map(|(index, one)| match &one.cms {
            Some(cms) => self.archive(index, &cms.archive),
            None => Vec::new(),
        })
        .collect()
    }

    fn archive(&self, signature: usize, all: &[ArchiveFacts]) -> Vec<TimestampVerdict> {
        let mut order: Vec<(usize, &ArchiveFacts)> = all.iter().enumerate().collect();
        order.sort_by_key(|(_, one)| core::cmp::Reverse(one.stamp.gen_time));
        let mut out = Vec::new();
        for (place, one) in order {
            let control = self.proven(Thing::Archive(signature, place));
            let mut verdict = self.timestamp(&one.stamp, control);
            if let (Check::Failed(why) | Check::NotPossible(why), true) =
                (&one.index, verdict.indication >= Indication::Indeterminate)
            {
                let failure = Failure::failed(SubIndication::HashFailure, why);
                verdict.indication = failure.indication;
                verdict.sub_indication = Some(failure.sub);
                verdict.errors = vec![failure.message()];
            }
            let by = Prover::Archive(signature, place);
            if let Some(proof) = self.proof(&verdict, ProofSource::ArchiveTimestamp, by) {
                self.prove_archived(signature, one, proof);
            }
            out.push((place, verdict));
        }
        out.sort_by_key(|(place, _)| *place);
        out.into_iter().map(|(_, verdict)| verdict).collect()
    }
}

/// Archive time-stamps that prove nothing, and what none of them covers.
pub(super) fn warnings(one: &SignatureFacts, archive: &[TimestampVerdict]) -> Vec<Message> {
    let Some(cms) = &one.cms else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for verdict in archive {
        if let (false, Some(error)) = (
            verdict.indication == Indication::TotalPassed,
            verdict.errors.first(),
        ) {
            out.push(Message {
                code: Warning::ArchiveTimestampNotValid.into(),
                message: text!(
                    "the archive time-stamp of {} does not count: {}",
                    verdict.time,
                    error.message
                ),
                hint: error.hint.clone(),
            });
        }
    }
    let partial = |(covered, all): (usize, usize)| covered < all;
    if !cms.archive.is_empty()
        && cms
            .archive
            .iter()
            .all(|a| partial(a.certificates) || partial(a.revocation))
    {
        out.push(Message {
            code: Warning::ArchiveCoversPart.into(),
            message: "certificates or revocation values were added after the last archive time-stamp, which does not cover them".into(),
            hint: Some("renew it with sceau extend --to b-lta".into()),
        });
    }
    out
}

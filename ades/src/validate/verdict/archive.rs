//! Archive time-stamps of CMS signatures (EN 319 122-1 clause 5.5.3) and what they prove.
//!
//! The latest is judged at the present, each earlier one at the time that a later one over it proves.
//! What a hash index does not cover is not proven by it.

use pki_asn1::UnixTime;

use super::Judge;
use super::failure::Failure;
use super::record::RecordVerdict;
use super::indication::{Indication, Message, SubIndication, TimestampVerdict};
use crate::text;
use crate::validate::facts::{ArchiveFacts, Check, SignatureFacts};

/// An archive time-stamp and its verdict.
#[derive(Clone)]
pub(super) struct ArchiveVerdict {
    pub(super) verdict: TimestampVerdict,
    /// The time that it proves, where it passed.
    proof: Option<UnixTime>,
}

impl Judge<'_> {
    /// For each signature of the facts, its archive time-stamps in the order of the facts.
    pub(super) fn archives(&self, records: &[RecordVerdict]) -> Vec<Vec<ArchiveVerdict>> {
        let records = self.proven_by_records(records);
        let of = |(one, record): (&SignatureFacts, Option<UnixTime>)| {
            one.cms
                .as_ref()
                .map_or_else(Vec::new, |cms| self.archive(&cms.archive, record))
        };
        self.facts.signatures.iter().zip(records).map(of).collect()
    }

    /// `record` is when an evidence record proves the whole signature.
    fn archive(&self, all: &[ArchiveFacts], record: Option<UnixTime>) -> Vec<ArchiveVerdict> {
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|i| all.get(*i).map(|a| core::cmp::Reverse(a.stamp.gen_time)));
        let mut out: Vec<Option<ArchiveVerdict>> = vec![None; all.len()];
        for index in order {
            let Some(one) = all.get(index) else { continue };
            let control = all
                .iter()
                .zip(&out)
                .filter(|(later, _)| later.values.contains(&one.position))
                .filter_map(|(_, verdict)| verdict.as_ref()?.proof)
                .chain(record)
                .min();
            let mut verdict = self.timestamp(&one.stamp, control);
            if let (Check::Failed(why) | Check::NotPossible(why), true) =
                (&one.index, verdict.indication >= Indication::Indeterminate)
            {
                let failure = Failure::failed(SubIndication::HashFailure, why);
                verdict.indication = failure.indication;
                verdict.sub_indication = Some(failure.sub);
                verdict.errors = vec![failure.message()];
            }
            let passed = verdict.indication == Indication::TotalPassed;
            if let Some(slot) = out.get_mut(index) {
                *slot = Some(ArchiveVerdict {
                    proof: passed.then_some(one.stamp.gen_time),
                    verdict,
                });
            }
        }
        out.into_iter().flatten().collect()
    }

    /// When archive time-stamps prove the signature to have existed: its own, and for a
    /// counter-signature those of the signature around it that cover it.
    pub(super) fn proven_by_archive(
        &self,
        one: &SignatureFacts,
        own: &[ArchiveVerdict],
        all: &[Vec<ArchiveVerdict>],
    ) -> Option<UnixTime> {
        let around = one
            .cms
            .as_ref()
            .and_then(|cms| cms.countersigns.as_ref())
            .and_then(|countersigned| {
                let parent = self
                    .facts
                    .signatures
                    .get(countersigned.index)?
                    .cms
                    .as_ref()?;
                let verdicts = all.get(countersigned.index)?;
                parent
                    .archive
                    .iter()
                    .zip(verdicts)
                    .filter(|(facts, _)| facts.values.contains(&countersigned.position))
                    .filter_map(|(_, verdict)| verdict.proof)
                    .min()
            });
        own.iter().filter_map(|a| a.proof).chain(around).min()
    }
}

/// When an archive time-stamp proves that the signature-time-stamp at this place existed.
pub(super) fn covered_at(
    one: &SignatureFacts,
    archive: &[ArchiveVerdict],
    place: usize,
) -> Option<UnixTime> {
    let cms = one.cms.as_ref()?;
    let position = cms.timestamp_positions.get(place)?;
    cms.archive
        .iter()
        .zip(archive)
        .filter(|(facts, _)| facts.values.contains(position))
        .filter_map(|(_, verdict)| verdict.proof)
        .min()
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
                code: "ARCHIVE_TIMESTAMP_NOT_VALID",
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
            code: "ARCHIVE_COVERS_PART",
            message: "certificates or revocation values were added after the last archive time-stamp, which does not cover them".into(),
            hint: Some("renew it with sceau extend --to b-lta".into()),
        });
    }
    out
}

//! Which level's material a signature carries (EN 319 142-1 and EN 319 122-1 clause 6.3).

use pki_asn1::UnixTime;
use pki_path::RevocationStatus;

use super::Judge;
use super::indication::{ChainEntry, Indication, Level, TimestampVerdict};
use super::timestamps::DocumentStamp;
use crate::validate::facts::{Archived, PdfFacts, SignatureFacts, SignatureFormat, SignatureKind};

impl Judge<'_> {
    /// The level by what is there, valid or not.
    pub(super) fn level(
        &self,
        one: &SignatureFacts,
        best: Option<UnixTime>,
        chain: &[ChainEntry],
        timestamps: &[TimestampVerdict],
        archive: &[TimestampVerdict],
        stamps: &[DocumentStamp],
    ) -> Level {
        let baseline = matches!(one.format, SignatureFormat::Pades | SignatureFormat::Cades);
        if one.kind == SignatureKind::DocumentTimestamp || !baseline {
            return Level::None;
        }
        let stamped = !one.timestamps.is_empty() || best.is_some();
        let (values, archived) = match &one.pdf {
            Some(pdf) => self.material_in_pdf(pdf, chain, timestamps, stamps),
            None => Self::material_in_cms(one, chain, timestamps, archive),
        };
        match (stamped, values, archived) {
            (true, true, true) => Level::BLta,
            (true, true, false) => Level::BLt,
            (true, false, _) => Level::BT,
            (false, ..) => Level::BB,
        }
    }

    /// Whether the document brings revocation data for every certificate, and whether a document
    /// time-stamp lies over it.
    fn material_in_pdf(
        &self,
        pdf: &PdfFacts,
        chain: &[ChainEntry],
        timestamps: &[TimestampVerdict],
        stamps: &[DocumentStamp],
    ) -> (bool, bool) {
        if !chain.iter().any(|entry| entry.anchor) {
            // The certificates are not known, so the store cannot be held against them.
            return (pdf.has_dss, pdf.has_archive_timestamp);
        }
        let revision_of = |index: usize| {
            let stamp = self.facts.signatures.get(index)?;
            Some(stamp.pdf.as_ref()?.revision)
        };
        let later = |index: usize| revision_of(index).filter(|r| *r > pdf.revision);
        let mut needed: Vec<&ChainEntry> = chain.iter().collect();
        needed.extend(timestamps.iter().flat_map(|t| &t.chain));
        if timestamps.is_empty() {
            // The document time-stamp that stands for the signature's own.
            let first = stamps.iter().filter(|s| later(s.index).is_some());
            let first = first.min_by_key(|s| s.index);
            needed.extend(first.iter().flat_map(|s| &s.verdict.chain));
        }
        let mut complete = pdf.revision;
        for entry in needed.into_iter().filter(|entry| is_to_be_proven(entry)) {
            match pdf.carried.since(&entry.certificate) {
                Some(revision) => complete = complete.max(revision),
                None => return (false, false),
            }
        }
        let mut stamps = stamps.iter().filter_map(|s| later(s.index));
        (true, stamps.any(|revision| revision >= complete))
    }

    /// The same for a CMS signature: its root `SignedData`, and an archive time-stamp over it.
    fn material_in_cms(
        one: &SignatureFacts,
        chain: &[ChainEntry],
        timestamps: &[TimestampVerdict],
        archive: &[TimestampVerdict],
    ) -> (bool, bool) {
        let flags = (one.has_revocation_values, one.has_archive_attribute);
        let Some(cms) = one
            .cms
            .as_ref()
            .filter(|_| chain.iter().any(|entry| entry.anchor))
        else {
            return flags;
        };
        // A time-stamp that is over and was followed by another one proves nothing.
        let passed = |t: &&TimestampVerdict| t.indication == Indication::TotalPassed;
        let any = timestamps.iter().any(|t| passed(&t));
        let stamps = timestamps.iter().filter(|t| !any || passed(t));
        let mut needed: Vec<&ChainEntry> = chain.iter().collect();
        needed.extend(stamps.flat_map(|t| &t.chain));
        if timestamps.is_empty() {
            // The archive time-stamp that stands for the signature-time-stamp.
            let first = archive.iter().min_by_key(|stamp| stamp.time);
            needed.extend(first.iter().flat_map(|stamp| &stamp.chain));
        }
        let (mut carried, mut archived) = (true, one.has_archive_attribute);
        for entry in needed.into_iter().filter(|entry| is_to_be_proven(entry)) {
            if cms
                .carried_by_time_stamps
                .since(&entry.certificate)
                .is_some()
            {
                continue;
            }
            let mut places = cms.carried.places(&entry.certificate).peekable();
            carried &= places.peek().is_some();
            archived &= match &cms.archived {
                Archived::Nothing => false,
                Archived::Values(covered) => places.any(|place| covered.contains(&place)),
                Archived::Everything => true,
            };
        }
        (carried, archived)
    }
}

/// Anchors, and certificates that their authority exempts, need no revocation data.
fn is_to_be_proven(entry: &ChainEntry) -> bool {
    !entry.anchor && !matches!(entry.revocation, Some(RevocationStatus::NotApplicable))
}

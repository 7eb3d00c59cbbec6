//! The verdict: a pure function of facts, policy and time (EN 319 102-1 clause 5).
//!
//! Time-stamps are judged first, the latest document time-stamp at the present and each earlier one
//! at the time the later one proves; then every signature at the earliest time that is proven for
//! it. Where nothing is proven, the best signature time is now.

mod algorithms;
mod archive;
mod chain;
mod crypto;
mod failure;
mod format;
mod indication;
mod level;
mod record;
mod timestamps;
mod trace;
mod warnings;

use pki_asn1::UnixTime;

use super::facts::{
    Facts, SignatureFacts, SignatureFormat, SignatureKind, SignerFacts, SigningCertificateAttribute,
};
use super::policy::ValidationPolicy;
use crate::text;
use crate::text::Quoted;
use archive::ArchiveVerdict;
use chain::Purpose;
use failure::Failure;
pub use indication::{
    ChainEntry, Indication, Level, Message, SignatureVerdict, SubIndication, TimestampVerdict,
    Verdict,
};
pub use record::RecordVerdict;
use timestamps::{Stamps, document_timestamp_checks};
use trace::Trace;
pub use trace::{Block, Outcome, Step};

/// Judges `facts` under `policy` as of `now`.
#[must_use]
pub fn verdict(facts: &Facts, policy: &ValidationPolicy, now: UnixTime) -> Verdict {
    let judge = Judge { facts, policy, now };
    let stamps = judge.document_timestamps();
    let archives = judge.archives();
    let signatures: Vec<SignatureVerdict> = facts
        .signatures
        .iter()
        .enumerate()
        .map(|(index, one)| judge.signature(index, one, &stamps, &archives))
        .collect();
    let evidence_records = judge.records();
    let all = signatures.iter().map(|s| s.indication);
    Verdict {
        indication: all
            .chain(evidence_records.iter().map(|r| r.indication))
            .min(),
        at: now,
        signatures,
        evidence_records,
    }
}

struct Judge<'a> {
    facts: &'a Facts,
    policy: &'a ValidationPolicy,
    now: UnixTime,
}

impl Judge<'_> {
    fn signature(
        &self,
        index: usize,
        one: &SignatureFacts,
        stamps: &Stamps<'_>,
        archives: &[Vec<ArchiveVerdict>],
    ) -> SignatureVerdict {
        let archive: &[ArchiveVerdict] = archives.get(index).map_or(&[], Vec::as_slice);
        let proven_by_archive = self.proven_by_archive(one, archive, archives);
        let container = stamps.container.iter();
        let in_container = container
            .filter(|p| p.index != index && p.covers(one))
            .map(|p| p.time)
            .min();
        let proven_by_document = one.pdf.as_ref().and_then(|pdf| {
            stamps
                .proofs
                .iter()
                .filter(|p| p.revision > pdf.revision && p.index != index)
                .map(|p| p.time)
                .min()
        });
        let proven_by_document = proven_by_document.into_iter().chain(in_container).min();
        let (timestamps, best) = match one.kind {
            SignatureKind::DocumentTimestamp => {
                let own = stamps
                    .verdicts
                    .iter()
                    .find(|s| s.index == index)
                    .map(|s| s.verdict.clone());
                let proofs = stamps.proofs.iter().map(|p| (p.index, p.time));
                let mut proofs = proofs.chain(stamps.container.iter().map(|p| (p.index, p.time)));
                let proof = proofs.find(|(of, _)| *of == index);
                (Vec::from_iter(own), proof.map(|(_, time)| time))
            }
            SignatureKind::Signature => {
                let verdicts: Vec<TimestampVerdict> = one
                    .timestamps
                    .iter()
                    .enumerate()
                    .map(|(place, t)| {
                        let covered = archive::covered_at(one, archive, place);
                        self.timestamp(t, proven_by_document.into_iter().chain(covered).min())
                    })
                    .collect();
                let own = verdicts
                    .iter()
                    .filter(|v| v.indication == Indication::TotalPassed)
                    .map(|v| v.time)
                    .min();
                let proofs = own.into_iter().chain(proven_by_document);
                (verdicts, proofs.chain(proven_by_archive).min())
            }
        };
        let mut chain = Vec::new();
        let mut errors = Vec::new();
        let mut trace = Trace::default();
        let doc_mdp_ok = format::doc_mdp_ok(one);
        let result = match one.kind {
            SignatureKind::Signature => {
                if timestamps.is_empty() {
                    trace.note(
                        Block::TimestampValidation,
                        Outcome::NotApplicable,
                        "the signature has no time-stamp of its own",
                    );
                }
                for stamp in &timestamps {
                    stamp.checks.iter().for_each(|s| trace.push(s.clone()));
                }
                trace.run(Block::BasicSignature, |trace| {
                    self.signature_checks(one, best, &mut chain, trace)
                })
            }
            SignatureKind::DocumentTimestamp => {
                document_timestamp_checks(one, timestamps.first(), &mut trace)
                    .and_then(|()| self.file_digests(one, best))
            }
        };
        let (indication, sub_indication) = match result {
            Ok(()) => (Indication::TotalPassed, None),
            Err(failure) => {
                errors.push(failure.message());
                (failure.indication, Some(failure.sub))
            }
        };
        errors.extend(format::named(one, indication));
        let archive: Vec<TimestampVerdict> = archive.iter().map(|a| a.verdict.clone()).collect();
        let mut warnings = self.warnings(one, best, &timestamps);
        warnings.extend(format::filled(one, indication));
        warnings.extend(archive::warnings(one, &archive));
        if one.kind == SignatureKind::DocumentTimestamp
            && let Some(own) = timestamps.first()
        {
            chain = own.chain.clone();
        }
        warnings.extend(self.fetch_warnings(indication));
        SignatureVerdict {
            indication,
            sub_indication,
            intact: format::intact(one),
            doc_mdp_ok,
            best_signature_time: best,
            level: self.level(one, best, &chain, &timestamps, &archive, stamps),
            chain,
            timestamps,
            archive,
            errors,
            warnings,
            checks: trace.into_steps(),
        }
    }

    /// A file that nobody signed would be taken for signed by whoever unpacks the container.
    fn unsigned_files(&self) -> Result<(), Failure> {
        let container = self.facts.container.as_ref();
        match container.and_then(|c| c.unsigned.first()) {
            None => Ok(()),
            Some(name) => Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                text!(
                    "the container holds {}, which no signature covers",
                    Quoted(name)
                ),
            )
            .hint("ask who put it there; the other files are as they were signed")),
        }
    }

    /// EN 319 102-1 clause 5.3 and 5.5.
    fn signature_checks(
        &self,
        one: &SignatureFacts,
        best: Option<UnixTime>,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let signer = trace.run(Block::FormatChecking, |_| {
            format::format(one)?;
            one.signer.as_ref().ok_or_else(|| {
                Failure::failed(
                    SubIndication::FormatFailure,
                    "there is no signature that could be checked",
                )
            })
        })?;
        trace.run(Block::CryptographicVerification, |_| crypto::crypto(signer))?;
        trace.run(Block::SigningCertificate, |_| signing_certificate(signer))?;
        // The signature is intact; now the document around it.
        if one.pdf.is_some() {
            trace.run(Block::DocumentCoverage, |_| format::coverage(one))?;
            trace.run(Block::DocumentChanges, |_| {
                format::changes(one).and_then(|()| format::readings(one))
            })?;
        }
        if self.facts.container.is_some() {
            trace.run(Block::ContainerFiles, |_| format::files(one))?;
        }
        trace.run(Block::SignatureAcceptance, |_| attributes(one, signer))?;
        trace.run(Block::CertificateValidation, |_| {
            self.certificate(signer, Purpose::Signing, best, chain)
        })?;
        trace.run(Block::SignatureAcceptance, |_| {
            self.algorithms(signer, chain, best)?;
            self.file_digests(one, best)
        })?;
        self.unsigned_files()
    }
}

/// Clause 5.2.3: whether the certificate whose key fits is the one that was signed.
fn signing_certificate(signer: &SignerFacts) -> Result<(), Failure> {
    match signer.attribute {
        SigningCertificateAttribute::Mismatch => Err(Failure::indeterminate(
            SubIndication::NoSigningCertificateFound,
            "the signing-certificate attribute names another certificate than the one whose key fits",
        )),
        _ => Ok(()),
    }
}

/// Clause 5.2.8: what has to be signed along.
fn attributes(one: &SignatureFacts, signer: &SignerFacts) -> Result<(), Failure> {
    if let Some(problem) = signer.problems.first() {
        return Err(Failure::indeterminate(
            SubIndication::SigConstraintsFailure,
            problem,
        ));
    }
    if one.format == SignatureFormat::Pades
        && signer.attribute == SigningCertificateAttribute::Absent
    {
        return Err(Failure::indeterminate(
            SubIndication::SigConstraintsFailure,
            "a PAdES signature must name its certificate in a signed attribute, and this one does not",
        ));
    }
    Ok(())
}

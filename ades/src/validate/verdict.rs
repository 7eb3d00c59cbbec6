//! The verdict: a pure function of facts, policy and time (EN 319 102-1 clause 5).
//!
//! Whatever proves that something existed is judged first, the latest at the present and each earlier one
//! at the time that a later one proves for it; what passes adds to the proofs of existence. Then every
//! signature is judged at the earliest time that is proven for it, or now.

mod acceptance;
mod admission;
mod algorithms;
mod archive;
mod chain;
mod code;
mod crypto;
mod failure;
mod format;
mod freshness;
mod indication;
mod level;
mod past;
mod path;
mod poe;
mod record;
mod remedy;
mod timestamps;
mod trace;
mod usage;
mod warnings;

use std::cell::RefCell;
use std::collections::HashMap;

use pki_asn1::UnixTime;

use super::carried::ObjectId;
use super::facts::{
    Facts, SignatureFacts, SignatureKind, SignerFacts, SigningCertificateAttribute,
};
use super::policy::{Acceptance, ValidationPolicy};
use crate::text;
use crate::text::Quoted;
use algorithms::Made;
use chain::{Asked, Purpose};
pub use code::{Code, Warning};
use failure::Failure;
pub use indication::{
    ChainEntry, Indication, Level, Message, SignatureVerdict, SubIndication, TimestampVerdict,
    Verdict,
};
pub use poe::{ProofOfExistence, ProofSource, Proofs, Prover, Thing};
pub use record::RecordVerdict;
#[cfg(test)]
pub(crate) use remedy::remedy;
use timestamps::{DocumentStamp, document_timestamp_checks};
use trace::Trace;
pub use trace::{Block, Outcome, Step};

/// Judges `facts` under `policy` as of `now`.
#[must_use]
pub fn verdict(facts: &Facts, policy: &ValidationPolicy, now: UnixTime) -> Verdict {
    let judge = Judge {
        facts,
        policy,
        now,
        proofs: RefCell::default(),
        ids: RefCell::default(),
    };
    let evidence_records = judge.records();
    let stamps = judge.document_timestamps();
    let archives = judge.archives();
    let mut signatures: Vec<SignatureVerdict> = facts
        .signatures
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let archive = archives.get(index).map_or(&[][..], Vec::as_slice);
            judge.signature(index, one, &stamps, archive)
        })
        .collect();
    for (index, warning) in judge.record_warnings(&evidence_records) {
        if let Some(one) = signatures.get_mut(index) {
            one.warnings.push(warning);
        }
    }
    let all = signatures.iter().map(|s| s.indication);
    Verdict {
        indication: all.chain(judge.of_their_own(&evidence_records)).min(),
        at: now,
        proofs: judge.proofs.take(),
        signatures,
        evidence_records,
    }
}

struct Judge<'a> {
    facts: &'a Facts,
    policy: &'a ValidationPolicy,
    now: UnixTime,
    /// What is proven so far.
    proofs: RefCell<Proofs>,
    /// What revocation data is known by, once somebody asked.
    ids: RefCell<HashMap<(bool, usize), ObjectId>>,
}

impl Judge<'_> {
    fn signature(
        &self,
        index: usize,
        one: &SignatureFacts,
        stamps: &[DocumentStamp],
        archive: &[TimestampVerdict],
    ) -> SignatureVerdict {
        let content = self.content_timestamps(index, one);
        let timestamps = match one.kind {
            SignatureKind::DocumentTimestamp => {
                let own = stamps.iter().find(|s| s.index == index);
                Vec::from_iter(own.map(|s| s.verdict.clone()))
            }
            SignatureKind::Signature => self.signature_timestamps(index, one),
        };
        let proof = match one.kind {
            SignatureKind::Signature => self.proofs.borrow().of(Thing::Signature(index)),
            SignatureKind::DocumentTimestamp => {
                let own = stamps.iter().find(|s| s.index == index);
                own.and_then(|s| s.proof)
            }
        };
        let best = proof.map(|p| p.time);
        let mut chain = Vec::new();
        let mut trace = Trace::default();
        let result = match one.kind {
            SignatureKind::Signature => {
                let asked = Signed {
                    index,
                    one,
                    content: &content,
                    timestamps: &timestamps,
                    archive,
                    proof,
                };
                self.signature_checks(&asked, &mut chain, &mut trace)
            }
            SignatureKind::DocumentTimestamp => {
                document_timestamp_checks(one, timestamps.first(), &mut trace)
                    .and_then(|()| self.file_digests(one, Made::by(best)))
                    .and_then(|()| self.uncovered_files())
            }
        };
        let mut errors = Vec::new();
        let (indication, sub_indication) = match result {
            Ok(()) => (Indication::TotalPassed, None),
            Err(failure) => {
                errors.push(failure.message());
                (failure.indication, Some(failure.sub))
            }
        };
        errors.extend(format::named(one, indication));
        let mut warnings = self.warnings(one, best, &timestamps);
        warnings.extend(format::filled(one, indication));
        warnings.extend(archive::warnings(one, archive));
        if indication == Indication::TotalPassed && one.kind == SignatureKind::Signature {
            warnings.extend(self.policy_warnings(one, best));
        }
        if one.kind == SignatureKind::DocumentTimestamp
            && let Some(own) = timestamps.first()
        {
            chain = own.chain.clone();
        }
        warnings.extend(self.anchor_warnings(index, (&chain, best), &timestamps));
        warnings.extend(archive.iter().filter_map(|one| self.inaccurate(one)));
        warnings.extend(content.iter().filter_map(|one| self.inaccurate(one)));
        warnings.extend(self.fetch_warnings(indication));
        SignatureVerdict {
            indication,
            sub_indication,
            intact: format::intact(one),
            doc_mdp_ok: format::doc_mdp_ok(one),
            best_signature_time: best,
            proof,
            level: self.level(one, best, &chain, &timestamps, archive, stamps),
            chain,
            timestamps,
            content_timestamps: content,
            archive: archive.to_vec(),
            errors,
            warnings,
            checks: trace.into_steps(),
        }
    }

    /// A file that nobody signed would be taken for signed by whoever unpacks the container.
    fn unsigned_files(&self) -> Result<(), Failure> {
        if self.policy.unsigned_files == Acceptance::Accepted {
            return Ok(());
        }
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

    /// The same where the container holds no signature, and time-stamps or evidence records stand for it.
    fn uncovered_files(&self) -> Result<(), Failure> {
        let signatures = self.facts.signatures.iter();
        let container = self.facts.container.as_ref();
        if self.policy.unsigned_files == Acceptance::Accepted
            || signatures
                .map(|s| s.kind)
                .any(|k| k == SignatureKind::Signature)
        {
            return Ok(());
        }
        match container.and_then(|c| c.uncovered.first()) {
            None => Ok(()),
            Some(name) => Err(Failure::indeterminate(
                SubIndication::SigConstraintsFailure,
                text!(
                    "the container holds {}, which no time-stamp and no evidence record covers",
                    Quoted(name)
                ),
            )
            .hint("ask who put it there; the other files are as they were")),
        }
    }

    /// Clauses 5.3, 5.5 and 5.6.3: what needs no time, the time-stamps, and then the chain and the
    /// algorithms at the time that they prove.
    fn signature_checks(
        &self,
        asked: &Signed<'_>,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let (one, best) = (asked.one, asked.proof.map(|p| p.time));
        let timeless = |trace: &mut Trace| self.timeless(one, trace);
        let Some(proof) = asked.proof else {
            return trace.run(Block::BasicSignature, |trace| {
                let signer = timeless(trace)?;
                asked.content.iter().for_each(|s| trace.extend(&s.checks));
                if asked.timestamps.is_empty() {
                    trace.note(
                        Block::TimestampValidation,
                        Outcome::NotApplicable,
                        "the signature has no time-stamp of its own",
                    );
                }
                asked
                    .timestamps
                    .iter()
                    .for_each(|s| trace.extend(&s.checks));
                asked.archive.iter().for_each(|s| trace.extend(&s.checks));
                self.timed(asked, signer, chain, trace)
            });
        };
        let signer = trace.run(Block::BasicSignature, timeless)?;
        let in_time = |trace: &mut Trace| {
            asked.content.iter().for_each(|s| trace.extend(&s.checks));
            asked
                .timestamps
                .iter()
                .for_each(|s| trace.extend(&s.checks));
            self.order(asked.content, best)?;
            if proof.source == ProofSource::SignatureTimestamp {
                return self.timed(asked, signer, chain, trace);
            }
            Ok(())
        };
        trace.run(Block::SignatureWithTime, in_time)?;
        if proof.source == ProofSource::SignatureTimestamp {
            return Ok(());
        }
        trace.run(Block::ArchivalData, |trace| {
            asked.archive.iter().for_each(|s| trace.extend(&s.checks));
            trace.push(self.extraction(asked.index));
            trace.run(Block::PastSignature, |trace| {
                self.timed(asked, signer, chain, trace)
            })
        })
    }

    /// What is so or not so at all times: format, digest, signature value, document, attributes.
    fn timeless<'f>(
        &self,
        one: &'f SignatureFacts,
        trace: &mut Trace,
    ) -> Result<&'f SignerFacts, Failure> {
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
            trace.run(Block::ContainerFiles, |_| {
                format::files(one).and_then(|()| self.unsigned_files())
            })?;
        }
        trace.run(Block::SignatureAcceptance, |_| self.accepted(one, signer))?;
        Ok(signer)
    }

    /// The chain and the algorithms at the time that is proven, or now (clauses 5.2.6 and 5.2.8, or 5.6.2.1
    /// and 5.6.2.4).
    fn timed(
        &self,
        asked: &Signed<'_>,
        signer: &SignerFacts,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let by = asked.proof.map(|p| p.time);
        let passed = |v: &&TimestampVerdict| v.indication == Indication::TotalPassed;
        let after = asked.content.iter().filter(passed);
        let after = after.map(TimestampVerdict::earliest).max();
        let made = Made { by, after };
        let claimed = asked.one.claimed_time();
        let asked_chain = Asked {
            signer,
            purpose: Purpose::Signing,
            made,
            claimed: claimed.filter(|_| {
                self.policy.signature.claimed_time == Acceptance::Accepted && by.is_none()
            }),
        };
        // A signature that names its certificate is not older than that.
        let named = signer.attribute == SigningCertificateAttribute::Matches;
        let certified = signer.certificate.as_ref().filter(|_| named);
        let made = Made {
            by: asked_chain.past(),
            after: after.max(certified.map(|c| c.not_before())),
        };
        self.chain_and_algorithms(asked_chain, made, chain, trace)?;
        trace.run(Block::SignatureAcceptance, |_| {
            self.file_digests(asked.one, made)?;
            self.proven_time(by)
        })
    }
}

/// A signature with what was found out before about its time.
struct Signed<'s> {
    index: usize,
    one: &'s SignatureFacts,
    content: &'s [TimestampVerdict],
    timestamps: &'s [TimestampVerdict],
    archive: &'s [TimestampVerdict],
    proof: Option<ProofOfExistence>,
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

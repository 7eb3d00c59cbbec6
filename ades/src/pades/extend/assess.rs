//! What a PDF's signatures are worth today, and whose certificates have to be proven.

use core::time::Duration;

use pdf_file::PdfFile;
use pki_asn1::{Certificate, UnixTime};

use super::DocumentTimeStamp;
use crate::evidence::{Collector, EvidenceError, Material, Role, Subject};
use crate::extend::{
    self, Asked, ExtendOptions, ExtendedSignature, Refusal, Renewal, Services, Target, signer, unit,
};
use crate::tsp::Token;
use crate::validate::{
    Facts, Indication, Level, Message, SignatureFacts, SignatureFormat, SignatureKind,
    TimestampFacts, Verdict, Warning, gather_pdf, verdict,
};

/// A document time-stamp that proves what is before it.
pub(super) struct Stamped {
    revision: usize,
    time: UnixTime,
    /// Of one that was just made; the others are among the facts.
    certificate: Option<Certificate>,
}

impl Stamped {
    pub(super) fn new(revision: usize, stamp: &DocumentTimeStamp) -> Self {
        Self {
            revision,
            time: stamp.token.time(),
            certificate: Some(stamp.token.certificate().clone()),
        }
    }
}

/// The signatures of a PDF, judged.
pub(super) struct Assessment {
    pub(super) facts: Facts,
    verdict: Verdict,
    refusals: Vec<Option<Refusal>>,
    /// Document time-stamps that hold, in no order.
    pub(super) stamped: Vec<Stamped>,
    /// A token of whoever will make the archive time-stamp.
    pub(super) archive_unit: Option<Token>,
    pub(super) warnings: Vec<Message>,
    now: UnixTime,
}

impl Assessment {
    /// Judges every signature as of now, with whatever the collector finds.
    pub(super) fn of(pdf: &PdfFile, known: Material, services: &Services<'_>, to: Target) -> Self {
        let mut facts = gather_pdf(pdf, known);
        let now = services.clock.now();
        let evidence = complete(&mut facts, services.collector, now);
        // Fetching takes time, and what was fetched must not seem to come from the future.
        let now = services.clock.now();
        let verdict = verdict(&facts, services.policy, now);
        let alone = is_stamped_alone(&facts);
        let mut refusals = Vec::new();
        let mut warnings = Vec::new();
        let mut stamped = Vec::new();
        for ((one, judged), evidence) in facts
            .signatures
            .iter()
            .zip(&verdict.signatures)
            .zip(&evidence)
        {
            if one.kind == SignatureKind::DocumentTimestamp {
                if let (Indication::TotalPassed, Some(pdf), Some(token)) =
                    (judged.indication, &one.pdf, one.timestamps.first())
                {
                    stamped.push(Stamped {
                        revision: pdf.revision,
                        time: token.gen_time,
                        certificate: None,
                    });
                }
                let judged = alone.then(|| extend::judge(judged, evidence.as_ref(), to));
                refusals.push(judged.flatten());
                continue;
            }
            warnings.extend(extend::warnings(judged, to).cloned());
            warnings.extend(
                judged
                    .warnings
                    .iter()
                    .filter(|w| w.code == Warning::TimestampNotValid.into())
                    .cloned(),
            );
            refusals.push(extend::judge(judged, evidence.as_ref(), to));
        }
        Self {
            facts,
            verdict,
            refusals,
            stamped,
            archive_unit: None,
            warnings,
            now,
        }
    }

    /// Signatures that cannot be raised, with their fields.
    pub(super) fn refused(&self) -> Vec<(String, Refusal)> {
        self.facts
            .signatures
            .iter()
            .zip(&self.refusals)
            .filter_map(|(one, refusal)| Some((name(one), refusal.clone()?)))
            .collect()
    }

    /// The places of the signatures that can; of the document time-stamps where there is nothing
    /// else.
    pub(super) fn raisable(&self) -> impl Iterator<Item = usize> {
        let signatures = &self.facts.signatures;
        let alone = is_stamped_alone(&self.facts);
        let each = signatures.iter().zip(&self.refusals).enumerate();
        each.filter(move |(_, (one, refusal))| {
            refusal.is_none() && (alone || one.kind == SignatureKind::Signature)
        })
        .map(|(index, _)| index)
    }

    /// Whether something proves when the signature was made.
    pub(super) fn is_stamped(&self, index: usize) -> bool {
        let verdict = self.verdict.signatures.get(index);
        verdict.is_some_and(|v| v.best_signature_time.is_some())
    }

    /// Whether an archive time-stamp is missing, or is to be renewed.
    pub(super) fn archive_is_due(&self, options: &ExtendOptions) -> bool {
        let each = |index: usize| {
            let one = self.facts.signatures.get(index)?;
            Some((one.pdf.as_ref()?, self.verdict.signatures.get(index)?))
        };
        let archived = |index: usize| {
            each(index).is_some_and(|(pdf, judged)| {
                let complete = match judged.level {
                    // A signature of no baseline form, or a time-stamp: by the structure alone.
                    Level::None => pdf.has_dss && pdf.has_archive_timestamp,
                    level => level == Level::BLta,
                };
                complete && self.stamped.iter().any(|s| s.revision > pdf.revision)
            })
        };
        if !self.raisable().all(archived) {
            return true;
        }
        match options.renewal {
            Renewal::Always => true,
            Renewal::Within(time) => self.ends_within(time),
        }
    }

    fn ends_within(&self, time: Duration) -> bool {
        let newest = self
            .facts
            .signatures
            .iter()
            .zip(&self.verdict.signatures)
            .rfind(|(one, judged)| {
                one.kind == SignatureKind::DocumentTimestamp
                    && judged.indication == Indication::TotalPassed
            });
        let ends = newest.and_then(|(_, judged)| {
            let chain = judged.chain.iter().filter(|one| !one.anchor);
            chain.map(|one| one.certificate.not_after()).min()
        });
        ends.is_none_or(|end| end < self.now + time)
    }

    /// Whose certificates the validation data has to prove, signature by signature.
    pub(super) fn subjects(&self) -> Vec<(Option<String>, Vec<Subject>)> {
        let mut out = Vec::new();
        let raisable: Vec<usize> = self.raisable().collect();
        // What the archive time-stamp is to carry on must hold until it is made.
        let until = |token: &TimestampFacts| match &self.archive_unit {
            Some(_) => self.now,
            None => token.gen_time,
        };
        for (index, (one, judged)) in self
            .facts
            .signatures
            .iter()
            .zip(&self.verdict.signatures)
            .enumerate()
        {
            let revision = one.pdf.as_ref().map_or(0, |p| p.revision);
            let later = self.proven_after(revision);
            let mut subjects = Vec::new();
            match one.kind {
                SignatureKind::Signature if raisable.contains(&index) => {
                    let at = judged.best_signature_time.or(later).unwrap_or(self.now);
                    subjects.extend(signer(one, at));
                    for (token, stamp) in one.timestamps.iter().zip(&judged.timestamps) {
                        if stamp.indication == Indication::TotalPassed {
                            subjects.extend(unit(token, later.unwrap_or(until(token))));
                        }
                    }
                }
                SignatureKind::DocumentTimestamp
                    if judged.indication == Indication::TotalPassed =>
                {
                    let token = one.timestamps.first();
                    subjects.extend(token.and_then(|t| unit(t, later.unwrap_or(until(t)))));
                }
                _ => {}
            }
            if !subjects.is_empty() {
                out.push((one.pdf.as_ref().map(|p| p.field.clone()), subjects));
            }
        }
        for stamp in &self.stamped {
            if let Some(certificate) = &stamp.certificate {
                let subject = Subject {
                    certificate: certificate.clone(),
                    at: self.proven_after(stamp.revision).unwrap_or(stamp.time),
                    role: Role::TimeStampingUnit,
                };
                out.push((None, vec![subject]));
            }
        }
        if let Some(token) = &self.archive_unit {
            let subject = Subject {
                certificate: token.certificate().clone(),
                at: token.time().max(self.now),
                role: Role::TimeStampingUnit,
            };
            out.push((None, vec![subject]));
        }
        out
    }

    /// The earliest time that a later document time-stamp proves for a revision.
    fn proven_after(&self, revision: usize) -> Option<UnixTime> {
        let later = self.stamped.iter().filter(|s| s.revision > revision);
        later.map(|s| s.time).min()
    }

    /// What became of each.
    pub(super) fn results(&self, to: Target) -> Vec<ExtendedSignature> {
        let raisable: Vec<usize> = self.raisable().collect();
        let each = self.facts.signatures.iter().zip(&self.verdict.signatures);
        each.zip(&self.refusals)
            .enumerate()
            .map(|(index, ((one, judged), refusal))| {
                let baseline =
                    matches!(one.format, SignatureFormat::Pades | SignatureFormat::Cades)
                        && one.kind == SignatureKind::Signature;
                let after = if baseline && raisable.contains(&index) {
                    judged.level.max(to.level())
                } else {
                    judged.level
                };
                ExtendedSignature {
                    id: one.id.clone(),
                    field: one.pdf.as_ref().map(|p| p.field.clone()),
                    kind: one.kind,
                    before: judged.level,
                    after,
                    refusal: refusal.clone(),
                }
            })
            .collect()
    }
}

/// Completes the material for every certificate, the latest document time-stamp first: each is
/// asked about as of the time that a later one proves. Tells why a signer's is not complete.
fn complete(facts: &mut Facts, collector: &Collector, now: UnixTime) -> Vec<Option<EvidenceError>> {
    let Facts {
        signatures,
        material,
        ..
    } = facts;
    let mut asked = Asked::new(collector);
    let mut proofs: Vec<(usize, UnixTime)> = Vec::new();
    let proven = |proofs: &[(usize, UnixTime)], revision: usize| {
        let later = proofs.iter().filter(|(r, _)| *r > revision);
        later.map(|(_, time)| *time).min()
    };
    let mut errors: Vec<Option<EvidenceError>> = signatures.iter().map(|_| None).collect();
    for (one, error) in signatures.iter().zip(&mut errors).rev() {
        let (SignatureKind::DocumentTimestamp, Some(token), Some(pdf)) =
            (one.kind, one.timestamps.first(), &one.pdf)
        else {
            continue;
        };
        let at = proven(&proofs, pdf.revision).unwrap_or(now);
        if let Some(subject) = unit(token, at).filter(|_| token.is_sound()) {
            match asked.complete(subject, material) {
                Ok(()) => proofs.push((pdf.revision, token.gen_time)),
                Err(e) => *error = Some(e),
            }
        }
    }
    for (one, error) in signatures.iter().zip(&mut errors) {
        if one.kind != SignatureKind::Signature {
            continue;
        }
        let revision = one.pdf.as_ref().map_or(0, |p| p.revision);
        let later = proven(&proofs, revision);
        let mut times: Vec<UnixTime> = later.into_iter().collect();
        for token in one.timestamps.iter().filter(|t| t.is_sound()) {
            if let Some(subject) = unit(token, later.unwrap_or(now)) {
                match asked.complete(subject, material) {
                    Ok(()) => times.push(token.gen_time),
                    Err(e) => *error = Some(e),
                }
            }
        }
        if !times.is_empty() {
            *error = None;
        }
        let at = times.into_iter().min().unwrap_or(now);
        match signer(one, at).map(|subject| asked.complete(subject, material)) {
            Some(Err(e)) => *error = Some(e),
            // The signature does without a time-stamp that will never hold again.
            _ => *error = error.take().filter(|e| !e.is_final()),
        }
    }
    asked.finish(material);
    errors
}

/// Whether the document has time-stamps and no signature: then these are what is to last.
fn is_stamped_alone(facts: &Facts) -> bool {
    let mut all = facts.signatures.iter();
    all.all(|s| s.kind == SignatureKind::DocumentTimestamp)
}

fn name(one: &SignatureFacts) -> String {
    match &one.pdf {
        Some(pdf) => format!("the signature in field {:?}", pdf.field),
        None => one.id.clone(),
    }
}

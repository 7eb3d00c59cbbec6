//! Raising CAdES and other CMS signatures (EN 319 122-1 clause 6): unsigned attributes, certificates and
//! revocation values are added, and nothing that a signature or time-stamp covers changes by an octet.
//!
//! From B-B: a signature-time-stamp for each signer, validation data for all of them in the root
//! `SignedData`, and an archive-time-stamp-v3 for each. A renewal adds the validation data of the last
//! archive time-stamp, and another one over everything.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use der::Encode;
use pdf_file::Source;
use pki_asn1::{Certificate, UnixTime, oid};
use pki_crypto::DigestAlgorithm;

use super::archive;
use crate::cms::attribute::Attribute;
use crate::cms::original::OriginalSignedData;
use crate::evidence::{Collector, EvidenceError, Material, Role, Subject, ValidationData};
use crate::extend::{
    self, Asked, ExtendError, ExtendOptions, ExtendedSignature, Others, Refusal, Renewal, Services,
    Target, signer, unit,
};
use crate::tsp::{TimeStamper, Token};
use crate::validate::{
    Code, Content, Facts, Indication, Level, Message, SignatureFacts, SignatureFormat,
    SignatureVerdict, Verdict, Warning, cms_content, gather_cms, has_records, open_cms, verdict,
};

/// How many validation values were added that were not there before.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct AddedValues {
    /// Certificates.
    pub certificates: usize,
    /// OCSP responses.
    pub ocsp: usize,
    /// CRLs.
    pub crls: usize,
}

/// What was done to a CMS signature.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExtendedCms {
    /// Each signature and counter-signature that was there.
    pub signatures: Vec<ExtendedSignature>,
    /// The signature-time-stamps that were added.
    pub time_stamps: Vec<Token>,
    /// The archive time-stamps that were added.
    pub archive: Vec<Token>,
    /// What the sets did not hold before.
    pub added: AddedValues,
    /// What should be known.
    pub warnings: Vec<Message>,
}

impl ExtendedCms {
    /// Whether anything was added.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !self.time_stamps.is_empty()
            || !self.archive.is_empty()
            || self.added != AddedValues::default()
    }
}

/// Raises the signatures in `source`, DER, BER or PEM, and writes the file in DER, the content as it
/// was encoded. `content` is what a detached signature is over; `known` whom to trust and what is at
/// hand.
///
/// # Errors
/// See [`ExtendError`]. Nothing is written before everything is there.
pub fn extend_cms(
    source: &Arc<dyn Source>,
    content: Option<&Arc<dyn Source>>,
    out: &mut dyn Write,
    known: Material,
    services: &Services<'_>,
    options: &ExtendOptions,
) -> Result<ExtendedCms, ExtendError> {
    let mut data = open_cms(source)?;
    let content = cms_content(&data, content)?;
    let extended = raise(&mut data, &content, known, services, options)?;
    data.write(out).map_err(ExtendError::Write)?;
    Ok(extended)
}

/// Raises the signatures of `data` in place.
pub(crate) fn raise(
    data: &mut OriginalSignedData,
    content: &Content,
    known: Material,
    services: &Services<'_>,
    options: &ExtendOptions,
) -> Result<ExtendedCms, ExtendError> {
    let mut assessment = Assessment::of(data, content, known, services, options.to)?;
    if assessment.facts.signatures.is_empty() {
        return Err(ExtendError::NoSignature);
    }
    let raisable = assessment.raisable();
    let refused = assessment.refused();
    if !refused.is_empty() && (options.others == Others::Refuse || raisable.is_empty()) {
        return Err(ExtendError::Refused(refused));
    }
    let unstamped: Vec<Place> = raisable
        .iter()
        .copied()
        .filter(|place| !assessment.is_stamped(*place))
        .collect();
    let archive_is_due = options.to == Target::BLta && assessment.archive_is_due(options);
    if (!unstamped.is_empty() || archive_is_due) && services.time_stamper.is_none() {
        return Err(ExtendError::NoAuthority { to: options.to });
    }
    let mut work = Work {
        data,
        services,
        to: options.to,
        out: ExtendedCms {
            signatures: Vec::new(),
            time_stamps: Vec::new(),
            archive: Vec::new(),
            added: AddedValues::default(),
            warnings: Vec::new(),
        },
    };
    for place in unstamped {
        let token = work.signature_time_stamp(place)?;
        assessment.stamped(place, &token);
    }
    if options.to >= Target::BLt {
        let subjects = assessment.subjects();
        let values = services
            .collector
            .collect(&subjects, &mut assessment.facts.material)?;
        work.store(&values)?;
    }
    if archive_is_due || (options.to == Target::BLta && work.out.added != AddedValues::default()) {
        for place in &raisable {
            work.archive_time_stamp(*place, content)?;
        }
    }
    let mut out = work.out;
    out.signatures = assessment.results(options.to);
    out.warnings = assessment.warnings;
    Ok(out)
}

/// A signature's place among the facts, and its signer's among the signers.
#[derive(Clone, Copy, Debug)]
struct Place {
    facts: usize,
    signer: usize,
}

struct Work<'w> {
    data: &'w mut OriginalSignedData,
    services: &'w Services<'w>,
    to: Target,
    out: ExtendedCms,
}

impl Work<'_> {
    fn authority(&self) -> Result<&dyn TimeStamper, ExtendError> {
        self.services
            .time_stamper
            .ok_or(ExtendError::NoAuthority { to: self.to })
    }

    /// EN 319 122-1 clause 5.3: over the signature value.
    fn signature_time_stamp(&mut self, place: Place) -> Result<Token, ExtendError> {
        let signature = self
            .data
            .signers()
            .get(place.signer)
            .map_or(&[][..], |s| s.signature());
        let authority = self.authority()?;
        let imprint = authority.digest_algorithm().digest(signature);
        let token = authority.time_stamp(&imprint)?;
        if let Some(signer) = self.data.signer_mut(place.signer) {
            signer.add_unsigned(&Attribute::signature_time_stamp(token.der()));
        }
        self.out.time_stamps.push(token.clone());
        Ok(token)
    }

    /// EN 319 122-1 clause 5.4: in the sets of the root `SignedData`.
    fn store(&mut self, values: &ValidationData) -> Result<(), ExtendError> {
        add_values(self.data, values, &mut self.out.added).map_err(ExtendError::Der)
    }

    fn archive_time_stamp(&mut self, place: Place, content: &Content) -> Result<(), ExtendError> {
        let algorithm = archive_algorithm(self.data, place.signer);
        let identifier = algorithm.identifier().to_der()?;
        // Recommended, so that a validator can hash the content in one reading.
        self.data.add_digest_algorithm(&identifier);
        let Some(signer) = self.data.signers().get(place.signer) else {
            return Ok(());
        };
        let digest = content
            .digest(algorithm)
            .map_err(ExtendError::Write)?
            .ok_or(ExtendError::NoSignature)?;
        let index = archive::hash_index(self.data, signer, algorithm)
            .map_err(|e| ExtendError::Cms(e.into()))?;
        let input = archive::imprint_input(self.data, signer, &digest, &index);
        let token = self.authority()?.time_stamp(&algorithm.digest(&input))?;
        let attribute = archive::attribute(token.der(), &index)?;
        if let Some(signer) = self.data.signer_mut(place.signer) {
            signer.add_unsigned(&attribute);
        }
        self.out.archive.push(token);
        Ok(())
    }
}

/// Adds what is not there yet.
pub(crate) fn add_values(
    data: &mut OriginalSignedData,
    values: &ValidationData,
    added: &mut AddedValues,
) -> der::Result<()> {
    for certificate in &values.certificates {
        added.certificates += usize::from(data.add_certificate(certificate.der()));
    }
    for crl in &values.crls {
        added.crls += usize::from(data.add_crl(crl.der()));
    }
    for response in values.ocsp_responses()? {
        added.ocsp += usize::from(data.add_ocsp(&response));
    }
    Ok(())
}

/// The digest that the signature is made with already, so that validators hash the content once;
/// never a weaker one than SHA-256, nor one that time-stamping authorities do not know.
fn archive_algorithm(data: &OriginalSignedData, signer: usize) -> DigestAlgorithm {
    let own = data.signed_data().ok().and_then(|parsed| {
        let signer = parsed.signers.get(signer)?;
        DigestAlgorithm::from_oid(&signer.digest_algorithm.oid)
    });
    match own {
        Some(own @ (DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512)) => own,
        _ => DigestAlgorithm::Sha256,
    }
}

/// The signatures of a file, judged.
struct Assessment {
    facts: Facts,
    verdict: Verdict,
    refusals: Vec<Option<Refusal>>,
    /// Signature-time-stamps that were just made: of which of the facts, when, by whom.
    made: Vec<(usize, UnixTime, Certificate)>,
    warnings: Vec<Message>,
    now: UnixTime,
}

impl Assessment {
    fn of(
        data: &OriginalSignedData,
        content: &Content,
        known: Material,
        services: &Services<'_>,
        to: Target,
    ) -> Result<Self, ExtendError> {
        let mut facts = gather_cms(data, content, known)?;
        let evidence = complete(&mut facts, services.collector, services.clock.now());
        // Fetching takes time, and what was fetched must not seem to come from the future.
        let now = services.clock.now();
        let verdict = verdict(&facts, services.policy, now);
        let covered_by_set = has_archive_over_sets(data);
        let mut refusals = Vec::new();
        let mut warnings = Vec::new();
        for (judged, evidence) in verdict.signatures.iter().zip(&evidence) {
            warnings.extend(extend::warnings(judged, to).cloned());
            warnings.extend(
                judged
                    .warnings
                    .iter()
                    .filter(|w| {
                        matches!(
                            w.code,
                            Code::Warning(
                                Warning::TimestampNotValid | Warning::ArchiveTimestampNotValid
                            )
                        )
                    })
                    .cloned(),
            );
            refusals.push(if has_records(data) {
                Some(Refusal::evidence_record())
            } else if covered_by_set {
                Some(Refusal::archive_form())
            } else {
                extend::judge(judged, evidence.as_ref(), to)
            });
        }
        Ok(Self {
            facts,
            verdict,
            refusals,
            made: Vec::new(),
            warnings,
            now,
        })
    }

    fn refused(&self) -> Vec<(String, Refusal)> {
        let each = self.facts.signatures.iter().zip(&self.refusals);
        each.filter_map(|(one, refusal)| Some((one.id.clone(), refusal.clone()?)))
            .collect()
    }

    /// The signatures that can be raised. A counter-signature is inside an attribute that may be
    /// covered already, so it is never changed.
    fn raisable(&self) -> Vec<Place> {
        let each = self.facts.signatures.iter().zip(&self.refusals).enumerate();
        each.filter(|(_, (one, _))| !is_countersignature(one))
            .enumerate()
            .filter(|(_, (_, (_, refusal)))| refusal.is_none())
            .map(|(signer, (facts, _))| Place { facts, signer })
            .collect()
    }

    fn judged(&self) -> impl Iterator<Item = (&SignatureFacts, &SignatureVerdict)> {
        self.facts.signatures.iter().zip(&self.verdict.signatures)
    }

    fn is_stamped(&self, place: Place) -> bool {
        let verdict = self.verdict.signatures.get(place.facts);
        verdict.is_some_and(|v| v.best_signature_time.is_some())
    }

    fn stamped(&mut self, place: Place, token: &Token) {
        self.facts.material.pool.extend(token.certificates());
        self.made
            .push((place.facts, token.time(), token.certificate().clone()));
    }

    fn archive_is_due(&self, options: &ExtendOptions) -> bool {
        let archived = |place: &Place| {
            let passed = self.verdict.signatures.get(place.facts).is_some_and(|v| {
                // B-LT: what is in the file is not all covered.
                let mut archive = v.archive.iter();
                v.level != Level::BLt && archive.any(|a| a.indication == Indication::TotalPassed)
            });
            let facts = self.facts.signatures.get(place.facts);
            passed && facts.is_some_and(|f| f.has_archive_attribute)
        };
        if !self.raisable().iter().all(archived) {
            return true;
        }
        match options.renewal {
            Renewal::Always => true,
            Renewal::Within(time) => {
                let ends = |v: &SignatureVerdict| {
                    let newest = v
                        .archive
                        .iter()
                        .filter(|a| a.indication == Indication::TotalPassed)
                        .max_by_key(|a| a.time)?;
                    let chain = newest.chain.iter().filter(|one| !one.anchor);
                    chain.map(|one| one.certificate.not_after()).min()
                };
                self.raisable().iter().any(|place| {
                    let verdict = self.verdict.signatures.get(place.facts);
                    verdict
                        .and_then(ends)
                        .is_none_or(|end| end < self.now + time)
                })
            }
        }
    }

    /// Whose certificates the validation data has to prove.
    fn subjects(&self) -> Vec<Subject> {
        let mut out = Vec::new();
        let raisable: BTreeSet<usize> = self.raisable().iter().map(|p| p.facts).collect();
        for (index, (one, judged)) in self.judged().enumerate() {
            if !raisable.contains(&index)
                && (!is_countersignature(one) || judged.indication != Indication::TotalPassed)
            {
                continue;
            }
            let made = self.made.iter().find(|(facts, ..)| *facts == index);
            let at = judged
                .best_signature_time
                .or(made.map(|(_, time, _)| *time))
                .unwrap_or(self.now);
            out.extend(signer(one, at));
            for (place, (token, stamp)) in one.timestamps.iter().zip(&judged.timestamps).enumerate()
            {
                if stamp.indication == Indication::TotalPassed {
                    let later = one.cms.as_ref().and_then(|cms| {
                        let position = cms.timestamp_positions.get(place)?;
                        let archive = cms.archive.iter().zip(&judged.archive);
                        archive
                            .filter(|(facts, verdict)| {
                                verdict.indication == Indication::TotalPassed
                                    && facts.values.contains(position)
                            })
                            .map(|(_, verdict)| verdict.time)
                            .min()
                    });
                    out.extend(unit(token, later.unwrap_or(self.now)));
                }
            }
            if let Some((_, time, certificate)) = made {
                out.push(Subject {
                    certificate: certificate.clone(),
                    at: *time,
                    role: Role::TimeStampingUnit,
                });
            }
            if let Some(cms) = &one.cms {
                for (facts, verdict) in cms.archive.iter().zip(&judged.archive) {
                    if verdict.indication == Indication::TotalPassed {
                        let later = cms
                            .archive
                            .iter()
                            .zip(&judged.archive)
                            .filter(|(later, v)| {
                                v.indication == Indication::TotalPassed
                                    && later.values.contains(&facts.position)
                            })
                            .map(|(_, v)| v.time)
                            .min();
                        out.extend(unit(&facts.stamp, later.unwrap_or(self.now)));
                    }
                }
            }
        }
        out
    }

    fn results(&self, to: Target) -> Vec<ExtendedSignature> {
        let raisable: BTreeSet<usize> = self.raisable().iter().map(|p| p.facts).collect();
        self.judged()
            .zip(&self.refusals)
            .enumerate()
            .map(|(index, ((one, judged), refusal))| {
                let baseline =
                    matches!(one.format, SignatureFormat::Pades | SignatureFormat::Cades);
                ExtendedSignature {
                    id: one.id.clone(),
                    field: None,
                    kind: one.kind,
                    before: judged.level,
                    after: if baseline && raisable.contains(&index) {
                        judged.level.max(to.level())
                    } else {
                        judged.level
                    },
                    refusal: refusal.clone(),
                }
            })
            .collect()
    }
}

/// Completes the material for every certificate, archive time-stamps from the latest on: each is asked
/// about as of the time that a later one proves. Tells why a signer's is not complete.
fn complete(facts: &mut Facts, collector: &Collector, now: UnixTime) -> Vec<Option<EvidenceError>> {
    let Facts {
        signatures,
        material,
        ..
    } = facts;
    let mut asked = Asked::new(collector);
    let mut errors = Vec::new();
    for one in signatures.iter() {
        let mut error = None;
        let mut proofs: Vec<(UnixTime, BTreeSet<usize>)> = Vec::new();
        let proven = |proofs: &[(UnixTime, BTreeSet<usize>)], position: usize| {
            let over = proofs.iter().filter(|(_, v)| v.contains(&position));
            over.map(|(time, _)| *time).min()
        };
        let empty = Vec::new();
        let archive = one.cms.as_ref().map_or(&empty, |cms| &cms.archive);
        let mut order: Vec<_> = archive.iter().collect();
        order.sort_by_key(|a| core::cmp::Reverse(a.stamp.gen_time));
        for stamp in order {
            let at = proven(&proofs, stamp.position).unwrap_or(now);
            if !stamp.fits() {
                continue;
            }
            if let Some(subject) = unit(&stamp.stamp, at) {
                match asked.complete(subject, material) {
                    Ok(()) => proofs.push((stamp.stamp.gen_time, stamp.values.clone())),
                    Err(e) => error = Some(e),
                }
            }
        }
        let mut times: Vec<UnixTime> = proofs.iter().map(|(time, _)| *time).collect();
        for (place, token) in one.timestamps.iter().enumerate() {
            let position = one
                .cms
                .as_ref()
                .and_then(|cms| cms.timestamp_positions.get(place));
            let later = position.and_then(|p| proven(&proofs, *p));
            if let Some(subject) = unit(token, later.unwrap_or(now)).filter(|_| token.is_sound()) {
                match asked.complete(subject, material) {
                    Ok(()) => times.push(token.gen_time),
                    Err(e) => error = Some(e),
                }
            }
        }
        if !times.is_empty() {
            error = None;
        }
        let at = times.into_iter().min().unwrap_or(now);
        match signer(one, at).map(|subject| asked.complete(subject, material)) {
            Some(Err(e)) => error = Some(e),
            // The signature does without a time-stamp that will never hold again.
            _ => error = error.filter(|e| !e.is_final()),
        }
        errors.push(error);
    }
    asked.finish(material);
    errors
}

/// Whether an archive time-stamp of an earlier form is there: it covers the sets as a whole
/// (RFC 5126 section 6.4.1), and would be broken by anything that is added to them.
pub(super) fn has_archive_over_sets(data: &OriginalSignedData) -> bool {
    const OLD: [oid::ObjectIdentifier; 3] = [
        oid::ATTR_ARCHIVE_TIMESTAMP_V1,
        oid::ATTR_ARCHIVE_TIMESTAMP_V2,
        oid::ATTR_LONG_TERM_VALIDATION,
    ];
    data.signers().iter().any(|signer| {
        signer
            .unsigned_values()
            .is_ok_and(|values| values.iter().any(|v| OLD.contains(&v.oid)))
    })
}

fn is_countersignature(one: &SignatureFacts) -> bool {
    one.cms.as_ref().is_some_and(|c| c.countersigns.is_some())
}

//! X.509 validation (EN 319 102-1 clause 5.2.6) and past certificate validation with its sliding control
//! time (clauses 5.6.2.1 and 5.6.2.2).
//!
//! A chain is judged at the time that is proven for what it signed, or now. From the anchor down, what
//! became of a certificate since then (it expired, was revoked, its algorithm ended) moves the control
//! time back: what stands below it has to be proven to be older.

use core::cell::Cell;

use pki_asn1::{Certificate, UnixTime, oid};
use pki_crypto::{PublicKey, SignatureAlgorithm};
use pki_path::{
    EvidenceWindow, ExplicitPolicy, Parameters, Path, PathErrorKind, PolicyParameters, PolicySet,
    RevocationMode, RevocationStatus, Source, Validator,
};
use trust_lists::qualify::Makes;

use super::Judge;
use super::algorithms::Made;
use super::crypto::no_certificate;
use super::failure::Failure;
use super::freshness::Fresh;
use super::indication::{ChainEntry, SubIndication};
use super::path::{path_failure, revoked, status_unknown};
use super::poe::Thing;
use super::trace::{Block, Outcome, Trace};
use super::usage;
use crate::text;
use crate::validate::carried::object_id;
use crate::validate::facts::{SignerFacts, SigningCertificateAttribute};
use crate::validate::policy::RevocationRule;

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Purpose {
    Signing,
    TimeStamping,
}

/// Whose chain is asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'s> {
    pub(super) signer: &'s SignerFacts,
    pub(super) purpose: Purpose,
    /// When the signature was made.
    pub(super) made: Made,
    /// A time that nobody proved and the policy takes the signer's word for; revocations count all the
    /// same.
    pub(super) claimed: Option<UnixTime>,
}

impl Asked<'_> {
    /// The time at which the chain is judged, where it is not now.
    pub(super) fn past(&self) -> Option<UnixTime> {
        self.made.by.or(self.claimed)
    }
}

impl Judge<'_> {
    /// The chain and its algorithms. Where evidence does not count because its algorithms ended, those of
    /// the chain mostly ended too, and that is the reason to be told.
    pub(super) fn chain_and_algorithms(
        &self,
        asked: Asked<'_>,
        made: Made,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let certified = self.certificate(asked, chain, trace);
        let unsettled = matches!(
            &certified,
            Err(Failure {
                sub: SubIndication::TryLater | SubIndication::NoPoe,
                ..
            })
        );
        if certified.is_ok() || unsettled {
            trace.run(Block::SignatureAcceptance, |_| {
                self.algorithms(asked.signer, asked.purpose, chain, made)
            })?;
        }
        certified
    }

    /// Validates the chain at the time that is proven, or now.
    fn certificate(
        &self,
        asked: Asked<'_>,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let Some(certificate) = &asked.signer.certificate else {
            return Err(no_certificate(asked.signer));
        };
        let Some(past) = asked.past() else {
            return trace.run(Block::CertificateValidation, |trace| {
                self.chain_at(certificate, asked, self.now, chain, trace)
            });
        };
        let result = trace.run(Block::PastCertificate, |trace| {
            self.chain_at(certificate, asked, past, chain, trace)
        });
        // A CA that was certified anew since is not there at the time that is proven. What is valid now
        // and was not made before its certificate is valid (clause 5.5.4).
        let older = |f: &Failure| f.of_ca && past >= certificate.not_before();
        match result {
            Err(failure) if older(&failure) && self.is_trusted_always(certificate) => {
                let mut now = Vec::new();
                let valid = trace.run(Block::CertificateValidation, |trace| {
                    self.chain_at(certificate, asked, self.now, &mut now, trace)
                });
                valid.map(|()| *chain = now).map_err(|_| failure)
            }
            result => result,
        }
    }

    /// Whether no trusted list says at which times its issuers are trusted.
    fn is_trusted_always(&self, certificate: &Certificate) -> bool {
        let material = &self.facts.material;
        let path = [certificate.clone()];
        [self.now, certificate.not_before()].into_iter().all(|at| {
            material.untimely(&path, at, Makes::Certificates).is_none()
                && material.untimely(&path, at, Makes::TimeStamps).is_none()
        })
    }

    fn chain_at(
        &self,
        certificate: &Certificate,
        asked: Asked<'_>,
        at: UnixTime,
        chain: &mut Vec<ChainEntry>,
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let material = &self.facts.material;
        let makes = match asked.purpose {
            Purpose::Signing => Makes::Certificates,
            Purpose::TimeStamping => Makes::TimeStamps,
        };
        let anchors = material.anchors_at(at, makes);
        let control = Cell::new(None);
        let admits = |source| self.is_admissible(source, control.get());
        let validator = Validator::new(
            &anchors,
            &material.pool,
            &material.evidence,
            self.parameters(asked.purpose, at),
        )
        .admitting(&admits);
        let found = trace.run(Block::ValidationContext, |_| {
            validator.validate(certificate).map_err(|error| {
                *chain = error.path.iter().map(|c| entry(c, None)).collect();
                let expired = matches!(error.kind, PathErrorKind::Expired { .. })
                    && error.certificate == *certificate;
                if expired {
                    return self.expired(certificate, asked, &error);
                }
                let failure = path_failure(&error, asked.past(), certificate);
                match material.untimely(&error.path, at, makes) {
                    Some(why) => failure.untimely(why),
                    None => failure,
                }
            })
        });
        let path = found?;
        *chain = entries(&path);
        if asked.purpose == Purpose::Signing {
            usage::signer(certificate, &path, &self.policy.certificate)?;
        }
        self.slide(&validator, &path, asked, at, &control, chain, trace)
    }

    fn parameters(&self, purpose: Purpose, at: UnixTime) -> Parameters {
        let mut parameters = Parameters {
            revocation: RevocationMode::None,
            ..Parameters::at(at)
        };
        let wanted = &self.policy.certificate.policies;
        match purpose {
            Purpose::TimeStamping => parameters.purpose = Some(oid::KP_TIME_STAMPING),
            Purpose::Signing if !wanted.is_empty() => {
                parameters.policy = PolicyParameters {
                    initial_policy_set: PolicySet::Only(wanted.clone()),
                    explicit_policy: ExplicitPolicy::Required,
                    ..PolicyParameters::default()
                };
            }
            Purpose::Signing => {}
        }
        parameters
    }

    /// From the anchor down: the status of each certificate, by evidence that is proven to be older than
    /// whatever happened to those above.
    #[allow(clippy::too_many_arguments)]
    fn slide(
        &self,
        validator: &Validator<'_>,
        path: &Path,
        asked: Asked<'_>,
        at: UnixTime,
        control: &Cell<Option<UnixTime>>,
        chain: &mut [ChainEntry],
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let mut unknown = None;
        for index in (0..path.certificates().len()).rev() {
            let Some(one) = chain.get_mut(index).filter(|one| !one.anchor) else {
                continue;
            };
            let limit = control.get();
            let status = self.status(validator, path, index, at, control);
            one.revocation = Some(status.clone());
            match &status {
                RevocationStatus::Revoked(info, _) => {
                    if asked.made.by.is_none_or(|t| t >= info.at) {
                        return Err(revoked(one, info, index, asked.made));
                    }
                    slide_to(control, info.at);
                }
                RevocationStatus::Unknown(why) => {
                    let failure = status_unknown(self.facts, one, why);
                    unknown = Some(match limit {
                        Some(limit) => no_proof(one, limit, failure),
                        None => failure,
                    });
                }
                RevocationStatus::Good(finding) => {
                    let Fresh { failure, step } = self.fresh(one, finding, index, asked.made.by);
                    trace.push(step);
                    unknown = failure.or(unknown);
                }
                RevocationStatus::NotApplicable => {}
            }
            if let Some(limit) = limit
                && !self.existed(&one.certificate, index, asked, limit)
            {
                return Err(Failure::indeterminate(
                    SubIndication::NoPoe,
                    text!(
                        "nothing proves that the certificate of {} existed before {}",
                        one.certificate.display_subject(),
                        limit
                    ),
                ));
            }
            if let Some(end) = self.end_of(&one.certificate, index, asked.purpose, at) {
                slide_to(control, end);
            }
        }
        if let Some(control) = control.get() {
            trace.note(
                Block::ControlTimeSliding,
                Outcome::Passed,
                text!(
                    "what stands below had to be proven to be older than {}",
                    control
                ),
            );
        }
        match unknown {
            Some(failure) if self.policy.revocation == RevocationRule::Required => Err(failure),
            _ => Ok(()),
        }
    }

    /// The status by evidence that is proven to be old enough. What is known now counts where it says
    /// that the certificate was revoked: who made it up would harm nobody but the honest.
    fn status(
        &self,
        validator: &Validator<'_>,
        path: &Path,
        index: usize,
        at: UnixTime,
        control: &Cell<Option<UnixTime>>,
    ) -> RevocationStatus {
        let limit = control.replace(None);
        let window = EvidenceWindow {
            covers: at,
            known_by: self.now + self.policy.clock_skew,
        };
        let known = validator.revocation_status(path, index, window);
        control.set(limit);
        match (limit, known) {
            (None, known) | (Some(_), known @ RevocationStatus::Revoked(..)) => known,
            (Some(_), _) => validator.revocation_status(path, index, window),
        }
    }

    /// Whether a piece of evidence may be relied on: it is not made with an algorithm that had ended,
    /// and where the control time was moved, it is proven to be as old.
    fn is_admissible(&self, source: Source, control: Option<UnixTime>) -> bool {
        let evidence = &self.facts.material.evidence;
        let (der, algorithm) = match source {
            Source::Crl(index) => match evidence.crls().get(index) {
                Some(crl) => (crl.der(), crl.signature_algorithm()),
                None => return false,
            },
            Source::Ocsp(index) => match evidence.responses().get(index) {
                Some(response) => (response.der(), response.signature_algorithm()),
                None => return false,
            },
        };
        let ends = SignatureAlgorithm::from_identifier(algorithm)
            .ok()
            .and_then(|a| self.table(Purpose::Signing).signature_good_until(a))
            .filter(|end| self.now >= *end);
        if ends.is_none() && control.is_none() {
            return true;
        }
        let proven = self.proven(Thing::Object(self.id_of(source, der)));
        let limits = ends.into_iter().chain(control);
        proven.is_some_and(|proven| limits.into_iter().all(|limit| proven <= limit))
    }

    fn id_of(&self, source: Source, der: &[u8]) -> crate::validate::ObjectId {
        let key = match source {
            Source::Crl(index) => (false, index),
            Source::Ocsp(index) => (true, index),
        };
        *self
            .ids
            .borrow_mut()
            .entry(key)
            .or_insert_with(|| object_id(der))
    }

    /// Whether a certificate is proven to be as old as this. What a signature names by its digest is as
    /// old as the signature.
    fn existed(
        &self,
        certificate: &Certificate,
        index: usize,
        asked: Asked<'_>,
        limit: UnixTime,
    ) -> bool {
        let named = index == 0 && asked.signer.attribute == SigningCertificateAttribute::Matches;
        let by_signature = asked.made.by.filter(|_| named);
        let proven = self.proven(Thing::Object(object_id(certificate.der())));
        by_signature.into_iter().chain(proven).any(|t| t <= limit)
    }

    /// When what a certificate vouches for stopped to be sure, where that is over and was not at the time
    /// judged: a CA's certificate expired, or an algorithm ended.
    fn end_of(
        &self,
        certificate: &Certificate,
        index: usize,
        purpose: Purpose,
        at: UnixTime,
    ) -> Option<UnixTime> {
        let table = self.table(purpose);
        let expired = (index > 0).then(|| certificate.not_after());
        let key = PublicKey::from_spki_der(certificate.spki_der()).ok();
        let key = key.and_then(|k| table.key_good_until(k.kind()));
        let signed = SignatureAlgorithm::from_identifier(certificate.signature_algorithm()).ok();
        let signed = signed.and_then(|a| table.signature_good_until(a));
        let ends = expired.into_iter().chain(key).chain(signed);
        ends.filter(|end| at < *end && *end <= self.now).min()
    }

    /// OUT_OF_BOUNDS: whether it is known that the certificate was good until it ended, and whether
    /// the signature is known to be younger.
    fn expired(
        &self,
        certificate: &Certificate,
        asked: Asked<'_>,
        error: &pki_path::PathError,
    ) -> Failure {
        let end = certificate.not_after();
        let failure = path_failure(error, asked.past(), certificate);
        if let Some(after) = asked.made.after.filter(|after| *after > end) {
            return Failure::failed(
                SubIndication::Expired,
                text!(
                    "the signature was made after {}, when its certificate had ended at {}",
                    after,
                    end
                ),
            );
        }
        // As of its last second the chain is asked once more, for the status alone.
        let mut chain = Vec::new();
        let asked = Asked {
            made: Made {
                by: Some(end),
                ..asked.made
            },
            ..asked
        };
        match self.chain_at(certificate, asked, end, &mut chain, &mut Trace::default()) {
            Err(revoked) if revoked.sub == SubIndication::RevokedNoPoe => revoked,
            Err(revoked) if revoked.sub == SubIndication::Revoked => revoked,
            _ => match chain.first().and_then(|one| one.revocation.as_ref()) {
                Some(RevocationStatus::Good(_)) => Failure {
                    sub: SubIndication::OutOfBoundsNotRevoked,
                    ..failure
                },
                _ => failure,
            },
        }
    }
}

/// The control time only ever moves back.
fn slide_to(control: &Cell<Option<UnixTime>>, to: UnixTime) {
    control.set(Some(control.get().map_or(to, |at| at.min(to))));
}

/// There may be evidence, and it is not proven to be old enough.
fn no_proof(one: &ChainEntry, limit: UnixTime, unknown: Failure) -> Failure {
    Failure::indeterminate(
        SubIndication::NoPoe,
        text!(
            "no revocation data about the certificate of {} is proven to be older than {}, when something above it ended: {}",
            one.certificate.display_subject(),
            limit,
            unknown.message
        ),
    )
    .hint("an archive time-stamp over the revocation data from before would change this")
}

fn entry(certificate: &Certificate, revocation: Option<RevocationStatus>) -> ChainEntry {
    ChainEntry {
        certificate: certificate.clone(),
        anchor: false,
        revocation,
    }
}

fn entries(path: &Path) -> Vec<ChainEntry> {
    let mut out: Vec<ChainEntry> = path.certificates().iter().map(|c| entry(c, None)).collect();
    let anchor = path.anchor().certificate();
    match out.last_mut() {
        Some(last) if last.certificate == *anchor => {
            last.anchor = true;
            last.revocation = Some(RevocationStatus::NotApplicable);
        }
        _ => out.push(ChainEntry {
            certificate: anchor.clone(),
            anchor: true,
            revocation: None,
        }),
    }
    out
}

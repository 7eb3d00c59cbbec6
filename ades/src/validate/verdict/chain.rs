//! X.509 validation (EN 319 102-1 clause 5.2.6) and past certificate validation with its sliding control
//! time (clauses 5.6.2.1 and 5.6.2.2).
//!
//! A chain is judged at the time that is proven for what it signed, or now. From the anchor down, what
//! became of a certificate since then (it expired, was revoked, its algorithm ended) moves the control
//! time back: what stands below it has to be proven to be older.

use pki_asn1::{Certificate, UnixTime, oid};
use pki_crypto::{PublicKey, SignatureAlgorithm};
use pki_path::{
    EvidenceWindow, ExplicitPolicy, Parameters, Path, PathErrorKind, PolicyParameters, PolicySet,
    RevocationMode, RevocationStatus, RevokedInfo, Validator,
};
use trust_lists::qualify::Makes;

use super::Judge;
use super::admission::{Admission, Told};
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
                sub: SubIndication::TryLater
                    | SubIndication::NoPoe
                    | SubIndication::CryptoConstraintsFailure
                    | SubIndication::CryptoConstraintsFailureNoPoe,
                ..
            })
        );
        if certified.is_ok() || unsettled {
            trace.run(Block::SignatureAcceptance, |_| {
                self.algorithms(asked, chain, made)
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
        match result {
            Err(failure) if failure.of_ca || failure.sub == SubIndication::NoPoe => {
                self.as_of_now(certificate, asked, failure, chain, trace)
            }
            result => result,
        }
    }

    /// The first chain of which nothing is wrong; where there is none, what is wrong with the one that came
    /// furthest (clauses 5.2.6.4 and 5.6.2.1.4).
    pub(super) fn chain_at(
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
        let admission = Admission::default();
        let admits = |source| self.is_admissible(source, &admission);
        let proves = |source| self.proven_evidence(source);
        let validator = Validator::new(
            &anchors,
            &material.pool,
            &material.evidence,
            self.parameters(asked.purpose, at),
        )
        .admitting(&admits)
        .proving(&proves);
        let mut furthest: Option<Attempt> = None;
        let mut accepts = |path: &Path| {
            let one = self.attempt(&validator, path, asked, at, &admission);
            let ends = one.ends();
            if furthest.as_ref().is_none_or(|other| one.is_nearer(other)) {
                furthest = Some(one);
            }
            ends
        };
        let found = validator.validate_where(certificate, &mut accepts);
        let found = trace.run(Block::ValidationContext, |_| match furthest {
            Some(attempt) => Ok(attempt),
            None => match found {
                Ok(path) => Ok(self.attempt(&validator, &path, asked, at, &admission)),
                Err(error) => {
                    *chain = error.path.iter().map(|c| entry(c, None)).collect();
                    let expired = matches!(error.kind, PathErrorKind::Expired { .. })
                        && error.certificate == *certificate;
                    if expired {
                        return Err(self.expired(certificate, asked, &error));
                    }
                    let failure = path_failure(&error, asked.past(), certificate, self.facts);
                    Err(match material.untimely(&error.path, at, makes) {
                        Some(why) => failure.untimely(why),
                        None => failure,
                    })
                }
            },
        })?;
        *chain = found.chain;
        trace.extend(&found.trace.into_steps());
        found.result
    }

    /// One chain, with what is asked of it beyond RFC 5280 section 6.1.
    fn attempt(
        &self,
        validator: &Validator<'_>,
        path: &Path,
        asked: Asked<'_>,
        at: UnixTime,
        admission: &Admission,
    ) -> Attempt {
        admission.begin();
        let mut chain = entries(path);
        let mut trace = Trace::default();
        let usable = match (asked.purpose, path.certificates().first()) {
            (Purpose::Signing, Some(certificate)) => {
                usage::signer(certificate, path, &self.policy.certificate)
            }
            _ => Ok(()),
        };
        let result = usable.and_then(|()| {
            self.slide(
                validator, path, asked, at, admission, &mut chain, &mut trace,
            )
        });
        Attempt {
            chain,
            trace,
            result,
        }
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
        admission: &Admission,
        chain: &mut [ChainEntry],
        trace: &mut Trace,
    ) -> Result<(), Failure> {
        let mut unknown = None;
        let mut in_doubt = false;
        for index in (0..path.certificates().len()).rev() {
            let Some(one) = chain.get_mut(index).filter(|one| !one.anchor) else {
                continue;
            };
            let limit = admission.control();
            let ask = || self.status(validator, path, index, at, admission);
            let status = ask();
            one.revocation = Some(status.clone());
            match &status {
                RevocationStatus::Revoked(info, _) => {
                    if asked.made.by.is_none_or(|t| t >= info.at) {
                        return Err(revoked(one, info, index, asked.made));
                    }
                    admission.slide_to(info.at);
                }
                RevocationStatus::Unknown(why) => {
                    in_doubt |= why.is_exhausted();
                    unknown = Some(match self.weak_evidence(one, admission, ask) {
                        Some((failure, told)) => {
                            in_doubt |= told == Told::Revoked;
                            failure
                        }
                        None => {
                            let failure = status_unknown(self.facts, one, why);
                            match limit {
                                Some(limit) => no_proof(one, limit, failure),
                                None => failure,
                            }
                        }
                    });
                }
                RevocationStatus::Good(finding) => {
                    let Fresh { failure, step } = self.fresh(one, finding, index, asked.made.by);
                    trace.push(step);
                    unknown = failure.or(unknown);
                    // Whoever shows an older answer beside it does not take back what was told.
                    let against = |info: &RevokedInfo| asked.made.by.is_none_or(|t| t >= info.at);
                    if let Some(failure) = self.weakly_revoked(one, admission, against, ask) {
                        in_doubt = true;
                        unknown = Some(failure);
                    }
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
                admission.slide_to(end);
            }
        }
        if let Some(control) = admission.control() {
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
            // Something is available: more than anybody honest offers, or what speaks against a certificate.
            Some(failure) if in_doubt => Err(failure),
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
        admission: &Admission,
    ) -> RevocationStatus {
        let window = EvidenceWindow {
            covers: at,
            known_by: self.now + self.policy.clock_skew,
        };
        let ask = || validator.revocation_status(path, index, window);
        match (admission.control(), admission.of_now(ask)) {
            (None, known) | (Some(_), known @ RevocationStatus::Revoked(..)) => known,
            (Some(_), _) => ask(),
        }
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
        // The last second counts in (RFC 5280 section 4.1.2.5), and an algorithm's end is out.
        let expired = Some(certificate.not_after()).filter(|end| index > 0 && *end < self.now);
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
        let failure = path_failure(error, asked.past(), certificate, self.facts);
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
                Some(RevocationStatus::Good(_)) => not_revoked(failure),
                // Revoked when it was over already.
                Some(RevocationStatus::Revoked(info, _)) if info.at > end => not_revoked(failure),
                _ => failure,
            },
        }
    }
}

fn not_revoked(expired: Failure) -> Failure {
    Failure {
        sub: SubIndication::OutOfBoundsNotRevoked,
        ..expired
    }
}

/// A chain that was looked into, and what came of it.
struct Attempt {
    chain: Vec<ChainEntry>,
    trace: Trace,
    result: Result<(), Failure>,
}

impl Attempt {
    /// Whether no other chain has to be looked for: nothing is wrong, or the signer was revoked.
    fn ends(&self) -> bool {
        self.rank() > 4
    }

    fn is_nearer(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }

    /// How near it came to passing: what needs less comes later.
    fn rank(&self) -> u8 {
        use SubIndication as S;
        match self.result.as_ref().map_err(|failure| failure.sub) {
            Ok(()) => 6,
            Err(S::RevokedNoPoe | S::Revoked) => 5,
            Err(S::TryLater | S::RevocationOutOfBoundsNoPoe) => 4,
            Err(S::CryptoConstraintsFailure | S::CryptoConstraintsFailureNoPoe) => 3,
            Err(S::NoPoe) => 2,
            Err(S::RevokedCaNoPoe) => 1,
            Err(_) => 0,
        }
    }
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

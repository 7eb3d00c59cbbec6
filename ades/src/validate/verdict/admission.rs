//! Which revocation data counts (EN 319 102-1 clauses 5.5.4 step 10 and 5.6.2.2.4): what is signed with an
//! algorithm that is good, or is proven to be older than its end; and where the control time was moved,
//! what is proven to be as old as that.

use core::cell::Cell;
use std::cell::RefCell;

use pki_asn1::UnixTime;
use pki_crypto::SignatureAlgorithm;
use pki_path::{Distrust, RevocationStatus, RevocationUnknown, RevokedInfo, Source};

use super::Judge;
use super::algorithms::{Made, ended_in_words};
use super::chain::Purpose;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use super::poe::Thing;
use crate::text;
use crate::validate::ObjectId;
use crate::validate::carried::object_id;
use crate::validate::policy::{EndedAlgorithms, Ends};

/// What is asked of revocation data while a chain is judged.
#[derive(Default)]
pub(super) struct Admission {
    /// The control time, once something above ended.
    control: Cell<Option<UnixTime>>,
    /// While it is asked what would be known whatever the algorithms: what counts for that alone.
    weak: RefCell<Option<Vec<Source>>>,
}

impl Admission {
    /// For another chain.
    pub(super) fn begin(&self) {
        self.control.set(None);
    }

    pub(super) fn control(&self) -> Option<UnixTime> {
        self.control.get()
    }

    /// The control time only ever moves back.
    pub(super) fn slide_to(&self, to: UnixTime) {
        let earliest = self.control.get().map_or(to, |at| at.min(to));
        self.control.set(Some(earliest));
    }

    /// What is known of the present, wherever the control time is.
    pub(super) fn of_now<T>(&self, ask: impl FnOnce() -> T) -> T {
        let control = self.control.replace(None);
        let answer = ask();
        self.control.set(control);
        answer
    }

    /// What would be known whatever the algorithms, and the data that this rests on.
    fn whatever_the_algorithms<T>(&self, ask: impl FnOnce() -> T) -> (T, Vec<Source>) {
        *self.weak.borrow_mut() = Some(Vec::new());
        let answer = ask();
        (answer, self.weak.take().unwrap_or_default())
    }
}

/// Revocation data that would settle a status, and the end of the algorithm it is signed with.
struct Weak {
    source: Source,
    algorithm: SignatureAlgorithm,
    until: UnixTime,
    made: Made,
}

/// What data says that does not count.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Told {
    Good,
    Revoked,
}

impl Judge<'_> {
    /// Whether a piece of evidence may be relied on.
    pub(super) fn is_admissible(&self, source: Source, admission: &Admission) -> bool {
        let in_time = |limit| {
            let proven = self.proven_evidence(source);
            proven.is_some_and(|proven| proven <= limit)
        };
        if !admission.control().is_none_or(in_time) {
            return false;
        }
        let Some((_, end)) = self.ended(source) else {
            return true;
        };
        if self.policy.ended_algorithms == EndedAlgorithms::IfProven && in_time(end) {
            return true;
        }
        match admission.weak.borrow_mut().as_mut() {
            Some(weak) => {
                weak.push(source);
                true
            }
            None => false,
        }
    }

    /// Since when a piece of evidence is proven to exist.
    pub(super) fn proven_evidence(&self, source: Source) -> Option<UnixTime> {
        let (der, _) = self.octets(source)?;
        self.proven(Thing::Object(self.id_of(source, der)))
    }

    /// Where a status is not known only because of the algorithm of the data that says it: that this is
    /// why, and what would change it; and whether the data speaks against the certificate. `ask` asks for the
    /// status once more.
    pub(super) fn weak_evidence(
        &self,
        one: &mut ChainEntry,
        admission: &Admission,
        ask: impl FnOnce() -> RevocationStatus,
    ) -> Option<(Failure, Told)> {
        let (status, weak) = admission.whatever_the_algorithms(ask);
        let told = match status {
            RevocationStatus::Revoked(..) => Told::Revoked,
            _ => Told::Good,
        };
        let (RevocationStatus::Good(found) | RevocationStatus::Revoked(_, found)) = status else {
            return None;
        };
        let source = match weak.contains(&found.source) {
            true => found.source,
            false => *weak.first()?,
        };
        let (algorithm, until) = self.ended(source)?;
        let weak = Weak {
            source,
            algorithm,
            until,
            made: Made {
                by: self.proven_evidence(source),
                after: Some(found.this_update),
            },
        };
        one.revocation = Some(RevocationStatus::Unknown(RevocationUnknown::NotTrusted {
            what: match weak.source {
                Source::Crl(_) => "CRL",
                Source::Ocsp(_) => "OCSP response",
            },
            why: Box::new(match until {
                Ends::NEVER_GOOD => Distrust::AlgorithmNotAccepted { algorithm },
                _ => Distrust::AlgorithmEnded { algorithm, until },
            }),
        }));
        let subject = one.certificate.display_subject();
        let failure = self.weak(
            text!("{}, with which it is signed,", weak.algorithm),
            weak.until,
            weak.made,
        );
        let hint = match (failure.sub, self.policy.ended_algorithms) {
            (SubIndication::CryptoConstraintsFailureNoPoe, EndedAlgorithms::IfProven) => text!(
                "revocation data with another algorithm (run without --offline, or give it with --crl), or a proof that this data existed before {}, would change this",
                until
            ),
            _ => {
                "revocation data with another algorithm would change this: run without --offline, or give it with --crl"
                    .into()
            }
        };
        let failure = Failure {
            message: text!(
                "the only revocation data about the certificate of {} (of {}) does not count: {}",
                subject,
                found.this_update,
                failure.message
            ),
            ..failure
        };
        Some((failure.hint(hint), told))
    }

    /// Where a certificate is good by what counts, and data whose algorithm ended says that it was revoked: nobody
    /// can tell whether that was forged.
    pub(super) fn weakly_revoked(
        &self,
        one: &mut ChainEntry,
        admission: &Admission,
        against: impl Fn(&RevokedInfo) -> bool,
        ask: impl Fn() -> RevocationStatus,
    ) -> Option<Failure> {
        let evidence = &self.facts.material.evidence;
        let crls = (0..evidence.crls().len()).map(Source::Crl);
        let responses = (0..evidence.responses().len()).map(Source::Ocsp);
        if crls.chain(responses).all(|one| self.ended(one).is_none()) {
            return None;
        }
        match admission.whatever_the_algorithms(&ask) {
            (RevocationStatus::Revoked(info, found), weak)
                if against(&info) && weak.contains(&found.source) =>
            {
                let subject = one.certificate.display_subject().to_string();
                let (failure, _) = self.weak_evidence(one, admission, ask)?;
                let (algorithm, until) = self.ended(found.source)?;
                let message = text!(
                    "revocation data of {} says that the certificate of {} was revoked, and whether it may be believed is not known: {}",
                    found.this_update,
                    subject,
                    ended_in_words(
                        text!("{}, with which the data is signed,", algorithm),
                        until
                    )
                );
                let failure = Failure { message, ..failure };
                Some(failure.hint("ask the issuer whether it was revoked"))
            }
            _ => None,
        }
    }

    fn octets(&self, source: Source) -> Option<(&[u8], Option<SignatureAlgorithm>)> {
        let evidence = &self.facts.material.evidence;
        let (der, algorithm) = match source {
            Source::Crl(index) => {
                let crl = evidence.crls().get(index)?;
                (crl.der(), crl.signature_algorithm())
            }
            Source::Ocsp(index) => {
                let response = evidence.responses().get(index)?;
                (response.der(), response.signature_algorithm())
            }
        };
        Some((der, SignatureAlgorithm::from_identifier(algorithm).ok()))
    }

    /// The algorithm of a piece of evidence, where it ended.
    fn ended(&self, source: Source) -> Option<(SignatureAlgorithm, UnixTime)> {
        let (_, algorithm) = self.octets(source)?;
        let algorithm = algorithm?;
        let end = self
            .table(Purpose::Signing)
            .signature_good_until(algorithm)?;
        (self.now >= end).then_some((algorithm, end))
    }

    fn id_of(&self, source: Source, der: &[u8]) -> ObjectId {
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
}

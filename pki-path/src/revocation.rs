//! Revocation status from evidence that was handed in: CRLs (RFC 5280 section 6.3) and OCSP
//! responses (RFC 6960 section 3.2).
//!
//! The answer is three-valued, and `Unknown` says what was missing. Good answers count where they fall
//! into an [`EvidenceWindow`]; a final revocation wins over anything, whenever it was told, and a hold is
//! lifted only by newer evidence.

use core::fmt;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use pki_asn1::ocsp::BasicResponse;
use pki_asn1::oid::{self, ObjectIdentifier as Oid};
use pki_asn1::{Certificate, CertificateList, UnixTime, name};
use pki_crypto::PublicKey;
use x509_cert::ext::pkix::CrlReason;

use crate::budget::BudgetKind;
use crate::build::Validator;
use crate::error::PathErrorKind;
use crate::pool::TrustAnchor;
use crate::signature::SignatureError;

mod crl;
mod distrust;
mod ocsp;

pub use distrust::Distrust;

/// CRLs and OCSP responses, wherever they came from. Nothing in it is trusted before its signature
/// and its issuer were checked.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    crls: Vec<CertificateList>,
    by_issuer: HashMap<String, Vec<usize>>,
    /// Per CRL: whether all its critical extensions are understood, once somebody asked.
    understood: Vec<OnceCell<bool>>,
    /// Which keys signed which CRLs, as far as somebody asked: one list may clear all signers of a file.
    crls_verified: RefCell<HashMap<(usize, PublicKey), Result<(), SignatureError>>>,
    responses: Vec<BasicResponse>,
    /// The same of the responses: what is said against a responder is asked for with each of its answers.
    responses_verified: RefCell<HashMap<(usize, PublicKey), Result<(), SignatureError>>>,
}

impl Evidence {
    /// No evidence at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a CRL; its number is what [`Source::Crl`] names.
    pub fn add_crl(&mut self, crl: CertificateList) -> usize {
        let index = self.crls.len();
        self.by_issuer
            .entry(name::comparison_key(crl.issuer()))
            .or_default()
            .push(index);
        self.understood.push(OnceCell::new());
        self.crls.push(crl);
        index
    }

    /// Adds an OCSP response; its number is what [`Source::Ocsp`] names.
    pub fn add_ocsp(&mut self, response: BasicResponse) -> usize {
        self.responses.push(response);
        self.responses.len() - 1
    }

    /// All CRLs in the order they were added.
    #[must_use]
    pub fn crls(&self) -> &[CertificateList] {
        &self.crls
    }

    /// All OCSP responses in the order they were added.
    #[must_use]
    pub fn responses(&self) -> &[BasicResponse] {
        &self.responses
    }

    fn crls_of(&self, issuer_key: &str) -> &[usize] {
        self.by_issuer.get(issuer_key).map_or(&[], Vec::as_slice)
    }
}

/// Which evidence is acceptable by its dates, to clear a certificate. A revocation that had happened by
/// [`Self::known_by`] counts whenever it was told.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct EvidenceWindow {
    /// The evidence must not have run out before this time (nextUpdate at or after it).
    pub covers: UnixTime,
    /// The evidence must exist by this time (thisUpdate at or before it).
    pub known_by: UnixTime,
}

impl EvidenceWindow {
    /// Evidence without nextUpdate counts this long, in seconds.
    const AGE_WITHOUT_NEXT_UPDATE: i64 = 86_400;

    /// Evidence that is current at `at`.
    #[must_use]
    pub fn current(at: UnixTime) -> Self {
        Self {
            covers: at,
            known_by: at,
        }
    }

    fn admits(&self, this_update: UnixTime, next_update: Option<UnixTime>) -> bool {
        this_update <= self.known_by
            && match next_update {
                Some(next) => next >= self.covers,
                None => self.covers.since(this_update) <= Self::AGE_WITHOUT_NEXT_UPDATE,
            }
    }
}

/// Which piece of evidence, by its number in the [`Evidence`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[allow(missing_docs)]
pub enum Source {
    Crl(usize),
    Ocsp(usize),
}

/// Which pieces of evidence may be relied on, besides by their dates.
#[derive(Clone, Copy, Default)]
pub(crate) struct Admits<'a>(Option<&'a dyn Fn(Source) -> bool>);

impl<'a> Admits<'a> {
    pub(crate) fn only(those: &'a dyn Fn(Source) -> bool) -> Self {
        Self(Some(those))
    }

    fn allows(self, source: Source) -> bool {
        self.0.is_none_or(|those| those(source))
    }
}

impl fmt::Debug for Admits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some" } else { "All" })
    }
}

/// Since when pieces of evidence are proven to exist.
#[derive(Clone, Copy, Default)]
pub(crate) struct Proves<'a>(Option<&'a dyn Fn(Source) -> Option<UnixTime>>);

impl<'a> Proves<'a> {
    pub(crate) fn by(since: &'a dyn Fn(Source) -> Option<UnixTime>) -> Self {
        Self(Some(since))
    }

    fn since(self, source: Source) -> Option<UnixTime> {
        self.0.and_then(|since| since(source))
    }
}

impl fmt::Debug for Proves<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Some" } else { "None" })
    }
}

/// What an answer rests on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The evidence; of several CRLs that cover all reasons together, the oldest.
    pub source: Source,
    /// When the status was known to be correct.
    pub this_update: UnixTime,
    /// When newer information will be there.
    pub next_update: Option<UnixTime>,
    /// When the evidence was signed, where it says so (OCSP).
    pub produced_at: Option<UnixTime>,
    /// Who signed it.
    pub signer: Certificate,
}

/// When and why a certificate was revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevokedInfo {
    /// revocationDate or revocationTime
    pub at: UnixTime,
    /// The reason, where one is given.
    pub reason: Option<CrlReason>,
}

impl RevokedInfo {
    /// The reason's name in RFC 5280 section 5.3.1; `unspecified` where none is given.
    #[must_use]
    pub fn reason_name(&self) -> &'static str {
        match self.reason {
            None | Some(CrlReason::Unspecified) => "unspecified",
            Some(CrlReason::KeyCompromise) => "keyCompromise",
            Some(CrlReason::CaCompromise) => "cACompromise",
            Some(CrlReason::AffiliationChanged) => "affiliationChanged",
            Some(CrlReason::Superseded) => "superseded",
            Some(CrlReason::CessationOfOperation) => "cessationOfOperation",
            Some(CrlReason::CertificateHold) => "certificateHold",
            Some(CrlReason::RemoveFromCRL) => "removeFromCRL",
            Some(CrlReason::PrivilegeWithdrawn) => "privilegeWithdrawn",
            Some(CrlReason::AaCompromise) => "aACompromise",
        }
    }

    pub(crate) fn reason_suffix(&self) -> String {
        match self.reason {
            None => String::new(),
            Some(_) => format!(" ({})", self.reason_name()),
        }
    }

    /// Whether the reason says that nothing was wrong with the key until then (RFC 5280 section 5.3.1).
    pub(crate) fn is_orderly(&self) -> bool {
        matches!(
            self.reason,
            Some(
                CrlReason::Superseded
                    | CrlReason::CessationOfOperation
                    | CrlReason::AffiliationChanged
            )
        )
    }

    /// Whether the revocation can be lifted again.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        self.reason == Some(CrlReason::CertificateHold)
    }
}

/// The answer for one certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RevocationStatus {
    /// Not revoked as of `this_update`.
    Good(Finding),
    /// Revoked.
    Revoked(RevokedInfo, Finding),
    /// The evidence does not say.
    Unknown(RevocationUnknown),
    /// Revocation does not apply: a trust anchor, or a certificate whose issuer says so and does not revoke it
    /// all the same (noRevAvail, RFC 9608; validity-assured short-term, EN 319 412-1 clause 5.2).
    NotApplicable,
}

/// Why a status is not known.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationUnknown {
    /// No CRL and no OCSP response speaks of the certificate.
    #[error("no CRL or OCSP response for certificates of {issuer} was found")]
    NoEvidence {
        /// The issuer.
        issuer: String,
        /// Where the certificate says that evidence is to be had.
        urls: Vec<String>,
    },
    /// There is evidence, from the wrong time.
    #[error("the newest {what} (of {this_update}) is not current at {covers}")]
    NotCurrent {
        /// CRL or OCSP response.
        what: &'static str,
        /// Its thisUpdate.
        this_update: UnixTime,
        /// What it must cover.
        covers: UnixTime,
    },
    /// There is evidence that is current, of a time when the certificate was over: it may have been taken off.
    #[error(
        "the {what} of {this_update} was made after the certificate ended at {ended}, and does not say that it keeps expired certificates"
    )]
    AfterTheEnd {
        /// CRL or OCSP response.
        what: &'static str,
        /// Its thisUpdate.
        this_update: UnixTime,
        /// When the certificate ended.
        ended: UnixTime,
    },
    /// There is an answer of a time when the certificate was none yet.
    #[error("the {what} of {this_update} was made before the certificate began at {began}")]
    BeforeTheBeginning {
        /// OCSP response.
        what: &'static str,
        /// Its thisUpdate.
        this_update: UnixTime,
        /// When the certificate began.
        began: UnixTime,
    },
    /// There is evidence, and whoever signed it may not, or the signature is wrong.
    #[error("the {what} cannot be trusted: {why}")]
    NotTrusted {
        /// CRL or OCSP response.
        what: &'static str,
        /// Why.
        why: Box<Distrust>,
    },
    /// Whoever signed the evidence is not valid any more at the time that it has to cover.
    #[error(
        "the {what} cannot be trusted any more: the certificate of its signer {signer} ended at {not_after}"
    )]
    SignerEnded {
        /// CRL or OCSP response.
        what: &'static str,
        /// Whose certificate it is.
        signer: String,
        /// When it ended.
        not_after: UnixTime,
    },
    /// The CRLs at hand cover some reasons only, or another partition.
    #[error("the CRLs at hand do not cover the certificate for all reasons")]
    NotCovered,
    /// The responder says it does not know the certificate.
    #[error("the OCSP responder answers that it does not know the certificate")]
    ResponderDoesNotKnow,
}

impl RevocationUnknown {
    fn not_trusted(what: &'static str, why: Distrust) -> Self {
        let why = Box::new(why);
        Self::NotTrusted { what, why }
    }

    fn after_the_end(what: &'static str, this_update: UnixTime, ended: UnixTime) -> Self {
        Self::AfterTheEnd {
            what,
            this_update,
            ended,
        }
    }

    pub(crate) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoEvidence { urls, .. } if !urls.is_empty() => {
                format!(
                    "give a CRL or OCSP response; the certificate names {}",
                    urls.join(", ")
                )
            }
            Self::NoEvidence { issuer, .. } => format!("give a CRL of {issuer}"),
            Self::NotCurrent { .. }
            | Self::BeforeTheBeginning { .. }
            | Self::SignerEnded { .. } => "fetch a newer CRL or OCSP response".into(),
            Self::AfterTheEnd { .. } => {
                "give a CRL or OCSP response from before the certificate ended".into()
            }
            Self::NotCovered => {
                "give the other CRLs that the certificate's distribution points name".into()
            }
            Self::NotTrusted { .. } => {
                "give the certificate that signed it, or evidence signed by the CA".into()
            }
            Self::ResponderDoesNotKnow => return None,
        })
    }

    fn rank(&self) -> u8 {
        match self {
            Self::NoEvidence { .. } => 0,
            Self::NotCovered => 1,
            Self::NotTrusted { .. } if self.uncleared_signer().is_some() => 5,
            Self::NotTrusted { .. } if !self.is_exhausted() => 2,
            Self::NotCurrent { .. } => 3,
            Self::AfterTheEnd { .. } | Self::BeforeTheBeginning { .. } => 4,
            Self::SignerEnded { .. } => 5,
            Self::ResponderDoesNotKnow => 6,
            Self::NotTrusted { .. } => 7,
        }
    }

    /// Whether evidence was passed over because there was no work left to be spent on it: what it says is not
    /// known, and whoever offered so much may have meant it to be passed over.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.exhausted().is_some()
    }

    pub(crate) fn exhausted(&self) -> Option<BudgetKind> {
        match self {
            Self::NotTrusted { why, .. } => match **why {
                Distrust::Budget(kind) => Some(kind),
                _ => None,
            },
            _ => None,
        }
    }

    /// Who signed a CRL in the authority's place, where nothing is wrong with the CRL but that the status of
    /// its signer, or of an authority above that one, is not known.
    #[must_use]
    pub fn uncleared_signer(&self) -> Option<&Certificate> {
        let Self::NotTrusted { why, .. } = self else {
            return None;
        };
        match &**why {
            Distrust::SignerNotValid(error) => match error.kind {
                PathErrorKind::RevocationUnknown(_) => error.path.first(),
                _ => None,
            },
            _ => None,
        }
    }

    fn more_specific(self, other: Self) -> Self {
        let newest = |one: &Self| match one {
            Self::NotCurrent { this_update, .. }
            | Self::AfterTheEnd { this_update, .. }
            | Self::BeforeTheBeginning { this_update, .. } => Some(*this_update),
            _ => None,
        };
        // Of two of a kind the newer one, whichever was seen first; then their words decide.
        let told = |one: &Self| (one.rank(), newest(one), core::cmp::Reverse(one.to_string()));
        if told(&other) > told(&self) {
            other
        } else {
            self
        }
    }
}

/// Who issued the certificate whose status is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub(crate) certificate: Certificate,
    pub(crate) key: PublicKey,
    pub(crate) anchor: TrustAnchor,
    /// The authority and all above it but the anchor.
    pub(crate) path: Vec<Certificate>,
}

/// The CRL issuers whose own paths are being validated, so that they do not vouch for themselves.
#[derive(Debug, Default)]
pub(crate) struct Stack(Vec<Certificate>);

impl Stack {
    /// How deep CRL issuers may rest on other CRL issuers.
    const DEPTH: usize = 4;
}

impl Validator<'_> {
    pub(crate) fn status(
        &self,
        certificate: &Certificate,
        issuer: &Issuer,
        window: EvidenceWindow,
        stack: &mut Stack,
    ) -> RevocationStatus {
        let exempt = certificate.extension(&oid::CE_NO_REV_AVAIL).is_some()
            || certificate
                .extension(&oid::EXT_VALASSURED_SHORT_TERM)
                .is_some();
        let exempt = exempt && !certificate.is_ca();
        if self.is_anchor(certificate) {
            return RevocationStatus::NotApplicable;
        }
        let by_response = self.ocsp_status(certificate, issuer, window, stack);
        let by_crl = self.crl_status(certificate, issuer, window, stack);
        match merge(by_response, by_crl) {
            revoked @ RevocationStatus::Revoked(..) => revoked,
            // Nobody has to look for it; what is known all the same counts.
            _ if exempt => RevocationStatus::NotApplicable,
            RevocationStatus::Unknown(RevocationUnknown::NoEvidence { issuer, .. }) => {
                let mut urls = certificate.ocsp_urls();
                urls.extend(certificate.crl_urls());
                RevocationStatus::Unknown(RevocationUnknown::NoEvidence { issuer, urls })
            }
            status => status,
        }
    }
}

impl Validator<'_> {
    /// Whether evidence counts although its signer was revoked since: it is proven to be older, or the reason
    /// says that the key was good as long as it signed.
    fn signed_before(&self, revoked: &RevokedInfo, made: UnixTime, source: Source) -> bool {
        let proven = self.proves.since(source);
        revoked.is_orderly() && revoked.at > made || proven.is_some_and(|t| t < revoked.at)
    }
}

fn merge(a: RevocationStatus, b: RevocationStatus) -> RevocationStatus {
    use RevocationStatus::{Good, NotApplicable, Revoked, Unknown};
    match (a, b) {
        (Revoked(a, f), Revoked(b, g)) => {
            // What can be lifted counts less; then what was issued later, and of one second the earlier date.
            let counts = |info: &RevokedInfo, f: &Finding| {
                (!info.is_hold(), f.this_update, core::cmp::Reverse(info.at))
            };
            match counts(&b, &g) > counts(&a, &f) {
                true => Revoked(b, g),
                false => Revoked(a, f),
            }
        }
        (Revoked(info, f), _) | (_, Revoked(info, f)) if !info.is_hold() => Revoked(info, f),
        (Unknown(a), Unknown(b)) => Unknown(a.more_specific(b)),
        (Unknown(a), _) | (_, Unknown(a)) if a.is_exhausted() => Unknown(a),
        (Unknown(_) | NotApplicable, known) | (known, Unknown(_) | NotApplicable) => known,
        (Good(a), Good(b)) => Good(newer(a, b)),
        (Revoked(info, a), Good(b)) | (Good(b), Revoked(info, a)) => {
            if b.this_update > a.this_update {
                Good(b)
            } else {
                Revoked(info, a)
            }
        }
    }
}

fn newer(a: Finding, b: Finding) -> Finding {
    if b.this_update > a.this_update { b } else { a }
}

/// Evidence made after a certificate expired says nothing about it, unless it says that it keeps
/// expired certificates from a time on that is early enough.
fn speaks_of_expired(
    certificate: &Certificate,
    this_update: UnixTime,
    kept: Option<UnixTime>,
) -> bool {
    this_update <= certificate.not_after() || kept.is_some_and(|k| k <= certificate.not_after())
}

fn unknown_critical(extensions: &[x509_cert::ext::Extension], known: &[Oid]) -> bool {
    extensions
        .iter()
        .any(|e| e.critical && !known.contains(&e.extn_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_answer_does_not_stand_beside_evidence_that_nobody_had_work_left_for() {
        let key = rcgen::KeyPair::generate().unwrap();
        let signer = rcgen::CertificateParams::default()
            .self_signed(&key)
            .unwrap();
        let finding = Finding {
            source: Source::Crl(0),
            this_update: UnixTime::from_secs(1),
            next_update: None,
            produced_at: None,
            signer: Certificate::from_der(signer.der().to_vec()).unwrap(),
        };
        let good = || RevocationStatus::Good(finding.clone());
        let spent = || {
            let why = Distrust::Budget(BudgetKind::Signatures);
            RevocationUnknown::not_trusted("CRL", why)
        };
        // Whatever else was seen, it is what is told.
        let others = [
            RevocationUnknown::NotCovered,
            RevocationUnknown::ResponderDoesNotKnow,
        ];
        for other in others {
            assert!(spent().more_specific(other.clone()).is_exhausted());
            assert!(other.more_specific(spent()).is_exhausted());
        }
        for status in [
            merge(good(), RevocationStatus::Unknown(spent())),
            merge(RevocationStatus::Unknown(spent()), good()),
        ] {
            assert!(matches!(status, RevocationStatus::Unknown(why) if why.is_exhausted()));
        }
        let covered = RevocationStatus::Unknown(RevocationUnknown::NotCovered);
        assert!(matches!(merge(good(), covered), RevocationStatus::Good(_)));
        let info = RevokedInfo {
            at: UnixTime::from_secs(0),
            reason: None,
        };
        let revoked = RevocationStatus::Revoked(info, finding.clone());
        let known = merge(RevocationStatus::Unknown(spent()), revoked);
        assert!(matches!(known, RevocationStatus::Revoked(..)));
    }
}

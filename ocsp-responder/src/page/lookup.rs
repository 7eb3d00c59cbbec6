//! What the page tells about a certificate: the same record, the same rule of staleness and the same
//! look-up as OCSP.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ca_core::RevocationReason;
use ca_core::status::Status;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use crate::metrics::PageVerdict;
use crate::protocol::response::Answer;
use crate::record::state::{Entry, State};
use crate::responder::Responder;

/// Which certificate.
#[derive(Clone, Debug)]
pub(super) enum Question {
    /// The one with this serial number (content octets) from the authority of this name.
    Serial { authority: String, serial: Vec<u8> },
    /// This one.
    Certificate(Certificate),
}

/// What is known of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Good,
    Revoked {
        at: UnixTime,
        reason: RevocationReason,
        invalidity_date: Option<UnixTime>,
    },
    OnHold {
        at: UnixTime,
    },
    NeverIssued,
    /// No authority of ours is its issuer.
    NotOurs,
    /// It names an authority of ours that did not sign it.
    Forged,
    /// The record is out of reach, or too many ask.
    CannotTell,
}

/// A verdict and when it was found.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    /// The authority it is about.
    pub(super) authority: Option<String>,
    pub(super) at: UnixTime,
}

impl Responder {
    /// Answers a question of the status page.
    pub(super) async fn look_up(self: &Arc<Self>, question: Question) -> Finding {
        let this = Arc::clone(self);
        let found = self.workers.run(move || this.look_up_blocking(&question));
        let found = found.await.unwrap_or_else(|_| Finding {
            verdict: Verdict::CannotTell,
            authority: None,
            at: self.now(),
        });
        self.counts.looked_up(match found.verdict {
            Verdict::Good => PageVerdict::Good,
            Verdict::Revoked { .. } => PageVerdict::Revoked,
            Verdict::OnHold { .. } => PageVerdict::OnHold,
            Verdict::NeverIssued => PageVerdict::NeverIssued,
            Verdict::NotOurs => PageVerdict::NotOurs,
            Verdict::Forged => PageVerdict::Forged,
            Verdict::CannotTell => PageVerdict::CannotTell,
        });
        found
    }

    fn look_up_blocking(&self, question: &Question) -> Finding {
        let at = self.now();
        let state = self.state();
        let found = |verdict, entry: Option<&Entry>| Finding {
            verdict,
            authority: entry.map(|e| e.name.clone()),
            at,
        };
        let (entry, serial) = match question {
            Question::Serial { authority, serial } => {
                match state.entries.iter().find(|e| e.name == *authority) {
                    Some(entry) => (entry, serial.as_slice()),
                    None => return found(Verdict::NotOurs, None),
                }
            }
            Question::Certificate(certificate) => match issuer(&state, certificate) {
                Ok(entry) => (entry, certificate.serial()),
                Err(verdict) => return found(verdict, None),
            },
        };
        if self.is_stale(at) {
            return found(Verdict::CannotTell, Some(entry));
        }
        // Who has seen this must not be given an older answer from the cache.
        if let Ok(version) = self.source.version() {
            self.version.fetch_max(version, Ordering::AcqRel);
        }
        let verdict = match self.status_now(entry, serial) {
            Some(Answer::Issued(Status::Good)) => Verdict::Good,
            Some(Answer::Issued(Status::Revoked {
                at,
                reason: RevocationReason::CertificateHold,
                ..
            })) => Verdict::OnHold { at },
            Some(Answer::Issued(Status::Revoked {
                at,
                reason,
                invalidity_date,
            })) => Verdict::Revoked {
                at,
                reason,
                invalidity_date,
            },
            Some(Answer::Unknown | Answer::ExtendedRevoked) => Verdict::NeverIssued,
            None => Verdict::CannotTell,
        };
        found(verdict, Some(entry))
    }
}

/// The authority whose key signed it.
fn issuer<'a>(state: &'a State, certificate: &Certificate) -> Result<&'a Entry, Verdict> {
    let mut of_that_name = state
        .entries
        .iter()
        .filter(|e| e.certificate.subject_der() == certificate.issuer_der())
        .peekable();
    if of_that_name.peek().is_none() {
        return Err(Verdict::NotOurs);
    }
    of_that_name
        .find(|e| is_signed_by(certificate, &e.certificate))
        .ok_or(Verdict::Forged)
}

fn is_signed_by(certificate: &Certificate, issuer: &Certificate) -> bool {
    let Ok(algorithm) = SignatureAlgorithm::from_identifier(certificate.signature_algorithm())
    else {
        return false;
    };
    PublicKey::from_spki_der(issuer.spki_der()).is_ok_and(|key| {
        key.verify(
            algorithm,
            Message::Bytes(certificate.tbs_der()),
            certificate.signature(),
        )
        .is_ok()
    })
}

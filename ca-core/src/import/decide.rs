//! From everything that is known about one serial number to what is recorded: a pure function.
//!
//! Nothing is guessed: a contradiction is told, and the safer of two statements is taken (revoked rather
//! than valid; the CRL, which was signed and published, rather than a database).

use pki_asn1::{Certificate, UnixTime};

use crate::revocation::{Revocation, RevocationReason};

/// A revocation in another product.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PastRevocation {
    /// The revocation date.
    pub at: UnixTime,
    /// Why.
    pub reason: RevocationReason,
    /// Since when the key is known or believed bad.
    pub invalidity_date: Option<UnixTime>,
}

/// What the sources say about one serial number.
#[derive(Clone, Debug, Default)]
pub struct Evidence<'a> {
    /// The certificate, checked to be the authority's.
    pub certificate: Option<&'a Certificate>,
    /// What the other product's database says; the outer `None` where there is none.
    pub index: Option<Option<PastRevocation>>,
    /// The end of validity by the database.
    pub index_not_after: Option<UnixTime>,
    /// What the CRLs say.
    pub crl: Option<PastRevocation>,
}

/// What this record already holds under the serial number.
#[derive(Clone, Debug)]
pub struct Existing {
    /// SHA-256 of the certificate; `None` where only the serial number is known.
    pub fingerprint: Option<[u8; 32]>,
    /// Its revocation.
    pub revocation: Option<Revocation>,
}

/// What is to be recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Decision {
    /// A certificate that is new here, with its revocation.
    New(Option<PastRevocation>),
    /// A revocation of a certificate that is here.
    Revoke(PastRevocation),
    /// A revocation of a certificate that is suspended here: the suspension becomes final.
    Finalise(PastRevocation),
    /// Nothing: it is all here.
    Nothing,
    /// Nothing: another certificate has this serial number.
    OtherCertificate,
}

/// What does not fit together, though something could be decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Remark {
    /// The database has another end of validity than the certificate.
    #[error(
        "the index ends its validity on {index}, and the certificate on {certificate}; the certificate's was taken"
    )]
    Expiry {
        /// In the database.
        index: UnixTime,
        /// In the certificate.
        certificate: UnixTime,
    },
    /// The CRL says revoked and the database does not.
    #[error("the CRL revokes it and the index does not; it was taken as revoked")]
    OnlyOnCrl,
    /// Both say revoked, with another date or reason.
    #[error(
        "the CRL revokes it on {crl} ({crl_reason}) and the index on {index} ({index_reason}); the CRL's was taken"
    )]
    Differently {
        /// The date on the CRL.
        crl: UnixTime,
        /// The reason on the CRL.
        crl_reason: RevocationReason,
        /// The date in the database.
        index: UnixTime,
        /// The reason in the database.
        index_reason: RevocationReason,
    },
    /// Revoked here and not there.
    #[error("this record has revoked it, and the sources do not say so; the record stays")]
    RevokedHere,
    /// Revoked here and there, differently.
    #[error("this record revoked it on {0} with other particulars; the record stays")]
    RecordedDifferently(UnixTime),
    /// Known by its serial number here, and now the certificate is given.
    #[error(
        "only its serial number is recorded, and issued certificates never change; the certificate was not added"
    )]
    SerialOnlyHere,
}

/// Decides about one serial number.
#[must_use]
pub fn decide(
    evidence: &Evidence<'_>,
    fingerprint: Option<[u8; 32]>,
    existing: Option<&Existing>,
) -> (Decision, Vec<Remark>) {
    let mut remarks = Vec::new();
    if let (Some(certificate), Some(index)) = (evidence.certificate, evidence.index_not_after) {
        let certificate = certificate.not_after();
        if certificate != index {
            remarks.push(Remark::Expiry { index, certificate });
        }
    }
    let revocation = revocation(evidence, &mut remarks);
    let Some(existing) = existing else {
        return (Decision::New(revocation), remarks);
    };
    match (fingerprint, existing.fingerprint) {
        (Some(theirs), Some(ours)) if theirs != ours => {
            return (Decision::OtherCertificate, remarks);
        }
        (Some(_), None) => remarks.push(Remark::SerialOnlyHere),
        _ => {}
    }
    let hold = RevocationReason::CertificateHold;
    let decision = match (revocation, &existing.revocation) {
        (Some(theirs), None) => Decision::Revoke(theirs),
        (Some(theirs), Some(ours)) if ours.reason == hold && theirs.reason != hold => {
            Decision::Finalise(theirs)
        }
        (Some(theirs), Some(ours)) => {
            if theirs != PastRevocation::from(*ours) {
                remarks.push(Remark::RecordedDifferently(ours.at));
            }
            Decision::Nothing
        }
        (None, Some(_)) => {
            remarks.push(Remark::RevokedHere);
            Decision::Nothing
        }
        (None, None) => Decision::Nothing,
    };
    (decision, remarks)
}

fn revocation(evidence: &Evidence<'_>, remarks: &mut Vec<Remark>) -> Option<PastRevocation> {
    match (evidence.crl, evidence.index) {
        (Some(crl), Some(Some(index))) => {
            if crl != index {
                remarks.push(Remark::Differently {
                    crl: crl.at,
                    crl_reason: crl.reason,
                    index: index.at,
                    index_reason: index.reason,
                });
            }
            Some(crl)
        }
        (Some(crl), Some(None)) => {
            remarks.push(Remark::OnlyOnCrl);
            Some(crl)
        }
        (Some(crl), None) => Some(crl),
        (None, index) => index.flatten(),
    }
}

impl From<Revocation> for PastRevocation {
    fn from(revocation: Revocation) -> Self {
        Self {
            at: revocation.at,
            reason: revocation.reason,
            invalidity_date: revocation.invalidity_date,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revoked(at: i64) -> PastRevocation {
        PastRevocation {
            at: UnixTime::from_secs(at),
            reason: RevocationReason::Superseded,
            invalidity_date: None,
        }
    }

    fn here(fingerprint: Option<u8>, at: Option<i64>) -> Existing {
        Existing {
            fingerprint: fingerprint.map(|b| [b; 32]),
            revocation: at.map(|at| Revocation {
                at: UnixTime::from_secs(at),
                reason: RevocationReason::Superseded,
                invalidity_date: None,
                requested_at: UnixTime::from_secs(at),
                decided_at: UnixTime::from_secs(at),
            }),
        }
    }

    fn evidence(index: Option<Option<i64>>, crl: Option<i64>) -> Evidence<'static> {
        Evidence {
            index: index.map(|i| i.map(revoked)),
            crl: crl.map(revoked),
            ..Evidence::default()
        }
    }

    #[test]
    fn what_is_new_comes_with_the_safer_of_two_statements() {
        let none = None;
        for (index, crl, taken, remarks) in [
            (Some(None), None, None, 0),
            (Some(Some(5)), None, Some(5), 0),
            (Some(Some(5)), Some(5), Some(5), 0),
            (Some(Some(5)), Some(6), Some(6), 1),
            (Some(None), Some(6), Some(6), 1),
            (None, Some(6), Some(6), 0),
        ] {
            let (decision, told) = decide(&evidence(index, crl), none, None);
            assert_eq!(decision, Decision::New(taken.map(revoked)));
            assert_eq!(told.len(), remarks);
        }
    }

    #[test]
    fn a_suspension_that_became_a_revocation_does_not_stay_one() {
        let mut held = here(Some(1), Some(5));
        if let Some(revocation) = &mut held.revocation {
            revocation.reason = RevocationReason::CertificateHold;
        }
        let evidence = evidence(None, Some(6));
        let (decision, remarks) = decide(&evidence, Some([1; 32]), Some(&held));
        assert_eq!(
            (decision, remarks),
            (Decision::Finalise(revoked(6)), vec![])
        );
    }

    #[test]
    fn the_record_never_changes_and_says_so() {
        let ask = |index, fingerprint: Option<u8>, existing: Existing| {
            decide(
                &evidence(Some(index), None),
                fingerprint.map(|b| [b; 32]),
                Some(&existing),
            )
        };
        assert_eq!(
            ask(None, Some(1), here(Some(1), None)),
            (Decision::Nothing, vec![])
        );
        assert_eq!(
            ask(Some(5), Some(1), here(Some(1), Some(5))),
            (Decision::Nothing, vec![])
        );
        assert_eq!(
            ask(Some(5), None, here(Some(1), None)),
            (Decision::Revoke(revoked(5)), vec![])
        );
        assert_eq!(
            ask(None, Some(2), here(Some(1), None)).0,
            Decision::OtherCertificate
        );
        for (index, fingerprint, existing) in [
            (None, Some(1), here(Some(1), Some(5))),
            (Some(6), Some(1), here(Some(1), Some(5))),
            (None, Some(1), here(None, None)),
        ] {
            let (decision, told) = ask(index, fingerprint, existing);
            assert_eq!((decision, told.len()), (Decision::Nothing, 1));
        }
    }
}

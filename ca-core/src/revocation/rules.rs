//! Which certificate may be revoked for which reason, and which may be suspended.

use pki_asn1::{Certificate, oid};

use super::RevocationReason;

/// Why an order about a certificate's status is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// A reason that does not fit the certificate.
    #[error("reason {reason} cannot be given for this certificate: {why}")]
    Reason {
        /// Which reason.
        reason: RevocationReason,
        /// Why not.
        why: &'static str,
    },
    /// A certificate that nobody can ask the status of.
    #[error(
        "certificate {serial} is short-term: it says itself that its status is not published (EN 319 412-1 clause 5.2)"
    )]
    ShortTerm {
        /// The serial in hexadecimal.
        serial: String,
    },
    /// A certificate of a kind that is never suspended.
    #[error("certificate {serial} cannot be suspended: {why}")]
    NotSuspendable {
        /// The serial in hexadecimal.
        serial: String,
        /// Why not.
        why: &'static str,
    },
    /// It is suspended already.
    #[error("certificate {serial} of {authority:?} was already suspended on {at}")]
    AlreadySuspended {
        /// The CA.
        authority: String,
        /// The serial in hexadecimal.
        serial: String,
        /// When.
        at: pki_asn1::UnixTime,
    },
    /// It is not suspended.
    #[error("certificate {serial} of {authority:?} is not suspended")]
    NotSuspended {
        /// The CA.
        authority: String,
        /// The serial in hexadecimal.
        serial: String,
    },
    /// Its validity is over, and its status stays as it is.
    #[error(
        "certificate {serial} expired on {not_after}, so its status no longer changes between good and suspended"
    )]
    Expired {
        /// The serial in hexadecimal.
        serial: String,
        /// When.
        not_after: pki_asn1::UnixTime,
    },
    /// The authority's last CRL was published, and no other can tell.
    #[error(
        "the last CRL of {authority:?} was published, so the status of certificate {serial} no longer changes"
    )]
    Final {
        /// The CA.
        authority: String,
        /// The serial in hexadecimal.
        serial: String,
    },
}

impl RevocationError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Reason {
                reason: RevocationReason::CertificateHold,
                ..
            } => {
                "`sceau-ca suspend` puts a certificate on hold, `sceau-ca resume` ends that".into()
            }
            Self::Reason { .. } => {
                "use keyCompromise, affiliationChanged, superseded, cessationOfOperation or \
                 privilegeWithdrawn; cACompromise for a CA"
                    .into()
            }
            Self::ShortTerm { .. } => {
                "issue the next one no more; this one ends by itself within its validity".into()
            }
            Self::NotSuspendable { .. } => {
                "revoke it where its key or its subject is in doubt".into()
            }
            Self::AlreadySuspended { .. } => {
                "`sceau-ca revoke` makes it final, `sceau-ca resume` ends it".into()
            }
            Self::NotSuspended { .. } => "`sceau-ca show` tells its status".into(),
            Self::Expired { .. } => "nothing needs to be done".into(),
            Self::Final { .. } => {
                "an authority that was terminated stays so; its last CRL is valid for ever".into()
            }
        })
    }
}

/// Whether the certificate says that its status is not published (RFC 9608; EN 319 412-1 clause 5.2).
pub(crate) fn is_short_term(certificate: &Certificate) -> bool {
    [oid::CE_NO_REV_AVAIL, oid::EXT_VALASSURED_SHORT_TERM]
        .iter()
        .any(|oid| certificate.extension(oid).is_some())
}

/// Whether this reason may be given for the certificate (RFC 5280 section 5.3.1; X.509 for what each
/// of them means).
pub(crate) fn check_reason(
    certificate: &Certificate,
    reason: RevocationReason,
) -> Result<(), RevocationError> {
    let refuse = |why| Err(RevocationError::Reason { reason, why });
    match (reason, certificate.is_ca()) {
        (RevocationReason::CertificateHold, _) => refuse("it suspends, and a revocation is final"),
        (RevocationReason::AaCompromise, _) => refuse("it is for attribute authorities"),
        (RevocationReason::CaCompromise, false) => refuse("it is for the certificates of CAs"),
        (RevocationReason::KeyCompromise, true) => {
            refuse("it is for end entities; of a CA it is cACompromise")
        }
        _ => Ok(()),
    }
}

/// Whether the certificate may be suspended: those of people and companies may. Suspending a CA, a
/// time-stamping unit or an OCSP signer would leave what it signed meanwhile undecidable.
pub(crate) fn check_suspendable(certificate: &Certificate) -> Result<(), RevocationError> {
    let refuse = |why| {
        Err(RevocationError::NotSuspendable {
            serial: certificate.serial_hex(),
            why,
        })
    };
    if certificate.is_ca() {
        return refuse("it is a CA's, and everything below it would be suspended with it");
    }
    if certificate.extension(&oid::OCSP_NO_CHECK).is_some() {
        return refuse("it is an OCSP signer's, and nobody asks for its status");
    }
    if is_time_stamping(certificate) {
        return refuse("it is a time-stamping unit's, and its tokens could not be judged");
    }
    Ok(())
}

fn is_time_stamping(certificate: &Certificate) -> bool {
    use der::Decode as _;
    certificate
        .extension(&oid::CE_EXT_KEY_USAGE)
        .and_then(|e| {
            x509_cert::ext::pkix::ExtendedKeyUsage::from_der(e.extn_value.as_bytes()).ok()
        })
        .is_some_and(|usage| usage.0.contains(&oid::KP_TIME_STAMPING))
}

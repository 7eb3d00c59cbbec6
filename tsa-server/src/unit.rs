//! A time-stamping unit (EN 319 421, EN 319 422): one key, its certificate, and when it may sign.

use std::sync::Arc;

use ades::cms::build::{BuildError, CmsSigner};
use der::Decode as _;
use hsm_pkcs11::Signer;
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::{Certificate, UnixTime, oid};
use pki_crypto::DigestAlgorithm;
use x509_cert::ext::pkix::PrivateKeyUsagePeriod;

use crate::token;

/// A time-stamping unit whose certificate has been checked.
#[derive(Debug)]
pub struct Unit {
    pub(crate) signer: CmsSigner,
    /// `tsa [0]` (DER).
    pub(crate) tsa_name: Vec<u8>,
    key: Arc<dyn Signer>,
    name: String,
    policies: Option<Vec<ObjectIdentifier>>,
    from: UnixTime,
    until: UnixTime,
}

/// Why a key and a certificate are no time-stamping unit.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// The certificate does not fit the key, or the key's algorithm is not possible.
    #[error(transparent)]
    Signer(#[from] BuildError),
    /// The extended key usage is not what RFC 3161 section 2.3 demands.
    #[error("the certificate of {subject} is not for time-stamping: {reason}")]
    NotForTimeStamping {
        /// The certificate's subject.
        subject: String,
        /// Which rule is broken.
        reason: &'static str,
    },
    /// The period in which the unit may sign is over.
    #[error("the time-stamping unit {subject} may not sign after {until}")]
    Expired {
        /// The unit's name.
        unit: String,
        /// The certificate's subject.
        subject: String,
        /// The end of its validity or of its privateKeyUsagePeriod.
        until: UnixTime,
    },
    /// The period in which the unit may sign has not begun.
    #[error("the time-stamping unit {subject} may not sign before {from}")]
    NotYetValid {
        /// The unit's name.
        unit: String,
        /// The certificate's subject.
        subject: String,
        /// The beginning of its validity or of its privateKeyUsagePeriod.
        from: UnixTime,
    },
    /// No unit is there for a policy.
    #[error("no time-stamping unit serves the policy {policy}")]
    NoUnit {
        /// The policy.
        policy: ObjectIdentifier,
    },
    /// An extension does not decode.
    #[error("the {extension} of {subject} is malformed")]
    Malformed {
        /// The certificate's subject.
        subject: String,
        /// Which extension.
        extension: &'static str,
    },
}

impl UnitError {
    /// The name of the unit that it is about, where it is about one whose certificate is sound.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Expired { unit, .. } | Self::NotYetValid { unit, .. } => Some(unit),
            _ => None,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Signer(error) => error.hint(),
            Self::NotForTimeStamping { .. } | Self::Malformed { .. } => Some(
                "have one issued with the profile time-stamping-unit: sceau-ca issue --profile time-stamping-unit"
                    .into(),
            ),
            Self::Expired { .. } => Some(
                "issue a certificate for a new key: a time-stamping unit is not renewed with its old one (EN 319 421)"
                    .into(),
            ),
            Self::NoUnit { .. } => Some(
                "name it in the policies of a [[unit]], or leave out policies there".into(),
            ),
            Self::NotYetValid { .. } => Some("check this machine's clock".into()),
        }
    }
}

impl Unit {
    /// Checks that `certificate` makes the key a time-stamping unit. `chain` is carried beside it
    /// in tokens whose query wants certificates.
    ///
    /// # Errors
    /// [`UnitError`], the first rule that is broken; the time is not looked at, see
    /// [`Unit::check_time`].
    pub fn new(
        signer: Arc<dyn Signer>,
        certificate: Certificate,
        chain: &[Certificate],
    ) -> Result<Self, UnitError> {
        let key = Arc::clone(&signer);
        let signer = CmsSigner::new(signer, certificate, chain)?;
        let certificate = signer.certificate();
        check_usage(certificate).map_err(|reason| UnitError::NotForTimeStamping {
            subject: certificate.display_subject().to_string(),
            reason,
        })?;
        let (from, until) = period(certificate)?;
        Ok(Self {
            tsa_name: token::tsa_name(certificate),
            signer,
            key,
            name: "unit".to_owned(),
            policies: None,
            from,
            until,
        })
    }

    /// The unit under this name, which stands in paths, metrics and the journal. Without a name it
    /// is called `unit`.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// The unit for these policies alone.
    #[must_use]
    pub fn for_policies(mut self, policies: Vec<ObjectIdentifier>) -> Self {
        self.policies = Some(policies);
        self
    }

    /// The unit with tokens whose ESSCertIDv2 (RFC 5816) has this hash; SHA-256 without saying so.
    ///
    /// # Errors
    /// Where DER encoding fails.
    pub fn with_certificate_digest(mut self, digest: DigestAlgorithm) -> Result<Self, UnitError> {
        self.signer = self.signer.with_certificate_digest(digest)?;
        Ok(self)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it stamps under this policy.
    #[must_use]
    pub fn serves(&self, policy: &ObjectIdentifier) -> bool {
        self.policies.as_ref().is_none_or(|p| p.contains(policy))
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &Arc<dyn Signer> {
        &self.key
    }

    /// The last second in which it may sign.
    #[must_use]
    pub fn until(&self) -> UnixTime {
        self.until
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.signer.certificate()
    }

    /// Whether the unit may sign at `now`: within its validity and its privateKeyUsagePeriod.
    ///
    /// # Errors
    /// [`UnitError::Expired`] or [`UnitError::NotYetValid`].
    pub fn check_time(&self, now: UnixTime) -> Result<(), UnitError> {
        let subject = || self.certificate().display_subject().to_string();
        if now > self.until {
            return Err(UnitError::Expired {
                unit: self.name.clone(),
                subject: subject(),
                until: self.until,
            });
        }
        if now < self.from {
            return Err(UnitError::NotYetValid {
                unit: self.name.clone(),
                subject: subject(),
                from: self.from,
            });
        }
        Ok(())
    }
}

/// RFC 3161 section 2.3: id-kp-timeStamping alone, in a critical extension; EN 319 422 clause 6.2.
fn check_usage(certificate: &Certificate) -> Result<(), &'static str> {
    if certificate.extended_key_usages() != [oid::KP_TIME_STAMPING] {
        return Err(
            "its extended key usage is not id-kp-timeStamping alone (RFC 3161 section 2.3)",
        );
    }
    let critical = certificate
        .extension(&oid::CE_EXT_KEY_USAGE)
        .is_some_and(|e| e.critical);
    if !critical {
        return Err("its extended key usage is not critical (RFC 3161 section 2.3)");
    }
    match certificate.key_usage() {
        Some(usage) if !usage.digital_signature() && !usage.non_repudiation() => {
            Err("its key usage allows no signatures")
        }
        Some(usage)
            if usage.key_encipherment()
                || usage.data_encipherment()
                || usage.key_agreement()
                || usage.key_cert_sign()
                || usage.crl_sign() =>
        {
            Err("its key usage allows more than signatures (RFC 5280 section 4.2.1.12)")
        }
        _ => Ok(()),
    }
}

/// Validity and privateKeyUsagePeriod together.
fn period(certificate: &Certificate) -> Result<(UnixTime, UnixTime), UnitError> {
    let (mut from, mut until) = (certificate.not_before(), certificate.not_after());
    if let Some(extension) = certificate.extension(&oid::CE_PRIVATE_KEY_USAGE_PERIOD) {
        let usage =
            PrivateKeyUsagePeriod::from_der(extension.extn_value.as_bytes()).map_err(|_| {
                UnitError::Malformed {
                    subject: certificate.display_subject().to_string(),
                    extension: "privateKeyUsagePeriod",
                }
            })?;
        if let Some(not_before) = usage.not_before {
            from = from.max(not_before.into());
        }
        if let Some(not_after) = usage.not_after {
            until = until.min(not_after.into());
        }
    }
    Ok((from, until))
}

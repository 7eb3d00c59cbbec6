//! X.509 validation (EN 319 102-1 clause 5.2.6 and 5.5.4): path, purpose, and revocation at the time
//! that is proven, or now.

use pki_asn1::{Certificate, UnixTime, oid};
use pki_path::{
    EvidenceWindow, Parameters, Path, PathError, PathErrorKind, RevocationMode, RevocationStatus,
    RevocationUnknown, Validator,
};

use trust_lists::qualify::Makes;

use super::Judge;
use super::crypto::no_certificate;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use crate::text;
use crate::text::Text;
use crate::validate::facts::SignerFacts;
use crate::validate::policy::RevocationRule;

#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Purpose {
    Signing,
    TimeStamping,
}

impl Judge<'_> {
    /// X.509 validation at the proven time, or now (clause 5.2.6 and 5.5.4).
    pub(super) fn certificate(
        &self,
        signer: &SignerFacts,
        purpose: Purpose,
        proven: Option<UnixTime>,
        chain: &mut Vec<ChainEntry>,
    ) -> Result<(), Failure> {
        let Some(certificate) = &signer.certificate else {
            return Err(no_certificate(signer));
        };
        let at = proven.unwrap_or(self.now);
        let material = &self.facts.material;
        let parameters = Parameters {
            revocation: RevocationMode::None,
            purpose: match purpose {
                Purpose::TimeStamping => Some(oid::KP_TIME_STAMPING),
                Purpose::Signing => None,
            },
            ..Parameters::at(at)
        };
        let makes = match purpose {
            Purpose::Signing => Makes::Certificates,
            Purpose::TimeStamping => Makes::TimeStamps,
        };
        let anchors = material.anchors_at(at, makes);
        let validator = Validator::new(&anchors, &material.pool, &material.evidence, parameters);
        let path = match validator.validate(certificate) {
            Ok(path) => path,
            Err(error) => {
                *chain = error.path.iter().map(|c| entry(c, None)).collect();
                let failure = path_failure(&error, proven, certificate);
                return Err(match material.untimely(&error.path, at, makes) {
                    Some(why) => failure.hint(why),
                    None => failure,
                });
            }
        };
        let window = EvidenceWindow {
            covers: at,
            known_by: self.now + self.policy.clock_skew,
        };
        *chain = entries(&path, &validator, window);
        if purpose == Purpose::Signing {
            may_sign(certificate)?;
        }
        // From the anchor down: a revoked CA says more than what is missing below it.
        let mut unknown = None;
        for (index, one) in chain.iter().enumerate().rev() {
            match &one.revocation {
                Some(RevocationStatus::Revoked(info, _)) => {
                    if proven.is_some_and(|t| t < info.at) {
                        continue;
                    }
                    return Err(revoked(one, info, index, proven));
                }
                Some(RevocationStatus::Unknown(why)) => {
                    unknown = Some(self.status_unknown(one, why));
                }
                _ => {}
            }
        }
        match unknown {
            Some(failure) if self.policy.revocation == RevocationRule::Required => Err(failure),
            _ => Ok(()),
        }
    }

    fn status_unknown(&self, one: &ChainEntry, why: &RevocationUnknown) -> Failure {
        let subject = one.certificate.display_subject();
        let tried: Vec<String> = self
            .facts
            .fetches
            .iter()
            .filter_map(|f| Some(format!("{}: {}", f.url, f.error.as_ref()?)))
            .collect();
        let mut urls = one.certificate.ocsp_urls();
        urls.extend(one.certificate.crl_urls());
        let hint = if !tried.is_empty() {
            text!("asked in vain: {}", tried.join("; "))
        } else if urls.is_empty() {
            text!(
                "give a CRL of {} with --crl",
                one.certificate.display_issuer()
            )
        } else {
            text!(
                "run without --offline, or give a CRL with --crl; the certificate names {}",
                urls.join(", ")
            )
        };
        Failure::indeterminate(
            SubIndication::TryLater,
            text!(
                "whether the certificate of {} was revoked is not known: {}",
                subject,
                why.to_string()
            ),
        )
        .hint(hint)
    }
}

fn entry(certificate: &Certificate, revocation: Option<RevocationStatus>) -> ChainEntry {
    ChainEntry {
        certificate: certificate.clone(),
        anchor: false,
        revocation,
    }
}

fn entries(path: &Path, validator: &Validator<'_>, window: EvidenceWindow) -> Vec<ChainEntry> {
    let mut out: Vec<ChainEntry> = path
        .certificates()
        .iter()
        .enumerate()
        .map(|(index, c)| entry(c, Some(validator.revocation_status(path, index, window))))
        .collect();
    let anchor = path.anchor().certificate();
    match out.last_mut() {
        Some(last) if last.certificate == *anchor => last.anchor = true,
        _ => out.push(ChainEntry {
            certificate: anchor.clone(),
            anchor: true,
            revocation: None,
        }),
    }
    out
}

fn path_failure(error: &PathError, proven: Option<UnixTime>, target: &Certificate) -> Failure {
    use PathErrorKind as K;
    let sub = match &error.kind {
        K::IssuerNotFound { .. } | K::NoPathToAnchor => SubIndication::NoCertificateChainFound,
        K::NotYetValid { .. } if proven.is_some() && error.certificate == *target => {
            return Failure::failed(
                SubIndication::NotYetValid,
                text!(
                    "the signature was made before its certificate was valid: {}",
                    error.to_string()
                ),
            );
        }
        K::Expired { .. } | K::NotYetValid { .. } => SubIndication::OutOfBoundsNoPoe,
        K::NotACa
        | K::KeyCertSignMissing
        | K::PathLenExceeded
        | K::NameNotPermitted { .. }
        | K::NameExcluded { .. }
        | K::NameConstraintNotSupported
        | K::AnyPolicyMapped
        | K::PolicyRequired
        | K::UnknownCriticalExtension(_)
        | K::PurposeNotAllowed(_) => SubIndication::ChainConstraintsFailure,
        _ => SubIndication::CertificateChainGeneralFailure,
    };
    let message = match sub {
        SubIndication::NoCertificateChainFound => {
            text!(
                "no chain leads from the certificate to a trusted one: {}",
                error.to_string()
            )
        }
        _ => error.to_string().into(),
    };
    let failure = Failure::indeterminate(sub, message);
    match (sub, error.hint()) {
        (SubIndication::NoCertificateChainFound, _) => failure.hint(
            "if you trust the issuer, give its root certificate with --trust, and certificates between with --cert",
        ),
        (_, Some(hint)) => failure.hint(hint),
        (_, None) => failure,
    }
}

fn revoked(
    one: &ChainEntry,
    info: &pki_path::RevokedInfo,
    index: usize,
    proven: Option<UnixTime>,
) -> Failure {
    let sub = match index {
        _ if info.is_hold() => SubIndication::TryLater,
        0 => SubIndication::RevokedNoPoe,
        _ => SubIndication::RevokedCaNoPoe,
    };
    let when = match proven {
        Some(t) => text!("and the signature is proven to exist only at {}", t),
        None => text!("and nothing proves that the signature was made before"),
    };
    Failure::indeterminate(
        sub,
        text!(
            "the certificate of {} was revoked at {} ({}), {}",
            one.certificate.display_subject(),
            info.at,
            info.reason_name(),
            when
        ),
    )
    .hint(text!(
        "only a valid time-stamp made before {} would change this",
        info.at
    ))
}

/// keyUsage and extendedKeyUsage of a signer.
fn may_sign(certificate: &Certificate) -> Result<(), Failure> {
    let refuse = |what: Text| {
        Err(Failure::indeterminate(
            SubIndication::ChainConstraintsFailure,
            text!(
                "the certificate of {} is not for signing documents: {}",
                certificate.display_subject(),
                what
            ),
        ))
    };
    if certificate
        .key_usage()
        .is_some_and(|u| !u.digital_signature() && !u.non_repudiation())
    {
        return refuse(text!(
            "its keyUsage has neither digitalSignature nor nonRepudiation"
        ));
    }
    let usages = certificate.extended_key_usages();
    let elsewhere = [
        oid::KP_SERVER_AUTH,
        oid::KP_OCSP_SIGNING,
        oid::KP_TIME_STAMPING,
    ];
    if !usages.is_empty() && usages.iter().all(|u| elsewhere.contains(u)) {
        return refuse(text!(
            "its extendedKeyUsage is for servers, OCSP or time-stamps"
        ));
    }
    Ok(())
}

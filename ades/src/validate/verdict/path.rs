//! What a broken path, a revocation or a missing status means in the words of EN 319 102-1 (clause
//! 5.2.6.4).

use pki_asn1::{Certificate, UnixTime};
use pki_path::{PathError, PathErrorKind, RevocationUnknown, RevokedInfo};

use super::algorithms::Made;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use crate::text;
use crate::text::errors;
use crate::validate::facts::Facts;

pub(super) fn path_failure(
    error: &PathError,
    proven: Option<UnixTime>,
    target: &Certificate,
) -> Failure {
    use PathErrorKind as K;
    let sub = match &error.kind {
        K::IssuerNotFound { .. } | K::NoPathToAnchor => SubIndication::NoCertificateChainFound,
        K::NotYetValid { .. } if proven.is_some() && error.certificate == *target => {
            return Failure::failed(
                SubIndication::NotYetValid,
                text!(
                    "the signature was made before its certificate was valid: {}",
                    error
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
        K::Budget(_) => SubIndication::Generic,
        _ => SubIndication::CertificateChainGeneralFailure,
    };
    let message = match sub {
        SubIndication::NoCertificateChainFound => text!(
            "no chain leads from the certificate to a trusted one: {}",
            error
        ),
        _ => error.into(),
    };
    let mut failure = Failure::indeterminate(sub, message);
    failure.of_ca = error.certificate != *target;
    match (sub, errors::hint(error)) {
        (SubIndication::NoCertificateChainFound, _) => failure.hint(
            "if you trust the issuer, give its root certificate with --trust, and certificates between with --cert",
        ),
        (_, Some(hint)) => failure.hint(hint),
        (_, None) => failure,
    }
}

/// A certificate was revoked before the time that is proven, or now.
pub(super) fn revoked(one: &ChainEntry, info: &RevokedInfo, index: usize, made: Made) -> Failure {
    let subject = one.certificate.display_subject();
    let sub = match index {
        _ if info.is_hold() => SubIndication::TryLater,
        0 => SubIndication::RevokedNoPoe,
        _ => SubIndication::RevokedCaNoPoe,
    };
    if let (SubIndication::RevokedNoPoe, Some(after)) =
        (sub, made.after.filter(|after| *after > info.at))
    {
        return Failure::failed(
            SubIndication::Revoked,
            text!(
                "the certificate of {} was revoked at {} ({}), and the signature was made after {}",
                subject,
                info.at,
                info.reason_name(),
                after
            ),
        );
    }
    let when = match made.by {
        Some(t) => text!("and the signature is proven to exist only at {}", t),
        None => text!("and nothing proves that the signature was made before"),
    };
    Failure::indeterminate(
        sub,
        text!(
            "the certificate of {} was revoked at {} ({}), {}",
            subject,
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

/// Nothing says whether a certificate was revoked.
pub(super) fn status_unknown(facts: &Facts, one: &ChainEntry, why: &RevocationUnknown) -> Failure {
    let sub = match why {
        RevocationUnknown::SignerEnded { .. } => SubIndication::RevocationOutOfBoundsNoPoe,
        _ => SubIndication::TryLater,
    };
    let tried: Vec<String> = facts
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
        sub,
        text!(
            "whether the certificate of {} was revoked is not known: {}",
            one.certificate.display_subject(),
            why
        ),
    )
    .hint(hint)
}

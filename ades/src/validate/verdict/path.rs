//! What a broken path, a revocation or a missing status means in the words of EN 319 102-1 (clause
//! 5.2.6.4).

use pki_asn1::{Certificate, UnixTime};
use pki_path::{PathError, PathErrorKind, RevocationUnknown, RevokedInfo};

use super::algorithms::Made;
use super::failure::Failure;
use super::indication::{ChainEntry, SubIndication};
use crate::text;
use crate::text::{Text, errors};
use crate::validate::facts::Facts;

pub(super) fn path_failure(
    error: &PathError,
    proven: Option<UnixTime>,
    target: &Certificate,
    facts: &Facts,
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
    let urls = error.certificate.ca_issuers_urls();
    let hint = match (sub, in_vain(facts, |url| urls.contains(url))) {
        (SubIndication::NoCertificateChainFound, Some(tried)) => Some(text!(
            "asked in vain: {}; try again later, or give the certificate of {} with --cert, and with --trust if you trust it",
            tried,
            error.certificate.display_issuer()
        )),
        (SubIndication::NoCertificateChainFound, None) => Some(Text::from(
            "if you trust the issuer, give its root certificate with --trust, and certificates between with --cert",
        )),
        _ => errors::hint(error),
    };
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
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
    let mut urls = one.certificate.ocsp_urls();
    urls.extend(one.certificate.crl_urls());
    let issuer = one.certificate.display_issuer();
    let hint = if let Some(tried) = in_vain(facts, |_| true) {
        text!(
            "asked in vain: {}; try again later, or give a CRL of {} with --crl",
            tried,
            issuer
        )
    } else if urls.is_empty() {
        text!("give a CRL of {} with --crl", issuer)
    } else if !urls.iter().any(|url| is_web(url)) {
        text!(
            "give a CRL of {} with --crl; what the certificate names is not fetched: {}",
            issuer,
            urls.join(", ")
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

/// Who was asked and did not help, of those whose URL `counts`.
fn in_vain(facts: &Facts, counts: impl Fn(&String) -> bool) -> Option<Text> {
    const NAMED: usize = 12;
    let mut tried: Vec<String> = Vec::new();
    for one in facts.fetches.iter().filter(|one| counts(&one.url)) {
        let Some(why) = &one.error else { continue };
        // Most errors name the URL themselves.
        let said = match why.contains(&one.url) {
            true => why.clone(),
            false => format!("{}: {why}", one.url),
        };
        if !tried.contains(&said) {
            tried.push(said);
        }
    }
    let more = tried.len().saturating_sub(NAMED);
    tried.truncate(NAMED);
    let named = tried.join("; ");
    match (tried.is_empty(), more) {
        (true, _) => None,
        (false, 0) => Some(named.into()),
        (false, more) => Some(text!("{} and {} more", named, more)),
    }
}

/// Whether it is fetched at all.
fn is_web(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

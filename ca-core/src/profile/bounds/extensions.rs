//! keyUsage, extKeyUsage, basicConstraints and where the status is.

use super::{Check, duplicate};
use crate::profile::{
    Criticality, KeyUsageBit, RevocationInformation, SubjectType, extended_key_usage,
};

const USAGE: &str = "extensions.key-usage";
const EXTENDED: &str = "extensions.extended-key-usage";
const REVOCATION: &str = "extensions.revocation";

pub(super) fn check(check: &mut Check<'_>) {
    key_usage(check);
    extended(check);
    revocation(check);
    check.broken_if(
        check.kind().is_end_entity() && check.config.extensions.path_length.is_some(),
        "extensions.path-length",
        "pathLenConstraint belongs to CAs",
        "RFC 5280 section 4.2.1.9",
    );
}

fn key_usage(check: &mut Check<'_>) {
    use KeyUsageBit::{
        CrlSign, DigitalSignature, KeyAgreement, KeyCertSign, KeyEncipherment, NonRepudiation,
    };
    let kind = check.kind();
    let usage = &check.config.extensions.key_usage;
    let has = |bit| usage.contains(&bit);
    check.broken_if(
        usage.is_empty(),
        USAGE,
        "no key usage",
        "EN 319 412-2 NAT-4.3.2-1",
    );
    check.broken_if(
        duplicate(usage).is_some(),
        USAGE,
        "a key usage occurs twice",
        "RFC 5280 section 4.2.1.3",
    );
    check.broken_if(
        kind.is_ca() != has(KeyCertSign),
        USAGE,
        "keyCertSign belongs to CAs and only to them",
        "RFC 5280 section 4.2.1.3",
    );
    check.broken_if(
        kind.is_ca() != has(CrlSign),
        USAGE,
        "cRLSign belongs to CAs, which sign their own CRLs, and only to them",
        "RFC 5280 section 4.2.1.3",
    );
    check.broken_if(
        kind.is_ca()
            && usage
                .iter()
                .any(|bit| !matches!(bit, KeyCertSign | CrlSign)),
        USAGE,
        "a CA's key signs certificates and CRLs, and nothing else",
        "EN 319 411-1 clause 6.5.1",
    );
    check.broken_if(
        has(NonRepudiation) && usage.len() != 1,
        USAGE,
        "nonRepudiation is combined with another usage; setting A is preferred",
        "EN 319 412-2 NAT-4.3.2-3",
    );
    check.broken_if(
        has(KeyEncipherment) && has(KeyAgreement),
        USAGE,
        "keyEncipherment and keyAgreement together are none of the settings A to F",
        "EN 319 412-2 NAT-4.3.2-1",
    );
    check.broken_if(
        !kind.is_ca() && !kind.is_person() && (has(KeyEncipherment) || has(KeyAgreement)),
        USAGE,
        "a service's key signs, and nothing else",
        "RFC 6960 section 4.2.2.2, EN 319 422 clause 6",
    );
    check.broken_if(
        kind == SubjectType::OcspSigner && !has(DigitalSignature),
        USAGE,
        "an OCSP signer's key is for digital signatures",
        "RFC 6960 section 4.2.2.2",
    );
}

fn extended(check: &mut Check<'_>) {
    let kind = check.kind();
    let extensions = &check.config.extensions;
    let usages = &extensions.extended_key_usage;
    let has = |name| usages.iter().any(|usage| usage == name);
    for usage in usages {
        if extended_key_usage(usage).is_none() {
            check.broken(
                EXTENDED,
                format!("it has an unknown value {usage:?}"),
                "RFC 5280 section 4.2.1.12",
            );
        }
    }
    check.broken_if(
        duplicate(usages).is_some() || usages.len() > 16,
        EXTENDED,
        "a usage occurs twice, or there are more than sixteen",
        "RFC 5280 section 4.2.1.12",
    );
    check.broken_if(
        kind.is_ca() && !usages.is_empty(),
        EXTENDED,
        "a CA's certificate limits no extended usages",
        "RFC 5280 section 4.2.1.12",
    );
    check.broken_if(
        kind.is_person() && extensions.extended_key_usage_is == Criticality::Critical,
        "extensions.extended-key-usage-is",
        "extKeyUsage of a person is not critical",
        "EN 319 412-2 GEN-4.3.10-1",
    );
    check.broken_if(
        (kind == SubjectType::TimeStampingUnit) != has("timeStamping"),
        EXTENDED,
        "timeStamping belongs to time-stamping units",
        "RFC 3161 section 2.3",
    );
    check.broken_if(
        kind == SubjectType::TimeStampingUnit
            && (usages.len() != 1 || extensions.extended_key_usage_is != Criticality::Critical),
        EXTENDED,
        "timeStamping must stand alone and be critical",
        "RFC 3161 section 2.3",
    );
    check.broken_if(
        (kind == SubjectType::OcspSigner) != has("OCSPSigning"),
        EXTENDED,
        "OCSPSigning belongs to OCSP signers",
        "RFC 6960 section 4.2.2.2",
    );
    check.broken_if(
        kind == SubjectType::OcspSigner && usages.len() > 1,
        EXTENDED,
        "OCSPSigning must stand alone",
        "RFC 6960 section 4.2.2.2",
    );
}

fn revocation(check: &mut Check<'_>) {
    let kind = check.kind();
    let revocation = check.config.extensions.revocation;
    check.broken_if(
        (revocation == RevocationInformation::TrustAnchor) != (kind == SubjectType::RootCa),
        REVOCATION,
        "only a root has no revocation information",
        "EN 319 412-2 GEN-4.4.1-2",
    );
    check.broken_if(
        (revocation == RevocationInformation::NoCheck) != (kind == SubjectType::OcspSigner),
        REVOCATION,
        "no-check belongs to OCSP signers",
        "RFC 6960 section 4.2.2.2.1",
    );
    check.broken_if(
        revocation == RevocationInformation::ShortTerm && !kind.is_person(),
        REVOCATION,
        "short-term belongs to certificates of persons and organisations",
        "EN 319 412-1 clause 5.2",
    );
}

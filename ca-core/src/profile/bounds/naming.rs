//! Name, title and policies.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::{Check, duplicate};
use crate::profile::config::NO_POLICY;

const IN_COMMANDS: &str = "it is written in commands and in the journal";
const POLICIES: &str = "RFC 5280 section 4.2.1.4";

pub(super) fn check(check: &mut Check<'_>) {
    let config = check.config;
    check.broken_if(
        !is_name(&config.name),
        "name",
        "its name is not made of small letters, digits and hyphens, at most 63",
        IN_COMMANDS,
    );
    check.broken_if(
        config.version == 0,
        "version",
        "the first version is 1",
        "EN 319 411-1 clause 5.2",
    );
    for (key, title) in [
        ("title", Some(&config.title)),
        ("title-fr", config.title_fr.as_ref()),
    ] {
        let bad = title.is_some_and(|title| {
            title.trim().is_empty()
                || title.chars().count() > 200
                || title.chars().any(char::is_control)
        });
        check.broken_if(
            bad,
            key,
            "it is not one line of at most 200 characters",
            "it is shown in lists and in the annex of the certification policy",
        );
    }
    policies(check);
}

fn policies(check: &mut Check<'_>) {
    let config = check.config;
    let arcs = config.policy.split('.');
    let is_number =
        |arc: &str| arc.bytes().all(|b| b.is_ascii_digit()) && arc.parse::<u32>().is_ok();
    check.broken_if(
        arcs.clone().count() > 2 || !arcs.into_iter().all(is_number),
        "policy",
        "policy is not one or two numbers below the arc",
        POLICIES,
    );
    check.broken_if(
        check.kind().is_end_entity() && config.policy == NO_POLICY,
        "policy",
        "an end-entity certificate names the policy it is issued under",
        "EN 319 412-2 clause 4.3.3",
    );
    let additional = &config.additional_policies;
    check.broken_if(
        check.kind().is_ca() && !additional.is_empty(),
        "additional-policies",
        "a CA carries anyPolicy, or as a root no policy",
        "RFC 5280 section 4.2.1.4",
    );
    check.broken_if(
        additional.len() > 8,
        "additional-policies",
        "more than eight policies",
        POLICIES,
    );
    if let Some(twice) = duplicate(additional) {
        check.broken(
            "additional-policies",
            format!("{twice:?} occurs twice"),
            POLICIES,
        );
    }
    for policy in additional {
        match ObjectIdentifier::new(policy) {
            Err(_) => check.broken(
                "additional-policies",
                format!("{policy:?} is not an object identifier"),
                POLICIES,
            ),
            Ok(oid::ANY_POLICY) => {
                check.broken("additional-policies", "anyPolicy belongs to CAs", POLICIES)
            }
            // The one that fits is chosen for each certificate.
            Ok(_) if ETSI_ARCS.iter().any(|arc| policy.starts_with(arc)) => check.broken(
                "additional-policies",
                format!("{policy} is an ETSI policy: a certificate has one, and the CA chooses it"),
                "EN 319 412-2 QCS-5.2-1",
            ),
            Ok(_) => {}
        }
    }
}

/// EN 319 411-1 and 411-2 clause 5.3.
const ETSI_ARCS: [&str; 2] = ["0.4.0.2042.1.", "0.4.0.194112.1."];

/// Whether this names a profile.
pub(in crate::profile) fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=63).contains(&name.len()) && name.bytes().all(plain) && !name.starts_with('-')
}

//! The subject template: attributes, and what they may say.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::{Check, duplicate};
use crate::names::attribute_type;
use crate::profile::identifier::{LEGAL_SCHEMES, NATURAL_SCHEMES, is_national_scheme};
use crate::profile::subject::length_limit;
use crate::profile::{SubjectType, is_iso_country};
use crate::settings::service_url;

pub(super) fn check(check: &mut Check<'_>) {
    let subject = &check.config.subject;
    let lists = [
        ("subject.mandatory", &subject.mandatory),
        ("subject.optional", &subject.optional),
        ("subject.forbidden", &subject.forbidden),
    ];
    let mut seen: Vec<ObjectIdentifier> = Vec::new();
    for (key, labels) in lists {
        for label in labels {
            match attribute_type(label) {
                None => check.broken(
                    key,
                    format!("it has an unknown value {label:?}"),
                    "RFC 5280 appendix A",
                ),
                Some(attribute) if seen.contains(&attribute) => check.broken(
                    key,
                    format!("{label} occurs twice"),
                    "EN 319 412-2 clause 4.2.4",
                ),
                Some(attribute) => seen.push(attribute),
            }
        }
    }
    names(check);
    authorities(check);
    let labels: Vec<String> = check.config.subject.constraints.keys().cloned().collect();
    for label in labels {
        constraint(check, &label);
    }
}

/// What the standards ask of the names of each kind.
fn names(check: &mut Check<'_>) {
    let types = |labels: &[String]| -> Vec<ObjectIdentifier> {
        labels
            .iter()
            .filter_map(|label| attribute_type(label))
            .collect()
    };
    let mandatory = types(&check.config.subject.mandatory);
    let optional = types(&check.config.subject.optional);
    let kind = check.kind();
    let (wanted, clause): (&[&str], _) = match kind {
        SubjectType::RootCa | SubjectType::IssuingCa => {
            (&["C", "O", "CN"], "EN 319 412-2 GEN-4.2.3.1-2")
        }
        SubjectType::LegalPerson => (
            &["C", "O", "organizationIdentifier", "CN"],
            "EN 319 412-3 LEG-4.2.1-2",
        ),
        SubjectType::NaturalPerson => (&["C", "CN"], "EN 319 412-2 NAT-4.2.4-1"),
        SubjectType::Professional => (
            &["C", "CN", "O", "organizationIdentifier"],
            "EN 319 412-2 clause 4.2.4",
        ),
        SubjectType::TimeStampingUnit => (&["C", "O", "CN"], "EN 319 422 clause 6"),
        SubjectType::OcspSigner => (&["CN"], "RFC 5280 section 4.1.2.6"),
    };
    for label in wanted {
        if attribute_type(label).is_some_and(|t| !mandatory.contains(&t)) {
            check.broken(
                "subject.mandatory",
                format!("{label} is not mandatory"),
                clause,
            );
        }
    }
    if !kind.is_natural() {
        return;
    }
    let named = [oid::AT_GIVEN_NAME, oid::AT_SURNAME, oid::AT_PSEUDONYM];
    check.broken_if(
        !named
            .iter()
            .any(|t| mandatory.contains(t) || optional.contains(t)),
        "subject",
        "neither givenName nor surname nor pseudonym is listed",
        "EN 319 412-2 NAT-4.2.4-1",
    );
    check.broken_if(
        mandatory.contains(&oid::AT_PSEUDONYM)
            && (mandatory.contains(&oid::AT_GIVEN_NAME) || mandatory.contains(&oid::AT_SURNAME)),
        "subject.mandatory",
        "a pseudonym and a name are both mandatory",
        "EN 319 412-2 NAT-4.2.4-4",
    );
}

fn authorities(check: &mut Check<'_>) {
    const KEY: &str = "subject.name-registration-authorities";
    let authorities = &check.config.subject.name_registration_authorities;
    check.broken_if(
        !authorities.is_empty() && !check.kind().is_person(),
        KEY,
        "only certificates of persons and organisations say what identifiers mean",
        "EN 319 412-1 clause 5.1",
    );
    check.broken_if(
        duplicate(authorities).is_some() || authorities.len() > 8,
        KEY,
        "an authority occurs twice, or there are more than eight",
        "RFC 3739 section 3.2.6.1",
    );
    for authority in authorities {
        if let Err(error) = service_url("authority", authority, &["http", "https"]) {
            check.broken(KEY, error.to_string(), "EN 319 412-1 clause 5.1");
        }
    }
}

fn constraint(check: &mut Check<'_>, label: &str) {
    let subject = &check.config.subject;
    let key = format!("subject.constraints.{label}");
    let Some(constraint) = subject.constraints.get(label) else {
        return;
    };
    let listed = subject.mandatory.iter().chain(&subject.optional);
    let attribute = attribute_type(label);
    let attribute = match attribute {
        Some(attribute) if listed.clone().any(|l| attribute_type(l) == Some(attribute)) => {
            attribute
        }
        _ => {
            check.broken(
                &key,
                "the profile lists no such attribute",
                "EN 319 412-2 clause 4.2.4",
            );
            return;
        }
    };
    let limit = length_limit(&attribute);
    let length = constraint.maximum_length.map(|n| n as usize);
    if length.is_some_and(|n| n == 0 || n > limit) {
        check.broken(
            &format!("{key}.maximum-length"),
            format!("maximum-length is not between 1 and {limit}"),
            "RFC 5280 appendix A",
        );
    }
    if let Some(value) = &constraint.value {
        let too_long = value.chars().count() > length.unwrap_or(limit);
        let bad_country = attribute == oid::AT_COUNTRY && !is_iso_country(value);
        let readable = format!(
            "{label}={}",
            value.replace('\\', "\\\\").replace(',', "\\,")
        );
        let unreadable = readable.parse::<crate::names::SubjectDn>().is_err();
        if value.is_empty() || too_long || bad_country || unreadable {
            check.broken(
                &format!("{key}.value"),
                format!("{value:?} cannot be the value of {label}"),
                "RFC 5280 appendix A",
            );
        }
    }
    identifiers(check, &key, attribute, label);
}

/// Schemes and countries belong to identifiers.
fn identifiers(check: &mut Check<'_>, key: &str, attribute: ObjectIdentifier, label: &str) {
    let subject = &check.config.subject;
    let Some(constraint) = subject.constraints.get(label) else {
        return;
    };
    let natural = check.kind().is_natural() && attribute == oid::AT_SERIAL_NUMBER;
    let legal = attribute == oid::AT_ORGANIZATION_IDENTIFIER;
    let clause = if legal {
        "EN 319 412-1 clause 5.1.4"
    } else {
        "EN 319 412-1 clause 5.1.3"
    };
    if !natural && !legal {
        check.broken_if(
            !constraint.schemes.is_empty() || !constraint.countries.is_empty(),
            key,
            "schemes and countries are for organizationIdentifier, and a person's serialNumber",
            clause,
        );
        return;
    }
    let known: &[&str] = if legal {
        &LEGAL_SCHEMES
    } else {
        &NATURAL_SCHEMES
    };
    for scheme in &constraint.schemes {
        let national = is_national_scheme(scheme);
        if !national && !known.contains(&scheme.as_str()) {
            check.broken(
                &format!("{key}.schemes"),
                format!(
                    "{scheme:?} is not one of {}, or two capitals and a colon",
                    known.join(", ")
                ),
                clause,
            );
        }
        check.broken_if(
            national && subject.name_registration_authorities.is_empty(),
            &format!("{key}.schemes"),
            "a national scheme is listed, and no name-registration-authorities",
            clause,
        );
    }
    for country in &constraint.countries {
        // EU, and those of VAT numbers and of LEIs.
        let beside = ["EU", "EL", "XI", "XG"];
        let known = is_iso_country(country) || (legal && beside.contains(&country.as_str()));
        if !known {
            check.broken(
                &format!("{key}.countries"),
                format!("{country:?} is not an ISO 3166-1 country code"),
                clause,
            );
        }
    }
}

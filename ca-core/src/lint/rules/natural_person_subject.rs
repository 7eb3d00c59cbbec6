//! A person's subject: country, common name, and a name or a pseudonym but not both.

use pki_asn1::name::attribute;
use pki_asn1::oid;

use super::{Rule, Subject, broken_if};

pub(super) const RULE: Rule = Rule {
    id: "natural-person-subject",
    clause: "EN 319 412-2 NAT-4.2.4",
    check,
};

fn check(subject: &Subject<'_>) -> Option<String> {
    if !subject.profile.subject_type().is_natural() {
        return None;
    }
    let has = |t| attribute(subject.certificate.subject(), &t).is_some();
    let named = has(oid::AT_GIVEN_NAME) || has(oid::AT_SURNAME);
    broken_if(
        !has(oid::AT_COUNTRY) || !has(oid::AT_COMMON_NAME) || named == has(oid::AT_PSEUDONYM),
        "the subject lacks countryName, commonName, or exactly one of a name and a pseudonym",
    )
}

//! What may be claimed: QcType, the law, and the statements that go with it.

use super::{Check, duplicate};
use crate::profile::config::ANY_LEGISLATION;
use crate::profile::{DevicePolicy, KeyUsageBit, QualifiedType, SubjectType};
use crate::settings::{CountryCode, Legislation, check_pds};

pub(super) fn check(check: &mut Check<'_>) {
    let config = check.config;
    let kind = check.kind();
    check.broken_if(
        config.qualified.is_some() && config.extensions.key_usage != [KeyUsageBit::NonRepudiation],
        "extensions.key-usage",
        "a qualified signature or seal certificate is for content commitment",
        "EN 319 412-2 NAT-4.3.2-2",
    );
    check.broken_if(
        config.qualified == Some(QualifiedType::Eseal) && kind != SubjectType::LegalPerson,
        "qualified",
        "a seal belongs to a legal person",
        "EN 319 412-5 clause 4.2.3",
    );
    check.broken_if(
        config.qualified == Some(QualifiedType::Esign) && !kind.is_natural(),
        "qualified",
        "a signature belongs to a natural person",
        "EN 319 412-5 clause 4.2.3",
    );
    legislation(check);
    statements(check);
    if config.pds.is_empty() {
        return;
    }
    check.broken_if(
        config.qualified.is_none(),
        "pds",
        "only qualified certificates name a disclosure statement",
        "EN 319 412-5 clause 4.3.4",
    );
    if let Err(error) = check_pds(&config.pds) {
        check.broken("pds", error.to_string(), "EN 319 412-5 clause 4.3.4");
    }
    check.broken_if(
        !config.pds.iter().any(|pds| pds.language == "en"),
        "pds",
        "none of the disclosure statements is in English",
        "EN 319 412-5 clause 4.3.4",
    );
}

fn legislation(check: &mut Check<'_>) {
    const KEY: &str = "legislation";
    const CLAUSE: &str = "EN 319 412-5 clause 4.2.4";
    let laws = &check.config.legislation;
    let any = laws.iter().any(|law| law == ANY_LEGISLATION);
    check.broken_if(
        laws.is_empty() || (any && laws.len() > 1),
        KEY,
        "it is not a list of laws, or \"any\" alone",
        CLAUSE,
    );
    check.broken_if(
        check.config.qualified.is_none() && !any,
        KEY,
        "certificates of this profile claim nothing under any law",
        CLAUSE,
    );
    if let Some(twice) = duplicate(laws) {
        check.broken(KEY, format!("{twice:?} occurs twice"), CLAUSE);
    }
    for law in laws {
        if law != ANY_LEGISLATION && law.parse::<Legislation>().is_err() {
            check.broken(
                KEY,
                format!("{law:?} is not EU, a country of ISO 3166-1, none, or any"),
                CLAUSE,
            );
        }
    }
}

fn statements(check: &mut Check<'_>) {
    let config = check.config;
    let statements = &config.statements;
    let states = statements.limit_value.is_some()
        || statements.retention_years.is_some()
        || statements.identification.is_some()
        || !statements.device_legislation.is_empty();
    check.broken_if(
        states && config.qualified.is_none(),
        "statements",
        "only qualified certificates make such statements",
        "EN 319 412-5 clause 4",
    );
    check.broken_if(
        statements.device != DevicePolicy::Optional && !check.kind().is_person(),
        "statements.device",
        "a secure device is stated for persons and organisations",
        "EN 319 412-5 clause 4.2.2",
    );
    if let Some(limit) = &statements.limit_value {
        check.broken_if(
            limit.currency.len() != 3 || !limit.currency.bytes().all(|b| b.is_ascii_uppercase()),
            "statements.limit-value",
            "the currency is not three capital letters of ISO 4217",
            "EN 319 412-5 clause 4.3.2",
        );
        check.broken_if(
            limit.exponent > 18,
            "statements.limit-value",
            "the exponent is more than 18",
            "EN 319 412-5 clause 4.3.2",
        );
    }
    check.broken_if(
        statements
            .retention_years
            .is_some_and(|years| !(1..=100).contains(&years)),
        "statements.retention-years",
        "it is not between 1 and 100 years",
        "EN 319 412-5 clause 4.3.3",
    );
    let countries = &statements.device_legislation;
    check.broken_if(
        !countries.is_empty() && statements.device == DevicePolicy::Excluded,
        "statements.device-legislation",
        "a law certifies the device, and device is excluded",
        "EN 319 412-5 V2.5.1, QcQSCDlegislation",
    );
    let bad = |country: &String| country.parse::<CountryCode>().is_err();
    check.broken_if(
        countries.iter().any(bad) || duplicate(countries).is_some() || countries.len() > 8,
        "statements.device-legislation",
        "it is not a list of countries of ISO 3166-1, each once",
        "EN 319 412-5 V2.5.1, QcQSCDlegislation",
    );
}

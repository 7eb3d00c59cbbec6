//! Each bound, broken alone in a profile that is otherwise good, is told with its clause.

use proptest::prelude::*;

use crate::profile::builtin::SOURCES;
use crate::profile::{Language, Problem, Profile, ProfileError, annex, differences};

fn source(name: &str) -> &'static str {
    let named = format!("name = \"{name}\"\n");
    SOURCES
        .into_iter()
        .find(|source| source.starts_with(&named))
        .unwrap()
}

/// The problems of the built-in profile `name` after each `(from, to)`.
fn problems(name: &str, changes: &[(&str, &str)]) -> Vec<Problem> {
    let mut text = source(name).to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{name} has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    match Profile::parse(&text) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().to_vec(),
    }
}

/// Built-in profile, the change, the key that is named, and the clause.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

const SEAL: &str = "company-seal";
const PERSON: &str = "personal-signature";
const SHORT: &str = "short-term-signature";

#[rustfmt::skip]
const CASES: &[Case] = &[
    (SEAL, &[("company-seal", "Seal")], "name", "commands"),
    (SEAL, &[("company-seal", "../seal")], "name", "commands"),
    (SEAL, &[("company-seal", "\\u001b[31m")], "name", "commands"),
    (SEAL, &[("company-seal", "")], "name", "commands"),
    (SEAL, &[("version = 3", "version = 0")], "version", "EN 319 411-1"),
    (SEAL, &[("title = \"", "title = \"\\u0007")], "title", "annex"),
    (SEAL, &[("policy = \"4.1\"", "policy = \"1.2.3\"")], "policy", "RFC 5280 section 4.2.1.4"),
    (SEAL, &[("policy = \"4.1\"", "policy = \"+4\"")], "policy", "RFC 5280 section 4.2.1.4"),
    (SEAL, &[("policy = \"4.1\"\n", "")], "policy", "EN 319 412-2 clause 4.3.3"),
    (SEAL, &[("policy = \"4.1\"", "policy = \"4.1\"\nadditional-policies = [\"0.4.0.194112.1.3\"]")], "additional-policies", "QCS-5.2-1"),
    (SEAL, &[("policy = \"4.1\"", "policy = \"4.1\"\nadditional-policies = [\"2.5.29.32.0\"]")], "additional-policies", "RFC 5280 section 4.2.1.4"),
    (SEAL, &[("policy = \"4.1\"", "policy = \"4.1\"\nadditional-policies = [\"mine\"]")], "additional-policies", "RFC 5280 section 4.2.1.4"),
    (SEAL, &[("policy = \"4.1\"", "policy = \"4.1\"\nadditional-policies = [\"1.2.3\", \"1.2.3\"]")], "additional-policies", "RFC 5280 section 4.2.1.4"),
    ("issuing-ca", &[("subject-type", "additional-policies = [\"1.2.3\"]\nsubject-type")], "additional-policies", "RFC 5280 section 4.2.1.4"),

    (SEAL, &[("default-days = 1095", "default-days = 0")], "validity.default-days", "RFC 5280 section 4.1.2.5"),
    (SEAL, &[("maximum-days = 1096", "maximum-days = 1094")], "validity.default-days", "RFC 5280 section 4.1.2.5"),
    (SEAL, &[("maximum-days = 1096", "maximum-days = 1827")], "validity.maximum-days", "TS 119 312"),
    ("root-ca", &[("maximum-days = 9132", "maximum-days = 4294967295")], "validity.maximum-days", "no algorithm"),
    ("ocsp-signer", &[("maximum-days = 92", "maximum-days = 93")], "validity.maximum-days", "RFC 6960 section 4.2.2.2.1"),
    ("time-stamping-unit", &[("private-key-days = 365", "private-key-days = 0")], "validity.private-key-days", "RFC 3280"),
    ("time-stamping-unit", &[("private-key-days = 365", "private-key-days = 1827")], "validity.private-key-days", "RFC 3280"),
    (SHORT, &[("maximum-days = 1", "maximum-days = 2")], "validity.maximum-days", "EN 319 412-1 clause 5.2"),
    (SHORT, &[("hours = 12", "hours = 24")], "validity.hours", "EN 319 412-1 clause 5.2"),
    (SHORT, &[("hours = 12", "hours = 0")], "validity.hours", "EN 319 412-1 clause 5.2"),
    (SHORT, &[("hours = 12\n", "")], "validity.hours", "EN 319 412-1 clause 5.2"),
    (PERSON, &[("maximum-days", "hours = 12\nmaximum-days")], "validity.hours", "EN 319 412-1 clause 5.2"),

    (SEAL, &[("minimum-rsa-bits = 3072", "minimum-rsa-bits = 1899")], "key.minimum-rsa-bits", "TS 119 312 V2.1.1 clause 8.4"),
    (SEAL, &[("minimum-rsa-bits = 3072", "minimum-rsa-bits = 8193")], "key.minimum-rsa-bits", "TS 119 312"),
    (SEAL, &[("minimum-rsa-bits = 3072\n", ""), ("curves = [\"p256\", \"p384\", \"ed25519\"]", "")], "key", "TS 119 312"),
    (SEAL, &[("\"p384\"", "\"p256\"")], "key.curves", "TS 119 312"),
    (SEAL, &[("minimum-rsa-bits = 3072", "minimum-rsa-bits = 3072\nends = { p521 = \"2030-12-31\" }")], "key.ends.p521", "TS 119 312"),
    (SEAL, &[("minimum-rsa-bits = 3072", "ends = { rsa = \"2030-12-31\" }")], "key.ends.rsa", "TS 119 312"),

    (SEAL, &[("\"OU\"", "\"XY\"")], "subject.optional", "RFC 5280"),
    (SEAL, &[("\"OU\"", "\"CN\"")], "subject.optional", "EN 319 412-2 clause 4.2.4"),
    (SEAL, &[("\"O\", ", "")], "subject.mandatory", "EN 319 412-3 LEG-4.2.1-2"),
    (SEAL, &[("optional =", "forbidden = [\"CN\"]\noptional =")], "subject.forbidden", "EN 319 412-2 clause 4.2.4"),
    (PERSON, &[("[\"C\", ", "[")], "subject.mandatory", "NAT-4.2.4-1"),
    (PERSON, &[("optional = [\"givenName\", \"surname\", \"pseudonym\"]", "")], "subject", "NAT-4.2.4-1"),
    (PERSON, &[("\"CN\"]", "\"CN\", \"pseudonym\", \"surname\"]"), ("\"surname\", \"pseudonym\"]", "\"title\"]")], "subject.mandatory", "NAT-4.2.4-4"),
    ("professional-signature", &[("\"organizationIdentifier\", ", "")], "subject.mandatory", "EN 319 412-2 clause 4.2.4"),
    ("root-ca", &[("\"O\", ", "")], "subject.mandatory", "GEN-4.2.3.1-2"),
    ("time-stamping-unit", &[("[\"C\", ", "[")], "subject.mandatory", "EN 319 422"),
    ("ocsp-signer", &[(", \"CN\"]", "]")], "subject.mandatory", "RFC 5280 section 4.1.2.6"),
    ("ocsp-signer", &[("optional =", "name-registration-authorities = [\"https://a.example\"]\noptional =")], "subject.name-registration-authorities", "EN 319 412-1 clause 5.1"),
    (SEAL, &[("optional =", "name-registration-authorities = [\"ftp://a.example\"]\noptional =")], "subject.name-registration-authorities", "EN 319 412-1 clause 5.1"),
    (SEAL, &[("optional =", "name-registration-authorities = [\"https://a.example\", \"https://a.example\"]\noptional =")], "subject.name-registration-authorities", "RFC 3739"),
    (SEAL, &[("constraints.organizationIdentifier", "constraints.title")], "subject.constraints.title", "EN 319 412-2 clause 4.2.4"),
    (SEAL, &[("schemes = [\"NTR\"", "maximum-length = 257\nschemes = [\"NTR\"")], "subject.constraints.organizationIdentifier.maximum-length", "RFC 5280"),
    (SEAL, &[("[extensions]", "[subject.constraints.C]\nvalue = \"ZZ\"\n[extensions]")], "subject.constraints.C.value", "RFC 5280"),
    (SEAL, &[("[extensions]", "[subject.constraints.O]\nvalue = \"a\\u202eb\"\n[extensions]")], "subject.constraints.O.value", "RFC 5280"),
    (SEAL, &[("[extensions]", "[subject.constraints.O]\nschemes = [\"NTR\"]\n[extensions]")], "subject.constraints.O", "EN 319 412-1 clause 5.1.3"),
    (SEAL, &[("[\"NTR\"", "[\"PAS\"")], "subject.constraints.organizationIdentifier.schemes", "EN 319 412-1 clause 5.1.4"),
    (SEAL, &[("[\"NTR\"", "[\"RC:\"")], "subject.constraints.organizationIdentifier.schemes", "EN 319 412-1 clause 5.1.4"),
    (SEAL, &[("schemes =", "countries = [\"QQ\"]\nschemes =")], "subject.constraints.organizationIdentifier.countries", "EN 319 412-1 clause 5.1.4"),
    (PERSON, &[("[extensions]", "[subject.constraints.serialNumber]\nschemes = [\"TAX\"]\n[extensions]")], "subject.constraints.serialNumber.schemes", "EN 319 412-1 clause 5.1.3"),

    (SEAL, &[("[\"nonRepudiation\"]", "[]")], "extensions.key-usage", "NAT-4.3.2-1"),
    (SEAL, &[("[\"nonRepudiation\"]", "[\"nonRepudiation\", \"nonRepudiation\"]")], "extensions.key-usage", "RFC 5280 section 4.2.1.3"),
    (SEAL, &[("\"nonRepudiation\"", "\"digitalSignature\"")], "extensions.key-usage", "NAT-4.3.2-2"),
    (SEAL, &[("\"nonRepudiation\"", "\"nonRepudiation\", \"digitalSignature\"")], "extensions.key-usage", "NAT-4.3.2-3"),
    (SEAL, &[("\"nonRepudiation\"", "\"keyCertSign\"")], "extensions.key-usage", "RFC 5280 section 4.2.1.3"),
    ("authentication", &[("[\"digitalSignature\"]", "[\"keyEncipherment\", \"keyAgreement\"]")], "extensions.key-usage", "NAT-4.3.2-1"),
    ("ocsp-signer", &[("[\"digitalSignature\"]", "[\"nonRepudiation\"]")], "extensions.key-usage", "RFC 6960 section 4.2.2.2"),
    ("ocsp-signer", &[("[\"digitalSignature\"]", "[\"digitalSignature\", \"keyAgreement\"]")], "extensions.key-usage", "RFC 6960 section 4.2.2.2"),
    ("issuing-ca", &[("\"keyCertSign\", \"cRLSign\"", "\"keyCertSign\"")], "extensions.key-usage", "RFC 5280 section 4.2.1.3"),
    ("issuing-ca", &[("\"cRLSign\"]", "\"cRLSign\", \"digitalSignature\"]")], "extensions.key-usage", "EN 319 411-1 clause 6.5.1"),
    ("issuing-ca", &[("path-length", "extended-key-usage = [\"clientAuth\"]\npath-length")], "extensions.extended-key-usage", "RFC 5280 section 4.2.1.12"),
    ("authentication", &[("\"clientAuth\"", "\"serverAuth\"")], "extensions.extended-key-usage", "RFC 5280 section 4.2.1.12"),
    ("authentication", &[("\"clientAuth\"", "\"2.5.29.37.0\"")], "extensions.extended-key-usage", "RFC 5280 section 4.2.1.12"),
    ("authentication", &[("\"clientAuth\"", "\"clientAuth\", \"clientAuth\"")], "extensions.extended-key-usage", "RFC 5280 section 4.2.1.12"),
    ("authentication", &[("[\"clientAuth\"]", "[\"clientAuth\"]\nextended-key-usage-is = \"critical\"")], "extensions.extended-key-usage-is", "GEN-4.3.10-1"),
    ("authentication", &[("\"clientAuth\"", "\"timeStamping\"")], "extensions.extended-key-usage", "RFC 3161 section 2.3"),
    ("authentication", &[("\"clientAuth\"", "\"OCSPSigning\"")], "extensions.extended-key-usage", "RFC 6960 section 4.2.2.2"),
    ("time-stamping-unit", &[("extended-key-usage-is = \"critical\"\n", "")], "extensions.extended-key-usage", "RFC 3161 section 2.3"),
    ("time-stamping-unit", &[("\"timeStamping\"", "\"timeStamping\", \"clientAuth\"")], "extensions.extended-key-usage", "RFC 3161 section 2.3"),
    ("ocsp-signer", &[("\"OCSPSigning\"", "\"OCSPSigning\", \"clientAuth\"")], "extensions.extended-key-usage", "RFC 6960 section 4.2.2.2"),
    (SEAL, &[("key-usage =", "path-length = 0\nkey-usage =")], "extensions.path-length", "RFC 5280 section 4.2.1.9"),
    (SEAL, &[("key-usage =", "revocation = \"trust-anchor\"\nkey-usage =")], "extensions.revocation", "GEN-4.4.1-2"),
    (SEAL, &[("key-usage =", "revocation = \"no-check\"\nkey-usage =")], "extensions.revocation", "RFC 6960 section 4.2.2.2.1"),
    ("time-stamping-unit", &[("key-usage =", "revocation = \"short-term\"\nkey-usage =")], "extensions.revocation", "EN 319 412-1 clause 5.2"),

    (SEAL, &[("qualified = \"eseal\"", "qualified = \"esign\"")], "qualified", "EN 319 412-5 clause 4.2.3"),
    (PERSON, &[("qualified = \"esign\"", "qualified = \"eseal\"")], "qualified", "EN 319 412-5 clause 4.2.3"),
    (SEAL, &[("qualified", "legislation = []\nqualified")], "legislation", "EN 319 412-5 clause 4.2.4"),
    (SEAL, &[("qualified", "legislation = [\"any\", \"MC\"]\nqualified")], "legislation", "EN 319 412-5 clause 4.2.4"),
    (SEAL, &[("qualified", "legislation = [\"eu\"]\nqualified")], "legislation", "EN 319 412-5 clause 4.2.4"),
    (SEAL, &[("qualified", "legislation = [\"MC\", \"MC\"]\nqualified")], "legislation", "EN 319 412-5 clause 4.2.4"),
    ("authentication", &[("subject-type", "legislation = [\"MC\"]\nsubject-type")], "legislation", "EN 319 412-5 clause 4.2.4"),
    (SEAL, &[("[validity]", "[[pds]]\nlanguage = \"fr\"\nurl = \"https://a.example/fr\"\n[validity]")], "pds", "EN 319 412-5 clause 4.3.4"),
    (SEAL, &[("[validity]", "[[pds]]\nlanguage = \"en\"\nurl = \"http://a.example/en\"\n[validity]")], "pds", "EN 319 412-5 clause 4.3.4"),
    (SEAL, &[("[validity]", "[[pds]]\nlanguage = \"EN\"\nurl = \"https://a.example/en\"\n[[pds]]\nlanguage = \"en\"\nurl = \"https://a.example/en\"\n[validity]")], "pds", "EN 319 412-5 clause 4.3.4"),
    ("authentication", &[("[validity]", "[[pds]]\nlanguage = \"en\"\nurl = \"https://a.example/en\"\n[validity]")], "pds", "EN 319 412-5 clause 4.3.4"),
    ("authentication", &[("[validity]", "[statements]\nretention-years = 10\n[validity]")], "statements", "EN 319 412-5 clause 4"),
    ("ocsp-signer", &[("[validity]", "[statements]\ndevice = \"required\"\n[validity]")], "statements.device", "EN 319 412-5 clause 4.2.2"),
    (SEAL, &[("[validity]", "[statements]\nlimit-value = { currency = \"eur\", amount = 1 }\n[validity]")], "statements.limit-value", "EN 319 412-5 clause 4.3.2"),
    (SEAL, &[("[validity]", "[statements]\nlimit-value = { currency = \"EUR\", amount = 1, exponent = 19 }\n[validity]")], "statements.limit-value", "EN 319 412-5 clause 4.3.2"),
    (SEAL, &[("[validity]", "[statements]\nretention-years = 0\n[validity]")], "statements.retention-years", "EN 319 412-5 clause 4.3.3"),
    (SEAL, &[("[validity]", "[statements]\ndevice-legislation = [\"QQ\"]\n[validity]")], "statements.device-legislation", "QcQSCDlegislation"),
    (SEAL, &[("[validity]", "[statements]\ndevice = \"excluded\"\ndevice-legislation = [\"CH\"]\n[validity]")], "statements.device-legislation", "QcQSCDlegislation"),

    (SEAL, &[("approvals = 1", "approvals = 10")], "registration.approvals", "EN 319 411-1 clause 6.4.3"),
    (SEAL, &[("approvals = 1", "renewal = \"same-key\"\nduplicate-key = \"refuse\"")], "registration.renewal", "EN 319 411-1 clause 6.3.6"),
];

#[test]
fn each_bound_is_told_with_its_key_its_line_and_its_clause() {
    let mut wrong = Vec::new();
    for (name, changes, key, clause) in CASES {
        let found = problems(name, changes);
        let told = found.iter().any(|p| {
            p.key == *key && p.clause.contains(clause) && (p.line.is_some() || *key == "policy")
        });
        if !told {
            wrong.push(format!("{name} {changes:?}: {key}, {clause}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_broken_bounds_are_told_at_once_in_the_order_of_the_file() {
    let found = problems(
        SEAL,
        &[
            ("version = 3", "version = 0\ncolour = \"red\""),
            ("maximum-days = 1096", "maximum-days = 9999"),
            ("minimum-rsa-bits = 3072", "minimum-rsa-bits = 1024"),
            ("\"O\", ", ""),
            ("[\"nonRepudiation\"]", "[\"digitalSignature\"]"),
        ],
    );
    // A key the format does not have hides nothing else.
    let keys: Vec<_> = found.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "version",
            "colour",
            "validity.maximum-days",
            "key.minimum-rsa-bits",
            "subject.mandatory",
            "extensions.key-usage",
        ]
    );
    assert!(found.is_sorted_by_key(|p| p.line));
}

#[test]
fn the_profiles_of_a_national_operator_that_are_right_are_taken() {
    for (name, changes) in [
        (SEAL, &[("company-seal", "seal-2")][..]),
        (
            SEAL,
            &[(
                "policy = \"4.1\"",
                "policy = \"9\"\nadditional-policies = [\"2.16.492.1.1\"]",
            )],
        ),
        (
            SEAL,
            &[("minimum-rsa-bits = 3072", "minimum-rsa-bits = 1900")],
        ),
        (
            SEAL,
            &[(
                "minimum-rsa-bits = 3072",
                "ends = { p256 = \"2030-12-31\" }",
            )],
        ),
        (
            SEAL,
            &[("qualified", "legislation = [\"EU\", \"MC\"]\nqualified")],
        ),
        (
            SEAL,
            &[
                (
                    "optional =",
                    "name-registration-authorities = [\"https://rci.example\"]\noptional =",
                ),
                ("[\"NTR\"", "[\"RC:\""),
            ],
        ),
        (
            SEAL,
            &[(
                "[extensions]",
                "[subject.constraints.C]\nvalue = \"MC\"\n[extensions]",
            )],
        ),
        (
            SEAL,
            &[(
                "[validity]",
                "[statements]\ndevice = \"required\"\ndevice-legislation = [\"CH\"]\nlimit-value = { currency = \"EUR\", amount = 5, exponent = 4 }\nretention-years = 10\nidentification = \"eidas-24-1a-acd\"\n[validity]",
            )],
        ),
        (
            "authentication",
            &[(
                "\"clientAuth\"",
                "\"clientAuth\", \"1.3.6.1.4.1.311.20.2.2\"",
            )],
        ),
        (
            "authentication",
            &[(
                "[\"digitalSignature\"]",
                "[\"digitalSignature\", \"keyAgreement\"]",
            )],
        ),
        (
            SEAL,
            &[(
                "approvals = 1",
                "approvals = 2\nduplicate-key = \"same-subject\"\nduplicate-subject = \"warn\"\nrenewal = \"same-key\"",
            )],
        ),
    ] {
        assert_eq!(problems(name, changes), [], "{name} {changes:?}");
    }
}

#[test]
fn a_refusal_names_the_profile_and_says_everything() {
    let text = source(SEAL).replace("version = 3", "version = 0");
    let error: ProfileError = Profile::parse(&text).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("profile \"company-seal\": line 2: version: ")
    );
    assert!(error.hint().is_some());
    let text = text.replace("3072", "1024");
    let error = Profile::parse(&text).unwrap_err().to_string();
    assert!(error.contains("2 problems: line 2: "), "{error}");
    // A name that could write on the terminal is not repeated.
    let text = source(SEAL).replace("company-seal", "\\u001b[31m");
    let error = Profile::parse(&text).unwrap_err().to_string();
    assert!(!error.contains('\u{1b}'), "{error}");
}

/// A value of any kind, often one that fits.
fn value() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        Just("C".to_owned()),
        Just("CN".to_owned()),
        Just("EU".to_owned()),
        Just("MC".to_owned()),
        Just("any".to_owned()),
        Just("NTR".to_owned()),
        Just("nonRepudiation".to_owned()),
        Just("timeStamping".to_owned()),
        Just("p256".to_owned()),
        Just("2027-01-01".to_owned()),
        Just("short-term".to_owned()),
        Just("esign".to_owned()),
        "\\PC{0,12}",
    ];
    let text = text.prop_map(|t| toml::Value::String(t).to_string());
    prop_oneof![
        4 => text.clone(),
        2 => any::<i64>().prop_map(|n| n.to_string()),
        2 => (0..4_000_i64).prop_map(|n| n.to_string()),
        2 => prop::collection::vec(text, 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
        1 => any::<bool>().prop_map(|b| b.to_string()),
        1 => Just("{}".to_owned()),
    ]
}

proptest! {
    /// Any line of a built-in profile with any value: refused with a reason, or good for everything
    /// that is done with profiles.
    #[test]
    fn a_profile_with_any_values_is_refused_or_usable(
        which in 0..SOURCES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), value()), 1..4),
    ) {
        let mut lines: Vec<String> = SOURCES[which].lines().map(str::to_owned).collect();
        for (at, value) in changes {
            let line = at.get(&lines).clone();
            let at = lines.iter().position(|l| *l == line).unwrap_or(0);
            if let Some((key, _)) = line.split_once(" = ") {
                lines[at] = format!("{key} = {value}");
            }
        }
        match Profile::parse(&lines.join("\n")) {
            Ok(profile) => {
                let _ = profile.subject_name(&profile.specimen_subject("MC"));
                prop_assert!(differences(&profile, &profile).is_empty());
                for language in [Language::English, Language::French] {
                    prop_assert!(annex(&profile, None, language).ends_with('\n'));
                }
            }
            Err(error) => {
                prop_assert!(!error.problems().is_empty());
                prop_assert!(error.hint().is_some());
            }
        }
    }
}

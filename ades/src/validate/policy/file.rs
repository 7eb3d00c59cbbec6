//! A validation policy as it is written down: TOML, every key optional, none unknown.
//!
//! Whatever reads the file deserialises a [`PolicyFile`]; all of its values are checked by then.

use core::str::FromStr;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;
use pki_crypto::suites::Day;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::{
    Acceptance, AlgorithmTable, CertificateConstraints, EndedAlgorithms, Ends, Freshness,
    Requirement, RevocationRule, Scheme, SignatureConstraints, SignedAttribute, SigningUsages,
    TimestampConstraints, ValidationPolicy,
};

/// The policies that ship, by their names.
pub const SHIPPED: [(&str, &str); 3] = [
    ("default", include_str!("default.toml")),
    ("strict", include_str!("strict.toml")),
    ("permissive", include_str!("permissive.toml")),
];

/// A policy file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyFile {
    schema: Option<Schema>,
    name: Option<String>,
    revocation: Revocation,
    time: Time,
    signature: Signature,
    certificate: CertificateTable,
    time_stamp: TimeStamp,
    algorithms: Algorithms,
    container: Container,
}

impl PolicyFile {
    /// What the policy calls itself.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The constraints; what the file does not say is as in [`ValidationPolicy::default`].
    #[must_use]
    pub fn policy(&self) -> ValidationPolicy {
        let default = ValidationPolicy::default();
        let (revocation, time) = (&self.revocation, &self.time);
        let plain = |duration: &Option<Span>| duration.as_ref().map(|d| d.0);
        ValidationPolicy {
            revocation: revocation.rule.into(),
            freshness: Freshness {
                max_age: plain(&revocation.max_age),
                max_age_of_ca: plain(&revocation.max_age_of_ca),
                after_signature: match revocation.after_signature {
                    true => Requirement::Required,
                    false => Requirement::Optional,
                },
            },
            clock_skew: plain(&time.clock_skew).unwrap_or(default.clock_skew),
            algorithms: self.algorithms.table(),
            ended_algorithms: match self.algorithms.ended {
                Ended::IfProven => EndedAlgorithms::IfProven,
                Ended::Refused => EndedAlgorithms::Refused,
            },
            signature: SignatureConstraints {
                required: self
                    .signature
                    .required_attributes
                    .iter()
                    .map(|a| (*a).into())
                    .collect(),
                policies: oids(&self.signature.policies),
                policy_document: self.signature.policy_document.into(),
                claimed_time: time.claimed_time.into(),
                proven_time: time.proven_time.into(),
            },
            certificate: CertificateConstraints {
                policies: oids(&self.certificate.policies),
                qualified: self.certificate.qualified.into(),
                key_usage: self.certificate.key_usage.into(),
                extended_key_usage: oids(&self.certificate.extended_key_usage),
                max_depth: self.certificate.max_depth,
            },
            timestamp: TimestampConstraints {
                digests: self.time_stamp.digests.iter().map(|d| d.0).collect(),
                policies: oids(&self.time_stamp.policies),
                algorithms: self.time_stamp.algorithms.as_ref().map(|a| {
                    let mut table = a.table();
                    table.inherit(&self.algorithms.table());
                    table
                }),
            },
            unsigned_files: self.container.unsigned_files.into(),
        }
    }
}

fn oids(all: &[Oid]) -> BTreeSet<ObjectIdentifier> {
    all.iter().map(|o| o.0).collect()
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Schema {
    #[serde(rename = "sceau.policy/1")]
    First,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Revocation {
    rule: Rule,
    max_age: Option<Span>,
    max_age_of_ca: Option<Span>,
    after_signature: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Time {
    clock_skew: Option<Span>,
    claimed_time: Accept,
    proven_time: Need,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Signature {
    required_attributes: Vec<Attribute>,
    policies: Vec<Oid>,
    policy_document: Need,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct CertificateTable {
    policies: Vec<Oid>,
    qualified: Need,
    key_usage: Usage,
    extended_key_usage: Vec<Oid>,
    max_depth: Option<usize>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct TimeStamp {
    digests: Vec<DigestName>,
    policies: Vec<Oid>,
    algorithms: Option<Tables>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Algorithms {
    ended: Ended,
    digests: BTreeMap<DigestName, LastDay>,
    schemes: BTreeMap<SchemeName, LastDay>,
    keys: BTreeMap<KeyName, LastDay>,
    rsa_below: BTreeMap<Bits, LastDay>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Tables {
    digests: BTreeMap<DigestName, LastDay>,
    schemes: BTreeMap<SchemeName, LastDay>,
    keys: BTreeMap<KeyName, LastDay>,
    rsa_below: BTreeMap<Bits, LastDay>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Container {
    unsigned_files: Accept,
}

impl Algorithms {
    fn table(&self) -> AlgorithmTable {
        table(&self.digests, &self.schemes, &self.keys, &self.rsa_below)
    }
}

impl Tables {
    fn table(&self) -> AlgorithmTable {
        table(&self.digests, &self.schemes, &self.keys, &self.rsa_below)
    }
}

fn table(
    digests: &BTreeMap<DigestName, LastDay>,
    schemes: &BTreeMap<SchemeName, LastDay>,
    keys: &BTreeMap<KeyName, LastDay>,
    rsa_below: &BTreeMap<Bits, LastDay>,
) -> AlgorithmTable {
    AlgorithmTable {
        digests: digests.iter().map(|(k, v)| (k.0, v.0)).collect(),
        schemes: schemes.iter().map(|(k, v)| ((*k).into(), v.0)).collect(),
        keys: keys.iter().map(|(k, v)| (k.0.clone(), v.0)).collect(),
        rsa_below: rsa_below.iter().map(|(k, v)| (k.0, v.0)).collect(),
    }
}

macro_rules! words {
    ($name:ident => $target:ident { $first:ident $(, $rest:ident)* $(,)? }) => {
        #[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
        #[serde(rename_all = "kebab-case")]
        enum $name { #[default] $first, $($rest),* }

        impl From<$name> for $target {
            fn from(word: $name) -> Self {
                match word {
                    $name::$first => Self::$first,
                    $($name::$rest => Self::$rest),*
                }
            }
        }
    };
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    #[default]
    IfProven,
    Refused,
}

words! { Rule => RevocationRule { Required, IfAvailable } }
words! { Accept => Acceptance { Refused, Accepted } }
words! { Need => Requirement { Optional, Required } }
words! { Usage => SigningUsages { Either, NonRepudiation, DigitalSignature } }
words! { SchemeName => Scheme { RsaPkcs1, RsaPss, Ecdsa, Eddsa, Dsa, MlDsa } }

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Attribute {
    SigningCertificate,
    SigningTime,
    SignaturePolicy,
    CommitmentType,
    SignerLocation,
    ContentHints,
    MimeType,
    #[serde(rename = "content-time-stamp")]
    ContentTimestamp,
}

impl From<Attribute> for SignedAttribute {
    fn from(word: Attribute) -> Self {
        match word {
            Attribute::SigningCertificate => Self::SigningCertificate,
            Attribute::SigningTime => Self::SigningTime,
            Attribute::SignaturePolicy => Self::SignaturePolicy,
            Attribute::CommitmentType => Self::CommitmentType,
            Attribute::SignerLocation => Self::SignerLocation,
            Attribute::ContentHints => Self::ContentHints,
            Attribute::MimeType => Self::MimeType,
            Attribute::ContentTimestamp => Self::ContentTimestamp,
        }
    }
}

/// Values that are written as text and mean something: what is none is refused with what would be one.
macro_rules! written {
    ($name:ident, $inner:ty, $read:expr, $remedy:expr) => {
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        struct $name($inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let read: fn(&str) -> Option<$inner> = $read;
                read(&text).map(Self).ok_or_else(|| {
                    D::Error::custom(format!(
                        "{text:?} is not a possible value\nhint: {}",
                        $remedy
                    ))
                })
            }
        }
    };
}

written!(
    Span,
    Duration,
    duration,
    "a number with its unit: \"90s\", \"15m\", \"24h\" or \"30d\""
);
written!(
    Oid,
    ObjectIdentifier,
    |text| ObjectIdentifier::new(text).ok(),
    "an object identifier in dots, such as \"1.3.6.1.4.1.32473.1.1\""
);
written!(
    DigestName,
    DigestAlgorithm,
    |text| DigestAlgorithm::ALL.into_iter().find(|d| d.name() == text),
    format!(
        "possible values: {}",
        names(DigestAlgorithm::ALL.map(|d| d.name()))
    )
);
/// A kind of key that is not RSA, as it displays.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct KeyName(String);

impl<'de> Deserialize<'de> for KeyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = key_names();
        if known.contains(&text) {
            return Ok(Self(text));
        }
        Err(D::Error::custom(format!(
            "{text:?} is not a possible value\nhint: possible values: {}; RSA stands in rsa-below",
            known.join(", ")
        )))
    }
}

written!(
    Bits,
    u32,
    // Written in one way alone: "03000" beside "3000" would be two ends for the same keys.
    |text| text
        .parse()
        .ok()
        .filter(|bits: &u32| bits.to_string() == text),
    "a number of bits, such as 3000"
);
written!(
    LastDay,
    Ends,
    |text| match text {
        "never" => Some(Ends::Never),
        "refused" => Some(Ends::Refused),
        day => day_of(day).map(Ends::On),
    },
    "the last day of use, such as \"2028-12-31\", \"never\", or \"refused\""
);

fn key_names() -> Vec<String> {
    use pki_crypto::{Curve, ForeignKey, KeyKind, MlDsa};
    let own = [
        KeyKind::EcP256,
        KeyKind::EcP384,
        KeyKind::EcP521,
        KeyKind::BrainpoolP256,
        KeyKind::BrainpoolP384,
        KeyKind::Ed25519,
        KeyKind::Foreign(ForeignKey::Ed448),
        KeyKind::MlDsa(MlDsa::MlDsa44),
        KeyKind::MlDsa(MlDsa::MlDsa65),
        KeyKind::MlDsa(MlDsa::MlDsa87),
    ];
    let curves = Curve::ALL.map(|curve| KeyKind::Foreign(ForeignKey::Ec(curve)));
    own.iter().chain(&curves).map(KeyKind::to_string).collect()
}

fn names<const N: usize>(all: [&str; N]) -> String {
    all.join(", ")
}

fn duration(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number = u64::from_str(text.strip_suffix(unit)?).ok()?;
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

fn day_of(text: &str) -> Option<Day> {
    let mut parts = text.split('-');
    let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
    let fits = parts.next().is_none() && [year.len(), month.len(), day.len()] == [4, 2, 2];
    let day = Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    // A day that the calendar does not have is written otherwise after the way there and back.
    let back = (day.after() - Duration::from_secs(1)).to_string();
    (fits && back.starts_with(text)).then_some(day)
}

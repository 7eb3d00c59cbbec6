//! What all certificates of one installation share: where its services are, which country it is
//! established in, under which law it qualifies, where its documents are published.
//!
//! [`SettingsConfig`] is what the operator wrote; [`Settings`] is what was checked.

use core::fmt;
use core::str::FromStr;

use pki_asn1::oid::ObjectIdentifier;
use serde::{Deserialize, Serialize};

use crate::error::SettingsError;

/// The settings as written (TOML, kebab-case, no unknown keys).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SettingsConfig {
    /// Where OCSP, CRLs and CA certificates are served, without a trailing slash:
    /// `http://pki.sceau.example`. Plain HTTP on purpose (RFC 5280 section 8).
    pub base_url: String,
    /// ISO 3166-1 alpha-2 code of the country the trust service provider is established in.
    pub country: String,
    /// The arc under which profiles have their certificate policy OIDs.
    pub policy_arc: String,
    /// Where the certification practice statement is (the CPS qualifier of every own policy).
    pub cps_uri: String,
    /// PKI disclosure statements by ISO 639-1 language; https only, English among them.
    #[serde(default)]
    pub pds: Vec<PdsConfig>,
    /// The law under which certificates are qualified: `EU`, a country such as `MC`, or `none`.
    #[serde(default)]
    pub legislation: LegislationConfig,
}

/// One PKI disclosure statement.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PdsConfig {
    /// ISO 639-1, lower case.
    pub language: String,
    /// https URL.
    pub url: String,
}

/// The written form of [`Legislation`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct LegislationConfig(pub String);

impl Default for LegislationConfig {
    fn default() -> Self {
        Self("none".into())
    }
}

/// The law under which a certificate claims to be qualified (EN 319 412-5 clause 4.2.4).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Legislation {
    /// No claim: no qualified statement is made.
    None,
    /// Regulation (EU) No 910/2014: QcCompliance without QcCClegislation.
    Eu,
    /// Another country's law: QcCompliance with QcCClegislation naming it.
    Country(CountryCode),
}

/// An ISO 3166-1 alpha-2 code, upper case.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CountryCode([u8; 2]);

/// The checked settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    config: SettingsConfig,
    country: CountryCode,
    policy_arc: ObjectIdentifier,
    legislation: Legislation,
}

impl Settings {
    /// Checks what was written.
    ///
    /// # Errors
    /// Where a URL, code, language or OID is not of its form, or the English disclosure statement
    /// is missing while a legislation is claimed.
    pub fn new(config: SettingsConfig) -> Result<Self, SettingsError> {
        let country = config.country.parse()?;
        let policy_arc = ObjectIdentifier::new(&config.policy_arc)
            .map_err(|_| SettingsError::PolicyArc(config.policy_arc.clone()))?;
        let legislation: Legislation = config.legislation.0.parse()?;
        service_url("base-url", &config.base_url, &["http"])?;
        if config.base_url.ends_with('/') {
            return Err(SettingsError::Url {
                setting: "base-url",
                value: config.base_url,
                reason: "ends with a slash".into(),
            });
        }
        service_url("cps-uri", &config.cps_uri, &["http", "https"])?;
        for (i, pds) in config.pds.iter().enumerate() {
            // EN 319 412-5 clause 4.3.4: https, ISO 639-1 in lower case.
            service_url("pds", &pds.url, &["https"])?;
            let lower = pds.language.bytes().all(|b| b.is_ascii_lowercase());
            if pds.language.len() != 2 || !lower {
                return Err(SettingsError::Language(pds.language.clone()));
            }
            if config.pds[..i].iter().any(|p| p.language == pds.language) {
                return Err(SettingsError::DuplicateLanguage(pds.language.clone()));
            }
        }
        if legislation != Legislation::None && !config.pds.iter().any(|p| p.language == "en") {
            return Err(SettingsError::EnglishPdsMissing);
        }
        Ok(Self {
            config,
            country,
            policy_arc,
            legislation,
        })
    }

    /// The settings as written.
    #[must_use]
    pub fn config(&self) -> &SettingsConfig {
        &self.config
    }

    /// Where the provider is established.
    #[must_use]
    pub fn country(&self) -> CountryCode {
        self.country
    }

    /// The arc of the provider's own policies.
    #[must_use]
    pub fn policy_arc(&self) -> ObjectIdentifier {
        self.policy_arc
    }

    /// The law under which certificates are qualified, unless a request says otherwise.
    #[must_use]
    pub fn legislation(&self) -> &Legislation {
        &self.legislation
    }

    /// `{base}/ocsp`
    #[must_use]
    pub fn ocsp_url(&self) -> String {
        format!("{}/ocsp", self.config.base_url)
    }

    /// `{base}/ca/{authority}.cer`
    #[must_use]
    pub fn ca_issuers_url(&self, authority: &str) -> String {
        format!("{}/ca/{authority}.cer", self.config.base_url)
    }

    /// `{base}/crl/{authority}.crl`
    #[must_use]
    pub fn crl_url(&self, authority: &str) -> String {
        format!("{}/crl/{authority}.crl", self.config.base_url)
    }
}

impl CountryCode {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CountryCode {
    type Err = SettingsError;

    fn from_str(s: &str) -> Result<Self, SettingsError> {
        match *s.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([a, b])),
            _ => Err(SettingsError::Country(s.to_owned())),
        }
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Legislation {
    type Err = SettingsError;

    fn from_str(s: &str) -> Result<Self, SettingsError> {
        match s {
            "none" => Ok(Self::None),
            "EU" => Ok(Self::Eu),
            country => country.parse().map(Self::Country),
        }
    }
}

impl fmt::Display for Legislation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Eu => f.write_str("EU"),
            Self::Country(country) => country.fmt(f),
        }
    }
}

fn service_url(setting: &'static str, value: &str, schemes: &[&str]) -> Result<(), SettingsError> {
    let bad = |reason: String| SettingsError::Url {
        setting,
        value: value.to_owned(),
        reason,
    };
    let url = url::Url::parse(value).map_err(|e| bad(e.to_string()))?;
    if !value.is_ascii() {
        return Err(bad("not ASCII; write the host in its xn-- form".into()));
    }
    if !schemes.contains(&url.scheme()) {
        return Err(bad(format!("its scheme is not {}", schemes.join(" or "))));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad("it has no host".into()));
    }
    Ok(())
}

//! What all certificates of one installation share: where its services are, which country it is
//! established in, under which law it qualifies, where its documents are published.
//!
//! [`SettingsConfig`] is what the operator wrote; [`Settings`] is what was checked.

use core::fmt;
use core::str::FromStr;

use pki_asn1::oid::ObjectIdentifier;
use serde::{Deserialize, Serialize};

use crate::crl::{CrlName, CrlPolicy};
use crate::error::SettingsError;
use crate::profile::is_iso_country;

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
    crl: CrlPolicy,
}

impl Settings {
    /// SHA-256 (hexadecimal) of what these settings put into certificates: addresses, policies, the
    /// disclosure statements. Who approves a request approves these too.
    #[must_use]
    pub fn digest_in_certificates(&self) -> String {
        // The law is in the request itself.
        let config = SettingsConfig {
            legislation: LegislationConfig::default(),
            ..self.config.clone()
        };
        let text = serde_json::to_string(&config).unwrap_or_default();
        hex::encode(crate::issuance::sha256(text.as_bytes()))
    }

    /// Checks what was written.
    ///
    /// # Errors
    /// Where a URL, code, language or OID is not of its form, or the English disclosure statement
    /// is missing while a legislation is claimed.
    pub fn new(config: SettingsConfig) -> Result<Self, SettingsError> {
        let country = config.country.parse()?;
        let policy_arc = ObjectIdentifier::new(&config.policy_arc)
            .map_err(|_| SettingsError::PolicyArc(config.policy_arc.clone()))?;
        // Profiles add up to two arcs; an identifier that has no room for them would be none.
        if [u32::MAX; 2]
            .into_iter()
            .try_fold(policy_arc, |oid, arc| oid.push_arc(arc))
            .is_err()
        {
            return Err(SettingsError::PolicyArcTooLong(config.policy_arc));
        }
        let legislation: Legislation = config.legislation.0.parse()?;
        let base = service_url("base-url", &config.base_url, &["http"])?;
        // Paths are appended to it.
        let reason = if config.base_url.ends_with('/') {
            Some("it ends with a slash")
        } else if base.query().is_some() || base.fragment().is_some() {
            Some("it has a query or a fragment")
        } else {
            None
        };
        if let Some(reason) = reason {
            return Err(SettingsError::Url {
                setting: "base-url",
                value: config.base_url,
                reason: reason.into(),
            });
        }
        service_url("cps-uri", &config.cps_uri, &["http", "https"])?;
        check_pds(&config.pds)?;
        let settings = Self {
            config,
            country,
            policy_arc,
            legislation,
            crl: CrlPolicy::default(),
        };
        settings.check_disclosure(&settings.legislation)?;
        Ok(settings)
    }

    /// The same with another policy of CRLs than the default.
    #[must_use]
    pub fn with_crl(self, crl: CrlPolicy) -> Self {
        Self { crl, ..self }
    }

    /// What is published on CRLs, and when.
    #[must_use]
    pub fn crl(&self) -> &CrlPolicy {
        &self.crl
    }

    /// Whether a certificate may be qualified under `legislation`: it then names a PKI disclosure
    /// statement in English.
    ///
    /// # Errors
    /// [`SettingsError::EnglishPdsMissing`].
    pub fn check_disclosure(&self, legislation: &Legislation) -> Result<(), SettingsError> {
        check_english(&self.config.pds, legislation)
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
        self.crl_url_of(authority, CrlName::WHOLE)
    }

    /// `{base}/crl/{file name}`, see [`CrlName::file_name`]
    #[must_use]
    pub fn crl_url_of(&self, authority: &str, name: CrlName) -> String {
        format!("{}/crl/{}", self.config.base_url, name.file_name(authority))
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
            [a, b] if is_iso_country(s) => Ok(Self([a, b])),
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

/// EN 319 412-5 clause 4.3.4: https, ISO 639-1 in lower case, one per language.
pub(crate) fn check_pds(all: &[PdsConfig]) -> Result<(), SettingsError> {
    for (i, pds) in all.iter().enumerate() {
        service_url("pds", &pds.url, &["https"])?;
        let lower = pds.language.bytes().all(|b| b.is_ascii_lowercase());
        if pds.language.len() != 2 || !lower {
            return Err(SettingsError::Language(pds.language.clone()));
        }
        if all[..i].iter().any(|p| p.language == pds.language) {
            return Err(SettingsError::DuplicateLanguage(pds.language.clone()));
        }
    }
    Ok(())
}

/// EN 319 412-5 clause 4.3.4: where a law is claimed, one of the statements is in English.
pub(crate) fn check_english(
    all: &[PdsConfig],
    legislation: &Legislation,
) -> Result<(), SettingsError> {
    let english = all.iter().any(|pds| pds.language == "en");
    if *legislation == Legislation::None || english {
        Ok(())
    } else {
        Err(SettingsError::EnglishPdsMissing)
    }
}

/// Checks a URL that certificates will carry as it was written.
pub(crate) fn service_url(
    setting: &'static str,
    value: &str,
    schemes: &[&str],
) -> Result<url::Url, SettingsError> {
    let bad = |reason: String| SettingsError::Url {
        setting,
        value: value.to_owned(),
        reason,
    };
    if !value.is_ascii() {
        return Err(bad("not ASCII; write the host in its xn-- form".into()));
    }
    // The parser repairs what it can, line ends and spaces above all; a certificate would not.
    if let Some(c) = value.chars().find(|c| !is_uri_character(*c)) {
        return Err(bad(format!("no URL contains {c:?} (RFC 3986)")));
    }
    let url = url::Url::parse(value).map_err(|e| bad(e.to_string()))?;
    let written = |scheme: &&str| {
        value
            .strip_prefix(*scheme)
            .is_some_and(|rest| rest.starts_with("://"))
    };
    if !schemes.iter().any(written) {
        return Err(bad(format!(
            "it does not begin with {}://",
            schemes.join(":// or ")
        )));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad("it has no host".into()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("it has a user name, which everybody would read".into()));
    }
    Ok(url)
}

/// RFC 3986 section 2: unreserved and reserved characters, and the percent sign.
fn is_uri_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> SettingsConfig {
        SettingsConfig {
            base_url: "http://pki.sceau.example".into(),
            country: "MC".into(),
            policy_arc: "1.3.6.1.4.1.32473.1".into(),
            cps_uri: "https://sceau.example/cps".into(),
            pds: Vec::new(),
            legislation: LegislationConfig::default(),
        }
    }

    #[test]
    fn a_url_that_certificates_cannot_carry_is_refused() {
        Settings::new(config()).unwrap();
        for base_url in [
            "http://pki.sceau.example\n",
            " http://pki.sceau.example",
            "http://pki.sceau.example/a b",
            "http://pki.sceau.example/?a=b",
            "http://pki.sceau.example#x",
            "http://pki.sceau.example/",
            "http://user@pki.sceau.example",
            "http:pki.sceau.example",
            "http:\\\\pki.sceau.example",
            "HTTP://pki.sceau.example",
            "https://pki.sceau.example",
            "http://",
            "http://pki.scéau.example",
        ] {
            let error = Settings::new(SettingsConfig {
                base_url: base_url.into(),
                ..config()
            })
            .unwrap_err();
            assert!(matches!(error, SettingsError::Url { .. }), "{base_url:?}");
            assert!(error.hint().is_some());
        }
    }

    #[test]
    fn a_country_that_does_not_exist_is_refused() {
        for country in ["ZZ", "mc", "M", "MCO", ""] {
            let config = SettingsConfig {
                country: country.into(),
                ..config()
            };
            let error = Settings::new(config).unwrap_err();
            assert_eq!(error, SettingsError::Country(country.into()));
            assert!(country.parse::<Legislation>().is_err());
        }
    }

    #[test]
    fn a_policy_arc_without_room_for_policies_is_refused() {
        let long = format!("1.3{}", ".4294967295".repeat(7));
        let config = SettingsConfig {
            policy_arc: long.clone(),
            ..config()
        };
        let error = Settings::new(config).unwrap_err();
        assert_eq!(error, SettingsError::PolicyArcTooLong(long));
    }
}

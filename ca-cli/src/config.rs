//! `sceau-ca.toml`: what the operator wrote.

use core::str::FromStr;
use core::time::Duration;
use std::path::{Path, PathBuf};

use ca_core::crl::CrlConfig;
use ca_core::engine::CheckpointSchedule;
use ca_core::registration::{MAX_DECISIONS, Throttle};
use ca_core::settings::{LegislationConfig, PdsConfig};
use ca_core::store::StorageConfig;
use ca_core::{RegistrationSettings, Requests, SettingsConfig};
use cli_support::{Exit, Failure};
use hsm_pkcs11::KeySpec;
use serde::{Deserialize, Serialize};

/// The file's name in the authority's folder.
pub(crate) const FILE_NAME: &str = "sceau-ca.toml";

/// The whole file.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ConfigFile {
    base_url: String,
    country: String,
    policy_arc: String,
    cps_uri: String,
    #[serde(default)]
    legislation: LegislationConfig,
    #[serde(default)]
    pds: Vec<PdsConfig>,
    /// When CRLs are published, and what they list.
    #[serde(default)]
    pub(crate) crl: CrlConfig,
    /// When the journal is signed, and who time-stamps it.
    #[serde(default)]
    pub(crate) audit: AuditConfig,
    /// How registration is run.
    #[serde(default)]
    pub(crate) registration: RegistrationConfig,
    /// The database, where the record is not in the folder.
    pub(crate) storage: Option<StorageConfig>,
    /// The services whose certificates are renewed by a timer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) service: Vec<ServiceConfig>,
}

/// An OCSP signer or a time-stamping unit: whose certificate it has, and where its files are.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ServiceConfig {
    /// Its name in commands.
    pub(crate) name: String,
    pub(crate) kind: ServiceKind,
    /// The authority that certifies it.
    pub(crate) ca: String,
    /// Where `current/certificate.pem`, `chain.pem` and `key.pem` or `key.uri` are; relative to this file's
    /// folder.
    pub(crate) folder: PathBuf,
    /// Whether the key is made anew with every certificate.
    #[serde(default)]
    pub(crate) key: ServiceKey,
    /// What key to generate; P-256 where absent.
    pub(crate) key_type: Option<String>,
    /// A key in a token instead of a file; new ones get its label and the time.
    pub(crate) token_key: Option<String>,
    /// Its distinguished name; an OCSP signer's follows from its authority's.
    pub(crate) subject: Option<String>,
    /// So many days before the end, but not before half of the life is over.
    #[serde(default = "a_week")]
    pub(crate) renew_before_days: u32,
}

fn a_week() -> u32 {
    7
}

/// What a service does.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ServiceKind {
    OcspSigner,
    TimeStampingUnit,
}

/// Whether a renewal makes a new key.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ServiceKey {
    #[default]
    New,
    Same,
}

impl ServiceKind {
    /// The profile of its certificate.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::OcspSigner => "ocsp-signer",
            Self::TimeStampingUnit => "time-stamping-unit",
        }
    }
}

impl ServiceConfig {
    /// What key to generate.
    pub(crate) fn key_type(&self) -> Result<KeySpec, Failure> {
        match &self.key_type {
            None => Ok(KeySpec::P256),
            Some(text) => text.parse().map_err(|error: String| {
                let name = &self.name;
                Failure::message(Exit::Config, format_args!("[[service]] {name:?}: {error}"))
            }),
        }
    }
}

/// How registration is run.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct RegistrationConfig {
    /// People's certificates need an approved request even before any operator is enrolled.
    required: bool,
    request_days: u32,
    evidence_days: u32,
    codes_per_certificate_and_day: u32,
    codes_per_hour: u32,
    ca_decisions: u32,
    service_decisions: u32,
    revocation_decisions: u32,
}

impl Default for RegistrationConfig {
    fn default() -> Self {
        let settings = RegistrationSettings::default();
        Self {
            required: settings.requests == Requests::Required,
            request_days: settings.request_days,
            evidence_days: settings.evidence_days,
            codes_per_certificate_and_day: settings.throttle.per_certificate,
            codes_per_hour: settings.throttle.overall,
            ca_decisions: settings.ca_decisions.into(),
            service_decisions: settings.service_decisions.into(),
            revocation_decisions: settings.revocation_decisions.into(),
        }
    }
}

impl RegistrationConfig {
    /// The part that the engine uses.
    ///
    /// # Errors
    /// Where a number makes no sense.
    pub(crate) fn settings(self) -> Result<RegistrationSettings, Failure> {
        let decisions = |name, number| {
            let within = within(name, number, 1, MAX_DECISIONS.into())?;
            Ok::<_, Failure>(u8::try_from(within).unwrap_or(MAX_DECISIONS))
        };
        Ok(RegistrationSettings {
            requests: match self.required {
                true => Requests::Required,
                false => Requests::WithOperators,
            },
            // One that lapses the moment it is registered is none, and nobody remembers one for years.
            request_days: within("request-days", self.request_days, 1, 366)?,
            // Who somebody is, is looked at again before ten years are over.
            evidence_days: within("evidence-days", self.evidence_days, 1, 3_653)?,
            throttle: Throttle {
                per_certificate: self.codes_per_certificate_and_day,
                overall: self.codes_per_hour,
            },
            ca_decisions: decisions("ca-decisions", self.ca_decisions)?,
            service_decisions: decisions("service-decisions", self.service_decisions)?,
            revocation_decisions: decisions("revocation-decisions", self.revocation_decisions)?,
        })
    }
}

fn within(name: &str, number: u32, least: u32, most: u32) -> Result<u32, Failure> {
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(Failure::message(
        Exit::Config,
        format_args!("[registration] {name} = {number} is not within {least} to {most}"),
    )
    .with_hint(format!("correct it in {FILE_NAME}")))
}

/// When `audit checkpoint --due` makes a checkpoint, and which authorities time-stamp it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct AuditConfig {
    every_hours: u32,
    every_records: u64,
    pub(crate) tsa: Vec<String>,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            every_hours: 24,
            every_records: 10_000,
            tsa: Vec::new(),
        }
    }
}

impl AuditConfig {
    pub(crate) fn schedule(&self) -> CheckpointSchedule {
        CheckpointSchedule {
            every: Duration::from_secs(u64::from(self.every_hours) * 3_600),
            records: self.every_records,
        }
    }
}

impl ConfigFile {
    /// Reads the file in `dir`.
    pub(crate) fn load(dir: &Path) -> Result<Self, Failure> {
        cli_support::config::load(&dir.join(FILE_NAME))
    }

    /// The part that the engine checks and uses.
    pub(crate) fn settings(&self) -> SettingsConfig {
        SettingsConfig {
            base_url: self.base_url.clone(),
            country: self.country.clone(),
            policy_arc: self.policy_arc.clone(),
            cps_uri: self.cps_uri.clone(),
            pds: self.pds.clone(),
            legislation: self.legislation.clone(),
        }
    }
}

/// The file that `sceau-ca init` writes.
pub(crate) fn initial(settings: &SettingsConfig, storage: Option<&StorageConfig>) -> String {
    let crl = CrlConfig::default();
    let audit = AuditConfig::default();
    let mut text = format!(
        "\
# The certification authority's configuration. Paths are relative to this folder.

# Where OCSP, CRLs and CA certificates are served. Certificates carry URLs below it, so it cannot
# change for those already issued.
base-url = {base_url}

# The country the authority is established in (ISO 3166-1).
country = {country}

# The arc of its certificate policies' object identifiers.
policy-arc = {policy_arc}

# Where its certification practice statement is published.
cps-uri = {cps_uri}

# The law under which certificates are qualified: \"EU\", a country such as \"MC\", or \"none\".
legislation = {legislation}

# How long CRLs are valid. They are published more often, halfway for a root and every 24 hours for
# an issuing CA: by `sceau-ca crl --all --due` from a timer, or by `sceau-ca crl --all --watch`.
# docs/crl.md tells what else can be set: deltas, partitions, expired certificates.
[crl]
root-days = {root_days}
issuing-hours = {issuing_hours}

# When `sceau-ca audit checkpoint --due`, run from a timer, signs the journal, and the authorities it
# asks for a time-stamp, the next where one does not answer.
[audit]
every-hours = {every_hours}
every-records = {every_records}
tsa = []

# Where the PKI disclosure statements are published; qualified certificates need one in English:
# [[pds]]
# language = \"en\"
# url = \"https://...\"
",
        base_url = quoted(&settings.base_url),
        country = quoted(&settings.country),
        policy_arc = quoted(&settings.policy_arc),
        cps_uri = quoted(&settings.cps_uri),
        legislation = quoted(&settings.legislation.0),
        root_days = crl.root_days,
        issuing_hours = crl.issuing_hours,
        every_hours = audit.every_hours,
        every_records = audit.every_records,
    );
    for pds in &settings.pds {
        let (language, url) = (quoted(&pds.language), quoted(&pds.url));
        text += &format!("[[pds]]\nlanguage = {language}\nurl = {url}\n");
    }
    if let Some(storage) = storage {
        text += "\n# The PostgreSQL database that holds the record.\n[storage]\n";
        text += &format!("url = {}\n", quoted(&storage.url));
        for (name, path) in [
            ("password-file", &storage.password_file),
            ("ca-certificates", &storage.ca_certificates),
        ] {
            if let Some(path) = path {
                text += &format!("{name} = {}\n", quoted(&path.to_string_lossy()));
            }
        }
    }
    text
}

/// A TOML basic string. JSON's escapes are a subset of TOML's.
fn quoted(value: &str) -> String {
    use core::fmt::Write as _;
    let mut text = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// `en=https://...` on the command line.
#[derive(Clone, Debug)]
pub(crate) struct PdsArg(pub(crate) PdsConfig);

impl FromStr for PdsArg {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let (language, url) = s
            .split_once('=')
            .ok_or("expected LANGUAGE=URL, such as en=https://sceau.example/pds-en.pdf")?;
        Ok(Self(PdsConfig {
            language: language.to_owned(),
            url: url.to_owned(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_init_writes_is_read_back_as_meant() {
        let settings = SettingsConfig {
            base_url: "http://pki.sceau.example".into(),
            country: "MC".into(),
            policy_arc: "1.3.6.1.4.1.32473.1".into(),
            cps_uri: "https://sceau.example/\"cps\"\\\u{7f}".into(),
            pds: vec![PdsConfig {
                language: "en".into(),
                url: "https://sceau.example/pds".into(),
            }],
            legislation: LegislationConfig("MC".into()),
        };
        let storage = StorageConfig {
            url: "postgresql://ca@db/sceau".into(),
            password_file: Some("/etc/sceau/password".into()),
            ca_certificates: None,
        };
        for storage in [None, Some(storage)] {
            let text = initial(&settings, storage.as_ref());
            let read: ConfigFile = cli_support::config::parse(&text, Path::new(FILE_NAME)).unwrap();
            assert_eq!(read.settings(), settings);
            assert_eq!(read.storage, storage);
        }
    }
}

//! The configuration file as written (TOML), and the check that its settings go together.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cli_support::env;
use http_service::settings::{self, Http, HttpFile, LimitsFile, SettingError, TlsFile};
use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;

use super::{ClockConfig, Config, ConfigError, UnitConfig};
use crate::clock::Requirement;
use crate::clock::ntp::NtpServer;
use crate::instant::GenTimeDigits;
use crate::journal::{Durability, Settings};
use crate::offer::{Form, Ordering, Qualified, TimeStampPolicy, TsaName};
use crate::service::Capacity;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct File {
    #[serde(default)]
    listen: Vec<String>,
    #[serde(default)]
    listen_tls: Vec<String>,
    #[serde(default)]
    admin_listen: Vec<String>,
    tls: Option<TlsFile>,
    #[serde(default)]
    limits: LimitsFile,
    // One unit, without a name of its own.
    certificate: Option<PathBuf>,
    #[serde(default)]
    chain: Vec<PathBuf>,
    key: Option<String>,
    pin_file: Option<PathBuf>,
    #[serde(default)]
    unit: Vec<UnitFile>,
    // The default policy, and what further ones have where they say nothing else.
    policy: String,
    accuracy_ms: Option<u32>,
    digests: Option<Vec<String>>,
    #[serde(default)]
    qualified: bool,
    #[serde(default)]
    further_policy: Vec<PolicyFile>,
    // What all tokens have in common.
    gen_time_digits: Option<u8>,
    #[serde(default)]
    ordering: bool,
    #[serde(default)]
    tsa_name: bool,
    certificate_digest: Option<String>,
    signing_workers: Option<usize>,
    signing_queue: Option<usize>,
    #[serde(default)]
    clock: ClockFile,
    #[serde(default)]
    journal: JournalFile,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct UnitFile {
    name: String,
    certificate: PathBuf,
    #[serde(default)]
    chain: Vec<PathBuf>,
    key: String,
    pin_file: Option<PathBuf>,
    policies: Option<Vec<String>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PolicyFile {
    oid: String,
    accuracy_ms: Option<u32>,
    digests: Option<Vec<String>>,
    qualified: Option<bool>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ClockFile {
    #[serde(default)]
    references: Vec<String>,
    max_offset_ms: Option<u32>,
    check_seconds: Option<u64>,
    hold_seconds: Option<u64>,
    required: Option<bool>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct JournalFile {
    folder: Option<PathBuf>,
    sync: Option<SyncFile>,
    sync_ms: Option<u64>,
    segment_mib: Option<u64>,
}

#[derive(Clone, Copy, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SyncFile {
    EachGroup,
    Interval,
}

impl File {
    pub(super) fn check(self, folder: &Path, listen: Option<&str>) -> Result<Config, ConfigError> {
        let form = self.form()?;
        let policies = self.policies()?;
        let units = self.units(folder, &policies)?;
        let tolerance = tolerance(&policies, form.digits)?;
        let mut capacity = Capacity::default();
        if let Some(workers) = self.signing_workers {
            capacity.workers = settings::signing_workers(workers)?;
        }
        capacity.queue = self.signing_queue.unwrap_or(capacity.queue);
        let certificate_digest = match self.certificate_digest {
            Some(name) => digest("certificate-digest", name)?,
            None => DigestAlgorithm::Sha256,
        };
        let http = HttpFile {
            listen: self.listen,
            listen_tls: self.listen_tls,
            admin_listen: self.admin_listen,
            tls: self.tls,
            limits: self.limits,
        };
        Ok(Config {
            http: Http::new(http, folder, env::TSA_LISTEN, listen)?,
            units,
            policies,
            form,
            certificate_digest,
            capacity,
            clock: self.clock.check(tolerance)?,
            journal: self.journal.check(folder)?,
        })
    }

    fn form(&self) -> Result<Form, ConfigError> {
        let mut form = Form::default();
        if let Some(digits) = self.gen_time_digits {
            form.digits = GenTimeDigits::new(digits).ok_or_else(|| {
                let reason = "from 0 (whole seconds) to 6 (microseconds)";
                value("gen-time-digits", digits, reason)
            })?;
        }
        if self.ordering {
            form.ordering = Ordering::Claimed;
            if form.digits.count() < 3 {
                return Err(ConfigError::Contradiction {
                    settings: format!(
                        "ordering = true and gen-time-digits = {}",
                        form.digits.count()
                    ),
                    reason: "each token needs a genTime of its own".into(),
                    hint: "with gen-time-digits = 3 there can be 1000 tokens a second, with 6 as many as the key signs".into(),
                });
            }
        }
        if self.tsa_name {
            form.tsa = TsaName::Subject;
        }
        Ok(form)
    }

    fn policies(&self) -> Result<Vec<TimeStampPolicy>, ConfigError> {
        let mut first = TimeStampPolicy::new(oid("policy", &self.policy)?);
        if let Some(millis) = self.accuracy_ms {
            first.accuracy_ms = accuracy(millis)?;
        }
        if let Some(names) = &self.digests {
            first.digests = digests(names)?;
        }
        first.qualified = qualified(self.qualified);
        let mut policies = vec![first.clone()];
        for file in &self.further_policy {
            let mut policy = first.clone();
            policy.oid = oid("further-policy.oid", &file.oid)?;
            if policies.iter().any(|p| p.oid == policy.oid) {
                return Err(value("further-policy.oid", &file.oid, "it is there twice").into());
            }
            if let Some(millis) = file.accuracy_ms {
                policy.accuracy_ms = accuracy(millis)?;
            }
            if let Some(names) = &file.digests {
                policy.digests = digests(names)?;
            }
            if let Some(stated) = file.qualified {
                policy.qualified = qualified(stated);
            }
            policies.push(policy);
        }
        Ok(policies)
    }

    fn units(
        &self,
        folder: &Path,
        offered: &[TimeStampPolicy],
    ) -> Result<Vec<UnitConfig>, ConfigError> {
        let resolve = |paths: &[PathBuf]| paths.iter().map(|p| folder.join(p)).collect();
        let alone = self.certificate.is_some() || self.key.is_some();
        if !self.unit.is_empty() {
            if alone || self.pin_file.is_some() || !self.chain.is_empty() {
                return Err(ConfigError::Contradiction {
                    settings: "certificate, key, chain or pin-file and [[unit]]".into(),
                    reason: "the unit is described in two places".into(),
                    hint: "move them into a [[unit]] with a name".into(),
                });
            }
            return self.named_units(folder, offered);
        }
        let missing = |key| ConfigError::Missing {
            key,
            place: String::new(),
        };
        let certificate = self.certificate.as_ref();
        let key = self.key.clone().ok_or(missing("key"));
        Ok(vec![UnitConfig {
            name: "unit".into(),
            certificate: folder.join(certificate.ok_or(missing("certificate"))?),
            chain: resolve(&self.chain),
            key: settings::key_location(key?, folder)?,
            pin_file: self.pin_file.as_ref().map(|p| folder.join(p)),
            policies: None,
        }])
    }

    fn named_units(
        &self,
        folder: &Path,
        offered: &[TimeStampPolicy],
    ) -> Result<Vec<UnitConfig>, ConfigError> {
        let mut units: Vec<UnitConfig> = Vec::new();
        for file in &self.unit {
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if !(1..=64).contains(&file.name.len()) || !file.name.chars().all(allowed) {
                let reason = "up to 64 of a to z, 0 to 9 and the hyphen";
                return Err(value("unit.name", &file.name, reason).into());
            }
            if units.iter().any(|u| u.name == file.name) {
                return Err(value("unit.name", &file.name, "it is there twice").into());
            }
            let policies = match &file.policies {
                None => None,
                Some(list) => Some(served(list, offered)?),
            };
            units.push(UnitConfig {
                name: file.name.clone(),
                certificate: folder.join(&file.certificate),
                chain: file.chain.iter().map(|p| folder.join(p)).collect(),
                key: settings::key_location(file.key.clone(), folder)?,
                pin_file: file.pin_file.as_ref().map(|p| folder.join(p)),
                policies,
            });
        }
        Ok(units)
    }
}

impl ClockFile {
    fn check(self, limit: Duration) -> Result<ClockConfig, ConfigError> {
        let references: Result<Vec<NtpServer>, _> = self
            .references
            .iter()
            .map(|text| {
                let parsed = text.parse();
                parsed.map_err(|error| value("clock.references", text, error))
            })
            .collect();
        let references = references?;
        // One server with two votes would be half of a quorum by itself.
        let twice = (1..references.len()).find(|at| references[..*at].contains(&references[*at]));
        if let Some(at) = twice {
            let reason = "it stands there twice, and each server has one vote";
            return Err(value("clock.references", &references[at], reason).into());
        }
        if references.len() > 16 {
            let count = references.len();
            return Err(value("clock.references", count, "16 at most").into());
        }
        if references.is_empty() && self.required == Some(true) {
            return Err(ConfigError::Contradiction {
                settings: "clock.required = true and clock.references = []".into(),
                reason: "nothing could confirm the clock".into(),
                hint: "name NTP servers, three or more, such as \"ntp://ntp1.example.org\"".into(),
            });
        }
        let mut tolerance = limit;
        if let Some(millis) = self.max_offset_ms {
            tolerance = Duration::from_millis(millis.into());
            if tolerance > limit || millis == 0 {
                let reason = format!(
                    "from 1 to {}: what the smallest accuracy leaves beside the digits of genTime",
                    limit.as_millis()
                );
                return Err(value("clock.max-offset-ms", millis, reason).into());
            }
        }
        let seconds = |setting, given: Option<u64>, otherwise: u64, least: u64| match given {
            Some(given) if !(least..=86_400).contains(&given) => {
                Err(value(setting, given, format!("from {least} to 86400")))
            }
            given => Ok(given.unwrap_or(otherwise)),
        };
        let interval = seconds("clock.check-seconds", self.check_seconds, 64, 1)?;
        // Three servers that do not answer once are no reason to stop.
        let hold = seconds(
            "clock.hold-seconds",
            self.hold_seconds,
            interval * 4,
            interval,
        )?;
        Ok(ClockConfig {
            requirement: if self.required.unwrap_or(!references.is_empty()) {
                Requirement::Within(Duration::from_secs(hold))
            } else {
                Requirement::Advisory
            },
            references,
            tolerance,
            interval: Duration::from_secs(interval),
        })
    }
}

impl JournalFile {
    fn check(self, folder: &Path) -> Result<Settings, ConfigError> {
        let named = self.folder.as_deref().unwrap_or(Path::new("tsa-journal"));
        let mut settings = Settings::new(folder.join(named));
        match (self.sync.unwrap_or(SyncFile::EachGroup), self.sync_ms) {
            (SyncFile::EachGroup, Some(millis)) => {
                return Err(ConfigError::Contradiction {
                    settings: format!("journal.sync = \"each-group\" and journal.sync-ms = {millis}"),
                    reason: "without an interval there is nothing to measure".into(),
                    hint: "leave out sync-ms, or set sync = \"interval\" and accept that a power cut loses records of released tokens".into(),
                });
            }
            (SyncFile::EachGroup, None) => {}
            (SyncFile::Interval, millis) => {
                let millis = millis.unwrap_or(1000);
                if !(1..=60_000).contains(&millis) {
                    return Err(value("journal.sync-ms", millis, "from 1 to 60000").into());
                }
                settings.durability = Durability::Interval(Duration::from_millis(millis));
            }
        }
        if let Some(mib) = self.segment_mib {
            if !(1..=4096).contains(&mib) {
                return Err(value("journal.segment-mib", mib, "from 1 to 4096").into());
            }
            settings.segment_octets = mib << 20;
        }
        Ok(settings)
    }
}

/// What the policies leave for the clock: genTime plus and minus the accuracy are limits of when the
/// token was made (RFC 3161 section 2.4.2), and genTime itself is cut off after its last digit.
fn tolerance(policies: &[TimeStampPolicy], digits: GenTimeDigits) -> Result<Duration, ConfigError> {
    let tightest = policies.iter().map(|p| p.accuracy_ms).min().unwrap_or(1000);
    let accuracy = Duration::from_millis(tightest.into());
    match accuracy.checked_sub(digits.step()) {
        Some(left) if left >= Duration::from_millis(1) => Ok(left),
        _ => Err(ConfigError::Contradiction {
            settings: format!(
                "accuracy-ms = {tightest} and gen-time-digits = {}",
                digits.count()
            ),
            reason: "genTime alone is that far off, which leaves nothing for the clock".into(),
            hint: "give genTime more digits (3 are milliseconds), or declare a larger accuracy"
                .into(),
        }),
    }
}

fn served(
    list: &[String],
    offered: &[TimeStampPolicy],
) -> Result<Vec<ObjectIdentifier>, ConfigError> {
    if list.is_empty() {
        return Err(value("unit.policies", "[]", "leave it out for all of them").into());
    }
    let mut found = Vec::new();
    for text in list {
        let policy = oid("unit.policies", text)?;
        if !offered.iter().any(|o| o.oid == policy) {
            let reason = "it is neither policy nor the oid of a [[further-policy]]";
            return Err(value("unit.policies", text, reason).into());
        }
        found.push(policy);
    }
    Ok(found)
}

fn value(
    setting: &'static str,
    value: impl std::fmt::Display,
    reason: impl std::fmt::Display,
) -> SettingError {
    SettingError::Value {
        setting,
        value: value.to_string(),
        reason: reason.to_string(),
    }
}

fn oid(setting: &'static str, text: &str) -> Result<ObjectIdentifier, SettingError> {
    let reason = "an object identifier is needed, such as 0.4.0.2023.1.1";
    text.parse().map_err(|_| value(setting, text, reason))
}

fn qualified(stated: bool) -> Qualified {
    match stated {
        true => Qualified::Stated,
        false => Qualified::Unstated,
    }
}

fn accuracy(millis: u32) -> Result<u32, SettingError> {
    match millis {
        2..=3_600_000 => Ok(millis),
        _ => Err(value("accuracy-ms", millis, "from 2 to 3600000")),
    }
}

fn digests(names: &[String]) -> Result<Vec<DigestAlgorithm>, SettingError> {
    if names.is_empty() {
        return Err(value("digests", "[]", "at least one is needed"));
    }
    let found = names.iter().map(|name| digest("digests", name.clone()));
    found.collect()
}

/// EN 319 422 clause 5.1.2 leaves the list to TS 119 312: SHA-256 and better.
fn digest(setting: &'static str, name: String) -> Result<DigestAlgorithm, SettingError> {
    DigestAlgorithm::ALL
        .into_iter()
        .filter(|d| d.output_len() >= 32)
        .find(|d| d.name().eq_ignore_ascii_case(&name))
        .ok_or_else(|| {
            let reason = "one of SHA-256, SHA-384, SHA-512, SHA3-256, SHA3-384, SHA3-512";
            value(setting, name, reason)
        })
}

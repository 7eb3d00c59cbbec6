//! The configuration file of `sceau-ocsp` (TOML) and what it turns into.
//!
//! Two types: [`Config`] is what the operator wrote, syntactically right; [`Config::open`] makes a
//! [`Responder`] of it and checks everything that relying parties would stumble over later.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ca_core::store::{
    LocationError, PostgresLocation, RecordLocation, StorageConfig, StorageError,
};
use ca_core::{RecordName, StoreError};
use cli_support::{Exit, Failure, ResultExt as _, env};
use hsm_pkcs11::{KeyLocation, PinSource};
use http_service::settings::{self, Http, HttpFile, LimitsFile, SettingError, TlsFile};
use pki_asn1::{Clock, UnixTime};
use pki_crypto::{DigestAlgorithm, SignatureAlgorithm};

use crate::keys::Delegates;
use crate::keys::delegate::{Delegate, DelegateError};
use crate::keys::requestors::Requestors;
use crate::policy::{
    AnswerPolicy, ArchiveCutoffPolicy, NoncePolicy, NotIssuedPolicy, Policy, PreSigning,
    RequestSignaturePolicy, ResponderIdForm,
};
use crate::record::source::{AuthorityView, StatusReader, StatusSource};
use crate::record::state::StartError;
use crate::responder::Responder;

/// The configuration as written; paths are resolved against the file's folder.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub http: Http,
    /// The record of the CA.
    pub record: RecordLocation,
    /// How requests are answered.
    pub policy: Policy,
    /// Who answers for which authority.
    pub responders: Vec<ResponderConfig>,
}

/// One `[[responder]]`.
#[derive(Clone, Debug)]
pub struct ResponderConfig {
    /// The authority's name in the record.
    pub ca: String,
    /// The responder's certificate (PEM or DER).
    pub certificate: PathBuf,
    /// Its key.
    pub key: KeyLocation,
    /// The file with the key's PIN.
    pub pin_file: Option<PathBuf>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    listen: Vec<String>,
    #[serde(default)]
    listen_tls: Vec<String>,
    #[serde(default)]
    admin_listen: Vec<String>,
    tls: Option<TlsFile>,
    #[serde(default)]
    limits: LimitsFile,
    record: String,
    record_password_file: Option<PathBuf>,
    record_ca_certificates: Option<PathBuf>,
    #[serde(default)]
    answers: Answers,
    pre_sign_digests: Option<Vec<CertIdDigest>>,
    pre_sign_rate: Option<u32>,
    #[serde(default)]
    nonce: NoncePolicy,
    #[serde(default)]
    not_issued: NotIssuedPolicy,
    #[serde(default)]
    archive_cutoff: ArchiveCutoffPolicy,
    #[serde(default)]
    responder_id: ResponderIdForm,
    #[serde(default)]
    request_signature: RequestSignature,
    request_certificates: Option<PathBuf>,
    validity_minutes: Option<u32>,
    stale_after_seconds: Option<u32>,
    backdate_minutes: Option<u32>,
    cache_entries: Option<usize>,
    signing_workers: Option<usize>,
    signing_queue: Option<usize>,
    #[serde(default)]
    responder: Vec<FileResponder>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FileResponder {
    ca: String,
    certificate: PathBuf,
    key: String,
    pin_file: Option<PathBuf>,
}

/// The setting `answers`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answers {
    #[default]
    OnDemand,
    PreSigned,
}

/// One of `pre-sign-digests`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum CertIdDigest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl From<CertIdDigest> for DigestAlgorithm {
    fn from(digest: CertIdDigest) -> Self {
        match digest {
            CertIdDigest::Sha1 => Self::Sha1,
            CertIdDigest::Sha256 => Self::Sha256,
            CertIdDigest::Sha384 => Self::Sha384,
            CertIdDigest::Sha512 => Self::Sha512,
        }
    }
}

/// The setting `request-signature`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RequestSignature {
    #[default]
    Ignore,
    AcceptVerified,
    Require,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A setting, or a file it names, cannot be used.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Two responders for one authority that sign alike.
    #[error("two [[responder]] tables are for {ca:?}, and both sign with {algorithm}")]
    Duplicate {
        /// The authority.
        ca: String,
        /// The signature algorithm.
        algorithm: SignatureAlgorithm,
    },
    /// The record cannot be opened.
    #[error("cannot open the record {record}")]
    Record {
        /// The record.
        record: RecordName,
        /// Why.
        source: StoreError,
    },
    /// The database that holds the record is not named as it should be.
    #[error("the setting record cannot be used")]
    Storage(#[source] StorageError),
    /// A certificate does not entitle its key to answer for the authority.
    #[error("{} cannot be used for {ca}", path.display())]
    Delegate {
        /// The authority.
        ca: String,
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        source: DelegateError,
    },
    /// The responder cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl ConfigError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Setting(error) => error.hint(),
            Self::Duplicate { .. } => Some(
                "one responder certificate answers for one CA key; a second one is for clients that prefer another signature algorithm"
                    .into(),
            ),
            // The store's own hint speaks of the options of sceau-ca.
            Self::Record {
                source: StoreError::Missing(_) | StoreError::NotARecord(_),
                ..
            } => Some(
                "record is the file record.sqlite of the folder that sceau-ca init made".into(),
            ),
            Self::Record { source, .. } => source.hint(),
            Self::Storage(StorageError::Location(LocationError::Unprotected(_))) => Some(
                "name the file with the CA certificates of the database's TLS with \
                 record-ca-certificates; where a tunnel protects the connection, add \
                 ?sslmode=disable to the URL"
                    .into(),
            ),
            Self::Storage(StorageError::Location(LocationError::Password)) => Some(
                "take it out, put it into a file of its own, and name that file with \
                 record-password-file"
                    .into(),
            ),
            Self::Storage(error) => Some(error.hint()),
            Self::Delegate { source, .. } => source.hint(),
            Self::Start(error) => error.hint(),
        }
    }
}

impl ConfigError {
    /// The exit code and the hint of a program that ends with it.
    #[must_use]
    pub fn explain(&self) -> (Exit, Option<String>) {
        let exit = match self {
            Self::Setting(error) => error.exit(),
            Self::Record { .. } | Self::Start(StartError::Source(_)) => Exit::Unavailable,
            _ => Exit::Config,
        };
        (exit, self.hint())
    }
}

impl Config {
    /// Reads the file. `listen`, the value of the environment variable, overrides its addresses.
    ///
    /// # Errors
    /// What is wrong, with the line or the setting (exit code [`cli_support::Exit::Config`]).
    pub fn load(path: &Path, listen: Option<&str>) -> Result<Self, Failure> {
        let file = settings::load(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::from_file(file, folder, listen).explain(ConfigError::explain)
    }

    fn from_file(file: File, folder: &Path, listen: Option<&str>) -> Result<Self, ConfigError> {
        let http = HttpFile {
            listen: file.listen,
            listen_tls: file.listen_tls,
            admin_listen: file.admin_listen,
            tls: file.tls,
            limits: file.limits,
        };
        let http = Http::new(http, folder, env::OCSP_LISTEN, listen)?;
        let answers = answers(file.answers, file.pre_sign_digests, file.pre_sign_rate)?;
        let mut policy = Policy {
            // Answers signed ahead are put together again faster than an answer is signed.
            cache_entries: match answers {
                AnswerPolicy::OnDemand => Policy::default().cache_entries,
                AnswerPolicy::PreSigned(_) => 10_000,
            },
            answers,
            nonce: file.nonce,
            not_issued: file.not_issued,
            archive_cutoff: file.archive_cutoff,
            responder_id: file.responder_id,
            request_signature: request_signature(
                file.request_signature,
                file.request_certificates.map(|path| folder.join(path)),
            )?,
            ..Policy::default()
        };
        // Below two minutes clocks disagree; ten days is the longest CA/Browser Forum allows.
        if let Some(validity) = minutes("validity-minutes", file.validity_minutes, 2..=14_400)? {
            policy.validity = validity;
        }
        if let Some(backdate) = minutes("backdate-minutes", file.backdate_minutes, 0..=60)? {
            policy.backdate = backdate;
        }
        if let Some(seconds) = file.stale_after_seconds {
            // Shorter than clocks differ; longer than a revocation may take (EN 319 411-1, 24 hours).
            if !(1..=86_400).contains(&seconds) {
                return Err(ConfigError::Setting(SettingError::Value {
                    setting: "stale-after-seconds",
                    value: seconds.to_string(),
                    reason: "from 1 to 86400 (a day)".into(),
                }));
            }
            policy.record_age = Duration::from_secs(u64::from(seconds));
        }
        policy.cache_entries = file.cache_entries.unwrap_or(policy.cache_entries);
        policy.queue = file.signing_queue.unwrap_or(policy.queue);
        if let Some(workers) = file.signing_workers {
            policy.workers = settings::signing_workers(workers)?;
        }
        let mut responders: Vec<ResponderConfig> = Vec::with_capacity(file.responder.len());
        for r in file.responder {
            responders.push(ResponderConfig {
                ca: r.ca,
                certificate: folder.join(r.certificate),
                key: settings::key_location(r.key, folder)?,
                pin_file: r.pin_file.map(|p| folder.join(p)),
            });
        }
        let (password_file, ca_certificates) =
            (file.record_password_file, file.record_ca_certificates);
        let record = if PostgresLocation::is_url(&file.record) {
            let storage = StorageConfig {
                url: file.record,
                password_file,
                ca_certificates,
            };
            let location = storage.location(folder, env::database_password());
            location.map_err(ConfigError::Storage)?
        } else if let Some(path) = password_file.or(ca_certificates) {
            return Err(ConfigError::Setting(SettingError::Value {
                setting: "record-password-file and record-ca-certificates",
                value: path.display().to_string(),
                reason: "they are for a record in a database (postgresql://...)".into(),
            }));
        } else {
            RecordLocation::File(folder.join(file.record))
        };
        Ok(Self {
            http,
            record,
            policy,
            responders,
        })
    }

    /// Opens the record and every key, and checks every certificate. `pin` is where PINs come from
    /// that no file is named for.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn open(&self, pin: &PinSource, clock: Arc<dyn Clock>) -> Result<Responder, ConfigError> {
        let record = StatusReader::open(&self.record).map_err(|source| ConfigError::Record {
            record: self.record.name(),
            source,
        })?;
        let authorities = StatusSource::authorities(&record).map_err(StartError::Source)?;
        let delegates = self.delegates(&authorities, pin, clock.now())?;
        let policy = self.policy.clone();
        Ok(Responder::new(Arc::new(record), clock, policy, delegates)?)
    }

    /// The files of the responders' certificates and keys, for [`crate::FileWatch`].
    #[must_use]
    pub fn key_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for responder in &self.responders {
            files.push(responder.certificate.clone());
            if let KeyLocation::File(path) = &responder.key {
                files.push(path.clone());
            }
        }
        files
    }

    /// Opens every key and checks every certificate against its authority.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn delegates(
        &self,
        authorities: &[AuthorityView],
        pin: &PinSource,
        now: UnixTime,
    ) -> Result<Delegates, ConfigError> {
        self.renewed_delegates(authorities, &Delegates::default(), pin, now)
    }

    /// The same, but the keys that `before` has are not opened again: neither sessions nor PINs are
    /// needed where a certificate alone was renewed.
    ///
    /// # Errors
    /// [`ConfigError`], the first thing that is wrong.
    pub fn renewed_delegates(
        &self,
        authorities: &[AuthorityView],
        before: &Delegates,
        pin: &PinSource,
        now: UnixTime,
    ) -> Result<Delegates, ConfigError> {
        let mut delegates = Delegates::default();
        for responder in &self.responders {
            let open = before.of(&responder.ca);
            let sessions = self.policy.workers;
            let delegate = responder.open(authorities, open, pin, now, sessions)?;
            let algorithm = delegate.algorithm();
            let others = delegates.of(&responder.ca);
            if others.iter().any(|other| other.algorithm() == algorithm) {
                return Err(ConfigError::Duplicate {
                    ca: responder.ca.clone(),
                    algorithm,
                });
            }
            delegates.add(responder.ca.clone(), Arc::new(delegate));
        }
        Ok(delegates)
    }
}

/// When answers are signed.
fn answers(
    answers: Answers,
    digests: Option<Vec<CertIdDigest>>,
    rate: Option<u32>,
) -> Result<AnswerPolicy, ConfigError> {
    let wrong = |setting, value: String, reason: &str| {
        ConfigError::Setting(SettingError::Value {
            setting,
            value,
            reason: reason.into(),
        })
    };
    match answers {
        Answers::OnDemand if digests.is_some() || rate.is_some() => Err(wrong(
            "answers",
            "on-demand".into(),
            "pre-sign-digests and pre-sign-rate are for pre-signed",
        )),
        Answers::OnDemand => Ok(AnswerPolicy::OnDemand),
        Answers::PreSigned => {
            let mut policy = PreSigning::default();
            if let Some(digests) = digests {
                let mut once = digests.clone();
                once.dedup();
                if once.is_empty() || once.len() > 4 {
                    return Err(wrong(
                        "pre-sign-digests",
                        format!("{digests:?}").to_lowercase(),
                        "one to four of sha1, sha256, sha384, sha512",
                    ));
                }
                policy.digests = once.into_iter().map(Into::into).collect();
            }
            if let Some(rate) = rate {
                if !(1..=100_000).contains(&rate) {
                    let reason = "from 1 to 100000 signatures in a second";
                    return Err(wrong("pre-sign-rate", rate.to_string(), reason));
                }
                policy.rate = rate;
            }
            Ok(AnswerPolicy::PreSigned(policy))
        }
    }
}

/// A duration in minutes within bounds.
fn minutes(
    setting: &'static str,
    minutes: Option<u32>,
    bounds: RangeInclusive<u32>,
) -> Result<Option<Duration>, ConfigError> {
    match minutes {
        Some(n) if !bounds.contains(&n) => Err(ConfigError::Setting(SettingError::Value {
            setting,
            value: n.to_string(),
            reason: format!("from {} to {} minutes", bounds.start(), bounds.end()),
        })),
        n => Ok(n.map(|n| Duration::from_secs(u64::from(n) * 60))),
    }
}

/// Who may sign requests, and whether they must.
fn request_signature(
    setting: RequestSignature,
    certificates: Option<PathBuf>,
) -> Result<RequestSignaturePolicy, ConfigError> {
    let wrong = |value: &str, reason: &str| {
        ConfigError::Setting(SettingError::Value {
            setting: "request-signature",
            value: value.into(),
            reason: reason.into(),
        })
    };
    let path = match (setting, certificates) {
        (RequestSignature::Ignore, None) => return Ok(RequestSignaturePolicy::Ignore),
        (RequestSignature::Ignore, Some(_)) => {
            return Err(wrong(
                "ignore",
                "request-certificates is for the other choices",
            ));
        }
        (_, None) => {
            return Err(wrong(
                "accept-verified or require",
                "name the certificates that requestors' certificates come from with request-certificates",
            ));
        }
        (_, Some(path)) => path,
    };
    let certificates =
        settings::certificates("the requestors' certificates", &path, "sceau-ca show --out")?;
    let requestors = Arc::new(Requestors::new(certificates));
    Ok(match setting {
        RequestSignature::Require => RequestSignaturePolicy::Require(requestors),
        _ => RequestSignaturePolicy::AcceptVerified(requestors),
    })
}

impl ResponderConfig {
    fn open(
        &self,
        authorities: &[AuthorityView],
        open: &[Arc<Delegate>],
        pin: &PinSource,
        now: UnixTime,
        sessions: usize,
    ) -> Result<Delegate, ConfigError> {
        let authority = authorities
            .iter()
            .find(|a| a.name == self.ca)
            .ok_or_else(|| StartError::UnknownAuthority {
                name: self.ca.clone(),
                known: authorities.iter().map(|a| a.name.clone()).collect(),
            })?;
        let command = "sceau-ca ocsp-signer renew";
        let certificate =
            settings::certificates("the responder certificate", &self.certificate, command)?
                .swap_remove(0);
        let same_key = |d: &&Arc<Delegate>| d.certificate().spki_der() == certificate.spki_der();
        let signer = match open.iter().find(same_key) {
            Some(delegate) => delegate.signer(),
            None => {
                let what = || format!("the responder key of {}", self.ca);
                let pin_file = self.pin_file.as_deref();
                settings::open_key(what, &self.key, pin_file, pin, sessions)?.signer
            }
        };
        let delegate =
            Delegate::new(signer, certificate, &authority.certificate, now).map_err(|source| {
                ConfigError::Delegate {
                    ca: self.ca.clone(),
                    path: self.certificate.clone(),
                    source,
                }
            })?;
        if !delegate.certificate().has_ocsp_no_check() {
            tracing::warn!(
                authority = self.ca,
                "the responder certificate lacks id-pkix-ocsp-nocheck: clients may ask for its own status"
            );
        }
        Ok(delegate)
    }
}

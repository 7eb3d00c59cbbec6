//! What both services' files say about HTTP: where to listen.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use cli_support::env;
use hsm_pkcs11::PinSource;

use super::{LimitsFile, SettingError, key_location};
use crate::server::Limits;
use crate::tls::{Tls, TlsSettings};

/// The settings as they stand in the file.
#[derive(Debug, Default)]
pub struct HttpFile {
    /// Addresses for everybody.
    pub listen: Vec<String>,
    /// Addresses for everybody, with TLS.
    pub listen_tls: Vec<String>,
    /// Addresses for the operator.
    pub admin_listen: Vec<String>,
    /// `[tls]`.
    pub tls: Option<TlsFile>,
    /// `[limits]`.
    pub limits: LimitsFile,
}

/// `[tls]` as it stands in the file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TlsFile {
    certificate: PathBuf,
    key: String,
    pin_file: Option<PathBuf>,
}

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where everybody is served; here or with TLS at least one address.
    pub listen: Vec<SocketAddr>,
    /// Where everybody is served with TLS.
    pub listen_tls: Vec<SocketAddr>,
    /// Where metrics and health are served.
    pub admin_listen: Vec<SocketAddr>,
    /// Certificate and key, where there are addresses with TLS.
    pub tls: Option<TlsSettings>,
    /// What clients may take.
    pub limits: Limits,
}

impl Http {
    /// Checks the settings. The addresses of the environment variable `variable`, separated by commas,
    /// stand in place of `listen` where it is set. Paths are relative to `folder`.
    ///
    /// # Errors
    /// [`SettingError::Value`], which names what was read.
    pub fn new(
        file: HttpFile,
        folder: &Path,
        variable: env::Variable,
        value: Option<&str>,
    ) -> Result<Self, SettingError> {
        let listen = match value {
            Some(list) => addresses(variable.name, list.split(',').map(str::trim))?,
            None => addresses("listen", file.listen.iter().map(String::as_str))?,
        };
        let listen_tls = file.listen_tls.iter().map(String::as_str);
        let listen_tls = addresses("listen-tls", listen_tls)?;
        if listen.is_empty() && listen_tls.is_empty() {
            return Err(wrong("listen", "[]"));
        }
        let tls = match (file.tls, listen_tls.first()) {
            (Some(tls), Some(_)) => Some(TlsSettings {
                certificate: folder.join(tls.certificate),
                key: key_location(tls.key, folder)?,
                pin_file: tls.pin_file.map(|path| folder.join(path)),
            }),
            (None, None) => None,
            (None, Some(address)) => {
                return Err(SettingError::Value {
                    setting: "listen-tls",
                    value: address.to_string(),
                    reason: "it needs certificate and key in the table [tls]".into(),
                });
            }
            (Some(tls), None) => {
                return Err(SettingError::Value {
                    setting: "tls.certificate",
                    value: tls.certificate.display().to_string(),
                    reason: "it is for addresses in listen-tls, and there are none".into(),
                });
            }
        };
        let admin = file.admin_listen.iter().map(String::as_str);
        let admin_listen = addresses("admin-listen", admin)?;
        each_once(&[
            ("listen", &listen),
            ("listen-tls", &listen_tls),
            ("admin-listen", &admin_listen),
        ])?;
        Ok(Self {
            listen,
            listen_tls,
            admin_listen,
            tls,
            limits: file.limits.check()?,
        })
    }

    /// Opens certificate and key of the addresses with TLS, where there are some. `pin` is where the
    /// key's PIN comes from where no file is named.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn open_tls(&self, pin: PinSource) -> Result<Option<Tls>, SettingError> {
        let tls = self.tls.clone();
        tls.map(|settings| Tls::open(settings, pin)).transpose()
    }
}

fn addresses<'a>(
    setting: &'static str,
    list: impl Iterator<Item = &'a str>,
) -> Result<Vec<SocketAddr>, SettingError> {
    list.map(|text| text.parse().map_err(|_| wrong(setting, text)))
        .collect()
}

/// No address stands twice, in one setting or in two. Port 0 is another one each time.
fn each_once(settings: &[(&'static str, &[SocketAddr])]) -> Result<(), SettingError> {
    let mut seen = HashSet::new();
    for (setting, addresses) in settings {
        for address in addresses.iter().filter(|a| a.port() != 0) {
            if !seen.insert(address) {
                return Err(SettingError::Value {
                    setting,
                    value: address.to_string(),
                    reason: "the address stands there twice, or in another setting too".into(),
                });
            }
        }
    }
    Ok(())
}

fn wrong(setting: &'static str, value: &str) -> SettingError {
    SettingError::Value {
        setting,
        value: value.into(),
        reason: "an address and a port are needed, such as 127.0.0.1:8080 or [::1]:8080".into(),
    }
}

//! What both services' files say about HTTP: where to listen.

use std::net::SocketAddr;

use cli_support::env;

use super::SettingError;

/// The settings as they stand in the file.
#[derive(Debug, Default)]
pub struct HttpFile {
    /// Addresses for everybody.
    pub listen: Vec<String>,
    /// Addresses for the operator.
    pub admin_listen: Vec<String>,
}

/// The settings, checked.
#[derive(Clone, Debug, Default)]
pub struct Http {
    /// Where everybody is served, at least one address.
    pub listen: Vec<SocketAddr>,
    /// Where metrics and health are served.
    pub admin_listen: Vec<SocketAddr>,
}

impl Http {
    /// Checks the settings. The addresses of the environment variable `variable`, separated by commas,
    /// stand in place of `listen` where it is set.
    ///
    /// # Errors
    /// [`SettingError::Value`], which names what was read.
    pub fn new(
        file: HttpFile,
        variable: env::Variable,
        value: Option<&str>,
    ) -> Result<Self, SettingError> {
        let listen = match value {
            Some(list) => addresses(variable.name, list.split(',').map(str::trim))?,
            None => addresses("listen", file.listen.iter().map(String::as_str))?,
        };
        if listen.is_empty() {
            return Err(wrong("listen", "[]"));
        }
        let admin = file.admin_listen.iter().map(String::as_str);
        Ok(Self {
            listen,
            admin_listen: addresses("admin-listen", admin)?,
        })
    }
}

fn addresses<'a>(
    setting: &'static str,
    list: impl Iterator<Item = &'a str>,
) -> Result<Vec<SocketAddr>, SettingError> {
    list.map(|text| text.parse().map_err(|_| wrong(setting, text)))
        .collect()
}

fn wrong(setting: &'static str, value: &str) -> SettingError {
    SettingError::Value {
        setting,
        value: value.into(),
        reason: "an address and a port are needed, such as 127.0.0.1:8080 or [::1]:8080".into(),
    }
}

//! `[limits]`: what clients may take. Every setting has a default and bounds.

use std::time::Duration;

use super::SettingError;
use crate::clients::{Network, NotANetwork, Rate};
use crate::server::Limits;

/// The table as it stands in the file.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimitsFile {
    connections: Option<u64>,
    connections_per_address: Option<u64>,
    requests_per_second: Option<u64>,
    burst: Option<u64>,
    addresses: Option<u64>,
    #[serde(default)]
    trusted_proxies: Vec<String>,
    header_octets: Option<u64>,
    body_octets: Option<u64>,
    handshakes: Option<u64>,
    handshake_seconds: Option<u64>,
    stall_seconds: Option<u64>,
    sending_octets_per_second: Option<u64>,
    body_seconds: Option<u64>,
    answer_seconds: Option<u64>,
    drain_seconds: Option<u64>,
}

impl LimitsFile {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`SettingError::Value`], the first one that is out of bounds.
    pub fn check(&self) -> Result<Limits, SettingError> {
        let mut limits = Limits::default();
        let size = |limit: &mut usize, value, setting, least, most| {
            let value = bounded(value, setting, least, most)?;
            *limit = value
                .and_then(|v| usize::try_from(v).ok())
                .unwrap_or(*limit);
            Ok::<_, SettingError>(())
        };
        let time = |limit: &mut Duration, value, setting| {
            let value = bounded(value, setting, 1, 3600)?;
            *limit = value.map_or(*limit, Duration::from_secs);
            Ok::<_, SettingError>(())
        };
        let (many, octets) = (1_000_000, 16 * 1024 * 1024);
        size(
            &mut limits.connections,
            self.connections,
            "connections",
            1,
            many,
        )?;
        size(
            &mut limits.header_octets,
            self.header_octets,
            "header-octets",
            8192,
            octets,
        )?;
        size(
            &mut limits.body_octets,
            self.body_octets,
            "body-octets",
            1024,
            octets,
        )?;
        size(
            &mut limits.handshakes,
            self.handshakes,
            "handshakes",
            1,
            many,
        )?;
        size(
            &mut limits.sending_octets_per_second,
            self.sending_octets_per_second,
            "sending-octets-per-second",
            0,
            octets,
        )?;
        time(
            &mut limits.handshake,
            self.handshake_seconds,
            "handshake-seconds",
        )?;
        time(&mut limits.stall, self.stall_seconds, "stall-seconds")?;
        time(&mut limits.body, self.body_seconds, "body-seconds")?;
        time(&mut limits.answer, self.answer_seconds, "answer-seconds")?;
        time(&mut limits.drain, self.drain_seconds, "drain-seconds")?;
        let clients = &mut limits.clients;
        size(
            &mut clients.connections,
            self.connections_per_address,
            "connections-per-address",
            1,
            many,
        )?;
        size(
            &mut clients.remembered,
            self.addresses,
            "addresses",
            1024,
            10_000_000,
        )?;
        clients.proxies = proxies(&self.trusted_proxies)?;
        clients.rate = self.rate()?;
        Ok(limits)
    }

    fn rate(&self) -> Result<Option<Rate>, SettingError> {
        let whole = |value, setting| {
            let value = bounded(value, setting, 1, 1_000_000)?;
            Ok::<_, SettingError>(value.and_then(|v| u32::try_from(v).ok()))
        };
        let per_second = whole(self.requests_per_second, "requests-per-second")?;
        let burst = whole(self.burst, "burst")?;
        match (per_second, burst) {
            (None, Some(burst)) => Err(SettingError::Value {
                setting: "limits.burst",
                value: burst.to_string(),
                reason: "it goes with requests-per-second, which is not set".into(),
            }),
            (per_second, burst) => Ok(per_second.map(|per_second| Rate {
                per_second,
                burst: burst.unwrap_or(per_second),
            })),
        }
    }
}

fn proxies(texts: &[String]) -> Result<Vec<Network>, SettingError> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|error: NotANetwork| SettingError::Value {
                setting: "limits.trusted-proxies",
                value: text.clone(),
                reason: error.to_string(),
            })
    };
    texts.iter().map(parse).collect()
}

fn bounded(
    value: Option<u64>,
    setting: &'static str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, SettingError> {
    match value {
        Some(value) if !(least..=most).contains(&value) => Err(SettingError::Value {
            setting,
            value: value.to_string(),
            reason: format!("from {least} to {most}"),
        }),
        value => Ok(value),
    }
}

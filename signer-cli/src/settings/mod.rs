//! The settings file of `sceau`: what a signer would otherwise type each time, and what may not be
//! typed at all, such as a password.
//!
//! A table is a file of this folder: its keys, and what they become. A new one is a field of
//! [`Settings`] and a section of docs/settings.md. Paths are relative to the settings file.

mod cache;
mod evidence;
mod network;
mod remote;
mod time_stamp;
mod trusted_lists;
mod tsa;
mod visible;

use std::env;
use std::path::{Path, PathBuf};

use cli_support::{Exit, Failure, config, input};
use hsm_pkcs11::KeyLocation;
use secrecy::SecretString;
use serde::Deserialize;
use zeroize::Zeroizing;

pub(crate) use cache::CacheTable;
pub(crate) use evidence::EvidenceTable;
pub(crate) use network::NetworkTable;
pub(crate) use remote::RemoteTable;
pub(crate) use time_stamp::TimeStampTable;
pub(crate) use trusted_lists::TrustedListsTable;
pub(crate) use tsa::{TsaTable, carries_secret, is_web};
pub(crate) use visible::VisibleTable;

use crate::key_name::KeyName;
use crate::sign::Level;
use crate::verify_report::LanguageArg;

/// A password or a token is a line.
const MAX_SECRET_FILE: u64 = 16 << 10;

/// `--settings`
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SettingsArgs {
    /// Read defaults, time-stamping authorities and network settings from this file
    ///
    /// Without it: the file that SCEAU_SETTINGS names, else sceau/sceau.toml in the folder of
    /// XDG_CONFIG_HOME (~/.config), where there is one.
    #[arg(long, global = true, value_name = "FILE", help_heading = "Output")]
    settings: Option<PathBuf>,
}

/// What the file says. Every key may be missing, and one that is not known is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// Where it was read.
    #[serde(skip)]
    pub(crate) file: Option<PathBuf>,
    /// The signer's key: a PKCS#11 URI, a file, or a credential at a signing service.
    #[serde(default, deserialize_with = "key_location")]
    pub(crate) key: Option<KeyName>,
    /// Its PIN or passphrase.
    pub(crate) pin_file: Option<PathBuf>,
    /// Its certificate, where it is not beside the key.
    pub(crate) certificate: Option<PathBuf>,
    /// Certificates of the authorities above it.
    #[serde(default)]
    pub(crate) chain: Vec<PathBuf>,
    /// The level of new signatures.
    pub(crate) level: Option<Level>,
    /// Whom to trust: files and folders.
    #[serde(default)]
    pub(crate) trust: Vec<PathBuf>,
    /// The language of reports for people.
    pub(crate) language: Option<LanguageArg>,
    /// Whom states trust.
    #[serde(default)]
    pub(crate) trusted_lists: TrustedListsTable,
    /// Time-stamping authorities, in the order they are asked.
    #[serde(default)]
    pub(crate) tsa: Vec<TsaTable>,
    /// Signing services.
    #[serde(default)]
    pub(crate) remote: Vec<RemoteTable>,
    /// How time-stamps are asked for.
    #[serde(default)]
    pub(crate) time_stamp: TimeStampTable,
    /// Proxy and time-outs.
    #[serde(default)]
    pub(crate) network: NetworkTable,
    /// What is remembered of the network.
    #[serde(default)]
    pub(crate) cache: CacheTable,
    /// What validation data must be like.
    #[serde(default)]
    pub(crate) evidence: EvidenceTable,
    /// What visible signatures look like.
    #[serde(default)]
    pub(crate) visible: Vec<VisibleTable>,
}

impl SettingsArgs {
    /// Reads the file; without one, nothing is set.
    pub(crate) fn load(&self) -> Result<Settings, Failure> {
        let named = self
            .settings
            .clone()
            .or_else(|| variable(cli_support::env::SETTINGS.name));
        if let Some(path) = named {
            return read(&path);
        }
        match default_path() {
            Some(path) if path.is_file() => read(&path),
            _ => Ok(Settings::default()),
        }
    }
}

/// `$XDG_CONFIG_HOME/sceau/sceau.toml`
fn default_path() -> Option<PathBuf> {
    Some(base("XDG_CONFIG_HOME", ".config")?.join("sceau/sceau.toml"))
}

/// A base directory (XDG Base Directory Specification): the variable's where it is an absolute path,
/// else the one below the home folder.
pub(crate) fn base(name: &str, below_home: &str) -> Option<PathBuf> {
    variable(name)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(variable("HOME")?.join(below_home)))
}

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|v| !v.is_empty()).map(Into::into)
}

fn read(path: &Path) -> Result<Settings, Failure> {
    let mut settings: Settings = config::load(path)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    settings.resolve(&folder);
    settings.file = Some(path.to_owned());
    settings.check(path)?;
    Ok(settings)
}

impl Settings {
    fn resolve(&mut self, folder: &Path) {
        if let Some(KeyName::Here(KeyLocation::File(path))) = &mut self.key {
            below(folder, path);
        }
        let mut paths: Vec<&mut PathBuf> = Vec::new();
        paths.extend(&mut self.pin_file);
        paths.extend(&mut self.certificate);
        paths.extend(&mut self.chain);
        paths.extend(&mut self.trust);
        for tsa in &mut self.tsa {
            paths.extend(tsa.paths());
        }
        for remote in &mut self.remote {
            paths.extend(remote.paths());
        }
        for visible in &mut self.visible {
            paths.extend(visible.paths());
        }
        paths.extend(self.network.paths());
        paths.extend(self.cache.paths());
        paths.extend(self.trusted_lists.paths());
        for path in paths {
            below(folder, path);
        }
        self.trusted_lists.resolve(folder);
    }

    /// What no single key shows. Secrets and certificates are read when they are needed.
    fn check(&self, path: &Path) -> Result<(), Failure> {
        let wrong = |(message, hint): (String, &str)| {
            Failure::message(Exit::Config, format!("{}: {message}", path.display())).with_hint(hint)
        };
        for tsa in &self.tsa {
            tsa.check().map_err(wrong)?;
        }
        for remote in &self.remote {
            remote.check().map_err(wrong)?;
        }
        self.time_stamp.check().map_err(wrong)?;
        self.network.check().map_err(wrong)?;
        self.cache.check().map_err(wrong)?;
        VisibleTable::check(&self.visible).map_err(wrong)?;
        Ok(())
    }
}

fn below(folder: &Path, path: &mut PathBuf) {
    // `join` leaves an absolute path as it is. No shell was there to replace the `~`.
    *path = match (path.strip_prefix("~"), variable("HOME")) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => folder.join(&*path),
    };
}

fn key_location<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<KeyName>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// The one line of a file that holds a secret; `what` says which.
pub(crate) fn secret(path: &Path, what: &str) -> Result<SecretString, Failure> {
    let text = Zeroizing::new(input::read_text(path, what, MAX_SECRET_FILE)?);
    let line = text.trim_end_matches(['\r', '\n']);
    if line.starts_with('\u{feff}') {
        return Err(Failure::message(
            Exit::Data,
            format!(
                "{what} {} begins with a byte order mark, which an editor put there",
                path.display()
            ),
        )
        .with_hint("save it as UTF-8 without one"));
    }
    if line.is_empty() || line.contains(['\r', '\n']) {
        return Err(Failure::message(
            Exit::Data,
            format!("{what} {} does not hold exactly one line", path.display()),
        )
        .with_hint("write the secret alone into the file, on its first line"));
    }
    Ok(SecretString::from(line))
}

//! `--trusted-list`: the lists of whoever asks, from files and URLs, each checked with the signers that are
//! named.

use std::path::{Path, PathBuf};

use ades::evidence::Fetch;
use clap::ValueEnum;
use cli_support::{Exit, Failure};
use pki_asn1::{Clock, SystemClock, UnixTime};
use serde::Deserialize;
use trust_lists::load::{Expired, LoadError, Loader, Source, TrustedLists};

use crate::list_editions::Remembered;
use crate::network::{Access, Network};
use crate::settings::{Settings, is_web};
use crate::verify_input;

/// No list is larger.
const LIST: u64 = 32 << 20;

/// Which lists, and who signs them.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Trusted lists")]
pub(crate) struct TrustedListArgs {
    /// A trusted list, or a list of lists (TS 119 612): a file or an http(s) URL (repeatable)
    ///
    /// Its granted services are trusted, and say whether certificates and time-stamps are qualified. The lists
    /// that a list of lists points at are fetched. Default: those of the settings file.
    #[arg(long, value_name = "FILE|URL")]
    trusted_list: Vec<String>,

    /// Who may sign the lists that are named: a certificate, or a folder of them (repeatable)
    ///
    /// The signers of lists that a list of lists points at are those that it names.
    #[arg(long, value_name = "PATH")]
    trusted_list_signer: Vec<PathBuf>,

    /// What to do with a list whose next update was due before now; refuse if absent
    #[arg(long, value_enum)]
    expired_list: Option<ExpiredArg>,
}

/// What to do with a list that has run out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ExpiredArg {
    /// Nothing in it counts
    Refuse,
    /// It counts, and the report says that it has run out
    Accept,
}

/// What was chosen, from the command line or the settings.
pub(crate) struct Chosen {
    lists: Vec<String>,
    signers: Vec<PathBuf>,
    expired: Expired,
}

impl TrustedListArgs {
    /// Whether a list was named on the command line.
    pub(crate) fn is_given(&self) -> bool {
        !self.trusted_list.is_empty()
    }

    /// The files among what was named on the command line.
    pub(crate) fn reads(&self) -> impl Iterator<Item = PathBuf> + '_ {
        let lists = self.trusted_list.iter().filter(|list| !is_web(list));
        let lists = lists.map(PathBuf::from);
        lists.chain(self.trusted_list_signer.iter().cloned())
    }

    /// The lists that paths may end in, chosen and read as of now.
    pub(crate) fn read_now(
        &self,
        network: &Network<'_>,
        access: Access,
    ) -> Result<TrustedLists, Failure> {
        let fetch = match access {
            Access::Online => Some(network.fetch()),
            Access::Offline => None,
        };
        let fetch = fetch.as_deref().map(|f| f as &dyn Fetch);
        self.choose(network.settings())
            .load(SystemClock.now(), fetch, network.cache_folder())
    }

    /// Puts the command line before the settings.
    pub(crate) fn choose(&self, settings: &Settings) -> Chosen {
        let table = &settings.trusted_lists;
        let or = |here: &[PathBuf], there: &[PathBuf]| {
            if here.is_empty() { there } else { here }.to_vec()
        };
        let lists = if self.trusted_list.is_empty() {
            table.lists.clone()
        } else {
            self.trusted_list.clone()
        };
        Chosen {
            lists,
            signers: or(&self.trusted_list_signer, &table.signers),
            expired: match self.expired_list.or(table.expired) {
                Some(ExpiredArg::Accept) => Expired::Accept,
                Some(ExpiredArg::Refuse) | None => Expired::Refuse,
            },
        }
    }
}

impl Chosen {
    /// The files among them, and those of their signers.
    pub(crate) fn reads(&self) -> impl Iterator<Item = PathBuf> + use<> {
        let lists = self.lists.iter().filter(|list| !is_web(list));
        let lists: Vec<PathBuf> = lists.map(PathBuf::from).collect();
        lists.into_iter().chain(self.signers.clone())
    }

    /// Whether no list was named.
    pub(crate) fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Reads and checks all of them as of `now`. What was relied on is remembered in the folder of the cache.
    pub(crate) fn load(
        &self,
        now: UnixTime,
        fetch: Option<&dyn Fetch>,
        cache: Option<&Path>,
    ) -> Result<TrustedLists, Failure> {
        let mut out = TrustedLists::default();
        if self.lists.is_empty() {
            return Ok(out);
        }
        if self.signers.is_empty() {
            return Err(Failure::message(
                Exit::Usage,
                "nobody is named who may sign the trusted lists, so none can be relied on",
            )
            .with_hint(
                "give the certificate of the scheme's operator with --trusted-list-signer, or signers in [trusted-lists] of the settings file",
            ));
        }
        let signers = verify_input::certificates(&self.signers)?;
        let remembered = fetch.map(|f| Remembered::new(f, cache));
        let source = remembered.as_ref().map(|s| s as &dyn Source);
        let loader = Loader {
            source,
            now,
            expired: self.expired,
        };
        for location in &self.lists {
            let octets = octets(location, source)?;
            let loaded = loader
                .load(location, &octets, &signers)
                .map_err(|e| failure(location, e))?;
            out.extend(loaded);
        }
        if let Some(remembered) = &remembered {
            remembered.save();
        }
        Ok(out)
    }
}

fn octets(location: &str, source: Option<&dyn Source>) -> Result<Vec<u8>, Failure> {
    if !is_web(location) {
        return cli_support::input::read(location.as_ref(), "the trusted list", LIST);
    }
    match source {
        Some(source) => source
            .get(location)
            .map_err(|why| failure(location, LoadError::Fetch(why))),
        None => Err(Failure::message(
            Exit::Usage,
            format!("the trusted list {location} cannot be fetched with --offline"),
        )
        .with_hint("give the list as a file")),
    }
}

fn failure(location: &str, error: LoadError) -> Failure {
    let exit = match &error {
        LoadError::Fetch(_) => Exit::Io,
        _ => Exit::Data,
    };
    let hint = match &error {
        LoadError::Expired(_) => {
            Some("get the current list, or accept this one with --expired-list accept")
        }
        other => other.hint(),
    };
    let failure = Failure::new(exit, error)
        .with_context(format!("the trusted list {location} cannot be relied on"));
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

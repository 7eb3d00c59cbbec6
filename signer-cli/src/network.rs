//! The network as the settings file and the command line want it: one client, its cache, the
//! time-stamping authorities, and the collector of validation data.

use core::time::Duration;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ades::evidence::{CacheLimits, Cached, Collector, Fetch, HttpFetch};
use ades::net::{HttpClient, HttpSettings, Proxy, ProxySetting, UreqClient};
use ades::tsp::{Authority, Client, TimeStamper};
use cli_support::{Exit, Failure};

use crate::settings::{self, RemoteTable, Settings, TsaTable, carries_secret, is_web};

/// What every command with network access takes.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArgs {
    /// Give up on one exchange with a server after so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: Option<u64>,

    /// Reach servers through this proxy (http://HOST:PORT), or none
    ///
    /// Without it: the settings file's, else that of HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.
    #[arg(long, value_name = "URL")]
    proxy: Option<String>,

    /// Keep OCSP responses, CRLs and certificates in this folder
    ///
    /// Without it: the settings file's, else sceau in the folder of XDG_CACHE_HOME (~/.cache).
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache_dir: Option<PathBuf>,

    /// Neither use nor keep OCSP responses, CRLs and certificates of earlier runs
    #[arg(long)]
    no_cache: bool,
}

/// Opens connections as it was asked to.
pub(crate) struct Network<'s> {
    settings: &'s Settings,
    http: HttpSettings,
    cache: Option<PathBuf>,
}

impl<'s> Network<'s> {
    /// The settings file that it was made with.
    pub(crate) fn settings(&self) -> &'s Settings {
        self.settings
    }

    /// Puts the command line before the settings. Nothing is connected to.
    pub(crate) fn new(settings: &'s Settings, args: &NetworkArgs) -> Result<Self, Failure> {
        let standard = HttpSettings::default();
        let table = &settings.network;
        let total_timeout = args
            .timeout
            .map(Duration::from_secs)
            .or(table.timeout())
            .unwrap_or(standard.total_timeout);
        let connect_timeout = table.connect_timeout().unwrap_or(standard.connect_timeout);
        let proxy = match &args.proxy {
            Some(text) => on_command_line(text)?,
            None => table.proxy()?.unwrap_or_default(),
        };
        let enabled = !args.no_cache && settings.cache.enabled.unwrap_or(true);
        let cache = args
            .cache_dir
            .clone()
            .or_else(|| settings.cache.folder.clone())
            .or_else(|| Some(settings::base("XDG_CACHE_HOME", ".cache")?.join("sceau")))
            .filter(|_| enabled || args.cache_dir.is_some());
        Ok(Self {
            settings,
            http: HttpSettings {
                connect_timeout: connect_timeout.min(total_timeout),
                total_timeout,
                proxy,
                ..standard
            },
            cache,
        })
    }

    fn client(&self) -> UreqClient {
        UreqClient::new(self.http.clone())
    }

    /// Where answers are kept between runs, if they are.
    pub(crate) fn cache_folder(&self) -> Option<&Path> {
        self.cache.as_deref()
    }

    /// For a signing service.
    pub(crate) fn transport(&self) -> Arc<dyn HttpClient> {
        Arc::new(self.client())
    }

    /// The signing services of the settings.
    pub(crate) fn remotes(&self) -> &[RemoteTable] {
        &self.settings.remote
    }

    /// For issuers, OCSP responses and CRLs.
    pub(crate) fn fetch(&self) -> Arc<dyn Fetch + Send + Sync> {
        self.fetch_within(self.settings.cache.limits())
    }

    /// As [`Self::fetch`], and no status is taken from an earlier run: a verdict is about now.
    pub(crate) fn fetch_status_now(&self) -> Arc<dyn Fetch + Send + Sync> {
        self.fetch_within(CacheLimits {
            reuse: Duration::ZERO,
            ..self.settings.cache.limits()
        })
    }

    /// As [`Self::fetch_status_now`], where many files are judged one after the other: what was fetched for one
    /// of them serves the next ones for as long as status in a file itself does.
    pub(crate) fn fetch_status_of_this_run(&self) -> Arc<dyn Fetch + Send + Sync> {
        const REUSE: Duration = Duration::from_secs(300);
        const MEMORY: u64 = 64 << 20;
        let limits = CacheLimits {
            bytes: MEMORY,
            reuse: REUSE,
            ..CacheLimits::default()
        };
        Arc::new(Cached::in_memory(self.fetch_status_now()).with_limits(limits))
    }

    fn fetch_within(&self, limits: CacheLimits) -> Arc<dyn Fetch + Send + Sync> {
        let fetch = HttpFetch(self.client());
        match &self.cache {
            Some(folder) => Arc::new(Cached::in_folder(fetch, folder).with_limits(limits)),
            // One run asks once, also where nothing is to be kept.
            None => Arc::new(Cached::in_memory(fetch).with_limits(limits)),
        }
    }

    /// Collects validation data; `online` or from what is at hand.
    pub(crate) fn collector(&self, access: Access) -> Collector {
        let collector = match access {
            Access::Online => Collector::new(self.fetch()),
            Access::Offline => Collector::offline(),
        };
        collector.with_freshness(self.settings.evidence.freshness())
    }

    /// The authorities that `--tsa` names, else those of the settings, else none.
    pub(crate) fn time_stamper(
        &self,
        named: &[String],
    ) -> Result<Option<Box<dyn TimeStamper>>, Failure> {
        let mut authorities = Vec::new();
        for name in named {
            authorities.push(self.named(name)?);
        }
        if named.is_empty() {
            for table in &self.settings.tsa {
                authorities.push(self.authority(table)?);
            }
        }
        if authorities.is_empty() {
            return Ok(None);
        }
        let mut client = Client::of(authorities);
        if let Some(digest) = self.settings.time_stamp.digest() {
            client = client.with_digest(digest);
        }
        Ok(Some(Box::new(client)))
    }

    /// `--tsa`: a URL, or the name of a table; a table's URL brings the table's credentials.
    fn named(&self, name: &str) -> Result<Authority, Failure> {
        let usage = |message: String, hint: &str| {
            Err(Failure::message(Exit::Usage, message).with_hint(hint))
        };
        let tables = &self.settings.tsa;
        if let Some(table) = tables
            .iter()
            .find(|t| t.url == name || t.name.as_deref() == Some(name))
        {
            return self.authority(table);
        }
        if carries_secret(name) {
            return usage(
                "--tsa holds a user name or password, which every user of this machine can read"
                    .into(),
                "put the authority into the settings file, with username and password-file",
            );
        }
        if !is_web(name) {
            return usage(
                format!("--tsa {name} is not an http or https URL"),
                "give a URL such as http://tsa.sceau.example/, or the name of a [[tsa]] table of the settings file",
            );
        }
        Ok(Authority {
            url: name.to_owned(),
            http: Arc::new(self.client()),
            authorization: None,
            policy: None,
        })
    }

    fn authority(&self, table: &TsaTable) -> Result<Authority, Failure> {
        let http: Arc<dyn HttpClient> = match table.tls()? {
            Some(tls) => Arc::new(UreqClient::new(HttpSettings {
                client_certificate: tls.own,
                tls_roots: tls.trusted,
                ..self.http.clone()
            })),
            None => Arc::new(self.client()),
        };
        Ok(Authority {
            url: table.url.clone(),
            http,
            authorization: table.authorization()?,
            // It was looked at when the file was read.
            policy: table.policy().unwrap_or_default(),
        })
    }
}

/// Whether validation data may be fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    Online,
    Offline,
}

fn on_command_line(text: &str) -> Result<ProxySetting, Failure> {
    if text == "none" {
        return Ok(ProxySetting::Direct);
    }
    let usage =
        |message: String, hint: &str| Failure::message(Exit::Usage, message).with_hint(hint);
    if carries_secret(text) {
        return Err(usage(
            "--proxy holds a user name or password, which every user of this machine can read"
                .into(),
            "put the proxy into the settings file, with proxy-username and proxy-password-file, or into HTTP_PROXY",
        ));
    }
    let proxy = Proxy::parse(text).map_err(|why| {
        usage(
            format!("--proxy: {why}"),
            "give a URL such as http://proxy.sceau.example:3128, or none",
        )
    })?;
    Ok(ProxySetting::Through(
        Box::new(proxy),
        ades::net::NoProxy::default(),
    ))
}

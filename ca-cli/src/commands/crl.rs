//! `sceau-ca crl`: issue what is ordered, what is due, or tell how CRLs stand.

use core::time::Duration;
use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

use ca_core::crl::{CrlKind, CrlName, CrlScope, CrlStanding};
use ca_core::store::PublishedCrl;
use ca_core::{Actors, AuthorityKey, CaEngine, IssuedCrl};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, Table};
use pki_asn1::{CertificateList, pem};
use serde::Serialize;

use super::{issued, shown};
use crate::actors::actors;
use crate::cli::Crl;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder, configuration, location};
use crate::keys;
use crate::pause::Pause;
use crate::report::CrlReport;

/// Ten million entries.
const CRL_LIMIT: u64 = 1 << 29;

#[derive(Serialize)]
struct Report {
    authority: String,
    name: String,
    file: String,
    #[serde(flatten)]
    crl: CrlReport,
    base: Option<u64>,
    entries: Option<u64>,
    size: u64,
    out: Option<String>,
    #[serde(skip)]
    published: PublishedCrl,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StandingReport {
    authority: String,
    name: String,
    file: String,
    number: Option<u64>,
    this_update: Option<String>,
    next_update: Option<String>,
    due: String,
    standing: &'static str,
}

pub(super) fn run(dir: &Path, args: &Crl, output: &OutputArgs) -> Result<Exit, Failure> {
    if args.status {
        return status(dir, args, output);
    }
    if args.watch {
        return watch(dir, args, output);
    }
    // Before the record is taken: it is left as it is where the file is refused.
    let mut file = args
        .out
        .as_ref()
        .map(|path| AtomicFile::create(path, replaceable(path)))
        .transpose()?;
    let folder = Folder::open(dir, Access::Write)?;
    let mut keys = Keys::default();
    let mut reports = Vec::new();
    let mut failures = Failures::default();
    for name in names(&folder.engine, args)? {
        let issued = match issue(&folder, &name, args, &mut keys) {
            Ok(issued) => issued,
            Err(failure) => {
                failures.push(failure, &name, args)?;
                continue;
            }
        };
        if let Some(file) = file.take() {
            write(&folder.engine, file, &name, &issued)?;
        }
        reports.extend(issued.into_iter().map(|crl| report(&name, crl, args)));
    }
    output.result(&reports, || reports.iter().map(Report::text).collect())?;
    failures.finish()
}

/// Issues what is due until SIGTERM or SIGINT. The record is taken only while something is issued, so
/// that other commands have their turn. What a signal finds begun is finished.
fn watch(dir: &Path, args: &Crl, output: &OutputArgs) -> Result<Exit, Failure> {
    let mut keys = Keys::default();
    // Copies of a database learn from whoever stays that their primary lives.
    let storage = configuration(dir)?.storage;
    let _pulse = location(dir, storage.as_ref())?.pulse().explained()?;
    {
        // Whoever is asked for a passphrase is there now, and not at three in the morning.
        let folder = Folder::open(dir, Access::Read)?;
        for name in names(&folder.engine, args)? {
            keys.of(&folder, &name, args)?;
        }
    }
    let mut pause = Pause::new()
        .exit(Exit::Unavailable)
        .context("cannot wait for signals")?;
    loop {
        match round(dir, args, output, &mut keys) {
            Ok(()) => {}
            // Nobody reads what is printed: the end.
            Err(failure) if failure.exit == Exit::Io => return Err(failure),
            Err(failure) => tracing::error!("{:#}", failure.error),
        }
        if pause.wait(Duration::from_secs(args.every)).is_break() {
            return Ok(Exit::Ok);
        }
    }
}

fn round(dir: &Path, args: &Crl, output: &OutputArgs, keys: &mut Keys) -> Result<(), Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let now = folder.engine.now();
    let mut due = Vec::new();
    for name in names(&folder.engine, args)? {
        let standings = folder.engine.crl_standings(&name).explained()?;
        if standings.iter().any(|standing| standing.is_due(now)) {
            due.push(name);
        }
    }
    drop(folder);
    if due.is_empty() {
        return Ok(());
    }
    let folder = Folder::open(dir, Access::Write)?;
    for name in due {
        let key = keys.of(&folder, &name, args)?;
        warn_late(&folder.engine, &name)?;
        let issued = folder
            .engine
            .publish_due(&key, &actors(&args.actors).also("service crl --watch"))
            .explained()
            .map_err(|failure| failure.with_context(format_args!("no CRL of {name}")))?;
        let reports: Vec<_> = issued
            .into_iter()
            .map(|crl| report(&name, crl, args))
            .collect();
        output.result(&reports, || reports.iter().map(Report::text).collect())?;
    }
    Ok(())
}

fn status(dir: &Path, args: &Crl, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let mut reports = Vec::new();
    let mut exit = Exit::Ok;
    for name in names(&folder.engine, args)? {
        let standings = folder.engine.crl_standings(&name).explained()?;
        if standings.iter().any(|s| s.freshness.is_alarm()) {
            exit = Exit::Failed;
        }
        reports.extend(standings.iter().map(|s| StandingReport::new(&name, s)));
    }
    output.result(&reports, || {
        let mut table = Table::new(["CA", "CRL", "NUMBER", "ISSUED", "NEXT UPDATE", "DUE", ""]);
        for r in &reports {
            table.row([
                r.authority.as_str(),
                &r.name,
                &r.number.map_or_else(|| "-".to_owned(), |n| n.to_string()),
                r.this_update.as_deref().unwrap_or("-"),
                r.next_update.as_deref().unwrap_or("-"),
                &r.due,
                r.standing,
            ]);
        }
        if table.is_empty() {
            return "no authority\n".to_owned();
        }
        table.to_string()
    })?;
    Ok(exit)
}

/// The lines of CRLs for which somebody must be told, of all authorities.
pub(super) fn alarms(engine: &CaEngine) -> Result<Vec<String>, Failure> {
    let mut alarms = Vec::new();
    for authority in engine.authorities().explained()? {
        if authority.certificate.not_after() < engine.now() {
            continue;
        }
        for standing in engine.crl_standings(&authority.name).explained()? {
            if standing.freshness.is_alarm() {
                alarms.push(late(&authority.name, &standing));
            }
        }
    }
    Ok(alarms)
}

fn late(authority: &str, standing: &CrlStanding) -> String {
    format!(
        "{}: {}, due since {}",
        standing.name.file_name(authority),
        standing.freshness.name(),
        standing.due
    )
}

fn warn_late(engine: &CaEngine, authority: &str) -> Result<(), Failure> {
    for standing in engine.crl_standings(authority).explained()? {
        if standing.freshness.is_alarm() {
            tracing::warn!("{}", late(authority, &standing));
        }
    }
    Ok(())
}

/// Whose CRLs are meant. An authority that has expired issues none, nor one that made its last: its key
/// may be destroyed.
fn names(engine: &CaEngine, args: &Crl) -> Result<Vec<String>, Failure> {
    if let Some(name) = &args.whose.ca {
        engine.authority(name).explained()?;
        return Ok(vec![name.clone()]);
    }
    let scheduled = args.due || args.watch || args.status;
    let now = engine.now();
    let mut names = Vec::new();
    for authority in engine.authorities().explained()? {
        let is_past = scheduled && authority.certificate.not_after() < now;
        // Those whose key is elsewhere get their CRLs with `ca import-crl`.
        let makes_crls = authority.has_key_here() && !has_ended(engine, &authority.name)?;
        if !is_past && (args.status || makes_crls) {
            names.push(authority.name);
        }
    }
    Ok(names)
}

fn has_ended(engine: &CaEngine, authority: &str) -> Result<bool, Failure> {
    let life = engine.life(authority).explained()?;
    Ok(life.terminated_at.is_some() && engine.has_last_crl(authority).explained()?)
}

fn issue(
    folder: &Folder,
    name: &str,
    args: &Crl,
    keys: &mut Keys,
) -> Result<Vec<PublishedCrl>, Failure> {
    let engine = &folder.engine;
    let actors = actors(&args.actors);
    if args.due {
        let now = engine.now();
        let standings = engine.crl_standings(name).explained()?;
        // Where nothing is due, the key may stay in its safe.
        if !standings.iter().any(|standing| standing.is_due(now)) {
            return Ok(Vec::new());
        }
        warn_late(engine, name)?;
        let key = keys.of(folder, name, args)?;
        return engine.publish_due(&key, &actors).explained();
    }
    let key = keys.of(folder, name, args)?;
    let partitions = key.authority().crl_partitions;
    let scopes: Vec<_> = match args.partition {
        Some(n) => vec![CrlScope::Partition(n)],
        None if args.whole => vec![CrlScope::All],
        None => CrlScope::each(partitions).collect(),
    };
    if args.out.is_some() && scopes.len() > 1 {
        return Err(Failure::message(
            Exit::Usage,
            format_args!("{name} has {partitions} CRLs, and --out takes one"),
        )
        .with_hint("say which one with --partition N, or take all certificates with --whole"));
    }
    let kinds = kinds(engine, &key, args);
    let validity = validity(args);
    let mut issued = Vec::new();
    for scope in scopes {
        let more = engine
            .publish_crls(&key, scope, &kinds, validity, &actors)
            .explained()?;
        issued.extend(more);
    }
    Ok(issued)
}

/// Without another order: the complete CRL, and its delta where the authority has deltas.
fn kinds(engine: &CaEngine, key: &AuthorityKey, args: &Crl) -> Vec<CrlKind> {
    if args.delta {
        return vec![CrlKind::Delta];
    }
    if args.whole {
        return vec![CrlKind::Complete];
    }
    engine.crl_kinds(key.authority())
}

fn validity(args: &Crl) -> Option<Duration> {
    match (args.days, args.hours) {
        (Some(days), _) => Some(Duration::from_secs(u64::from(days) * 86_400)),
        (None, Some(hours)) => Some(Duration::from_secs(u64::from(hours) * 3_600)),
        (None, None) => None,
    }
}

/// Keys that were opened.
#[derive(Default)]
struct Keys(HashMap<String, AuthorityKey>);

impl Keys {
    fn of(&mut self, folder: &Folder, name: &str, args: &Crl) -> Result<AuthorityKey, Failure> {
        if let Some(key) = self.0.get(name) {
            return Ok(key.clone());
        }
        let key = keys::unlock(folder, name, &args.pin.source())?;
        self.0.insert(name.to_owned(), key.clone());
        Ok(key)
    }
}

/// What did not work, while the others went on.
#[derive(Default)]
struct Failures(Vec<Failure>);

impl Failures {
    /// One authority that cannot sign must not keep the others from publishing. A PIN that was refused
    /// is not sent for the next one: tokens lock.
    fn push(&mut self, failure: Failure, name: &str, args: &Crl) -> Result<(), Failure> {
        if !args.whose.all || failure.exit == Exit::Permission {
            return Err(failure);
        }
        self.0
            .push(failure.with_context(format_args!("no CRL of {name}")));
        Ok(())
    }

    fn finish(self) -> Result<Exit, Failure> {
        let count = self.0.len();
        match self.0.into_iter().next() {
            None => Ok(Exit::Ok),
            Some(failure) if count == 1 => Err(failure),
            Some(failure) => Err(failure.with_context(format_args!(
                "{count} authorities published no CRL; the first of them"
            ))),
        }
    }
}

/// Issues a complete CRL for a key ceremony.
pub(super) fn complete(
    folder: &Folder,
    key: &AuthorityKey,
    validity: Duration,
    actors: &Actors,
) -> Result<IssuedCrl, Failure> {
    folder.engine.issue_crl(key, validity, actors).explained()
}

/// Issues the last CRL of an authority that ended.
pub(super) fn last(folder: &Folder, key: &AuthorityKey, actors: &Actors) -> Result<(), Failure> {
    folder.engine.issue_last_crl(key, actors).explained()?;
    Ok(())
}

/// A CRL is replaced by its successor, and nothing else is: a slip must not cost the record or a key.
fn replaceable(path: &Path) -> Overwrite {
    let crl = issued::only(path, "X509 CRL", CRL_LIMIT)
        .and_then(|der| CertificateList::from_der(der).ok());
    match crl {
        Some(_) => Overwrite::Replace,
        None => Overwrite::Refuse,
    }
}

/// Writes the one CRL that was meant: of a complete CRL and its delta, the complete one.
fn write(
    engine: &CaEngine,
    file: AtomicFile,
    authority: &str,
    issued: &[PublishedCrl],
) -> Result<(), Failure> {
    let Some(crl) = issued.first() else {
        return Ok(());
    };
    copy(engine, file, authority, crl.name).map_err(|failure| {
        failure.with_context(format_args!(
            "CRL number {} of {authority} was published, but not written",
            crl.number
        ))
    })
}

/// Copies a published CRL piece by piece; PEM has to hold it.
fn copy(
    engine: &CaEngine,
    mut file: AtomicFile,
    authority: &str,
    name: CrlName,
) -> Result<(), Failure> {
    let found = engine.crl_stream(authority, name).explained()?;
    let Some(mut stream) = found else {
        return Err(Failure::message(Exit::Internal, "the CRL is not there"));
    };
    if file.path().extension().is_some_and(|e| e == "pem") {
        let mut der = Vec::new();
        while let Some(chunk) = stream.next_chunk().explained()? {
            der.extend(chunk);
        }
        let text = pem::encode("X509 CRL", &der)
            .context("cannot encode the CRL")
            .exit(Exit::Internal)?;
        file.write_all(text.as_bytes())?;
    } else {
        while let Some(chunk) = stream.next_chunk().explained()? {
            file.write_all(&chunk)?;
        }
    }
    Ok(file.commit()?)
}

fn report(authority: &str, crl: PublishedCrl, args: &Crl) -> Report {
    Report {
        authority: authority.to_owned(),
        name: crl.name.to_string(),
        file: crl.name.file_name(authority),
        crl: CrlReport::new(&crl),
        base: crl.base,
        entries: crl.entries,
        size: crl.size,
        out: args.out.as_deref().map(shown),
        published: crl,
    }
}

/// `CRL number 3, ...`, `delta CRL number 3, ...`, `partition 7 delta CRL number 3, ...`
pub(super) fn text(crl: &PublishedCrl) -> String {
    let name = match crl.name {
        CrlName::WHOLE => String::new(),
        name => format!("{name} "),
    };
    format!("{name}CRL {}", CrlReport::new(crl).text())
}

impl Report {
    fn text(&self) -> String {
        let entries = match self.entries {
            Some(1) => "1 entry".to_owned(),
            Some(n) => format!("{n} entries"),
            None => "entries not counted".to_owned(),
        };
        let mut text = format!("{}: {}, {entries}\n", self.authority, text(&self.published));
        if let Some(out) = &self.out {
            text += &format!("written {out}\n");
        }
        text
    }
}

impl StandingReport {
    fn new(authority: &str, standing: &CrlStanding) -> Self {
        Self {
            authority: authority.to_owned(),
            name: standing.name.to_string(),
            file: standing.name.file_name(authority),
            number: standing.latest.map(|l| l.number),
            this_update: standing.latest.map(|l| l.this_update.to_string()),
            next_update: standing.latest.map(|l| l.next_update.to_string()),
            due: standing.due.to_string(),
            standing: standing.freshness.name(),
        }
    }
}

//! `sceau-ca services renew | list`: the certificates of OCSP signers and time-stamping units, renewed
//! before they end, and put where the servers read them in one step.
//!
//! A service has a folder. Each renewal fills a new folder in it with key, certificate and chain, and then
//! turns the link `current` to it, which is one rename: a server finds the old pair or the new one, never
//! one half of each. Where the key is in a token, a file that names it stands for it.

mod key;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, PermissionsExt as _, chown, symlink,
};
use std::path::{Path, PathBuf};

use ca_core::{AuthorityKey, CaEngine, IssueRequest, QscdEvidence, Service, SubjectKey};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, Table};
use der::Decode as _;
use hsm_pkcs11::PinSource;
use pki_asn1::{Certificate, UnixTime, oid};
use serde::Serialize;
use x509_cert::ext::pkix::PrivateKeyUsagePeriod;

use self::key::NextKey;
use super::decide::{Decided, decide_service};
use super::{issued, ocsp_signer, show, shown, subject, validity};
use crate::cli::{Acting, ServicesCommand, ServicesWhich};
use crate::config::{ServiceConfig, ServiceKind};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::{day, sha256};

/// The link that servers follow.
const CURRENT: &str = "current";
const CERTIFICATE: &str = "certificate.pem";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    name: String,
    authority: String,
    not_after: Option<String>,
    renew_at: Option<String>,
    renewed: bool,
    sha256: Option<String>,
    certificate: String,
    /// The key in a token that a new one has replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_key: Option<String>,
}

pub(super) fn run(
    dir: &Path,
    command: &ServicesCommand,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    match command {
        ServicesCommand::List => list(dir, output),
        ServicesCommand::Renew { which, pin, acting } => {
            check_one(which, acting)?;
            let folder = Folder::open(dir, Access::Write)?;
            let configured = &folder.config.service;
            let chosen: Vec<_> = configured
                .iter()
                .filter(|s| which.service.as_ref().is_none_or(|name| *name == s.name))
                .collect();
            if chosen.is_empty() {
                let named = match &which.service {
                    Some(name) => format!(" {name:?}"),
                    None => String::new(),
                };
                return Err(Failure::message(
                    Exit::Unavailable,
                    format_args!("sceau-ca.toml has no [[service]]{named}"),
                )
                .with_hint("see docs/hierarchy.md, services"));
            }
            let unlock = |name: &str| keys::unlock(&folder, name, &pin.source());
            let mut reports = Vec::new();
            let mut failures = Vec::new();
            for service in chosen {
                let place = Place::new(&folder.path, service);
                let order = Order {
                    engine: &folder.engine,
                    service,
                    pin: &pin.source(),
                    acting,
                    output,
                };
                // One service that cannot be renewed must not keep the others waiting.
                match order.renew(&place, which.service.is_some(), &unlock) {
                    Ok(Some(report)) => reports.push(report),
                    // A statement was written, for somebody to sign.
                    Ok(None) => return Ok(Exit::Ok),
                    Err(failure) if failure.exit != Exit::Permission => {
                        failures.push(
                            failure.with_context(format_args!("{} is not renewed", service.name)),
                        );
                    }
                    Err(failure) => return Err(failure),
                }
            }
            output.result(&reports, || reports.iter().map(line).collect())?;
            match failures.into_iter().next() {
                None => Ok(Exit::Ok),
                Some(failure) => Err(failure),
            }
        }
    }
}

/// A decision is on one service.
fn check_one(which: &ServicesWhich, acting: &Acting) -> Result<(), Failure> {
    let decision = &acting.decision;
    let decided = !decision.operators.is_empty() || !decision.decisions.is_empty();
    if decided && which.service.is_none() {
        return Err(
            Failure::message(Exit::Usage, "an operator decides on one service")
                .with_hint("name it: --service NAME; renewals need no decision"),
        );
    }
    Ok(())
}

fn list(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let reports = folder
        .config
        .service
        .iter()
        .map(|service| {
            let place = Place::new(&folder.path, service);
            Ok(report(
                service,
                &place,
                place.certificate()?.as_ref(),
                false,
            ))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    output.result(&reports, || {
        let mut table = Table::new(["NAME", "CA", "UNTIL", "RENEWED FROM", "CERTIFICATE"]);
        for r in &reports {
            let time =
                |t: &Option<String>| t.as_deref().map_or("-".to_owned(), |t| day(t).to_owned());
            table.row([
                r.name.as_str(),
                &r.authority,
                &time(&r.not_after),
                &time(&r.renew_at),
                &r.certificate,
            ]);
        }
        if table.is_empty() {
            return "no service is configured: see docs/hierarchy.md\n".to_owned();
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

fn line(report: &Report) -> String {
    let until = report.not_after.as_deref().unwrap_or("-");
    if report.renewed {
        let mut line = format!("{}: renewed, valid until {until}\n", report.name);
        if let Some(key) = &report.replaced_key {
            line += &format!(
                "  {key} is no longer its key; docs/hierarchy.md says when and how to remove it\n"
            );
        }
        line
    } else {
        let from = report.renew_at.as_deref().unwrap_or("-");
        format!(
            "{}: valid until {until}, renewed from {from}\n",
            report.name
        )
    }
}

fn report(
    service: &ServiceConfig,
    place: &Place,
    certificate: Option<&Certificate>,
    renewed: bool,
) -> Report {
    Report {
        name: service.name.clone(),
        authority: service.ca.clone(),
        not_after: certificate.map(|c| c.not_after().to_string()),
        renew_at: certificate.map(|c| renew_at(c, service.renew_before_days).to_string()),
        renewed,
        sha256: certificate.map(sha256),
        certificate: shown(&place.current().join(CERTIFICATE)),
        replaced_key: None,
    }
}

/// From when on a certificate is renewed: `days` before it may no longer be used, and not before half
/// of its life is over.
fn renew_at(certificate: &Certificate, days: u32) -> UnixTime {
    let begin = certificate.not_before();
    let mut end = certificate.not_after();
    // A time-stamping unit stops signing long before its certificate ends.
    let usage = certificate
        .extension(&oid::CE_PRIVATE_KEY_USAGE_PERIOD)
        .and_then(|e| PrivateKeyUsagePeriod::from_der(e.extn_value.as_bytes()).ok())
        .and_then(|usage| usage.not_after);
    if let Some(stop) = usage {
        end = end.min(stop.into());
    }
    let half = begin.as_secs() + end.since(begin) / 2;
    UnixTime::from_secs((end.as_secs() - i64::from(days) * 86_400).max(half))
}

/// Where a service's files are.
struct Place(PathBuf);

impl Place {
    fn new(folder: &Path, service: &ServiceConfig) -> Self {
        Self(folder.join(&service.folder))
    }

    fn current(&self) -> PathBuf {
        self.0.join(CURRENT)
    }

    /// The certificate that servers find now.
    fn certificate(&self) -> Result<Option<Certificate>, Failure> {
        let path = self.current().join(CERTIFICATE);
        if !path.exists() {
            return Ok(None);
        }
        show::read_certificate(&path).map(Some)
    }

    /// A folder for the next pair.
    fn next(&self, now: UnixTime) -> Result<PathBuf, Failure> {
        let create = |path: &Path| {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(path)
                .context(format_args!("cannot create {}", path.display()))
                .exit(Exit::CantCreate)
        };
        create(&self.0)?;
        let name: String = now.to_string().chars().filter(|c| *c != ':').collect();
        // An interrupted renewal may have left one of the same second.
        let mut path = self.0.join(&name);
        let mut n = 1;
        while path.exists() {
            n += 1;
            path = self.0.join(format!("{name}-{n}"));
        }
        create(&path)?;
        Ok(path)
    }

    /// Servers find what is in `to` from now on.
    fn turn(&self, to: &Path) -> Result<(), Failure> {
        self.admit_group(to).context(format_args!(
            "cannot let the group of {} read {}",
            self.0.display(),
            to.display()
        ))?;
        let link = self.0.join(".current.new");
        if fs::symlink_metadata(&link).is_ok() {
            fs::remove_file(&link)?;
        }
        symlink(to.file_name().unwrap_or_default(), &link)?;
        fs::rename(&link, self.current())?;
        Ok(fs::File::open(&self.0)?.sync_all()?)
    }

    /// A server under another user reads its key and certificate through a group: where the operator made the
    /// service's folder for one (setgid, closed to others), what is in it is for that group too.
    fn admit_group(&self, made: &Path) -> std::io::Result<()> {
        let folder = fs::metadata(&self.0)?;
        if folder.mode() & 0o2057 != 0o2050 {
            return Ok(());
        }
        let admit = |path: &Path, mode: u32| {
            let now = fs::metadata(path)?;
            if now.gid() != folder.gid() {
                chown(path, None, Some(folder.gid()))?;
            }
            fs::set_permissions(path, fs::Permissions::from_mode(mode))
        };
        for entry in fs::read_dir(made)? {
            admit(&entry?.path(), 0o640)?;
        }
        admit(made, 0o2750)
    }
}

/// One service to renew.
struct Order<'a> {
    engine: &'a CaEngine,
    service: &'a ServiceConfig,
    pin: &'a PinSource,
    acting: &'a Acting,
    output: &'a OutputArgs,
}

impl Order<'_> {
    fn renew(
        &self,
        place: &Place,
        anyway: bool,
        unlock: &dyn Fn(&str) -> Result<AuthorityKey, Failure>,
    ) -> Result<Option<Report>, Failure> {
        let now = self.engine.now();
        let before = place.certificate()?;
        let due = before
            .as_ref()
            .is_none_or(|c| now >= renew_at(c, self.service.renew_before_days));
        if !(due || anyway) {
            return Ok(Some(report(self.service, place, before.as_ref(), false)));
        }
        let issuer = self.engine.authority(&self.service.ca).explained()?;
        let own = &issuer.certificate;
        let dn = match &self.service.subject {
            Some(text) => subject(text)?,
            None if self.service.kind == ServiceKind::OcspSigner => {
                ocsp_signer::derived_subject(own)?
            }
            None => {
                return Err(Failure::message(
                    Exit::Config,
                    format_args!("[[service]] {:?} has no subject", self.service.name),
                )
                .with_hint(
                    "a time-stamping unit has a name of its own: subject = \"C=..,O=..,CN=..\"",
                ));
            }
        };
        let profile = self.service.kind.profile();
        let service = Service {
            authority: &self.service.ca,
            profile,
            subject: &dn,
            request: None,
            validity: validity(None),
        };
        let decided = decide_service(self.engine, self.acting, &service, self.output)?;
        let Decided::Yes(actors) = decided else {
            return Ok(None);
        };
        // What the CA does by itself is done in the name of the service it does it for.
        let actors = actors.also(&format!("service {}", self.service.name));
        let key = NextKey::new(self.service, place, self.pin)?;
        // One that cannot be read keeps nobody from a new one.
        let key_before = place.reference().ok().flatten();
        let authority = unlock(&self.service.ca)?;
        let next = key.folder(now)?;
        let signer = key.provide(&next)?;
        let request = IssueRequest {
            profile: profile.to_owned(),
            subject: dn,
            key: SubjectKey::Held(signer.public_key().clone()),
            qscd: QscdEvidence::None,
            legislation: None,
            validity: validity(None),
            actors,
        };
        let issued = self.engine.issue(&authority, &request).explained()?;
        let certificate = issued.certificate;
        let put = |name: &str, certificates: &[Certificate]| {
            let mut file = AtomicFile::create(next.join(name), Overwrite::Refuse)?;
            file.write_all(issued::to_pem(certificates)?.as_bytes())?;
            Ok::<_, Failure>(file.commit()?)
        };
        put(CERTIFICATE, std::slice::from_ref(&certificate))?;
        put("chain.pem", &issued.chain)?;
        place.turn(&next)?;
        let key_now = place.reference()?;
        let mut report = report(self.service, place, Some(&certificate), true);
        report.replaced_key = key_before
            .filter(|before| key_now.as_ref() != Some(before))
            .map(|before| before.uri().to_string());
        Ok(Some(report))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ca_core::settings::LegislationConfig;
    use ca_core::{NewAuthority, Settings, SettingsConfig, Validity};
    use std::sync::Arc;

    use hsm_pkcs11::{KeyLocation, KeySpec, Signer, SoftwareKey};
    use pki_asn1::ManualClock;

    use super::*;
    use crate::config::ServiceKey;
    use crate::keys;

    fn service(kind: ServiceKind, key: ServiceKey) -> ServiceConfig {
        ServiceConfig {
            name: "s".into(),
            kind,
            ca: "companies".into(),
            folder: "services/s".into(),
            key,
            key_type: None,
            token_key: None,
            subject: Some(
                "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN=Service".into(),
            ),
            renew_before_days: 10,
        }
    }

    /// A timer once a day for a year: at every moment there is a pair, it is valid until after the next
    /// run, and it is no more often renewed than needed.
    #[test]
    fn a_year_of_daily_runs_leaves_no_gap() {
        let home = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new("2026-11-22T03:00:00Z".parse().unwrap()));
        let settings = Settings::new(SettingsConfig {
            base_url: "http://pki.sceau.example".into(),
            country: "MC".into(),
            policy_arc: "1.3.6.1.4.1.32473.1".into(),
            cps_uri: "https://sceau.example/cps".into(),
            pds: Vec::new(),
            legislation: LegislationConfig::default(),
        })
        .unwrap();
        let record = home.path().join("record.sqlite");
        let engine = CaEngine::create(record.as_path(), settings, clock.clone()).unwrap();
        let order = |name: &str, profile: &str| NewAuthority {
            name: name.into(),
            profile: profile.into(),
            subject: format!(
                "C=MC,O=Example Trust,organizationIdentifier=NTRMC-00S00001,CN={name}"
            )
            .parse()
            .unwrap(),
            key_location: format!("keys/{name}.pem"),
            validity: Validity::ProfileDefault,
            actors: ca_core::Actors::default(),
        };
        let key = || -> Arc<dyn Signer> { Arc::new(SoftwareKey::generate(KeySpec::P256).unwrap()) };
        let (root, companies) = (key(), key());
        engine
            .create_authority(&order("root", "root-ca"), root.clone(), None)
            .unwrap();
        let root = engine.unlock("root", root).unwrap();
        engine
            .create_authority(
                &order("companies", "issuing-ca"),
                companies.clone(),
                Some(&root),
            )
            .unwrap();
        let unlock = |name: &str| engine.unlock(name, companies.clone()).explained();
        let pin = PinSource::Value("correct horse battery staple".into());
        let day = Duration::from_secs(86_400);
        for (kind, key, most) in [
            (ServiceKind::OcspSigner, ServiceKey::New, 20),
            (ServiceKind::OcspSigner, ServiceKey::Same, 20),
            (ServiceKind::TimeStampingUnit, ServiceKey::New, 4),
        ] {
            let mut service = service(kind, key);
            service.folder = format!("services/{kind:?}-{key:?}").into();
            let place = Place::new(home.path(), &service);
            let (acting, output) = (Acting::default(), OutputArgs::default());
            let mut keys_seen = std::collections::HashSet::new();
            let mut renewals = 0;
            for _ in 0..366 {
                let order = Order {
                    engine: &engine,
                    service: &service,
                    pin: &pin,
                    acting: &acting,
                    output: &output,
                };
                renewals += u32::from(
                    order
                        .renew(&place, false, &unlock)
                        .unwrap()
                        .unwrap()
                        .renewed,
                );
                let current = place.certificate().unwrap().unwrap();
                let next_run = engine.now() + day;
                assert!(current.is_valid_at(engine.now()) && current.is_valid_at(next_run));
                keys_seen.insert(current.spki_der().to_vec());
                let pair = KeyLocation::File(place.current().join("key.pem"));
                assert!(
                    pair.to_string().ends_with("key.pem")
                        && place.current().join("key.pem").exists()
                );
                clock.advance(day);
            }
            assert!((1..=most).contains(&renewals), "{kind:?}: {renewals}");
            let expected = if key == ServiceKey::Same {
                1
            } else {
                renewals as usize
            };
            assert_eq!(keys_seen.len(), expected, "{kind:?} {key:?}");
            let opened =
                keys::open(&KeyLocation::File(place.current().join("key.pem")), &pin).unwrap();
            let current = place.certificate().unwrap().unwrap();
            assert_eq!(opened.public_key().spki_der(), current.spki_der());
        }
        engine.verify_journal().unwrap();
    }

    /// What is renewed in a folder with these permissions: those of the folder, the key and the certificate.
    fn permissions(of_folder: u32) -> [u32; 3] {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("s");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(of_folder)).unwrap();
        let place = Place(folder);
        let next = place.next(UnixTime::from_secs(1_800_000_000)).unwrap();
        for (name, mode) in [("key.pem", 0o600), (CERTIFICATE, 0o600)] {
            fs::write(next.join(name), "").unwrap();
            fs::set_permissions(next.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        place.turn(&next).unwrap();
        let current = place.current();
        let group = |path: &Path| fs::metadata(path).unwrap().gid();
        assert_eq!(group(&current.join("key.pem")), group(&place.0));
        ["", "key.pem", CERTIFICATE]
            .map(|name| fs::metadata(current.join(name)).unwrap().mode() & 0o7777)
    }

    #[test]
    fn a_server_of_another_user_reads_its_key_through_the_group_it_was_given_and_no_other() {
        assert_eq!(permissions(0o2750), [0o2750, 0o640, 0o640]);
        // A folder as people make them is no such order, and neither is one that everybody may enter.
        for of_folder in [0o700, 0o750, 0o755, 0o775] {
            assert_eq!(
                permissions(of_folder),
                [0o700, 0o600, 0o600],
                "{of_folder:o}"
            );
        }
        for of_folder in [0o2755, 0o2700] {
            let [folder, key, certificate] = permissions(of_folder);
            assert_eq!([folder & 0o777, key, certificate], [0o700, 0o600, 0o600]);
        }
    }

    #[test]
    fn renewal_waits_for_half_of_a_short_life() {
        let service = service(ServiceKind::OcspSigner, ServiceKey::New);
        assert_eq!(service.kind.profile(), "ocsp-signer");
        assert!(service.key_type().is_ok());
    }
}

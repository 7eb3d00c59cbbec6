//! Holding a ceremony: phase by phase, every step recorded before the next, stopped at the first thing
//! that is not as the script says, and taken up again where it stopped.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use ca_core::hierarchy::HierarchyError;
use ca_core::hierarchy::ceremony::{
    CeremonyEvent, CrlConfig, Language, MadeCertificate, MadeCrl, MadeKey, Minutes, Phase,
    Recorded, Script, ScriptCertificate, ScriptKey,
};
use ca_core::{Actors, NewAuthority};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _};
use hsm_pkcs11::{KeyLocation, OpenOptions, OpenedKey, PinSource};
use pki_asn1::Certificate;
use pki_crypto::DigestAlgorithm;
use serde::Serialize;

use super::super::decide::{Decided, decide_order};
use super::super::{issued, ocsp_signer, shown, validity};
use super::confirm::Source;
use super::is_open;
use crate::actors::actors;
use crate::cli::RunCeremony;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;

/// A ceremony under way.
struct Ceremony<'a> {
    folder: &'a Folder,
    script: &'a Script,
    events: Vec<Recorded>,
    out: &'a Path,
    pin: PinSource,
    actors: Actors,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    script_sha256: String,
    outcome: &'static str,
    journal_records: u64,
    journal_head: String,
    minutes: Vec<String>,
}

pub(super) fn hold(dir: &Path, args: &RunCeremony, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Write)?;
    let script = super::read(&args.script, folder.engine.profiles())?;
    let source = Source::open(args)?;
    let mut ceremony = Ceremony {
        events: folder.engine.ceremony(script.sha256()).explained()?,
        folder: &folder,
        script: &script,
        out: &args.out,
        pin: args.pin.source(),
        actors: actors(&args.acting.actors).in_ceremony(script.sha256()),
    };
    // It is decided once, before it is opened.
    let opening = if is_open(&ceremony.events) {
        ceremony.actors.clone()
    } else {
        let engine = &folder.engine;
        let to_decide = engine.order_to_hold(script.sha256());
        match decide_order(engine, &args.acting, to_decide, output)? {
            Decided::Yes(actors) => actors,
            Decided::Prepared => return Ok(Exit::Ok),
        }
    };
    ceremony.begin(&source, &opening)?;
    let languages = match args.language {
        Some(language) => vec![language],
        None => vec![Language::English, Language::French],
    };
    if let Err(failure) = ceremony.follow(&source) {
        let reason = failure.causes().join(": ");
        let interrupted = CeremonyEvent::Interrupted { reason };
        // What failed may be the record itself; the first failure is the one to tell.
        let told = ceremony
            .record(interrupted)
            .and_then(|()| ceremony.write_minutes(&languages));
        if let Err(second) = told {
            tracing::error!(causes = ?second.causes(), "the interruption could not be written down");
        }
        return Err(failure.with_context(format_args!(
            "the ceremony was interrupted; the minutes in {} say what was done",
            args.out.display()
        )));
    }
    ceremony.finish(&languages, "complete", output)
}

pub(super) fn abort(
    folder: &Folder,
    script: &Script,
    (reason, out): (&str, &Path),
    actors: &Actors,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let events = folder.engine.ceremony(script.sha256()).explained()?;
    if !is_open(&events) {
        return refuse("no ceremony with this script is open here".into());
    }
    let mut ceremony = Ceremony {
        folder,
        script,
        events,
        out,
        pin: PinSource::FirstOf(Vec::new()),
        actors: actors.clone(),
    };
    ceremony.create_out()?;
    ceremony.record(CeremonyEvent::Aborted {
        reason: reason.to_owned(),
    })?;
    ceremony.finish(&[Language::English, Language::French], "aborted", output)
}

fn refuse<T>(why: String) -> Result<T, Failure> {
    Err(HierarchyError::Ceremony(why)).explained()
}

fn program() -> String {
    format!("sceau-ca {}", env!("CARGO_PKG_VERSION"))
}

impl Ceremony<'_> {
    fn record(&mut self, event: CeremonyEvent) -> Result<(), Failure> {
        let actors = self.actors.clone();
        self.record_by(event, &actors)
    }

    fn record_by(&mut self, event: CeremonyEvent, actors: &Actors) -> Result<(), Failure> {
        let engine = &self.folder.engine;
        let recorded = engine
            .record_ceremony(self.script.sha256(), &event, actors)
            .explained()?;
        self.events.push(recorded);
        Ok(())
    }

    /// Opens the ceremony, or takes it up again.
    fn begin(&mut self, source: &Source, opening: &Actors) -> Result<(), Failure> {
        let engine = &self.folder.engine;
        let closed = |last: &&Recorded| matches!(last.event, CeremonyEvent::Closed);
        if let Some(last) = self.events.last().filter(closed) {
            let at = last.at;
            return refuse(format!("this script was followed to its end on {at}"));
        }
        if is_open(&self.events) {
            let held = self.events.iter().find_map(|r| match &r.event {
                CeremonyEvent::Opened { held, .. } => Some(*held),
                _ => None,
            });
            if held != Some(source.held()) {
                return refuse(
                    "a rehearsal does not become a ceremony, nor a ceremony a rehearsal".into(),
                );
            }
            self.create_out()?;
            return self.record(CeremonyEvent::Resumed { program: program() });
        }
        self.check_nothing_is_there()?;
        self.create_out()?;
        let journal = engine.verify_journal().explained()?;
        self.events.clear();
        let made = self.script.certificates().iter();
        let opened = CeremonyEvent::Opened {
            title: self.script.config().title.clone(),
            program: program(),
            held: source.held(),
            records: journal.records,
            head: journal.head,
            authorities: made.map(|c| c.authority.clone()).collect(),
        };
        self.record_by(opened, opening)
    }

    /// No key, authority or file of the script may be there before it begins: what the minutes say was
    /// made must have been made.
    fn check_nothing_is_there(&self) -> Result<(), Failure> {
        let known = self.folder.engine.authorities().explained()?;
        for key in self.script.keys() {
            let location = self.location(key);
            match hsm_pkcs11::open(&location, &self.pin, &OpenOptions::default()) {
                Ok(_) => return refuse(format!("there already is a key at {location}")),
                Err(e) if ocsp_signer::is_absent(&e) => {}
                Err(e) => return Err(e.into()),
            }
        }
        for certificate in self.script.certificates() {
            if known.iter().any(|a| a.name == certificate.authority) {
                let name = &certificate.authority;
                return refuse(format!("there already is an authority {name:?}"));
            }
        }
        let in_script = |name: &String| {
            let mut made = self.script.certificates().iter();
            made.any(|c| c.authority == *name) || known.iter().any(|a| a.name == *name)
        };
        let issuers = self
            .script
            .certificates()
            .iter()
            .filter_map(|c| c.issuer.as_ref());
        let signers = self.script.crls().iter().map(|c| &c.authority);
        for name in issuers.chain(signers) {
            if !in_script(name) {
                return refuse(format!(
                    "there is no authority {name:?}, and the script makes none"
                ));
            }
        }
        let outs = self.script.certificates().iter().map(|c| &c.out);
        for name in outs.chain(self.script.crls().iter().map(|c| &c.out)) {
            if self.out.join(name).exists() {
                return refuse(format!(
                    "{} is there already",
                    self.out.join(name).display()
                ));
            }
        }
        Ok(())
    }

    fn create_out(&self) -> Result<(), Failure> {
        fs::create_dir_all(self.out)
            .context(format_args!("cannot create {}", self.out.display()))
            .exit(Exit::CantCreate)
    }

    /// A key's place; files are relative to the installation.
    fn location(&self, key: &ScriptKey) -> KeyLocation {
        match &key.location {
            KeyLocation::File(path) => KeyLocation::File(self.folder.path.join(path)),
            token => token.clone(),
        }
    }

    fn follow(&mut self, source: &Source) -> Result<(), Failure> {
        let script = self.script;
        for phase in script.phases() {
            self.confirm(phase, source)?;
            match phase {
                Phase::Opening => {}
                Phase::Keys => {
                    for key in script.keys() {
                        self.make_key(key)?;
                    }
                }
                Phase::Certificates => {
                    for certificate in script.certificates() {
                        self.make_certificate(certificate)?;
                    }
                }
                Phase::Crls => {
                    for crl in script.crls() {
                        self.make_crl(crl)?;
                    }
                }
                Phase::Closing => self.record(CeremonyEvent::Closed)?,
            }
        }
        Ok(())
    }

    /// Collects confirmations until there are enough.
    fn confirm(&mut self, phase: Phase, source: &Source) -> Result<(), Failure> {
        let script = self.script;
        let mut confirmed: Vec<String> = self
            .events
            .iter()
            .filter_map(|r| match &r.event {
                CeremonyEvent::Confirmed {
                    before,
                    participant,
                    ..
                } if *before == phase => Some(participant.clone()),
                _ => None,
            })
            .collect();
        for id in source.ask(script, phase, &confirmed) {
            let so_far: Vec<&str> = confirmed.iter().map(String::as_str).collect();
            if script.is_met(phase, &so_far) {
                break;
            }
            if let Some(by) = source.confirm(script, phase, id)? {
                self.record(CeremonyEvent::Confirmed {
                    before: phase,
                    participant: id.to_owned(),
                    by,
                })?;
                confirmed.push(id.to_owned());
            }
        }
        let so_far: Vec<&str> = confirmed.iter().map(String::as_str).collect();
        if script.is_met(phase, &so_far) {
            return Ok(());
        }
        let who = if confirmed.is_empty() {
            "nobody".to_owned()
        } else {
            confirmed.join(", ")
        };
        refuse(format!(
            "the quorum before {} is not met: {who} confirmed",
            phase.name()
        ))
    }

    fn make_key(&mut self, key: &ScriptKey) -> Result<(), Failure> {
        let made = |e: &CeremonyEvent| matches!(e, CeremonyEvent::KeyMade(k) if k.key == key.name);
        if self.events.iter().any(|r| made(&r.event)) {
            return Ok(());
        }
        let begun =
            |e: &CeremonyEvent| matches!(e, CeremonyEvent::KeyBegun { key: k } if *k == key.name);
        let interrupted = self.events.iter().any(|r| begun(&r.event));
        let location = self.location(key);
        let opened = if interrupted {
            // It may have been made just before everything stopped.
            match hsm_pkcs11::open(&location, &self.pin, &OpenOptions::default()) {
                Ok(opened) => Some(opened),
                Err(e) if ocsp_signer::is_absent(&e) => None,
                Err(e) => return Err(e.into()),
            }
        } else {
            self.record(CeremonyEvent::KeyBegun {
                key: key.name.clone(),
            })?;
            None
        };
        let opened = match opened {
            Some(opened) => opened,
            None => hsm_pkcs11::generate(&location, key.spec, &self.pin, &OpenOptions::default())?,
        };
        let wrong = key.contradictions(opened.attributes.as_ref());
        if !wrong.is_empty() {
            return refuse(format!(
                "key {:?} at {location} is not as the script wants it: {}",
                key.name,
                wrong.join(", ")
            ));
        }
        let made = self.described(key, &location, &opened)?;
        self.record(CeremonyEvent::KeyMade(made))
    }

    fn described(
        &self,
        key: &ScriptKey,
        location: &KeyLocation,
        opened: &OpenedKey,
    ) -> Result<MadeKey, Failure> {
        let public = opened.signer.public_key();
        if public.kind() != key.spec.kind {
            return refuse(format!(
                "key {:?} at {location} is a {} key",
                key.name,
                public.kind()
            ));
        }
        let attributes = opened.attributes.as_ref().map(ToString::to_string);
        Ok(MadeKey {
            key: key.name.clone(),
            location: keys::recorded(&self.folder.path, location)?,
            algorithm: format!("{}, {}", public.kind(), opened.signer.algorithm()),
            spki_sha256: DigestAlgorithm::Sha256.digest(public.spki_der()).to_hex(),
            attributes: attributes
                .unwrap_or_default()
                .lines()
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        })
    }

    fn make_certificate(&mut self, wanted: &ScriptCertificate) -> Result<(), Failure> {
        let name = &wanted.authority;
        let made = |e: &CeremonyEvent| matches!(e, CeremonyEvent::CertificateMade(c) if c.authority == *name);
        if self.events.iter().any(|r| made(&r.event)) {
            return Ok(());
        }
        let engine = &self.folder.engine;
        let key = self.script.keys().iter().find(|k| k.name == wanted.key);
        let Some(key) = key else {
            return refuse(format!("the script has no key {:?}", wanted.key));
        };
        let location = self.location(key);
        let options = OpenOptions {
            algorithm: Some(key.spec.algorithm),
            ..OpenOptions::default()
        };
        let signer = hsm_pkcs11::open(&location, &self.pin, &options)?.signer;
        let spki = DigestAlgorithm::Sha256
            .digest(signer.public_key().spki_der())
            .to_hex();
        let same = self.events.iter().any(|r| {
            matches!(&r.event, CeremonyEvent::KeyMade(k) if k.key == key.name && k.spki_sha256 == spki)
        });
        if !same {
            return refuse(format!(
                "the key at {location} is not the one that was made"
            ));
        }
        let there = engine.authorities().explained()?;
        let certificate = match there.into_iter().find(|a| a.name == *name) {
            // Signed and recorded, and then everything stopped.
            Some(authority) => {
                if authority.certificate.spki_der() != signer.public_key().spki_der() {
                    return refuse(format!("authority {name:?} has another key"));
                }
                authority.certificate
            }
            None => {
                let issuer = match &wanted.issuer {
                    None => None,
                    Some(issuer) => Some(keys::unlock(self.folder, issuer, &self.pin)?),
                };
                let order = NewAuthority {
                    name: name.clone(),
                    profile: wanted.profile.clone(),
                    subject: wanted.subject.clone(),
                    key_location: keys::recorded(&self.folder.path, &location)?,
                    validity: validity(wanted.days),
                    actors: self.actors.clone(),
                };
                let issued = engine.create_authority(&order, signer, issuer.as_ref());
                issued.explained()?.certificate
            }
        };
        let text = issued::to_pem(std::slice::from_ref(&certificate))?;
        self.put(&wanted.out, text.as_bytes())?;
        self.record(CeremonyEvent::CertificateMade(made_certificate(
            wanted,
            &certificate,
            &text,
            spki,
        )))
    }

    fn make_crl(&mut self, wanted: &CrlConfig) -> Result<(), Failure> {
        let name = &wanted.authority;
        let made =
            |e: &CeremonyEvent| matches!(e, CeremonyEvent::CrlMade(c) if c.authority == *name);
        if self.events.iter().any(|r| made(&r.event)) {
            return Ok(());
        }
        let key = keys::unlock(self.folder, name, &self.pin)?;
        let validity = Duration::from_secs(u64::from(wanted.days) * 86_400);
        let crl = super::super::crl::complete(self.folder, &key, validity, &self.actors)?;
        self.put(&wanted.out, &crl.crl.der)?;
        self.record(CeremonyEvent::CrlMade(MadeCrl {
            authority: name.clone(),
            number: crl.crl.number,
            this_update: crl.crl.this_update.to_string(),
            next_update: crl.crl.next_update.to_string(),
            entries: crl.entries,
            sha256: DigestAlgorithm::Sha256.digest(&crl.crl.der).to_hex(),
            file: wanted.out.clone(),
        }))
    }

    /// Writes a file of the script. One with the same content may be there from before an interruption.
    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.out.join(name);
        if fs::read(&path).is_ok_and(|found| found == bytes) {
            return Ok(());
        }
        let mut file = AtomicFile::create(path, Overwrite::Refuse)?;
        file.write_all(bytes)?;
        Ok(file.commit()?)
    }

    fn write_minutes(&self, languages: &[Language]) -> Result<(), Failure> {
        let journal = self.folder.engine.verify_journal().explained()?;
        let minutes = Minutes {
            script: self.script,
            events: &self.events,
            after: (journal.records, &journal.head),
        };
        for language in languages {
            let name = format!("minutes-{}.md", language.code());
            self.replace(&name, minutes.to_markdown(*language).as_bytes())?;
        }
        self.replace("script.toml", self.script.source().as_bytes())
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let mut file = AtomicFile::create(self.out.join(name), Overwrite::Replace)?;
        file.write_all(bytes)?;
        Ok(file.commit()?)
    }

    fn finish(
        &mut self,
        languages: &[Language],
        outcome: &'static str,
        output: &OutputArgs,
    ) -> Result<Exit, Failure> {
        self.write_minutes(languages)?;
        let engine = &self.folder.engine;
        let mut journal = Vec::new();
        engine.export_journal(&mut journal).explained()?;
        self.replace("journal.jsonl", &journal)?;
        let head = engine.verify_journal().explained()?;
        let report = Report {
            script_sha256: self.script.sha256().to_owned(),
            outcome,
            journal_records: head.records,
            journal_head: head.head,
            minutes: languages
                .iter()
                .map(|l| shown(&self.out.join(format!("minutes-{}.md", l.code()))))
                .collect(),
        };
        output.result(&report, || {
            format!(
                "ceremony {outcome}\nscript SHA-256 {}\njournal record {}, head {}\nminutes {}\n",
                report.script_sha256,
                report.journal_records,
                report.journal_head,
                report.minutes.join(", ")
            )
        })?;
        Ok(Exit::Ok)
    }
}

fn made_certificate(
    wanted: &ScriptCertificate,
    certificate: &Certificate,
    text: &str,
    spki_sha256: String,
) -> MadeCertificate {
    let sha256 = |bytes: &[u8]| DigestAlgorithm::Sha256.digest(bytes).to_hex();
    MadeCertificate {
        authority: wanted.authority.clone(),
        issuer: wanted.issuer.as_ref().unwrap_or(&wanted.authority).clone(),
        profile: wanted.profile.clone(),
        subject: certificate.display_subject().to_string(),
        serial: certificate.serial_hex(),
        not_before: certificate.not_before().to_string(),
        not_after: certificate.not_after().to_string(),
        sha256: sha256(certificate.der()),
        spki_sha256,
        file: wanted.out.clone(),
        file_sha256: sha256(text.as_bytes()),
    }
}

//! `sceau-ca revoke`, `suspend`, `resume`: the record first, then the CRL that says so.

use std::path::Path;

use ca_core::crl::AfterRevocation;
use ca_core::registration::Order;
use ca_core::store::{CertificateEntry, PublishedCrl};
use ca_core::{Actors, CaEngine, CaError, RevocationRequest, SuspensionRequest};
use cli_support::{Exit, Failure, OutputArgs, PinArgs};
use serde::Serialize;

use super::decide::{Decided, decide_order};
use super::{crl, revocation_code, show};
use crate::cli::{Acting, Hold, Revoke, Which};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::{CertificateReport, CrlReport};

#[derive(Serialize)]
struct Report {
    certificate: CertificateReport,
    crl: Option<CrlReport>,
}

/// One of the three commands.
struct Change<'a> {
    which: &'a Which,
    pin: &'a PinArgs,
    no_crl: bool,
    acting: &'a Acting,
    verb: Verb,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Revoke,
    Suspend,
    Resume,
}

pub(super) fn run(dir: &Path, args: &Revoke, output: &OutputArgs) -> Result<Exit, Failure> {
    if args.code.is_given() {
        return revocation_code::run(dir, args, output);
    }
    let change = Change {
        which: &args.which,
        pin: &args.pin,
        no_crl: args.no_crl,
        acting: &args.acting,
        verb: Verb::Revoke,
    };
    change.run(
        dir,
        output,
        |entry, actors| RevocationRequest {
            authority: entry.authority.clone(),
            serial: entry.serial.clone(),
            reason: args.reason,
            invalidity_date: args.invalidity_date,
            requested_at: args.requested_at,
            actors,
        },
        RevocationRequest::order,
        |engine, order| engine.revoke(order).map(drop),
    )
}

pub(super) fn suspend(dir: &Path, args: &Hold, output: &OutputArgs) -> Result<Exit, Failure> {
    hold(args, Verb::Suspend).run(
        dir,
        output,
        |entry, actors| order(args, entry, actors),
        SuspensionRequest::order_to_suspend,
        CaEngine::suspend,
    )
}

pub(super) fn resume(dir: &Path, args: &Hold, output: &OutputArgs) -> Result<Exit, Failure> {
    hold(args, Verb::Resume).run(
        dir,
        output,
        |entry, actors| order(args, entry, actors),
        SuspensionRequest::order_to_resume,
        CaEngine::resume,
    )
}

fn hold(args: &Hold, verb: Verb) -> Change<'_> {
    Change {
        which: &args.which,
        pin: &args.pin,
        no_crl: args.no_crl,
        acting: &args.acting,
        verb,
    }
}

fn order(args: &Hold, entry: &CertificateEntry, actors: Actors) -> SuspensionRequest {
    SuspensionRequest {
        authority: entry.authority.clone(),
        serial: entry.serial.clone(),
        requested_at: args.requested_at,
        actors,
    }
}

impl Change<'_> {
    /// Finds the certificate, has the change decided, makes it and publishes the CRL.
    fn run<T>(
        &self,
        dir: &Path,
        output: &OutputArgs,
        make: impl Fn(&CertificateEntry, Actors) -> T,
        to_decide: impl FnOnce(&T) -> Order,
        act: impl FnOnce(&CaEngine, &T) -> Result<(), CaError>,
    ) -> Result<Exit, Failure> {
        let folder = Folder::open(dir, Access::Write)?;
        let engine = &folder.engine;
        let entry = show::find(engine, self.which)?;
        let order = to_decide(&make(&entry, Actors::default()));
        let Decided::Yes(actors) = decide_order(engine, self.acting, order, output)? else {
            return Ok(Exit::Ok);
        };
        // Before anything changes: a wrong passphrase shall not leave a revocation without its CRL.
        let key = if self.publishes(engine, &entry) {
            let key = keys::unlock(&folder, &entry.authority, &self.pin.source());
            Some(key.map_err(|failure| self.without_crl(failure))?)
        } else {
            None
        };
        act(engine, &make(&entry, actors.clone())).explained()?;
        let crls = match &key {
            None => Vec::new(),
            Some(key) => engine
                .publish_change(key, &entry.serial, &actors)
                .explained()
                .map_err(|failure| unpublished(failure, &entry.authority, self.verb))?,
        };
        let entry = show::find(engine, self.which)?;
        let report = Report {
            certificate: CertificateReport::new(&entry, engine.now()),
            crl: crls.first().map(CrlReport::new),
        };
        output.result(&report, || self.text(&report.certificate, &crls))?;
        Ok(Exit::Ok)
    }

    /// Whether a CRL will follow. What the record will refuse needs no key.
    fn publishes(&self, engine: &CaEngine, entry: &CertificateEntry) -> bool {
        let wanted = engine.settings().crl().config().after_revocation != AfterRevocation::Nothing;
        let suspended = entry.revocation.map(|r| r.is_suspension());
        let possible = match self.verb {
            Verb::Revoke => suspended != Some(false),
            Verb::Suspend => suspended.is_none(),
            Verb::Resume => suspended == Some(true),
        };
        !self.no_crl && wanted && possible
    }

    fn without_crl(&self, failure: Failure) -> Failure {
        let now = format!(
            "to {} at once without a CRL, add --no-crl",
            self.verb.name()
        );
        let hint = match &failure.hint {
            Some(hint) => format!("{hint}; {now}"),
            None => now,
        };
        failure
            .with_context(format_args!("nothing was {}", self.verb.done()))
            .with_hint(hint)
    }

    fn text(&self, certificate: &CertificateReport, crls: &[PublishedCrl]) -> String {
        let reason = match (&certificate.revocation, self.verb) {
            (Some(revocation), Verb::Revoke) => format!(" ({})", revocation.reason),
            _ => String::new(),
        };
        let mut text = format!(
            "{} {} of {}{reason}: {}\n",
            self.verb.done(),
            certificate.serial,
            certificate.authority,
            certificate.subject
        );
        for published in crls {
            text += &format!("{}\n", crl::text(published));
        }
        if crls.is_empty() {
            let says = match self.verb {
                Verb::Revoke => "revoked",
                Verb::Suspend => "suspended (revoked, certificateHold)",
                Verb::Resume => "good",
            };
            text += &format!("no CRL was published; OCSP says {says} at once\n");
        }
        text
    }
}

/// The change is made, and the CRL is not.
pub(super) fn unpublished(failure: Failure, authority: &str, verb: Verb) -> Failure {
    failure
        .with_context(format_args!(
            "the certificate is {}, and OCSP says so, but no CRL was published",
            verb.done()
        ))
        .with_hint(format!("publish one: sceau-ca crl --ca {authority}"))
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::Revoke => "revoke",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Revoke => "revoked",
            Self::Suspend => "suspended",
            Self::Resume => "resumed",
        }
    }
}

//! `sceau-ca ca create | list | show`.

use std::path::Path;

use ca_core::{Actors, NewAuthority};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, Table};
use hsm_pkcs11::KeyLocation;

use super::decide::{Decided, decide_order};
use super::issued::{self, Outputs};
use super::{subject, validity};
use crate::cli::{AuthorityKeyArgs, CreateAuthority};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::{AuthorityReport, day};

pub(super) fn create(
    dir: &Path,
    args: &CreateAuthority,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let dn = subject(&args.subject)?;
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let location = location(&args.key)?;
    let outputs = Outputs::prepare(
        args.out.as_deref().map(|path| (path, Overwrite::Refuse)),
        None,
        &[],
        &[location],
    )?;
    let mut order = NewAuthority {
        name: args.name.clone(),
        profile: args.profile.clone(),
        subject: dn,
        key_location: keys::recorded(dir, location)?,
        validity: validity(args.days),
        actors: Actors::default(),
    };
    let to_decide = engine
        .order_to_create(&order, args.issuer.as_deref())
        .explained()?;
    let Decided::Yes(actors) = decide_order(engine, &args.acting, to_decide, output)? else {
        return Ok(Exit::Ok);
    };
    order.actors = actors;
    let issuer = match &args.issuer {
        None => None,
        Some(name) => Some(keys::unlock(&folder, name, &args.pins.signing.source())?),
    };
    engine
        .check_new_authority(&order, issuer.as_ref())
        .explained()?;
    let pin = args.pins.key_source();
    let generated = args.key.key.as_ref();
    let signer = match generated {
        Some(location) => keys::generate(location, args.key.key_type, &pin)?,
        None => keys::open(location, &pin)?,
    };
    let issued = engine
        .create_authority(&order, signer, issuer.as_ref())
        .explained()
        .map_err(|failure| match generated {
            Some(location) => keys::kept(failure, location),
            None => failure,
        })?;
    let by = args.issuer.as_deref().unwrap_or(&args.name);
    outputs.finish(&issued, by, &args.profile, output)
}

/// Where the key is, or is to be.
pub(super) fn location(key: &AuthorityKeyArgs) -> Result<&KeyLocation, Failure> {
    let named = key.key.as_ref().or(key.existing_key.as_ref());
    named.ok_or_else(|| Failure::message(Exit::Usage, "no key is named").with_hint("give --key"))
}

pub(super) fn list(dir: &Path, output: &OutputArgs) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let mut reports = Vec::new();
    for authority in folder.engine.authorities().explained()? {
        let crl = folder
            .engine
            .latest_published(&authority.name)
            .explained()?;
        let report = AuthorityReport::new(&authority, crl.as_ref());
        reports.push(report.with_life(&folder.engine).explained()?);
    }
    output.result(&reports, || {
        if reports.is_empty() {
            return "no certification authority yet: see sceau-ca ca create --help\n".to_owned();
        }
        let mut table = Table::new(["NAME", "ISSUER", "UNTIL", "CRL", "NEXT CRL", "SUBJECT"]);
        for r in &reports {
            let (number, next) = match &r.crl {
                None => ("-".to_owned(), "-"),
                Some(crl) => (crl.number.to_string(), crl.next_update.as_str()),
            };
            table.row([
                r.name.as_str(),
                r.issuer.as_deref().unwrap_or("-"),
                day(&r.not_after),
                &number,
                next,
                &r.subject,
            ]);
        }
        table.to_string()
    })?;
    Ok(Exit::Ok)
}

pub(super) fn show(
    dir: &Path,
    name: &str,
    out: Option<&Path>,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let folder = Folder::open(dir, Access::Read)?;
    let authority = folder.engine.authority(name).explained()?;
    if let Some(path) = out {
        let file = AtomicFile::create(path, Overwrite::Refuse)?;
        issued::write(file, std::slice::from_ref(&authority.certificate))?;
    }
    let crl = folder.engine.latest_published(name).explained()?;
    let report = AuthorityReport::new(&authority, crl.as_ref());
    let report = report.with_life(&folder.engine).explained()?;
    output.result(&report, || report.text())?;
    Ok(Exit::Ok)
}

//! `sceau-ca ca request | sign-request | import-certificate | import-crl`: files between an offline root
//! and the machines that are online.

use std::io::Write as _;
use std::path::Path;

use ca_core::{Actors, AuthorityImport, CaRequestOrder, CertificationRequest, NewAuthority};
use cli_support::{AtomicFile, Exit, Failure, OutputArgs, Overwrite, ResultExt as _, input};
use pki_asn1::{Certificate, oid, pem};
use serde::Serialize;

use super::decide::{Decided, decide_order};
use super::issued::Outputs;
use super::rollover::dn_of;
use super::{show, shown, subject, validity};
use crate::actors::actors;
use crate::cli::{ImportCertificate, ImportCrl, RequestCertificate, SignRequest};
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;
use crate::report::{CrlReport, sha256};

const REQUEST_LIMIT: u64 = 1 << 18;
const CHAIN_LIMIT: u64 = 1 << 20;
/// A root's CRL has as many entries as there are CAs.
const CRL_LIMIT: u64 = 1 << 26;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Requested {
    authority: String,
    subject: String,
    out: String,
}

pub(super) fn request(
    dir: &Path,
    args: &RequestCertificate,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let given = args.subject.as_deref().map(subject).transpose()?;
    let folder = Folder::open(dir, Access::Write)?;
    let engine = &folder.engine;
    let known = engine.authorities().explained()?;
    let known = known.into_iter().find(|a| a.name == args.name);
    let mut file = AtomicFile::create(&args.out, Overwrite::Refuse)?;
    let pin = args.pin.source();
    let named = args.key.as_ref().or(args.existing_key.as_ref());
    let (signer, key_location, dn, profile) = match &known {
        Some(authority) => {
            if named.is_some() || given.is_some() {
                return Err(Failure::message(
                    Exit::Usage,
                    format_args!(
                        "{} is there already: a request is for its own name and key",
                        args.name
                    ),
                )
                .with_hint(
                    "leave out --subject, --key and --existing-key, or choose another name",
                ));
            }
            let location = keys::resolve(&folder.path, &authority.key_location)?;
            let dn = dn_of(&authority.certificate)?;
            let signer = keys::open(&location, &pin)?;
            let (location, profile) = (authority.key_location.clone(), authority.profile.clone());
            (signer, location, dn, profile)
        }
        None => {
            let missing = |what: &str| {
                Failure::message(Exit::Usage, format_args!("{what} is missing"))
                    .with_hint("a new authority needs --subject, and --key or --existing-key")
            };
            let dn = given.ok_or_else(|| missing("--subject"))?;
            let location = named.ok_or_else(|| missing("--key"))?;
            let recorded = keys::recorded(dir, location)?;
            let profile = engine.profile(&args.profile).explained()?;
            profile.subject_name(&dn).explained()?;
            let signer = match &args.key {
                Some(location) => keys::generate(location, args.key_type, &pin)?,
                None => keys::open(location, &pin)?,
            };
            (signer, recorded, dn, args.profile.clone())
        }
    };
    let order = CaRequestOrder {
        authority: NewAuthority {
            name: args.name.clone(),
            profile,
            subject: dn.clone(),
            key_location,
            validity: validity(None),
            actors: actors(&args.actors),
        },
        predecessor: args.predecessor.clone(),
    };
    let der = engine
        .request_certificate(&order, signer)
        .explained()
        .map_err(|failure| match &args.key {
            Some(location) => keys::kept(failure, location),
            None => failure,
        })?;
    let text = pem::encode("CERTIFICATE REQUEST", &der)
        .context("cannot encode the request")
        .exit(Exit::Internal)?;
    file.write_all(text.as_bytes())?;
    file.commit()?;
    let report = Requested {
        authority: args.name.clone(),
        subject: dn.to_string(),
        out: shown(&args.out),
    };
    output.result(&report, || {
        format!(
            "request of {} for {}\nwritten {}\nnext, where the root is: sceau-ca ca sign-request\n",
            report.authority, report.subject, report.out
        )
    })?;
    Ok(Exit::Ok)
}

pub(super) fn sign_request(
    dir: &Path,
    args: &SignRequest,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let given = args.subject.as_deref().map(subject).transpose()?;
    let bytes = input::read(&args.request, "the certification request", REQUEST_LIMIT)?;
    let request = CertificationRequest::parse(&bytes)
        .explained()
        .context(format_args!("cannot accept {}", args.request.display()))?;
    let dn = match given {
        Some(dn) => dn,
        None => {
            let parts: Vec<_> = request
                .subject()
                .iter()
                .map(|(attribute, value)| {
                    let label = oid::label(attribute).unwrap_or("unknown");
                    format!("{label}={}", super::ocsp_signer::escaped(value))
                })
                .collect();
            subject(&parts.join(","))?
        }
    };
    let folder = Folder::open(dir, Access::Write)?;
    let outputs = Outputs::prepare(
        Some((&args.out, Overwrite::Refuse)),
        args.chain_out.as_deref(),
        std::slice::from_ref(&args.request),
        &[],
    )?;
    let mut order = NewAuthority {
        name: args.name.clone(),
        profile: args.profile.clone(),
        subject: dn,
        key_location: String::new(),
        validity: validity(args.days),
        actors: Actors::default(),
    };
    let to_decide = folder
        .engine
        .order_to_certify(&order, &request, &args.issuer)
        .explained()?;
    let Decided::Yes(actors) = decide_order(&folder.engine, &args.acting, to_decide, output)?
    else {
        return Ok(Exit::Ok);
    };
    order.actors = actors;
    let key = keys::unlock(&folder, &args.issuer, &args.pin.source())?;
    let issued = folder
        .engine
        .certify_request(&order, &request, &key)
        .explained()?;
    outputs.finish(&issued, &args.issuer, &args.profile, output)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Imported {
    authority: String,
    subject: String,
    not_after: String,
    sha256: String,
    renewed: bool,
    new_issuers: Vec<String>,
    journal_seq: u64,
}

pub(super) fn import_certificate(
    dir: &Path,
    args: &ImportCertificate,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let certificate = show::read_certificate(&args.certificate)?;
    let chain = read_chain(&args.chain)?;
    let folder = Folder::open(dir, Access::Write)?;
    let to_decide = folder.engine.order_to_adopt(&args.name, &certificate);
    let Decided::Yes(actors) = decide_order(&folder.engine, &args.acting, to_decide, output)?
    else {
        return Ok(Exit::Ok);
    };
    let import = AuthorityImport {
        name: args.name.clone(),
        certificate: certificate.clone(),
        chain,
        issuer_name: args.issuer_name.clone(),
        actors,
    };
    let done = folder.engine.import_authority(&import).explained()?;
    let report = Imported {
        authority: args.name.clone(),
        subject: certificate.display_subject().to_string(),
        not_after: certificate.not_after().to_string(),
        sha256: sha256(&certificate),
        renewed: done.renewed,
        new_issuers: done.new_issuers,
        journal_seq: done.journal_seq,
    };
    output.result(&report, || {
        let mut text = format!(
            "{} {}, {}\n",
            report.authority,
            if report.renewed {
                "has a new certificate"
            } else {
                "can issue now"
            },
            report.subject
        );
        for name in &report.new_issuers {
            text += &format!("{name} is known now: its key is elsewhere, bring its CRLs with sceau-ca ca import-crl\n");
        }
        text
    })?;
    Ok(Exit::Ok)
}

fn read_chain(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bytes = input::read(path, "the chain", CHAIN_LIMIT)?;
    let wrong = format!("{} holds no chain of certificates", path.display());
    let ders = pem::der_or_pem(&bytes, &["CERTIFICATE"])
        .context(&wrong)
        .exit(Exit::Data)?;
    if ders.is_empty() {
        return Err(Failure::message(Exit::Data, wrong)
            .with_hint("expected is PEM that begins with -----BEGIN CERTIFICATE-----"));
    }
    ders.into_iter()
        .map(|der| Certificate::from_der(der).context(&wrong).exit(Exit::Data))
        .collect()
}

#[derive(Serialize)]
struct ImportedCrl {
    authority: String,
    #[serde(flatten)]
    crl: CrlReport,
}

pub(super) fn import_crl(
    dir: &Path,
    args: &ImportCrl,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let bytes = input::read(&args.file, "the CRL", CRL_LIMIT)?;
    let wrong = format!("{} is not a CRL", args.file.display());
    let ders = pem::der_or_pem(&bytes, &["X509 CRL"])
        .context(&wrong)
        .exit(Exit::Data)?;
    let Some(der) = ders.into_iter().next() else {
        return Err(Failure::message(Exit::Data, wrong)
            .with_hint("expected are DER, or PEM that begins with -----BEGIN X509 CRL-----"));
    };
    pki_asn1::CertificateList::from_der(der.clone())
        .context(&wrong)
        .exit(Exit::Data)?;
    let folder = Folder::open(dir, Access::Write)?;
    let (authority, crl) = folder
        .engine
        .import_crl(&der, &actors(&args.actors))
        .explained()?;
    let report = ImportedCrl {
        authority,
        crl: CrlReport::of(crl.number, crl.this_update, crl.next_update),
    };
    output.result(&report, || {
        format!("{}: CRL {}\n", report.authority, report.crl.text())
    })?;
    Ok(Exit::Ok)
}

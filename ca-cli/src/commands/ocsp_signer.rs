//! `sceau-ca ocsp-signer renew`: a delegated OCSP signer (RFC 6960 section 4.2.2.2) for one authority.

use std::path::Path;

use ca_core::{IssueRequest, QscdEvidence, Service, SubjectDn, SubjectKey};
use cli_support::{Exit, Failure, OutputArgs};
use hsm_pkcs11::{ErrorKind, KeyError, OpenOptions};
use pki_asn1::oid::{self, ObjectIdentifier};
use pki_asn1::{Certificate, name};

use super::decide::{Decided, decide_service};
use super::issued::{Outputs, replaceable};
use super::{subject, validity};
use crate::cli::RenewOcspSigner;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;

const PROFILE: &str = "ocsp-signer";

pub(super) fn renew(
    dir: &Path,
    args: &RenewOcspSigner,
    output: &OutputArgs,
) -> Result<Exit, Failure> {
    let given = args.subject.as_deref().map(subject).transpose()?;
    let folder = Folder::open(dir, Access::Write)?;
    let outputs = Outputs::prepare(
        Some((&args.out, replaceable(&args.out))),
        None,
        &[],
        &[&args.key],
    )?;
    let engine = &folder.engine;
    let dn = match given {
        Some(dn) => dn,
        None => derived_subject(&engine.authority(&args.ca).explained()?.certificate)?,
    };
    let service = Service {
        authority: &args.ca,
        profile: PROFILE,
        subject: &dn,
        request: None,
        validity: validity(args.days),
    };
    let Decided::Yes(actors) = decide_service(engine, &args.acting, &service, output)? else {
        return Ok(Exit::Ok);
    };
    let authority = keys::unlock(&folder, &args.ca, &args.pins.signing.source())?;
    let pin = args.pins.key_source();
    let signer = match hsm_pkcs11::open(&args.key, &pin, &OpenOptions::default()) {
        Ok(opened) => opened.signer,
        Err(e) if is_absent(&e) => keys::generate(&args.key, args.key_type, &pin)?,
        Err(e) => return Err(e.into()),
    };
    let order = IssueRequest {
        profile: PROFILE.to_owned(),
        subject: dn,
        key: SubjectKey::Held(signer.public_key().clone()),
        qscd: QscdEvidence::None,
        legislation: None,
        validity: validity(args.days),
        actors,
    };
    let issued = folder.engine.issue(&authority, &order).explained()?;
    outputs.finish(&issued, &args.ca, PROFILE, output)
}

/// Whether there is nothing where the key is to be. A file that holds something else is not nothing.
pub(super) fn is_absent(error: &KeyError) -> bool {
    match error {
        KeyError::FileMissing(_) => true,
        KeyError::Token(e) => e.kind() == ErrorKind::NotFound,
        _ => false,
    }
}

/// What the name of an OCSP signer takes over from its authority's.
const TAKEN_OVER: [ObjectIdentifier; 5] = [
    oid::AT_COUNTRY,
    oid::AT_ORGANIZATION,
    oid::AT_ORGANIZATION_IDENTIFIER,
    oid::AT_ORGANIZATIONAL_UNIT,
    oid::AT_COMMON_NAME,
];

/// The authority's own name with a common name that says what the key does.
pub(super) fn derived_subject(authority: &Certificate) -> Result<SubjectDn, Failure> {
    let mut parts = Vec::new();
    for (attribute, value) in name::attributes(authority.subject()) {
        if !TAKEN_OVER.contains(&attribute) {
            continue;
        }
        let value = if attribute == oid::AT_COMMON_NAME {
            format!("{value} OCSP signer")
        } else {
            value
        };
        let label = oid::label(&attribute).map_or_else(|| attribute.to_string(), str::to_owned);
        parts.push(format!("{label}={}", escaped(&value)));
    }
    subject(&parts.join(","))
}

/// RFC 4514 section 2.4.
pub(super) fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' | '#') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

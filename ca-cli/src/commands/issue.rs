//! `sceau-ca issue`.

use std::path::{Path, PathBuf};

use ca_core::{CertificationRequest, Fulfilment, IssueRequest, QscdEvidence, Service, SubjectKey};
use cli_support::{Exit, Failure, OutputArgs, Overwrite, ResultExt as _, input};
use hsm_pkcs11::KeyLocation;

use super::decide::{Decided, decide_service};
use super::issued::Outputs;
use super::{batch, request, subject, validity};
use crate::cli::Issue;
use crate::explain::Explained as _;
use crate::folder::{Access, Folder};
use crate::keys;

/// A request with an RSA-16384 key and every attribute there is stays far below.
const REQUEST_LIMIT: u64 = 1 << 18;

pub(super) fn run(dir: &Path, args: &Issue, output: &OutputArgs) -> Result<Exit, Failure> {
    if args.key.batch.is_some() {
        return batch::run(dir, args, output);
    }
    let (Some(ca), Some(profile_name), Some(dn), Some(out)) =
        (&args.ca, &args.profile, &args.subject, &args.out)
    else {
        return Err(Failure::message(
            Exit::Usage,
            "--ca, --profile, --subject and --out are needed for one certificate",
        ));
    };
    refuse_qualified_key_file(args)?;
    let dn = subject(dn)?;
    let request = args.key.csr.as_deref().map(read_request).transpose()?;
    let folder = Folder::open(dir, Access::Write)?;
    // Before a key is generated for a subject that the profile refuses.
    let profile = folder.engine.profile(profile_name).explained()?;
    profile.subject_name(&dn).explained()?;
    folder.engine.check_request_needed(profile).explained()?;
    let inputs: Vec<PathBuf> = args.key.csr.iter().cloned().collect();
    let subject_keys = [&args.key.generate_key, &args.key.existing_key];
    let subject_keys: Vec<&KeyLocation> = subject_keys.into_iter().flatten().collect();
    let outputs = Outputs::prepare(
        Some((out.as_path(), Overwrite::Refuse)),
        args.chain_out.as_deref(),
        &inputs,
        &subject_keys,
    )?;
    let code = request::code_file(args.revocation_code_out.as_deref())?;
    let service = Service {
        authority: ca,
        profile: profile_name,
        subject: &dn,
        request: request.as_ref(),
        validity: validity(args.days),
    };
    let Decided::Yes(actors) = decide_service(&folder.engine, &args.acting, &service, output)?
    else {
        return Ok(Exit::Ok);
    };
    let authority = keys::unlock(&folder, ca, &args.pins.signing.source())?;
    let (key, generated) = subject_key(args, request)?;
    let qscd = if args.qscd {
        QscdEvidence::Attested(format!("--qscd, declared by {}", actors.names().join(", ")))
    } else {
        QscdEvidence::None
    };
    let order = IssueRequest {
        profile: profile_name.clone(),
        subject: dn,
        key,
        qscd,
        legislation: args.legislation.clone(),
        validity: validity(args.days),
        actors,
    };
    let (code, code_file) = code.unzip();
    let fulfilment = Fulfilment::with_code(code.clone());
    let issued = folder
        .engine
        .issue_fulfilling(&authority, &order, &fulfilment)
        .explained()
        .map_err(|failure| match generated {
            Some(location) => keys::kept(failure, location),
            None => failure,
        })?;
    request::hand_out(code.zip(code_file), &issued)?;
    outputs.finish(&issued, ca, profile_name, output)
}

/// QcSSCD may be stated only where the key is in a qualified device (EN 319 412-5 clause 4.2.2). Of a
/// request's key the operator may know that; a key file is none, whoever declares it.
fn refuse_qualified_key_file(args: &Issue) -> Result<(), Failure> {
    match args
        .key
        .generate_key
        .as_ref()
        .or(args.key.existing_key.as_ref())
    {
        Some(KeyLocation::File(path)) if args.qscd => Err(Failure::message(
            Exit::Usage,
            format!(
                "--qscd: the key file {} is no qualified device",
                path.display()
            ),
        )
        .with_hint("leave --qscd out, or certify a key that is in a smart card or an HSM")),
        _ => Ok(()),
    }
}

fn subject_key(
    args: &Issue,
    request: Option<CertificationRequest>,
) -> Result<(SubjectKey, Option<&KeyLocation>), Failure> {
    let pin = args.pins.key_source();
    if let Some(request) = request {
        return Ok((SubjectKey::Request(request), None));
    }
    if let Some(location) = &args.key.generate_key {
        let signer = keys::generate(location, args.key_type, &pin)?;
        let key = SubjectKey::Held(signer.public_key().clone());
        return Ok((key, Some(location)));
    }
    match &args.key.existing_key {
        Some(location) => {
            let signer = keys::open(location, &pin)?;
            Ok((SubjectKey::Held(signer.public_key().clone()), None))
        }
        None => Err(Failure::message(Exit::Usage, "no key is named").with_hint("give --csr")),
    }
}

pub(super) fn read_request(path: &Path) -> Result<CertificationRequest, Failure> {
    let bytes = input::read(path, "the certification request", REQUEST_LIMIT)?;
    CertificationRequest::parse(&bytes)
        .explained()
        .context(format_args!("cannot accept {}", path.display()))
}

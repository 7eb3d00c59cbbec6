//! A key at a signing service: finding it, and as whom.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use cli_support::{Exit, Failure, ResultExt};
use csc_client::{AuthMode, Credential, CscError, Factors, Login, RemoteSigner, Service};
use hsm_pkcs11::{AlgorithmChoice, PinSource};
use pki_asn1::Certificate;
use pki_crypto::{PublicKey, SignatureAlgorithm};

use super::args::KeyArgs;
use crate::key_name::ServiceKey;
use crate::network::Network;
use crate::settings::{carries_secret, is_web};

/// Documents that are signed at a time, so that their digests travel together.
const MAX_AT_ONCE: usize = 64;

/// A signer, its certificates, and how many documents it is worth signing at a time.
pub(super) struct Remote {
    pub(super) signer: Arc<RemoteSigner>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) at_once: usize,
}

/// Finds the credential. Nothing is authorised before the first signature.
pub(super) fn open(
    key: &ServiceKey,
    args: &KeyArgs,
    network: &Network<'_>,
    documents: usize,
) -> Result<Remote, Failure> {
    let usage =
        |message: String, hint: &str| Err(Failure::message(Exit::Usage, message).with_hint(hint));
    let tables = network.remotes();
    let table = tables
        .iter()
        .find(|t| t.name.as_deref() == Some(&key.service) || t.url == key.service);
    let (url, login) = match table {
        Some(table) => (table.url.as_str(), table.login()?),
        None if carries_secret(&key.service) => {
            return usage(
                "--key holds a user name or password, which every user of this machine can read"
                    .into(),
                "put the service into a [[remote]] table of the settings file, with username and password-file",
            );
        }
        None if !is_web(&key.service) => {
            return usage(
                format!("{key} is neither a URL nor the name of a [[remote]] table"),
                "give a URL such as csc:https://sign.sceau.example/csc/v2, or name a [[remote]] table of the settings file",
            );
        }
        None => (key.service.as_str(), Login::None),
    };
    let anonymous = matches!(login, Login::None);
    let service = Service::new(url, network.transport(), login);
    let id = key.credential.as_deref();
    let id = id.or_else(|| table.and_then(|t| t.credential.as_deref()));
    let credential = service.credential(id).map_err(failure)?;
    // With a login the settings file's table was warned of.
    if anonymous
        && url.starts_with("http://")
        && matches!(credential.mode, AuthMode::Explicit { .. })
    {
        tracing::warn!(%url, "the PIN is sent over plain http, where others can read it");
    }
    let table_pin = table.and_then(|t| t.pin_file.clone());
    let pin = match (&args.pin.pin_file, table_pin) {
        (None, Some(file)) => PinSource::File(file),
        _ => args.pin.source(),
    };
    let otp = match &args.otp_file {
        Some(file) => PinSource::File(file.clone()),
        None => ask_for_otp(),
    };
    let certificates = credential.certificates.clone();
    let at_once = credential.multisign.min(MAX_AT_ONCE).min(documents.max(1));
    let factors = Factors { pin, otp };
    let algorithm = algorithm(args, &credential)?;
    let signer =
        RemoteSigner::new(service, credential, algorithm, factors, documents).map_err(failure)?;
    Ok(Remote {
        signer: Arc::new(signer),
        certificates,
        at_once,
    })
}

/// `--algorithm`, or what `--digest` and `--rsa-padding` make of the key's own.
fn algorithm(
    args: &KeyArgs,
    credential: &Credential,
) -> Result<Option<SignatureAlgorithm>, Failure> {
    let choice = args.algorithm.choice();
    if args.algorithm.exact().is_some() || choice == AlgorithmChoice::default() {
        return Ok(args.algorithm.exact());
    }
    let certificate = credential.certificates.first().cloned().unwrap_or_default();
    let key = Certificate::from_der(certificate)
        .ok()
        .and_then(|c| PublicKey::from_spki_der(c.spki_der()).ok());
    // A key that is not understood is refused with the credential.
    key.map(|key| choice.algorithm(key.kind()))
        .transpose()
        .exit(Exit::Usage)
}

fn ask_for_otp() -> PinSource {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return PinSource::None;
    }
    PinSource::Prompt(Arc::new(|request| {
        let asked = cli_support::pin::ask(&format!("{}: ", request.subject))?;
        asked.ok_or_else(|| io::Error::other("there is no terminal"))
    }))
}

fn failure(error: CscError) -> Failure {
    let hint = error.hint();
    let exit = cli_support::failure::key_exit(error.kind());
    let failure = Failure::new(exit, error);
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

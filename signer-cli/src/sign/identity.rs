//! Who signs: the key, its certificate and the authorities above it.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use ades::cms::build::{BuildError, CmsIdentity, CmsSigner};
use cli_support::{Exit, Failure, ResultExt, input};
use hsm_pkcs11::{KeyLocation, OpenOptions, Signer, Which};
use pki_asn1::{Certificate, Clock, SystemClock, name, oid, pem};
use pki_crypto::{PublicKey, SignatureAlgorithm};

use super::args::KeyArgs;
use super::{remote, strength};
use crate::key_name::KeyName;
use crate::network::Network;

/// Certificate files hold a chain, not a trust store.
const MAX_CERTIFICATE_FILE: u64 = 1 << 20;
/// Longer chains do not exist outside attacks.
const MAX_CHAIN: usize = 16;

/// Reads the certificate files, opens the key (once, however many documents follow) and pairs them.
/// Nothing is written before this has succeeded.
pub(super) fn open(
    key: &KeyName,
    args: &KeyArgs,
    network: &Network<'_>,
    documents: usize,
) -> Result<Opened, Failure> {
    // The files first: a typing error in them should not cost a PIN entry.
    let given = match &args.cert {
        Some(path) => Some(certificates(path)?),
        None => None,
    };
    let files = chain_files(args)?;
    let mut pool = files.pool();
    let mut at_once = workers(documents);
    let (signer, own) = match key {
        KeyName::Here(location) => {
            let options = OpenOptions {
                algorithm: args.algorithm.exact(),
                choice: args.algorithm.choice(),
                which: Which {
                    public_key: given.as_deref().and_then(|c| c.iter().find_map(own_key)),
                    name: args.which.key_name.clone(),
                },
                signature_pin: args.which.signature_pin(),
                sessions: at_once,
                ..OpenOptions::default()
            };
            let opened = hsm_pkcs11::open(location, &args.pin.source(), &options)?;
            (opened.signer, opened.certificates)
        }
        KeyName::Service(service) => {
            let opened = remote::open(service, args, network, documents)?;
            at_once = at_once.max(opened.at_once);
            (opened.signer as Arc<dyn Signer>, opened.certificates)
        }
    };
    let mut beside = Vec::new();
    for der in own {
        match Certificate::from_der(der) {
            Ok(certificate) => beside.push(certificate),
            Err(error) => tracing::warn!(%error, "a certificate beside the key is unreadable"),
        }
    }
    let certificate = select(signer.as_ref(), key, args, given.as_deref(), &beside)?;
    pool.extend(given.unwrap_or_default());
    pool.extend(beside);
    let chain = chain(&certificate, &pool);
    files.warn_of_strangers(&certificate, &chain);
    let signer = CmsSigner::new(signer, certificate, &chain).map_err(build_failure)?;
    strength::check(signer.identity(), SystemClock.now())?;
    Ok(Opened { signer, at_once })
}

/// Who signs, and how many documents at a time.
pub(super) struct Opened {
    pub(super) signer: CmsSigner,
    pub(super) at_once: usize,
}

/// Who signs with a key that is elsewhere: the first certificate of `--cert` that signs today.
pub(super) fn without_key(args: &KeyArgs) -> Result<CmsIdentity, Failure> {
    let Some(path) = &args.cert else {
        return Err(
            Failure::message(Exit::Usage, "whose signature it will be is not said")
                .with_hint("give the certificate of the key with --cert FILE"),
        );
    };
    let given = certificates(path)?;
    let files = chain_files(args)?;
    let certificate = match (given.iter().find(|c| check(c).is_ok()), given.first()) {
        (Some(certificate), _) => certificate.clone(),
        (None, Some(first)) => check(first).map(|()| first.clone())?,
        (None, None) => {
            return Err(Failure::message(
                Exit::Data,
                format_args!("{} holds no usable certificate", path.display()),
            ));
        }
    };
    let mut pool = files.pool();
    pool.extend(given);
    let chain = chain(&certificate, &pool);
    files.warn_of_strangers(&certificate, &chain);
    let algorithm = match args.algorithm.exact() {
        Some(algorithm) => Some(algorithm),
        None => chosen(args, &certificate)?,
    };
    let identity = CmsIdentity::new(certificate, &chain, algorithm).map_err(build_failure)?;
    strength::check(&identity, SystemClock.now())?;
    Ok(identity)
}

/// What `--digest` and `--rsa-padding` make of the certificate's key; `None` where it is of no kind that
/// is known, which is told later.
fn chosen(
    args: &KeyArgs,
    certificate: &Certificate,
) -> Result<Option<SignatureAlgorithm>, Failure> {
    let Ok(key) = PublicKey::from_spki_der(certificate.spki_der()) else {
        return Ok(None);
    };
    let chosen = args.algorithm.choice().algorithm(key.kind());
    chosen.map(Some).exit(Exit::Data)
}

/// The files of `--chain`.
struct ChainFiles<'a>(Vec<(&'a Path, Vec<Certificate>)>);

fn chain_files(args: &KeyArgs) -> Result<ChainFiles<'_>, Failure> {
    let mut files = Vec::new();
    for path in &args.chain {
        files.push((path.as_path(), certificates(path)?));
    }
    Ok(ChainFiles(files))
}

impl ChainFiles<'_> {
    fn pool(&self) -> Vec<Certificate> {
        self.0.iter().flat_map(|(_, c)| c).cloned().collect()
    }

    fn warn_of_strangers(&self, certificate: &Certificate, chain: &[Certificate]) {
        for (path, certificates) in &self.0 {
            if !certificates
                .iter()
                .any(|c| c == certificate || chain.contains(c))
            {
                tracing::warn!(
                    file = %path.display(),
                    "no certificate in this file is above the signer's; it is left out"
                );
            }
        }
    }
}

/// The key that a certificate of `--cert` is for; those of authorities above it may lie beside.
fn own_key(certificate: &Certificate) -> Option<PublicKey> {
    let of_nobody_else = !certificate.is_ca();
    of_nobody_else
        .then(|| PublicKey::from_spki_der(certificate.spki_der()).ok())
        .flatten()
}

/// How many documents are signed at a time.
pub(super) fn workers(documents: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    documents.clamp(1, cores)
}

/// The exit code and hint of a signature that was not made.
pub(super) fn build_failure(error: BuildError) -> Failure {
    let hint = error.hint();
    let exit = match &error {
        BuildError::CertificateMismatch { .. }
        | BuildError::Key { .. }
        | BuildError::AlgorithmMismatch { .. }
        | BuildError::WrongSignature { .. }
        | BuildError::NotPrepared(_) => Some(Exit::Data),
        _ => None,
    };
    let mut failure = Failure::from(error);
    failure.exit = exit.unwrap_or(failure.exit);
    failure.hint = failure.hint.or(hint);
    failure
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bytes = input::read(path, "the certificate file", MAX_CERTIFICATE_FILE)?;
    let unusable = || format!("{} holds no usable certificate", path.display());
    let ders = pem::der_or_pem(
        &bytes,
        &["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"],
    )
    .context(unusable())
    .exit(Exit::Data)?;
    let mut out = Vec::new();
    for der in ders {
        out.push(
            Certificate::from_der(der)
                .context(unusable())
                .exit(Exit::Data)
                .hint("give one certificate in DER, or any number in PEM")?,
        );
    }
    if out.is_empty() {
        return Err(Failure::message(Exit::Data, unusable())
            .with_hint("give one certificate in DER, or any number in PEM"));
    }
    Ok(out)
}

/// The certificate of this key: from `--cert`, else from beside the key. Cards and key files keep
/// the certificate before the last renewal, so the latest that signs today is taken.
fn select(
    signer: &dyn Signer,
    key: &KeyName,
    args: &KeyArgs,
    given: Option<&[Certificate]>,
    beside: &[Certificate],
) -> Result<Certificate, Failure> {
    let of_key: Vec<_> = given
        .unwrap_or(beside)
        .iter()
        .filter(|c| is_of_key(c, signer))
        .collect();
    let Some(first) = of_key.first() else {
        return Err(no_certificate(key, args, given));
    };
    of_key
        .iter()
        .filter(|c| check(c).is_ok())
        .max_by_key(|c| c.not_before())
        .map_or_else(
            || check(first).map(|()| Certificate::clone(first)),
            |c| Ok(Certificate::clone(c)),
        )
}

fn is_of_key(certificate: &Certificate, signer: &dyn Signer) -> bool {
    let own = signer.public_key();
    PublicKey::from_spki_der(certificate.spki_der())
        .is_ok_and(|key| key.kind() == own.kind() && key.bits() == own.bits())
}

fn no_certificate(key: &KeyName, args: &KeyArgs, given: Option<&[Certificate]>) -> Failure {
    if let (Some(path), Some(first)) = (&args.cert, given.and_then(<[_]>::first)) {
        return Failure::message(
            Exit::Data,
            format_args!(
                "the certificate in {} does not belong to the key: it certifies another key of {}",
                path.display(),
                first.display_subject()
            ),
        )
        .with_hint("give the certificate that was issued for this key");
    }
    let place = match key {
        KeyName::Here(KeyLocation::Pkcs11(_)) => "in the token beside the key",
        KeyName::Here(KeyLocation::File(_)) => "in the key file",
        KeyName::Service(_) => "at the service",
    };
    Failure::message(
        Exit::Data,
        format_args!("there is no certificate of this key {place}"),
    )
    .with_hint("give it with --cert FILE")
}

/// A certificate that makes no acceptable signature today is refused before anything is written.
pub(super) fn check(certificate: &Certificate) -> Result<(), Failure> {
    let subject = certificate.display_subject();
    let refuse =
        |message: String, hint: &str| Err(Failure::message(Exit::Data, message).with_hint(hint));
    let now = SystemClock.now();
    if now > certificate.not_after() {
        return refuse(
            format!(
                "the certificate of {subject} expired on {}",
                certificate.not_after()
            ),
            "have a new certificate issued; a signature made now would not be accepted",
        );
    }
    if now < certificate.not_before() {
        return refuse(
            format!(
                "the certificate of {subject} is valid only from {}",
                certificate.not_before()
            ),
            "check this system's clock, or wait",
        );
    }
    if certificate.is_ca() {
        return refuse(
            format!("the certificate of {subject} is that of a certificate authority"),
            "documents are signed with a certificate issued for that purpose",
        );
    }
    if let Some(usage) = certificate.key_usage()
        && !usage.digital_signature()
        && !usage.non_repudiation()
    {
        return refuse(
            format!(
                "the certificate of {subject} is not for signing: its key usage has neither digitalSignature nor nonRepudiation"
            ),
            "use the certificate for signatures or seals; cards often hold another one for authentication or encryption",
        );
    }
    let purposes = certificate.extended_key_usages();
    let services = [
        oid::KP_TIME_STAMPING,
        oid::KP_OCSP_SIGNING,
        oid::KP_SERVER_AUTH,
    ];
    if !purposes.is_empty() && purposes.iter().all(|p| services.contains(p)) {
        let names: Vec<_> = purposes.iter().filter_map(oid::label).collect();
        return refuse(
            format!(
                "the certificate of {subject} is for {} only",
                names.join(", ")
            ),
            "use the certificate for signatures or seals",
        );
    }
    Ok(())
}

/// The certificates above `leaf` that are in the pool, from the issuer upwards.
fn chain(leaf: &Certificate, pool: &[Certificate]) -> Vec<Certificate> {
    let mut out: Vec<Certificate> = Vec::new();
    let mut current = leaf.clone();
    while !current.is_self_issued() && out.len() < MAX_CHAIN {
        let key_id = current.authority_key_id();
        let issuer = pool.iter().find(|c| {
            name::matches(c.subject(), current.issuer())
                && match (&key_id, c.subject_key_id()) {
                    (Some(wanted), Some(own)) => *wanted == own,
                    _ => true,
                }
                && **c != current
                && !out.contains(c)
        });
        let Some(issuer) = issuer else { break };
        out.push(issuer.clone());
        current = issuer.clone();
    }
    out
}

//! Time-stamps of checkpoints: asked for over HTTP, and checked down to a trust anchor.

use std::path::PathBuf;
use std::sync::Arc;

use ades::net::UreqClient;
use ades::tsp::{Client, TimeStamper as _, Token};
use ca_core::journal::TimeStampCheck;
use cli_support::{Exit, Failure, ResultExt as _};
use pki_crypto::Digest;
use pki_path::{CertificatePool, Evidence, Parameters, RevocationMode, TrustAnchor, Validator};

use super::files;

/// Asks the authorities in turn.
pub(super) fn ask(urls: &[String], imprint: &Digest) -> Result<Token, Failure> {
    let client = Client::new(Arc::new(UreqClient::default()), urls.to_vec());
    client.time_stamp(imprint).explain(|e| {
        let exit = if e.is_temporary() {
            Exit::Temporary
        } else {
            Exit::Unavailable
        };
        (exit, e.hint())
    })
}

/// Checks tokens: signature, purpose, and a path from the unit's certificate to an anchor at the
/// token's own time. Revocation is not looked at.
pub(super) struct Authorities(Vec<TrustAnchor>);

impl Authorities {
    /// Reads the trust anchors; `None` where no file is named.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Option<Self>, Failure> {
        if paths.is_empty() {
            return Ok(None);
        }
        let mut anchors = Vec::new();
        for path in paths {
            for certificate in files::certificates(path)? {
                let anchor = TrustAnchor::from_certificate(certificate)
                    .context(format_args!("cannot trust {}", path.display()))
                    .exit(Exit::Data)?;
                anchors.push(anchor);
            }
        }
        Ok(Some(Self(anchors)))
    }
}

impl TimeStampCheck for Authorities {
    fn check(&self, token: &[u8], imprint: &Digest) -> Result<(), String> {
        let token = Token::verify(token.to_vec(), imprint).map_err(|e| e.to_string())?;
        let mut pool = CertificatePool::new();
        for certificate in token.certificates() {
            pool.add(certificate);
        }
        let mut parameters = Parameters::at(token.time());
        parameters.revocation = RevocationMode::None;
        let evidence = Evidence::new();
        Validator::new(&self.0, &pool, &evidence, parameters)
            .validate(token.certificate())
            .map(drop)
            .map_err(|e| format!("its certificate is not trusted: {e}"))
    }
}

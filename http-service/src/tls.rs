//! TLS 1.2 and 1.3 (rustls), with a key from wherever keys live and a certificate that is replaced
//! without a failed request.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hsm_pkcs11::{KeyLocation, OpenOptions, Pace, PinSource, SignError, Signer};
use pki_asn1::UnixTime;
use pki_crypto::{DigestAlgorithm, KeyKind, Message, SignatureAlgorithm};
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{ServerConfig, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::settings::{self, SettingError};
use crate::workers::{NotRun, Workers};

/// Signatures at one time with a key that is not in memory, and sessions opened in a token.
const SESSIONS: usize = 4;
/// Steps of handshakes that may wait for such a key, and for how long. Handshakes under way are bounded
/// too; these are those of clients that have given up.
const WAITING: usize = 1024;
const PATIENCE: Duration = Duration::from_secs(5);

/// The settings of `[tls]`.
#[derive(Clone, Debug)]
pub struct TlsSettings {
    /// The server's certificate and those between it and the root (PEM).
    pub certificate: PathBuf,
    /// The server's key.
    pub key: KeyLocation,
    /// The file with the key's PIN.
    pub pin_file: Option<PathBuf>,
}

/// The server's side of TLS; clones share the certificate.
#[derive(Clone)]
pub struct Tls {
    settings: TlsSettings,
    pin: PinSource,
    current: Arc<Current>,
    acceptor: TlsAcceptor,
    workers: Arc<Workers>,
}

/// What the next handshake takes.
struct Current(RwLock<Presented>);

#[derive(Clone)]
struct Presented {
    key: Arc<CertifiedKey>,
    pace: Pace,
    not_after: UnixTime,
}

impl Tls {
    /// Opens the key and checks that the certificate is its own. `pin` is where the PIN comes from
    /// where no file is named.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn open(settings: TlsSettings, pin: PinSource) -> Result<Self, SettingError> {
        let presented = settings.open(&pin)?;
        let current = Arc::new(Current(RwLock::new(presented)));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| settings.wrong(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            settings,
            pin,
            current,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            workers: Arc::new(Workers::new(SESSIONS, WAITING, PATIENCE)),
        })
    }

    /// Shakes hands. A key that waits (a token, RSA) signs on threads of its own: where it hangs, those
    /// that serve connections go on.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> Result<io::Result<TlsStream<TcpStream>>, NotRun> {
        let shaking = self.acceptor.accept(stream);
        match self.current.get().pace {
            Pace::Immediate => Ok(shaking.await),
            // The signature is made inside the handshake, where its messages are read.
            Pace::Waits => self.workers.drive(shaking).await,
        }
    }

    /// Reads certificate and key again; connections that stand are not touched. Where anything is
    /// wrong, the old ones go on.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn reload(&self) -> Result<(), SettingError> {
        let presented = self.settings.open(&self.pin)?;
        let mut current = self.current.0.write();
        **current.as_mut().unwrap_or_else(|e| e.get_mut()) = presented;
        Ok(())
    }

    /// The end of the certificate's validity.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        self.current.get().not_after
    }
}

impl TlsSettings {
    fn open(&self, pin: &PinSource) -> Result<Presented, SettingError> {
        let command = "your TLS certificate authority";
        let chain = settings::certificates("the TLS certificate", &self.certificate, command)?;
        if let KeyLocation::File(path) = &self.key {
            let what = "the TLS key";
            let metadata = std::fs::metadata(path).map_err(|source| SettingError::Read {
                what,
                path: path.clone(),
                source,
            })?;
            if metadata.permissions().mode() & 0o007 != 0 {
                return Err(SettingError::Value {
                    setting: "tls.key",
                    value: path.display().to_string(),
                    reason: "everybody on this machine may use the file; chmod o= it".into(),
                });
            }
        }
        let signer = self.signer(pin)?;
        let own = &chain[0];
        if signer.public_key().bits() != own.public_key_bits() {
            return Err(self.wrong(format!(
                "{} certifies another key than tls.key",
                own.display_subject()
            )));
        }
        let Some(scheme) = scheme(signer.algorithm()) else {
            return Err(self.wrong(format!("TLS has no {} keys", signer.algorithm())));
        };
        let not_after = own.not_after();
        let chain = chain.iter().map(|c| CertificateDer::from(c.der().to_vec()));
        let pace = signer.pace();
        let key = Key { signer, scheme };
        Ok(Presented {
            pace,
            key: Arc::new(CertifiedKey::new(chain.collect(), Arc::new(key))),
            not_after,
        })
    }

    fn signer(&self, pin: &PinSource) -> Result<Arc<dyn Signer>, SettingError> {
        let open = |algorithm| {
            let options = OpenOptions {
                algorithm,
                sessions: SESSIONS,
                ..OpenOptions::default()
            };
            let what = || "the TLS key".to_owned();
            settings::open_key_with(what, &self.key, self.pin_file.as_deref(), pin, &options)
        };
        let signer = open(None)?.signer;
        match signer.public_key().kind() {
            // PSS is the one padding that TLS 1.3 and 1.2 both take.
            KeyKind::Rsa { .. } => {
                let pss = SignatureAlgorithm::RsaPss(DigestAlgorithm::Sha256);
                Ok(open(Some(pss))?.signer)
            }
            _ => Ok(signer),
        }
    }

    fn wrong(&self, reason: String) -> SettingError {
        SettingError::Value {
            setting: "tls.certificate",
            value: self.certificate.display().to_string(),
            reason,
        }
    }
}

impl Current {
    fn get(&self) -> Presented {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get().key)
    }
}

fn scheme(algorithm: SignatureAlgorithm) -> Option<SignatureScheme> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    Some(match algorithm {
        SignatureAlgorithm::Ecdsa(Sha256) => SignatureScheme::ECDSA_NISTP256_SHA256,
        SignatureAlgorithm::Ecdsa(Sha384) => SignatureScheme::ECDSA_NISTP384_SHA384,
        SignatureAlgorithm::Ecdsa(Sha512) => SignatureScheme::ECDSA_NISTP521_SHA512,
        SignatureAlgorithm::RsaPss(Sha256) => SignatureScheme::RSA_PSS_SHA256,
        SignatureAlgorithm::Ed25519 => SignatureScheme::ED25519,
        _ => return None,
    })
}

/// A key of [`hsm_pkcs11`] as rustls wants it.
#[derive(Clone, Debug)]
struct Key {
    signer: Arc<dyn Signer>,
    scheme: SignatureScheme,
}

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn rustls::sign::Signer>> {
        let chosen = offered.contains(&self.scheme);
        chosen.then(|| Box::new(self.clone()) as _)
    }

    fn algorithm(&self) -> rustls::SignatureAlgorithm {
        match self.scheme {
            SignatureScheme::RSA_PSS_SHA256 => rustls::SignatureAlgorithm::RSA,
            SignatureScheme::ED25519 => rustls::SignatureAlgorithm::ED25519,
            _ => rustls::SignatureAlgorithm::ECDSA,
        }
    }
}

impl rustls::sign::Signer for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let failed = |error: SignError| rustls::Error::General(error.to_string());
        self.signer.sign(Message::Bytes(message)).map_err(failed)
    }

    fn scheme(&self) -> SignatureScheme {
        self.scheme
    }
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Current").finish()
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;

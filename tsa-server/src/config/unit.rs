//! One time-stamping unit as configured.

use std::path::PathBuf;
use std::sync::Arc;

use hsm_pkcs11::{KeyLocation, PinSource, Signer};
use http_service::settings;
use pki_asn1::oid::ObjectIdentifier;
use pki_crypto::DigestAlgorithm;

use super::ConfigError;
use crate::unit::Unit;

/// Where a unit's key and certificate are.
#[derive(Clone, Debug)]
pub struct UnitConfig {
    /// Its name in paths, metrics and the journal.
    pub name: String,
    /// The certificate (PEM or DER).
    pub certificate: PathBuf,
    /// Certificates carried beside it.
    pub chain: Vec<PathBuf>,
    /// The key.
    pub key: KeyLocation,
    /// The file with the key's PIN.
    pub pin_file: Option<PathBuf>,
    /// The policies it serves; all where it names none.
    pub policies: Option<Vec<ObjectIdentifier>>,
}

impl UnitConfig {
    /// Reads the certificates, opens the key with so many sessions, and checks that they belong
    /// together. `known` is the key that is open already; it is taken where it is the certificate's.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn open(
        &self,
        pin: &PinSource,
        sessions: usize,
        digest: DigestAlgorithm,
        known: Option<&Arc<dyn Signer>>,
    ) -> Result<Unit, ConfigError> {
        let unusable = |source| ConfigError::Unit {
            path: self.certificate.clone(),
            source,
        };
        let command = "sceau-ca issue --profile time-stamping-unit";
        let certificate =
            settings::certificates("the certificate", &self.certificate, command)?.swap_remove(0);
        let mut chain = Vec::new();
        for path in &self.chain {
            let command = "sceau-ca ca show";
            chain.extend(settings::certificates(
                "the chain certificate",
                path,
                command,
            )?);
        }
        let same = known.filter(|key| key.public_key().spki_der() == certificate.spki_der());
        let signer = match same {
            Some(key) => Arc::clone(key),
            None => {
                let what = || "the time-stamping key".to_owned();
                let pin_file = self.pin_file.as_deref();
                settings::open_key(what, &self.key, pin_file, pin, sessions)?.signer
            }
        };
        let mut unit = Unit::new(signer, certificate, &chain)
            .and_then(|unit| unit.with_certificate_digest(digest))
            .map_err(unusable)?
            .named(&self.name);
        if let Some(policies) = &self.policies {
            unit = unit.for_policies(policies.clone());
        }
        Ok(unit)
    }
}

//! A certificate that broke no rule.

use pki_asn1::{Certificate, UnixTime};
use pki_crypto::{DigestAlgorithm, PublicKey, SignatureAlgorithm};
use spki::AlgorithmIdentifierOwned;

use super::Recorded;
use crate::profile::Profile;
use crate::registration::RevocationCode;
use crate::store::{
    Act, AuthorityRef, CertifiedAuthority, Change, Intent, IntentRegistration, Mandate,
    NewAuthorityRow, Store, StoreError,
};

/// Linted to-be-signed bytes.
pub(crate) struct Linted {
    tbs: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    preview: Certificate,
}

/// What INTENT says beside the certificate.
pub(crate) struct RecordInputs<'a> {
    pub(crate) at: UnixTime,
    pub(crate) actors: &'a [String],
    pub(crate) authority: AuthorityRef,
    pub(crate) profile: &'a Profile,
    pub(crate) qscd_evidence: Option<String>,
    pub(crate) new_authority: Option<NewAuthorityRow>,
    pub(crate) certifies: Option<CertifiedAuthority>,
    pub(crate) order: Option<[u8; 32]>,
    pub(crate) issuer_key: &'a PublicKey,
    pub(crate) issuer_algorithm: SignatureAlgorithm,
    pub(crate) registration: IntentRegistration,
    pub(crate) mandate: Option<Mandate>,
    pub(crate) revocation_code: Option<&'a RevocationCode>,
}

impl Linted {
    pub(super) fn new(
        tbs: Vec<u8>,
        algorithm: AlgorithmIdentifierOwned,
        preview: Certificate,
    ) -> Self {
        Self {
            tbs,
            algorithm,
            preview,
        }
    }

    /// Writes INTENT and waits for the disk.
    pub(crate) fn record(
        self,
        store: &dyn Store,
        inputs: RecordInputs<'_>,
    ) -> Result<Recorded, StoreError> {
        let tbs_sha256 = sha256(&self.tbs);
        let serial = self.preview.serial().to_vec();
        let intent = Intent {
            authority: inputs.authority.clone(),
            serial: serial.clone(),
            tbs_sha256,
            profile: inputs.profile.name().to_owned(),
            profile_sha256: copy32(inputs.profile.digest().as_bytes()),
            subject: self.preview.display_subject().to_string(),
            not_before: self.preview.not_before(),
            not_after: self.preview.not_after(),
            qscd_evidence: inputs.qscd_evidence,
            new_authority: inputs.new_authority,
            certifies: inputs.certifies,
            registration: Box::new(IntentRegistration {
                revocation_code: inputs
                    .revocation_code
                    .map(|code| code.hash(&inputs.authority.name, &serial)),
                ..inputs.registration
            }),
            order: inputs.order,
        };
        let seq = store.commit(Change {
            at: inputs.at,
            actors: inputs.actors.to_vec(),
            act: Act::Intend(intent),
            mandate: inputs.mandate,
        })?;
        Ok(Recorded {
            seq,
            authority: inputs.authority,
            serial,
            tbs: self.tbs,
            tbs_sha256,
            algorithm: self.algorithm,
            issuer_key: inputs.issuer_key.clone(),
            issuer_algorithm: inputs.issuer_algorithm,
        })
    }
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    copy32(DigestAlgorithm::Sha256.digest(bytes).as_bytes())
}

pub(crate) fn copy32(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let n = bytes.len().min(32);
    out[..n].copy_from_slice(&bytes[..n]);
    out
}

//! Acts of a certification authority, made up as far as the record does not look into them.

use std::sync::{Arc, OnceLock};

use ca_core::crl::{Body, CrlKind, CrlName};
use ca_core::store::{
    Abandonment, Act, AuthorityRef, Change, Completion, CrlIntent, CrlPublication, Intent,
    IntentRegistration, NewAuthorityRow, Occasion, RevocationAct, Store, StoreError, SuspensionAct,
};
use ca_core::{Authority, RevocationReason};
use pki_asn1::Certificate;
use pki_crypto::DigestAlgorithm;

use crate::record::{NOW, Record};
use crate::support::House;

/// A record with one authority, through acts alone.
pub(crate) struct Ca {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) authority: Authority,
}

impl Ca {
    pub(crate) fn new(record: &Record) -> Self {
        Self::of(record.create())
    }

    pub(crate) fn of(store: Arc<dyn Store>) -> Self {
        let new = NewAuthorityRow {
            name: "root".into(),
            key_location: "keys/root.pem".into(),
            is_root: true,
            crl_partitions: 0,
            predecessor: None,
        };
        let root = AuthorityRef {
            id: 0,
            name: "root".into(),
        };
        let intent = Intent {
            authority: root.clone(),
            new_authority: Some(new),
            ..intent(&root, b"\x01root")
        };
        let seq = commit(&*store, Act::Intend(intent)).unwrap();
        commit(&*store, completion(&root, b"\x01root", seq)).unwrap();
        let authority = store.authorities().unwrap().remove(0);
        Self { store, authority }
    }

    /// The authority by the name and the key that acts use.
    pub(crate) fn root(&self) -> AuthorityRef {
        AuthorityRef {
            // The only authority of an empty record.
            id: 1,
            name: self.authority.name.clone(),
        }
    }

    pub(crate) fn commit(&self, act: Act) -> Result<u64, StoreError> {
        commit(&*self.store, act)
    }

    pub(crate) fn intend(&self, serial: &[u8]) -> Result<u64, StoreError> {
        self.commit(Act::Intend(intent(&self.root(), serial)))
    }

    pub(crate) fn complete(&self, serial: &[u8], seq: u64) -> Result<u64, StoreError> {
        self.commit(completion(&self.root(), serial, seq))
    }

    pub(crate) fn issue(&self, serial: &[u8]) {
        let seq = self.intend(serial).unwrap();
        self.complete(serial, seq).unwrap();
    }

    pub(crate) fn abandon(&self, serial: &[u8]) -> Result<u64, StoreError> {
        self.commit(Act::Abandon(Abandonment {
            authority: self.root(),
            serial: serial.to_vec(),
            reason: "test".into(),
        }))
    }

    pub(crate) fn revoke(&self, serial: &[u8]) -> Result<u64, StoreError> {
        self.commit(Act::Revoke(RevocationAct {
            authority: self.root(),
            serial: serial.to_vec(),
            reason: RevocationReason::KeyCompromise,
            invalidity_date: Some(NOW),
            requested_at: NOW,
        }))
    }

    pub(crate) fn suspend(&self, serial: &[u8]) -> Result<u64, StoreError> {
        self.commit(Act::Suspend(self.hold(serial)))
    }

    pub(crate) fn resume(&self, serial: &[u8]) -> Result<u64, StoreError> {
        self.commit(Act::Resume(self.hold(serial)))
    }

    fn hold(&self, serial: &[u8]) -> SuspensionAct {
        SuspensionAct {
            authority: self.root(),
            serial: serial.to_vec(),
            requested_at: NOW,
        }
    }

    pub(crate) fn intend_crl(&self, number: u64) -> Result<u64, StoreError> {
        self.intend_crl_of(CrlName::WHOLE, number)
    }

    pub(crate) fn intend_crl_of(&self, name: CrlName, number: u64) -> Result<u64, StoreError> {
        self.commit(Act::IntendCrl(self.crl(name, number)))
    }

    pub(crate) fn publish_crl(&self, number: u64) -> Result<u64, StoreError> {
        self.publish_crl_of(CrlName::WHOLE, number, format!("CRL {number}").into_bytes())
    }

    pub(crate) fn publish_crl_of(
        &self,
        name: CrlName,
        number: u64,
        der: Vec<u8>,
    ) -> Result<u64, StoreError> {
        self.commit(Act::PublishCrl(CrlPublication {
            intent: self.crl(name, number),
            position: 0,
            occasion: Occasion::Scheduled,
            sha256: sha256(&der),
            body: Arc::new(Body::whole(der)),
        }))
    }

    fn crl(&self, name: CrlName, number: u64) -> CrlIntent {
        CrlIntent {
            authority: self.root(),
            name,
            number,
            base: (name.kind == CrlKind::Delta).then_some(1),
            tbs_sha256: [7; 32],
            entries: 0,
            this_update: NOW,
            next_update: NOW.plus_days(1),
        }
    }

    /// Checks the chain and compares the tables with it; how many records there are.
    pub(crate) fn verify(&self) -> Result<u64, String> {
        verify(&*self.store)
    }
}

pub(crate) fn verify(store: &dyn Store) -> Result<u64, String> {
    let mut verifier = ca_core::journal::Verifier::default();
    let mut broken = None;
    let difference = store.audit(&mut |row| {
        if broken.is_none() {
            broken = verifier.push(row).err();
        }
        Ok(())
    });
    if let Some(broken) = broken {
        return Err(broken.to_string());
    }
    match difference.map_err(|e| e.to_string())? {
        Some(difference) => Err(format!("{:?} {}", difference.seq, difference.what)),
        None => Ok(verifier.finish().map_err(|e| e.to_string())?.records),
    }
}

pub(crate) fn intent(authority: &AuthorityRef, serial: &[u8]) -> Intent {
    Intent {
        authority: authority.clone(),
        serial: serial.to_vec(),
        tbs_sha256: [1; 32],
        profile: "company-seal".into(),
        profile_sha256: [2; 32],
        subject: "CN=Zoé".into(),
        not_before: NOW,
        not_after: NOW.plus_days(365),
        qscd_evidence: None,
        new_authority: None,
        certifies: None,
        registration: Box::new(IntentRegistration::of_provider(sha256(serial))),
        order: None,
    }
}

fn completion(authority: &AuthorityRef, serial: &[u8], intent_seq: u64) -> Act {
    let certificate = any_certificate().der().to_vec();
    Act::Complete(Completion {
        authority: authority.clone(),
        serial: serial.to_vec(),
        intent_seq,
        fingerprint: sha256(&certificate),
        certificate,
    })
}

fn commit(store: &dyn Store, act: Act) -> Result<u64, StoreError> {
    store.commit(Change {
        at: NOW,
        actors: vec!["test".into()],
        act,
        mandate: None,
    })
}

/// The record decodes certificates and compares their digests, and looks no further.
pub(crate) fn any_certificate() -> &'static Certificate {
    static ANY: OnceLock<Certificate> = OnceLock::new();
    ANY.get_or_init(|| House::new().root.authority().certificate.clone())
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = DigestAlgorithm::Sha256.digest(bytes);
    digest.as_bytes().try_into().unwrap()
}

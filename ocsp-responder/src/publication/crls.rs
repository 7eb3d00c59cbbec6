//! The CRLs read last, and what a CRL must be like to take the place of the one before: issued by this
//! authority's key, with the number the record says, and never an older one after a newer
//! (RFC 5280 section 5.2.3).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ca_core::status::CrlView;
use http_service::{Pace, with_causes};
use hyper::body::Bytes;
use pki_asn1::{Certificate, CertificateList, UnixTime};
use pki_crypto::{Message, PublicKey, SignatureAlgorithm};

use super::Published;
use crate::record::source::{CrlName, SourceError};
use crate::responder::{Busy, Responder};

/// A version that no record has: what carries it is to be read again.
const NEVER: u64 = u64::MAX;

/// A CRL as published last, if there is one.
pub(crate) type LatestCrl = Result<Option<Arc<KeptCrl>>, Busy>;

/// A CRL that was read and found to be what it should be.
#[derive(Debug)]
pub(crate) struct KeptCrl {
    pub(crate) file: Published,
    /// The cRLNumber.
    number: u64,
    /// The SubjectPublicKeyInfo (DER) of the key that signed it.
    issuer: Vec<u8>,
    /// The version of the record it is known to agree with.
    version: AtomicU64,
    /// The record has another one, which was refused.
    superseded_wrongly: AtomicBool,
}

impl KeptCrl {
    /// Whether it may be handed out although nobody knows that it is still the latest.
    fn outlasts(&self, now: UnixTime) -> bool {
        now <= self.file.until
    }

    fn agrees(&self, version: u64) -> bool {
        self.version.load(Ordering::Relaxed) == version
    }
}

/// Why a CRL does not take the place of the one before.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
enum Refusal {
    #[error("its number is {number}, and number {served} was served before")]
    Backwards { number: u64, served: u64 },
    #[error("another CRL with its number {0} was served before")]
    SameNumber(u64),
    #[error("it cannot be read: {0}")]
    Malformed(String),
    #[error("it does not have the number {0} that the record says")]
    OtherNumber(u64),
    #[error("it is of another issuer")]
    OtherIssuer,
    #[error("its signature was not made by the authority's key")]
    Signature,
}

/// The CRLs read last, by file name.
#[derive(Debug, Default)]
pub(crate) struct Crls {
    kept: RwLock<HashMap<String, Arc<KeptCrl>>>,
    refused: AtomicU64,
}

impl Crls {
    /// Nothing kept is known to agree with the record any more; the numbers served stay in force.
    pub(super) fn distrust(&self) {
        for crl in self.read().values() {
            crl.version.store(NEVER, Ordering::Relaxed);
        }
    }

    /// How often a CRL of the record was refused.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn kept(&self, file_name: &str) -> Option<Arc<KeptCrl>> {
        self.read().get(file_name).cloned()
    }

    fn keep(&self, file_name: &str, crl: Arc<KeptCrl>) {
        self.kept
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(file_name.to_owned(), crl);
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<String, Arc<KeptCrl>>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Responder {
    /// The CRL with this file name, as published last. While the record is out of reach, and while it
    /// has one that is refused, the one before is served until its nextUpdate.
    pub(crate) async fn crl(self: &Arc<Self>, file_name: &str) -> LatestCrl {
        let Some((authority, name)) = CrlName::parse(file_name) else {
            return Ok(None);
        };
        let state = self.state();
        let Some(entry) = state.entries.iter().find(|e| e.name == authority) else {
            return Ok(None);
        };
        let now = self.now();
        let version = self.version.load(Ordering::Acquire);
        let kept = self.publications.crls.kept(file_name);
        let latest = |crl: &KeptCrl| {
            crl.agrees(version)
                && (crl.outlasts(now)
                    || !(self.is_stale(now) || crl.superseded_wrongly.load(Ordering::Relaxed)))
        };
        if let Some(kept) = kept.clone().filter(|crl| latest(crl)) {
            return Ok(Some(kept));
        }
        let (this, flight) = (Arc::clone(self), (file_name.to_owned(), version));
        let issuer = entry.certificate.clone();
        let authority = authority.to_owned();
        let read = self
            .publications
            .reading
            .run(&self.workers, Pace::Waits, flight, move || {
                this.read_crl(&authority, &issuer, name, version)
            })
            .await
            .unwrap_or(Err(Busy));
        match (read, kept) {
            (Err(Busy), Some(kept)) if kept.outlasts(now) => Ok(Some(kept)),
            (read, _) => read,
        }
    }

    /// A CRL is read only where its number says that it is another one: it may be large, and the
    /// record changes with every certificate issued.
    fn read_crl(
        &self,
        authority: &str,
        issuer: &Certificate,
        name: CrlName,
        version: u64,
    ) -> LatestCrl {
        let unreadable = |error: SourceError| {
            self.complain("no look at the record", &with_causes(&error));
            Busy
        };
        let crls = &self.publications.crls;
        let file_name = name.file_name(authority);
        let found = self.source.crl_number(authority, name);
        // Another key with the authority's name counts anew.
        let before = crls
            .kept(&file_name)
            .filter(|crl| crl.issuer == issuer.spki_der());
        let number = match (found.map_err(unreadable)?, &before) {
            (None, None) => return Ok(None),
            (number, _) => number.unwrap_or(0),
        };
        if let Some(kept) = &before {
            // After an alarm, or in another record, the same number may be that of other bytes.
            let trusted = !kept.agrees(NEVER) && !kept.superseded_wrongly.load(Ordering::Relaxed);
            if number == kept.number && trusted {
                kept.version.store(version, Ordering::Relaxed);
                return Ok(Some(Arc::clone(kept)));
            }
            if number < kept.number {
                let served = kept.number;
                return self.refuse(
                    &file_name,
                    version,
                    &before,
                    &Refusal::Backwards { number, served },
                );
            }
        }
        let crl = self.source.crl(authority, name).map_err(unreadable)?;
        let Some(crl) = crl else { return Ok(None) };
        match accept(crl, issuer, version, before.as_deref()) {
            Ok(new) => {
                let new = Arc::new(new);
                crls.keep(&file_name, Arc::clone(&new));
                Ok(Some(new))
            }
            Err(refusal) => self.refuse(&file_name, version, &before, &refusal),
        }
    }

    /// The alarm, and the CRL that is served instead.
    fn refuse(
        &self,
        file_name: &str,
        version: u64,
        before: &Option<Arc<KeptCrl>>,
        refusal: &Refusal,
    ) -> LatestCrl {
        let crls = &self.publications.crls;
        crls.refused.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            crl = file_name,
            reason = %refusal,
            hint = "was the record restored from an old backup? sceau-ca audit verify; a restart takes the record as it is",
            "a CRL of the record is not published"
        );
        let Some(before) = before else {
            return Err(Busy);
        };
        before.superseded_wrongly.store(true, Ordering::Relaxed);
        before.version.store(version, Ordering::Relaxed);
        if before.outlasts(self.now()) {
            Ok(Some(Arc::clone(before)))
        } else {
            Err(Busy)
        }
    }
}

fn accept(
    crl: CrlView,
    issuer: &Certificate,
    version: u64,
    before: Option<&KeptCrl>,
) -> Result<KeptCrl, Refusal> {
    let list = CertificateList::from_der(crl.der).map_err(|e| Refusal::Malformed(e.to_string()))?;
    let number = list.crl_number().map(|octets| {
        let (padding, number) = octets.split_at(octets.len().saturating_sub(8));
        let value = number.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
        (padding.iter().all(|b| *b == 0), value)
    });
    if number != Some((true, crl.number)) {
        return Err(Refusal::OtherNumber(crl.number));
    }
    if list.issuer_der() != issuer.subject_der() {
        return Err(Refusal::OtherIssuer);
    }
    let unsupported = |e: String| Refusal::Malformed(e);
    let algorithm = SignatureAlgorithm::from_identifier(list.signature_algorithm())
        .map_err(|e| unsupported(e.to_string()))?;
    PublicKey::from_spki_der(issuer.spki_der())
        .map_err(|e| unsupported(e.to_string()))?
        .verify(algorithm, Message::Bytes(list.tbs_der()), list.signature())
        .map_err(|_| Refusal::Signature)?;
    let file = Published::crl(
        Bytes::from_owner(Owned(list)),
        crl.this_update,
        crl.next_update,
    );
    match before {
        Some(before) if before.number == crl.number && before.file.etag != file.etag => {
            Err(Refusal::SameNumber(crl.number))
        }
        _ => Ok(KeptCrl {
            file,
            number: crl.number,
            issuer: issuer.spki_der().to_vec(),
            version: AtomicU64::new(version),
            superseded_wrongly: AtomicBool::new(false),
        }),
    }
}

/// Lets answers share the bytes where they are.
struct Owned(CertificateList);

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        self.0.der()
    }
}

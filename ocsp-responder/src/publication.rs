//! CRLs and CA certificates, at the URLs that certificates name (RFC 5280 sections 4.2.1.13 and
//! 4.2.2.1, media types of RFC 2585).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ca_core::status::CrlView;
use http_service::http_date;
use hyper::body::Bytes;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::DigestAlgorithm;

/// HTTP caches ask again for a CRL after this many seconds, because a revocation publishes a new one
/// long before nextUpdate.
const CRL_MAX_AGE: i64 = 300;
/// A certificate never changes under its name, unless the CA is renewed.
const CERTIFICATE_MAX_AGE: i64 = 86_400;

/// A file to serve, with what HTTP says about it.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) body: Bytes,
    pub(crate) content_type: &'static str,
    /// With its quotes.
    pub(crate) etag: String,
    pub(crate) last_modified: UnixTime,
    until: UnixTime,
    max_age: i64,
    /// The cRLNumber.
    number: u64,
    /// The version of the record it is known to agree with.
    version: AtomicU64,
}

impl Published {
    pub(crate) fn certificate(certificate: &Certificate) -> Self {
        Self {
            body: Bytes::copy_from_slice(certificate.der()),
            content_type: "application/pkix-cert",
            etag: etag(certificate.der()),
            last_modified: certificate.not_before(),
            until: certificate.not_after(),
            max_age: CERTIFICATE_MAX_AGE,
            number: 0,
            version: AtomicU64::new(0),
        }
    }

    fn crl(crl: CrlView, version: u64) -> Self {
        Self {
            etag: etag(&crl.der),
            body: crl.der.into(),
            content_type: "application/pkix-crl",
            last_modified: crl.this_update,
            until: crl.next_update,
            max_age: CRL_MAX_AGE,
            number: crl.number,
            version: AtomicU64::new(version),
        }
    }

    /// Seconds an HTTP cache may keep it.
    pub(crate) fn max_age(&self, now: UnixTime) -> i64 {
        self.until.since(now).clamp(0, self.max_age)
    }

    /// The Expires field that says the same as `max_age`.
    pub(crate) fn expires(&self, now: UnixTime) -> String {
        http_date(UnixTime::from_secs(now.as_secs() + self.max_age(now)))
    }
}

fn etag(der: &[u8]) -> String {
    format!("\"{}\"", DigestAlgorithm::Sha256.digest(der).to_hex())
}

/// The CRLs read last.
#[derive(Debug, Default)]
pub(crate) struct Publications(RwLock<HashMap<String, Arc<Published>>>);

impl Publications {
    /// The CRL of this authority, where it was read at this version of the record.
    pub(crate) fn get(&self, name: &str, version: u64) -> Option<Arc<Published>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kept.get(name)
            .filter(|p| p.version.load(Ordering::Relaxed) == version)
            .cloned()
    }

    /// The CRL kept for this authority, where the record still has it at this version.
    pub(crate) fn confirm(&self, name: &str, number: u64, version: u64) -> Option<Arc<Published>> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(name).filter(|p| p.number == number)?;
        kept.version.store(version, Ordering::Relaxed);
        Some(Arc::clone(kept))
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    pub(crate) fn put(&self, name: &str, version: u64, crl: CrlView) -> Arc<Published> {
        let published = Arc::new(Published::crl(crl, version));
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name.to_owned(), Arc::clone(&published));
        published
    }
}

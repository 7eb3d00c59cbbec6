//! CRLs and CA certificates, at the URLs that certificates name (RFC 5280 sections 4.2.1.13 and
//! 4.2.2.1, media types of RFC 2585 and RFC 8551).
//!
//! Nothing here is ever compressed: what is served is signed DER under one strong entity tag, which a
//! content coding would change (RFC 9110 section 8.8.3.3), relying parties' CRL clients seldom undo a
//! coding, and ranges would count coded octets. `no-transform` keeps proxies from it.
//!
//! Memory: of each line of CRLs the latest is held once, as the record's bytes; answers share them.
//! While a new one is read, and as long as an answer with the old one is under way, both are there.

pub(crate) mod bundle;
pub(crate) mod crls;
pub(crate) mod stock;

use std::sync::{Arc, PoisonError, RwLock};

use http_service::{
    Flights, HeaderMap, HeaderValue, Method, Response, Validators, header, http_date,
    representation,
};
use hyper::body::Bytes;
use pki_asn1::{Certificate, UnixTime};
use pki_crypto::DigestAlgorithm;

use self::crls::{Crls, LatestCrl};
use self::stock::Stock;

/// HTTP caches ask again for a CRL after this many seconds, because a revocation publishes a new one
/// long before nextUpdate.
const CRL_MAX_AGE: i64 = 300;
/// A certificate never changes under its name, unless the CA is renewed.
const CERTIFICATE_MAX_AGE: i64 = 86_400;
/// A bundle grows with every link and cross-certificate.
const BUNDLE_MAX_AGE: i64 = 3_600;

/// A file to serve, with what HTTP says about it.
#[derive(Debug)]
pub(crate) struct Published {
    body: Bytes,
    content_type: &'static str,
    /// The strong entity tag with its quotes: hex SHA-256 of the body.
    etag: String,
    last_modified: UnixTime,
    /// Until when it is good at all.
    until: UnixTime,
    max_age: i64,
}

impl Published {
    /// RFC 2585 section 4.1: one certificate, as DER.
    pub(crate) fn certificate(certificate: &Certificate) -> Self {
        Self {
            body: Bytes::copy_from_slice(certificate.der()),
            content_type: "application/pkix-cert",
            etag: etag(certificate.der()),
            last_modified: certificate.not_before(),
            until: certificate.not_after(),
            max_age: CERTIFICATE_MAX_AGE,
        }
    }

    /// Certificates in a certs-only message. It is as old as the newest of them: they begin when they
    /// are issued.
    fn bundle(certificates: &[&Certificate]) -> Self {
        let ders: Vec<&[u8]> = certificates.iter().map(|c| c.der()).collect();
        let der = bundle::certs_only(&ders);
        let newest = certificates.iter().map(|c| c.not_before()).max();
        Self {
            etag: etag(&der),
            body: der.into(),
            content_type: "application/pkcs7-mime; smime-type=certs-only",
            last_modified: newest.unwrap_or(UnixTime::EPOCH),
            until: UnixTime::MAX,
            max_age: BUNDLE_MAX_AGE,
        }
    }

    fn crl(body: Bytes, this_update: UnixTime, next_update: UnixTime) -> Self {
        Self {
            etag: etag(&body),
            body,
            content_type: "application/pkix-crl",
            last_modified: this_update,
            until: next_update,
            max_age: CRL_MAX_AGE,
        }
    }

    /// The answer to a GET or HEAD of it with these header fields.
    pub(crate) fn answer(
        &self,
        method: &Method,
        conditions: &HeaderMap,
        now: UnixTime,
    ) -> Response {
        let max_age = self.max_age(now);
        let expires = UnixTime::from_secs(now.as_secs() + max_age);
        let mut fields = HeaderMap::with_capacity(8);
        fields.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.content_type),
        );
        for (name, value) in [
            (header::ETAG, self.etag.clone()),
            (header::LAST_MODIFIED, http_date(self.last_modified)),
            (header::EXPIRES, http_date(expires)),
            (
                header::CACHE_CONTROL,
                format!("max-age={max_age}, public, no-transform, must-revalidate"),
            ),
        ] {
            // Dates, digits and hexadecimal are valid values.
            if let Ok(value) = HeaderValue::try_from(value) {
                fields.insert(name, value);
            }
        }
        let validators = Validators {
            etag: &self.etag,
            last_modified: self.last_modified,
        };
        representation(method, conditions, &validators, fields, &self.body)
    }

    /// Seconds an HTTP cache may keep it.
    fn max_age(&self, now: UnixTime) -> i64 {
        self.until.since(now).clamp(0, self.max_age)
    }
}

fn etag(der: &[u8]) -> String {
    format!("\"{}\"", DigestAlgorithm::Sha256.digest(der).to_hex())
}

/// What was read to be published.
#[derive(Debug, Default)]
pub(crate) struct Publications {
    crls: Crls,
    /// CRLs being read, each once for all who wait for it.
    reading: Flights<(String, u64), LatestCrl>,
    stock: RwLock<Arc<Stock>>,
}

impl Publications {
    /// The record is another one than before, or has other authorities: nothing kept is known to agree
    /// with it.
    pub(crate) fn distrust(&self) {
        self.crls.distrust();
    }

    /// How often a CRL of the record was refused.
    pub(crate) fn refused(&self) -> u64 {
        self.crls.refused()
    }

    fn stock(&self) -> Arc<Stock> {
        Arc::clone(&self.stock.read().unwrap_or_else(PoisonError::into_inner))
    }
}

//! Evidence from the network: issuers by caIssuers, status by OCSP, then by CRL.
//!
//! What comes back is treated like anything else a stranger sent.

use der::Encode;
use der::asn1::OctetString;
use pki_asn1::ocsp::{BasicResponse, CertId, OcspRequest, Request, TbsRequest};
use pki_asn1::{Certificate, CertificateList, UnixTime};
use pki_crypto::DigestAlgorithm;
use pki_path::{
    EvidenceWindow, Parameters, PathErrorKind, RevocationMode, RevocationStatus, Validator,
};
use x509_cert::serial_number::SerialNumber;

use super::facts::{FetchNote, Material};
use crate::cms::parse::SignedData;
use crate::net::{HttpClient, HttpMethod, HttpRequest};

/// Access to the network with time-outs and size limits of its own.
pub trait Fetch {
    /// GET.
    ///
    /// # Errors
    /// In words, where no body came back.
    fn get(&self, url: &str) -> Result<Vec<u8>, String>;

    /// POST of an `application/ocsp-request`.
    ///
    /// # Errors
    /// As [`Self::get`].
    fn ocsp(&self, url: &str, request: &[u8]) -> Result<Vec<u8>, String>;
}

/// How many issuers are fetched for one certificate, and how many URLs tried for one status.
const ISSUERS: usize = 5;
const URLS: usize = 3;

/// Completes `material` for the path of `target` as of `at`: fetches what is missing to know its
/// revocation status at `now`.
pub(super) fn complete(
    material: &mut Material,
    target: &Certificate,
    at: UnixTime,
    now: UnixTime,
    fetch: &dyn Fetch,
    notes: &mut Vec<FetchNote>,
) {
    let parameters = Parameters {
        revocation: RevocationMode::None,
        ..Parameters::at(at)
    };
    let mut path = None;
    for _ in 0..ISSUERS {
        let top = {
            let validator = Validator::new(
                &material.anchors,
                &material.pool,
                &material.evidence,
                parameters.clone(),
            );
            match validator.validate(target) {
                Ok(found) => {
                    path = Some(found);
                    break;
                }
                Err(e) => match e.kind {
                    PathErrorKind::IssuerNotFound { .. } => e.certificate,
                    _ => return,
                },
            }
        };
        if !fetch_issuers(material, &top, fetch, notes) {
            return;
        }
    }
    let Some(path) = path else {
        return;
    };
    let window = EvidenceWindow {
        covers: at,
        known_by: now + core::time::Duration::from_secs(300),
    };
    for (index, certificate) in path.certificates().iter().enumerate() {
        let status = Validator::new(
            &material.anchors,
            &material.pool,
            &material.evidence,
            parameters.clone(),
        )
        .revocation_status(&path, index, window);
        if !matches!(status, RevocationStatus::Unknown(_)) {
            continue;
        }
        let issuer = path.issuer_of(index).clone();
        if !fetch_ocsp(material, certificate, &issuer, fetch, notes) {
            fetch_crl(material, certificate, fetch, notes);
        }
    }
}

fn fetch_issuers(
    material: &mut Material,
    certificate: &Certificate,
    fetch: &dyn Fetch,
    notes: &mut Vec<FetchNote>,
) -> bool {
    let mut added = false;
    for url in certificate.ca_issuers_urls().iter().take(URLS) {
        if already(notes, url) {
            continue;
        }
        let result = fetch.get(url).and_then(|body| {
            if let Ok(one) = Certificate::from_der(body.clone()) {
                return Ok(vec![one]);
            }
            SignedData::parse(&body)
                .map(|data| data.certificates)
                .map_err(|_| "the answer is no certificate".into())
        });
        added |= match note(notes, url, result) {
            Some(found) => {
                let mut new = false;
                for certificate in found {
                    new |= material.pool.add(certificate);
                }
                new
            }
            None => false,
        };
    }
    added
}

fn fetch_ocsp(
    material: &mut Material,
    certificate: &Certificate,
    issuer: &Certificate,
    fetch: &dyn Fetch,
    notes: &mut Vec<FetchNote>,
) -> bool {
    let urls = certificate.ocsp_urls();
    // Most responders know SHA-1 only; RFC 9919 clients use SHA-256.
    for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha1] {
        let Ok(request) = ocsp_request(certificate, issuer, algorithm) else {
            return false;
        };
        for url in urls.iter().take(URLS) {
            let result = fetch
                .ocsp(url, &request)
                .and_then(|body| BasicResponse::from_response(&body).map_err(|_| refusal(&body)));
            let about = |r: &BasicResponse| {
                r.data
                    .responses
                    .iter()
                    .any(|s| s.cert_id.serial_number.as_bytes() == certificate.serial())
            };
            if let Some(response) = note(notes, url, result)
                && about(&response)
            {
                let says_unknown = response
                    .data
                    .responses
                    .iter()
                    .all(|s| matches!(s.cert_status, pki_asn1::ocsp::CertStatus::Unknown(_)));
                material.evidence.add_ocsp(response);
                if !says_unknown {
                    return true;
                }
            }
        }
    }
    false
}

fn refusal(body: &[u8]) -> String {
    use der::Decode;
    match pki_asn1::ocsp::OcspResponse::from_der(body) {
        Ok(response) => format!("the responder answers {:?}", response.response_status),
        Err(_) => "the answer is no OCSP response".into(),
    }
}

fn fetch_crl(
    material: &mut Material,
    certificate: &Certificate,
    fetch: &dyn Fetch,
    notes: &mut Vec<FetchNote>,
) {
    for url in certificate.crl_urls().iter().take(URLS) {
        if already(notes, url) {
            continue;
        }
        let result = fetch.get(url).and_then(|body| {
            let der = pki_asn1::pem::der_or_pem(&body, &["X509 CRL"])
                .ok()
                .and_then(|mut all| all.pop())
                .unwrap_or(body);
            CertificateList::from_der(der).map_err(|_| "the answer is no CRL".into())
        });
        if let Some(crl) = note(notes, url, result) {
            material.evidence.add_crl(crl);
        }
    }
}

/// Without a nonce, so that responders may answer from a cache.
fn ocsp_request(
    certificate: &Certificate,
    issuer: &Certificate,
    algorithm: DigestAlgorithm,
) -> der::Result<Vec<u8>> {
    let hash = |data: &[u8]| OctetString::new(algorithm.digest(data).as_bytes());
    OcspRequest {
        tbs_request: TbsRequest {
            version: Default::default(),
            requestor_name: None,
            request_list: vec![Request {
                req_cert: CertId {
                    hash_algorithm: algorithm.identifier_with_null(),
                    issuer_name_hash: hash(certificate.issuer_der())?,
                    issuer_key_hash: hash(issuer.public_key_bits())?,
                    serial_number: SerialNumber::new(certificate.serial())?,
                },
                single_request_extensions: None,
            }],
            request_extensions: None,
        },
        optional_signature: None,
    }
    .to_der()
}

fn already(notes: &[FetchNote], url: &str) -> bool {
    notes.iter().any(|n| n.url == url)
}

fn note<T>(notes: &mut Vec<FetchNote>, url: &str, result: Result<T, String>) -> Option<T> {
    let (value, error) = match result {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error)),
    };
    notes.push(FetchNote {
        url: url.to_owned(),
        error,
    });
    value
}

/// [`Fetch`] over an [`HttpClient`].
pub struct HttpFetch<C>(pub C);

/// Nothing a certificate points at is larger: CRLs of large authorities are some tens of MB.
const MAX_BODY: u64 = 128 << 20;
const MAX_OCSP: u64 = 1 << 20;

impl<C: HttpClient> HttpFetch<C> {
    fn send(&self, request: &HttpRequest<'_>) -> Result<Vec<u8>, String> {
        let response = self.0.send(request).map_err(|e| e.to_string())?;
        if response.status == 200 {
            Ok(response.body)
        } else {
            Err(format!(
                "the server answers with status {}",
                response.status
            ))
        }
    }
}

impl<C: HttpClient> Fetch for HttpFetch<C> {
    fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        self.send(&HttpRequest {
            url,
            method: HttpMethod::Get,
            accept: "*/*",
            max_bytes: MAX_BODY,
        })
    }

    fn ocsp(&self, url: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        self.send(&HttpRequest {
            url,
            method: HttpMethod::Post {
                content_type: "application/ocsp-request",
                body: request,
            },
            accept: "application/ocsp-response",
            max_bytes: MAX_OCSP,
        })
    }
}

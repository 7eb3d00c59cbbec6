//! Evidence from the network: issuers by caIssuers, status by OCSP, then by CRL.
//!
//! What comes back is treated like anything else a stranger sent: an answer that does not settle the
//! question (wrong, foreign, expired) counts as no answer, and the next source is asked.

use std::collections::HashSet;

use der::Encode;
use der::asn1::OctetString;
use pki_asn1::ocsp::{BasicResponse, CertId, OcspRequest, Request, TbsRequest};
use pki_asn1::{Certificate, CertificateList, UnixTime};
use pki_crypto::DigestAlgorithm;
use pki_path::{
    EvidenceWindow, Parameters, Path, PathErrorKind, RevocationMode, RevocationStatus, Source,
    Validator,
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
/// Requests for one file. The certificates in it say where they go, so it bounds what a stranger can
/// make us send.
const REQUESTS: usize = 100;
/// Evidence of this age, in seconds, is not asked for again.
const RECENT: i64 = 300;
const CLOCK_SKEW: core::time::Duration = core::time::Duration::from_secs(300);

/// The network, and what was asked of it for one file.
pub(super) struct Session<'f> {
    fetch: &'f dyn Fetch,
    notes: Vec<FetchNote>,
    /// URLs that gave no answer at all, and those whose one answer was taken.
    finished: HashSet<String>,
}

/// One certificate of a path, as of when its status is wanted.
struct Question<'p> {
    path: &'p Path,
    index: usize,
    window: EvidenceWindow,
}

impl<'f> Session<'f> {
    pub(super) fn new(fetch: &'f dyn Fetch) -> Self {
        Self {
            fetch,
            notes: Vec::new(),
            finished: HashSet::new(),
        }
    }

    pub(super) fn into_notes(self) -> Vec<FetchNote> {
        self.notes
    }

    /// Completes `material` for the path of `target` as of `at`: fetches what is missing to know its
    /// revocation status at `now`.
    pub(super) fn complete(
        &mut self,
        material: &mut Material,
        target: &Certificate,
        at: UnixTime,
        now: UnixTime,
    ) {
        let Some(path) = self.path(material, target, at) else {
            return;
        };
        let window = EvidenceWindow {
            covers: at,
            known_by: now + CLOCK_SKEW,
        };
        for (index, certificate) in path.certificates().iter().enumerate() {
            let question = Question {
                path: &path,
                index,
                window,
            };
            match question.ask(material) {
                // The file may have brought evidence from just before the revocation.
                RevocationStatus::Good(f) if at == now && now.since(f.this_update) > RECENT => {}
                RevocationStatus::Unknown(_) => {}
                _ => continue,
            }
            if !self.fetch_ocsp(material, certificate, &question) {
                self.fetch_crl(material, certificate);
            }
        }
    }

    fn path(
        &mut self,
        material: &mut Material,
        target: &Certificate,
        at: UnixTime,
    ) -> Option<Path> {
        for _ in 0..=ISSUERS {
            let top = match validator(material, at).validate(target) {
                Ok(path) => return Some(path),
                Err(e) => match e.kind {
                    PathErrorKind::IssuerNotFound { .. }
                    | PathErrorKind::NoPathToAnchor
                    // An issuer of that name is known, with another key.
                    | PathErrorKind::Signature { .. } => e.certificate,
                    _ => return None,
                },
            };
            if !self.fetch_issuers(material, &top) {
                return None;
            }
        }
        None
    }

    fn fetch_issuers(&mut self, material: &mut Material, certificate: &Certificate) -> bool {
        let mut added = false;
        for url in web(certificate.ca_issuers_urls()) {
            if !self.may_ask(&url) {
                continue;
            }
            let result = self.fetch.get(&url).and_then(|body| {
                if let Ok(one) = Certificate::from_der(body.clone()) {
                    return Ok(vec![one]);
                }
                SignedData::parse(&body)
                    .map(|data| data.certificates)
                    .map_err(|_| "the answer is no certificate".into())
            });
            self.finished.insert(url.clone());
            for found in self.note(&url, result).unwrap_or_default() {
                added |= material.pool.add(found);
            }
        }
        added
    }

    /// Whether an answer settled the question.
    fn fetch_ocsp(
        &mut self,
        material: &mut Material,
        certificate: &Certificate,
        question: &Question<'_>,
    ) -> bool {
        let issuer = question.path.issuer_of(question.index);
        let urls = web(certificate.ocsp_urls());
        // Many responders know SHA-1 only; RFC 9919 clients use SHA-256.
        for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha1] {
            let Ok(request) = ocsp_request(certificate, issuer, algorithm) else {
                return false;
            };
            for url in &urls {
                if !self.may_ask(url) {
                    continue;
                }
                let body = match self.fetch.ocsp(url, &request) {
                    Ok(body) => body,
                    Err(why) => {
                        // Nobody is there; the same request with another digest would wait again.
                        self.finished.insert(url.clone());
                        self.note::<()>(url, Err(why));
                        continue;
                    }
                };
                let judged = match BasicResponse::from_response(&body) {
                    Err(_) => Err(refusal(&body)),
                    Ok(response) if !is_about(&response, certificate) => {
                        Err("the OCSP response is about another certificate".into())
                    }
                    Ok(response) => {
                        let newest = newest(&response);
                        let number = material.evidence.add_ocsp(response);
                        match question.ask(material) {
                            RevocationStatus::Unknown(why) => Err(why.to_string()),
                            // Something older still decides, so this answer did not count.
                            RevocationStatus::Good(f)
                                if f.source != Source::Ocsp(number)
                                    && newest.is_some_and(|t| t > f.this_update) =>
                            {
                                Err("the OCSP response cannot be used".into())
                            }
                            _ => Ok(()),
                        }
                    }
                };
                if self.note(url, judged).is_some() {
                    return true;
                }
            }
        }
        false
    }

    fn fetch_crl(&mut self, material: &mut Material, certificate: &Certificate) {
        for url in web(certificate.crl_urls()) {
            if !self.may_ask(&url) {
                continue;
            }
            let result = self.fetch.get(&url).and_then(|body| {
                let der = pki_asn1::pem::der_or_pem(&body, &["X509 CRL"])
                    .ok()
                    .and_then(|mut all| all.pop())
                    .unwrap_or(body);
                CertificateList::from_der(der).map_err(|_| "the answer is no CRL".into())
            });
            self.finished.insert(url.clone());
            if let Some(crl) = self.note(&url, result) {
                material.evidence.add_crl(crl);
            }
        }
    }

    fn may_ask(&self, url: &str) -> bool {
        self.notes.len() < REQUESTS && !self.finished.contains(url)
    }

    fn note<T>(&mut self, url: &str, result: Result<T, String>) -> Option<T> {
        let (value, error) = match result {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error)),
        };
        self.notes.push(FetchNote {
            url: url.to_owned(),
            error,
        });
        value
    }
}

impl Question<'_> {
    fn ask(&self, material: &Material) -> RevocationStatus {
        validator(material, self.window.covers).revocation_status(
            self.path,
            self.index,
            self.window,
        )
    }
}

fn validator(material: &Material, at: UnixTime) -> Validator<'_> {
    let parameters = Parameters {
        revocation: RevocationMode::None,
        ..Parameters::at(at)
    };
    Validator::new(
        &material.anchors,
        &material.pool,
        &material.evidence,
        parameters,
    )
}

/// The first few URLs that can be asked: certificates also name LDAP servers.
fn web(urls: Vec<String>) -> Vec<String> {
    let mut urls = urls;
    urls.retain(|u| {
        let scheme = u.split(':').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    });
    urls.truncate(URLS);
    urls
}

fn is_about(response: &BasicResponse, certificate: &Certificate) -> bool {
    let responses = &response.data.responses;
    responses
        .iter()
        .any(|s| s.cert_id.serial_number.as_bytes() == certificate.serial())
}

fn newest(response: &BasicResponse) -> Option<UnixTime> {
    let responses = response.data.responses.iter();
    responses.map(|s| UnixTime::from(s.this_update)).max()
}

fn refusal(body: &[u8]) -> String {
    use der::Decode;
    match pki_asn1::ocsp::OcspResponse::from_der(body) {
        Ok(response) => format!("the responder answers {:?}", response.response_status),
        Err(_) => "the answer is no OCSP response".into(),
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

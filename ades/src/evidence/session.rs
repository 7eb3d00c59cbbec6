//! Evidence from the network for one file: issuers by caIssuers, status by OCSP, then by CRL.
//!
//! What comes back is treated like anything else a stranger sent: an answer that does not settle the
//! question (wrong, foreign, expired) counts as no answer, and the next source is asked.

use std::collections::HashSet;

use der::Encode;
use der::asn1::OctetString;
use pki_asn1::ocsp::{BasicResponse, CertId, OcspRequest, Request, TbsRequest};
use pki_asn1::{Certificate, CertificateList, UnixTime, oid};
use pki_crypto::DigestAlgorithm;
use pki_path::{Evidence, Path, PathError, PathErrorKind, RevocationStatus, Source};
use x509_cert::serial_number::SerialNumber;

use super::ahead::Ahead;
use super::question::{Need, Question, validator};
use super::{Fetch, FetchNote, Material};
use crate::cms::parse::SignedData;

/// How many issuers are fetched for one certificate, and how many URLs tried for one status.
const ISSUERS: usize = 5;
const URLS: usize = 3;
/// How far CRL issuers may rest on CRLs of other CRL issuers.
const DEPTH: usize = 4;
/// Certificates of an OCSP response that are looked at as its signer's.
const DELEGATES: usize = 8;

/// Where paths may end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ends {
    /// At the anchors of the material.
    Anchors,
    /// At any self-signed certificate that is found: nobody said whom to trust.
    Tops,
}

/// The network, and what was asked of it for one file.
pub(crate) struct Session<'f> {
    fetch: Option<&'f dyn Fetch>,
    ends: Ends,
    notes: Vec<FetchNote>,
    /// URLs that gave no answer at all, and those whose one answer was taken.
    finished: HashSet<String>,
    /// URLs of issuers that were asked again because what was remembered of them did not help.
    renewed: HashSet<String>,
    /// Where the status of a certificate's OCSP responder was looked for.
    of_delegates: Vec<(Certificate, String)>,
    /// What was asked before its turn.
    ahead: Ahead,
}

impl<'f> Session<'f> {
    /// Without `fetch`, what is at hand has to do.
    pub(crate) fn new(fetch: Option<&'f dyn Fetch>, ends: Ends) -> Self {
        Self {
            fetch,
            ends,
            notes: Vec::new(),
            finished: HashSet::new(),
            renewed: HashSet::new(),
            of_delegates: Vec::new(),
            ahead: Ahead::default(),
        }
    }

    /// Asks at once for what [`Self::complete`] will ask for these, as far as that can be told by now.
    pub(crate) fn look_ahead(&mut self, material: &mut Material, wanted: &[(Certificate, Need)]) {
        let Some(fetch) = self.fetch.filter(|_| material.spent.enough().is_none()) else {
            return;
        };
        if self.ends == Ends::Tops {
            material.anchors = material.tops();
        }
        self.ahead = Ahead::ask(fetch, material, wanted);
    }

    /// What was asked of `urls`.
    pub(super) fn tried(&self, urls: &[String]) -> Vec<FetchNote> {
        let mut found: Vec<FetchNote> = Vec::new();
        for note in &self.notes {
            if urls.contains(&note.url) && !found.contains(note) {
                found.push(note.clone());
            }
        }
        found
    }

    /// What was asked for the status of `certificate`, and for that of those who vouched for it.
    pub(super) fn tried_for_status(&self, certificate: &Certificate) -> Vec<FetchNote> {
        let mut urls = status_urls(certificate);
        let delegates = self.of_delegates.iter().filter(|(c, _)| c == certificate);
        urls.extend(delegates.map(|(_, url)| url.clone()));
        self.tried(&urls)
    }

    pub(crate) fn into_notes(self) -> Vec<FetchNote> {
        self.notes
    }

    /// Completes `material` for the path of `target` as of [`Need::at`]: fetches the issuers that
    /// are missing, and what is missing to know the status of each certificate.
    ///
    /// # Errors
    /// Where there is no path.
    pub(crate) fn complete(
        &mut self,
        material: &mut Material,
        target: &Certificate,
        need: Need,
    ) -> Result<Path, PathError> {
        let path = self.path(material, target, need.at)?;
        self.complete_path(material, &path, need, &mut vec![target.clone()]);
        Ok(path)
    }

    fn complete_path(
        &mut self,
        material: &mut Material,
        path: &Path,
        need: Need,
        above: &mut Vec<Certificate>,
    ) {
        for (index, certificate) in path.certificates().iter().enumerate() {
            let question = Question { path, index, need };
            let mut status = question.ask(material);
            if need.wants_more(&status) {
                status = match self.fetch_ocsp(material, certificate, &question) {
                    Some(status) => status,
                    None => {
                        self.fetch_crl(material, certificate, &question);
                        question.ask(material)
                    }
                };
            }
            // Whoever signed a CRL in the CA's place has to be proven as well, before it clears anybody.
            let mut asked = Vec::new();
            while let RevocationStatus::Unknown(why) = &status
                && let Some(signer) = why.uncleared_signer().cloned()
                && above.len() < DEPTH
                && !above.contains(&signer)
                && !asked.contains(&signer)
                && let Ok(signers) = self.path(material, &signer, need.at)
            {
                asked.push(signer.clone());
                above.push(signer);
                self.complete_path(material, &signers, need, above);
                above.pop();
                status = question.ask(material);
            }
            if let RevocationStatus::Good(found) | RevocationStatus::Revoked(_, found) = status
                && matches!(found.source, Source::Crl(_))
                && found.signer != *path.issuer_of(index)
                && above.len() < DEPTH
                && !above.contains(&found.signer)
                && !asked.contains(&found.signer)
                && let Ok(signers) = self.path(material, &found.signer, need.at)
            {
                above.push(found.signer);
                self.complete_path(material, &signers, need, above);
                above.pop();
            }
        }
    }

    fn path(
        &mut self,
        material: &mut Material,
        target: &Certificate,
        at: UnixTime,
    ) -> Result<Path, PathError> {
        if let Some(path) = self.ahead.path(material, target, at) {
            return Ok(path);
        }
        let mut fetched = 0;
        loop {
            if self.ends == Ends::Tops {
                material.anchors = material.tops();
            }
            let failed = match validator(material, &material.evidence, at).validate(target) {
                Ok(path) => return Ok(path),
                Err(e) => e,
            };
            let may_be_missing = matches!(
                failed.kind,
                PathErrorKind::IssuerNotFound { .. }
                    | PathErrorKind::NoPathToAnchor
                    // An issuer of that name is known, with another key.
                    | PathErrorKind::Signature { .. }
            );
            if !may_be_missing
                || fetched == ISSUERS
                || !self.fetch_issuers(material, &failed.certificate)
            {
                return Err(failed);
            }
            fetched += 1;
        }
    }

    /// Whether there is another certificate than before.
    fn fetch_issuers(&mut self, material: &mut Material, certificate: &Certificate) -> bool {
        let mut added = false;
        for url in web(certificate.ca_issuers_urls()) {
            if !self.finished.contains(&url) {
                added |= self.fetch_issuer(material, &url);
            }
            // An issuer that has another certificate by now: what was remembered does not help.
            if !added
                && self.renewed.insert(url.clone())
                && self.fetch.is_some_and(|f| f.forget(&url, None))
            {
                self.finished.remove(&url);
                added |= self.fetch_issuer(material, &url);
            }
        }
        added
    }

    fn fetch_issuer(&mut self, material: &mut Material, url: &str) -> bool {
        let Some(fetch) = self.may_ask(material, url) else {
            return false;
        };
        let mut result = self.get(fetch, material, url).and_then(certificates);
        if result.is_err() && fetch.forget(url, None) {
            result = self.get(fetch, material, url).and_then(certificates);
        }
        self.finished.insert(url.to_owned());
        let mut added = false;
        for found in self.note(material, url, result).unwrap_or_default() {
            let octets = found.der().len();
            if material.pool.add(found) {
                material.spent.keep(octets);
                added = true;
            }
        }
        added
    }

    /// The status, where an answer settled the question.
    fn fetch_ocsp(
        &mut self,
        material: &mut Material,
        certificate: &Certificate,
        question: &Question<'_>,
    ) -> Option<RevocationStatus> {
        let issuer = question.path.issuer_of(question.index);
        let urls = web(certificate.ocsp_urls());
        // Many responders know SHA-1 only; RFC 9919 clients use SHA-256.
        for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha1] {
            let request = ocsp_request(certificate, issuer, algorithm).ok()?;
            for url in &urls {
                let Some(fetch) = self.may_ask(material, url) else {
                    continue;
                };
                let mut again = true;
                loop {
                    let answer = match self.ahead.answer(url, &request) {
                        Some(answer) => answer,
                        None => material.spent.waiting(|| fetch.ocsp(url, &request)),
                    };
                    let body = match answer {
                        Ok(body) => body,
                        Err(why) => {
                            // Nobody is there; the same request with another digest would wait again.
                            self.finished.insert(url.clone());
                            self.note::<()>(material, url, Err(why));
                            break;
                        }
                    };
                    let judged = self.judge_ocsp(material, certificate, question, &body);
                    if judged.is_err() && again && fetch.forget(url, Some(&request)) {
                        again = false;
                        continue;
                    }
                    if let Some(status) = self.note(material, url, judged) {
                        return Some(status);
                    }
                    break;
                }
            }
        }
        None
    }

    fn judge_ocsp(
        &mut self,
        material: &mut Material,
        certificate: &Certificate,
        question: &Question<'_>,
        body: &[u8],
    ) -> Result<RevocationStatus, String> {
        let response = BasicResponse::from_response(body).map_err(|_| refusal(body))?;
        if !is_about(&response, certificate) {
            return Err("the OCSP response is about another certificate".into());
        }
        let newest = newest(&response);
        let included = response.certs().iter().take(DELEGATES);
        let included = included.filter_map(|der| Certificate::from_der(der.clone()).ok());
        let known = material.pool.responders(&response.data().responder_id);
        let known = known.iter().take(DELEGATES).cloned();
        let delegates: Vec<Certificate> = included
            .chain(known)
            .filter(|c| c.extended_key_usages().contains(&oid::KP_OCSP_SIGNING))
            .filter(|c| !c.has_ocsp_no_check())
            .collect();
        let number = keep_ocsp(material, response);
        let mut status = question.ask(material);
        if matches!(status, RevocationStatus::Unknown(_)) {
            for delegate in &delegates {
                self.fetch_crl_of_delegate(material, delegate, certificate);
            }
            status = question.ask(material);
        }
        match status {
            // Something older still decides, so this answer did not count.
            RevocationStatus::Good(f)
                if f.source != Source::Ocsp(number)
                    && newest.is_some_and(|t| t > f.this_update) =>
            {
                Err("the OCSP response cannot be used".into())
            }
            status => match question.need.accepts(certificate, &status) {
                Ok(()) => Ok(status),
                Err(why) => Err(why.to_string()),
            },
        }
    }

    fn fetch_crl(
        &mut self,
        material: &mut Material,
        certificate: &Certificate,
        question: &Question<'_>,
    ) {
        for url in web(certificate.crl_urls()) {
            let Some(fetch) = self.may_ask(material, &url) else {
                continue;
            };
            let mut again = true;
            loop {
                let answer = self.get(fetch, material, &url).and_then(crl);
                let result = answer.and_then(|crl| judge_crl(material, certificate, question, crl));
                if result.is_err() && again && fetch.forget(&url, None) {
                    again = false;
                    continue;
                }
                self.finished.insert(url.clone());
                self.note(material, &url, result);
                break;
            }
        }
    }

    /// The status of a delegated responder without id-pkix-ocsp-nocheck comes from a CRL alone.
    fn fetch_crl_of_delegate(
        &mut self,
        material: &mut Material,
        delegate: &Certificate,
        vouches_for: &Certificate,
    ) {
        for url in web(delegate.crl_urls()) {
            self.of_delegates.push((vouches_for.clone(), url.clone()));
            let Some(fetch) = self.may_ask(material, &url) else {
                continue;
            };
            let result = self.get(fetch, material, &url).and_then(crl);
            self.finished.insert(url.clone());
            if let Some(crl) = self.note(material, &url, result) {
                keep_crl(material, crl);
            }
        }
    }

    fn may_ask(&mut self, material: &mut Material, url: &str) -> Option<&'f dyn Fetch> {
        let fetch = self.fetch.filter(|_| !self.finished.contains(url))?;
        if let Some(why) = material.spent.enough() {
            self.finished.insert(url.to_owned());
            self.note::<()>(material, url, Err(why.to_owned()));
            return None;
        }
        Some(fetch)
    }

    fn get(
        &self,
        fetch: &dyn Fetch,
        material: &mut Material,
        url: &str,
    ) -> Result<Vec<u8>, String> {
        material.spent.waiting(|| fetch.get(url))
    }

    fn note<T>(
        &mut self,
        material: &mut Material,
        url: &str,
        result: Result<T, String>,
    ) -> Option<T> {
        let (value, error) = match result {
            Ok(value) => (Some(value), None),
            Err(error) => (None, Some(error)),
        };
        if error.is_some() {
            material.spent.note_vain();
        }
        self.notes.push(FetchNote {
            url: url.to_owned(),
            error,
        });
        value
    }
}

/// Adds the CRL unless it is there; the number it has.
fn keep_crl(material: &mut Material, crl: CertificateList) -> usize {
    let mut known = material.evidence.crls().iter();
    known.position(|k| k.der() == crl.der()).unwrap_or_else(|| {
        material.spent.keep(crl.der().len());
        material.evidence.add_crl(crl)
    })
}

/// As [`keep_crl`].
fn keep_ocsp(material: &mut Material, response: BasicResponse) -> usize {
    let mut known = material.evidence.responses().iter();
    let known = known.position(|k| k.der() == response.der());
    known.unwrap_or_else(|| {
        material.spent.keep(response.der().len());
        material.evidence.add_ocsp(response)
    })
}

fn judge_crl(
    material: &mut Material,
    certificate: &Certificate,
    question: &Question<'_>,
    crl: CertificateList,
) -> Result<(), String> {
    let number = keep_crl(material, crl);
    let need = question.need;
    let status = question.ask(material);
    // Its signer is asked about next.
    if matches!(&status, RevocationStatus::Unknown(why) if why.uncleared_signer().is_some()) {
        return Ok(());
    }
    let Err(why) = need.accepts(certificate, &status) else {
        return Ok(());
    };
    // What is wrong with this one, not with what others answered.
    let mut alone = Evidence::new();
    if let Some(crl) = material.evidence.crls().get(number) {
        alone.add_crl(crl.clone());
    }
    let alone = question.ask_of(material, &alone);
    Err(need
        .accepts(certificate, &alone)
        .err()
        .unwrap_or(why)
        .to_string())
}

/// Where a certificate says that its status is to be had, as far as it can be asked.
pub(super) fn status_urls(certificate: &Certificate) -> Vec<String> {
    let mut urls = web(certificate.ocsp_urls());
    urls.extend(web(certificate.crl_urls()));
    urls
}

/// The first few URLs that can be asked: certificates also name LDAP servers.
pub(super) fn web(urls: Vec<String>) -> Vec<String> {
    let mut urls = urls;
    urls.retain(|u| {
        let scheme = u.split(':').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
    });
    urls.truncate(URLS);
    urls
}

fn certificates(body: Vec<u8>) -> Result<Vec<Certificate>, String> {
    if let Ok(one) = Certificate::from_der(body.clone()) {
        return Ok(vec![one]);
    }
    if let Ok(data) = SignedData::parse(&body) {
        return Ok(data.certificates);
    }
    // RFC 5280 section 4.2.2.1 asks for DER, and some servers have PEM.
    let pem = pki_asn1::pem::der_or_pem(&body, &["CERTIFICATE"]).unwrap_or_default();
    let found: Vec<_> = pem
        .into_iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    if found.is_empty() {
        return Err("the answer is no certificate".into());
    }
    Ok(found)
}

fn crl(body: Vec<u8>) -> Result<CertificateList, String> {
    let der = pki_asn1::pem::der_or_pem(&body, &["X509 CRL"])
        .ok()
        .and_then(|mut all| all.pop())
        .unwrap_or(body);
    CertificateList::from_der(der).map_err(|_| "the answer is no CRL".into())
}

fn is_about(response: &BasicResponse, certificate: &Certificate) -> bool {
    let responses = &response.data().responses;
    responses
        .iter()
        .any(|s| s.cert_id.serial_number.as_bytes() == certificate.serial())
}

fn newest(response: &BasicResponse) -> Option<UnixTime> {
    let responses = response.data().responses.iter();
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
pub(super) fn ocsp_request(
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

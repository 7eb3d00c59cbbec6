//! Asking for a time-stamp over HTTP (RFC 3161 section 3.4).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use der::asn1::{Int, OctetString};
use der::{Decode, Encode};
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::tsp::{MessageImprint, PkiFailureInfo, TimeStampReq, TimeStampResp};
use pki_asn1::{Clock, SystemClock};
use pki_crypto::Digest;

use super::token::{Expected, Token};
use super::{Attempt, TimeStamper, TspError, TspFault};
use crate::net::{HttpClient, HttpMethod, HttpRequest};

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";
/// Tokens with long chains and embedded CRLs stay below this.
const MAX_RESPONSE: u64 = 1 << 20;
/// How far an authority's clock may be from ours before we suspect one of them.
const MAX_SKEW_SECONDS: u64 = 24 * 3600;
/// Room for a token of an authority not yet heard of: twice what most send.
const UNKNOWN_TOKEN: usize = 8192;

/// A client for one authority and any number of fallbacks.
pub struct Client {
    http: Arc<dyn HttpClient>,
    urls: Vec<String>,
    policy: Option<ObjectIdentifier>,
    clock: Arc<dyn Clock>,
    /// The longest token so far.
    seen: AtomicUsize,
}

impl Client {
    /// A client that tries `urls` in order.
    #[must_use]
    pub fn new(http: Arc<dyn HttpClient>, urls: Vec<String>) -> Self {
        Self {
            http,
            urls,
            policy: None,
            clock: Arc::new(SystemClock),
            seen: AtomicUsize::new(0),
        }
    }

    /// Asks for tokens under this policy and accepts no other.
    #[must_use]
    pub fn with_policy(mut self, policy: ObjectIdentifier) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Compares the tokens' time with this clock instead of the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The URLs, in the order they are tried.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    fn ask(&self, url: &str, request: &[u8], expected: &Expected<'_>) -> Result<Token, TspFault> {
        let response = self
            .http
            .send(&HttpRequest {
                url,
                method: HttpMethod::Post {
                    content_type: QUERY,
                    body: request,
                },
                accept: REPLY,
                max_bytes: MAX_RESPONSE,
                authorization: None,
            })
            .map_err(TspFault::Http)?;
        if !(200..300).contains(&response.status) {
            return Err(TspFault::Status(response.status));
        }
        // What counts is whether the bytes are a response: authorities label them in many ways.
        let parsed =
            TimeStampResp::from_der(&response.body).map_err(|_| TspFault::NotAResponse {
                content_type: response.content_type.unwrap_or_else(|| {
                    let first = response.body.first();
                    if first.is_none() {
                        "nothing"
                    } else {
                        "something unlabelled"
                    }
                    .into()
                }),
            })?;
        let refused = parsed.status.status > 1;
        let token = match parsed.time_stamp_token {
            Some(token) if !refused => token,
            None if !refused => return Err(TspFault::Malformed("granted, but there is no token")),
            _ => {
                return Err(TspFault::Rejected {
                    status: parsed.status.status,
                    fail_info: parsed
                        .status
                        .fail_info
                        .as_ref()
                        .and_then(PkiFailureInfo::from_bit_string),
                    text: parsed.status.status_string.map(|s| s.join(" ")),
                });
            }
        };
        let der = token.to_der().map_err(|_| TspFault::Malformed("not DER"))?;
        let token = Token::check(der, expected)?;
        let skew = self.clock.now().since(token.time()).unsigned_abs();
        if skew > MAX_SKEW_SECONDS {
            return Err(TspFault::ClockSkew {
                theirs: token.time().to_string(),
                seconds: skew,
            });
        }
        Ok(token)
    }
}

impl TimeStamper for Client {
    fn time_stamp(&self, imprint: &Digest) -> Result<Token, TspError> {
        if self.urls.is_empty() {
            return Err(TspError::NoUrl);
        }
        let failed = |e: der::Error| TspError::Request(e.to_string());
        let mut attempts: Vec<Attempt> = Vec::new();
        for url in &self.urls {
            // A nonce per request: positive, so that its INTEGER is the octets themselves.
            let mut nonce = [0u8; 16];
            getrandom::fill(&mut nonce).map_err(|e| TspError::Request(e.to_string()))?;
            nonce[0] = (nonce[0] & 0x7f) | 0x40;
            let request = TimeStampReq {
                version: 1,
                message_imprint: MessageImprint {
                    hash_algorithm: imprint.algorithm().identifier_with_null(),
                    hashed_message: OctetString::new(imprint.as_bytes()).map_err(failed)?,
                },
                req_policy: self.policy,
                nonce: Some(Int::new(&nonce).map_err(failed)?),
                cert_req: true,
                extensions: None,
            }
            .to_der()
            .map_err(failed)?;
            let expected = Expected {
                imprint,
                nonce: Some(&nonce),
                policy: self.policy.as_ref(),
            };
            match self.ask(url, &request, &expected) {
                Ok(token) => {
                    self.seen.fetch_max(token.der().len(), Ordering::Relaxed);
                    // Where all fail, the error tells; where a fallback helped, nobody else would.
                    for Attempt { url, fault } in &attempts {
                        tracing::warn!(%url, %fault, "no time-stamp from this authority");
                    }
                    return Ok(token);
                }
                Err(fault) => {
                    tracing::debug!(%url, %fault, "no time-stamp from this authority");
                    attempts.push(Attempt {
                        url: url.clone(),
                        fault,
                    });
                }
            }
        }
        Err(TspError::NoToken { attempts })
    }

    fn expected_len(&self) -> usize {
        match self.seen.load(Ordering::Relaxed) {
            0 => UNKNOWN_TOKEN,
            // The attribute around it, and lengths that vary from token to token.
            seen => seen + 96,
        }
    }
}

//! Asking for a time-stamp over HTTP (RFC 3161 section 3.4).

use core::time::Duration;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use der::asn1::{Int, OctetString};
use der::{Decode, Encode};
use pki_asn1::oid::ObjectIdentifier;
use pki_asn1::tsp::{MessageImprint, PkiFailureInfo, TimeStampReq, TimeStampResp};
use pki_asn1::{Clock, SystemClock};
use pki_crypto::{Digest, DigestAlgorithm};

use super::token::{Expected, Token};
use super::{Attempt, TimeStamper, TspError, TspFault};
use crate::net::{Authorization, HttpClient, HttpMethod, HttpRequest, Redirects};

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";
/// Tokens with long chains and embedded CRLs stay below this.
const MAX_RESPONSE: u64 = 1 << 20;
/// How far an authority's clock may be behind ours before we suspect one of them.
const MAX_BEHIND_SECONDS: i64 = 24 * 3600;
/// How far it may be ahead: validation takes a time-stamp from the future for none at all.
const MAX_AHEAD_SECONDS: i64 = 300;
/// From here on it is worth a word.
const NOTED_BEHIND_SECONDS: i64 = 300;
/// Room for a token of an authority not yet heard of: twice what most send.
const UNKNOWN_TOKEN: usize = 8192;

/// Who failed is asked after the others for so long.
const PAUSE: Duration = Duration::from_secs(120);
/// A certificate that ends within this many days makes a time-stamp that has to be renewed soon.
const ENDS_SOON_DAYS: u32 = 90;

/// One time-stamping authority and how it is reached.
#[derive(Clone)]
pub struct Authority {
    /// Where it takes requests.
    pub url: String,
    /// The transport, with the client certificate that it wants.
    pub http: Arc<dyn HttpClient>,
    /// What it wants to see in each request.
    pub authorization: Option<Authorization>,
    /// The policy to ask it for; it must make its tokens under this one then.
    pub policy: Option<ObjectIdentifier>,
}

impl core::fmt::Debug for Authority {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Authority")
            .field("url", &self.url)
            .field("authorization", &self.authorization)
            .finish_non_exhaustive()
    }
}

/// A client for one authority and any number of fallbacks.
pub struct Client {
    authorities: Vec<Authority>,
    urls: Vec<String>,
    digest: DigestAlgorithm,
    clock: Arc<dyn Clock>,
    /// The longest token so far.
    seen: AtomicUsize,
    last: Mutex<Option<Token>>,
    /// When each authority last failed.
    failed: Mutex<Vec<Option<Instant>>>,
}

impl Client {
    /// A client that tries `urls` in order.
    #[must_use]
    pub fn new(http: Arc<dyn HttpClient>, urls: Vec<String>) -> Self {
        Self::of(
            urls.into_iter()
                .map(|url| Authority {
                    url,
                    http: Arc::clone(&http),
                    authorization: None,
                    policy: None,
                })
                .collect(),
        )
    }

    /// A client that tries `authorities` in order.
    #[must_use]
    pub fn of(authorities: Vec<Authority>) -> Self {
        Self {
            urls: authorities.iter().map(|a| a.url.clone()).collect(),
            failed: Mutex::new(vec![None; authorities.len()]),
            authorities,
            digest: DigestAlgorithm::Sha256,
            clock: Arc::new(SystemClock),
            seen: AtomicUsize::new(0),
            last: Mutex::default(),
        }
    }

    /// Asks every authority for tokens under this policy and accepts no other.
    #[must_use]
    pub fn with_policy(mut self, policy: ObjectIdentifier) -> Self {
        for authority in &mut self.authorities {
            authority.policy = Some(policy);
        }
        self
    }

    /// Has imprints made with this algorithm instead of SHA-256.
    #[must_use]
    pub fn with_digest(mut self, digest: DigestAlgorithm) -> Self {
        self.digest = digest;
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

    /// The authorities with their numbers; those that failed a moment ago last, so that a thousand
    /// documents do not wait a thousand times for the same silence.
    fn order(&self) -> Vec<(usize, &Authority)> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut order: Vec<_> = self.authorities.iter().enumerate().collect();
        order.sort_by_key(|(number, _)| {
            failed
                .get(*number)
                .copied()
                .flatten()
                .is_some_and(|since| since.elapsed() < PAUSE)
        });
        order
    }

    fn note(&self, number: usize, failure: Option<Instant>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = failed.get_mut(number) {
            *last = failure;
        }
    }

    fn ask(
        &self,
        authority: &Authority,
        request: &[u8],
        expected: &Expected<'_>,
    ) -> Result<Token, TspFault> {
        let response = authority
            .http
            .send(&HttpRequest {
                url: &authority.url,
                method: HttpMethod::Post {
                    content_type: QUERY,
                    body: request,
                },
                accept: REPLY,
                max_bytes: MAX_RESPONSE,
                authorization: authority.authorization.as_ref(),
                redirects: Redirects::Anywhere,
            })
            .map_err(TspFault::Http)?;
        if !(200..300).contains(&response.status) {
            return Err(match (response.status, &authority.authorization) {
                (401 | 403, Some(shown)) => TspFault::NotAdmitted {
                    status: response.status,
                    shown: shown.to_string(),
                },
                (status, _) => TspFault::Status(status),
            });
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
        let behind = self.clock.now().since(token.time());
        if !(-MAX_AHEAD_SECONDS..=MAX_BEHIND_SECONDS).contains(&behind) {
            return Err(TspFault::ClockSkew {
                theirs: token.time().to_string(),
                seconds: behind.unsigned_abs(),
                side: if behind < 0 { "ahead of" } else { "behind" },
            });
        }
        if behind > NOTED_BEHIND_SECONDS {
            tracing::warn!(
                url = %authority.url,
                time = %token.time(),
                "the authority's clock is {behind} s behind this system's; one of them is wrong"
            );
        }
        let ends = token.certificate().not_after();
        if token.time().plus_days(ENDS_SOON_DAYS) > ends {
            tracing::info!(
                authority = %token.certificate().display_subject(),
                %ends,
                "the authority's certificate ends soon; an archive time-stamp must follow before"
            );
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
        for (number, authority) in self.order() {
            let url = &authority.url;
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
                req_policy: authority.policy,
                nonce: Some(Int::new(&nonce).map_err(failed)?),
                cert_req: true,
                extensions: None,
            }
            .to_der()
            .map_err(failed)?;
            let expected = Expected {
                imprint,
                nonce: Some(&nonce),
                policy: authority.policy.as_ref(),
            };
            match self.ask(authority, &request, &expected) {
                Ok(token) => {
                    self.seen.fetch_max(token.der().len(), Ordering::Relaxed);
                    *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
                    self.note(number, None);
                    // Where all fail, the error tells; where a fallback helped, nobody else would.
                    for Attempt { url, fault } in &attempts {
                        tracing::warn!(%url, %fault, "no time-stamp from this authority");
                    }
                    return Ok(token);
                }
                Err(fault) => {
                    tracing::debug!(%url, %fault, "no time-stamp from this authority");
                    self.note(number, Some(Instant::now()));
                    attempts.push(Attempt {
                        url: url.clone(),
                        fault,
                    });
                }
            }
        }
        Err(TspError::NoToken { attempts })
    }

    fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest
    }

    fn expected_len(&self) -> usize {
        match self.seen.load(Ordering::Relaxed) {
            0 => UNKNOWN_TOKEN,
            // The attribute around it, and lengths that vary from token to token.
            seen => seen + 96,
        }
    }

    fn last(&self) -> Option<Token> {
        let last = self.last.lock();
        last.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

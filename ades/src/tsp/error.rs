//! What can go wrong with a time-stamp, and where.

use core::fmt;

use pki_asn1::tsp::PkiFailureInfo;

use crate::net::HttpError;

/// No authority gave a usable token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TspError {
    /// Every URL was tried.
    #[error("no time-stamp: {}", list(.attempts))]
    NoToken {
        /// What each URL did, in the order they were tried.
        attempts: Vec<Attempt>,
    },
    /// No URL was given.
    #[error("no time-stamp: no authority is configured")]
    NoUrl,
    /// The request could not be encoded, or there were no random bytes for the nonce.
    #[error("the time-stamp request could not be made: {0}")]
    Request(String),
}

impl TspError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoToken { attempts } => attempts.last().and_then(|a| a.fault.hint()),
            Self::NoUrl => Some("give the URL of a time-stamping authority".into()),
            Self::Request(_) => None,
        }
    }

    /// Whether another try later may succeed: nobody said no.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::NoToken { attempts } if attempts
            .iter()
            .all(|a| matches!(&a.fault, TspFault::Http(_) | TspFault::Status(500..) )))
    }
}

/// One authority and what it did.
#[derive(Debug)]
pub struct Attempt {
    /// Its URL.
    pub url: String,
    /// What was wrong.
    pub fault: TspFault,
}

/// What was wrong with one authority's answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TspFault {
    /// There was no answer.
    #[error(transparent)]
    Http(HttpError),
    /// An HTTP error.
    #[error("it answered with HTTP status {0}")]
    Status(u16),
    /// It does not admit whoever showed these credentials.
    #[error("it answered with HTTP status {status}, though it was shown {shown}")]
    NotAdmitted {
        /// 401 or 403.
        status: u16,
        /// The kind of credentials.
        shown: String,
    },
    /// The answer is no time-stamp response at all, such as a web page.
    #[error("it answered with {content_type}, not with a time-stamp response")]
    NotAResponse {
        /// The media type it claimed, or what the bytes look like.
        content_type: String,
    },
    /// It refused (RFC 3161 section 2.4.2).
    #[error("it refused the request: {}", refusal(*.status, .fail_info, .text))]
    Rejected {
        /// `PKIStatus`.
        status: u8,
        /// The reason as a code.
        fail_info: Option<PkiFailureInfo>,
        /// The reason in words.
        text: Option<String>,
    },
    /// Something in the token is malformed.
    #[error("its token is malformed: {0}")]
    Malformed(&'static str),
    /// The token is about other data.
    #[error("its token is for another imprint than the one sent")]
    WrongImprint,
    /// The token answers another request: it is replayed or mixed up.
    #[error("its token does not carry the nonce that was sent")]
    WrongNonce,
    /// The token was made under another policy than asked for.
    #[error("its token was made under policy {got}, not {wanted}")]
    WrongPolicy {
        /// The policy in the token.
        got: String,
        /// The policy asked for.
        wanted: String,
    },
    /// The token does not hold its signer's certificate, though it was asked to.
    #[error("its token does not contain the certificate it is signed with")]
    NoCertificate,
    /// The certificate is not for time-stamping (RFC 3161 section 2.3).
    #[error("the certificate of {subject} is not one for time-stamping: {why}")]
    NotATimeStampingCertificate {
        /// The certificate's subject.
        subject: String,
        /// What is missing.
        why: &'static str,
    },
    /// The certificate was not valid at the time in the token.
    #[error("the certificate of {subject} was not valid at {at}, the time in the token")]
    CertificateNotValid {
        /// The certificate's subject.
        subject: String,
        /// The token's time.
        at: String,
    },
    /// The signing-certificate attribute is missing or names another certificate (RFC 5816).
    #[error("its token is not bound to the certificate of {subject}")]
    NotBound {
        /// The certificate's subject.
        subject: String,
    },
    /// The signature, or the digest under it, is wrong.
    #[error("the signature of its token is wrong: {0}")]
    BadSignature(String),
    /// The token's time is far from this system's.
    #[error("its time {theirs} is {seconds} s {side} this system's")]
    ClockSkew {
        /// The time in the token.
        theirs: String,
        /// The distance.
        seconds: u64,
        /// Ahead of it or behind.
        side: &'static str,
    },
}

impl TspFault {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Http(e) => return e.hint(),
            Self::Status(407) => {
                "the proxy wants credentials: give them in the proxy's URL or the settings file"
            }
            Self::Status(401 | 403) => {
                "the authority wants credentials: give them in the settings file, in its [[tsa]] table"
            }
            Self::NotAdmitted { .. } => {
                "check the user name, the password or token file, and whether they are still valid"
            }
            Self::Status(404 | 405) | Self::NotAResponse { .. } => {
                "check that the URL is the one for time-stamp requests, not a web page"
            }
            Self::Status(_) => "try again later, or give a second --tsa as fallback",
            Self::Rejected { .. } => "ask the authority's operator which requests it accepts",
            Self::ClockSkew { .. } => "set this system's clock, or use another authority",
            _ => "do not use this authority until its operator has explained; give another --tsa",
        };
        Some(text.to_owned())
    }
}

fn list(attempts: &[Attempt]) -> String {
    let each: Vec<String> = attempts
        .iter()
        .map(|a| match &a.fault {
            // These name the URL themselves.
            TspFault::Http(e) => e.to_string(),
            fault => format!("{}: {fault}", a.url),
        })
        .collect();
    each.join("; ")
}

fn refusal(
    status: u8,
    fail_info: &Option<PkiFailureInfo>,
    text: &Option<String>,
) -> impl fmt::Display {
    let mut out = match fail_info {
        Some(info) => info.name().to_owned(),
        None => format!("status {status}"),
    };
    if let Some(text) = text {
        // The text is the authority's: nothing in it may reach a terminal as a control.
        let clean: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
        out.push_str(&format!(" ({clean})"));
    }
    out
}

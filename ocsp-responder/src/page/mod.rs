//! The status page in the browser: what is served and how fresh it is, and a form that tells the status
//! of a certificate. Rendered here, in English and French; it needs no script and loads nothing but its
//! style sheet.
//!
//! ```text
//! GET  /            what is served, and the form
//! GET  /status      the same; with ca=NAME&serial=NUMBER&base=hex|dec, the status of a certificate
//! POST /status      the same for a certificate that is sent along (multipart/form-data)
//! GET  /style.css
//! ```

mod lookup;
mod negotiate;
mod serial;
mod standing;
mod upload;
mod view;
mod words;

use std::sync::{Arc, LazyLock};

use askama::Template;
use http_service::{HeaderValue, Method, Request, Response, StatusCode, header, respond};
use hyper::body::Bytes;
use pki_asn1::Certificate;
use pki_crypto::DigestAlgorithm;

use self::lookup::{Question, Verdict};
use self::negotiate::field;
use self::serial::{Notation, SerialError};
use self::upload::UploadError;
use self::view::{Mistake, Overview, ResultPage};
use self::words::Words;
use crate::responder::Responder;

const STYLE: &str = include_str!("../../templates/style.css");

/// Part of the style sheet's address, so that a browser never shows the page with an old one.
static STYLE_VERSION: LazyLock<String> = LazyLock::new(|| {
    let digest = DigestAlgorithm::Sha256.digest(STYLE.as_bytes());
    digest.to_hex().chars().take(16).collect()
});

/// Nothing is loaded from elsewhere, nothing runs, nobody frames it.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Whether the request is for the page.
pub(crate) fn is_at(path: &str, request: &Request) -> bool {
    match path {
        "/" => negotiate::prefers_html(&request.headers),
        "/status" | "/style.css" => true,
        _ => false,
    }
}

/// Answers a request for the page.
pub(crate) async fn answer(responder: &Arc<Responder>, request: Request) -> Response {
    let query = request.uri.query().unwrap_or_default();
    let language = negotiate::language(query, &request.headers);
    let words = language.words();
    let get = matches!(request.method, Method::GET | Method::HEAD);
    match request.uri.path() {
        "/style.css" if get => style(),
        "/status" if request.method == Method::POST => {
            let asked = upload::certificate(&request.headers, request.body).await;
            match asked {
                Ok(sent) => {
                    let several = sent.several;
                    let question = Question::Certificate(sent.certificate.clone());
                    let asked = Asked {
                        certificate: Some(sent.certificate),
                        several,
                        question,
                    };
                    result(responder, words, asked).await
                }
                Err(error) => mistake(responder, words, error.mistake(words)),
            }
        }
        "/status" if get && (field(query, "serial").is_some() || field(query, "ca").is_some()) => {
            match serial_question(responder, query) {
                Ok(question) => {
                    let asked = Asked {
                        certificate: None,
                        several: false,
                        question,
                    };
                    result(responder, words, asked).await
                }
                Err(wrong) => mistake(responder, words, wrong.mistake(words, query)),
            }
        }
        "/" | "/status" if get => overview(responder, words, None, StatusCode::OK),
        "/status" => respond::method_not_allowed("GET, HEAD, POST"),
        _ => respond::method_not_allowed("GET, HEAD"),
    }
}

/// What a visitor wants to know.
struct Asked {
    question: Question,
    /// The certificate sent.
    certificate: Option<Certificate>,
    /// The file held others.
    several: bool,
}

/// Why a question about a serial number is none.
enum Wrong {
    Authority,
    Serial(SerialError),
}

fn serial_question(responder: &Responder, query: &str) -> Result<Question, Wrong> {
    let authority = field(query, "ca").unwrap_or_default();
    if !responder.knows(&authority) {
        return Err(Wrong::Authority);
    }
    let notation = match field(query, "base").as_deref() {
        Some("dec") => Notation::Decimal,
        _ => Notation::Hexadecimal,
    };
    let text = field(query, "serial").unwrap_or_default();
    let serial = serial::parse(&text, notation).map_err(Wrong::Serial)?;
    Ok(Question::Serial { authority, serial })
}

impl Wrong {
    fn mistake(self, words: &Words, query: &str) -> Mistake {
        let text = match self {
            Self::Authority => words.unknown_authority,
            Self::Serial(SerialError::Missing) => words.serial_missing,
            Self::Serial(SerialError::NotHexadecimal) => words.serial_not_hexadecimal,
            Self::Serial(SerialError::NotDecimal) => words.serial_not_decimal,
            Self::Serial(SerialError::TooLong) => words.serial_too_long,
        };
        Mistake {
            text,
            authority: field(query, "ca").unwrap_or_default(),
            // What somebody typed comes back to be corrected, within reason.
            serial: field(query, "serial")
                .unwrap_or_default()
                .chars()
                .take(128)
                .collect(),
            decimal: field(query, "base").as_deref() == Some("dec"),
            of_file: false,
        }
    }
}

impl UploadError {
    fn mistake(self, words: &Words) -> Mistake {
        let text = match self {
            Self::Form => words.form_unreadable,
            Self::Missing => words.file_missing,
            Self::NoCertificate => words.file_no_certificate,
        };
        Mistake {
            text,
            of_file: true,
            ..Mistake::default()
        }
    }
}

fn overview(
    responder: &Responder,
    words: &'static Words,
    mistake: Option<Mistake>,
    status: StatusCode,
) -> Response {
    let page = Overview::new(responder, words, mistake);
    html(status, words, page.render())
}

fn mistake(responder: &Responder, words: &'static Words, mistake: Mistake) -> Response {
    overview(responder, words, Some(mistake), StatusCode::BAD_REQUEST)
}

async fn result(responder: &Arc<Responder>, words: &'static Words, asked: Asked) -> Response {
    let finding = responder.look_up(asked.question.clone()).await;
    let status = match finding.verdict {
        Verdict::CannotTell => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    let page = ResultPage::new(words, &asked, &finding);
    let mut response = html(status, words, page.render());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

fn html(status: StatusCode, words: &Words, page: Result<String, askama::Error>) -> Response {
    let page = match page {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(%error, "the status page cannot be rendered");
            return respond::text(StatusCode::INTERNAL_SERVER_ERROR, "an internal error\n");
        }
    };
    let mut response = respond::typed(status, "text/html; charset=utf-8", page.into());
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::VARY,
            HeaderValue::from_static("Accept, Accept-Language"),
        ),
        (
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(words.tag),
        ),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        // The address may name a certificate.
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ] {
        headers.insert(name, value);
    }
    headers.insert(
        header::HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    );
    response
}

fn style() -> Response {
    let mut response = respond::typed(
        StatusCode::OK,
        "text/css; charset=utf-8",
        Bytes::from_static(STYLE.as_bytes()),
    );
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("max-age=31536000, immutable"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

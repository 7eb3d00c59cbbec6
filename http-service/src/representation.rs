//! A representation in memory, as a GET or HEAD with conditions and ranges gets it.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, StatusCode};

use crate::conditional::Validators;
use crate::handler::Response;
use crate::range::Part;

/// Answers `method` (GET or HEAD) with the request's `headers`: 304 where the client's copy still
/// serves, 206 or 416 where a range is asked for, else the whole `body`, in the order that RFC 9110
/// section 13.2.2 says. `fields` are those of the whole: Content-Type, ETag and what says how long it
/// may be kept. The body is never encoded otherwise (gzip): signed bytes are served as they are.
#[must_use]
pub fn representation(
    method: &Method,
    headers: &HeaderMap,
    validators: &Validators<'_>,
    mut fields: HeaderMap,
    body: &Bytes,
) -> Response {
    fields.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if validators.not_modified(headers) {
        fields.remove(CONTENT_TYPE);
        return response(StatusCode::NOT_MODIFIED, fields, Bytes::new());
    }
    // Ranges are defined for GET alone (section 14.2).
    let part = match *method {
        Method::GET => Part::of(headers, validators.etag, body.len()),
        _ => Part::Whole,
    };
    match part {
        Part::Whole => response(StatusCode::OK, fields, body.clone()),
        Part::Octets(octets) => {
            let (first, last) = (octets.start, octets.end - 1);
            let range = format!("bytes {first}-{last}/{}", body.len());
            with_content_range(
                StatusCode::PARTIAL_CONTENT,
                fields,
                range,
                body.slice(octets),
            )
        }
        Part::Unsatisfiable => {
            fields.remove(CONTENT_TYPE);
            let range = format!("bytes */{}", body.len());
            with_content_range(
                StatusCode::RANGE_NOT_SATISFIABLE,
                fields,
                range,
                Bytes::new(),
            )
        }
    }
}

fn with_content_range(
    status: StatusCode,
    mut fields: HeaderMap,
    range: String,
    body: Bytes,
) -> Response {
    // Digits and punctuation are a valid value.
    if let Ok(value) = HeaderValue::try_from(range) {
        fields.insert(CONTENT_RANGE, value);
    }
    response(status, fields, body)
}

fn response(status: StatusCode, fields: HeaderMap, body: Bytes) -> Response {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = fields;
    response
}

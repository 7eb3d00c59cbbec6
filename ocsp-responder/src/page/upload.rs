//! The form with the file (multipart/form-data, RFC 7578), within the limit on bodies.

use http_body_util::{BodyExt as _, Full};
use http_service::{HeaderMap, header, only};
use hyper::body::Bytes;
use multer::{Constraints, Multipart, SizeLimit};
use pki_asn1::{Certificate, pem};

/// Larger files are no certificate; the body around it has the server's limit of 64 KiB.
const MAX_FILE: u64 = 60_000;

/// A certificate that was sent.
#[derive(Debug)]
pub(super) struct Uploaded {
    pub(super) certificate: Certificate,
    /// Others stood in the file behind it.
    pub(super) several: bool,
}

/// Why none was.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum UploadError {
    /// The body is no form with one file in it.
    Form,
    /// No file was chosen.
    Missing,
    /// It is none in PEM or DER.
    NoCertificate,
}

/// The certificate in the field `certificate` of the form.
pub(super) async fn certificate(headers: &HeaderMap, body: Bytes) -> Result<Uploaded, UploadError> {
    let boundary = only(headers, &header::CONTENT_TYPE)
        .and_then(|value| multer::parse_boundary(value.to_str().ok()?).ok())
        .ok_or(UploadError::Form)?;
    let limits = SizeLimit::new()
        .whole_stream(body.len() as u64)
        .per_field(MAX_FILE);
    let constraints = Constraints::new().size_limit(limits);
    let stream = Full::new(body).into_data_stream();
    let mut form = Multipart::with_constraints(stream, boundary, constraints);
    while let Some(field) = form.next_field().await.map_err(|_| UploadError::Form)? {
        if field.name() == Some("certificate") {
            let file = field.bytes().await.map_err(|_| UploadError::Form)?;
            return read(&file);
        }
    }
    Err(UploadError::Missing)
}

fn read(file: &[u8]) -> Result<Uploaded, UploadError> {
    if file.is_empty() {
        return Err(UploadError::Missing);
    }
    let mut found = pem::der_or_pem(file, &["CERTIFICATE", "X509 CERTIFICATE"])
        .map_err(|_| UploadError::NoCertificate)?
        .into_iter();
    let first = found.next().ok_or(UploadError::NoCertificate)?;
    Ok(Uploaded {
        certificate: Certificate::from_der(first).map_err(|_| UploadError::NoCertificate)?,
        several: found.next().is_some(),
    })
}

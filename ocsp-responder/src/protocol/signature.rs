//! The signature on a request (RFC 6960 section 4.1.1), read in its original bytes.
//!
//! ```text
//! Signature ::= SEQUENCE {
//!     signatureAlgorithm AlgorithmIdentifier,
//!     signature          BIT STRING,
//!     certs          [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
//! ```

use super::request::{Fields, Malformed, RequestSignature};

/// Certificates looked at in one request.
pub const MAX_CERTIFICATES: usize = 8;

/// The parts of a signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureParts<'a> {
    /// The `AlgorithmIdentifier` (DER).
    pub algorithm: &'a [u8],
    /// The octets of the signature value.
    pub value: &'a [u8],
    /// Certificates (DER) that came along, at most [`MAX_CERTIFICATES`].
    pub certificates: Vec<&'a [u8]>,
}

impl<'a> RequestSignature<'a> {
    /// Reads the parts.
    ///
    /// # Errors
    /// Where it is not exactly a `Signature`.
    pub fn parts(&self) -> Result<SignatureParts<'a>, Malformed> {
        let mut fields = Fields(self.content);
        let (algorithm, _) = fields.next_whole(0x30, "no signatureAlgorithm")?;
        let value = match fields.next(0x03, "no signature value")? {
            [0, value @ ..] => value,
            _ => return Err(Malformed("the signature value is not of whole octets")),
        };
        let mut certificates = Vec::new();
        if let Some(certs) = fields.optional(0xA0, "certs")? {
            let mut list = Fields(certs).only(0x30, "certs")?;
            while !list.0.is_empty() {
                if certificates.len() == MAX_CERTIFICATES {
                    return Err(Malformed("too many certificates"));
                }
                certificates.push(list.next_whole(0x30, "no certificate")?.0);
            }
        }
        fields.end("data after certs")?;
        Ok(SignatureParts {
            algorithm,
            value,
            certificates,
        })
    }

    /// The distinguished name (DER) that the requestor gives, where it is one.
    #[must_use]
    pub fn requestor_directory_name(&self) -> Option<&'a [u8]> {
        // GeneralName: directoryName [4] EXPLICIT Name
        let inside = Fields(self.requestor?).only(0xA4, "directoryName").ok()?;
        let mut name = inside;
        let (der, _) = name.next_whole(0x30, "Name").ok()?;
        name.end("Name").ok()?;
        Some(der)
    }
}

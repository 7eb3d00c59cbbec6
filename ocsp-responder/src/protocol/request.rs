//! OCSP requests (RFC 6960 section 4.1), read from their original bytes without copying.
//!
//! The response must echo each CertID as it was asked, and clients compare bytes, so a CertID is
//! kept as the slice it came in. The reader does only what a responder needs and everything it must
//! refuse; the request's signature, which RFC 9919 lets a responder ignore, is checked for its place
//! and not for its content.

use der::asn1::ObjectIdentifier;
use pki_asn1::oid;
use pki_asn1::raw::tlv_range;
use pki_crypto::DigestAlgorithm;

/// CertIDs answered in one request.
pub const MAX_CERT_IDS: usize = 32;
/// Octets of a serial number in a request; RFC 5280 section 4.1.2.2 allows 20, with the sign.
pub const MAX_SERIAL: usize = 64;
/// RFC 9654 section 2.1: `Nonce ::= OCTET STRING (SIZE(1..128))`.
pub const MAX_NONCE: usize = 128;

/// A request in the bytes it came in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query<'a> {
    /// What is asked first; almost always the only one.
    pub first: CertIdRef<'a>,
    /// Further CertIDs, in order.
    pub others: Vec<CertIdRef<'a>>,
    /// The content of the nonce, 1 to 128 octets.
    pub nonce: Option<&'a [u8]>,
}

/// One CertID in its original bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CertIdRef<'a> {
    /// The whole CertID (DER), to be echoed.
    pub der: &'a [u8],
    /// The hash of both issuer fields; `None` for one that is not supported.
    pub algorithm: Option<DigestAlgorithm>,
    /// How the algorithm's parameters are written.
    pub parameters: Parameters,
    /// Hash of the issuer's name.
    pub issuer_name_hash: &'a [u8],
    /// Hash of the issuer's key.
    pub issuer_key_hash: &'a [u8],
    /// The content octets of the serial number.
    pub serial: &'a [u8],
}

/// The parameters of a digest's AlgorithmIdentifier, which may be written in two ways.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Parameters {
    /// Left out.
    Absent,
    /// NULL.
    Null,
}

/// The request does not follow RFC 6960; the answer is `malformedRequest`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("malformed OCSP request: {0}")]
pub struct Malformed(pub &'static str);

impl<'a> Query<'a> {
    /// Reads one DER `OCSPRequest`.
    ///
    /// # Errors
    /// Where it is not exactly that, or beyond the bounds of this module.
    pub fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Fields(der).only(0x30, "not a SEQUENCE")?;
        let mut tbs = Fields(outer.next(0x30, "no TBSRequest")?);
        if let Some(signature) = outer.optional(0xA0, "signature")? {
            Fields(signature).only(0x30, "signature")?;
        }
        outer.end("data after the signature")?;
        if let Some(version) = tbs.optional(0xA0, "version")?
            && version != [0x02, 1, 0]
        {
            return Err(Malformed("version is not v1"));
        }
        // Counts only in a signed request, and we do not ask for one (RFC 6960 section 4.1.2).
        tbs.optional(0xA1, "requestorName")?;
        let mut list = Fields(tbs.next(0x30, "no requestList")?);
        let extensions = tbs.optional(0xA2, "requestExtensions")?;
        tbs.end("data after requestExtensions")?;
        let first = request(&mut list)?;
        let mut others = Vec::new();
        while !list.0.is_empty() {
            if others.len() + 1 == MAX_CERT_IDS {
                return Err(Malformed("too many CertIDs"));
            }
            others.push(request(&mut list)?);
        }
        let mut nonce = None;
        if let Some(extensions) = extensions {
            each_extension(extensions, |id, critical, value| {
                if id == oid::OCSP_NONCE.as_bytes() {
                    if nonce.is_some() {
                        return Err(Malformed("two nonces"));
                    }
                    let content = Fields(value).only(0x04, "nonce is not an OCTET STRING")?.0;
                    if content.is_empty() || content.len() > MAX_NONCE {
                        return Err(Malformed("nonce is not of 1 to 128 octets"));
                    }
                    nonce = Some(content);
                    return Ok(());
                }
                let known = [
                    oid::OCSP_ACCEPTABLE_RESPONSES,
                    oid::OCSP_PREFERRED_SIGNATURE_ALGORITHMS,
                ];
                if critical && !known.iter().any(|k| k.as_bytes() == id) {
                    return Err(Malformed("unknown critical extension"));
                }
                Ok(())
            })?;
        }
        Ok(Self {
            first,
            others,
            nonce,
        })
    }

    /// All CertIDs in order.
    pub fn cert_ids(&self) -> impl Iterator<Item = &CertIdRef<'a>> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

fn request<'a>(list: &mut Fields<'a>) -> Result<CertIdRef<'a>, Malformed> {
    let mut fields = Fields(list.next(0x30, "no Request")?);
    let (der, inside) = fields.next_whole(0x30, "no CertID")?;
    let cert_id = cert_id(der, inside)?;
    if let Some(extensions) = fields.optional(0xA0, "singleRequestExtensions")? {
        each_extension(extensions, |id, critical, _| {
            // serviceLocator asks to route to another responder, which we are not.
            if critical && id != oid::OCSP_SERVICE_LOCATOR.as_bytes() {
                return Err(Malformed("unknown critical extension"));
            }
            Ok(())
        })?;
    }
    fields.end("data after singleRequestExtensions")?;
    Ok(cert_id)
}

fn cert_id<'a>(der: &'a [u8], inside: &'a [u8]) -> Result<CertIdRef<'a>, Malformed> {
    let mut fields = Fields(inside);
    let mut algorithm = Fields(fields.next(0x30, "no hashAlgorithm")?);
    let id = algorithm.next(0x06, "no hash algorithm OID")?;
    let parameters = match algorithm.0 {
        [] => Parameters::Absent,
        [0x05, 0x00] => Parameters::Null,
        _ => {
            return Err(Malformed(
                "hash algorithm parameters are neither absent nor NULL",
            ));
        }
    };
    let issuer_name_hash = fields.next(0x04, "no issuerNameHash")?;
    let issuer_key_hash = fields.next(0x04, "no issuerKeyHash")?;
    let serial = fields.next(0x02, "no serialNumber")?;
    fields.end("data after serialNumber")?;
    match serial {
        [] => return Err(Malformed("empty serialNumber")),
        [0x00, second, ..] if *second < 0x80 => {
            return Err(Malformed("serialNumber is not minimal"));
        }
        [0xFF, second, ..] if *second >= 0x80 => {
            return Err(Malformed("serialNumber is not minimal"));
        }
        long if long.len() > MAX_SERIAL => return Err(Malformed("serialNumber is too long")),
        _ => {}
    }
    let algorithm = ObjectIdentifier::from_bytes(id)
        .ok()
        .and_then(|id| DigestAlgorithm::from_oid(&id));
    Ok(CertIdRef {
        der,
        algorithm,
        parameters,
        issuer_name_hash,
        issuer_key_hash,
        serial,
    })
}

/// Calls `see` with OID, criticality and value of each extension.
fn each_extension<'a>(
    explicit: &'a [u8],
    mut see: impl FnMut(&'a [u8], bool, &'a [u8]) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut list = Fields(explicit).only(0x30, "extensions")?;
    if list.0.is_empty() {
        return Err(Malformed("empty extensions"));
    }
    while !list.0.is_empty() {
        let mut extension = Fields(list.next(0x30, "extension")?);
        let id = extension.next(0x06, "no extension OID")?;
        let critical = match extension.optional(0x01, "critical")? {
            None => false,
            // DER leaves out FALSE; clients exist that write it.
            Some([0x00]) => false,
            Some([0xFF]) => true,
            Some(_) => return Err(Malformed("critical is not a BOOLEAN")),
        };
        let value = extension.next(0x04, "no extension value")?;
        extension.end("data after the extension")?;
        see(id, critical, value)?;
    }
    Ok(())
}

/// What is left of a constructed value.
#[derive(Clone, Copy)]
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// The next value, which must have this tag: whole and its content.
    fn next_whole(
        &mut self,
        tag: u8,
        what: &'static str,
    ) -> Result<(&'a [u8], &'a [u8]), Malformed> {
        let bytes = self.0;
        if bytes.first() != Some(&tag) {
            return Err(Malformed(what));
        }
        // Short lengths, all there is in most requests, need no general reader.
        let (start, end) = match bytes.get(1) {
            Some(&len) if len < 0x80 => (2, 2 + usize::from(len)),
            _ => {
                let whole = tlv_range(bytes, 0).map_err(|_| Malformed(what))?;
                let len_octets = bytes.get(1).map_or(0, |b| usize::from(b & 0x7F));
                (2 + len_octets, whole.end)
            }
        };
        match (bytes.get(..end), bytes.get(start..end)) {
            (Some(whole), Some(content)) => {
                self.0 = &bytes[end..];
                Ok((whole, content))
            }
            _ => Err(Malformed(what)),
        }
    }

    fn next(&mut self, tag: u8, what: &'static str) -> Result<&'a [u8], Malformed> {
        self.next_whole(tag, what).map(|(_, content)| content)
    }

    fn optional(&mut self, tag: u8, what: &'static str) -> Result<Option<&'a [u8]>, Malformed> {
        if self.0.first() == Some(&tag) {
            self.next(tag, what).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The content of the one value that is left.
    fn only(mut self, tag: u8, what: &'static str) -> Result<Self, Malformed> {
        let content = self.next(tag, what)?;
        self.end(what)?;
        Ok(Self(content))
    }

    fn end(&self, what: &'static str) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed(what))
        }
    }
}

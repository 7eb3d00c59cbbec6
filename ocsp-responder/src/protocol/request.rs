//! OCSP requests (RFC 6960 section 4.1), read from their original bytes without copying.
//!
//! The response must echo each CertID as it was asked, and clients compare bytes, so a CertID is
//! kept as the slice it came in. The reader does only what a responder needs and everything it must
//! refuse; the request's signature, which RFC 9919 lets a responder ignore, is found here and read in
//! [`super::signature`].

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
/// Preferred signature algorithms looked at; RFC 6960 section 4.4.7.1 wants the best first.
pub const MAX_PREFERRED: usize = 16;

/// A request in the bytes it came in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query<'a> {
    /// What is asked first; almost always the only one.
    pub first: CertIdRef<'a>,
    /// Further CertIDs, in order.
    pub others: Vec<CertIdRef<'a>>,
    /// The content of the nonce, 1 to 128 octets.
    pub nonce: Option<&'a [u8]>,
    /// The signature algorithms that the client prefers.
    pub preferred: PreferredAlgorithms<'a>,
    /// The signature, not verified, with what it is over.
    pub signature: Option<RequestSignature<'a>>,
}

/// The signature of a request and what it says (RFC 6960 section 4.1.2), in original bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RequestSignature<'a> {
    /// The `TBSRequest` (DER), which is signed.
    pub tbs: &'a [u8],
    /// The `GeneralName` (DER) of who asks.
    pub requestor: Option<&'a [u8]>,
    /// The content of the `Signature` SEQUENCE.
    pub content: &'a [u8],
}

/// `PreferredSignatureAlgorithms` (RFC 6960 section 4.4.7.1), best first; empty where not sent.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct PreferredAlgorithms<'a>(&'a [u8]);

/// One `PreferredSignatureAlgorithm`.
///
/// ```text
/// PreferredSignatureAlgorithm ::= SEQUENCE {
///     sigIdentifier          AlgorithmIdentifier,
///     pubKeyAlgIdentifier    SMIMECapability OPTIONAL }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PreferredAlgorithm<'a> {
    /// How the response is to be signed.
    pub signature: AlgorithmRef<'a>,
    /// Which key is to sign.
    pub key: Option<AlgorithmRef<'a>>,
}

/// An OID with parameters, as `AlgorithmIdentifier` and `SMIMECapability` write them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlgorithmRef<'a> {
    /// The content of the OID.
    pub oid: &'a [u8],
    /// The parameters (DER); empty where absent.
    pub parameters: &'a [u8],
}

impl<'a> AlgorithmRef<'a> {
    /// Reads the content of the SEQUENCE.
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields(content);
        let oid = fields.next(0x06, "no OID of an algorithm")?;
        Ok(Self {
            oid,
            parameters: fields.0,
        })
    }

    /// Reads an `AlgorithmIdentifier` (DER) that `der` begins with.
    pub(crate) fn of_identifier(der: &'a [u8]) -> Option<Self> {
        let content = Fields(der).next(0x30, "AlgorithmIdentifier").ok()?;
        Self::parse(content).ok()
    }

    /// Whether `self`, which a client named, is satisfied by `ours`: parameters count where it named
    /// any, and NULL is as good as none.
    #[must_use]
    pub fn accepts(&self, ours: &Self) -> bool {
        self.oid == ours.oid
            && (matches!(self.parameters, [] | [0x05, 0x00]) || self.parameters == ours.parameters)
    }
}

impl<'a> PreferredAlgorithms<'a> {
    /// The algorithms in order, at most [`MAX_PREFERRED`].
    pub fn iter(&self) -> impl Iterator<Item = PreferredAlgorithm<'a>> + use<'a> {
        let mut list = Fields(self.0);
        std::iter::from_fn(move || {
            if list.0.is_empty() {
                return None;
            }
            preferred(&mut list).ok()
        })
        .take(MAX_PREFERRED)
    }

    fn parse(value: &'a [u8]) -> Result<Self, Malformed> {
        let content = Fields(value)
            .only(0x30, "preferred algorithms are not a SEQUENCE")?
            .0;
        let mut list = Fields(content);
        while !list.0.is_empty() {
            preferred(&mut list)?;
        }
        Ok(Self(content))
    }
}

fn preferred<'a>(list: &mut Fields<'a>) -> Result<PreferredAlgorithm<'a>, Malformed> {
    let mut fields = Fields(list.next(0x30, "no PreferredSignatureAlgorithm")?);
    let signature = AlgorithmRef::parse(fields.next(0x30, "no sigIdentifier")?)?;
    let key = fields
        .optional(0x30, "pubKeyAlgIdentifier")?
        .map(AlgorithmRef::parse)
        .transpose()?;
    fields.end("data after pubKeyAlgIdentifier")?;
    Ok(PreferredAlgorithm { signature, key })
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
        let (tbs_der, tbs) = outer.next_whole(0x30, "no TBSRequest")?;
        let mut tbs = Fields(tbs);
        let signature = match outer.optional(0xA0, "signature")? {
            Some(signature) => Some(Fields(signature).only(0x30, "signature")?.0),
            None => None,
        };
        outer.end("data after the signature")?;
        if let Some(version) = tbs.optional(0xA0, "version")?
            && version != [0x02, 1, 0]
        {
            return Err(Malformed("version is not v1"));
        }
        // Counts only in a signed request (RFC 9919 section 3.1.2).
        let requestor = tbs.optional(0xA1, "requestorName")?;
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
        let mut preferred = PreferredAlgorithms::default();
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
                if id == oid::OCSP_PREFERRED_SIGNATURE_ALGORITHMS.as_bytes() {
                    preferred = PreferredAlgorithms::parse(value)?;
                    return Ok(());
                }
                if id == oid::OCSP_ACCEPTABLE_RESPONSES.as_bytes() {
                    return accepts_basic(value);
                }
                if critical {
                    return Err(Malformed("unknown critical extension"));
                }
                Ok(())
            })?;
        }
        Ok(Self {
            first,
            others,
            nonce,
            preferred,
            signature: signature.map(|content| RequestSignature {
                tbs: tbs_der,
                requestor,
                content,
            }),
        })
    }

    /// All CertIDs in order.
    pub fn cert_ids(&self) -> impl Iterator<Item = &CertIdRef<'a>> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// `AcceptableResponses ::= SEQUENCE OF OBJECT IDENTIFIER`. Every client takes the basic type (RFC 6960
/// section 4.4.3), and there is no other to answer with.
fn accepts_basic(value: &[u8]) -> Result<(), Malformed> {
    let mut list = Fields(value).only(0x30, "acceptable responses are not a SEQUENCE")?;
    let mut basic = false;
    while !list.0.is_empty() {
        basic |= list.next(0x06, "no OID of a response type")? == oid::OCSP_BASIC.as_bytes();
    }
    if basic {
        Ok(())
    } else {
        Err(Malformed("the basic response type is not acceptable"))
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
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The next value, which must have this tag: whole and its content.
    pub(super) fn next_whole(
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

    pub(super) fn next(&mut self, tag: u8, what: &'static str) -> Result<&'a [u8], Malformed> {
        self.next_whole(tag, what).map(|(_, content)| content)
    }

    pub(super) fn optional(
        &mut self,
        tag: u8,
        what: &'static str,
    ) -> Result<Option<&'a [u8]>, Malformed> {
        if self.0.first() == Some(&tag) {
            self.next(tag, what).map(Some)
        } else {
            Ok(None)
        }
    }

    /// The content of the one value that is left.
    pub(super) fn only(mut self, tag: u8, what: &'static str) -> Result<Self, Malformed> {
        let content = self.next(tag, what)?;
        self.end(what)?;
        Ok(Self(content))
    }

    pub(super) fn end(&self, what: &'static str) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed(what))
        }
    }
}

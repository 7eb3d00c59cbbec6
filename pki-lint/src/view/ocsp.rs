//! `OCSPResponse` (RFC 6960 section 4.2.1) as it was received.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::extension::{self, Extension};
use super::{Algorithm, Certificate, Instant, Name, Problem};
use crate::context::OcspContext;
use crate::der::{
    BIT_STRING, ENUMERATED, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, SEQUENCE, Tlv, context,
    context_constructed,
};
use crate::x690::Defect;

/// Certificates in a response that are looked at.
const CERTIFICATES: usize = 16;

/// An OCSP response with everything that rules look at.
#[derive(Debug)]
pub(crate) struct OcspResponse<'a> {
    pub(crate) problems: Vec<Problem>,
    pub(crate) defects: Vec<Defect>,
    /// responseStatus; `None` where it is no number.
    pub(crate) status: Option<u64>,
    /// Whether responseBytes is there.
    pub(crate) has_bytes: bool,
    /// responseType (OID contents).
    pub(crate) response_type: &'a [u8],
    /// Whether version is written (it must not be: v1 is the default).
    pub(crate) written_version: bool,
    pub(crate) by_name: Option<Name<'a>>,
    pub(crate) by_key: Option<&'a [u8]>,
    pub(crate) produced_at: Option<Instant<'a>>,
    pub(crate) responses: Vec<SingleResponse<'a>>,
    pub(crate) extensions: Vec<Extension<'a>>,
    pub(crate) algorithm: Algorithm<'a>,
    /// Certificates, as far as they can be read.
    pub(crate) certificates: Vec<Certificate<'a>>,
    pub(crate) has_certificates: bool,
    pub(crate) expected: OcspContext<'a>,
    pub(crate) ca: Option<&'a Certificate<'a>>,
}

/// certStatus.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CertStatus<'a> {
    Good,
    Revoked {
        at: Instant<'a>,
        reason: Option<u64>,
    },
    Unknown,
}

/// `SingleResponse`.
#[derive(Clone, Debug)]
pub(crate) struct SingleResponse<'a> {
    /// The hash algorithm of the CertID (OID contents).
    pub(crate) hash: &'a [u8],
    pub(crate) name_hash: &'a [u8],
    pub(crate) key_hash: &'a [u8],
    pub(crate) serial: &'a [u8],
    /// The whole CertID.
    pub(crate) id: &'a [u8],
    pub(crate) status: CertStatus<'a>,
    pub(crate) this_update: Instant<'a>,
    pub(crate) next_update: Option<Instant<'a>>,
    pub(crate) extensions: Vec<Extension<'a>>,
}

impl<'a> OcspResponse<'a> {
    /// Reads what can be read; `None` where the outermost shape is not that of a response.
    pub(crate) fn parse(der: &'a [u8]) -> Option<Self> {
        let mut outer = Tlv::whole_with(der, SEQUENCE)?.inside();
        let status = outer.tagged(ENUMERATED)?.small();
        let bytes = outer.tagged(context_constructed(0));
        if !outer.is_done() {
            return None;
        }
        let mut out = Self {
            problems: Vec::new(),
            defects: crate::x690::defects(der),
            status,
            has_bytes: bytes.is_some(),
            response_type: &[],
            written_version: false,
            by_name: None,
            by_key: None,
            produced_at: None,
            responses: Vec::new(),
            extensions: Vec::new(),
            algorithm: Algorithm::default(),
            certificates: Vec::new(),
            has_certificates: false,
            expected: OcspContext::default(),
            ca: None,
        };
        if let Some(bytes) = bytes
            && out.response_bytes(bytes).is_none()
        {
            out.problem("responseBytes");
        }
        Some(out)
    }

    fn problem(&mut self, part: &'static str) {
        self.problems.push(Problem { part });
    }

    fn response_bytes(&mut self, bytes: Tlv<'a>) -> Option<()> {
        let mut parts = Tlv::whole_with(bytes.value, SEQUENCE)?.inside();
        self.response_type = parts.tagged(OID)?.value;
        let basic = parts.tagged(OCTET_STRING)?.value;
        if !parts.is_done() {
            return None;
        }
        if self.response_type != oid::OCSP_BASIC.as_bytes() {
            return Some(());
        }
        self.defects.extend(crate::x690::defects(basic));
        let mut basic = Tlv::whole_with(basic, SEQUENCE)?.inside();
        let data = basic.tagged(SEQUENCE)?;
        self.algorithm = basic.tagged(SEQUENCE).and_then(Algorithm::parse)?;
        basic.tagged(BIT_STRING)?;
        if let Some(certificates) = basic.tagged(context_constructed(0)) {
            self.has_certificates = true;
            let mut list = Tlv::whole_with(certificates.value, SEQUENCE)?.inside();
            for tlv in list.by_ref().take(CERTIFICATES) {
                match Certificate::parse(tlv.raw) {
                    Some(certificate) => self.certificates.push(certificate),
                    None => self.problem("certs"),
                }
            }
        }
        if !basic.is_done() {
            self.problem("BasicOCSPResponse");
        }
        self.response_data(data)
    }

    fn response_data(&mut self, data: Tlv<'a>) -> Option<()> {
        let mut parts = data.inside();
        self.written_version = parts.tagged(context_constructed(0)).is_some();
        let responder = parts.next()?;
        if responder.tag == context_constructed(1) {
            self.by_name = Some(super::name::whole(responder.value)?);
        } else if responder.tag == context_constructed(2) {
            self.by_key = Some(Tlv::whole_with(responder.value, OCTET_STRING)?.value);
        } else {
            self.problem("responderID");
        }
        self.produced_at = Some(Instant::new(parts.next()?));
        let mut responses = parts.tagged(SEQUENCE)?.inside();
        for tlv in responses.by_ref() {
            match SingleResponse::new(tlv, &mut self.problems) {
                Some(single) => self.responses.push(single),
                None => self.problem("SingleResponse"),
            }
        }
        if let Some(extensions) = parts.tagged(context_constructed(1)) {
            match Tlv::whole(extensions.value) {
                Some(all) => self.extensions = Extension::all(all, &mut self.problems),
                None => self.problem("responseExtensions"),
            }
        }
        (responses.is_done() && parts.is_done()).then_some(())
    }

    /// The first response extension with this OID.
    pub(crate) fn extension(&self, oid: &ObjectIdentifier) -> Option<&Extension<'a>> {
        extension::find(&self.extensions, oid)
    }

    /// The certificate of the delegated signer: the first one that is for OCSP signing.
    pub(crate) fn signer(&self) -> Option<&Certificate<'a>> {
        self.certificates
            .iter()
            .find(|c| c.has_purpose(oid::KP_OCSP_SIGNING))
    }
}

impl<'a> SingleResponse<'a> {
    fn new(tlv: Tlv<'a>, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut parts = tlv.with(SEQUENCE)?.inside();
        let id = parts.tagged(SEQUENCE)?;
        let mut fields = id.inside();
        let hash = fields.tagged(SEQUENCE).and_then(Algorithm::parse)?.oid;
        let name_hash = fields.tagged(OCTET_STRING)?.value;
        let key_hash = fields.tagged(OCTET_STRING)?.value;
        let serial = fields.tagged(INTEGER)?.value;
        let status = parts.next()?;
        let status = if status.tag == context(0) {
            CertStatus::Good
        } else if status.tag == context_constructed(1) {
            let mut info = status.inside();
            let at = Instant::new(info.next()?);
            let reason = match info.tagged(context_constructed(0)) {
                Some(reason) => Some(Tlv::whole_with(reason.value, ENUMERATED)?.small()?),
                None => None,
            };
            CertStatus::Revoked { at, reason }
        } else if status.tag == context(2) {
            CertStatus::Unknown
        } else {
            return None;
        };
        let this_update = Instant::new(parts.tagged(GENERALIZED_TIME)?);
        let next_update = match parts.tagged(context_constructed(0)) {
            Some(next) => Some(Instant::new(Tlv::whole(next.value)?)),
            None => None,
        };
        let extensions = match parts.tagged(context_constructed(1)) {
            Some(all) => Extension::all(Tlv::whole(all.value)?, problems),
            None => Vec::new(),
        };
        parts.is_done().then_some(Self {
            hash,
            name_hash,
            key_hash,
            serial,
            id: id.raw,
            status,
            this_update,
            next_update,
            extensions,
        })
    }

    /// The first extension with this OID.
    pub(crate) fn extension(&self, oid: &ObjectIdentifier) -> Option<&Extension<'a>> {
        extension::find(&self.extensions, oid)
    }
}

//! `certificatePolicies` (RFC 5280 section 4.2.1.4).

use crate::der::{IA5_STRING, OID, SEQUENCE, Tlv};

/// One policy.
#[derive(Clone, Debug)]
pub(crate) struct Policy<'a> {
    /// Its OID (contents).
    pub(crate) oid: &'a [u8],
    /// Whether policyQualifiers is there.
    pub(crate) has_qualifiers: bool,
    /// Its qualifiers.
    pub(crate) qualifiers: Vec<Qualifier<'a>>,
}

/// One qualifier of a policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Qualifier<'a> {
    /// Its OID (contents).
    pub(crate) oid: &'a [u8],
    /// Whether it is a SEQUENCE, as a user notice is.
    pub(crate) is_notice: bool,
    /// cPSuri.
    pub(crate) cps: Option<&'a [u8]>,
    /// Whether a user notice has a noticeRef.
    pub(crate) notice_ref: bool,
    /// The text of a user notice.
    pub(crate) explicit_text: Option<Tlv<'a>>,
}

impl<'a> Policy<'a> {
    /// `CertificatePolicies`, which may (wrongly) be empty.
    pub(crate) fn all(value: &'a [u8]) -> Option<Vec<Self>> {
        Tlv::whole_with(value, SEQUENCE)?
            .elements()?
            .into_iter()
            .map(|tlv| {
                let mut parts = tlv.with(SEQUENCE)?.inside();
                let oid = parts.tagged(OID)?.value;
                let list = parts.tagged(SEQUENCE);
                let qualifiers = match list {
                    None => Vec::new(),
                    Some(all) => all
                        .elements()?
                        .into_iter()
                        .map(Qualifier::new)
                        .collect::<Option<_>>()?,
                };
                parts.is_done().then_some(Self {
                    oid,
                    has_qualifiers: list.is_some(),
                    qualifiers,
                })
            })
            .collect()
    }
}

impl<'a> Qualifier<'a> {
    fn new(tlv: Tlv<'a>) -> Option<Self> {
        let mut parts = tlv.with(SEQUENCE)?.inside();
        let oid = parts.tagged(OID)?.value;
        let mut out = Self {
            oid,
            is_notice: false,
            cps: None,
            notice_ref: false,
            explicit_text: None,
        };
        match parts.next() {
            Some(Tlv {
                tag: IA5_STRING,
                value,
                ..
            }) => out.cps = Some(value),
            Some(notice) if notice.tag == SEQUENCE => {
                out.is_notice = true;
                for part in notice.inside() {
                    if part.tag == SEQUENCE {
                        out.notice_ref = true;
                    } else {
                        out.explicit_text = Some(part);
                    }
                }
            }
            _ => {}
        }
        Some(out)
    }
}

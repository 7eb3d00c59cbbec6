//! `qcStatements` (RFC 3739 section 3.2.6, EN 319 412-5) as they are written.

use pki_asn1::oid::{self, ObjectIdentifier};

use super::GeneralName;
use crate::der::{OID, SEQUENCE, Tlv};

/// One statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QcStatement<'a> {
    /// Its OID (contents).
    pub(crate) oid: &'a [u8],
    /// statementInfo.
    pub(crate) info: Option<Tlv<'a>>,
}

impl<'a> QcStatement<'a> {
    /// `QCStatements`, which may (wrongly) be empty.
    pub(crate) fn all(value: &'a [u8]) -> Option<Vec<Self>> {
        Tlv::whole_with(value, SEQUENCE)?
            .elements()?
            .into_iter()
            .map(|tlv| {
                let mut parts = tlv.with(SEQUENCE)?.inside();
                let oid = parts.tagged(OID)?.value;
                let info = parts.next();
                parts.is_done().then_some(Self { oid, info })
            })
            .collect()
    }

    pub(crate) fn is(&self, known: ObjectIdentifier) -> bool {
        self.oid == known.as_bytes()
    }

    /// Its info as a SEQUENCE OF something.
    pub(crate) fn list(&self) -> Option<Vec<Tlv<'a>>> {
        self.info?.with(SEQUENCE)?.elements()
    }
}

/// `SemanticsInformation` of pkixQCSyntax-v2 (RFC 3739 section 3.2.6.1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Semantics<'a> {
    /// semanticsIdentifier (OID contents).
    pub(crate) identifier: Option<&'a [u8]>,
    /// Whether SemanticsInformation is there.
    pub(crate) is_written: bool,
    /// nameRegistrationAuthorities; `None` where absent.
    pub(crate) authorities: Option<Vec<GeneralName<'a>>>,
}

impl<'a> Semantics<'a> {
    /// That of a statement; `None` where it is another statement or does not decode.
    pub(crate) fn of(statement: &QcStatement<'a>) -> Option<Self> {
        if !statement.is(oid::QCS_PKIX_SYNTAX_V2) && !statement.is(oid::QCS_PKIX_SYNTAX_V1) {
            return None;
        }
        let Some(info) = statement.info else {
            return Some(Self::default());
        };
        let mut parts = info.with(SEQUENCE)?.inside();
        let identifier = parts.tagged(OID).map(|t| t.value);
        let authorities = match parts.next() {
            Some(names) => Some(GeneralName::all(names)?),
            None => None,
        };
        parts.is_done().then_some(Self {
            identifier,
            is_written: true,
            authorities,
        })
    }
}

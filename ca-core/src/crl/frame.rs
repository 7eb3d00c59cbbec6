//! A `TBSCertList` around its entries: the fields before them and the extensions after them.

use der::Encode;
use der::asn1::{Ia5String, OctetString};
use pki_asn1::crl::{IssuingDistributionPoint, crl_number_extension};
use pki_asn1::{UnixTime, oid};
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};

use super::entry::{write_header, write_time};
use crate::certificate::extensions::extension;

/// Everything of a `TBSCertList` but its entries.
///
/// ```text
/// TBSCertList ::= SEQUENCE {
///     version              Version OPTIONAL, -- v2
///     signature            AlgorithmIdentifier,
///     issuer               Name,
///     thisUpdate           Time,
///     nextUpdate           Time OPTIONAL,
///     revokedCertificates  SEQUENCE OF SEQUENCE { ... } OPTIONAL,
///     crlExtensions    [0] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) algorithm: &'a AlgorithmIdentifierOwned,
    pub(crate) issuer_der: &'a [u8],
    pub(crate) this_update: UnixTime,
    pub(crate) next_update: UnixTime,
    pub(crate) extensions: FrameExtensions<'a>,
}

/// What the CRL's own extensions say, in the order they are written.
#[derive(Debug)]
pub(crate) struct FrameExtensions<'a> {
    /// authorityKeyIdentifier: of the CA that signs, not of the CA above it.
    pub(crate) key_id: &'a [u8],
    /// cRLNumber.
    pub(crate) number: u64,
    /// deltaCRLIndicator, critical: the number of the complete CRL that the delta starts from.
    pub(crate) base: Option<u64>,
    /// issuingDistributionPoint, critical: the URL that the partition's certificates name. No other
    /// field of it is set, because a partition covers CA and end-entity certificates alike and all
    /// reasons.
    pub(crate) distribution_point: Option<&'a str>,
    /// freshestCRL: where the delta is. Never in a delta itself (RFC 5280 section 5.2.6).
    pub(crate) freshest: Option<&'a str>,
    /// expiredCertsOnCRL (X.509): certificates that expired since then are listed.
    pub(crate) expired_since: Option<UnixTime>,
}

const SEQUENCE: u8 = 0x30;
const CRL_EXTENSIONS: u8 = 0xA0;

/// The parts of a frame, encoded. None of them depends on the entries.
#[derive(Debug)]
pub(crate) struct FrameParts {
    pub(crate) version: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: Vec<u8>,
    pub(crate) next_update: Vec<u8>,
    /// The `Extensions`, without the `[0]` around them.
    pub(crate) extensions: Vec<u8>,
}

impl Frame<'_> {
    pub(crate) fn parts(&self) -> der::Result<FrameParts> {
        let time = |at| {
            let mut out = Vec::with_capacity(17);
            write_time(at, &mut out);
            out
        };
        Ok(FrameParts {
            version: 1_u8.to_der()?,
            algorithm: self.algorithm.to_der()?,
            issuer: self.issuer_der.to_vec(),
            this_update: time(self.this_update),
            next_update: time(self.next_update),
            extensions: self.extensions.to_list()?.to_der()?,
        })
    }
}

impl FrameParts {
    /// What stands before the entries, the outer header and the entries' header included, and what
    /// stands after. `entries` is the length of all entries in octets; none means no list at all.
    pub(crate) fn around(&self, entries: usize) -> (Vec<u8>, Vec<u8>) {
        let mut fields = [
            &self.version[..],
            &self.algorithm,
            &self.issuer,
            &self.this_update,
            &self.next_update,
        ]
        .concat();
        if entries > 0 {
            // RFC 5280 section 5.1.2.6: absent, never empty.
            write_header(SEQUENCE, entries, &mut fields);
        }
        let mut tail = Vec::with_capacity(self.extensions.len() + 4);
        write_header(CRL_EXTENSIONS, self.extensions.len(), &mut tail);
        tail.extend_from_slice(&self.extensions);
        let mut front = Vec::with_capacity(fields.len() + 8);
        let inside = fields.len() + entries + tail.len();
        write_header(SEQUENCE, inside, &mut front);
        front.extend(fields);
        (front, tail)
    }
}

impl FrameExtensions<'_> {
    fn to_list(&self) -> der::Result<Vec<Extension>> {
        let key_id = AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(self.key_id)?),
            ..Default::default()
        };
        let mut list = vec![
            extension(oid::CE_AUTHORITY_KEY_IDENTIFIER, false, &key_id)?,
            crl_number_extension(self.number)?,
        ];
        if let Some(base) = self.base {
            // BaseCRLNumber ::= CRLNumber
            list.push(Extension {
                extn_id: oid::CE_DELTA_CRL_INDICATOR,
                critical: true,
                ..crl_number_extension(base)?
            });
        }
        if let Some(url) = self.distribution_point {
            let value = IssuingDistributionPoint {
                distribution_point: Some(full_name(url)?),
                ..Default::default()
            };
            list.push(extension(oid::CE_ISSUING_DISTRIBUTION_POINT, true, &value)?);
        }
        if let Some(url) = self.freshest {
            list.push(freshest_crl(url)?);
        }
        if let Some(since) = self.expired_since {
            let value = since.to_generalized();
            list.push(extension(oid::CE_EXPIRED_CERTS_ON_CRL, false, &value)?);
        }
        Ok(list)
    }
}

/// A freshestCRL extension (RFC 5280 sections 4.2.1.15 and 5.2.6): not critical, one URL.
pub(crate) fn freshest_crl(url: &str) -> der::Result<Extension> {
    let point = DistributionPoint {
        distribution_point: Some(full_name(url)?),
        reasons: None,
        crl_issuer: None,
    };
    extension(oid::CE_FRESHEST_CRL, false, &vec![point])
}

/// `fullName`, the bytes that a certificate's distribution point has as well.
fn full_name(url: &str) -> der::Result<DistributionPointName> {
    let url = GeneralName::UniformResourceIdentifier(Ia5String::new(url)?);
    Ok(DistributionPointName::FullName(vec![url]))
}
